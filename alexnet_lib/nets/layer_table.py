"""The layer table of any net: shapes, parameters, work, memory and receptive fields."""

from math import prod
from typing import NamedTuple

from alexnet_lib.base.numbers import whole_number
from alexnet_lib.nets.build import conv1_padding_of, layers_and_shapes
from alexnet_lib.nets.layers import (
    LARGEST,
    WindowTooLarge,
    image_channels,
    layers_in_order,
    pair,
    shapes,
    smallest_side,
    windows,
)
from alexnet_lib.nets.sizes import receptive_field


class LayerRow(NamedTuple):
    """A layer's row in the table. Shape, multiply-accumulates and bytes are of one image.

    `bytes` are those of the output in float32. `receptive_field` is a side in pixels of
    the image, at most the image's own; (height, width) where they differ.
    """

    name: str
    kind: str  # one of layers.KINDS
    shape: tuple  # (channels, height, width) or (numbers,)
    parameters: int
    macs: int
    bytes: int
    receptive_field: int | tuple


def layer_table(net="one-tower", input_size=227, num_classes=None, in_channels=None, padding=None):
    """The layers of a net as a list of `LayerRow`, for one image. No forward pass is made.

    net          a net of your own, such as an `nn.Sequential`, whose layers follow one upon the
                 other; or the name of one of MODELS
    input_size   side of the image in pixels; (height, width) for a net of your own
    num_classes, in_channels, padding
                 of a net by its name: 1000, 3, and what `conv1_padding` gives, unless given

    A layer that the net calls twice has its parameters in the first row. Raises ValueError for an
    unknown name or kind of layer, numbers out of range, a layer that takes other channels than
    come, and a size that is too small: with the layer that fails and the smallest size that works.
    """
    if isinstance(net, str):
        size = whole_number("input_size", input_size, 1)
        classes = 1000 if num_classes is None else num_classes
        image = (3 if in_channels is None else in_channels, size, size)
        padding = conv1_padding_of(net, size, padding)
        return _rows(*layers_and_shapes(net, size, classes, image[0], padding), image)
    if (num_classes, in_channels, padding) != (None, None, None):
        raise ValueError(
            "num_classes, in_channels and padding are for nets by name: leave them out"
        )
    sides = pair(input_size)
    if len(sides) != 2:
        raise ValueError(f"input_size={input_size!r}: give one number, or (height, width)")
    sides = [whole_number("input_size", side, 1) for side in sides]
    layers = layers_in_order(net)
    image = (image_channels(layers), *sides)
    try:
        return _rows(layers, shapes(layers, image), image)
    except WindowTooLarge as error:
        least = smallest_side(layers, image[0])
        advice = f"The smallest square size that works is {least}" if least else "No size works"
        words = f"size {input_size} is too small for {type(net).__name__}: {error}.\n{advice}."
        raise ValueError(words) from error
    except ValueError as error:
        raise ValueError(f"{error}{_advice(layers, image[0])}") from error


def _advice(layers, channels):
    """The square sizes that a net does take, as a sentence; "" where there are none."""
    fitting = []
    for side in range(1, LARGEST + 1):
        try:
            shapes(layers, (channels, side, side))
        except ValueError:
            continue
        fitting.append(side)
    if not fitting:
        return ""
    return f".\nSizes that fit this net are {fitting[0]} to {fitting[-1]} pixels."


def _rows(layers, shapes, image):
    rows, seen, shape = [], set(), image
    fields = [[], []]  # the windows so far, down the image and across
    for (name, kind, layer), after in zip(layers, shapes, strict=True):
        for axis, window in enumerate(_windows(kind, layer, shape, image)):
            fields[axis].append(window)
        shape = after
        if name is None:  # flattened by the net's forward, not by a layer
            continue
        parameters = 0 if layer in seen else sum(p.numel() for p in layer.parameters())
        seen.add(layer)
        row = (parameters, _macs(kind, layer, shape), 4 * prod(shape), _field(fields, image))
        rows.append(LayerRow(name, kind, shape, *row))
    return rows


def _macs(kind, layer, shape):
    """Multiply-accumulates for one image: each weight is used once for each place of the output."""
    return layer.weight.numel() * prod(shape[1:]) if kind in ("conv", "fc") else 0


def _windows(kind, layer, shape, image):
    """(kernel_size, stride, dilation) on each axis: a linear layer's window is all of the image."""
    if kind in ("conv", "pool"):
        return windows(layer)
    if kind == "adaptive":
        sides = [(n, to or n) for n, to in zip(shape[1:], pair(layer.output_size), strict=True)]
        # Where windows are unequally far apart, rounding up makes a later field too large at most.
        return [(_widest(side, outputs), -(-side // outputs), 1) for side, outputs in sides]
    return [(side, 1, 1) if kind == "fc" else (1, 1, 1) for side in image[1:]]


def _widest(side, outputs):
    """The widest of the windows by which adaptive pooling brings a side to so many outputs."""
    return max(-(-(i + 1) * side // outputs) - i * side // outputs for i in range(outputs))


def _field(windows, image):
    down, across = (
        min(receptive_field(axis)[-1], side) for axis, side in zip(windows, image[1:], strict=True)
    )
    return down if down == across else (down, across)
