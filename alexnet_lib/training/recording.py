"""What a run records besides its epochs: what was trained, on what, and by which versions."""

import subprocess
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import torch

from alexnet_lib.base.device import describe_device
from alexnet_lib.training.run import Run


def new_run(model, train, validation, recipe, net, device):
    """A `Run` without epochs of a net that is to be trained on these batches.

    net   the arguments of `build` that made the net, or None for a net of your own
    """
    data = [data_of(batches) for batches in (train, validation)]
    return Run(
        model=(net or {}).get("name") or getattr(model, "name", type(model).__name__),
        parameters=sum(p.numel() for p in model.parameters()),
        data=getattr(data[0], "name", "unnamed"),
        images={"train": len(data[0]), "validation": len(data[1])},
        recipe=asdict(recipe),
        device=describe_device(device),
        versions=versions(),
        commit=commit(),
    )


def data_of(batches):
    """What batches are made of: an `ImageSet`, the data set of a `DataLoader`, or themselves."""
    data = getattr(batches, "data", None)
    return getattr(batches, "dataset", batches) if data is None else data


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
