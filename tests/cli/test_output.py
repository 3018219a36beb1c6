"""Text tables line up on a terminal, whatever the letters; figures are written and closed."""

import matplotlib.pyplot as plt
import pytest
import torch
from wcwidth import wcswidth

from alexnet_lib.cli.output import confusion_table, save_figure, text_table


@pytest.mark.parametrize("text", ["cat", "고양이", "é", "e\u0301", "猫 a", "", "a 🐈"])
def test_columns_line_up_by_what_a_terminal_takes(text):
    lines = text_table([("name", "count"), (text, "7"), ("a longer name", "1,000")]).splitlines()
    assert [wcswidth(line) for line in lines] == [20] * 3
    assert lines[1].startswith(text) and lines[1].endswith("      7")
    assert lines[2] == "a longer name  1,000"


def test_a_confusion_matrix_has_the_true_class_in_the_row():
    assert confusion_table(torch.tensor([[1200, 3], [45, 6]]), ("cat", "dog")) == (
        "true \\ predicted    cat  dog\n"
        "cat               1,200    3\n"
        "dog                  45    6"
    )  # fmt: skip


def test_korean_and_long_names_stay_in_their_columns():
    names = ("고양이", "a very long name indeed", "아주 긴 이름의 개")
    lines = confusion_table(torch.eye(3), names).splitlines()
    assert len(lines) == 5 and len({wcswidth(line) for line in lines if line.strip()}) <= 2
    assert lines[0].endswith("  고양이  a very long  아주 긴 이름의 개")
    assert lines[1].strip() == "name indeed"
    assert lines[3].startswith("a very long name indeed ")


def test_a_figure_is_written_into_a_folder_that_is_made_and_is_closed(tmp_path):
    before = plt.get_fignums()
    save_figure(plt.figure(), tmp_path / "deep" / "figure.png")
    assert (tmp_path / "deep" / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert plt.get_fignums() == before
