"""Folders as people have them: names of splits, folders around and inside, flat folders, links."""

import os
import shutil

import pytest
from helpers import image_folder, link

from alexnet_lib.data.image_folder import has_training_folder, scan_folder

NO_USERS = pytest.mark.skipif(os.name == "nt", reason="Windows does not look users up")
PETS = [f"{name}/{number}.png" for name in ("cat", "dog") for number in range(3)]


def under(*places):
    return [f"{place}/{file}" for place in places for file in PETS]


def counts(listing):
    """{part: {class: how many images}}"""
    return {
        part: dict(zip(listing.classes, map(labels.tolist().count, range(9)), strict=False))
        for part, (_, labels) in listing.parts.items()
    }


def refused(folder):
    with pytest.raises((ValueError, OSError)) as error:
        scan_folder(folder)
    assert 1 <= len(str(error.value).splitlines()) <= 3
    return error


BOTH = {"train": {"cat": 3, "dog": 3}, "test": {"cat": 3, "dog": 3}}


@pytest.mark.parametrize(
    "train, test",
    [
        ("training_set", "test_set"), ("training", "testing"), ("TRAIN", "Test"),
        ("train2017", "test2017"), ("seg_train", "seg_test"), ("trainset", "eval"),
    ],
)  # fmt: skip
def test_splits_have_many_names(tmp_path, train, test):
    assert counts(scan_folder(image_folder(tmp_path, under(train, test)))) == BOTH


@pytest.mark.parametrize(
    "around", ["training_set/training_set|test_set/test_set", "train/images|test/images"]
)
@pytest.mark.parametrize("above", ["", "archive/", "pets/archive/"])
def test_folders_in_folders_of_the_same_name_are_passed_through(tmp_path, around, above):
    folder = image_folder(tmp_path, under(*(above + place for place in around.split("|"))))
    listing = scan_folder(folder)
    assert counts(listing) == BOTH
    assert (listing.folder, listing.name, listing.notes) == (folder, folder.name, ())


def test_class_folders_alone_in_folders_around_are_one_part(tmp_path):
    image_folder(tmp_path, under("archive/flowers"))
    assert counts(scan_folder(tmp_path)) == {"all": {"cat": 3, "dog": 3}}


def test_images_in_folders_inside_class_folders_belong_to_the_class(tmp_path):
    files = [f"cat/images/{n}.JPEG" for n in range(2)] + ["dog/1.JPG", "dog/puppies/small/2.jpeg"]
    listing = scan_folder(image_folder(tmp_path, files))
    assert counts(listing) == {"all": {"cat": 2, "dog": 2}}


def test_tiny_imagenet_is_read(tmp_path):
    names = ("n01", "n02")
    files = [f"train/{name}/images/{name}_{i}.JPEG" for name in names for i in range(3)]
    files += [f"val/images/val_{i}.JPEG" for i in range(4)]
    image_folder(tmp_path, files + [f"test/images/test_{i}.JPEG" for i in range(5)])
    for name in names:
        (tmp_path / f"train/{name}/{name}_boxes.txt").write_text(f"{name}_0.JPEG\t0\t0\t9\t9\n")
    rows = [f"val_{i}.JPEG\t{names[i % 2]}\t0\t0\t31\t31" for i in range(4)]
    (tmp_path / "val/val_annotations.txt").write_text("\n".join(rows))
    listing = scan_folder(tmp_path)
    assert counts(listing) == {"train": {"n01": 3, "n02": 3}, "test": {"n01": 2, "n02": 2}}
    notes = "\n".join(listing.notes)
    for words in (
        "val_annotations.txt", "its 5 images were not read", "val/ serves as the test images",
        "2 files beside the images",
    ):  # fmt: skip
        assert words in notes


def test_without_test_images_the_validation_folder_takes_their_place(tmp_path):
    listing = scan_folder(image_folder(tmp_path, under("train", "val")))
    assert counts(listing) == BOTH
    assert listing.notes == (
        "there is no labeled test folder: val/ serves as the test images, and 10 % of train/ are "
        "drawn as validation images",
    )


def test_training_images_alone_are_divided(tmp_path):
    image_folder(tmp_path, [*under("train"), "test/1.png", "test/2.png"])
    listing = scan_folder(tmp_path)
    assert counts(listing) == {"all": {"cat": 3, "dog": 3}}
    assert "its 2 images were not read" in listing.notes[0]
    assert "10 % of train/ are drawn for the test" in listing.notes[1]


