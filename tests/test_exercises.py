"""The checkers know the right answers, and each typical mistake gets a hint of its own."""

import math

import pytest
import torch

from alexnet_lib.exercises import EXERCISES, check


def top5(logits, labels):
    return (logits.topk(5).indices == labels[:, None]).any(1).float().mean()


RIGHT = {
    "00.1": math.ceil(5_000 / 128),
    "00.2": 100 / 1000,
    "07.1": math.log(100),
    "07.2": 1.232,
    "07.3": 6,
    "07.4": 0.1,
    "07.5": top5,
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("00.1", 5_000 // 128, "the rest"),
    ("00.1", 5_000 / 128, "the rest"),
    ("00.1", math.ceil(45_000 / 128), "45,000"),
    ("00.1", math.ceil(5_000 / 64), "not 64"),
    ("00.1", 128, "how many batches are there"),
    ("00.1", 41, "round up"),
    ("00.2", 10, "with 10 classes"),
    ("00.2", 1 / 1000, "in per cent"),
    ("00.2", 99.9, "it is wrong"),
    ("00.2", 50, "equally likely"),
    ("00.2", 1, "in a hundred"),
    ("00.2", 3, "one of each class"),
    ("07.1", math.log(10), "10 classes"),
    ("07.1", -math.log(100), "sign"),
    ("07.1", math.log10(100), "base 10"),
    ("07.1", math.log2(100), "bits"),
    ("07.1", 1 / 100, "probability of the right class"),
    ("07.1", 0.99, "its error"),
    ("07.1", 17, "which probability"),
    ("07.2", (1.0 + 1.2 + 2.0) / 3, "mean of the means"),
    ("07.2", 4.2, "sum of the three means"),
    ("07.2", 369.6, "now divide"),
    ("07.2", 369.6 / 384, "how many images are there"),
    ("07.2", 369.6 / 3, "not by the batches"),
    ("07.2", -1, "every single image"),
    ("07.3", 5, "counts from 0"),
    ("07.3", 10, "training loss is lowest"),
    ("07.3", 9, "counted from 0"),
    ("07.3", 7, "worse than the one before"),
    ("07.3", 1.1, "loss itself"),
    ("07.3", 2, "does best"),
    ("07.4", 0.01, "first step"),
    ("07.4", 0.019, "second step"),
    ("07.4", 0.009, "without the new gradient"),
    ("07.4", 0, "new gradient of 1"),
    ("07.4", 10, "how long is it then"),
    ("07.4", 1, "that is the gradient"),
    ("07.4", -0.1, "without the sign"),
    ("07.4", 3, "in a loop"),
    ("07.5", lambda x, y: (x.argmax(1) == y).float().mean(), "top-1"),
    ("07.5", lambda x, y: top5(-x, y), "smallest"),
    ("07.5", lambda x, y: top5(x, y) / 5, "any(1)"),
    ("07.5", lambda x, y: top5(x, y) * len(y), "how many images"),
    ("07.5", lambda x, y: 100 * top5(x, y), "per cent"),
    ("07.5", lambda x, y: 1 - top5(x, y), "error"),
    ("07.5", lambda x, y: 0.5, "five best classes"),
    ("07.5", lambda x, y: (x.topk(5).indices == y).any(1).float().mean(), "RuntimeError"),
    ("07.5", lambda x, y: x, "one number"),
    ("07.5", top5(torch.eye(10), torch.arange(10)), "no brackets"),
]


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


def test_every_exercise_has_its_right_answer_and_wrong_ones_here():
    assert set(RIGHT) == set(EXERCISES) == {number for number, _, _ in WRONG}


@pytest.mark.parametrize("number", RIGHT)
def test_the_right_answer_is_right_and_says_why(capsys, number):
    said = says(capsys, number, RIGHT[number])
    assert "✓ right: " in said and "✗" not in said
    assert len(said.split(": ", 1)[1]) > 30


@pytest.mark.parametrize("answer", [4.605, 4.61, "4.605", torch.tensor(100.0).log()])
def test_a_number_is_taken_rounded_as_text_or_as_a_tensor(capsys, answer):
    assert "✓ right" in says(capsys, "07.1", answer)


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
        assert not {"4.605", "1.232", " 6 ", " 0.1 "} & set(hint.replace(".\n", "\n").split())


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


@pytest.mark.parametrize("number", ["7.1", 7.1, None, [], "99.9"])
def test_an_unknown_exercise_names_those_there_are(capsys, number):
    assert "07.1, 07.2" in says(capsys, number, 1)


def test_a_function_that_changes_its_arguments_spoils_nothing(capsys):
    def spoiling(logits, labels):
        result = top5(logits, labels)
        logits.zero_()
        labels.zero_()
        return result

    for _ in range(2):
        assert "✓ right" in says(capsys, "07.5", spoiling)
