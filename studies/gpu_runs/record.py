"""Record a run of an experiment's arm on a GPU, with the step captured as a CUDA graph.

`python -m studies.gpu_runs.record cifar 0 --data FOLDER` trains the arm with seed 0 as
`python -m alexnet_lib experiment` does, in fewer seconds, and writes into results/claims/. Several
can run side by side on one GPU. Three or four make good use of it; with sixteen none of them came
far. Let one of them decode the images first.
"""

import argparse
import importlib
import sys

from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.plan import make_plan
from alexnet_lib.paper.records import record_path
from alexnet_lib.paper.runner import train_arm
from studies.gpu_runs.graph_step import GraphStep


def record(name, seed, plan):
    """Trains an arm of the plan by `GraphStep`. False where it was interrupted."""
    module = importlib.import_module("alexnet_lib.training.fit")
    ordinary, module.Step = module.Step, GraphStep
    try:
        return train_arm(plan, name, seed, print_epoch)
    finally:
        module.Step = ordinary


def print_epoch(run):
    row = run.epochs[-1]
    accuracy = f"validation accuracy {100 * row.validation_top1:.1f} %"
    print(f"epoch {row.epoch}/{run.recipe['epochs']}  {accuracy}  {row.seconds:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("arm", choices=ARMS, metavar="ARM", help="such as: cifar")
    parser.add_argument("seed", type=int)
    parser.add_argument("--data", default="cifar10", help="as `train` takes it; default: cifar10")
    parser.add_argument("--out", default="results/claims", metavar="DIR")
    parser.add_argument("--work", default="runs/experiments", metavar="DIR", help="checkpoints")
    parser.add_argument("--device", help="default: the best")
    options = parser.parse_args()
    plan = make_plan([], options.data, 1, options.out, options.work, options.device)
    if record_path(plan.folder, options.arm, options.seed).is_file():
        print("it is recorded already")
        return 0
    return 0 if record(options.arm, options.seed, plan) else 130


if __name__ == "__main__":
    sys.exit(main())
