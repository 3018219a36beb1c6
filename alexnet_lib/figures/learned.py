"""What a trained network has learned, drawn: filters, maps, neighbors, heat maps, transfer."""

import matplotlib.pyplot as plt
import numpy as np

from alexnet_lib.base.text import figure_text
from alexnet_lib.figures.images import bare, channels_last, full_contrast, mosaic

LONGEST = 12  # letters of a class name above an image
# Filters of the shipped network's conv1 in notebook 09: as it numbers them, and those of its maps.
SHOWN_FILTERS, SHOWN_MAPS = (7, 26, 9, 19), (26, 9, 19, 7)


def filter_panels(named, columns=8):
    """Filters (N, 3, K, K) in a panel for each name, in rows of `columns`; zero is gray.

    Each filter is drawn at its own full contrast, so that sizes of weights do not show.
    """
    rows = max(-(-len(filters) // columns) for filters in named.values())
    width = 12.5 / len(named)
    shape = dict(figsize=(12.5, 0.45 + width * rows / columns), layout="constrained")
    fig, axes = plt.subplots(1, len(named), squeeze=False, **shape)
    for ax, (name, filters) in zip(axes[0], named.items(), strict=True):
        pictures = [full_contrast(one) for one in filters]
        lines = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
        ax.imshow(mosaic(lines, gap=1, margin=1), interpolation="nearest")
        bare(ax)
        ax.set_title(figure_text(name))
    return fig


def dots(named, across, up):
    """Points in one panel, from 0 to 1 both ways: {name: (values across, values up)}, (N,) each."""
    fig, ax = plt.subplots(figsize=(6.4, 5), layout="constrained")
    for marker, (name, (x, y)) in zip("xos^", named.items(), strict=False):
        ax.plot(x, y, marker, label=figure_text(name), alpha=0.85)
    ax.set(xlabel=across, ylabel=up, xlim=(0, 1), ylim=(0, 1))
    ax.legend(loc="upper right")
    return fig


def filters_and_maps(image, filters, maps):
    """An image (3, H, W) of bytes, filters with a number each, and maps (N, h, w) with a letter."""
    fig = plt.figure(figsize=(12.5, 4.3), layout="constrained")
    whole, right = fig.subfigures(1, 2, width_ratios=(1, 2.6))
    ax = whole.subplots()
    ax.imshow(channels_last(image), interpolation="nearest")
    ax.set_title("the image")
    bare(ax)
    axes = right.subplots(2, len(filters))
    for number, (ax, one) in enumerate(zip(axes[0], filters, strict=True), 1):
        ax.imshow(full_contrast(one), interpolation="nearest")
        ax.set_title(f"filter {number}")
        bare(ax)
    for letter, ax, one in zip("ABCDEFGH", axes[1], maps, strict=False):
        _draw_map(ax, one)
        ax.set_title(f"map {letter}")
    return fig


def map_rows(image, layers, shown=10):
    """An image (3, H, W) of bytes, and below it a row of maps for each layer.

    layers   {name: float (C, h, w)}: the outputs for this image; the `shown` channels with the
             largest mean are drawn, bright where the output is large, from 0 to the row's largest
    """
    step = 12.5 / (shown + 2)
    shape = dict(figsize=(12.5, step * len(layers) + 0.2), layout="constrained")
    fig, axes = plt.subplots(len(layers), shown + 2, squeeze=False, **shape)
    for row, (name, maps) in zip(axes, layers.items(), strict=True):
        for ax in row:
            ax.axis("off")
        side = "×".join(map(str, maps.shape[-2:]))
        words = f"{figure_text(name)}\n{len(maps)} maps\nof {side}"
        row[1].text(0.5, 0.5, words, ha="center", va="center", transform=row[1].transAxes)
        order = maps.mean((1, 2)).argsort(descending=True)[:shown]
        for ax, channel in zip(row[2:], order.tolist(), strict=False):
            _draw_map(ax, maps[channel], largest=float(maps[order].max()))
    axes[0, 0].axis("on")
    axes[0, 0].imshow(channels_last(image), interpolation="nearest")
    bare(axes[0, 0])
    return fig


def neighbor_rows(data, near, stored, titles):
    """Images, one per row, and beside each its neighbors: ✓ where they have its class, else ✗.

    data     an `ImageSet`: the images
    near     a list of int64 (N, k): for each of `titles` the indices in `stored` of the neighbors
    stored   an `ImageSet` with the same classes
    """
    blocks, count = len(near), near[0].shape[1]
    widths = [1, *([0.4] + [1] * count) * blocks]
    fig, axes = plt.subplots(
        len(data), len(widths), squeeze=False, width_ratios=widths,
        figsize=(12.5, 0.45 + 1.13 * len(data)), gridspec_kw=dict(wspace=0.08, hspace=0.32),
    )  # fmt: skip
    for ax in axes.flat:
        bare(ax)
    for row, label in enumerate(data.labels.tolist()):
        axes[row, 0].imshow(channels_last(data.images[row]), interpolation="nearest")
        axes[row, 0].set_xlabel(figure_text(data.classes[label], LONGEST), labelpad=2)
        for block, table in enumerate(near):
            for place, index in enumerate(table[row].tolist()):
                ax = axes[row, 2 + block * (count + 1) + place]
                ax.imshow(channels_last(stored.images[index]), interpolation="nearest")
                same = int(stored.labels[index]) == label
                color = "black" if same else "#a8201a"
                ax.set_xlabel("✓" if same else "✗", labelpad=1, color=color)
    for block, title in enumerate(titles):
        first = axes[0, 2 + block * (count + 1)]
        first.set_title(figure_text(title), loc="left")
    axes[0, 0].set_title("image", loc="left")
    return fig


def heat_rows(images, heads, named):
    """Images (N, 3, H, W) of bytes in a row under `heads`, and below a row of maps for each name.

    named   {name: float (N, h, w)}; each map is drawn from its smallest value (dark) to its largest
    """
    step = min(2.0, 10.4 / len(images))
    shape = (2.1 + step * len(images), 0.3 + step * (1 + len(named)))
    fig, axes = plt.subplots(
        1 + len(named), 1 + len(images), squeeze=False, figsize=shape, layout="constrained",
        width_ratios=[1.9, *[step] * len(images)],
    )  # fmt: skip
    for ax, name in zip(axes[:, 0], ["", *named], strict=True):
        ax.axis("off")
        words = figure_text(name).replace(", ", ",\n")
        ax.text(1, 0.5, words, ha="right", va="center", transform=ax.transAxes)
    for ax, image, head in zip(axes[0, 1:], images, heads, strict=True):
        ax.imshow(channels_last(image), interpolation="nearest")
        ax.set_title(head, fontsize=12)
        bare(ax)
    for row, maps in zip(axes[1:], named.values(), strict=True):
        for ax, one in zip(row[1:], maps, strict=True):
            _draw_map(ax, one, least=float(one.min()))
    return fig


def transfer_chart(named, counts):
    """Accuracy by number of training images: a line of means for each name, a dot for each seed.

    named   {name: a list for each of `counts` of accuracies in percent, one per seed}
    """
    fig, ax = plt.subplots(figsize=(9, 4.4), layout="constrained")
    for look, marker, (name, values) in zip(("-", "--", ":"), "os^", named.items(), strict=False):
        (line,) = ax.plot(counts, [np.mean(seeds) for seeds in values], look)
        for count, seeds in zip(counts, values, strict=True):
            ax.plot([count] * len(seeds), seeds, marker, color=line.get_color(), alpha=0.7)
        ax.plot([], [], look, marker=marker, color=line.get_color(), label=figure_text(name))
    ax.set_xscale("log")
    ax.set_xticks(counts, [f"{count:,}" for count in counts])
    ax.minorticks_off()
    ax.set(xlabel="training images of the new classes", ylabel="test accuracy in %")
    ax.legend()
    return fig


def _draw_map(ax, one, least=0.0, largest=None):
    largest = float(one.max()) if largest is None else largest
    look = dict(cmap="cividis", vmin=least, vmax=max(largest, least + 1e-9))
    ax.imshow(np.asarray(one), interpolation="nearest", **look)
    ax.axis("on")
    bare(ax)
