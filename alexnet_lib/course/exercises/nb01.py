"""The exercises of notebook 01."""

import math
from numbers import Real

from alexnet_lib.course.exercises.checkers import choice, number
from alexnet_lib.paper.claims import CIFAR, CLAIMS

KEYS = ("claim", "with", "without", "seeds", "measured on", "smallest effect")
ABOUT_TRAINING = ("six times faster", "dropout takes longer", "weight decay", "biases of 1")
RATES = ("learning rate", "learning-rate", "learning_rate", "lr", "rate")


def plan(answer):
    """The checker of 01.4: a dictionary with KEYS, the plan of an experiment."""
    if not isinstance(answer, dict):
        return False, f"this takes a dictionary with the keys {', '.join(KEYS)}."
    missing = [key for key in KEYS if key not in answer]
    if missing:
        return False, f"the plan has no {missing[0]!r} yet; its keys are {', '.join(KEYS)}."
    for flaw in (_in_claim(answer), _in_trainings(answer), _in_seeds(answer), _in_measure(answer)):
        if flaw:
            return False, flaw
    return True, "one setting differs, the seeds are shared, and the limit is fixed in advance."


def _in_claim(answer):
    kinds = {claim.name: claim.kind for claim in CLAIMS}
    kind = kinds.get(answer["claim"])
    if kind is None:
        return "no claim has this name; copy one from the tables of 1.4."
    if kind != CIFAR:
        return f"this claim is of the kind {kind!r}: an experiment on CIFAR-10 cannot settle it."
    return None


def _in_trainings(answer):
    trainings = answer["with"], answer["without"]
    if not all(isinstance(training, dict) and training for training in trainings):
        return "'with' and 'without' each take a dictionary of settings."
    names = sorted(trainings[0].keys() | trainings[1].keys(), key=str)
    different = [name for name in names if not _same(name, *trainings)]
    if not different:
        return "the two trainings are the same: which setting does the claim speak of?"
    if len(different) == 2 and any(str(name).lower() in RATES for name in different):
        return (
            "the learning rate differs, too. If each training needs its own, give both the same "
            "list of rates to choose from."
        )
    if len(different) > 1:
        return "they differ in more than one setting. Which one would cause the difference?"
    if len(names) == 1:
        return "add the settings that both share, such as the number of epochs."
    return None


def _same(name, one, other):
    return name in one and name in other and one[name] == other[name]


def _in_seeds(answer):
    seeds = answer["seeds"]
    numbers = isinstance(seeds, list | tuple | range) and all(isinstance(n, Real) for n in seeds)
    if not numbers or len(set(seeds)) < len(seeds):
        return "'seeds' takes a list of different numbers, such as [7, 8]."
    if len(seeds) < 3:
        return "with so few repetitions you cannot see how much chance changes the result."
    return None


def _in_measure(answer):
    images = ("training", "validation", "test")
    if answer["measured on"] not in images:
        return f"'measured on' takes one of {', '.join(images)}."
    if answer["measured on"] == "training" and answer["claim"] not in ABOUT_TRAINING:
        return "a network can learn its training images by heart: measure on other images."
    if not 0 < float(answer["smallest effect"]) < math.inf:
        return "the smallest effect is a number of points above 0: below it, you would not care."
    return None


EXERCISES = {
    "01.1": number(
        100 * (26.2 - 15.3) / 26.2,
        "about two of five mistakes of the second-best entry are gone.",
        [
            (26.2 - 15.3, "that is the difference in points. What part of 26.2 is it?"),
            ((26.2 - 15.3) / 26.2, "as a fraction it is right; give it in percent."),
            (
                100 * (26.2 - 15.3) / 15.3,
                "you divided by the new error; how large was the old one?",
            ),
            (100 * 15.3 / 26.2, "that is the share of mistakes that remains."),
            (100 * 26.2 / 15.3, "that is the old error in percent of the new one."),
            (42, "that is close: give one digit after the point."),
            (100 * (15.3 - 26.2) / 26.2, "by how much it is lower, so a number above 0."),
        ],
        "the difference of the two errors, divided by the one it is compared with, in percent.",
    ),
    "01.2": number(
        9 * 9 * 2,
        "9 places down, 9 across, and each crop also mirrored.",
        [
            (8 * 8 * 2, "count the places: the window begins at pixel 0 or at pixel 8, or where?"),
            (
                8 * 8,
                "a window that can move by 8 pixels has more than 8 places; and some are mirrored.",
            ),
            (9 * 9, "those are the crops as they are. And the mirrored ones?"),
            (9 * 2, "the window moves down as well as across."),
            (9, "those are the places across. It also moves down, and there are mirrored crops."),
            (2048, "that is the paper's number, for windows of 224 in 256 pixels."),
            (2178, "that is for windows of 224 in 256 pixels; here it is 32 in 40."),
        ],
        "at how many of 40 pixels can 32 begin? Count down and across, then the mirrored crops.",
    ),
    "01.3": choice(
        "C",
        "this is a verdict for one network and these images; it says nothing about others.",
        {
            "A": "that number was measured on ImageNet. Did you measure anything there?",
            "B": "you tried one network, on one kind of images.",
            "D": "six runs do say something. Of which net, on which images?",
        },
    ),
    "01.4": plan,
    "01.5": choice(
        "conv4",
        "in one tower its filters see all 384 maps, and it holds 2.13 % of the parameters.",
        {
            "conv1": "its filters see only the 3 colors: few weights. Ask layer_table.",
            "conv2": "just below 1 %, as it happens. Ask layer_table for all five.",
            "conv3": "with two towers it is. Which layer sees twice as many maps in one tower?",
            "conv5": "close: as many maps go in as for another layer, but fewer come out.",
        },
    ),
}
