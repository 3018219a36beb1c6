"""Right and typical wrong answers of notebook 10."""

import copy

import torch
from torch import nn


def outputs_differ(net, images, least=0.01):
    return bool(net(images).std(0).mean() > least)


def all_get_gradients(net, images):
    slopes = torch.autograd.grad(net(images).sum(), [*net.parameters()], allow_unused=True)
    return None not in slopes


def no_pool_enlarges(net, images):
    found = []
    for layer in net.modules():
        if isinstance(layer, nn.AdaptiveAvgPool2d):
            layer.register_forward_hook(
                lambda _, inputs, output: found.append(output.shape[-1] <= inputs[0].shape[-1])
            )
    net(images)
    return all(found)


def alarm_of(*demands):
    """An alarm that is raised if a copy of the net fails one of the demands, or an error."""

    def alarm(net, images):
        try:
            return not all(demand(copy.deepcopy(net), images) for demand in demands)
        except RuntimeError:
            return True

    return alarm


def careless(net, images):
    """Right, but it measures in evaluation mode and on the net itself."""
    try:
        net.eval()
        every = outputs_differ, all_get_gradients, no_pool_enlarges
        return not all(demand(net, images) for demand in every)
    except RuntimeError:
        return True


def raises(net, images):
    return not outputs_differ(net, images)


RIGHT = {
    "10.1": "as it is",
    "10.2": 5,
    "10.3": "conv5",
    "10.4": "noise",
    "10.5": "equal",
    "10.6": alarm_of(outputs_differ, all_get_gradients, no_pool_enlarges),
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("10.1", "after the call", "Are these raw?"),
    ("10.1", "both", "one of these words"),
    ("10.2", 6, "whatever goes in"),
    ("10.2", 12, "halves it"),
    ("10.2", 13, "for 227 pixels."),
    ("10.2", 54, "after conv1"),
    ("10.2", 55, "conv1's output"),
    ("10.2", 26, "after pool1"),
    ("10.2", 7, "the three poolings"),
    ("10.3", "conv3", "what conv2 gives"),
    ("10.3", "fc6", "as many as it takes"),
    ("10.3", "none", "mended conv4"),
    ("10.3", "conv4", "one of these words"),
    ("10.4", "overfitting", "far below epoch 2"),
    ("10.4", "a bug", "every epoch"),
    ("10.4", "luck", "one of these words"),
    ("10.5", "smaller", "the two terms"),
    ("10.5", "larger", "takes the mean"),
    ("10.5", "twice", "one of these words"),
    ("10.6", lambda net, images: True, "a healthy net"),
    ("10.6", alarm_of(lambda net, images: outputs_differ(net, images, 0.4)), "weaker than He"),
    ("10.6", lambda net, images: False, "do not fit"),
    ("10.6", raises, "do not fit"),
    ("10.6", alarm_of(all_get_gradients), "almost the same"),
    ("10.6", alarm_of(outputs_differ), "never used"),
    ("10.6", alarm_of(outputs_differ, all_get_gradients), "makes maps larger"),
    ("10.6", careless, "not as it was"),
]
