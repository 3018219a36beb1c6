"""Nets by name: each is the net of its table, padded where images ask for it."""

from math import nan

import pytest
from nets_helpers import count, images, shapes_only

from alexnet_lib.nets import MODELS
from alexnet_lib.nets.build import build
from alexnet_lib.nets.layer_table import layer_table


@pytest.mark.parametrize("name", MODELS)
def test_gradients_reach_every_parameter(name):
    model = shapes_only(build, name, 10, 64).train()
    model(images(64, device="meta")).sum().backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in model.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_build_takes_each_name_and_gives_the_net_of_the_table(name):
    for size in (64, 224, 227):
        model = shapes_only(build, name, 7, size, in_channels=1)
        assert count(model) == sum(row.parameters for row in layer_table(name, size, 7, 1))
        assert model(images(size, channels=1, device="meta")).shape == (2, 7)


@pytest.mark.parametrize("name", ["paper", "one-tower", "batch-norm"])
def test_build_pads_conv1_where_conv1_padding_says(name):
    sizes = [None, 227, 224, 67, 66, 63]
    padding = [shapes_only(build, name, 10, size).features.conv1.padding for size in sizes]
    assert padding == [(0, 0), (0, 0), (2, 2), (0, 0), (2, 2), (2, 2)]


def test_build_refuses_unknown_names_too_small_images_and_bad_counts():
    with pytest.raises(ValueError, match="'resnet' is unknown; take one of paper"):
        build("resnet", 10)
    with pytest.raises(ValueError, match=r"62 is too small .*\n.*smallest .* is 63"):
        build("one-tower", 10, 62)
    with pytest.raises(ValueError, match=r"7 is too small .*\n.*smallest .* is 8"):
        build("four-layer", 10, 7)
    with pytest.raises(ValueError, match="num_classes=0"):
        build("four-layer", 0)
    with pytest.raises(ValueError, match="size=nan"):
        build("paper", 10, nan)


@pytest.mark.parametrize(
    "net",
    [{"name": "x" * 10**6}]
    + [{"name": "four-layer", option: "x" * 10**6} for option in ("activation", "norm", "pools")],
)
def test_an_unknown_name_is_told_in_a_line_however_long_it_is(net):
    with pytest.raises(ValueError, match="is unknown; take") as error:
        build(num_classes=10, **net)
    assert len(str(error.value)) < 200
