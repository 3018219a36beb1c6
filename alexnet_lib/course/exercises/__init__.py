"""The exercises' checkers: `check("07.1", answer)` says what is right, or gives a hint.

The exercises of notebook 07 are in `nb07.py`; its `EXERCISES` holds one checker per exercise, and
`checkers` makes the usual ones. A module `nbNN.py` in this folder is all that a new notebook needs.
A hint is for one mistake and never tells the answer.
"""

import traceback
from importlib import import_module
from pkgutil import iter_modules

MARKS = {True: "✓ right", False: "✗ not yet", None: "… waits for you"}
UNANSWERED = "put your answer in place of ... and run the cell again."


def check(number, answer):
    """Prints whether `answer` solves exercise `number` ("07.1"), and why, or else a hint.

    Raises nothing, whatever the answer is.
    """
    if not notebooks_with_exercises():  # the students' copy of the course
        noted = "is noted: your instructor's copy of the course checks it."
        print(number, f"{MARKS[None]}: {UNANSWERED}" if answer is ... else noted)
        return
    known = of_notebook(number)
    if not isinstance(number, str) or number not in known:
        print(f"No exercise has this number; there are {', '.join(known)}.")
        return
    right, sentence = judged(known[number], answer)
    print(f"{number} {MARKS[right]}: {sentence}")


def judged(checker, answer):
    """What a checker says of an answer: (True, False or None for no answer yet, a sentence).

    Raises nothing, whatever the answer is.
    """
    if answer is ...:
        return None, UNANSWERED
    try:
        return checker(answer)
    except (Exception, SystemExit) as error:  # whatever a strange answer does when it is used
        last_line = traceback.format_exception_only(error)[-1].strip()
        return False, f"your answer could not be checked: {last_line[:200]}"


def of_notebook(number):
    """The checkers of the notebook that exercise `number` belongs to; all checkers if to none."""
    numbers, notebook = notebooks_with_exercises(), str(number)[:2]
    wanted = [notebook] if notebook in numbers else numbers
    modules = [import_module(f"{__name__}.nb{one}") for one in wanted]
    return {name: checker for module in modules for name, checker in module.EXERCISES.items()}


def notebooks_with_exercises():
    """The numbers of the notebooks that have a module of exercises in this folder: "00", "01", …"""
    return [name[2:] for _, name, _ in iter_modules(__path__) if name.startswith("nb")]
