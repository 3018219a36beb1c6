"""The net for images of 32×32: its shape is AlexNet's, and it takes what AlexNet takes."""

import pytest
import torch
from torch import nn

from alexnet_lib.nets.alexnet import alexnet
from alexnet_lib.nets.cifar_net import cifar_net


def test_it_has_alexnets_layers_in_alexnets_order():
    with torch.device("meta"):
        nets = cifar_net(), alexnet("one-tower", 10)
    ours, theirs = (
        [(name, type(layer)) for name, layer in net.named_modules() if name] for net in nets
    )
    assert ours == theirs


def test_its_maps_have_the_sides_that_the_comments_say():
    with torch.device("meta"):
        net, x, sides = cifar_net(), torch.empty(2, 3, 24, 24), {}
        for name, layer in net.features.named_children():
            x = layer(x)
            sides[name] = x.shape[1:]
        assert net(torch.empty(2, 3, 32, 32)).shape == (2, 10)
    assert sides["conv1"] == (48, 24, 24) and sides["pool1"] == (48, 12, 12)
    assert sides["conv2"] == (128, 12, 12) and sides["pool2"] == (128, 6, 6)
    assert sides["conv5"] == (128, 6, 6) and sides["pool5"] == (128, 3, 3)
    assert net.features.lrn1.alpha == net.features.lrn2.alpha == 0.01  # as in recorded runs


def test_its_widths_dropout_and_normalization_can_be_chosen():
    channels, hidden = (4, 6, 8, 10, 12), (14, 16)
    net = cifar_net(5, 1, dropout=0.2, channels=channels, hidden=hidden, alpha=0.3)
    assert [m.out_channels for m in net.modules() if isinstance(m, nn.Conv2d)] == [*channels]
    assert [m.out_features for m in net.modules() if isinstance(m, nn.Linear)] == [*hidden, 5]
    assert {m.p for m in net.modules() if isinstance(m, nn.Dropout)} == {0.2}
    assert net.features.lrn1.alpha == net.features.lrn2.alpha == 0.3
    assert net(torch.randn(2, 1, 20, 24)).shape == (2, 5)


@pytest.mark.parametrize(
    "wrong", [{"channels": (1, 2)}, {"hidden": (0, 4)}, {"dropout": 1.0}, {"num_classes": 0}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        cifar_net(**wrong)
