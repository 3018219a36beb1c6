"""The process that runs a student's answer cells, without rights: `grading` starts it.

`python -m alexnet_lib.course.answer_process` reads a JSON object from its input, and writes one
line of JSON before and one after each cell. What a cell prints goes nowhere.
"""

import importlib
import json
import os
import sys
import traceback
from contextlib import suppress


def run_task():
    task = json.load(sys.stdin)
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    from alexnet_lib.course.sandbox import NoSandbox, confine, stand_alone

    try:
        confine(task["folder"], task["readable"], task["seconds"])
    except NoSandbox as error:
        print(json.dumps({"refused": str(error)}), file=report, flush=True)
        return
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    stand_alone()
    os.chdir(task["folder"])
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.argv = ["answers"]
    importlib.reload(sys.modules["alexnet_lib"])  # under `python -m` it leaves its names out
    names = given(task["prelude"])
    for exercise, source in task["cells"].items():
        print(json.dumps({"begun": exercise}), file=report, flush=True)
        right, said = answered(exercise, source, names)
        print(json.dumps({"exercise": exercise, "right": right, "said": said}), file=report)
        report.flush()
    os._exit(0)


def given(statements):
    """The names that statements give; one that fails is left out."""
    names = {"__name__": "__main__"}
    for statement in statements:
        with suppress(Exception):
            exec(statement, names)
    return names


def answered(exercise, source, names):
    """What the checker of an exercise says of the answer in a cell: (right, sentence).

    The cell is run with these names alone, and with `check`, which it may also import.
    """
    from alexnet_lib.course import exercises

    found, checkers, judged = {}, exercises.of_notebook(exercise), exercises.judged

    def check(number, answer):
        if number in checkers:
            found[number] = judged(checkers[number], answer)

    sys.modules["alexnet_lib"].check = exercises.check = check  # a cell may import it
    try:
        exec(source, {**names, "check": check, "display": show_nothing})
    except BaseException as error:
        last_line = traceback.format_exception_only(error)[-1].strip()[:200]
        alone = ". Only this cell is run, not those above it" * isinstance(error, NameError)
        found.setdefault(exercise, (False, f"the cell ends with {last_line}{alone}"))
    right, said = found.get(exercise, (None, "the cell did not get as far as its check"))
    return right if right is None else bool(right), str(said)[:500]


def show_nothing(*values, **options):
    """Stands for the `display` that Jupyter gives to every cell."""


if __name__ == "__main__":
    run_task()
