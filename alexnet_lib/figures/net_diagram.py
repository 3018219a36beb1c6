"""Diagrams of a net, drawn to scale from its layer table, and of windows on a grid of pixels."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from alexnet_lib.nets.layer_table import layer_table, output_size

CHANNEL = 0.18  # how far right and up a channel goes, where a pixel's side is 1
COLUMN = 84  # the least room that a box and its label get
SHADES = ListedColormap(["#ffffff", "#d9d9d9", "#4a90d9"])  # a pixel, padding, one that is read
CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])  # of a square


def network(model="paper", input_size=227, num_classes=1000, image=None):
    """A figure of what flows through a net: each layer's output as a box, to scale.

    The front of a box is one map, pixel by pixel; its depth is the number of channels. The
    units of a fully-connected layer are drawn as a square: 4096 as 64×64. `image` (uint8,
    3×H×W) is drawn where the net's input stands.
    """
    fig, ax = plt.subplots(figsize=(12, 3.6))
    boxes(ax, model, input_size, num_classes, image)
    fig.tight_layout(pad=0.3)
    return fig


def boxes(ax, model="paper", input_size=227, num_classes=1000, image=None):
    """Draws the boxes of `network` into `ax`; returns {layer's name: x of its label}."""
    rows = layer_table(model, input_size, num_classes)
    shapes = {row.name: row.shape for row in rows if row.kind in ("conv", "pool", "fc")}
    left, places = 0, {}
    for name, shape in {"image": (3, input_size, input_size), **shapes}.items():
        channels, side = (shape[0], shape[-1]) if len(shape) == 3 else (1, shape[0] ** 0.5)
        depth = CHANNEL * channels
        column = max(COLUMN, side + depth + 16)
        places[name] = left + column / 2
        x = places[name] - (side + depth) / 2
        _box(ax, x, side, depth, _color(name))
        if name == "image" and image is not None:
            extent, pixels = (x, x + side, -side / 2, side / 2), np.asarray(image)
            ax.imshow(pixels.transpose(1, 2, 0), extent=extent, interpolation="nearest", zorder=3)
        size = f"{side}×{side}\n× {channels}" if len(shape) == 3 else f"{shape[0]}"
        ax.text(places[name], -input_size / 2 - 10, f"{name}\n{size}", ha="center", va="top")
        left += column
    ax.set(xlim=(0, left), ylim=(-input_size / 2 - 72, input_size / 2 + 2))
    ax.set_aspect("equal")
    ax.axis("off")
    return places


def _color(name):
    return "C0" if name.startswith("conv") else "C1" if name.startswith("fc") else "0.65"


def _box(ax, x, side, depth, color):
    """A box with its square front at x, the front's middle at y=0."""
    low, high, right = -side / 2, side / 2, x + side
    front = [(x, low), (right, low), (right, high), (x, high)]
    top = [(x, high), (right, high), (right + depth, high + depth), (x + depth, high + depth)]
    flank = [(right, low), (right + depth, low + depth), (right + depth, high + depth)]
    for points, light in ((front, 0.25), (top, 0.6), ([*flank, (right, high)], 0)):
        shade = [light + (1 - light) * part for part in to_rgb(color)]
        ax.add_patch(plt.Polygon(points, facecolor=shade, edgecolor="0.2", linewidth=0.8))


def windows(figure, size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    """Fills a figure with the windows of a convolution or a pooling, and how they are counted.

    Left the image, with a dot in the middle of each window, the first and the last one framed
    and the pixels of the first filled; right one of its rows, once for each window. Padding is
    gray, what no window reads is hatched. Returns in a sentence what is seen. Raises ValueError
    as `output_size` does.
    """
    layer = (size, kernel_size, stride, padding, dilation, ceil_mode)
    reads = _reads(*layer)
    count, columns = reads.shape
    span, (left, right) = dilation * (kernel_size - 1) + 1, "⌈⌉" if ceil_mode else "⌊⌋"
    _plane(figure.add_axes((0.03, 0.09, 0.35, 0.74)), reads, size, padding, stride, span)
    staircase(figure.add_axes((0.47, 0.13, 0.51, 0.7)), *layer)
    wide, room = size + 2 * padding, size + 2 * padding - span
    most = (-(-room // stride) if ceil_mode else room // stride) + 1
    shown = f"{size} + 2·{padding}" if padding else f"{size}"
    words = f"{left}({shown} − {span}) / {stride}{right} + 1"
    words += f" = {left}{room / stride:.4g}{right} + 1 = {most}"
    if count < most:
        words += f", but one would start beyond the image: {count}"
    places = f"{count}·{count} windows, first and last framed"
    heads = {0.205: places, 0.725: "one row, once for each window"}
    for x, head in heads.items():  # texts, for a title's place takes longer to find
        figure.text(x, 0.855, head, ha="center")
    figure.text(0.5, 0.93, words, ha="center", fontsize=16)
    unread, over = int((~reads.any(0)).sum()), columns - wide
    return (
        f"Image {size}×{size}, kernel {kernel_size}×{kernel_size}, stride {stride}: {words}. "
        f"Output {count}×{count}; columns that no window reads: {unread}"
        + (f"; the last window reaches {over} over the edge." if over else ".")
    )


def staircase(ax, size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    """Draws one row of an image into `ax` once for each window, the window's pixels filled.

    Pixels are numbered from 1. Padding is gray, what no window reads is hatched.
    """
    reads = _reads(size, kernel_size, stride, padding, dilation, ceil_mode)
    count, columns = reads.shape
    shades = np.where(reads, 2, _is_padding(columns, size, padding))
    first, last = 0.5 - padding, columns - padding + 0.5
    ax.imshow(shades, SHADES, vmin=0, vmax=2, extent=(first, last, count + 0.5, 0.5), aspect="auto")
    ax.vlines(np.arange(first, last + 1), 0.5, count + 0.5, color="0.6", linewidth=0.6)
    ax.hlines(np.arange(0.5, count + 1), first, last, color="0.6", linewidth=0.6)
    ax.vlines((0.5, size + 0.5), 0.5, count + 0.5, color="black", linewidth=2.2)
    _hatch(ax, [(first + column, 0.5) for column in np.flatnonzero(~reads.any(0))], 1, count)
    ax.set(xlabel="pixel of the row", ylabel="window")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    for axis, end in ((ax.xaxis, size), (ax.yaxis, count)):
        axis.set_ticks(range(1, end + 1, 1 + end // 9))


def _plane(ax, reads, size, padding, stride, span):
    """The image of `windows`: the first and the last window, a dot in each, the grid."""
    count, columns = reads.shape
    outside = _is_padding(columns, size, padding)
    first, last = 0.5 - padding, columns - padding + 0.5
    extent = (first, last, last, first)
    shades = np.where(np.outer(reads[0], reads[0]), 2, np.maximum.outer(outside, outside))
    ax.imshow(shades, SHADES, vmin=0, vmax=2, extent=extent)
    lines = np.arange(first, last + 1)
    ax.vlines(lines, first, last, color="0.6", linewidth=0.6)
    ax.hlines(lines, first, last, color="0.6", linewidth=0.6)
    unread = first + np.flatnonzero(~reads.any(0))
    _hatch(ax, [(place, first) for place in unread], 1, columns)
    _hatch(ax, [(first, place) for place in unread], columns, 1)
    middles = first + span / 2 + stride * np.arange(count)
    ax.plot(*map(np.ravel, np.meshgrid(middles, middles)), ".", color="0.15")
    for corner, line in ((first, "-"), (first + stride * (count - 1), "--")):
        look = dict(fill=False, edgecolor="C1", linewidth=3, linestyle=line, clip_on=False)
        ax.add_patch(plt.Rectangle((corner, corner), span, span, **look))
    look = dict(fill=False, edgecolor="black", linewidth=2.2)
    ax.add_patch(plt.Rectangle((0.5, 0.5), size, size, **look))
    ax.set_axis_off()


def _reads(size, kernel_size, stride, padding, dilation, ceil_mode):
    """Which columns each window reads, with padding and those over the edge: windows×columns."""
    count = output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
    span = dilation * (kernel_size - 1) + 1
    reads = np.zeros((count, max(size + 2 * padding, (count - 1) * stride + span)), bool)
    for number in range(count):
        reads[number, number * stride : number * stride + span : dilation] = True
    return reads


def _is_padding(columns, size, padding):
    """1 for each of the columns that lies outside the image, else 0."""
    places = np.arange(columns) - padding
    return ((places < 0) | (places >= size)).astype(int)


def _hatch(ax, corners, width, height):
    """Hatches the rectangles with these lower corners as one patch, which draws quickly."""
    if len(corners):
        rectangles = [Path(np.add(CORNERS * (width, height), corner)) for corner in corners]
        look = dict(facecolor="#f5c9a0", edgecolor="#a8201a", hatch="////", linewidth=0)
        ax.add_patch(PathPatch(Path.make_compound_path(*rectangles), **look))


def pooling(grid, sizes=(2, 3), stride=2):
    """A figure of max pooling: for each size the numbers with its windows, and the results.

    A number is the darker the more windows see it; a window and its result are framed alike.
    """
    grid = np.asarray(grid)
    widths = [side for size in sizes for side in (len(grid), output_size(len(grid), size, stride))]
    fig, axes = plt.subplots(1, len(widths), figsize=(12, 4), width_ratios=widths)
    for place, size in enumerate(sizes):
        before, after = axes[2 * place : 2 * place + 2]
        results = np.zeros((widths[2 * place + 1],) * 2)
        seen = np.zeros(grid.shape)
        for number, (y, x) in enumerate(np.ndindex(results.shape)):
            window = (slice(stride * y, stride * y + size), slice(stride * x, stride * x + size))
            results[y, x] = grid[window].max()
            seen[window] += 1
            inset = 0.04 + 0.06 * (number % 3)  # or windows that overlap hide one another
            look = dict(color=f"C{number % 10}", linestyle=("-", "--", ":", "-.")[number % 4])
            _frame(before, stride * x, stride * y, size, inset, **look)
            _frame(after, x, y, 1, inset, **look)
        for ax, values, shades in ((before, grid, seen), (after, results, np.ones_like(results))):
            ax.imshow(shades, cmap="Greys", vmin=0, vmax=9)
            for (y, x), value in np.ndenumerate(values):
                ax.text(x, y, f"{value:.3g}", ha="center", va="center", fontsize=17)
            ax.set_axis_off()
        before.set_title(f"windows of {size}, stride {stride}")
        after.set_title("largest")
    fig.tight_layout(pad=0.5)
    return fig


def _frame(ax, x, y, side, inset, **look):
    """Frames `side` fields from field (x, y) on, a little inside of their outline."""
    ends = np.array((-0.5 + inset, side - 0.5 - inset))[[0, 1, 1, 0, 0]]
    ax.plot(x + ends, y + np.roll(ends, 1), linewidth=3, **look)
