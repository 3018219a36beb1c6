"""What decides on each claim: pairs of arms, what is compared, and which effect would matter."""

from dataclasses import replace
from typing import NamedTuple

from alexnet_lib.paper.arms import ARMS, GRIDS, OWN_GRIDS
from alexnet_lib.paper.experiments import representative
from alexnet_lib.paper.measures import (
    EPOCHS_TO_LOSS,
    GAP,
    SAMPLE_ERROR,
    SECOND_TRAINING_LOSS,
    STEPS_TO_GOAL,
    TEN_VIEWS_ERROR,
    TEST_ERROR,
    TOP5_ERROR,
    Measure,
)
from alexnet_lib.paper.records import recorded_runs
from alexnet_lib.paper.statistics import (
    NOT_SETTLED,
    PairedDifference,
    judge,
    paired_difference,
    paired_ratio,
)
from alexnet_lib.training.run import Run

SEEDS = 3  # that a verdict needs at least


class Comparison(NamedTuple):
    """Two arms that are compared seed by seed, for one or several claims.

    claims          names of claims in `paper.claims.CLAIMS`
    words           the section and the comparison, for figures and tables
    before, after   names of arms, without and with the paper's idea; or the arms of a grid of
                    learning rates, of which the best counts, see `representative`
    smallest        the smallest effect that would matter, in the measure's unit, with the sign
                    that the paper gives it: below 0 where something becomes lower. A ratio, for
                    a measure that is compared by ratios
    why             why that is the smallest
    measure         what is compared; `after_measure` is that of `after` where it is another one
    paper           the effect that the paper reports; None where it gives no number
    decides         whether the verdict on the claims rests on it
    """

    claims: tuple
    words: str
    before: str | tuple
    after: str | tuple
    smallest: float
    why: str
    measure: Measure = TEST_ERROR
    after_measure: Measure | None = None
    paper: float | None = None
    decides: bool = True


HALF = "half of the paper's number"
SEVENTH = "half of the 2 points of section 7"
BADLY = "less would not be called bad overfitting"
COMPARISONS = (
    Comparison(
        ("no layer to spare",), "1  conv2", "128 pixels, without conv2", "128 pixels",
        -1.0, SEVENTH,
    ),
    Comparison(
        ("no layer to spare", "depth"), "1, 7  conv3 or conv4",
        "128 pixels, without conv3", "128 pixels", -1.0, HALF, paper=-2.0,
    ),
    Comparison(
        ("no layer to spare",), "1  conv5", "128 pixels, without conv5", "128 pixels",
        -1.0, SEVENTH,
    ),
    Comparison(
        ("six times faster",), "3.1  ReLU, 2012 initialization",
        GRIDS["relu", "code-2012"], GRIDS["tanh", "code-2012"], 3.0, HALF, STEPS_TO_GOAL, paper=6.0,
    ),
    Comparison(
        ("six times faster",), "3.1  ReLU, He initialization", GRIDS["relu", "he"],
        GRIDS["tanh", "he"], 3.0, HALF, STEPS_TO_GOAL, paper=6.0, decides=False,
    ),
    Comparison(
        ("two GPUs",), "3.2  two towers instead of half", "half as wide", "two towers",
        -0.85, HALF, paper=-1.7,
    ),
    Comparison(
        ("two GPUs",), "3.2  two towers, top-5 error", "half as wide", "two towers",
        -0.6, HALF, TOP5_ERROR, paper=-1.2, decides=False,
    ),
    Comparison(
        ("LRN on CIFAR-10",), "3.3  LRN, raw pixels", OWN_GRIDS["raw"], OWN_GRIDS["raw, LRN"],
        -1.0, HALF, paper=-2.0,
    ),
    Comparison(
        ("LRN on CIFAR-10",), "3.3  LRN, against a factor", OWN_GRIDS["raw, factors"],
        OWN_GRIDS["raw, LRN"], -1.0, HALF, decides=False,
    ),
    Comparison(
        ("LRN on CIFAR-10",), "3.3  LRN, unit variance, α scaled", "four-layer",
        "LRN, scaled alpha", -1.0, HALF, paper=-2.0, decides=False,
    ),
    Comparison(
        ("LRN on CIFAR-10",), "3.3  LRN, unit variance, α as it was", "four-layer", "LRN",
        -1.0, HALF, paper=-2.0, decides=False,
    ),
    Comparison(
        ("overlapping pools",), "3.4  overlapping pools", "max pools 2x2", "max pools",
        -0.2, HALF, paper=-0.4,
    ),
    Comparison(
        ("pools and overfitting",), "3.4  overlapping pools", "max pools 2x2", "max pools",
        -0.5, "the paper says: slightly", GAP,
    ),
    Comparison(
        ("crops and flips",), "4.1  crops and flips", "no augmentation", "max pools",
        -3.0, BADLY, GAP,
    ),
    Comparison(
        ("crops and flips",), "4.1  crops and flips", "no augmentation", "max pools",
        -0.5, "as for color", decides=False,
    ),
    Comparison(
        ("color",), "4.1  color, with crops and flips", "max pools", "color",
        -0.5, HALF, paper=-1.0,
    ),
    Comparison(
        ("dropout",), "4.2  dropout", "no dropout", "dropout", -3.0, BADLY, GAP,
    ),
    Comparison(
        ("dropout takes longer",), "4.2  dropout", "no dropout", "dropout",
        1.5, "half of the way from 1 to 2", EPOCHS_TO_LOSS, paper=2.0,
    ),
    Comparison(
        ("weight decay",), "5  weight decay, ten times", "no weight decay",
        "weight decay", -0.5, "as for color", SAMPLE_ERROR,
    ),
    Comparison(
        ("weight decay",), "5  weight decay, ten times", "no weight decay",
        "weight decay", -0.5, "as for color", decides=False,
    ),
    Comparison(
        ("biases of 1",), "5  biases of 1", OWN_GRIDS["biases of 0"], OWN_GRIDS["biases of 1"],
        -0.1, "less is hardly seen in the curves", SECOND_TRAINING_LOSS,
    ),
    Comparison(
        ("learning-rate decay",), "5  lower learning rates", "constant rate",
        "plateau rule", -1.0, "less could be had by averaging weights",
    ),
    Comparison(
        ("ten views",), "6  ten views", "max pools", "max pools", -0.75, HALF,
        after_measure=TEN_VIEWS_ERROR, paper=-1.5,
    ),
)  # fmt: skip


