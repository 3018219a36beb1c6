"""Test the paper's claims: train what is not recorded yet.

An experiment is a few networks that differ in one point; notebook 08 tells what came out.
"""

import signal

from alexnet_lib.base.text import plain_lines, plain_text
from alexnet_lib.cli.arguments import (
    Usage,
    add_data,
    add_device,
    check_outside,
    file_or_folder,
    positive_float,
    positive_integer,
)

HELP = "test the paper's claims: train what is not recorded yet"
EXAMPLE = "experiment pooling --budget 60"

MOST_SEEDS = 1000


def add_arguments(parser):
    parser.add_argument(
        "name", nargs="?", default="all", metavar="NAME",
        help="one of those that --list shows; default: all",
    )  # fmt: skip
    parser.add_argument(
        "--list", action="store_true",
        help="show what each asks, and measure how long it takes here at most",
    )  # fmt: skip
    add_data(parser, "cifar10")
    parser.add_argument(
        "--seeds", type=positive_integer, default=3, metavar="N",
        help="runs of each net; default: 3",
    )  # fmt: skip
    parser.add_argument(
        "--budget", type=positive_float, metavar="MINUTES",
        help="start no run that would end later",
    )  # fmt: skip
    parser.add_argument(
        "--full", action="store_true",
        help="for a GPU: all images, AlexNet at its full width, at 227 pixels and for three "
        "times the epochs; recorded in DIR/full",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=file_or_folder, default="results/claims", metavar="DIR",
        help="what is recorded here is not trained again; default: results/claims",
    )  # fmt: skip
    parser.add_argument(
        "--work", type=file_or_folder, default="runs/experiments", metavar="DIR",
        help="checkpoints of runs that are not done; default: runs/experiments",
    )  # fmt: skip
    add_device(parser)


def run(options):
    from alexnet_lib.base.device import keep_freed_memory
    from alexnet_lib.paper.experiments import EXPERIMENTS
    from alexnet_lib.paper.plan import experiment_line, make_plan
    from alexnet_lib.training.estimate import duration

    if options.name not in (*EXPERIMENTS, "all"):
        known = ", ".join(EXPERIMENTS)
        raise Usage(f"experiment {options.name!r} is unknown; take one of {known}, or all")
    if options.seeds > MOST_SEEDS:
        raise Usage(f"--seeds {options.seeds}: take {MOST_SEEDS} or fewer")
    check_outside(options.data, out=options.out, work=options.work)
    keep_freed_memory()
    names = list(EXPERIMENTS) if options.name == "all" else [options.name]
    plan = make_plan(
        names, options.data, options.seeds, options.out, options.work, options.device, options.full
    )
    _check_images(plan)
    warning = other_data_warning(plan)
    if warning and not options.list:
        raise ValueError(warning)
    speeds, pairs = plan.speeds(), plan.missing()
    for name in names if options.list else ():
        print(experiment_line(name, plan, speeds))
    left = duration(plan.seconds(pairs, speeds))
    place = plain_text(plan.folder, None)
    print(f"{_missing(pairs)} in {place}: at most about {left} on {plan.device}")
    if warning:
        print(plain_lines(warning))
    return 0 if options.list or not pairs else train_within(plan, speeds, options.budget)


def _check_images(plan):
    """Raises ValueError where there are fewer images than in a batch of what is missing."""
    batches = [plan.arms[name].recipe.batch_size for name, _ in plan.missing()]
    count, name = len(plan.data.train), plain_text(plan.data.train.name)
    if count < max(batches, default=0):
        raise ValueError(
            f"{name} has {count:,} images for training, and the experiments train in batches of "
            f"{max(batches)}: give a data set with more images by --data"
        )


def other_data_warning(plan):
    """What to do where the folder holds runs on other data; None where it does not."""
    others = plan.other_data()
    if not others:
        return None
    return (
        f"{plan.folder} holds runs on {' and '.join(others)}; to train on {plan.data.train.name} "
        f"give another folder by --out"
    )


def train_within(plan, speeds, minutes):
    """Trains what is missing, for at most so many minutes (None: to the end). An exit code."""
    from alexnet_lib.paper.runner import train_missing

    if not train_missing(plan, speeds, 60 * minutes if minutes else None):
        print("interrupted; the same command resumes")
        return 128 + signal.SIGINT
    print(f"{_missing(plan.missing())} in {plain_text(plan.folder, None)}")
    return 0


def _missing(pairs):
    return "1 run is missing" if len(pairs) == 1 else f"{len(pairs)} runs are missing"
