"""Recorded runs: what was trained, on which data and device, and the numbers of every epoch.

Reading them imports neither torch nor anything that trains.
"""

import json
import math
import sys
from dataclasses import asdict, dataclass, field

from alexnet_lib.base.fields import check_dict, check_fields, check_range, check_type
from alexnet_lib.base.files import open_ordinary, write_atomically
from alexnet_lib.base.text import plain_text

LOSSES = ("train_loss", "validation_loss", "loss")  # these may be infinite or NaN, others not
NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}  # JSON has none


@dataclass(frozen=True)
class Epoch:
    """The numbers of one epoch. Losses are in nats per image, errors and accuracies fractions.

    epoch               its number, counted from 1
    learning_rate       that of its last step
    train_loss, train_error
                        means over the training images while the weights change, with dropout and
                        augmentation on; the loss as class weights make it, where there are some
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
    data, images        the data set in words; {"train": how many, "validation": …, "test": …}
    recipe              the fields of its `Recipe`
    device, versions, commit
                        where it was trained: the device in words, {package: version}, the commit
                        of the course (None without git)
    epochs              a list of `Epoch`
    test                None until the test images are read, once, after the last epoch; then
                        {"loss": nats, "top1": fraction, "top5": fraction}, with "ten_views_top1"
                        where ten views of each image were averaged (section 4.1)
    train_sample        what the final weights say about some training images, as many as
                        images["train_sample"], prepared like validation images: a dict as `test`;
                        None, and not in the file, where it was not measured
    world_size          how many processes trained it together, each on its device; not in the file
                        where it was one
    pretrained          the file that the initial weights came from, and its digest; None, and not
                        in the file, where they were drawn
    """

    interrupted = False  # set by `fit` where the user ended the training; it is not recorded

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
    pretrained: str | None = None
    train_sample: dict | None = None
    world_size: int = field(default=1, repr=False)

    def __str__(self):
        parts = [plain_text(self.model), plain_text(self.data)]
        parts.append(f"{len(self.epochs)} of {self.recipe['epochs']} epochs")
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
        """The generalization gap: validation error less that of `train_sample`; None without.

        Both are of the final weights, on images that are neither cropped nor mirrored, without
        dropout. The training error of an epoch is not: it is a mean over the epoch, too.
        """
        if not self.train_sample:
            return None
        row = self.best_epoch if self.recipe.get("keep_best") else self.epochs[-1]
        return row.validation_error - (1 - self.train_sample["top1"])

    @property
    def best_epoch(self):
        """The `Epoch` with the lowest validation loss; None without epochs."""
        return min(self.epochs, key=lambda row: row.validation_loss, default=None)

    @property
    def is_complete(self):
        """Whether training came to its end: all epochs, or early stopping."""
        patience = self.recipe.get("early_stopping")
        if patience and self.epochs and len(self.epochs) - self.best_epoch.epoch >= patience:
            return True
        return len(self.epochs) >= self.recipe["epochs"]

    def as_dict(self):
        """The run as plain dicts and lists, which `from_dict` reads."""
        content = asdict(self)
        for name in ("pretrained", "train_sample"):
            if content[name] is None:
                del content[name]
        if self.world_size == 1:
            del content["world_size"]
        return content

    def final(self, name):
        """A number of the last epoch, such as `final("train_error")`; None without epochs."""
        return getattr(self.epochs[-1], name) if self.epochs else None

    def steps_until(self, train_error):
        """Steps until the training error has fallen to `train_error`; None where it never does.

        The error of an epoch counts as the error in the middle of the epoch. Between two middles
        it is interpolated linearly, so the number need not be whole.
        """
        place = _reached([row.train_error for row in self.epochs], train_error)
        return None if place is None else (place + 0.5) * self.steps_per_epoch

    def epochs_until(self, validation_loss):
        """Epochs until the validation loss has fallen to a loss; None where it never does.

        Between the ends of two epochs the loss is interpolated linearly, so the number need not
        be whole.
        """
        place = _reached([row.validation_loss for row in self.epochs], validation_loss)
        return None if place is None else place + 1

    def write(self, path):
        """Writes the run as JSON, completely or not at all. Raises OSError where it cannot.

        JSON has no numbers that are not finite: they are written as text, "NaN" and "Infinity".
        """
        content = _without_non_finite(self.as_dict())
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        # Halves of characters, which names of files may have, stay in the form that JSON has.
        write_atomically(path, lambda file: file.write(text.encode(errors="backslashreplace")))

    @classmethod
    def read(cls, path):
        """The run in a JSON file. Raises ValueError where the file holds something else."""
        try:
            with open_ordinary(path) as file:
                content = json.loads(
                    file.read().decode(), object_pairs_hook=_without_duplicates,
                    parse_constant=_refuse,
                )  # fmt: skip
            return cls.from_dict(content)
        except (ValueError, RecursionError) as error:
            words = f"{plain_text(path, None)} is not a recorded run: {error}"
            raise ValueError(words) from error

    @classmethod
    def from_dict(cls, content):
        """The run that `as_dict` made this of. ValueError for what does not fit."""
        check_fields(cls, content, "the run")
        recipe, rows = content["recipe"], content.get("epochs", [])
        check_dict(recipe, "the recipe")
        for name, value in recipe.items():
            single = int | float | str | bool | None
            hint = single | list if name in ("freeze", "class_weights") else single
            check_type(f"{plain_text(name)} of the recipe", value, hint)
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            check_type(f"{name} of the recipe", recipe.get(name), int)
            check_range(f"{name} of the recipe", recipe[name], least)
        if recipe.get("early_stopping") is not None:
            check_type("early_stopping of the recipe", recipe["early_stopping"], int)
        check_range("world_size of the run", content.get("world_size", 1), 1)
        check_dict(content["versions"], "the versions", str)
        _check_numbers(content["images"], "the images", int, "train")
        for name, what in (("test", "the test"), ("train_sample", "the training sample")):
            if content.get(name) is not None:
                _check_numbers(content[name], what, float, "top1")
        if content.get("train_sample") and not rows:
            raise ValueError("it has a training sample and no epochs")
        for number, row in enumerate(rows, 1):
            check_fields(Epoch, row, f"epoch {number}")
            _check_numbers(row, f"epoch {number}", float, "epoch")
        if len(rows) > recipe["epochs"]:
            raise ValueError(f"it has {len(rows)} epochs, its recipe {recipe['epochs']}")
        return cls(**{**content, "epochs": [Epoch(**row) for row in rows]})