def comparisons_of(claim):
    """The comparisons that concern a claim, given by name, in the paper's order."""
    return [one for one in COMPARISONS if claim in one.claims]


class Missing(LookupError):
    """Runs that a verdict needs are not recorded."""


class Result(NamedTuple):
    """What the recorded runs say about a `Comparison`.

    found           the paired difference or ratio, with its interval and each seed's
    verdict         of `paper.statistics`
    before, after   the measured numbers, one for each seed
    bounded         whether some numbers of `after` are only bounds, which the true ones exceed
    pairs           how many pairs are recorded, those included in which a run has no number
    run             a run of `after`, which says on what the verdict rests
    """

    comparison: Comparison
    found: PairedDifference
    verdict: str
    before: tuple
    after: tuple
    bounded: bool
    pairs: int
    run: Run


def compare(comparison, folder):
    """The `Result` of a comparison from the runs in a folder. Raises Missing for too few seeds.

    A seed counts where both arms have a run with it that has the measured number. Of a race that
    `after` does not finish, the steps that it took are a bound; then nothing is settled unless
    the bound itself shows the effect.
    """
    before_runs, after_runs = (_runs(arm, folder) for arm in (comparison.before, comparison.after))
    measure, after_measure = comparison.measure, comparison.after_measure or comparison.measure
    before, after, bounded = {}, {}, False
    pairs = sorted(before_runs.keys() & after_runs.keys())
    for seed in pairs:
        if not (_counts(before_runs[seed]) and _counts(after_runs[seed])):
            continue
        first, second = measure.of(before_runs[seed]), after_measure.of(after_runs[seed])
        if first is not None and second is None and after_measure.bound:
            second, bounded = after_measure.bound(after_runs[seed]), True
        if first is not None and second is not None:
            before[seed], after[seed] = first, second
    if len(before) < SEEDS:
        raise Missing(
            f"{len(before)} of {SEEDS} pairs of runs are recorded: {comparison.before} and "
            f"{comparison.after} in {folder}"
        )
    pair = tuple(before.values()), tuple(after.values())
    found = (paired_ratio if measure.is_ratio else paired_difference)(*pair)
    verdict = judge(found, comparison.smallest, null=1.0 if measure.is_ratio else 0.0)
    if bounded and not found.low > comparison.smallest:
        verdict = NOT_SETTLED
    run = after_runs[max(after)]
    if not isinstance(comparison.after, str):  # of a race the activation is not named
        run = replace(run, model=ARMS[comparison.after[0]].net["name"])
    return Result(comparison, found, verdict, *pair, bounded, len(pairs), run)


def _runs(arm, folder):
    """{seed: run} of an arm given by name, or of the best of a grid of learning rates."""
    return recorded_runs(folder, arm if isinstance(arm, str) else representative(arm, folder))


def _counts(run):
    """Whether a run came to its end: one that diverged was never tested. Nor are races."""
    return bool(run.test) or ARMS[run.recipe["name"]].until is not None
