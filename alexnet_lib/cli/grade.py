"""Grade students' notebooks: run their answers in a sandbox, and write a table and reports.

FOLDER holds one folder per student, or one notebook per student. Only cells that call `check` are
run, each with the notebook's imports and functions, after those of the student's own cells above it
that it needs, in a process that cannot write files or reach a network. That needs Linux. Grades
help an instructor to see who needs help; they do not prove who wrote an answer.
"""

import csv
import io
import re
import signal
import unicodedata
from collections import Counter
from pathlib import Path

from alexnet_lib.base.text import markdown_text, plain_text
from alexnet_lib.cli.arguments import Usage, file_or_folder

HELP = "grade students' notebooks"
EXAMPLE = "grade homework --out grades"
LONGEST_FILE = 50  # letters of a report's name: in UTF-8 they take up to 200 bytes, of 255
HEAD = ("student", "file", "exercise", "result", "said")


def add_arguments(parser):
    parser.add_argument(
        "folder", type=file_or_folder, metavar="FOLDER", help="where the students' notebooks are"
    )
    parser.add_argument(
        "--out", type=file_or_folder, default="grades", metavar="DIR",
        help="where to write grades.csv and a report per student; default: grades",
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace grades that are in DIR")


def run(options):
    from tqdm import tqdm

    from alexnet_lib.cli.output import text_table
    from alexnet_lib.course.exercises import notebooks_with_exercises
    from alexnet_lib.course.grading import RIGHT, grade_notebook

    if not notebooks_with_exercises():
        raise Usage("the students' copy of the course cannot grade: use the complete course")
    folder, out = Path(options.folder), Path(options.out)
    paths = notebooks(folder)
    if not paths:
        raise Usage(f"{plain_text(folder, None)} holds no notebook (*.ipynb)")
    _check_out(out, options.overwrite)
    rows, done = [], 0
    try:
        for path in tqdm(paths, unit="notebook"):
            file = path.relative_to(folder)
            student = file.parts[0] if len(file.parts) > 1 else file.stem
            rows += [(student, str(file), *grade) for grade in grade_notebook(path)]
            done += 1
    except KeyboardInterrupt:
        print(f"interrupted: {done} of {len(paths)} notebooks are graded")
        if not done:
            return 128 + signal.SIGINT
    table = [("student", "right", "of")]
    for student in dict.fromkeys(row[0] for row in rows):
        results = [row[3] for row in rows if row[0] == student]
        table.append((student, str(results.count(RIGHT)), str(len(results))))
    print(text_table(table))
    for said, names in (
        ("no notebook (*.ipynb) is in", without_notebook(folder, paths, out)),
        ("not opened, unzip them and grade again", archives(folder)),
        ("several notebooks of a student have the same exercise", with_copies(rows)),
    ):
        if names:
            print(f"{said}: {', '.join(plain_text(one) for one in names)}")
    write(rows, out)
    print(f"grades.csv and {len(table) - 1} reports are in {plain_text(out, None)}")
    return 0 if done == len(paths) else 128 + signal.SIGINT


def _check_out(out, overwrite):
    """Makes the folder before any work, which would be lost without it. Usage for another place."""
    place = plain_text(out, None)
    if out.exists() and not out.is_dir():
        raise Usage(f"{place} is a file; --out takes a folder")
    if not overwrite and (out / "grades.csv").exists():
        raise Usage(
            f"there are grades in {place} already: replace them by --overwrite, or take "
            f"another --out"
        )
    out.mkdir(parents=True, exist_ok=True)


def notebooks(folder):
    """The notebooks in a folder and its subfolders, sorted; links are not followed.

    What programs put beside them is left out: Jupyter's checkpoints, and `._` files of macOS.
    """
    if not folder.is_dir():
        unzip = ": unzip it first" * (folder.suffix.lower() == ".zip")
        raise Usage(f"{plain_text(folder, None)} is not a folder{unzip}")
    found = (path for path in folder.rglob("*") if path.suffix.lower() == ".ipynb")
    found = (path for path in found if ".ipynb_checkpoints" not in path.parts)
    found = (path for path in found if not path.name.startswith("._"))
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def archives(folder):
    """The names of the zip files in a folder and its subfolders: they may hold notebooks."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() == ".zip")
    return sorted(str(path.relative_to(folder)) for path in found)


def with_copies(rows):
    """The students among rows of HEAD who have an exercise in more than one file, sorted."""
    found = Counter((row[0], row[2]) for row in rows if row[2][:1].isdigit())
    return sorted({student for (student, _), files in found.items() if files > 1})


def without_notebook(folder, paths, out):
    """The names of what is in a folder beside its notebooks `paths`: students who lack one.

    Hidden files, a folder of macOS, and that of the grades, which may be in it or be the same, are
    left out.
    """
    students, out = {path.relative_to(folder).parts[0] for path in paths}, out.resolve()
    students.add("__MACOSX")
    others = (path for path in folder.iterdir() if path.name not in students)
    others = (path for path in others if path.is_dir() or out != folder.resolve())
    return sorted(path.name for path in others if path.name[0] != "." and path.resolve() != out)


def write(rows, out):
    """Writes rows of HEAD into grades.csv, and those of each student into a report in Markdown."""
    from alexnet_lib.base.files import write_atomically

    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEAD, *([harmless(cell) for cell in row] for row in rows)])
    content = text.getvalue().encode("utf-8-sig")  # for Excel
    write_atomically(out / "grades.csv", lambda file: file.write(content))
    names = {}
    for student in dict.fromkeys(row[0] for row in rows):
        names[student] = _report_name(student, {name.casefold() for name in names.values()})
        lines = [f"# {markdown_text(student)}", "", "| file | exercise | result | |"]
        lines.append("|---|---|---|---|")
        for row in rows:
            if row[0] == student:
                lines.append(f"| {' | '.join(markdown_text(cell, None) for cell in row[1:])} |")
        text = "\n".join(lines) + "\n"
        path = out / f"{names[student]}.md"
        write_atomically(path, lambda file, text=text: file.write(text.encode()))


def _report_name(student, taken):
    """A name for a student's report that any disk takes, and that is not among the taken ones."""
    name = re.sub(r"[^\w.-]|^\.+", "_", unicodedata.normalize("NFC", student))[:LONGEST_FILE]
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def harmless(cell):
    """A cell of a table that no spreadsheet takes for a formula."""
    text = plain_text(cell, None)
    return f"'{text}" if text[:1] in tuple("=+-@") else text
