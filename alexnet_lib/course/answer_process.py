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

HINTS = {  # {what a sentence says: what the student can do}
    "NameError: name": (
        "Cells of the course are not run: define it in this cell, or in one that you add above it"
    ),
    "ModuleNotFoundError": "Only the course's packages are installed where it is graded",
    "EOFError": "Nobody types while it is graded: write the value instead of input()",
}


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
    for exercise, (*above, source) in task["cells"].items():
        print(json.dumps({"begun": exercise}), file=report, flush=True)
        right, said = answered(exercise, source, names, above)
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


def answered(exercise, source, names, above=()):
    """What the checker of an exercise says of the answer in a cell: (right, sentence).

    The cell is run with these names, after the student's cells `above` that it needs, and with
    `check`, which it may also import. What goes wrong in a cell above is said if the answer is not
    right.
    """
    from alexnet_lib.course import exercises

    found, checkers, judged = {}, exercises.of_notebook(exercise), exercises.judged

    def check(number, answer):
        if number in checkers:
            found[number] = judged(checkers[number], answer)

    sys.modules["alexnet_lib"].check = exercises.check = check  # a cell may import it
    names, remarks = {**names, "check": check, "display": show_nothing}, []
    for one in above:
        try:
            exec(one, names)
        except BaseException as error:
            remarks.append(f"A cell above it ends with {_last_line(error)}")
    found.clear()  # of what these cells check
    try:
        exec(source, names)
    except BaseException as error:
        found.setdefault(exercise, (False, f"the cell ends with {_last_line(error)}"))
    right, said = found.get(exercise, (None, "the cell did not get as far as its check"))
    if right:
        return True, str(said)[:500]
    said = str(said)[:400]
    remarks += [hint for sign, hint in HINTS.items() if sign in said]
    return right if right is None else False, ". ".join([said, *remarks])[:700]


def _last_line(error):
    return traceback.format_exception_only(error)[-1].strip()[:200]


def show_nothing(*values, **options):
    """Stands for the `display` that Jupyter gives to every cell."""


if __name__ == "__main__":
    run_task()
