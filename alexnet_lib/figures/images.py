"""Images in rows, what augmentation makes of one of them, and what a net gets wrong."""

from dataclasses import replace
from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.collections import PolyCollection

from alexnet_lib.data.batches import Batches
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10
from alexnet_lib.figures import curves as plots
from alexnet_lib.training.evaluate import surest_mistakes

COLUMNS, ROWS = 7, 3  # of the pictures in `augmented`


def square(data):
    """The `ImageSet` with what is left of each image when a square is cut from its upper left."""
    side = min(data.images.shape[-2:])
    return replace(data, images=data.images[..., :side, :side])


def rows(named, columns=()):
    """A figure with a row of images for each name; `columns` are headings above them.

    named   {name: images N×3×H×W}: uint8 or float, 0 to 255; what lies beyond is cut off.
            Rows may differ in number and in size; a smaller image is drawn smaller
    """
    longest = max(map(len, named.values()))
    margin = 0.2 + 0.115 * max(map(len, named))  # inches, for the names
    above = 0.4 if columns else 0.05
    width, height = 0.95 * longest, 0.95 * len(named)
    fig = plt.figure(figsize=(margin + width + 0.05, above + height + 0.05))
    x, y = margin / fig.get_figwidth(), 0.05 / fig.get_figheight()
    place = (x, y, width / fig.get_figwidth(), height / fig.get_figheight())
    step = _grid(fig.add_axes(place), list(named.values()))
    fig.axes[0].set_yticks([(row + 0.45) * step for row in range(len(named))], list(named))
    fig.axes[0].set_xticks([(n + 0.45) * step for n in range(len(columns))], columns)
    return fig


def views(image, statistics, count, seed=0, **options):
    """`count` random draws of what `Batches` with these options makes of one image.

    image uint8 3×S×S, statistics `ColorStatistics`. Returns floats count×3×S×S on the scale of
    the stored pixels, 0 to 255. torch's own random numbers stay as they are.
    """
    stack = image.expand(count, -1, -1, -1)
    data = ImageSet(stack, torch.zeros(count, dtype=torch.int64), ("one", "other"), "one image")
    options = dict(size=image.shape[-1], statistics=statistics, device="cpu") | options
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        ((images, _),) = Batches(data, count, train=True, **options)
    return images * statistics.std[:, None, None] + statistics.mean[:, None, None]


def augmented(figure, pad, crop, flip, color, seed, image=None, statistics=None):
    """Fills a figure with an image, framed, and with 20 of its `views`.

    pad, crop, flip and color are those of `Batches`. image (uint8, 3×S×S) and statistics
    (`ColorStatistics`) are of Shapes10 if None. Returns what is to be seen.
    """
    if image is None:
        image, statistics = example()
    side, count = image.shape[-1], COLUMNS * ROWS - 1
    drawn = views(image, statistics, count, seed, pad=pad, crop=crop, flip=flip, color=color)
    ax = figure.add_axes((0.005, 0.01, 0.99, 0.98))
    _grid(ax, torch.cat([image[None].float(), drawn]).split(COLUMNS))
    ax.add_patch(plt.Rectangle((-0.5, -0.5), side, side, fill=False, edgecolor="C1", linewidth=6))
    places = side + 2 * pad - round(crop * side) + 1
    versions = places**2 * (2 if flip else 1)
    made = "makes 1 version" if versions == 1 else f"make {versions:,} versions"
    where = f"{places}×{places} place{'s' if places > 1 else ''}"
    shift = color * statistics.components.norm(dim=0).max()
    return (
        f"The stored image, framed, and {count} draws: {where}"
        f"{', mirrored or not,' if flip else ''} {made}; colors move by "
        f"{shift:.1f} levels of 255 (one standard deviation along the first eigenvector)."
    )


def mistakes(data, probabilities, count=12):
    """The images that a net got wrong, the surest first: the true class above, its answer below.

    data is an `ImageSet` or `ImageFiles`, probabilities float N×C as from `probabilities`.
    """
    places = surest_mistakes(probabilities, data.labels, count)
    shown = data.select(places)
    if isinstance(shown, ImageFiles) and len(shown):
        shown = shown.sample(len(shown))
    images = shown.images if len(shown) else ()
    return plots.predictions(images, shown.labels, probabilities[places], data.classes)


@cache
def example():
    """A picture of Shapes10, and its data's color statistics."""
    images, labels = map(torch.from_numpy, draw_shapes10(500, seed=4))
    return images[24], color_statistics(ImageSet(images, labels, SHAPES10_CLASSES, SHAPES10_NAME))


def _grid(ax, lines):
    """Draws rows of images into `ax` as one, thinly framed, so that a white one is seen too.

    Returns the pixels from one image to the next.
    """
    side = max(images.shape[-1] for images in lines)
    gap = max(1, side // 8)
    step = side + gap
    canvas = torch.full((len(lines) * step - gap, max(map(len, lines)) * step - gap, 3), 255.0)
    frames = []
    for y, images in enumerate(lines):
        for x, image in enumerate(images):
            height, width = image.shape[-2:]
            top, left = y * step + (side - height) // 2, x * step + (side - width) // 2
            canvas[top : top + height, left : left + width] = image.permute(1, 2, 0)
            edges = left - 0.5, left + width - 0.5, top - 0.5, top + height - 0.5
            frames.append([(edges[i], edges[j]) for i, j in ((0, 2), (1, 2), (1, 3), (0, 3))])
    ax.imshow(canvas.round().clamp(0, 255).byte().numpy(), interpolation="nearest")
    look = dict(facecolors="none", edgecolors="0.6", linewidths=0.8, clip_on=False)
    ax.add_collection(PolyCollection(frames, **look), autolim=False)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.set(xticks=[], yticks=[])
    return step
