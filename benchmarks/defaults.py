"""Does every model learn with its defaults? Small trainings of each, against guessing.

`python benchmarks/defaults.py --data FOLDER` trains each of CELLS that is not recorded yet on 3,000
images, for the fewest whole epochs that make 100 steps, and adds what 1,000 validation images say
to results/benchmarks/defaults.json. Ctrl-C loses no more than the cell that is running. The
cheapest cells come first; on two cores all of them take days, on a GPU an hour. With `--longer` the
cells that stayed at chance are trained again, for at least 300 steps: were they only slow? Each
further call does so with those that still stayed there, for LONGER times as many again.
"""

import argparse
import json
import math
import time
import warnings
from itertools import product

import timing
import torch
from tqdm import tqdm

from alexnet_lib.base.device import describe_device, keep_freed_memory, pick_device
from alexnet_lib.base.files import write_atomically
from alexnet_lib.data.image_set import subset
from alexnet_lib.data.load import load
from alexnet_lib.nets import MODELS
from alexnet_lib.nets.build import build, own_size, smallest_size
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.suited import default_learning_rate

PATH = timing.RESULTS / "defaults.json"
SIZES, SETS, BATCHES, SEEDS = (32, 64, 96, 128, 227), ("ten", "two", "shapes10"), (16, 64, 256), 3
TRAINED, VALIDATED, STEPS, LONGER = 3000, 1000, 100, 3
KEYS = ("model", "size", "data", "batch_size", "seed", "learning_rate")


def cells():
    """The trainings, as dictionaries of KEYS: each model at its default, the cheapest first."""
    found = []
    for seed, model, size, data, batch in product(range(SEEDS), MODELS, SIZES, SETS, BATCHES):
        fits = size <= 64 if own_size(model) == 32 else size >= smallest_size(model)
        if fits:
            rate = default_learning_rate(model, batch)
            found.append(dict(zip(KEYS, (model, size, data, batch, seed, rate), strict=True)))
    cost = {32: 1, 227: 50}
    return sorted(
        found, key=lambda cell: (cell["seed"], cost[own_size(cell["model"])] * cell["size"])
    )


def epochs(batch_size, times=1):
    """The fewest epochs that make so many times STEPS steps."""
    return math.ceil(times * STEPS / math.ceil(TRAINED / batch_size))


def sets(name, source):
    """The training and the validation images: of ten classes, of cats and dogs, of Shapes10."""
    parts = "train", "validation"
    if name == "shapes10":
        pair = [load("shapes10", part) for part in parts]
    else:
        classes = ("cat", "dog") if name == "two" else None
        pair = [load(source, part, classes=classes) for part in parts]
    return subset(pair[0], TRAINED), subset(pair[1], VALIDATED)


def train(cell, pair, device, times=1):
    """Trains one cell. Its accuracy is None where the loss was no longer finite."""
    recipe = Recipe(
        "defaults", epochs=epochs(cell["batch_size"], times), batch_size=cell["batch_size"],
        learning_rate=cell["learning_rate"], seed=cell["seed"], size=cell["size"],
        init="he", precision="mixed", pad=2,
    )  # fmt: skip
    torch.manual_seed(cell["seed"])
    model, accuracy = build(cell["model"], len(pair[0].classes), cell["size"]), None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it stays at chance is what we look for
            accuracy = fit(model, *pair, recipe, device=device).final("validation_top1")
    except FloatingPointError:
        pass
    return {
        "epochs": recipe.epochs, "accuracy": accuracy, "learns": learns(cell["data"], accuracy),
        "device": describe_device(device),
    }  # fmt: skip


def recorded(kind="cells"):
    """The cells that are recorded, other learning rates that were tried included.

    `kind` "longer": those that were trained again, for more steps.
    """
    return json.loads(PATH.read_text(encoding="utf-8")).get(kind, []) if PATH.exists() else []


def place(row):
    """What tells a cell from the others, of a row that may say more."""
    return tuple(row[key] for key in KEYS)


def missing(found):
    """Those of `cells` that are not among the recorded ones."""
    have = set(map(place, found))
    return [cell for cell in cells() if place(cell) not in have]


def at_defaults(found):
    """Those of the recorded cells whose learning rate is the model's default today."""
    wanted = set(map(place, cells()))
    return [row for row in found if place(row) in wanted]


def at_chance(found, longer):
    """[(cell, times)]: what has not learned yet, and how many times STEPS it has to train next."""
    left = []
    for cell in at_defaults(found):
        tries = [row for row in longer if place(row) == place(cell)]
        if not any(row["learns"] for row in [cell, *tries]):
            left.append(({key: cell[key] for key in KEYS}, LONGER ** (1 + len(tries))))
    return left


def learns(data, accuracy):
    """Whether an accuracy is above guessing by more than three standard errors."""
    chance = 1 / 2 if data == "two" else 1 / 10
    error = math.sqrt(chance * (1 - chance) / VALIDATED)
    return accuracy is not None and accuracy > chance + 3 * error


def write(found, longer):
    """Writes the recorded cells, one line each, and those that were trained for longer."""
    parts = (",\n".join("  " + json.dumps(row) for row in rows) for rows in (found, longer))
    text = '{{\n"images": [{}, {}],\n"cells": [\n{}\n],\n"longer": [\n{}\n]\n}}\n'.format(
        TRAINED, VALIDATED, *parts
    )
    write_atomically(PATH, lambda file: file.write(text.encode()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="cifar10", help="ten classes, cat and dog among them")
    parser.add_argument("--device", help="cpu, cuda or mps; default: the best")
    parser.add_argument(
        "--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL",
        help=f"of {', '.join(MODELS)}; default: all",
    )  # fmt: skip
    parser.add_argument(
        "--budget", type=float, default=math.inf, metavar="MINUTES",
        help="begin no training after so many; default: train all",
    )  # fmt: skip
    parser.add_argument(
        "--longer", action="store_true",
        help="train those that stayed at chance again, for more steps",
    )  # fmt: skip
    options = parser.parse_args()
    device, began, pairs = pick_device(options.device), time.perf_counter(), {}
    keep_freed_memory()
    found, longer = recorded(), recorded("longer")
    left = at_chance(found, longer) if options.longer else [(cell, 1) for cell in missing(found)]
    left = [(cell, times) for cell, times in left if cell["model"] in options.models]
    for cell, times in tqdm(left, unit="cell"):
        if time.perf_counter() - began > 60 * options.budget:
            break
        if cell["data"] not in pairs:
            pairs[cell["data"]] = sets(cell["data"], options.data)
        rows = longer if options.longer else found
        rows.append(cell | train(cell, pairs[cell["data"]], device, times))
        write(found, longer)
    print(f"{len(at_defaults(found))} cells are recorded, {len(missing(found))} are missing")
    slow = [row for row in at_defaults(found) if not row["learns"]]
    print(f"{len(slow)} stayed at chance for {STEPS} steps; of these, so far:", *longer, sep="\n")


if __name__ == "__main__":
    main()
