"""The layers of any net in the order in which it calls them, and the shape after each.

Shapes are those of one image: (channels, height, width), after flattening (numbers,). No forward
pass is made: `torch.fx` follows the net's `forward` with placeholders instead of tensors.
"""

from collections import Counter
from math import prod

from torch import fx, nn
from torch.nn.modules import activation
from torch.nn.modules.lazy import LazyModuleMixin

from alexnet_lib.base.text import first_line
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.sizes import output_size

OTHERS = ("MultiheadAttention", "GLU")  # in torch's module of activations, but they change shapes
ACTIVATIONS = tuple(getattr(activation, name) for name in activation.__all__ if name not in OTHERS)
KINDS = {
    "conv": nn.Conv2d,
    "pool": (nn.MaxPool2d, nn.AvgPool2d),
    "adaptive": (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d),
    "fc": nn.Linear,
    "flatten": nn.Flatten,
    "batchnorm": (nn.BatchNorm1d, nn.BatchNorm2d),
    "norm": (nn.GroupNorm, nn.InstanceNorm2d),
    "lrn": (LocalResponseNorm, nn.LocalResponseNorm),
    "dropout": (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout),
    "identity": nn.Identity,
    "relu": nn.ReLU,
    "activation": ACTIVATIONS,
}
ON_MAPS = (nn.BatchNorm2d, nn.InstanceNorm2d)
LARGEST = 2048  # pixels: how far the smallest size that works is looked for
# What a `forward` may do besides calling layers: keep the shape, flatten, ask for a size.
SAME_SHAPE = {"relu", "relu_", "dropout", "tanh", "sigmoid", "contiguous"}
FLATTEN = {"flatten", "view", "reshape"}
SIZES = {"size", "getattr", "getitem"}  # x.size(0) and x.shape[0], as arguments of `view`


class WindowTooLarge(ValueError):
    """A window that does not fit into the maps that reach it."""


def layers_in_order(net):
    """The layers of a net in the order in which it calls them: a list of (name, kind, layer).

    Names are the net's own, without the parts that a layer is in; a layer that has a number for a
    name is called by its kind and counted: conv1, conv2. Where `forward` flattens by itself, the
    name is None. Raises ValueError for what is not in KINDS, for a net whose layers do not follow
    one upon the other, and for lazy layers that were not called yet.
    """
    if next(net.children(), None) is None:
        net = nn.Sequential(net)
    check_initialized(net)
    try:
        nodes = _Tracer().trace(net).nodes
    except Exception as error:  # whatever a forward does that torch.fx cannot follow
        raise ValueError(
            f"{type(net).__name__}'s forward cannot be followed ({first_line(error)}): "
            f"give the layers as nn.Sequential"
        ) from error
    found, sizes, flow = [], set(), None
    for node in nodes:
        does = getattr(node.target, "__name__", str(node.target))
        if node.op == "placeholder" and flow is None:
            flow = node
        elif node.op in ("call_function", "call_method") and does in SIZES:
            sizes.add(node)
        elif [one for one in node.all_input_nodes if one not in sizes] != [flow]:
            raise ValueError(f"{node.name} does not take the output of the layer before it alone")
        elif node.op == "call_module":
            found.append((node.target, net.get_submodule(node.target)))
        elif node.op != "output" and does in FLATTEN:
            found.append((None, _flattening(node, does)))
        elif node.op != "output" and does not in SAME_SHAPE:
            raise ValueError(
                f"{node.name}, in forward, is not known here: make it a layer; known are: "
                f"{', '.join(KINDS)}"
            )
        if node not in sizes:
            flow = node
    return _named(found)


def check_initialized(net):
    """Raises ValueError where a lazy layer, such as nn.LazyLinear, does not know its inputs yet."""
    for name, layer in net.named_modules():
        if isinstance(layer, LazyModuleMixin) and layer.has_uninitialized_params():
            raise ValueError(
                f"{name or 'the net'} is {type(layer).__name__}, which does not know its inputs "
                f"yet: call the net once on a batch of images, net(images)"
            )


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module, path):
        return next(module.children(), None) is None


def _flattening(node, does):
    """The layer that does the same. ValueError where the batch would be flattened, too."""
    if does == "flatten":
        given = dict(zip(("start_dim", "end_dim"), node.args[1:], strict=False)) | node.kwargs
        per_image = (given.get("start_dim", 0), given.get("end_dim", -1)) == (1, -1)
    else:
        per_image = len(node.args) == 3  # x.view(x.size(0), -1)
    if not per_image:
        raise ValueError(f"{does}, in forward, does not flatten image by image: flatten(1) does")
    return nn.Flatten()


