"""Running the experiments: what is missing is trained, what is recorded is left alone."""

import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import torch
from tqdm.auto import tqdm

from alexnet_lib.base import device as devices
from alexnet_lib.data.load import load
from alexnet_lib.paper import filters
from alexnet_lib.paper.experiments import ARMS, EXPERIMENTS, describe, full
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.estimate import duration, training_speed
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import INITS
from alexnet_lib.training.recording import new_run, record_test
from alexnet_lib.training.run import Run
from alexnet_lib.training.step import Step

TEN_VIEWS = [group[0] for name in ("augmentation", "best") for group in EXPERIMENTS[name].groups]
FORMAT = "{percentage:3.0f} %|{bar}| {elapsed} done, {remaining} left; {desc}"
FILTERS = ("two towers",)  # what training adds to their first filters is kept, as a picture


def path(folder, name, seed):
    """Where the run of an arm with a seed is recorded."""
    return Path(folder) / f"{name.replace(', ', '-').replace(' ', '-')}-seed{seed}.json"


def recorded(folder, name):
    """The recorded runs of an arm, by their seeds."""
    pattern = path(folder, name, "*").name
    runs = [Run.read(file) for file in Path(folder).glob(pattern)]
    return {run.seed: run for run in sorted(runs, key=lambda run: run.seed)}


def quickest(folder, group):
    """Of a group's arms the one whose first seed gets to its `until` in the fewest steps.

    None where a run is missing; where none gets there, the one that comes to the least error.
    """
    runs = {name: recorded(folder, name).get(0) for name in group}
    if None in runs.values():
        return None

    def order(name):
        run, steps = runs[name], runs[name].steps_until(ARMS[name].until)
        return steps is None, steps or min((row.train_error for row in run.epochs), default=1)

    return min(group, key=order)


def missing(experiments, seeds, folder):
    """What is to be trained yet, as pairs (arm, seed): the first seed of all comes first.

    Where a group's arms are not all trained with the first seed, any of them stands for the one
    that will be trained with others.
    """
    wanted = []
    for seed in range(seeds):
        for name in experiments:
            for group in EXPERIMENTS[name].groups:
                if seed == 0 or len(group) == 1:
                    wanted += [(arm, seed) for arm in group]
                else:
                    wanted.append((quickest(folder, group) or group[0], seed))
    return [pair for pair in dict.fromkeys(wanted) if not path(folder, *pair).is_file()]


def train(name, seed, arm, data, folder, work, device, report):
    """Trains an arm with a seed, or goes on where it was stopped, and records the run.

    data     training images, validation images, and the source that they are from
    work     a folder for the checkpoint of each epoch, which is removed at the end
    report   called with the run after each epoch

    The test images are read once, after the last epoch. A net whose loss is no longer finite is
    recorded with the epochs that it did. Returns whether it came to its end.
    """
    images, validation, source = subset(data[0], arm.images), *data[1:]
    recipe = replace(arm.recipe, name=name, seed=seed)
    out, target = Path(work) / path(work, name, seed).stem, path(folder, name, seed)
    net = {**arm.net, "num_classes": len(images.classes), "size": recipe.size}
    torch.manual_seed(seed)
    model = arm.build(len(images.classes))
    batches = recipe.batches(images, train=True, device=device)
    checks = recipe.batches(validation, statistics=batches.statistics, device=device)
    run = new_run(model, batches, checks, recipe, device, net["name"])

    def keep(latest):
        nonlocal run
        run = latest
        report(run)

    try:
        run = fit(
            model, batches, checks, recipe, device=device, report=keep, until=arm.until,
            checkpoints=_checkpoints(out, run, net, {"source": str(source)}),
        )  # fmt: skip
        if len(run.epochs) < recipe.epochs and (
            arm.until is None or not run.steps_until(arm.until)
        ):
            return False
        if arm.until is None:
            options = dict(statistics=batches.statistics, device=device)
            test = load(source, "test")
            views = recipe.batches(test, ten_views=True, **options) if name in TEN_VIEWS else None
            record_test(run, model, recipe.batches(test, **options), views)
    except FloatingPointError as error:
        tqdm.write(f"{name}, seed {seed}: {str(error).splitlines()[0]}")
    run.model = describe(arm)
    if name in FILTERS:
        target.parent.mkdir(parents=True, exist_ok=True)
        change = model.features[0].weight.cpu() - _first_filters(arm, len(images.classes), recipe)
        filters.picture(change).save(target.with_suffix(".png"))
    run.write(target)
    shutil.rmtree(out, ignore_errors=True)
    return True


