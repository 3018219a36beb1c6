"""Right and typical wrong answers of notebook 07."""

import math

import torch


def top5(logits, labels):
    return (logits.topk(5).indices == labels[:, None]).any(1).float().mean()


def linear(step, steps):
    return 0.5 * (1 - step / steps)


RIGHT = {
    "07.1": math.log(100),
    "07.2": 1.232,
    "07.3": 6,
    "07.4": 0.1,
    "07.5": top5,
    "07.6": linear,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("07.1", math.log(10), "10 classes"),
    ("07.1", -math.log(100), "sign"),
    ("07.1", math.log10(100), "base 10"),
    ("07.1", math.log2(100), "bits"),
    ("07.1", 1 / 100, "probability of the right class"),
    ("07.1", 0.99, "its error"),
    ("07.1", 17, "which probability"),
    ("07.2", (1.0 + 1.2 + 2.0) / 3, "mean of the means"),
    ("07.2", 4.2, "sum of the three means"),
    ("07.2", 369.6, "now divide"),
    ("07.2", 369.6 / 384, "how many images are there"),
    ("07.2", 369.6 / 3, "not by the batches"),
    ("07.2", -1, "every single image"),
    ("07.3", 5, "counts from 0"),
    ("07.3", 10, "training loss is lowest"),
    ("07.3", 9, "counted from 0"),
    ("07.3", 7, "worse than the one before"),
    ("07.3", 1.1, "loss itself"),
    ("07.3", 2, "does best"),
    ("07.4", 0.01, "first step"),
    ("07.4", 0.019, "second step"),
    ("07.4", 0.009, "without the new gradient"),
    ("07.4", 0, "new gradient of 1"),
    ("07.4", 10, "how long is it then"),
    ("07.4", 1, "that is the gradient"),
    ("07.4", -0.1, "without the sign"),
    ("07.4", 3, "in a loop"),
    ("07.5", lambda x, y: (x.argmax(1) == y).float().mean(), "top-1"),
    ("07.5", lambda x, y: top5(-x, y), "smallest"),
    ("07.5", lambda x, y: top5(x, y) / 5, "any(1)"),
    ("07.5", lambda x, y: top5(x, y) * len(y), "how many images"),
    ("07.5", lambda x, y: 100 * top5(x, y), "percent"),
    ("07.5", lambda x, y: 1 - top5(x, y), "error"),
    ("07.5", lambda x, y: 0.5, "five best classes"),
    ("07.5", lambda x, y: (x.topk(5).indices == y).any(1).float().mean(), "RuntimeError"),
    ("07.5", lambda x, y: x, "one number"),
    ("07.5", top5(torch.eye(10), torch.arange(10)), "no brackets"),
    ("07.6", lambda step, steps: 0.01 - step, "none below 0"),
    ("07.6", lambda step, steps: 3.0, "first steps are too large"),
    ("07.6", lambda step, steps: 0.5 if step < 5 else 0.01, "small too early"),
    ("07.6", lambda step, steps: 0.2, "noise keeps"),
    ("07.6", lambda step, steps: max(0.0, 0.5 * (1 - step / 100)), "1,000"),
]
