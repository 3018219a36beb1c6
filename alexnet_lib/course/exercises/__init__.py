"""The exercises' checkers: `check("07.1", answer)` says what is right, or gives a hint.

The exercises of notebook 07 are in `nb07.py`; its `EXERCISES` holds one checker per exercise, and
`checkers` makes the usual ones. A hint is aimed at one mistake and never tells the answer.
"""

import traceback
from importlib import import_module
from pkgutil import iter_modules

NOTEBOOKS = [name[2:] for _, name, _ in iter_modules(__path__) if name.startswith("nb")]
MARKS = {True: "✓ right", False: "✗ not yet", None: "… waits for you"}


def check(number, answer):
    """Prints whether `answer` solves exercise `number` ("07.1"), and why, or else a hint.

    Raises nothing, whatever the answer is.
    """
    known = of_notebook(number)
    if not isinstance(number, str) or number not in known:
        print(f"No exercise has this number; there are {', '.join(known)}.")
        return
    try:
        if answer is ...:
            right, sentence = None, "put your answer in place of ... and run the cell again."
        else:
            right, sentence = known[number](answer)
    except (Exception, SystemExit) as error:  # whatever a strange answer does when touched
        last_line = traceback.format_exception_only(error)[-1].strip()
        right, sentence = False, f"your answer could not be checked: {last_line[:200]}"
    print(f"{number} {MARKS[right]}: {sentence}")


def of_notebook(number):
    """The checkers of the notebook that exercise `number` is of; those of all, if of none."""
    notebook = str(number)[:2]
    notebooks = [notebook] if notebook in NOTEBOOKS else NOTEBOOKS
    modules = [import_module(f"alexnet_lib.course.exercises.nb{name}") for name in notebooks]
    return {name: checker for module in modules for name, checker in module.EXERCISES.items()}
