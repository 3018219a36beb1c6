"""Which device the course computes on."""

import os

import torch


def device(name=None):
    """The device to compute on: `name`, else `ALEXNET_DEVICE`, else CUDA, Apple's MPS, the CPU.

    Returns a `torch.device`. Raises ValueError for a name that torch does not know or
    a device that this machine does not have.
    """
    name = name or os.environ.get("ALEXNET_DEVICE")
    if not name:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(name)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device {name!r} is not usable here; try cuda, mps or cpu") from error
    return chosen
