"""`grade` reads a folder of students' notebooks, and writes a table and a report for each."""

import csv
import json
import os
import unicodedata

import pytest

from alexnet_lib.cli.grade import harmless, notebooks, write
from alexnet_lib.cli.main import main
from alexnet_lib.course import grading
from alexnet_lib.course.grading import RIGHT, WRONG, Grade


def put(path, *sources):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": source} for source in sources]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")


@pytest.fixture
def homework(tmp_path, monkeypatch):
    """Three students, and answers that are graded without running them."""
    put(tmp_path / "in/ada/00.ipynb", "1")
    put(tmp_path / "in/ada/.ipynb_checkpoints/00.ipynb", "2")
    put(tmp_path / "in/김민수.ipynb", "3")
    put(tmp_path / "in/=1+1.ipynb", "4")
    monkeypatch.setattr(
        grading, "grade_notebook",
        lambda path: [Grade("00.1", RIGHT, "because"), Grade("00.2", WRONG, f"| {path.stem} <b>")],
    )  # fmt: skip
    return tmp_path / "in"


def test_grade_writes_a_row_per_exercise_and_a_report_per_student(homework, tmp_path, capsys):
    assert main(["grade", str(homework), "--out", str(tmp_path / "out")]) == 0
    with open(tmp_path / "out/grades.csv", encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["student", "file", "exercise", "result", "said"] and len(rows) == 6
    assert [row[0] for row in rows[::2]] == ["'=1+1", "ada", "김민수"]
    names = sorted(path.name for path in (tmp_path / "out").glob("*.md"))
    assert names == ["_1_1.md", "ada.md", "김민수.md"]
    report = (tmp_path / "out/ada.md").read_text("utf-8")
    assert "| 00.1 | right | because |" in report and "<b>" not in report
    out = capsys.readouterr().out
    assert (
        "3 reports" in out and len([line for line in out.splitlines() if line.endswith("2")]) == 3
    )


def test_checkpoints_of_jupyter_and_links_are_not_graded(homework):
    names = [str(path.relative_to(homework)) for path in notebooks(homework)]
    assert names == ["=1+1.ipynb", "ada/00.ipynb", "김민수.ipynb"]


def test_what_macos_puts_beside_a_notebook_is_not_graded(homework, tmp_path, capsys):
    for name in ("ada/._00.ipynb", "__MACOSX/ada/._00.ipynb"):
        put(homework / name, "6")
    assert len(notebooks(homework)) == 3
    assert main(["grade", str(homework), "--out", str(tmp_path / "out")]) == 0
    assert "MACOSX" not in capsys.readouterr().out


def test_archives_are_named(homework, tmp_path, capsys):
    for name in ("ada/more.ZIP", "mia/00.zip"):
        (homework / name).parent.mkdir(exist_ok=True)
        (homework / name).touch()
    assert main(["grade", str(homework), "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "unzip them and grade again: ada/more.ZIP, mia/00.zip\n" in out
    assert main(["grade", str(homework / "mia/00.zip")]) == 2
    assert "00.zip is not a folder: unzip it first" in capsys.readouterr().err


def test_who_has_an_exercise_in_two_notebooks_is_named(homework, tmp_path, capsys):
    assert main(["grade", str(homework), "--out", str(tmp_path / "out")]) == 0
    assert "several" not in capsys.readouterr().out
    put(homework / "ada/00 (1).ipynb", "7")
    assert main(["grade", str(homework), "--out", str(tmp_path / "out"), "--overwrite"]) == 0
    out = capsys.readouterr().out
    assert "several notebooks of a student have the same exercise: ada\n" in out


def test_the_students_copy_of_the_course_says_that_it_cannot_grade(homework, monkeypatch, capsys):
    monkeypatch.setattr("alexnet_lib.course.exercises.notebooks_with_exercises", lambda: [])
    assert main(["grade", str(homework)]) == 2
    assert "use the complete course" in capsys.readouterr().err


def test_who_handed_in_no_notebook_is_named(homework, tmp_path, capsys):
    for name in ("li.ipynb.txt", "mia/00.zip", ".DS_Store"):
        (homework / name).parent.mkdir(exist_ok=True)
        (homework / name).touch()
    put(homework / "noa/00.IPYNB", "5")
    assert main(["grade", str(homework), "--out", str(homework / "grades")]) == 0
    out = capsys.readouterr().out
    assert "no notebook (*.ipynb) is in: li.ipynb.txt, mia\n" in out and "4 reports" in out
    for _ in range(2):
        assert main(["grade", str(homework), "--out", str(homework), "--overwrite"]) == 0
        assert "is in: grades, mia\n" in capsys.readouterr().out


def test_a_hint_is_complete_in_the_table_and_in_the_report(tmp_path):
    said = "the derivative is 2 (5w − 5) · 5, " * 10
    write([("ada", "a.ipynb", "00.1", WRONG, said)], tmp_path)
    assert all(said in path.read_text("utf-8") for path in tmp_path.iterdir())


def test_a_folder_without_notebooks_is_wrong_usage(tmp_path, capsys):
    assert main(["grade", str(tmp_path)]) == 2 and "holds no notebook" in capsys.readouterr().err
    assert main(["grade", str(tmp_path / "none")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_grades_are_not_replaced_unasked_and_a_file_is_no_folder_for_them(
    homework, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    (tmp_path / "file").touch()
    call = ["grade", str(homework), "--out"]
    assert main([*call, str(out)]) == 0
    (out / "grades.csv").write_text("with remarks")
    with monkeypatch.context() as patch:
        patch.setattr(grading, "grade_notebook", None)  # it is known before anything is run
        assert main([*call, str(tmp_path / "file")]) == 2
        assert main([*call, str(out)]) == 2
    error = capsys.readouterr().err
    assert "is a file; --out takes a folder" in error and "already: replace them by --ov" in error
    assert (out / "grades.csv").read_text() == "with remarks"
    assert main([*call, str(out), "--overwrite"]) == 0
    assert (out / "grades.csv").read_text("utf-8-sig").startswith("student,file")


def test_an_interrupt_keeps_the_grades_that_are_known(homework, tmp_path, monkeypatch, capsys):
    paths = []

    def interrupted(path):
        paths.append(path)
        if len(paths) == 3:
            raise KeyboardInterrupt
        return [Grade("00.1", RIGHT, "because")]

    monkeypatch.setattr(grading, "grade_notebook", interrupted)
    assert main(["grade", str(homework), "--out", str(tmp_path / "out")]) == 130
    assert "interrupted: 2 of 3 notebooks are graded" in capsys.readouterr().out
    known = (tmp_path / "out/grades.csv").read_text("utf-8-sig")
    assert len(known.splitlines()) == 3
    paths[:] = [None, None]
    assert main(["grade", str(homework), "--out", str(tmp_path / "out"), "--overwrite"]) == 130
    assert (tmp_path / "out/grades.csv").read_text("utf-8-sig") == known  # not replaced by nothing


def test_each_student_gets_a_report_whose_name_any_disk_takes(tmp_path):
    students = ["kim min", "Kim Min", "kim_min", "ADA", "ada", "가" * 85, "가" * 84, "\n"]
    students += ["김민수", unicodedata.normalize("NFD", "김민수"), "a_b", "a_b_2", "a~b"]
    write([(one, "a.ipynb", "00.1", RIGHT, "") for one in students], tmp_path)
    reports = list(tmp_path.glob("*.md"))
    names = {unicodedata.normalize("NFC", path.name).casefold() for path in reports}
    assert len(names) == len(students)
    assert max(len(os.fsencode(path.name)) for path in reports) < 220


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a"])
def test_no_cell_of_the_table_is_a_formula(text):
    assert harmless(text) == f"'{text}" and harmless(f"a{text}") == f"a{text}"
