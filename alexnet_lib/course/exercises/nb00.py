"""The exercises of notebook 00."""

from alexnet_lib.course.exercises.checkers import number

EXERCISES = {
    "00.1": number(
        40,
        "39 full batches and one of the 8 images that are left.",
        [
            (39, "39 batches hold 4,992 images. What about the rest?"),
            (352, "that is for the 45,000 training images; here there are 5,000."),
            (79, "nearly: the batches hold 128 images here, not 64."),
            (128, "that is how many images are in a batch; how many batches are there?"),
        ],
        "divide the images by the images in a batch, and round up.",
    ),
    "00.2": number(
        0.1,
        "one image in a thousand: with more classes, guessing is worth less.",
        [
            (10, "that is with 10 classes; here there are 1000."),
            (0.001, "as a fraction it is right; give it in percent."),
            (99.9, "that is how often it is wrong."),
            (50, "right or wrong are two cases, but not equally likely ones."),
            (1, "in a hundred images, how many are of the one class that it names?"),
        ],
        "of 1000 images, one of each class, how many does it get right? That in percent?",
    ),
}
