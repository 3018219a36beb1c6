"""How to train: everything about a run except the network and the data."""

import math
from dataclasses import dataclass
from functools import partial

import torch

from alexnet_lib.base.numbers import real_number, whole_number
from alexnet_lib.base.text import shown
from alexnet_lib.data.batches import Batches
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.nets.init import init_code_2012_, init_he_, init_paper_, init_xavier_

INITS = {
    "paper": init_paper_,
    "code-2012": init_code_2012_,
    "code-2012, biases 0": partial(init_code_2012_, biases=0),
    "xavier": init_xavier_,
    "he": init_he_,
}
SCHEDULES = ("plateau", "drops", "cosine", "constant")
LARGEST_SIDE = 10_000  # pixels; one image of this side takes 1.2 GB as a network's input
DROPS = (0.6, 0.8, 0.95)  # fractions of the epochs


@dataclass(frozen=True)
class Recipe:
    """How to train: everything except the network and the data.

    epochs, batch_size, learning_rate, momentum, seed
                   as usual; the schedule scales `learning_rate` down
    weight_decay   acts on weights, not on biases, as in the 2012 code
    schedule       how the learning rate changes. "plateau": divided by 10 when the validation
                   error has not improved for `patience` epochs, at most three times (section 5);
                   "drops": divided by 10 three times, at DROPS; "cosine": a warm-up over the first
                   tenth, then half a cosine down to zero; "constant"
    init           one of INITS, drawn with the seed; None trains from the weights that the network
                   has
    scale          "mean": only the mean color is subtracted from the pixels (section 2); "unit":
                   they are divided by the standard deviation, too
    precision      "float32"; "mixed": matrix products in the 16-bit type that the device has
                   instructions for, and in float32 where it has none
    keep_best      end with the weights of the epoch with the lowest validation loss, not the last
    early_stopping
                   end when the validation loss has not improved for so many epochs; None never
    class_weights  how much an image of each class counts in the loss: None all the same;
                   "balanced" in inverse proportion to the training images of its class; or a number
                   for each class
    freeze         names of the parts of the network whose weights stay as they are: ("features",).
                   They stay frozen after the run, until `model.requires_grad_(True)`
    size, crop, pad, zoom, flip, color
                   as in `Batches`

    Raises ValueError for numbers out of range and unknown names.
    """

    name: str = "own"
    epochs: int = 10
    batch_size: int = 128
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.0005
    schedule: str = "cosine"
    patience: int = 5
    init: str | None = None
    scale: str = "unit"
    precision: str = "float32"
    keep_best: bool = False
    early_stopping: int | None = None
    class_weights: str | tuple[float, ...] | list[float] | None = None
    freeze: tuple[str, ...] | list[str] = ()
    size: int | None = None
    crop: float = 1.0
    pad: int = 0
    zoom: float = 0.0
    flip: bool = True
    color: float = 0.0
    seed: int = 0

    def __post_init__(self):
        for name, least in (("epochs", 1), ("batch_size", 1), ("patience", 1), ("pad", 0)):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least))
        if self.early_stopping is not None:
            least = whole_number("early_stopping", self.early_stopping, 1)
            object.__setattr__(self, "early_stopping", least)
        for name in ("keep_best", "flip"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be True or False, not {shown(getattr(self, name))}")
        self._check_freeze()
        self._check_class_weights()
        object.__setattr__(self, "seed", whole_number("seed", self.seed, 0))
        if self.seed >= 2**63:
            raise ValueError(f"seed must be below 2**63, not {shown(self.seed)}")
        if self.size is not None:
            object.__setattr__(self, "size", whole_number("size", self.size, 1))
            if self.size > LARGEST_SIDE:
                raise ValueError(f"size must be at most {LARGEST_SIDE:,} pixels, not {self.size}")
        for name, words, fits in (
            ("learning_rate", "above 0 and finite (as 0.01)", lambda x: 0 < x < math.inf),
            ("momentum", "from 0 to below 1", lambda x: 0 <= x < 1),
            ("weight_decay", "0 or above and finite", lambda x: 0 <= x < math.inf),
            ("crop", "above 0 and up to 1", lambda x: 0 < x <= 1),
            ("zoom", "from 0 to below 1", lambda x: 0 <= x < 1),
            ("color", "0 or above and finite", lambda x: 0 <= x < math.inf),
        ):
            object.__setattr__(self, name, real_number(name, getattr(self, name)))
            if not fits(getattr(self, name)):
                raise ValueError(f"{name} must be {words}, not {shown(getattr(self, name))}")
        for name, known in (
            ("schedule", SCHEDULES),
            ("init", (None, *INITS)),
            ("scale", ("mean", "unit")),
            ("precision", ("float32", "mixed")),
        ):
            if getattr(self, name) not in known:
                names = ", ".join(map(str, known))
                raise ValueError(f"{name} must be one of {names}, not {shown(getattr(self, name))}")

    def _check_freeze(self):
        names = [self.freeze] if isinstance(self.freeze, str) else self.freeze
        if not isinstance(names, list | tuple) or not all(isinstance(n, str) and n for n in names):
            raise ValueError(f"freeze must be names of parts of the net, not {shown(names)}")
        object.__setattr__(self, "freeze", tuple(names))

    def _check_class_weights(self):
        weights = self.class_weights
        if weights is None or (isinstance(weights, str) and weights == "balanced"):
            return
        try:
            ordered = not isinstance(weights, str | dict | set)  # a dict would give its keys
            weights = tuple(map(float, weights if ordered else ()))
        except (TypeError, ValueError, OverflowError):
            weights = ()
        if not any(weights) or not all(0 <= weight < math.inf for weight in weights):
            raise ValueError(
                f'class_weights must be None, "balanced" or a number of 0 or above for each class, '
                f"one of them above 0, not {shown(self.class_weights)}"
            )
        object.__setattr__(self, "class_weights", weights)

    def normalization(self, statistics):
        """The `ColorStatistics` with the standard deviation that pixels are divided by."""
        return statistics._replace(std=torch.ones(3)) if self.scale == "mean" else statistics

    def batches(self, data, train=False, statistics=None, device=None, **changes):
        """The `Batches` of an `ImageSet` or of `ImageFiles`, prepared as this recipe says.

        `changes` are options of `Batches`. With ten views a batch has a tenth of the images, so
        that it takes no more memory.
        """
        statistics = self.normalization(statistics or color_statistics(data))
        options = dict(size=self.size, crop=self.crop, pad=self.pad, flip=self.flip)
        options |= dict(zoom=self.zoom, color=self.color, batch_size=self.batch_size) | changes
        if options.get("ten_views"):
            options["batch_size"] = max(1, options["batch_size"] // 10)
            if options["crop"] == 1:  # without padding the five places would be one
                options["pad"] = options["pad"] or 2
        return Batches(data, train=train, statistics=statistics, device=device, **options)


# "fast" takes minutes on two cores. "paper" is sections 4 and 5 as the 2012 code implements them:
# colors by the root of the eigenvalue, no weight decay of biases. `patience` is our choice.
RECIPES = {
    "fast": Recipe("fast", learning_rate=0.03, init="he", precision="mixed", pad=2),
    "paper": Recipe(
        "paper", epochs=90, schedule="plateau", init="paper", scale="mean", crop=0.875, color=0.1
    ),
}


def learning_rate(recipe, epochs, progress):
    """The learning rate of a step.

    epochs     a list of `Epoch`: those that are done
    progress   the fraction of the run that is done, from 0 to 1
    """
    if recipe.schedule == "cosine":
        warm_up = min(1.0, progress / 0.1)
        return recipe.learning_rate * warm_up * 0.5 * (1 + math.cos(math.pi * progress))
    if recipe.schedule == "constant":
        return recipe.learning_rate
    if recipe.schedule == "drops":
        return recipe.learning_rate / 10 ** sum(progress >= drop for drop in DROPS)
    best, stalled, drops = 0.0, 0, 0
    for row in epochs:
        stalled = 0 if row.validation_top1 > best else stalled + 1
        best = max(best, row.validation_top1)
        if stalled >= recipe.patience and drops < 3:
            stalled, drops = 0, drops + 1
    return recipe.learning_rate / 10**drops
