"""The tool that makes the course's trained net out of a run."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import ship
import torch
from helpers import image_folder, run

from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture(scope="module")
def trained(place):
    """The folder of a finished run on a folder of images."""
    names = [f"train/{c}/{i}.png" for c in "abc" for i in range(10)]
    names += [f"test/{c}/{i}.png" for c in "abc" for i in range(4)]
    folder = image_folder(place / "pictures", names, size=(16, 16))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXNET_DATA", str(place / "data"))
        options = ("--epochs", 2, "--batch-size", 8, "--out", place / "run")
        assert run("train", "--data", folder, *options) == 0
    return place / "run"


@pytest.fixture
def copied(trained, tmp_path):
    return Path(shutil.copytree(trained, tmp_path / "copied"))


def test_it_writes_a_small_net_for_use_and_its_run(trained, tmp_path):
    said = ship.ship(trained, tmp_path / "out", "shapes10", "cpu")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "checkpoint.pt",
        "run.json",
    ]
    recorded = Run.read(tmp_path / "out" / "run.json")
    assert recorded == Run.read(trained / "run.json") and recorded.test
    content = read_checkpoint(tmp_path / "out")
    assert content["optimizer"] is None and content["run"] == recorded.as_dict()
    assert content["source"] == {"source": "shapes10"}
    assert "four-layer, 0." in said and "validation accuracy" in said
    digest = hashlib.sha256((tmp_path / "out" / "checkpoint.pt").read_bytes()).hexdigest()
    assert said.endswith(f", sha256 {digest[:12]}")
    weight, half = (
        read_checkpoint(f)["model"]["features.conv1.weight"] for f in (trained, tmp_path / "out")
    )
    assert torch.equal(weight.half().float(), half)


def test_it_does_not_say_where_images_were_on_the_machine_that_trained(trained, tmp_path):
    with pytest.raises(ValueError, match="pictures, which others do not have: .* by --source"):
        ship.ship(trained, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_classes_that_were_chosen_stay_chosen(copied, tmp_path):
    content = torch.load(copied / "checkpoint.pt", weights_only=True)
    content["source"]["classes"] = ["a", "b", "c"]
    torch.save(content, copied / "checkpoint.pt")
    ship.ship(copied, tmp_path / "out", "shapes10", "cpu")
    assert read_checkpoint(tmp_path / "out")["source"]["classes"] == ["a", "b", "c"]


def test_a_run_that_does_not_say_what_its_images_were_is_refused(copied, tmp_path):
    content = torch.load(copied / "checkpoint.pt", weights_only=True)
    torch.save(content | {"source": None}, copied / "checkpoint.pt")
    refused(copied, tmp_path, "does not say what it was trained on")


def refused(folder, tmp_path, said):
    """Nothing is written where a run does not suit, and what was there before stays."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "checkpoint.pt").write_text("the one before")
    with pytest.raises(ValueError, match=said):
        ship.ship(folder, out, "shapes10", "cpu")
    assert [path.read_text() for path in out.iterdir()] == ["the one before"]


def test_a_net_that_is_too_large_is_refused(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(ship, "LARGEST", 50_000)
    refused(trained, tmp_path, r"has \d+,\d{3} bytes, allowed are 50,000")


def test_a_net_that_16_bits_change_is_refused(trained, tmp_path, monkeypatch):
    found = []

    def accuracies(folder, file, device):
        found.append([Predictor.read(path, "cpu").device.type for path in (folder, file)])
        return 0.851, 0.8485

    monkeypatch.setattr(ship, "accuracies", accuracies)
    refused(trained, tmp_path, "validation accuracy is 84.85 % and not 85.10 %")
    assert found == [["cpu", "cpu"]]


def test_accuracies_are_of_the_validation_images_with_each_of_the_two_nets(copied, trained):
    content = torch.load(copied / "checkpoint.pt", weights_only=True)
    bias = content["model"]["classifier.fc4.bias"]
    bias += torch.tensor([1e4, 0, 0])  # always a, which one in three is
    torch.save(content, copied / "checkpoint.pt")
    own = Run.read(trained / "run.json").epochs[-1].validation_top1
    found = ship.accuracies(trained, copied / "checkpoint.pt", "cpu")
    assert found == [pytest.approx(own), pytest.approx(1 / 3)]


def test_a_run_without_its_test_or_of_other_epochs_is_refused(copied, tmp_path):
    recorded = Run.read(copied / "run.json")
    tested, recorded.test = recorded.test, None
    recorded.write(copied / "run.json")
    refused(copied, tmp_path, "no finished run with its test")
    recorded.test = tested
    recorded.epochs.pop()
    recorded.write(copied / "run.json")
    with pytest.raises(ValueError, match="no finished run with its test"):
        ship.ship(copied, tmp_path / "other", "shapes10", "cpu")


def test_the_command_names_what_is_wrong_in_a_line(tmp_path):
    tool = Path(ship.__file__)
    ended = subprocess.run(
        [sys.executable, tool, tmp_path], capture_output=True, text=True, cwd=tool.parents[1]
    )
    assert ended.returncode == 1 and ended.stderr.startswith("ship: no checkpoint at ")
    assert len(ended.stderr.splitlines()) == 1
