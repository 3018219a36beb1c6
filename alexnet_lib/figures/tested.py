"""Test images, and what a network makes of each class."""

import matplotlib.pyplot as plt
import torch

from alexnet_lib.base.text import figure_text
from alexnet_lib.figures.images import draw_image
from alexnet_lib.figures.predictions import LONGEST, chosen_grid, plot_confusion
from alexnet_lib.training.evaluate import surest_mistakes


def titled_images(images, titles, columns=5):
    """A figure of images (N, 3, H, W), uint8 or float, 0 to 255, each below its title.

    Values beyond are clipped.
    """
    rows = -(-len(images) // columns)
    size = 2.2 * columns, 2.2 * rows
    fig, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    pairs = zip(images, titles, strict=True)
    for ax, (image, title) in zip(axes.flat, pairs, strict=False):
        draw_image(ax, image, figure_text(title, LONGEST))
    return fig


def confusion_and_recalls(found, classes):
    """The `plot_confusion` of an `Evaluation`, and an alt text with the share right of each class.

    Returns the figure and the text.
    """
    shares = zip(found.per_class, classes, strict=True)
    words = [f"{100 * share:.0f} % of {name}" for share, name in shares]
    return plot_confusion(found.confusion, classes), f"Confusion matrix; right are {_list(words)}."


def mistakes_by_class(data, probabilities, count=6):
    """The surest mistakes of each class, a row for each: (figure, alt text).

    data            an `ImageSet` or `ImageFiles`
    probabilities   float (N, C) on the CPU, as from `training.evaluate.probabilities`
    count           images of a class; where it has fewer mistakes, the next class follows at once
    """
    places, words = [], []
    for label, name in enumerate(data.classes):
        own = (data.labels == label).nonzero().flatten()
        places.append(own[surest_mistakes(probabilities[own], data.labels[own], count)])
        words.append(f"{len(places[-1])} of {name}")
    places = torch.cat(places)
    fig = chosen_grid(data, places, probabilities, count)
    return fig, f"Images that the net got wrong, the surest first: {_list(words)}."


def _list(words):
    return " and ".join([", ".join(words[:-1])] * bool(words[1:]) + words[-1:])
