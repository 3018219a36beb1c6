"""The forest plot of the tested claims: paired differences, their intervals, every seed a dot."""

from typing import NamedTuple

import matplotlib.pyplot as plt

from alexnet_lib.paper.comparisons import COMPARISONS, Missing, compare
from alexnet_lib.paper.measures import (
    EPOCHS_TO_LOSS,
    GAP,
    SAMPLE_ERROR,
    SECOND_TRAINING_LOSS,
    STEPS_TO_GOAL,
    TEST_ERROR,
    TOP5_ERROR,
)
from alexnet_lib.paper.records import CLAIMS_FOLDER
from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED

LOOKS = {  # of a verdict: color and marker of the mean
    HOLDS: ("C0", "o"),
    NOT: ("C1", "^"),
    NOT_SETTLED: ("0.45", "s"),
}
PAPER = dict(linestyle="", marker="D", color="none", markeredgecolor="black", markersize=9)
SEED = dict(linestyle="", marker=".", markersize=8, alpha=0.6)
BAND = dict(color="0.88", linewidth=0)
ROW, TITLE = 0.5, 0.85  # heights in inches, of a comparison and of a panel's title and axis


class Panel(NamedTuple):
    """A part of the plot: comparisons whose measures have the same unit."""

    title: str
    measures: tuple

    @property
    def is_ratio(self):
        return self.measures[0].is_ratio

    def of(self, results):
        """Those of the results that belong here."""
        return [one for one in results if one.comparison.measure in self.measures]


ERROR_PANEL, *OTHER_PANELS = (
    Panel("change of the test error, points", (TEST_ERROR, TOP5_ERROR)),
    Panel("change of the gap, points", (GAP,)),
    Panel("change of the error on training images, points", (SAMPLE_ERROR,)),
    Panel("change of the loss in steps 51 to 100", (SECOND_TRAINING_LOSS,)),
    Panel("times as many steps or epochs", (STEPS_TO_GOAL, EPOCHS_TO_LOSS)),
)


def claim_results(folder=CLAIMS_FOLDER):
    """The `Result`s of all comparisons that have runs with enough seeds, in COMPARISONS' order."""
    found = []
    for comparison in COMPARISONS:
        try:
            found.append(compare(comparison, folder))
        except Missing:
            continue
    return found


def claims_chart(results):
    """A forest plot of `Result`s: test errors on the left, all else on the right.

    In a row, small dots are the paired differences of seeds, the large mark is their mean and the
    line its 95 % interval. A diamond is what the paper reports. The gray band holds the effects
    that are too small to matter.
    """
    left = [ERROR_PANEL] if ERROR_PANEL.of(results) else []
    right = [panel for panel in OTHER_PANELS if panel.of(results)]
    heights = [
        sum(ROW * len(panel.of(results)) + TITLE for panel in side) for side in (left, right)
    ]
    height = max(*heights, 1) + 0.8  # for the legend
    fig = plt.figure(figsize=(12.5, height))
    for column, panels in ((0.0, left), (0.5, right)):
        top = 1 - 0.4 / height
        for panel in panels:
            rows = panel.of(results)
            tall = ROW * len(rows) / height
            ax = fig.add_axes((column + 0.27, top - tall, 0.2, tall))
            _panel(ax, panel, rows, column)
            top -= tall + TITLE / height
    _legend(fig)
    return fig


def _panel(ax, panel, rows, column):
    null = 1 if panel.is_ratio else 0
    if panel.is_ratio:
        ax.set_xscale("log")
    words = dict(xycoords=("figure fraction", "data"), va="center")
    for y, result in enumerate(rows):
        found, comparison = result.found, result.comparison
        color, marker = LOOKS[result.verdict]
        other = 1 / comparison.smallest if panel.is_ratio else -comparison.smallest
        ends = sorted((comparison.smallest, other))
        ax.fill_betweenx([y - 0.46, y + 0.46], *ends, **BAND)
        ax.plot([found.low, found.high], [y, y], color=color, linewidth=2.5)
        look = dict(color=color, markeredgecolor="white", markersize=11)
        ax.plot(found.mean, y, marker, **look)
        ax.plot(found.values, [y + 0.28] * len(found.values), color=color, **SEED)
        if comparison.paper is not None:
            ax.plot(comparison.paper, y, **PAPER)
        ax.annotate(comparison.words, (column + 0.008, y), **words)
    ax.axvline(null, color="0.3", linewidth=1.2)
    ax.set(ylim=(len(rows) - 0.5, -0.5), yticks=[])
    ax.annotate(panel.title, (column + 0.008, -0.72), weight="bold", **words)
    if panel.is_ratio:
        low, high = ax.get_xlim()
        ticks = [tick for tick in (0.5, 1, 2, 3, 6) if low < tick < high]
        ax.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    else:
        ax.locator_params(axis="x", nbins=5)


def _legend(fig):
    face = dict(linestyle="", markersize=11)
    handles = [
        plt.Line2D([], [], color=color, marker=marker, label=verdict, **face)
        for verdict, (color, marker) in LOOKS.items()
    ]
    handles.append(plt.Line2D([], [], color="0.3", label="a seed", **SEED))
    handles.append(plt.Line2D([], [], label="the paper's number", **PAPER))
    handles.append(plt.Rectangle((0, 0), 1, 1, label="too small to matter", **BAND))
    fig.legend(handles=handles, loc="lower center", ncols=4, columnspacing=1.5, handletextpad=0.3)
