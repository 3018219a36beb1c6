"""Right and typical wrong answers of notebook 02."""

from alexnet_lib.nets.build import smallest_size
from alexnet_lib.nets.sizes import output_size

WINDOWS = [(10, 1, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), *3 * [(3, 1, 1)], (3, 2, 0)]
ALEXNET = [(11, 4, 0), *WINDOWS[1:]]


def starting(*window):
    return [window, *WINDOWS[1:]]


RIGHT = {
    "02.1": output_size(64, 7, stride=2, padding=3),
    "02.2": 64 * (3 * 3 * 16 + 1),
    "02.3": WINDOWS,
    "02.4": 5,
    "02.5": smallest_size("paper", padding=0),
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("02.1", 31, "those are the steps"),
    ("02.1", 33, "one too many"),
    ("02.1", 31.5, "so many steps visit"),
    ("02.1", 32.5, "half a step"),
    ("02.1", (64 - 7) // 2 + 1, "did you count the padding"),
    ("02.1", 64, "stride 1"),
    ("02.1", 8, "rounded how"),
    ("02.2", 64 * (3 * 3 * 32 + 1), "that is without groups"),
    ("02.2", 64 * 3 * 3 * 16, "one more parameter"),
    ("02.2", 64 * 3 * 3 * 32, "both are missing"),
    ("02.2", 32 * (3 * 3 * 16 + 1), "one of the two groups"),
    ("02.2", 64 * 3 * 3 * 16 + 32, "for each input channel"),
    ("02.2", 3 * 3 * 16 + 1, "one kernel with its bias"),
    ("02.2", 3 * 3 * 16, "weights of one kernel"),
    ("02.2", 64 * (3 * 3 + 1), "how many channels does each"),
    ("02.2", 7, "How many kernels?"),
    ("02.3", 6, "takes a list of eight windows"),
    ("02.3", WINDOWS[:7], "there are eight windows"),
    ("02.3", ALEXNET, "conv1, on 64 pixels: the division leaves a remainder"),
    ("02.3", starting(10.5, 1, 0), "whole numbers"),
    ("02.3", starting(10, 0, 0), "at least 1"),
    ("02.3", starting(12, 1, 1), "wider than 11"),
    ("02.3", starting(1, 3, 0), "larger than the kernel"),
    ("02.3", starting(4, 1, 3), "more than half the kernel"),
    ("02.3", [*WINDOWS[:7], (8, 1, 0)], "pool5, on 13 pixels: a pool makes maps smaller"),
    ("02.3", [(10, 9, 0), (3, 2, 0), (5, 1, 0), *WINDOWS[3:]], "does not fit"),
    ("02.3", [(8, 2, 0), *WINDOWS[1:3], (2, 2, 0), *WINDOWS[4:]], "last maps are 3×3"),
    ("02.4", 11 / 3, "one another's maps"),
    ("02.4", 4, "less than 3"),
    ("02.4", 3, "depends on 7 pixels"),
    ("02.4", 6, "already depends"),
    ("02.4", 10, "must grow by"),
    ("02.4", 11, "more than one pixel"),
    ("02.4", 121 / 9, "areas"),
    ("02.4", 40, "each further layer"),
    ("02.5", 63, "padding in conv1"),
    ("02.5", 66, "gets a pixel too few"),
    ("02.5", 227, "a single value is enough"),
    ("02.5", 195, "conv2 to conv5"),
    ("02.5", 11, "make of a single value"),
    ("02.5", 15, "comes before it"),
    ("02.5", 71, "one step less"),
    ("02.5", (7 - 1) * 4 + 11, "pools come after"),
    ("02.5", 31, "nearly halves"),
    ("02.5", 99, "go backward"),
]
