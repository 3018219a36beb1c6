"""Students' notebooks: the cells that answer exercises, found without running anything."""

import ast
import json
from pathlib import Path
from typing import NamedTuple

from alexnet_lib.base.files import open_ordinary

LARGEST = 50_000_000  # bytes of a notebook; the course's own have at most 1.5 million
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


class Answers(NamedTuple):
    """The cells of a notebook that call `check`, and what the notebook lacks.

    cells      {exercise, such as "07.1": source of the last cell that checks it}
    broken     {exercise or "a cell": why its cell cannot be run}
    """

    cells: dict
    broken: dict


def read_answers(path):
    """The `Answers` in a notebook file. Runs nothing.

    Cells are found by their calls `check("07.1", …)`. Solutions, whose first line is
    `# @title Solution …`, do not count. Raises ValueError for what is not a notebook, OSError for
    what cannot be read.
    """
    cells, broken = {}, {}
    for number, source in enumerate(_code(path), 1):
        if source.startswith("# @title Solution"):
            continue
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if "check(" in source:
                reason = str(error).split("\n")[0][:200]
                broken[f"code cell {number}"] = f"Python cannot read it: {reason}"
            continue
        for exercise in checked(tree):
            cells[exercise] = source
    return Answers(cells, broken)


def checked(tree):
    """The exercises that a parsed cell checks, in their order."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "check" and len(call.args) == 2
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]


def imports_of(notebook):
    """All imports of one of the course's own notebooks, given by its number ("07"), as source.

    The set-up cell's imports are left out, and so are those within functions.
    """
    lines = []
    for path in sorted(NOTEBOOKS.glob(f"{notebook}_*.ipynb")):
        for source in _code(path)[1:]:
            statements = ast.parse(source).body
            lines += [ast.unparse(one) for one in statements if _is_import(one)]
    return "\n".join(dict.fromkeys(lines))


def _is_import(statement):
    return isinstance(statement, ast.Import | ast.ImportFrom)


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
