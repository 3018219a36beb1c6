"""What `data` counts and draws."""

import pytest
from helpers import run

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
