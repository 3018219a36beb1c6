"""Windows on a grid of pixels: where those of a convolution or a pool are, and what they read."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from alexnet_lib.nets.sizes import output_size

SHADES = ListedColormap(["#ffffff", "#d9d9d9", "#4a90d9"])  # a pixel, padding, one that is read
DARKEST = 7  # so many windows would make a background black; 4 still leave its number readable
CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])  # of a square


def draw_windows(figure, size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    """Fills a figure with the windows of a convolution or a pooling, and how they are counted.

    On the left is the image, with a dot in the middle of each window, the first and the last one
    framed and the pixels of the first filled; on the right one of its rows, once for each window.
    Padding is gray, what no window reads is hatched. Returns a sentence that says what is shown.
    Raises ValueError as `output_size` does.
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
    places = f"{count**2} windows ({count} × {count}), first and last framed"
    heads = {0.205: places, 0.725: "one row, drawn once for each window"}
    for x, head in heads.items():  # texts, for a title's place takes longer to find
        figure.text(x, 0.855, head, ha="center")
    figure.text(0.5, 0.93, words, ha="center", fontsize=16)
    unread, over = int((~reads.any(0)).sum()), columns - wide
    kernel = f"kernel {kernel_size}×{kernel_size}, stride {stride}"
    kernel += f", dilation {dilation}" if dilation > 1 else ""
    return (
        f"Image {size}×{size}, {kernel}: {words}. "
        f"Output {count}×{count}; columns that no window reads: {unread}"
        + (f"; the last window extends {over} beyond the edge." if over else ".")
    )


def windows_figure(size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    """A figure with what `draw_windows` draws, and the sentence, its alt text."""
    fig = plt.figure(figsize=(10, 4.4))
    return fig, draw_windows(fig, size, kernel_size, stride, padding, dilation, ceil_mode)


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
    """The image of `draw_windows`: the first and the last window, a dot in each, the grid."""
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


def convolution_figure(image, kernel, feature_map):
    """A gray image, a kernel and the feature map, all with their numbers. Figure and alt text.

    All three are matrices of numbers. The first window and its result are framed.
    """
    parts = {"image": image, "kernel": kernel, "feature map": feature_map}
    widths = [len(grid[0]) for grid in parts.values()]
    fig, axes = plt.subplots(1, 3, figsize=(11, 4), width_ratios=widths)
    framed = {"image": kernel.shape, "feature map": (1, 1)}
    shown = list(zip(axes, map(np.asarray, parts.values()), strict=True))
    for name, (ax, grid) in zip(parts, shown, strict=True):
        height, width = grid.shape
        ax.imshow(grid, cmap="gray", vmin=2 * grid.min() - grid.max())  # from mid-gray to white
        ax.spines[:].set_visible(True)
        ax.set(xticks=[], yticks=[], title=f"{name}, {height}×{width}")
        for (y, x), value in np.ndenumerate(grid):
            ax.text(x, y, f"{value:.3g}", ha="center", va="center", fontsize=18)
        if name in framed:
            rows, columns = framed[name]
            look = dict(fill=False, edgecolor="C1", linewidth=5, clip_on=False)
            ax.add_patch(plt.Rectangle((-0.5, -0.5), columns, rows, **look))
    words = ". ".join(f"{ax.get_title().capitalize()}: {_lines(grid)}" for ax, grid in shown)
    return fig, f"{words}. The first window, and its number in the map, are framed."


def pooling_figure(grid, sizes=(2, 3), stride=2):
    """Max pooling: for each size the numbers with its windows, and the results. Figure, alt text.

    The more windows contain a number, the darker its background, as the legend says. A window and
    its result have the same frame.
    """
    grid = np.asarray(grid)
    widths = [side for size in sizes for side in (len(grid), output_size(len(grid), size, stride))]
    fig, axes = plt.subplots(1, len(widths), figsize=(12, 4.4), width_ratios=widths)
    gray, told = plt.get_cmap("Greys"), [f"Max pooling of {_lines(grid)}"]
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
        for ax, values, shades in ((before, grid, seen), (after, results, np.zeros_like(results))):
            ax.imshow(shades, gray, vmin=0, vmax=DARKEST)
            for (y, x), value in np.ndenumerate(values):
                ax.text(x, y, f"{value:.3g}", ha="center", va="center", fontsize=17)
            ax.set_axis_off()
        before.set_title(f"windows of {size}×{size}, stride {stride}")
        after.set_title("maxima")
        apart = f"they overlap in {(seen > 1).sum()} numbers" if size > stride else "side by side"
        told.append(
            f"windows of {size}×{size}, stride {stride}, {apart}, {(seen == 0).sum()} "
            f"numbers in none of them: maxima {_lines(results)}"
        )
        for place, windows in enumerate(np.unique(seen).astype(int)):  # the legend, below the grid
            x, y = 2 * place - 0.5, len(grid) - 0.2
            look = dict(facecolor=gray(windows / DARKEST), edgecolor="0.3", clip_on=False)
            before.add_patch(plt.Rectangle((x, y), 0.4, 0.4, **look))
            words = f"{windows} window" if windows == 1 else f"{windows} windows"
            before.text(x + 0.5, y + 0.2, words, va="center", fontsize=12)
    fig.tight_layout(pad=0.5)
    return fig, f"{'; '.join(told)}."


def _lines(grid):
    """The numbers of a matrix in words: "0 1 / 2 3"."""
    return " / ".join(" ".join(f"{value:.3g}" for value in row) for row in grid)


def _frame(ax, x, y, side, inset, **look):
    """Frames `side` squares from square (x, y) on, a little inside of their outline."""
    ends = np.array((-0.5 + inset, side - 0.5 - inset))[[0, 1, 1, 0, 0]]
    ax.plot(x + ends, y + np.roll(ends, 1), linewidth=3, **look)
