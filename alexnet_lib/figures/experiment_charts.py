"""Charts of the experiments: one line per run, one dot per seed."""

from collections.abc import Callable
from statistics import mean
from typing import NamedTuple

import matplotlib.pyplot as plt

from alexnet_lib.base.text import figure_text
from alexnet_lib.figures.images import full_contrast, mosaic
from alexnet_lib.paper.arms import ARMS, GRIDS
from alexnet_lib.paper.experiments import EXPERIMENTS, representative
from alexnet_lib.paper.filters import color_share, read_filters
from alexnet_lib.paper.measures import STEPS_TO_GOAL
from alexnet_lib.paper.records import CLAIMS_FOLDER, record_path, recorded_runs
from alexnet_lib.training.run import Epoch

MARKERS = "os^DvP"
INITIALIZATIONS = {  # of the race, in words
    "he": "He initialization, pixels of unit variance",
    "code-2012": "cuda-convnet's initial weights, raw pixels",
}


class Curve(NamedTuple):
    """What a panel of curves shows: its title, and the number of an `Epoch`."""

    label: str
    of: Callable[[Epoch], float]


TRAINING_ERRORS = Curve("training error in %", lambda row: 100 * row.train_error)
VALIDATION_ERRORS = Curve("validation error in %", lambda row: 100 * row.validation_error)
TRAINING_LOSSES = Curve("training loss in nats", lambda row: row.train_loss)
VALIDATION_LOSSES = Curve("validation loss in nats", lambda row: row.validation_loss)


def differences_table(name):
    """What the arms of an experiment share, as a sentence, and how they differ, as a table.

    Both are Markdown. A grid of learning rates has one row. A patience is that of the plateau rule:
    arms with another schedule have none.
    """
    groups = {_common_name(group): group for group in EXPERIMENTS[name].groups}
    arms = {arm: ARMS[arm].settings for group in groups.values() for arm in group}
    for settings in arms.values():
        if settings["schedule"] != "plateau":
            settings["patience"] = "–"
    first = next(iter(arms.values()))
    keys = [key for key in first if len({str(one[key]) for one in arms.values()}) > 1]
    images = f"{first['images']:,}" if first["images"] else "all"
    shared = f"{images} images of {first['size'] or 32} pixels"
    for key, text in (("name", "{}"), ("epochs", "{} epochs"), ("learning rate", "rate {}")):
        shared += "" if key in keys else f", {text.format(first[key])}"
    lines = [["arm", *(key.replace("_", " ") for key in keys)], ["---"] * (1 + len(keys))]
    for words, group in groups.items():
        values = [dict.fromkeys(str(arms[arm][key]) for arm in group) for key in keys]
        lines.append([words, *map(", ".join, values)])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"**{EXPERIMENTS[name].question}** All: {shared}.\n\n{rows}"


def _common_name(group):
    """The name of a group's arms, without the learning rate where they differ in it."""
    return group[0] if len(group) == 1 else group[0].rpartition(" ")[0].rstrip(",")


