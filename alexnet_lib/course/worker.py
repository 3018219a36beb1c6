"""One of `Processes`: `python -m alexnet_lib.course.worker FOLDER RANK COUNT`.

Each line of its standard input names the folder of a call. It ends when that input ends, that is,
also when the program that started it is gone.
"""

import io
import linecache
import os
import runpy
import signal
import sys
import threading
import time
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

FOREVER = timedelta(days=1)  # the watch of each call comes first


def serve_as_rank(folder, rank, count):
    """Joins the group and answers calls, one after the other.

    Ends without Python's own clean-up, in which gloo's threads sometimes abort after a success.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Jupyter interrupts all; the notebook decides
    torch.set_num_threads(1)
    store = dist.FileStore(str(folder / "meeting"), count)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=count, timeout=FOREVER)
    (folder / f"ready{rank}").touch()
    for line in sys.stdin:
        _answer(Path(line.rstrip("\r\n")), rank)
    os._exit(0)


def _answer(job, rank):
    name, limit, arguments = torch.load(job / "call.pt", weights_only=True)
    cells, printed = str(job / "cells.py"), io.StringIO()
    watch = threading.Timer(limit, _stop, (job, rank, cells, limit))
    watch.daemon = True
    watch.start()
    try:
        with redirect_stdout(printed):
            function = runpy.run_path(cells)[name]
            torch.save(function(rank, *arguments), job / f"part{rank}")
    except BaseException as error:
        _fail(job, rank, f"{time.time_ns()} failed{_place(error, cells)}")
    watch.cancel()
    (job / f"out{rank}").write_text(printed.getvalue(), "utf-8")
    os.replace(job / f"part{rank}", job / f"result{rank}")


def _stop(job, rank, cells, limit):
    """Ends a process whose time is over, and says at which line of the notebook it was."""
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame and frame.f_code.co_filename != cells:
        frame = frame.f_back
    where = _line(cells, frame.f_lineno, frame) if frame else " outside of the notebook's code"
    _fail(job, rank, f"was stopped after {limit} s{where}")


def _place(error, cells):
    """The last line of the notebook that an error passed, and the error."""
    where, trace = "", error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == cells:
            where = _line(cells, trace.tb_lineno, trace.tb_frame)
        trace = trace.tb_next
    hint = ""
    if isinstance(error, NameError):
        hint = ". A process knows the notebook's functions, not its variables: pass them on"
    return f"{where}: {type(error).__name__}: {error}{hint}"


def _line(cells, number, frame):
    return f" in {frame.f_code.co_name}, at `{linecache.getline(cells, number).strip()}`"


def _fail(job, rank, words):
    part = job / f"words{rank}"
    part.write_text(words, "utf-8")
    os.replace(part, job / f"failed{rank}")
    os._exit(1)


if __name__ == "__main__":
    serve_as_rank(Path(sys.argv[1]), *map(int, sys.argv[2:]))
