"""The exercises of notebook 06."""

import torch

from alexnet_lib.course.exercises.checkers import choice, function, number


def _inside(start, side, height, width):
    """N×1×H×W truth values: what lies in each image's square."""
    down, right = torch.arange(height) - start[:, :1], torch.arange(width) - start[:, 1:]
    rows, columns = ((far >= 0) & (far < side) for far in (down, right))
    return rows[:, None, :, None] & columns[:, None, None, :]


def _erase(images, start, side):
    return images.masked_fill(_inside(start, side, *images.shape[-2:]), 0)


def _erase_one_color(images, start, side):
    images[:, :1] = _erase(images[:, :1], start, side)
    return images


def _erase_without_color_axis(images, start, side):
    for image, (row, column) in zip(images, start.tolist(), strict=True):
        image[row : row + side, column : column + side] = 0
    return images


def _erase_case(images, height, width, side, seed):
    random = torch.Generator().manual_seed(seed)
    pixels = torch.rand(images, 3, height, width, generator=random) + 1
    start = torch.rand(images, 2, generator=random) * torch.tensor([height, width])
    return [pixels, start.long(), side]


EXERCISES = {
    "06.1": number(
        578,
        "the corner has 17 places in each direction, 0 to 16, and each cut can be mirrored.",
        [
            (512, "as in the paper: from 0 to 40 - 24 there is one place more than 40 - 24."),
            (289, "those are the places. What else can happen to each cut?"),
            (256, "two things are missing: a place in each direction, and what may happen after."),
            (34, "the cut can move in two directions."),
            (17, "that many places in one direction. And in the other, and mirrored?"),
            (32, "count the places in one direction again, then think of the other direction."),
        ],
        "where can the upper left corner be, in one direction? Then the other, then the mirror.",
    ),
    "06.2": number(
        45_000 * 3 * 227 * 227 * 4 / 1e9,
        "stored as they are, the same images take 0.138 GB: 201 times less.",
        [
            (45_000 * 3 * 227 * 227 / 1e9, "that is with one byte a value, as it is stored."),
            (45_000 * 227 * 227 * 4 / 1e9, "how many numbers is one pixel?"),
            (45_000 * 3 * 227 * 4 / 1e9, "an image has rows and columns."),
            (45_000 * 3 * 32 * 32 * 4 / 1e9, "that is at the stored size of 32 pixels."),
            (45_000 * 3 * 32 * 32 / 1e9, "that is as they are stored: 32 pixels, a byte a value."),
            (45_000 * 3 * 227 * 227 * 4, "those are bytes; a GB is a billion of them."),
            (45_000 * 3 * 227 * 227 * 4 / 2**30, "in GiB, of 2**30 bytes; take a billion."),
            (45_000 * 3 * 227 * 227 * 32 / 1e9, "those are bits; a byte has 8 of them."),
        ],
        "images × colors × rows × columns × bytes of one number, divided by a billion.",
    ),
    "06.3": number(
        22_500,
        "half the error takes four times the images, for n stands under a root.",
        [
            (
                2.25,
                "points and fractions are mixed: 0.2 percentage points are 0.002.",
            ),
            (45, "the error is a root: square both sides before you solve for n."),
            (150, "nearly: you have the root of n."),
            (225_000, "that is p / 0.002²; the formula has another factor below the root."),
            (40_000, "that is for a net that is right on 80 %."),
            (225, "look at the size of the error again: points to fractions, then squared."),
        ],
        "write the formula of 6.3 with p = 0.9 and an error of 0.002, and solve it for n.",
    ),
    "06.4": choice(
        "recolor",
        "another light leaves a digit what it is, unless the color itself is the class.",
        {
            "mirror": "write a 2 or a 7 and look at it in a mirror.",
            "turn": "what is a 6 after that?",
            "cut": "think of an 8, of which only the lower or the left half is seen.",
        },
    ),
    "06.5": function(
        _erase,
        [
            _erase_case(4, 8, 8, 3, 1),
            _erase_case(5, 6, 9, 2, 2),
            _erase_case(3, 10, 7, 4, 3),
            _erase_case(6, 12, 12, 5, 4),
        ],
        "your function agrees with the course's on four batches, wide ones and tall ones.",
        [
            (
                lambda images, start, side: _erase(images, start[:1].expand_as(start), side),
                "all images get the first one's square: each has a start of its own.",
            ),
            (
                lambda images, start, side: _erase(images, start.flip(1), side),
                "rows and columns are mixed up: start is (row, column).",
            ),
            (
                _erase_one_color,
                "only the first color is 0; the square goes through all three.",
            ),
            (
                _erase_without_color_axis,
                "an image has three axes: color, row, column. Which ones did you cut?",
            ),
            (
                lambda images, start, side: images - _erase(images, start, side),
                "the other way around: inside the square 0, outside as before.",
            ),
            (
                lambda images, start, side: _erase(images, start, side + 1),
                "the square is one pixel too large on each side: look at its last row.",
            ),
            (
                lambda images, start, side: _erase(images, start - side // 2, side),
                "start is the upper left corner of the square, not its center.",
            ),
            (lambda images, start, side: images, "the images came back as they were."),
        ],
        "try it on one image of ones with side 2, print it, and look where the zeros are.",
    ),
}
