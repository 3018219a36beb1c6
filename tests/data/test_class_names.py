"""Class folders with WordNet's numbers get the names that a list beside them gives."""

import os

import pytest
from helpers import image_folder

from alexnet_lib.data.class_names import named_classes
from alexnet_lib.data.image_folder import scan_folder

CLASSES = ("n01440764", "n02012849", "n03126707")
LINES = """\
n01440764 tench, Tinca tinca
n02012849 crane
n03126707 crane
n99999999 another class
"""


@pytest.mark.parametrize("name", ["LOC_synset_mapping.txt", "synset_words.txt", "words.txt"])
def test_the_first_name_counts_and_equal_ones_keep_their_numbers(name, tmp_path):
    text = LINES.replace(" ", "\t", 1) if name == "words.txt" else LINES
    (tmp_path / name).write_text(text, encoding="utf-8")
    names, notes = named_classes(CLASSES, (tmp_path,))
    assert names == ("tench", "crane (n02012849)", "crane (n03126707)")
    assert notes == (f"the names of the classes are those in {name}",)


def test_without_a_list_or_with_one_that_lacks_a_class_the_numbers_stay(tmp_path):
    assert named_classes(CLASSES, (tmp_path,)) == (CLASSES, ())
    (tmp_path / "words.txt").write_text(LINES.split("\n")[0], encoding="utf-8")
    assert named_classes(CLASSES, (tmp_path,)) == (CLASSES, ())


def test_classes_with_names_keep_them_whatever_list_there_is(tmp_path):
    (tmp_path / "words.txt").write_text("cat a pet\ndog a pet\n", encoding="utf-8")
    assert named_classes(("cat", "dog"), (tmp_path,)) == (("cat", "dog"), ())


def test_names_of_a_list_are_printable_and_another_folder_is_looked_at(tmp_path):
    (tmp_path / "words.txt").write_bytes(b"n01440764 t\x1bench\nn02012849 \xff, x\nn03126707 c\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    names, _ = named_classes(CLASSES, (empty, tmp_path))
    assert names == ("t\N{REPLACEMENT CHARACTER}ench", "\N{REPLACEMENT CHARACTER}", "c")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_no_list(tmp_path):
    os.mkfifo(tmp_path / "words.txt")
    with pytest.raises(ValueError, match="a pipe, not a file|cannot be read"):
        named_classes(CLASSES, (tmp_path,))


def test_imagenets_layout_has_named_classes_in_the_order_of_their_numbers(tmp_path):
    files = [f"train/{c}/{c}_{i}.JPEG" for c in reversed(CLASSES) for i in range(3)]
    files += [f"val/{c}/ILSVRC2012_val_{i:08}.JPEG" for c in CLASSES for i in range(2)]
    folder = image_folder(tmp_path / "imagenet", files)
    (folder / "synset_words.txt").write_text(LINES, encoding="utf-8")
    listing = scan_folder(folder)
    assert listing.classes == ("tench", "crane (n02012849)", "crane (n03126707)")
    paths, labels = listing.parts["train"]
    assert [CLASSES.index(os.path.basename(os.path.dirname(path))) for path in paths] == [*labels]
    assert len(listing.parts["test"][0]) == 6
