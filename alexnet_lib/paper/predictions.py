"""What a net predicts for the same twelve validation images after each epoch, on record."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from alexnet_lib.base.files import write_atomically
from alexnet_lib.data.image_set import in_memory, subset
from alexnet_lib.paper.records import record_path
from alexnet_lib.training.evaluate import probabilities

COUNT = 12


class Predictions(NamedTuple):
    """Some images and the probabilities that a net in training gives their classes.

    images          uint8 (N, 3, H, W)
    labels          int64 (N,)
    classes         the names of the classes
    by_epoch        {epoch: probabilities, float (N, C)}
    """

    images: torch.Tensor
    labels: torch.Tensor
    classes: tuple
    by_epoch: dict


class PredictionLog:
    """Asks a net for the same validation images after each epoch, and writes its answers.

    `file` is a JSON file; the images are in a PNG file beside it. A file that is there is
    continued, so that a resumed run keeps the answers of its first epochs, and no later ones.
    """

    def __init__(self, file, validation, recipe, statistics, device):
        self.file = Path(file)
        self.shown = in_memory(subset(validation, COUNT))
        self.batches = recipe.batches(self.shown, statistics=statistics, device=device)
        self.by_epoch = {}
        if self.file.is_file():
            self.by_epoch = json.loads(self.file.read_text(encoding="utf-8"))["by_epoch"]

    def add(self, model, epoch):
        """Writes what `model` predicts after this epoch, rounded to four digits."""
        table = probabilities(model, self.batches).double()
        self.by_epoch = {done: rows for done, rows in self.by_epoch.items() if int(done) < epoch}
        self.by_epoch[str(epoch)] = [[round(p, 4) for p in row] for row in table.tolist()]
        content = {"classes": self.shown.classes, "labels": self.shown.labels.tolist()}
        text = json.dumps(content | {"by_epoch": self.by_epoch}) + "\n"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.file, lambda file: file.write(text.encode()))
        row = self.shown.images.permute(2, 0, 3, 1).flatten(1, 2)  # (H, N * W, 3)
        Image.fromarray(row.numpy()).save(self.file.with_suffix(".png"))


def predictions_path(folder, name, seed):
    """The file of what an arm's net predicted, beside its recorded run: see `record_path`."""
    path = record_path(folder, name, seed)
    return path.parent / "predictions" / path.name


def read_predictions(file):
    """The `Predictions` that a `PredictionLog` wrote."""
    content = json.loads(Path(file).read_text(encoding="utf-8"))
    with Image.open(Path(file).with_suffix(".png")) as image:
        row = torch.from_numpy(np.array(image.convert("RGB")))
    images = row.unflatten(1, (len(content["labels"]), -1)).permute(1, 3, 0, 2)
    by_epoch = {int(epoch): torch.tensor(rows) for epoch, rows in content["by_epoch"].items()}
    labels = torch.tensor(content["labels"])
    return Predictions(images, labels, tuple(content["classes"]), by_epoch)
