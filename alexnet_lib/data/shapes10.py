"""Shapes10: ten classes of small color images drawn by code, for work without a network."""

import numpy as np

from alexnet_lib.base.numbers import whole_number

SIZE = 32
SHAPES10_NAME = "Shapes10, synthetic"
SHAPES10_CLASSES = (
    "arrow",
    "crescent",
    "cross",
    "disk",
    "heart",
    "ring",
    "square",
    "star",
    "stripes",
    "triangle",
)
CHUNK = 200  # images drawn at once: few enough for the CPU's cache


def draw_shapes10(count, seed=0):
    """Draws `count` images: NumPy arrays uint8 (count, 3, 32, 32) and labels int64 (count,).

    Classes are equally frequent; the first ones have one image more where `count` is no multiple of
    ten. The same count and seed give the same images. Raises ValueError for a count below 1.
    """
    count = whole_number("count", count, 1)
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % len(SHAPES10_CLASSES))
    images = np.empty((count, 3, SIZE, SIZE), np.uint8)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        images[part] = _draw(labels[part], rng)
    return images, labels


def _draw(labels, rng):
    """One image for each label: background, clutter, the shape, shading, noise."""
    count = len(labels)
    background, foreground = _two_colors(count, rng)
    images = background[:, :, None, None] * _shading(count, rng)
    for _ in range(3):  # clutter: small bars in other colors, behind the shape
        x, y = _plane(count, rng, radius=(1, 3.5), tilt=np.pi, margin=0)
        bars = _box(x, y, 1, rng.uniform(0.3, 1, (count, 1, 1)).astype(np.float32))
        color = rng.random((count, 3, 1, 1), np.float32)
        images = _paint(images, color, 0.6 * _coverage(bars, x))
    x, y = _plane(count, rng, radius=(8, 12), tilt=0.4, margin=13)
    inside = np.empty_like(x)
    for label in np.unique(labels):
        chosen = labels == label
        inside[chosen] = _coverage(SHAPES[SHAPES10_CLASSES[label]](x[chosen], y[chosen]), x[chosen])
    images = _paint(images, foreground[:, :, None, None] * _shading(count, rng), inside)
    images += 0.04 * rng.standard_normal(images.shape, np.float32)
    return np.clip(255 * images + 0.5, 0, 255).astype(np.uint8)


def _two_colors(count, rng):
    """Colors of background and shape, both float32 (count, 3) from 0 to 1.

    Either of the two may be the brighter one, so that no single pixel tells the class. This is why
    a linear model does badly.
    """
    dark = rng.uniform(0, 0.5, (count, 3)).astype(np.float32)
    bright = rng.uniform(0.45, 1, (count, 3)).astype(np.float32)
    swap = rng.random((count, 1)) < 0.5
    return np.where(swap, bright, dark), np.where(swap, dark, bright)


def _shading(count, rng):
    """Light that changes smoothly over the image, 1 on average: (count, 1, 32, 32)."""
    slope = rng.uniform(-0.25, 0.25, (2, count, 1, 1, 1)).astype(np.float32)
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    return 1 + slope[0] * ramp + slope[1] * ramp[:, None]


def _plane(count, rng, radius, tilt, margin):
    """Coordinates x, y of each pixel, (count, 32, 32), relative to a shape of radius 1.

    The shape's center, radius (in pixels) and angle (up to `tilt` radians either way) are
    random; the center is at least `margin` pixels away from the border.
    """
    center = rng.uniform(margin, SIZE - 1 - margin, (2, count, 1, 1)).astype(np.float32)
    angle = rng.uniform(-tilt, tilt, (count, 1, 1)).astype(np.float32)
    scale = rng.uniform(*radius, (count, 1, 1)).astype(np.float32)
    pixel = np.arange(SIZE, dtype=np.float32)
    right, down = pixel - center[0], pixel[:, None] - center[1]
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    return cos * right + sin * down, cos * down - sin * right


def _coverage(distance, x):
    """The fraction of each pixel that a shape covers, from signed distances (below 0: inside)."""
    pixel = np.hypot(x[:, :1, 1:2] - x[:, :1, :1], x[:, 1:2, :1] - x[:, :1, :1])
    return np.clip(0.5 - distance / pixel, 0, 1)


def _paint(images, color, coverage):
    """`color` over `images` where `coverage` is 1, a mixture at the edges."""
    return images + coverage[:, None] * (color - images)


# Signed distances: below 0 inside the shape, above 0 outside, in units of the shape's radius.


def _box(x, y, half_width, half_height):
    return np.maximum(np.abs(x) - half_width, np.abs(y) - half_height)


def _disk(x, y):
    return np.hypot(x, y) - 0.9


def _ring(x, y):
    return np.abs(np.hypot(x, y) - 0.75) - 0.2


def _crescent(x, y):
    return np.maximum(np.hypot(x, y) - 1, 0.75 - np.hypot(x - 0.5, y))


def _square(x, y):
    return _box(x, y, 0.78, 0.78)


def _cross(x, y):
    return np.minimum(_box(x, y, 1, 0.28), _box(x, y, 0.28, 1))


def _triangle(x, y):
    return np.maximum(0.866 * np.abs(x) - 0.5 * y, y) - 0.5


def _star(x, y):
    # Each of the five points is a thin triangle about its own axis; the star is their union.
    points = []
    for turn in 2 * np.pi / 5 * np.arange(5):
        along = np.float32(np.cos(turn)) * x + np.float32(np.sin(turn)) * y
        across = np.float32(np.cos(turn)) * y - np.float32(np.sin(turn)) * x
        points.append(np.maximum(0.951 * np.abs(across) + 0.309 * (along - 1.1), -along))
    return np.minimum.reduce(points)


def _stripes(x, y):
    bars = [_box(x, y - shift, 0.95, 0.16) for shift in (-0.68, 0, 0.68)]
    return np.minimum.reduce(bars)


def _arrow(x, y):
    head = np.maximum(0.707 * (x + np.abs(y)) - 0.707, -x)
    return np.minimum(head, _box(x + 0.45, y, 0.55, 0.2))


def _heart(x, y):
    side = np.abs(x)
    lobe = np.hypot(side - 0.42, y + 0.3) - 0.52
    tip = np.maximum(0.76 * side + 0.65 * y - 0.65, -y)
    return np.minimum(lobe, tip)


SHAPES = {
    "arrow": _arrow,
    "crescent": _crescent,
    "cross": _cross,
    "disk": _disk,
    "heart": _heart,
    "ring": _ring,
    "square": _square,
    "star": _star,
    "stripes": _stripes,
    "triangle": _triangle,
}
