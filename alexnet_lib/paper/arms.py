"""The arms of the experiments, as data: which networks are trained, and how."""

import inspect
from dataclasses import replace
from typing import NamedTuple

from alexnet_lib.nets import SMALL as SMALL_NETS
from alexnet_lib.nets.alexnet import QUARTER, alexnet
from alexnet_lib.nets.build import build
from alexnet_lib.nets.cifar_net import cifar_net
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.paper.ablation import leave_out_convolution
from alexnet_lib.paper.lrn_factors import replace_lrn_by_factors
from alexnet_lib.paper.measures import TRAINING_GOAL
from alexnet_lib.training.recipe import Recipe

IMAGES = 20_000  # of the 45,000 training images: enough to see the effects on two cores


class Arm(NamedTuple):
    """One side of a comparison: a net and how it is trained, once with each seed.

    net           the arguments of `nets.build`, without classes and size
    recipe        how it is trained; the seed is that of the run
    images        how many training images, the same ones in each run; None: all
    until         a training error (a fraction) at which training ends; None: after all epochs
    without       the number of a convolution to leave out (section 7)
    ten_views     whether the test images are also read in ten views each (section 4.1)
    keep_filters  whether what training adds to the first filters is kept, as an image
    keep_predictions  whether what the net predicts for the same images after each epoch is kept
    keep_lrn_factors  whether LRN's mean factors in the trained net are kept
    lrn_factors   constants that take the place of LRN, one per LRN layer
    """

    net: dict
    recipe: Recipe
    images: int | None = IMAGES
    until: float | None = None
    without: int | None = None
    ten_views: bool = False
    keep_filters: bool = False
    keep_predictions: bool = False
    keep_lrn_factors: bool = False
    lrn_factors: tuple = ()

    def build(self, num_classes):
        """The arm's net, for images of its recipe's size."""
        return self.change(build(num_classes=num_classes, size=self.recipe.size, **self.net))

    def change(self, net):
        """The arm's net, of what `nets.build` makes: without a layer, or with factors for LRN."""
        if self.lrn_factors:
            net = replace_lrn_by_factors(net, self.lrn_factors)
        return leave_out_convolution(net, self.without) if self.without else net

    @property
    def kind(self):
        """What decides how long a step takes: arms of the same kind are equally fast."""
        return str((self.net, self.without, self.recipe.size, self.recipe.batch_size))

    @property
    def settings(self):
        """{name: value} of all that may differ: arguments of the net, the recipe's fields, images.

        What is only kept or measured of a run is left out.
        """
        make = {"four-layer": four_layer, "cifar": cifar_net}.get(self.net["name"], alexnet)
        usual = {
            name: parameter.default
            for name, parameter in inspect.signature(make).parameters.items()
            if name not in ("variant", "num_classes", "in_channels", "padding")
        }
        recipe = {name.replace("_", " "): value for name, value in vars(self.recipe).items()}
        changes = {"LRN's factors": self.lrn_factors or None, "without": self.without}
        return {**usual, **recipe, **self.net, **changes, "images": self.images}


SMALL = Recipe(  # the four-layer net's
    "claims", epochs=10, learning_rate=0.03, init="he", precision="mixed", pad=2
)
RAW = replace(SMALL, learning_rate=0.001, init="code-2012", scale="mean")
PLAIN = dict(pad=0, flip=False)  # the images as they are
RACE = replace(SMALL, epochs=25, schedule="constant", weight_decay=0.0, **PLAIN)
THIRTY = replace(SMALL, epochs=30)
RAW_THIRTY = replace(RAW, epochs=30, weight_decay=0.004)
LARGE = replace(SMALL, learning_rate=0.02, size=64)  # AlexNet's
MEDIUM = replace(LARGE, size=128)
FEW = replace(LARGE, epochs=60, schedule="constant", batch_size=64, **PLAIN)  # 5,000 images
START = replace(RAW, epochs=4, batch_size=64, schedule="constant", size=64)
NO_BIASES = replace(START, init="code-2012, biases 0")
LONG = replace(SMALL, epochs=60, schedule="drops", learning_rate=0.01, pad=3)

