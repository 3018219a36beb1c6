"""Activation functions with their slopes, and what a layer makes of images."""

import matplotlib.pyplot as plt
import numpy as np
import torch

from alexnet_lib.figures.images import bare, channels_last

POINTS = (-5, -2, 0, 2, 5)  # inputs at which the alt text gives the values


def activation_curves(x, values, slopes):
    """Functions in one panel and their slopes in another. Returns figure and alt text.

    x        numbers in increasing order (N,), from -5 or less to 5 or more
    values   {name: (N,)}, each function of x
    slopes   the same of its derivative
    """
    fig, axes = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
    for name, line in zip(values, ("-", "--", "-.", ":"), strict=False):
        axes[0].plot(x, values[name], line, label=name)
        axes[1].plot(x, slopes[name], line, label=name)
    axes[0].set(ylim=(-1.2, 3), xlabel="x", title="The function")
    axes[1].set(xlabel="x", title="Its slope")
    axes[0].legend()
    places = [int((x - point).abs().argmin()) for point in POINTS]
    words = []
    for name in values:
        lines = [[round(float(line[name][n]), 4) for n in places] for line in (values, slopes)]
        numbers = (", ".join(f"{number + 0.0:.2g}" for number in line) for line in lines)
        words.append("{} is {}, its slope {}".format(name, *numbers))
    return fig, f"At x = {', '.join(map(str, POINTS))}: {'; '.join(words)}."


def feature_map_rows(images, maps):
    """Images (N, 3, H, W), each beside its feature maps (N, C, h, w). Returns figure and alt text.

    Images are uint8, or floats from 0 to 1. Each map goes from black, its least number, to white.
    """
    shape = dict(figsize=(12, 0.3 + 1.75 * len(images)), squeeze=False, layout="constrained")
    fig, axes = plt.subplots(len(images), 1 + maps.shape[1], **shape)
    for row, image, channels in zip(axes, images, maps, strict=True):
        row[0].imshow(channels_last(image))
        for ax, channel in zip(row[1:], channels, strict=True):
            ax.imshow(np.asarray(channel), cmap="gray")
    titles = ["image", *(f"map {number}" for number in range(maps.shape[1]))]
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title)
    for ax in axes.flat:
        bare(ax)
    dark = ((maps == 0).float().mean((2, 3)) * 100).round().int().tolist()
    shares = "; ".join(", ".join(map(str, row)) for row in dark)
    return fig, (
        f"{len(images)} images, and beside each {maps.shape[1]} of its feature maps, "
        f"{'×'.join(map(str, maps.shape[2:]))}: copies of the image in gray. "
        f"Percent of each map that is 0: {shares}."
    )


def channel_dependence(depends):
    """Which outputs depend on which inputs, channel by channel. Returns figure and alt text.

    depends   {layer's name: bool (channels out, channels in)}
    """
    fig, axes = plt.subplots(
        1, len(depends), figsize=(12, 3.6), squeeze=False, layout="constrained"
    )
    words = []
    for ax, (name, pairs) in zip(axes[0], depends.items(), strict=True):
        look = dict(cmap="Blues", vmin=0, vmax=1.4, aspect="auto", interpolation="nearest")
        ax.imshow(np.asarray(pairs), **look)
        ticks = [(0, side // 2, side) for side in pairs.shape]
        share = f"{name}: {100 * pairs.float().mean():.0f} % of the pairs"
        ax.set(title=share, xlabel="input channel", yticks=ticks[0], xticks=ticks[1])
        ax.grid(False)
        words.append(share + _blocks(pairs))
    axes[0, 0].set_ylabel("output channel")
    return fig, f"Blue where an output depends on an input. {'; '.join(words)}."


def _blocks(pairs):
    """How the alt text of `channel_dependence` calls pairs that are two squares, or all."""
    halves = [half.chunk(2, dim=1) for half in pairs.chunk(2)]
    if pairs.all():
        return ", the whole panel"
    own, other = (halves[0][0], halves[1][1]), (halves[0][1], halves[1][0])
    if all(map(torch.all, own)) and not any(map(torch.any, other)):
        return ", two squares on the diagonal"
    return ""
