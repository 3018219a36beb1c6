"""Students' answers are graded, whatever their notebooks hold, and they harm nothing."""

import os
from pathlib import Path

import pytest
from test_answers import notebook

from alexnet_lib.course.grading import (
    BROKEN,
    MISSING,
    RIGHT,
    TIME,
    WAITS,
    WRONG,
    Grade,
    grade_notebook,
)
from alexnet_lib.course.sandbox import landlock_version

pytestmark = pytest.mark.skipif(
    not landlock_version(), reason="only Linux 5.13 and newer can confine a process (Landlock)"
)


def results(grades):
    return {grade.exercise: grade.result for grade in grades}


def test_answers_are_right_wrong_missing_or_not_there_yet(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", 'answer = 2 - 0.01 * 50\ncheck("00.1", answer)',
        'answer = [64 * 64, 320]\ncheck("00.2", answer)',
        'def descend(w, x, y, learning_rate): ...\ncheck("00.3", descend)',
    )  # fmt: skip
    grades = grade_notebook(path)
    assert results(grades) == {"00.1": RIGHT, "00.2": WRONG, "00.3": WAITS}
    assert "three channels" in grades[1].said


def test_a_cell_has_the_names_of_the_notebook_and_nothing_of_the_students_cells(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", "rate = 0.01", 'check("00.1", 2 - rate * 50)',
        'check("00.2", [math.prod((3, 64, 64)), torch.tensor(320)])',
    )  # fmt: skip
    grades = grade_notebook(path)
    assert results(grades) == {"00.1": WRONG, "00.2": RIGHT, "00.3": MISSING}
    assert "'rate' is not defined. Only this cell is run" in grades[0].said


def test_recorded_runs_can_be_read_and_a_process_that_takes_all_memory_is_ended_first(tmp_path):
    reading = (
        "from alexnet_lib.paper.records import CLAIMS_FOLDER\n"
        "from pathlib import Path\n"
        "run = Run.read(next((CLAIMS_FOLDER.parent / 'wild').glob('000-*.json')))\n"
        "first = Path('/proc/self/oom_score_adj').read_text().strip() == '1000'\n"
        'check("10.1", "as it is" if first and run.epochs else "after the call")'
    )
    grades = grade_notebook(notebook(tmp_path / "a.ipynb", reading))
    assert (grades[0].exercise, grades[0].result) == ("10.1", RIGHT), grades[0].said


def test_what_hostile_cells_try_fails_and_the_next_cells_are_graded(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    attacks = [
        f"open({str(kept)!r}, 'w').write('gone')",
        f"import os; os.remove({str(kept)!r})",
        f"open({str(Path.home())!r} + '/seen', 'w')",
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        f"import os; os.kill({os.getpid()}, 9)",
    ]
    tries = "".join(
        f"try:\n    {attack}\n    done.append({number})\nexcept Exception:\n    pass\n"
        for number, attack in enumerate(attacks)
    )
    path = notebook(
        tmp_path / "a.ipynb", f'done = []\n{tries}check("00.1", 1.5 + len(done))',
        'import os\nos._exit(0)\ncheck("00.2", 0)',
        'raise SystemExit\ncheck("00.3", 0)',
    )  # fmt: skip
    grades = grade_notebook(path)
    assert results(grades) == {"00.1": RIGHT, "00.2": WRONG, "00.3": WRONG}
    assert grades[1].said == "the cell ended its process" and "SystemExit" in grades[2].said
    assert kept.read_text() == "kept" and not (Path.home() / "seen").exists()


def test_what_a_cell_writes_into_the_report_changes_no_other_grade(tmp_path):
    forged = [
        "null", "[]", "{", "7", '{"refused": "ha"}', '{"begun": 3}', '{"begun": "99.9"}', "{}",
        '{"exercise": "00.2", "right": true, "said": "forged"}', '{"exercise": ["00.1"]}',
        '{"exercise": "00.3", "right": [], "said": {}}', "[" * 100_000, '{"right": true}',
    ]  # fmt: skip
    writing = (
        f"import os\nfor line in {forged!r}:\n    for number in range(3, 40):\n        try:\n"
        "            os.write(number, line.encode() + b'\\n')\n        except OSError:\n"
        '            pass\ncheck("00.1", 1.5)'
    )
    path = notebook(
        tmp_path / "a.ipynb", writing, 'check("00.2", [1, 1])', "check('00.3', lambda *_: 7)"
    )
    grades = grade_notebook(path)
    assert [grade.exercise for grade in grades] == ["00.1", "00.2", "00.3"]
    assert grades[0].result == RIGHT and grades[1].result == grades[2].result == WRONG
    assert not any("forged" in grade.said for grade in grades)


def test_a_report_without_end_is_ended_too(tmp_path):
    writing = (
        "import os\nwhile True:\n    for number in range(3, 20):\n        try:\n"
        "            os.write(number, b'{}\\n')\n        except OSError:\n            pass\n"
        'check("00.1", 1.5)'
    )
    grades = grade_notebook(notebook(tmp_path / "a.ipynb", writing), seconds=2)
    assert results(grades) == {"00.1": TIME, "00.2": MISSING, "00.3": MISSING}


def test_an_endless_cell_is_ended_and_the_others_are_graded(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", 'while True: pass\ncheck("00.1", 1)', 'check("00.2", [12288, 320])'
    )
    grades = grade_notebook(path, seconds=2)
    assert results(grades) == {"00.1": TIME, "00.2": RIGHT, "00.3": MISSING}


def test_what_cannot_be_graded_is_said_in_one_grade(tmp_path):
    (tmp_path / "a.ipynb").write_text("no notebook")
    (grade,) = grade_notebook(tmp_path / "a.ipynb")
    assert grade.result == BROKEN and "not a notebook" in grade.said
    none = notebook(tmp_path / "b.ipynb", "print(1)", 'check("99.1", 2)')
    assert grade_notebook(none) == [Grade("", BROKEN, "it has no cell that calls check")]
