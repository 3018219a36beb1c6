"""The tested claims in one chart: what each of the paper's ideas changed, every seed a dot."""

from enum import Enum
from statistics import mean
from typing import NamedTuple

import matplotlib.pyplot as plt

from alexnet_lib.paper.experiments import GRIDS, representative
from alexnet_lib.paper.measures import (
    EPOCH_OF_LOWEST_LOSS,
    GAP,
    STEPS_TO_GOAL,
    TEN_VIEWS_ERROR,
    TEST_ERROR,
    TRAINING_ERROR,
    TRAINING_LOSS,
    Measure,
)
from alexnet_lib.paper.records import CLAIMS_FOLDER, recorded_runs
from alexnet_lib.paper.statistics import difference
from alexnet_lib.paper.verdict_rules import DROPOUT_FEW_IMAGES, DROPOUT_MORE_IMAGES, SEEDS


class Panel(NamedTuple):
    """A part of the chart: its title, and whether it shows ratios instead of differences."""

    title: str
    is_ratio: bool = False


ERROR_PANEL, GAP_PANEL, TRAINING_PANEL, LOSS_PANEL, TIMES_PANEL = PANELS = (
    Panel("test error, in points"),
    Panel("gap, in points"),
    Panel("training error, in points"),
    Panel("training loss, in nats"),
    Panel("times as many steps", is_ratio=True),
)


class Outcome(Enum):
    """What became of a change that the paper reports; the values are for the legend."""

    AS_THE_PAPER = "changes as the paper says"
    NO_DIFFERENCE = "no difference"
    OTHER_WAY = "the other way"


LOOKS = {  # color and marker
    Outcome.AS_THE_PAPER: ("C0", "o"),
    Outcome.NO_DIFFERENCE: ("0.55", "s"),
    Outcome.OTHER_WAY: ("C1", "^"),
}
PAPER = dict(linestyle="", marker="D", color="none", markeredgecolor="black", markersize=9)


class Row(NamedTuple):
    """Two arms that are compared, the panel that shows it, and what the paper reports.

    before, after   names of arms, or the arms of a grid of learning rates: then the fastest
    paper           the change that the paper reports; None where it reports none
    measure         what is compared; `after_measure` is that of `after` where it is another
    """

    panel: Panel
    words: str
    before: str | tuple
    after: str | tuple
    paper: float | None = None
    measure: Measure = TEST_ERROR
    after_measure: Measure | None = None


_FEW, _MORE = DROPOUT_FEW_IMAGES, DROPOUT_MORE_IMAGES
ROWS = (
    Row(ERROR_PANEL, "3.2  two towers, not half a net", "half as wide", "two towers", -1.7),
    Row(ERROR_PANEL, "3.3  LRN, raw pixels", "raw", "raw, LRN", -2),
    Row(ERROR_PANEL, "3.3  LRN, unit variance", "four-layer", "LRN", -2),
    Row(ERROR_PANEL, "3.3  the same, α scaled", "four-layer", "LRN, scaled alpha", -2),
    Row(ERROR_PANEL, "3.4  overlapping pools", "pools 2x2", "four-layer", -0.4),
    Row(ERROR_PANEL, "4.1  crops and flips", "no augmentation", "four-layer"),
    Row(ERROR_PANEL, "4.1  color, on top", "four-layer", "crops, flips, color", -1),
    Row(ERROR_PANEL, "4.2  dropout, 5,000 images", *_FEW),
    Row(ERROR_PANEL, "4.2  dropout, 20,000", *_MORE),
    Row(ERROR_PANEL, "5  drops of the rate", "constant rate", "drops of the rate"),
    Row(
        ERROR_PANEL, "6  ten views", "four-layer", "four-layer", -1.5,
        after_measure=TEN_VIEWS_ERROR,
    ),
    Row(ERROR_PANEL, "7  conv2", "without conv2", "AlexNet"),
    Row(ERROR_PANEL, "7  conv3", "without conv3", "AlexNet", -2),
    Row(ERROR_PANEL, "7  conv4", "without conv4", "AlexNet", -2),
    Row(ERROR_PANEL, "7  conv5", "without conv5", "AlexNet"),
    Row(GAP_PANEL, "3.4  overlapping pools", "pools 2x2", "four-layer", measure=GAP),
    Row(GAP_PANEL, "4.1  crops and flips", "no augmentation", "four-layer", measure=GAP),
    Row(GAP_PANEL, "4.2  dropout, 5,000 images", *_FEW, measure=GAP),
    Row(GAP_PANEL, "4.2  dropout, 20,000", *_MORE, measure=GAP),
    Row(TRAINING_PANEL, "5  weight decay", "no weight decay", "AlexNet", measure=TRAINING_ERROR),
    Row(LOSS_PANEL, "5  biases of 1", "biases of 0", "biases of 1", measure=TRAINING_LOSS),
    Row(
        TIMES_PANEL, "3.1  tanh, He",
        GRIDS["relu", "he"], GRIDS["tanh", "he"], 6, STEPS_TO_GOAL,
    ),
    Row(
        TIMES_PANEL, "3.1  tanh, cuda-convnet",
        GRIDS["relu", "code-2012"], GRIDS["tanh", "code-2012"], 6, STEPS_TO_GOAL,
    ),
    Row(TIMES_PANEL, "4.2  dropout", *_FEW, 2, EPOCH_OF_LOWEST_LOSS),
)  # fmt: skip


