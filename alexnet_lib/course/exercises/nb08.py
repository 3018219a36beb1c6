"""The exercises of notebook 08."""

from math import sqrt
from statistics import mean, pstdev, stdev

import torch

from alexnet_lib.course.exercises.checkers import choice, function, number, numbers
from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.statistics import half_width, power, seeds_needed

SD, LARGEST, AFFORDABLE = 0.5, 2.0, 10  # points, points and seeds of 08.6


def _differences(before, after):
    return [second - first for first, second in zip(before, after, strict=True)]


def _ends(values, half):
    return [mean(values) - half, mean(values) + half]


def _interval(before, after):
    values = _differences(before, after)
    return _ends(values, half_width(stdev(values), len(values)))


def _with(half):
    """A mistaken interval: `half` gives its half width from the differences."""

    def mistaken(before, after):
        values = _differences(before, after)
        return _ends(values, half(values))

    return mistaken


def _unpaired(before, after):
    sd = sqrt(stdev(before) ** 2 + stdev(after) ** 2)
    return _ends(_differences(before, after), half_width(sd, len(before)))


def _differing(before, after):
    """The names of the settings in which two arms differ; the learning rate may, besides."""
    one, other = before.settings, after.settings
    names = dict.fromkeys([*one, *other])
    differing = [name for name in names if str(one.get(name)) != str(other.get(name))]
    return [name for name in differing if name != "learning rate"] or differing


def _experiment(answer):
    """Checks 08.6: whether two arms differ in one point, and the seeds suffice to see it."""
    try:
        before, after, smallest, seeds = answer
        smallest, seeds, names = abs(float(smallest)), int(seeds), _differing(before, after)
    except Exception:
        return False, "this takes (before, after, smallest, seeds): two arms and two numbers."
    if not names:
        return False, "the arms are the same: whatever the runs show, it is chance."
    if names == ["seed"]:
        return False, "only the seed differs: whatever the runs show, it is chance."
    if len(names) > 1:
        return False, f"confounded: the arms differ in {', '.join(names)}. Which one would it be?"
    if before in ARMS.values() and after in ARMS.values():
        return False, "both arms are the course's own: change something that it left as it was."
    if not smallest > 0:
        return False, "0 is no effect. How small an effect would you still want to know of?"
    if smallest > LARGEST:
        return False, "an effect of 2 points would matter as well: the smallest one is not larger."
    if seeds > AFFORDABLE:
        return False, "that is more than you can afford. See fewer, or only larger effects?"
    seen = power(smallest, SD, seeds) if seeds > 1 else 0
    words = f"an effect of {smallest:g} point{'s' * (smallest != 1)} is seen"
    if seen < 0.8:
        return False, f"too weak: {words} with a probability of only {100 * seen:.0f} %."
    for arm in (before, after):
        side = round(arm.recipe.crop * (arm.recipe.size or 32))
        with torch.device("meta"):  # raises where the network does not fit the images
            arm.build(10).eval()(torch.zeros(2, 3, side, side))
    return True, f"one difference, and {words} with {100 * seen:.0f} %. Plan first, then train."


EXERCISES = {
    "08.1": choice(
        "not settled here",
        "the interval contains zero, and it also contains effects as large as 2 points.",
        {
            "holds": "is the whole interval on the side of a lower error?",
            "does not hold here": "does the interval exclude effects of 1 point or more? "
            "Look at its lower end.",
            "not tested here": "nothing is wrong with the comparison. What does its interval say?",
        },
    ),
    "08.2": number(
        1 - 0.95**20,
        "0.95²⁰ of such studies raise no false alarm, so about two of three raise at least one.",
        [
            (0.05, "that is for a single comparison. And for twenty?"),
            (0.95**20, "that is the probability that none of the twenty looks clear."),
            (1.0, "20 · 0.05 is how many look clear on average; some studies have none."),
            (20 * 0.05 * 0.95**19, "that is for exactly one; at least one is asked for."),
            (100 * (1 - 0.95**20), "in percent it is right; give a number from 0 to 1."),
            (0.95, "that is how likely one comparison is to raise no alarm. And twenty?"),
            (0.05**20, "that is the probability that all twenty look clear."),
        ],
        "how likely is it that all twenty stay quiet? The rest is what is asked for.",
    ),
    "08.3": function(
        _interval,
        [
            [[30.0, 31.0, 30.5], [28.0, 28.2, 28.4]],
            [[20.0, 20.2, 20.7, 21.1], [22.0, 23.9, 22.1, 22.3]],
        ],
        "your function agrees with the course's, for three seeds and for four.",
        [
            (
                lambda before, after: _interval(after, before),
                "the sign is wrong: a difference is the number after minus the one before.",
            ),
            (
                _unpaired,
                "you took the standard deviation of both sides. Subtract seed by seed first.",
            ),
            (
                _with(lambda values: half_width(pstdev(values), len(values))),
                "you divide by n in the standard deviation, as numpy does; take n − 1.",
            ),
            (
                _with(lambda values: 1.96 * stdev(values) / sqrt(len(values))),
                "1.96 is for a known standard deviation. From few seeds it is t that counts.",
            ),
            (
                _with(lambda values: half_width(stdev(values), len(values)) * sqrt(len(values))),
                "close: it is the mean's interval, so divide by the root of the number of seeds.",
            ),
            (
                _with(lambda values: half_width(stdev(values), len(values)) / sqrt(len(values))),
                "close: divide by the root of the number of seeds, not by the number.",
            ),
        ],
        "the mean of the differences, minus and plus t times their standard deviation / √n.",
    ),
    "08.4": number(
        seeds_needed(0.4, 0.37 * sqrt(2)),
        "√2 · 0.37 = 0.52 points. Effects of tenths of a point take many seeds.",
        [
            (
                seeds_needed(0.4, 0.37),
                "0.37 is for one run. By how much does the difference of two vary?",
            ),
            (
                seeds_needed(0.4, 0.37 * 2),
                "standard deviations do not add; the variances of independent numbers do.",
            ),
            (3, "three seeds would see it rarely; 8.1 has the table for another effect."),
        ],
        "sd is √(0.37² + 0.37²), and the rest is a call of seeds_needed.",
    ),
    "08.5": numbers(
        [3.0, 1.2],
        "most of the factor was the rate: 0.03 suits ReLU, and tanh had to take it, too.",
        [
            (
                [1 / 3, 1 / 1.2],
                "the other way around: how many times as many steps does tanh take?",
            ),
            ([1.2, 3.0], "the right numbers, in the other order: first the same rate for both."),
            ([3.0, 0.9], "0.01 is not the best rate of ReLU: each net gets its own best one."),
            (
                [3.0, 3.0],
                "at a rate of its own tanh is faster than at 0.03: look down its column.",
            ),
            ([3.0, 1800 / 4000], "you took the rate that is slowest for ReLU. Fewest steps win."),
            ([4500, 1800], "those are tanh's steps; divide them by those of ReLU."),
        ],
        "tanh's steps divided by ReLU's: once in the last row, once with each net's fewest.",
    ),
    "08.6": _experiment,
}
