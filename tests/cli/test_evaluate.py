"""What `evaluate` prints and draws, and the checkpoints that it refuses."""

import pickle
import re
import warnings
from pathlib import Path

import pytest
import torch
from helpers import image_folder, run
from painted import COLORS, paint, paint_folder

from alexnet_lib.data.image_set import ImageFiles
from alexnet_lib.figures import predictions as plots
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run

TRAIN = ["--epochs", "2", "--batch-size", "8"]

pytestmark = pytest.mark.usefixtures("data_folder")


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
    assert re.findall(r"^([abc]) +[\d.]+ %$", text, re.MULTILINE) == list("abc")
    assert run("evaluate", out, "--data", folder, "--ten-views") == 0


def test_evaluate_names_other_classes(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    other = image_folder(tmp_path / "other", [f"{c}/{i}.png" for c in "xyz" for i in range(9)])
    assert run("evaluate", out / "checkpoint.pt", "--data", other) == 1
    assert "trained on the classes a, b, c; other has x, y, z" in capsys.readouterr().err


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


def test_weights_of_another_net_are_named(folder, tmp_path, capsys):
    out = tmp_path / "run"
    run("train", "--data", folder, *TRAIN, "--out", out)
    content = torch.load(out / "checkpoint.pt", weights_only=True)
    content["net"]["num_classes"] = 7
    torch.save(content, out / "checkpoint.pt")
    assert run("evaluate", out / "checkpoint.pt", "--data", folder) == 1
    assert "another net" in capsys.readouterr().err


def test_evaluate_prints_a_table_with_the_true_class_in_the_row(net, place, photos, capsys):
    mixed = place / "mixed"
    for split in ("train", "test"):
        paint_folder(mixed / split, per_class=2)
    for seed in range(3):  # three fishes that are red
        paint(mixed / "test" / "fish" / f"red {seed}.png", COLORS["고양이"], (80, 80), seed)
    assert run("evaluate", net, "--data", mixed) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "four-layer on mixed, test: 9 images"
    assert lines[-4].split() == ["true", "\\", "predicted", "fish", "고양이", "큰", "개"]
    assert lines[-3].split() == ["fish", "2", "3", "0"]
    assert lines[-2].split() == ["고양이", "0", "2", "0"]


def test_evaluate_takes_by_default_what_the_net_was_trained_on(net, capsys):
    assert run("evaluate", net, "--split", "validation") == 0
    assert "four-layer on 내 사진, validation: 3 images" in capsys.readouterr().out


def test_evaluate_by_other_classes_than_the_nets_is_refused(net, capsys):
    assert run("evaluate", net, "--classes", "fish,고양이") == 1
    assert "the net was trained on the classes fish, 고양이, 큰 개" in capsys.readouterr().err


def test_evaluate_draws_the_surest_mistakes(net, place, photos, tmp_path, monkeypatch, capsys):
    wrong = place / "wrong"
    for split in ("train", "test"):
        paint_folder(wrong / split, per_class=1)
        paint(wrong / split / "fish" / "red.png", COLORS["고양이"], (80, 80))
    drawn, draw = [], plots.prediction_grid

    def predictions(images, labels, probabilities, classes, columns):
        drawn.append((labels, probabilities, classes))
        return draw(images, labels, probabilities, classes, columns)

    monkeypatch.setattr(plots, "prediction_grid", predictions)
    file = tmp_path / "pictures" / "mistakes.png"
    assert run("evaluate", net, "--data", wrong, "--mistakes", file) == 0
    assert file.read_bytes().startswith(b"\x89PNG") and str(file) in capsys.readouterr().out
    ((labels, probabilities, classes),) = drawn
    assert [classes[label] for label in labels] == ["fish"]
    assert [classes[label] for label in probabilities.argmax(1)] == ["고양이"]


def test_a_net_that_streams_its_pictures_is_evaluated_alike(net, tmp_path, monkeypatch, capsys):
    assert run("evaluate", net) == 0
    expected = capsys.readouterr().out
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))  # nothing decoded lies there
    monkeypatch.setattr("alexnet_lib.data.decode_cache.room_for_images", lambda: 1000)
    assert isinstance(Predictor.read(net).images(), ImageFiles)
    assert run("evaluate", net, "--mistakes", tmp_path / "none.png") == 0
    assert capsys.readouterr().out.startswith(expected)


