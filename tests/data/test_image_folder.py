"""Image folders: what counts as one, and what is said about the others."""

import os
import re

import numpy as np
import pytest
from helpers import image_folder

from alexnet_lib.data.folder_files import some
from alexnet_lib.data.image_folder import scan_folder
from alexnet_lib.data.load import load

FOUR = ["train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dog/1.png"]


def names(part):
    paths, labels = part
    return [(os.path.basename(path), int(label)) for path, label in zip(paths, labels, strict=True)]


def error_of(folder):
    with pytest.raises((ValueError, OSError)) as error:
        scan_folder(folder)
    assert 1 <= len(str(error.value).splitlines()) <= 5
    return error


def test_train_and_test_folders_are_parts(tmp_path):
    listing = scan_folder(image_folder(tmp_path, FOUR))
    assert listing.classes == ("cat", "dog")
    assert list(listing.parts) == ["train", "test"]
    assert names(listing.parts["train"]) == [("1.png", 0), ("1.png", 1)]
    assert listing.parts["train"][1].dtype == np.int64


@pytest.mark.parametrize("name", ["validation", "valid", "val"])
def test_a_validation_folder_is_a_part(tmp_path, name):
    image_folder(tmp_path, [*FOUR, f"{name}/cat/1.png", f"{name}/dog/1.png"])
    assert list(scan_folder(tmp_path).parts) == ["train", "validation", "test"]


def test_a_folder_of_class_folders_is_one_part(tmp_path):
    listing = scan_folder(image_folder(tmp_path, ["b/2.png", "b/1.png", "a/3.png"]))
    assert listing.classes == ("a", "b")
    assert list(listing.parts) == ["all"]
    assert names(listing.parts["all"]) == [("3.png", 0), ("1.png", 1), ("2.png", 1)]


def test_a_class_may_be_called_train(tmp_path):
    listing = scan_folder(image_folder(tmp_path, ["train/1.png", "bus/1.png", "ship/1.png"]))
    assert listing.classes == ("bus", "ship", "train")
    assert listing.notes == ("train is read as a class, beside bus, ship",)


def test_class_names_may_be_in_any_language(tmp_path):
    decomposed = "cafe\u0301"  # as some systems store an é: it would sort before "caff"
    names = ["кошка", "犬", decomposed, "caff"]
    listing = scan_folder(image_folder(tmp_path, [f"{name}/1.png" for name in names]))
    assert listing.classes == ("caff", "caf\u00e9", "кошка", "犬")


@pytest.mark.parametrize(
    "extra",
    [
        ".DS_Store",
        "_DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "._1.png",
        "nested/1.txt",
        "../.git/x",
        "../__MACOSX/._1.png",
        ".ipynb_checkpoints/1-checkpoint.png",
        "@eaDir/1.jpg",
    ],
)
def test_what_systems_leave_behind_is_passed_over(tmp_path, extra):
    image_folder(tmp_path, ["a/1.png", "b/1.png"])
    path = tmp_path / "a" / extra
    path.parent.mkdir(exist_ok=True)
    path.write_text("not an image")
    assert names(scan_folder(tmp_path).parts["all"]) == [("1.png", 0), ("1.png", 1)]


def test_the_folder_is_named_by_name_txt(tmp_path):
    image_folder(tmp_path, FOUR)
    assert scan_folder(tmp_path).name == tmp_path.name
    (tmp_path / "name.txt").write_text("CIFAR-10, JPEG-75 copy\nsecond line\n", encoding="utf-8")
    assert scan_folder(tmp_path).name == "CIFAR-10, JPEG-75 copy"
    (tmp_path / "name.txt").write_text("\n")
    assert scan_folder(tmp_path).name == tmp_path.name


def test_the_home_folder_may_be_a_tilde(tmp_path, monkeypatch):
    image_folder(tmp_path / "pets", FOUR)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert scan_folder("~/pets").folder == tmp_path / "pets"


def test_a_folder_that_is_not_there(tmp_path):
    error = error_of(tmp_path / "nowhere")
    assert error.type is FileNotFoundError
    assert error.match("nowhere.*cifar10, shapes10")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file.png").write_text("")
    assert error_of(tmp_path / "file.png").type is NotADirectoryError


@pytest.mark.parametrize("empty", [[], ["a", "b"], ["train/a", "test/a"]])
def test_a_folder_without_images(tmp_path, empty):
    for name in empty:
        (tmp_path / name).mkdir(parents=True)
    assert error_of(tmp_path).match("no images in class folders")


@pytest.mark.parametrize("name", ["validation", "valid", "val"])
def test_an_empty_class_is_named_where_it_lies(tmp_path, name):
    files = [f"{part}/{c}/1.png" for part in ("train", "test") for c in ("cat", "dog")]
    image_folder(tmp_path, [*files, f"{name}/cat/1.png"])
    (tmp_path / name / "dog").mkdir()
    place = re.escape(repr(str(tmp_path / name)))
    assert error_of(tmp_path).match(f"no images in class dog of {place}")


def test_images_without_class_folders(tmp_path):
    error = error_of(image_folder(tmp_path, ["1.png", "2.png"]))
    assert error.match(r"are in no class folders \(2 in it\).*\nexpected .*CLASS")


@pytest.mark.parametrize("files", [["cat/1.png"], ["train/cat/1.png", "test/cat/1.png"]])
def test_one_class_only(tmp_path, files):
    assert error_of(image_folder(tmp_path, files)).match(r"one class only, cat")


def test_every_empty_class_is_named(tmp_path):
    image_folder(tmp_path, FOUR)
    for part in ("train", "test"):
        for name in ("bird", "fish"):
            (tmp_path / part / name).mkdir()
    assert error_of(tmp_path).match("no images in class bird, fish of .*train")


@pytest.mark.parametrize("found", ["test", "val"])
def test_a_missing_training_folder_is_named(tmp_path, found):
    image_folder(tmp_path, [f"{found}/cat/1.png", f"{found}/dog/1.png"])
    assert error_of(tmp_path).match(f"has {found} but no train/CLASS/ with images")


def test_classes_that_differ_between_parts_are_named(tmp_path):
    image_folder(tmp_path, [*FOUR, "train/bird/1.png", "test/fish/1.png", "test/frog/1.png"])
    error = error_of(tmp_path)
    assert error.match("only in train: bird\n")
    assert error.match("only in test: fish, frog")


def test_long_lists_are_cut():
    assert some(["a", "b"]) == "a, b"
    assert some([str(number) for number in range(12)]).endswith("8, 9 and 2 more")


def test_images_may_be_in_the_folder_of_the_cache(tmp_path):
    names = [f"{name}/{number}.png" for name in ("cache", "cat", "dog") for number in range(3)]
    folder = image_folder(tmp_path / "pets", names[3:])
    for _ in range(2):
        assert load(folder, data=folder).classes == ("cat", "dog")
    assert list((folder / "cache").glob("*.npy"))
    image_folder(folder, names[:3])  # a class of this name has images
    assert load(folder, data=folder).classes == ("cache", "cat", "dog")
