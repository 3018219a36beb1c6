"""Checkpoints: everything a run needs to go on, or to be evaluated elsewhere."""

import pickle
import zipfile
from pathlib import Path

import torch

from alexnet_lib.base.files import write_atomically
from alexnet_lib.data.batches import ColorStatistics
from alexnet_lib.nets.build import build

KEYS = {"format", "net", "classes", "source", "model", "optimizer", "statistics", "run"}
FORMAT = 1


def save(path, **content):
    """Writes a checkpoint, whole or not at all. `content` has the names of `KEYS` but format.

    Tensors, numbers and text only, so that it can be read without running code.
    Raises OSError where the disk is full or the folder cannot be written.
    """
    write_atomically(path, lambda file: torch.save({"format": FORMAT, **content}, file))


def read(path):
    """The content of a checkpoint, on the CPU, as a dict with `KEYS`: a file, or a run's folder.

    Read with `weights_only=True`: a file that would run code is refused. Raises
    FileNotFoundError, or ValueError for a file that is not one of the course's checkpoints.
    """
    path = Path(path)
    path = path / "checkpoint.pt" if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if zipfile.is_zipfile(path):
            raise ValueError(
                f"{path} holds more than tensors, numbers and text, and reading it could run "
                f"code: it was not read. Checkpoints that `train` writes are free of that."
            ) from error
        raise ValueError(f"{path} is not a checkpoint (it is no file of torch.save)") from error
    except (RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise ValueError(f"{path} is damaged or is not a checkpoint: {_line(error)}") from error
    if not isinstance(content, dict) or set(content) != KEYS or content["format"] != FORMAT:
        raise ValueError(
            f"{path} was not written by `train` of this course: take its checkpoint.pt"
        )
    statistics = content["statistics"]
    content["statistics"] = ColorStatistics(*statistics) if statistics else None
    return content


def restore(content):
    """The net of a checkpoint's content, with its weights, in evaluation mode.

    Raises ValueError where the weights belong to another net than the one named.
    """
    model = build(**content["net"])
    fill(model, content)
    return model.eval()


def fill(model, content):
    """Copies a checkpoint's weights into `model`. Raises ValueError where they do not fit it."""
    try:
        model.load_state_dict(content["model"])
    except RuntimeError as error:
        raise ValueError(
            f"the checkpoint's weights are those of another net than {content['net']}: "
            f"{_line(error, 1)}"
        ) from error


def _line(error, number=0):
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[min(number, len(lines) - 1)].strip()[:200]
