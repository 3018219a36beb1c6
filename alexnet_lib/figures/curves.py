"""Figures of the course, each with a sentence for those who cannot see it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager

STYLE = {
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2.2,
    "legend.frameon": False,
    "figure.dpi": 90,
}
GRID_ROWS = 30  # classes of which samples are drawn
# For class names in Korean: those of Windows and macOS, and free ones.
KOREAN_FONTS = (
    "Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "NanumGothic", "NanumBarunGothic",
    "Noto Sans KR", "Noto Sans CJK KR", "Noto Sans CJK JP",
)  # fmt: skip


def use_style():
    """Sets the course's look for all figures: color-blind safe, readable when projected.

    Letters that the usual font lacks come from a Korean font, where one is installed.
    """
    plt.style.use(["petroff10", STYLE])
    known = set(font_manager.get_font_names())
    korean = [name for name in KOREAN_FONTS if name in known][:1]
    plt.rcParams["font.family"] = ["DejaVu Sans", *korean]


def show(fig, alt):
    """Shows a figure with its alt text, and closes it. Raises ValueError without a text."""
    from IPython.display import display

    if not alt or not alt.strip():
        raise ValueError("say in a sentence what the figure shows: show(fig, alt='…')")
    display(fig, metadata={"image/png": {"alt": alt}})
    plt.close(fig)


def image_grid(data, per_class=10, seed=0):
    """A figure with `per_class` images of each class of an `ImageSet`, one class a row.

    Of more than GRID_ROWS classes the first.
    """
    random = np.random.default_rng(seed)
    labels = data.labels.numpy()
    rows = []
    classes = data.classes[:GRID_ROWS]
    for label in range(len(classes)):
        places = np.flatnonzero(labels == label)
        chosen = random.choice(places, min(per_class, len(places)), replace=False)
        rows.append([_pixels(data.images[int(place)]) for place in chosen])
    fig, ax = plt.subplots(figsize=(0.75 * per_class + 1.5, 0.75 * len(rows)))
    side = max(rows[0][0].shape[:2])
    ax.imshow(_mosaic(rows, per_class, side), interpolation="nearest")
    step = side + side // 8
    _bare(ax)
    ax.set_yticks([side / 2 + row * step for row in range(len(rows))], classes)
    fig.tight_layout()
    return fig


def live():
    """A `report` for `fit`: `curves` that are drawn anew, in place, after each epoch.

    The last figure stays, with `describe(run)` as its alt text.
    """
    from IPython.display import DisplayHandle

    handle, put = DisplayHandle(), []

    def report(run):
        fig = curves(run)
        for ax in fig.axes:  # room for the epochs to come
            ax.set_xlim(0.7, max(run.recipe["epochs"], len(run.epochs)) + 0.3)
        draw = handle.update if put else handle.display
        draw(fig, metadata={"image/png": {"alt": describe(run)}})
        put.append(fig)
        plt.close(fig)

    return report


def curves(runs, title=None):
    """Loss and accuracy against the epoch, in two panels.

    runs   a `Run`, or {name: Run}, or {name: [Run, …]}: runs of one name, such as other
           seeds, look alike. Validation is solid; training is dashed, and left out where
           there are more than two names.
    """
    named = _named(runs)
    fig, axes = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
    for number, (name, group) in enumerate(named.items()):
        prefix = f"{name}, " if name else ""
        for seed, run in enumerate(group):
            look = dict(color=f"C{number}", marker="os^Dv*"[number % 6])
            look["markevery"] = max(1, len(run.epochs) // 10)
            label = f"{prefix}validation" if len(named) < 3 else name
            _lines(axes, run, "validation", label if not seed else None, **look)
            if len(named) < 3:
                look |= dict(linestyle="--", markerfacecolor="white")
                look["color"] = look["color"] if name else "C1"
                _lines(axes, run, "training", f"{prefix}training" if not seed else None, **look)
    for ax, what, unit in zip(axes, ("Loss", "Accuracy"), ("nats an image", "%"), strict=True):
        ax.set(xlabel="epoch", ylabel=f"{what.lower()} ({unit})", title=what)
        ax.xaxis.get_major_locator().set_params(integer=True)
    handles, labels = axes[0].get_legend_handles_labels()
    columns = max(1, 120 // (max(map(len, labels)) + 8))
    fig.legend(handles, labels, loc="outside lower center", ncols=columns)
    if title:
        fig.suptitle(title, fontsize=14)
    return fig


def _named(runs):
    """A run, or {name: a run or several}, as {name: list of runs}."""
    runs = runs if isinstance(runs, dict) else {"": runs}
    return {name: run if isinstance(run, list) else [run] for name, run in runs.items()}


def _numbers(run, part):
    """Epochs, losses and accuracies in percent of a run's "training" or "validation"."""
    epochs = [row.epoch for row in run.epochs]
    if part == "validation":
        pairs = [(row.validation_loss, row.validation_top1) for row in run.epochs]
    else:
        pairs = [(row.train_loss, 1 - row.train_error) for row in run.epochs]
    return epochs, [loss for loss, _ in pairs], [100 * accuracy for _, accuracy in pairs]


