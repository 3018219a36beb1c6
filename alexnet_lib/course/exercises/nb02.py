"""The exercises of notebook 02."""

from math import ceil

from alexnet_lib.course.exercises.checkers import function, number


def _size(size, kernel_size, stride, padding, dilation, cut=lambda steps: steps // 1):
    window = dilation * (kernel_size - 1) + 1
    return cut((size + 2 * padding - window) / stride) + 1


CASES = [[32, 3, 1, 0, 2], [20, 3, 2, 1, 2], [31, 5, 3, 2, 1], [28, 4, 3, 1, 3], [227, 11, 4, 0, 1]]

EXERCISES = {
    "02.1": number(
        32,
        "(64 + 2·3 - 7) / 2 = 31.5: rounded down 31 steps, and the place of the start.",
        [
            (31, "those are the steps, or is the padding added at one end only?"),
            (33, "one too many: a last step that is not whole does not count."),
            (31.5, "whole steps only; and how many places do so many steps visit?"),
            (32.5, "an output has whole pixels: what happens to half a step?"),
            (29, "is the padding in it? It adds pixels at both ends."),
            (64, "that is for stride 1. The kernel moves by two pixels at a time."),
        ],
        "pixels with the padding at both ends, less the window, over the stride: rounded how?",
    ),
    "02.2": number(
        9_280,
        "64 kernels, each with 3·3 weights for the 16 channels of its group, and a bias.",
        [
            (18_496, "that is without groups. How many channels does a kernel see in a group?"),
            (9_216, "the weights are right. Each kernel has one more parameter."),
            (18_432, "without groups and without biases: both are missing."),
            (4_640, "that is one of the two groups, if each has half of the kernels."),
            (9_248, "there is one bias for each kernel, not for each input channel."),
            (145, "that is one kernel with its bias. How many kernels are there?"),
            (144, "those are the weights of one kernel. How many kernels are there?"),
            (640, "how many channels does each kernel look at?"),
        ],
        "one kernel has a weight for each of its pixels and channels, and one bias. And all?",
    ),
    "02.3": function(
        _size,
        CASES,
        "your function agrees with the course's on five layers.",
        [
            (
                lambda size, kernel_size, stride, padding, dilation: _size(
                    size, kernel_size, stride, padding, 1
                ),
                "the dilation is not in it: how many pixels does the spread-out window span?",
            ),
            (
                lambda size, kernel_size, stride, padding, dilation: _size(
                    size, dilation * kernel_size, stride, padding, 1
                ),
                "a window with gaps spans less than dilation · kernel_size: count the gaps.",
            ),
            (
                lambda size, kernel_size, stride, padding, dilation: _size(
                    size, kernel_size + dilation - 1, stride, padding, 1
                ),
                "there is a gap between each two pixels of the kernel, not just one gap.",
            ),
            (
                lambda size, *layer: _size(size + 1, *layer),
                "a window of two weights side by side spans 2 pixels: what does yours say?",
            ),
            (
                lambda size, kernel_size, stride, padding, dilation: _size(
                    size, kernel_size, stride, padding, dilation, ceil
                ),
                "rounded up: a last step that is not whole does not count in a convolution.",
            ),
            (
                lambda *layer: _size(*layer, lambda steps: steps),
                "your sizes have fractions; only whole steps count: // in place of /.",
            ),
            (
                lambda *layer: _size(*layer) - 1,
                "these are the steps. The place of the start counts, too.",
            ),
            (
                lambda size, kernel_size, stride, padding, dilation: _size(
                    size, kernel_size, stride, 0, dilation
                ),
                "the padding is not in it.",
            ),
            (
                lambda size, kernel_size, stride, padding, dilation: _size(
                    size + padding, kernel_size, stride, 0, dilation
                ),
                "padding is added at both ends.",
            ),
        ],
        "what does the window span, how far can it travel, and how many whole strides is that?",
    ),
    "02.4": number(
        5,
        "each 3×3 layer with stride 1 adds 2 pixels to the side: 1 + 2·5 = 11.",
        [
            (11 / 3, "11 / 3? The layers look at one another's maps, and their windows overlap."),
            (4, "11 / 3, rounded up? Their windows overlap, so each layer adds less than 3."),
            (3, "three of them see only 7 pixels: 3, then 2 more, then 2 more."),
            (6, "one too many: with no layer at all a value already sees its own pixel."),
            (10, "that is what the side must grow by. How much does one layer add?"),
            (11, "each layer adds more than one pixel: one at the left, and what else?"),
            (121 / 9, "that divides the areas; the windows overlap, so count along one row."),
        ],
        "how many pixels does each further layer add to the side?",
    ),
    "02.5": number(
        67,
        "backward: pool5 needs 3, pool2 7, pool1 15 pixels, and conv1 14·4 + 11.",
        [
            (63, "that is with 2 pixels of padding in conv1; here it has none."),
            (66, "nearly: one of the pools finds a pixel too few. Which?"),
            (227, "there pool5 makes 6×6 of it; one single value is enough."),
            (195, "conv2 to conv5 are padded: they hand on the size that they get."),
            (11, "conv1 can do with it. What do the pools make of a single value?"),
            (15, "that is what pool1 needs; one more layer lies before it."),
            (71, "windows and steps differ by one, and conv1's stride is 4 pixels."),
            (35, "how many pools lie behind conv1? Each of them asks for more."),
            (31, "a pool halves the map, nearly: which size must enter it to get 3, and 7?"),
        ],
        "go backward: how many pixels does pool5 need for one value? And pool2 for those?",
    ),
}
