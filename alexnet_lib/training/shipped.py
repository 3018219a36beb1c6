"""The trained net that comes with the course, and what a run's checkpoint keeps to become it."""

from pathlib import Path

import torch

SHIPPED = Path(__file__).resolve().parents[2] / "results" / "shipped"


def shipped_folder():
    """The folder with the checkpoint and the run of the course's trained net.

    Raises FileNotFoundError where it is missing: the library may be installed without it.
    """
    if not (SHIPPED / "checkpoint.pt").is_file():
        raise FileNotFoundError(
            f"the course's trained net is not there: {SHIPPED / 'checkpoint.pt'}. It comes with "
            f"the course's repository: fetch that again, or train a net and give its folder"
        )
    return SHIPPED


def only_for_use(content):
    """The content of a checkpoint with what a net needs that is used, and not trained further.

    Weights have 16 bits: those of the best epoch where these were kept, else those of the last.
    The velocities, with which training would resume, are left out. `read_checkpoint` makes the
    weights float32 again.

    Raises ValueError where a weight is too large for 16 bits.
    """
    weights = {
        name: _halved(tensor) for name, tensor in (content["best"] or content["model"]).items()
    }
    wrong = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if wrong:
        raise ValueError(f"{wrong[0]} has weights above 65,504, the largest number of 16 bits")
    return content | {"model": weights, "best": None, "optimizer": None}


def _halved(tensor):
    return tensor.half() if tensor.dtype == torch.float32 else tensor
