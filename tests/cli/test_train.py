"""What `train` writes and prints, and which mistakes it names."""

import errno
import os
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from helpers import image_folder, link, picture, run
from painted import paint, paint_folder

from alexnet_lib.base import process_group
from alexnet_lib.base.notes import Note
from alexnet_lib.cli import train
from alexnet_lib.data import load as image_load
from alexnet_lib.nets.build import build
from alexnet_lib.training import estimate
from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.run import Run

TRAIN = ["--epochs", "2", "--batch-size", "8"]

pytestmark = pytest.mark.usefixtures("data_folder")


def test_train_writes_a_run_a_checkpoint_and_curves(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    recorded = Run.read(out / "run.json")
    assert recorded.gap is not None
    assert last == f"test accuracy {100 * recorded.test['top1']:.1f} %"
    assert recorded.images == {"train": 27, "validation": 3, "train_sample": 27, "test": 12}
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

    monkeypatch.setattr(estimate, "training_speed", speed)
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


def test_a_batch_too_large_for_memory_exits_with_1_and_says_what_fits(
    folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(estimate, "free_memory", lambda device: 1_200_000)
    assert run("train", "--data", folder, *TRAIN, "--out", tmp_path / "run") == 1
    said = capsys.readouterr().err
    assert "GB of memory" in said and "or less fits" in said


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
    monkeypatch.setattr(train, "train_and_test", lambda model, train, *_, **__: seen.append(train))
    assert run("train", "--data", folder, "--model", "paper", "--size", 70) == 0
    assert seen[0].images.shape[-2:] == (stored, stored)


def test_pictures_of_one_size_are_taken_as_they_are_and_never_above_64_unasked(place, monkeypatch):
    seen = []
    monkeypatch.setattr(train, "train_and_test", lambda *arguments, **_: seen.append(arguments))
    for name, pixels in (("small", (24, 20)), ("large", (120, 100))):
        files = [f"{c}/{i}.png" for c in "ab" for i in range(12)]
        image_folder(place / name, files, pixels)
        assert run("train", "--data", place / name, "--batch-size", 4) == 0
    sides = [(arguments[1].size, arguments[4].net["size"]) for arguments in seen]
    assert sides == [(20, 20), (64, 64)]


def test_a_net_learns_from_large_pictures_of_several_sizes_with_korean_classes(net, photos):
    content = read_checkpoint(net)
    assert content["classes"] == ["fish", "고양이", "큰 개"]
    assert content["source"] == {"source": str(photos), "size": 64}
    assert content["net"]["size"] == 64
    assert Run.read(net / "run.json").test["top1"] == 1


def test_a_recorded_run_is_never_overwritten_unasked(folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    before = (out / "run.json").read_bytes()
    assert run("train", "--data", folder, *TRAIN, "--out", out, "--seed", 1) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (out / "run.json").read_bytes() == before
    assert run("train", "--data", folder, *TRAIN, "--out", out, "--seed", 1, "--overwrite") == 0
    assert Run.read(out / "run.json").seed == 1


def test_a_run_that_was_recorded_meanwhile_is_not_overwritten(
    folder, tmp_path, monkeypatch, capsys
):
    """As where two commands are started at once, and the first ends before the second begins."""
    out, load = tmp_path / "run", train.load_splits

    def slow(*arguments):
        monkeypatch.setattr(train, "load_splits", load)
        assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
        return load(*arguments)

    monkeypatch.setattr(train, "load_splits", slow)
    assert run("train", "--data", folder, *TRAIN, "--seed", 1, "--out", out) == 2
    assert "there is a run in" in capsys.readouterr().err
    assert Run.read(out / "run.json").seed == 0


def test_a_record_without_a_checkpoint_is_not_said_to_be_resumable(folder, tmp_path, capsys):
    (tmp_path / "run.json").write_text("{}")
    assert run("train", "--data", folder, *TRAIN, "--out", tmp_path) == 2
    said = capsys.readouterr().err.rpartition("there is a run in")[2]
    assert "replace it: --overwrite" in said and "resume" not in said


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


@pytest.mark.parametrize("installed", [True, False])
def test_where_tensorboard_does_not_work_nothing_is_trained_and_the_message_helps(
    installed, photos, tmp_path, capsys
):
    broken = tmp_path / "site" / "tensorboard" / "__init__.py"
    broken.parent.mkdir(parents=True)
    broken.write_text("import numpy; numpy.bool8", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if "tensorboard" in name]:
            patch.delitem(sys.modules, name)
        if installed:
            patch.syspath_prepend(tmp_path / "site")
        else:
            patch.setitem(sys.modules, "tensorboard", None)
        patch.setattr(train, "train_and_test", None)
        arguments = ("--data", photos, "--batch-size", 9, "--out", tmp_path / "run")
        assert run("train", *arguments, "--tensorboard", tmp_path / "logs") == 2
    error = capsys.readouterr().err
    assert "pip install tensorboard" in error and error.count("\n") == 1
    assert ("bool8" in error) == installed
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def one_image(photos):
    paint(photos / "fish" / "1.png", (1, 2, 3), (30, 30))


def single_in_a_class(photos):
    paint_folder(photos, ["고양이", "큰 개"], per_class=4)
    paint(photos / "fish" / "1.png", (1, 2, 3), (30, 30))


def single_in_train(photos):
    single_in_a_class(photos / "train")
    single_in_a_class(photos / "test")


def a_text(photos):
    paint_folder(photos, per_class=4)
    (photos / "fish" / "노트.jpg").write_text("a text", encoding="utf-8")


def half_an_image(photos):
    paint_folder(photos, per_class=4)
    file = photos / "큰 개" / "사진 0.jpg"
    file.write_bytes(file.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (one_image, "has one class only, fish; expected 2 or more"),
        (single_in_a_class, "class 'fish' has 1 image(s), too few to hold some out"),
        (single_in_train, "class 'fish' has 1 image(s), too few to hold some out"),
        (a_text, "fish/노트.jpg (not an image)"),
        (half_an_image, "큰 개/사진 0.jpg (not readable"),
    ],
)
def test_a_folder_that_cannot_be_trained_on_is_named_and_nothing_is_lost(
    spoil, said, net, tmp_path, capsys
):
    spoil(tmp_path / "bad")
    before = {file.name: file.read_bytes() for file in net.iterdir()}
    for command in (["train", "--out", net, "--overwrite"], ["data", tmp_path / "bad"]):
        source = [] if command[0] == "data" else ["--data", tmp_path / "bad"]
        assert run(*command, *source) == 1
        error = capsys.readouterr().err
        assert said in error and "Traceback" not in error
    assert {file.name: file.read_bytes() for file in net.iterdir()} == before


def test_a_class_that_the_data_lack_is_named(photos, capsys):
    assert run("train", "--data", photos, "--classes", "fish,cat", "--dry-run") == 1
    assert "asked for: cat" in capsys.readouterr().err


def test_a_broken_file_is_left_out_by_train_resume_and_evaluate(folder, tmp_path, capsys):
    out = tmp_path / "run"
    for split in ("train", "test"):
        (Path(folder) / split / "a/broken.png").write_text("no image")
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 1
    assert "2 of 44 files" in capsys.readouterr().err and not out.exists()
    with pytest.warns(Note, match="2 of 44 files .* are left out"):
        assert run("train", "--data", folder, *TRAIN, "--out", out, "--skip-broken") == 0
    recorded = Run.read(out / "run.json")
    assert recorded.images == {"train": 27, "validation": 3, "train_sample": 27, "test": 12}
    with pytest.warns(Note, match="2 of 44 files"):
        assert run("evaluate", out) == 0
    assert run("evaluate", out, "--data", folder) == 1
    with pytest.warns(Note, match="2 of 44 files"):
        assert run("evaluate", out, "--data", folder, "--skip-broken") == 0
    content = read_checkpoint(out)
    assert content["source"]["skip_broken"] is True


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_are_never_opened(net, photos, tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "checkpoint.pt")
    (tmp_path / "run").mkdir()
    shutil.copy(net / "checkpoint.pt", tmp_path / "run")
    os.mkfifo(tmp_path / "run/run.json")
    assert run("predict", net, tmp_path / "pipe.jpg") == 1
    assert "a pipe, not a file" in capsys.readouterr().err
    for command in ("evaluate", "resume", "export"):
        options = ("--onnx", tmp_path / "net.onnx") * (command == "export")
        assert run(command, tmp_path, *options) == 1
        assert "no checkpoint at" in capsys.readouterr().err
    assert run("data", tmp_path / "pipe.jpg") == 2
    assert run("train", "--data", tmp_path / "pipe.jpg") == 2
    assert "is not a folder" in capsys.readouterr().err
    with pytest.raises(OSError, match="a pipe, not a file"):
        Run.read(tmp_path / "run/run.json")


def test_training_starts_from_weights_that_are_there(folder, net, tmp_path, capsys):
    out = tmp_path / "run"
    arguments = ("--data", folder, *TRAIN, "--size", 32, "--out", out)
    assert run("train", *arguments, "--from", net / "checkpoint.pt", "--freeze", "features") == 0
    assert f"starts from the weights in {net / 'checkpoint.pt'}\n" in capsys.readouterr().out
    before, after = read_checkpoint(net)["model"], read_checkpoint(out)["model"]
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith("features"), name
    recorded = Run.read(out / "run.json")
    assert recorded.pretrained.startswith("checkpoint.pt, sha256 ")
    assert recorded.recipe["init"] is None and recorded.recipe["freeze"] == ["features"]


def test_from_takes_the_folder_of_a_run_and_makes_a_new_last_layer(net, tmp_path, capsys):
    names = [f"{c}/{i}.png" for c in "abcd" for i in range(8)]
    folder = image_folder(tmp_path / "four", names)
    out = tmp_path / "run"
    options = ("--from", net, "--freeze", "features", "--out", out)
    assert run("train", "--data", folder, *TRAIN, "--size", 32, *options) == 0
    assert "classifier.fc4.weight and classifier.fc4.bias are new" in capsys.readouterr().out
    assert read_checkpoint(out)["net"]["num_classes"] == 4


def test_torchvisions_weights_are_fetched_by_name(folder, tmp_path, capsys, monkeypatch):
    state = build("torchvision", 1000).state_dict()
    fetched = tmp_path / "hub" / "checkpoints" / "alexnet-owt-7be5be79.pth"
    others_wait = []

    @contextmanager
    def first_on_each_machine():
        others_wait.append(True)
        yield
        others_wait.pop()

    def fetch(url, path, digest):
        assert url.startswith("https://") and digest == "7be5be79" and others_wait
        torch.save(state, path)

    monkeypatch.setattr(process_group, "first_on_each_machine", first_on_each_machine)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", fetch)
    options = ("--model", "torchvision", "--size", 64, "--dry-run", "--out", tmp_path / "run")
    assert run("train", "--data", folder, "--from", "torchvision", *options) == 0
    assert f"starts from the weights in {fetched}" in capsys.readouterr().out


def test_without_a_network_torchvisions_weights_say_where_to_get_them(
    folder, tmp_path, capsys, monkeypatch
):
    def fail(*_):
        raise OSError("no network")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    options = ("--model", "torchvision", "--from", "torchvision", "--out", tmp_path / "run")
    assert run("train", "--data", folder, *options) == 1
    said = capsys.readouterr().err
    assert "could not be fetched (no network). Fetch https://download.pytorch.org/" in said
    assert "--from alexnet-owt-7be5be79.pth" in said and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "nowhere.pt"), "--from nowhere.pt: there is no such file"),
        (("--from", "torchvision"), "fit --model torchvision only"),
        (("--freeze", "featurs"), "no part 'featurs' to freeze; it has features"),
        (("--freeze", "features,,x"), "not names separated by commas"),
        (("--early-stopping", "0"), "not a whole number from 1"),
        (("--class-weights", "rare"), "invalid choice: 'rare'"),
    ],
)
def test_wrong_ways_to_start_exit_with_2(options, said, folder, tmp_path, capsys):
    assert run("train", "--data", folder, "--out", tmp_path / "run", *options) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_weights_of_another_net_name_the_model_that_they_fit(folder, net, tmp_path, capsys):
    options = ("--model", "batch-norm", "--size", 64, "--from", net / "checkpoint.pt")
    assert run("train", "--data", folder, *options, "--out", tmp_path / "run") == 1
    assert "They fit --model four-layer." in capsys.readouterr().err


