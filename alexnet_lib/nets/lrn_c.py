"""The normalization by a kernel in C, on Linux where there is a C compiler.

It reads and writes each value once in a forward pass and once in a backward pass. torch's own
operations, even in blocks, need about 25 passes over the cache.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from ctypes import CDLL, Structure, byref, c_float, c_int32, c_int64, c_void_p
from functools import cache
from math import prod
from pathlib import Path

import torch

from alexnet_lib.base.notes import note

SOURCE = Path(__file__).with_name("lrn.c")
FLAGS = "-O3 -march=native -fno-trapping-math -fno-strict-aliasing -fopenmp -shared -fPIC".split()
FROM = 2**20  # values: fewer are not worth the half second that compiling takes
TILE = 2**14  # values of a tile: five of them are to fit into the cache


class Job(Structure):
    """The arguments of the function `lrn` in lrn.c, which describes them."""

    _fields_ = (
        [(name, c_void_p) for name in ("out", "x", "g", "scratch")]
        + [(name, c_int64) for name in ("images", "channels", "pixels")]
        + [(name, c_int32) for name in ("last", "half", "before", "after", "tile", "threads")]
        + [(name, c_float) for name in ("factor", "k")]
    )


def c_takes(x, beta, k) -> bool:
    """Whether `normalize_in_c` takes them, and is there and faster than blocks.

    Compiles the kernel when it is asked for the first time about a tensor that is large enough.
    """
    return (
        type(x) in (torch.Tensor, torch.nn.Parameter)
        and x.device.type == "cpu"
        and x.dtype in (torch.float32, torch.bfloat16)
        and beta == 0.75
        and k >= 1e-30
        and x.numel() >= FROM
        and _is_dense(x)
        and not x.is_neg()
        and c_library() is not None
    )


def normalize_in_c(x, upstream, size, factor, beta, k):
    """The normalized x, or, with an upstream gradient, the gradient with respect to x."""
    channels, pixels = x.shape[1], prod(x.shape[2:])
    last = pixels == 1 or not x.is_contiguous()
    images, pixels = (1, len(x) * pixels) if last else (len(x), pixels)
    sides = [min(side, channels - 1) for side in (size // 2, (size - 1) // 2)]
    tile, threads = min(max(16, TILE // channels), 128), torch.get_num_threads()
    scratch = torch.zeros(threads * 5 * tile * (channels + 2 * sides[0]))
    out = torch.empty_like(x)
    if upstream is not None and (upstream.stride() != x.stride() or upstream.is_neg()):
        upstream = torch.empty_like(x).copy_(upstream)
    x_at, g_at = x.data_ptr(), None if upstream is None else upstream.data_ptr()
    half = x.dtype == torch.bfloat16
    whole = (images, channels, pixels, last, half, *sides, tile, threads, factor, k)
    c_library().lrn(byref(Job(out.data_ptr(), x_at, g_at, scratch.data_ptr(), *whole)))
    return out


def _is_dense(x):
    """Whether x's channels are first or last in memory, with no gaps."""
    last = {4: torch.channels_last, 5: torch.channels_last_3d}.get(x.dim())
    return x.is_contiguous() or (last is not None and x.is_contiguous(memory_format=last))


@cache
def c_library():
    """lrn.c compiled for this processor; None where it cannot be, with a warning if that failed.

    The environment variable CC names another compiler than cc. Each process compiles for itself,
    into a folder that only it can enter and that is removed at once: a library that was kept could
    be of another processor, or of another user.
    """
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if sys.platform != "linux" or compiler is None:
        return None
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "lrn.so")
            command = [compiler, *FLAGS, str(SOURCE), "-o", path]
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
            return CDLL(path)
    except (OSError, subprocess.SubprocessError) as error:
        words = (getattr(error, "stderr", None) or str(error)).strip().split("\n")[0][-200:]
        note(f"LRN goes without its kernel in C, {compiler} fails: {words}")
        return None
