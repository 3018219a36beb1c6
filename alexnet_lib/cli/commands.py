"""What commands do that come before a trained net: summary, data, train, resume, experiment."""

import re
import signal
import time
from dataclasses import replace
from pathlib import Path

from alexnet_lib.nets.build import conv1_padding, smallest_size
from alexnet_lib.nets.layer_table import layer_table


class Usage(ValueError):
    """What was asked for cannot work, whatever the data and the machine."""


def summary(options):
    """Prints the layer table of a net."""
    model, size, classes = options.model, options.size, options.num_classes
    try:
        rows = layer_table(model, size, classes, padding=options.padding)
    except ValueError as error:
        raise Usage(error) from error
    print(f"{model}, {size}×{size} pixels, {classes} classes")
    if model not in ("four-layer", "torchvision"):
        print(_padding(size, options.padding))
    columns = f"{'layer':<10} {'output':>13} {'parameters':>12} {'mult-adds':>14} {'KiB':>9}"
    print(columns + f" {'sees':>5}")
    for row in rows:
        shape = "×".join(map(str, row.shape))
        print(
            f"{row.name:<10} {shape:>13} {row.parameters:>12,} {row.macs:>14,} "
            f"{row.bytes / 1024:>9,.1f} {row.receptive_field:>5}"
        )
    parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    memory = sum(row.bytes for row in rows)
    print(f"{'total':<10} {'':>13} {parameters:>12,} {macs:>14,} {memory / 1024:>9,.1f}")
    print("mult-adds and KiB (float32) are for one image forward; `sees` is in input pixels")


def _padding(size, padding):
    """What conv1's padding is and, where the size chose it, why."""
    chosen = conv1_padding(size) if padding is None else padding
    why = ""
    if padding is None and chosen:
        least = smallest_size("one-tower", 0)
        few = f"{size} pixels are too few for the 2012 code's conv1 without padding ({least})"
        why = f": {few}" if size < least else f": so that {size} pixels give the paper's 55×55"
    return f"conv1 with padding {chosen}{why}"


