"""Sizes by arithmetic: against torch's layers, its hooks, and torchinfo."""

import random
import subprocess
import sys
from itertools import product
from math import nan, prod

import pytest
import torch
import torchinfo
from torch import nn

from alexnet_lib.nets.alexnet import alexnet, four_layer
from alexnet_lib.nets.layer_table import (
    MODELS,
    conv1_padding,
    layer_table,
    output_size,
    receptive_field,
    smallest_size,
)

ALEXNETS = MODELS[:3]  # those whose padding in conv1 can be chosen


def combinations():
    """(size, kernel_size, stride, padding, dilation): all small ones, then some large ones."""
    small = product(range(1, 14), range(1, 6), range(1, 5), range(0, 3), range(1, 3))
    draw = random.Random(2012).randint
    large = [(draw(14, 80), draw(1, 12), draw(1, 14), draw(0, 6), draw(1, 4)) for _ in range(400)]
    return [*small, *large]


def side_in_torch(layer, size):
    """The side of what a layer makes of size x size zeros; None where torch refuses."""
    device = "meta" if isinstance(layer, nn.Conv2d) else "cpu"
    try:
        shape = layer(torch.zeros(1, 1, size, size, device=device)).shape
    except RuntimeError:
        return None
    assert shape[-1] == shape[-2]
    return shape[-1]


def side_here(*arguments):
    try:
        return output_size(*arguments)
    except ValueError:
        return None


def test_output_size_agrees_with_conv2d_on_legal_and_illegal_combinations():
    refused = 0
    for size, *window in combinations():
        expected = side_in_torch(nn.Conv2d(1, 1, *window, device="meta"), size)
        assert side_here(size, *window) == expected, (size, *window)
        refused += expected is None
    assert 100 < refused < 1000  # both sorts were there


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_output_size_agrees_with_max_pool2d(ceil_mode):
    for size, kernel_size, stride, padding, dilation in combinations():
        if 2 * padding > kernel_size:
            continue  # torch forbids it for pools, whatever the size
        window = (kernel_size, stride, padding, dilation)
        layer = nn.MaxPool2d(*window, ceil_mode=ceil_mode)
        expected = side_in_torch(layer, size)
        assert side_here(size, *window, ceil_mode) == expected, (size, *window)


def test_ceil_mode_drops_a_last_window_that_starts_in_the_padding_behind():
    assert output_size(5, 1, stride=3) == 2
    assert output_size(5, 2, stride=3, padding=1, ceil_mode=True) == 2  # 3 without the rule
    assert output_size(32, 3, stride=2, ceil_mode=True) == 16


def test_output_size_gives_the_papers_55_positions():
    assert output_size(227, 11, stride=4) == 55
    assert output_size(224, 11, stride=4, padding=2) == 55
    assert output_size(224, 11, stride=4) == 54
    assert output_size(224, 11, stride=4, ceil_mode=True) == 55


@pytest.mark.parametrize("bad", [0, -1, nan, 2.5, 3.0, "3", None, (3, 3)])
@pytest.mark.parametrize("name", ["size", "kernel_size", "stride", "dilation"])
def test_output_size_refuses_what_is_no_whole_number_above_0(name, bad):
    arguments = {"size": 227, "kernel_size": 11, name: bad}
    with pytest.raises(ValueError, match=rf"^{name}=.*whole number, 1 or more"):
        output_size(**arguments)


def test_output_size_refuses_negative_padding():
    with pytest.raises(ValueError, match="padding=-1: give a whole number, 0 or more"):
        output_size(227, 11, padding=-1)


def test_output_size_says_which_window_does_not_fit():
    with pytest.raises(ValueError, match="window of 7 pixels does not fit into 6 .*larger input"):
        output_size(4, 4, padding=1, dilation=2)


def seen_pixels(layers):
    """The side of the square of pixels that moves the value at the center of the last map."""
    net = nn.Sequential()
    for kernel_size, stride, *dilation in layers:
        layer = nn.Conv2d(1, 1, kernel_size, stride, dilation=(dilation or [1])[0], bias=False)
        net.append(layer)
        nn.init.ones_(layer.weight)
    image = torch.ones(1, 1, 420, 420, requires_grad=True)
    maps = net(image)
    maps[0, 0, maps.shape[2] // 2, maps.shape[3] // 2].backward()
    columns = image.grad[0, 0].any(dim=0).nonzero()
    return int(columns.max() - columns.min()) + 1


@pytest.mark.parametrize(
    "layers",
    [
        [(3, 2), (2, 3), (3, 1)],
        [(3, 1, 2), (3, 2, 3), (2, 1)],
        [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)],
    ],
)
def test_receptive_field_is_what_a_gradient_reaches(layers):
    sides = receptive_field(layers)
    assert sides == [seen_pixels(layers[: n + 1]) for n in range(len(layers))]


