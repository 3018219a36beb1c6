"""What a trained network has learned, drawn: filters, maps, neighbors, heat maps, transfer.

Alt texts that say what is seen are of the network that comes with the course.
"""

import matplotlib.pyplot as plt
import numpy as np

from alexnet_lib.base.text import figure_text
from alexnet_lib.figures.images import bare, channels_last, draw_image, full_contrast, mosaic
from alexnet_lib.paper.filters import color_share, orientation

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


def filters_before_and_after(before, after):
    """The filters (N, 3, K, K) of a layer before and after training, and what training added.

    Returns the figure and its alt text.
    """
    named = {"before training": before, "after training": after, "the difference": after - before}
    alt = f"{len(after)} filters, three times: noise before training; edges, stripes and colored "
    return filter_panels(named), alt + "spots after it."


def tower_filters(filters):
    """The filters (N, 3, K, K) of two towers, one after the other: each from gray to colored.

    The titles have the towers' mean shares of color. Returns the figure and its alt text.
    """
    named = {}
    for number, tower in enumerate(filters.chunk(2), 1):
        share = color_share(tower)
        name = f"tower {number}: share of color {100 * share.mean():.0f} %"
        named[name] = tower[share.argsort()]
    alt = f"What training added to 2 × {len(filters) // 2} filters, gray to colored. "
    return filter_panels(named, columns=12), alt + "; ".join(named) + "."


def orientation_and_color(before, after):
    """A dot for each filter (N, 3, K, K) of a layer, before and after training, from 0 to 1.

    Across is its orientation, up its share of color. Returns the figure and its alt text.
    """
    named = {"before training": before, "after training": after}
    points = {name: (orientation(one), color_share(one)) for name, one in named.items()}
    alt = "A dot per filter, orientation against share of color. Before training: a cloud of "
    alt += "little orientation. After: from gray and oriented to colored and hardly oriented."
    return dots(points, "orientation", "share of color"), alt


def dots(named, across, up):
    """Points in one panel, from 0 to 1 both ways: {name: (values across, values up)}, (N,) each."""
    fig, ax = plt.subplots(figsize=(6.4, 5), layout="constrained")
    for marker, (name, (x, y)) in zip("xos^", named.items(), strict=False):
        ax.plot(x, y, marker, label=figure_text(name), alpha=0.85)
    ax.set(xlabel=across, ylabel=up, xlim=(0, 1), ylim=(0, 1))
    ax.legend(loc="upper right")
    return fig


def filter_riddle(image, filters, maps):
    """An image (3, H, W) of bytes, four filters of the course's network, and their maps, mixed.

    filters   float (32, 3, 5, 5), those of its conv1; SHOWN_FILTERS are drawn
    maps      float (32, h, w), its outputs for the image; SHOWN_MAPS are drawn

    Returns the figure and its alt text, which is of photo 3 of the course's twelve.
    """
    alt = "A yellow car before a gray building. Four filters: dark beside bright stripes, upright; "
    alt += "red; dark below bright stripes; oblique stripes. Four maps: the car; lines across; "
    alt += "oblique strokes; upright lines."
    return filters_and_maps(image, filters[list(SHOWN_FILTERS)], maps[list(SHOWN_MAPS)]), alt


def filters_and_maps(image, filters, maps):
    """An image (3, H, W) of bytes, filters with a number each, and maps (N, h, w) with a letter."""
    fig = plt.figure(figsize=(12.5, 3.2), layout="constrained")
    whole, right = fig.subfigures(1, 2, width_ratios=(1, 2.6))
    draw_image(whole.subplots(), image, "the image")
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
    """An image (3, H, W) of bytes, and beside it a row of maps for each layer.

    layers   {name: float (C, h, w)}: the outputs for this image; the `shown` channels with the
             largest mean are drawn, bright where the output is large, from 0 to the row's largest

    Returns the figure and its alt text.
    """
    step = 12.5 / (shown + 2)
    shape = dict(figsize=(12.5, step * len(layers) + 0.2), layout="constrained")
    fig, axes = plt.subplots(len(layers), shown + 2, squeeze=False, **shape)
    said = []
    for row, (name, maps) in zip(axes, layers.items(), strict=True):
        for ax in row:
            ax.axis("off")
        side = "×".join(map(str, maps.shape[-2:]))
        words = f"{figure_text(name)}\n{len(maps)} maps\nof {side}"
        row[1].text(0.5, 0.5, words, ha="center", va="center", transform=row[1].transAxes)
        said.append(f"{name} at {side}")
        order = maps.mean((1, 2)).argsort(descending=True)[:shown]
        for ax, channel in zip(row[2:], order.tolist(), strict=False):
            _draw_map(ax, maps[channel], largest=float(maps[order].max()))
    axes[0, 0].axis("on")
    axes[0, 0].imshow(channels_last(image), interpolation="nearest")
    bare(axes[0, 0])
    alt = f"A photo and its maps in {len(layers)} layers: {', '.join(said)}. "
    return fig, alt + "First its outlines, then coarser parts, then a few blobs."


