"""The exercises of notebook 08."""

from statistics import mean, stdev

from alexnet_lib.course.exercises.checkers import function, number, numbers


def _range(side):
    return max(side) - min(side)


def _change(before, after):
    return abs(mean(after) - mean(before))


EXERCISES = {
    "08.1": numbers(
        [-0.6, 0.8],
        "0.6 points less, while seeds differ by 0.8: by our rule, no difference.",
        [
            ([0.6, 0.8], "look at the sign: the error falls. What does that make the change?"),
            ([-0.6, 0.5], "each side has a spread; the rule takes the larger one."),
            ([-0.6, 1.3], "you added the two spreads; the rule takes the larger one."),
            (
                [-0.6, 1.4],
                "that is lowest to highest of all six; keep the sides apart.",
            ),
            (
                [-0.3, 0.8],
                "the spread is right; the change is between the two means.",
            ),
            ([0.8, -0.6], "both are right, in the other order: the change first."),
            ([-0.006, 0.008], "as fractions they are right; give them in points."),
        ],
        "first the mean after less the mean before, then the larger of the two sides' spreads.",
    ),
    "08.2": number(
        1 - 0.95**20,
        "0.95²⁰ of such studies raise no false alarm, so about two of three raise at least one.",
        [
            (0.05, "that is for a single comparison. And for twenty?"),
            (0.95**20, "that is the probability that none of the twenty looks clear."),
            (1.0, "20 · 0.05 is how many look clear on average; some studies have none."),
            (20 * 0.05 * 0.95**19, "that is for exactly one; at least one is asked for."),
            (100 * (1 - 0.95**20), "in percent it is right; give a number from 0 to 1."),
            (0.95, "that is how likely one comparison is to raise no alarm. And twenty?"),
            (0.05**20, "that is the probability that all twenty look clear."),
        ],
        "how likely is it that all twenty stay quiet? The rest is what is asked for.",
    ),
    "08.3": function(
        lambda before, after: _change(before, after) / max(_range(before), _range(after)),
        [
            [[30.0, 31.0, 30.5], [28.0, 28.2, 28.4]],
            [[20.0, 20.2, 20.7], [22.0, 23.9, 22.1]],
            [[5.0, 5.1, 5.3, 5.2], [4.9, 5.3]],
        ],
        "your function agrees with the course's on three pairs; above 1 is clear.",
        [
            (
                lambda before, after: (
                    (mean(after) - mean(before)) / max(_range(before), _range(after))
                ),
                "close: a change counts as large in both directions, so leave out its sign.",
            ),
            (
                lambda before, after: _change(before, after) / min(_range(before), _range(after)),
                "you divide by the smaller spread. Which one does the rule take?",
            ),
            (
                lambda before, after: _change(before, after) / _range(before),
                "the seeds of `after` can differ more than those of `before`: look at both sides.",
            ),
            (
                lambda before, after: _change(before, after) / _range([*before, *after]),
                "you take the spread over all numbers at once; each side has a spread of its own.",
            ),
            (
                lambda before, after: _change(before, after) / max(stdev(before), stdev(after)),
                "that is in standard deviations; the course's spread is highest less lowest.",
            ),
            (
                _change,
                "that is the change. How many times as large as the spread is it?",
            ),
            (
                lambda before, after: max(_range(before), _range(after)) / _change(before, after),
                "the other way around: how many spreads fit into the change?",
            ),
        ],
        "the distance of the two means, divided by the larger of the two spreads.",
    ),
    "08.4": numbers(
        [3.0, 1.2],
        "most of the factor was the rate: 0.03 suits ReLU, and tanh had to take it, too.",
        [
            (
                [1 / 3, 1 / 1.2],
                "the other way around: how many times as many steps does tanh take?",
            ),
            ([1.2, 3.0], "the right numbers, in the other order: first the same rate for both."),
            ([3.0, 0.9], "0.01 is not the best rate of ReLU: each net gets its own best one."),
            (
                [3.0, 3.0],
                "at a rate of its own tanh is faster than at 0.03: look down its column.",
            ),
            ([3.0, 1800 / 4000], "you took the rate that is slowest for ReLU. Fewest steps win."),
            ([4500, 1800], "those are tanh's steps; divide them by those of ReLU."),
        ],
        "tanh's steps divided by ReLU's: once in the last row, once with each net's fewest.",
    ),
}
