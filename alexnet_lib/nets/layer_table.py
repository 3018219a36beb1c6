"""The sizes of a convolutional net by arithmetic alone: no torch here."""

import operator
from functools import cache
from itertools import count
from math import prod
from typing import NamedTuple

MODELS = ("paper", "one-tower", "batch-norm", "torchvision", "four-layer")


class Layer(NamedTuple):
    """One layer as plain data; the walk below reads only the fields that its kind needs."""

    name: str
    kind: str  # conv, pool, adaptive, fc, batchnorm, or one that keeps the shape
    channels: int = 0  # kernels of a conv, units of an fc
    kernel_size: int = 1  # of a conv or a pool; the output's side for adaptive pooling
    stride: int = 1
    padding: int = 0
    groups: int = 1
    ceil_mode: bool = False


class LayerRow(NamedTuple):
    """A layer's row in the table. Shape, multiply-accumulates and bytes are of one image.

    `bytes` are those of the output in float32. `receptive_field` is a side in pixels of
    the image, at most the image's own.
    """

    name: str
    kind: str
    shape: tuple
    parameters: int
    macs: int
    bytes: int
    receptive_field: int


def whole_number(name, value, least):
    """`value` as an int. Raises ValueError unless it is a whole number, `least` or more."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(f"{name}={value!r}: give a whole number, {least} or more")
    return number


def output_size(size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    """Side of a convolution's or a pooling's output, for an input of side `size`.

    All in pixels along one axis. A last, partial step is dropped, as torch does; with
    `ceil_mode` it counts, if its window starts inside the input or the padding before it.
    Raises ValueError for numbers out of range and for a window that does not fit.
    Source: torch's Conv2d and MaxPool2d (shape sections); ceil_mode is the 2012 code's rule.
    """
    size = whole_number("size", size, 1)
    kernel_size = whole_number("kernel_size", kernel_size, 1)
    stride = whole_number("stride", stride, 1)
    padding = whole_number("padding", padding, 0)
    dilation = whole_number("dilation", dilation, 1)

    window = dilation * (kernel_size - 1) + 1
    room = size + 2 * padding - window  # the pixels that the window can travel
    steps = -(-room // stride) if ceil_mode else room // stride
    if steps < 0:
        raise ValueError(
            f"a window of {window} pixels does not fit into {size + 2 * padding} "
            f"(size {size}, padding {padding}): take a larger input, more padding or a "
            "smaller kernel"
        )
    if ceil_mode and steps * stride >= size + padding:
        steps -= 1
    return steps + 1


def receptive_field(layers):
    """Side of the input's square that one output value depends on, after each layer.

    `layers` holds (kernel_size, stride) or (kernel_size, stride, dilation), first layer
    first. Returns a list of sides in pixels, padding counted as if it were image.
    Raises ValueError for a layer of another form or numbers below 1.
    """
    side, step, sides = 1, 1, []
    for layer in layers:
        if len(layer) not in (2, 3):
            raise ValueError(
                f"layer {layer!r}: give (kernel_size, stride) or (kernel_size, stride, dilation)"
            )
        kernel_size, stride, dilation = (*layer, 1)[:3]
        kernel_size = whole_number("kernel_size", kernel_size, 1)
        side += (kernel_size - 1) * whole_number("dilation", dilation, 1) * step
        step *= whole_number("stride", stride, 1)
        sides.append(side)
    return sides


def layer_table(model="one-tower", input_size=227, num_classes=1000, in_channels=3, padding=None):
    """The layers of a net as a list of `LayerRow`, for one square image.

    `model` is one of MODELS, `input_size` the image's side in pixels, `padding` conv1's
    (None: what `conv1_padding` gives). Dropout's row has the flattened shape that enters it.
    Raises ValueError for an unknown model, numbers out of range, and a size that is too
    small: with the layer that fails and the smallest size that works.
    """
    input_size = whole_number("input_size", input_size, 1)
    own_padding = _padding(model, input_size, padding)
    layers = describe(model, own_padding, num_classes)
    failure = _first_failure(layers, input_size)
    if failure:
        layer, size = failure
        raise ValueError(
            f"size {input_size} is too small for {model} with padding {own_padding} in conv1: "
            f"{layer.name} gets {size} {'pixel' if size == 1 else 'pixels'} for its window of "
            f"{layer.kernel_size}.\nThe smallest size that works is {_advice(model, padding)}."
        )
    shape = (whole_number("in_channels", in_channels, 1), input_size, input_size)
    rows, windows = [], []
    for layer in layers:
        parameters, macs = _costs(layer, shape)
        windows.append(_window(layer, shape, input_size))
        shape = _shape_after(layer, shape)
        field = min(receptive_field(windows)[-1], input_size)
        row = LayerRow(layer.name, layer.kind, shape, parameters, macs, 4 * prod(shape), field)
        rows.append(row)
    return rows


@cache
def smallest_size(model, padding=None):
    """The smallest side in pixels of an image that passes all layers of a net.

    `padding` is conv1's (None: what `conv1_padding` gives for each size).
    """
    return next(
        size
        for size in count(1)
        if not _first_failure(describe(model, _padding(model, size, padding)), size)
    )


def conv1_padding(size):
    """AlexNet's padding in conv1 for images of side `size`: 0 or 2 pixels.

    0 as in the 2012 code; 2 at 224 pixels, where it gives the paper's 55 positions, and for
    images that do not pass the net without it.
    """
    size = whole_number("size", size, 1)
    return 2 if size == 224 or size < smallest_size("one-tower", 0) else 0


def describe(model, padding=0, num_classes=1000):
    """The layers of a net, first to last, as a tuple of `Layer`."""
    if model not in MODELS:
        raise ValueError(f"model {model!r} is unknown; take one of {', '.join(MODELS)}")
    num_classes = whole_number("num_classes", num_classes, 1)
    if model == "four-layer":
        return _four_layer(num_classes)
    return _alexnet(model, padding, num_classes)


def _alexnet(model, padding, num_classes):
    kernels = (64, 192, 384, 256, 256) if model == "torchvision" else (96, 256, 384, 384, 256)
    groups = (1, 2, 1, 2, 2) if model == "paper" else (1, 1, 1, 1, 1)
    windows = ((11, 4, padding), (5, 1, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1))
    layers = []
    for number in range(1, 6):
        name, i = f"conv{number}", number - 1
        layers.append(Layer(name, "conv", kernels[i], *windows[i], groups[i]))
        if model == "batch-norm":
            layers.append(Layer(f"bn{number}", "batchnorm"))
        layers.append(Layer(f"relu{number}", "relu"))
        if model in ("paper", "one-tower") and number in (1, 2):
            layers.append(Layer(f"lrn{number}", "lrn"))
        if number in (1, 2, 5):
            layers.append(Layer(f"pool{number}", "pool", kernel_size=3, stride=2))
    hidden = [(Layer(f"fc{n}", "fc", 4096), Layer(f"relu{n}", "relu")) for n in (6, 7)]
    for number, pair in enumerate(hidden, start=6):
        dropout = Layer(f"dropout{number}", "dropout")
        # The paper's dropout is on the units of fc6 and fc7, torchvision's on their inputs.
        hidden[number - 6] = (dropout, *pair) if model == "torchvision" else (*pair, dropout)
    layers.append(Layer("avgpool", "adaptive", kernel_size=6))
    return (*layers, *hidden[0], *hidden[1], Layer("fc8", "fc", num_classes))


def _four_layer(num_classes):
    return (
        Layer("conv1", "conv", 32, 5, 1, 2),
        Layer("pool1", "pool", kernel_size=3, stride=2, ceil_mode=True),
        Layer("relu1", "relu"),
        Layer("conv2", "conv", 32, 5, 1, 2),
        Layer("relu2", "relu"),
        Layer("pool2", "pool", kernel_size=3, stride=2, ceil_mode=True),
        Layer("conv3", "conv", 64, 5, 1, 2),
        Layer("relu3", "relu"),
        Layer("pool3", "pool", kernel_size=3, stride=2, ceil_mode=True),
        Layer("avgpool", "adaptive", kernel_size=4),
        Layer("fc4", "fc", num_classes),
    )


def _padding(model, size, padding):
    """conv1's padding: the one asked for, else the net's own at this size."""
    if model in ("torchvision", "four-layer"):
        if padding not in (None, 2):
            raise ValueError(f"padding={padding!r}: {model}'s conv1 always has 2; leave it out")
        return 2
    return conv1_padding(size) if padding is None else whole_number("padding", padding, 0)


def _advice(model, padding):
    size, size_at_best = smallest_size(model, padding), smallest_size(model)
    return f"{size}, or {size_at_best} with padding 2" if size_at_best < size else f"{size}"


def _first_failure(layers, size):
    """The first layer whose window does not fit, with the size that reaches it; else None."""
    shape = (1, size, size)
    for layer in layers:
        try:
            shape = _shape_after(layer, shape)
        except ValueError:
            return layer, shape[-1]
    return None


def _shape_after(layer, shape):
    if layer.kind in ("conv", "pool"):
        side = output_size(
            shape[-1], layer.kernel_size, layer.stride, layer.padding, ceil_mode=layer.ceil_mode
        )
        return (layer.channels or shape[0], side, side)
    if layer.kind == "adaptive":
        return (shape[0], layer.kernel_size, layer.kernel_size)
    if layer.kind == "fc":
        return (layer.channels,)
    return (prod(shape),) if layer.kind == "dropout" else shape


def _costs(layer, shape):
    """Parameters, and multiply-accumulates of one image, of a layer that `shape` enters."""
    if layer.kind == "conv":
        weights = layer.channels * (shape[0] // layer.groups) * layer.kernel_size**2
        return weights + layer.channels, weights * prod(_shape_after(layer, shape)[1:])
    if layer.kind == "fc":
        weights = layer.channels * prod(shape)
        return weights + layer.channels, weights
    return (2 * shape[0] if layer.kind == "batchnorm" else 0), 0


def _window(layer, shape, input_size):
    """(kernel_size, stride) for the receptive field: an fc layer's window is all of the image."""
    if layer.kind in ("conv", "pool"):
        return layer.kernel_size, layer.stride
    if layer.kind == "adaptive":
        size, outputs = shape[-1], layer.kernel_size
        return max(-(-(i + 1) * size // outputs) - i * size // outputs for i in range(outputs)), 1
    return (input_size, 1) if layer.kind == "fc" else (1, 1)
