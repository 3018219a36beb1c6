"""Image files decoded into one array, and kept for the next time."""

import hashlib
import os
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
from filelock import FileLock, Timeout
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm.auto import tqdm

from alexnet_lib.data.image_folder import some

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
MIXED_SIZE = 64  # pixels, for images of several sizes where no size is asked for
THREADS_FROM = 4_000  # bytes a file: below, threads are slower than a loop
ORIENTATION = 0x0112  # EXIF tag: from 5 on, width and height are exchanged
OTHER_SHAPE = "another shape"
CACHE_VERSION = b"1"  # raise it whenever decode() gives other pixels


def decode(path, size=None):
    """The image in a file, upright and in color: uint8 3 x H x W, 3 x size x size if given.

    The shorter side is resized to `size` and the center cropped; what is transparent becomes
    white. Raises ValueError for a file that is not an image or not a whole one.
    """
    try:
        return _decode(path, size)
    except Exception as error:  # Pillow raises a dozen kinds for damaged files
        raise ValueError(f"{str(path)!r} is {_fault(error)}") from error


def _decode(path, size):
    with Image.open(path, formats=FORMATS) as image:
        if size:
            image.draft(None, (2 * size, 2 * size))  # a large JPEG is decoded smaller
        ImageOps.exif_transpose(image, in_place=True)
        image = _in_color(image)
    if size:
        side = min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
        box = (left, top, left + side, top + side)
        image = image.resize((size, size), Image.Resampling.BICUBIC, box)
    return np.asarray(image).transpose(2, 0, 1).copy()


def _in_color(image):
    if image.mode.startswith("I"):  # 16 bits a pixel, which convert() would cut off at 255
        values = np.asarray(image).clip(0, 65535) / 257
        image = Image.fromarray(values.round().astype(np.uint8))
    elif image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def _fault(error):
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    return f"not readable: {str(error).splitlines()[0] if str(error) else type(error).__name__}"


def memory():
    """How many bytes a folder's decoded images may take: a third of what is free."""
    return psutil.virtual_memory().available // 3  # while a part is selected, it is there twice


def read(listing, part, size, cache):
    """The images of one part of a Listing, a read-only uint8 array N x 3 x H x W, and None.

    Where the whole folder would fill the memory: None, and the size in pixels to decode each
    file to. All parts are decoded at once and kept in the folder `cache`, with a key made of the
    files' contents. Raises ValueError that names every file which is not a whole image.
    """
    folder = hashlib.sha256(os.fsencode(listing.folder)).hexdigest()[:16]
    stored = {name: Path(cache) / f"{folder}-{size or 'own'}-{name}.npy" for name in listing.parts}
    if stored[part].exists() and stored[part].stat().st_size < memory():
        images = _fetch(stored[part], _key(listing))
        if images is not None:
            return images, None
    key = None
    paths = listing.paths()
    for side in [size] if size else [None, MIXED_SIZE]:  # their own, if all have the same
        shape = (side, side) if side else common_shape(paths[:: len(paths) // 100 + 1])
        if shape and 3 * shape[0] * shape[1] * len(paths) > memory():
            if side or common_shape(paths):
                return None, min(shape)
        elif shape:
            key = key or _key(listing)  # before decoding: what changes meanwhile has another key
            images = _decode_all(listing, side, shape)
            if images is not None:
                _store(stored, key, images)
                return images[part], None


def _decode_all(listing, size, shape):
    """Part name to uint8 N x 3 x H x W, or None if an image has another shape."""
    paths = listing.paths()
    images = np.empty((len(paths), 3, *shape), np.uint8)

    def fill(index):
        try:
            image = _decode(paths[index], size)
        except Exception as error:
            return f"{os.path.relpath(paths[index], listing.folder)} ({_fault(error)})"
        if image.shape != images.shape[1:]:
            return OTHER_SHAPE
        images[index] = image

    faults = []
    for fault in _each(fill, paths, "decoding images"):
        if fault is OTHER_SHAPE:
            return None
        if fault:
            faults.append(fault)
    if faults:
        raise ValueError(
            f"{len(faults)} of {len(paths)} files in {str(listing.folder)!r} are no whole images:\n"
            f"{some(faults)}\nreplace or remove them; these formats are read: {', '.join(FORMATS)}"
        )
    ends = np.cumsum([len(part_paths) for part_paths, _ in listing.parts.values()])
    return dict(zip(listing.parts, np.split(images, ends[:-1]), strict=True))


def side(paths, wanted):
    """The side in pixels to decode files to: None, as they are, or `wanted` where any is larger.

    Of many files a hundred are looked at.
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
            return None  # decoding names it, with all the others

    found = set()
    for found_shape in _each(shape, paths, "comparing sizes"):
        found |= {found_shape} - {None}
        if len(found) > 1:
            break
    return found.pop() if len(found) == 1 else None


def _each(function, paths, what):
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


def _key(listing):
    """A digest of every file's place in the folder and of its contents."""
    paths = listing.paths()

    def digest(index):
        contents = hashlib.blake2b(digest_size=16)
        try:
            file = os.open(paths[index], os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError:
            return b""  # decoding names it, with all the others
        # Bare reads: for 60,000 small files open() takes twice as long.
        try:
            while block := os.read(file, 1 << 16):
                contents.update(block)
        finally:
            os.close(file)
        return contents.digest()

    key = hashlib.blake2b(CACHE_VERSION, digest_size=16)
    start = len(str(listing.folder))
    for path, contents in zip(paths, _each(digest, paths, "looking for changes"), strict=True):
        key.update(os.fsencode(path[start:]) + b"\0" + contents)
    return key.digest()


# A cache file is a .npy file and, after it, the key and a checksum of the images.


def _footer(key, images):
    return key + zlib.crc32(np.ascontiguousarray(images)).to_bytes(4, "big")


def _tail(path):
    with open(path, "rb") as file:
        file.seek(-20, os.SEEK_END)
        return file.read()


def _fetch(stored, key):
    """The images in a cache file, or None if it holds others or is damaged."""
    try:
        images = np.load(stored, mmap_mode="r", allow_pickle=False)
        if _tail(stored) == _footer(key, images):
            return images
    except Exception:  # damaged, in whichever way: decode again
        pass
    return None


def _store(stored, key, images):
    """Writes each cache file whole or not at all; a folder that cannot be written only warns."""
    for part, path in stored.items():
        unfinished = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=0):
                try:
                    with open(unfinished, "wb") as file:
                        np.save(file, images[part], allow_pickle=False)
                        file.write(_footer(key, images[part]))
                    os.replace(unfinished, path)
                finally:
                    unfinished.unlink(missing_ok=True)
        except Timeout:
            pass  # another process is writing the same
        except OSError as error:
            warnings.warn(
                f"cannot keep the decoded images in {str(path.parent)!r} ({error}); "
                f"they will be decoded again next time",
                stacklevel=2,
            )
            return
