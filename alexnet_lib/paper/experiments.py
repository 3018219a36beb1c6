"""The experiments of notebook 08, as data: which arms are compared, for which claim."""

from typing import NamedTuple

from alexnet_lib.paper.arms import ARMS, GRIDS, OWN_GRIDS
from alexnet_lib.paper.records import (
    CLAIMS_FOLDER,
    fastest_arm,
    lowest_validation_error,
    recorded_runs,
)


class Experiment(NamedTuple):
    """Arms that differ in one point, or one arm alone.

    claims     the names of the claims in `paper.claims.CLAIMS` that it tests
    question   what it asks
    groups     tuples of names of ARMS. A group of several is a grid of learning rates: each of its
               arms is trained with the first seed, and only the best one with the others, see
               `representative`
    """

    claims: tuple
    question: str
    groups: tuple


EXPERIMENTS = {
    "relu": Experiment(
        ("six times faster",),
        "How many steps to 25 % training error, with ReLU and with tanh?",
        tuple(GRIDS.values()),
    ),
    "lrn": Experiment(
        ("LRN on CIFAR-10",),
        "Does LRN lower the error on raw pixels, each network at its own learning rate?",
        tuple(OWN_GRIDS[name] for name in ("raw", "raw, LRN", "raw, factors")),
    ),
    "lrn-unit-variance": Experiment(
        (),
        "Does LRN lower the error on pixels of unit variance, as tutorials have them?",
        (("four-layer",), ("LRN",), ("LRN, scaled alpha",)),
    ),
    "pooling": Experiment(
        ("overlapping pools", "pools and overfitting"),
        "Are pools that overlap better, and do networks that have them overfit less?",
        (("max pools",), ("max pools 2x2",)),
    ),
    "augmentation": Experiment(
        ("crops and flips", "color", "ten views"),
        "What do crops and flips bring, color changes and ten views?",
        (("no augmentation",), ("max pools",), ("color",)),
    ),
    "dropout": Experiment(
        ("dropout", "dropout takes longer"),
        "Does the network overfit without dropout, and does training take twice as long with it?",
        (("no dropout",), ("dropout",)),
    ),
    "decay": Experiment(
        ("weight decay",),
        "Does ten times the paper's weight decay lower the training error?",
        (("no weight decay",), ("weight decay",)),
    ),
    "rate": Experiment(
        ("learning-rate decay",),
        "Does it pay to divide the learning rate by 10 when the validation error stalls?",
        (("constant rate",), ("plateau rule",)),
    ),
    "biases": Experiment(
        ("biases of 1",),
        "Do biases of 1 speed up the beginning of training, each start at its own learning rate?",
        (OWN_GRIDS["biases of 0"], OWN_GRIDS["biases of 1"]),
    ),
    "depth": Experiment(
        ("no layer to spare", "depth"),
        "What does each convolutional layer bring, where conv3 to conv5 see maps of 6×6?",
        (("128 pixels",), *((f"128 pixels, without conv{number}",) for number in (2, 3, 5))),
    ),
    "towers": Experiment(
        ("two GPUs", "two kinds of filters"),
        "Are two towers better than half a net, and do their filters specialize?",
        (("two towers",), ("half as wide",), ("AlexNet",)),
    ),
    "alexnet": Experiment(
        (),
        "What does AlexNet reach on CIFAR-10 at its own size, 227 pixels?",
        (("one-tower, 227 pixels",), ("two towers, 227 pixels",)),
    ),
    "cifar": Experiment(
        (),
        "How far does a five-convolution net for 32 pixels come with the paper's techniques?",
        (("cifar",), ("cifar, wider",)),
    ),
    "best": Experiment(
        (),
        "How far does the four-layer net come with only the paper's techniques?",
        (("best",),),
    ),
}  # fmt: skip


# These would take more than a minute on two cores.
WITHOUT_SHORT_FORM = ("biases", "depth", "alexnet", "cifar", "best")


def runs_of_experiment(name, folder=CLAIMS_FOLDER):
    """The recorded runs of an experiment as {arm: [Run, …]}; an empty list where there are none.

    Of a grid of learning rates only the best arm is given, see `representative`.
    """
    arms = [representative(group, folder) for group in EXPERIMENTS[name].groups]
    return {arm: list(recorded_runs(folder, arm).values()) for arm in arms}


def representative(group, folder=CLAIMS_FOLDER):
    """The arm that stands for a group: of a grid of learning rates the best one.

    That is the fastest, where training ends at a training error, else the one with the lowest
    validation error. As long as not all are recorded with the first seed, the first of them.
    """
    if len(group) == 1:
        return group[0]
    goal = ARMS[group[0]].until
    best = fastest_arm(folder, group, goal) if goal else lowest_validation_error(folder, group)
    return best or group[0]
