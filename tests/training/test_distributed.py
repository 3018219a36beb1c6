"""Several processes train what one process trains: three of them, which torchrun starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from distributed_runs import MIXED, plan, seen_by, trained
from torch.testing import assert_close

TESTS = Path(__file__).parents[1]
COURSE = TESTS.parent

pytestmark = pytest.mark.skipif(os.name == "nt", reason="torchrun's own groups fail on Windows")


@pytest.fixture(scope="module")
def found(place):
    """What three processes found: see three_processes.py."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=3"]
    program = Path(__file__).with_name("three_processes.py")
    paths = os.pathsep.join(map(str, (COURSE, TESTS, TESTS / "training")))
    ended = subprocess.run(
        [*torchrun, str(program), str(place)],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True, encoding="utf-8", errors="replace", timeout=300,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return torch.load(place / "found.pt", weights_only=True)


@pytest.mark.parametrize("name", MIXED)
def test_three_processes_train_as_one_does_at_the_same_batch_size(found, name):
    weights, numbers, _ = trained(plan(name))
    assert_close(found[name][0], weights, rtol=1e-4, atol=1e-5)
    assert_close(found[name][1], numbers, rtol=1e-4, atol=1e-5)


def test_the_run_says_how_many_processes_there_were(found):
    assert found["plain"][2]["world_size"] == 3
    assert "world_size" not in trained(plan("plain"))[2]


def test_all_processes_have_the_same_weights(found):
    first, *others = found["weights in all"]
    assert len(others) == 2
    assert all(torch.equal(a, b) for other in others for a, b in zip(first, other, strict=True))


def test_batch_normalization_has_the_same_statistics_in_all_processes(found):
    first, *others = found["statistics in all"]
    assert all(torch.equal(a, b) for other in others for a, b in zip(first, other, strict=True))
    before, after = (numbers[0] for numbers in found["normalized"])
    assert after < before


def test_each_image_is_evaluated_once(found):
    loss, top1, confusion = seen_by(found["plain"][0])
    assert found["seen"][1] == top1 and confusion.sum() == 11
    assert torch.equal(found["seen"][2], confusion)
    assert found["seen"][0] == pytest.approx(loss, rel=1e-5)


def test_each_process_draws_its_own_dropout(found):
    assert len(set(found["seeds of dropout"])) == 3


def test_a_resumed_run_has_the_weights_of_one_that_was_not_stopped_bit_for_bit(found):
    whole, resumed = found["resumed"]
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_what_several_processes_cannot_do_is_said(found):
    loader, batch, compiled = found["refusals"]
    assert "of type list, of which several processes would each see all" in loader
    assert "batch_size 2 is that of all 3 processes together: take 3 or more" in batch
    assert "leave out --compile" in compiled
