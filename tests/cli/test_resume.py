"""A run that was stopped is continued, and ends as if it had not been."""

import pytest
import torch
from helpers import run

from alexnet_lib.cli import train
from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

TRAIN = ["--epochs", "2", "--batch-size", "8"]

pytestmark = pytest.mark.usefixtures("data_folder")


def weights(out):
    return read_checkpoint(out / "checkpoint.pt")["model"]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.values(), other.values(), strict=True))


def interrupt(recorded):
    raise KeyboardInterrupt


def test_control_c_keeps_what_was_done_and_resume_goes_on(folder, tmp_path, monkeypatch, capsys):
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert run("train", "--data", folder, *TRAIN, "--out", whole) == 0

    def interrupt(recorded):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", interrupt)
        with pytest.warns(UserWarning, match="interrupted after"):
            assert run("train", "--data", folder, *TRAIN, "--out", part) == 130
    assert "resume" in capsys.readouterr().out
    assert run("resume", part) == 0
    assert same(weights(part), weights(whole))
    assert Run.read(part / "run.json").test == Run.read(whole / "run.json").test


def test_resume_of_a_finished_run_does_not_read_the_test_set_again(folder, tmp_path, monkeypatch):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    monkeypatch.setattr(train, "train_and_test", None)
    assert run("resume", out) == 0


def test_a_damaged_checkpoint_is_named(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    whole = (out / "checkpoint.pt").read_bytes()
    (out / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    assert run("resume", out) == 1
    assert "checkpoint.pt" in capsys.readouterr().err


def test_a_net_of_two_classes_keeps_them_when_resumed_and_evaluated(place, photos, capsys):
    out = place / "two"
    two = ("--data", photos, "--classes", "큰 개,fish", "--epochs", 1, "--batch-size", 9)
    assert run("train", *two, "--pad", 3, "--zoom", 0.2, "--out", out) == 0
    recorded, content = Run.read(out / "run.json"), read_checkpoint(out)
    assert recorded.images == {"train": 24, "validation": 2, "test": 2}
    assert (recorded.recipe["pad"], recorded.recipe["zoom"]) == (3, 0.2)
    assert content["classes"] == ["fish", "큰 개"] and content["net"]["num_classes"] == 2
    top1 = f"top-1  {100 * recorded.test['top1']:.1f} %"
    (out / "run.json").unlink()
    assert run("resume", out) == 0
    assert Run.read(out / "run.json").test == recorded.test
    capsys.readouterr()
    for data in ((), ("--data", photos)):
        assert run("evaluate", out, *data) == 0
        printed = capsys.readouterr().out
        assert "four-layer on 내 사진: fish, 큰 개, test: 2 images" in printed and top1 in printed


def test_tensorboard_reads_what_train_and_resume_wrote(photos, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    out, logs = tmp_path / "run", tmp_path / "logs"
    arguments = ("--data", photos, "--epochs", 2, "--batch-size", 9, "--out", out)
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.warns(UserWarning, match="interrupted after"),
    ):
        patch.setattr(train, "print_epoch", interrupt)
        assert run("train", *arguments, "--tensorboard", logs) == 130
    assert run("resume", out, "--tensorboard", logs) == 0
    read = EventAccumulator(str(logs)).Reload()
    rows = Run.read(out / "run.json").epochs
    for tag, name in (("loss/validation", "validation_loss"), ("loss/training", "train_loss")):
        assert [event.step for event in read.Scalars(tag)] == [1, 2]
        for event, row in zip(read.Scalars(tag), rows, strict=True):
            assert event.value == pytest.approx(getattr(row, name), rel=1e-5)
