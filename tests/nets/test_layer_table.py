"""The layer table of the course's nets and of any other: against torch's hooks and torchinfo."""

from math import nan, prod

import pytest
import torch
import torch.nn.functional as F
import torchinfo
import torchvision
from torch import nn

from alexnet_lib.nets import MODELS, SMALL
from alexnet_lib.nets.alexnet import alexnet
from alexnet_lib.nets.build import conv1_padding, smallest_size
from alexnet_lib.nets.cifar_net import cifar_net
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.nets.layer_table import layer_table

ALEXNETS = MODELS[:3]  # those whose padding in conv1 can be chosen


def net(model, padding=None, num_classes=1000, in_channels=3):
    """The net without memory for its weights: shapes and counts are all there."""
    with torch.device("meta"):
        if model == "four-layer":
            return four_layer(num_classes=num_classes, in_channels=in_channels).eval()
        if model == "cifar":
            return cifar_net(num_classes, in_channels).eval()
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


@pytest.mark.parametrize(
    ("model", "size"), [*[(m, 227) for m in MODELS], *[(m, 32) for m in SMALL]]
)
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
        ("torchvision", 62, None, r"pool3 gets 2 pixels .*\n.* is 63\.$"),
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
        ({"net": "vgg"}, "'vgg' is unknown; take one of paper, one-tower"),
        ({"input_size": nan}, "input_size=nan: give a whole number"),
        ({"input_size": 0}, "input_size=0"),
        ({"input_size": 227.5}, "input_size=227.5"),
        ({"num_classes": 0}, "num_classes=0"),
        ({"in_channels": -3}, "in_channels=-3"),
        ({"padding": -1}, "padding=-1"),
        ({"padding": 0.5}, "padding=0.5"),
        ({"net": "torchvision", "padding": 0}, "torchvision's conv1 always has 2"),
        ({"net": "four-layer", "padding": 0}, "four-layer's conv1 always has 2"),
    ],
)
def test_layer_table_refuses_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        layer_table(**arguments)


def test_the_receptive_field_of_adaptive_pooling_is_its_widest_window():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(5))
    image = torch.zeros(1, 1, 7, 7, requires_grad=True)
    net(image)[0, 0, 2, 2].backward()  # the middle one sees 3×3 pixels, the others 2×2
    seen = int(image.grad.count_nonzero())
    assert layer_table(net, 7)[0].receptive_field ** 2 == seen == 9


def own_net(**changes):
    """A student's own net, with most of the layers that the table knows."""
    return nn.Sequential(
        nn.Conv2d(4, 8, (5, 3), stride=(2, 1), padding=(0, 1), **changes),
        nn.BatchNorm2d(8),
        nn.LeakyReLU(),
        nn.LocalResponseNorm(3),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Sequential(nn.Conv2d(8, 8, 3, padding="same", groups=4, bias=False), nn.GELU()),
        nn.Conv2d(8, 6, 3, dilation=2, padding=1),
        nn.AvgPool2d((2, 3)),
        nn.AdaptiveMaxPool2d((None, 2)),
        nn.Dropout2d(0.2),
        nn.Flatten(),
        nn.Linear(6 * 4 * 2, 10),
        nn.BatchNorm1d(10),
        nn.Softmax(dim=1),
    ).eval()


def check_against_hooks(net, size, channels):
    table, seen = layer_table(net, size), []

    def note(layer, inputs, output):
        is_weighted = isinstance(layer, nn.Conv2d | nn.Linear)
        macs = layer.weight.numel() * prod(output.shape[2:]) if is_weighted else 0
        seen.append((output.shape[1:], sum(p.numel() for p in layer.parameters()), macs))

    for layer in net.modules():
        if not list(layer.children()):
            layer.register_forward_hook(note)
    height, width = size if isinstance(size, tuple) else (size, size)
    net(torch.zeros(1, channels, height, width))
    assert [(row.shape, row.parameters, row.macs) for row in table] == seen
    assert sum(row.parameters for row in table) == sum(p.numel() for p in net.parameters())
    return table


def test_layer_table_knows_a_net_of_ones_own_with_images_that_are_not_square():
    table = check_against_hooks(own_net(), (48, 40), channels=4)
    names = "conv1 batchnorm1 activation1 lrn1 pool1 conv2 activation2 conv3 pool2 adaptive1"
    assert [row.name for row in table[:10]] == names.split()


def test_receptive_fields_of_a_net_of_ones_own_are_what_a_gradient_reaches():
    net = own_net()[:8]
    del net[1], net[2]  # the normalizations
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.ones_(layer.weight)
    net[2] = nn.AvgPool2d(3, 2, ceil_mode=True)  # a maximum's gradient goes to one pixel
    image = torch.ones(1, 4, 90, 90, requires_grad=True)
    maps = net(image)
    maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].sum().backward()
    reached = image.grad[0].abs().sum(0) > 0
    spans = [int(reached.any(axis).sum()) for axis in (1, 0)]
    assert layer_table(net, 90)[-1].receptive_field == tuple(spans)


def test_windows_after_adaptive_pooling_reach_as_far_as_its_windows_are_apart():
    pool, conv = nn.AdaptiveAvgPool2d((8, 5)), nn.Conv2d(3, 3, 3)
    nn.init.ones_(conv.weight)
    image = torch.ones(1, 3, 32, 20, requires_grad=True)
    conv(pool(image))[0, 0, 2, 1].backward()
    reached = image.grad[0, 0] > 0
    spans = tuple(int(reached.any(axis).sum()) for axis in (1, 0))
    assert layer_table(nn.Sequential(pool, conv), (32, 20))[1].receptive_field == spans[0] == 12
    whole = nn.Sequential(nn.AdaptiveMaxPool2d(2), nn.AdaptiveMaxPool2d(1))
    assert layer_table(whole, 64)[1].receptive_field == 64


