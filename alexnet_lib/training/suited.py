"""The learning rate and the batches that suit a net, for those who choose none."""

import math
from dataclasses import replace

from alexnet_lib.nets import SMALL

# The learning rate of the recipe "fast" for each of `nets.MODELS`, in batches of USUAL_BATCH:
# chosen on validation images, see docs/experiments.md. With the 0.03 of the four-layer net, the
# loss of AlexNet at its full width stays where guessing has it.
LEARNING_RATES = {
    "paper": 0.005,
    "one-tower": 0.005,
    "batch-norm": 0.002,
    "torchvision": 0.001,
    "cifar": 0.01,
    "four-layer": 0.03,
}
USUAL_BATCH = 128
FEW_STEPS, SMALL_BATCH = 500, 32  # with fewer steps AlexNet gets smaller batches, so more steps


def default_learning_rate(model, batch_size):
    """The learning rate to train one of `nets.MODELS` with, from He's initialization.

    In smaller batches than usual it is smaller by the root of the ratio, so that the noise of the
    gradient moves the weights no more (Krizhevsky, 2014, section 3); in larger ones it is the same.
    Rounded to two digits.
    """
    rate = LEARNING_RATES[model] * math.sqrt(min(1, batch_size / USUAL_BATCH))
    return float(f"{rate:.2g}")


def suited(recipe, model, images, batch_size=None, learning_rate=None):
    """The recipe with batches and a learning rate that suit the net, but for what is given.

    images                      how many there are to train on
    batch_size, learning_rate   what the user chose; None leaves the choice to this function

    Only the recipe "fast" is changed; the paper's says what it says.
    """
    if recipe.name != "fast":
        return recipe
    steps = -(-images // recipe.batch_size) * recipe.epochs
    few = images < recipe.batch_size or (model not in SMALL and steps < FEW_STEPS)
    if few and not batch_size:
        recipe = replace(recipe, batch_size=min(SMALL_BATCH, images))
    rate = learning_rate or default_learning_rate(model, recipe.batch_size)
    return replace(recipe, learning_rate=rate)
