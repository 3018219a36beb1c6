"""Right and typical wrong answers of notebook 02."""

from math import ceil

from alexnet_lib.nets.build import smallest_size
from alexnet_lib.nets.sizes import output_size


def travel(size, kernel_size, padding, dilation):
    return size + 2 * padding - dilation * (kernel_size - 1) - 1


RIGHT = {
    "02.1": output_size(64, 7, stride=2, padding=3),
    "02.2": 64 * (3 * 3 * 16 + 1),
    "02.3": output_size,
    "02.4": 5,
    "02.5": smallest_size("paper", padding=0),
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("02.1", 31, "those are the steps"),
    ("02.1", 33, "one too many"),
    ("02.1", 31.5, "so many steps visit"),
    ("02.1", 32.5, "half a step"),
    ("02.1", (64 - 7) // 2 + 1, "is the padding in it"),
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
    ("02.2", 7, "for each of its pixels"),
    ("02.3", lambda n, k, s, p, d: travel(n, k, p, 1) // s + 1, "dilation is not in it"),
    ("02.3", lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1, "count the gaps"),
    ("02.3", lambda n, k, s, p, d: (n + 2 * p - k - d + 1) // s + 1, "not just one gap"),
    ("02.3", lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s + 1, "two weights side by side"),
    ("02.3", lambda n, k, s, p, d: ceil(travel(n, k, p, d) / s) + 1, "rounded up"),
    ("02.3", lambda n, k, s, p, d: travel(n, k, p, d) / s + 1, "fractions"),
    ("02.3", lambda n, k, s, p, d: travel(n, k, p, d) // s, "place of the start"),
    ("02.3", lambda n, k, s, p, d: travel(n, k, 0, d) // s + 1, "padding is not in it"),
    ("02.3", lambda n, k, s, p, d: travel(n + p, k, 0, d) // s + 1, "both ends"),
    ("02.3", lambda n, k, s, p, d: n, "how far can it travel"),
    ("02.4", 11 / 3, "one another's maps"),
    ("02.4", 4, "less than 3"),
    ("02.4", 3, "only 7 pixels"),
    ("02.4", 6, "already sees"),
    ("02.4", 10, "must grow by"),
    ("02.4", 11, "more than one pixel"),
    ("02.4", 121 / 9, "areas"),
    ("02.4", 40, "each further layer"),
    ("02.5", 63, "padding in conv1"),
    ("02.5", 66, "a pixel too few"),
    ("02.5", 227, "single value is enough"),
    ("02.5", 195, "conv2 to conv5"),
    ("02.5", 11, "of a single value"),
    ("02.5", 15, "lies before it"),
    ("02.5", 71, "windows and steps"),
    ("02.5", (7 - 1) * 4 + 11, "pools lie behind"),
    ("02.5", 31, "halves the map"),
    ("02.5", 99, "go backward"),
]
