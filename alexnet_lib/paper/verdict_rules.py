"""What recorded runs say about each of the paper's claims: one rule per claim.

A rule is a function of the folder of the runs. It returns a `Finding`, and raises `Missing` where
runs that it needs are not recorded.
"""

from dataclasses import replace
from statistics import mean
from typing import NamedTuple

import torch

from alexnet_lib.paper.experiments import ARMS, GRIDS
from alexnet_lib.paper.filters import color_share, read_filters
from alexnet_lib.paper.measures import (
    EPOCH_OF_LOWEST_LOSS,
    GAP,
    STEPS_TO_GOAL,
    TEN_VIEWS_ERROR,
    TEST_ERROR,
    TRAINING_ERROR,
    TRAINING_LOSS,
)
from alexnet_lib.paper.records import fastest_arm, record_path, recorded_runs
from alexnet_lib.paper.statistics import difference
from alexnet_lib.training.run import Run

HOLDS, PART, NOT = "holds", "holds in part", "does not hold here"
UNDECIDED = "not decided"  # training ended too early to tell
SEEDS = 3  # that a verdict needs at least
# Without dropout, and with it.
DROPOUT_FEW_IMAGES = ("few images, no dropout", "few images, dropout")
DROPOUT_MORE_IMAGES = ("no dropout", "dropout")


class Finding(NamedTuple):
    """A verdict, what was measured in words, and a run that shows on what both are based.

    Of the run its network, images, epochs and data are named.
    """

    verdict: str
    measured: str
    run: Run


class Missing(LookupError):
    """Runs that a verdict needs are not recorded."""


def runs_of(folder, name):
    """The recorded runs of an arm, in the order of seeds. Raises Missing for fewer than SEEDS.

    Runs that diverged have no test error and do not count. Runs that end at a training error are
    never tested; all of them count.
    """
    runs = [run for run in recorded_runs(folder, name).values() if run.test or ARMS[name].until]
    if len(runs) < SEEDS:
        raise Missing(f"{len(runs)} of {SEEDS} runs of {name} are recorded in {folder}")
    return runs


def _lowers(folder, without, with_it, measure=TEST_ERROR, least=0.0, what="test error"):
    """The finding on "it lowers the measure": HOLDS from `least` points on, PART for less.

    `without` and `with_it` are names of arms; `what` names the measure in the finding.
    """
    before, after = (measure.values(runs_of(folder, name)) for name in (without, with_it))
    found = difference(before, after)
    lowered = found.clear and found.change < 0
    verdict = (HOLDS if -found.change >= least else PART) if lowered else NOT
    run = runs_of(folder, with_it)[0]
    change = f"{mean(before):.1f} → {mean(after):.1f} {measure.unit}"
    return Finding(verdict, f"{what} {change}: {found}", run)


def _six_times(folder):
    parts, ratios, all_runs = [], [], []
    for init, words in (("he", "He"), ("code-2012", "cuda-convnet")):
        grids = GRIDS["relu", init], GRIDS["tanh", init]
        names = [fastest_arm(folder, grid, ARMS[grid[0]].until) for grid in grids]
        if None in names:
            raise Missing("the race is not run yet")
        runs = runs_of(folder, names[0]), runs_of(folder, names[1])
        all_runs += [*runs[0], *runs[1]]
        ratio, said = _ratio(*runs)
        ratios.append(ratio)
        parts.append(f"first weights of {words}: {said}")
    verdict = HOLDS if min(ratios) >= 5 else PART if max(ratios) > 1.2 else NOT
    longest = max(all_runs, key=lambda run: run.recipe["epochs"])
    return Finding(verdict, "; ".join(parts), replace(longest, model="four-layer"))


def _ratio(relu, tanh):
    """How many times as many steps as ReLU tanh takes to the goal: the number, and in words."""
    steps = [[STEPS_TO_GOAL.of(run) for run in runs] for runs in (relu, tanh)]
    if None in steps[0]:
        return 0.0, "ReLU does not get there"
    if None in steps[1]:
        run = tanh[0]
        all_steps = run.recipe["epochs"] * run.steps_per_epoch
        ratio = all_steps / mean(steps[0])
        counts = f"{mean(steps[0]):,.0f} steps, with tanh over {all_steps:,}"
        return ratio, f"more than {ratio:.1f} times ({counts})"
    ratio = mean(steps[1]) / mean(steps[0])
    counts = [f"{min(side):,.0f} to {max(side):,.0f}" for side in steps]
    return ratio, f"{ratio:.1f} times ({counts[0]} steps, with tanh {counts[1]})"


