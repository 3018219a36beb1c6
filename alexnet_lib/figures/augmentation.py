"""Data augmentation of one image, drawn."""

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from alexnet_lib.data.batches import Batches
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10
from alexnet_lib.figures.images import framed_rows, image_rows

COLUMNS, ROWS = 7, 3  # of the images in `draw_augmented`


def augmented_views(image, statistics, count, seed=0, **options):
    """One image as `Batches` with these options augments it, `count` times.

    image uint8 (3, S, S), statistics `ColorStatistics`. Returns floats (count, 3, S, S) on the
    scale of the stored pixels, 0 to 255. Does not change the state of torch's random numbers.
    """
    stack = image.expand(count, -1, -1, -1)
    data = ImageSet(stack, torch.zeros(count, dtype=torch.int64), ("one", "other"), "one image")
    options = dict(size=image.shape[-1], statistics=statistics, device="cpu") | options
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        ((images, _),) = Batches(data, count, train=True, **options)
    return images * statistics.std[:, None, None] + statistics.mean[:, None, None]


def draw_augmented(figure, pad, crop, flip, color, seed, image=None, statistics=None):
    """Fills a figure with an image, framed, and with 20 of its `augmented_views`.

    pad, crop, flip and color are those of `Batches`. image (uint8, (3, S, S)) and statistics
    (`ColorStatistics`) are of Shapes10 if None. Returns a sentence that says what is shown.
    """
    if image is None:
        image, statistics = example_image()
    side, count = image.shape[-1], COLUMNS * ROWS - 1
    drawn = augmented_views(
        image, statistics, count, seed, pad=pad, crop=crop, flip=flip, color=color
    )
    ax = figure.add_axes((0.005, 0.01, 0.99, 0.98))
    framed_rows(ax, torch.cat([image[None].float(), drawn]).split(COLUMNS))
    frame = dict(fill=False, edgecolor="C1", linewidth=6, clip_on=False)
    ax.add_patch(plt.Rectangle((-0.5, -0.5), side, side, **frame))
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


@cache
def example_image():
    """An image of Shapes10, and the color statistics of its data set."""
    images, labels = map(torch.from_numpy, draw_shapes10(500, seed=4))
    return images[24], color_statistics(ImageSet(images, labels, SHAPES10_CLASSES, SHAPES10_NAME))


def beside_stored(image, named):
    """A figure with a row for each name: the stored image, and then its versions, numbered from 1.

    image (3, S, S), named {name: versions (N, 3, S, S)}; values are 0 to 255.
    """
    rows = {name: torch.cat([image[None].float(), drawn]) for name, drawn in named.items()}
    return image_rows(rows, ["stored", *range(1, max(map(len, rows.values())))])


def letter_images(text):
    """An image of each letter of a text, black on white: uint8 (N, 3, 64, 64)."""
    font, images = ImageFont.load_default(52), []
    for letter in text:
        image = Image.new("RGB", (64, 64), "white")
        ImageDraw.Draw(image).text((32, 32), letter, fill="black", font=font, anchor="mm")
        images.append(torch.from_numpy(np.array(image)).permute(2, 0, 1))
    return torch.stack(images)
