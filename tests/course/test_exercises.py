"""The checkers know the right answers, and each typical mistake gets a hint of its own."""

import copy
import math
import re
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from answers.nb07 import top5
from course_notebooks import course_notebooks

import alexnet_lib
from alexnet_lib.course import exercises
from alexnet_lib.course.answer_process import answered, given
from alexnet_lib.course.answers import prelude_of, read_answers
from alexnet_lib.course.exercises import MARKS, check, notebooks_with_exercises, of_notebook
from alexnet_lib.course.exercises.checkers import choice, demands, function, numbers

EXERCISES = of_notebook("all")
ANSWERS = [import_module(f"answers.nb{number}") for number in notebooks_with_exercises()]
RIGHT = {number: right for module in ANSWERS for number, right in module.RIGHT.items()}
WRONG = [case for module in ANSWERS for case in module.WRONG]
FUNCTIONS = [one for one, checker in EXERCISES.items() if "function." in checker.__qualname__]
PATHS = course_notebooks(Path(__file__).parents[2])


class Hostile:
    """An answer that breaks whatever touches it."""

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __hash__ = None

    def __float__(self):
        raise SystemExit

    def __repr__(self):
        raise RuntimeError("no picture")

    __str__ = __call__ = __repr__


def leaves(*_):
    raise SystemExit("bye")


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raises(*_):
    raise Unprintable


NONSENSE = [
    None, "", "forty-two", "07.1", b"x", [], [1, 2], {}, {"a": 1}, object(), 1j, float("nan"),
    float("inf"), 10**400, True, torch.zeros(3), torch.zeros(0), torch.tensor(float("nan")),
    print, int, len, Hostile(), Hostile, leaves, raises, lambda: 1, NotImplemented,
]  # fmt: skip


def says(capsys, number, answer):
    check(number, answer)
    return capsys.readouterr().out


def test_every_exercise_has_its_right_answer_and_typical_wrong_ones():
    assert set(RIGHT) == set(EXERCISES) == {number for number, _, _ in WRONG}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_exercise_is_in_its_notebook_and_waits_for_an_answer(path):
    waiting = []
    for cell in nbformat.read(path, as_version=4).cells:
        found = re.search(r"^check\(\"(\S+)\"", cell.source, re.MULTILINE)
        if cell.cell_type == "code" and found:
            assert f"{found[1]} {MARKS[None]}: " in cell.outputs[0].text
            waiting.append(found[1])
    assert waiting == [number for number in EXERCISES if number[:2] == path.stem[:2]]


def folded_solutions(path):
    """The solutions of a notebook: {exercise: code}. They are folded text."""
    cells = nbformat.read(path, as_version=4).cells
    (text,) = (cell.source for cell in cells if "## Solutions" in cell.source)
    form = r"<details>\n<summary>Solution (\S+)</summary>\n\n```python\n(.*?)\n```\n\n</details>"
    solutions = dict(re.findall(form, text, re.DOTALL))
    assert text.count("<details>") == len(solutions)
    return solutions


@pytest.fixture
def grading(monkeypatch):
    """The `answered` of grading, which puts a `check` of its own into the library."""
    for module in (alexnet_lib, exercises):
        monkeypatch.setattr(module, "check", check)
    return answered


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_grading_reaches_the_check_of_every_cell_as_the_notebook_has_it(path, grading):
    names, cells = given(prelude_of(path.stem[:2])), read_answers(path).cells
    assert list(cells) == [number for number in EXERCISES if number[:2] == path.stem[:2]]
    for number, source in cells.items():
        right, said = grading(number, source, names)
        assert right is None and ("put your answer in" in said or "write its body" in said), number


@pytest.mark.parametrize("form", ["from alexnet_lib import check", "from alexnet_lib import *", ""])
def test_grading_takes_check_however_a_cell_imports_it(form, grading):
    call = "check" if form else "import alexnet_lib as course; course.check"
    assert grading("00.1", f'{form}\n{call}("00.1", 1.5)', {})[0] is True


def test_grading_knows_the_display_of_jupyter(grading):
    assert grading("00.1", 'display(1, raw=True)\ncheck("00.1", 1.5)', {})[0] is True


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_of_a_solution_is_visible_until_the_reader_opens_it(path):
    folded = folded_solutions(path)
    cells = nbformat.read(path, as_version=4).cells
    assert not any("✓ right" in str(cell.get("outputs")) for cell in cells)
    text = "\n".join(cell.source for cell in cells)
    assert all(text.count(f"Solution {number}") == 1 for number in folded)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_solutions_of_a_notebook_are_right(path, capsys):
    solutions = folded_solutions(path)
    assert list(solutions) == [number for number in EXERCISES if number[:2] == path.stem[:2]]
    names = given(prelude_of(path.stem[:2]))
    for number, source in solutions.items():
        exec(source, {**names, "check": check})
        assert f"{number} {MARKS[True]}: " in capsys.readouterr().out


