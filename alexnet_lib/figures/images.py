"""Images side by side: some of each class, or rows with names."""

from dataclasses import replace
from itertools import zip_longest

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PolyCollection

from alexnet_lib.base.text import figure_text

GRID_ROWS = 30  # classes of which samples are drawn
GRID_COLUMNS = 12  # the same, side by side


def image_grid(data, per_class=10, side=0.75):
    """A figure with `per_class` images of each class of an `ImageSet`, one row per class.

    `side` is that of an image and the gap beside it, in inches. Of more than GRID_ROWS classes
    only the first ones are drawn.
    """
    classes = data.classes[:GRID_ROWS]
    chosen = _some_of_each(data.labels, len(classes), per_class)
    rows = [[channels_last(data.images[n]) for n in places] for places in chosen]
    fig, ax = plt.subplots(figsize=(side * per_class + 1.5, side * len(rows)))
    pixels = max(data.images.shape[-2:])
    ax.imshow(mosaic(rows, pixels // 8), interpolation="nearest")
    step = pixels + pixels // 8
    bare(ax)
    ax.set_yticks([pixels / 2 + row * step for row in range(len(rows))], map(figure_text, classes))
    fig.tight_layout()
    return fig


def _some_of_each(labels, classes, count):
    """Indices of `count` images of each of the first classes, the same draws each time."""
    random, labels, chosen = np.random.default_rng(0), labels.numpy(), []
    for label in range(classes):
        places = np.flatnonzero(labels == label)
        chosen.append(random.choice(places, min(count, len(places)), replace=False).tolist())
    return chosen


def crop_square(data):
    """The `ImageSet` with each image cropped to a square, at its upper left corner."""
    side = min(data.images.shape[-2:])
    return replace(data, images=data.images[..., :side, :side])


def image_rows(named, columns=()):
    """A figure with a row of images for each name; `columns` are headings above them.

    named   {name: images (N, 3, H, W)}: uint8 or float, 0 to 255; values beyond are clipped.
            Rows may differ in the number and in the size of images; smaller ones are drawn smaller
    """
    longest = max(map(len, named.values()))
    margin = 0.2 + 0.115 * max(len(figure_text(name)) for name in named)  # inches, for the names
    above = 0.4 if columns else 0.05
    width, height = 0.95 * longest, 0.95 * len(named)
    fig = plt.figure(figsize=(margin + width + 0.05, above + height + 0.05))
    x, y = margin / fig.get_figwidth(), 0.05 / fig.get_figheight()
    place = (x, y, width / fig.get_figwidth(), height / fig.get_figheight())
    step = framed_rows(fig.add_axes(place), list(named.values()))
    rows, heads = ([figure_text(name) for name in names] for names in (named, columns))
    fig.axes[0].set_yticks([(row + 0.45) * step for row in range(len(rows))], rows)
    fig.axes[0].set_xticks([(n + 0.45) * step for n in range(len(heads))], heads)
    return fig


def framed_rows(ax, lines):
    """Draws rows of images (N, 3, H, W) into `ax`, with thin frames, so that white ones show too.

    Values are 0 to 255, those beyond are clipped. Returns how many pixels there are from one image
    to the next.
    """
    side = max(images.shape[-1] for images in lines)
    gap = max(1, side // 8)
    step = side + gap
    rows = [[_bytes(image) for image in images] for images in lines]
    frames = []
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            (top, bottom), (left, right) = field(image, side, y * step, x * step)
            edges = left - 0.5, right - 0.5, top - 0.5, bottom - 0.5
            frames.append([(edges[i], edges[j]) for i, j in ((0, 2), (1, 2), (1, 3), (0, 3))])
    ax.imshow(mosaic(rows, gap), interpolation="nearest")
    look = dict(facecolors="none", edgecolors="0.6", linewidths=0.8, clip_on=False)
    ax.add_collection(PolyCollection(frames, **look), autolim=False)
    bare(ax)
    ax.tick_params(labeltop=True, labelbottom=False)
    return step


def _bytes(image):
    """An image (3, H, W) of numbers around 0 to 255 as uint8 (H, W, 3)."""
    return channels_last(image.float().round().clamp(0, 255).byte())


def mosaic(rows, gap, margin=0):
    """Rows of images (h, w, 3) as one array (H, W, 3), each in the middle of a square field.

    There are `gap` white pixels between two fields and `margin` around all of them. A field is as
    large as the largest side of an image. White is 255 for integers and 1 for floats.
    """
    images = [image for row in rows for image in row]
    side = max(max(image.shape[:2]) for image in images)
    step, width = side + gap, max(map(len, rows))
    shape = (len(rows) * step - gap + 2 * margin, width * step - gap + 2 * margin, 3)
    white = 255 if np.issubdtype(images[0].dtype, np.integer) else 1
    canvas = np.full(shape, white, images[0].dtype)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            (top, bottom), (left, right) = field(image, side, y * step, x * step)
            canvas[top + margin : bottom + margin, left + margin : right + margin] = image
    return canvas


def field(image, side, top, left):
    """Where an image (h, w, …) is in a square field: (top, bottom), (left, right), end excluded."""
    height, width = image.shape[:2]
    top, left = top + (side - height) // 2, left + (side - width) // 2
    return (top, top + height), (left, left + width)


def channels_last(image):
    """An image (3, H, W), a tensor or an array, as an array (H, W, 3)."""
    return np.asarray(image).transpose(1, 2, 0)


def full_contrast(weights):
    """A filter (3, K, K) as an image (K, K, 3) from 0 to 1 at full contrast; zero becomes gray."""
    return channels_last(0.5 + 0.5 * weights / weights.abs().max().clamp(min=1e-6))


def draw_image(ax, image, title, **look):
    """Draws an image (3, H, W) into a panel, below a title, whose options are `look`.

    uint8 or float, 0 to 255; values beyond are clipped.
    """
    ax.imshow(_bytes(image), interpolation="nearest")
    ax.set_title(title, **look)
    bare(ax)


def bare(ax):
    """Removes grid, frame and ticks of a panel that shows images."""
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set(xticks=[], yticks=[])


def class_columns(data, per_class=4):
    """A column with `per_class` images of each class of an `ImageSet`. Figure and alt text.

    Of more than GRID_COLUMNS classes only the first ones are drawn.
    """
    classes = data.classes[:GRID_COLUMNS]
    columns = _some_of_each(data.labels, len(classes), per_class)
    side = max(data.images.shape[-2:])
    step, few = side + side // 8, zip_longest(*columns)
    empty = np.full((1, 1, 3), 255, np.uint8)
    rows = [[empty if n is None else channels_last(data.images[n]) for n in row] for row in few]
    width, height, above = 1.05 * len(classes), 1.05 * len(rows), 0.4  # inches
    fig = plt.figure(figsize=(width, height + above))
    ax = fig.add_axes((0, 0, 1, height / (height + above)))
    ax.imshow(mosaic(rows, side // 8), interpolation="nearest")
    bare(ax)
    ax.set_xticks([side / 2 + n * step for n in range(len(classes))], map(figure_text, classes))
    ax.tick_params(labeltop=True, labelbottom=False)
    return fig, f"{per_class} images of each class, a column for each: {', '.join(classes)}."


def large_images(named):
    """Images side by side, equally large, with name and side above each: "stored: 32 pixels".

    named   {name: image (3, S, S)}: uint8 or float, 0 to 255; values beyond are clipped
    """
    fig, axes = plt.subplots(1, len(named), figsize=(3.3 * len(named), 3.3), squeeze=False)
    for ax, (name, image) in zip(axes[0], named.items(), strict=True):
        draw_image(ax, image, f"{figure_text(name)}: {image.shape[-1]} pixels")
    fig.tight_layout()
    return fig
