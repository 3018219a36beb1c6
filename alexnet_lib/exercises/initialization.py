"""The exercises of notebook 05."""

import math

from alexnet_lib.exercises.checkers import choice, function, number


def _weights():
    import torch  # here, so that the other notebooks' exercises load without it

    shapes = (256, 48, 5, 5), (96, 3, 11, 11), (512, 1024), (10, 4096)
    random = torch.Generator().manual_seed(0)
    return [[0.01 * torch.randn(*shape, generator=random)] for shape in shapes]


def _tried(answer):
    """The checker of exercise 05.5; its weights are drawn when they are needed."""
    return function(
        lambda weight: (2 / weight[0].numel()) ** 0.5,
        _weights(),
        "one unit's weights are weight[0], and there are as many of them as it has inputs.",
        [
            (lambda w: 2 / w[0].numel(), "that is the variance; the question is its root."),
            (lambda w: (1 / w[0].numel()) ** 0.5, "what does a ReLU do to the mean square?"),
            (lambda w: (2 / w.shape[1]) ** 0.5, "right for linear layers; a kernel has an area."),
            (lambda w: (2 / w.shape[0]) ** 0.5, "shape[0] is how many units there are."),
            (
                lambda w: (2 * w.shape[1] / w.numel()) ** 0.5,
                "the outputs, times the kernel's area. It is the inputs that are added up.",
            ),
            (lambda w: (2 / w.numel()) ** 0.5, "numel() counts the weights of all units."),
            (
                lambda w: w.std(),
                "that is how spread out these weights are; they may be wrong. Take the shape.",
            ),
        ],
        "count the inputs that one unit adds up: try weight[0].shape for a layer of each kind.",
    )(answer)


EXERCISES = {
    "05.1": number(
        math.log(1000),
        "each class gets the probability 1/1000, and -ln(1/1000) = ln 1000.",
        [
            (math.log(10), "that is for 10 classes. How many does ImageNet's challenge have?"),
            (-math.log(1000), "look at the sign: a loss is never below 0."),
            (3, "the logarithm to base 10? The loss takes the natural one, math.log."),
            (math.log2(1000), "the logarithm to base 2? The loss takes the natural one, math.log."),
            (1 / 1000, "that is the probability of the right class. Its loss?"),
            (0.999, "that is how often the net is wrong: its error."),
        ],
        "which probability does each class get from a net that sees nothing? And its -ln?",
    ),
    "05.2": number(
        (2 / (48 * 25)) ** 0.5,
        "a unit adds up 48 channels of 5 × 5 values: 1200 inputs.",
        [
            ((2 / 48) ** 0.5, "a unit sees more than one value of each channel."),
            (
                (1 / (48 * 25)) ** 0.5,
                "too small by √2. Is the 2 for the ReLU there? Does a unit see both towers?",
            ),
            (2 / (48 * 25), "that is the variance; its root is what normal_ takes."),
            (1 / (48 * 25), "that is a variance, and half of the one that a ReLU needs."),
            ((2 / (256 * 25)) ** 0.5, "you counted the outputs; the inputs are added up."),
            ((2 / (128 * 25)) ** 0.5, "you counted a tower's outputs; the inputs are added up."),
            ((2 / 96) ** 0.5, "you took the channels of both towers, and one value of each."),
        ],
        "count what one unit adds up: the channels that it sees, times the places in each.",
    ),
    "05.3": number(
        0.5**3.5,
        "each layer halves the mean square: 400 · 0.05² / 2. Seven times, and then the root.",
        [
            (0.5**4, "that is eight times. How many layers lie between 1 and 8?"),
            (0.5**7, "that is for the mean square; std is its root."),
            (0.5**8, "count the layers again; and is this for std or for its square?"),
            (0.5**0.5, "that is what one layer does."),
            (0.5, "that is what one layer does to the mean square."),
            (1, "400 · 0.05² makes 1. What does the ReLU do?"),
            (2**3.5, "does it grow or shrink? Try 400 · 0.05² / 2."),
        ],
        "what does one layer do to the mean square? Then the root, and then seven layers of it.",
    ),
    "05.4": choice(
        "learning rate",
        "the start was healthy; the steps threw the weights off, further each time.",
        {
            "initialization": "look at the spreads before the first step: does any layer lose it?",
            "dead units": "with dead units the loss stands still. Does it here?",
            "pixels": "what is conv1's spread with raw pixels, in 5.9, and what is it here?",
        },
    ),
    "05.5": _tried,
}
