"""Write the tables of docs/experiments.md from what is recorded in results/.

`python tools/experiments.py` writes the lines between the page's marks; `make figures` calls it.
"""

import argparse
import json
from itertools import groupby

import marks

import results
from alexnet_lib.nets import MODELS
from alexnet_lib.training.run import Run
from alexnet_lib.training.suited import default_learning_rate

PAGE = results.COURSE / "docs" / "experiments.md"
SEARCH = results.COURSE / "results" / "search"
WORDS = {"ten": "ten classes", "two": "cats and dogs", "shapes10": "Shapes10"}


def percent(fraction):
    return f"{100 * fraction:.1f} %"


def rows(head, cells):
    """A table in markdown."""
    lines = [head, ["---"] * len(head), *cells]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def rates():
    """The learning rates that were tried for AlexNet at 227 pixels."""
    runs = [Run.read(path) for path in sorted(SEARCH.glob("one-tower-227-*.json"))]
    lines = []
    for run in runs:
        first, second = run.epochs[:2]
        accuracies = percent(first.validation_top1), percent(second.validation_top1)
        lines.append((run.recipe["learning_rate"], *accuracies, f"{second.train_loss:.2f}"))
    after = "validation accuracy after epoch 1", "epoch 2"
    return rows(("learning rate", *after, "training loss, epoch 2"), lines)


def search():
    """What was tried for the net for 32 pixels, at the fourth epoch, which all of them reached."""
    found = []
    for path in sorted(SEARCH.glob("cifar-*.json")):
        run = Run.read(path)
        recipe = run.recipe
        keys = recipe["learning_rate"], recipe["weight_decay"], recipe["color"]
        name = path.stem.split(".")[0].rstrip("-0123456789")
        found.append((name, f"{run.parameters:,}", *keys, percent(run.epochs[3].validation_top1)))
    settings = "learning rate", "weight decay", "color"
    return rows(("run", "parameters", *settings, "validation accuracy, epoch 4"), found)


def second_search():
    """What was tried on a GPU for the same net: settings that differ from `wide` in one point."""
    head = ("run", "parameters", "training error, epoch 30", "validation accuracy, epoch 30")
    runs = {path.stem: Run.read(path) for path in SEARCH.glob("wide*.json")}
    lines = []
    for name in sorted(runs, key=lambda name: -runs[name].final("validation_top1")):
        last = runs[name].epochs[-1]
        percents = percent(last.train_error), percent(last.validation_top1)
        lines.append((f"`{name}`", f"{runs[name].parameters:,}", *percents))
    return rows(head, lines)


def cells(kind="cells"):
    """What `benchmarks/defaults.py` recorded; `kind` "longer": for more steps."""
    path = results.COURSE / "results" / "benchmarks" / "defaults.json"
    return json.loads(path.read_text(encoding="utf-8"))[kind]


def is_default(cell):
    return cell["learning_rate"] == default_learning_rate(cell["model"], cell["batch_size"])


def defaults():
    """How many cells learn with their model's default, for each model and data set."""
    ours = [cell for cell in cells() if is_default(cell)]
    ours.sort(key=lambda cell: (MODELS.index(cell["model"]), list(WORDS).index(cell["data"])))
    lines = []
    for (model, data), group in groupby(ours, lambda cell: (cell["model"], cell["data"])):
        group = list(group)
        good = [cell["accuracy"] for cell in group if cell["learns"]]
        between = f"{percent(min(good))} to {percent(max(good))}" if good else "–"
        lines.append((f"`{model}`", WORDS[data], f"{len(good)} of {len(group)}", between))
    return rows(("model", "data", "cells that learn", "validation accuracy"), lines)


def slow():
    """The cells that do not learn with their default, and what more epochs make of them."""
    keys = "model", "data", "size", "batch_size", "seed"
    longer, lines = {}, []
    for cell in cells("longer"):
        longer.setdefault(tuple(cell[key] for key in keys), []).append(cell)
    for cell in cells():
        if is_default(cell) and not cell["learns"]:
            place = tuple(cell[key] for key in keys)
            first, *more = [
                f"{percent(row['accuracy'])} ({row['epochs']})"
                for row in (cell, *longer.get(place, []))
            ]
            names = f"`{cell['model']}`", WORDS[cell["data"]]
            lines.append((*names, *place[2:], first, ", ".join(more) or "–"))
    lines.sort(key=lambda line: (line[1], line[0], line[2:]))
    head = "model", "data", "pixels", "batches of", "seed", "accuracy (epochs)", "trained again"
    return rows(head, lines)


def other_rates():
    """How many cells learned with learning rates that are not the defaults."""
    others = [cell for cell in cells() if not is_default(cell)]
    others.sort(key=lambda cell: (MODELS.index(cell["model"]), cell["learning_rate"]))
    lines = []
    for (model, rate), group in groupby(
        others, lambda cell: (cell["model"], cell["learning_rate"])
    ):
        group = list(group)
        batches = ", ".join(map(str, sorted({cell["batch_size"] for cell in group})))
        good = sum(cell["learns"] for cell in group)
        lines.append((f"`{model}`", rate, batches, f"{good} of {len(group)}"))
    return rows(("model", "learning rate", "batches of", "cells that learned"), lines)


TABLES = {
    "rates": rates,
    "search": search,
    "second search": second_search,
    "defaults": defaults,
    "slow": slow,
    "other rates": other_rates,
}


def written(text):
    """The page's text with the tables of today. ValueError where marks are missing."""
    for name, make in TABLES.items():
        text = marks.fill(text, name, make())
    return text


def main():
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    main()
