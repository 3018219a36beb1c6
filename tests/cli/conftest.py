"""What the tests of the commands share: folders of pictures, and a trained net."""

import pytest
from helpers import few_pictures, run
from painted import paint_folder

FAST = ("--epochs", 2, "--batch-size", 9, "--learning-rate", 0.02)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three classes of ten training and four test images, and a data folder of its own."""
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    return str(few_pictures(tmp_path / "pictures"))


@pytest.fixture(scope="module")
def photos(place):
    """Large pictures of several sizes, with class names in Korean and with blanks."""
    return paint_folder(place / "내 사진")


@pytest.fixture(scope="module")
def net(place, photos):
    """The folder of a four-layer net that was trained on the photos."""
    out = place / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXNET_DATA", str(place / "data"))
        assert run("train", "--data", photos, *FAST, "--out", out) == 0
    return out
