"""Labels of images that are in one folder together: from a list of labels, or from their names."""

import csv
import os
import re
from pathlib import Path

from alexnet_lib.base.files import open_ordinary
from alexnet_lib.data.folder_files import printable, some

LISTS = ("trainlabels.csv", "train_labels.csv", "labels.csv", "train.csv")  # id,label
LARGEST_LIST = 2**28  # bytes
# cat.0, dog_12, american_bulldog (3): letters, a separator, a number.
NAMED = re.compile(r"(.*[^\W\d_].*?)[ ._-]+\(?\d+\)?")
# Cameras and programs number their files, too. These words say nothing about a class.
NO_CLASS = set(
    "img image imgs images dsc dscn dscf dscp mvi pic pics picture photo frame scan screenshot "
    "file sample untitled new copy item id train training test testing val valid validation pano "
    "screen shot whatsapp".split()
)


def find_list(folder, names):
    """The path of the first file of these names, in any case, in a folder; None without one."""
    found = {name.casefold(): name for name in sorted(os.listdir(folder), reverse=True)}
    return next((Path(folder, found[name]) for name in names if name in found), None)


def read_list(path):
    """A dict from an image's name to its label: two columns with a comma or a tab between them.

    Columns after the second are read only where tabs divide them (they are boxes there). A head
    is a name like any other. Raises ValueError for a list that is something else.
    """
    try:
        with open_ordinary(path) as file:
            content = file.read(LARGEST_LIST + 1)
    except OSError as error:
        raise ValueError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    try:
        lines = content[:LARGEST_LIST].decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:  # replaced letters would make one class of two
        raise ValueError(
            f"{str(path)!r} is not text in UTF-8: save it again, in Excel as CSV UTF-8"
        ) from error
    tabs = bool(lines) and "\t" in lines[0]
    labels = {}
    try:
        for number, row in enumerate(csv.reader(lines, delimiter="\t" if tabs else ","), 1):
            if not row:
                continue
            if len(row) < 2 or (len(row) > 2 and not tabs) or len(content) > LARGEST_LIST:
                raise ValueError(f"line {number} of {str(path)!r} is not a pair id,label")
            name, label = row[0].strip(), printable(row[1]).strip()
            if labels.setdefault(name, label) != label:
                raise ValueError(f"{str(path)!r} has two labels for {name!r}")
    except csv.Error as error:
        raise ValueError(f"{str(path)!r} is not a list of id,label: {error}") from error
    return labels


def listed_classes(images, path):
    """A dict from each class to its images, as the list in a file says.

    Raises ValueError for an image that is not in the list.
    """
    labels = read_list(path)
    classes, missing = {}, []
    for image in images:
        name = os.path.basename(image)
        label = labels.get(name) or labels.get(os.path.splitext(name)[0])
        if label:
            classes.setdefault(label, []).append(image)
        else:
            missing.append(printable(name))
    if missing:
        raise ValueError(
            f"{str(path)!r} has no label for {len(missing):,} of {len(images):,} images: "
            f"{some(missing)}; add a line id,label for each (it has labels for "
            f"{some(map(printable, labels), 3) or 'none'})"
        )
    return dict(sorted(classes.items()))


def classes_in_names(images):
    """A dict from each class to its images where all names are such as `cat.0.jpg`, else None.

    A camera's names, such as `IMG_0001.jpg`, are not: these words say nothing about a class.
    """
    classes = {}
    for image in images:
        found = NAMED.fullmatch(os.path.splitext(os.path.basename(image))[0])
        if not found or re.sub(r"[\W\d_]", "", found[1].casefold()) in NO_CLASS:
            return None
        classes.setdefault(printable(found[1]), []).append(image)
    many = len(classes) > 1 and all(len(files) > 1 for files in classes.values())
    return dict(sorted(classes.items())) if many else None