def _lrn(folder):
    raw = _lowers(folder, "raw", "raw, LRN")
    scaled = _lowers(folder, "four-layer", "LRN, scaled alpha")
    usual = _lowers(folder, "four-layer", "LRN")
    found = {raw.verdict, scaled.verdict}
    verdict = HOLDS if found == {HOLDS} else PART if HOLDS in found else NOT
    parts = ("raw pixels", raw), ("unit variance, α scaled", scaled), ("α as it was", usual)
    said = "; ".join(f"{name}: {each.measured}" for name, each in parts)
    return Finding(verdict, said, raw.run)


def _pools_and_overfitting(folder):
    return _lowers(folder, "pools 2x2", "four-layer", GAP, what="gap")


def _crops_and_flips(folder):
    error = _lowers(folder, "no augmentation", "four-layer")
    gap = _lowers(folder, "no augmentation", "four-layer", GAP, what="gap")
    verdict = error.verdict if error.verdict == gap.verdict else PART
    return Finding(verdict, f"{gap.measured}; {error.measured}", error.run)


def _ten_views(folder):
    runs = runs_of(folder, "four-layer")
    one, ten = TEST_ERROR.values(runs), TEN_VIEWS_ERROR.values(runs)
    changes = [after - before for before, after in zip(one, ten, strict=True)]
    verdict = HOLDS if max(changes) < 0 else PART if mean(changes) < 0 else NOT
    said = ", ".join(f"{change:+.1f}" for change in changes)
    said = f"test error {mean(one):.1f} → {mean(ten):.1f} %: {said} points"
    return Finding(verdict, said, runs[0])


def _dropout(folder):
    pairs = DROPOUT_FEW_IMAGES, DROPOUT_MORE_IMAGES
    few, more = (_lowers(folder, *pair, GAP, what="gap") for pair in pairs)
    error = _lowers(folder, *DROPOUT_FEW_IMAGES)
    found = {few.verdict, more.verdict}
    verdict = HOLDS if found == {HOLDS} else PART if HOLDS in found else NOT
    said = f"{few.run.images['train']:,} images: {few.measured}; {error.measured}; "
    said += f"{more.run.images['train']:,} images: {more.measured}"
    return Finding(verdict, said, few.run)


def _dropout_takes_longer(folder):
    without, with_it = (runs_of(folder, name) for name in DROPOUT_FEW_IMAGES)
    before, after = (EPOCH_OF_LOWEST_LOSS.values(runs) for runs in (without, with_it))
    found, ratio = difference(before, after), mean(after) / mean(before)
    longer = found.clear and found.change > 0
    verdict = (HOLDS if 1.5 <= ratio <= 3 else PART) if longer else NOT
    run = with_it[0]
    last = len(run.epochs)
    said = "lowest validation loss in epoch " + " → ".join(
        ", ".join(map(str, side)) for side in (before, after)
    )
    if last in before or (last in after and not longer):
        return Finding(UNDECIDED, f"{said}, the last", run)
    least = "at least " if last in after else ""
    apart = f"{found.change:+.1f} epochs, seeds differ by {found.seed_range}"
    return Finding(verdict, f"{said}: {least}{ratio:.1f} times ({apart})", run)


def _biases(folder):
    zeros, ones = (runs_of(folder, name) for name in ("biases of 0", "biases of 1"))
    before, after = (TRAINING_LOSS.values(runs) for runs in (zeros, ones))
    found = difference(before, after)
    verdict = HOLDS if found.clear and found.change < 0 else NOT
    said = f"{found.change:+.3f}, seeds differ by {found.seed_range:.3f}"
    losses = f"training loss {mean(before):.3f} → {mean(after):.3f}"
    return Finding(verdict, f"{losses} nats ({said})", ones[0])


def _each_layer(folder):
    """What leaving out conv2, …, conv5 adds to the test error: {number: Difference}."""
    base = TEST_ERROR.values(runs_of(folder, "AlexNet"))
    names = {number: f"without conv{number}" for number in (2, 3, 4, 5)}
    return {
        number: difference(base, TEST_ERROR.values(runs_of(folder, name)))
        for number, name in names.items()
    }


