"""Right and typical wrong answers of notebook 11."""

import torch

SENT = 30.015488  # megabytes that one of the paper's GPUs sends per step


def weighted(gradients, counts):
    return torch.einsum("p,pn->n", counts / counts.sum(), gradients)


RIGHT = {
    "11.1": 0.02,
    "11.2": 1000,
    "11.3": weighted,
    "11.4": 33.2,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("11.1", 0.04, "half as many"),
    ("11.1", 0.005, "64 images in all"),
    ("11.1", 0.01, "old rate"),
    ("11.1", 0.01414, "square root"),
    ("11.1", 0.0025, "other way around"),
    ("11.1", 1, "together"),
    ("11.2", 2048, "that is I"),
    ("11.2", 2_049_000, "that is P"),
    ("11.2", 4002, "cancels"),
    ("11.2", 2001, "forward and backward"),
    ("11.2", 2048 / 2_049_000, "other way around"),
    ("11.2", 128, "weights and biases"),
    ("11.3", lambda gradients, counts: gradients.mean(0), "plain mean"),
    ("11.3", lambda gradients, counts: gradients.sum(0), "sum of the means"),
    ("11.3", lambda gradients, counts: counts @ gradients, "the mean is asked for"),
    ("11.3", lambda gradients, counts: counts @ gradients / len(counts), "number of processes"),
    ("11.3", lambda gradients, counts: (1 / counts) @ gradients, "Multiply"),
    ("11.3", lambda gradients, counts: gradients[0], "add these sums"),
    ("11.4", 16.6, "What comes back"),
    ("11.4", 66.4, "all 384"),
    ("11.4", 8.31, "one byte"),
    ("11.4", 0.2595, "one image"),
    ("11.4", 33_226_752, "divide by a million"),
    ("11.4", 31.69, "2²⁰"),
    ("11.4", 33.226752 + SENT, "more than now"),
    ("11.4", 22.2, "forward and backward"),
]
