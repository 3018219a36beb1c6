"""Intervals, verdicts and power follow Student's t, and a simulation agrees."""

import math

import pytest
import torch

from alexnet_lib.paper.statistics import (
    HOLDS,
    NOT,
    NOT_SETTLED,
    PairedDifference,
    half_width,
    judge,
    paired_difference,
    paired_ratio,
    power,
    seeds_needed,
)

# 97.5 % quantiles of Student's t, as printed tables have them: {degrees of freedom: t}.
TABLE = {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 30: 2.042}


@pytest.mark.parametrize(("degrees", "t"), TABLE.items())
def test_the_interval_is_t_standard_errors_wide_on_each_side(degrees, t):
    assert half_width(2.0, degrees + 1) == pytest.approx(2 * t / math.sqrt(degrees + 1), rel=3e-4)


def test_seeds_are_compared_with_themselves():
    found = paired_difference([20.0, 30.0, 40.0], [19.0, 28.9, 39.1])
    assert found.values == pytest.approx((-1.0, -1.1, -0.9)) and found.mean == pytest.approx(-1)
    assert (found.low, found.high) == pytest.approx((-1.2484, -0.7516), abs=1e-4)


def test_ratios_are_averaged_by_their_logarithms():
    found = paired_ratio([1.0, 1.0, 2.0], [2.0, 0.5, 2.0])
    assert found.values == pytest.approx((2, 0.5, 1)) and found.mean == pytest.approx(1)
    assert found.low * found.high == pytest.approx(1) and found.low < 0.5


@pytest.mark.parametrize(
    ("before", "after"), [([1.0, 2.0], [1.0]), ([1.0], [2.0]), ([], []), ([1, math.nan], [1, 2])]
)
def test_what_has_no_interval_is_refused(before, after):
    with pytest.raises(ValueError, match=r"numbers|finite"):
        paired_difference(before, after)


def test_ratios_of_numbers_of_0_or_less_are_refused():
    with pytest.raises(ValueError, match="above 0"):
        paired_ratio([1.0, 0.0], [1.0, 2.0])


def interval(low, high):
    return PairedDifference((low + high) / 2, low, high, ())


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-3.0, -1.5, HOLDS),
        (-3.0, -0.1, HOLDS),  # an effect as large as the smallest that matters is possible
        (-0.9, -0.1, NOT),  # there is an effect, too small to matter
        (-0.9, 0.5, NOT),
        (0.1, 3.0, NOT),  # the other way
        (-1.1, 0.5, NOT_SETTLED),
        (-1.0, 0.5, NOT_SETTLED),  # the smallest that matters is in the interval
        (-3.0, 0.0, NOT_SETTLED),  # none is in the interval
        (-9.0, 9.0, NOT_SETTLED),
    ],
)
def test_an_effect_holds_is_excluded_or_not_settled(low, high, verdict):
    assert judge(interval(low, high), -1.0) == verdict
    assert judge(interval(-high, -low), 1.0) == verdict
    assert judge(interval(2.0**-high, 2.0**-low), 2.0, null=1.0) == verdict


def test_no_effect_cannot_be_the_smallest_that_matters():
    with pytest.raises(ValueError, match="none"):
        judge(interval(0, 1), 0.0)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
@pytest.mark.parametrize("effect", [0.0, 1.0, 2.0, 4.5])
def test_power_is_how_often_a_simulation_sees_the_effect(effect, seeds):
    draws = torch.Generator().manual_seed(0)
    values = torch.randn(40_000, seeds, generator=draws, dtype=torch.float64) + effect
    half = half_width(1.0, seeds) * values.std(1)
    seen = (values.mean(1).abs() > half).double().mean().item()
    assert power(effect, 1.0, seeds) == pytest.approx(seen, abs=0.01)
    assert power(-3 * effect, 3.0, seeds) == pytest.approx(seen, abs=0.01)


def test_power_never_falls_with_more_seeds_or_a_larger_effect():
    for effect in (0.01, 0.1, 1.0, 2.0, 5.0, 50.0, 1e6):
        found = [power(effect, 0.45, seeds) for seeds in (2, 3, 5, 10, 20, 100, 1000)]
        assert found == sorted(found) and 0.05 <= found[0] and found[-1] <= 1
        assert found[3] <= power(2 * effect, 0.45, 10)


def test_the_seeds_that_are_needed_are_the_fewest_that_suffice():
    seeds = seeds_needed(0.4, 0.5)
    assert power(0.4, 0.5, seeds) >= 0.8 > power(0.4, 0.5, seeds - 1)
    assert seeds_needed(5.0, 1.0) == 3 and seeds_needed(100.0, 1.0) == 2


@pytest.mark.parametrize("sd", [0.0, -1.0, math.nan])
def test_a_standard_deviation_must_be_above_0(sd):
    with pytest.raises(ValueError, match="standard deviation"):
        power(1.0, sd, 3)


def test_one_seed_has_no_power():
    with pytest.raises(ValueError, match="seeds=1: an interval takes two seeds or more"):
        power(1.0, 1.0, 1)


def test_an_effect_that_no_number_of_seeds_would_show_is_refused():
    with pytest.raises(ValueError, match="seeds"):
        seeds_needed(1e-4, 1.0)
