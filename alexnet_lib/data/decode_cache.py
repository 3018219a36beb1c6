"""All images of a folder decoded into one array, which is kept in a cache for the next time."""

import hashlib
import os
import warnings
import zlib
from pathlib import Path

import numpy as np
import psutil
from filelock import FileLock, Timeout

from alexnet_lib.base.files import write_atomically
from alexnet_lib.data.decode import FORMATS, MIXED_SIZE, common_shape, decode, fault, for_each_file
from alexnet_lib.data.image_folder import some

OTHER_SHAPE = "another shape"
CACHE_VERSION = b"1"  # raise it whenever decode() gives other pixels


def room_for_images():
    """How many bytes a folder's decoded images may take: a third of what is free."""
    return psutil.virtual_memory().available // 3  # selecting a part makes a copy


def read_images(listing, part, size, cache):
    """The images of one part of a Listing, a read-only uint8 array (N, 3, H, W), and None.

    If the images do not fit into memory: None, and the side in pixels to decode each file to. All
    parts are decoded together and kept in the folder `cache`, with a key made of the files'
    contents. Raises ValueError that names every file which is not an image or is damaged.
    """
    folder = hashlib.sha256(os.fsencode(listing.folder)).hexdigest()[:16]
    stored = {name: Path(cache) / f"{folder}-{size or 'own'}-{name}.npy" for name in listing.parts}
    if stored[part].exists() and stored[part].stat().st_size < room_for_images():
        images = _fetch(stored[part], _key(listing))
        if images is not None:
            return images, None
    key = None
    paths = listing.paths()
    for side in [size] if size else [None, MIXED_SIZE]:  # None: as they are, if of one size
        shape = (side, side) if side else common_shape(paths[:: len(paths) // 100 + 1])
        if shape and 3 * shape[0] * shape[1] * len(paths) > room_for_images():
            if side or common_shape(paths):
                return None, min(shape)
        elif shape:
            key = key or _key(listing)  # before decoding: what changes meanwhile gets another key
            images = _decode_all(listing, side, shape)
            if images is not None:
                _store(stored, key, images)
                return images[part], None


def _decode_all(listing, size, shape):
    """{part: uint8 (N, 3, H, W)}, or None if an image has another shape."""
    paths = listing.paths()
    images = np.empty((len(paths), 3, *shape), np.uint8)

    def fill(index):
        try:
            image = decode(paths[index], size)
        except ValueError as error:
            return f"{os.path.relpath(paths[index], listing.folder)} ({fault(error.__cause__)})"
        if image.shape != images.shape[1:]:
            return OTHER_SHAPE
        images[index] = image

    faults = []
    for found in for_each_file(fill, paths, "decoding images"):
        if found is OTHER_SHAPE:
            return None
        if found:
            faults.append(found)
    if faults:
        raise ValueError(
            f"{len(faults)} of {len(paths)} files in {str(listing.folder)!r} cannot be read as "
            f"images:\n{some(faults)}\n"
            f"replace or remove them; these formats are read: {', '.join(FORMATS)}"
        )
    ends = np.cumsum([len(part_paths) for part_paths, _ in listing.parts.values()])
    return dict(zip(listing.parts, np.split(images, ends[:-1]), strict=True))


def _key(listing):
    """A digest of every file's path within the folder and of its contents.

    Contents, because size and modification time can both stay while the pixels change: archives
    and `cp -p` keep times, raw formats have one size, some drives count in steps of two seconds.
    """
    paths = listing.paths()

    def digest(index):
        contents = hashlib.blake2b(digest_size=16)
        try:
            file = os.open(paths[index], os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError:
            return b""  # decoding names the file, with all others that fail
        # os.read() instead of open(), which takes twice as long for 60,000 small files.
        try:
            while block := os.read(file, 1 << 16):
                contents.update(block)
        finally:
            os.close(file)
        return contents.digest()

    key = hashlib.blake2b(CACHE_VERSION, digest_size=16)
    start = len(str(listing.folder))
    for path, contents in zip(
        paths, for_each_file(digest, paths, "looking for changes"), strict=True
    ):
        key.update(os.fsencode(path[start:]) + b"\0" + contents)
    return key.digest()


# A cache file is a .npy file followed by the key and a checksum of the images.


def _footer(key, images):
    return key + zlib.crc32(np.ascontiguousarray(images)).to_bytes(4, "big")


def _tail(path):
    with open(path, "rb") as file:
        file.seek(-20, os.SEEK_END)
        return file.read()


def _fetch(stored, key):
    """The images in a cache file, or None if its key is another one or it is damaged."""
    try:
        images = np.load(stored, mmap_mode="r", allow_pickle=False)
        if _tail(stored) == _footer(key, images):
            return images
    except Exception:  # damaged in some way: decode again
        pass
    return None


def _store(stored, key, images):
    """Writes the cache files; where the folder cannot be written, only warns."""
    for part, path in stored.items():

        def write(file, pixels=images[part]):
            np.save(file, pixels, allow_pickle=False)
            file.write(_footer(key, pixels))

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=0):
                for left in path.parent.glob(f".{path.name}.*.tmp"):  # by a process that was killed
                    left.unlink()
                write_atomically(path, write)
        except Timeout:
            pass  # another process is writing the same
        except OSError as error:
            warnings.warn(
                f"cannot keep the decoded images in {str(path.parent)!r} "
                f"({error.__cause__ or error}); they will be decoded again next time",
                stacklevel=2,
            )
            return