def test_the_best_epoch_is_kept_and_training_ends_early(folder, tmp_path, capsys):
    out = tmp_path / "run"
    options = ("--epochs", 40, "--batch-size", 8, "--early-stopping", 1, "--keep-best")
    assert (
        run("train", "--data", folder, *options, "--class-weights", "balanced", "--out", out) == 0
    )
    printed, recorded = capsys.readouterr().out, Run.read(out / "run.json")
    done = len(recorded.epochs)
    assert done < 40 and done == recorded.best_epoch.epoch + 1
    assert "stopped early: no better validation loss in 1 epoch" in printed
    assert run("train", "--data", folder, *options, "--epochs", 1, "--out", tmp_path / "one") == 0
    assert "stopped early" not in capsys.readouterr().out
    assert f"the weights are those of epoch {done - 1}\n" in printed
    assert run("resume", out) == 0
    assert "nothing is left to do" in capsys.readouterr().out


def test_images_beyond_all_memory_are_refused_before_one_is_made(folder, tmp_path, capsys):
    for end in (("--out", tmp_path / "r"), ("--dry-run",)):
        assert run("train", "--data", folder, *TRAIN, "--size", 9_999, *end) == 1
        assert "GB of memory" in capsys.readouterr().err
        assert run("train", "--data", folder, *TRAIN, "--size", 100_000, *end) == 2
        assert "at most 10,000 pixels" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_alexnet_trains_on_few_images_in_small_batches(folder, tmp_path, capsys):
    arguments = ("--data", folder, "--model", "batch-norm", "--size", 64, "--epochs", 1)
    assert run("train", *arguments, "--out", tmp_path / "few") == 0
    assert "few images: batches of 27" in capsys.readouterr().out
    recipe = Run.read(tmp_path / "few" / "run.json").recipe
    assert (recipe["learning_rate"], recipe["batch_size"]) == (0.00092, 27)
    assert run("train", *arguments, "--batch-size", 9, "--out", tmp_path / "own") == 0
    assert "few images" not in capsys.readouterr().out
    recipe = Run.read(tmp_path / "own" / "run.json").recipe
    assert (recipe["learning_rate"], recipe["batch_size"]) == (0.00053, 9)


