"""The exercises of notebook 05."""

import math

from alexnet_lib.course.exercises.checkers import choice, number

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
        (2 / (96 * 25)) ** 0.5,
        "a unit adds up 96 channels of 5 × 5 values: 2400 inputs.",
        [
            (0.029, "rounded too far: give four digits after the point."),
            ((2 / (48 * 25)) ** 0.5, "that is for two towers. How many maps does a unit see here?"),
            ((2 / 96) ** 0.5, "a unit sees more than one value of each channel."),
            (
                (2 / (96 * 5)) ** 0.5,
                "you counted 5 values of each channel; a kernel has an area.",
            ),
            ((1 / (96 * 25)) ** 0.5, "too small by √2. What does a ReLU do to the mean square?"),
            (2 / (96 * 25), "that is the variance; its root is what normal_ takes."),
            (1 / (96 * 25), "that is a variance, and half of the one that a ReLU needs."),
            ((2 / (256 * 25)) ** 0.5, "you counted the outputs; the inputs are added up."),
            (
                (2 / (96 * 256 * 25)) ** 0.5,
                "you counted the weights of all units; one unit's inputs are added up.",
            ),
        ],
        "count what one unit adds up: the channels that it sees, times the places in each.",
    ),
    "05.3": number(
        0.5**3.5,
        "each layer halves the mean square: 400 · 0.05² / 2. Seven times, and then the root.",
        [
            (0.088, "rounded too far: give four digits after the point."),
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
}