def test_receptive_field_refuses_layers_of_another_form():
    with pytest.raises(ValueError, match=r"\(3,\): give \(kernel_size, stride\)"):
        receptive_field([(11, 4), (3,)])
    with pytest.raises(ValueError, match="stride=0"):
        receptive_field([(11, 0)])


def net(model, padding=None, num_classes=1000, in_channels=3):
    """The net without memory for its weights: shapes and counts are all there."""
    with torch.device("meta"):
        if model == "four-layer":
            return four_layer(num_classes=num_classes, in_channels=in_channels).eval()
        return alexnet(model, num_classes, in_channels, padding).eval()


def hooked(model, size, in_channels=3):
    """(name, output shape, parameters, multiply-accumulates) of each layer, as torch runs it."""
    seen = []

    def note(name):
        def hook(layer, inputs, output):
            shape = tuple(output.shape[1:])
            weights = layer.weight.numel() if isinstance(layer, nn.Conv2d | nn.Linear) else 0
            parameters = sum(p.numel() for p in layer.parameters())
            seen.append((name, shape, parameters, weights * prod(shape[1:])))

        return hook

    for name, layer in model.named_modules():
        if not list(layer.children()):
            layer.register_forward_hook(note(name.split(".")[-1]))
    model(torch.zeros(1, in_channels, size, size, device="meta"))
    return seen


CASES = [
    *[(m, s, p) for m in ALEXNETS for s, p in [(63, 2), (67, 0), (129, 0), (224, 2), (224, 0)]],
    *[(m, s, p) for m in ALEXNETS for s, p in [(227, 0), (227, 2), (300, 0)]],
    *[("torchvision", size, None) for size in (63, 64, 224, 227, 256)],
    *[("four-layer", size, None) for size in (8, 24, 32, 33, 64)],
]


@pytest.mark.parametrize(("model", "size", "padding"), CASES)
def test_layer_table_agrees_with_torch_hooks(model, size, padding):
    table = layer_table(model, size, padding=padding)
    seen = hooked(net(model, padding), size)
    assert [(r.shape, r.parameters, r.macs) for r in table] == [entry[1:] for entry in seen]
    if model != "torchvision":  # its layers have numbers for names
        assert [r.name for r in table] == [entry[0] for entry in seen]
    assert all(r.bytes == 4 * prod(r.shape) for r in table)


def test_layer_table_follows_num_classes_and_in_channels():
    for model in MODELS:
        table = layer_table(model, 227, num_classes=7, in_channels=1)
        seen = hooked(net(model, None, 7, 1), 227, 1)
        assert [(r.shape, r.parameters, r.macs) for r in table] == [entry[1:] for entry in seen]


@pytest.mark.parametrize(("model", "size"), [*[(m, 227) for m in MODELS], ("four-layer", 32)])
def test_layer_table_agrees_with_torchinfo(model, size):
    summary = torchinfo.summary(net(model), (1, 3, size, size), device="meta", verbose=0)
    layers = [info for info in summary.summary_list if info.is_leaf_layer]
    table = layer_table(model, size)
    assert len(layers) == len(table)
    for row, info in zip(table, layers, strict=True):
        assert tuple(info.output_size[1:]) == row.shape
        assert info.num_params == row.parameters
        if row.kind in ("conv", "fc"):
            assert info.macs == row.macs + prod(row.shape)  # torchinfo also counts the biases
    assert summary.total_params == sum(row.parameters for row in table)


def test_layer_table_has_the_papers_sizes_and_parameters():
    table = {row.name: row for row in layer_table("paper", 227)}
    learned = [row for row in table.values() if row.parameters]
    shapes = [(96, 55, 55), (256, 27, 27), (384, 13, 13), (384, 13, 13), (256, 13, 13)]
    assert [row.shape for row in learned] == [*shapes, (4096,), (4096,), (1000,)]
    assert [row.parameters for row in learned] == [
        34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000,
    ]  # fmt: skip
    assert [table[f"pool{n}"].shape[-1] for n in (1, 2, 5)] == [27, 13, 6]
    assert table["conv1"].bytes == 55 * 55 * 96 * 4