def data(options):
    """Reads images, counts them by class and draws samples."""
    from alexnet_lib.cli import tables
    from alexnet_lib.data.image_set import ImageFiles
    from alexnet_lib.data.load import SPLITS, load
    from alexnet_lib.figures import curves as plots

    began = time.perf_counter()
    sets = {split: load(options.source, split, classes=options.classes) for split in SPLITS}
    sample, classes = sets["train"], sets["train"].classes
    print(f"{sample.name}: {', '.join(f'{len(data):,} {split}' for split, data in sets.items())}")
    width = max(map(tables.width, classes))
    columns = [data.counts() for data in sets.values()]
    for name, *counts in zip(classes, *columns, strict=True):
        print(f"  {tables.left(name, width)}  {'  '.join(f'{count:>6,}' for count in counts)}")
    if isinstance(sample, ImageFiles):
        print(f"larger than memory: read from disk batch by batch, at {sample.size} pixels")
        drawn = classes[: plots.GRID_ROWS]
        sample = sample.only(drawn).sample(10 * len(drawn))
    else:
        print(f"images of {sample.images.shape[-1]}×{sample.images.shape[-2]} pixels", end=", ")
        print(f"{sample.images.nbytes / 1e6:,.0f} MB in memory")
    print(f"read in {time.perf_counter() - began:.1f} s")
    name = re.split("[,:]", sample.name)[0].lower()
    picture = Path(options.picture or f"{name}-samples.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    plots.use_style()
    plots.image_grid(sample).savefig(picture)
    of = f" of the first {plots.GRID_ROWS} classes" * (len(classes) > plots.GRID_ROWS)
    print(f"samples{of} drawn into {picture}")


def train(options):
    """Trains a net from the start and records the run."""
    import torch

    from alexnet_lib.base.device import pick_device
    from alexnet_lib.data.decode import MIXED_SIZE
    from alexnet_lib.data.load import load, stored_size
    from alexnet_lib.nets.build import build
    from alexnet_lib.training.checkpoint import Checkpoints

    try:
        device = pick_device(options.device)
        recipe = _recipe(options)
        out = Path(options.out or f"runs/{options.model}-{time.strftime('%Y%m%d-%H%M%S')}")
        _free(out, options.overwrite)
        size = options.size or _default_size(options.model, device)
        layer_table(options.model, size or 32, 10)
    except ValueError as error:
        raise Usage(error) from error
    report = None if options.dry_run else _report(options.tensorboard)
    wanted = round((size or MIXED_SIZE) / recipe.crop)
    source = {"source": str(options.data), "size": stored_size(options.data, wanted)}
    if options.classes:
        source["classes"] = options.classes
    train, validation = (load(split=split, **source) for split in ("train", "validation"))
    recipe = replace(recipe, size=size)
    seen = size or round(recipe.crop * train.size)
    net = {"name": options.model, "num_classes": len(train.classes), "size": seen}
    torch.manual_seed(recipe.seed)
    model = build(**net)
    print(f"{options.model} on {train.name}: {len(train):,} images, {len(train.classes)} classes,")
    epochs = f"{recipe.epochs} epoch{'s' if recipe.epochs > 1 else ''}"
    print(f"{size or 'stored'} pixels, recipe {recipe.name}, {epochs}, {device}")
    if options.dry_run:
        return _dry_run(model, train, len(validation), recipe, device, options.compile)
    return _finish(
        model, train, validation, recipe, Checkpoints(out, net, source), device=device,
        report=report, compile=options.compile,
    )  # fmt: skip


def _dry_run(model, train, validation_images, recipe, device, compile):
    """Trains for a few seconds and says what the whole run would take."""
    from alexnet_lib.base import device as devices
    from alexnet_lib.training import estimate as estimates
    from alexnet_lib.training.step import Step

    devices.keep_freed_memory()
    model.to(device)
    batches = recipe.batches(train, train=True, device=device)
    images, _ = next(iter(batches))
    fixed, each, _ = estimates.step_memory(model, images)
    step = Step(model, recipe, device, compile)
    rate = estimates.training_speed(step, batches, recipe.learning_rate)
    epoch = (len(train) + validation_images / 3) / rate  # evaluating takes about a third
    free = devices.free_memory(device)
    print(f"{rate:,.0f} images/s")
    once, whole = (estimates.duration(count * epoch) for count in (1, recipe.epochs))
    print(f"an epoch takes about {once}, all {whole}")
    needed = f"about {(fixed + each * len(images)) / 1e9:.1f} GB of memory"
    print(needed + (f", {free / 1e9:.1f} GB are free" if free else ""))
    return 0


def _recipe(options):
    from alexnet_lib.training.recipe import RECIPES

    changes = {
        name: getattr(options, name)
        for name in ("epochs", "seed", "batch_size", "learning_rate", "pad", "zoom")
        if getattr(options, name) is not None
    }
    return replace(RECIPES[options.recipe], **changes)


def _default_size(model, device):
    """The side to train at: None, the images' own, for the small net; else 64, 227 on a GPU."""
    if model == "four-layer":
        return None
    return 64 if device.type == "cpu" else 227


def _free(out, overwrite):
    if out.exists() and not out.is_dir():
        raise Usage(f"{out} is a file; --out takes a folder")
    if not overwrite and any((out / name).exists() for name in ("run.json", "checkpoint.pt")):
        raise Usage(
            f"there is a run in {out} already. Go on with it: resume {out}; "
            f"or take another --out; or replace it: --overwrite"
        )


def resume(options):
    """Goes on with a run from its checkpoint."""
    from alexnet_lib.data.load import load
    from alexnet_lib.nets.build import build
    from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
    from alexnet_lib.training.recipe import Recipe
    from alexnet_lib.training.run import Run

    out = Path(options.folder)
    content = read_checkpoint(out)
    recipe = Recipe(**content["run"]["recipe"])
    done = len(content["run"]["epochs"])
    print(f"{out}: {done} of {recipe.epochs} epochs done")
    if done == recipe.epochs and (out / "run.json").is_file():
        run = Run.read(out / "run.json")
        if run.test:  # the test set is read once
            print(f"nothing is left to do: test accuracy {100 * run.test['top1']:.1f} %")
            return 0
    report = _report(options.tensorboard)
    source = content["source"]
    train, validation = (load(split=split, **source) for split in ("train", "validation"))
    model = build(**content["net"])
    return _finish(
        model, train, validation, recipe, Checkpoints(out, content["net"], source, content),
        device=options.device, report=report, compile=options.compile,
    )  # fmt: skip


def _finish(model, train, validation, recipe, checkpoints, device, **options):
    """Trains to the recipe's last epoch, reads the test set once, writes and says what came."""
    from alexnet_lib.base.device import keep_freed_memory
    from alexnet_lib.data.color_statistics import color_statistics
    from alexnet_lib.data.load import load
    from alexnet_lib.figures import curves as plots
    from alexnet_lib.training.fit import fit
    from alexnet_lib.training.recording import record_test

    out, source = checkpoints.folder, checkpoints.source
    keep_freed_memory()
    run = fit(model, train, validation, recipe, checkpoints=checkpoints, device=device, **options)
    if len(run.epochs) < recipe.epochs:
        if run.epochs:
            print(f"stopped after epoch {len(run.epochs)}; go on with: resume {out}")
        else:
            print("stopped in the first epoch: nothing was written")
        return 128 + signal.SIGINT
    statistics = checkpoints.statistics or color_statistics(train)
    test = load(split="test", **source)
    record_test(run, model, recipe.batches(test, statistics=statistics, device=device))
    run.write(out / "run.json")
    plots.use_style()
    plots.curves(run, f"{run.model} on {run.data}").savefig(out / "curves.png")
    print(f"run.json, checkpoint.pt and curves.png are in {out}")
    print(f"test accuracy {100 * run.test['top1']:.1f} %")
    return 0


def _report(folder):
    """What hears of each epoch: the terminal and, where a folder is given, TensorBoard."""
    if not folder:
        return lambda run: _say(run)
    from alexnet_lib.training.tensorboard_log import tensorboard_report

    log = tensorboard_report(folder)

    def report(run):
        log(run)
        _say(run)

    return report


def _say(run):
    from tqdm.auto import tqdm

    row = run.epochs[-1]
    tqdm.write(
        f"epoch {row.epoch}/{run.recipe['epochs']}  train loss {row.train_loss:.3f}  "
        f"validation loss {row.validation_loss:.3f}  "
        f"validation accuracy {100 * row.validation_top1:.1f} %  {row.seconds:.0f} s"
    )


def experiment(options):
    """Runs the experiments of notebook 08, or lists them."""
    from alexnet_lib.base.device import keep_freed_memory
    from alexnet_lib.paper import runner as trials
    from alexnet_lib.paper.experiments import EXPERIMENTS

    if options.name not in (*EXPERIMENTS, "all"):
        known = ", ".join(EXPERIMENTS)
        raise Usage(f"experiment {options.name!r} is unknown; take one of {known}, or all")
    keep_freed_memory()
    return trials.run(options)
