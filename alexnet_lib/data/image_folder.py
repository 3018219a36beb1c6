"""Folders of images: which files and classes they hold, and whether these can be trained on."""

import os
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from alexnet_lib.base.files import expand_home
from alexnet_lib.data.class_names import LONGEST_NAME, data_name, named_classes
from alexnet_lib.data.flat_labels import LISTS, classes_in_names, find_list, listed_classes
from alexnet_lib.data.folder_checks import (
    EXPECTED,
    VEHICLES,
    check_classes,
    check_no_splits,
    check_same_classes,
    note_on_inner_folders,
)
from alexnet_lib.data.folder_files import (
    CONTAINERS,
    ImageSearch,
    entries,
    folders_of_images,
    printable,
    some,
    split_of,
)


@dataclass(frozen=True)
class Listing:
    """The files of an image folder.

    `parts` maps "train", "validation" and "test", or "all", to a pair (paths, labels): a list of N
    files and int64 (N,), the index in `classes` of each file's class. `notes` are sentences on what
    was decided in reading it, such as which folder serves as the test images.
    """

    folder: Path
    name: str
    classes: tuple[str, ...]
    parts: dict
    notes: tuple[str, ...] = ()

    def paths(self):
        """The files of all parts, in order."""
        return [path for paths, _ in self.parts.values() for path in paths]

    def as_one_part(self):
        """The Listing with the same files in one part, "all"."""
        labels = np.concatenate([labels for _, labels in self.parts.values()])
        return replace(self, parts={"all": (self.paths(), labels)})


def scan_folder(folder):
    """The Listing of an image folder: `train/CLASS/*` and `test/CLASS/*`, or `CLASS/*`.

    Images may be in folders inside class folders, and all of this in folders around. Folders may
    have other names of splits, such as `training_set` or `val`. Without test images `val` takes
    their place. Images that are in no class folders need a list of labels (`trainLabels.csv`,
    `val_annotations.txt`) or names such as `cat.0.jpg`.

    Raises FileNotFoundError, NotADirectoryError, or ValueError for a folder that cannot be trained
    on: no images, no classes, one class only, empty classes, different classes in train and test.
    OSError where a folder inside cannot be read.
    """
    folder = existing_folder(folder)
    reading = _Reading(folder)
    parts = {part: _labeled(classes) for part, classes in reading.parts.items()}
    classes = tuple(next(iter(reading.parts.values())))
    classes, told = named_classes(classes, (folder, reading.top))
    return Listing(folder, data_name(folder, reading.top), classes, parts, (*reading.notes, *told))


def existing_folder(folder):
    """The absolute path of a folder that exists. Raises FileNotFoundError or NotADirectoryError."""
    asked, folder = folder, Path(os.path.abspath(expand_home(folder)))
    if not os.fspath(asked) or not os.path.exists(folder):
        shown = printable(str(asked))
        shown = repr(shown if len(shown) <= LONGEST_NAME else f"{shown[:LONGEST_NAME]}…")
        shown += "" if os.path.isabs(asked) else f" in {printable(os.getcwd())!r}"
        raise FileNotFoundError(
            f"no such folder: {shown}; expected cifar10, shapes10 or a folder of images"
        )
    if not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is not a folder, expected a folder of images")
    return folder


def has_training_folder(folder):
    """Whether a folder holds one that is named after the training images."""
    return os.path.isdir(folder) and "train" in map(split_of, entries(folder)[0])


