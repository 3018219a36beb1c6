"""Runs of the command line in two processes, which torchrun starts."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import psutil

COURSE = Path(__file__).parents[1]
EPOCHS = 30
TRAIN = ["--epochs", str(EPOCHS), "--batch-size", "8", "--pad", "2", "--device", "cpu"]


ONE_MACHINE = ("--standalone", "--nproc-per-node=2")


def torchrun(*arguments, restarts=0, path=COURSE, machines=ONE_MACHINE):
    """The started `torchrun --nproc-per-node 2 -m alexnet_lib …`, whose output is read by pipes.

    Python finds modules in the folder `path`, too. `machines` are torchrun's own options.
    """
    command = [sys.executable, "-m", "torch.distributed.run", *machines]
    command += [f"--max-restarts={restarts}", "-m", "alexnet_lib"]
    paths = os.pathsep.join(map(str, (path, COURSE)))
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
    )  # fmt: skip


def on_two_machines(*arguments):
    """Two started torchruns with a process each, which meet at an address as two machines do."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    meeting = ("--nnodes=2", "--rdzv-backend=c10d", f"--rdzv-endpoint={address}")
    options = (*meeting, "--nproc-per-node=1")
    return [torchrun(*arguments, machines=options) for _ in range(2)]


def workers(run):
    """The processes that torchrun has started for a run, as psutil knows them; on Linux only."""

    def works(process):
        try:
            return "alexnet_lib" in process.cmdline()
        except psutil.NoSuchProcess:  # it has ended since, or is a zombie
            return False

    return list(filter(works, psutil.Process(run.pid).children()))


def say_once(errors):
    """The only message of the command line among what torchrun and its processes wrote."""
    (message,) = re.findall(r"^alexnet_lib: (.*)$", errors, re.M)
    return message
