"""Processes of a group are killed at random moments, and resuming ends the run as if they were not.

A process is killed at least once.
"""

import sys
import time

import pytest
import torch
from fuzzing import cases
from group_runs import TRAIN, say_once, torchrun, workers
from helpers import colors, wait_until
from PIL import Image

from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="kills processes that it finds as Linux lists them"
)


@pytest.fixture(scope="module")
def pictures(place):
    """A folder of 48 pictures in three colors."""
    for number, (pixels, label) in enumerate(zip(*colors_and_labels(), strict=True)):
        path = place / "pictures" / "abc"[label] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(path)
    return place / "pictures"


def colors_and_labels():
    data = colors(48, side=16)
    return data.images, data.labels.tolist()


def started(*arguments):
    """A run in two processes, and these two."""
    run = torchrun(*arguments)
    wait_until(lambda: len(workers(run)) == 2 or run.poll() is not None)
    return run, workers(run)


def test_whatever_is_killed_resuming_gives_the_same_weights(pictures, tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    train = ("train", "--data", pictures, *TRAIN, "--out")
    whole = tmp_path / "whole"
    run, _ = started(*train, whole)
    assert run.wait(120) == 0, run.communicate()[1]
    expected = read_checkpoint(whole)["model"]
    for seed, chance in cases():
        part = tmp_path / str(seed)
        run, two = started(*train, part)
        wait_until((part / "run.json").exists)
        time.sleep(chance.random() / 2)
        two[chance.randrange(2)].kill()
        began = time.monotonic()
        _, errors = run.communicate(timeout=60)
        assert run.returncode != 0 and time.monotonic() - began < 15, f"seed {seed}: {errors}"
        said = f"a process of the group ended; all complete epochs are in {part}; continue with"
        assert say_once(errors).startswith(said), f"seed {seed}"
        assert 0 < len(read_checkpoint(part)["run"]["epochs"])
        run, _ = started("resume", part)
        assert run.wait(120) == 0, run.communicate()[1]
        assert Run.read(part / "run.json").test == Run.read(whole / "run.json").test
        found = read_checkpoint(part)["model"]
        assert all(torch.equal(expected[name], found[name]) for name in expected), f"seed {seed}"
