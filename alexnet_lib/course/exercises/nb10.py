"""The exercises of notebook 10."""

import torch
from torch import nn

from alexnet_lib.course.exercises.checkers import choice, demands, number
from alexnet_lib.nets.init import init_he_


def _case(bug=None, kind="conv"):
    """A small net, with one of the notebook's bugs or none, and eight images for it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if kind == "linear":
            net = nn.Sequential(nn.Flatten(), nn.Linear(972, 40), nn.ReLU(), nn.Linear(40, 5))
        else:
            net = nn.Sequential(
                nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(4 if bug == "misfit" else 8, 12, 3), nn.ReLU(),
                nn.AdaptiveAvgPool2d(12 if bug == "copies" else 3), nn.Flatten(),
                nn.Linear(1728 if bug == "copies" else 108, 5),
                nn.BatchNorm1d(5) if kind == "norm" else nn.Identity(),
            )  # fmt: skip
        if kind != "default":
            init_he_(net)
        if bug == "small":
            for weight in (one for one in net.parameters() if one.ndim > 1):
                nn.init.normal_(weight, std=0.01)
        if bug == "unused":
            net[0].spare = nn.Linear(5, 5)
        return net, torch.randn(8, 3, 18, 18)


def _silent(alarm, kind):
    return not alarm(*_case(kind=kind))


def _finds(bug):
    """A test of an alarm: whether it finds a bug, which may make the net itself raise."""

    def test(alarm):
        try:
            return bool(alarm(*_case(bug)))
        except RuntimeError:
            return False

    return test


def _leaves_the_net_alone(alarm):
    net, images = _case(kind="norm")
    before = {name: value.clone() for name, value in net.state_dict().items()}
    alarm(net, images)
    same = all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    return same and net.training


EXERCISES = {
    "10.1": choice(
        "as it is",
        "on normalized pixels N(0, 0.01) lets the image die; here the forgotten call was luck.",
        {
            "after the call": "that is the paper's way, for the paper's pixels. Are these raw? "
            "Notebook 05, section 5.9.",
        },
    ),
    "10.2": number(
        5,
        "224 → 54 → 26 → 12 → 5: the pooling then stretches 5×5 to 6×6.",
        [
            (6, "that is what comes out of the adaptive pooling, whatever goes in."),
            (12, "that is before the last pooling, which halves it once more."),
            (13, "that is before the last pooling, and for 227 pixels."),
            (54, "that is after conv1. Three poolings follow."),
            (55, "that is conv1's output for 227 pixels; go on, with 224."),
            (26, "that is after pool1. Two poolings follow."),
        ],
        "go through conv1 and the three poolings with output_size; the rest keeps its size.",
    ),
    "10.3": choice(
        "conv5",
        "conv4 now gives 384 maps, and conv5 is declared for 256: the first error hid it.",
        {
            "conv3": "what conv3 takes is what conv2 gives: look at both.",
            "fc6": "how many maps does it get? The layer before it gives as many as it takes.",
            "none": "how many maps does the mended conv4 give, and for how many is the layer "
            "behind it declared?",
        },
    ),
    "10.4": choice(
        "noise",
        "one epoch later it is down to 0.837, and the training loss never went far down.",
        {
            "overfitting": "then the training loss would be far below epoch 2's. "
            "Look at both in the last two lines.",
            "a bug": "a loss that is computed wrongly is wrong in every epoch; is it?",
        },
    ),
    "10.5": choice(
        "equal",
        "with two softmax outputs both say -ln p of the true class, and so does their mean.",
        {
            "smaller": "put p = 0.8 into both: what are the two terms, and what is their mean?",
            "larger": "their sum would be, but 004 takes the mean: do it for p = 0.8.",
        },
    ),
    "10.6": demands(
        [
            (
                lambda alarm: _silent(alarm, "conv") and _silent(alarm, "linear"),
                "a healthy net with He initialization raised the alarm.",
            ),
            (
                lambda alarm: _silent(alarm, "default"),
                "torch's default initialization is weaker than He's, but nets learn from it.",
            ),
            (
                _finds("misfit"),
                "a net whose channels do not fit went unnoticed: what does its forward pass raise?",
            ),
            (
                _finds("small"),
                "a net went unnoticed whose outputs are almost the same for all images.",
            ),
            (
                _finds("unused"),
                "a net went unnoticed with a layer that is never used: which gradient does it get?",
            ),
            (
                _finds("copies"),
                "an adaptive pooling went unnoticed that makes maps larger: compare its sizes.",
            ),
            (
                _leaves_the_net_alone,
                "the net is not as it was: its weights, its buffers, or its mode have changed.",
            ),
        ],
        "it finds four bugs, and spares healthy nets. Which bug of your own would it miss?",
    ),
}
