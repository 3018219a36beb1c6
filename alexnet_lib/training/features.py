"""What a network computes inside: outputs of its layers, how many are zero, which images are near.

The last hidden layer's outputs are an image's features (section 6.1 of the paper).
"""

from contextlib import contextmanager

import torch

from alexnet_lib.training.evaluate import evaluation_mode
from alexnet_lib.training.inputs import InputForm, as_pair, check_batches
from alexnet_lib.training.progress import with_bar_if_slow


def activations(model, images, names):
    """The outputs of the named layers for a batch of images, {name: tensor}, in evaluation mode.

    images   float (N, 3, S, S), on the device of `model`
    names    of layers, such as "features.conv1"; the whole network for ""

    Raises ValueError for a name that the network does not have.
    """
    with evaluation_mode(model), _recorded(model, names) as found, torch.inference_mode():
        model(images)
        return dict(found)


def last_features(model, batches):
    """The inputs of the last linear layer for each image, float (N, D) on the CPU.

    `batches` is an iterable of (images, labels), as for `evaluate`. Raises ValueError for a
    network without a linear layer, TypeError for images that are no batches.
    """
    check_batches(batches)
    linear = [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)]
    if not linear:
        raise ValueError("the network has no linear layer, so no last hidden layer before it")
    device, form, found = next(model.parameters()).device, InputForm.of(model), []
    hook = linear[-1].register_forward_pre_hook(lambda _, inputs: found.append(inputs[0].cpu()))
    try:
        with evaluation_mode(model), torch.inference_mode():
            for batch in with_bar_if_slow(batches):
                model(as_pair(batch, form)[0].to(device))
    finally:
        hook.remove()
    return torch.cat(found)


def silence(maps):
    """How much of a layer is silent: the fraction of zeros, and of channels that are always zero.

    maps   float (N, C, H, W) or (N, C), a layer's outputs after its ReLU

    A channel is dead if it is at most 0 at every position of every image. Returns two floats.
    """
    zeros, others = maps <= 0, [axis for axis in range(maps.dim()) if axis != 1]
    return zeros.float().mean().item(), zeros.all(dim=others).float().mean().item()


def nearest(features, stored, count):
    """The indices of the `count` stored rows that are nearest to each row, int64 (N, count).

    features float (N, D), stored float (M, D). The distance is Euclidean, as in Figure 4 of the
    paper; the nearest comes first. Raises ValueError for a `count` larger than M.
    """
    if not 0 < count <= len(stored):
        raise ValueError(f"count is {count}; there are {len(stored)} stored rows to choose from")
    return torch.cdist(features, stored).topk(count, largest=False).indices


@contextmanager
def _recorded(model, names):
    """The outputs of the named layers while the context lasts: {name: tensor}."""
    layers, found, hooks = dict(model.named_modules()), {}, []
    unknown = [name for name in names if name not in layers]
    if unknown:
        known = ", ".join(name for name in layers if name)
        raise ValueError(f"the net has no layer {unknown[0]!r}; it has {known}")
    for name in names:

        def keep(_, inputs, output, name=name):
            found[name] = output.clone()  # a later layer may work in place

        hooks.append(layers[name].register_forward_hook(keep))
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
