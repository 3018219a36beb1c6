"""Paired differences with their intervals, the verdicts that follow, and the power of a design."""

import math
from statistics import mean, stdev
from typing import NamedTuple

from scipy.special import ncfdtr, stdtrit

CONFIDENCE = 0.95
HOLDS, NOT = "holds", "does not hold here"
NOT_SETTLED, NOT_TESTED = "not settled here", "not tested here"
MOST_SEEDS = 1000  # that `seeds_needed` tries


class PairedDifference(NamedTuple):
    """What a change did, seed by seed, and the interval that its true effect is in.

    mean        the mean of `values`
    low, high   the ends of the 95 % t interval
    values      one number per seed: differences or, from `paired_ratio`, ratios
    """

    mean: float
    low: float
    high: float
    values: tuple


def paired_difference(before, after):
    """The `PairedDifference` of two lists of numbers, where each place belongs to the same seed.

    The interval is Student's, 1908: the mean plus or minus t times the standard error. It assumes
    that the differences of seeds are about normally distributed. Raises ValueError for lists of
    unequal length or of fewer than two numbers, and for numbers that are not finite.
    """
    before, after = list(before), list(after)
    if len(before) != len(after) or len(before) < 2:
        raise ValueError(
            f"{len(before)} numbers before and {len(after)} after: give as many of both, one for "
            f"each seed, and two at least"
        )
    if not all(map(math.isfinite, [*before, *after])):
        raise ValueError("a number is not finite: leave out both runs of such a seed")
    values = [second - first for first, second in zip(before, after, strict=True)]
    half = half_width(stdev(values), len(values))
    return PairedDifference(mean(values), mean(values) - half, mean(values) + half, tuple(values))


def paired_ratio(before, after):
    """As `paired_difference`, for how many times as large numbers above 0 are afterwards.

    It is computed from logarithms, so that twice and half as much are equally far from 1; the
    mean is the geometric one. Raises ValueError for numbers of 0 or less.
    """
    if min([*before, *after], default=1) <= 0:
        raise ValueError("ratios are of numbers above 0")
    found = paired_difference(map(math.log, before), map(math.log, after))
    *ends, values = found
    return PairedDifference(*map(math.exp, ends), tuple(map(math.exp, values)))


def half_width(sd, seeds):
    """Half of the width of the 95 % t interval of the mean of `seeds` numbers.

    sd   standard deviation of the differences of seeds
    """
    return float(stdtrit(seeds - 1, (1 + CONFIDENCE) / 2)) * sd / math.sqrt(seeds)


def judge(found, smallest, null=0.0):
    """HOLDS, NOT or NOT_SETTLED: what a `PairedDifference` says about an effect.

    smallest   the smallest effect that would matter, on the side of `null` that was claimed
    null       no effect: 0 for differences, 1 for ratios

    It holds where the whole interval is on the claimed side. It does not hold where the interval
    excludes every effect as large as the smallest that would matter. Otherwise the runs cannot
    tell. Raises ValueError where `smallest` is `null`.
    """
    if smallest == null:
        raise ValueError(f"the smallest effect that would matter cannot be {null}: that is none")
    low, high, smallest = found.low - null, found.high - null, smallest - null
    if smallest < 0:
        low, high, smallest = -high, -low, -smallest
    if high < smallest:
        return NOT
    return HOLDS if low > 0 else NOT_SETTLED


def power(effect, sd, seeds):
    """The probability that the 95 % interval of so many paired seeds excludes 0.

    effect   the true difference
    sd       standard deviation of the differences of seeds

    Raises ValueError for a standard deviation that is not above 0 and for fewer than two seeds.
    """
    if not sd > 0:
        raise ValueError(f"the standard deviation must be above 0, not {sd}")
    if seeds < 2:
        raise ValueError(f"seeds={seeds}: an interval takes two seeds or more")
    edge = stdtrit(seeds - 1, (1 + CONFIDENCE) / 2)  # t, whose square is noncentral F
    return float(1 - ncfdtr(1, seeds - 1, seeds * (effect / sd) ** 2, edge**2))


def seeds_needed(effect, sd, wanted=0.8):
    """The fewest paired seeds whose interval excludes 0 with the probability `wanted`.

    Raises ValueError where MOST_SEEDS do not suffice.
    """
    for seeds in range(2, MOST_SEEDS + 1):
        if power(effect, sd, seeds) >= wanted:
            return seeds
    raise ValueError(
        f"an effect of {effect} with a standard deviation of {sd} takes more than "
        f"{MOST_SEEDS:,} seeds"
    )
