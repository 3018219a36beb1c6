"""From an image file to pixels, and the sizes of many files."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm.auto import tqdm

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
MIXED_SIZE = 64  # pixels, for images of several sizes where no size is asked for
THREADS_FROM = 4_000  # mean bytes per file; with smaller files, threads are slower than a loop
ORIENTATION = 0x0112  # EXIF tag; from 5 on, width and height are exchanged


def decode(path, size=None):
    """The image in a file, upright and in color: uint8 (3, H, W), or (3, size, size).

    With a `size` in pixels the shorter side is resized to it and the center cropped. Transparent
    pixels become white. Raises ValueError for a file that is not an image or is damaged.
    """
    try:
        return _decode(path, size)
    except Exception as error:  # Pillow raises a dozen types for damaged files
        raise ValueError(f"{str(path)!r} is {fault(error)}") from error


def _decode(path, size):
    with Image.open(path, formats=FORMATS) as image:
        if size:
            image.draft(None, (2 * size, 2 * size))  # a large JPEG is decoded at a lower resolution
        ImageOps.exif_transpose(image, in_place=True)
        image = _in_color(image)
    if size:
        side = min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
        box = (left, top, left + side, top + side)
        image = image.resize((size, size), Image.Resampling.BICUBIC, box)
    return np.asarray(image).transpose(2, 0, 1).copy()


def _in_color(image):
    if image.mode.startswith("I"):  # 16 bits per pixel, which convert() would clip at 255
        values = np.asarray(image).clip(0, 65535) / 257
        image = Image.fromarray(values.round().astype(np.uint8))
    elif image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def fault(error):
    """What is wrong with a file that could not be decoded, in words."""
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    return f"not readable: {str(error).splitlines()[0] if str(error) else type(error).__name__}"


def side_to_decode(paths, wanted):
    """The side in pixels to decode files to: `wanted`, or None to leave them as they are.

    None where all have one size of at most `wanted`. About a hundred of the files are opened.
    """
    shape = common_shape(paths[:: len(paths) // 100 + 1])
    return None if shape and max(shape) <= wanted else wanted


def common_shape(paths):
    """(height, width) if all images have the same, else None."""

    def shape(index):
        try:
            with Image.open(paths[index], formats=FORMATS) as image:
                turned = image.getexif().get(ORIENTATION, 1) >= 5
                return image.size if turned else image.size[::-1]
        except Exception:
            return None  # decoding names the file, with all others that fail

    found = set()
    for found_shape in for_each_file(shape, paths, "comparing sizes"):
        found |= {found_shape} - {None}
        if len(found) > 1:
            break
    return found.pop() if len(found) == 1 else None


def for_each_file(function, paths, what):
    """function(0), function(1) … for all paths, with a progress bar after two seconds."""
    sample = paths[:: len(paths) // 100 + 1]
    mean_size = sum(map(_bytes, sample)) / len(sample)
    with (
        tqdm(total=len(paths), desc=what, unit=" files", delay=2) as bar,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        # On tiny files threads wait for Python's lock more than they work: there a loop is faster.
        run = pool.map if mean_size >= THREADS_FROM else map
        for start in range(0, len(paths), 1000):
            chunk = range(start, min(start + 1000, len(paths)))
            yield from run(function, chunk)
            bar.update(len(chunk))


def _bytes(path):
    return os.path.getsize(path) if os.path.exists(path) else 0
