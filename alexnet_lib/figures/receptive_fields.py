"""Receptive fields: which pixels a value depends on."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from alexnet_lib.nets.sizes import output_size


def receptive_pyramid(size, windows):
    """A row of pixels, below the values of some layers, each joined to what it reads.

    size      number of pixels
    windows   (kernel_size, stride) of each layer; no padding

    What the first value of the last layer depends on is filled. Returns figure and alt text.
    """
    places, reads = [np.arange(1.0, size + 1)], []  # in pixels; columns read by each value
    for kernel_size, stride in windows:
        count = output_size(len(places[-1]), kernel_size, stride)
        reads.append([range(n * stride, n * stride + kernel_size) for n in range(count)])
        places.append(np.array([places[-1][columns].mean() for columns in map(list, reads[-1])]))
    seen = [{0}]  # from the last layer down to the pixels
    for values in reversed(reads):
        seen.append({column for value in seen[-1] for column in values[value]})
    seen.reverse()
    fig, ax = plt.subplots(figsize=(9, 0.6 + 0.85 * len(places)))
    for level, (filled, here) in enumerate(zip(seen, places, strict=True)):
        colors = ["C0" if number in filled else "white" for number in range(len(here))]
        heights = np.full(len(here), level)
        ax.scatter(here, heights, s=400, marker="s", color=colors, edgecolor="0.2")
    for level, (below, above) in enumerate(pairwise(places)):
        for number, columns in enumerate(reads[level]):
            color = "0.2" if number in seen[level + 1] else "0.8"
            for column in columns:
                ends = (above[number], below[column]), (level + 1, level)
                ax.plot(*ends, color=color, zorder=0)
    names = ["pixels", *(f"layer {number}" for number in range(1, len(places)))]
    ax.set(xticks=places[0], yticks=range(len(places)), yticklabels=names)
    ax.set(ylim=(-0.5, len(windows) + 0.5), xlabel="pixel of the row")
    ax.grid(False)
    counts = [f"{len(some)} of {name}" for some, name in zip(seen, names, strict=True)]
    steps = ", and through them ".join(counts[-2:0:-1])
    reached = f"the pixels {min(seen[0]) + 1} to {max(seen[0]) + 1}, which are filled"
    return fig, f"The first value of {names[-1]} reads {steps}, and so {reached}."


def gradient_squares(gradients):
    """Gradients of values with respect to an image, the square that is not 0 framed in each.

    gradients   {name of the value's layer: (H, W) numbers, at least 0}

    Brightness is the root of the gradient, so that small ones show. Returns figure and alt text.
    """
    fig, axes = plt.subplots(1, len(gradients), figsize=(12, 3.6), sharey=True, squeeze=False)
    words = []
    for ax, (name, gradient) in zip(axes[0], gradients.items(), strict=True):
        gradient = np.asarray(gradient)
        (top, left), (bottom, right) = (
            place(np.nonzero(gradient), axis=1) for place in (np.min, np.max)
        )
        height, width = bottom - top + 1, right - left + 1
        ax.imshow(np.sqrt(gradient), cmap="cividis")
        look = dict(fill=False, edgecolor="C1", linewidth=2.5, clip_on=False)
        ax.add_patch(plt.Rectangle((left - 0.5, top - 0.5), width, height, **look))
        ax.set(title=f"{name}: {height}×{width}", xlabel="pixels")
        ax.grid(False)
        middle = gradient[(top + bottom) // 2, (left + right) // 2]
        peak = middle > 1.01 * gradient[top, left] and middle > 0.99 * gradient.max()
        words.append(f"{name} {height}×{width}" + (", brightest in the middle" if peak else ""))
    image = "×".join(map(str, gradient.shape))
    return fig, f"What one value depends on in an image of {image}, framed: {'; '.join(words)}."
