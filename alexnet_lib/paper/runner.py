"""Running the experiments: what is missing is trained, what is recorded is left alone."""

import shutil
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from tqdm.auto import tqdm

from alexnet_lib.base.device import pick_device
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.load import load
from alexnet_lib.paper.experiments import (
    ARMS,
    EXPERIMENTS,
    full_size,
    net_in_words,
    representative,
)
from alexnet_lib.paper.filters import filters_image
from alexnet_lib.paper.records import record_path, recorded_runs
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.estimate import duration, training_speed
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import INITS
from alexnet_lib.training.recording import new_run, record_test
from alexnet_lib.training.step import Step

FORMAT = "{percentage:3.0f} %|{bar}| {elapsed} done, {remaining} left; {desc}"


class ExperimentData(NamedTuple):
    """Training and validation images, and the `source` that `load` read them from."""

    train: ImageSet
    validation: ImageSet
    source: str


def missing_runs(experiments, seeds, folder):
    """What is to be trained yet, as pairs (arm, seed): the first seed of all comes first.

    Where a group's arms are not all trained with the first seed, any of them stands for the one
    that will be trained with others.
    """
    wanted = []
    for seed in range(seeds):
        for name in experiments:
            for group in EXPERIMENTS[name].groups:
                arms = group if seed == 0 else [representative(group, folder)]
                wanted += [(arm, seed) for arm in arms]
    return [pair for pair in dict.fromkeys(wanted) if not record_path(folder, *pair).is_file()]


def train_arm(name, seed, arm, data, folder, work, device, report):
    """Trains an arm with a seed, or resumes it where it was interrupted, and records the run.

    data     an `ExperimentData`
    work     a folder for the checkpoint of each epoch, which is removed at the end
    report   called with the run after each epoch

    The test images are read once, after the last epoch. A net whose loss is no longer finite is
    recorded with the epochs that it completed. Returns whether the training came to its end.
    """
    images, source = subset(data.train, arm.images), {"source": str(data.source)}
    recipe = replace(arm.recipe, name=name, seed=seed)
    target = record_path(folder, name, seed)
    out = Path(work) / target.stem
    net = {**arm.net, "num_classes": len(images.classes), "size": recipe.size}
    torch.manual_seed(seed)
    model = arm.build(len(images.classes))
    batches = recipe.batches(images, train=True, device=device)
    checks = recipe.batches(data.validation, statistics=batches.statistics, device=device)
    run = new_run(model, batches, checks, recipe, device, net["name"])

    def keep(latest):
        nonlocal run
        run = latest
        report(run)

    try:
        run = fit(
            model, batches, checks, recipe, device=device, report=keep, until=arm.until,
            checkpoints=_checkpoints(out, run, net, source),
        )  # fmt: skip
        if len(run.epochs) < recipe.epochs and (
            arm.until is None or not run.steps_until(arm.until)
        ):
            return False
        if arm.until is None:
            options = dict(statistics=batches.statistics, device=device)
            test = load(data.source, "test")
            views = recipe.batches(test, ten_views=True, **options) if arm.ten_views else None
            record_test(run, model, recipe.batches(test, **options), views)
    except FloatingPointError as error:
        tqdm.write(f"{name}, seed {seed}: {str(error).splitlines()[0]}")
    run.model = net_in_words(arm)
    if arm.keep_filters:
        target.parent.mkdir(parents=True, exist_ok=True)
        change = model.features[0].weight.cpu() - _first_filters(arm, len(images.classes), recipe)
        filters_image(change).save(target.with_suffix(".png"))
    run.write(target)
    shutil.rmtree(out, ignore_errors=True)
    return True


