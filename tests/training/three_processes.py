"""What each of several processes does in the tests of `test_distributed`; torchrun starts it.

The first process writes what all of them found into the folder that is the only argument.
"""

import sys
from pathlib import Path

import torch
import torch.distributed as dist
from distributed_runs import DROPS, MIXED, few, plan, seen_by, trained
from helpers import colors
from small_runs import recipe
from torch import nn

from alexnet_lib.base.process_group import is_first, process_group
from alexnet_lib.base.torchrun import leave_group
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.fit import fit
from alexnet_lib.training.step import Step


def from_all(value):
    """What all processes give, in a list."""
    found = [None] * dist.get_world_size()
    dist.all_gather_object(found, value)
    return found


def whole_and_resumed(folder):
    """The weights of a run of two epochs, and of one that is resumed after the first."""
    data, weights = (few(), colors(9, seed=1)), []
    for name, stops in (("whole", (None,)), ("part", (1.0, None))):  # an error that all nets reach
        for until in stops:
            last = folder / name / "checkpoint.pt"
            resume = read_checkpoint(last) if last.exists() else None
            checkpoints, model = Checkpoints(folder / name, DROPS, resume=resume), build(**DROPS)
            fit(model, *data, recipe(epochs=2), checkpoints=checkpoints, until=until)
            dist.barrier()  # the first process has written
        weights.append(model.state_dict())
    return weights


def refusals():
    """What is said about what several processes cannot do."""
    data, said = few(), []
    for call in (
        lambda: fit(build(**DROPS), [(torch.zeros(4, 3, 8, 8), torch.zeros(4))], data, recipe()),
        lambda: fit(build(**DROPS), data, data, recipe(batch_size=2)),
        lambda: Step(nn.Linear(2, 2), recipe(), "cpu", compile=True),
    ):
        try:
            call()
        except (TypeError, ValueError) as error:
            said.append(str(error))
    return said


def main(folder):
    with process_group(torch.device("cpu"), "nothing is lost"):
        found = {name: trained(plan(name)) for name in MIXED}
        found["seen"] = seen_by(trained(plan("plain"))[0])
        found["seeds of dropout"] = from_all(torch.initial_seed())
        found["weights in all"] = from_all([*found["plain"][0].values()])
        found["resumed"] = whole_and_resumed(folder)
        normalized = trained(plan("plain"), norm="batch")
        found["normalized"] = normalized[1]
        found["statistics in all"] = from_all([*normalized[0].values()])
        found["refusals"] = refusals()
        if is_first():
            torch.save(found, folder / "found.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    leave_group(0)
