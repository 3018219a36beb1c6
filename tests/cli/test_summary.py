"""The layer table on the command line."""

import pytest
from helpers import run

from alexnet_lib.nets import MODELS


def test_summary_prints_the_write_ups_table(capsys):
    assert run("summary", "--model", "one-tower", "--num-classes", 10, "--size", 227) == 0
    text = capsys.readouterr().out
    assert "58,322,314" in text and "96×55×55" in text and "37,752,832" in text
    assert "padding 0" in text


@pytest.mark.parametrize("model", MODELS)
def test_summary_knows_every_net(model, capsys):
    assert run("summary", "--model", model) == 0
    side = 32 if model in ("cifar", "four-layer") else 227
    assert capsys.readouterr().out.startswith(f"{model}, {side}×{side} pixels, 1000 classes")


def test_summary_says_that_64_pixels_take_padding(capsys):
    assert run("summary", "--size", 64) == 0
    assert "padding 2: 64 pixels are too few" in capsys.readouterr().out


def test_summary_adds_up_its_columns(capsys):
    assert run("summary", "--model", "paper") == 0
    lines = capsys.readouterr().out.splitlines()
    (total,) = [line.split() for line in lines if line.startswith("total")]
    assert total == ["total", "60,965,224", "724,406,816", "7,556.4"]