@pytest.mark.parametrize(("model", "millions"), [("paper", 724), ("one-tower", 1135)])
def test_layer_table_counts_multiply_accumulates_as_known(model, millions):
    assert round(sum(row.macs for row in layer_table(model, 227)) / 1e6) == millions


def test_layer_table_gives_receptive_fields_up_to_the_whole_image():
    table = {row.name: row.receptive_field for row in layer_table("one-tower", 227)}
    names = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5"]
    assert [table[name] for name in names] == [11, 19, 51, 67, 99, 131, 163, 195]
    assert table["lrn1"] == 11 and table["avgpool"] == 195 and table["fc6"] == 227
    assert {row.receptive_field for row in layer_table("one-tower", 67)} == {11, 19, 51, 67}
    wide = {row.name: row.receptive_field for row in layer_table("one-tower", 451)}
    assert wide["pool5"] == 195 and wide["avgpool"] == 195 + 2 * 32  # 13 maps' rows to 6: by 3s


@pytest.mark.parametrize("model", ALEXNETS)
def test_the_smallest_image_is_67_without_padding_and_63_with(model):
    assert smallest_size(model, 0) == 67
    assert smallest_size(model, 2) == 63
    assert smallest_size(model) == 63


def test_torchvisions_net_and_the_four_layer_net_have_a_smallest_image_too():
    assert smallest_size("torchvision") == 63
    assert smallest_size("four-layer") == 8


def test_conv1_gets_padding_for_224_pixels_and_for_small_images_only():
    padded = [size for size in range(1, 400) if conv1_padding(size) == 2]
    assert padded == [*range(1, 67), 224]
    assert {conv1_padding(size) for size in (67, 223, 225, 227)} == {0}


@pytest.mark.parametrize("model", ALEXNETS)
def test_layer_table_takes_the_padding_of_conv1_padding_by_itself(model):
    assert layer_table(model, 224) == layer_table(model, 224, padding=2)
    assert layer_table(model, 64) == layer_table(model, 64, padding=2)
    assert layer_table(model, 227) == layer_table(model, 227, padding=0)


@pytest.mark.parametrize(
    ("model", "size", "padding", "message"),
    [
        ("one-tower", 62, None, r"pool5 gets 2 pixels .*of 3.\nThe smallest .* is 63\.$"),
        ("paper", 66, 0, r"pool5 gets 2 pixels .*\n.* is 67, or 63 with padding 2\.$"),
        ("batch-norm", 18, 0, r"pool1 gets 2 pixels"),
        ("paper", 6, 2, r"conv1 gets 6 pixels for its window of 11.\nThe smallest .* is 63"),
        ("torchvision", 62, None, r"pool5 gets 2 pixels .*\n.* is 63\.$"),
        ("four-layer", 7, None, r"pool3 gets 1 pixel for .*\n.* is 8\.$"),
    ],
)
def test_layer_table_names_the_failing_layer_and_the_smallest_size(model, size, padding, message):
    with pytest.raises(ValueError, match=message) as error:
        layer_table(model, size, padding=padding)
    assert f"size {size} is too small for {model}" in str(error.value)
    assert len(str(error.value).splitlines()) <= 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "vgg"}, "'vgg' is unknown; take one of paper, one-tower"),
        ({"input_size": nan}, "input_size=nan: give a whole number"),
        ({"input_size": 0}, "input_size=0"),
        ({"input_size": 227.5}, "input_size=227.5"),
        ({"num_classes": 0}, "num_classes=0"),
        ({"in_channels": -3}, "in_channels=-3"),
        ({"padding": -1}, "padding=-1"),
        ({"padding": 0.5}, "padding=0.5"),
        ({"model": "torchvision", "padding": 0}, "torchvision's conv1 always has 2"),
        ({"model": "four-layer", "padding": 0}, "four-layer's conv1 always has 2"),
    ],
)
def test_layer_table_refuses_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        layer_table(**arguments)


def test_geometry_does_without_torch():
    code = (
        "import sys; sys.argv = ['-m']; "
        "import alexnet_lib.nets.layer_table as g; [g.layer_table(m, 227) for m in g.MODELS]; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
