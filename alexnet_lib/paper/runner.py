"""Running the experiments: what is missing is trained, what is recorded is left alone."""

import shutil
import time
from dataclasses import replace
from functools import partial

import torch
from tqdm.auto import tqdm

from alexnet_lib.base.locking import locked_folder
from alexnet_lib.base.text import first_line
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import subset
from alexnet_lib.data.load import load, training_files
from alexnet_lib.paper.arms import ARMS, net_in_words
from alexnet_lib.paper.experiments import EXPERIMENTS, WITHOUT_SHORT_FORM
from alexnet_lib.paper.filters import filters_image
from alexnet_lib.paper.lrn_factors import factors_path, lrn_factors, write_factors
from alexnet_lib.paper.plan import waits_for_grid
from alexnet_lib.paper.predictions import PredictionLog, predictions_path
from alexnet_lib.paper.records import record_path
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.estimate import duration
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import INITS
from alexnet_lib.training.recording import new_run, record_test, record_train_sample

FORMAT = "{percentage:3.0f} %|{bar}| {elapsed} done, {remaining} left; {desc}"


def train_missing(plan, speeds, budget=None):
    """Trains the missing runs of a `Plan`, one after the other, and records each.

    Several processes can share the work: a run that another one is training is left to it.
    `speeds` are those of `plan.speeds()`. Ends before the first run that would not be finished
    within `budget` seconds. Returns False where the user interrupted it, else True.
    """
    began, pairs, elsewhere = time.perf_counter(), plan.missing(), set()

    def is_free(pair):  # no other process trains it, nor what decides whether it is needed
        return pair not in elsewhere and not waits_for_grid(pair, plan.names, plan.folder)

    with tqdm(total=plan.seconds(pairs, speeds), bar_format=FORMAT) as bar:
        while pairs:
            name, seed = pairs[0]
            share = plan.seconds(pairs[:1], speeds)
            if budget and time.perf_counter() - began + share > budget:
                bar.write(f"{name}, seed {seed} would take {duration(share)}: beyond the budget")
                break
            bar.set_description_str(f"{name}, seed {seed}; {len(pairs)} runs to go")
            report = partial(_advance, bar, share / plan.arms[name].recipe.epochs)
            try:
                with locked_folder(plan.work_folder(name, seed)):
                    if pairs[0] in plan.missing() and not train_arm(plan, name, seed, report):
                        return False
            except BlockingIOError:
                elsewhere.add(pairs[0])
                bar.write(f"{name}, seed {seed}: another process is training it")
            pairs = [pair for pair in plan.missing() if is_free(pair)]
            bar.total = bar.n + plan.seconds(pairs, speeds)
    return True


def _advance(bar, seconds, run):
    bar.update(seconds)


def train_arm(plan, name, seed, report):
    """Trains an arm of a `Plan` with a seed, or resumes its training, and records the run.

    `report` is called with the run after each epoch. Each epoch leaves a checkpoint in
    `plan.work`, which is removed at the end. The test images are read once, after the last epoch,
    and not at all where training ends at a training error. A net whose loss is no longer finite is
    recorded with the epochs that it completed. Returns False where the user interrupted it.
    """
    arm, data, device = plan.arms[name], plan.data, plan.device
    images = subset(data.train, arm.images)
    recipe = replace(arm.recipe, name=name, seed=seed)
    target = record_path(plan.folder, name, seed)
    out = plan.work_folder(name, seed)
    net = {**arm.net, "num_classes": len(images.classes), "size": recipe.size}
    torch.manual_seed(seed)
    model = arm.build(len(images.classes))
    batches = recipe.batches(images, train=True, device=device)
    checks = recipe.batches(data.validation, statistics=batches.statistics, device=device)
    run = new_run(model, batches, checks, recipe, device, net["name"])
    checkpoints = _checkpoints(out, run, net, {"source": str(data.source)}, arm.change)
    log = None
    if arm.keep_predictions:
        file = predictions_path(plan.folder, name, seed)
        log = PredictionLog(file, data.validation, recipe, batches.statistics, device)

    def keep(latest):
        nonlocal run
        run = latest
        if log:
            log.add(model, len(run.epochs))
        report(run)

    options = dict(device=device, report=keep, until=arm.until, checkpoints=checkpoints)
    try:
        run = fit(model, batches, checks, recipe, **options)
        if not _is_complete(run, arm):
            return False
        if arm.until is None:
            prepared = dict(statistics=batches.statistics, device=device)
            record_train_sample(run, model, recipe, images, **prepared)
            _test(run, model, arm, data, batches.statistics, device)
        if arm.keep_lrn_factors:
            write_factors(factors_path(plan.folder, name, seed), lrn_factors(model, checks))
    except FloatingPointError as error:
        tqdm.write(f"{name}, seed {seed}: {first_line(error)}")
    run.model = net_in_words(arm)
    if arm.keep_filters:
        target.parent.mkdir(parents=True, exist_ok=True)
        before = _initial_filters(arm, len(images.classes), recipe)
        change = model.features[0].weight.cpu() - before
        filters_image(change).save(target.with_suffix(".png"))
    run.write(target)
    shutil.rmtree(out, ignore_errors=True)
    return True


