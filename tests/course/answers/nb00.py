"""Right and typical wrong answers of notebook 00."""

import torch


def descend(w, x, y, learning_rate):
    w = torch.tensor(float(w), requires_grad=True)
    ((w * x - y) ** 2).backward()
    return w.detach() - learning_rate * w.grad


RIGHT = {
    "00.1": 2 - 0.01 * 50,
    "00.2": [3 * 64 * 64, 320],
    "00.3": descend,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("00.1", 2.5, "against the gradient"),
    ("00.1", 1.9, "another factor 5"),
    ("00.1", 1.75, "a factor 2"),
    ("00.1", 2 - 50, "says how far"),
    ("00.1", 50, "where does the step lead"),
    ("00.1", 1, "one step does not"),
    ("00.1", 7, "subtract it from 2"),
    ("00.2", [64 * 64, 320], "three channels"),
    ("00.2", [3 * 64 * 64, 10], "the batch has 32"),
    ("00.2", [64 * 64, 10], "and the batch has 32"),
    ("00.2", [32 * 3 * 64 * 64, 320], "keeps the batch axis"),
    ("00.2", [3 * 64 * 64 + 1, 320], "the bias is no input"),
    ("00.2", [1, 320], "one row per image"),
    ("00.3", lambda w, x, y, learning_rate: 2 * w - descend(w, x, y, learning_rate), "subtract it"),
    ("00.3", lambda w, x, y, learning_rate: descend(w, x, y, 1), "in your step"),
    (
        "00.3",
        lambda w, x, y, learning_rate: w - learning_rate * 2 * (w * x - y),
        "another factor x",
    ),
    ("00.3", lambda w, x, y, learning_rate: descend(w, x, y, learning_rate / 2), "a factor 2"),
    ("00.3", lambda w, x, y, learning_rate: w - descend(w, x, y, 1), "return the new w"),
    ("00.3", lambda w, x, y, learning_rate: w, "2 (wx − y) x from w"),
]
