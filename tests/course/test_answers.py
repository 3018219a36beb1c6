"""Answer cells are found in students' notebooks without running anything."""

import json

import pytest

from alexnet_lib.course.answers import needed_above, prelude_of, read_answers
from alexnet_lib.course.exercises import notebooks_with_exercises


def notebook(path, *sources):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def test_answer_cells_are_those_that_check_and_the_last_one_counts(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", "1 / 0", 'check("00.1", 1)',
        ["answer = 2\n", 'check("00.1", answer)'],
        'check("00.2", [1, 2])',
        "check(number, 3)", 'check("00.3")',
    )  # fmt: skip
    found = read_answers(path)
    assert found.cells == {
        "00.1": 'answer = 2\ncheck("00.1", answer)', "00.2": 'check("00.2", [1, 2])',
    }  # fmt: skip
    assert found.above == {"00.1": 2, "00.2": 3} and found.sources[3] == found.cells["00.2"]
    assert found.broken == {}


def test_a_cell_that_python_cannot_read_is_named_with_the_exercise_that_it_checks(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", "x = 1", 'check("00.1", 7)', 'answer = (\ncheck("00.1", answer)',
        "also (", "check(number, (", 'check("00.2", (', 'check("00.2", 4)',
    )  # fmt: skip
    found = read_answers(path)
    assert found.cells == {"00.2": 'check("00.2", 4)'}
    assert list(found.broken) == ["00.1", "code cell 5"]
    reason = "Python cannot read code cell 3: '(' was never closed (line 1)"
    assert found.broken["00.1"] == reason


def test_commands_of_ipython_are_left_out_of_a_cell(tmp_path, recwarn):
    path = notebook(
        tmp_path / "a.ipynb", '%%time\ncheck("00.4", 7\n% 4)', '%timeit 1\ncheck("00.1", 3)',
        'if True:\n    !pip install x\ncheck("00.2", "\\d")', 'check("00.3", 7\n% 4)',
    )  # fmt: skip
    found = read_answers(path)
    assert found.cells == {
        "00.1": 'pass\ncheck("00.1", 3)',
        "00.2": 'if True:\n    pass\ncheck("00.2", "\\d")', "00.3": 'check("00.3", 7\n% 4)',
    }  # fmt: skip
    assert list(found.broken) == ["00.4"] and not recwarn


def test_what_else_only_ipython_reads_does_not_break_a_cell(tmp_path):
    path = notebook(
        tmp_path / "a.ipynb", 'files = !ls  # ?\nmath.sqrt?\n?math\ncheck("00.1", 3)',
        '  x = %time 3\n  check("00.2", x)', '#@title Answer {run: "auto"}\r\ncheck("00.3", 1)\r\n',
    )  # fmt: skip
    found = read_answers(path)
    assert found.cells == {
        "00.1": 'files = None\npass\npass\ncheck("00.1", 3)',
        "00.2": 'x = None\ncheck("00.2", x)',
        "00.3": '#@title Answer {run: "auto"}\ncheck("00.3", 1)\n',
    }
    assert found.broken == {}


def test_a_byte_order_mark_is_no_part_of_a_notebook(tmp_path):
    path = notebook(tmp_path / "a.ipynb", 'check("00.1", 3)')
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(read_answers(path).cells) == ["00.1"]