def _lines(axes, run, part, label, **look):
    epochs, *lines = _numbers(run, part)
    for ax, line in zip(axes, lines, strict=True):
        ax.plot(epochs, line, label=label, **look)


def describe(runs):
    """What `curves` shows of the same runs, in words: its alt text."""
    words = []
    for name, group in _named(runs).items():
        for run in group:
            if not run.epochs:
                words.append(f"{name or 'The run'}, no epoch")
                continue
            _, losses, accuracies = _numbers(run, "validation")
            _, fitted, _ = _numbers(run, "training")
            best = run.best_epoch
            words.append(
                f"{name or 'The run'}, {len(losses)} epochs: training loss from {fitted[0]:.2f} "
                f"to {fitted[-1]:.2f}, validation loss from {losses[0]:.2f} to {losses[-1]:.2f} "
                f"(lowest {best.validation_loss:.2f} in epoch {best.epoch}), "
                f"validation accuracy from {accuracies[0]:.0f} % to {accuracies[-1]:.0f} %"
            )
    return "Loss and accuracy by epoch. " + ". ".join(words) + "."


def steps(losses, chance, window=20):
    """The loss of each batch, its mean over `window` batches, and the loss of guessing."""
    fig, ax = plt.subplots(figsize=(9, 4))
    numbers = np.arange(1, len(losses) + 1)
    ax.plot(numbers, losses, color="C0", alpha=0.4, linewidth=1.2, label="each batch")
    window = min(window, len(losses))
    means = np.convolve(losses, np.ones(window) / window, mode="valid")
    ax.plot(numbers[window - 1 :], means, color="C0", label=f"mean of {window} batches")
    ax.axhline(chance, color="C1", linestyle="--", label="guessing")
    ax.set(xlabel="step", ylabel="loss (nats an image)", title="Loss while training")
    ax.legend()
    fig.tight_layout()
    return fig


def predictions(images, labels, probabilities, classes, columns=6):
    """Images, their true class above, what was predicted below: ✓ where right, else ✗.

    images uint8 N×3×H×W, labels int64 N, probabilities float N×C, or {stage: N×C} for what
    several nets make of the same images, a line each.
    """
    if not isinstance(probabilities, dict):
        probabilities = {"": probabilities}
    rows, lines = max(1, -(-len(images) // columns)), len(probabilities)
    step, side, above, below = 2.25, 1.5, 0.4, 0.25 + 0.25 * lines  # inches
    width, height = step * columns, (above + side + below) * rows
    fig = plt.figure(figsize=(width, height))
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        row, column = divmod(place, columns)
        left = step * column + (step - side) / 2
        bottom = height - (above + side + below) * row - above - side
        ax = fig.add_axes((left / width, bottom / height, side / width, side / height))
        ax.imshow(_pixels(image), interpolation="nearest")
        ax.set_title(classes[int(label)], fontsize=14, pad=4)
        _bare(ax)
        for line, (stage, table) in enumerate(probabilities.items()):
            best = int(table[place].argmax())
            right = best == int(label)
            share = 100 * float(table[place, best])
            text = f"{'✓' if right else '✗'} {classes[best]} {share:.0f} %"
            text = text if stage == "" else f"{stage}: {text}"
            y = -(0.05 + 0.25 * line) / side
            color = "black" if right else "#a8201a"
            ax.text(0.5, y, text, transform=ax.transAxes, ha="center", va="top", color=color)
    return fig


def confusion(matrix, classes):
    """A confusion matrix (true class in the row) as a figure, in percent of each row."""
    matrix = np.asarray(matrix, dtype=float)
    share = 100 * matrix / matrix.sum(1, keepdims=True).clip(min=1)
    fig, ax = plt.subplots(figsize=(0.7 * len(classes) + 2, 0.6 * len(classes) + 1.6))
    # Roots of the shares, so that one mistake in a hundred differs from none.
    ax.imshow(np.sqrt(share), cmap="cividis", vmin=0, vmax=10)
    ax.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    ax.set_yticks(range(len(classes)), classes)
    ax.grid(False)
    for y, x in np.ndindex(*share.shape):
        color = "black" if share[y, x] > 30 else "white"
        ax.text(x, y, f"{share[y, x]:.0f}", ha="center", va="center", color=color, fontsize=12)
    ax.set(xlabel="predicted", ylabel="true", title="Of each class, in %")
    fig.tight_layout()
    return fig


def _pixels(image):
    """A uint8 3×H×W tensor as an H×W×3 array."""
    return np.asarray(image).transpose(1, 2, 0)


def _mosaic(rows, columns, side):
    step = side + side // 8
    canvas = np.full((len(rows) * step - side // 8, columns * step - side // 8, 3), 255, np.uint8)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            height, width = image.shape[:2]
            canvas[y * step : y * step + height, x * step : x * step + width] = image
    return canvas


def _bare(ax):
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set(xticks=[], yticks=[])