def short(name, data, device=None):
    """A short form of an experiment, in memory.

    Of each arm (of a grid of rates, the middle one): a fifth of its images, four epochs at most,
    one seed. `data` are the training and the validation images. Returns {arm: Run}; nothing is
    recorded.
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
        run.model = describe(arm)
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


def speeds(pairs, arms, data, device):
    """Images a second of each net and recipe's size among the pairs, measured for a second each."""
    found = {}
    for name, _ in tqdm(pairs, desc="measuring", leave=False):
        arm = arms[name]
        key = _kind(arm)
        if key not in found:
            model = arm.build(len(data[0].classes)).to(device)
            batches = arm.recipe.batches(subset(data[0], arm.images), train=True, device=device)
            step = Step(model, arm.recipe, device)
            found[key] = training_speed(step, batches, arm.recipe.learning_rate, seconds=1)
    return found


def _kind(arm):
    return str((arm.net, arm.without, arm.recipe.size, arm.recipe.batch_size))


def seconds(pairs, arms, rates, data):
    """About how long the pairs take, at most: evaluating an image takes a third of training it."""
    total = 0
    for name, _ in pairs:
        arm = arms[name]
        images = min(len(data[0]), arm.images or len(data[0])) + len(data[1]) / 3
        total += arm.recipe.epochs * images / rates[_kind(arm)]
    return total


def run(options):
    """The command `experiment`: lists experiments, or runs what is missing of them."""
    names = list(EXPERIMENTS) if options.name == "all" else [options.name]
    folder = Path(options.out) / ("full" if options.full else "")
    arms = {name: full(arm) for name, arm in ARMS.items()} if options.full else ARMS
    device = devices.pick_device(options.device)
    data = (*(load(options.data, split) for split in ("train", "validation")), options.data)
    others = _other_data(names, folder, data[0].name)
    if others and not options.list:
        raise ValueError(others)
    pairs = missing(names, options.seeds, folder)
    rates = speeds(pairs, arms, data, device)
    for name in names if options.list else ():
        print(_line(name, options.seeds, folder, arms, rates, data))
    left = duration(seconds(pairs, arms, rates, data))
    print(f"{len(pairs)} runs are missing in {folder}: at most about {left} on {device}")
    if others:
        print(others)
    if options.list or not pairs:
        return 0
    return _run_missing(names, options, folder, arms, rates, data, device)


def _other_data(names, folder, data):
    """What to say where runs of the experiments are recorded on other data; "" where none is."""
    arms = [arm for name in names for group in EXPERIMENTS[name].groups for arm in group]
    found = {run.data for arm in arms for run in recorded(folder, arm).values()} - {data}
    if not found:
        return ""
    return (
        f"{folder} holds runs on {' and '.join(sorted(found))}; to train on {data} give another "
        f"folder by --out"
    )


def _line(name, seeds, folder, arms, rates, data):
    experiment = EXPERIMENTS[name]
    count = sum(len(recorded(folder, arm)) for group in experiment.groups for arm in group)
    pairs = missing([name], seeds, folder)
    left = f"{len(pairs)} missing, {duration(seconds(pairs, arms, rates, data))}"
    return f"{name:<13} {count:>3} recorded  {left:<22} {experiment.question}"


def _run_missing(names, options, folder, arms, rates, data, device):
    """Trains pair after pair until none is missing, the budget is used up or a hand stops it."""
    began, work = time.perf_counter(), Path(options.work) / ("full" if options.full else "")
    pairs = missing(names, options.seeds, folder)
    with tqdm(total=seconds(pairs, arms, rates, data), bar_format=FORMAT) as bar:
        while pairs:
            name, seed = pairs[0]
            share = seconds(pairs[:1], arms, rates, data)
            past = time.perf_counter() - began
            if options.budget and past + share > 60 * options.budget:
                bar.write(f"{name}, seed {seed} would take {duration(share)}: beyond the budget")
                break
            bar.set_description_str(f"{name}, seed {seed}; {len(pairs)} runs to go")
            epoch = share / arms[name].recipe.epochs
            report = lambda run, epoch=epoch: bar.update(epoch)  # noqa: E731
            if not train(name, seed, arms[name], data, folder, work, device, report):
                print("stopped; the same command goes on where it was")
                return 128 + signal.SIGINT
            pairs = missing(names, options.seeds, folder)
            bar.total = bar.n + seconds(pairs, arms, rates, data)
    print(f"{len(pairs)} runs are missing in {folder}")
    return 0
