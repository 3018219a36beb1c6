"""Write the course map, a row for each notebook, into the README and notebook 00.

A row is taken from the head of its notebook: the question is its line in bold, the minutes stand
before the word "minutes".
"""

import re
from pathlib import Path

import marks
import nbformat
from course_notebooks import course_notebooks

COURSE = Path(__file__).parent.parent
HEAD = "| notebook | question | minutes |\n|---|---|---|\n"


def row(path, folder=""):
    """The row of one notebook, linked as in `folder`. ValueError where its head lacks something."""
    head = nbformat.read(path, as_version=4).cells[0].source
    question = re.search(r"^\*\*(.+)\*\*$", head, re.MULTILINE)
    minutes = re.search(r"\b(\d+) minutes\b", head)
    if not question or not minutes:
        raise ValueError(
            f"{path.name}: expected in its first cell the question as a line in bold, and how many "
            "minutes it takes, such as '50 minutes'"
        )
    return f"| [{path.stem}]({folder}{path.name}) | {question[1]} | {minutes[1]} |\n"


def course_map(course=COURSE, folder=""):
    """The table in markdown of all notebooks in their order."""
    return HEAD + "".join(row(path, folder) for path in course_notebooks(course))


def texts(course=COURSE):
    """The README and notebook 00 with the map of today: {path: text}."""
    readme, start = course / "README.md", course / "notebooks" / "00_start_here.ipynb"
    notebook = nbformat.read(start, as_version=4)
    for cell in notebook.cells:
        if "<!-- map -->" in cell.source:
            cell.source = marks.fill(cell.source, "map", course_map(course))
    page = marks.fill(readme.read_text("utf-8"), "map", course_map(course, "notebooks/"))
    return {readme: page, start: nbformat.writes(notebook) + "\n"}
