"""Small runs that one process and several do alike: images that do not divide into equal shares."""

from helpers import colors
from small_runs import NET, recipe

from alexnet_lib.nets.build import build
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit

MIXED = {
    "plain": {},
    "augmented": dict(pad=1, zoom=0.2, color=0.1),
    "weighted": dict(class_weights=(1.0, 2.0, 3.0)),
}
# AlexNet's layers with few channels, and with dropout.
DROPS = {
    "name": "cifar", "num_classes": 3, "size": 8, "channels": (8,) * 5, "hidden": (96, 96)
}  # fmt: skip


def few():
    """34 images: in batches of 16 the last one has two, fewer than there are processes."""
    return colors(34)


def plan(name):
    return recipe(epochs=2, **MIXED[name])


def trained(how, **changes):
    """The weights of a network without dropout, the numbers of its epochs, and its run."""
    model = build(**NET, **changes)
    run = fit(model, few(), colors(10, seed=1), how)
    numbers = [[row.train_loss, row.train_error, row.validation_loss] for row in run.epochs]
    return model.state_dict(), numbers, run.as_dict()


def seen_by(weights):
    """The loss and the confusion matrix of a net on eleven images, in batches of five."""
    model = build(**NET)
    model.load_state_dict(weights)
    seen = evaluate(model, recipe(batch_size=5).batches(colors(11, seed=2), device="cpu"))
    return seen.loss, seen.top1, seen.confusion
