"""The exercises of notebook 06."""

import torch
import torch.nn.functional as F

from alexnet_lib.course.exercises.checkers import choice, demands, function, number

SEEDS = range(10)  # so many that one coin for a batch does not fall on the same side for all


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


def _photos(same=False):
    """Images (16, 3, 16, 16) with soft shapes, from 0 to 255; copies of one if `same`."""
    random = torch.Generator().manual_seed(0)
    small = 255 * torch.rand(16, 3, 4, 4, generator=random)
    images = F.interpolate(small, 16, mode="bilinear")
    return images[:1].repeat(16, 1, 1, 1) if same else images


def _drawn(augment, seed=0, images=None):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return augment(_photos() if images is None else images)


def _keeps_the_shape(augment):
    images = _drawn(augment)
    return isinstance(images, torch.Tensor) and images.shape == _photos().shape


def _changes_images(augment):
    return any(not torch.equal(_drawn(augment, seed), _photos()) for seed in SEEDS)


def _draws_at_random(augment):
    first = _drawn(augment)
    return any(not torch.equal(_drawn(augment, seed), first) for seed in SEEDS)


def _draws_for_each_image(augment):
    images = _drawn(augment, images=_photos(same=True))
    return not torch.allclose(images, images[:1].expand_as(images), atol=1e-3)


def _leaves_its_input_alone(augment):
    images = _photos()
    _drawn(augment, images=images)
    return torch.equal(images, _photos())


EXERCISES = {
    "06.1": number(
        11,
        "with 10 there are 21 places in each direction, so 882 versions; one more makes 1058.",
        [
            (10, "nearly: that makes 2 · 21 · 21 versions. Are these enough?"),
            (12, "enough, but is there a smaller one that is enough?"),
            (16, "are there not two versions for each place?"),
            (22, "that many pixels in all, or on each side? And are there versions to spare?"),
            (23, "that many places in one direction. How much padding do they need?"),
            (250, "a crop moves in two directions."),
            (500, "a crop moves in two directions, and there is padding on both sides."),
        ],
        "count the places of the upper left corner in one direction, for a padding of 1 pixel.",
    ),
    "06.2": number(
        45_000 * 3 * 227 * 227 * 4 / 1e9,
        "stored as they are, the same images take 0.138 GB: 201 times less.",
        [
            (45_000 * 3 * 227 * 227 / 1e9, "that is with one byte per value, as it is stored."),
            (45_000 * 227 * 227 * 4 / 1e9, "how many numbers is one pixel?"),
            (45_000 * 3 * 227 * 4 / 1e9, "an image has rows and columns."),
            (45_000 * 3 * 32 * 32 * 4 / 1e9, "that is at the stored size of 32 pixels."),
            (
                45_000 * 3 * 32 * 32 / 1e9,
                "that is as they are stored: 32 pixels, one byte per value.",
            ),
            (45_000 * 3 * 227 * 227 * 4, "those are bytes; a GB is a billion of them."),
            (45_000 * 3 * 227 * 227 * 4 / 2**30, "in GiB, of 2**30 bytes; take a billion."),
            (45_000 * 3 * 227 * 227 * 32 / 1e9, "those are bits; a byte has 8 of them."),
        ],
        "images × colors × rows × columns × bytes of one number, divided by a billion.",
    ),
    "06.3": number(
        22_500.0,
        "half the standard error takes four times the images, because n is under a root.",
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
            "flip": "write a 2 or a 7 and look at it in a mirror.",
            "rotate": "what is a 6 after that?",
            "crop": "think of an 8, of which only the lower or the left half is seen.",
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
                "an image has three axes: color, row, column. Which ones did you index?",
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
    "06.6": demands(
        [
            (
                _keeps_the_shape,
                "your function should return a tensor of the shape that it is given.",
            ),
            (
                lambda augment: bool(((_drawn(augment) >= 0) & (_drawn(augment) <= 255)).all()),
                "some values are not from 0 to 255: clamp them.",
            ),
            (_changes_images, "nothing changes: the images came back as they were."),
            (_draws_at_random, "two calls return the same: where is the random number?"),
            (
                _draws_for_each_image,
                "copies of one image all change in the same way: draw one number per image.",
            ),
            (
                lambda augment: bool((_drawn(augment).std((1, 2, 3)) > 8).all()),
                "some images are nearly uniform: nobody could name what they show.",
            ),
            (_leaves_its_input_alone, "the images that are passed in change, too: work on a copy."),
        ],
        "random for each image, and in range. Whether it keeps the label, you must judge.",
    ),
}
