"""Right and typical wrong answers of notebook 05."""

import math

RIGHT = {
    "05.1": math.log(1000),
    "05.2": 0.0289,
    "05.3": 0.0884,
    "05.4": "learning rate",
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("05.1", math.log(10), "10 classes"),
    ("05.1", -math.log(1000), "sign"),
    ("05.1", math.log10(1000), "base 10"),
    ("05.1", math.log2(1000), "base 2"),
    ("05.1", 0.001, "probability of the right class"),
    ("05.1", 0.999, "its error"),
    ("05.1", 17, "sees nothing"),
    ("05.2", 0.029, "four digits"),
    ("05.2", 0.0408, "two towers"),
    ("05.2", math.sqrt(2 / 96), "more than one value"),
    ("05.2", math.sqrt(2 / 480), "has an area"),
    ("05.2", math.sqrt(1 / 2400), "does a ReLU do"),
    ("05.2", 2 / 2400, "is the variance; its root"),
    ("05.2", 1 / 2400, "half of the one"),
    ("05.2", math.sqrt(2 / 6400), "counted the outputs"),
    ("05.2", math.sqrt(2 / 614400), "weights of all units"),
    ("05.2", 0.01, "times the places"),
    ("05.3", 0.088, "four digits"),
    ("05.3", 0.5**4, "eight times"),
    ("05.3", 0.5**7, "mean square; std"),
    ("05.3", 0.5**8, "count the layers again"),
    ("05.3", math.sqrt(0.5), "what one layer does."),
    ("05.3", 0.5, "one layer does to the mean square"),
    ("05.3", 1, "What does the ReLU do"),
    ("05.3", 2**3.5, "grow or shrink"),
    ("05.3", 20, "seven layers of it"),
    ("05.4", "initialization", "before the first step"),
    ("05.4", "dead units", "stands still"),
    ("05.4", "pixels", "raw pixels"),
    ("05.4", "bad luck", "one of these words"),
]
