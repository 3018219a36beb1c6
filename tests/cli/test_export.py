"""What `export` says where packages are missing."""

import pytest
from helpers import run

pytestmark = pytest.mark.usefixtures("data_folder")


def test_without_onnx_the_message_says_how_to_get_it(net, tmp_path, monkeypatch, capsys):
    missing = "alexnet_lib.training.export_onnx.find_spec"
    monkeypatch.setattr(missing, lambda name: None if name == "onnxscript" else name)
    assert run("export", net, "--onnx", tmp_path / "net.onnx") == 1
    error = capsys.readouterr().err
    assert "onnxscript must be installed: pip install onnx onnxscript onnxruntime" in error
    assert list(tmp_path.iterdir()) == []
