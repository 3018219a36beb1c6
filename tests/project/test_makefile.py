"""What a variable of `make` says is taken as text: nothing in it is run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[2]
READ_BY_LAB = ("requirements.txt", "constraints.txt", "pyproject.toml")
# Stands in for a Python: prints what it is asked, and where JupyterLab's settings are.
NOTE = '#!/bin/sh\nprintf "%s\\n" "$@" "settings: $JUPYTERLAB_SETTINGS_DIR"\n'

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("make"), reason="make is not installed"
)


@pytest.fixture
def make(tmp_path):
    """Calls make in a course that is set up, with a Python that only prints what it is asked."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "setup.sh").write_text('printf "%s\\n" "$PYTHON"\n', encoding="utf-8")
    shutil.copytree(COURSE / "tools" / "jupyter", tmp_path / "tools" / "jupyter")
    for name in ("Makefile", *READ_BY_LAB):
        shutil.copy(COURSE / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(NOTE, encoding="utf-8")
    python.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()

    def call(*words, **variables):
        # Without what the make that runs the tests tells its children.
        of_make = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
        kept = {name: value for name, value in os.environ.items() if name not in of_make}
        environment = kept | variables
        made = subprocess.run(
            ["make", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert not (tmp_path / "run").exists(), "something in the variable was run"
        return made

    return call


def test_lab_takes_the_port(make):
    assert "--port=9000\n" in make("lab", "PORT=9000").stdout
    assert "--port=9001\n" in make("lab", PORT="9001").stdout


def test_lab_starts_with_large_type_when_it_is_told_to(make, tmp_path):
    plain, large = make("lab").stdout, make("lab", "PRESENT=1").stdout
    assert "/lab/tree/notebooks/00_start_here.ipynb\n" in plain and "settings: \n" in plain
    assert "/doc/tree/notebooks/00_start_here.ipynb\n" in large  # without the list of files
    settings = tmp_path / ".venv" / "jupyter" / "presenting"
    assert f"settings: {settings}\n" in large
    name = Path("@jupyterlab", "apputils-extension", "themes.jupyterlab-settings")
    (settings / name).write_text("{}", encoding="utf-8")
    make("lab", PRESENT="1")
    assert "font-size" in (settings / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "port",
    ["x y", "", "99999", "9000; touch run", "$(touch run)", "$(shell touch run)", "`touch run`",
     "'; touch run; '", '"; touch run; "', "$", "9000 --ServerApp.token="],
)  # fmt: skip
@pytest.mark.parametrize("where", ["command line", "environment"])
def test_a_port_that_is_no_number_is_refused_in_a_sentence(make, port, where):
    made = make("lab", f"PORT={port}") if where == "command line" else make("lab", PORT=port)
    assert made.returncode == 2 and made.stdout == ""
    assert made.stderr.startswith("PORT is a number up to 65535")


def test_the_path_of_a_python_may_have_any_characters(make, tmp_path):
    (tmp_path / ".venv" / "ready").unlink()
    python = "/a b/'; touch run; \"$(shell touch run)`touch run`/python3"
    assert make(".venv/ready", f"PYTHON={python}").stdout == f"{python}\n"
