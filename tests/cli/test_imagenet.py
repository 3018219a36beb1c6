"""`train` on a small folder in ImageNet's layout, which is read file by file as the real one."""

import os
import re

import pytest
import torch
from group_runs import torchrun
from helpers import run
from painted import paint
from torch.testing import assert_close

from alexnet_lib.cli import train
from alexnet_lib.data import batches, decode_cache
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

NUMBERS = [f"n{number:08}" for number in range(1440764, 1440776)]  # 12 classes

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture(scope="module")
def imagenet(place):
    """Twelve classes of ten training and two validation JPEGs of several sizes, and their names."""
    folder = place / "imagenet"
    for label, number in enumerate(NUMBERS):
        for index in range(12):
            split = "train" if index < 10 else "val"
            file = folder / split / number / f"{number}_{index}.JPEG"
            paint(file, (20 * label, 100, 200), (300 + 10 * index, 280), seed=index)
    lines = [f"{number} fish {index}, Piscis" for index, number in enumerate(NUMBERS)]
    (folder / "LOC_synset_mapping.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def larger_than_memory(monkeypatch):
    monkeypatch.setattr(batches, "WORKERS", 0)  # which would take long to start for few images
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 1000)


@pytest.mark.parametrize("stored", [ImageFiles, ImageSet])
def test_the_paper_recipe_takes_crops_of_224_of_images_of_256(
    imagenet, stored, request, monkeypatch
):
    if stored is ImageFiles:
        request.getfixturevalue("larger_than_memory")
    seen = []
    monkeypatch.setattr(train, "train_and_test", lambda *arguments, **_: seen.append(arguments))
    options = ("--model", "paper", "--recipe", "paper", "--size", 224, "--batch-size", 16)
    assert run("train", "--data", imagenet, *options) == 0
    _, images, _, recipe, checkpoints = seen[0]
    assert isinstance(images, stored) and images.size == 256
    assert recipe.batches(images, train=True).shape == (16, 3, 224, 224)
    assert checkpoints.net == {"name": "paper", "num_classes": 12, "size": 224}


@pytest.mark.parametrize(
    ("device", "recipe", "size"),
    [("cuda", "paper", 224), ("cuda", "fast", 227), ("cpu", "paper", 64)],
)
def test_a_gpu_trains_at_the_papers_224_pixels_by_its_recipe(device, recipe, size):
    assert train._default_size("paper", torch.device(device), recipe) == size


def test_imagenets_layout_is_trained_on_without_loading_it(
    imagenet, larger_than_memory, tmp_path, capsys
):
    out = tmp_path / "run"
    options = ("--size", 28, "--recipe", "paper", "--epochs", 1, "--batch-size", 54)
    assert run("train", "--data", imagenet, *options, "--out", out) == 0
    recorded, content = Run.read(out / "run.json"), read_checkpoint(out)
    assert content["source"] == {"source": str(imagenet), "size": 32}
    assert content["classes"] == [f"fish {index}" for index in range(12)]
    assert recorded.images == {"train": 108, "validation": 12, "train_sample": 108, "test": 24}
    top1, top5 = (100 * recorded.test[name] for name in ("top1", "top5"))
    assert f"test accuracy {top1:.1f} %, top-5 {top5:.1f} %\n" in capsys.readouterr().out
    assert run("evaluate", out) == 0
    assert re.search(r"^top-5 ", capsys.readouterr().out, re.M)


SMALL_MEMORY = """
from alexnet_lib.data import batches, decode_cache

batches.WORKERS = 0
decode_cache.room_for_images = lambda: 1000
"""


@pytest.mark.skipif(os.name == "nt", reason="torchrun's own groups fail on Windows")
def test_two_processes_read_their_shares_of_the_files_and_train_as_one(
    imagenet, larger_than_memory, place, tmp_path
):
    (tmp_path / "sitecustomize.py").write_text(SMALL_MEMORY)
    options = ("--size", 28, "--recipe", "paper", "--epochs", 1, "--batch-size", 54)
    train = ("train", "--data", imagenet, *options, "--device", "cpu")
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(*train, "--out", one) == 0
    started = torchrun(*train, "--out", two, path=tmp_path)
    _, errors = started.communicate(timeout=120)
    assert started.returncode == 0, errors
    assert not [*place.rglob("*-32-*.npy")]  # nothing was decoded as a whole
    alone, together = (Run.read(out / "run.json") for out in (one, two))
    assert together.world_size == 2 and together.images == alone.images
    assert together.epochs[0].train_loss == pytest.approx(alone.epochs[0].train_loss, rel=1e-4)
    assert_close(*(read_checkpoint(out)["model"] for out in (two, one)), rtol=1e-3, atol=1e-5)
