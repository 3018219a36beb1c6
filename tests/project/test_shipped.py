"""The trained net that comes with the course: small, good, recorded, and it answers at once.

After another net was shipped by tools/ship.py, write the digest that it prints into DIGEST and what
`python -m alexnet_lib predict tests/project/ship.jpg` answers into ANSWER.
"""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest
import torch
from helpers import CIFAR10_CLASSES, run

from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import read_checkpoint, restore_net
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run
from alexnet_lib.training.shipped import SHIPPED

COURSE = Path(__file__).parents[2]
PICTURE = Path(__file__).parent / "ship.jpg"  # of the training images of CIFAR-10
DIGEST = "f8aa2deef385"  # the first 12 digits of the file's sha256
ANSWER = ("ship", 1.0)  # the class, and its probability with two decimals


@pytest.fixture(scope="module")
def stored():
    """What the file holds, as torch reads it."""
    return torch.load(SHIPPED / "checkpoint.pt", weights_only=True)


def test_the_file_is_the_one_that_was_made_and_has_at_most_4_mb():
    whole = (SHIPPED / "checkpoint.pt").read_bytes()
    assert len(whole) <= 4_000_000
    assert hashlib.sha256(whole).hexdigest()[:12] == DIGEST


def test_its_two_files_are_in_the_repository():
    if not (COURSE / ".git").exists():
        pytest.skip("no checkout of git")
    asked = ["git", "-C", COURSE, "ls-files", "results/shipped"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert listed == ["results/shipped/checkpoint.pt", "results/shipped/run.json"]


def test_weights_have_16_bits_and_nothing_for_resuming_is_left(stored):
    kinds = {tensor.dtype for tensor in stored["model"].values()}
    assert torch.float16 in kinds and torch.float32 not in kinds
    assert stored["optimizer"] is None and stored["best"] is None


def test_its_run_is_finished_and_right_on_80_percent_of_the_test_images():
    recorded = Run.read(SHIPPED / "run.json")
    assert recorded.is_complete and recorded.test["top1"] >= 0.80
    assert recorded.data.startswith("CIFAR-10") and recorded.images["test"] == 10_000


def test_the_net_is_that_of_the_run(stored):
    recorded = Run.read(SHIPPED / "run.json")
    assert stored["run"] == recorded.as_dict()
    net = build(**stored["net"])
    assert stored["net"]["name"] == recorded.model.split(",")[0]
    assert sum(p.numel() for p in net.parameters()) == recorded.parameters
    restored = restore_net(read_checkpoint(SHIPPED)).state_dict()
    for name, tensor in stored["model"].items():
        assert torch.equal(restored[name], tensor.to(restored[name].dtype)), name


def test_it_names_no_place_on_the_machine_that_trained_it(stored):
    assert stored["source"] == {"source": "cifar10"}
    words = json.dumps([stored["run"], stored["net"], stored["classes"]])
    assert not re.search(r"/\w+/\w+", words)


def test_it_knows_the_classes_of_cifar10_and_answers_as_it_did():
    predictor = Predictor.shipped("cpu")
    assert list(predictor.classes) == CIFAR10_CLASSES
    share, label = predictor.predict(PICTURE).max(0)
    name, expected = ANSWER
    assert predictor.classes[label] == name
    assert share.item() == pytest.approx(expected, abs=0.02)


def test_predict_answers_on_a_fresh_clone(capsys):
    assert run("predict", PICTURE, "--device", "cpu") == 0
    head, file, first, *_ = capsys.readouterr().out.splitlines()
    assert head.startswith("the course's net, ") and ": airplane, automobile, bird, " in head
    assert file == str(PICTURE) and first.endswith(f" %  {ANSWER[0]}")
