"""Record the runs of experiments on a GPU, several side by side, each step as a CUDA graph.

`python -m studies.gpu_runs.record pooling:10 lrn:5 --data FOLDER` trains what is missing of
ten seeds of one experiment and of five of another, as `python -m alexnet_lib experiment` does, in
fewer seconds, and writes into results/claims/. The processes share the decoded images and take one
run after the other; what is named first is trained first. On a GPU that runs one process at a time
three or four are enough; NVIDIA's Multi-Process Service lets more of them share it.
"""

import argparse
import importlib
import multiprocessing
import sys
import time
from contextlib import contextmanager
from functools import cache, partial

import torch

from alexnet_lib.base.locking import locked_folder
from alexnet_lib.data.batches import Batches
from alexnet_lib.data.load import SPLITS, load
from alexnet_lib.paper import plan as planning, runner
from alexnet_lib.paper.experiments import EXPERIMENTS
from alexnet_lib.training import recipe as recipes
from alexnet_lib.training.step import Step
from studies.gpu_runs.graph_step import GraphStep
from studies.gpu_runs.grouped_batches import GroupedBatches


@contextmanager
def on_a_gpu():
    """Within this context `fit` takes `GraphStep`s, and recipes make `GroupedBatches`.

    Each split of the images is read once.
    """
    fitting = importlib.import_module("alexnet_lib.training.fit")
    fitting.Step, recipes.Batches = GraphStep, GroupedBatches
    planning.load = runner.load = cache(load)
    try:
        yield
    finally:
        fitting.Step, recipes.Batches = Step, Batches
        planning.load = runner.load = load


def record_all(plans):
    """Trains what is missing in the plans; ends when all is recorded, by whichever process."""
    while any(plan.missing() for plan in plans):
        for plan in plans:
            for pair in plan.missing():
                if not planning.waits_for_grid(pair, plan.names, plan.folder):
                    record_if_free(plan, *pair)
        time.sleep(1)  # others train the rest, or what decides on it


def record_if_free(plan, name, seed):
    """Trains an arm with a seed, unless it is recorded or another process trains it."""
    try:
        with locked_folder(plan.work_folder(name, seed)):
            if (name, seed) in plan.missing():
                began = time.perf_counter()
                if not runner.train_arm(plan, name, seed, lambda run: None):
                    raise KeyboardInterrupt
                print(f"{name}, seed {seed}: {time.perf_counter() - began:.1f} s", flush=True)
    except BlockingIOError:
        pass


def experiment_and_seeds(text):
    """("pooling", 10) of "pooling:10"; a name alone has three seeds."""
    name, _, seeds = text.partition(":")
    if name not in EXPERIMENTS or not (seeds or "3").isdigit():
        known = ", ".join(EXPERIMENTS)
        raise argparse.ArgumentTypeError(f"{text!r}: give an experiment, as relu:5; known: {known}")
    return name, int(seeds or 3)


def in_processes(count, function):
    """Calls a function in so many processes at once. Returns 0, or 1 where one of them failed."""
    context = multiprocessing.get_context("fork")  # they share the images that are decoded
    processes = [context.Process(target=function) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return int(any(process.exitcode for process in processes))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "wanted", nargs="+", type=experiment_and_seeds, metavar="EXPERIMENT:SEEDS",
        help="such as: pooling:10",
    )  # fmt: skip
    parser.add_argument("--data", default="cifar10", help="as `train` takes it; default: cifar10")
    parser.add_argument("--out", default="results/claims", metavar="DIR")
    parser.add_argument("--work", default="runs/experiments", metavar="DIR", help="checkpoints")
    parser.add_argument("--device", help="default: the best")
    parser.add_argument("--processes", type=int, default=3, metavar="N", help="default: 3")
    options = parser.parse_args()
    torch.set_num_threads(1)  # of each process; before the first operation, so that they can fork

    def work():  # only here a device is chosen: a process that has used a GPU cannot fork
        make = partial(
            planning.make_plan, out=options.out, work=options.work, device=options.device
        )
        record_all([make([name], options.data, seeds) for name, seeds in options.wanted])

    with on_a_gpu():
        for split in SPLITS:
            runner.load(options.data, split)
        return in_processes(options.processes, work)


if __name__ == "__main__":
    sys.exit(main())
