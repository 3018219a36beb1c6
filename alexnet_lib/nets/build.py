"""A net by its name, for images of a size."""

from functools import cache

import torch

from alexnet_lib.base.numbers import whole_number
from alexnet_lib.base.text import shown
from alexnet_lib.nets import MODELS, SMALL, layers
from alexnet_lib.nets.alexnet import alexnet
from alexnet_lib.nets.cifar_net import cifar_net
from alexnet_lib.nets.four_layer import four_layer


def build(name, num_classes, size=None, in_channels=3, **changes):
    """The net of one of MODELS, for images of side `size`; None for its own.

    AlexNet's conv1 gets the padding that `conv1_padding` gives for the size. `changes` are
    arguments of `alexnet`, `cifar_net` or `four_layer`.
    Raises ValueError for an unknown name, numbers out of range and a size too small.
    """
    size = own_size(name) if size is None else size
    padding = conv1_padding_of(name, size, changes.pop("padding", None))
    layers_and_shapes(name, size, num_classes, in_channels, padding)  # raises where it is too small
    return _net(name, num_classes, in_channels, padding, **changes)


def own_size(name):
    """The side in pixels of the images that one of MODELS was made for: 32 or 227."""
    return 32 if name in SMALL else 227


def conv1_padding(size):
    """AlexNet's padding in conv1 for images of side `size`: 0 or 2 pixels.

    0 as in the 2012 code; 2 at 224 pixels, where it gives the paper's 55 positions, and for
    images that do not pass the net without it.
    """
    size = whole_number("size", size, 1)
    return 2 if size == 224 or size < smallest_size("one-tower", 0) else 0


@cache
def smallest_size(name, padding=None):
    """The smallest side in pixels of an image that passes all layers of one of MODELS.

    `padding` is conv1's (None: what `conv1_padding` gives for each size).
    """
    if padding is None:
        padding = conv1_padding_of(name, 1, None)
    return layers.smallest_side(layers_of(name, 10, 3, padding), 3)


def conv1_padding_of(name, size, padding=None):
    """conv1's padding in one of MODELS: the one asked for, else the net's own at this size.

    Raises ValueError for a padding that the net cannot have.
    """
    if name == "torchvision" or name in SMALL:
        if padding not in (None, 2):
            raise ValueError(f"padding={padding!r}: {name}'s conv1 always has 2; leave it out")
        return 2
    return conv1_padding(size) if padding is None else whole_number("padding", padding, 0)


def layers_and_shapes(name, size, num_classes, in_channels, padding):
    """`layers_in_order` of one of MODELS and the shape after each, for images of side `size`.

    Raises ValueError for a size that is too small: with the layer that fails and the smallest
    size that works.
    """
    found = layers_of(name, num_classes, in_channels, padding)
    try:
        return found, layers.shapes(found, (in_channels, size, size))
    except layers.WindowTooLarge as error:
        least, at_best = smallest_size(name, padding), smallest_size(name)
        advice = f"{least}, or {at_best} with padding 2" if at_best < least else f"{least}"
        raise ValueError(
            f"size {size} is too small for {name} with padding {padding} in conv1: {error}.\n"
            f"The smallest size that works is {advice}."
        ) from error


def layers_of(name, num_classes, in_channels, padding):
    """`layers_in_order` of one of MODELS, at its own widths, with no memory for its weights."""
    num_classes = whole_number("num_classes", num_classes, 1)
    return _layers_of(name, num_classes, whole_number("in_channels", in_channels, 1), padding)


@cache
def _layers_of(name, num_classes, in_channels, padding):
    with torch.device("meta"):
        return layers.layers_in_order(_net(name, num_classes, in_channels, padding))


def _net(name, num_classes, in_channels, padding, **changes):
    if name not in MODELS:
        raise ValueError(f"model {shown(name)} is unknown; take one of {', '.join(MODELS)}")
    if name == "four-layer":
        return four_layer(num_classes=num_classes, in_channels=in_channels, **changes)
    if name == "cifar":
        return cifar_net(num_classes, in_channels, **changes)
    return alexnet(name, num_classes, in_channels, padding, **changes)
