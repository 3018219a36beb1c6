"""Right and typical wrong answers of notebook 09."""


def silent(maps, axes):
    return (maps == 0).all(dim=axes).float()


RIGHT = {
    "09.1": [2, 3, 4, 1],
    "09.2": 169,
    "09.3": lambda maps: (maps.amax((0, 2, 3)) == 0).float().mean(),
    "09.4": "random weights",
    "09.5": 1.7 / 3,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("09.1", [4, 1, 2, 3], "each filter"),
    ("09.1", [2, 4, 3, 1], "number 2 from the left"),
    ("09.1", [2, 3], "yours are 2"),
    ("09.2", 13, "two directions"),
    ("09.2", 144, "first position"),
    ("09.2", 256, "upper left corner"),
    ("09.2", 625, "moves by 1"),
    ("09.2", 1024, "each pixel"),
    ("09.2", 16, "side by side"),
    ("09.2", 100, "how many positions"),
    ("09.3", lambda maps: (maps == 0).float().mean(), "sparsity"),
    ("09.3", lambda maps: silent(maps, (2, 3)).mean(), "one image can wake it"),
    ("09.3", lambda maps: silent(maps, (2, 3)).amax(0).mean(), "if all are silent"),
    ("09.3", lambda maps: silent(maps, (0, 2, 3)).sum(), "their share"),
    ("09.3", lambda maps: silent(maps, (1, 2, 3)).mean(), "not each channel"),
    ("09.3", lambda maps: 0.5, "one answer per channel"),
    ("09.4", "another dog", "the photo's edges"),
    ("09.4", "a larger network", "two trained networks"),
    ("09.4", "A longer training", "What if nothing was"),
    ("09.4", "a cat", "one of these words"),
    ("09.5", 1 / 3, "share of votes"),
    ("09.5", 0.144, "product"),
    ("09.5", 0.4, "median"),
    ("09.5", 1.7, "sum of three"),
    ("09.5", 1.3 / 3, "probability of dog"),
    ("09.5", 0.5, "first number of each"),
]
