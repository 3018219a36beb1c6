"""The exercises of notebook 04."""

import torch
import torch.nn.functional as F

from alexnet_lib.course.exercises.checkers import demands, function, number, numbers


def _random(*shape, seed):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def _within_channel(a, n, alpha, beta, k, power=2, padding_counts=True):
    """LRN in a window of n×n places, and what comes out when a part of it is mistaken."""
    mean = F.avg_pool2d(a**power, n, 1, n // 2, count_include_pad=padding_counts)
    return a / (k + alpha * mean) ** beta


def _across_channels(a, n, alpha, beta, k):
    padded = F.pad(a**2, (0, 0, 0, 0, n // 2, n // 2))
    return a / (k + alpha * padded.unfold(1, n, 1).mean(-1)) ** beta


def _in_rows(a, n, alpha, beta, k):
    mean = F.avg_pool2d(a**2, (1, n), 1, (0, n // 2))
    return a / (k + alpha * mean) ** beta


def _activations():
    """Units (2, 8, 4, 4), all of them on."""
    return 3 * _random(2, 8, 4, 4, seed=0) + 0.1


def _keeps_the_shape(norm):
    a = _activations()
    b = norm(a)
    return isinstance(b, torch.Tensor) and b.shape == a.shape


def _keeps_units_off(norm):
    a = _activations()
    a[:, ::2] = 0
    b, silent = norm(a), norm(torch.zeros_like(a))
    return b.isfinite().all() and not (b[:, ::2] != 0).any() and not (silent != 0).any()


def _keeps_units_on(norm):
    return bool((norm(_activations()) > 0).all())


def _ignores_the_scale(norm):
    a = _activations()
    return torch.allclose(norm(100 * a), norm(a), rtol=0.02)


def _sees_one_place(norm):
    a = _activations()
    here = norm(a.clone())[0, :, 0, 0]
    a[1:], a[:, :, 1:], a[:, :, :, 1:] = 7, 8, 9
    return torch.allclose(norm(a)[0, :, 0, 0], here)


def _damps_neighbors(norm):
    a = _activations()
    before = norm(a.clone())[:, [3, 5]]
    a[:, 4] *= 3
    return bool((norm(a)[:, [3, 5]] < before).all())


HALF = (2 / 1e-4 * (2 ** (4 / 3) - 1)) ** 0.5

EXERCISES = {
    "04.1": number(
        HALF,
        "the bracket must be 2 ** (4/3) = 2.52 times as large, because β is below 1.",
        [
            ((2 / 1e-4) ** 0.5, "there the bracket is doubled. What does its power β do?"),
            (HALF / 5**0.5, "that is for the printed formula, which takes the sum of the squares."),
            (
                ((2 ** (4 / 3) - 2) / 1e-4) ** 0.5,
                "there the factor is one half. What is it for tiny activations?",
            ),
            (
                1e2 * (2 ** (4 / 3) - 1) ** 0.5,
                "that is for torch's own k. Which one is given here?",
            ),
            (HALF**2, "that is the mean square. And the activation?"),
            (
                (2 / 1e-4 * (2**0.75 - 1)) ** 0.5,
                "you took the power 0.75 of 2; undo that power instead.",
            ),
        ],
        "write the bracket as 2 times something. How large must that be, if its power is to be 2?",
    ),
    "04.2": numbers(
        [4, 0.001 / 9],
        "9 // 2 channels to each side, and what torch divides by n is divided by you.",
        [
            ([4, 0.001], "TensorFlow does not divide alpha: who does it then?"),
            ([4, 0.009], "torch's mean is smaller than the sum, so is alpha to grow or to shrink?"),
            ([9, 0.001 / 9], "depth_radius is not the whole width of the window."),
            ([9, 0.001], "neither the width nor alpha means the same in TensorFlow."),
            ([5, 0.001 / 9], "the unit itself is in the middle: how many are on each side of it?"),
            ([4, 0.001 / 4], "which of the two numbers does torch divide alpha by?"),
            ([4, 0.00011], "alpha is rounded to two digits: give three, or an expression."),
        ],
        "compare the two windows on paper, then the two brackets, with the same activations.",
    ),
    "04.3": function(
        _within_channel,
        [
            [100 * _random(2, 3, 6, 6, seed=1), 3, 1e-3, 0.75, 2.0],
            [100 * _random(1, 4, 5, 8, seed=2), 5, 1e-4, 0.5, 1.0],
            [100 * _random(2, 2, 7, 4, seed=3), 3, 1e-3, 0.75, 1.5],
        ],
        "your function agrees with the course's on three batches of activations.",
        [
            (
                lambda a, n, alpha, beta, k: _within_channel(a, n, alpha * n**2, beta, k),
                "you take the sum of the squares; where is the division by n²?",
            ),
            (
                lambda a, n, alpha, beta, k: _within_channel(a, n, alpha * n, beta, k),
                "you divide α by n; how many places has a square?",
            ),
            (
                lambda a, n, alpha, beta, k: _within_channel(a, n, alpha, beta, k, power=1),
                "you average the activations themselves: where is the square?",
            ),
            (
                lambda *given: _within_channel(*given, padding_counts=False),
                "at the edges you divide by the places inside the image; divide by n² everywhere.",
            ),
            (_across_channels, "your window runs over channels; here each channel is alone."),
            (_in_rows, "your window is one row high; it is a square."),
            (
                lambda a, n, alpha, beta, k: _within_channel(a, n, alpha, 1.0, k),
                "you divide by the bracket itself: where is its exponent?",
            ),
            (
                lambda a, n, alpha, beta, k: _within_channel(a, n, alpha, beta, 2.0),
                "your k is always the same: take the argument.",
            ),
        ],
        "try one channel of 3×3 ones with n=3: in the bracket, what is the mean in a corner?",
    ),
    "04.4": demands(
        [
            (
                _keeps_the_shape,
                "your function should return a tensor of the shape that it is given.",
            ),
            (_keeps_units_off, "units at 0 should stay at 0, also where a whole window is at 0."),
            (_keeps_units_on, "units above 0 should stay above 0: divide, and subtract nothing."),
            (_ignores_the_scale, "inputs 100 times as large give another output. What is k for?"),
            (_sees_one_place, "other images or other places change the output at this one."),
            (
                _damps_neighbors,
                "where a channel gets stronger, its two neighbors should get weaker.",
            ),
        ],
        "it ignores the scale, sees one place of one image, and neighbors compete.",
    ),
}