def _no_layer_to_spare(folder):
    found = _each_layer(folder)
    worse = [each.clear and each.change > 0 for each in found.values()]
    verdict = HOLDS if all(worse) else PART if any(worse) else NOT
    said = "; ".join(f"without conv{number}: {each}" for number, each in found.items())
    return Finding(verdict, said, runs_of(folder, "AlexNet")[0])


def _depth(folder):
    found = _each_layer(folder)
    middle = {number: found[number] for number in (3, 4)}
    worse = [each.clear and each.change > 0 for each in middle.values()]
    near = [1 <= each.change <= 3 for each in middle.values()]
    verdict = (HOLDS if all(near) else PART) if all(worse) else PART if any(worse) else NOT
    said = "; ".join(f"without conv{number}: {each}" for number, each in middle.items())
    return Finding(verdict, said, runs_of(folder, "AlexNet")[0])


def colors_of_towers(folder, seed):
    """The color shares of the two towers' first filters, and how likely they are by chance.

    Two tensors, one number per filter, and the fraction of 10,000 random halves of the filters
    whose means are at least as far apart. Raises Missing where the run is not recorded.
    """
    image = record_path(folder, "two towers", seed).with_suffix(".png")
    if not image.is_file():
        raise Missing(f"there is no {image}")
    shares = color_share(read_filters(image))
    first, second = shares.chunk(2)
    draws = torch.Generator().manual_seed(0)
    orders = torch.rand(10_000, len(shares), generator=draws).argsort(1)
    halves = shares[orders].unflatten(1, (2, -1)).mean(2)
    chance = ((halves[:, 0] - halves[:, 1]).abs() >= (first.mean() - second.mean()).abs()).double()
    return first, second, chance.mean().item()


def _two_kinds(folder):
    runs = runs_of(folder, "two towers")
    found = [colors_of_towers(folder, run.seed) for run in runs]
    apart = [chance < 0.05 for *_, chance in found]
    verdict = HOLDS if all(apart) else PART if any(apart) else NOT
    pairs = [sorted((one.mean().item(), two.mean().item())) for one, two, _ in found]
    said = ", ".join(f"{100 * low:.0f} and {100 * high:.0f} %" for low, high in pairs)
    said = f"share of color in the filters of the two towers: {said}"
    return Finding(verdict, said, runs[0])


def _raw_pixels(folder):
    """From notebook 05's runs: initialized as in the 2012 code, the mean color subtracted."""
    names = [f"four-layer-code-2012-mean-0.001-seed{seed}.json" for seed in range(SEEDS)]
    paths = [folder.parent / "initialization" / name for name in names]
    if not all(path.is_file() for path in paths):
        raise Missing("notebook 05's runs are missing")
    runs = [Run.read(path) for path in paths]
    accuracies = [100 * run.final("validation_top1") for run in runs]
    verdict = HOLDS if min(accuracies) > 20 else NOT
    said = ", ".join(f"{accuracy:.1f}" for accuracy in accuracies)
    return Finding(verdict, f"validation accuracy {said} %; guessing, 10 %", runs[0])


RULES = {
    "raw pixels": _raw_pixels,
    "no layer to spare": _no_layer_to_spare,
    "six times faster": _six_times,
    "two GPUs": lambda folder: _lowers(folder, "half as wide", "two towers"),
    "LRN on CIFAR-10": _lrn,
    "overlapping pools": lambda folder: _lowers(folder, "pools 2x2", "four-layer"),
    "pools and overfitting": _pools_and_overfitting,
    "crops and flips": _crops_and_flips,
    "color": lambda folder: _lowers(folder, "four-layer", "crops, flips, color", least=1.0),
    "dropout": _dropout,
    "dropout takes longer": _dropout_takes_longer,
    "weight decay": lambda folder: _lowers(
        folder, "no weight decay", "AlexNet", TRAINING_ERROR, what="training error"
    ),
    "biases of 1": _biases,
    "drops of the rate": lambda folder: _lowers(folder, "constant rate", "drops of the rate"),
    "ten views": _ten_views,
    "two kinds of filters": _two_kinds,
    "depth": _depth,
}
