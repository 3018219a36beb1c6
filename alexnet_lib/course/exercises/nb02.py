"""The exercises of notebook 02."""

from alexnet_lib.course.exercises.checkers import number

LAYERS = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")


def windows_for_64(answer):
    """The checker of 02.3: eight windows (kernel, stride, padding) that make 6×6 maps of 64×64."""
    try:
        windows = [tuple(window) for window in answer]
    except TypeError:
        return False, "this takes a list of eight windows, each (kernel, stride, padding)."
    if [len(window) for window in windows] != [3] * len(LAYERS):
        return False, "there are eight windows of three numbers each: (kernel, stride, padding)."
    side = 64
    for name, window in zip(LAYERS, windows, strict=True):
        flaw = _flaw(name, side, *window)
        if flaw:
            return False, f"{name}, on {side} pixels: {flaw}"
        side = (side + 2 * window[2] - window[0]) // window[1] + 1
    if side != 6:
        return False, f"your last maps are {side}×{side}. Go backward: what does pool5 need for 6?"
    places = (64 + 2 * windows[0][2] - windows[0][0]) // windows[0][1] + 1
    return (
        True,
        f"the last maps are 6×6; conv1 has {places}·{places} positions, AlexNet's has 55·55.",
    )


def _flaw(name, side, kernel, stride, padding):
    """What is wrong with a window, None if nothing is."""
    if any(isinstance(value, bool) or int(value) != value for value in (kernel, stride, padding)):
        return "kernel, stride and padding are whole numbers."
    if kernel < 1 or stride < 1 or padding < 0:
        return "a kernel and a stride are at least 1, a padding at least 0."
    if kernel > 11:
        return "the kernel is wider than 11."
    if stride > kernel:
        return "the stride is larger than the kernel, so no window reads what is between them."
    if 2 * padding > kernel:
        return "a padding of more than half the kernel lets windows read mostly zeros."
    if name.startswith("pool") and stride < 2:
        return "a pool makes maps smaller: its stride is at least 2."
    if kernel > side + 2 * padding:
        return "the kernel does not fit."
    if (side + 2 * padding - kernel) % stride:
        return "the division leaves a remainder, so the last pixels are in no window."
    return None


EXERCISES = {
    "02.1": number(
        32,
        "(64 + 2·3 - 7) / 2 = 31.5: rounded down, 31 steps, and the position at the start.",
        [
            (31, "those are the steps; or did you add the padding on one side only?"),
            (33, "one too many: a partial last step does not count."),
            (31.5, "only complete steps count; and how many positions do so many steps visit?"),
            (32.5, "a side is a whole number of pixels: what happens to half a step?"),
            (29, "did you count the padding? It adds pixels on both sides."),
            (64, "that is for stride 1. The kernel moves by two pixels at a time."),
        ],
        "(pixels + padding on both sides − kernel) / stride: rounded how? And then?",
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
        "a kernel has a weight for each of its pixels and channels, and a bias. How many kernels?",
    ),
    "02.3": windows_for_64,
    "02.4": number(
        5,
        "each 3×3 layer with stride 1 adds 2 pixels to the side: 1 + 2·5 = 11.",
        [
            (11 / 3, "11 / 3? The layers look at one another's maps, and their windows overlap."),
            (4, "11 / 3, rounded up? Their windows overlap, so each layer adds less than 3."),
            (3, "after three of them a value depends on 7 pixels: 3, then 2 more, then 2 more."),
            (
                6,
                "one too many: with no layer at all, a value already depends on its own pixel.",
            ),
            (10, "that is what the side must grow by. How much does one layer add?"),
            (11, "each layer adds more than one pixel: one on the left, and what else?"),
            (121 / 9, "that divides the areas; the windows overlap, so count along one row."),
        ],
        "how many pixels does each further layer add to the side?",
    ),
    "02.5": number(
        67,
        "backward: pool5 needs 3, pool2 7, pool1 15 pixels, and conv1 14·4 + 11.",
        [
            (63, "that is with 2 pixels of padding in conv1; here it has none."),
            (66, "nearly: one of the pools gets a pixel too few. Which?"),
            (227, "with that, pool5 makes 6×6 maps; a single value is enough."),
            (195, "conv2 to conv5 are padded, so their outputs are as large as their inputs."),
            (11, "that is enough for conv1. But what do the pools make of a single value?"),
            (15, "that is what pool1 needs; one more layer comes before it."),
            (71, "there is one step less than there are windows, and conv1's stride is 4 pixels."),
            (35, "how many pools come after conv1? Each of them needs more."),
            (31, "a pool nearly halves the map: which size must enter it to get 3, and 7?"),
        ],
        "go backward: how many pixels does pool5 need for one value? And pool2 for those?",
    ),
}