def test_a_net_gets_its_own_learning_rate_unless_one_is_chosen(folder, tmp_path, capsys):
    small = ("--data", folder, "--model", "four-layer", "--epochs", 1, "--batch-size", 8)
    assert run("train", *small, "--out", tmp_path / "usual") == 0
    assert "learning rate 0.0075" in capsys.readouterr().out
    assert Run.read(tmp_path / "usual" / "run.json").recipe["learning_rate"] == 0.0075
    assert run("train", *small, "--learning-rate", 0.2, "--out", tmp_path / "own") == 0
    assert Run.read(tmp_path / "own" / "run.json").recipe["learning_rate"] == 0.2
    assert run("train", *small, "--recipe", "paper", "--out", tmp_path / "paper") == 0
    assert Run.read(tmp_path / "paper" / "run.json").recipe["learning_rate"] == 0.01
    assert read_checkpoint(tmp_path / "paper")["net"]["size"] == 14  # crops of 16


def test_a_run_is_not_written_among_the_images(folder, tmp_path, monkeypatch, capsys):
    link(folder, tmp_path / "again")
    monkeypatch.chdir(Path(folder) / "train")  # three class folders
    for data, options in (
        (".", ()),  # by default in the folder runs, here
        (".", ("--out", tmp_path / "again/train/run")),
        ("../../again", ("--out", folder)),
        (".", ("--out", tmp_path / "run", "--tensorboard", "log")),
    ):
        assert run("train", "--data", data, "--epochs", 1, *options) == 2
        assert "would be in the folder of images" in capsys.readouterr().err
    assert run("experiment", "pooling", "--data", ".") == 2
    assert "--out results/claims would be in the folder of images" in capsys.readouterr().err
    assert sorted(os.listdir(".")) == ["a", "b", "c"]
    beside = ("--out", "../../run", "--epochs", 1, "--batch-size", 8)
    assert run("train", "--data", ".", *beside) == 0


