"""Right and typical wrong answers of notebook 05."""

import math

import torch
from torch import nn


def layers_of(model):
    return [one for one in model.modules() if isinstance(one, nn.Conv2d | nn.Linear)]


def outputs_of(model, images):
    """What each layer with weights computes."""
    kept = {}
    hooks = [
        layer.register_forward_hook(lambda layer, _, output: kept.update({layer: output}))
        for layer in layers_of(model)
    ]
    with torch.no_grad():
        model(images)
    for hook in hooks:
        hook.remove()
    return kept


def over_images(output):
    return output.std(0).square().mean().sqrt()


def by_data(model, images, measure=over_images):
    model.eval()
    for layer in layers_of(model):
        layer.weight.data /= measure(outputs_of(model, images)[layer])
    return model


def all_at_once(model, images):
    for layer, output in outputs_of(model.eval(), images).items():
        layer.weight.data /= output.std(0).square().mean().sqrt()
    return model


def by_all_values(model, images):
    model.eval()
    for layer in layers_of(model):
        layer.weight.data /= outputs_of(model, images)[layer].square().mean().sqrt() * 1.2
    return model


def linears_only(model, images):
    model.eval()
    for layer in layers_of(model):
        if isinstance(layer, nn.Linear):
            layer.weight.data /= outputs_of(model, images)[layer].std(0).square().mean().sqrt()
    return model


RIGHT = {
    "05.1": 1.923,
    "05.2": 0.0289,
    "05.3": "learning rate",
    "05.4": by_data,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("05.1", 2, "makes the lower half 0"),
    ("05.1", 1.667, "the squares"),
    ("05.1", 1, "no ReLU at all"),
    ("05.1", 0.52, "without c"),
    ("05.1", 2.08, "Larger weights"),
    ("05.1", 1.387, "belong to the std"),
    ("05.1", 17, "line 3"),
    ("05.2", 0.029, "four digits"),
    ("05.2", 0.0408, "two towers"),
    ("05.2", math.sqrt(2 / 96), "more than one value"),
    ("05.2", math.sqrt(2 / 480), "has an area"),
    ("05.2", math.sqrt(1 / 2400), "does a ReLU do"),
    ("05.2", 2 / 2400, "is the variance; its root"),
    ("05.2", 1 / 2400, "half of the one"),
    ("05.2", math.sqrt(2 / 6400), "counted the outputs"),
    ("05.2", math.sqrt(2 / 614400), "weights of all units"),
    ("05.2", 0.01, "times the places"),
    ("05.3", "initialization", "before the first step"),
    ("05.3", "dead units", "stands still"),
    ("05.3", "pixels", "raw pixels"),
    ("05.3", "bad luck", "one of these words"),
    ("05.4", lambda model, images: images, "return the model"),
    ("05.4", lambda model, images: model, "Measure it"),
    ("05.4", by_all_values, "Measure it"),
    ("05.4", lambda *case: by_data(*case, torch.std), "std of all values"),
    ("05.4", lambda *case: by_data(*case, lambda out: out.std(0).mean()), "of their mean square"),
    ("05.4", all_at_once, "a later one is not"),
    ("05.4", linears_only, "are convolutions"),
]
