"""A registry has files for every pin, on each Python and system that the course supports."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[2]
PYTHONS = ("3.10.0", "3.11.2", "3.12.0", "3.13.0", "3.14.0")  # Debian 12 has 3.11.2
SYSTEMS = {
    "Linux, x86-64": "x86_64-manylinux_2_28",
    "Linux, ARM": "aarch64-manylinux_2_28",
    "Windows, x86-64": "x86_64-pc-windows-msvc",
    "macOS 14, ARM": "aarch64-apple-darwin",
}
UNREACHABLE = r"Failed to fetch|error sending request|dns error|Could not connect|timed out"


def registry():
    """The registry that pip asks: that of the environment first, then that of its files."""
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"^(\S+)\.index-url='(.*)'$", listed, re.MULTILINE))
    return found.get(":env:") or found.get("global") or "https://pypi.org/simple"


@pytest.fixture(scope="module")
def resolved(tmp_path_factory):
    """What uv says of each Python and system: {(python, system): its finished process}."""
    uv = pytest.importorskip("uv", reason="uv is not installed").find_uv_bin()
    folder = tmp_path_factory.mktemp("uv")
    # Else uv asks the registry of each package again for each of the combinations.
    index = f'[[index]]\nurl = "{registry()}"\ndefault = true\n'
    index += 'cache-control = { api = "max-age=600" }\n'
    (folder / "uv.toml").write_text(index, encoding="utf-8")
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0", "UV_HTTP_RETRIES": "1"}

    def resolve(combination):
        python, system = combination
        return subprocess.run(
            [uv, "pip", "compile", "--config-file", folder / "uv.toml",
             "--cache-dir", folder / "cache", "--python", sys.executable,
             "--python-version", python, "--python-platform", SYSTEMS[system],
             "--only-binary", ":all:", "--constraints", "constraints.txt",
             "requirements.txt", "requirements-test.txt", "requirements-site.txt"],
            cwd=COURSE, env=environment, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip

    combinations = list(product(PYTHONS, SYSTEMS))
    first = resolve(combinations[0])  # alone: it fetches what the others share
    if first.returncode and re.search(UNREACHABLE, first.stderr):
        pytest.skip(f"the registry cannot be reached: {first.stderr.strip().splitlines()[-1]}")
    with ThreadPoolExecutor(4) as pool:
        others = pool.map(resolve, combinations[1:])
        return dict(zip(combinations, [first, *others], strict=True))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_pins_resolve_to_wheels(resolved, python, system):
    found = resolved[python, system]
    if found.returncode and re.search(UNREACHABLE, found.stderr):
        pytest.skip("the registry could not be reached")
    assert found.returncode == 0, found.stderr
    assert re.search(r"^torch==", found.stdout, re.MULTILINE)
