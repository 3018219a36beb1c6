"""Grade students' notebooks: run their answers without rights, and write a table and reports.

FOLDER holds one folder per student, or one notebook per student. Only cells that call `check` are
run, each with the notebook's imports and functions alone, in a process that cannot write files or
reach a network. That needs Linux. Grades help an instructor to see who needs help; they do not
prove who wrote an answer.
"""

import csv
import re
from pathlib import Path

from alexnet_lib.base.text import markdown_text, plain_text
from alexnet_lib.cli.arguments import Usage

HELP = "grade students' notebooks"
EXAMPLE = "grade homework --out grades"
HEAD = ("student", "file", "exercise", "result", "said")


def add_arguments(parser):
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with students' notebooks")
    parser.add_argument(
        "--out", type=Path, default="grades", metavar="DIR",
        help="for grades.csv and a report per student; default: grades",
    )  # fmt: skip


def run(options):
    from tqdm import tqdm

    from alexnet_lib.cli.output import text_table
    from alexnet_lib.course.grading import RIGHT, grade_notebook

    paths = notebooks(options.folder)
    if not paths:
        raise Usage(f"{plain_text(options.folder, None)} holds no notebook (*.ipynb)")
    rows = []
    for path in tqdm(paths, unit="notebook"):
        file = path.relative_to(options.folder)
        student = file.parts[0] if len(file.parts) > 1 else file.stem
        for grade in grade_notebook(path):
            rows.append((student, str(file), *grade))
    write(rows, options.out)
    table = [("student", "right", "of")]
    for student in dict.fromkeys(row[0] for row in rows):
        results = [row[3] for row in rows if row[0] == student]
        table.append((student, str(results.count(RIGHT)), str(len(results))))
    print(text_table(table))
    print(f"grades.csv and {len(table) - 1} reports are in {plain_text(options.out, None)}")
    return 0


def notebooks(folder):
    """The notebooks in a folder and its subfolders, sorted; links are not followed."""
    if not folder.is_dir():
        raise Usage(f"{plain_text(folder, None)} is not a folder")
    found = (path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def write(rows, out):
    """Writes rows of HEAD into grades.csv, and those of each student into a report in Markdown."""
    from alexnet_lib.base.files import write_atomically

    out.mkdir(parents=True, exist_ok=True)
    with open(out / "grades.csv", "w", newline="", encoding="utf-8-sig") as file:  # for Excel
        csv.writer(file).writerows([HEAD, *([harmless(cell) for cell in row] for row in rows)])
    names = {}
    for student in dict.fromkeys(row[0] for row in rows):
        name = re.sub(r"[^\w.-]|^\.+", "_", student)[:80]
        names[student] = name if name not in names.values() else f"{name}_{len(names)}"
        lines = [f"# {markdown_text(student)}", "", "| file | exercise | result | |"]
        lines.append("|---|---|---|---|")
        for row in rows:
            if row[0] == student:
                lines.append(f"| {' | '.join(markdown_text(cell) for cell in row[1:])} |")
        text = "\n".join(lines) + "\n"
        path = out / f"{names[student]}.md"
        write_atomically(path, lambda file, text=text: file.write(text.encode()))


def harmless(cell):
    """A cell of a table that no spreadsheet takes for a formula."""
    text = plain_text(cell)
    return f"'{text}" if text[:1] in tuple("=+-@") else text
