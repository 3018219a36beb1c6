"""The tests can be collected, and the course's files read, on Windows."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from course_notebooks import course_notebooks

COURSE = Path(__file__).parents[2]
TESTS = COURSE / "tests"
PROGRAMS = ("alexnet_lib", "benchmarks", "site", "studies", "tools")
# Calls that read or write text, and the place of `encoding` among their arguments.
TEXT = {"read_text": 0, "write_text": 1, "open": 3, "fdopen": 3}
NOT_TEXT = {"Image", "os", "tarfile", "webbrowser"}  # whose open() is another


def test_all_tests_are_collected_where_python_has_what_windows_has():
    path = os.pathsep.join([str(TESTS), str(COURSE)])
    command = [sys.executable, "-m", "pytest", "-p", "like_windows", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [*command, "--collect-only", "--quiet", "tests"],
        cwd=COURSE, env=os.environ | {"PYTHONPATH": path}, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr


def without_encoding(code):
    """The calls in a program that leave a text's encoding to the system, which may be cp1252."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and leaves_encoding(node)
    ]


def leaves_encoding(call):
    method = isinstance(call.func, ast.Attribute)
    name = call.func.attr if method else getattr(call.func, "id", None)
    if name not in TEXT or (method and getattr(call.func.value, "id", None) in NOT_TEXT):
        return False
    place, mode = TEXT[name], [word.value for word in call.keywords if word.arg == "mode"]
    if name.endswith("open"):
        of_path = method and getattr(call.func.value, "id", None) != "io"
        place, mode = place - of_path, mode + call.args[1 - of_path : 2 - of_path]
    named = any(word.arg in ("encoding", None) for word in call.keywords)
    return not named and len(call.args) <= place and not any("b" in ast.unparse(m) for m in mode)


@pytest.mark.parametrize(
    "path", [p for name in PROGRAMS for p in sorted((COURSE / name).rglob("*.py"))], ids=str
)
def test_a_program_names_the_encoding_of_its_texts(path):
    assert without_encoding(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", course_notebooks(COURSE), ids=lambda path: path.stem)
def test_a_notebook_names_the_encoding_of_its_texts(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [call for cell in cells for call in without_encoding(cell.source)] == []


@pytest.mark.parametrize(
    "code, missing",
    [
        ("path.read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(text, newline='')", True),
        ("path.write_text(text, 'utf-8')", False),
        ("open(path)", True),
        ("open(path, 'wb')", False),
        ("open(path, mode='rb')", False),
        ("open(path, 'ab' if start else 'wb')", False),
        ("open(path, 'w', encoding='utf-8')", False),
        ("path.open()", True),
        ("path.open('rb')", False),
        ("path.open('w', **options)", False),
        ("io.open(path, 'w')", True),
        ("Image.open(path)", False),
        ("os.open(path, os.O_RDONLY)", False),
    ],
)
def test_a_call_without_an_encoding_is_found(code, missing):
    assert without_encoding(code) == [code] * missing