class _Reading:
    """What is found in an image folder.

    asked    the folder that was given
    top      the folder inside it that holds the splits or the classes
    parts    {"train", "validation", "test" or "all": {class: files}}
    notes    sentences on what was decided
    """

    def __init__(self, folder):
        self.asked, self.top, self.parts = folder, _inside(folder, any_name=True), {}
        self.notes = []
        self._search = ImageSearch()
        self._places = {}  # {part: its folder}
        self._by_name = {}  # {part whose classes are in the names of its files: one of these}
        self._unread = []  # files beside images that are not images by their names
        folders = folders_of_images(entries(self.top)[0])
        splits = [name for name in folders if split_of(name)]
        if splits and not self._is_class(splits, folders):
            self._read_splits(splits, folders)
        else:
            self.parts["all"] = self._classes(self.top, "all") or self._refuse_flat([])
        for part, classes in self.parts.items():
            check_classes(classes, self._places.get(part, self.top))
        check_same_classes(folder, self.parts)
        if self._by_name:
            example = next(iter(self._by_name.values()))
            self.notes.insert(0, f"the classes are in the names of the files, such as {example}")
        if self._unread:
            names = some([printable(os.path.basename(path)) for path in self._unread], 3)
            self.notes.append(
                f"{len(self._unread):,} files beside the images are not images by their names and "
                f"were not read: {names}"
            )

    def _is_class(self, splits, folders):
        """Whether the one folder called `train` (or `valid`) is a class beside others: vehicles."""
        if len(splits) > 1 or splits[0].casefold() not in VEHICLES or len(folders) < 2:
            return False
        inside, images, _ = entries(self.top / splits[0])
        others = [name for name in folders if name not in splits]
        if inside or not images or not any(map(self._count, others)):
            return False
        if classes_in_names(images) or find_list(self.top, LISTS):
            return False
        self.notes.append(f"{splits[0]} is read as a class, beside {some(others, 3)}")
        return True

    def _count(self, name):
        return len(ImageSearch().below(self.top / name, name)[0])

    def _read_splits(self, splits, folders):
        found, flat = {}, []  # {split: (folder's name, classes)}, names of folders without classes
        for name in splits:
            classes, split = self._classes(self.top / name, name), split_of(name)
            if not classes:
                flat.append(name)
            elif split in found:
                raise ValueError(
                    f"{str(self.top)!r} has two folders of {split} images, {found[split][0]} and "
                    f"{name}; remove or rename one"
                )
            else:
                found[split] = name, classes
        if "train" not in found:
            self._refuse_flat(flat, [name for name, _ in found.values()])
        train = found["train"][0]
        for split, (name, classes) in list(found.items()):
            # In `test/unknown/`, or by names that say something else, images have no labels.
            vague = len(classes) == 1 or name in self._by_name
            if vague and not classes.keys() & found["train"][1].keys():
                self._by_name.pop(name, None)
                flat.append(found.pop(split)[0])
        others = [name for name in folders if name not in splits]
        if len(splits) == 1 and any(map(self._count, others)):
            raise ValueError(
                f"{str(self.top)!r} has the folder {train} beside {some(others, 3)}: to train on "
                f"the classes in {train}, give {str(self.top / train)!r}"
            )
        for name in flat:
            if count := self._count(name):
                self.notes.append(
                    f"the images of {name}/ are in no class folders as those of {train}/ are, so "
                    f"that their classes are not known: its {count:,} images were not read"
                )
        if "test" not in found and "validation" in found:
            found["test"] = found.pop("validation")
            self.notes.append(
                f"there is no labeled test folder: {found['test'][0]}/ serves as the test images, "
                f"and 10 % of {train}/ are drawn as validation images"
            )
        elif "test" not in found:
            self.notes.append(
                f"there are no labeled test images: 10 % of {train}/ are drawn for the test and "
                f"10 % for validation"
            )
            found = {"all": found["train"]}
        order = [split for split in ("train", "validation", "test", "all") if split in found]
        self.parts = {split: found[split][1] for split in order}
        self._places = {split: self.top / found[split][0] for split in order}

    def _classes(self, folder, name):
        """{class: files} of a folder of class folders, or of images with labels; else {}."""
        inner = folder if folder == self.top else _inside(folder)
        folders, images, _ = entries(inner)
        folders = folders_of_images(folders)
        found = {}
        inside = {one: self._add_class(found, inner, one, name) for one in folders}
        if any(found.values()):
            check_no_splits([one for one in folders if found[printable(one)]], inner)
            self.notes += note_on_inner_folders(inside)
            if images:
                self.notes.append(
                    f"{len(images):,} images beside the class folders of {str(inner)!r} have no "
                    f"class and were not read"
                )
            return dict(sorted(found.items()))
        images = [os.path.join(inner, image) for image in images]
        return self._flat_classes(images, folder, inner, name)

    def _add_class(self, found, inner, name, part):
        """Adds a class's images to `found`. Returns the names of the folders in its folder."""
        folders = entries(inner / name)[0]
        if len({split_of(one) for one in folders} - {None}) > 1:
            raise ValueError(
                f"class {printable(name)} of {str(inner)!r} has its own {some(folders, 3)};\n"
                f"{EXPECTED}"
            )
        shown = unicodedata.normalize("NFC", name)
        if printable(name) in found and printable(name) != shown:
            raise ValueError(f"two classes of {str(inner)!r} show as {printable(name)}: rename one")
        owner = f"{printable(name)} of {part}" if part != "all" else printable(name)
        images, others = self._search.below(inner / name, owner)
        if not images:  # names may say nothing: then files without a suffix count as images
            images = [path for path in others if not os.path.splitext(path)[1]]
            others = [path for path in others if os.path.splitext(path)[1]]
        found.setdefault(printable(name), []).extend(images)
        found[printable(name)].sort()
        if images:
            self._unread += others
        return folders_of_images(folders)

    def _flat_classes(self, images, folder, inner, name):
        """{class: files} for images in one folder, by a list of labels or by their names."""
        if not images:
            return {}
        places = [folder, inner] + [folder.parent] * (split_of(name) == "train") + [self.asked]
        annotations = (f"{folder.name.casefold()}_annotations.txt",)
        lists = [find_list(place, annotations) for place in (folder, inner)]
        if split_of(name) in ("train", None):
            lists += [find_list(place, LISTS) for place in places]
        for path in filter(None, lists):
            self.notes.append(f"the classes are those in {path.name}")
            return listed_classes(images, path)
        classes = classes_in_names(images)
        if classes:
            self._by_name[name] = printable(os.path.basename(images[0]))
        return classes or {}

    def _refuse_flat(self, flat, labeled=()):
        """Raises the ValueError for a folder in which no classes were found for training."""
        where = repr(str(self.top))
        places = {f"{name}/": self.top / name for name in flat} or {"it": self.top}
        count = flat or not labeled
        counts = {name: self._count(place) for name, place in places.items()} if count else {}
        if labeled and not any(counts.values()):
            raise ValueError(f"{where} has {' and '.join(labeled)} but no train/CLASS/ with images")
        if not any(counts.values()):
            raise ValueError(f"no images in class folders of {where};\n{EXPECTED}")
        held = [f"{count:,} in {name}" for name, count in counts.items() if count]
        raise ValueError(
            f"the images of {where} are in no class folders ({', '.join(held)}), so that their "
            f"classes are not known;\n{EXPECTED}, or trainLabels.csv with a line id,label for each"
        )


def _inside(folder, any_name=False):
    """The folder that holds classes, splits or images: `archive/flowers/` for `flowers/archive`.

    Followed are folders that are alone, and have the name of the one around or of a container;
    with `any_name` also others that hold folders.
    """
    passed = set()
    while (real := os.path.realpath(folder)) not in passed:
        passed.add(real)
        folders, images, _ = entries(folder)
        folders = folders_of_images(folders)
        if images or len(folders) != 1:
            break
        (name,) = folders
        split, around = split_of(name), split_of(folder.name)
        plain = name.casefold() in CONTAINERS | {folder.name.casefold()}
        plain = plain or (split is not None and split == around)
        if not plain and (split or not any_name or not entries(folder / name)[0]):
            break
        folder = folder / name
    return folder


def _labeled(classes):
    labels = np.repeat(np.arange(len(classes)), [len(files) for files in classes.values()])
    return [path for files in classes.values() for path in files], labels.astype(np.int64)