def neighbor_rows(data, near, stored):
    """Images, one per row, and beside each its neighbors: ✓ where they have its class, else ✗.

    data     an `ImageSet`: the images
    near     {by what: int64 (N, k)}: the indices in `stored` of the neighbors
    stored   an `ImageSet` with the same classes

    Returns the figure and its alt text.
    """
    blocks, count = len(near), next(iter(near.values())).shape[1]
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
        for block, table in enumerate(near.values()):
            for place, index in enumerate(table[row].tolist()):
                ax = axes[row, 2 + block * (count + 1) + place]
                ax.imshow(channels_last(stored.images[index]), interpolation="nearest")
                same = int(stored.labels[index]) == label
                color = "black" if same else "#a8201a"
                ax.set_xlabel("✓" if same else "✗", labelpad=1, color=color)
    said = []
    for block, (name, table) in enumerate(near.items()):
        first = axes[0, 2 + block * (count + 1)]
        first.set_title(f"nearest by {figure_text(name)}", loc="left")
        same = stored.labels[table] == data.labels[:, None]
        said.append(f"{int(same.sum())} of {table.numel()} by {name}")
    axes[0, 0].set_title("image", loc="left")
    alt = f"{len(data)} images, each with its {count} nearest by {' and by '.join(near)}. "
    return fig, f"{alt}Neighbors of the image's class: {', '.join(said)}."


def answer_maps(data, answers, named):
    """The images of an `ImageSet` with their labels, ✓ or ✗ and the answer, and maps below them.

    answers   int64 (N,): the classes that a network gave
    named     {name: float (N, h, w)}, as for `heat_rows`

    Returns the figure and its alt text.
    """
    classes, heads = data.classes, []
    for label, answer in zip(data.labels.tolist(), answers.tolist(), strict=True):
        mark = "✓" if answer == label else f"✗ {classes[answer]}"
        heads.append(f"{classes[label]}: {mark}")
    alt = f"Images ({', '.join(heads)}) and maps, from dark to bright where more depends on the "
    alt += f"place: {'; '.join(named)}. Areas for occlusion, scattered pixels for gradients."
    return heat_rows(data.images, heads, named), alt


def sanity_maps(data, named):
    """The images of an `ImageSet` with their labels, and below them maps of several networks.

    named   {network: float (N, h, w)}, as for `heat_rows`; the trained one is the first

    Returns the figure and its alt text.
    """
    heads = [data.classes[label] for label in data.labels.tolist()]
    alt = f"Images ({', '.join(heads)}) with blurred gradient maps, a row for each network: "
    alt += f"{', '.join(named)}. Largely the same parts are bright in each row."
    return heat_rows(data.images, heads, named), alt


def heat_rows(images, heads, named):
    """Images (N, 3, H, W) of bytes in a row under `heads`, and below a row of maps for each name.

    named   {name: float (N, h, w)}; each map is drawn from its smallest value (dark) to its largest
    """
    side, step = 1.22, 1.7  # inches, of an image and from one to the next: a head is wider
    shape = (2.1 + step * len(images), 0.4 + side * (1 + len(named)))
    fig, axes = plt.subplots(
        1 + len(named), 1 + len(images), squeeze=False, figsize=shape, layout="constrained",
        width_ratios=[1.9, *[step] * len(images)],
    )  # fmt: skip
    for ax, name in zip(axes[:, 0], ["", *named], strict=True):
        ax.axis("off")
        words = figure_text(name).replace(", ", ",\n")
        ax.text(1, 0.5, words, ha="right", va="center", transform=ax.transAxes)
    for ax, image, head in zip(axes[0, 1:], images, heads, strict=True):
        draw_image(ax, image, figure_text(head), fontsize=12)
    for row, maps in zip(axes[1:], named.values(), strict=True):
        for ax, one in zip(row[1:], maps, strict=True):
            _draw_map(ax, one, least=float(one.min()))
    return fig


def transfer_chart(named, counts, classes):
    """Accuracy by number of training images: a line of means for each name, a dot for each seed.

    named    {name: a list for each of `counts` of accuracies in percent, one per seed}
    classes  the new classes in words, such as "cats and dogs"

    Returns the figure and its alt text, which has the means.
    """
    fig, ax = plt.subplots(figsize=(9, 4.4), layout="constrained")
    said = []
    for look, marker, (name, values) in zip(("-", "--", ":"), "os^", named.items(), strict=False):
        means = [np.mean(seeds) for seeds in values]
        (line,) = ax.plot(counts, means, look)
        said.append(f"{name} {', '.join(f'{one:.0f}' for one in means)} %")
        for count, seeds in zip(counts, values, strict=True):
            ax.plot([count] * len(seeds), seeds, marker, color=line.get_color(), alpha=0.7)
        ax.plot([], [], look, marker=marker, color=line.get_color(), label=figure_text(name))
    ax.set_xscale("log")
    ax.set_xticks(counts, [f"{count:,}" for count in counts])
    ax.minorticks_off()
    ax.set(xlabel=f"training images of {classes}", ylabel="test accuracy in %")
    ax.legend()
    images = ", ".join(f"{count:,}" for count in counts)
    return fig, f"Accuracy on {classes} after training on {images} images: {'; '.join(said)}."


def _draw_map(ax, one, least=0.0, largest=None):
    largest = float(one.max()) if largest is None else largest
    look = dict(cmap="cividis", vmin=least, vmax=max(largest, least + 1e-9))
    ax.imshow(np.asarray(one), interpolation="nearest", **look)
    ax.axis("on")
    bare(ax)
