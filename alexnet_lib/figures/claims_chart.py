"""The tested claims in one chart: what each of the paper's ideas changed, every seed a dot."""

from statistics import mean
from typing import NamedTuple

import matplotlib.pyplot as plt

from alexnet_lib.figures.experiment_charts import MEASURES, recorded
from alexnet_lib.paper import judges
from alexnet_lib.paper.runner import recorded as runs_of_arm
from alexnet_lib.paper.verdicts import RESULTS

ERROR, GAP, TRAINING, LOSS, TIMES = PANELS = (
    "test error, in points",
    "gap, in points",
    "training error, in points",
    "training loss, in nats",
    "times as many steps",
)
OF_PANEL = {ERROR: "test error in %", GAP: "gap in points", TRAINING: "training error in %"}
OF_PANEL |= {LOSS: "training loss in nats", TIMES: "epoch of the lowest validation loss"}
LOOKS = {  # color and marker of what was found
    "changes as the paper says": ("C0", "o"),
    "no difference": ("0.55", "s"),
    "the other way": ("C1", "^"),
}
PAPER = dict(linestyle="", marker="D", color="none", markeredgecolor="black", markersize=9)


class Row(NamedTuple):
    """Two arms to compare, on a panel, and the change that the paper reports, where it does.

    In place of an arm: "ten views", of the arm before; "ReLU" or "tanh" and first weights, of
    the race.
    """

    panel: str
    words: str
    before: str
    after: str
    paper: float | None = None


ROWS = (
    Row(ERROR, "3.2  two towers, not half a net", "half as wide", "two towers", -1.7),
    Row(ERROR, "3.3  LRN, raw pixels", "raw", "raw, LRN", -2),
    Row(ERROR, "3.3  LRN, unit variance", "four-layer", "LRN", -2),
    Row(ERROR, "3.3  the same, α scaled", "four-layer", "LRN, scaled alpha", -2),
    Row(ERROR, "3.4  overlapping pools", "pools 2x2", "four-layer", -0.4),
    Row(ERROR, "4.1  crops and flips", "no augmentation", "four-layer"),
    Row(ERROR, "4.1  color, on top", "four-layer", "crops, flips, color", -1),
    Row(ERROR, "4.2  dropout, 5,000 images", *judges.PAIRS[0]),
    Row(ERROR, "4.2  dropout, 20,000", *judges.PAIRS[1]),
    Row(ERROR, "5  drops of the rate", "constant rate", "drops of the rate"),
    Row(ERROR, "6  ten views", "four-layer", "ten views", -1.5),
    Row(ERROR, "7  conv2", "without conv2", "AlexNet"),
    Row(ERROR, "7  conv3", "without conv3", "AlexNet", -2),
    Row(ERROR, "7  conv4", "without conv4", "AlexNet", -2),
    Row(ERROR, "7  conv5", "without conv5", "AlexNet"),
    Row(GAP, "3.4  overlapping pools", "pools 2x2", "four-layer"),
    Row(GAP, "4.1  crops and flips", "no augmentation", "four-layer"),
    Row(GAP, "4.2  dropout, 5,000 images", *judges.PAIRS[0]),
    Row(GAP, "4.2  dropout, 20,000", *judges.PAIRS[1]),
    Row(TRAINING, "5  weight decay", "no weight decay", "AlexNet"),
    Row(LOSS, "5  biases of 1", "biases of 0", "biases of 1"),
    Row(TIMES, "3.1  tanh, He", "relu he", "tanh he", 6),
    Row(TIMES, "3.1  tanh, cuda-convnet", "relu code-2012", "tanh code-2012", 6),
    Row(TIMES, "4.2  dropout", *judges.PAIRS[0], 2),
)


def changes(folder=RESULTS):
    """What the recorded runs say on each of ROWS: [(row, numbers before, numbers after), …].

    One number a seed: less the mean of those before, or, for TIMES, divided by it. Rows that
    have fewer seeds on one side than a verdict needs are left out.
    """
    found = []
    for row in ROWS:
        before, after = (_numbers(row, arm, folder) for arm in (row.before, row.after))
        if min(len(before), len(after)) >= judges.SEEDS:
            found.append((_bounded(row, folder), *_changes(row, before, after)))
    return found


