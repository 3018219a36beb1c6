"""Right and typical wrong answers of notebook 06."""

import torch


def erase(images, start, side):
    for image, (row, column) in zip(images, start.tolist(), strict=True):
        image[:, row : row + side, column : column + side] = 0
    return images


def centered(images, start, side):
    corner = start - side // 2
    for image, (row, column) in zip(images, corner.tolist(), strict=True):
        image[:, max(0, row) : max(0, row + side), max(0, column) : max(0, column + side)] = 0
    return images


def one_color(images, start, side):
    erase(images[:, :1], start, side)
    return images


def without_color_axis(images, start, side):
    for image, (row, column) in zip(images, start, strict=True):
        image[row : row + side, column : column + side] = 0
    return images


def fade(images):
    return images * (0.5 + 0.5 * torch.rand(len(images), 1, 1, 1))


def one_coin(images):
    return images.flip(-1) if torch.rand(1) > 0.5 else images


def fade_in_place(images):
    return images.mul_(0.5 + 0.5 * torch.rand(len(images), 1, 1, 1))


VALUES = 45_000 * 3 * 227 * 227

RIGHT = {
    "06.1": 11,
    "06.2": VALUES * 4 / 1e9,
    "06.3": 22_500,
    "06.4": "recolor",
    "06.5": erase,
    "06.6": fade,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("06.1", 10, "Are these enough"),
    ("06.1", 12, "a smaller one"),
    ("06.1", 16, "two versions"),
    ("06.1", 22, "in all"),
    ("06.1", 23, "that many places"),
    ("06.1", 250, "in two directions."),
    ("06.1", 500, "both sides"),
    ("06.1", 3, "upper left corner"),
    ("06.2", VALUES / 1e9, "one byte per value"),
    ("06.2", 27.83 / 3, "one pixel"),
    ("06.2", VALUES / 227 * 4 / 1e9, "rows and columns"),
    ("06.2", 0.55296, "stored size"),
    ("06.2", 0.138, "as they are stored"),
    ("06.2", VALUES * 4, "a billion of them"),
    ("06.2", VALUES * 4 / 2**30, "GiB"),
    ("06.2", VALUES * 32 / 1e9, "bits"),
    ("06.2", 3, "bytes of one number"),
    ("06.3", 0.09 / 0.2**2, "mixed"),
    ("06.3", 0.09 / 0.002, "square both sides"),
    ("06.3", 22_500**0.5, "root of n"),
    ("06.3", 0.9 / 0.002**2, "another factor"),
    ("06.3", 0.16 / 0.002**2, "80 %"),
    ("06.3", 0.09 / 0.02**2, "look at the size"),
    ("06.3", 5_000, "solve it for n"),
    ("06.4", "flip", "in a mirror"),
    ("06.4", "rotate", "a 6 after that"),
    ("06.4", "crop", "half is seen"),
    ("06.4", "none", "one of these words"),
    ("06.5", lambda x, start, side: erase(x, start[:1].expand_as(start), side), "first one's"),
    ("06.5", lambda x, start, side: erase(x, start.flip(1), side), "mixed up"),
    ("06.5", one_color, "first color"),
    ("06.5", without_color_axis, "three axes"),
    ("06.5", lambda x, start, side: x - erase(x.clone(), start, side), "other way around"),
    ("06.5", lambda x, start, side: erase(x, start, side + 1), "too large"),
    ("06.5", centered, "not its center"),
    ("06.5", lambda x, start, side: x, "as they were"),
    ("06.5", lambda x, start, side: erase(x, start, side - 1), "one image of ones"),
    ("06.5", lambda x, start, side: x[0], "returned the shape"),
    ("06.6", lambda images: images.mean(), "a tensor of the shape"),
    ("06.6", lambda images: 3 * images, "clamp"),
    ("06.6", lambda images: images, "nothing changes"),
    ("06.6", lambda images: images.flip(-1), "two calls"),
    ("06.6", lambda images: images * torch.rand(1), "one number per image"),
    ("06.6", one_coin, "one number per image"),
    ("06.6", lambda images: 0 * images + 255 * torch.rand(len(images), 1, 1, 1), "uniform"),
    ("06.6", fade_in_place, "work on a copy"),
]
