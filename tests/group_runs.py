"""Runs of the command line in two processes, which torchrun starts."""

import os
import re
import subprocess
import sys
from pathlib import Path

COURSE = Path(__file__).parents[1]
EPOCHS = 30
TRAIN = ["--epochs", str(EPOCHS), "--batch-size", "8", "--pad", "2", "--device", "cpu"]


def torchrun(*arguments):
    """The started `torchrun --nproc-per-node 2 -m alexnet_lib …`, whose output is read by pipes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    return subprocess.Popen(
        [*command, "-m", "alexnet_lib", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(COURSE), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
    )  # fmt: skip


def say_once(errors):
    """The only message of the command line among what torchrun and its processes wrote."""
    (message,) = re.findall(r"^alexnet_lib: (.*)$", errors, re.M)
    return message