OWN_SIZE = Recipe(  # AlexNet at the paper's 227 pixels
    "alexnet", epochs=14, learning_rate=0.01, schedule="drops", init="he", precision="mixed",
    size=227, pad=4,
)  # fmt: skip
CIFAR = replace(  # crops of 24×24 pixels out of 32×32
    OWN_SIZE, epochs=20, learning_rate=0.02, weight_decay=0.001, size=None, pad=0, crop=0.75
)
WIDER = dict(channels=(128, 384, 512, 512, 384), hidden=(2048, 2048))  # of the cifar net
CIFAR_LONG = replace(CIFAR, epochs=60, weight_decay=0.002, pad=4, crop=1.0)

FOUR = {"name": "four-layer"}
SLIM = {"name": "one-tower", **QUARTER}
# Half of the kernels of conv1 to conv4; conv5 and what follows stay (section 3.2).
HALF_OF_QUARTER = {"channels": (12, 32, 48, 48, 64), "hidden": QUARTER["hidden"]}
HALF = {"channels": (48, 128, 192, 192, 256)}
WIDTHS = {  # in words, by the kernels of the convolutions
    QUARTER["channels"]: "width 0.25",
    HALF_OF_QUARTER["channels"]: "half as wide in conv1 to conv4, width 0.25",
    HALF["channels"]: "half as wide in conv1 to conv4, width 1",
    (64, 64, 128): "width 2",
    WIDER["channels"]: "128 to 512 kernels",
}
RATES = {
    ("relu", "he"): (0.003, 0.01, 0.03, 0.1),
    ("tanh", "he"): (0.003, 0.01, 0.03, 0.1),
    ("relu", "code-2012"): (0.001, 0.003, 0.01),
    ("tanh", "code-2012"): (0.003, 0.01, 0.03, 0.1),
}
# The best of their grid, but after RACE's 25 epochs not yet at the goal: these get more.
MORE_EPOCHS = {("tanh", "code-2012", 0.01): 60, ("tanh", "code-2012", 0.03): 60}


def _racer(activation, init, rate):
    recipe = replace(
        RACE,
        epochs=MORE_EPOCHS.get((activation, init, rate), RACE.epochs),
        init=init,
        scale="unit" if init == "he" else "mean",
        learning_rate=rate,
    )
    return Arm(FOUR | {"activation": activation}, recipe, until=TRAINING_GOAL)


RACERS = {
    f"race {activation} {init} {rate}": _racer(activation, init, rate)
    for (activation, init), rates in RATES.items()
    for rate in rates
}
# The grid of learning rates, as names of arms, for each activation and initialization.
GRIDS = {
    (activation, init): tuple(f"race {activation} {init} {rate}" for rate in rates)
    for (activation, init), rates in RATES.items()
}

OWN_RATES = (0.0003, 0.001, 0.003)
# LRN's mean factors in the network of "raw, LRN, 0.003" with seed 0, its best rate:
# results/claims/lrn_factors/raw-LRN-0.003-seed0.json
LRN_FACTORS = (0.6512, 0.9284)


def _own_rates(name, net, recipe, images=IMAGES, **options):
    """Arms that differ in the learning rate: the one with the lowest validation error counts."""
    return {
        f"{name}, {rate}": Arm(net, replace(recipe, learning_rate=rate), images, **options)
        for rate in OWN_RATES
    }


