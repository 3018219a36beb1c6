"""Diagrams of a net, drawn to scale from its layer table."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from alexnet_lib.geometry import layer_table

CHANNEL = 0.18  # how far right and up a channel goes, where a pixel's side is 1
COLUMN = 84  # the least room that a box and its label get


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
