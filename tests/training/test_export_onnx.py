"""An exported file gives the net's own answers, to pixels, without torch."""

import json

import numpy as np
import pytest
import torch
from helpers import image_folder, run

from alexnet_lib.data import load as datasets
from alexnet_lib.nets.build import build
from alexnet_lib.training import export_onnx as exporting
from alexnet_lib.training.checkpoint import Checkpoints
from alexnet_lib.training.evaluate import evaluate, probabilities
from alexnet_lib.training.fit import fit
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.recipe import Recipe

PACKAGES = [pytest.importorskip(name, reason="exporting needs it") for name in exporting.NEEDED]
pytestmark = pytest.mark.usefixtures("data_folder")
NETS = {
    "four-layer": ({"name": "four-layer", "size": 20}, Recipe(batch_size=8, epochs=1)),
    "paper": (
        {"name": "paper", "size": 64, "channels": (4, 12, 20, 20, 12), "hidden": (204, 204)},
        Recipe(batch_size=8, epochs=1, size=64, scale="mean", crop=0.875, init="he"),
    ),
}


@pytest.fixture(scope="module", params=NETS)
def net(request, place):
    """The folder of a net trained for a moment, on pictures larger than it takes."""
    files = [
        f"{part}/{c}/{i}.png"
        for part in ("train", "test")
        for c in ("큰 개", "b", "c")
        for i in range(5)
    ]
    source = {"source": str(image_folder(place / "my pictures", files, (30, 26))), "size": None}
    description, recipe = NETS[request.param]
    description = description | {"num_classes": 3}
    parts = [
        datasets.load(split=part, data=place / "data", **source) for part in ("train", "validation")
    ]
    torch.manual_seed(0)
    checkpoints = Checkpoints(place / request.param, description, source)
    fit(build(**description), *parts, recipe, checkpoints=checkpoints, device="cpu")
    return place / request.param


def test_an_exported_net_gives_the_nets_own_answers_to_pixels(net, tmp_path, capsys):
    import onnxruntime

    file = tmp_path / "nets" / "net.onnx"
    assert run("export", net, "--onnx", file) == 0
    printed = capsys.readouterr().out
    assert "on images of my pictures its logits differ from the net's by" in printed
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    trained = Predictor.read(net, "cpu")
    test = trained.images()
    seen = []
    for images, _ in trained.batches(test, batch_size=7):  # 7 and 7 and 1
        _, std, _ = trained.recipe.normalization(trained.statistics)
        pixels = images * std[:, None, None] + trained.statistics.mean[:, None, None]
        assert (pixels - pixels.round()).abs().max() < 1e-3
        logits, shares = session.run(None, {"images": pixels.round().byte().numpy()})
        assert logits.shape == shares.shape == (len(images), 3)
        seen.append(shares)
    expected = probabilities(trained.model, trained.batches(test)).numpy()
    np.testing.assert_allclose(np.concatenate(seen), expected, atol=1e-5)
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["classes"]) == ["b", "c", "큰 개"]
    assert f"uint8 N×3×{trained.size}×{trained.size}" in metadata["images"]
    assert evaluate(trained.model, trained.batches(test)).confusion.sum() == 15


def test_a_file_that_gives_other_answers_is_not_written(net, tmp_path, monkeypatch, capsys):
    whole = exporting.to_onnx

    def other(trained):
        next(trained.model.parameters()).data *= 1.01
        content = whole(trained)
        next(trained.model.parameters()).data /= 1.01
        return content

    monkeypatch.setattr(exporting, "to_onnx", other)
    (tmp_path / "net.onnx").write_text("what was there before")
    assert run("export", net, "--onnx", tmp_path / "net.onnx") == 1
    error = capsys.readouterr().err
    assert "logits differ by up to" in error and "No file was written" in error
    assert [file.read_text() for file in tmp_path.iterdir()] == ["what was there before"]


@pytest.mark.parametrize("net", ["four-layer"], indirect=True)
def test_logits_that_are_not_numbers_differ_from_any(net):
    trained = Predictor.read(net, "cpu")
    content = exporting.to_onnx(trained)
    trained.model.features.conv1.weight.data[0] = float("nan")
    with pytest.raises(ValueError, match="does not do what the net does"):
        exporting.compare_logits(content, trained, trained.images())


@pytest.mark.parametrize("net", ["four-layer"], indirect=True)
def test_where_the_images_are_gone_others_are_asked_for(net, tmp_path, capsys):
    content = torch.load(net / "checkpoint.pt", weights_only=True)
    content["source"] = {"source": str(tmp_path / "gone"), "size": None}
    torch.save(content, tmp_path / "checkpoint.pt")
    assert run("export", tmp_path, "--onnx", tmp_path / "net.onnx") == 1
    error = capsys.readouterr().err
    assert "gone" in error and "--data" in error and not (tmp_path / "net.onnx").exists()
    other = image_folder(tmp_path / "other", [f"{c}/{i}.png" for c in "xy" for i in range(4)])
    assert run("export", tmp_path, "--onnx", tmp_path / "net.onnx", "--data", other) == 0
    assert "on images of other" in capsys.readouterr().out
