"""All images of a folder decoded into one array, which is kept in a cache for the next time."""

import hashlib
import os
import zlib
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from alexnet_lib.base.files import ordinary_descriptor, write_atomically
from alexnet_lib.base.notes import note
from alexnet_lib.base.process_group import free_memory_for_images
from alexnet_lib.data.decode import MIXED_SIZE, common_shape, decode, fault, for_each_file
from alexnet_lib.data.folder_files import printable, some

BROKEN = "broken"  # the name of the array, beside those of the parts, that says which files are
NAMED = 10  # files in a message
LARGEST_OWN_SIZE = 30_000_000  # pixels; images of one size that is larger become MIXED_SIZE, too
CACHE_VERSION = b"2"  # raise it whenever decode() gives other pixels


def room_for_images():
    """How many bytes a folder's decoded images may take: a third of what is free."""
    return free_memory_for_images() // 3  # selecting a part makes a copy


def read_images(listing, part, size, cache, skip_broken=False):
    """The images of one part of a Listing: (images, side, kept, digests).

    images   read-only uint8 (N, 3, H, W), or None if they do not fit into memory
    side     then the side in pixels to decode each file to, else None
    kept     int64 (M,): which files of the part can be read; `images` has one for each file
    digests  of the contents of all files of all parts, equal for copies, None for each file that
             cannot be read; None without `images`

    All parts are decoded together and kept in the folder `cache`, with a key made of the files'
    contents. Raises ValueError that names every file which is not an image or is damaged; with
    `skip_broken` these are left out with a warning, which takes a pass over all files where they
    do not fit into memory.
    """
    folder = hashlib.sha256(os.fsencode(listing.folder)).hexdigest()[:16]
    parts = [*listing.parts, BROKEN]
    stored = {name: Path(cache) / f"{folder}-{size or 'own'}-{name}.npy" for name in parts}
    if os.path.isfile(stored[part]) and stored[part].stat().st_size < room_for_images():
        key, digests = _key(listing)
        images, broken = _fetch(stored[part], key), _fetch(stored[BROKEN], key)
        if images is not None and broken is not None:
            mixed = images.shape[2:] == (MIXED_SIZE, MIXED_SIZE)
            side = size or (MIXED_SIZE if mixed else None)
            kept = _kept(listing, part, broken, side, skip_broken)
            return images, None, kept, np.where(broken, None, digests)
    key = before = None
    paths = listing.paths()
    for side in [size] if size else [None, MIXED_SIZE]:  # None: as they are, if of one size
        shape = (side, side) if side else common_shape(paths[:: len(paths) // 100 + 1])
        if shape and not side and shape[0] * shape[1] > LARGEST_OWN_SIZE:
            continue
        if shape and 3 * shape[0] * shape[1] * len(paths) > room_for_images():
            if side or common_shape(paths):
                broken = _find_broken(paths, side) if skip_broken else np.zeros(len(paths), bool)
                kept = _kept(listing, part, broken, side, skip_broken)
                return None, min(shape), kept, None
        elif shape:
            before = before or _stamps(paths)
            key, digests = (key, digests) if key else _key(listing)
            decoded = _decode_all(listing, side, shape)
            if decoded is not None:
                kept = _kept(listing, part, decoded[BROKEN], side, skip_broken)
                if _stamps(paths) == before:  # else the key may be of other contents
                    _store(stored, key, decoded)
                return decoded[part], None, kept, np.where(decoded[BROKEN], None, digests)


def _decode_all(listing, size, shape):
    """{part: uint8 (N, 3, H, W)}, with bool (N,) for all files as BROKEN; None for other shapes."""
    paths = listing.paths()
    images = np.zeros((len(paths), 3, *shape), np.uint8)
    broken = np.zeros(len(paths), bool)

    def fill(index):
        try:
            image = decode(paths[index], size)
        except ValueError:
            broken[index] = True  # unless it is only too large to be left as it is
            return bool(size) or common_shape([paths[index]]) in (None, shape)
        if image.shape != images.shape[1:]:
            return False
        images[index] = image
        return True

    if not all(for_each_file(fill, paths, "decoding images")):
        return None
    ends = np.cumsum([len(part_paths) for part_paths, _ in listing.parts.values()])
    decoded = dict(zip(listing.parts, np.split(images, ends[:-1]), strict=True))
    return decoded | {BROKEN: broken}


def _find_broken(paths, size):
    """Which files cannot be decoded, bool (N,)."""

    def fails(index):
        try:
            decode(paths[index], size)
        except ValueError:
            return True
        return False

    return np.array(list(for_each_file(fails, paths, "looking for broken files")))


def _kept(listing, part, broken, size, skip_broken):
    """Which files of a part can be read, int64 (M,).

    Raises ValueError with the names of the others, or with `skip_broken` warns of them.
    """
    if broken.any():
        paths = listing.paths()
        faults = [_fault(listing, paths[index], size) for index in np.flatnonzero(broken)[:NAMED]]
        faults += [""] * (int(broken.sum()) - len(faults))
        words = f"{len(faults):,} of {len(paths):,} files in {str(listing.folder)!r} cannot be read"
        if not skip_broken:
            raise ValueError(
                f"{words} as images:\n{some(faults, NAMED)}\n"
                f"replace or remove them, or leave them out: --skip-broken, skip_broken=True"
            )
        note(f"{words} and are left out: {some(faults, NAMED)}")
    start = 0
    for name, (_, labels) in listing.parts.items():
        if name == part:
            kept = np.flatnonzero(~broken[start : start + len(labels)])
            left = np.bincount(labels[kept], minlength=len(listing.classes))
            if not left.all():
                empty = [listing.classes[label] for label in np.flatnonzero(left == 0)]
                place = "" if name == "all" else f" in {name}"
                raise ValueError(f"no image of class {some(empty)}{place} can be read")
            return kept
        start += len(labels)


def _fault(listing, path, size):
    name = printable(os.path.relpath(path, listing.folder))
    try:
        decode(path, size)
    except ValueError as error:
        return f"{name} ({fault(error.__cause__)})"
    return f"{name} (it changed meanwhile)"


def _key(listing):
    """A digest of every file's path within the folder and of its contents, and those of contents.

    Contents, because size and modification time can both stay while the pixels change: archives
    and `cp -p` keep times, raw formats have one size, some drives count in steps of two seconds.
    """
    paths = listing.paths()

    def digest(index):
        contents = hashlib.blake2b(digest_size=16)
        try:
            file = ordinary_descriptor(paths[index])
        except (OSError, ValueError):
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
    digests = np.array([*for_each_file(digest, paths, "looking for changes")], object)
    for path, contents in zip(paths, digests, strict=True):
        key.update(os.fsencode(path[start:]) + b"\0" + contents)
    return key.digest(), digests


def _stamps(paths):
    """When each file last changed, by the system's clock: a program cannot set that time back.

    Without it a file that is replaced while images are decoded, and put back afterwards, would
    leave its pixels in the cache for good: the key is that of the contents before and after.
    """

    def stamp(path):
        try:
            return os.stat(path).st_ctime_ns
        except OSError:
            return None  # decoding names the file

    return [stamp(path) for path in paths]


# A cache file is a .npy file followed by the key and a checksum of the images.


def _footer(key, images):
    return key + zlib.crc32(np.ascontiguousarray(images)).to_bytes(4, "big")


def _tail(path):
    with open(path, "rb") as file:
        file.seek(-20, os.SEEK_END)
        return file.read()


def _fetch(stored, key):
    """The array in a cache file, or None if its key is another one or it is damaged."""
    if not os.path.isfile(stored):
        return None
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
            note(
                f"cannot keep the decoded images in {str(path.parent)!r} "
                f"({error.__cause__ or error}); they will be decoded again next time"
            )
            return