class Written(nn.Module):
    """A net whose forward does some of the work without layers, as most tutorials write it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        return self.fc2(F.relu(self.fc1(x)))


def test_layer_table_follows_a_forward_in_the_order_in_which_it_calls_the_layers():
    table = check_against_hooks(Written(), 32, channels=3)
    assert [row.name for row in table] == "conv1 pool conv2 pool fc1 fc2".split()


def test_a_layer_that_is_called_twice_has_its_parameters_once():
    shared = nn.Conv2d(3, 3, 3, padding=1)
    table = layer_table(nn.Sequential(shared, nn.ReLU(), shared), 8)
    assert [row.parameters for row in table] == [84, 0, 0]
    assert [row.macs for row in table] == [81 * 64, 0, 81 * 64]


def test_layer_table_takes_torchvisions_vgg():
    with torch.device("meta"):
        net = torchvision.models.vgg11()
    table = layer_table(net, 224)
    assert sum(row.parameters for row in table) == 132_863_336
    assert table[-1].shape == (1000,) and sum(row.kind == "conv" for row in table) == 8


def test_a_single_layer_is_a_net_too():
    (row,) = layer_table(nn.Conv2d(3, 96, 11, stride=4), 227)
    assert row.shape == (96, 55, 55) and row.receptive_field == 11


def test_layer_table_makes_no_forward_pass(monkeypatch):
    def forward(*_):
        raise AssertionError("a forward pass was made")

    for kind in (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.ReLU):
        monkeypatch.setattr(kind, "forward", forward)
    assert len(layer_table(own_net(), (48, 40))) == 15
    assert len(layer_table("paper", 199, num_classes=13)) == 23  # not seen before: built anew


class Upside(nn.Module):
    def forward(self, x):
        return x.flip(2)


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 3, 1), nn.ReLU()

    def forward(self, x):
        return self.one(x) if x.sum() > 0 else self.two(x)


class Functional(nn.Sequential):
    def forward(self, x):
        return F.max_pool2d(super().forward(x), 2)


class ReshapedToMaps(nn.Sequential):
    def forward(self, x):
        return super().forward(x.view(x.size(0), 48, 4, 4))


class RowsStay(nn.Sequential):
    def forward(self, x):
        return super().forward(torch.flatten(x, 1, 2))


class BatchToo(nn.Sequential):
    def forward(self, x):
        return super().forward(torch.flatten(x))


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (
            nn.Sequential(nn.ReLU(), Upside()),
            "1 is a layer of a kind not known here, Upside",
        ),
        (nn.Sequential(nn.ConvTranspose2d(3, 3, 2)), "ConvTranspose2d; known are: conv, pool"),
        (Residual(nn.Conv2d(3, 3, 1)), "add does not take the output of the layer before it alone"),
        (Branching(), "Branching's forward cannot be followed .*nn.Sequential"),
        (ReshapedToMaps(nn.Conv2d(48, 9, 3)), "view, in forward, does not flatten image by image"),
        (BatchToo(nn.Linear(9, 9)), r"flatten.*image by image: flatten\(1\)"),
        (RowsStay(nn.Linear(16, 9)), r"flatten.*image by image: flatten\(1\)"),
        (
            nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(9, 8, 3)),
            "conv2 takes 9 channels, and",
        ),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(9)), "batchnorm1 takes 9 channels"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(3, 9)), "norm1 takes 9 channels"),
        (nn.Sequential(nn.Flatten(), nn.BatchNorm2d(768)), "batchnorm1 takes maps, and gets 768"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.GLU(1)), "of a kind not known here, GLU"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(2)), "flatten1 flattens other dimensions"),
        (
            Functional(nn.Conv2d(3, 3, 1)),
            "max_pool2d, in forward, is not known here: make it a layer; known are: co",
        ),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(8, 2)), r"8×14×14: put nn.Flatten\(\)"),
        (nn.Sequential(nn.Flatten(), nn.Conv2d(3, 8, 3)), "conv1 takes maps, and gets 768 numbers"),
        (
            nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 18 * 18, 2)),
            "fc1 takes 2,592 numbers, and gets 1,568.\nSizes that fit this net are 20 to 20 pixels",
        ),
        (
            nn.Sequential(nn.Conv2d(3, 8, 9), nn.MaxPool2d(3), nn.MaxPool2d(3)),
            "16 is too small for Sequential: pool2 gets 2 pixels for its window of 3.\n"
            "The smallest square size that works is 17",
        ),
    ],
)
def test_what_the_table_does_not_know_or_does_not_fit_is_named(net, message):
    with pytest.raises(ValueError, match=message):
        layer_table(net, 16)


def test_number_of_classes_is_not_asked_of_a_net_that_has_its_own():
    with pytest.raises(ValueError, match="for nets by name: leave them out"):
        layer_table(own_net(), 48, num_classes=10)


def test_a_size_of_a_net_of_ones_own_is_a_number_or_a_pair():
    for bad in ((48,), (48, 40, 3), 0, "48", (48, 2.5)):
        with pytest.raises(ValueError, match="input_size="):
            layer_table(own_net(), bad)


def test_a_net_that_takes_no_image_at_all_says_so():
    with pytest.raises(ValueError, match="window of 3000.\nNo size works."):
        layer_table(nn.Sequential(nn.Conv2d(1, 1, 3000)), 100)
