"""The web edition, built once for all tests."""

import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site; skips where the packages for it are not installed."""
    for package in ("sphinx", "myst_nb", "furo", "bs4"):
        pytest.importorskip(package, reason=f"requirements-site.txt is not installed: {package}")
    out = tmp_path_factory.mktemp("site") / "site"
    command = [sys.executable, str(COURSE / "site" / "build_site.py"), "--out", str(out)]
    built = subprocess.run(command, cwd=COURSE, capture_output=True, text=True, encoding="utf-8")
    assert built.returncode == 0, built.stdout + built.stderr
    return out
