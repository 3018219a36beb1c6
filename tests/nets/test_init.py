"""Each layer of each net starts as its role demands."""

import pytest
import torch
from torch import nn

from alexnet_lib.nets import MODELS
from alexnet_lib.nets.build import build
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.nets.init import init_code_2012_, init_he_, init_paper_, init_xavier_

ALL = [init_paper_, init_code_2012_, init_xavier_, init_he_]
LEARNED = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
WHERE_TORCHVISION_HAS_THEM = [
    "features.0", "features.3", "features.6", "features.8", "features.10",
    "classifier.1", "classifier.4", "classifier.6",
]  # fmt: skip
PAPER_BIASES = [0, 1, 0, 1, 1, 1, 1, 0]


def thin(name, num_classes=1000):
    """The net with 128 units for 4096, which is quick to draw, and every value spoiled."""
    with torch.device("meta"):
        model = build(name, num_classes)
        for parent in list(model.modules()):
            for key, layer in parent.named_children():
                if isinstance(layer, nn.Linear) and layer.out_features == 4096:
                    setattr(parent, key, nn.Linear(min(layer.in_features, 9216), 128))
                elif isinstance(layer, nn.Linear) and layer.in_features == 4096:
                    setattr(parent, key, nn.Linear(128, layer.out_features))
    model = model.to_empty(device="cpu")
    for layer in learned(model, name).values():
        nn.init.constant_(layer.weight, 7.0)
        nn.init.constant_(layer.bias, 7.0)
    return model


def learned(model, name):
    """The net's convolutions and linear layers by the paper's names, looked up by hand."""
    if name == "torchvision":
        paths = WHERE_TORCHVISION_HAS_THEM
    elif name == "four-layer":
        paths = ["features.conv1", "features.conv2", "features.conv3", "classifier.fc4"]
    else:
        paths = [f"{'features' if 'conv' in n else 'classifier'}.{n}" for n in LEARNED]
    names = LEARNED if name != "four-layer" else ["conv1", "conv2", "conv3", "fc4"]
    return {n: model.get_submodule(path) for n, path in zip(names, paths, strict=True)}


def check(layers, deviations, biases):
    """Each layer's weights have mean 0 and this deviation, and its biases are all this value."""
    assert len(layers) == len(deviations) == len(biases)
    for (name, layer), deviation, bias in zip(layers.items(), deviations, biases, strict=True):
        tolerance = 4 * deviation / layer.weight.numel() ** 0.5
        assert abs(layer.weight.mean().item()) < tolerance, name
        assert layer.weight.std().item() == pytest.approx(deviation, abs=tolerance), name
        assert (layer.bias == bias).all(), name


@pytest.mark.parametrize("name", MODELS[:4])
def test_init_paper_gives_each_layer_the_papers_values(name):
    torch.manual_seed(1)
    model = init_paper_(thin(name))
    check(learned(model, name), [0.01] * 8, PAPER_BIASES)


@pytest.mark.parametrize("name", MODELS[:4])
def test_init_code_2012_widens_conv3_conv4_and_conv5(name):
    torch.manual_seed(1)
    model = init_code_2012_(thin(name))
    deviations = [0.01, 0.01, 0.03, 0.03, 0.03, 0.01, 0.01, 0.01]
    check(learned(model, name), deviations, PAPER_BIASES)


def test_the_four_layer_net_starts_as_cuda_convnets():
    torch.manual_seed(1)
    code = init_code_2012_(thin("four-layer"))
    check(learned(code, "four-layer"), [0.0001, 0.01, 0.01, 0.01], [0] * 4)
    paper = init_paper_(thin("four-layer"))
    check(learned(paper, "four-layer"), [0.01] * 4, [0] * 4)


@pytest.mark.parametrize("name", MODELS)
def test_init_he_scales_with_the_inputs_of_each_unit(name):
    torch.manual_seed(1)
    layers = learned(init_he_(thin(name)), name)
    inputs = [layer.weight[0].numel() for layer in layers.values()]
    check(layers, [(2 / n) ** 0.5 for n in inputs], [0] * len(layers))


@pytest.mark.parametrize("name", MODELS)
def test_init_xavier_scales_with_inputs_and_outputs(name):
    torch.manual_seed(1)
    layers = learned(init_xavier_(thin(name)), name)
    for layer in layers.values():
        units, inputs = layer.weight.shape[0], layer.weight[0].numel()
        field = layer.weight[0, 0].numel()  # 1 for a linear layer
        bound = (6 / (inputs + units * field)) ** 0.5
        assert 0.98 * bound < layer.weight.abs().max() <= bound  # uniform up to the bound
        assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
        assert (layer.bias == 0).all()


@pytest.mark.parametrize("init", ALL)
def test_batch_norm_stays_at_weight_1_and_bias_0(init):
    model = four_layer(norm="batch")
    init(model)
    for layer in (model.features.norm1, model.features.norm2):
        assert (layer.weight == 1).all() and (layer.bias == 0).all()


@pytest.mark.parametrize("init", ALL)
def test_the_same_model_comes_back_changed_in_place_and_trainable(init):
    model = four_layer()
    weight = model.features.conv1.weight
    before = weight.detach().clone()
    assert init(model) is model
    assert model.features.conv1.weight is weight and not torch.equal(weight, before)
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())


@pytest.mark.parametrize("init", ALL)
def test_draws_follow_the_seed(init):
    def weights(seed):
        torch.manual_seed(seed)
        return init(four_layer()).state_dict()

    first, again, other = weights(0), weights(0), weights(1)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["features.conv3.weight"], other["features.conv3.weight"])


@pytest.mark.parametrize("init", ALL)
def test_a_model_with_nothing_to_initialize_is_refused(init):
    with pytest.raises(ValueError, match="ReLU has no nn.Conv2d and no nn.Linear"):
        init(nn.ReLU())


def test_init_code_2012_refuses_nets_that_the_code_has_not():
    with pytest.raises(ValueError, match="has 1 convolutions; .* 5 .* or 3"):
        init_code_2012_(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(8, 2)))


def test_layers_without_biases_pass():
    for init in ALL:
        layers = [nn.Conv2d(3, 8, 3, bias=False) for _ in range(3)]
        model = init(nn.Sequential(*layers, nn.Linear(8, 4, bias=False), nn.Linear(4, 2)))
        assert model[0].bias is None and (model[4].bias == 0).all()
