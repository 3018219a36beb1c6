"""A small training run that several files of tests start from: three colors, three epochs."""

from dataclasses import replace

import torch
from helpers import colors

from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import Recipe

NET = {"name": "four-layer", "num_classes": 3}


def recipe(**changes):
    return replace(Recipe(epochs=3, batch_size=16, init="he", learning_rate=0.02), **changes)


def train(changes=None, folder=None, **options):
    options["checkpoints"] = Checkpoints(folder, NET)
    model = build(**NET)
    run = fit(model, colors(), colors(48, seed=1), recipe(**changes or {}), **options)
    return model, run


def resume(folder):
    """The net and the run of `train`, from its checkpoint to its end."""
    checkpoints = Checkpoints(resume=read_checkpoint(folder))
    model = build(**checkpoints.resume["net"])
    run = fit(model, colors(), colors(48, seed=1), recipe(), checkpoints=checkpoints)
    return model, run


def same_weights(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.values(), other.values(), strict=True))
