"""What Sphinx reads: the course's notebooks and pages, copied into one folder and prepared."""

import ast
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

COURSE = Path(__file__).parent.parent
sys.path.append(str(COURSE / "tools"))
from course_notebooks import course_notebooks  # noqa: E402

PAGES = Path(__file__).parent / "pages"
FOLDERS = ("docs", "images", "notebooks")
# Not in the reference: the commands have a page, and the checkers of exercises hold the answers.
LEFT_OUT = ("alexnet_lib.__main__", "alexnet_lib.cli", "alexnet_lib.course.exercises.nb")
BADGE = re.compile(r"\[!\[(Open in Colab)\]\([^)]*\)\]")
STORED = """\
*This page shows the notebook with its stored outputs. To change and run the cells,
[install the course](../docs/install.md#installing-the-course) or
[open the notebook on Colab](../docs/install.md#on-colab).*"""
SLIDERS = "*The sliders of this figure need a running notebook.*"
WITHOUT_KERNEL = {
    "windows": "*The sliders of this figure need a running notebook;"
    " the [explorer on this site](../explorer.md) has sliders that work here.*"
}


def write_sources(out, course=COURSE):
    """Writes all that the site is made of into a folder that does not exist yet."""
    for name in FOLDERS:
        shutil.copytree(course / name, out / name, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(course / "README.md", out)
    shutil.copytree(PAGES, out, dirs_exist_ok=True)
    for path in (out / "notebooks").glob("*.ipynb"):
        if path not in course_notebooks(out):
            path.unlink()
    for path in course_notebooks(out):
        notebook = nbformat.read(path, as_version=4)
        prepare(notebook)
        nbformat.write(notebook, path)
    pages = {f"{folder}.md": text for folder, text in reference(course / "alexnet_lib").items()}
    pages["names.txt"] = short_names(course / "alexnet_lib")
    for name, text in pages.items():
        (out / "reference" / name).write_text(text, encoding="utf-8", newline="\n")


def prepare(notebook):
    """Changes a notebook into what the site shows of it."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            # The badge is a picture on another server.
            cell.source = BADGE.sub(r"[\1]", cell.source)
            continue
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
        cell.outputs = [one for one in cell.outputs if not (is_progress(one) or is_spoken(one))]
        explorer = re.search(r"^explore\((?:\"(\w+)\")?", cell.source, re.MULTILINE)
        if explorer:
            cells.append(new_markdown_cell(WITHOUT_KERNEL.get(explorer[1], SLIDERS)))
    cells.insert(1, new_markdown_cell(STORED))
    notebook.cells = cells


def is_progress(output):
    """Whether an output is the text of a progress bar, which stood still when it was stored."""
    data = output.get("data", {})
    return set(data) == {"text/plain"} and re.search(r"\d%\|", data["text/plain"]) is not None


def is_spoken(output):
    """Whether an output repeats a figure's alt text for JupyterLab: here the figure has it."""
    return "jp-sr-only" in output.get("data", {}).get("text/html", "")


def reference(library):
    """A page for each folder of the library, with its modules' docstrings: {folder: Markdown}."""
    pages = {}
    for path in sorted(library.rglob("*.py")):
        parts = path.relative_to(library.parent).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        if name.count(".") and not name.startswith(LEFT_OUT):
            lines = [f"# {name}" if name.count(".") == 1 else f"## {name.partition('.')[2]}", ""]
            lines += ["```{eval-rst}", f".. automodule:: {name}"]
            members = public_names(path)
            # Named, or autodoc would first read all that the module imports.
            lines += [f"   :members: {', '.join(members)}"] if members else []
            pages.setdefault(parts[1], []).append("\n".join([*lines, "```", ""]))
    return {folder: "\n".join(modules) for folder, modules in pages.items()}


def short_names(library):
    """A table of the functions and classes that the package itself exports, as Sphinx reads it."""
    lines = [".. autosummary::", ""]
    for node in ast.walk(ast.parse((library / "__init__.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            path = library.parent.joinpath(*node.module.split("."))
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            names = public_names(path)
            full = [f"{node.module}.{one.name}" for one in node.names if one.name in names]
            lines += [f"   ~{name}" for name in full]
    return "\n".join([*lines, ""])


def public_names(path):
    """The names of the functions and classes that a module defines and documents."""
    kinds = ast.FunctionDef, ast.ClassDef
    body = ast.parse(path.read_text(encoding="utf-8")).body
    found = [node for node in body if isinstance(node, kinds) and ast.get_docstring(node)]
    return [node.name for node in found if not node.name.startswith("_")]
