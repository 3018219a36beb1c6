"""Labeled images: what fits together, what can be chosen, files that are read one at a time."""

import numpy as np
import pytest
import torch
from helpers import colors, image_folder
from torch.utils.data import DataLoader

from alexnet_lib.data import decode_cache
from alexnet_lib.data.image_set import ImageFiles, ImageSet, in_memory, subset
from alexnet_lib.data.load import load

MANY = [f"{name}/{number:02}.png" for name in ("cat", "dog") for number in range(20)]


def image_set(**changed):
    images = torch.arange(4 * 3 * 2 * 2, dtype=torch.uint8).reshape(4, 3, 2, 2)
    fields = {"images": images, "labels": torch.tensor([0, 2, 2, 0]), "classes": ["a", "b", "c"]}
    return ImageSet(**(fields | {"name": "four"} | changed))


def test_an_image_set_counts_its_classes():
    assert len(image_set()) == 4
    assert image_set().counts() == [2, 0, 2]
    assert image_set().classes == ("a", "b", "c")


@pytest.mark.parametrize("indices", [[3, 1], np.array([3, 1]), torch.tensor([3, 1])])
def test_select_keeps_classes_and_name(indices):
    chosen = image_set().select(indices)
    assert torch.equal(chosen.images, image_set().images[[3, 1]])
    assert chosen.labels.tolist() == [0, 2]
    assert (chosen.classes, chosen.name) == (("a", "b", "c"), "four")
    assert len(image_set().select([])) == 0


def test_a_mask_selects_the_images_where_it_is_true():
    four = image_set()
    chosen = four.select(four.labels == 2)
    assert torch.equal(chosen.images, four.images[1:3]) and chosen.labels.tolist() == [2, 2]
    assert len(four.select([False, False, False, True])) == 1
    assert len(four.select(np.zeros(4, bool))) == 0


@pytest.mark.parametrize("indices", [[0.7, 1.9], [True, False], [[True] * 4], np.array([1.0])])
def test_what_is_neither_integers_nor_a_mask_selects_nothing(indices):
    with pytest.raises(ValueError, match=r"expected integers, or a mask \(4,\)"):
        image_set().select(indices)


@pytest.mark.parametrize("names", [["c", "a"], ("a", "c"), {"a", "c"}])
def test_only_some_classes_are_numbered_again_in_the_order_of_the_data(names):
    chosen = image_set().only(names)
    assert torch.equal(chosen.images, image_set().images)
    assert chosen.labels.tolist() == [0, 1, 1, 0]
    assert (chosen.classes, chosen.name) == (("a", "c"), "four: a, c")
    assert image_set().labels.tolist() == [0, 2, 2, 0]
    alone = image_set().only("c")
    assert torch.equal(alone.images, image_set().images[1:3]) and alone.labels.tolist() == [0, 0]
    assert image_set().only(["a", "b", "c"]).name == "four"


@pytest.mark.parametrize(
    ("names", "asked"), [(["a", "x"], "x"), ([], "none"), ("ab", "ab"), ([2, "a", 0], "0, 2")]
)
def test_a_class_that_is_not_there_is_named(names, asked):
    with pytest.raises(ValueError, match=f"four has the classes a, b, c; asked for: {asked}$"):
        image_set().only(names)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"images": torch.zeros(4, 3, 2, 2)}, "torch.float32.*expected torch.uint8"),
        ({"images": torch.zeros(4, 1, 2, 2, dtype=torch.uint8)}, r"\(4, 1, 2, 2\)"),
        ({"images": torch.zeros(4, 3, 2, dtype=torch.uint8)}, r"\(4, 3, 2\)"),
        ({"labels": torch.tensor([0, 1, 2])}, r"torch.int64 \(3,\), expected torch.int64 \(4,\)"),
        ({"labels": torch.tensor([0.0, 1, 2, 0])}, "torch.float32"),
        ({"labels": torch.tensor([0, 1, 2, 3])}, "0 to 3, expected 0 to 2"),
        ({"classes": "cat"}, "classes are 'cat'; expected a list of names"),
        ({"labels": torch.tensor([0, 1, 2, -1])}, "-1 to 2, expected 0 to 2"),
    ],
)
def test_an_image_set_says_what_does_not_fit(wrong, message):
    with pytest.raises(ValueError, match=message):
        image_set(**wrong)


def test_image_files_are_read_by_worker_processes(tmp_path, data, monkeypatch):
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
    files = load(image_folder(tmp_path / "pets", MANY), data=data)
    batches = list(DataLoader(files, batch_size=5, num_workers=2))
    assert torch.equal(torch.cat([labels for _, labels in batches]), files.labels)
    assert batches[0][0].dtype == torch.uint8


def test_image_files_select_and_sample(tmp_path, data, monkeypatch):
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
    files = load(image_folder(tmp_path / "pets", MANY), data=data)
    chosen = files.select([20, 0])
    assert (len(chosen), chosen.labels.tolist(), chosen.size) == (2, [1, 0], 8)
    assert torch.equal(chosen[0][0], files[20][0])
    sample = files.sample(4)
    assert isinstance(sample, ImageSet)
    assert sample.counts() == [2, 2]
    assert torch.equal(sample.images[3], files[31][0])
    assert len(files.sample(1000)) == len(files) == len(in_memory(files))
    assert len(in_memory(files.select([]))) == 0


def test_a_damaged_file_of_image_files_is_named(tmp_path, data, monkeypatch):
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
    folder = image_folder(tmp_path / "pets", MANY)
    files = load(folder, data=data)
    (folder / MANY[3]).write_text("no image")
    with pytest.raises(ValueError, match="03.png' is not an image"):
        files.sample(40)


@pytest.mark.parametrize(
    "labels", [torch.tensor([0]), torch.tensor([0.0, 1]), torch.tensor([0, 2])]
)
def test_image_files_say_what_does_not_fit(labels):
    with pytest.raises(ValueError, match="labels"):
        ImageFiles(["1.png", "2.png"], labels, ["a", "b"], "two", 8)


def test_the_same_images_are_taken_each_time():
    images = colors(96)
    one, two = (subset(images, 10) for _ in range(2))
    assert torch.equal(one.images, two.images) and len(one) == 10
    assert all(subset(images, count) is images for count in (None, 96, 500))
    with pytest.raises(ValueError, match="count=-5: give a whole number, 0 or more"):
        subset(images, -5)
