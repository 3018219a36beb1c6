"""Checkpoints: everything that a run needs to be resumed, or a net to be used elsewhere."""

import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from alexnet_lib.base.files import write_atomically
from alexnet_lib.base.locking import locked_folder
from alexnet_lib.base.process_group import is_first
from alexnet_lib.base.text import first_line, plain_text, shown
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint_checks import (
    ForbiddenName,
    check_archive,
    check_net,
    check_source,
    checked_content,
    checked_velocities,
    checked_weights,
    expected_weights,
)
from alexnet_lib.training.recording import data_of

KEYS = {"format", "net", "classes", "source", "model", "best", "optimizer", "statistics", "run"}
FORMAT = 1


@dataclass(frozen=True)
class Checkpoints:
    """Where `fit` writes checkpoints, and the one that it resumes from.

    folder   run.json and checkpoint.pt are written there after each epoch; None writes none
    net      the arguments of `build` that made the network
    source   the arguments of `load` that its images came from, or None
    resume   the content of a checkpoint, from `read_checkpoint`, to continue its run
    change   what made the network of the one that `build` makes, as for `read_checkpoint`

    Of the processes of a group the first one writes.

    Raises ValueError for a folder without `net`, or with options that `build` and `load` do not
    have: nobody could read such a checkpoint. ValueError, too, for a checkpoint without velocities,
    as `only_for_use` (training/shipped) makes it.
    """

    folder: Path | str | None = None
    net: dict | None = None
    source: dict | None = None
    resume: dict | None = None
    change: Callable | None = None

    def __post_init__(self):
        if self.folder and self.net is None:
            raise ValueError("to write checkpoints say how the net is built: net={'name': …}")
        if self.folder:
            check_net(self.net)
            check_source(self.source)
        if self.resume and self.resume["optimizer"] is None:
            raise ValueError(
                "this checkpoint was made for use, not for resuming: start from its weights, by "
                "train --from"
            )

    @property
    def name(self):
        """The name of the network, None where it is not known."""
        return (self.net or {}).get("name")

    @property
    def statistics(self):
        """The `ColorStatistics` of the run to resume, else None."""
        return self.resume["statistics"] if self.resume else None

    def check(self, model):
        """Raises ValueError where `net` makes another network than `model`: without it, nobody
        could read the checkpoints of this training.
        """
        if not self.folder:
            return
        expected, found = expected_weights(self.net, self.change), model.state_dict()
        if expected.keys() != found.keys() or any(
            found[name].shape != wanted.shape or found[name].dtype not in (wanted.dtype, torch.half)
            for name, wanted in expected.items()
        ):
            raise ValueError(
                f"the checkpoints are to say that the net is {shown(self.net)}, and the net to be "
                f"trained is another one: give the arguments of build that made it, or "
                f"Checkpoints() to write none"
            )

    def locked(self):
        """A context in which no other process writes to the folder. OSError where one does.

        Without a folder there is nothing to lock.
        """
        return locked_run(self.folder) if self.folder else nullcontext()

    def save(self, model, optimizer, train, run, best=None):
        """Writes checkpoint.pt and run.json; nothing without a folder. `train` are the batches.

        `best` are the weights of the best epoch so far, a state dict; None where they are not kept.
        Raises FloatingPointError, and leaves the last checkpoint, where weights are not finite.
        """
        if not self.folder:
            return
        folder = Path(self.folder)
        if best is not None and run.best_epoch is run.epochs[-1]:
            best = model.state_dict()  # torch.save writes tensors that are the same once
        for name, weights in model.state_dict().items():
            if not weights.isfinite().all():
                raise FloatingPointError(
                    f"{name} is no longer finite after epoch {len(run.epochs)}: try a learning "
                    f"rate ten times smaller"
                )
        if not is_first():
            return
        save_checkpoint(
            folder / "checkpoint.pt",
            net=self.net,
            source=self.source,
            classes=self._classes(data_of(train)),
            model=model.state_dict(),
            best=best,
            optimizer=optimizer.state_dict(),
            statistics=tuple(getattr(train, "statistics", None) or ()),
            run=run.as_dict(),
        )
        if len(run.epochs) == 1:  # of a run that this one replaces
            (folder / "curves.png").unlink(missing_ok=True)
        run.write(folder / "run.json")

    def _classes(self, data):
        """The names of the classes, where the data have one for each of the net's outputs."""
        names = [str(name) for name in getattr(data, "classes", ())]
        return names if len(set(names)) == self.net["num_classes"] == len(names) else []


