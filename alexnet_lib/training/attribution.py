"""Which pixels an answer depends on: covering parts of the image, and the gradient.

Sources: Zeiler and Fergus, 2014 (occlusion); Simonyan, Vedaldi and Zisserman, 2013 (gradient);
Shrikumar and others, 2016 (gradient times input).
"""

import torch

from alexnet_lib.training.evaluate import evaluation_mode


def occlusion_map(model, image, label, side=8, stride=2):
    """How much the probability of a class drops when a square of the image is covered.

    image   float (3, S, S), as the network gets it; the square becomes 0, the mean color
    label   the index of the class
    side    of the square in pixels; it moves by `stride`

    Returns float (n, n) on the CPU, a row per vertical position, with n = (S - side) // stride + 1.
    Positive where covering lowers the probability. One forward pass per position, in one batch.
    Raises ValueError for a square that is larger than the image.
    """
    size = image.shape[-1]
    if not 0 < side <= size or stride < 1:
        raise ValueError(f"a square of {side} pixels moved by {stride} does not fit {size} pixels")
    starts = range(0, size - side + 1, stride)
    covered = image.repeat(len(starts) ** 2 + 1, 1, 1, 1)  # the last one stays as it is
    for number, (top, left) in enumerate((top, left) for top in starts for left in starts):
        covered[number, :, top : top + side, left : left + side] = 0
    with evaluation_mode(model), torch.no_grad():
        probability = model(covered).softmax(1)[:, label].cpu()
    return (probability[-1] - probability[:-1]).unflatten(0, (len(starts), -1))


def occlusion_maps(model, images, labels, side=8, stride=2):
    """The `occlusion_map` of each image (N, 3, S, S), with a label each: float (N, n, n)."""
    pairs = zip(images, labels, strict=True)
    return torch.stack([occlusion_map(model, *pair, side, stride) for pair in pairs])


def gradient_times_input(model, images, labels):
    """How much each pixel counts for the logit of a class: float (N, S, S) on the CPU.

    images float (N, 3, S, S), labels int64 (N,): a class for each image. It is the absolute value
    of the gradient times the pixel, summed over the colors: to first order, by how much the logit
    would change if the pixel became 0. The parameters' own gradients are left alone.
    """
    images = images.detach().clone().requires_grad_()
    with evaluation_mode(model):
        logits = model(images)
    chosen = logits.gather(1, labels.to(logits.device)[:, None]).sum()
    (gradient,) = torch.autograd.grad(chosen, images)
    return (gradient * images).sum(1).abs().detach().cpu()
