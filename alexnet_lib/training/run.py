"""Recorded runs: what was trained, on which data and device, and every epoch's numbers."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch


@dataclass
class Run:
    """One training run, as `results/*.json` holds it.

    `epochs` is a list with one dict an epoch: epoch, learning_rate, train_loss,
    train_error, validation_loss, validation_top1, validation_top5, seconds. The train
    numbers are means over the epoch while the weights move, with dropout and
    augmentation on. Errors and accuracies are fractions. `test` is None until the test
    set was read, once, after the last epoch: loss, top1, top5.
    """

    model: str
    parameters: int
    data: str
    images: dict
    recipe: dict
    device: str
    versions: dict
    commit: str | None
    epochs: list = field(default_factory=list)
    test: dict | None = None

    def __str__(self):
        parts = [self.model, self.data, f"{len(self.epochs)} of {self.recipe['epochs']} epochs"]
        if self.epochs:
            parts.append(f"validation accuracy {100 * self.epochs[-1]['validation_top1']:.1f} %")
        if self.test:
            parts.append(f"test accuracy {100 * self.test['top1']:.1f} %")
        return " · ".join(parts)

    def write(self, path):
        """Writes the run as JSON, whole or not at all. Raises OSError where it cannot."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
        write_whole(path, lambda file: file.write(text.encode()))

    @classmethod
    def read(cls, path):
        """The run in a JSON file. Raises ValueError where the file holds something else."""
        try:
            return cls(**json.loads(Path(path).read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path} is not a recorded run: {error}") from error


def write_whole(path, write):
    """Calls `write` on a file beside `path` and moves it there once it is on the disk.

    Whatever happens meanwhile, `path` holds the old content or the new, never a part.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(beside, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:  # torch.save reports a full disk as RuntimeError
        raise OSError(
            f"could not write {path}: {error}\n"
            f"what was there before is still there; free some space or choose another folder"
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def tensorboard(folder):
    """A `report` for `fit` that writes each epoch's numbers into `folder` for TensorBoard.

    Scalars, with the epoch as their step: loss and accuracy (a fraction), each /training and
    /validation, and learning_rate. Raises ImportError where TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ImportError(
            "TensorBoard is not installed here; the course does without it, or install it: "
            "pip install tensorboard"
        ) from error
    writer = SummaryWriter(str(folder))

    def report(run):
        row = run.epochs[-1]
        scalars = {
            "loss/training": row["train_loss"],
            "loss/validation": row["validation_loss"],
            "accuracy/training": 1 - row["train_error"],
            "accuracy/validation": row["validation_top1"],
            "learning_rate": row["learning_rate"],
        }
        for tag, value in scalars.items():
            writer.add_scalar(tag, value, row["epoch"])
        writer.flush()

    return report


def describe_device(device):
    """The device in words: "NVIDIA H200", "cpu, 2 threads", "cpu, 1 thread"."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"cpu, {threads} thread{'s' if threads > 1 else ''}"
    return device.type


def versions():
    """The versions that a run depends on: python, torch, torchvision."""
    from importlib.metadata import version

    return {
        "python": sys.version.split()[0],
        "torch": str(torch.__version__),
        "torchvision": version("torchvision"),
    }


def commit():
    """The course's commit in the checkout that this file stands in, or None without git."""
    folder = Path(__file__).parent
    asked = ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
