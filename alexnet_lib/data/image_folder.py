"""Folders of images: which files and classes they hold, and whether these can be trained on."""

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PARTS = {"train": ("train",), "validation": ("validation", "valid", "val"), "test": ("test",)}
IGNORED = ("thumbs.db", "desktop.ini")  # besides hidden files: what Windows leaves in folders


@dataclass(frozen=True)
class Listing:
    """The files of an image folder.

    `parts` maps "train", "validation" and "test", or "all", to a pair (paths, labels): a list of N
    files and int64 (N,), the index in `classes` of each file's class.
    """

    folder: Path
    name: str
    classes: tuple[str, ...]
    parts: dict

    def paths(self):
        """The files of all parts, in order."""
        return [path for paths, _ in self.parts.values() for path in paths]


def scan_folder(folder):
    """The Listing of an image folder: `train/CLASS/*` and `test/CLASS/*`, or `CLASS/*`.

    Hidden files, `Thumbs.db` and folders inside class folders are ignored. Raises
    FileNotFoundError, NotADirectoryError, or ValueError for a folder that cannot be trained on:
    no images, one class only, empty classes, different classes in train and test.
    """
    folder = Path(os.path.abspath(Path(folder).expanduser()))
    if not folder.exists():
        raise FileNotFoundError(
            f"no such folder: {str(folder)!r}; expected cifar10, shapes10 or a folder of images"
        )
    if not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is a file, expected a folder of images")
    found, places = {}, {"all": folder}
    for part, names in PARTS.items():
        for name in names:
            if part not in found and (folder / name).is_dir() and _class_folders(folder / name):
                found[part], places[part] = _classes(folder / name), folder / name
    if not found:
        found["all"] = _classes(folder)
    elif missing := [part for part in ("train", "test") if part not in found]:
        raise ValueError(
            f"{str(folder)!r} has {' and '.join(found)} but no {missing[0]}/CLASS/ with images;\n"
            f"add it, or give a folder of class folders: it is split into all three parts"
        )
    _check(folder, found, places)
    first = next(iter(found.values()))
    parts = {part: _labeled(classes) for part, classes in found.items()}
    return Listing(folder, _name(folder), tuple(first), parts)


def _class_folders(folder):
    with os.scandir(folder) as entries:
        return sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))


def _classes(folder):
    """A dict from each class's name to the sorted paths of its files."""
    found = {}
    for name in _class_folders(folder):
        with os.scandir(folder / name) as entries:
            files = sorted(entry.path for entry in entries if _wanted(entry))
        found.setdefault(_readable(name), []).extend(files)
    return dict(sorted(found.items()))


def _wanted(entry):
    if entry.name.startswith(".") or entry.name.lower() in IGNORED or entry.is_dir():
        return False
    return entry.is_file() or entry.is_symlink()  # decoding names a broken link


def _readable(name):
    """A file's name in Unicode's composed form (NFC): systems store accents in different ways."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _name(folder):
    try:
        text = (folder / "name.txt").read_text(encoding="utf-8-sig", errors="replace")
    except FileNotFoundError:
        text = ""
    first_line = text.partition("\n")[0].strip()
    return first_line or _readable(folder.name)


def _check(folder, found, places):
    """Raises ValueError where the classes found cannot be trained on.

    found    {part: {class: files}}
    places   {part: folder}
    """
    first, *others = found.items()
    for part, classes in others:
        if classes.keys() != first[1].keys():
            lines = [f"{first[0]} and {part} of {str(folder)!r} have different classes"]
            if only := first[1].keys() - classes.keys():
                lines.append(f"only in {first[0]}: {some(sorted(only))}")
            if only := classes.keys() - first[1].keys():
                lines.append(f"only in {part}: {some(sorted(only))}")
            raise ValueError("\n".join(lines))
    if not any(files for _, classes in found.items() for files in classes.values()):
        raise ValueError(
            f"no images in class folders of {str(folder)!r};\n"
            f"expected train/CLASS/* and test/CLASS/*, or CLASS/*, each CLASS a folder of images"
        )
    for part, classes in found.items():
        if empty := [name for name, files in classes.items() if not files]:
            where = str(places[part])
            raise ValueError(f"no images in class {some(empty)} of {where!r}; fill or remove it")
    if len(first[1]) == 1:
        raise ValueError(
            f"{str(folder)!r} has one class only, {some(first[1])}; expected 2 or more"
        )


def _labeled(classes):
    paths = [path for files in classes.values() for path in files]
    labels = np.repeat(np.arange(len(classes)), [len(files) for files in classes.values()])
    return paths, labels.astype(np.int64)


def some(names, most=10):
    """Names for a message: the first `most`, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
