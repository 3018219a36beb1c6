"""Runs of the command line in two processes, which torchrun starts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil

COURSE = Path(__file__).parents[1]
EPOCHS = 30
TRAIN = ["--epochs", str(EPOCHS), "--batch-size", "8", "--pad", "2", "--device", "cpu"]


def torchrun(*arguments, restarts=0, path=COURSE):
    """The started `torchrun --nproc-per-node 2 -m alexnet_lib …`, whose output is read by pipes.

    Python finds modules in the folder `path`, too.
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += [f"--max-restarts={restarts}", "-m", "alexnet_lib"]
    paths = os.pathsep.join(map(str, (path, COURSE)))
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
    )  # fmt: skip


def workers(run):
    """The processes that torchrun has started for a run, as psutil knows them; on Linux only."""
    children = psutil.Process(run.pid).children()
    return [one for one in children if "alexnet_lib" in one.cmdline()]


def say_once(errors):
    """The only message of the command line among what torchrun and its processes wrote."""
    (message,) = re.findall(r"^alexnet_lib: (.*)$", errors, re.M)
    return message
