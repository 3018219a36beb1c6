"""Which device the course computes on, and what it can do."""

import ctypes
import math
import os
import platform
from pathlib import Path

import psutil
import torch

from alexnet_lib.base.text import shown
from alexnet_lib.base.torchrun import local_world_size

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # glibc's malloc.h
CGROUPS = Path("/sys/fs/cgroup")  # where Linux tells the limits of a container
CGROUP_FILES = (  # version 2, version 1: the limit, what is used, and what of it are files read
    ("", "memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat",
        "total_inactive_file",
    ),
)  # fmt: skip


class UnknownDevice(ValueError):
    """A device that torch does not know, or that this machine does not have."""


def pick_device(name=None):
    """The device to compute on: `name`, else `ALEXNET_DEVICE`, else CUDA, Apple's MPS, the CPU.

    Returns a `torch.device`. Raises UnknownDevice for another name and for a device that this
    machine does not have.
    """
    name = name or os.environ.get("ALEXNET_DEVICE")
    if not name:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(name)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError, ValueError, ImportError) as error:
        # torch without CUDA asserts that it has it
        there = {"cuda": torch.cuda, "mps": torch.backends.mps}
        usable = [*(kind for kind, of in there.items() if of.is_available()), "cpu"]
        words = f"device {shown(name)} is not usable here; try {' or '.join(usable)}"
        raise UnknownDevice(words) from error
    return chosen


def mixed_type(device):
    """The 16-bit type that speeds up matrix products on `device`; None where there is none.

    bfloat16 on NVIDIA GPUs since Ampere and on CPUs with instructions for it (AVX-512 BF16, AMX);
    float16 on older NVIDIA GPUs.
    """
    device = torch.device(device)
    if device.type == "cuda":
        ampere = torch.cuda.get_device_capability(device) >= (8, 0)
        return torch.bfloat16 if ampere else torch.float16
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        found = torch.cpu.get_capabilities()
        if found.get("avx512_bf16") or found.get("amx_bf16"):
            return torch.bfloat16
    return None


def free_memory(device):
    """Bytes of memory that `device` has free; None where that is unknown (Apple's MPS).

    On an NVIDIA GPU this includes what torch keeps of freed tensors in order to use it again. In a
    container (Docker, JupyterHub) it is at most what the container's limit leaves. The processes
    that torchrun started on this machine share its memory.
    """
    device = torch.device(device)
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    if device.type != "cpu":
        return None
    free = min(psutil.virtual_memory().available, _left_in_container())
    return free // local_world_size()


def _left_in_container():
    """Bytes until a container's limit; infinite where there is none, or no way to know.

    Pages of files that were read are given up as soon as memory is needed.
    """
    for folder, *names, idle in CGROUP_FILES:
        try:
            place = CGROUPS / folder
            limit, used, stat = ((place / name).read_text("utf-8") for name in names)
            idle = int(dict(line.split() for line in stat.splitlines())[idle])
            return max(0, int(limit) - int(used) + idle)
        except (OSError, ValueError, KeyError):  # ValueError: the limit is "max", there is none
            continue
    return math.inf


def keep_freed_memory():
    """Makes this process keep the memory that it frees, so that the next step can use it again.

    Otherwise the system hands out the memory of every large tensor again and sets it to zero page
    by page, which takes a third of a small net's step on a CPU. Does nothing where the C library
    is not glibc.
    """
    if platform.libc_ver()[0] == "glibc":
        allocator = ctypes.CDLL(None)
        allocator.mallopt(M_MMAP_MAX, 0)
        allocator.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def describe_device(device):
    """The device's name and threads: "NVIDIA H200", "cpu, 2 threads", "cpu, 1 thread"."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"cpu, {threads} thread{'s' if threads > 1 else ''}"
    return device.type
