"""The command line: what it prints and writes, and how it answers a user's mistakes."""

import errno
import pickle
import re
import subprocess
import sys

import pytest
import torch
from helpers import image_folder, run

from alexnet_lib.cli import commands
from alexnet_lib.nets import MODELS
from alexnet_lib.training import estimate as estimates
from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

TRAIN = ["--epochs", "2", "--batch-size", "8"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three classes of ten training and four test images, and a data folder of its own."""
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    names = [f"train/{c}/{i}.png" for c in "abc" for i in range(10)]
    names += [f"test/{c}/{i}.png" for c in "abc" for i in range(4)]
    return str(image_folder(tmp_path / "pictures", names, size=(16, 16)))


def weights(out):
    return read_checkpoint(out / "checkpoint.pt")["model"]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.values(), other.values(), strict=True))


def test_summary_prints_the_write_ups_table(capsys):
    assert run("summary", "--model", "one-tower", "--num-classes", 10, "--size", 227) == 0
    text = capsys.readouterr().out
    assert "58,322,314" in text and "96×55×55" in text and "37,752,832" in text
    assert "padding 0" in text


@pytest.mark.parametrize("model", MODELS)
def test_summary_knows_every_net(model, capsys):
    assert run("summary", "--model", model) == 0
    assert capsys.readouterr().out.startswith(f"{model}, 227×227 pixels, 1000 classes")


def test_summary_says_that_64_pixels_take_padding(capsys):
    assert run("summary", "--size", 64) == 0
    assert "padding 2: 64 pixels are too few" in capsys.readouterr().out


def test_data_counts_classes_and_draws_samples(folder, tmp_path, capsys):
    assert run("data", folder, "--picture", tmp_path / "samples.png") == 0
    text = capsys.readouterr().out
    assert "pictures: 27 train, 3 validation, 12 test" in text
    assert text.count(" 9       1       4") == 3
    assert (tmp_path / "samples.png").read_bytes().startswith(b"\x89PNG")


def test_train_writes_a_run_a_checkpoint_and_curves(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    recorded = Run.read(out / "run.json")
    assert last == f"test accuracy {100 * recorded.test['top1']:.1f} %"
    assert recorded.images == {"train": 27, "validation": 3, "test": 12}
    assert len(recorded.epochs) == 2 and recorded.data == "pictures"
    assert read_checkpoint(out / "checkpoint.pt")["classes"] == ["a", "b", "c"]
    assert (out / "curves.png").stat().st_size > 5000


def test_a_dry_run_says_what_training_would_take_and_writes_nothing(
    folder, tmp_path, monkeypatch, capsys
):
    asked = []

    def speed(step, batches, rate):
        asked.append(step.compile)
        return 8.1

    monkeypatch.setattr(estimates, "training_speed", speed)
    out = tmp_path / "run"
    arguments = ("--data", folder, "--out", out, "--epochs", 100, "--batch-size", 8)
    assert run("train", *arguments, "--dry-run", "--compile") == 0
    printed = capsys.readouterr().out
    # 27 images to train on and three to validate with, which counts a third: 28 / 8.1 seconds
    assert "8 images/s\nan epoch takes about 3 s, all 5.8 min\n" in printed
    assert re.search(r"^about 0\.\d GB of memory, [\d.]+ GB are free$", printed, re.MULTILINE)
    assert asked == [True] and not out.exists()


def test_a_dry_run_really_trains_for_a_moment(folder, capsys):
    assert run("train", "--data", folder, "--batch-size", 8, "--dry-run") == 0
    assert int(re.search(r"^([\d,]+) images/s$", capsys.readouterr().out, re.M)[1].replace(",", ""))


@pytest.mark.parametrize(
    ("seconds", "words"), [(42.4, "42 s"), (100, "1.7 min"), (5399, "90.0 min"), (9000, "2.5 h")]
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert estimates.duration(seconds) == words


def test_a_batch_too_large_for_memory_exits_with_1_and_says_what_fits(
    folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(estimates, "free_memory", lambda device: 1_200_000)
    assert run("train", "--data", folder, *TRAIN, "--out", tmp_path / "run") == 1
    said = capsys.readouterr().err
    assert "GB of memory" in said and "take batch_size" in said


def test_alexnet_trains_at_64_pixels(folder, tmp_path):
    out = tmp_path / "run"
    options = ["--model", "batch-norm", "--size", 64, "--epochs", 1, "--batch-size", 27]
    assert run("train", "--data", folder, *options, "--out", out) == 0
    net = read_checkpoint(out / "checkpoint.pt")["net"]
    assert net == {"name": "batch-norm", "num_classes": 3, "size": 64}


@pytest.mark.parametrize(("pixels", "stored"), [(90, 70), (40, 40)])
def test_large_pictures_are_stored_at_the_nets_size_and_small_ones_as_they_are(
    pixels, stored, tmp_path, monkeypatch
):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    names = [f"{c}/{i}.png" for c in "ab" for i in range(20)]
    folder = image_folder(tmp_path / "pictures", names, size=(pixels, pixels))
    seen = []
    monkeypatch.setattr(commands, "_finish", lambda model, train, *_, **__: seen.append(train))
    assert run("train", "--data", folder, "--model", "paper", "--size", 70) == 0
    assert seen[0].images.shape[-2:] == (stored, stored)


def test_a_recorded_run_is_never_overwritten_unasked(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    before = (out / "run.json").read_bytes()
    assert run("train", "--data", folder, *TRAIN, "--out", out, "--seed", 1) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (out / "run.json").read_bytes() == before
    assert run("train", "--data", folder, *TRAIN, "--out", out, "--seed", 1, "--overwrite") == 0
    assert Run.read(out / "run.json").seed == 1


def test_control_c_keeps_what_was_done_and_resume_goes_on(folder, tmp_path, monkeypatch, capsys):
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert run("train", "--data", folder, *TRAIN, "--out", whole) == 0

    def interrupt(recorded):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commands, "_say", interrupt)
        with pytest.warns(UserWarning, match="interrupted after"):
            assert run("train", "--data", folder, *TRAIN, "--out", part) == 130
    assert "resume" in capsys.readouterr().out
    assert run("resume", part) == 0
    assert same(weights(part), weights(whole))
    assert Run.read(part / "run.json").test == Run.read(whole / "run.json").test


def test_resume_of_a_finished_run_does_not_read_the_test_set_again(folder, tmp_path, monkeypatch):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    monkeypatch.setattr(commands, "_finish", None)
    assert run("resume", out) == 0


def test_evaluate_prints_what_train_measured(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    capsys.readouterr()
    assert run("evaluate", out / "checkpoint.pt", "--data", folder) == 0
    text = capsys.readouterr().out
    recorded = Run.read(out / "run.json").test
    assert f"loss   {recorded['loss']:.4f}" in text
    assert f"top-1  {100 * recorded['top1']:.1f} %" in text
    assert "top-5" not in text  # of three classes it says nothing
    assert all(f"\n  {name}  " in text for name in "abc")
    assert run("evaluate", out, "--data", folder, "--ten-views") == 0


def test_evaluate_names_other_classes(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    other = image_folder(tmp_path / "other", [f"{c}/{i}.png" for c in "xyz" for i in range(9)])
    assert run("evaluate", out / "checkpoint.pt", "--data", other) == 1
    assert "trained on the classes a, b, c; other has x, y, z" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--data", "no-such-folder"], "no-such-folder"),
        (["train", "--learning-rate", "-0.1"], "positive"),
        (["train", "--learning-rate", "nan"], "positive"),
        (["train", "--epochs", "0"], "whole number"),
        (["train", "--model", "lenet"], "lenet"),
        (["train", "--data", "shapes10", "--model", "paper", "--size", "40"], "smallest"),
        (["train", "--data", "shapes10", "--device", "abacus"], "abacus"),
        (["summary", "--size", "40"], "smallest size that works is 63"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_was_wrong(arguments, said, capsys):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no checkpoint"),
        (b"just a text\n", "not a checkpoint"),
        (b"", "not a checkpoint"),
        (pickle.dumps({"model": 1}, 2), "not a checkpoint|not written by"),
    ],
)
def test_a_file_that_is_no_checkpoint_exits_with_1(content, said, folder, tmp_path, capsys):
    file = tmp_path / "file.pt"
    if content is not None:
        file.write_bytes(content)
    assert run("evaluate", file, "--data", folder) == 1
    error = capsys.readouterr().err
    assert re.search(said, error) and len(error.splitlines()) <= 5


class Evil:
    def __reduce__(self):
        return (open, ("ran-code", "w"))


def test_a_checkpoint_that_would_run_code_is_refused(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.save({"model": Evil()}, tmp_path / "evil.pt")
    assert run("evaluate", tmp_path / "evil.pt", "--data", folder) == 1
    assert "could run code" in capsys.readouterr().err
    assert not (tmp_path / "ran-code").exists()


def test_a_damaged_checkpoint_is_named(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    whole = (out / "checkpoint.pt").read_bytes()
    (out / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    assert run("resume", out) == 1
    assert "checkpoint.pt" in capsys.readouterr().err


def test_weights_of_another_net_are_named(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    content = torch.load(out / "checkpoint.pt", weights_only=True)
    content["net"]["num_classes"] = 7
    torch.save(content, out / "checkpoint.pt")
    assert run("evaluate", out / "checkpoint.pt", "--data", folder) == 1
    assert "another net" in capsys.readouterr().err


def test_a_batch_larger_than_the_data_is_named(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, "--batch-size", 28, "--out", out) == 1
    assert "larger than the data: 27 images" in capsys.readouterr().err
    assert not out.exists()


def test_a_loss_that_blows_up_says_what_to_try(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--learning-rate", "1e30", "--out", out) == 1
    error = capsys.readouterr().err
    assert "no longer finite at step" in error and "ten times smaller" in error


def test_a_full_disk_loses_nothing(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert run("train", "--data", folder, *TRAIN, "--out", out, "--overwrite") == 1
    assert "No space left on device" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), RuntimeError("a bug")])
def test_too_little_memory_on_a_device_is_said_and_a_bug_is_not_hidden(error, monkeypatch, capsys):
    def fail(options):
        raise error

    monkeypatch.setattr(commands, "summary", fail)
    if isinstance(error, torch.OutOfMemoryError):
        assert run("summary") == 1
        assert "too little memory: take a smaller --batch-size" in capsys.readouterr().err
    else:
        with pytest.raises(RuntimeError, match="a bug"):
            run("summary")


def test_a_mistake_ends_without_a_traceback_and_help_helps():
    def command(*arguments):
        asked = [sys.executable, "-m", "alexnet_lib", *arguments]
        return subprocess.run(asked, capture_output=True, text=True)

    wrong = command("evaluate", "no-such.pt", "--data", "shapes10")
    assert wrong.returncode == 1 and "Traceback" not in wrong.stderr
    assert 1 <= len(wrong.stderr.splitlines()) <= 5
    help = command("train", "--help")
    assert help.returncode == 0 and "shapes10" in help.stdout and "--recipe" in help.stdout
