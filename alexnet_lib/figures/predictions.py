"""What a network predicts, drawn: predictions, the surest mistakes, a confusion matrix."""

import matplotlib.pyplot as plt
import numpy as np

from alexnet_lib.base.text import figure_text
from alexnet_lib.data.image_set import in_memory
from alexnet_lib.figures.images import draw_image
from alexnet_lib.training.evaluate import surest_mistakes

LONGEST = 24  # letters of a name beside an image; longer ones would cover the next


def prediction_figure(data, probabilities, columns=5):
    """The `prediction_grid` of an `ImageSet`, and how many are right in it: figure and alt text.

    probabilities   float (N, C), or {stage: (N, C)}
    """
    fig = prediction_grid(data.images, data.labels, probabilities, data.classes, columns)
    stages = probabilities if isinstance(probabilities, dict) else {"": probabilities}
    counts = {name: (table.argmax(1) == data.labels).sum() for name, table in stages.items()}
    right = ", ".join(f"{count} {name}".strip() for name, count in counts.items())
    return fig, f"{len(data)} images, each with its class and what is predicted; right: {right}."


def prediction_grid(images, labels, probabilities, classes, columns=6):
    """Images with the true class above and the predicted one below: ✓ where right, else ✗.

    images uint8 (N, 3, H, W), labels int64 (N,), probabilities float (N, C); or {stage: (N, C)} for
    the predictions of several networks, one line each.
    """
    if not isinstance(probabilities, dict):
        probabilities = {"": probabilities}
    classes = [figure_text(name, LONGEST) for name in classes]
    rows, lines = max(1, -(-len(images) // columns)), len(probabilities)
    step, side = 2.7 if lines > 1 else 2.25, 1.5  # inches; a line that names its stage is wider
    above, below = 0.4, 0.25 + 0.25 * lines
    width, height = step * columns, (above + side + below) * rows
    fig = plt.figure(figsize=(width, height))
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        row, column = divmod(place, columns)
        left = step * column + (step - side) / 2
        bottom = height - (above + side + below) * row - above - side
        ax = fig.add_axes((left / width, bottom / height, side / width, side / height))
        draw_image(ax, image, classes[int(label)], fontsize=14, pad=4)
        for line, (stage, table) in enumerate(probabilities.items()):
            best = int(table[place].argmax())
            right = best == int(label)
            share = 100 * float(table[place, best])
            text = f"{'✓' if right else '✗'} {classes[best]} {share:.0f} %"
            text = text if stage == "" else f"{figure_text(stage, LONGEST)}: {text}"
            y = -(0.05 + 0.25 * line) / side
            color = "black" if right else "#a8201a"
            ax.text(0.5, y, text, transform=ax.transAxes, ha="center", va="top", color=color)
    return fig


def prediction_stages(images, labels, probabilities, classes):
    """A `prediction_grid` after some epochs of a training, {epoch: (N, C)}. Figure, alt text."""
    fig = prediction_grid(images, labels, probabilities, classes)
    right = [int((table.argmax(1) == labels).sum()) for table in probabilities.values()]
    epochs, right = (", ".join(map(str, numbers)) for numbers in (probabilities, right))
    count = len(labels)
    return fig, f"{count} images with the predictions after {epochs} epochs: right are {right}."


def mistake_grid(data, probabilities, count=12):
    """A `prediction_grid` of the images that a network classifies wrong, the surest first.

    data is an `ImageSet` or `ImageFiles`, probabilities float (N, C) as from `probabilities`.
    """
    places = surest_mistakes(probabilities, data.labels, count)
    return chosen_grid(data, places, probabilities)


def chosen_grid(data, places, probabilities, columns=6):
    """A `prediction_grid` of some of the images: `places` are their indices in `data`.

    data is an `ImageSet` or `ImageFiles`, probabilities float (N, C), those of all its images.
    """
    shown = in_memory(data.select(places))
    table = probabilities[places]
    return prediction_grid(shown.images, shown.labels, table, data.classes, columns)


def mistakes_of_each_kind(data, probabilities, count=12):
    """The surest mistake of each kind, the surest first: a `prediction_grid` and its alt text.

    Of one kind are mistakes with the same true class and the same answer: so images that are nearly
    the same are shown once. data is an `ImageSet` or `ImageFiles`, probabilities float (N, C).
    """
    places = surest_mistakes(probabilities, data.labels, len(data))
    kinds = data.labels[places] * len(data.classes) + probabilities[places].argmax(1)
    first = {}
    for place, kind in zip(places.tolist(), kinds.tolist(), strict=True):
        first.setdefault(kind, place)
    places = list(first.values())[:count]
    shares = ", ".join(f"{100 * share:.0f} %" for share in probabilities[places].max(1).values)
    return chosen_grid(data, places, probabilities), (
        f"{len(places)} images that the net got wrong, the surest mistake of each pair of classes: "
        f"{shares} sure."
    )


def plot_confusion(matrix, classes, wide=False):
    """A confusion matrix (C, C), one row per true class, as a figure in percent of each row.

    A wide one is less high, so that it is seen together with the code above it.
    """
    matrix = np.asarray(matrix, dtype=float)
    classes = [figure_text(name, LONGEST) for name in classes]
    share = 100 * matrix / matrix.sum(1, keepdims=True).clip(min=1)
    width = max(0.7 * len(classes), 3)  # inches; the cells of few classes are larger
    letters = 18 if len(classes) <= 4 else 12
    size = (1.05 * len(classes) + 1.8, 4.4) if wide else (width + 2, 6 / 7 * width + 1.6)
    fig, ax = plt.subplots(figsize=size)
    # Roots of the shares, so that one mistake in a hundred differs from none.
    look = dict(cmap="cividis", vmin=0, vmax=10, aspect="auto" if wide else "equal")
    ax.imshow(np.sqrt(share), **look)
    turned = {} if wide else dict(rotation=45, ha="right")
    ax.set_xticks(range(len(classes)), classes, **turned)
    ax.set_yticks(range(len(classes)), classes)
    ax.grid(False)
    for y, x in np.ndindex(*share.shape):
        color = "black" if share[y, x] > 30 else "white"
        place = dict(ha="center", va="center", color=color, fontsize=letters)
        ax.text(x, y, f"{share[y, x]:.0f}", **place)
    ax.set(xlabel="predicted", ylabel="true", title="Of each class, in %")
    fig.tight_layout()
    return fig


def confusion_and_worst(matrix, classes):
    """A wide `plot_confusion` that names the most frequent mistake. Figure and alt text."""
    wrong = np.asarray(matrix).copy()
    np.fill_diagonal(wrong, 0)
    true, taken = np.unravel_index(wrong.argmax(), wrong.shape)
    names = [figure_text(classes[place], LONGEST) for place in (true, taken)]
    worst = "most often confused: {}, taken for {} ({} times)".format(*names, wrong.max())
    worst = worst if wrong.any() else "no image is confused"
    fig = plot_confusion(matrix, classes, wide=True)
    fig.axes[0].set_title(f"Of each class, in %; {worst}")
    return fig, f"Confusion matrix; {worst}."
