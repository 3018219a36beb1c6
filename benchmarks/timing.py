"""How the benchmarks time: the sides of a comparison in turn, in one process, medians."""

import argparse
import json
import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import torch

from alexnet_lib.base.device import pick_device
from alexnet_lib.data.load import load

RESULTS = Path(__file__).parent.parent / "results" / "benchmarks"
# What speed depends on most: the kinds that torch.cpu.get_capabilities() tells, the fastest first.
INSTRUCTIONS = {
    "amx_bf16": "AMX",
    "avx512_bf16": "AVX-512 BF16",
    "avx512_f": "AVX-512",
    "avx2": "AVX2",
}


def in_turn(sides, rounds=5, device="cpu"):
    """Seconds that each of `sides` ({name: function}) takes: {name: median of the rounds}.

    Each round calls every side once, so that whatever else the machine does meets all alike; a
    round before them warms up.
    """
    times = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, function in sides.items():
            wait(device)
            began = time.perf_counter()
            function()
            wait(device)
            if number:
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(row) for name, row in times.items()}


def wait(device):
    """Until a GPU has done what it was asked to."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def machine(*packages, device="cpu"):
    """What the times depend on."""
    found = {
        "processor": processor(),
        "instructions": instructions(device),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "system": platform.system(),
        "versions": {name: version(name) for name in packages}
        | {"python": platform.python_version()},
    }
    if torch.device(device).type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
    return found


def instructions(device="cpu"):
    """The best kind of matrix instructions that torch finds: "AMX", …; None where it cannot say."""
    if torch.device(device).type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return None
    found = torch.cpu.get_capabilities()
    return next((words for key, words in INSTRUCTIONS.items() if found.get(key)), None)


def processor():
    """The processor's name where Linux tells it, else its kind."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def peak_memory(reset=False):
    """Bytes of memory that this process held at most, as Linux counts them; None elsewhere.

    `reset` starts the count again.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = status.read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def asked(doc):
    """The device and the training and validation images that the command line asks for.

    The first line of `doc`, the file's own text, is what --help says.
    """
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("--data", default="cifar10", help="as `train` takes it; default: cifar10")
    parser.add_argument("--device", help="cpu, cuda or mps; default: the best")
    options = parser.parse_args()
    sets = [load(options.data, split) for split in ("train", "validation")]
    return pick_device(options.device), *sets


def write(name, device, content, packages=("torch", "torchvision", "pillow"), by_kind=False):
    """Writes results/benchmarks/NAME-DEVICE.json, with the machine beside the content.

    `by_kind`: there is a file for each kind of processor, such as speed-cpu-avx2.json.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    kind = (by_kind and instructions(device) or "").lower().replace(" ", "-").replace("avx-", "avx")
    path = RESULTS / ("-".join(filter(None, (name, torch.device(device).type, kind))) + ".json")
    whole = {"machine": machine(*packages, device=device)} | content
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8", newline="\n")
    print(f"written: results/benchmarks/{path.name}")
