"""`train` and `resume` in two processes, as torchrun starts them on a command line."""

import os
import re
import signal
import sys
import time
from dataclasses import replace

import pytest
import torch
from group_runs import EPOCHS, TRAIN, on_two_machines, say_once, torchrun, workers
from helpers import few_pictures, run, wait_until
from torch.testing import assert_close

from alexnet_lib.base.device import mixed_type
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="torchrun's own groups fail on Windows"),
    pytest.mark.usefixtures("data_folder"),
]
SOON = 25  # seconds: torchrun kills after 30 what has not ended


def same_weights(*runs):
    first, second = (read_checkpoint(one)["model"] for one in runs)
    return all(torch.equal(first[name], second[name]) for name in first)


def test_other_commands_and_wrong_usage_are_refused_once():
    for command, said in (
        (["summary"], "needs one process: start it without torchrun"),
        (["train", "--epochs", "0"], "'0' is not a whole number from 1"),
    ):
        ended = torchrun(*command)
        _, err = ended.communicate(timeout=60)
        assert ended.returncode != 0 and err.count(said) == 1, err


@pytest.fixture
def started_again(folder, tmp_path, monkeypatch):
    """Trains one epoch, then gives a `train` that torchrun starts again, after its run began."""
    out = tmp_path / "run"
    train = ("train", "--data", folder, *TRAIN[2:], "--epochs", 1, "--out", out)
    assert run(*train) == 0
    errors = tmp_path / "torchrun" / "attempt_1" / "0" / "error.json"
    errors.parent.mkdir(parents=True)
    (tmp_path / "torchrun" / "begun").touch()
    said = dict(RUN_ID="a", RESTART_COUNT=1, ERROR_FILE=errors)
    for name, value in said.items():
        monkeypatch.setenv(f"TORCHELASTIC_{name}", str(value))
    return lambda *options: run(*train, *options)


def test_a_train_that_torchrun_started_again_resumes_its_run(started_again, tmp_path, capsys):
    before = (tmp_path / "run" / "checkpoint.pt").read_bytes()
    assert started_again() == 0
    assert "nothing is left to do" in capsys.readouterr().out
    assert (tmp_path / "run" / "checkpoint.pt").read_bytes() == before


def test_a_train_that_torchrun_started_again_resumes_and_replaces_no_other_run(
    started_again, tmp_path, capsys
):
    before = (tmp_path / "run" / "checkpoint.pt").read_bytes()
    assert started_again("--overwrite") == 2  # the run that is there may be an older one
    (tmp_path / "torchrun" / "begun").unlink()  # it was refused before it began
    assert started_again() == started_again("--overwrite") == 2
    assert capsys.readouterr().err.count(f"continue it: resume {tmp_path / 'run'}") == 3
    assert (tmp_path / "run" / "checkpoint.pt").read_bytes() == before


def test_several_processes_need_a_folder_that_all_know(folder, monkeypatch, capsys):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "a")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run("train", "--data", folder) == 2
    assert "that all of them know: --out runs/NAME" in capsys.readouterr().err


@pytest.fixture(scope="module")
def whole(place):
    """The folder of a run that was not stopped."""
    pictures, out = few_pictures(place / "pictures"), place / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXNET_DATA", str(place / "data"))
        started = torchrun("train", "--data", pictures, *TRAIN, "--out", out)
        said, err = started.communicate(timeout=120)
    assert started.returncode == 0, err
    assert re.findall(r"^epoch (\d+)/\d+ ", said, re.M) == [str(n) for n in range(1, EPOCHS + 1)]
    return out


def test_control_c_says_once_where_the_run_is_and_resume_ends_it(whole, folder, tmp_path):
    part = tmp_path / "part"
    started = torchrun("train", "--data", folder, *TRAIN, "--out", part)
    wait_until((part / "run.json").exists)
    started.send_signal(signal.SIGINT)  # as a terminal does; torchrun passes it on
    began = time.monotonic()
    _, err = started.communicate(timeout=60)
    assert started.returncode != 0 and time.monotonic() - began < SOON
    assert (
        say_once(err) == f"interrupted; all complete epochs are in {part}; continue with the "
        f"same torchrun: resume {part}"
    )
    assert 0 < len(read_checkpoint(part)["run"]["epochs"]) < EPOCHS

    resumed = torchrun("resume", part)
    assert resumed.wait(120) == 0, resumed.communicate()[1]
    first, second = (Run.read(one / "run.json") for one in (whole, part))
    assert same_weights(whole, part) and second.world_size == 2 and second.test == first.test
    assert second.images == {"train": 27, "validation": 3, "train_sample": 27, "test": 12}
    for row, same in zip(second.epochs, first.epochs, strict=True):
        assert row == replace(same, seconds=row.seconds)
    assert (part / "curves.png").exists()


