"""What a run records besides its epochs: network, data, versions, and the test after the last."""

import json
import subprocess
import sys
from dataclasses import asdict
from importlib.metadata import version
from operator import length_hint
from pathlib import Path

import torch

from alexnet_lib.base.device import describe_device
from alexnet_lib.base.process_group import share
from alexnet_lib.data.image_set import subset
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.inputs import InputForm, as_pair
from alexnet_lib.training.run import Run

ANY_FORM = InputForm(None, torch.float32)
TRAIN_SAMPLE = 5000  # how many training images are evaluated after the last epoch, at most


def new_run(model, train, validation, recipe, device, name=None):
    """The `Run` of a network that is to be trained on these batches: no epochs yet.

    `name` is what the run calls the network: by default its attribute `name`, else its class.
    """
    return Run(
        model=name or getattr(model, "name", type(model).__name__),
        parameters=sum(p.numel() for p in model.parameters()),
        data=getattr(data_of(train), "name", "unnamed"),
        images={"train": count_images(train), "validation": count_images(validation)},
        recipe=recorded_recipe(recipe, train),
        device=describe_device(device),
        versions=versions(),
        commit=commit(),
        pretrained=getattr(model, "pretrained", None),
        world_size=share().world_size,
    )


def recorded_recipe(recipe, batches=None):
    """A recipe as a run records it: a dict, in which tuples are lists, as in the file.

    A `DataLoader` has a batch size of its own, which counts then.
    """
    own = {"batch_size": size} if (size := getattr(batches, "batch_size", None)) else {}
    return json.loads(json.dumps(asdict(recipe) | own))


def data_of(batches):
    """What batches are made of: an `ImageSet`, the data set of a `DataLoader`, or themselves."""
    data = getattr(batches, "data", None)
    return getattr(batches, "dataset", batches) if data is None else data


def count_images(batches):
    """How many images a pass over the batches gives.

    A `DataLoader` may leave out some of its data set's, by its sampler or by `drop_last`.
    """
    if isinstance(batches, list | tuple):
        return sum(len(as_pair(batch, ANY_FORM)[1]) for batch in batches)
    count = length_hint(getattr(batches, "sampler", None), len(data_of(batches)))
    return count - count % batches.batch_size if getattr(batches, "drop_last", False) else count


def record_test(run, model, batches, ten_views=None):
    """Evaluates `model` on the batches of the test images and writes what it found into the run.

    ten_views   batches of the same images in ten views each (section 4.1), to measure them too

    The test images are for one look, after the last epoch, and nothing is chosen by what they say:
    ValueError for a run that was tested already.
    """
    if run.test:
        raise ValueError("the run was tested already; the test images are read once")
    seen = evaluate(model, batches)
    run.images["test"] = count_images(batches)
    run.test = {"loss": seen.loss, "top1": seen.top1, "top5": seen.top5}
    if ten_views is not None:
        run.test["ten_views_top1"] = evaluate(model, ten_views).top1


def record_train_sample(run, model, recipe, images, **prepared):
    """Evaluates `model` on TRAIN_SAMPLE training images, prepared like validation images.

    They are the same ones in all runs on the same `images`, see `Run.gap`. `prepared` are the
    statistics and the device, as for `Recipe.batches`.
    """
    sample = subset(images, TRAIN_SAMPLE)
    seen = evaluate(model, recipe.batches(sample, **prepared))
    run.images["train_sample"] = len(sample)
    run.train_sample = {"loss": seen.loss, "top1": seen.top1, "top5": seen.top5}


def versions():
    """The versions that a run depends on: python, torch, torchvision."""
    return {
        "python": sys.version.split()[0],
        "torch": str(torch.__version__),
        "torchvision": version("torchvision"),
    }


def commit():
    """The commit of the checkout that this file is in, 12 digits; None without git."""
    folder = Path(__file__).parent
    asked = ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
