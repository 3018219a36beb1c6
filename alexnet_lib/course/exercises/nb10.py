"""The exercises of notebook 10."""

from alexnet_lib.course.exercises.checkers import choice, number

EXERCISES = {
    "10.1": choice(
        "as it is",
        "on normalized pixels N(0, 0.01) lets the image die; here the forgotten call was luck.",
        {
            "after the call": "that is the paper's way, for the paper's pixels. Are these raw? "
            "Notebook 05, section 5.9.",
        },
    ),
    "10.2": number(
        5,
        "224 → 54 → 26 → 12 → 5: the pooling then stretches 5×5 to 6×6.",
        [
            (6, "that is what comes out of the adaptive pooling, whatever goes in."),
            (12, "that is before the last pooling, which halves it once more."),
            (13, "that is before the last pooling, and for 227 pixels."),
            (54, "that is after conv1. Three poolings follow."),
            (55, "that is conv1's output for 227 pixels; go on, with 224."),
            (26, "that is after pool1. Two poolings follow."),
        ],
        "go through conv1 and the three poolings with output_size; the rest keeps its size.",
    ),
    "10.3": choice(
        "conv5",
        "conv4 now gives 384 maps, and conv5 is declared for 256: the first error hid it.",
        {
            "conv3": "what conv3 takes is what conv2 gives: look at both.",
            "fc6": "how many maps does it get? The layer before it gives as many as it takes.",
            "none": "how many maps does the mended conv4 give, and for how many is the layer "
            "behind it declared?",
        },
    ),
    "10.4": choice(
        "noise",
        "one epoch later it is 0.837 again, and the training loss never went far down.",
        {
            "overfitting": "then the training loss would be far below epoch 2's. "
            "Look at both in the last two lines.",
            "a bug": "a loss that is computed wrongly is wrong in every epoch; is it?",
        },
    ),
    "10.5": choice(
        "equal",
        "with two softmax outputs both say -ln p of the true class, and so does their mean.",
        {
            "smaller": "put p = 0.8 into both: what are the two terms, and what is their mean?",
            "larger": "their sum would be, but 004 takes the mean: do it for p = 0.8.",
        },
    ),
}
