"""What `data` counts and draws."""

import errno
import os
import re
from pathlib import Path

import pytest
from helpers import image_folder, picture, run

from alexnet_lib.base.notes import Note

pytestmark = pytest.mark.usefixtures("data_folder")


def test_data_counts_classes_and_draws_samples(folder, tmp_path, capsys):
    assert run("data", folder, "--picture", tmp_path / "samples.png") == 0
    text = capsys.readouterr().out
    assert "pictures: 27 train, 3 validation, 12 test" in text
    assert "class  train  validation  test\na          9           1     4\n" in text
    assert text.count("          9           1     4\n") == 3
    assert (tmp_path / "samples.png").read_bytes().startswith(b"\x89PNG")


def test_data_counts_the_asked_classes_alone(photos, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("data", photos, "--classes", "큰 개,fish") == 0
    printed = capsys.readouterr().out
    assert "내 사진: fish, 큰 개: 24 train, 2 validation, 2 test" in printed
    assert "\nfish      12           1     1\n큰 개     12           1     1\n" in printed
    assert (tmp_path / "내 사진-samples.png").exists()


NO_USERS = pytest.mark.skipif(os.name == "nt", reason="Windows does not look users up")
NOWHERE = "no such folder: .*; expected cifar10, shapes10 or a folder of images"


@pytest.mark.parametrize("command", ["data", "train"])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("x" * 300, NOWHERE),
        pytest.param("~no-such-user/pets", "home folder of a user who", marks=NO_USERS),
        ("a\0b", NOWHERE),
        ("\x1b[31m", NOWHERE),
        ("", NOWHERE),
        ("file.png", "is not a folder, expected a folder of images"),
    ],
)
def test_what_is_no_folder_is_wrong_usage(command, path, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture().save("file.png")
    arguments = ["data", path] if command == "data" else ["train", "--data", path]
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert re.search(words, error)
    assert "\x1b" not in error and "Traceback" not in error


@NO_USERS
def test_a_data_folder_that_cannot_be_is_wrong_usage(capsys, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", "~no-such-user/x")
    assert run("data", "shapes10") == 2
    assert "ALEXNET_DATA: '~no-such-user/x' begins with the home folder" in capsys.readouterr().err


def test_a_data_folder_that_is_a_file_only_warns(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file")
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "file"))
    monkeypatch.chdir(tmp_path)
    with pytest.warns(Note, match="cannot keep the decoded images"):
        assert run("data", folder) == 0


def test_a_folder_whose_name_begins_with_a_tilde(folder, tmp_path, capsys, monkeypatch):
    Path(folder).rename(tmp_path / "~pets")
    monkeypatch.chdir(tmp_path)
    assert run("data", "~pets") == 0
    assert "~pets: 27 train, 3 validation, 12 test" in capsys.readouterr().out
    assert (tmp_path / "pets-samples.png").exists()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../evil", "evil-samples.png"),
        ("/tmp/evil", "tmp-evil-samples.png"),
        ("..", "data-samples.png"),
        ("a\\b\0c", "a-b-c-samples.png"),
        ("내 사진, 2012", "내 사진-samples.png"),
        ("x" * 10_000, "x" * 50 + "-samples.png"),
    ],
)
def test_the_name_of_data_is_never_a_path(folder, tmp_path, monkeypatch, name, file):
    (Path(folder) / "name.txt").write_text(name, encoding="utf-8")
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    before = set(tmp_path.iterdir())
    assert run("data", folder) == 0
    assert [path.name for path in (tmp_path / "inside").iterdir()] == [file]
    assert set(tmp_path.iterdir()) - before <= {tmp_path / "data"}


def test_one_broken_file_is_named_and_can_be_left_out(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (Path(folder) / "train/a/broken.jpg").write_bytes(b"\xff\xd8\xff")
    assert run("data", folder) == 1
    error = capsys.readouterr().err
    assert "1 of 43 files" in error and "broken.jpg (not readable" in error
    assert "--skip-broken" in error
    with pytest.warns(Note, match="1 of 43 files .* left out: train.a.broken.jpg"):
        assert run("data", folder, "--skip-broken") == 0
    assert "pictures: 27 train, 3 validation, 12 test" in capsys.readouterr().out


def test_images_of_one_pixel_need_a_size_and_no_shifts(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    names = [f"{split}/{c}/{i}.png" for split in ("train", "test") for c in "ab" for i in range(9)]
    folder = image_folder(tmp_path / "points", names, size=(1, 1))
    call = ("train", "--data", folder, "--epochs", 1, "--batch-size", 4, "--out", tmp_path / "run")
    assert run(*call, "--size", 40, "--pad", 0) == 0
    for options, words in (
        ((), "size 1 is too small"),
        (("--size", 40), "pad must be from 0 to 0"),
    ):
        capsys.readouterr()
        assert run(*call, "--overwrite", *options) == 1
        error = capsys.readouterr().err
        assert words in error and len(error.splitlines()) <= 2


@pytest.mark.parametrize(
    ("asked", "written"), [("p", "p.png"), ("p.pdf", "p.pdf"), ("new/p.JPG", "new/p.JPG")]
)
def test_the_figure_is_in_the_file_that_is_named(asked, written, folder, tmp_path, capsys):
    assert run("data", folder, "--picture", tmp_path / asked) == 0
    assert f"drawn into {tmp_path / written}\n" in capsys.readouterr().out
    assert (tmp_path / written).stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pictures", "is a folder; give a file"),
        ("p.xyz", "no figure's file"),
        ("", "cannot be the name of a file"),
    ],
)
def test_what_is_no_file_for_a_figure_is_wrong_usage(name, said, folder, tmp_path, capsys):
    asked = tmp_path / name if name else ""
    assert run("data", folder, "--picture", asked) == 2
    assert said in capsys.readouterr().err


def test_a_full_disk_leaves_the_figure_that_was_there(folder, tmp_path, monkeypatch, capsys):
    file = tmp_path / "p.png"
    assert run("data", folder, "--picture", file) == 0
    before = file.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert run("data", folder, "--picture", file) == 1
    assert "No space left" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_no_figure_is_drawn_among_the_images(folder, tmp_path, monkeypatch, capsys):
    inside = Path(folder) / "train/a"
    assert run("data", folder, "--picture", inside / "samples.png") == 2
    assert "would be in the folder of images, where it is taken for an image" in (
        capsys.readouterr().err
    )
    monkeypatch.chdir(inside)
    assert run("data", folder) == 2
    assert f"give a file outside {folder} by --picture" in capsys.readouterr().err
    assert len(os.listdir(inside)) == 10