def _named(found):
    """(path, layer) pairs as (name, kind, layer)."""
    lasts = [path.rpartition(".")[2] if path else None for path, _ in found]
    named, counts = [], Counter()
    for (path, layer), last in zip(found, lasts, strict=True):
        kind = kind_of(layer, path)
        counts[kind] += 1
        if path and last.isdigit():
            name = f"{kind}{counts[kind]}"
        else:
            name = last if lasts.count(last) == 1 else path
        named.append((name, kind, layer))
    return named


def kind_of(layer, name):
    """Which of KINDS a layer is. Raises ValueError, with its name, for any other."""
    for kind, classes in KINDS.items():
        if isinstance(layer, classes):
            return kind
    raise ValueError(
        f"{name} is a layer of a kind not known here, {type(layer).__name__}; "
        f"known are: {', '.join(KINDS)}"
    )


def shape_after(name, kind, layer, shape):
    """The shape of one image's numbers after a layer.

    Raises WindowTooLarge where a window does not fit, ValueError where the layer takes another
    number of channels or of inputs than come.
    """
    if len(shape) != 3 and (kind in ("conv", "pool", "adaptive") or isinstance(layer, ON_MAPS)):
        raise ValueError(f"{name} takes maps, and gets {shape[0]:,} numbers, already flattened")
    if kind == "fc":
        return _after_linear(name, layer, shape)
    takes = channels_in(layer)
    if takes is not None and takes != shape[0]:
        raise ValueError(f"{name} takes {takes} channels, and gets {shape[0]}")
    if kind == "flatten":
        if (layer.start_dim, layer.end_dim) != (1, -1):
            raise ValueError(f"{name} flattens other dimensions than all of an image's: {layer}")
        return (prod(shape),)
    if kind == "adaptive":
        wanted = pair(layer.output_size)
        return (shape[0], *(to or side for to, side in zip(wanted, shape[1:], strict=True)))
    if kind in ("conv", "pool"):
        channels = layer.out_channels if kind == "conv" else shape[0]
        return (channels, *_sides_after(name, layer, shape[1:]))
    return shape


def _after_linear(name, layer, shape):
    if len(shape) > 1:
        maps = "×".join(map(str, shape))
        raise ValueError(f"{name} gets maps, {maps}: put nn.Flatten() before it")
    if layer.in_features != shape[0]:
        raise ValueError(f"{name} takes {layer.in_features:,} numbers, and gets {shape[0]:,}")
    return (layer.out_features,)


def _sides_after(name, layer, sides):
    """Height and width of a convolution's or a pool's output."""
    if layer.padding == "same":
        return sides
    paddings = pair(0 if layer.padding == "valid" else layer.padding)
    ceil_mode, found = getattr(layer, "ceil_mode", False), []
    for side, padding, window in zip(sides, paddings, windows(layer), strict=True):
        kernel_size, stride, dilation = window
        try:
            found.append(output_size(side, kernel_size, stride, padding, dilation, ceil_mode))
        except ValueError as error:
            pixels, span = "pixel" if side == 1 else "pixels", dilation * (kernel_size - 1) + 1
            said = f"{name} gets {side} {pixels} for its window of {span}"
            raise WindowTooLarge(said) from error
    return found


def windows(layer):
    """(kernel_size, stride, dilation) of a convolution or a pool: down the image, and across."""
    dilations = pair(getattr(layer, "dilation", 1))
    return tuple(zip(pair(layer.kernel_size), pair(layer.stride), dilations, strict=True))


def pair(value):
    """A number for both axes, or a pair, as (down, across)."""
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def shapes(layers, shape):
    """The shape after each of `layers_in_order`, for an image of this shape.

    Raises what `shape_after` raises.
    """
    found = []
    for name, kind, layer in layers:
        shape = shape_after(name, kind, layer, shape)
        found.append(shape)
    return found


def channels_in(layer):
    """How many channels a layer takes; None where it takes any number."""
    names = ("in_channels", "num_features", "num_channels")
    return next((getattr(layer, name) for name in names if hasattr(layer, name)), None)


def image_channels(layers):
    """How many channels a net's images have: what its first layer that says so takes, else 3."""
    for _, kind, layer in layers:
        if kind in ("flatten", "fc"):
            return 3
        if channels_in(layer):
            return channels_in(layer)
    return 3


def smallest_side(layers, channels):
    """The smallest side in pixels of a square image whose windows all fit; None up to LARGEST."""
    for side in range(1, LARGEST + 1):
        try:
            shapes(layers, (channels, side, side))
        except WindowTooLarge:
            continue
        except ValueError:  # a linear layer that takes the maps of another size: windows do fit
            pass
        return side
    return None
