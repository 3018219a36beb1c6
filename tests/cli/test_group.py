"""`train` and `resume` in two processes, as torchrun starts them on a command line."""

import os
import re
import signal
import time
from dataclasses import replace

import pytest
import torch
from group_runs import EPOCHS, TRAIN, say_once, torchrun
from helpers import run, wait_until

from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="torchrun's own groups fail on Windows"),
    pytest.mark.usefixtures("data_folder"),
]


def test_other_commands_and_wrong_usage_are_refused_once():
    for command, said in (
        (["summary"], "needs one process: start it without torchrun"),
        (["train", "--epochs", "0"], "'0' is not a whole number from 1"),
    ):
        ended = torchrun(*command)
        _, err = ended.communicate(timeout=60)
        assert ended.returncode != 0 and err.count(said) == 1, err


def test_a_train_that_torchrun_started_again_does_not_replace_its_run(
    folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "a")
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    (tmp_path / "run.json").touch()
    assert run("train", "--data", folder, "--out", tmp_path, "--overwrite") == 2
    assert f"Continue it: resume {tmp_path}" in capsys.readouterr().err


def test_control_c_says_once_where_the_run_is_and_resume_ends_it(folder, tmp_path):
    whole, part = tmp_path / "whole", tmp_path / "part"
    started = torchrun("train", "--data", folder, *TRAIN, "--out", whole)
    out, err = started.communicate(timeout=120)
    assert started.returncode == 0, err
    assert re.findall(r"^epoch (\d+)/\d+ ", out, re.M) == [str(n) for n in range(1, EPOCHS + 1)]

    started = torchrun("train", "--data", folder, *TRAIN, "--out", part)
    wait_until((part / "run.json").exists)
    started.send_signal(signal.SIGINT)  # as a terminal does; torchrun passes it on
    began = time.monotonic()
    _, err = started.communicate(timeout=60)
    assert started.returncode != 0 and time.monotonic() - began < 15
    assert (
        say_once(err) == f"interrupted; all complete epochs are in {part}; continue with the "
        f"same torchrun: resume {part}"
    )
    assert 0 < len(read_checkpoint(part)["run"]["epochs"]) < EPOCHS

    resumed = torchrun("resume", part)
    assert resumed.wait(120) == 0, resumed.communicate()[1]
    first, second = (read_checkpoint(one)["model"] for one in (whole, part))
    assert all(torch.equal(first[name], second[name]) for name in first)
    first, second = (Run.read(one / "run.json") for one in (whole, part))
    assert second.world_size == 2 and second.test == first.test
    assert second.images == {"train": 27, "validation": 3, "train_sample": 27, "test": 12}
    for row, same in zip(second.epochs, first.epochs, strict=True):
        assert row == replace(same, seconds=row.seconds)
    assert (part / "curves.png").exists()
