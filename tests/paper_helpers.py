"""Recorded runs of the experiments' arms, for tests."""

from dataclasses import asdict, replace

from helpers import epoch

from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.records import record_path
from alexnet_lib.training.run import Run


def run(error, name="four-layer", seed=0, tested=True, epochs=3, training=None):
    """A run of an arm whose validation and test errors end at `error`, in percent.

    `training` is its error on the training images, 5 points less where it is not given.
    """
    rows = [
        epoch(
            number,
            train_error=0.01 * (training or error - 5) + 0.1 * (epochs - number),
            train_loss=0.02 * error + 0.1 * (epochs - number),
            validation_loss=0.03 * error + 0.1 * (epochs - number),
            validation_top1=1 - 0.01 * error - 0.1 * (epochs - number),
        )
        for number in range(1, epochs + 1)
    ]
    arm = ARMS[name]
    test = {"top1": 1 - 0.01 * error, "top5": 0.96, "ten_views_top1": 1 - 0.01 * (error - 2)}
    recipe = asdict(replace(arm.recipe, name=name, seed=seed))
    known = dict(train_sample={"top1": 1 - 0.01 * (training or error - 5)} if tested else None)
    return Run(
        "a net",
        1,
        "Drawn",
        {"train": 1280},
        recipe,
        "cpu",
        {},
        None,
        rows,
        test if tested else None,
        **known,
    )


def record(folder, name, errors, **options):
    for seed, error in enumerate(errors):
        run(error, name, seed, **options).write(record_path(folder, name, seed))