def save_checkpoint(path, **content):
    """Writes a checkpoint, completely or not at all: `content` is `KEYS` without the format.

    It holds only tensors, numbers and text, so that it can be read without running code.
    Raises OSError where the disk is full or the folder cannot be written.
    """
    write_atomically(path, lambda file: torch.save({"format": FORMAT, **content}, file))


def locked_run(folder):
    """A context in which no other program writes to a run's folder. OSError where one does.

    Of the processes of a group the first one locks it.
    """
    return locked_folder(folder) if is_first() else nullcontext()


def read_checkpoint(path, change=None):
    """The content of a checkpoint, on the CPU, as a dict with `KEYS`. A file, or a run's folder.

    `change` makes the trained net of one that `build` makes, where it is none of these itself.

    Read with `weights_only=True`, so that a file that would run code is refused; every value in it
    is checked. Weights are float32, also where the file has 16 bits of each. `optimizer` is None
    where the file is for use only.

    Raises FileNotFoundError, or ValueError for a file that is not one of the course's checkpoints,
    that was altered, or whose weights are not finite.
    """
    path = Path(path)
    path = path / "checkpoint.pt" if path.is_dir() else path
    content, shown = read_tensors(path), plain_text(path, None)
    ours = type(content) is dict and {*content, "best"} == KEYS and type(content["format"]) is int
    if not ours or content["format"] != FORMAT:
        raise ValueError(
            f"{shown} was not written by `train` of this course: take its checkpoint.pt"
        )
    content.setdefault("best", None)  # older checkpoints do not have it
    try:
        return checked_content(content, change)
    except ValueError as error:
        raise ValueError(f"{shown} cannot be used: {error}") from error


def read_tensors(path):
    """What torch.save wrote into a file, on the CPU: tensors, numbers and text only.

    Nothing but its form is checked, and the tensors are those in the file: copy them. Raises
    FileNotFoundError, or ValueError for a file that is not one of torch.save, that is damaged, or
    that could run code.
    """
    path = Path(path)
    shown = plain_text(path, None)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {shown}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{shown} is not a checkpoint (it is no file of torch.save)")
    try:
        check_archive(path)
        # Mapped, so that a tensor is never larger than the file, whatever its pickle says.
        return torch.load(str(path), map_location="cpu", weights_only=True, mmap=True)
    except ForbiddenName as error:
        raise ValueError(
            f"{shown} holds more than tensors, numbers and text, and reading it could run "
            f"code: it was not read. Checkpoints that `train` writes are free of that."
        ) from error
    except Exception as error:  # damaged bytes make readers fail in many ways
        words = f"{shown} is damaged or is not a checkpoint: {first_line(error)}"
        raise ValueError(words) from error


def restore_net(content):
    """The network of a checkpoint's content, in evaluation mode.

    Its weights are those of the best epoch where these were kept, else those of the last.
    Raises ValueError where the weights belong to another network than the one named.
    """
    model = build(**check_net(content["net"]))
    load_weights(model, content, content.get("best"))
    return model.eval()


def load_weights(model, content, weights=None):
    """Copies a checkpoint's weights into `model`: those given, else those of the last epoch.

    Raises ValueError where they do not fit it.
    """
    weights = content["model"] if weights is None else weights
    model.load_state_dict(checked_weights(weights, model.state_dict(), content["net"]))


def load_velocities(optimizer, content):
    """Copies a checkpoint's velocities into `optimizer`. ValueError where they do not fit it."""
    optimizer.load_state_dict(checked_velocities(content["optimizer"], optimizer))
