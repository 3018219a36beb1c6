"""The exercises of notebook 00."""

from alexnet_lib.course.exercises.checkers import function, number, numbers


def _descend(w, x, y, learning_rate):
    return w - learning_rate * 2 * (w * x - y) * x


EXERCISES = {
    "00.1": number(
        1.5,
        "the gradient is 2 · 5 · 5 = 50, and the step goes against it.",
        [
            (2.5, "a step goes against the gradient, so that the loss falls."),
            (1.9, "the derivative of (5w − 5)² has another factor 5, that of 5w."),
            (1.75, "the derivative of a square has a factor 2."),
            (-48, "the learning rate is missing: it says how far the step goes."),
            (50, "that is the gradient. And where does the step lead?"),
            (1, "there the loss is 0, but one step does not get there."),
        ],
        "the derivative is 2 (5w − 5) · 5; multiply it by 0.01, and subtract it from 2.",
    ),
    "00.2": numbers(
        [12_288, 320],
        "3 · 64 · 64 numbers per image go in, and ten per image come out.",
        [
            ([4096, 320], "a color image has three channels."),
            ([12_288, 10], "that is the output for one image; the batch has 32."),
            ([4096, 10], "a color image has three channels, and the batch has 32 images."),
            ([12_289, 320], "the bias is no input: count the numbers of one image."),
            ([393_216, 320], "flatten keeps the batch axis: each image is a row of its own."),
        ],
        "multiply channels, rows and columns; the output has one row per image.",
    ),
    "00.3": function(
        _descend,
        [[1.0, 3.0, 12.0, 0.04], [2.0, 5.0, 5.0, 0.01], [-1.0, 2.0, 0.5, 0.05]],
        "that is gradient descent, and training a network repeats it.",
        [
            (
                lambda w, x, y, learning_rate: w + learning_rate * 2 * (w * x - y) * x,
                "a step goes against the gradient: subtract it.",
            ),
            (
                lambda w, x, y, learning_rate: w - 2 * (w * x - y) * x,
                "the learning rate is missing in your step.",
            ),
            (
                lambda w, x, y, learning_rate: w - learning_rate * 2 * (w * x - y),
                "the derivative with respect to w has another factor x.",
            ),
            (
                lambda w, x, y, learning_rate: w - learning_rate * (w * x - y) * x,
                "the derivative of a square has a factor 2.",
            ),
            (
                lambda w, x, y, learning_rate: 2 * (w * x - y) * x,
                "that is the gradient; return the new w.",
            ),
        ],
        "subtract the learning rate times 2 (wx − y) x from w.",
    ),
}
