"""Right and typical wrong answers of notebook 01."""

from math import prod

from alexnet_lib.nets.layer_table import layer_table

ROWS = [row for row in layer_table("paper", 224, 1000, padding=0) if row.parameters]

RIGHT = {
    "01.1": (26.2 - 15.3) / 26.2 * 100,
    "01.2": (40 - 32 + 1) ** 2 * 2,
    "01.3": "conv4",
    "01.4": sum(prod(row.shape) for row in ROWS),
    "01.5": "C",
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("01.1", 10.9, "difference in points"),
    ("01.1", 0.416, "as a fraction"),
    ("01.1", 71.2, "by the new error"),
    ("01.1", 58.4, "that remains"),
    ("01.1", 171.2, "percent of the new one"),
    ("01.1", 42, "one digit after"),
    ("01.1", -41.6, "above 0"),
    ("01.1", 3, "divided by the one it is compared with"),
    ("01.2", 128, "count the places"),
    ("01.2", 64, "more than 8 places"),
    ("01.2", 81, "as they are"),
    ("01.2", 18, "down as well as across"),
    ("01.2", 9, "places across"),
    ("01.2", 2048, "paper's number"),
    ("01.2", 2178, "here it is 32 in 40"),
    ("01.2", 7, "then the mirror"),
    ("01.3", "conv1", "3 colors"),
    ("01.3", "conv2", "just below"),
    ("01.3", "conv3", "twice as many maps"),
    ("01.3", "conv5", "fewer come out"),
    ("01.3", "fc6", "one of these words"),
    ("01.4", 659_272, "227 pixels"),
    ("01.4", 648_808, "behind conv1"),
    ("01.4", sum(prod(row.shape) for row in ROWS[:1]), "seven layers"),
    ("01.4", 290_400, "at 227"),
    ("01.4", sum(prod(row.shape) for row in ROWS[:5]), "fc layers"),
    ("01.4", 54 * 54 + 2 * 26 * 26, "all maps"),
    ("01.4", 622_312, "as printed"),
    ("01.4", sum(row.parameters for row in ROWS), "puts out"),
    (
        "01.4",
        sum(prod(row.shape) for row in layer_table("paper", 224, 1000, padding=0)),
        "all rows",
    ),
    ("01.4", 4, "multiply out"),
    ("01.5", "A", "measured on ImageNet"),
    ("01.5", "B", "one net"),
    ("01.5", "D", "do say something"),
    ("01.5", "E", "one of these words"),
]
