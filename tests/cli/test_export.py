"""What `export` says where packages are missing, and which files it writes."""

import pytest
from helpers import image_folder, run

from alexnet_lib.cli.arguments import onnx_file

pytestmark = pytest.mark.usefixtures("data_folder")


def test_without_onnx_the_message_says_how_to_get_it(net, tmp_path, monkeypatch, capsys):
    missing = "alexnet_lib.training.export_onnx.find_spec"
    monkeypatch.setattr(missing, lambda name: None if name == "onnxscript" else name)
    assert run("export", net, "--onnx", tmp_path / "net.onnx") == 1
    error = capsys.readouterr().err
    assert "onnxscript must be installed: pip install onnx onnxscript onnxruntime" in error
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_images_that_are_given_is_said(net, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("alexnet_lib.training.export_onnx.check_packages", lambda: None)
    images = image_folder(tmp_path / "images", ["cat/1.png"])
    assert run("export", net, "--onnx", tmp_path / "net.onnx", "--data", images) == 1
    error = capsys.readouterr().err
    assert "has one class only, cat" in error
    assert "trained on" not in error and "--data" not in error


@pytest.mark.parametrize("name", ["checkpoint.pt", "run.json", ""])
def test_a_file_of_the_run_is_not_replaced_by_the_export(name, net, capsys):
    before = (net / "checkpoint.pt").read_bytes()
    assert run("export", net, "--onnx", net / name) == 2
    error = capsys.readouterr().err
    assert ("is a folder; give a file" if not name else "its name ends in .onnx") in error
    assert (net / "checkpoint.pt").read_bytes() == before


def test_the_ending_is_added_to_a_name_without_one():
    assert onnx_file("nets/first").name == "first.onnx"
    assert onnx_file("nets/first.v2.ONNX").name == "first.v2.ONNX"