def test_a_call_of_check_may_name_its_arguments_and_its_module(tmp_path):
    calls = 'check("00.1", answer=1)', 'check(answer=2, number="00.2")', 'library.check("00.3", 3)'
    found = read_answers(notebook(tmp_path / "a.ipynb", *calls))
    assert list(found.cells) == ["00.1", "00.2", "00.3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"), (b" \n", "is empty"), (b"{", "not a notebook"), (b"\xff\xfe", "not a"),
        (b"[]", "not a notebook"), (b'{"cells": 3}', "not a notebook"),
        (b'{"cells": [{"cell_type": "code"}]}', "not a notebook"), (b"[" * 100_000, "not a"),
        (b" " * 50_000_001, "more than 50,000,000 bytes"), (b'{"worksheets": []}', "save it there"),
        (b"{\n<<<<<<< HEAD\n}", "two versions of it were merged"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_in_a_line(tmp_path, content, words):
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        read_answers(tmp_path / "a.ipynb")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("number", notebooks_with_exercises())
def test_a_notebook_gives_its_answers_imports_and_definitions(number):
    statements = prelude_of(number)
    first = [statement.split()[0] for statement in statements]
    assert {"from"} <= set(first) and len(statements) == len(set(statements))
    assert not any("setup" in one or "check(" in one for one in statements)


def test_constants_are_given_and_what_takes_time_is_not(tmp_path, monkeypatch):
    notebook(
        tmp_path / "42_x.ipynb", "course = setup()", "import math\nrate = 0.1\nnet = build()",
        "def twice(x):\n    return 2 * x\n\n\nprint(twice(3))",
        'hint = 3\nanswer = ...\ncheck("42.1", answer)',
    )  # fmt: skip
    notebook(tmp_path / "42_x-Copy1.ipynb", "1", "rate = 7  # a reader's")
    notebook(tmp_path / "42_changed.ipynb", "1", "what(", "%env ALEXNET_PROFILE=full")
    monkeypatch.setattr("alexnet_lib.course.answers.NOTEBOOKS", tmp_path)
    assert prelude_of("42") == [
        "import math", "rate = 0.1", "def twice(x):\n    return 2 * x", "hint = 3",
    ]  # fmt: skip


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one notebook, 42."""
    sources = (
        "course = setup()", "import math\nrate = 0.1\nnet = train(rate)", "def twice(x): ...",
        'answer = ...\ncheck("42.1", answer)',
    )  # fmt: skip
    monkeypatch.setattr("alexnet_lib.course.answers.NOTEBOOKS", tmp_path)
    notebook(tmp_path / "42_x.ipynb", *sources)
    return list(sources)


@pytest.mark.parametrize(
    ("own", "answer", "needed"),
    [
        (["side = 3"], "check('42.1', side)", ["side = 3"]),
        (["answer = 3", "print(answer)"], "check('42.1', answer)", ["answer = 3"]),
        (["side = 3"], "side = 4\ncheck('42.1', side)", []),
        (
            ["n = 1", "def f():\n    return n * g()", "def g(): return 1", "f()", "m = 1"],
            "check('42.1', f)", ["n = 1", "def f():\n    return n * g()", "def g(): return 1"],
        ),
        (["a = []", "a.append(1)", "a[0] = 2", "b.a", "a += [3]"], "check('42.1', a)",
         ["a = []", "a.append(1)", "a[0] = 2", "a += [3]"]),
        (["import math\nslow()", "import numpy"], "math, numpy", ["import numpy"]),
        (["rate = 7", "def twice(x): return x"], "twice(rate)",
         ["rate = 7", "def twice(x): return x"]),
        (["from math import *", "def f(x): return cos(x)"], "check('42.1', f)",
         ["from math import *", "def f(x): return cos(x)"]),
        (["from math import *\nslow()"], "check('42.1', twice(abs(math.pi)))", []),
        (["def f(x): return x"], "check('42.1', lambda f: f + 1)", []),
        (["global x\nnonlocal x"], "check('42.1', x)", []),
    ],
)  # fmt: skip
def test_an_answer_needs_the_students_own_cells_that_define_or_change_its_names(
    course, own, answer, needed
):
    assert needed_above(answer, [*course, *own], "42") == needed


def test_cells_of_the_course_are_not_needed_however_a_program_saved_their_spaces(course):
    saved = [source.replace("\n", " \n\n") for source in course]
    assert needed_above("check('42.1', course, net, rate, answer)", saved, "42") == []