@pytest.mark.parametrize("file", ["unknown/{}.png", "car_{}.png"])
def test_test_images_without_known_classes_are_not_read(tmp_path, file):
    image_folder(tmp_path, [*under("train", "val"), *(f"test/{file.format(n)}" for n in range(4))])
    listing = scan_folder(tmp_path)
    assert counts(listing) == BOTH
    assert "so that their classes are not known: its 4 images were not read" in listing.notes[0]


@pytest.mark.parametrize(
    "splits",
    [("train", "test"), ("Training", "testing"), ("train", "test1"), ("training_set", "val"),
     ("train", "valid", "test"), ("dev", "eval"), ("test", "other"), ("train/train", "test/test")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["{}.png", "IMG_{}.png"])
def test_splits_are_never_classes(tmp_path, splits, name):
    files = [f"{split}/{name.format(n)}" for split in splits for n in range(3)]
    refused(image_folder(tmp_path, files)).match("are in no class folders .*\nexpected train/CLASS")


def test_splits_in_each_class_are_refused(tmp_path):
    image_folder(tmp_path, [f"{c}/{s}/1.png" for c in ("cat", "dog") for s in ("train", "test")])
    refused(tmp_path).match("class cat of .* has its own test, train")


def test_a_split_beside_the_classes_of_a_split_is_no_class(tmp_path):
    image_folder(tmp_path / "photos", [*under("train"), "train/test_set/1.png"])
    words = "would be cat, dog, test_set, and test_set is the name of a split"
    refused(tmp_path / "photos").match(words)
    image_folder(tmp_path / "vehicles", [*under("train"), "train/train/1.png"])
    assert scan_folder(tmp_path / "vehicles").classes == ("cat", "dog", "train")


def test_two_folders_of_one_split_are_refused(tmp_path):
    refused(image_folder(tmp_path, under("train", "training", "test"))).match(
        "two folders of train images, train and training"
    )


def test_a_training_folder_beside_other_images_is_not_chosen_silently(tmp_path):
    image_folder(tmp_path, [*under("train"), "more/1.png"])
    refused(tmp_path).match("has the folder train beside more: .* give '.*train'")


@pytest.mark.parametrize("name", ["{}.{}.png", "{}_{:04}.png", "{} ({}).png", "{}-{}.JPG"])
def test_names_of_files_may_say_the_class(tmp_path, name):
    files = [f"train/{name.format(c, n)}" for c in ("cat", "dog") for n in range(3)]
    listing = scan_folder(image_folder(tmp_path, [*files, "test1/1.png"]))
    assert counts(listing) == {"all": {"cat": 3, "dog": 3}}
    assert "the classes are in the names of the files, such as cat" in listing.notes[0]


def test_names_that_no_two_files_share_are_no_classes(tmp_path):
    image_folder(tmp_path, ["beach 1.png", "beach 2.png", "party 1.png"])
    refused(tmp_path).match("are in no class folders")


def test_a_list_of_labels_may_say_the_class(tmp_path):
    image_folder(tmp_path, [f"{split}/{n}.png" for split in ("train", "test") for n in range(4)])
    labels = tmp_path / "trainLabels.csv"
    labels.write_text("id,label\n0,cat\n1,dog\n2,cat\n3,frog\n")
    listing = scan_folder(tmp_path)
    assert counts(listing) == {"all": {"cat": 2, "dog": 1, "frog": 1}}
    assert "trainLabels.csv" in listing.notes[0]
    labels.write_text("id,label\n0,cat\n1,dog\n2,cat\n")
    refused(tmp_path).match("no label for 1 of 4 images: 3.png")
    labels.write_text("0,cat\n0,dog\n1,dog\n2,dog\n3,dog\n")
    refused(tmp_path).match("two labels for '0'")
    labels.write_text("id,x,y\n0,cat,2\n")
    refused(tmp_path).match("line 1 of .* is not a pair id,label")
    labels.write_bytes(b"\xff\x00" * 50_000)
    refused(tmp_path)


def test_classes_whose_names_are_not_in_utf_8_never_become_one_class(tmp_path):
    image_folder(tmp_path, [f"train/{n}.png" for n in range(3)])
    korean = "0,고양이\n1,강아지\n2,말\n"
    (tmp_path / "labels.csv").write_bytes(korean.encode())
    assert scan_folder(tmp_path).classes == ("강아지", "고양이", "말")
    (tmp_path / "labels.csv").write_bytes(korean.encode("cp949"))  # as Excel saves it in Korea
    refused(tmp_path).match("labels.csv' is not text in UTF-8: save it again")


def test_a_list_of_labels_may_be_beside_the_folder_of_images(tmp_path):
    image_folder(tmp_path, [f"images/{n}.png" for n in range(4)])
    (tmp_path / "labels.csv").write_text("0,cat\n1,dog\n2,cat\n3,dog\n")
    assert counts(scan_folder(tmp_path)) == {"all": {"cat": 2, "dog": 2}}


def test_a_list_of_other_names_says_what_it_has(tmp_path):
    image_folder(tmp_path, [f"train/{n}.png" for n in range(4)])
    (tmp_path / "labels.csv").write_text("train/0.png,cat\ntrain/1.png,dog\n")
    refused(tmp_path).match("it has labels for train/0.png, train/1.png")


def test_folders_that_all_classes_have_may_be_the_classes(tmp_path):
    listing = scan_folder(image_folder(tmp_path, [*under("fold1", "fold2"), "fold2/hen/1.png"]))
    assert counts(listing) == {"all": {"fold1": 6, "fold2": 7}}
    assert listing.notes == (
        "the classes are fold1, fold2, each with the folders cat, dog: if these are the classes, "
        "make one folder of each",
    )
    (tmp_path / "fold1/cat").rename(tmp_path / "fold1/fox")
    assert not scan_folder(tmp_path).notes


def test_masks_beside_images_are_no_class(tmp_path):
    listing = scan_folder(image_folder(tmp_path, [*under("images"), "masks/1.png", "labels/2.png"]))
    assert counts(listing) == {"all": {"cat": 3, "dog": 3}}


def test_files_that_are_no_images_are_counted(tmp_path):
    image_folder(tmp_path, PETS)
    (tmp_path / "cat/notes.txt").write_text("boxes")
    (tmp_path / "cat/README").write_text("read me")
    listing = scan_folder(tmp_path)
    assert counts(listing) == {"all": {"cat": 3, "dog": 3}}
    assert listing.notes == (
        "2 files beside the images are not images by their names and were not read: README, "
        "notes.txt",
    )


def test_images_without_a_suffix_are_read_where_no_other_are(tmp_path):
    image_folder(tmp_path, PETS)
    for path in tmp_path.glob("*/*.png"):
        path.rename(path.with_suffix(""))
    assert counts(scan_folder(tmp_path)) == {"all": {"cat": 3, "dog": 3}}


@pytest.mark.parametrize(
    "first, second", [("Cat", "cat"), ("Straße", "STRASSE"), (" cat", "cat"), ("a  b", "a b")]
)
def test_classes_that_differ_in_case_or_blanks_only_are_refused(tmp_path, first, second):
    image_folder(tmp_path, [f"{first}/1.png", "dog/1.png"])
    if (tmp_path / second).exists():
        pytest.skip("this disk takes both names for one")
    image_folder(tmp_path, [f"{second}/1.png"])
    refused(tmp_path).match("differ only in upper and lower case")


def test_the_same_name_in_two_forms_of_unicode_is_one_class(tmp_path):
    listing = scan_folder(image_folder(tmp_path, ["é/1.png", "e\u0301/2.png", "x/1.png"]))
    assert counts(listing) == {"all": {"x": 1, "é": 2}}


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_names_that_are_not_text_can_be_shown(tmp_path):
    try:
        for name in (b"a\xff", b"b\n\x1b"):
            os.mkdir(os.path.join(os.fsencode(tmp_path), name))
    except OSError:
        pytest.skip("this disk takes no such names")
    for folder in os.listdir(tmp_path):
        image_folder(tmp_path / folder, ["1.png"])
    assert scan_folder(tmp_path).classes == ("a\ufffd", "b\ufffd\ufffd")
    os.mkdir(os.path.join(os.fsencode(tmp_path), b"a\xfe"))
    refused(tmp_path).match("two classes of .* show as a\ufffd: rename one")


def test_links_to_class_folders_are_followed(tmp_path):
    image_folder(tmp_path / "store", PETS)
    (tmp_path / "pets").mkdir()
    for name in ("cat", "dog"):
        link(tmp_path / "store" / name, tmp_path / "pets" / name)
    assert counts(scan_folder(tmp_path / "pets")) == {"all": {"cat": 3, "dog": 3}}


@pytest.mark.parametrize("target", [".", "..", "../..", "../../.."])
def test_links_back_add_nothing(tmp_path, target):
    image_folder(tmp_path / "pets", under("train", "test"))
    link(target, tmp_path / "pets/train/cat/again")
    assert counts(scan_folder(tmp_path / "pets")) == BOTH


def test_a_link_to_itself_is_a_file_that_cannot_be_read(tmp_path):
    link("again.png", image_folder(tmp_path, PETS) / "cat/again.png")
    assert counts(scan_folder(tmp_path)) == {"all": {"cat": 4, "dog": 3}}


def test_the_same_images_in_training_and_test_are_refused(tmp_path):
    link("train", image_folder(tmp_path, under("train")) / "test")
    refused(tmp_path).match("cat of test and cat of train have the same images, by the link")


def test_the_same_images_in_two_classes_are_refused(tmp_path):
    link("../dog", image_folder(tmp_path, PETS) / "cat/more")
    refused(tmp_path).match("cat and dog have the same images")


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    image_folder(tmp_path, PETS)
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("dog"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    refused(tmp_path).match("cannot read the folder '.*dog': Permission denied")


def test_a_folder_that_vanishes_is_named(tmp_path, monkeypatch):
    image_folder(tmp_path, PETS)
    scandir = os.scandir

    def vanishing(path):
        if str(path).endswith("dog"):
            shutil.rmtree(path, ignore_errors=True)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    refused(tmp_path).match("cannot read the folder '.*dog': No such file")


@pytest.mark.parametrize(
    "name, words",
    [
        ("x" * 300, "no such folder: 'x+…'"),
        ("a\0b", "no such folder: 'a\ufffdb'"),
        pytest.param("~no-such-user/pets", "home folder of a user who", marks=NO_USERS),
    ],
)
def test_paths_that_cannot_be_are_refused(name, words):
    refused(name).match(words)


def test_a_folder_whose_name_begins_with_a_tilde_is_itself(tmp_path, monkeypatch):
    image_folder(tmp_path / "~pets", PETS)
    monkeypatch.chdir(tmp_path)
    assert scan_folder("~pets").folder == tmp_path / "~pets"


@pytest.mark.parametrize(
    "content, name",
    [
        (b"../evil", "../evil"), (b"/etc/passwd", "/etc/passwd"), (b"", "pets"), (b"\n\n", "pets"),
        (b"a\x1b[31mb\x00c", "a\ufffd[31mb\ufffdc"), (b"caf\xe9", "caf\ufffd"),
        (b"x" * 10_000, "x" * 79 + "…"), ("펫".encode("utf-16"), "펫"),
        ("\ufeff펫\r\n2".encode(), "펫"), (b" \xc2\x85 pets 2 \n", "pets 2"),
    ],
)  # fmt: skip
def test_name_txt_is_one_line_that_can_be_shown(tmp_path, content, name):
    image_folder(tmp_path / "pets", PETS)
    (tmp_path / "pets/name.txt").write_bytes(content)
    assert scan_folder(tmp_path / "pets").name == name


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_devices_are_never_opened(tmp_path):
    image_folder(tmp_path, [f"train/{n}.png" for n in range(3)])
    os.mkfifo(tmp_path / "name.txt")
    refused(tmp_path)
    os.mkfifo(tmp_path / "trainLabels.csv")
    refused(tmp_path).match("trainLabels.csv' cannot be read: a pipe, not a file")
    os.unlink(tmp_path / "trainLabels.csv")
    link("/dev/zero", tmp_path / "trainLabels.csv")
    refused(tmp_path).match("trainLabels.csv' cannot be read: a device, not a file")


def test_notebooks_look_for_a_training_folder(tmp_path):
    assert not has_training_folder(tmp_path / "nowhere")
    assert not has_training_folder(image_folder(tmp_path, PETS))
    assert has_training_folder(image_folder(tmp_path, under("training_set")))
