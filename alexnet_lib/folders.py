"""Folders of images: what lies in them, decoded to one array and cached."""

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
IGNORED = ("thumbs.db", "desktop.ini")  # beside hidden files: what systems leave in folders
PART_FOLDERS = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}
MIXED_SIZE = 64  # pixels, for images of several sizes where no size is asked for
CACHE_VERSION = b"1"


@dataclass(frozen=True)
class Listing:
    """What lies in a folder: `parts` maps "train", "test" … or "all" to (paths, labels)."""

    folder: Path
    name: str
    classes: tuple[str, ...]
    parts: dict

    def paths(self):
        """The files of all parts, in order."""
        return [path for paths, _ in self.parts.values() for path in paths]


def scan(folder):
    """The Listing of an image folder: `train/CLASS/*` and `test/CLASS/*`, or `CLASS/*`.

    Hidden files, `Thumbs.db` and folders inside class folders are passed over. Raises
    FileNotFoundError, NotADirectoryError, or ValueError for a folder that cannot be trained on.
    """
    folder = Path(folder).expanduser()
    if not folder.exists():
        raise FileNotFoundError(
            f"no folder {str(folder)!r}: expected cifar10, shapes10 or a folder of images"
        )
    if not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is a file, expected a folder of images")
    found = {}
    for part, names in PART_FOLDERS.items():
        for name in names:
            if (folder / name).is_dir() and _class_folders(folder / name):
                found[part] = _classes(folder / name)
    if not found:
        found["all"] = _classes(folder)
    elif missing := {"train", "test"} - set(found):
        raise ValueError(f"{str(folder)!r} has {', '.join(found)} but no {missing.pop()}/CLASS/*")
    _check(folder, found)
    classes = tuple(next(iter(found.values())))
    parts = {part: _labeled(files) for part, files in found.items()}
    return Listing(folder.resolve(), _name(folder), classes, parts)


def _class_folders(folder):
    names = (entry.name for entry in os.scandir(folder) if entry.is_dir())
    return sorted(name for name in names if not name.startswith("."))


def _classes(folder):
    """Class name to the sorted paths of its files."""
    found = {}
    for name in _class_folders(folder):
        files = [
            entry.path
            for entry in os.scandir(folder / name)
            if not (entry.name.startswith(".") or entry.name.lower() in IGNORED or entry.is_dir())
        ]
        found.setdefault(_readable(name), []).extend(sorted(files))
    return found


def _readable(name):
    """A file's name as one Unicode spelling: systems differ in how they store accents."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _name(folder):
    try:
        lines = (folder / "name.txt").read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        lines = []
    return (lines[0].strip() if lines else "") or _readable(folder.resolve().name)


def _check(folder, found):
    first, *others = found
    for part in others:
        if set(found[part]) != set(found[first]):
            only = sorted(set(found[first]) ^ set(found[part]))
            raise ValueError(
                f"{first} and {part} have different classes: {_some(only)} in one only"
            )
    if not any(files for classes in found.values() for files in classes.values()):
        raise ValueError(f"no images in {str(folder)!r}: expected files in CLASS folders")
    for part, classes in found.items():
        if empty := [name for name, files in classes.items() if not files]:
            raise ValueError(f"no images in class {_some(empty)} of {part}")
    if len(found[first]) < 2:
        raise ValueError(f"one class only in {str(folder)!r}: {_some(found[first])}")


def _labeled(classes):
    paths = [path for files in classes.values() for path in files]
    labels = np.repeat(np.arange(len(classes)), [len(files) for files in classes.values()])
    return paths, labels


def _some(names, most=10):
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + more


def decode(path, size=None):
    """The image in a file as uint8 3 x H x W: upright, in color, `size` x `size` if given."""
    with Image.open(path, formats=FORMATS) as image:
        array = np.asarray(image.convert("RGB"))
    return array.transpose(2, 0, 1)


def read(listing, part, size, cache):
    """The images of a part as uint8 N x 3 x H x W, or None where they would fill the memory."""
    return np.stack([decode(path, size) for path in listing.parts[part][0]])


def common_size(listing):
    """None if all images have one size, else MIXED_SIZE."""
    return None
