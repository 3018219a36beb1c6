"""Train a network from the start and record the run: run.json, checkpoint.pt and curves.png.

The test images are read once, after the last epoch. Ctrl-C ends training; `resume` continues it.

On two GPUs: torchrun --nproc-per-node 2 -m alexnet_lib train ...
"""

import signal
import time
from dataclasses import replace
from pathlib import Path

from alexnet_lib.base.text import plain_text
from alexnet_lib.base.torchrun import (
    begun_before,
    note_begin,
    restarts,
    started_by_torchrun,
    world_size,
)
from alexnet_lib.cli import arguments
from alexnet_lib.cli.arguments import Usage, positive_integer
from alexnet_lib.cli.group import how_to_resume, load_splits
from alexnet_lib.nets import SMALL

HELP = "train a network and record the run"
EXAMPLE = "train --data shapes10 --epochs 2 --out runs/first"
RECIPE_OPTIONS = (
    "epochs", "seed", "batch_size", "learning_rate", "pad", "zoom",
    "keep_best", "early_stopping", "class_weights", "freeze",
)  # fmt: skip


def add_arguments(parser):
    arguments.add_data(parser, "cifar10")
    arguments.add_classes(parser)
    arguments.add_skip_broken(parser)
    arguments.add_model(parser, "four-layer")
    parser.add_argument(
        "--size", type=positive_integer, metavar="N",
        help="side of the input in pixels; default: for cifar and four-layer that of the images, "
        "up to 64; for the others 64, or 227 on a GPU (recipe paper: 224, cropped from 256)",
    )  # fmt: skip
    parser.add_argument(
        "--recipe", choices=("fast", "paper"), default="fast",
        help="fast: ten epochs for two cores; paper: 90 epochs, as in the paper's section 5; "
        "default: fast",
    )  # fmt: skip
    of_recipe = "default: that of the recipe"
    parser.add_argument(
        "--epochs", type=positive_integer, metavar="N",
        help=f"passes over the training images; {of_recipe}",
    )  # fmt: skip
    parser.add_argument(
        "--batch-size", type=positive_integer, metavar="N",
        help=f"images per step; {of_recipe}, but 32 on few images",
    )  # fmt: skip
    parser.add_argument(
        "--learning-rate", type=arguments.positive_float, metavar="R",
        help="the learning rate before the schedule makes it smaller, such as 0.01; default: one "
        "that suits the net and the batches (recipe paper: 0.01)",
    )  # fmt: skip
    parser.add_argument(
        "--pad", type=arguments.natural_number, metavar="N",
        help=f"shift each image by up to N pixels, before it is resized; {of_recipe}",
    )  # fmt: skip
    parser.add_argument(
        "--zoom", type=arguments.fraction, metavar="Z",
        help="show each image at 1-Z to 1+Z times its size, such as 0.2; default: 0",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="start", type=arguments.file_or_folder, metavar="FILE",
        help="start from these weights: a state dict, a checkpoint of the course, or torchvision, "
        "fetched once. A last layer for other classes is new. Take a smaller --learning-rate",
    )  # fmt: skip
    parser.add_argument(
        "--freeze", type=arguments.names, metavar="A,B",
        help="leave the weights of these parts of the net as they are, such as features",
    )  # fmt: skip
    parser.add_argument(
        "--class-weights", choices=("balanced",),
        help="balanced: let rare classes count as much in the loss as frequent ones",
    )  # fmt: skip
    parser.add_argument(
        "--keep-best", action="store_true",
        help="end with the weights of the epoch with the lowest validation loss",
    )  # fmt: skip
    parser.add_argument(
        "--early-stopping", type=positive_integer, metavar="N",
        help="end when the validation loss has not improved for N epochs",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=arguments.seed_number, default=0, metavar="N",
        help="the seed of the random draws; default: 0",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=arguments.file_or_folder, metavar="DIR",
        help="the run's folder; default: runs/MODEL-DATE-TIME",
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace a run that is in DIR")
    parser.add_argument("--dry-run", action="store_true", help="only measure time and memory")
    arguments.add_device(parser)
    arguments.add_compile(parser)
    arguments.add_tensorboard(parser)


def run(options):
    from alexnet_lib.base.device import pick_device
    from alexnet_lib.base.process_group import process_group

    if started_by_torchrun() and not (options.out or options.dry_run):
        raise Usage("several processes need a folder that all of them know: --out runs/NAME")
    out = Path(options.out or f"runs/{options.model}-{time.strftime('%Y%m%d-%H%M%S')}")
    with process_group(pick_device(options.device), how_to_resume(out)) as device:
        return _train(options, out, device)


def _train(options, out, device):
    from alexnet_lib.base.process_group import first_on_each_machine, largest
    from alexnet_lib.cli.dry_run import dry_run
    from alexnet_lib.cli.resume import resume_run
    from alexnet_lib.nets.layer_table import layer_table
    from alexnet_lib.training.checkpoint import Checkpoints
    from alexnet_lib.training.recipe import RECIPES
    from alexnet_lib.training.suited import suited

    changes = {name: getattr(options, name) for name in RECIPE_OPTIONS}
    changes = {name: value for name, value in changes.items() if value is not None}
    try:
        size = options.size or _default_size(options.model, device, options.recipe)
        recipe = replace(RECIPES[options.recipe], size=size, **changes)
        layer_table(options.model, size or 32, 10)
    except ValueError as error:
        raise Usage(error) from error
    begun = largest(int(begun_before()))  # on any machine
    if begun and not options.overwrite and (out / "checkpoint.pt").exists():
        return resume_run(out, options, device)
    replaces = options.overwrite and not restarts()
    arguments.check_no_run(out, replaces)
    arguments.check_outside(options.data, out=out, tensorboard=options.tensorboard)
    note_begin()
    if start := options.start:
        with first_on_each_machine():
            start = arguments.weights_file(start, options.model)
    source = _source(options, recipe)
    train, validation = load_splits(source, "train", "validation")
    usual, chosen = recipe.batch_size, (options.batch_size, options.learning_rate)
    recipe = suited(recipe, options.model, len(train), *chosen)
    if recipe.batch_size != usual:
        print(f"few images: batches of {recipe.batch_size}, unless you choose others")
    seen = size or round(recipe.crop * train.size)
    net = {"name": options.model, "num_classes": len(train.classes), "size": seen}
    model, recipe = _build(net, recipe, start)
    name = plain_text(train.name)
    print(f"{options.model} on {name}: {len(train):,} images, {len(train.classes)} classes,")
    epochs = f"{recipe.epochs} epoch{'s' if recipe.epochs > 1 else ''}"
    rate = f"learning rate {recipe.learning_rate:g}"
    where = f"{world_size()} processes" if started_by_torchrun() else device
    print(f"{size or 'stored'} pixels, recipe {recipe.name}, {rate}, {epochs}, {where}")
    how = dict(device=device, compile=options.compile)
    if options.dry_run:
        return dry_run(model, train, len(validation), recipe, **how)
    checkpoints = Checkpoints(out, net, source)
    with checkpoints.locked():
        arguments.check_no_run(out, replaces)  # another program may have trained there since
        report = epoch_report(options.tensorboard, out.name)
        return train_and_test(model, train, validation, recipe, checkpoints, report=report, **how)


def _build(net, recipe, start):
    """The network to train, and its recipe; with the weights in the file `start`, if given."""
    import torch

    from alexnet_lib.nets.build import build
    from alexnet_lib.training.freezing import freeze
    from alexnet_lib.training.pretrained import load_pretrained
    from alexnet_lib.training.recipe import INITS

    torch.manual_seed(recipe.seed)
    model = build(**net)
    try:
        freeze(model, recipe.freeze)
    except ValueError as error:
        raise Usage(error) from error
    if start:
        INITS[recipe.init](model)
        recipe = replace(recipe, init=None)
        print(load_pretrained(model, start))
    return model, recipe


def _default_size(model, device, recipe):
    """The side to train at: None, that of the images, for small nets; else 64, 227 on a GPU.

    The paper's recipe takes crops of 7/8 of the side, 224 of 256 pixels (section 4.1).
    """
    if model in SMALL:
        return None
    return 64 if device.type == "cpu" else 224 if recipe == "paper" else 227


def _source(options, recipe):
    """The arguments of `load` for the images, at the size that the crop needs."""
    from alexnet_lib.data.decode import MIXED_SIZE
    from alexnet_lib.data.load import stored_size

    wanted = round((recipe.size or MIXED_SIZE) / recipe.crop)
    source = {"source": str(options.data), "size": stored_size(options.data, wanted)}
    source |= {"classes": options.classes} if options.classes else {}
    return source | ({"skip_broken": True} if options.skip_broken else {})


def train_and_test(model, train, validation, recipe, checkpoints, **options):
    """Trains to the last epoch, tests once, writes and prints the results. Returns the exit code.

    `options` are those of `fit`: device, compile, report.
    """
    from alexnet_lib.base.device import keep_freed_memory
    from alexnet_lib.base.interrupts import interrupts_held
    from alexnet_lib.base.process_group import is_first
    from alexnet_lib.cli.output import draw_curves
    from alexnet_lib.data.color_statistics import color_statistics
    from alexnet_lib.data.load import training_files
    from alexnet_lib.training.fit import fit
    from alexnet_lib.training.recording import record_test, record_train_sample

    keep_freed_memory()
    files = training_files(checkpoints.source.get("source", "cifar10"))
    run = fit(model, train, validation, recipe, checkpoints=checkpoints, **options)
    out, done, place = checkpoints.folder, len(run.epochs), plain_text(checkpoints.folder, None)
    if run.interrupted or not run.is_complete:
        if done:
            print(f"stopped after epoch {done} of {recipe.epochs}; continue with: resume {place}")
        else:
            print("stopped in the first epoch: nothing was written")
        return 128 + signal.SIGINT
    if done < recipe.epochs:
        patience = f"{recipe.early_stopping} epoch{'s' * (recipe.early_stopping > 1)}"
        print(f"stopped early: no better validation loss in {patience}")
    if recipe.keep_best:
        print(f"the weights are those of epoch {run.best_epoch.epoch}")
    try:
        statistics = checkpoints.statistics or color_statistics(train)
        prepared = dict(statistics=statistics, device=options["device"])
        record_train_sample(run, model, recipe, train, **prepared)
        (test,) = load_splits(checkpoints.source, "test", before=files)
        record_test(run, model, recipe.batches(test, **prepared))
        with interrupts_held():
            if is_first():
                run.write(out / "run.json")
                draw_curves(run, out)
    except (KeyboardInterrupt, ValueError, OSError) as error:
        words = f"all epochs are in {place}; the test is missing: resume {place}"
        if run.test:
            raise
        if not isinstance(error, KeyboardInterrupt):
            raise ValueError(f"{error}\n{words}, when that is put right") from error
        print(words)
        return 128 + signal.SIGINT
    print(f"run.json, checkpoint.pt and curves.png are in {place}")
    top5 = f", top-5 {100 * run.test['top5']:.1f} %" * (checkpoints.net["num_classes"] > 10)
    print(f"test accuracy {100 * run.test['top1']:.1f} %{top5}")
    return 0


def epoch_report(folder, name, resumed=False):
    """The `report` for `fit`: a printed line and, where a folder is given, TensorBoard's log."""
    from alexnet_lib.base.process_group import is_first

    if not folder or not is_first():
        return print_epoch
    from alexnet_lib.training.tensorboard_log import tensorboard_report

    try:
        log = tensorboard_report(folder, name, resumed)
    except ImportError as error:
        raise Usage(error) from error

    def report(run):
        log(run)
        print_epoch(run)

    return report


def print_epoch(run):
    """Prints the numbers of the last epoch in one line, above the progress bars."""
    from tqdm.auto import tqdm

    row = run.epochs[-1]
    tqdm.write(
        f"epoch {row.epoch}/{run.recipe['epochs']}  train loss {row.train_loss:.3f}  "
        f"validation loss {row.validation_loss:.3f}  "
        f"validation accuracy {100 * row.validation_top1:.1f} %  {row.seconds:.0f} s"
    )
