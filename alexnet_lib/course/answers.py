"""Students' notebooks: the cells that answer exercises, found without running anything."""

import ast
import builtins
import json
import re
import symtable
import textwrap
import warnings
from pathlib import Path
from typing import NamedTuple

from alexnet_lib.base.files import open_ordinary

LARGEST = 50_000_000  # bytes of a notebook; the course's own have at most 1.5 million
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
OWN = re.compile(r"\d\d_\w+\.ipynb")  # the course's; 02_output_size-Copy1.ipynb is a reader's
# IPython's own: commands such as %%time, !ls and math.sqrt?, and what they give, files = !ls.
COMMAND = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*$)", re.MULTILINE)
GIVEN = re.compile(r"^([\w, \t]+=[ \t]*)[%!].*", re.MULTILINE)
CALL = re.compile(r"""\bcheck\(\s*["'](\d\d\.\d+)["']""")


class Answers(NamedTuple):
    """The cells of a notebook that call `check`, and what the notebook lacks.

    cells      {exercise, such as "07.1": source of the last cell that checks it}
    broken     {exercise or "code cell 7": why its cell cannot be run}
    sources    of all code cells that Python can read
    above      {exercise: how many of these are above its cell}
    """

    cells: dict
    broken: dict
    sources: list
    above: dict


def read_answers(path):
    """The `Answers` in a notebook file. Runs nothing.

    Cells are found by their calls `check("07.1", …)`, also of `alexnet_lib.check`. Raises
    ValueError for what is not a notebook, OSError for what cannot be read.
    """
    cells, broken, sources, above = {}, {}, [], {}
    for number, source in enumerate(_code(path), 1):
        try:
            source, tree = _parsed(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            where = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
            reason = str(getattr(error, "msg", error)).split("\n")[0][:200] + where
            names = CALL.findall(source) or [f"code cell {number}"] * ("check(" in source)
            for exercise in names:
                broken[exercise] = f"Python cannot read code cell {number}: {reason}"
                cells.pop(exercise, None)
            continue
        for exercise in checked(tree):
            cells[exercise], above[exercise] = source, len(sources)
            broken.pop(exercise, None)
        sources.append(source)
    return Answers(cells, broken, sources, above)


def _parsed(source):
    """The Python of a cell, and its tree. IPython's commands in it become `pass`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Python finds odd in a student's text
        try:
            return source, ast.parse(source)
        except SyntaxError:
            python = GIVEN.sub(r"\1None", textwrap.dedent(source))
            python = COMMAND.sub(r"\1pass", python)
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
    for source in (source for cells in _of_course(notebook) for source in cells[1:]):
        try:
            _, tree = _parsed(source)
        except SyntaxError:  # in a cell that an instructor changed
            continue
        given = [one for one in tree.body if _is_constant(one)]
        given = given if checked(tree) else [one for one in tree.body if _gives_names(one)]
        statements += map(ast.unparse, given)
    return list(dict.fromkeys(statements))


def _of_course(notebook):
    """The sources of the code cells of one of the course's own notebooks: a list per file."""
    paths = sorted(NOTEBOOKS.glob(f"{notebook}_*.ipynb"))
    return [_code(path) for path in paths if OWN.fullmatch(path.name)]


def needed_above(source, above, notebook):
    """Those of the cells above an answer that it needs, in their order: a student's own alone.

    source     of the cell with the answer
    above      sources of the cells above it
    notebook   number of the course's notebook, whose cells are not run, nor those that repeat an
               import of it

    A cell is needed if it defines or changes what the answer, or another needed cell, uses without
    defining it.
    """
    course = {tuple(one.split()) for cells in _of_course(notebook) for one in cells}
    prelude = [_Names.of(one) for one in prelude_of(notebook)]
    known = {"check", "display"}.union(*(names.imports for names in prelude))
    own = [(one, _Names.of(one)) for one in above if tuple(one.split()) not in course]
    values = set().union(*(names.values for _, names in own))
    gives = [one.values | one.imports - known | one.changes & values for _, one in own]
    found = known.union(dir(builtins), *gives, *(names.values for names in prelude))
    wanted, chosen = _Names.of(source).missing, set()
    while True:
        wanted |= {"*"} if wanted - found else set()  # it may be from an `import *`
        more = {n for n, names in enumerate(gives) if names & wanted} - chosen
        if not more:
            return [own[n][0] for n in sorted(chosen)]
        chosen |= more
        wanted = wanted.union(*(own[n][1].missing for n in more))


class _Names(NamedTuple):
    """The names in a cell: those that it gives, those that it changes, those that it lacks.

    values     of what it assigns, and of its functions and classes
    imports    of what it imports; "*" for an `import *`
    changes    of what it may change without assigning it: x in x.append(1) and x[0] = 1
    missing    of what it uses and does not give
    """

    values: set
    imports: set
    changes: set
    missing: set

    @classmethod
    def of(cls, source):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree, tables = ast.parse(source), [symtable.symtable(source, "cell", "exec")]
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # it would not run, either
            return cls(set(), set(), set(), set())
        for table in tables:
            tables += table.get_children()
        symbols = [one for table in tables for one in table.get_symbols()]
        values = {one.get_name() for one in tables[0].get_symbols() if one.is_assigned()}
        imports = {one.get_name() for one in tables[0].get_symbols() if one.is_imported()}
        stars = [one.names[0].name == "*" for one in tree.body if isinstance(one, ast.ImportFrom)]
        imports |= {"*"} if any(stars) else set()
        used = {one.get_name() for one in symbols if one.is_referenced() and one.is_global()}
        parts = [
            one.value for one in ast.walk(tree) if isinstance(one, ast.Attribute | ast.Subscript)
        ]
        changes = {part.id for part in parts if isinstance(part, ast.Name)}
        return cls(values, imports, changes, used - values - imports)


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
        cells = json.loads(content.decode("utf-8-sig"))["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return ["".join(source).replace("\r\n", "\n") for source in sources]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if re.search(rb"^<{7} ", content, re.MULTILINE):
            raise ValueError("two versions of it were merged: resolve its lines <<<<<<<") from error
        raise ValueError(
            f"it is not a notebook ({type(error).__name__}): if JupyterLab opens it, save it "
            "there, or else ask for it again"
        ) from error
