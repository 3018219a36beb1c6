"""What `predict` prints of pictures of any size."""

import shutil

import pytest
import torch
from helpers import image_folder, run
from painted import COLORS, paint
from PIL import Image

from alexnet_lib.training import shipped
from alexnet_lib.training.checkpoint import read_checkpoint, save_checkpoint
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.shipped import only_for_use

pytestmark = pytest.mark.usefixtures("data_folder")


def test_predict_names_the_classes_of_pictures_of_any_size(net, photos, tmp_path, capsys):
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


def test_predict_names_no_more_classes_than_there_are(net, photos, capsys):
    assert run("predict", net, photos / "fish" / "사진 0.jpg", "--top", 9) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_predict_shows_the_net_a_file_as_evaluate_does(net, photos):
    trained, seen = Predictor.read(net, "cpu"), []
    trained.model.register_forward_pre_hook(lambda model, arguments: seen.append(arguments[0]))
    ((expected, _),) = trained.batches(trained.images())
    for file in sorted(photos.rglob("*.jpg")):
        shares = trained.predict(str(file))
        assert shares.shape == (3,) and abs(shares.sum() - 1) < 1e-5
    for image in expected:
        assert min((image - other).abs().max() for other in torch.cat(seen)) < 1e-5


def test_a_picture_that_is_in_no_file_says_how_to_classify_it(net):
    trained = Predictor.read(net, "cpu")
    for picture in (Image.new("RGB", (8, 8)), torch.zeros(3, 8, 8), ["a.jpg"], None):
        with pytest.raises(TypeError, match="no path of an image file: save the image"):
            trained.predict(picture)


def test_predict_names_what_is_no_picture_and_goes_on(net, photos, tmp_path, capsys):
    good = photos / "fish" / "사진 1.jpg"
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


def test_pictures_reach_the_net_at_its_size_whatever_their_own(net, place):
    trained = Predictor.read(net, "cpu")
    files = [f"{part}/{c}/{i}.png" for part in ("train", "test") for c in COLORS for i in range(2)]
    large = image_folder(place / "large ones", files, (250, 230))
    small = image_folder(place / "small ones", files, (20, 18))
    assert trained.images(large).images.shape[-2:] == (64, 64)
    assert trained.images(small).images.shape[-2:] == (18, 20)
    for photos in (large, small):
        ((images, _),) = trained.batches(trained.images(photos))
        assert images.shape == (6, 3, 64, 64)


def test_a_net_without_classes_cannot_be_used(net, tmp_path, capsys):
    content = torch.load(net / "checkpoint.pt", weights_only=True)
    torch.save(content | {"classes": []}, tmp_path / "checkpoint.pt")
    assert run("predict", tmp_path, "picture.png") == 1
    assert "does not say which classes" in capsys.readouterr().err


@pytest.fixture
def shipped_net(net, monkeypatch):
    """The net on the photos is the one that comes with the course."""
    monkeypatch.setattr(shipped, "SHIPPED", net)


def test_without_a_run_the_courses_net_answers_and_says_which_it_is(
    net, photos, shipped_net, capsys
):
    first, second = photos / "fish" / "사진 0.jpg", photos / "고양이" / "사진 1.jpg"
    assert run("predict", first, second) == 0
    head, *answers = capsys.readouterr().out.splitlines()
    assert head == "the course's net, four-layer, trained on 내 사진: fish, 고양이, 큰 개"
    assert run("predict", net, first, second) == 0
    assert capsys.readouterr().out.splitlines() == answers


def test_images_may_come_before_and_after_options(net, photos, shipped_net, capsys):
    file = photos / "fish" / "사진 0.jpg"
    for words in (
        (net, "--top", 1, file),
        (net, file, "--top", 1),
        ("--top", 1, net, file),
    ):
        assert run("predict", *words) == 0
        assert len(capsys.readouterr().out.splitlines()) == 2, words
    for words in ((file, "--top", 1, file), ("--top", 1, file, file)):
        assert run("predict", *words) == 0
        assert len(capsys.readouterr().out.splitlines()) == 5, words
    assert run("predict", net, file, "--tops", 1, file) == 2
    assert "unrecognized arguments: --tops" in capsys.readouterr().err


def test_the_first_argument_is_a_net_where_it_is_a_folder_or_ends_in_pt(
    photos, shipped_net, tmp_path, capsys
):
    image = photos / "fish" / "사진 0.jpg"
    for net in (tmp_path, tmp_path / "none.pt", tmp_path / "runs" / "frist"):
        assert run("predict", net, image) == 1
        printed = capsys.readouterr()
        assert "no checkpoint at" in printed.err and printed.out == "", net
    bare = tmp_path / "without an ending"
    bare.write_bytes(image.read_bytes())
    assert run("predict", bare) == 0
    assert run("predict", tmp_path / "none.jpg", image) == 1
    assert "the course's net" in capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("net",), ("none.pt",), ("--top", "2")])
def test_a_net_without_an_image_is_wrong_usage(words, net, shipped_net, capsys):
    assert run("predict", *(net if word == "net" else word for word in words)) == 2
    assert "IMAGE" in capsys.readouterr().err


def test_a_folder_of_images_is_no_net(photos, capsys):
    assert run("predict", photos) == 2
    assert f"{photos} is no run's folder; of a folder of images give the files" in (
        capsys.readouterr().err
    )


def test_where_the_courses_net_is_missing_a_run_can_be_given(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shipped, "SHIPPED", tmp_path)
    assert run("predict", photos / "fish" / "사진 0.jpg") == 1
    error = capsys.readouterr().err
    assert "the course's trained net is not there" in error and "give its folder" in error


def test_a_net_for_use_only_is_evaluated_and_not_resumed(net, tmp_path, capsys):
    used = only_for_use(read_checkpoint(net))
    save_checkpoint(tmp_path / "checkpoint.pt", **used | {"statistics": tuple(used["statistics"])})
    shutil.copy(net / "run.json", tmp_path)
    assert run("evaluate", tmp_path) == 0
    assert "top-1  100.0 %" in capsys.readouterr().out
    assert run("resume", tmp_path) == 0  # its run is finished
    assert "nothing is left to do: test accuracy 100.0 %" in capsys.readouterr().out
    (tmp_path / "run.json").unlink()
    assert run("resume", tmp_path) == 1
    printed = capsys.readouterr()
    assert "made for use, not for resuming" in printed.err and "epochs done" not in printed.out
