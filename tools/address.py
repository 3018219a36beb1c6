"""Write the course's address from pyproject.toml into every notebook and the README.

`python tools/address.py` writes the set-up cell of every notebook anew and, once the address is
set, a Colab badge under each title. `--check` writes nothing and exits 1 where something differs.
"""

import argparse
import re
import sys
from pathlib import Path

import marks
import nbformat

COURSE = Path(__file__).parent.parent
SETUP = (COURSE / "tools" / "setup_cell.py").read_text(encoding="utf-8").rstrip("\n")
FIRST_LINE = SETUP.split("\n")[0]
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


def changes(course=COURSE):
    """The files that differ from the address in pyproject.toml: {path: what they should hold}."""
    address, wanted = repository(course), {}
    for path in sorted(course.glob("notebooks/*.ipynb")):
        wanted[path] = addressed_notebook(path.read_text(encoding="utf-8"), address, path.name)
    for path in course.glob("README.md"):
        wanted[path] = addressed_readme(path.read_text(encoding="utf-8"), address)
    return {path: text for path, text in wanted.items() if path.read_text("utf-8") != text}


def write(course=COURSE):
    """Writes the files that differ; returns their paths."""
    differing = changes(course)
    for path, text in differing.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(differing)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what differs")
    check = parser.parse_args().check
    paths = list(changes()) if check else write()
    for path in paths:
        print(path.relative_to(COURSE), "differs" if check else "written")
    sys.exit(1 if check and paths else 0)


if __name__ == "__main__":
    main()
