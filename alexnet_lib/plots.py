"""Figures of the course, each with a sentence for those who cannot see it."""

import matplotlib.pyplot as plt
import numpy as np

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


def use_style():
    """Sets the course's look for all figures: color-blind safe, readable when projected."""
    plt.style.use(["petroff10", STYLE])


def show(fig, alt):
    """Shows a figure with its alt text, and closes it. Raises ValueError without a text."""
    from IPython.display import display

    if not alt or not alt.strip():
        raise ValueError("say in a sentence what the figure shows: show(fig, alt='…')")
    display(fig, metadata={"image/png": {"alt": alt}})
    plt.close(fig)


def image_grid(data, per_class=10, seed=0):
    """A figure with `per_class` images of each class of an `ImageSet`, one class a row."""
    random = np.random.default_rng(seed)
    labels = data.labels.numpy()
    rows = []
    for label in range(len(data.classes)):
        places = np.flatnonzero(labels == label)
        chosen = random.choice(places, min(per_class, len(places)), replace=False)
        rows.append([_pixels(data.images[int(place)]) for place in chosen])
    fig, ax = plt.subplots(figsize=(0.75 * per_class + 1.5, 0.75 * len(rows)))
    side = max(rows[0][0].shape[:2])
    ax.imshow(_mosaic(rows, per_class, side), interpolation="nearest")
    step = side + side // 8
    ax.set_yticks([side / 2 + row * step for row in range(len(rows))], data.classes)
    _bare(ax)
    fig.tight_layout()
    return fig


def curves(runs, title=None):
    """Loss and accuracy against the epoch, two panels: one `Run`, or several as {name: Run}.

    With one run, training is dashed and validation solid; with several, validation only.
    """
    named = runs if isinstance(runs, dict) else {"": runs}
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2))
    for number, (name, run) in enumerate(named.items()):
        epochs = [row["epoch"] for row in run.epochs]
        column = {key: [row[key] for row in run.epochs] for key in run.epochs[0]}
        color, marker = f"C{number}", "os^Dv"[number % 5]
        points = dict(color=color, marker=marker, markersize=5 if len(epochs) < 40 else 0)
        label = name or "validation"
        left.plot(epochs, column["validation_loss"], label=label, **points)
        right.plot(epochs, 100 * np.array(column["validation_top1"]), label=label, **points)
        if not name:
            dashed = dict(color="C1", linestyle="--", label="training")
            left.plot(epochs, column["train_loss"], **dashed)
            right.plot(epochs, 100 * (1 - np.array(column["train_error"])), **dashed)
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="Loss")
    right.set(xlabel="epoch", ylabel="accuracy (%)", title="Accuracy")
    for ax in (left, right):
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend()
    if title:
        fig.suptitle(title, fontsize=14)
    fig.tight_layout()
    return fig


def predictions(images, labels, probabilities, classes, columns=6):
    """Images with the predicted class and its probability: ✓ where right, ✗ and the true class.

    images uint8 N×3×H×W, labels int64 N, probabilities float N×C.
    """
    rows = -(-len(images) // columns)
    fig, axes = plt.subplots(rows, columns, figsize=(2.05 * columns, 2.6 * rows), squeeze=False)
    for ax in axes.flat:
        _bare(ax)
    for ax, image, label, row in zip(axes.flat, images, labels, probabilities, strict=False):
        best = int(row.argmax())
        right = best == int(label)
        ax.imshow(_pixels(image), interpolation="nearest")
        text = f"{'✓' if right else '✗'} {classes[best]} {100 * float(row[best]):.0f} %"
        if not right:
            text += f"\n(is: {classes[int(label)]})"
        ax.set_title(text, fontsize=12, color="black" if right else "#a8201a", pad=4)
    fig.tight_layout()
    return fig


def confusion(matrix, classes):
    """A confusion matrix (true class in the row) as a figure, in per cent of each row."""
    matrix = np.asarray(matrix, dtype=float)
    share = 100 * matrix / matrix.sum(1, keepdims=True).clip(min=1)
    fig, ax = plt.subplots(figsize=(0.7 * len(classes) + 2, 0.6 * len(classes) + 1.6))
    ax.imshow(share, cmap="cividis", vmin=0, vmax=100)
    ax.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    ax.set_yticks(range(len(classes)), classes)
    ax.grid(False)
    for y, x in np.ndindex(*share.shape):
        color = "black" if share[y, x] > 55 else "white"
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
    ax.set_xticks([])
    if not ax.get_yticklabels() or not any(t.get_text() for t in ax.get_yticklabels()):
        ax.set_yticks([])
