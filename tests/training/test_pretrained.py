"""Training starts from weights that are there already."""

import pytest
import torch
import torchvision
from small_runs import NET, train
from torch import nn

from alexnet_lib.nets.build import build
from alexnet_lib.training.pretrained import load_pretrained


def saved(path, content):
    torch.save(content, path)
    return path


def test_torchvisions_weights_are_taken_and_a_last_layer_of_other_classes_is_new(tmp_path):
    torch.manual_seed(0)
    state = torchvision.models.alexnet(weights=None).state_dict()
    path = saved(tmp_path / "alexnet.pth", state)
    model = build("torchvision", 3, 64)
    last = model.classifier[6].weight.clone()
    said = load_pretrained(model, path)
    assert said.endswith("; classifier.6.weight and classifier.6.bias are new")
    assert torch.equal(model.classifier[6].weight, last)
    assert torch.equal(model.features[0].weight, state["features.0.weight"])
    assert torch.equal(model.classifier[4].weight, state["classifier.4.weight"])
    assert model.pretrained.startswith("alexnet.pth, sha256 ")


@pytest.mark.parametrize("wrap", ["state_dict", "module.", "checkpoint"])
def test_what_other_programs_and_the_course_write_is_read(wrap, tmp_path):
    trained, _ = train({"epochs": 1}, tmp_path / "run")
    state = trained.state_dict()
    path = tmp_path / "weights.pt"
    if wrap == "checkpoint":
        path = tmp_path / "run" / "checkpoint.pt"
    elif wrap == "state_dict":
        saved(path, {"epoch": 3, "arch": "four-layer", "state_dict": state})
    else:
        saved(path, {f"module.{name}": value for name, value in state.items()})
    model = build(**NET)
    assert load_pretrained(model, path) == f"starts from the weights in {path}"
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), trained.parameters(), strict=True)
    )


@pytest.mark.parametrize("classes", [1000, 10])
def test_weights_of_another_net_are_named_with_the_model_that_they_fit(classes, tmp_path):
    path = saved(tmp_path / "a.pth", build("four-layer", classes).state_dict())
    with pytest.raises(ValueError, match="another net: .*\nThey fit --model four-layer.$"):
        load_pretrained(build("cifar", 3), path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([1, 2], "no state dict"),
        ({}, "no state dict"),
        ({"a": 1}, "no state dict"),
        ({"a": torch.ones(2)}, "those of another net"),
        ({"a": torch.tensor([float("nan")])}, "a holds numbers that are not finite"),
    ],
)
def test_a_file_without_weights_is_named(content, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        load_pretrained(build("four-layer", 3), saved(tmp_path / "a.pt", content))


def test_the_net_is_left_as_it_was_where_weights_do_not_fit(tmp_path):
    model = build("four-layer", 3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = {name: value + 1 for name, value in before.items()}
    state["features.conv1.weight"] = torch.ones(1, 2, 3)
    with pytest.raises(ValueError, match="features.conv1.weight has shape"):
        load_pretrained(model, saved(tmp_path / "a.pt", state))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_run_records_where_its_weights_came_from(tmp_path):
    from helpers import colors
    from small_runs import recipe

    from alexnet_lib.training.fit import fit
    from alexnet_lib.training.run import Run

    model = build(**NET)
    path = saved(tmp_path / "a.pt", model.state_dict())
    load_pretrained(model, path)
    run = fit(model, colors(), colors(48), recipe(epochs=1, init=None), device="cpu")
    assert run.pretrained == model.pretrained
    run.write(tmp_path / "run.json")
    assert Run.read(tmp_path / "run.json") == run
    drawn = fit(build(**NET), colors(), colors(48), recipe(epochs=1), device="cpu")
    assert drawn.pretrained is None and "pretrained" not in drawn.as_dict()


def test_a_net_without_a_bias_in_its_last_layer_is_read(tmp_path):
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False))
    path = saved(
        tmp_path / "a.pt", nn.Sequential(nn.Flatten(), nn.Linear(4, 5, bias=False)).state_dict()
    )
    assert "1.weight" in load_pretrained(model, path)


def test_a_tensor_wider_than_its_file_is_no_start(tmp_path):
    torch.save({"a": torch.zeros(1).expand(10**6, 10**6)}, tmp_path / "wide.pt")
    with pytest.raises(ValueError, match="a has 1,000,000,000,000 elements, of which the file"):
        load_pretrained(build("four-layer", 3), tmp_path / "wide.pt")
