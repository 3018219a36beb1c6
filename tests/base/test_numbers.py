"""Whole numbers of any type are taken as ints, all else is refused with its name."""

import json
from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
import torch

from alexnet_lib.base.numbers import real_number, whole_number, whole_numbers


@pytest.mark.parametrize(
    "value", [3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3), torch.tensor([3])]
)
def test_whole_numbers_of_any_type_become_ints(value):
    found = whole_number("size", value, 1)
    assert found == 3 and type(found) is int


@pytest.mark.parametrize(
    "value",
    [True, np.bool_(True), 3.0, np.float32(3), torch.tensor(3.0), torch.tensor([3, 3]), Fraction(3)]
    + [torch.tensor(True), np.array(True)]
    + [nan, inf, "3", None, (3,), 0, -1],
)
def test_what_is_no_whole_number_or_too_small_is_refused(value):
    with pytest.raises(ValueError, match="^size=.*: give a whole number, 1 or more$"):
        whole_number("size", value, 1)


def test_a_list_of_widths_becomes_a_tuple_of_ints():
    assert whole_numbers("channels", [4, np.int64(5)], 2) == (4, 5)
    with pytest.raises(ValueError, match=r"channels=\[4\]: give 2 whole numbers"):
        whole_numbers("channels", [4], 2)


@pytest.mark.parametrize("value", [0.5, np.float64(0.5), torch.tensor(0.5), Fraction(1, 2)])
def test_real_numbers_of_any_type_become_floats(value):
    assert real_number("rate", value) == 0.5
    assert json.loads(json.dumps(real_number("rate", value))) == 0.5


@pytest.mark.parametrize("value", ["0.5", None, True, (1,), [0.5], torch.ones(2), 1j])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(ValueError, match="^rate=.*: give a number$"):
        real_number("rate", value)
