"""Right and typical wrong answers of notebook 00."""

import math

RIGHT = {
    "00.1": math.ceil(5_000 / 128),
    "00.2": 100 / 1000,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("00.1", 5_000 // 128, "the rest"),
    ("00.1", 5_000 / 128, "the rest"),
    ("00.1", math.ceil(45_000 / 128), "45,000"),
    ("00.1", math.ceil(5_000 / 64), "not 64"),
    ("00.1", 128, "how many batches are there"),
    ("00.1", 41, "round up"),
    ("00.2", 10, "with 10 classes"),
    ("00.2", 1 / 1000, "in percent"),
    ("00.2", 99.9, "it is wrong"),
    ("00.2", 50, "equally likely"),
    ("00.2", 1, "in a hundred"),
    ("00.2", 3, "one of each class"),
]