LRN, MAX = FOUR | {"norm": "lrn"}, FOUR | {"pools": "max"}
ARMS_BY_GRID = {
    "raw": _own_rates("raw", FOUR, RAW_THIRTY),
    "raw, LRN": _own_rates("raw, LRN", LRN, RAW_THIRTY, keep_lrn_factors=True),
    "raw, factors": _own_rates("raw, factors", LRN, RAW_THIRTY, lrn_factors=LRN_FACTORS),
    "biases of 1": _own_rates("biases of 1", {"name": "paper"}, START, 3200),
    "biases of 0": _own_rates("biases of 0", {"name": "paper"}, NO_BIASES, 3200),
}
OWN_GRIDS = {name: tuple(arms) for name, arms in ARMS_BY_GRID.items()}
ARMS = RACERS | {
    **{name: arm for arms in ARMS_BY_GRID.values() for name, arm in arms.items()},
    "four-layer": Arm(FOUR, SMALL, ten_views=True),
    "LRN": Arm(LRN, SMALL),
    "LRN, scaled alpha": Arm(LRN | {"alpha": 4.0}, SMALL),
    "max pools": Arm(MAX, THIRTY, ten_views=True),
    "max pools 2x2": Arm(MAX | {"pool_size": 2}, THIRTY),
    "no augmentation": Arm(MAX, replace(THIRTY, **PLAIN)),
    "color": Arm(MAX, replace(THIRTY, color=0.1)),
    "dropout": Arm(SLIM, FEW, images=5000),
    "no dropout": Arm(SLIM | {"dropout": 0.0}, FEW, images=5000),
    "weight decay": Arm(FOUR, replace(THIRTY, weight_decay=0.005)),
    "no weight decay": Arm(FOUR, replace(THIRTY, weight_decay=0.0)),
    "constant rate": Arm(FOUR, replace(THIRTY, schedule="constant")),
    "plateau rule": Arm(FOUR, replace(THIRTY, schedule="plateau", patience=3)),
    "AlexNet": Arm(SLIM, LARGE),
    "128 pixels": Arm(SLIM, MEDIUM),
    **{f"128 pixels, without conv{n}": Arm(SLIM, MEDIUM, without=n) for n in (2, 3, 5)},
    "two towers": Arm({"name": "paper", **QUARTER}, LARGE, keep_filters=True),
    "half as wide": Arm({"name": "one-tower", **HALF_OF_QUARTER}, LARGE),
    "one-tower, 227 pixels": Arm(
        {"name": "one-tower"}, OWN_SIZE, None, keep_filters=True, keep_predictions=True
    ),
    "two towers, 227 pixels": Arm({"name": "paper"}, OWN_SIZE, None, keep_filters=True),
    "cifar": Arm({"name": "cifar"}, CIFAR, None, ten_views=True),
    "cifar, wider": Arm({"name": "cifar", **WIDER}, CIFAR_LONG, None, ten_views=True),
    "best": Arm(FOUR | {"channels": (64, 64, 128)}, LONG, images=None, ten_views=True),
}


def full_size(arm):
    """The arm as a GPU can train it: on all images, but where it is about few images.

    AlexNet has its full width then, 227 pixels, and three times the epochs.
    """
    net, recipe = dict(arm.net), arm.recipe
    if net["name"] not in SMALL_NETS and recipe.size != 227:
        recipe = replace(recipe, size=227, epochs=3 * recipe.epochs)
        net = {name: value for name, value in net.items() if name not in ("channels", "hidden")}
        if arm.net.get("channels") == HALF_OF_QUARTER["channels"]:
            net |= HALF
    images = None if arm.images == IMAGES else arm.images
    return arm._replace(net=net, recipe=recipe, images=images)


def net_in_words(arm):
    """The net of an arm in words: "one-tower, width 0.25, without conv3"."""
    parts = [arm.net["name"]]
    for name, value in arm.net.items():
        if name == "channels":
            parts.append(WIDTHS.get(value, f"channels {value}"))
        elif name == "norm":
            parts.append(f"LRN with alpha {arm.net.get('alpha', 0.001):g}")
        elif name == "pool_size":
            parts.append(f"pools {value}×{value}")
        elif name == "pools":
            parts.append(f"{value} pools")
        elif name == "activation":
            parts.append(value)
        elif name == "dropout":
            parts.append(f"dropout {value:g}")
    if arm.lrn_factors:
        parts.append(f"factors {' and '.join(map(str, arm.lrn_factors))} for LRN")
    if arm.without:
        parts.append(f"without conv{arm.without}")
    return ", ".join(parts)
