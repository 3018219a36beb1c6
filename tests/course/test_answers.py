"""Answer cells are found in students' notebooks without running anything."""

import json

import pytest

from alexnet_lib.course.answers import prelude_of, read_answers
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
    assert found.broken == {}


def test_a_cell_that_python_cannot_read_is_named(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "x = 1", 'answer = (\ncheck("00.1", answer)', "also (")
    found = read_answers(path)
    assert found.cells == {} and list(found.broken) == ["code cell 2"]
    assert found.broken["code cell 2"] == "Python cannot read it: '(' was never closed (line 1)"


def test_commands_of_ipython_are_left_out_of_a_cell(tmp_path, recwarn):
    path = notebook(
        tmp_path / "a.ipynb", '%%time\ncheck("00.1", 7\n% 4)', '%timeit 1\ncheck("00.1", 3)',
        'if True:\n    !pip install x\ncheck("00.2", "\\d")', 'check("00.3", 7\n% 4)',
    )  # fmt: skip
    found = read_answers(path)
    assert found.cells == {
        "00.1": 'pass\ncheck("00.1", 3)',
        "00.2": 'if True:\n    pass\ncheck("00.2", "\\d")', "00.3": 'check("00.3", 7\n% 4)',
    }  # fmt: skip
    assert list(found.broken) == ["code cell 1"] and not recwarn


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
        (b" " * 50_000_001, "more than 50,000,000 bytes"),
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
