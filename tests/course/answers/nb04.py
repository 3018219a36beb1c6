"""Right and typical wrong answers of notebook 04."""

import torch.nn.functional as F


def lrn(x, n, alpha, beta, k):
    sums = F.pad(x**2, (n // 2, n // 2)).unfold(0, n, 1).sum(1)
    return x / (k + alpha * sums) ** beta


def short_window(x, n, alpha, beta, k):
    """The slice that leaves out its end, and with it the last neighbor."""
    b = x.clone()
    for i in range(len(x)):
        window = x[max(0, i - n // 2) : i + n // 2]
        b[i] = x[i] / (k + alpha * (window**2).sum()) ** beta
    return b


def no_squares(x, n, alpha, beta, k):
    return x / (k + alpha * F.pad(x, (n // 2, n // 2)).unfold(0, n, 1).sum(1)) ** beta


def no_own_square(x, n, alpha, beta, k):
    sums = F.pad(x**2, (n // 2, n // 2)).unfold(0, n, 1).sum(1) - x**2
    return x / (k + alpha * sums) ** beta


RIGHT = {
    "04.1": 200 / 6**0.75,
    "04.2": 0.009,
    "04.3": lrn,
    "04.4": 1e-4 * 63.75**2,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("04.1", 200 / 2.8**0.75, "torch's mean"),
    ("04.1", 200 / 6, "exponent"),
    ("04.1", 200 / 5**0.75, "torch's own k"),
    ("04.1", 200 / 2**0.75, "in its own window"),
    ("04.1", 200 / 2.02**0.75, "what of the activations"),
    ("04.1", 200 * 6**0.75, "it gets larger"),
    ("04.1", 6**-0.75, "the factor"),
    ("04.1", 7, "sum of squares"),
    ("04.1", 52, "three digits"),
    ("04.2", 0.001, "too little"),
    ("04.2", 0.001 / 9, "divides already"),
    ("04.2", 0.005, "how wide"),
    ("04.2", 9e-4, "another α"),
    ("04.2", 5e-4, "ImageNet"),
    ("04.2", 3, "makes up"),
    ("04.3", lambda x, n, alpha, beta, k: lrn(x, n, alpha / n, beta, k), "as torch does"),
    ("04.3", short_window, "one channel too early"),
    ("04.3", lambda x, n, alpha, beta, k: lrn(x, 2 * n + 1, alpha, beta, k), "whole width"),
    ("04.3", no_squares, "where is the square"),
    ("04.3", lambda x, n, alpha, beta, k: lrn(x, n, alpha, beta, 0), "where is k"),
    ("04.3", lambda x, n, alpha, beta, k: lrn(x, n, alpha, beta, 1), "always 1"),
    ("04.3", no_own_square, "itself out"),
    ("04.3", lambda x, n, alpha, beta, k: lrn(x, n, alpha, -beta, k), "sign of β"),
    ("04.3", lambda x, n, alpha, beta, k: lrn(x, n, alpha, 1, k), "where is its exponent"),
    ("04.3", lambda x, n, a, beta, k: x / (k + a * (x**2).sum()) ** beta, "all channels"),
    ("04.3", lambda x, n, a, beta, k: x / (k + a * x**2) ** beta, "only itself"),
    ("04.3", lambda x, n, alpha, beta, k: x, "print your window"),
    ("04.3", lambda x, n, alpha, beta, k: x.sum(), "the shape"),
    ("04.4", 1e-4 * 63.75, "right σ"),
    ("04.4", 1e-4 / 63.75**2, "not less"),
    ("04.4", 1e-4 * 255**2, "255 alone"),
    ("04.4", 1e-4 / 16, "0.25 alone"),
    ("04.4", 1e-4 * 1020**2, "larger, not smaller"),
    ("04.4", 1e-4, "far too little"),
    ("04.4", 5e-4 * 63.75**2, "make up for n"),
    ("04.4", 0.4096, "as it is"),
    ("04.4", 63.75, "that is σ"),
    ("04.4", 63.75**2, "by how much"),
    ("04.4", 12, "in all"),
]