@pytest.mark.parametrize("number", RIGHT)
def test_the_right_answer_is_right_and_says_why(capsys, number):
    said = says(capsys, number, RIGHT[number])
    assert "✓ right: " in said and "✗" not in said
    assert len(said.split(": ", 1)[1]) > 30


@pytest.mark.parametrize("answer", [4.605, 4.61, "4.605", torch.tensor(100.0).log()])
def test_a_number_is_taken_rounded_as_text_or_as_a_tensor(capsys, answer):
    assert "✓ right" in says(capsys, "07.1", answer)


@pytest.mark.parametrize("answer", [[11], (11,), np.array([11]), torch.tensor([[11]])])
def test_a_number_may_be_packed_in_brackets(capsys, answer):
    assert "✓ right" in says(capsys, "06.1", answer)


def test_a_number_with_a_comma_is_told_that_it_has_one(capsys):
    assert "no commas" in says(capsys, "06.3", (22, 500)) == says(capsys, "06.3", "22,500")


@pytest.mark.parametrize(("number", "answer"), [("08.2", 0.64), ("09.5", 0.57), ("11.4", 33)])
def test_a_number_rounded_to_two_digits_is_not_sent_back_to_think(capsys, number, answer):
    said = says(capsys, number, answer)
    assert "✗ not yet" in said and "rounded to two digits" in said


@pytest.mark.parametrize(("number", "answer", "hint"), WRONG)
def test_a_typical_mistake_gets_the_hint_that_is_meant_for_it(capsys, number, answer, hint):
    said = says(capsys, number, answer)
    assert "✗ not yet" in said and hint in said


@pytest.mark.parametrize("number", RIGHT)
def test_hints_are_short_differ_and_never_tell_the_answer(capsys, number):
    said = {hint: says(capsys, number, wrong) for n, wrong, hint in WRONG if n == number}
    assert len(set(said.values())) == len(said)
    for hint in said.values():
        assert len(hint.splitlines()) <= 2
        words = re.findall(r"-?\d[\d,]*(?:\.\d+)?", hint.split(": ", 1)[1])
        told = [float(word.replace(",", "")) for word in words]
        assert not isinstance(RIGHT[number], int | float) or RIGHT[number] not in told


@pytest.mark.parametrize("number", RIGHT)
@pytest.mark.parametrize("answer", NONSENSE, ids=lambda answer: type(answer).__name__)
def test_nonsense_is_never_right_and_never_an_exception(capsys, number, answer):
    said = says(capsys, number, answer)
    assert f"{number} ✗ not yet: " in said or f"{number} … waits for you: " in said
    assert "✓" not in said
    assert answer is print or len(said.splitlines()) <= 2


@pytest.mark.parametrize("number", RIGHT)
def test_an_untouched_stub_is_told_what_to_do(capsys, number):
    said = says(capsys, number, ...)
    assert "put your answer in place of" in said and "✗" not in said


def test_a_function_whose_body_is_still_three_dots_is_told_what_to_do(capsys):
    def stub(logits, labels): ...

    said = says(capsys, "07.5", stub)
    assert "write its body" in said and "✗" not in said


def test_a_kink_at_which_the_slope_changes_its_sign_is_no_slope_of_0(capsys):
    for kink in (-1.01, 0, 0.01):
        bent = says(capsys, "03.3", lambda x, kink=kink: torch.where(x > kink, x, -1e-3 * x))
        assert "✓ right" in bent
    assert "its slope is 0 at -1.19" in says(capsys, "03.3", torch.nn.functional.mish)


def test_no_constant_learning_rate_solves_07_6_and_the_usual_schedules_do(capsys):
    for rate in torch.logspace(-3, 0.3, 20).tolist():
        assert "✗ not yet" in says(capsys, "07.6", lambda step, steps, rate=rate: rate)
    schedules = [
        lambda step, steps: 0.5 * (1 + math.cos(math.pi * step / steps)) / 2,
        lambda step, steps: 0.01 ** (step / steps),
        lambda step, steps: 0.5 if step < steps / 2 else 0.05,
        lambda step, steps: min(1, 10 * (step + 1) / steps) * 0.7 * (1 - step / steps),
        lambda step, steps: 1 / (1 + step / 10),
    ]
    for schedule in schedules:
        assert "✓ right" in says(capsys, "07.6", schedule)


