"""What the commands on a trained net print and write, from folders of anyone's pictures."""

import sys

import numpy as np
import pytest
import torch
from helpers import image_folder, run
from PIL import Image

from alexnet_lib.cli import commands
from alexnet_lib.data.image_set import ImageFiles
from alexnet_lib.figures import curves as plots
from alexnet_lib.training.checkpoint import read_checkpoint
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run

pytestmark = pytest.mark.usefixtures("data_folder")
COLORS = {"고양이": (200, 40, 40), "큰 개": (40, 200, 40), "fish": (40, 40, 200)}
SIZES = [(300, 240), (228, 400), (90, 90), (70, 66)]
FAST = ("--epochs", 2, "--batch-size", 9, "--learning-rate", 0.02)


def paint(file, color, size, seed=0):
    """A picture of one color and some noise, its halves of different brightness."""
    noise = np.random.default_rng(seed).integers(0, 40, (size[1], size[0], 3))
    pixels = np.array(color) + noise
    pixels[: size[1] // 2] //= 2
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(file)
    return file


def paint_folder(folder, classes=COLORS, per_class=14):
    for name in classes:
        for seed in range(per_class):
            file = folder / name / f"사진 {seed}.jpg"
            paint(file, COLORS[name], SIZES[seed % len(SIZES)], seed)
    return folder


@pytest.fixture(scope="module")
def folder(place):
    """Large pictures of several sizes, with class names in Korean and with blanks."""
    return paint_folder(place / "내 사진")


@pytest.fixture(scope="module")
def net(place, folder):
    """The folder of a four-layer net trained on it."""
    out = place / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXNET_DATA", str(place / "data"))
        assert run("train", "--data", folder, *FAST, "--out", out) == 0
    return out


def test_a_net_learns_from_large_pictures_of_several_sizes_with_korean_classes(net, folder):
    content = read_checkpoint(net)
    assert content["classes"] == ["fish", "고양이", "큰 개"]
    assert content["source"] == {"source": str(folder), "size": 64}
    assert content["net"]["size"] == 64
    assert Run.read(net / "run.json").test["top1"] == 1


def test_pictures_of_one_size_are_taken_as_they_are_and_never_above_64_unasked(place, monkeypatch):
    seen = []
    monkeypatch.setattr(commands, "_finish", lambda *arguments, **_: seen.append(arguments))
    for name, pixels in (("small", (24, 20)), ("large", (120, 100))):
        files = [f"{c}/{i}.png" for c in "ab" for i in range(12)]
        image_folder(place / name, files, pixels)
        assert run("train", "--data", place / name, "--batch-size", 4) == 0
    sides = [(arguments[1].size, arguments[4].net["size"]) for arguments in seen]
    assert sides == [(20, 20), (64, 64)]


def test_predict_names_the_classes_of_pictures_of_any_size(net, folder, tmp_path, capsys):
    tiny = paint(tmp_path / "a tiny one.png", COLORS["큰 개"], (9, 7))
    wide = paint(tmp_path / "넓은.jpg", COLORS["고양이"], (500, 90))
    assert run("predict", net, tiny, wide, "--top", 2) == 0
    printed = capsys.readouterr()
    first, second = printed.out.split(str(wide))
    assert first.startswith(f"{tiny}\n") and printed.err == ""
    for text, name in ((first, "큰 개"), (second, "고양이")):
        lines = [line for line in text.splitlines() if line.endswith(tuple(COLORS))]
        assert len(lines) == 2 and lines[0].endswith(f" %  {name}")
        shares = [float(line.split(" %")[0]) for line in lines]
        assert 100 >= shares[0] > 50 > shares[1] and lines[0].index("%") == lines[1].index("%")


def test_predict_names_no_more_classes_than_there_are(net, folder, capsys):
    assert run("predict", net, folder / "fish" / "사진 0.jpg", "--top", 9) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_predict_shows_the_net_a_file_as_evaluate_does(net, folder):
    trained, seen = Predictor.read(net, "cpu"), []
    trained.model.register_forward_pre_hook(lambda model, arguments: seen.append(arguments[0]))
    ((expected, _),) = trained.batches(trained.images())
    for file in sorted(folder.rglob("*.jpg")):
        shares = trained.predict(str(file))
        assert shares.shape == (3,) and abs(shares.sum() - 1) < 1e-5
    for image in expected:
        assert min((image - other).abs().max() for other in torch.cat(seen)) < 1e-5


def test_predict_names_what_is_no_picture_and_goes_on(net, folder, tmp_path, capsys):
    good = folder / "fish" / "사진 1.jpg"
    (tmp_path / "notes.jpg").write_text("a text\n")
    (tmp_path / "half.jpg").write_bytes(good.read_bytes()[:900])
    wrong = [tmp_path / "notes.jpg", tmp_path / "half.jpg", tmp_path / "no-such.jpg", tmp_path]
    assert run("predict", net, *wrong, good) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{good}\n") and "fish" in printed.out.splitlines()[1]
    lines = printed.err.splitlines()
    assert len(lines) == 5 and lines[-1] == "alexnet_lib: 4 of 5 files not read"
    for file, line, why in zip(wrong, lines, ["not an image", "not readable"] * 2, strict=False):
        assert str(file) in line and (why in line or "not readable" in line)


def test_evaluate_prints_a_table_with_the_true_class_in_the_row(net, place, folder, capsys):
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


def test_evaluate_draws_the_surest_mistakes(net, place, folder, tmp_path, monkeypatch, capsys):
    wrong = place / "wrong"
    for split in ("train", "test"):
        paint_folder(wrong / split, per_class=1)
        paint(wrong / split / "fish" / "red.png", COLORS["고양이"], (80, 80))
    drawn, draw = [], plots.predictions

    def predictions(images, labels, probabilities, classes):
        drawn.append((labels, probabilities, classes))
        return draw(images, labels, probabilities, classes)

    monkeypatch.setattr(plots, "predictions", predictions)
    file = tmp_path / "pictures" / "mistakes.png"
    assert run("evaluate", net, "--data", wrong, "--mistakes", file) == 0
    assert file.read_bytes().startswith(b"\x89PNG") and str(file) in capsys.readouterr().out
    ((labels, probabilities, classes),) = drawn
    assert [classes[label] for label in labels] == ["fish"]
    assert [classes[label] for label in probabilities.argmax(1)] == ["고양이"]


def test_pictures_reach_the_net_at_its_size_whatever_their_own(net, place):
    trained = Predictor.read(net, "cpu")
    files = [f"{part}/{c}/{i}.png" for part in ("train", "test") for c in COLORS for i in range(2)]
    large = image_folder(place / "large ones", files, (250, 230))
    small = image_folder(place / "small ones", files, (20, 18))
    assert trained.images(large).images.shape[-2:] == (64, 64)
    assert trained.images(small).images.shape[-2:] == (18, 20)
    for folder in (large, small):
        ((images, _),) = trained.batches(trained.images(folder))
        assert images.shape == (6, 3, 64, 64)


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


def test_a_net_of_two_classes_keeps_them_when_resumed_and_evaluated(place, folder, capsys):
    out = place / "two"
    two = ("--data", folder, "--classes", "큰 개,fish", "--epochs", 1, "--batch-size", 9)
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
    for data in ((), ("--data", folder)):
        assert run("evaluate", out, *data) == 0
        printed = capsys.readouterr().out
        assert "four-layer on 내 사진: fish, 큰 개, test: 2 images" in printed and top1 in printed


def test_data_counts_the_asked_classes_alone(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("data", folder, "--classes", "큰 개,fish") == 0
    printed = capsys.readouterr().out
    assert "내 사진: fish, 큰 개: 24 train, 2 validation, 2 test" in printed
    assert "  fish       12       1       1\n  큰 개      12       1       1\n" in printed
    assert (tmp_path / "내 사진-samples.png").exists()


def test_tensorboard_reads_what_train_and_resume_wrote(folder, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    out, logs = tmp_path / "run", tmp_path / "logs"
    arguments = ("--data", folder, "--epochs", 2, "--batch-size", 9, "--out", out)
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.warns(UserWarning, match="interrupted after"),
    ):
        patch.setattr(commands, "_say", interrupt)
        assert run("train", *arguments, "--tensorboard", logs) == 130
    assert run("resume", out, "--tensorboard", logs) == 0
    read = EventAccumulator(str(logs)).Reload()
    rows = Run.read(out / "run.json").epochs
    for tag, name in (("loss/validation", "validation_loss"), ("loss/training", "train_loss")):
        assert [event.step for event in read.Scalars(tag)] == [1, 2]
        for event, row in zip(read.Scalars(tag), rows, strict=True):
            assert event.value == pytest.approx(getattr(row, name), rel=1e-5)


def interrupt(recorded):
    raise KeyboardInterrupt


def test_without_tensorboard_nothing_is_trained_and_the_message_helps(folder, tmp_path, capsys):
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if "tensorboard" in name]:
            patch.delitem(sys.modules, name)
        patch.setitem(sys.modules, "tensorboard", None)
        patch.setattr(commands, "_finish", None)
        arguments = ("--data", folder, "--batch-size", 9, "--out", tmp_path / "run")
        assert run("train", *arguments, "--tensorboard", tmp_path / "logs") == 1
    assert "pip install tensorboard" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def one_image(folder):
    paint(folder / "fish" / "1.png", (1, 2, 3), (30, 30))


def single_in_a_class(folder):
    paint_folder(folder, ["고양이", "큰 개"], per_class=4)
    paint(folder / "fish" / "1.png", (1, 2, 3), (30, 30))


def single_in_train(folder):
    single_in_a_class(folder / "train")
    single_in_a_class(folder / "test")


def a_text(folder):
    paint_folder(folder, per_class=4)
    (folder / "fish" / "노트.txt").write_text("a text", encoding="utf-8")


def half_an_image(folder):
    paint_folder(folder, per_class=4)
    file = folder / "큰 개" / "사진 0.jpg"
    file.write_bytes(file.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (one_image, "has one class only, fish; expected 2 or more"),
        (single_in_a_class, "class 'fish' has 1 image(s), too few to hold some out"),
        (single_in_train, "class 'fish' has 1 image(s), too few to hold some out"),
        (a_text, "fish/노트.txt (not an image)"),
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--classes", "cat"], "two or more classes"),
        (["train", "--classes", "cat,,dog"], "two or more classes"),
        (["train", "--zoom", "1"], "below 1"),
        (["train", "--zoom", "much"], "positive"),
        (["train", "--pad", "-1"], "whole number"),
        (["predict", "checkpoint.pt"], "IMAGE"),
        (["export", "checkpoint.pt"], "--onnx"),
    ],
)
def test_wrong_usage_exits_with_2(arguments, said, capsys):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err


