"""The exercises of notebook 04."""

from alexnet_lib.course.exercises.checkers import function, number


def _lrn(x, n, alpha, beta, k, power=2, right=0, own=1):
    """The printed formula at one place, and what comes out when a part of it is mistaken."""
    half, out = n // 2, []
    for i, value in enumerate(x):
        window = x[max(0, i - half) : i + half + 1 + right]
        sum_ = (window**power).sum() - (1 - own) * value**power
        out.append(value / (k + alpha * sum_) ** beta)
    return [float(value) for value in out]


def _activations(channels, seed):
    import torch

    random = torch.Generator().manual_seed(seed)
    return 100 * torch.rand(channels, generator=random, dtype=torch.float64)


EXERCISES = {
    "04.1": number(
        200 / (2 + 1e-4 * 200**2) ** 0.75,
        "200 / (2 + 4)^0.75: alone, it damps itself.",
        [
            (200 / (2 + 1e-4 / 5 * 200**2) ** 0.75, "that is torch's mean; here the sum is meant."),
            (200 / 6, "you divided by the bracket itself. What about its exponent?"),
            (200 / (1 + 1e-4 * 200**2) ** 0.75, "that is torch's own k. Which one has the paper?"),
            (200 * 2**-0.75, "a unit stands in its own window, too."),
            (200 / (2 + 1e-4 * 200) ** 0.75, "the sum is over what of the activations?"),
            (200 * 6**0.75, "it gets larger? Look at where the bracket stands in the fraction."),
            (6**-0.75, "that is the factor. What does it make of the activation?"),
            (52, "nearly, but rounded too much: give three digits."),
        ],
        "which numbers in the window are not 0? Put their sum of squares into the formula of 4.2.",
    ),
    "04.2": number(
        0.009,
        "torch divides alpha by n = 9, and what is left is the printed one.",
        [
            (0.001, "then torch divides it by n, and the squares count too little."),
            (0.001 / 9, "torch divides already; what have you to do about it?"),
            (0.005, "nearly: how wide is the window here?"),
            (0.0009, "the right idea with another α: look at the question again."),
            (5e-4, "that is for the paper's ImageNet net; here n and α are others."),
        ],
        "torch takes the mean over n where the formula has the sum. What makes up for that?",
    ),
    "04.3": function(
        _lrn,
        [
            [_activations(12, 1), 5, 1e-4, 0.75, 2.0],
            [_activations(8, 2), 3, 1e-3, 0.5, 1.0],
            [_activations(20, 3), 9, 1e-3, 0.75, 1.5],
        ],
        "your function agrees with the course's on three rows of channels.",
        [
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha / n, beta, k),
                "you divide α by n, as torch does; the printed formula takes the sum.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, beta, k, right=-1),
                "your window ends one channel too early: the end of a slice is left out.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, 2 * n + 1, alpha, beta, k),
                "your window reaches n channels to either side; n is its whole width.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, beta, k, power=1),
                "you add up the activations themselves: where is the square?",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, beta, 0.0),
                "where is k? Without it the smallest activity would be blown up.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, beta, 1.0),
                "your k is always 1: take the argument.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, beta, k, own=0),
                "you leave the unit itself out: its own square counts, too.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, -beta, k),
                "you multiply by the bracket: look at the sign of β.",
            ),
            (
                lambda x, n, alpha, beta, k: _lrn(x, n, alpha, 1.0, k),
                "you divide by the bracket itself: where is its exponent?",
            ),
            (
                lambda x, n, alpha, beta, k: x / (k + alpha * (x**2).sum()) ** beta,
                "your sum runs over all channels, not over the window of each.",
            ),
            (
                lambda x, n, alpha, beta, k: x / (k + alpha * x**2) ** beta,
                "each unit sees only itself: where are its neighbors?",
            ),
        ],
        "print your window for channel 0 and for the last one, and compare with the table in 4.2.",
    ),
    "04.4": number(
        1e-4 * (255 * 0.25) ** 2,
        "σ is 255 · 0.25 = 63.75, and alpha goes with its square.",
        [
            (1e-4 * 255 * 0.25, "right σ; but what does LRN do to the activations before it adds?"),
            (1e-4 / (255 * 0.25) ** 2, "smaller activations need more of α, not less."),
            (1e-4 * 255**2, "that is for pixels divided by 255 alone; dividing by 0.25 follows."),
            (1e-4 * 0.25**2, "that is for the division by 0.25 alone; the one by 255 comes first."),
            (1e-4 * (255 / 0.25) ** 2, "dividing by 0.25 makes the values larger, not smaller."),
            (
                1e-4,
                "with the same α the squares count far too little now: by how much?",
            ),
            (
                5e-4 * (255 * 0.25) ** 2,
                "both alphas are torch's: nothing has to make up for n.",
            ),
            (1e-4 * 64**2, "nearly: σ was rounded, or alpha is. Compute with σ as it is."),
            (255 * 0.25, "that is σ. What follows for α? Section 4.10 has the formula."),
            ((255 * 0.25) ** 2, "that is by how much; what is α then?"),
        ],
        "by which σ are the pixels smaller in all? Then see 4.10.",
    ),
}