def _reached(numbers, goal):
    """The place in a list, from 0, at which its numbers have fallen to `goal`; None if they do not.

    Between two places they are interpolated linearly, so the place need not be whole.
    """
    before = None
    for place, now in enumerate(numbers):
        if now <= goal:
            return place if before is None else place - (goal - now) / (before - now)
        before = now
    return None


def _check_numbers(content, what, kind, needed=None):
    """Raises ValueError where `content` is no dict of numbers in their ranges."""
    check_dict(content, what, kind)
    if needed and needed not in content:
        raise ValueError(f"{needed} of {what} is missing")
    for name, value in content.items():
        if name not in LOSSES:
            check_range(f"{plain_text(name)} of {what}", value, 0, sys.float_info.max)


def _without_non_finite(content):
    """The same dicts and lists with text for the numbers that are not finite."""
    if isinstance(content, dict):
        return {name: _without_non_finite(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_without_non_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return json.dumps(content)
    return content


def _without_duplicates(pairs):
    """A dict of what JSON has between braces, losses as numbers. ValueError for a key twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key is there twice")
    for name in LOSSES:
        if type(content.get(name)) is str:
            content[name] = NOT_FINITE.get(content[name], content[name])
    return content


def _refuse(word):
    raise ValueError(f"it holds {word}, which JSON has no number for")
