"""Copies of notebooks, in which readers work, are left alone by tools and tests."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest
from course_notebooks import course_notebooks

COURSE = Path(__file__).parents[2]
COPIES = ("my_02.ipynb", "02_output_size-Copy1.ipynb", "02_output_size (1).ipynb", "Untitled.ipynb")


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for name in ("11_b.ipynb", "02_output_size.ipynb", *COPIES):
        (tmp_path / "notebooks" / name).touch()
    return tmp_path


def test_copies_are_not_the_courses_notebooks(course):
    names = [path.name for path in course_notebooks(course)]
    assert names == ["02_output_size.ipynb", "11_b.ipynb"]


def test_copies_are_not_tested(course):
    spec = spec_from_file_location("of_all_tests", COURSE / "conftest.py")
    of_all_tests = module_from_spec(spec)
    spec.loader.exec_module(of_all_tests)
    config = SimpleNamespace(rootpath=course)
    left_out = {
        path.name
        for path in (course / "notebooks").iterdir()
        if of_all_tests.pytest_ignore_collect(path, config)
    }
    assert left_out == set(COPIES)


@pytest.mark.parametrize("folder", ["tools", "site"])
def test_no_tool_looks_for_notebooks_in_another_way(folder):
    for path in (COURSE / folder).glob("*.py"):
        own = path.name in ("course_notebooks.py", "sources.py")  # the latter removes copies
        assert own or not re.search(r"glob\(.*\.ipynb", path.read_text("utf-8")), path.name