def _changes(row, before, after):
    middle, times = mean(before), row.panel == TIMES
    if row.after == "ten views":  # of the same nets: each has a change of its own
        before, after = [middle], [b - a + middle for a, b in zip(before, after, strict=True)]
    return [
        [round(number / middle if times else number - middle, 4) for number in side]
        for side in (before, after)
    ]


def _numbers(row, arm, folder):
    """What the row's panel shows of an arm: a number for each recorded run."""
    if arm == "ten views":
        runs = runs_of_arm(folder, row.before).values()
        return judges.ten_views_errors(runs)
    if row.words.startswith("3.1"):
        return [steps or last for steps, last in _race(arm, folder)]
    return MEASURES[OF_PANEL[row.panel]](list(runs_of_arm(folder, arm).values()))


def _race(arm, folder):
    """Of each run of "relu he", …, the steps to 25 % (None: never) and all that were made."""
    name = next(name for name in recorded("relu", folder) if name.startswith(f"race {arm} "))
    return [(run.steps_until(0.25), run.steps) for run in runs_of_arm(folder, name).values()]


def _bounded(row, folder):
    """The row, its words with "at least" where a run never came to its goal."""
    unreached = row.words.startswith("3.1") and None in dict(_race(row.after, folder))
    return row._replace(words=f"{row.words}: at least") if unreached else row


def verdict(row, before, after):
    """Which of LOOKS a row gets: all of the paper's ideas are to lower errors and raise times."""
    found = judges.difference(before, after)
    if not found.clear:
        return "no difference"
    return (
        "changes as the paper says"
        if (found.change > 0) == (row.panel == TIMES)
        else "the other way"
    )


def draw(found):
    """The chart of what `changes` found: test errors at the left, all else at the right.

    Of a row, dots are the seeds with the paper's idea, the black line is their mean, crosses are
    the seeds without it, around their own mean, and a diamond is what the paper reports.
    """
    panels = {panel: [one for one in found if one[0].panel == panel] for panel in PANELS}
    others = [panel for panel in PANELS if panel != ERROR and panels[panel]]
    rows, gap = len(panels[ERROR]), 1.7  # `gap` rows are for a title and an axis
    rows = max(rows, sum(len(panels[panel]) for panel in others) + gap * (len(others) - 1))
    fig = plt.figure(figsize=(12, 0.48 * rows + 1.5))
    row = 0.48 / fig.get_figheight()
    for column, names in ((0.0, [ERROR]), (0.525, others)):
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
    ax.axvline(1 if panel == TIMES else 0, color="0.3", linewidth=1.2)
    for y, (row, before, after) in enumerate(rows):
        color, marker = LOOKS[verdict(row, before, after)]
        ax.plot(before, [y + 0.22] * len(before), "x", color="0.4", markersize=7)
        look = dict(color=color, markeredgecolor="white", markersize=11)
        ax.plot(after, [y - 0.14] * len(after), marker, **look)
        ax.plot([mean(after)] * 2, [y - 0.42, y + 0.14], color="black")
        if row.paper is not None:
            ax.plot([row.paper], [y - 0.14], **PAPER)
        words = dict(xycoords=("figure fraction", "data"), va="center")
        ax.annotate(row.words, (column + 0.008, y), **words)
    ax.set(ylim=(len(rows) - 0.45, -0.55), yticks=[])
    ax.annotate(panel, (column + 0.008, -0.62), xycoords=("figure fraction", "data"), weight="bold")
    ax.margins(x=0.08)
    ax.locator_params(axis="x", nbins=4)


def _legend(fig):
    face = dict(linestyle="", markersize=11)
    handles = [
        plt.Line2D([], [], color=color, marker=marker, label=words, **face)
        for words, (color, marker) in LOOKS.items()
    ]
    handles.append(plt.Line2D([], [], color="0.4", marker="x", label="without the idea", **face))
    handles.append(plt.Line2D([], [], label="the paper's number", **PAPER))
    fig.legend(handles=handles, loc="lower center", ncols=5, columnspacing=1.2, handletextpad=0.2)
