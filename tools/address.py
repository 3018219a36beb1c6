"""Write the course's address from pyproject.toml into every notebook and the README.

Every notebook gets the set-up cell of today and, once the address is set, a Colab badge under its
title.
"""

import re
from pathlib import Path

import marks
import nbformat
from course_notebooks import course_notebooks

COURSE = Path(__file__).parent.parent
SETUP = (COURSE / "tools" / "setup_cell.py").read_text(encoding="utf-8").rstrip("\n")
FIRST_LINE = SETUP.split("\n")[0]
HIDDEN = {"cellView": "form", "jupyter": {"source_hidden": True}}  # on Colab, in JupyterLab
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"


def repository(course=COURSE):
    """The address in pyproject.toml, "" where none is set."""
    text = (course / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^Repository = "(.*)"', text, re.MULTILINE)
    return found[1].removesuffix("/").removesuffix(".git") if found else ""


def badge(address, notebook):
    """The markdown of the badge that opens a notebook on Colab; "" without an address.

    Raises ValueError for an address outside GitHub, from where Colab opens nothing.
    """
    if not address:
        return ""
    host, _, place = address.partition("https://github.com/")
    if host or place.count("/") != 1:
        raise ValueError(f"Colab opens https://github.com/OWNER/NAME alone, not {address!r}")
    target = f"https://colab.research.google.com/github/{place}/blob/main/notebooks/{notebook}"
    return f"{BADGE}({target})"


def is_setup(cell):
    """Whether a notebook's cell is the set-up cell, of whatever age."""
    return cell.cell_type == "code" and cell.source.startswith(FIRST_LINE)


def addressed_notebook(text, address, name):
    """A notebook's JSON text with the set-up cell of today and the badge under its title."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in filter(is_setup, notebook.cells):
        cell.source = SETUP.replace('REPOSITORY = ""', f'REPOSITORY = "{address}"')
        cell.metadata |= HIDDEN
    title, *lines = notebook.cells[0].source.split("\n")
    if lines[1:2] and lines[1].startswith(BADGE):
        lines = lines[2:]
    line = badge(address, name)
    notebook.cells[0].source = "\n".join([title, *(["", line] if line else []), *lines])
    return nbformat.writes(notebook) + "\n"


def addressed_readme(text, address):
    """The README's text with the badge between its two marks."""
    line = badge(address, "00_start_here.ipynb")
    return marks.fill(text, "colab", f"{line}\n" if line else "")


def texts(course=COURSE):
    """The notebooks and the README with the address in pyproject.toml: {path: text}."""
    address, wanted = repository(course), {}
    for path in course_notebooks(course):
        wanted[path] = addressed_notebook(path.read_text(encoding="utf-8"), address, path.name)
    for path in course.glob("README.md"):
        wanted[path] = addressed_readme(path.read_text(encoding="utf-8"), address)
    return wanted
