"""From an image file to pixels, and the sizes of many files."""

import io
import os
import struct
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm.auto import tqdm

from alexnet_lib.base.files import open_ordinary
from alexnet_lib.data.grey import raw_mode, shades

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")  # and AVIF, HEIC where possible
MIXED_SIZE = 64  # pixels, for images of several sizes where no size is asked for
LARGEST_SIZE = 8_192  # pixels, of the side that images are resized to
THREADS_FROM = 4_000  # mean bytes per file; with smaller files, threads are slower than a loop
ORIENTATION = 0x0112  # EXIF tag; from 5 on, width and height are exchanged
SIDES = (256, 257)  # tags of a TIFF: width and height as stored
MOST_MEMORY = 400_000_000  # bytes that decoding one image may take
MUCH_MEMORY = 60_000_000  # bytes; images that take more are decoded one at a time
# What decoding takes, in bytes per pixel, by Pillow's mode: its own copy and those for conversion.
BYTES = {"RGB": 4, "L": 5, "1": 6, "P": 6, "CMYK": 8, "YCbCr": 8, "RGBA": 16}  # others: 20

Image.MAX_IMAGE_PIXELS = None  # _check_memory() refuses what is too large, but not every photograph
warnings.filterwarnings("ignore", module="PIL")  # on damaged EXIF data, which no reader sees
_alone = threading.Lock()


def decode(path, size=None):
    """The image in a file, upright and in color: uint8 (3, H, W), or (3, size, size).

    With a `size` in pixels the shorter side is resized to it and the center cropped. Transparent
    pixels become white. Values of 16 bits are divided by 257, and decimal numbers are read as
    shades from 0 (black) to 1 (white). Grey images that do not use these ranges are refused, with
    those of 32-bit integers, because the range of one image says nothing about that of the others.

    Raises ValueError for a file that is not an image, is damaged, too large or no ordinary file.
    """
    try:
        try:
            return _decode(path, size, open_ordinary)
        except ValueError as error:
            if "MAX_TEXT" not in str(error):
                raise
            return _decode(path, size, _png_without_text)
    except Exception as error:  # Pillow raises a dozen types for damaged files
        raise ValueError(f"{str(path)!r} is {fault(error)}") from error


def _decode(path, size, open_it):
    with open_it(path) as file, _open_image(file) as image:
        raw, memory = raw_mode(image), _memory(image, size)  # before the pixels are loaded
        with _alone if memory > MUCH_MEMORY else nullcontext():
            if _orientation(image) != 1:  # which loads the pixels of a PNG
                _check_memory(memory + 4 * image.width * image.height, *image.size)
                ImageOps.exif_transpose(image, in_place=True)
            color = in_color(image, raw)
            if size:
                side = min(color.size)
                left, top = (color.width - side) / 2, (color.height - side) / 2
                box = (left, top, left + side, top + side)
                color = color.resize((size, size), Image.Resampling.BICUBIC, box)
            return np.asarray(color).transpose(2, 0, 1).copy()


def _open_image(file):
    """Pillow's image, of which only the head is read."""
    head = file.read(64)
    file.seek(0)
    formats = [kind] if (kind := _newer_format(head)) else FORMATS
    try:
        return Image.open(file, formats=formats)
    except UnidentifiedImageError as error:
        known = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF", b"BM": "BMP"}
        known |= {b"II*\0": "TIFF", b"MM\0*": "TIFF"}
        for start, kind in known.items():
            if head.startswith(start):
                raise ValueError(
                    f"it is a {kind} file that is damaged or of a rare kind"
                ) from error
        raise


