"""LRN's mean factors are what LRN does to active units, and constants can take its place."""

import pytest
import torch

from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.paper.lrn_factors import (
    factors_path,
    lrn_factors,
    lrn_layers,
    replace_lrn_by_factors,
    write_factors,
)


def lrn_net(activation="relu"):
    torch.manual_seed(0)
    net = four_layer(activation, norm="lrn", alpha=0.5)
    return net, 5 * torch.randn(4, 3, 32, 32)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_factor_of_lrn_is_its_mean_over_active_units(activation):
    net, images = lrn_net(activation)
    with torch.no_grad():
        a = net.features[:3](images)  # conv1, pool1, the activation
        b = net.features.norm1(a)
    first, second = lrn_factors(net, [(images, None)])
    assert first == pytest.approx((b / a)[a > 0].mean().item(), rel=1e-5)
    assert 0.1 < first < 0.9 and 0.1 < second < 1


def test_factors_are_means_over_all_batches():
    net, images = lrn_net()
    whole = lrn_factors(net, [(images, None)])
    parts = lrn_factors(net, [(images[:1], None), (images[1:], None)])
    assert parts == pytest.approx(whole, rel=1e-6)


def test_factors_are_those_without_dropout():
    net, images = lrn_net()
    expected = lrn_factors(net, [(images, None)])
    net.features.relu1 = torch.nn.Sequential(net.features.relu1, torch.nn.Dropout(0.5))
    assert lrn_factors(net.train(), [(images, None)]) == expected and net.training


def test_measuring_factors_leaves_no_hook():
    net, images = lrn_net()
    lrn_factors(net, [(images, None)])
    assert not any(layer._forward_hooks for layer in lrn_layers(net))


def test_lrn_that_was_replaced_multiplies_by_its_factor():
    net, images = lrn_net()
    assert replace_lrn_by_factors(net, (0.25, 0.5)) is net
    for layer, factor in zip(lrn_layers(net), (0.25, 0.5), strict=True):
        torch.testing.assert_close(layer(images), factor * images)
    assert lrn_factors(net, [(images, None)]) == pytest.approx([0.25, 0.5])


@pytest.mark.parametrize("factors", [(), (0.5,), (0.5, 0.0), (0.5, 0.5, 0.5)])
def test_each_lrn_layer_needs_a_factor_above_0(factors):
    with pytest.raises(ValueError, match="give 2 numbers above 0, one per layer"):
        replace_lrn_by_factors(lrn_net()[0], factors)


def test_factors_are_written_with_four_digits_beside_the_run(tmp_path):
    file = factors_path(tmp_path, "raw, LRN", 0)
    write_factors(file, [0.123456, 0.5])
    assert file == tmp_path / "lrn_factors" / "raw-LRN-seed0.json"
    assert file.read_text("utf-8") == "[0.1235, 0.5]\n"
