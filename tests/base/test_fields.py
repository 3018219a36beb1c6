"""What was read from a file has the names and the types of the dataclass that it becomes."""

from dataclasses import dataclass, field

import pytest

from alexnet_lib.base.fields import check_dict, check_fields, check_range, check_type


@dataclass
class Thing:
    number: int
    share: float
    name: str | None = None
    parts: list[int] = field(default_factory=list)


def test_fields_of_the_right_types_pass_and_defaults_may_be_missing():
    check_fields(Thing, {"number": 1, "share": 0.5}, "it")
    check_fields(Thing, {"number": 1, "share": 1, "name": None, "parts": []}, "it")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([1], r"it is \[1\], not a dict"),
        ({"number": 1}, "it lacks share"),
        ({"number": 1, "share": 1.0, "other": 1}, "it has the unknown field other"),
        ({"number": True, "share": 1.0}, "number of it is True, not a whole number"),
        ({"number": 1.0, "share": 1.0}, "number of it is 1.0, not a whole number"),
        ({"number": 1, "share": "1"}, "share of it is '1', not a number"),
        ({"number": 1, "share": 1.0, "name": 7}, "name of it is 7, not text or nothing"),
        ({"number": 2**63, "share": 1.0}, "beyond 64 bits"),
        ({"number": 1, "share": 10**400}, "a huge number, which is beyond 64 bits"),
        ({"number": 1, "share": 1.0, 3: 4}, "it has the key 3, which is not text"),
    ],
)
def test_what_does_not_fit_is_named(content, said):
    with pytest.raises(ValueError, match=said):
        check_fields(Thing, content, "it")


def test_values_of_a_dict_and_numbers_are_compared_with_their_type_and_range():
    check_dict({"a": 1, "b": 2}, "it", int)
    with pytest.raises(ValueError, match="b of it is '2', not a whole number"):
        check_dict({"a": 1, "b": "2"}, "it", int)
    check_range("it", 1, 0, 1)
    for value in (-1, 2, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not from 0 to 1"):
            check_range("it", value, 0, 1)
    check_type("it", (1, 2), tuple | list)
