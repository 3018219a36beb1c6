"""A net without one of its convolutions: the layers before and behind meet."""

import pytest
import torch
from torch import nn

from alexnet_lib.nets.alexnet import alexnet
from alexnet_lib.paper.ablation import leave_out_convolution


@pytest.mark.parametrize("variant", ["paper", "one-tower"])
@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_without_a_convolution_its_relu_goes_too_and_all_else_stays(variant, number):
    with torch.device("meta"):
        net = alexnet(variant, 10)
        names = [name for name, _ in net.features.named_children()]
        changed = leave_out_convolution(net, number)
        assert changed is net
        logits = net(torch.empty(2, 3, 227, 227))
    assert logits.shape == (2, 10)
    left = [name for name, _ in net.features.named_children()]
    assert left == [name for name in names if name not in (f"conv{number}", f"relu{number}")]


@pytest.mark.parametrize(("number", "behind", "inputs"), [(2, 3, 96), (3, 4, 256), (4, 5, 384)])
def test_the_layer_behind_takes_what_the_layer_before_gives(number, behind, inputs):
    with torch.device("meta"):
        before = alexnet("paper").features.get_submodule(f"conv{behind}")
        after = leave_out_convolution(alexnet("paper"), number).features.get_submodule(
            f"conv{behind}"
        )
    assert after.in_channels == inputs
    same = ("out_channels", "kernel_size", "stride", "padding", "groups")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]


def test_without_conv5_fc6_takes_the_maps_of_conv4():
    with torch.device("meta"):
        net = leave_out_convolution(alexnet("one-tower"), 5)
    assert isinstance(net.classifier.fc6, nn.Linear)
    assert (net.classifier.fc6.in_features, net.classifier.fc6.out_features) == (384 * 36, 4096)


@pytest.mark.parametrize("number", [0, 1, 6, "conv2", None])
def test_only_convolutions_2_to_5_can_be_left_out(number):
    with torch.device("meta"):
        net = alexnet("one-tower")
    with pytest.raises(ValueError, match="give 2, 3, 4 or 5, the number of a convolution"):
        leave_out_convolution(net, number)