def test_a_class_that_the_data_lack_is_named(folder, capsys):
    assert run("train", "--data", folder, "--classes", "fish,cat", "--dry-run") == 1
    assert "asked for: cat" in capsys.readouterr().err


def test_a_net_without_classes_cannot_be_used(net, tmp_path, capsys):
    content = torch.load(net / "checkpoint.pt", weights_only=True)
    torch.save(content | {"classes": []}, tmp_path / "checkpoint.pt")
    assert run("predict", tmp_path, "picture.png") == 1
    assert "does not say which classes" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["evaluate", "predict", "export"])
def test_help_of_the_commands_on_a_trained_net_says_what_they_take(command, capsys):
    assert run(command, "--help") == 0
    assert "checkpoint.pt of a run, or its DIR" in " ".join(capsys.readouterr().out.split())


def test_without_onnx_the_message_says_how_to_get_it(net, tmp_path, monkeypatch, capsys):
    missing = "alexnet_lib.training.export_onnx.find_spec"
    monkeypatch.setattr(missing, lambda name: None if name == "onnxscript" else name)
    assert run("export", net, "--onnx", tmp_path / "net.onnx") == 1
    error = capsys.readouterr().err
    assert "onnxscript must be installed: pip install onnx onnxscript onnxruntime" in error
    assert list(tmp_path.iterdir()) == []