def _newer_format(head):
    """Pillow's name, by a file's first bytes, of a format that needs more than Pillow; or None.

    Raises ValueError where that package is missing.
    """
    if head[4:8] != b"ftyp":
        return None
    if b"avif" in head[8:] or b"avis" in head[8:]:
        Image.init()
        if "AVIF" not in Image.OPEN or not _reads_avif():
            raise ValueError(
                "it is AVIF, which this Pillow does not read: install pillow 11.3 or newer, or "
                "save it as JPEG"
            )
        return "AVIF"
    if any(brand in head[8:] for brand in (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1")):
        try:
            import pillow_heif
        except ImportError:
            raise ValueError(
                "it is HEIC, the format of iPhones: install the package pillow-heif, which reads "
                "it, or save it as JPEG"
            ) from None
        pillow_heif.register_heif_opener()
        return "HEIF"
    return None


def _reads_avif():
    from PIL import features

    return features.check("avif")


def _orientation(image):
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # damaged EXIF data: as browsers do, show the image as it is stored
        return 1


def _memory(image, size):
    """How many bytes decoding takes. A large JPEG is set to be decoded at a lower resolution.

    Raises ValueError where these are too many.
    """
    width, height = image.size
    layers = getattr(image, "layer", [])  # of a JPEG: (number, samples across, samples down, …)
    progressive = image.info.get("progressive") or image.info.get("progression")
    if size:
        image.draft(None, (2 * size, 2 * size))
    result = 10 * size**2 if size else 10 * width * height
    per_pixel = max(BYTES.get(image.mode, 20), 16 * image.has_transparency_data)
    memory = image.width * image.height * per_pixel + result
    if progressive and layers:  # all coefficients are in memory, at two bytes each
        samples = [across * down for _, across, down, *_ in layers]
        memory += 2 * width * height * sum(samples) // max(samples)
    _check_memory(memory, width, height)
    return memory


def _check_memory(memory, width, height):
    if memory > MOST_MEMORY:
        raise ValueError(
            f"decoding {width:,}×{height:,} pixels takes {memory / 1e9:.1f} GB of "
            f"memory, and {MOST_MEMORY / 1e9:.1f} GB is the limit; make it smaller"
        )


def in_color(image, raw):
    """An image of Pillow in mode RGB, as `decode` says. `raw` is its `raw_mode`."""
    if image.mode == "F" or image.mode.startswith("I"):
        image = Image.fromarray(shades(image, raw))
    elif ";16" in raw:
        colors = image.getbands()[:3] if image.mode != "LA" else "L"
        if max(image.getchannel(band).getextrema()[1] for band in colors) < 16:
            raise ValueError(
                "the colors have 16 bits, but use at most 12 of them: multiply the values of all "
                "images by the same number, so that white is 65,535, or save them with 8 bits"
            )
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _png_without_text(path):
    """A PNG file without its texts and color profile, which Pillow reads up to a limit only."""
    with open_ordinary(path) as file:
        content = file.read()
    kept, place = [content[:8]], 8
    while place + 8 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        if content[place + 4 : place + 8] not in (b"tEXt", b"zTXt", b"iTXt", b"iCCP"):
            kept.append(content[place : place + 12 + length])
        place += 12 + length
    return io.BytesIO(b"".join(kept))


def fault(error):
    """What is wrong with a file that could not be decoded, in words."""
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    words = getattr(error, "strerror", None) or str(error)
    return f"not readable: {words.splitlines()[0] if words else type(error).__name__}"


def side_to_decode(paths, wanted):
    """The side in pixels to decode files to: `wanted`, or None to leave them as they are.

    None where all have one size of at most `wanted`. About a hundred of the files are opened, and
    all where these have such a size: a single other one would make all of them MIXED_SIZE.
    """
    for some_paths in (paths[:: len(paths) // 100 + 1], paths):
        shape = common_shape(some_paths)
        if not shape or max(shape) > wanted:
            return wanted
    return None


def common_shape(paths):
    """(height, width) if all images have the same, else None."""

    def shape(index):
        try:
            with open_ordinary(paths[index]) as file, _open_image(file) as image:
                tags = getattr(image, "tag_v2", {})  # of a TIFF, whose size Pillow has turned
                width, height = (tags.get(tag, n) for tag, n in zip(SIDES, image.size, strict=True))
                try:  # for the orientation of a PNG its pixels are loaded
                    memory = _memory(image, 1)
                except ValueError:
                    return height, width
                with _alone if memory > MUCH_MEMORY else nullcontext():
                    turned = _orientation(image) >= 5
                return (width, height) if turned else (height, width)
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
