"""Write a copy of the course for students, and one for teachers: what `make handout` calls.

dist/student/ has the notebooks without solutions and without outputs, which would spoil the guesses
that they ask for, and the library without the checkers of the exercises, which hold the answers:
there `check` notes an answer, and `python -m alexnet_lib grade` checks it in the teachers' copy.
Of the commands of make it has `make lab`.
dist/teacher/ has all of the course, and sheet.pdf, the course on one page, which gives away what
the first notebooks ask. Both replace older copies.
"""

import argparse
import re
import shutil
import sys
from pathlib import Path

import nbformat
import sheet
from address import addressed_notebook
from course_notebooks import course_notebooks

from alexnet_lib.course.answers import read_answers

COURSE = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints", "*.egg-info")
FOLDERS = ("alexnet_lib", "images", "results", "tools/jupyter")  # those that students need
PAGES = (
    "claims", "command_line", "distributed", "experiments", "glossary", "imagenet", "install",
    "results",
)  # fmt: skip
FILES = (
    "CITATION.cff", "LICENSE", "LICENSE-text.md", "Makefile", "constraints.txt", "pyproject.toml",
    "requirements.txt", "tools/setup.sh",
)  # fmt: skip
ALL = (
    *FOLDERS[:-1], *FILES[:-1], "README.md", "benchmarks", "conftest.py", "docs", "notebooks",
    "requirements-site.txt", "requirements-test.txt", "site", "studies", "tests", "tools",
)  # fmt: skip
INSTALL = "docs/install.md"
TESTS = re.compile(r"To run the tests:\n\n```.*?```\n\n", re.DOTALL)
README = """\
# AlexNet, hands on: the students' copy

`make lab` opens the course in JupyterLab; [docs/install.md](docs/install.md) says how to do
without make. Start with `notebooks/00_start_here.ipynb`. `check` notes your answers; hand in your
notebooks, and your instructor's copy checks them. It runs only the cells that call `check` and what
they need, so keep what an answer needs in its cell, or in one that you add above it.
"""


def write_student(out, course=COURSE):
    """Writes the students' copy into a folder that does not exist yet.

    Raises ValueError where a notebook has an answer to an exercise.
    """
    notebooks = course_notebooks(course)
    for path in notebooks:
        if answers := [one for one, cell in read_answers(path).cells.items() if "..." not in cell]:
            raise ValueError(
                f"notebooks/{path.name} has your answer to {', '.join(answers)}: put ... back, "
                "or get the course's notebooks again by: git restore notebooks"
            )
    for name in FOLDERS:
        shutil.copytree(course / name, out / name, ignore=LEFT_OUT)
    for name in (*FILES, *(f"docs/{page}.md" for page in PAGES)):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(course / name, out / name)
    for checkers in (out / "alexnet_lib" / "course" / "exercises").glob("nb*.py"):
        checkers.unlink()
    (out / "notebooks").mkdir()
    for path in notebooks:
        # On Colab the course's own address would lead to the solutions.
        text = addressed_notebook(path.read_text("utf-8"), "", path.name)
        notebook = nbformat.reads(text, as_version=4)
        notebook.cells = without_solutions(notebook.cells)
        clear_outputs(notebook)
        nbformat.write(notebook, out / "notebooks" / path.name)
    makefile, install = ((out / name).read_text("utf-8") for name in ("Makefile", INSTALL))
    texts = {"README.md": README, "Makefile": lab_alone(makefile), INSTALL: TESTS.sub("", install)}
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")


def lab_alone(makefile):
    """The Makefile without the commands whose files students do not have: all but lab."""
    names = "help", "lab", ".venv/ready"
    rule = re.compile(r"(\.venv/[\w-]+|[a-z]+):")
    parts = [(rule.match(part), part) for part in makefile.rstrip("\n").split("\n\n")]
    kept = [part for found, part in parts if not found or found[1] in names]
    return re.sub(r"\.PHONY:.*", ".PHONY: help lab", "\n\n".join(kept)) + "\n"


def clear_outputs(notebook):
    """Removes the outputs of all cells, and the state of the widgets in them."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def write_teacher(out, course=COURSE):
    """Writes the teachers' copy into a folder that does not exist yet."""
    for name in ALL:
        if (course / name).is_dir():
            shutil.copytree(course / name, out / name, ignore=LEFT_OUT)
        else:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(course / name, out / name)
    sheet.write(out / "sheet.pdf")


def without_solutions(cells):
    """A notebook's cells without the section of solutions, up to the rule above the last links."""
    kept, inside = [], False
    for cell in cells:
        before, heading, _ = cell.source.partition("## Solutions")
        if cell.cell_type == "markdown" and heading:
            inside, cell.source = True, before.rstrip()
            kept += [cell] if cell.source else []
            continue
        inside = inside and not cell.source.startswith("---\n")
        kept += [] if inside else [cell]
    return kept


def main():
    for name, write in (("student", write_student), ("teacher", write_teacher)):
        out = COURSE / "dist" / name
        shutil.rmtree(out, ignore_errors=True)
        try:
            write(out)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        print(f"dist/{name}: {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    sys.exit(main())
