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


def test_a_cell_has_the_names_of_the_notebook_and_of_the_students_cells_above_it(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", "rate = 0.01", 'check("00.1", 2 - rate * 50)',
        'check("00.2", [math.prod((3, 64, 64)), torch.tensor(320)])',
        "import numpy as np\ndef slope(w, x, y):\n    return np.float64(2 * (w * x - y) * x)",
        "def step(w, x, y, rate):\n    return w - rate * slope(w, x, y)", 'check("00.3", step)',
    )  # fmt: skip
    assert results(grade_notebook(path)) == {"00.1": RIGHT, "00.2": RIGHT, "00.3": RIGHT}


def test_what_a_cell_lacks_and_what_went_wrong_above_it_is_said(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", 'check("00.1", later)', "later = 1.5",
        "sizes = [1 / 0, 320]", 'check("00.2", sizes)',
        "def slope(w, x, y): return below(w)", 'check("00.3", lambda w, x, y, r: slope(w, x, y))',
    )  # fmt: skip
    grades = grade_notebook(path)
    assert results(grades) == {"00.1": WRONG, "00.2": WRONG, "00.3": WRONG}
    names = [("later", ""), ("sizes", "ZeroDivisionError: division by zero"), ("below", "")]
    for grade, (name, above) in zip(grades, names, strict=True):
        assert f"NameError: name '{name}' is not defined. " in grade.said
        assert grade.said.endswith(
            "not run: define it in this cell, or in one that you add above it"
        )
        assert ("A cell above it ends with " + above in grade.said) == bool(above)


def test_only_the_last_check_of_an_exercise_counts(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", 'right = 1.5\ncheck("00.1", right)', 'right\ncheck("00.1", ...)'
    )
    assert results(grade_notebook(path))["00.1"] == WAITS


def test_what_a_cell_cannot_have_while_it_is_graded_is_said(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", 'check("00.1", input("w? "))',
        'from google.colab import files\ncheck("00.2", [12288, 320])',
    )  # fmt: skip
    typed, imported, _ = grade_notebook(path)
    assert typed.result == imported.result == WRONG
    assert "EOFError" in typed.said and "instead of input()" in typed.said
    assert imported.said.endswith("Only the course's packages are installed where it is graded")


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


def test_the_cells_above_an_answer_share_its_time_and_its_sandbox(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    path = notebook(
        tmp_path / "a.ipynb", "n = 1\nwhile True: pass", 'check("00.1", n)',
        f"import os\nm = 320\nos.remove({str(kept)!r})", 'check("00.2", [12288, m])',
        "k = 1\nos._exit(0)", 'check("00.3", k)',
    )  # fmt: skip
    grades = grade_notebook(path, seconds=2)
    assert results(grades) == {"00.1": TIME, "00.2": RIGHT, "00.3": WRONG}
    assert grades[0].said.endswith("more than 2 s, with those above it that it needs")
    assert kept.read_text() == "kept"


def test_a_cell_that_python_cannot_read_is_one_grade_of_its_exercise(tmp_path):
    (first, *_) = grades = grade_notebook(notebook(tmp_path / "a.ipynb", 'check("00.1", (1.5)'))
    assert results(grades) == {"00.1": BROKEN, "00.2": MISSING, "00.3": MISSING}
    assert "Python cannot read code cell 1" in first.said
    assert grades[1].said == 'no cell calls check("00.2", …)'


def test_what_cannot_be_graded_is_said_in_one_grade(tmp_path):
    (tmp_path / "a.ipynb").write_text("no notebook")
    (grade,) = grade_notebook(tmp_path / "a.ipynb")
    assert grade.result == BROKEN and "not a notebook" in grade.said
    none = notebook(tmp_path / "b.ipynb", "print(1)", 'check("99.1", 2)')
    assert grade_notebook(none) == [Grade("", BROKEN, "it has no cell that calls check")]
