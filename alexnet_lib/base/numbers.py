"""Numbers as they must be."""

import operator


def whole_number(name, value, least):
    """`value` as an int: a whole number of any type, NumPy's and torch's too, but no bool.

    Raises ValueError unless it is `least` or more.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except (TypeError, ValueError):  # torch raises either, by what a tensor holds
        number = None
    if number is None or number < least:
        raise ValueError(f"{name}={value!r}: give a whole number, {least} or more")
    return number


def whole_numbers(name, values, count):
    """`values` as a tuple of ints. Raises ValueError unless they are `count` numbers from 1."""
    if not isinstance(values, tuple | list) or len(values) != count:
        raise ValueError(f"{name}={values!r}: give {count} whole numbers, one for each layer")
    return tuple(whole_number(name, value, 1) for value in values)
