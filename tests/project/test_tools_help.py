"""The programs in tools/ explain themselves, and refuse what they do not know."""

import runpy
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
NAMES = ("execute", "experiments", "figures", "handout", "pages", "results", "ship", "slides")


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_a_tool_does_and_runs_nothing(name, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [f"{name}.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(TOOLS / f"{name}.py"), run_name="__main__")
    assert ended.value.code == 0
    first = (TOOLS / f"{name}.py").read_text("utf-8").split("\n")[0].strip('"')
    printed = " ".join(capsys.readouterr().out.split())
    assert f"usage: {name}.py" in printed and " ".join(first.split()) in printed


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_a_tool_does_not_know_is_refused(name, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [f"{name}.py", "--nonsense"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(TOOLS / f"{name}.py"), run_name="__main__")
    assert ended.value.code == 2 and f"usage: {name}.py" in capsys.readouterr().err


def test_a_figure_that_there_is_not_is_refused_with_those_that_there_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["figures.py", "none.png"])
    with pytest.raises(SystemExit):
        runpy.run_path(str(TOOLS / "figures.py"), run_name="__main__")
    assert "unknown: none.png; known: alexnet.png, " in " ".join(capsys.readouterr().err.split())