def test_other_classes_are_named_and_can_be_left_out(net, place, capsys):
    more = paint_folder(place / "more", per_class=3)
    paint_folder(place / "fewer", ["fish", "고양이"], per_class=3)
    for seed in range(3):
        paint(more / "bird" / f"{seed}.png", (9, 9, 9), (20, 20))
    assert run("evaluate", net, "--data", more) == 1
    said = capsys.readouterr().err
    assert "trained on the classes fish, 고양이, 큰 개; more has bird, fish, 고양이, 큰 개" in said
    assert "--classes" in said
    assert run("evaluate", net, "--data", more, "--classes", "고양이, 큰 개,fish") == 0
    assert "more: fish, 고양이, 큰 개, test: 3 images" in capsys.readouterr().out
    assert run("evaluate", net, "--data", place / "fewer") == 1
    assert "fewer has fish, 고양이\n" in capsys.readouterr().err


def drawn_again(out, *options):
    """The notes of `evaluate` on images that were drawn again."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert run("evaluate", out, *options) == 0
    return [str(one.message) for one in caught if "drawn again" in str(one.message)]


def test_a_note_says_that_images_were_added_after_training_and_may_be_in_the_test(tmp_path):
    names = [f"{c}/{i:02}.png" for c in "ab" for i in range(20)]
    folder, out = image_folder(tmp_path / "pets", names), tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    for options in ((), ("--data", folder), ("--split", "validation")):
        assert not drawn_again(out, *options)
    image_folder(folder, ["a/20.png"])
    for options in ((), ("--data", folder), ("--split", "validation"), ("--classes", "a,b")):
        (said,) = drawn_again(out, *options)
        assert "was trained on 32 of its images, now 33 are for that" in said
    assert not drawn_again(out, "--split", "train")
    other = image_folder(tmp_path / "other", [*names, "a/30.png"])
    assert not drawn_again(out, "--data", other)


def test_a_note_says_that_a_tenth_of_another_folder_is_taken(net, place):
    other = paint_folder(place / "holiday", per_class=12)
    for options in ((), ("--split", "train")):
        with warnings.catch_warnings(record=True) as caught:
            assert run("evaluate", net, "--data", other, *options) == 0
        said = [one for one in caught if "are drawn for it, 3 here" in str(one.message)]
        assert len(said) == (not options)


def test_all_images_of_a_folder_are_evaluated(net, place, photos, capsys):
    other = paint_folder(place / "all of a holiday", per_class=2)
    for folder in (other, photos):
        count = len(list(folder.rglob("*.jpg")))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert run("evaluate", net, "--data", folder, "--split", "all") == 0
        assert f"on {folder.name}, all: {count} images" in capsys.readouterr().out
        said = ["some of these are among all" in str(one.message) for one in caught]
        assert any(said) == (folder == photos)  # on which the net was trained


def test_images_with_a_test_folder_are_tested_on_the_same_ones(folder, tmp_path):
    out = tmp_path / "run"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    image_folder(Path(folder), ["train/a/new.png"], size=(16, 16))
    assert not drawn_again(out)
    assert drawn_again(out, "--split", "validation")


def test_no_mistakes_are_drawn_among_the_images(net, photos, capsys):
    inside = next(Path(photos).rglob("*.jpg")).with_name("mistakes.png")
    for options in ((), ("--data", photos)):
        assert run("evaluate", net, "--mistakes", inside, *options) == 2
        assert "would be in the folder of images" in capsys.readouterr().err
    assert not inside.exists()


def test_images_that_were_moved_are_given_anew_or_put_back(folder, tmp_path, capsys):
    out, moved = tmp_path / "run", tmp_path / "moved"
    assert run("train", "--data", folder, *TRAIN, "--out", out) == 0
    (out / "run.json").unlink()  # so that the test is missing
    Path(folder).rename(moved)
    assert run("evaluate", out) == 1
    said = capsys.readouterr().err
    assert "no such folder" in said and "Give others by --data" in said
    assert run("evaluate", out, "--data", moved) == 0
    assert run("resume", out) == 1
    said = capsys.readouterr().err
    assert "no such folder" in said and "put them back" in said
    moved.rename(folder)
    assert run("resume", out) == 0
