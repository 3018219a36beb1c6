"""Students' notebooks: the cells that answer exercises, found without running anything."""

import ast
import json
import re
import warnings
from pathlib import Path
from typing import NamedTuple

from alexnet_lib.base.files import open_ordinary

LARGEST = 50_000_000  # bytes of a notebook; the course's own have at most 1.5 million
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
OWN = re.compile(r"\d\d_\w+\.ipynb")  # the course's; 02_output_size-Copy1.ipynb is a reader's
COMMAND = re.compile(r"^([ \t]*)[%!].*", re.MULTILINE)  # of IPython, such as %%time


class Answers(NamedTuple):
    """The cells of a notebook that call `check`, and what the notebook lacks.

    cells      {exercise, such as "07.1": source of the last cell that checks it}
    broken     {exercise or "a cell": why its cell cannot be run}
    """

    cells: dict
    broken: dict


def read_answers(path):
    """The `Answers` in a notebook file. Runs nothing.

    Cells are found by their calls `check("07.1", …)`, also of `alexnet_lib.check`. Raises
    ValueError for what is not a notebook, OSError for what cannot be read.
    """
    cells, broken = {}, {}
    for number, source in enumerate(_code(path), 1):
        try:
            source, tree = _parsed(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if "check(" in source:
                where = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
                reason = str(getattr(error, "msg", error)).split("\n")[0][:200] + where
                broken[f"code cell {number}"] = f"Python cannot read it: {reason}"
            continue
        for exercise in checked(tree):
            cells[exercise] = source
    return Answers(cells, broken)


def _parsed(source):
    """The Python of a cell, and its tree. IPython's commands in it become `pass`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Python finds odd in a student's text
        try:
            return source, ast.parse(source)
        except SyntaxError:
            python = COMMAND.sub(r"\1pass", source)
            return python, ast.parse(python)


def checked(tree):
    """The exercises that a parsed cell checks, in their order."""
    exercises = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        if "check" in (getattr(call.func, "id", None), getattr(call.func, "attr", None)):
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            first = call.args[0] if call.args else named.get("number")
            number = getattr(first, "value", None) if isinstance(first, ast.Constant) else None
            if isinstance(number, str) and len(call.args) + len(named) == 2:
                exercises.append(number)
    return exercises


def prelude_of(notebook):
    """What the cells of one of the course's own notebooks give to the answers in it.

    Its imports, its functions and classes, and names for constants, as a list of Python statements;
    of cells with an exercise only the constants. `notebook` is its number: "07".
    """
    statements = []
    for path in sorted(NOTEBOOKS.glob(f"{notebook}_*.ipynb")):
        for source in _code(path)[1:] if OWN.fullmatch(path.name) else ():
            try:
                _, tree = _parsed(source)
            except SyntaxError:  # in a cell that an instructor changed
                continue
            given = [one for one in tree.body if _is_constant(one)]
            given = given if checked(tree) else [one for one in tree.body if _gives_names(one)]
            statements += map(ast.unparse, given)
    return list(dict.fromkeys(statements))


def _gives_names(statement):
    """Whether a statement gives names and does nothing else that takes time."""
    named = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    return isinstance(statement, named) or _is_constant(statement)


def _is_constant(statement):
    """Whether a statement gives a name to a number, a text, a list and the like; not to `...`."""
    if not isinstance(statement, ast.Assign):
        return False
    try:
        return ast.literal_eval(statement.value) is not ...
    except ValueError:
        return False


def _code(path):
    """The sources of a notebook's code cells. ValueError for what is not a notebook."""
    with open_ordinary(path) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes: clear its outputs")
    if not content.strip():
        raise ValueError("it is empty")
    try:
        cells = json.loads(content.decode())["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return ["".join(source) for source in sources]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"it is not a notebook ({type(error).__name__})") from error
