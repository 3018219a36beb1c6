"""The name of the data, and names of classes whose folders have WordNet's numbers: ImageNet's."""

import codecs
import os
import re
from collections import Counter

from alexnet_lib.base.files import open_ordinary
from alexnet_lib.data.flat_labels import LARGEST_LIST, find_list
from alexnet_lib.data.folder_files import printable

LONGEST_NAME = 80  # letters of the name of the data
NUMBER = re.compile(r"n\d{8}")  # n01440764
NAME_LISTS = ("loc_synset_mapping.txt", "synset_words.txt", "words.txt")  # n01440764 tench, Tinca …


def data_name(folder, top):
    """What the images are called: the first line of `name.txt`, else the folder's name.

    folder, top   where `name.txt` may be
    """
    for place in dict.fromkeys((folder, top)):
        try:
            with open_ordinary(place / "name.txt") as file:
                start = file.read(4 * 1024)
        except OSError:
            continue
        wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = start.decode("utf-16" if wide else "utf-8-sig", "replace")
        if line := printable((text.strip().splitlines() or [""])[0].strip()):
            return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
    return printable(folder.name) or "images"


def named_classes(classes, folders):
    """The classes with names from a list, and notes on that: (names, notes), both tuples.

    classes   names of class folders, which stay where they are not all WordNet's numbers
    folders   where a list may be; each line has a number and then names, of which the first counts

    Classes that the list gives the same name, such as the two cranes of ImageNet, keep their
    numbers behind it. Where no list names all classes, the numbers stay.
    """
    if not all(map(NUMBER.fullmatch, classes)):
        return classes, ()
    for path in filter(None, (find_list(folder, NAME_LISTS) for folder in folders)):
        known = _read_names(path)
        if known.keys() >= set(classes):
            counts = Counter(known[number] for number in classes)
            names = tuple(
                known[number] if counts[known[number]] == 1 else f"{known[number]} ({number})"
                for number in classes
            )
            return names, (f"the names of the classes are those in {path.name}",)
    return classes, ()


def _read_names(path):
    """{WordNet's number: the first of its names}."""
    try:
        with open_ordinary(path) as file:
            text = file.read(LARGEST_LIST).decode("utf-8-sig", "replace")
    except OSError as error:
        raise ValueError(f"{os.fspath(path)!r} cannot be read: {error.strerror}") from error
    names = {}
    for line in text.splitlines():
        number, _, words = line.replace("\t", " ").strip().partition(" ")
        name = printable(words.split(",")[0].strip())
        if NUMBER.fullmatch(number) and name:
            names[number] = name
    return names
