"""AlexNet: its sizes, the order of its layers, its values, and what it refuses.

Most tests build on torch's "meta" device, where nets have shapes but no memory.
"""

from math import nan

import pytest
import torch
import torch.nn.functional as F
import torchvision
from nets_helpers import count, images, shapes_only
from torch import nn
from torch.testing import assert_close

from alexnet_lib.nets.alexnet import VARIANTS, alexnet


@pytest.fixture(scope="module")
def one_tower():
    torch.manual_seed(0)
    return alexnet("one-tower", num_classes=10).eval()


@pytest.mark.parametrize(
    ("variant", "num_classes", "parameters"),
    [
        ("paper", 1000, 60_965_224),
        ("paper", 10, 56_909_194),
        ("one-tower", 1000, 62_378_344),
        ("one-tower", 10, 58_322_314),
        ("batch-norm", 1000, 62_378_344 + 2 * (96 + 256 + 384 + 384 + 256)),
        ("torchvision", 1000, 61_100_840),
    ],
)
def test_alexnet_has_the_known_number_of_parameters(variant, num_classes, parameters):
    assert count(shapes_only(alexnet, variant, num_classes)) == parameters


def test_alexnet_is_the_papers_with_1000_classes_unless_told():
    assert count(shapes_only(alexnet)) == 60_965_224


def test_the_towers_meet_in_conv3_only():
    def groups(variant):
        features = shapes_only(alexnet, variant).features
        return [layer.groups for layer in features if isinstance(layer, nn.Conv2d)]

    assert groups("paper") == [1, 2, 1, 2, 2]
    assert groups("one-tower") == groups("batch-norm") == [1, 1, 1, 1, 1]


def names(layers):
    return [name for name, _ in layers.named_children()]


def test_layers_stand_in_the_papers_order():
    model = shapes_only(alexnet, "paper")
    stages = ("conv1 relu1 lrn1 pool1", "conv2 relu2 lrn2 pool2", "conv3 relu3 conv4 relu4")
    assert names(model.features) == " ".join((*stages, "conv5 relu5 pool5")).split()
    assert names(model.classifier) == "fc6 relu6 dropout6 fc7 relu7 dropout7 fc8".split()


def test_batch_norm_stands_between_each_convolution_and_its_relu():
    order = names(shapes_only(alexnet, "batch-norm").features)
    for n in range(1, 6):
        at = order.index(f"conv{n}")
        assert order[at : at + 3] == [f"conv{n}", f"bn{n}", f"relu{n}"]
    assert not [name for name in order if name.startswith("lrn")]


def test_one_tower_computes_section_3_5(one_tower):
    """Against the same net written out in functions."""
    weights = one_tower.state_dict()

    def layer(function, x, name, **options):
        kind = "classifier" if name.startswith("fc") else "features"
        weight, bias = weights[f"{kind}.{name}.weight"], weights[f"{kind}.{name}.bias"]
        return function(x, weight, bias, **options)

    x = 50 * images(99)  # as large as raw pixels, so that alpha and k both count
    a = F.relu(layer(F.conv2d, x, "conv1", stride=4))
    a = F.max_pool2d(F.local_response_norm(a, 5, 1e-4, 0.75, 2.0), 3, 2)
    a = F.relu(layer(F.conv2d, a, "conv2", padding=2))
    a = F.max_pool2d(F.local_response_norm(a, 5, 1e-4, 0.75, 2.0), 3, 2)
    a = F.relu(layer(F.conv2d, a, "conv3", padding=1))
    a = F.relu(layer(F.conv2d, a, "conv4", padding=1))
    a = F.max_pool2d(F.relu(layer(F.conv2d, a, "conv5", padding=1)), 3, 2)
    a = F.adaptive_avg_pool2d(a, 6).flatten(1)
    a = F.relu(layer(F.linear, a, "fc6"))
    a = layer(F.linear, F.relu(layer(F.linear, a, "fc7")), "fc8")
    assert_close(one_tower(x), a)


@pytest.mark.parametrize(("size", "padding"), [(227, 0), (224, 2)])
@pytest.mark.parametrize("variant", ["paper", "one-tower", "batch-norm"])
def test_at_the_papers_sizes_the_maps_are_6x6_without_adaptive_pooling(variant, size, padding):
    model = shapes_only(alexnet, variant, padding=padding)
    maps = model.features(images(size, device="meta"))
    assert maps.shape == (2, 256, 6, 6)
    assert model.features.conv1(images(size, device="meta")).shape[-1] == 55


@pytest.mark.parametrize(("size", "padding"), [(227, (0, 0)), (224, (2, 2))])
def test_at_the_papers_sizes_adaptive_pooling_changes_no_bit(one_tower, size, padding):
    conv1 = one_tower.features.conv1
    x = images(size, number=1)
    try:
        conv1.padding = padding
        maps = one_tower.features(x)
        with_pooling = one_tower(x)
    finally:
        conv1.padding = (0, 0)
    assert torch.equal(with_pooling, one_tower.classifier(maps.flatten(1)))


