"""Right and typical wrong answers of notebook 10."""

RIGHT = {
    "10.1": "as it is",
    "10.2": 5,
    "10.3": "conv5",
    "10.4": "noise",
    "10.5": "equal",
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("10.1", "after the call", "Are these raw?"),
    ("10.1", "both", "one of these words"),
    ("10.2", 6, "whatever goes in"),
    ("10.2", 12, "halves it"),
    ("10.2", 13, "for 227 pixels."),
    ("10.2", 54, "after conv1"),
    ("10.2", 55, "conv1's output"),
    ("10.2", 26, "after pool1"),
    ("10.2", 7, "the three poolings"),
    ("10.3", "conv3", "what conv2 gives"),
    ("10.3", "fc6", "as many as it takes"),
    ("10.3", "none", "mended conv4"),
    ("10.3", "conv4", "one of these words"),
    ("10.4", "overfitting", "far below epoch 2"),
    ("10.4", "a bug", "every epoch"),
    ("10.4", "luck", "one of these words"),
    ("10.5", "smaller", "the two terms"),
    ("10.5", "larger", "takes the mean"),
    ("10.5", "twice", "one of these words"),
]