def _checkpoints(out, run, net, source, change):
    """The `Checkpoints` of this run, which resume it where it was stopped before its end."""
    if (out / "checkpoint.pt").is_file():
        content = read_checkpoint(out, change)
        before = content["run"]
        kept = content["net"], content["source"], before["recipe"], before["data"], before["images"]
        if kept == (net, source, run.recipe, run.data, run.images):
            return Checkpoints(out, net, source, content, change)
    return Checkpoints(out, net, source, change=change)


def _is_complete(run, arm):
    """Whether training came to its end: all epochs, or the training error at which it ends."""
    reached = arm.until is not None and run.steps_until(arm.until) is not None
    return reached or run.is_complete


def _test(run, model, arm, data, statistics, device):
    """Reads the test images and writes the test errors into the run.

    Raises ValueError where other files are for training now: some of them could be for the test.
    """
    images, options = load(data.source, "test"), dict(statistics=statistics, device=device)
    if data.files and training_files(data.source) != data.files:
        raise ValueError(
            f"files in {data.source} came, went or were renamed since training began: put the "
            f"folder back as it was, and give the same command again"
        )
    views = arm.recipe.batches(images, ten_views=True, **options) if arm.ten_views else None
    record_test(run, model, arm.recipe.batches(images, **options), views)


def _initial_filters(arm, num_classes, recipe):
    """The first convolution's initial weights as `fit` draws them: equal seeds, equal draws."""
    model = arm.build(num_classes)
    torch.manual_seed(recipe.seed)
    INITS[recipe.init](model)
    return model.features[0].weight.detach()


def short_experiment(name, data, device=None):
    """A short form of an experiment, in memory: {arm: Run}. Nothing is recorded.

    Each arm (of a grid of learning rates, the middle one) is trained with one seed on a tenth of
    its images, for four epochs at most and with a learning rate of 0.01 at most: the warm-up is too
    short for more. `data` are the training and the validation images; the test images are not
    read. ValueError for those of WITHOUT_SHORT_FORM.
    """
    if name in WITHOUT_SHORT_FORM:
        raise ValueError(
            f"experiment {name!r} has no short form. "
            f"Its recorded runs: runs_of_experiment({name!r})"
        )
    found = {}
    for group in tqdm(EXPERIMENTS[name].groups, desc=name, unit="net"):
        chosen = group[len(group) // 2]
        arm = ARMS[chosen]
        epochs, rate = min(4, arm.recipe.epochs), min(0.01, arm.recipe.learning_rate)
        recipe = replace(arm.recipe, name="short", epochs=epochs, learning_rate=rate)
        count = max(recipe.batch_size, (arm.images or len(data[0])) // 10)
        images = subset(data[0], count)
        checks = subset(data[1], 1000)
        torch.manual_seed(0)
        model = arm.build(len(images.classes))
        run = fit(model, images, checks, recipe, device=device)
        prepared = dict(statistics=color_statistics(images), device=device)
        record_train_sample(run, model, recipe, images, **prepared)
        run.model = net_in_words(arm)
        found[chosen] = run
    return found
