"""The commands of docs/install.md that update the course and keep own work, run in a clone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("git"), reason="needs git and a POSIX shell"
)
NAME = "notebooks/02_output_size.ipynb"
PAGE = (Path(__file__).parents[2] / "docs" / "install.md").read_text("utf-8")
COPY, STASH, CHOOSE = re.findall(
    r"^```\n(.+?)^```", PAGE.partition("## Updating")[2], re.MULTILINE | re.DOTALL
)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Runs commands in the clone as a user does; returns their exit status."""
    for key, value in (
        ("HOME", str(tmp_path)), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", os.devnull),
        ("GIT_AUTHOR_NAME", "reader"), ("GIT_AUTHOR_EMAIL", "reader@example.org"),
        ("GIT_COMMITTER_NAME", "reader"), ("GIT_COMMITTER_EMAIL", "reader@example.org"),
    ):  # fmt: skip
        monkeypatch.setenv(key, value)

    def run(commands, folder="mine"):
        words = ["sh", "-c", commands]
        return subprocess.run(words, cwd=tmp_path / folder, capture_output=True).returncode

    return run


def write(path, *sources):
    cells = [
        nbformat.v4.new_code_cell(source, id=f"cell{number}")
        for number, source in enumerate(sources)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


@pytest.fixture
def clone(tmp_path, shell):
    """A clone in which the reader changed cell 0; the course changes what it is given, later."""
    course, mine = tmp_path / "course", tmp_path / "mine"
    (course / "notebooks").mkdir(parents=True)
    write(course / NAME, "guess = None", "a = 1", "b = 2", "last = 3")
    assert shell("git init -q && git add . && git commit -qm 'Begin'", "course") == 0
    assert shell("git clone -q course mine", ".") == 0
    write(mine / NAME, "guess = 55", "a = 1", "b = 2", "last = 3")

    def changed(*new):
        write(course / NAME, *new)
        assert shell("git commit -qam 'Change'", "course") == 0
        return mine

    return changed


def test_git_pull_alone_refuses_and_loses_nothing(clone, shell):
    mine = clone("guess = 0", "a = 1", "b = 2", "last = 4")
    assert shell("git pull") != 0
    assert sources(mine / NAME)[0] == "guess = 55"


def test_a_copy_keeps_the_work_under_another_name(clone, shell):
    mine = clone("guess = 0", "a = 1", "b = 2", "last = 4")
    assert shell(f"set -e\n{COPY}") == 0
    assert sources(mine / "notebooks" / "my_02.ipynb")[0] == "guess = 55"
    assert sources(mine / NAME) == ["guess = 0", "a = 1", "b = 2", "last = 4"]


def test_after_the_copy_the_next_update_needs_nothing_but_git_pull(clone, shell):
    mine = clone("guess = 0", "a = 1", "b = 2", "last = 4")
    assert shell(f"set -e\n{COPY}") == 0
    clone("guess = 0", "a = 1", "b = 2", "last = 5")
    assert shell("git pull") == 0
    assert sources(mine / NAME)[-1] == "last = 5"
    assert sources(mine / "notebooks" / "my_02.ipynb")[0] == "guess = 55"


def test_a_stash_brings_both_changes_together(clone, shell):
    mine = clone("guess = None", "a = 1", "b = 2", "last = 4")
    assert shell(f"set -e\n{STASH}") == 0
    assert sources(mine / NAME) == ["guess = 55", "a = 1", "b = 2", "last = 4"]


@pytest.mark.parametrize("whose, guess", [("--theirs", "guess = 55"), ("--ours", "guess = 0")])
def test_after_a_conflict_the_reader_chooses_a_version(whose, guess, clone, shell):
    mine = clone("guess = 0", "a = 1", "b = 2", "last = 4")
    assert shell(f"set -e\n{STASH}") != 0
    with pytest.raises(nbformat.reader.NotJSONError):
        sources(mine / NAME)
    assert "--theirs" in CHOOSE
    assert shell("set -e\n" + CHOOSE.replace("--theirs", whose)) == 0
    assert sources(mine / NAME)[0] == guess
    assert shell("git stash pop") != 0, "nothing is left aside"
    clone("guess = 0", "a = 1", "b = 3", "last = 4")
    assert shell("git stash && git pull") == 0, "the next update works again"