def short_experiment(name, data, device=None):
    """A short form of an experiment, in memory.

    Of each arm (of a grid of rates, the middle one): a fifth of its images, four epochs at most,
    one seed. `data` are the training and the validation images; the test images are not read.
    Returns {arm: Run}; nothing is recorded.
    """
    found = {}
    for group in tqdm(EXPERIMENTS[name].groups, desc=name, unit="net"):
        arm = ARMS[group[len(group) // 2]]
        recipe = replace(arm.recipe, name="short", epochs=min(4, arm.recipe.epochs))
        images = subset(data[0], (arm.images or len(data[0])) // 5)
        checks = subset(data[1], 1000)
        torch.manual_seed(0)
        model = arm.build(len(images.classes))
        run = fit(model, images, checks, recipe, device=device)
        run.model = net_in_words(arm)
        found[group[len(group) // 2]] = run
    return found


def subset(images, count):
    """`count` of the images, the same ones each time; all of them for None."""
    if count is None or count >= len(images):
        return images
    draws = torch.Generator().manual_seed(0)
    return images.select(torch.randperm(len(images), generator=draws)[:count])


def _first_filters(arm, num_classes, recipe):
    """The first convolution's weights as `fit` draws them: on a CPU the draws are the same."""
    model = arm.build(num_classes)
    torch.manual_seed(recipe.seed)
    INITS[recipe.init](model)
    return model.features[0].weight.detach()


def _checkpoints(out, run, net, source):
    """The `Checkpoints` of this run, which resume it where it was stopped before its end."""
    if (out / "checkpoint.pt").is_file():
        content = read_checkpoint(out)
        before = content["run"]
        kept = content["net"], content["source"], before["recipe"], before["data"], before["images"]
        if kept == (net, source, run.recipe, run.data, run.images):
            return Checkpoints(out, net, source, content)
    return Checkpoints(out, net, source)


def arm_speeds(pairs, arms, data, device):
    """Images per second of each kind of arm among the pairs, each measured for a second."""
    found = {}
    for name, _ in tqdm(pairs, desc="measuring", leave=False):
        arm = arms[name]
        key = _kind(arm)
        if key not in found:
            model = arm.build(len(data.train.classes)).to(device)
            batches = arm.recipe.batches(subset(data.train, arm.images), train=True, device=device)
            step = Step(model, arm.recipe, device)
            found[key] = training_speed(step, batches, arm.recipe.learning_rate, seconds=1)
    return found


def _kind(arm):
    return str((arm.net, arm.without, arm.recipe.size, arm.recipe.batch_size))


def training_seconds(pairs, arms, speeds, data):
    """How long the pairs take at most, about: evaluating an image takes a third of training it."""
    total = 0
    for name, _ in pairs:
        arm = arms[name]
        images = min(len(data.train), arm.images or len(data.train)) + len(data.validation) / 3
        total += arm.recipe.epochs * images / speeds[_kind(arm)]
    return total


class Plan(NamedTuple):
    """Which experiments are to be run, on what, and where they are recorded.

    names    of EXPERIMENTS
    arms     {name: `Arm`}
    data     an `ExperimentData`
    folder   for the recorded runs; work: for checkpoints of runs that are not done
    """

    names: list
    arms: dict
    data: ExperimentData
    seeds: int
    folder: Path
    work: Path
    device: torch.device

    def missing(self):
        return missing_runs(self.names, self.seeds, self.folder)

    def other_data(self):
        """Names of other data that runs of the experiments are recorded on, sorted."""
        arms = [arm for name in self.names for group in EXPERIMENTS[name].groups for arm in group]
        runs = [run for arm in arms for run in recorded_runs(self.folder, arm).values()]
        return sorted({run.data for run in runs} - {self.data.train.name})

    def speeds(self):
        return arm_speeds(self.missing(), self.arms, self.data, self.device)

    def seconds(self, pairs, speeds):
        return training_seconds(pairs, self.arms, speeds, self.data)


def make_plan(names, source, seeds, out, work, device, full=False):
    """The `Plan` for experiments on the images of `source`, as `load` takes it.

    `full`: each arm at its full size, in a folder "full" within `out` and `work`.
    """
    data = ExperimentData(*(load(source, split) for split in ("train", "validation")), source)
    arms = {name: full_size(arm) for name, arm in ARMS.items()} if full else ARMS
    folders = (Path(folder) / ("full" if full else "") for folder in (out, work))
    return Plan(list(names), arms, data, seeds, *folders, pick_device(device))


def experiment_line(name, plan, speeds):
    """A line of text on an experiment: what is recorded, what is missing, what it asks."""
    experiment = EXPERIMENTS[name]
    arms = [arm for group in experiment.groups for arm in group]
    count = sum(len(recorded_runs(plan.folder, arm)) for arm in arms)
    pairs = missing_runs([name], plan.seeds, plan.folder)
    left = f"{len(pairs)} missing, {duration(plan.seconds(pairs, speeds))}"
    return f"{name:<13} {count:>3} recorded  {left:<22} {experiment.question}"


def train_missing(plan, speeds, budget=None):
    """Trains pair after pair until none is missing or the next would take more than `budget` s.

    Returns whether it came to its end; False where the user interrupted it.
    """
    began, pairs = time.perf_counter(), plan.missing()
    with tqdm(total=plan.seconds(pairs, speeds), bar_format=FORMAT) as bar:
        while pairs:
            name, seed = pairs[0]
            arm, share = plan.arms[name], plan.seconds(pairs[:1], speeds)
            if budget and time.perf_counter() - began + share > budget:
                bar.write(f"{name}, seed {seed} would take {duration(share)}: beyond the budget")
                break
            bar.set_description_str(f"{name}, seed {seed}; {len(pairs)} runs to go")
            report = partial(_advance, bar, share / arm.recipe.epochs)
            where = plan.folder, plan.work, plan.device
            if not train_arm(name, seed, arm, plan.data, *where, report):
                return False
            pairs = plan.missing()
            bar.total = bar.n + plan.seconds(pairs, speeds)
    return True


def _advance(bar, seconds, run):
    bar.update(seconds)