@pytest.mark.parametrize(("size", "padding"), [(67, 0), (63, 2)])
@pytest.mark.parametrize("variant", ["paper", "one-tower", "batch-norm"])
def test_the_smallest_images_pass_and_one_pixel_less_does_not(variant, size, padding):
    model = shapes_only(alexnet, variant, num_classes=10, padding=padding)
    assert model(images(size, device="meta")).shape == (2, 10)
    with pytest.raises(RuntimeError):  # torch's own; build and layer_table say it better
        model(images(size - 1, device="meta"))


def test_the_smallest_images_give_real_logits(one_tower):
    logits = one_tower(images(67))
    assert logits.shape == (2, 10) and logits.isfinite().all()
    assert not torch.equal(logits[0], logits[1])


def test_dropout_is_on_the_units_of_both_hidden_layers():
    torch.manual_seed(0)
    model = alexnet(num_classes=10, dropout=0.5).train()
    inputs = []
    for layer in (model.classifier.fc6, model.classifier.fc7, model.classifier.fc8):
        layer.register_forward_pre_hook(lambda _, given: inputs.append(given[0].clone()))
        nn.init.constant_(layer.weight, 1e-3)
    model.features.conv5.bias.data.fill_(1.0)
    model(images(67))
    off = [(x == 0).float().mean().item() for x in inputs]
    assert off[0] == 0 and off[1:] == pytest.approx([0.5, 0.5], abs=0.05)


def test_dropout_is_as_strong_as_asked():
    model = shapes_only(alexnet, dropout=0.3)
    assert [model.classifier.dropout6.p, model.classifier.dropout7.p] == [0.3, 0.3]
    theirs = shapes_only(alexnet, "torchvision", dropout=0.3)
    assert [layer.p for layer in theirs.modules() if isinstance(layer, nn.Dropout)] == [0.3, 0.3]


def test_torchvisions_net_is_torchvisions_own():
    model = shapes_only(alexnet, "torchvision", num_classes=5)
    assert isinstance(model, torchvision.models.AlexNet)
    theirs = shapes_only(torchvision.models.alexnet, num_classes=5)
    shapes = {name: value.shape for name, value in theirs.state_dict().items()}
    assert {name: value.shape for name, value in model.state_dict().items()} == shapes


@pytest.mark.parametrize("variant", VARIANTS)
def test_gray_images_pass_a_net_of_one_channel(variant):
    model = shapes_only(alexnet, variant, num_classes=10, in_channels=1)
    assert model(images(227, channels=1, device="meta")).shape == (2, 10)


def test_weights_start_as_torch_starts_them():
    torch.manual_seed(0)
    conv1 = alexnet("paper", num_classes=2).features.conv1
    torch.manual_seed(0)
    assert torch.equal(conv1.weight, nn.Conv2d(3, 96, 11).weight)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variant": "vgg"}, "'vgg' is unknown; take one of paper, one-tower, batch-norm, torch"),
        ({"variant": "four-layer"}, "'four-layer' is unknown"),
        ({"num_classes": 0}, "num_classes=0: give a whole number, 1 or more"),
        ({"num_classes": 2.5}, "num_classes=2.5"),
        ({"in_channels": 0}, "in_channels=0"),
        ({"padding": -1}, "padding=-1"),
        ({"padding": "same"}, "padding='same'"),
        ({"variant": "torchvision", "padding": 0}, "torchvision's conv1 has 2"),
        (
            {"channels": (96, 256)},
            r"channels=\(96, 256\): give 5 whole numbers",
        ),
        ({"channels": 96}, "channels=96: give 5 whole numbers"),
        ({"channels": (96, 256, 384, 0, 256)}, "channels=0: give a whole number, 1 or more"),
        ({"channels": (96, 255, 384, 384, 256)}, "two towers share them, so give even numbers"),
        ({"hidden": (4096,)}, r"hidden=\(4096,\): give 2 whole numbers"),
        ({"variant": "torchvision", "hidden": (9, 9)}, "not for torchvision's net"),
        ({"dropout": 1.0}, "dropout=1.0: give a probability from 0 to below 1"),
        ({"dropout": -0.1}, "dropout=-0.1"),
        ({"dropout": nan}, "dropout=nan"),
        ({"variant": "torchvision", "dropout": 1}, "dropout=1"),
    ],
)
def test_alexnet_refuses_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        alexnet(**arguments)


def test_widths_are_those_that_are_given():
    model = shapes_only(alexnet, "paper", 10, channels=(8, 10, 12, 14, 16), hidden=(18, 20))
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    outputs = [layer.weight.shape[0] for layer in layers]
    assert outputs == [8, 10, 12, 14, 16, 18, 20, 10]
    assert model(images(67, device="meta")).shape == (2, 10)


def test_batch_norm_takes_nothing_but_lrn_from_the_one_tower_net():
    torch.manual_seed(0)
    plain = alexnet("one-tower", 2, channels=(4, 4, 4, 4, 4), hidden=(8, 8)).state_dict()
    torch.manual_seed(0)
    normalized = alexnet("batch-norm", 2, channels=(4, 4, 4, 4, 4), hidden=(8, 8)).state_dict()
    assert all(torch.equal(normalized[name], weight) for name, weight in plain.items())
    assert {name.split(".")[1] for name in set(normalized) - set(plain)} == {
        "bn1", "bn2", "bn3", "bn4", "bn5",
    }  # fmt: skip
