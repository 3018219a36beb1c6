"""The diagram of a net, drawn to scale from its layer table."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.layers import image_channels, layers_in_order, pair

CHANNEL = 0.18  # how far right and up a channel goes, where a pixel's side is 1
COLUMN = 84  # the least width of a box with its label
COLORS = {"image": "0.65", "conv": "C0", "pool": "0.65", "fc": "C1"}  # of what is drawn, by kind


def network_diagram(net="paper", input_size=227, num_classes=None):
    """What flows through a net: each layer's output as a box, to scale. Figure and alt text.

    net, input_size and num_classes are those of `layer_table`: a net's name, or a net. The front
    of a box is one map, pixel by pixel; its depth is the number of channels. The units of a
    fully-connected layer are drawn as a square: 4096 as 64×64. Raises ValueError as
    `layer_table` does.
    """
    fig, ax = plt.subplots(figsize=(12, 3.6))
    places = network_boxes(ax, net, input_size, num_classes)
    fig.tight_layout(pad=0.3)
    labels = (text.get_text().split("\n") for text in ax.texts[-len(places) :])
    words = ", ".join(f"{name} {' '.join(size)}" for name, *size in labels)
    return fig, f"Layers as boxes to scale, left to right: {words}."


def network_boxes(ax, net="paper", input_size=227, num_classes=None, image=None):
    """Draws the boxes of `network_diagram` into `ax`; returns {layer's name: x of its label}.

    `image` (uint8, 3×H×W) is drawn on the front of the first box.
    """
    rows = layer_table(net, input_size, num_classes)
    height, width = pair(input_size)
    channels = 3 if isinstance(net, str) else image_channels(layers_in_order(net))
    outputs = [("image", "image", (channels, height, width))]
    outputs += [(row.name, row.kind, row.shape) for row in rows if row.kind in COLORS]
    left, places = 0, {}
    for name, kind, shape in outputs:
        depth, *sides = shape if len(shape) == 3 else (1, shape[0] ** 0.5, shape[0] ** 0.5)
        depth *= CHANNEL
        column = max(COLUMN, sides[1] + depth + 16)
        places[name] = left + column / 2
        x = places[name] - (sides[1] + depth) / 2
        _box(ax, x, *sides, depth, COLORS[kind])
        if kind == "image" and image is not None:
            extent, pixels = (x, x + width, -height / 2, height / 2), np.asarray(image)
            ax.imshow(pixels.transpose(1, 2, 0), extent=extent, interpolation="nearest", zorder=3)
        size = f"{shape[1]}×{shape[2]}\n× {shape[0]}" if len(shape) == 3 else f"{shape[0]}"
        ax.text(places[name], -height / 2 - 10, f"{name}\n{size}", ha="center", va="top")
        left += column
    ax.set(xlim=(0, left), ylim=(-height / 2 - 72, height / 2 + 2))
    ax.set_aspect("equal")
    ax.axis("off")
    return places


def _box(ax, x, height, width, depth, color):
    """A box whose front, `width` across and `height` up, starts at x, with its middle at y=0."""
    low, high, right = -height / 2, height / 2, x + width
    front = [(x, low), (right, low), (right, high), (x, high)]
    top = [(x, high), (right, high), (right + depth, high + depth), (x + depth, high + depth)]
    flank = [(right, low), (right + depth, low + depth), (right + depth, high + depth)]
    for points, light in ((front, 0.25), (top, 0.6), ([*flank, (right, high)], 0)):
        shade = [light + (1 - light) * part for part in to_rgb(color)]
        ax.add_patch(plt.Polygon(points, facecolor=shade, edgecolor="0.2", linewidth=0.8))
