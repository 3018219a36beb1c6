"""Which entries of a folder are images, which are other folders, and which are neither."""

import os
import re
import unicodedata
from pathlib import Path

# What systems and programs leave in folders, besides names that begin with a dot.
LEFT_BEHIND = {
    "__macosx", "_ds_store", "thumbs.db", "desktop.ini", "icon\r", "@eadir", "$recycle.bin",
    "system volume information", "lost+found", "__pycache__",
}  # fmt: skip
IMAGE_SUFFIXES = set(
    ".jpg .jpeg .jpe .jfif .jif .mpo .png .apng .bmp .dib .gif .tif .tiff .webp .avif .avifs "
    ".heic .heif .hif .ppm .pgm .pbm .pnm .pfm".split()
)
# What is said about images, where it is beside a folder of CONTAINERS; else these are classes.
ABOUT_IMAGES = set(
    "annotation annotations label labels mask masks bbox bboxes xml xmls trimaps "
    "segmentation segmentations attributes".split()
)
# Folders that hold the images of whatever they are in.
CONTAINERS = {"images", "image", "imgs", "img", "pictures", "photos", "jpegimages", "data"}
SPLITS = {
    "train": "train|training|trn",
    "validation": "validation|valid|val|dev",
    "test": "test|testing|tst|eval|evaluation|holdout",
}
AROUND = "images?|imgs?|data|set|split|folder|seg|public|private"


def split_of(name):
    """The split that a folder is named after, "train", "validation" or "test", or None.

    Those of `training_set`, `Test1` and `val2017` are known; that of `trains` is None.
    """
    letters = re.sub(r"[\W\d_]", "", name.casefold())
    for split, words in SPLITS.items():
        if re.fullmatch(f"(?:{AROUND})*(?:{words})(?:{AROUND})*", letters):
            return split
    return None


def entries(folder):
    """The names of a folder's subfolders, image files and other entries, each list sorted.

    What systems leave behind is in none of them. Raises OSError where the folder cannot be read.
    """
    folders, images, others = [], [], []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                name = entry.name.casefold()
                if name.startswith(".") or name in LEFT_BEHIND or _is_cache(entry):
                    continue
                if _is_folder(entry):
                    folders.append(entry.name)
                else:
                    is_image = os.path.splitext(name)[1] in IMAGE_SUFFIXES
                    (images if is_image else others).append(entry.name)
    except OSError as error:
        raise type(error)(
            f"cannot read the folder {os.fspath(folder)!r}: {error.strerror or error}"
        ) from error
    return sorted(folders), sorted(images), sorted(others)


def folders_of_images(folders):
    """Of the names of folders those that may hold images: without `masks` beside `images`."""
    names = {name.casefold() for name in folders}
    about = ABOUT_IMAGES if names & CONTAINERS else ()
    return [name for name in folders if name.casefold() not in about]


def _is_cache(entry):
    """Whether the course keeps decoded images there: `ALEXNET_DATA` may be the folder of images."""
    if entry.name != "cache" or not _is_folder(entry):
        return False
    endings = {os.path.splitext(name)[1] for name in os.listdir(entry)}
    return ".npy" in endings and endings <= {".npy", ".lock", ".tmp"}


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself; decoding names it
        return False


class ImageSearch:
    """Looks for images in folders and in all folders inside, and reads no folder twice.

    Links to folders are followed. A link back to a folder around adds nothing.
    """

    def __init__(self):
        self._owners = {}  # {real path of a folder: what it was read for}

    def below(self, top, owner):
        """(images, others): the paths of the files in `top` and below, each list sorted.

        Raises ValueError where a folder was found for another owner before: its images would have
        two classes, or be in training and test.
        """
        images, others, waiting = [], [], [os.fspath(top)]
        around = {os.path.realpath(folder) for folder in Path(top).parents}
        around |= {os.fspath(folder) for folder in Path(os.path.realpath(top)).parents}
        while waiting:
            folder = waiting.pop()
            real = os.path.realpath(folder)
            if real in around:
                continue
            if (first := self._owners.setdefault(real, owner)) != owner:
                raise ValueError(
                    f"{first} and {owner} have the same images, by the link {folder!r} or one to "
                    f"it; remove the link"
                )
            around.add(real)
            folders, found, rest = entries(folder)
            inside = folders_of_images(folders)
            rest += sorted(set(folders) - set(inside))
            for names, paths in ((inside, waiting), (found, images), (rest, others)):
                paths += [os.path.join(folder, name) for name in names]
        return sorted(images), sorted(others)


def printable(text):
    """A file's name, or text from a file, as it can be shown in one line.

    In Unicode's composed form (NFC), because systems store accents in different ways. Control
    characters, and bytes of a name that are not UTF-8, become �.
    """
    return "".join(
        c if c.isprintable() or c in "\u200c\u200d" or unicodedata.category(c) == "Zs" else "\ufffd"
        for c in unicodedata.normalize("NFC", text)
    )


def some(names, most=10):
    """Names for a message: the first `most`, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
