"""The exercises of notebook 09."""

from statistics import mean

import torch

from alexnet_lib.course.exercises.checkers import choice, function, number, numbers
from alexnet_lib.figures.learned import SHOWN_FILTERS, SHOWN_MAPS

OF_MAPS = [SHOWN_FILTERS.index(filter) + 1 for filter in SHOWN_MAPS]


def _dead_share(maps):
    return (maps == 0).all(dim=(0, 2, 3)).float().mean()


def _maps():
    """Outputs of a ReLU: two of five channels are dead, another for the first image, and all for
    the last one."""
    maps = torch.randn(4, 5, 4, 4, generator=torch.Generator().manual_seed(0)).relu()
    maps[:, 1:3] = 0
    maps[0, 4] = 0
    maps[3] = 0
    return maps


EXERCISES = {
    "09.1": numbers(
        OF_MAPS,
        "colors find the car, stripes find lines in their own direction.",
        [
            (
                [SHOWN_MAPS.index(filter) + 1 for filter in SHOWN_FILTERS],
                "that says which map belongs to each filter; asked is the filter of each map.",
            ),
        ],
        "which color, or lines of which direction, are bright in it?",
    ),
    "09.2": number(
        13**2,
        "13 positions in each direction, and a forward pass for each pair of them.",
        [
            (13, "that is along one side. The square moves in two directions."),
            (12**2, "close: count the first position, too. output_size of notebook 02 does."),
            (16**2, "the square does not leave the image: where can its upper left corner be?"),
            (25**2, "that is for a square that moves by 1."),
            (32**2, "that is a pass for each pixel; the square moves by 2 and is 8 wide."),
            (16, "that is for squares side by side, which move by 8."),
        ],
        "it moves like a kernel of 8 with stride 2; how many positions are there each way?",
    ),
    "09.3": function(
        _dead_share,
        [[_maps()], [_maps()[:, :3]], [torch.ones(2, 2, 3, 3)]],
        "a channel is dead only if no image wakes it anywhere.",
        [
            (
                lambda maps: (maps == 0).float().mean(),
                "that is the share of all zeros, the sparsity. Ask each channel as a whole.",
            ),
            (
                lambda maps: (maps == 0).all(dim=(2, 3)).float().mean(),
                "you count a channel for each image in which it is silent; one image can wake it.",
            ),
            (
                lambda maps: (maps == 0).all(dim=(2, 3)).any(0).float().mean(),
                "one silent image makes a channel dead for you; it is dead if all are silent.",
            ),
            (
                lambda maps: (maps == 0).all(dim=(0, 2, 3)).float().sum(),
                "that is how many there are; asked is their share.",
            ),
            (
                lambda maps: (maps == 0).all(dim=(1, 2, 3)).float().mean(),
                "the axes are (N, C, H, W): you asked each image, not each channel.",
            ),
        ],
        "all() over images, rows and columns gives one answer per channel; then take the mean.",
    ),
    "09.4": choice(
        "random weights",
        "if the dog is still visible in it, the map shows the photo, not what was learned.",
        {
            "another dog": "a dog would be visible there, too. What if the map only copies the "
            "photo's edges?",
            "a larger network": "that compares two trained networks. What would show that training "
            "matters at all?",
            "a longer training": "that changes how much was learned. What if nothing was?",
        },
    ),
    "09.5": number(
        mean([0.4, 0.4, 0.9]),
        "the average says cat, although two of three say dog: it counts how sure each one is.",
        [
            (1 / 3, "that is the share of votes. The ensemble averages probabilities."),
            (0.4 * 0.4 * 0.9, "that is the product; the ensemble takes the mean."),
            (0.4, "that is the median, or the first network alone. Average all three."),
            (1.7, "that is the sum of three; divide it."),
            (mean([0.6, 0.6, 0.1]), "that is the probability of dog."),
        ],
        "take the mean of the first number of each network.",
    ),
}