def test_images_that_come_while_a_net_is_trained_are_not_tested_on(tmp_path, monkeypatch, capsys):
    images = image_folder(tmp_path / "mine", [f"{c}/{n}.png" for c in "ab" for n in range(9)])
    out = tmp_path / "run"
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", lambda run: picture(9).save(images / "a/new.png"))
        arguments = ("--epochs", 1, "--batch-size", 4, "--out", out)
        assert run("train", "--data", images, *arguments) == 1
    said = capsys.readouterr().err
    assert "came, went or were renamed" in said and f"the test is missing: resume {out}" in said
    (images / "a/new.png").unlink()
    assert run("resume", out) == 0
    assert Run.read(out / "run.json").images["test"] == 2


def test_images_that_come_while_they_are_read_are_told(tmp_path, monkeypatch, capsys):
    images = image_folder(tmp_path / "mine", [f"{c}/{n}.png" for c in "ab" for n in range(9)])
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    read = image_load.load

    def slow(**options):
        picture(9).save(images / "a/new.png")
        return read(**options)

    monkeypatch.setattr(image_load, "load", slow)
    arguments = ("--epochs", 1, "--batch-size", 4, "--out", tmp_path / "run")
    assert run("train", "--data", images, *arguments) == 1
    assert "came, went or were renamed" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_images_that_cannot_be_read_for_the_test_do_not_cost_the_training(
    folder, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "run"
    tested = Path(folder, "test/a")
    with monkeypatch.context() as patch:
        patch.setattr(train, "print_epoch", lambda run: tested.rename(tmp_path / "a"))
        assert run("train", "--data", folder, "--epochs", 1, "--batch-size", 9, "--out", out) == 1
    assert f"the test is missing: resume {out}" in capsys.readouterr().err
    (tmp_path / "a").rename(tested)
    assert run("resume", out) == 0
