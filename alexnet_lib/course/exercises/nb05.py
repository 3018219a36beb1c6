"""The exercises of notebook 05."""

import torch
from torch import nn

from alexnet_lib.course.exercises.checkers import choice, demands, number


def _case(kind):
    """A small net with ReLUs, its weights drawn much too small, and a batch for it."""
    random = torch.Generator().manual_seed(0)
    convolutions = [nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 6, 3), nn.ReLU(), nn.Flatten()]
    linears = [nn.Linear(96, 40), nn.ReLU(), nn.Linear(40, 30), nn.ReLU(), nn.Linear(30, 5)]
    if kind == "conv":
        model = nn.Sequential(*convolutions, nn.Dropout(), *linears)
    else:
        model = nn.Sequential(*linears)
    for one in model.parameters():
        one.data = 0.02 * torch.randn(one.shape, generator=random)
    shape = (32, 3, 8, 8) if kind == "conv" else (32, 96)
    return model, torch.randn(shape, generator=random)


def _over_images(output):
    """The std over images of notebook 05, 5.2."""
    return output.std(0).square().mean().sqrt()


def _deviations(start, kind, measure=_over_images):
    """What `measure` says of the outputs of each layer that `start` has initialized."""
    model, images = _case(kind)
    model, found, values = start(model, images).eval(), [], images
    with torch.no_grad():
        for layer in model:
            values = layer(values)
            if isinstance(layer, nn.Conv2d | nn.Linear):
                found.append(measure(values).item())
    return found


def _all_are_1(start, kind, measure=_over_images):
    return all(abs(found - 1) < 0.05 for found in _deviations(start, kind, measure))


def _only(measure, start):
    """Whether another measure than the std over images is 1 in every layer."""
    return _all_are_1(start, "conv", measure) and not _all_are_1(start, "conv")


EXERCISES = {
    "05.1": number(
        2 / (1 + 0.2**2),
        "the lower half keeps 0.2² of its square: ½ · (1 + 0.04) · c = 1.",
        [
            (2, "that is for a ReLU, which makes the lower half 0. What is left of it here?"),
            (2 / 1.2, "nearly: it is the squares that are added up."),
            (1, "that is for no ReLU at all: both halves would stay as they are."),
            ((1 + 0.2**2) / 2, "that is what one layer does to the mean square, without c."),
            (2 * (1 + 0.2**2), "more comes through than with a ReLU. Larger weights, or smaller?"),
            ((2 / (1 + 0.2**2)) ** 0.5, "that would belong to the std; the variance is asked for."),
        ],
        "line 3 of 5.4 again: which part of Var(z) does each half keep?",
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
    "05.3": choice(
        "learning rate",
        "the start was healthy; the steps threw the weights off, further each time.",
        {
            "initialization": "look at the std before the first step: does any layer lose it?",
            "dead units": "with dead units the loss stands still. Does it here?",
            "pixels": "what is conv1's std over images on raw pixels (5.9), and here?",
        },
    ),
    "05.4": demands(
        [
            (
                lambda start: isinstance(start(*_case("linear")), nn.Module),
                "your function should return the model.",
            ),
            (
                lambda start: abs(_deviations(start, "linear")[0] - 1) < 0.05,
                "the first layer's std over images is not 1. Measure it, then divide the weights.",
            ),
            (
                lambda start: not _only(torch.std, start),
                "that is the std of all values; 5.2 takes it over the images, for each unit.",
            ),
            (
                lambda start: _all_are_1(start, "linear"),
                "the first layer is right, a later one is not: its inputs have changed since you "
                "measured.",
            ),
            (
                lambda start: not _only(lambda output: output.std(0).mean(), start),
                "the units' stds are 1 on average; 5.2 takes the root of their mean square.",
            ),
            (
                lambda start: _all_are_1(start, "conv"),
                "linear layers are right; are convolutions, and nets with dropout?",
            ),
        ],
        "every layer tells these images apart equally well, whatever the first draw was.",
    ),
}