def claim_changes(folder=CLAIMS_FOLDER):
    """What the recorded runs say on each of ROWS: [(row, numbers before, numbers after), …].

    There is one number per seed: its difference from the mean of those before or, in a panel of
    ratios, its ratio to that mean. Rows with fewer seeds on one side than a verdict needs are left
    out.
    """
    found = []
    for row in ROWS:
        before, _ = _numbers(row.before, row.measure, folder)
        after, bounded = _numbers(row.after, row.after_measure or row.measure, folder)
        if min(len(before), len(after)) >= SEEDS:
            shown = row._replace(words=f"{row.words}: at least") if bounded else row
            found.append((shown, *_changes(row, before, after)))
    return found


def _changes(row, before, after):
    middle = mean(before)
    if row.before == row.after:  # the same nets, measured twice: each has a change of its own
        before, after = [middle], [b - a + middle for a, b in zip(before, after, strict=True)]
    return [
        [round(number / middle if row.panel.is_ratio else number - middle, 4) for number in side]
        for side in (before, after)
    ]


def _numbers(arm, measure, folder):
    """A number for each recorded run of an arm, and whether some of them are only bounds."""
    runs = recorded_runs(folder, arm if isinstance(arm, str) else representative(arm, folder))
    numbers = [measure.of(run) for run in runs.values()]
    if measure.bound is None:
        return measure.values(runs.values()), False
    bounds = [measure.bound(run) for run in runs.values()]
    return [number or bound for number, bound in zip(numbers, bounds, strict=True)], None in numbers


def outcome(row, before, after):
    """The `Outcome` of a row: each of the paper's ideas should lower errors and raise ratios."""
    found = difference(before, after)
    if not found.clear:
        return Outcome.NO_DIFFERENCE
    as_wanted = (found.change > 0) == row.panel.is_ratio
    return Outcome.AS_THE_PAPER if as_wanted else Outcome.OTHER_WAY


def claims_chart(found):
    """A figure of what `claim_changes` found: test errors on the left, all else on the right.

    In a row, dots are the seeds with the paper's idea and the black line is their mean; crosses are
    the seeds without the idea, around their own mean; a diamond is what the paper reports.
    """
    panels = {panel: [one for one in found if one[0].panel == panel] for panel in PANELS}
    others = [panel for panel in PANELS if panel != ERROR_PANEL and panels[panel]]
    rows, gap = len(panels[ERROR_PANEL]), 1.7  # `gap` rows are for a title and an axis
    rows = max(rows, sum(len(panels[panel]) for panel in others) + gap * (len(others) - 1))
    fig = plt.figure(figsize=(12, 0.48 * rows + 1.5))
    row = 0.48 / fig.get_figheight()
    for column, names in ((0.0, [ERROR_PANEL]), (0.525, others)):
        top = 1 - 0.45 / fig.get_figheight()
        for panel in names:
            height = row * len(panels[panel])
            left, width = (0.262, 0.235) if column == 0 else (0.755, 0.235)
            if height:
                _panel(fig, (left, top - height, width, height), panel, panels[panel], column)
            top -= height + gap * row
    _legend(fig)
    return fig


def _panel(fig, place, panel, rows, column):
    ax = fig.add_axes(place)
    ax.axvline(1 if panel.is_ratio else 0, color="0.3", linewidth=1.2)
    for y, (row, before, after) in enumerate(rows):
        color, marker = LOOKS[outcome(row, before, after)]
        ax.plot(before, [y + 0.22] * len(before), "x", color="0.4", markersize=7)
        look = dict(color=color, markeredgecolor="white", markersize=11)
        ax.plot(after, [y - 0.14] * len(after), marker, **look)
        ax.plot([mean(after)] * 2, [y - 0.42, y + 0.14], color="black")
        if row.paper is not None:
            ax.plot([row.paper], [y - 0.14], **PAPER)
        words = dict(xycoords=("figure fraction", "data"), va="center")
        ax.annotate(row.words, (column + 0.008, y), **words)
    ax.set(ylim=(len(rows) - 0.45, -0.55), yticks=[])
    ax.annotate(
        panel.title, (column + 0.008, -0.62), xycoords=("figure fraction", "data"), weight="bold"
    )
    ax.margins(x=0.08)
    ax.locator_params(axis="x", nbins=4)


def _legend(fig):
    face = dict(linestyle="", markersize=11)
    handles = [
        plt.Line2D([], [], color=color, marker=marker, label=found.value, **face)
        for found, (color, marker) in LOOKS.items()
    ]
    handles.append(plt.Line2D([], [], color="0.4", marker="x", label="without the idea", **face))
    handles.append(plt.Line2D([], [], label="the paper's number", **PAPER))
    fig.legend(handles=handles, loc="lower center", ncols=5, columnspacing=1.2, handletextpad=0.2)
