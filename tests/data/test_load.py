"""load() gives CIFAR-10, Shapes10 and folders as the same kind of data, split the same way."""

import shutil

import numpy as np
import pytest
import torch
from helpers import CIFAR10_CLASSES, image_folder, picture
from PIL import Image
from torch.utils.data import DataLoader

from alexnet_lib.base.notes import Note
from alexnet_lib.data import decode_cache, load as datasets
from alexnet_lib.data.image_set import ImageFiles
from alexnet_lib.data.load import is_drawn, load
from alexnet_lib.data.shapes10 import draw_shapes10

MANY = [f"{name}/{number:02}.png" for name in ("cat", "dog") for number in range(20)]


def same(one, other):
    return torch.equal(one.images, other.images) and torch.equal(one.labels, other.labels)


def pixels(images):
    """Each image as bytes, to compare sets of images."""
    return {image.numpy().tobytes() for image in images}


def test_shapes10_splits():
    train, validation, test = (load("shapes10", split) for split in datasets.SPLITS)
    assert [part.counts() for part in (train, validation)] == [[900] * 10, [100] * 10]
    assert test.counts() == [200] * 10
    assert train.name == "Shapes10, synthetic"
    every = pixels(train.images) | pixels(validation.images) | pixels(test.images)
    assert len(every) == 12_000
    assert np.array_equal(test.labels, draw_shapes10(2_000, seed=1)[1])  # as for recorded runs


def test_the_same_seed_draws_the_same_validation_images():
    labels = np.arange(1000) % 10
    first, again, other = (
        datasets._divide(labels, CIFAR10_CLASSES, seed, held_out=1)[1] for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("count", "held"), [(4, 1), (14, 1), (16, 2), (24, 2), (26, 3)])
def test_10_percent_of_a_class_are_held_out_rounded_and_one_at_least(count, held):
    parts = datasets._divide(np.zeros(count), ("cat",), 0, held_out=2)
    assert [len(part) for part in parts] == [count - 2 * held, held, held]


def test_no_seed_changes_the_test_images():
    assert same(load("shapes10", "test", seed=0), load("shapes10", "test", seed=1))


def test_a_folder_with_train_and_test(tmp_path, data):
    folder = image_folder(
        tmp_path / "pets", [f"{part}/{file}" for part in ("train", "test") for file in MANY]
    )
    train, validation, test = (load(folder, split, data=data) for split in datasets.SPLITS)
    assert [part.counts() for part in (train, validation, test)] == [[18, 18], [2, 2], [20, 20]]
    assert len(pixels(train.images) | pixels(validation.images) | pixels(test.images)) == 80
    assert (train.classes, train.name) == (("cat", "dog"), "pets")
    assert same(test, load(str(folder), "test", data=data))
    expected = torch.from_numpy(np.array(picture(60))).permute(2, 0, 1)
    assert torch.equal(test.images[20], expected)


@pytest.mark.parametrize(
    ("parts", "drawn"),
    [
        (["."], ["train", "validation", "test"]),
        (["train", "test"], ["validation"]),
        (["train", "validation", "test"], []),
    ],
)
def test_of_which_splits_the_images_are_drawn(tmp_path, parts, drawn):
    image_folder(
        tmp_path, [f"{part}/{name}/{i}.png" for part in parts for name in "ab" for i in "12"]
    )
    assert [split for split in datasets.SPLITS if is_drawn(tmp_path, split)] == drawn
    assert not any(is_drawn("shapes10", split) for split in datasets.SPLITS)


def test_a_folder_with_validation_images_is_not_split(tmp_path, data):
    files = [f"{part}/{file}" for part in ("train", "val", "test") for file in MANY]
    folder = image_folder(tmp_path / "pets", files)
    for split in datasets.SPLITS:
        assert load(folder, split, data=data).counts() == [20, 20]


def test_a_folder_of_classes_is_split_into_three(tmp_path, data):
    folder = image_folder(tmp_path / "pets", MANY)
    parts = [load(folder, split, data=data, seed=5) for split in datasets.SPLITS]
    assert [part.counts() for part in parts] == [[16, 16], [2, 2], [2, 2]]
    assert len(set.union(*(pixels(part.images) for part in parts))) == 40
    assert same(parts[2], load(folder, "test", data=data, seed=5))
    assert not same(parts[2], load(folder, "test", data=data, seed=6))


@pytest.mark.parametrize("parts", [["."], ["train", "test"], ["train", "validation", "test"]])
def test_all_are_all_images_of_a_folder(tmp_path, data, monkeypatch, parts):
    folder = image_folder(tmp_path / "pets", [f"{part}/{c}/1.png" for part in parts for c in "ab"])
    for part in parts:
        Image.new("RGB", (8, 8)).save(folder / part / "a/1.png")
    for room in (10**9, 100):
        monkeypatch.setattr(decode_cache, "room_for_images", lambda room=room: room)
        every = load(folder, "all", size=6, data=data)
        assert isinstance(every, ImageFiles) == (room == 100)
        assert every.counts() == [len(parts)] * 2
        every = every.sample(100) if room == 100 else every
        assert torch.equal(every.images.flatten(1).any(1).long(), every.labels)  # 0 are black


