"""What is measured on recorded runs, with names and units."""

from collections.abc import Callable
from typing import NamedTuple

from alexnet_lib.training.run import Run


class Measure(NamedTuple):
    """A quantity that is measured on each run, one number per run.

    label   name and unit, for a figure's title
    unit    the unit alone, for sentences
    of      a function of a `Run` that gives its number, None where it has none
    bound   a function of a run without a number that gives one which it is sure to exceed; None
            where there is no such bound
    short   the measure to show instead where the test images were not read, where there is one
    digits  after the point, in sentences
    is_ratio  whether two arms are compared by the ratio of their numbers, not by the difference
    """

    label: str
    unit: str
    of: Callable[[Run], float | None]
    bound: Callable[[Run], float] | None = None
    short: "Measure | None" = None
    digits: int = 1
    is_ratio: bool = False

    def __repr__(self):
        return f"Measure({self.label!r})"

    def values(self, runs):
        """The numbers of the runs that have one, in the order of the runs."""
        return [number for run in runs if (number := self.of(run)) is not None]


def percent(share):
    """A share between 0 and 1 in percent; None for None."""
    return None if share is None else 100 * share


TRAINING_GOAL = 0.25  # the training error of Figure 1
VALIDATION_GOAL = 1.6  # nats; docs/experiments.md says why
TEN_VIEWS_ERROR = Measure(
    "error over ten views in %", "%", lambda run: percent(run.ten_views_error)
)
VALIDATION_ERROR = Measure(
    "validation error in %", "%", lambda run: percent(run.final("validation_error"))
)
TEST_ERROR = Measure(
    "test error in %", "%", lambda run: percent(run.test_error), short=VALIDATION_ERROR
)
TOP5_ERROR = Measure(
    "top-5 test error in %",
    "%",
    lambda run: 100 * (1 - run.test["top5"]) if run.test else None,
)
SAMPLE_ERROR = Measure(
    "error on training images in %",
    "%",
    lambda run: 100 * (1 - run.train_sample["top1"]) if run.train_sample else None,
)
GAP = Measure("gap in points", "points", lambda run: percent(run.gap))
SECOND_TRAINING_LOSS = Measure(
    "training loss of epoch 2 in nats",
    "nats",
    lambda run: run.epochs[1].train_loss if len(run.epochs) > 1 else None,
    digits=3,
)
EPOCHS_TO_LOSS = Measure(
    "epochs to a validation loss of 1.6",
    "epochs",
    lambda run: run.epochs_until(VALIDATION_GOAL),
    bound=lambda run: len(run.epochs),
    is_ratio=True,
)
STEPS_TO_GOAL = Measure(
    "steps to 25 % training error",
    "steps",
    lambda run: run.steps_until(TRAINING_GOAL),
    bound=lambda run: run.steps,
    digits=0,
    is_ratio=True,
)
