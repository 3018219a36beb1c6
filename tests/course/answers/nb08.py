"""Right and typical wrong answers of notebook 08."""

from dataclasses import replace
from statistics import mean, pstdev, stdev

from scipy.stats import t

from alexnet_lib.paper.arms import ARMS


def differences(before, after):
    return [second - first for first, second in zip(before, after, strict=True)]


def around(values, half):
    return [mean(values) - half, mean(values) + half]


def interval(before, after):
    values = differences(before, after)
    seeds = len(values)
    return around(values, t.ppf(0.975, seeds - 1) * stdev(values) / seeds**0.5)


def normal(before, after):
    values = differences(before, after)
    return around(values, 1.96 * stdev(values) / len(values) ** 0.5)


def of_a_population(before, after):
    values = differences(before, after)
    return around(values, t.ppf(0.975, len(values) - 1) * pstdev(values) / len(values) ** 0.5)


def scaled(before, after, power):
    values = differences(before, after)
    return around(values, t.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** power)


def unpaired(before, after):
    sd = (stdev(before) ** 2 + stdev(after) ** 2) ** 0.5
    half = t.ppf(0.975, len(before) - 1) * sd / len(before) ** 0.5
    return around(differences(before, after), half)


MAX = ARMS["max pools"]


def changed(**fields):
    return MAX._replace(recipe=replace(MAX.recipe, **fields))


RIGHT = {
    "08.1": "not settled here",
    "08.2": 1 - 0.95**20,
    "08.3": interval,
    "08.4": 16,
    "08.5": [4500 / 1500, 1800 / 1500],
    "08.6": (MAX, changed(batch_size=64, learning_rate=0.015), -1.0, 5),
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("08.1", "holds", "lower error"),
    ("08.1", "does not hold here", "lower end"),
    ("08.1", "Not tested here", "nothing is wrong"),
    ("08.1", "maybe", "one of these words"),
    ("08.2", 0.05, "single comparison"),
    ("08.2", 0.95**20, "none of the twenty"),
    ("08.2", 20 * 0.05, "on average"),
    ("08.2", 20 * 0.05 * 0.95**19, "exactly one"),
    ("08.2", 64.15, "percent"),
    ("08.2", 0.95, "no alarm"),
    ("08.2", 0.05**20, "all twenty look clear"),
    ("08.2", 0.5, "stay quiet"),
    ("08.3", lambda before, after: interval(after, before), "sign"),
    ("08.3", unpaired, "seed by seed"),
    ("08.3", normal, "1.96"),
    ("08.3", of_a_population, "take n − 1"),
    ("08.3", lambda before, after: scaled(before, after, 0), "root of the number"),
    ("08.3", lambda before, after: scaled(before, after, 1), "not by the number"),
    ("08.3", lambda before, after: around(differences(before, after), 1), "minus and plus t"),
    ("08.3", 1.5, "no brackets"),
    ("08.4", 9, "one run"),
    ("08.4", 29, "variances"),
    ("08.4", 3, "rarely"),
    ("08.4", 14, "seeds_needed"),
    ("08.5", [1500 / 4500, 1500 / 1800], "other way around"),
    ("08.5", [1.2, 3.0], "other order"),
    ("08.5", [3.0, 0.9], "its own best"),
    ("08.5", [3.0, 3.0], "look down its column"),
    ("08.5", [3.0, 0.45], "Fewest steps win"),
    ("08.5", [4500, 1800], "divide them"),
    ("08.5", [2.5, 1.2], "tanh's steps divided"),
    ("08.6", (MAX, changed(epochs=15), 1.0), "two arms and two numbers"),
    ("08.6", (MAX, MAX, 1.0, 5), "are the same"),
    ("08.6", (MAX, changed(seed=7), 1.0, 5), "only the seed"),
    ("08.6", (MAX, changed(epochs=15, flip=False), 1.0, 5), "differ in epochs, flip."),
    ("08.6", (MAX, MAX._replace(images=5000, net={"name": "one-tower"}), 1.0, 5), "images"),
    ("08.6", (ARMS["max pools 2x2"], MAX, 1.0, 5), "course's own"),
    ("08.6", (MAX, changed(epochs=15), 0, 5), "no effect"),
    ("08.6", (MAX, changed(epochs=15), 10, 2), "2 points"),
    ("08.6", (MAX, changed(epochs=15), 0.2, 51), "afford"),
    ("08.6", (MAX, changed(epochs=15), 1.0, 3), "too weak"),
    ("08.6", (MAX, MAX._replace(net=MAX.net | {"pool_size": 40}), 1.0, 5), "could not be checked"),
]
