"""Whether the classes that were found in a folder of images can be trained on."""

from alexnet_lib.data.folder_files import some, split_of

EXPECTED = "expected train/CLASS/* and test/CLASS/*, or CLASS/*, each CLASS a folder of images"
VEHICLES = ("train", "valid")  # names of splits that may be the name of one class


def check_classes(classes, where):
    """Raises ValueError where the classes of one part cannot be told apart, or are no classes."""
    same = {}
    for name in classes:
        same.setdefault(" ".join(name.casefold().split()), []).append(name)
    if alike := [names for names in same.values() if len(names) > 1]:
        raise ValueError(
            f"classes of {str(where)!r} differ only in upper and lower case or in blanks: "
            f"{some(map(repr, alike[0]))}; put them together or rename one"
        )
    if empty := [name for name, files in classes.items() if not files]:
        raise ValueError(f"no images in class {some(empty)} of {str(where)!r}; fill or remove it")
    if len(classes) == 1:
        raise ValueError(f"{str(where)!r} has one class only, {some(classes)}; expected 2 or more")
    if len({split_of(name) for name in classes} - {None}) > 1:
        raise ValueError(
            f"the classes of {str(where)!r} would be {some(classes)}, which are names of splits;\n"
            f"{EXPECTED}"
        )


def check_no_splits(folders, where):
    """Raises ValueError where a folder of a class has the name of a split, as in train/test/*."""
    splits = [name for name in folders if split_of(name) and name.casefold() not in VEHICLES]
    if splits:
        raise ValueError(
            f"the classes of {str(where)!r} would be {some(folders)}, and {some(splits)} is the "
            f"name of a split;\n{EXPECTED}"
        )


def check_same_classes(folder, found):
    """Raises ValueError where two parts, each {class: files}, have different classes."""
    first, *others = found.items()
    for part, classes in others:
        if classes.keys() != first[1].keys():
            lines = [f"{first[0]} and {part} of {str(folder)!r} have different classes"]
            if only := first[1].keys() - classes.keys():
                lines.append(f"only in {first[0]}: {some(sorted(only))}")
            if only := classes.keys() - first[1].keys():
                lines.append(f"only in {part}: {some(sorted(only))}")
            raise ValueError("\n".join(lines))


def note_on_inner_folders(inside):
    """A list with a note where all class folders hold two folders or more that have the same names,
    which may be the classes.

    inside   {name of a class folder: names of the folders in it}; `2023/cat`, `2023/dog`,
             `2024/cat`, `2024/dog`, `2024/hen` are read as the classes 2023 and 2024
    """
    shared = set.intersection(*map(set, inside.values()))
    if len(inside) < 2 or len(shared) < 2:
        return []
    return [
        f"the classes are {some(inside, 3)}, each with the folders {some(sorted(shared), 3)}: if "
        f"these are the classes, make one folder of each"
    ]
