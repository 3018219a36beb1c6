"""Checkpoints: everything that a run needs to be resumed, or a net to be used elsewhere."""

import pickle
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from alexnet_lib.base.files import write_atomically
from alexnet_lib.data.color_statistics import ColorStatistics
from alexnet_lib.nets.build import build
from alexnet_lib.training.recording import data_of

KEYS = {"format", "net", "classes", "source", "model", "optimizer", "statistics", "run"}
FORMAT = 1


@dataclass(frozen=True)
class Checkpoints:
    """Where `fit` writes checkpoints, and the one that it resumes from.

    folder   run.json and checkpoint.pt are written there after each epoch; None writes none
    net      the arguments of `build` that made the network
    source   the arguments of `load` that its images came from, or None
    resume   the content of a checkpoint, from `read_checkpoint`, to continue its run

    Raises ValueError for a folder without `net`: nobody could read such a checkpoint.
    """

    folder: Path | str | None = None
    net: dict | None = None
    source: dict | None = None
    resume: dict | None = None

    def __post_init__(self):
        if self.folder and self.net is None:
            raise ValueError("to write checkpoints say how the net is built: net={'name': …}")

    @property
    def name(self):
        """The name of the network, None where it is not known."""
        return (self.net or {}).get("name")

    @property
    def statistics(self):
        """The `ColorStatistics` of the run to resume, else None."""
        return self.resume["statistics"] if self.resume else None

    def save(self, model, optimizer, train, run):
        """Writes checkpoint.pt and run.json; nothing without a folder. `train` are the batches."""
        if not self.folder:
            return
        save_checkpoint(
            Path(self.folder) / "checkpoint.pt",
            net=self.net,
            source=self.source,
            classes=list(getattr(data_of(train), "classes", ())),
            model=model.state_dict(),
            optimizer=optimizer.state_dict(),
            statistics=tuple(getattr(train, "statistics", None) or ()),
            run=asdict(run),
        )
        run.write(Path(self.folder) / "run.json")


def save_checkpoint(path, **content):
    """Writes a checkpoint, completely or not at all: `content` is `KEYS` without the format.

    It holds only tensors, numbers and text, so that it can be read without running code.
    Raises OSError where the disk is full or the folder cannot be written.
    """
    write_atomically(path, lambda file: torch.save({"format": FORMAT, **content}, file))


def read_checkpoint(path):
    """The content of a checkpoint, on the CPU, as a dict with `KEYS`. A file, or a run's folder.

    Read with `weights_only=True`, so that a file that would run code is refused. Raises
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


def restore_net(content):
    """The network of a checkpoint's content, with its weights, in evaluation mode.

    Raises ValueError where the weights belong to another network than the one named.
    """
    model = build(**content["net"])
    load_weights(model, content)
    return model.eval()


def load_weights(model, content):
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
