"""Dicts that were read from a file, compared with the dataclass that they are to become."""

import math
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from alexnet_lib.base.text import plain_text, shown

LARGEST = 2**63  # what integers of files must be below, so that tensors can hold them
WORDS = {
    int: "a whole number", float: "a number", str: "text", bool: "true or false", dict: "a dict",
    list: "a list", NoneType: "nothing",
}  # fmt: skip


def check_fields(kind, content, what):
    """Raises ValueError where `content` is no dict with the fields of a dataclass.

    Fields without a default must be there, unknown ones must not, and each has the type that the
    dataclass says. `what` names the content in the error.
    """
    check_dict(content, what)
    known = {one.name: one.default is one.default_factory is MISSING for one in fields(kind)}
    missing = [name for name, needed in known.items() if needed and name not in content]
    unknown = [plain_text(name) for name in content if name not in known]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing)
        parts += [f"has the unknown field {', '.join(unknown[:5])}"] * bool(unknown)
        raise ValueError(f"{what} {' and '.join(parts)}")
    hints = get_type_hints(kind)
    for name, value in content.items():
        check_type(f"{name} of {what}", value, hints[name])


def check_type(what, value, hint):
    """Raises ValueError where `value` is not of the type `hint`: a type, or a union of some.

    A bool is no number, a float may be a whole number, and integers have 64 bits at most.
    """
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    kinds = tuple(get_origin(kind) or kind for kind in kinds)
    if type(value) is int and (int in kinds or float in kinds):
        if not -LARGEST <= value < LARGEST:
            raise ValueError(f"{what} is {shown(value)}, which is beyond 64 bits")
    elif type(value) not in kinds:
        expected = " or ".join(WORDS.get(kind, kind.__name__) for kind in kinds)
        raise ValueError(f"{what} is {shown(value)}, not {expected}")


def check_dict(content, what, values=None):
    """Raises ValueError where `content` is no dict with text as keys, and values of such a type."""
    if type(content) is not dict:
        raise ValueError(f"{what} is {shown(content)}, not a dict")
    for name, value in content.items():
        if type(name) is not str:
            raise ValueError(f"{what} has the key {shown(name)}, which is not text")
        if values is not None:
            check_type(f"{plain_text(name)} of {what}", value, values)


def check_range(what, value, least, most=math.inf):
    """Raises ValueError where a number is not from `least` to `most`; NaN never is."""
    if not least <= value <= most:
        words = f"from {least} to {most:g}" if most < math.inf else f"{least} or more"
        raise ValueError(f"{what} is {shown(value)}, not {words}")
