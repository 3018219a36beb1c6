"""Nets from which a layer is left out (section 7)."""

from collections import OrderedDict

from torch import nn


def leave_out_convolution(net, number):
    """An `AlexNet` without conv`number`, 2 to 5, and its ReLU; LRN and pooling stay.

    Changes the net in place and returns it. The layer behind is replaced by one that takes the
    output of the layer before, with torch's initial weights. Raises ValueError for another number.
    """
    if number not in (2, 3, 4, 5):
        raise ValueError(f"number={number!r}: give 2, 3, 4 or 5, the number of a convolution")
    layers = OrderedDict(net.features.named_children())
    inputs = layers.pop(f"conv{number}").in_channels
    del layers[f"relu{number}"]
    if number == 5:
        side, units = net.avgpool.output_size, net.classifier.fc6.out_features
        net.classifier.fc6 = nn.Linear(inputs * side**2, units)
    else:
        behind = layers[f"conv{number + 1}"]
        layers[f"conv{number + 1}"] = nn.Conv2d(
            inputs, behind.out_channels, behind.kernel_size, behind.stride, behind.padding,
            groups=behind.groups,
        )  # fmt: skip
    net.features = nn.Sequential(layers)
    return net
