"""LRN's mean factors: measured, kept beside a recorded run, and put in LRN's place (section 3.3).

LRN divides activations by numbers above 1. Does it help because it compares channels, or because
it makes activations smaller? A network with constant factors in its place can tell.
"""

import json

import torch

from alexnet_lib.base.files import write_atomically
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.paper.records import record_path
from alexnet_lib.training.evaluate import evaluation_mode


def lrn_layers(net):
    """The LRN layers of a net, in the order of its layers."""
    return [layer for layer in net.modules() if isinstance(layer, LocalResponseNorm)]


@torch.no_grad()
def lrn_factors(net, batches):
    """The mean factor of each LRN layer, its output divided by its input, one number per layer.

    `batches` gives pairs (images, labels). The mean is over the inputs above 0, the active units,
    of all images, in evaluation mode.
    """
    layers = lrn_layers(net)
    sums = torch.zeros(len(layers), 2, dtype=torch.float64)  # of factors, and of active units

    def add(place, layer, inputs, output):
        active = inputs[0] > 0
        sums[place, 0] += (output[active] / inputs[0][active]).double().sum().cpu()
        sums[place, 1] += active.sum().cpu()

    hooks = [
        layer.register_forward_hook(lambda *call, place=place: add(place, *call))
        for place, layer in enumerate(layers)
    ]
    try:
        with evaluation_mode(net):
            for images, _ in batches:
                net(images)
    finally:
        for hook in hooks:
            hook.remove()
    return (sums[:, 0] / sums[:, 1]).tolist()


def replace_lrn_by_factors(net, factors):
    """A net whose LRN layers multiply by a constant each, without looking at any channel.

    Changes the net in place and returns it: with alpha = 0, LRN is the constant k^-beta. Raises
    ValueError where there are not as many factors, all above 0, as LRN layers.
    """
    layers = lrn_layers(net)
    if len(factors) != len(layers) or min(factors, default=1) <= 0:
        raise ValueError(f"factors={factors!r}: give {len(layers)} numbers above 0, one per layer")
    for layer, factor in zip(layers, factors, strict=True):
        layer.alpha, layer.k = 0.0, factor ** (-1 / layer.beta)
    return net


def factors_path(folder, name, seed):
    """The file of LRN's factors in an arm's trained net, beside its run: see `record_path`."""
    path = record_path(folder, name, seed)
    return path.parent / "lrn_factors" / path.name


def write_factors(file, factors):
    """Writes factors, rounded to four digits, as a JSON list."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([round(factor, 4) for factor in factors]) + "\n"
    write_atomically(file, lambda out: out.write(text.encode()))