SLOW_FIRST = """
import os, time

if os.environ.get("RANK") == "0" and os.environ.get("TORCHELASTIC_RESTART_COUNT") == "1":
    time.sleep(3)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes as on Linux")
def test_torchrun_restarts_a_train_that_was_killed_and_it_resumes(whole, folder, tmp_path):
    # The second process is there before the first, whose old address it must not take.
    (tmp_path / "sitecustomize.py").write_text(SLOW_FIRST)
    part = tmp_path / "part"
    train = ("train", "--data", folder, *TRAIN, "--out", part, "--tensorboard", tmp_path / "logs")
    started = torchrun(*train, restarts=1, path=tmp_path)
    wait_until((part / "run.json").exists)
    workers(started)[1].kill()
    out, err = started.communicate(timeout=120)
    assert started.returncode == 0, err
    assert say_once(err).startswith("a process of the group ended; all complete epochs are in")
    assert 0 < int(re.search(rf": (\d+) of {EPOCHS} epochs done$", out, re.M)[1]) < EPOCHS
    first, second = (Run.read(one / "run.json") for one in (whole, part))
    assert same_weights(whole, part) and second.test == first.test
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["part"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes as on Linux")
def test_two_machines_end_together_and_resume_to_the_weights_of_one(whole, folder, tmp_path):
    part = tmp_path / "part"
    survivor, other = on_two_machines("train", "--data", folder, *TRAIN, "--out", part)
    wait_until((part / "run.json").exists)
    workers(other)[0].kill()
    began = time.monotonic()
    errors = [one.communicate(timeout=60)[1] for one in (survivor, other)]
    assert survivor.returncode != 0 and other.returncode != 0 and time.monotonic() - began < SOON
    assert say_once(errors[0]).startswith("a process of the group ended; all complete epochs are")
    assert 0 < len(read_checkpoint(part)["run"]["epochs"]) < EPOCHS

    both = on_two_machines("resume", part)
    printed = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], printed
    assert sorted(out.count("test accuracy") for out, _ in printed) == [0, 1]
    assert same_weights(whole, part)
    assert Run.read(part / "run.json").test == Run.read(whole / "run.json").test


CHOICES = ("--keep-best", "--early-stopping", 2, "--learning-rate", 0.05)


def test_pretrained_weights_the_best_epoch_and_the_log_are_those_of_one_process(folder, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    start, logs, one, two = (tmp_path / name for name in ("start.pt", "logs", "one", "two"))
    torch.manual_seed(0)
    torch.save(build("four-layer", 5).state_dict(), start)
    train = ("train", "--data", folder, *TRAIN, *CHOICES, "--from", start, "--tensorboard", logs)
    assert run(*train, "--out", one) == 0
    started = torchrun(*train, "--out", two)
    out, err = started.communicate(timeout=120)
    assert started.returncode == 0, err
    runs = [Run.read(path / "run.json") for path in (one, two)]
    epochs = len(runs[0].epochs)
    assert 2 < epochs < EPOCHS and len(runs[1].epochs) == epochs
    assert out.count("classifier.fc4.weight and classifier.fc4.bias are new") == 1
    assert out.count("stopped early: no better validation loss in 2 epochs") == 1
    assert out.count(f"the weights are those of epoch {epochs - 2}") == 1
    assert runs[1].pretrained == runs[0].pretrained
    assert runs[1].test == pytest.approx(runs[0].test, rel=1e-3)
    first, second = (read_checkpoint(path) for path in (one, two))
    if mixed_type("cpu") is None:  # in 16 bits the parts of a batch round too differently
        for weights in ("model", "best"):
            assert_close(second[weights], first[weights], rtol=1e-3, atol=1e-4)
    assert not torch.equal(
        *(second[weights]["classifier.fc4.bias"] for weights in ("model", "best"))
    )
    logged = [EventAccumulator(str(logs / name)).Reload() for name in ("one", "two")]
    for found, recorded in zip(logged, runs, strict=True):
        values = [(event.step, event.value) for event in found.Scalars("loss/validation")]
        expected = [(row.epoch, row.validation_loss) for row in recorded.epochs]
        assert_close(values, expected, rtol=1e-5, atol=0)
    assert {path.name for path in logs.iterdir()} == {"one", "two"}
