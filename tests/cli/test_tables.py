"""Text tables line up on a terminal, whatever the letters."""

import pytest
import torch

from alexnet_lib.cli import tables


@pytest.mark.parametrize(
    ("text", "columns"), [("cat", 3), ("고양이", 6), ("é", 1), ("e\u0301", 1), ("猫 a", 4), ("", 0)]
)
def test_width_is_what_a_terminal_takes(text, columns):
    assert tables.width(text) == columns
    assert tables.left(text, 8) == text + " " * (8 - columns)
    assert tables.right(text, 8) == " " * (8 - columns) + text


def test_a_confusion_matrix_has_the_true_class_in_the_row():
    assert tables.confusion(torch.tensor([[1200, 3], [45, 6]]), ("cat", "dog")) == (
        "true \\ predicted    cat  dog\n"
        "cat               1,200    3\n"
        "dog                  45    6"
    )  # fmt: skip


def test_korean_and_long_names_stay_in_their_columns():
    names = ("고양이", "a very long name indeed", "아주 긴 이름의 개")
    lines = tables.confusion(torch.eye(3), names).splitlines()
    assert len({tables.width(line) for line in lines}) == 1
    assert lines[0].endswith("  고양이  a very long…  아주 긴 이…")
    assert lines[2].startswith("a very long name indeed ")
