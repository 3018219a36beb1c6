"""A run that was stopped is continued, and ends as if it had not been."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from helpers import run

from alexnet_lib.base.locking import LOCK
from alexnet_lib.base.notes import Note
from alexnet_lib.cli import train
from alexnet_lib.training import recording
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

    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", interrupt)
        with pytest.warns(Note, match="^interrupted after 1 complete epoch$"):
            assert run("train", "--data", folder, *TRAIN, "--out", part) == 130
    said = capsys.readouterr().out
    assert f"stopped after epoch 1 of 2; continue with: resume {part}" in said
    assert len(read_checkpoint(part)["run"]["epochs"]) == 1
    assert run("resume", part) == 0
    assert f"{part}: 1 of 2 epochs done" in capsys.readouterr().out
    assert same(weights(part), weights(whole))
    assert Run.read(part / "run.json").test == Run.read(whole / "run.json").test


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one thread")
@pytest.mark.parametrize("name", ["checkpoint.pt", "run.json"])
def test_control_c_while_the_last_epoch_is_saved_loses_nothing(
    name, folder, tmp_path, monkeypatch, capsys
):
    whole, part, replace, saved = tmp_path / "whole", tmp_path / "part", os.replace, []
    assert run("train", "--data", folder, *TRAIN, "--out", whole) == 0
    capsys.readouterr()

    def interrupted(source, target):
        saved.append(target.name)
        if target.name == name and saved.count(name) == 2:
            signal.raise_signal(signal.SIGINT)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.warns(UserWarning, match="interrupted after 2"):
            arguments = ("--epochs", 2, "--batch-size", 8)
            assert run("train", "--data", folder, *arguments, "--out", part) == 130
    said = capsys.readouterr().out
    assert f"continue with: resume {part}" in said and "test accuracy" not in said
    assert run("resume", part) == 0
    assert same(weights(part), weights(whole))
    assert Run.read(part / "run.json").test == Run.read(whole / "run.json").test


def test_control_c_in_the_test_says_what_is_there(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(recording, "record_test", lambda *_: interrupt(None))
        assert run("train", "--data", folder, *TRAIN, "--out", out) == 130
    assert f"the test is missing: resume {out}" in capsys.readouterr().out
    assert run("resume", out) == 0
    assert Run.read(out / "run.json").test and (out / "curves.png").exists()


def test_resume_draws_the_curves_that_are_missing(folder, tmp_path):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    (out / "curves.png").unlink()
    assert run("resume", out) == 0
    assert (out / "curves.png").stat().st_size > 5000


def test_a_record_of_another_run_is_not_taken_for_this_one(folder, tmp_path, capsys):
    """As it is left where --overwrite is killed between two files."""
    old, new = tmp_path / "old", tmp_path / "new"
    assert run("train", "--data", folder, *TRAIN, "--seed", 1, "--out", old) == 0
    assert run("train", "--data", folder, *TRAIN, "--out", new) == 0
    expected = (new / "run.json").read_bytes()
    (new / "run.json").write_bytes((old / "run.json").read_bytes())
    assert run("resume", new) == 0
    assert "nothing is left to do" not in capsys.readouterr().out
    assert (new / "run.json").read_bytes() == expected


def test_two_commands_do_not_write_into_one_folder(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    code = f"from alexnet_lib.base.locking import locked_folder as f\nwith f({str(out)!r}):\n"
    code += " print('in', flush=True)\n input()"
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout.readline().strip() == b"in"
        for command in (["train", "--data", folder, "--overwrite", "--out", out], ["resume", out]):
            assert run(*command) == 1
            assert f"another program is writing to {out}" in capsys.readouterr().err
        other.communicate(b"\n")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_resume_reads_the_checkpoint_when_nobody_else_can_write_it(folder, tmp_path, monkeypatch):
    out, seen = tmp_path / "run", []
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0

    def read(path):
        seen.append(FileLock(out / LOCK, is_singleton=True).is_locked)
        return read_checkpoint(path)

    monkeypatch.setattr("alexnet_lib.training.checkpoint.read_checkpoint", read)
    assert run("resume", out) == 0
    assert seen == [True]


def test_resume_where_nothing_was_trained_leaves_nothing(tmp_path, capsys):
    assert run("resume", tmp_path / "missing" / "run") == 1
    assert "no checkpoint at" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


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
    assert recorded.images == {"train": 24, "validation": 2, "train_sample": 24, "test": 2}
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
    read = EventAccumulator(str(logs / "run")).Reload()
    rows = Run.read(out / "run.json").epochs
    for tag, name in (("loss/validation", "validation_loss"), ("loss/training", "train_loss")):
        assert [event.step for event in read.Scalars(tag)] == [1, 2]
        for event, row in zip(read.Scalars(tag), rows, strict=True):
            assert event.value == pytest.approx(getattr(row, name), rel=1e-5)


def test_a_run_is_not_resumed_where_a_class_was_renamed_or_has_more_images(
    folder, tmp_path, monkeypatch, capsys
):
    out, classes = tmp_path / "run", Path(folder) / "train"
    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", interrupt)
        with pytest.warns(UserWarning, match="interrupted after"):
            assert run("train", "--data", folder, *TRAIN, "--out", out) == 130
    shutil.copytree(classes / "a", classes / "a/more")
    assert run("resume", out) == 1
    assert "for train there were 27, and are 36" in capsys.readouterr().err
    shutil.rmtree(classes / "a/more")
    for split in ("train", "test"):
        (Path(folder) / split / "a").rename(Path(folder) / split / "d")
    assert run("resume", out) == 1
    assert "the classes were a, b, c, and are b, c, d" in capsys.readouterr().err
    assert len(read_checkpoint(out)["run"]["epochs"]) == 1


def test_a_run_is_resumed_by_its_checkpoint_too_and_a_damaged_record_may_go(
    folder, tmp_path, capsys
):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    assert run("resume", out / "checkpoint.pt") == 0
    assert "nothing is left to do" in capsys.readouterr().out
    assert run("resume", out / "curves.png") == 2
    assert "curves.png is a file; give the run's folder" in capsys.readouterr().err
    (out / "run.json").write_text("{")
    assert run("resume", out) == 1
    assert "remove it, and resume: all epochs are in checkpoint.pt" in capsys.readouterr().err
    (out / "run.json").unlink()
    assert run("resume", out) == 0 and Run.read(out / "run.json").test


def test_images_of_a_relative_path_are_looked_for_where_the_command_is_run(
    folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", interrupt)
        with pytest.warns(UserWarning, match="interrupted after"):
            assert run("train", "--data", Path(folder).name, *TRAIN, "--out", "run") == 130
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert run("resume", "../run") == 1
    error = capsys.readouterr().err
    assert f"no such folder: 'pictures' in {str(tmp_path / 'elsewhere')!r}" in error
    assert "say where they are now: resume --data" in error


@pytest.fixture
def stopped(folder, tmp_path, monkeypatch):
    """The folder of a run that was stopped after the first of two epochs."""
    out = tmp_path / "stopped"
    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", interrupt)
        with pytest.warns(UserWarning, match="interrupted after"):
            assert run("train", "--data", folder, *TRAIN, "--out", out) == 130
    return out


def test_a_run_whose_images_were_moved_ends_as_if_they_had_not_been(folder, stopped, tmp_path):
    whole, moved = tmp_path / "whole", tmp_path / "moved" / Path(folder).name
    assert run("train", "--data", folder, *TRAIN, "--out", whole) == 0
    shutil.copytree(folder, moved)
    assert run("resume", stopped, "--data", moved) == 0
    assert same(weights(stopped), weights(whole))
    assert Run.read(stopped / "run.json").test == Run.read(whole / "run.json").test
    assert read_checkpoint(stopped)["source"]["source"] == str(moved)


def test_other_images_than_those_of_the_run_are_refused(folder, stopped, tmp_path, capsys):
    other = tmp_path / "other" / Path(folder).name
    shutil.copytree(folder, other)
    shutil.copytree(other / "train/a", other / "train/a/more")
    assert run("resume", stopped, "--data", other) == 1
    assert "for train there were 27, and are 36" in capsys.readouterr().err


def test_nothing_is_logged_among_the_images(folder, stopped, capsys):
    assert run("resume", stopped, "--tensorboard", Path(folder) / "logs") == 2
    assert "--tensorboard" in capsys.readouterr().err and not (Path(folder) / "logs").exists()


def test_a_checkpoint_that_does_not_say_what_its_images_were_asks_for_them(folder, stopped, capsys):
    content = torch.load(stopped / "checkpoint.pt", weights_only=True)
    torch.save(content | {"source": None}, stopped / "checkpoint.pt")
    assert run("resume", stopped) == 2
    assert "which images it was trained on: add --data" in capsys.readouterr().err
    assert run("resume", stopped, "--data", folder) == 0
    content = torch.load(stopped / "checkpoint.pt", weights_only=True)
    torch.save(content | {"source": None}, stopped / "checkpoint.pt")
    assert run("resume", stopped) == 0 and "nothing is left to do" in capsys.readouterr().out
