"""A checkpoint for use has weights of 16 bits and no velocities: it predicts, and never resumes."""

import pytest
import torch
from helpers import colors, picture
from small_runs import NET, recipe, train

from alexnet_lib.nets.build import build
from alexnet_lib.training import shipped
from alexnet_lib.training.checkpoint import (
    Checkpoints,
    read_checkpoint,
    restore_net,
    save_checkpoint,
)
from alexnet_lib.training.fit import fit
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.pretrained import load_pretrained
from alexnet_lib.training.shipped import only_for_use, shipped_folder

WEIGHT = "features.conv1.weight"


def halved(whole, folder):
    """A folder with the checkpoint of a run for use only."""
    used = only_for_use(read_checkpoint(whole))
    save_checkpoint(folder / "checkpoint.pt", **used | {"statistics": tuple(used["statistics"])})
    return folder


@pytest.fixture(scope="module")
def whole(place):
    """The folder of a run of four epochs whose best one is kept."""
    train({"epochs": 4, "keep_best": True}, folder=place / "whole")
    content = read_checkpoint(place / "whole")
    content["best"] = {name: tensor + 0.25 for name, tensor in content["best"].items()}
    statistics = tuple(content["statistics"])
    save_checkpoint(place / "whole" / "checkpoint.pt", **content | {"statistics": statistics})
    return place / "whole"


@pytest.fixture
def used(whole, tmp_path):
    return halved(whole, tmp_path)


def test_the_file_holds_weights_of_16_bits_and_no_velocities(whole, used):
    stored = torch.load(used / "checkpoint.pt", weights_only=True)
    assert {tensor.dtype for tensor in stored["model"].values()} == {torch.float16}
    assert stored["optimizer"] is None and stored["best"] is None
    sizes = [(folder / "checkpoint.pt").stat().st_size for folder in (whole, used)]
    assert sizes[1] < sizes[0] / 5


def test_in_memory_weights_are_float32_and_those_of_the_best_epoch(whole, used):
    best, found = read_checkpoint(whole)["best"], read_checkpoint(used)
    for name, tensor in restore_net(found).state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, best[name].half().float()), name
    assert found["optimizer"] is None and found["run"] == read_checkpoint(whole)["run"]


def test_counts_of_batch_normalization_stay_whole_numbers():
    content = {"model": {"count": torch.tensor(70_001), "weight": torch.ones(2)}, "best": None}
    weights = only_for_use(content)["model"]
    assert weights["count"].dtype == torch.int64 and weights["count"] == 70_001
    assert weights["weight"].dtype == torch.float16


def test_weights_that_16_bits_cannot_hold_are_named():
    content = {"model": {"a": torch.ones(2), "b": torch.tensor([1e5])}, "best": None}
    with pytest.raises(ValueError, match="b has weights above 65,504"):
        only_for_use(content)


def test_it_is_never_resumed(used):
    content = read_checkpoint(used)
    with pytest.raises(ValueError, match="made for use, not for resuming: .* train --from"):
        fit(build(**NET), colors(), colors(), recipe(), checkpoints=Checkpoints(resume=content))


def test_training_starts_from_it(used):
    model = build(**NET)
    load_pretrained(model, used / "checkpoint.pt")
    found = model.state_dict()[WEIGHT]
    assert found.dtype == torch.float32
    assert torch.equal(found, read_checkpoint(used)["model"][WEIGHT])


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.ones(3, dtype=torch.float16), "is float16 of 3, not float32 of 32"),
        (torch.full((32, 3, 5, 5), float("inf"), dtype=torch.float16), "not finite"),
        (torch.ones(32, 3, 5, 5, dtype=torch.bfloat16), "is bfloat16 of 32×3"),
    ],
)
def test_what_is_wrong_in_weights_of_16_bits_is_named(used, tensor, said):
    stored = torch.load(used / "checkpoint.pt", weights_only=True)
    stored["model"][WEIGHT] = tensor
    torch.save(stored, used / "checkpoint.pt")
    with pytest.raises(ValueError, match=said):
        read_checkpoint(used)


def test_the_courses_net_is_read_from_its_folder(used, tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", used)
    picture().save(tmp_path / "picture.png")
    known, expected = Predictor.shipped("cpu"), Predictor.read(used, "cpu")
    assert known.classes == ("red", "green", "blue") and known.data == "Colors, synthetic"
    file = tmp_path / "picture.png"
    assert torch.equal(known.predict(file), expected.predict(file))


def test_where_the_courses_net_is_missing_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", tmp_path / "nowhere")
    for ask in (shipped_folder, Predictor.shipped):
        with pytest.raises(FileNotFoundError, match="comes with the course's repository: fetch"):
            ask()


def test_it_is_looked_for_beside_the_library():
    assert shipped.SHIPPED.parts[-2:] == ("results", "shipped")
    assert (shipped.SHIPPED.parents[1] / "alexnet_lib" / "training" / "shipped.py").is_file()