def experiment_figure(runs, curve, *measures, title):
    """Curves by epoch, and beside them a strip chart of each measure.

    Each arm has a curve, the mean of its seeds, over thin lines, one for each seed. In a strip
    chart each arm has a row and each seed a dot; the black line is the mean.

    runs      {arm: [Run, …]}
    curve     a `Curve`
    measures  `Measure`s; where no run was tested, validation errors replace test errors
    title     what the figure is about; it is followed by what the first run was trained on
    """
    height = max(3.6, 1.4 + 0.5 * len(runs))
    widths = (1.25, *[1] * len(measures))
    fig, axes = plt.subplots(
        1, len(widths), figsize=(12.5, height), width_ratios=widths, layout="constrained"
    )
    for number, (arm, group) in enumerate(runs.items()):
        lines = [[curve.of(row) for row in run.epochs] for run in group if run.epochs]
        for values in lines:
            thin = dict(color=f"C{number}", linewidth=0.8, alpha=0.4)
            axes[0].plot(range(1, 1 + len(values)), values, **thin)
        middle = [mean(column) for column in zip(*lines, strict=False)]  # as far as all seeds come
        look = dict(color=f"C{number}", marker=MARKERS[number % 6], markersize=5, linewidth=1.8)
        look["markevery"] = max(1, len(middle) // 10)
        if middle:
            axes[0].plot(range(1, 1 + len(middle)), middle, label=arm, **look)
    if axes[0].get_legend_handles_labels()[0]:
        axes[0].legend(fontsize=12)
    axes[0].set(xlabel="epoch", title=curve.label)
    axes[0].xaxis.get_major_locator().set_params(integer=True)
    _cut(axes[0], runs, curve)
    for ax, measure in zip(axes[1:], measures, strict=True):
        label, values = _measured(runs, measure)
        strip_chart(ax, values, names=ax is axes[1])
        ax.set_title(label)
    together = [run for group in runs.values() for run in group]
    for run in together[:1]:
        epochs = sorted({run.recipe["epochs"] for run in together})
        words = f"{'up to ' * (len(epochs) > 1)}{epochs[-1]} epochs"
        data = figure_text(run.data)
        fig.suptitle(f"{title}: {run.images['train']:,} images, {words}, {data}", fontsize=14)
    return fig


def _measured(runs, measure):
    """The measure's label and {arm: its values}; of `short` where no run was tested."""
    tested = any(run.test for group in runs.values() for run in group)
    if measure.short and not tested:
        measure = measure.short
    return measure.label, {arm: measure.values(group) for arm, group in runs.items()}


def _cut(ax, runs, curve):
    """Leaves out the high values of the first epochs: beside them the last ones look all alike."""
    together = [run for group in runs.values() for run in group if run.epochs]
    columns = [[curve.of(row) for row in run.epochs] for run in together]
    values = [value for column in columns for value in column[len(column) // 5 :]]
    if values:
        room = 0.06 * (max(values) - min(values))
        ax.set_ylim(min(map(min, columns)) - room, max(values) + room)


def strip_chart(ax, values, names=True, looks=6):
    """Draws numbers, {name: [number, …]}: one row per name, one dot per number.

    The black line is the mean, which is also printed on the right; a row without numbers says so.
    `names` writes the names on the left. Colors and markers repeat after `looks` rows.
    """
    largest = max((abs(number) for numbers in values.values() for number in numbers), default=0)
    digits = 0 if largest > 1000 else 1 if largest > 4 else 3
    for row, numbers in enumerate(values.values()):
        look = dict(color=f"C{row % looks}", marker=MARKERS[row % looks], s=90, edgecolor="white")
        step = min(0.17, 0.5 / max(1, len(numbers) - 1))
        places = [row + step * (place - (len(numbers) - 1) / 2) for place in range(len(numbers))]
        ax.scatter(numbers, places, zorder=3, **look)
        words, side = "no number", "right"
        if numbers:
            ax.plot([mean(numbers)] * 2, [row - 0.36, row + 0.36], color="black", zorder=2)
            words, side = f"mean {mean(numbers):,.{digits}f}", "left"
        ax.annotate(words, (1.02, row), xycoords=("axes fraction", "data"), va="center", ha=side)
    ax.set(ylim=(max(1, len(values)) - 0.5, -0.5), yticks=range(len(values)))
    ax.set_yticklabels(values if names else [])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.margins(x=0.12)
    low, high = ax.get_xlim()
    if largest > 4 and high - low < 1:  # ticks a hundredth of a percent apart would say nothing
        ax.set_xlim((low + high - 1) / 2, (low + high + 1) / 2)
    ax.grid(axis="y", visible=False)
    ax.locator_params(axis="x", nbins=4)


def experiment_chart(runs, curve, *measures, title):
    """The `experiment_figure` of these runs, and its alt text."""
    fig = experiment_figure(runs, curve, *measures, title=title)
    return fig, experiment_alt_text(runs, *measures)


def experiment_alt_text(runs, *measures):
    """What `experiment_figure` shows of these runs, in words: the alt text."""
    said = []
    for measure in measures:
        label, values = _measured(runs, measure)
        rows = [
            f"{arm} {', '.join(f'{number:.4g}' for number in numbers) or 'no number'}"
            for arm, numbers in values.items()
        ]
        said.append(f"{label}, each seed: {'; '.join(rows)}.")
    return f"A curve by epoch for each arm and a dot for each seed. {' '.join(said)}"


def race_figure(folder=CLAIMS_FOLDER):
    """Figure 1 of the paper, repeated: training error by epoch, one panel per initialization.

    ReLU is solid and tanh dashed, each with the learning rate that made it fastest; each seed has a
    line. Returns the figure and its alt text.
    """
    fig, axes = plt.subplots(1, 2, figsize=(12.5, 4.8), layout="constrained", sharey=True)
    said = []
    for ax, (init, title) in zip(axes, INITIALIZATIONS.items(), strict=True):
        for number, activation in enumerate(("relu", "tanh")):
            arm = representative(GRIDS[activation, init], folder)
            group, rate = recorded_runs(folder, arm).values(), ARMS[arm].recipe.learning_rate
            look = dict(color=f"C{number}", linestyle=("-", "--")[number])
            for seed, run in enumerate(group):
                errors = [100 * row.train_error for row in run.epochs]
                label = None if seed else f"{activation}, rate {rate:g}"
                middles = [place + 0.5 for place in range(len(errors))]
                ax.plot(middles, errors, label=label, **look)
            steps = [STEPS_TO_GOAL.of(run) for run in group]
            words = ", ".join(f"{n:,.0f}" if n else "never" for n in steps) or "no number"
            said.append(f"{activation} with {init} weights: {words}")
        ax.axhline(25, color="0.4", linewidth=1.2)
        ax.text(0, 25.4, "25 %")
        ax.set(xlabel="epoch", title=title)
        if ax.get_legend_handles_labels()[0]:
            ax.legend()
    axes[0].set(ylabel="training error in %", ylim=(20, 75))
    return fig, f"Training error by epoch. Steps to 25 %, each seed: {'; '.join(said)}."


def towers_figure(folder=CLAIMS_FOLDER):
    """What training added to the first filters of the two towers, and their share of color.

    Each tower of each recorded seed has a row of filters, the grayest on the left, and beside it
    one dot per filter. Returns the figure and its alt text.
    """
    seeds = recorded_runs(folder, "two towers")
    paths = {seed: record_path(folder, "two towers", seed).with_suffix(".png") for seed in seeds}
    shares, rows = {}, []
    for seed in [seed for seed in seeds if paths[seed].is_file()]:
        for number, tower in enumerate(read_filters(paths[seed]).chunk(2), 1):
            color = color_share(tower)
            shares[f"seed {seed}, tower {number}"] = (100 * color).tolist()
            rows.append([full_contrast(one) for one in tower[color.argsort()]])
    height = max(2.5, 0.8 + 0.36 * len(shares))
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(12.5, height), width_ratios=(1, 1.35), layout="constrained"
    )
    if rows:
        left.imshow(mosaic(rows, gap=2, margin=1), interpolation="nearest", aspect="auto")
    left.axis("off")
    strip_chart(right, shares, looks=2)
    left.set_title("what training added to the filters, gray to colored")
    right.set_title("share of color in %, one dot per filter")
    means = "; ".join(f"{name} {mean(values):.0f} %" for name, values in shares.items())
    return fig, f"Filters of two towers in rows; mean share of color: {means or 'none recorded'}."
