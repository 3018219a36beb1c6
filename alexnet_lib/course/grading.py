"""Grading: students' answer cells are run without rights, and checked as in the notebooks."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import NamedTuple

from alexnet_lib.course.answers import needed_above, prelude_of, read_answers
from alexnet_lib.course.exercises import notebooks_with_exercises, of_notebook
from alexnet_lib.course.sandbox import NoSandbox

COURSE = Path(__file__).resolve().parents[2]
START = 120  # seconds that a process may take until its first cell: it imports torch
RIGHT, WRONG, WAITS, TIME, MISSING, BROKEN = (
    "right", "not yet", "no answer", "out of time", "missing", "broken",
)  # fmt: skip
LONGEST_LINE = 10_000  # bytes of a report's line
RESULTS = {True: RIGHT, False: WRONG, None: WAITS}


class Grade(NamedTuple):
    """What became of one exercise: its number, one of the results above, and a sentence."""

    exercise: str
    result: str
    said: str


def grade_notebook(path, seconds=30):
    """The `Grade`s of a student's notebook, sorted; `seconds` are what each cell may take.

    Runs the answer cells, each after those of the student's own cells above it that it needs, in a
    process of their own that can neither write files, except in an empty folder, nor reach a
    network (see `sandbox`). A notebook that cannot be read gets one grade, BROKEN. Raises NoSandbox
    where the system cannot confine a process.
    """
    try:
        cells, broken, sources, above = read_answers(path)
    except (ValueError, OSError) as error:
        return [Grade("", BROKEN, str(error))]
    numbers = {exercise[:2] for exercise in (*cells, *broken)} & set(notebooks_with_exercises())
    known = {exercise: number for number in numbers for exercise in of_notebook(number)}
    found = [Grade(where, BROKEN, why) for where, why in broken.items()]
    if not known:
        return found or [Grade("", BROKEN, "it has no cell that calls check")]
    for number in sorted(numbers):
        own = {
            exercise: [*needed_above(source, sources[: above[exercise]], number), source]
            for exercise, source in cells.items() if known.get(exercise) == number
        }  # fmt: skip
        found += _graded(own, prelude_of(number), seconds)
    lacking = [one for one in known if one not in cells and one not in broken]
    found += [Grade(one, MISSING, f'no cell calls check("{one}", …)') for one in lacking]
    return sorted(found)


def _graded(cells, prelude, seconds):
    """The grades of the answers in one notebook: {exercise: its cell, after those that it needs}.

    A cell that takes too long ends its process, and the next ones get another process.
    """
    found = []
    while cells:
        done = _run(cells, prelude, seconds)
        found += done
        cells = {one: own for one, own in cells.items() if one not in {g[0] for g in done}}
    return found


def _run(cells, prelude, seconds):
    """The grades of the first of these cells, as far as one process comes: of one at least."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        task = {
            "cells": cells, "prelude": prelude, "folder": folder,
            "readable": [str(COURSE / name) for name in ("alexnet_lib", "results")],
            "seconds": START + seconds * len(cells),
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "alexnet_lib.course.answer_process"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=COURSE, env=_environment(folder), start_new_session=True,
        )  # fmt: skip
        try:
            process.stdin.write(json.dumps(task).encode())
            process.stdin.close()
            return _collected(process, cells, seconds)
        finally:
            process.kill()
            process.wait()


def _environment(folder):
    """What the process needs of the environment, and nothing secret."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | threads | {"HOME": folder, "TMPDIR": folder, "MPLCONFIGDIR": folder}


def _collected(process, cells, seconds):
    """What the process reports, until it ends or takes too long: then of its cell, too.

    A cell can write into the report as well. Only what fits the cell that is running is taken, and
    each exercise once, so that whatever it writes, it can change nothing but its own grade.
    """
    lines, found, current, wait, begun = Queue(maxsize=1000), [], next(iter(cells)), START, False
    until = time.monotonic() + wait
    Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=max(0, until - time.monotonic()))
        except Empty:
            return [*found, _too_slow(current, cells, wait)]
        if line is None:
            ended = current not in {grade.exercise for grade in found}
            said = "the cell ended its process"
            return [*found, Grade(current, WRONG, said)] if ended else found
        if time.monotonic() > until:  # also where the report never ends
            return [*found, _too_slow(current, cells, wait)]
        graded = {grade.exercise for grade in found}
        if not begun and "refused" in line:  # said before any cell is run
            raise NoSandbox(f"students' code is not run here: {line['refused']}")
        if line.get("begun") in cells and line["begun"] not in graded:
            current, wait, begun = line["begun"], seconds, True
            until = time.monotonic() + wait
        elif line.get("exercise") == current and current not in graded:
            result = RESULTS.get(line.get("right"), WRONG)
            found.append(Grade(current, result, str(line.get("said"))[:700]))


def _too_slow(exercise, cells, seconds):
    others = ", with those above it that it needs" * (len(cells[exercise]) > 1)
    return Grade(exercise, TIME, f"the cell took more than {seconds} s{others}")


def _read(stream, lines):
    """Puts each JSON object of a line into a queue, and None at the end."""
    while line := stream.readline(LONGEST_LINE):
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict) and all(_is_plain(value) for value in content.values()):
            lines.put(content)
    lines.put(None)


def _is_plain(value):
    return value is None or isinstance(value, str | bool)
