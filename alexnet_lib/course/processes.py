"""Run functions of a notebook in several processes: `Processes(2).run(function, *arguments)`.

Processes that a notebook starts do not know its functions: on Windows and macOS a new process
begins with an empty memory. So a function's source is written to a file, with that of the
notebook's functions and classes that it uses and with their imports, and each process reads the
file. The processes find each other through a file, too: no port is opened to other machines.
"""

import ast
import linecache
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import FunctionType, ModuleType

import torch

COURSE = Path(__file__).parents[2]
PATIENCE = 300  # seconds in which a process has to be there: a slow disk reads torch for a minute
GRACE = 5  # seconds that a process has to end by itself
LOOPBACK = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)  # the machine's way to itself


class Processes:
    """`count` processes that call functions together, joined by `torch.distributed` with gloo.

    They start at the first `run` and wait for the next one, because importing torch takes seconds.
    They end with `stop`, with a run that fails, and with the program that started them.
    """

    def __init__(self, count=2):
        self.count, self.started, self.jobs = count, [], 0
        self.kept, self.folder = None, None  # a temporary folder, and its path

    def run(self, function, *arguments, limit=60):
        """Calls `function(rank, *arguments)` in each process; returns the list of the results.

        `rank` is the number of the process, from 0. Arguments and results may be tensors, numbers,
        strings, and lists, tuples and dicts of these. What the processes print is shown in the
        order of their ranks.

        Raises RuntimeError for the first failure in a process; TimeoutError after `limit` seconds,
        with the lines that the processes had reached. After these, and after an interrupt, the
        processes are stopped. Raises ValueError for a function without a source.
        """
        text = script(function)
        try:
            if not self.started or any(one.poll() is not None for one in self.started):
                self._start()
            self.jobs += 1
            job = self.folder / f"job{self.jobs}"
            job.mkdir()
            (job / "cells.py").write_text(text, "utf-8")
            torch.save([function.__name__, limit, arguments], job / "call.pt")
            for process in self.started:
                process.stdin.write(f"{job}\n".encode())
                process.stdin.flush()
            self._wait(job, "result", limit + GRACE)
        except BaseException:
            self.stop(0)
            raise
        for rank in range(self.count):
            for line in (job / f"out{rank}").read_text("utf-8").splitlines():
                print(f"process {rank}: {line}")
        paths = [job / f"result{rank}" for rank in range(self.count)]
        return [torch.load(path, weights_only=True) for path in paths]

    def stop(self, grace=GRACE):
        """Ends the processes; those that have not ended after `grace` seconds are killed."""
        for process in self.started:
            with suppress(OSError):  # it may be gone, with a line that it has not read
                process.stdin.close()
        for process in self.started:
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.started = []

    def _start(self):
        self.stop(0)
        self.kept = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder, self.jobs = Path(self.kept.name), 0
        path = os.pathsep.join([str(COURSE), *filter(None, [os.environ.get("PYTHONPATH")])])
        settings = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
        if LOOPBACK:
            settings["GLOO_SOCKET_IFNAME"] = LOOPBACK
        for rank in range(self.count):
            words = "alexnet_lib.course.worker", str(self.folder), str(rank), str(self.count)
            with open(self.folder / f"err{rank}", "wb") as err:
                process = subprocess.Popen(
                    [sys.executable, "-m", *words], env=os.environ | settings,
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=err,
                )  # fmt: skip
            self.started.append(process)
        self._wait(self.folder, "ready", PATIENCE)

    def _wait(self, place, name, seconds):
        """Returns when all processes have written this file; raises when that cannot be."""
        deadline = time.monotonic() + seconds
        while missing := [n for n in range(self.count) if not (place / f"{name}{n}").exists()]:
            if any(self.started[rank].poll() is not None for rank in missing):
                time.sleep(0.3)  # others may fail because of this one; the first one counts
                raise self._failure(place, missing)
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds} s processes {missing} still were not {name}")
            time.sleep(0.02)

    def _failure(self, place, missing):
        """What to raise: the words of the first that failed, or where each one was stopped."""
        paths = {rank: place / f"failed{rank}" for rank in missing}
        told = {rank: path.read_text("utf-8") for rank, path in paths.items() if path.exists()}
        failed = sorted((words, rank) for rank, words in told.items() if words[0].isdigit())
        if failed:
            words, rank = failed[0]  # each begins with its time
            return RuntimeError(f"process {rank} {words.split(' ', 1)[1]}")
        if told:
            return TimeoutError("; ".join(f"process {rank} {told[rank]}" for rank in told))
        rank = next(rank for rank in missing if self.started[rank].poll() is not None)
        last = (self.folder / f"err{rank}").read_text("utf-8", errors="replace")[-1000:]
        return RuntimeError(f"process {rank} ended without a result. {last}".strip())


def script(function):
    """The text of a program that defines `function` and everything of its module that it uses."""
    imports, sources, waiting, seen = set(), [], [function], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        sources.insert(0, _source(one))
        for name, value in _used(one):
            if isinstance(value, ModuleType):
                imports.add(f"import {value.__name__} as {name}")
            elif not isinstance(value, (FunctionType, type)):
                continue
            elif value.__module__ == function.__module__:
                waiting.append(value)
            else:
                imports.add(f"from {value.__module__} import {value.__name__} as {name}")
    return "\n".join(sorted(imports)) + "\n\n\n" + "\n\n\n".join(sources) + "\n"


def _functions(one):
    """A function itself, or the methods of a class."""
    if not isinstance(one, type):
        return [one]
    methods = (getattr(value, "__func__", value) for value in vars(one).values())
    return [method for method in methods if isinstance(method, FunctionType)]


def _used(one):
    """(name, value) of the global names that a function or class reads; bases are among them."""
    found = {}
    for function in _functions(one):
        codes = [function.__code__]
        for code in codes:
            codes += [inner for inner in code.co_consts if hasattr(inner, "co_names")]
            found.update(dict.fromkeys(code.co_names))
        for node in ast.walk(ast.parse(_source(one))):
            if isinstance(node, ast.Name):
                found[node.id] = None
        known = function.__globals__
    return [(name, known[name]) for name in found if name in known]


def _source(one):
    """The text that defines a function or class; ValueError where it is not to be had."""
    codes = [function.__code__ for function in _functions(one) if hasattr(function, "__code__")]
    lines = linecache.getlines(codes[0].co_filename) if codes else []
    for node in ast.parse("".join(lines)).body:
        if getattr(node, "name", None) == getattr(one, "__name__", ""):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            return "".join(lines[first - 1 : node.end_lineno]).rstrip()
    raise ValueError(f"{one!r} cannot be sent to a process: define it by def in a cell of its own")