def test_labels_belong_to_their_images(tmp_path, data):
    folder = tmp_path / "greys"
    for label in range(3):
        for number in range(10):
            (folder / f"class{label}").mkdir(parents=True, exist_ok=True)
            image = picture().point(lambda _, level=100 * label: level)
            image.save(folder / f"class{label}/{number}.png")
    for split in datasets.SPLITS:
        part = load(folder, split, data=data)
        assert torch.equal(part.images[:, 0, 0, 0].long(), 100 * part.labels)


def test_a_class_too_small_to_split_is_named(tmp_path, data):
    folder = image_folder(tmp_path / "pets", ["cat/1.png", "cat/2.png", *MANY[20:]])
    with pytest.raises(ValueError, match="class 'cat' has 2 image.* expected 3 or more"):
        load(folder, data=data)


def test_images_can_be_changed_without_harm(tmp_path, data):
    folder = image_folder(tmp_path / "pets", MANY)
    load(folder, "test", data=data).images.zero_()
    assert load(folder, "test", data=data).images.sum() > 0


def test_a_folder_larger_than_memory_gives_the_same_batches(tmp_path, data, monkeypatch):
    folder = image_folder(tmp_path / "pets", MANY)
    for split in datasets.SPLITS:
        monkeypatch.undo()
        in_memory = load(folder, split, size=6, data=data)
        monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
        files = load(folder, split, size=6, data=data)
        assert isinstance(files, ImageFiles)
        assert (files.classes, files.name, files.size) == (("cat", "dog"), "pets", 6)
        assert (len(files), files.counts()) == (len(in_memory), in_memory.counts())
        images, labels = next(iter(DataLoader(files, batch_size=len(files))))
        assert torch.equal(images, in_memory.images)
        assert torch.equal(labels, in_memory.labels)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_files_are_left_out_in_memory_and_on_disk(tmp_path, data, monkeypatch):
    folder = image_folder(tmp_path / "pets", MANY)
    whole = [load(folder, split, size=6, data=data) for split in datasets.SPLITS]
    for name in ("cat/00a.png", "dog/99.png"):
        (folder / name).write_bytes(b"no image")
    with pytest.raises(ValueError, match="2 of 42 files .*\n.*\n.*skip_broken=True"):
        load(folder, size=6, data=data)
    for room in (10**9, 100):
        monkeypatch.setattr(decode_cache, "room_for_images", lambda room=room: room)
        for split, before in zip(datasets.SPLITS, whole, strict=True):
            part = load(folder, split, size=6, data=data, skip_broken=True)
            part = part.sample(100) if room == 100 else part
            assert same(part, before)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"split": "valid"}, ValueError, "'valid', expected one of train, validation, test, all"),
        ({"source": "shapes10", "split": "all"}, ValueError, "has train, validation, test only"),
        ({"source": "shapes10", "size": 64}, ValueError, "always 32"),
        ({"source": "nowhere"}, FileNotFoundError, "cifar10, shapes10 or a folder"),
        ({"source": ".", "size": 0}, ValueError, "size=0: give a whole number, 1 or more"),
        ({"source": ".", "size": 100_000}, ValueError, "size=100000: give at most 8192 pixels"),
        ({"source": ".", "size": 2.5}, ValueError, "size=2.5: give a whole number"),
    ],
)
def test_wrong_arguments_say_what_is_expected(arguments, error, message, data):
    with pytest.raises(error, match=message):
        load(**arguments, data=data)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_copies_of_training_images_among_the_others_are_told(split, tmp_path, data):
    names = [f"{part}/{c}/{n}.png" for part in ("train", "test") for c in "ab" for n in range(9)]
    folder = image_folder(tmp_path / "mine", names)
    shutil.copy(folder / "train/a/1.png", folder / "test/a/again.png")
    shutil.copy(folder / "train/b/2.png", folder / "test/a/3.png")
    with pytest.warns(Note) as told:
        load(folder, split, data=data)
        load(folder, split, data=data)  # from the cache
    said = "2 of 19 files for test are copies of files for training"
    assert [said in str(one.message) for one in told] == [True, True]


def test_files_that_cannot_be_read_are_no_copies_and_drawn_splits_are_compared(tmp_path, data):
    folder = image_folder(tmp_path / "mine", [f"{c}/{n}.png" for c in "ab" for n in range(9)])
    for name in "ab":
        (folder / name / "none.png").write_bytes(b"")
        (folder / name / "page.png").write_text("404")
    with pytest.warns(Note) as told:
        load(folder, "test", data=data, skip_broken=True)
    assert not any("copies" in str(one.message) for one in told)
    for number in range(1, 9):
        shutil.copy(folder / "a/0.png", folder / f"a/{number}.png")
    with pytest.warns(Note, match="1 of 2 files for (validation|test) are copies") as told:
        load(folder, "test", data=data, skip_broken=True)
    assert sum("copies" in str(one.message) for one in told) == 2
