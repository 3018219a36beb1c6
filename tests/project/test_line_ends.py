"""Files keep their line ends where Git turns those of text into CR LF, as on Windows."""

import shutil
import subprocess
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[2]
TEXTS = (
    "tools/setup.sh", ".ci/run", "Makefile", "conftest.py", "notebooks/00_start_here.ipynb",
    "results/shapes10-seed0.json", "constraints.txt", "pyproject.toml", "README.md", "LICENSE",
    ".github/workflows/ci.yml",
)  # fmt: skip
PICTURE = "images/alexnet.png"


@pytest.fixture(scope="module")
def git(tmp_path_factory):
    """Calls git in a repository that converts line ends, and has the course's attributes."""
    folder = tmp_path_factory.mktemp("repository")
    name = ("-c", "user.name=course", "-c", "user.email=course@example.org")

    def call(*words):
        command = ["git", "-c", "core.autocrlf=true", *name, *words]
        ended = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        return ended.stdout

    call("init", "--quiet")
    for path in (".gitattributes", *TEXTS, PICTURE):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(COURSE / path, folder / path)
    call("add", ".")
    call("commit", "--quiet", "--message", "The course")
    call.folder = folder
    return call


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_has_line_feeds_alone(git, path):
    found = git("check-attr", "text", "eol", "--", path)
    assert f"{path}: eol: lf\n" in found and f"{path}: text: unset\n" not in found


def test_a_picture_is_not_converted(git):
    assert git("check-attr", "text", "--", PICTURE) == f"{PICTURE}: text: unset\n"


@pytest.mark.parametrize("path", [*TEXTS, PICTURE])
def test_a_checkout_gives_back_every_byte(git, path):
    (git.folder / path).unlink()
    git("checkout", "--", path)
    assert (git.folder / path).read_bytes() == (COURSE / path).read_bytes()
