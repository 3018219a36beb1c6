"""What recorded runs say about each of the paper's claims.

A rule is a function of the folder of the runs. It returns a `Finding`, and raises `Missing` where
runs that it needs are not recorded. Most rules put together what `comparisons` found.
"""

from functools import partial
from statistics import mean
from typing import NamedTuple

from alexnet_lib.paper.comparisons import COMPARISONS, SEEDS, Missing, compare, comparisons_of
from alexnet_lib.paper.filters import chance_of_halves, color_share, read_filters
from alexnet_lib.paper.records import record_path, recorded_runs
from alexnet_lib.paper.statistics import (
    HOLDS,
    NOT,
    NOT_SETTLED,
    judge,
    paired_difference,
)
from alexnet_lib.training.run import Run

GUESSING = 10.0  # % of ten classes
LEARNS = 10.0  # points above guessing that raw pixels should give at least
SPECIALIZED = 20.0  # points by which the color of two towers' filters should differ at least


class Finding(NamedTuple):
    """A verdict, what was measured in words, and a run that shows on what both are based.

    Of the run its network, images, epochs and data are named.
    """

    verdict: str
    measured: str
    run: Run


def from_comparisons(claim, folder):
    """The `Finding` on a claim: it holds where each comparison that decides says so.

    It does not hold where one of them says so; where one could not tell, nor can the verdict.
    Comparisons that decide nothing are reported with the others.
    """
    results = [compare(one, folder) for one in comparisons_of(claim)]
    verdicts = [result.verdict for result in results if result.comparison.decides]
    verdict = next(one for one in (NOT, NOT_SETTLED, HOLDS) if one in verdicts)
    first = next(result for result in results if result.comparison.decides)
    said = "; ".join(in_words(result, several=len(results) > 1) for result in results)
    return Finding(verdict, said, first.run)


def in_words(result, several=False):
    """What a `Result` measured: both means, the paired difference, its interval, the seeds."""
    comparison, found, measure = result.comparison, result.found, result.comparison.measure
    what = measure.label.split(" in ")[0]
    what += "," if what[-1].isdigit() else ""  # or two numbers would follow each other
    name = f"{comparison.words.split('  ', 1)[1]}: " if several else ""
    digits, seeds = measure.digits, str(len(found.values))
    if result.pairs > len(found.values):  # in the others a run diverged or did not get there
        seeds += f" of {result.pairs}"
    unit = "" if measure.is_ratio else f" {measure.unit}"
    means = [f"{mean(side):,.{digits}f}" for side in (result.before, result.after)]
    if measure.is_ratio:
        least = "at least " if result.bounded else ""
        change = f"{least}{found.mean:.2f} times [{found.low:.2f}, {found.high:.2f}]"
    else:
        points = " points" if measure.unit in ("%", "points") else ""
        numbers = (signed(number, digits) for number in (found.mean, found.low, found.high))
        change = "{}{points} [{}, {}]".format(*numbers, points=points)
    return f"{name}{what} {means[0]} → {means[1]}{unit}: {change}, {seeds} seeds"


def signed(number, digits):
    """A number with its sign, such as "−1.5"; none for what is rounded to zero."""
    text = f"{number:+.{digits}f}".replace("-", "−")
    return text if float(f"{number:.{digits}f}") else text[1:]


def colors_of_towers(folder, seed):
    """The color shares of the two towers' first filters, and how likely they are by chance.

    Two tensors, one number per filter, and the fraction of 10,000 random halves of the filters
    whose means are at least as far apart. Raises Missing where the run is not recorded.
    """
    image = record_path(folder, "two towers", seed).with_suffix(".png")
    if not image.is_file():
        raise Missing(f"there is no {image}")
    shares = color_share(read_filters(image))
    first, second = shares.chunk(2)
    return first, second, chance_of_halves(shares)


def _two_kinds(folder):
    """The color of two towers' filters: apart in each run, by more than chance."""
    runs = [run for run in recorded_runs(folder, "two towers").values() if run.test]
    if len(runs) < SEEDS:
        raise Missing(f"{len(runs)} of {SEEDS} runs of two towers are recorded in {folder}")
    found = [colors_of_towers(folder, run.seed) for run in runs]
    pairs = [sorted((100 * one.mean().item(), 100 * two.mean().item())) for one, two, _ in found]
    apart = paired_difference(*zip(*pairs, strict=True))
    verdict = judge(apart, SPECIALIZED)
    if verdict == HOLDS and not all(chance < 0.05 for *_, chance in found):
        verdict = NOT_SETTLED  # two halves always differ, by chance
    said = ", ".join(f"{low:.0f} and {high:.0f} %" for low, high in pairs)
    numbers = ", ".join(signed(number, 1) for number in (apart.low, apart.high))
    interval = f"apart by {apart.mean:.1f} points [{numbers}]"
    said = f"share of color in the filters of the two towers: {said}; {interval}"
    return Finding(verdict, f"{said}, {len(runs)} seeds", runs[0])


def _raw_pixels(folder):
    """From notebook 05's runs: initialized as in the 2012 code, the mean color subtracted."""
    names = [f"four-layer-code-2012-mean-0.001-seed{seed}.json" for seed in range(SEEDS)]
    paths = [folder.parent / "initialization" / name for name in names]
    if not all(path.is_file() for path in paths):
        raise Missing("notebook 05's runs are missing")
    runs = [Run.read(path) for path in paths]
    accuracies = [100 * run.final("validation_top1") for run in runs]
    above = paired_difference([GUESSING] * SEEDS, accuracies)
    said = f"validation accuracy {mean(accuracies):.1f} %"
    numbers = ", ".join(signed(number, 1) for number in (above.low, above.high))
    said += f", above guessing by {above.mean:.1f} points [{numbers}], {SEEDS} seeds"
    return Finding(judge(above, LEARNS), said, runs[0])


RULES = {
    claim: partial(from_comparisons, claim)
    for comparison in COMPARISONS
    for claim in comparison.claims
} | {"raw pixels": _raw_pixels, "two kinds of filters": _two_kinds}
