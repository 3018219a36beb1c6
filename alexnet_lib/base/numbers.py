"""Checks of numbers that a caller gives."""

import operator

from alexnet_lib.base.text import shown


def whole_number(name, value, least):
    """`value` as an int, where it is a whole number and `least` or more.

    Integers of NumPy and torch are accepted, and floats and bools of any library are not:
    `size=True` and `size=224.0` are mistakes more often than not. Raises ValueError with `name`,
    the value and what is expected.
    """
    is_bool = isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")
    try:
        number = None if is_bool else operator.index(value)
    except (TypeError, ValueError):  # torch raises either, depending on what a tensor holds
        number = None
    if number is None or number < least:
        raise ValueError(f"{name}={shown(value)}: give a whole number, {least} or more")
    return number


def real_number(name, value):
    """`value` as an int or a float, where it is a number: also one of NumPy or torch.

    Raises ValueError with `name` and the value for text, None and bools.
    """
    if type(value) in (int, float):
        return value
    try:
        if isinstance(value, bool | str):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, RuntimeError) as error:  # torch's, for several numbers
        raise ValueError(f"{name}={shown(value)}: give a number") from error


def whole_numbers(name, values, count):
    """`values`, a tuple or list of `count` whole numbers from 1, as a tuple of ints.

    Raises ValueError with `name`, the values and what is expected.
    """
    if not isinstance(values, tuple | list) or len(values) != count:
        raise ValueError(f"{name}={shown(values)}: give {count} whole numbers, one for each layer")
    return tuple(whole_number(name, value, 1) for value in values)
