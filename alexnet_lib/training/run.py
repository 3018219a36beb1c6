"""Recorded runs: what was trained, on which data and device, and the numbers of every epoch.

Reading them imports neither torch nor anything that trains.
"""

import json
from dataclasses import MISSING, asdict, dataclass, field, fields

from alexnet_lib.base.files import open_ordinary, write_atomically


@dataclass(frozen=True)
class Epoch:
    """The numbers of one epoch. Losses are in nats per image, errors and accuracies fractions.

    epoch               its number, counted from 1
    learning_rate       that of its last step
    train_loss, train_error
                        means over the training images while the weights change, with dropout and
                        augmentation on
    validation_loss, validation_top1, validation_top5
                        means over the validation images after the epoch, in evaluation mode
    seconds             duration of the training part, without the validation
    """

    epoch: int
    learning_rate: float
    train_loss: float
    train_error: float
    validation_loss: float
    validation_top1: float
    validation_top5: float
    seconds: float

    @property
    def validation_error(self):
        return 1 - self.validation_top1


@dataclass
class Run:
    """One training run, as a file `results/*.json` holds it.

    model, parameters   the network in words, and how many numbers it learns
    data, images        the data set in words; {"train": images, "validation": …, "test": …}
    recipe              the fields of its `Recipe`
    device, versions, commit
                        where it was trained: the device in words, {package: version}, the commit
                        of the course (None without git)
    epochs              a list of `Epoch`
    test                None until the test images are read, once, after the last epoch; then
                        {"loss": nats, "top1": fraction, "top5": fraction}, with "ten_views_top1"
                        where ten views of each image were averaged (section 4.1)
    """

    model: str
    parameters: int
    data: str
    images: dict
    recipe: dict
    device: str
    versions: dict
    commit: str | None
    epochs: list[Epoch] = field(default_factory=list)
    test: dict | None = None

    def __str__(self):
        parts = [self.model, self.data, f"{len(self.epochs)} of {self.recipe['epochs']} epochs"]
        if self.epochs:
            parts.append(f"validation accuracy {100 * self.final('validation_top1'):.1f} %")
        if self.test:
            parts.append(f"test accuracy {100 * self.test['top1']:.1f} %")
        return " · ".join(parts)

    @property
    def seed(self):
        return self.recipe["seed"]

    @property
    def steps_per_epoch(self):
        """Batches in one pass over the training images, the last and smaller one included."""
        return -(-self.images["train"] // self.recipe["batch_size"])

    @property
    def steps(self):
        """How many times the weights have been updated so far."""
        return len(self.epochs) * self.steps_per_epoch

    @property
    def test_error(self):
        """The share of test images that were classified wrong; None where none were read."""
        return 1 - self.test["top1"] if self.test else None

    @property
    def ten_views_error(self):
        """The test error over ten views of each image (section 4.1); None where not measured."""
        top1 = (self.test or {}).get("ten_views_top1")
        return None if top1 is None else 1 - top1

    @property
    def gap(self):
        """Validation error less training error in the last epoch; None without epochs."""
        if not self.epochs:
            return None
        return self.final("validation_error") - self.final("train_error")

    @property
    def best_epoch(self):
        """The `Epoch` with the lowest validation loss; None without epochs."""
        return min(self.epochs, key=lambda row: row.validation_loss, default=None)

    def final(self, name):
        """A number of the last epoch, such as `final("train_error")`; None without epochs."""
        return getattr(self.epochs[-1], name) if self.epochs else None

    def steps_until(self, train_error):
        """Steps until the training error has fallen to `train_error`; None where it never does.

        The error of an epoch counts as the error in the middle of the epoch. Between two middles
        it is interpolated linearly, so the number need not be whole.
        """
        before = None
        for number, row in enumerate(self.epochs):
            now, back = row.train_error, 0.0
            if now <= train_error:
                if before is not None:
                    back = (train_error - now) / (before - now)
                return (number + 0.5 - back) * self.steps_per_epoch
            before = now
        return None

    def write(self, path):
        """Writes the run as JSON, completely or not at all. Raises OSError where it cannot."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
        write_atomically(path, lambda file: file.write(text.encode()))

    @classmethod
    def read(cls, path):
        """The run in a JSON file. Raises ValueError where the file holds something else."""
        try:
            with open_ordinary(path) as file:
                return cls.from_dict(json.loads(file.read()))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path} is not a recorded run: {error}") from error

    @classmethod
    def from_dict(cls, content):
        """The run that `dataclasses.asdict` made this of. ValueError for other fields."""
        _check_fields(cls, content, "the run")
        rows = content.get("epochs", [])
        for number, row in enumerate(rows, 1):
            _check_fields(Epoch, row, f"epoch {number}")
        return cls(**{**content, "epochs": [Epoch(**row) for row in rows]})


def _check_fields(kind, content, what):
    """Raises ValueError where `content` is no dict with the fields of a dataclass."""
    if not isinstance(content, dict):
        raise ValueError(f"{what} is {content!r:.40}, not a dict")
    known = {one.name: one.default is one.default_factory is MISSING for one in fields(kind)}
    missing = [name for name, needed in known.items() if needed and name not in content]
    unknown = [str(name) for name in content if name not in known]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing)
        parts += [f"has the unknown field {', '.join(unknown)}"] * bool(unknown)
        raise ValueError(f"{what} {' and '.join(parts)}")
