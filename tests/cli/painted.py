"""Painted pictures of a few colors, in folders whose names are Korean and have blanks."""

import numpy as np
from PIL import Image

COLORS = {"고양이": (200, 40, 40), "큰 개": (40, 200, 40), "fish": (40, 40, 200)}
SIZES = [(300, 240), (228, 400), (90, 90), (70, 66)]


def paint(file, color, size, seed=0):
    """A picture of one color and some noise, its halves of different brightness."""
    noise = np.random.default_rng(seed).integers(0, 40, (size[1], size[0], 3))
    pixels = np.array(color) + noise
    pixels[: size[1] // 2] //= 2
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(file)
    return file


def paint_folder(folder, classes=COLORS, per_class=14):
    for name in classes:
        for seed in range(per_class):
            file = folder / name / f"사진 {seed}.jpg"
            paint(file, COLORS[name], SIZES[seed % len(SIZES)], seed)
    return folder
