"""Right and typical wrong answers of notebook 04."""

import torch
import torch.nn.functional as F


def lrn_in_squares(a, n, alpha, beta, k):
    half = n // 2
    windows = F.pad(a**2, (half, half, half, half)).unfold(2, n, 1).unfold(3, n, 1)
    return a / (k + alpha / n**2 * windows.sum((-1, -2))) ** beta


def sums(a, n, alpha, beta, k):
    return lrn_in_squares(a, n, alpha * n**2, beta, k)


def across(a, n, alpha, beta, k):
    windows = F.pad(a**2, (0, 0, 0, 0, n // 2, n // 2)).unfold(1, n, 1)
    return a / (k + alpha / n * windows.sum(-1)) ** beta


def one_row(a, n, alpha, beta, k):
    windows = F.pad(a**2, (n // 2, n // 2)).unfold(3, n, 1)
    return a / (k + alpha * windows.mean(-1)) ** beta


def no_squares(a, n, alpha, beta, k):
    return a / (k + alpha * F.avg_pool2d(a, n, 1, n // 2)) ** beta


def fewer_at_the_edges(a, n, alpha, beta, k):
    mean = F.avg_pool2d(a**2, n, 1, n // 2, count_include_pad=False)
    return a / (k + alpha * mean) ** beta


def by_all_channels(a):
    return a / (a.square().mean(1, keepdim=True) + 1e-12).sqrt()


def in_place(a):
    a /= (a.square().mean() + 1e-12).sqrt()
    return a


RIGHT = {
    "04.1": 174.3,
    "04.2": [4, 0.001 / 9],
    "04.3": lrn_in_squares,
    "04.4": by_all_channels,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("04.1", 141.4, "its power β"),
    ("04.1", 77.97, "printed formula"),
    ("04.1", 72.1, "one half"),
    ("04.1", 123.3, "torch's own k"),
    ("04.1", 174.3**2, "mean square"),
    ("04.1", 116.8, "undo that power"),
    ("04.1", 20, "2 times something"),
    ("04.2", [4, 0.001], "who does it"),
    ("04.2", [4, 0.009], "grow or to shrink"),
    ("04.2", [9, 0.001 / 9], "whole width"),
    ("04.2", [9, 0.001], "neither"),
    ("04.2", [5, 0.001 / 9], "in the middle"),
    ("04.2", [4, 0.001 / 4], "which of the two"),
    ("04.2", [4, 0.00011], "two digits"),
    ("04.2", [3, 0.001 / 9], "on paper"),
    ("04.3", sums, "where is the division"),
    ("04.3", lambda a, n, *rest: lrn_in_squares(a, n, rest[0] * n, *rest[1:]), "has a square"),
    ("04.3", no_squares, "where is the square"),
    ("04.3", fewer_at_the_edges, "inside the image"),
    ("04.3", across, "each channel is alone"),
    ("04.3", one_row, "one row high"),
    ("04.3", lambda a, n, alpha, beta, k: lrn_in_squares(a, n, alpha, 1, k), "its exponent"),
    ("04.3", lambda a, n, alpha, beta, k: lrn_in_squares(a, n, alpha, beta, 2), "always the same"),
    ("04.3", lambda a, *_: a, "3×3 ones"),
    ("04.3", lambda a, *_: a.sum(), "the shape"),
    ("04.4", lambda a: a.sum(), "a tensor of the shape"),
    ("04.4", lambda a: F.layer_norm(a, a.shape[1:]), "should stay at 0"),
    ("04.4", lambda a: a / a.square().mean(1, keepdim=True).sqrt(), "should stay at 0"),
    ("04.4", lambda a: (a - a.mean(1, keepdim=True)).relu() * (a > 0), "subtract nothing"),
    ("04.4", lambda a: across(a, 5, 1e-4, 0.75, 2), "What is k for"),
    ("04.4", lambda a: a / (a.square().mean() + 1e-12).sqrt(), "other places"),
    ("04.4", in_place, "other places"),
    ("04.4", lambda a: (a > 0).to(a.dtype), "get weaker"),
    ("04.4", lambda a: torch.where(a > 0, a / (a + 1e-12), 0), "get weaker"),
]
