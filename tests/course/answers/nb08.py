"""Right and typical wrong answers of notebook 08."""

from statistics import mean, median, stdev


def spread(side):
    return max(side) - min(side)


def times(before, after):
    return abs(mean(after) - mean(before)) / max(spread(before), spread(after))


RIGHT = {
    "08.1": [-0.6, 0.8],
    "08.2": 1 - 0.95**20,
    "08.3": times,
    "08.4": [4500 / 1500, 1800 / 1500],
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("08.1", [0.6, 0.8], "sign"),
    ("08.1", [-0.6, 0.5], "each side has a spread"),
    ("08.1", [-0.6, 1.3], "added"),
    ("08.1", [-0.6, 1.4], "all six"),
    ("08.1", [-0.3, 0.8], "between the two means"),
    ("08.1", [0.8, -0.6], "other order"),
    ("08.1", [-0.006, 0.008], "in points"),
    ("08.1", [-0.6, 0.3], "number 2 from the left"),
    ("08.1", -0.6, "2 numbers in brackets"),
    ("08.2", 0.05, "single comparison"),
    ("08.2", 0.95**20, "none of the twenty"),
    ("08.2", 20 * 0.05, "on average"),
    ("08.2", 20 * 0.05 * 0.95**19, "exactly one"),
    ("08.2", 64.15, "percent"),
    ("08.2", 0.95, "no alarm"),
    ("08.2", 0.05**20, "all twenty look clear"),
    ("08.2", 0.5, "stay quiet"),
    ("08.3", lambda a, b: (mean(b) - mean(a)) / max(spread(a), spread(b)), "sign"),
    ("08.3", lambda a, b: abs(mean(b) - mean(a)) / min(spread(a), spread(b)), "smaller spread"),
    ("08.3", lambda a, b: abs(mean(b) - mean(a)) / spread(a), "both sides"),
    ("08.3", lambda a, b: abs(mean(b) - mean(a)) / spread([*a, *b]), "all numbers at once"),
    ("08.3", lambda a, b: abs(mean(b) - mean(a)) / max(stdev(a), stdev(b)), "standard deviations"),
    ("08.3", lambda a, b: abs(mean(b) - mean(a)), "that is the change"),
    ("08.3", lambda a, b: 1 / times(a, b), "other way around"),
    (
        "08.3",
        lambda a, b: abs(median(b) - median(a)) / max(spread(a), spread(b)),
        "distance of the two means",
    ),
    ("08.3", 1.5, "no brackets"),
    ("08.4", [1500 / 4500, 1500 / 1800], "other way around"),
    ("08.4", [1.2, 3.0], "other order"),
    ("08.4", [3.0, 0.9], "its own best"),
    ("08.4", [3.0, 3.0], "look down its column"),
    ("08.4", [3.0, 0.45], "Fewest steps win"),
    ("08.4", [4500, 1800], "divide them"),
    ("08.4", [2.5, 1.2], "tanh's steps divided"),
]