@pytest.mark.parametrize("number", ["7.1", 7.1, None, [], "99.9"])
def test_an_unknown_exercise_names_those_there_are(capsys, number):
    assert "07.1, 07.2" in says(capsys, number, 1)


def test_a_module_named_after_its_notebook_is_all_that_new_exercises_need(
    capsys, monkeypatch, tmp_path
):
    lines = (
        "from alexnet_lib.course.exercises.checkers import number",
        'EXERCISES = {"99.1": number(4, "twice two.", [], "add.")}',
    )
    (tmp_path / "nb99.py").write_text("\n".join(lines))
    monkeypatch.setattr(exercises, "__path__", [*exercises.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "alexnet_lib.course.exercises.nb99", raising=False)
    assert says(capsys, "99.1", 4) == "99.1 ✓ right: twice two.\n"
    assert "07.1, 07.2" in says(capsys, "98.1", 4)


def test_a_function_that_changes_its_arguments_spoils_nothing(capsys):
    def spoiling(logits, labels):
        result = top5(logits, labels)
        logits.zero_()
        labels.zero_()
        return result

    for _ in range(2):
        assert "✓ right" in says(capsys, "07.5", spoiling)


@pytest.mark.parametrize("number", FUNCTIONS)
def test_a_right_function_that_changes_its_arguments_is_told(capsys, number):
    def spoiling(*arguments):
        result = RIGHT[number](*copy.deepcopy(arguments))
        for one in arguments:
            if hasattr(one, "__setitem__"):
                one[0] = one[0] + 1
        return result

    changeable = number != "00.3"  # numbers cannot be changed
    said = says(capsys, number, spoiling)
    assert "✓ right" in said and ("work on a copy" in said) is changeable
    clean = says(capsys, number, lambda *arguments: RIGHT[number](*copy.deepcopy(arguments)))
    assert "✓ right" in clean and "work on a copy" not in clean


def test_several_numbers_are_compared_place_by_place(capsys):
    checker = numbers([55, 27, 13], "because.", [([54, 27, 13], "floor?")], "count again.")
    assert checker((55, torch.tensor(27), "13")) == (True, "because.")
    assert checker([54, 27, 13]) == (False, "floor?")
    assert checker([55, 26, 13])[1].startswith("number 2 from the left is the first to differ")
    assert "yours are 2" in checker([55, 27])[1]
    assert "3 numbers in brackets" in checker(55)[1]


def test_several_numbers_come_in_an_order_and_the_example_has_as_many():
    checker = numbers([3, 1], "because.", [], "count again.")
    for answer in ("31", b"31", {3: 0, 1: 0}, {1, 3}, 3):
        assert checker(answer) == (False, "this takes 2 numbers in brackets, such as [1, 2].")


@pytest.mark.parametrize("number", FUNCTIONS)
def test_a_constant_gets_no_hint_that_is_meant_for_another_mistake(number):
    said = set()
    for constant in (0.0, -7.25):

        def answer(*arguments, constant=constant):
            return torch.full_like(torch.as_tensor(RIGHT[number](*arguments)).float(), constant)

        said.add(EXERCISES[number](answer)[1])
    assert len(said) == 1


def test_a_choice_takes_one_of_the_words(capsys):
    checker = choice("Softmax", "because.", {"ReLU": "look at the sum."})
    assert checker(" softmax ") == (True, "because.")
    assert checker("relu") == (False, "look at the sum.")
    assert checker("tanh") == checker(3)
    assert "ReLU, Softmax" in checker("tanh")[1]


def test_a_function_may_return_a_tensor(capsys):
    cases = [[torch.tensor([1.0, -2.0])], [torch.ones(2, 3, requires_grad=True)]]
    hints = [(lambda x: x, "that is the input.")]
    checker = function(torch.relu, cases, "because.", hints, "look at the signs.")
    assert checker(lambda x: x.clamp(min=0)) == (True, "because.")
    assert checker(lambda x: x) == (False, "that is the input.")
    assert checker(lambda x: -x) == (False, "look at the signs.")
    assert "a tensor of numbers" in checker(lambda x: "x")[1]
    assert "shape (1,), not (2,)" in checker(lambda x: x[:1])[1]
    assert "shape (3, 2), not (2, 3)" in checker(lambda x: torch.relu(x).reshape(x.shape[::-1]))[1]


def test_demands_are_asked_in_order_of_a_function_of_which_many_are_right():
    tests = [(lambda f: f(2) is not None, "say something."), (lambda f: f(3) > f(2), "grow!")]
    checker = demands(tests, "because.")
    assert checker(lambda x: x) == checker(lambda x: x**2) == (True, "because.")
    assert checker(lambda x: -x) == (False, "grow!")
    assert checker(lambda x: None)[0] is None
    assert checker(3)[0] is False
