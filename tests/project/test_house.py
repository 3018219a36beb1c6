"""Every module of the library is in the folder that says what it is for, and says it briefly."""

import ast
import re
from pathlib import Path

import pytest
from importlinter.api import read_configuration

COURSE = Path(__file__).parents[2]
LIBRARY = COURSE / "alexnet_lib"
MODULES = sorted(LIBRARY.rglob("*.py"))
LAYERS = read_configuration(str(COURSE / "pyproject.toml"))["contracts_options"][0]["layers"]
# How far from the bottom each folder is; those that do not know one another are equally far.
HEIGHT = {
    folder: height
    for height, layer in enumerate(reversed(LAYERS))
    for folder in re.findall(r"\w+", layer)
}
OTHER_TESTS = {
    "browser",
    "fuzz",
    "notebooks",
    "project",
    "site",
    "studies",
}  # what is tested there is not in the library


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path):
    return path.relative_to(LIBRARY).as_posix()


def folder(path):
    """The first part of a module's path in the library: "nets", or "__main__.py"."""
    return path.relative_to(LIBRARY).parts[0]


def test_every_module_is_in_one_of_the_folders():
    assert {folder(path) for path in MODULES} == {"__init__.py", "__main__.py"} | {
        folder for folder in HEIGHT if folder != "__main__"
    }


def test_every_folder_of_the_library_has_tests_and_no_other_has():
    folders = {path.name for path in (COURSE / "tests").iterdir() if path.is_dir()}
    assert folders - OTHER_TESTS - {"__pycache__"} == set(HEIGHT) - {"__main__"}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_is_longer_than_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("folder", ["nets", "training"])
def test_what_these_folders_say_of_themselves_names_all_their_modules(folder):
    words = ast.get_docstring(tree(LIBRARY / folder / "__init__.py"))
    modules = {path.name for path in (LIBRARY / folder).glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"\w+\.py", words)) == modules


def references(path):
    """Modules of the library that a module names in strings, to import them later."""
    strings = [node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
    places = [re.fullmatch(r"(alexnet_lib(?:\.\w+)+)(?::\w+)?", str(text)) for text in strings]
    return [place[1] for place in places if place]


@pytest.mark.parametrize("path", [p for p in MODULES if references(p)], ids=name)
def test_modules_named_in_strings_follow_the_direction_of_imports(path):
    here = folder(path)
    for module in references(path):
        there = module.split(".")[1]
        assert there == here or HEIGHT[there] < HEIGHT[here], module


def definitions(path):
    """The public functions and classes of a module, but those that each command has."""
    kinds = ast.FunctionDef, ast.ClassDef
    names = [node.name for node in tree(path).body if isinstance(node, kinds)]
    of_each = {"add_arguments", "run"} if folder(path) == "cli" else set()
    return [one for one in names if not one.startswith("_") and one not in of_each]


def test_no_two_public_functions_or_classes_share_a_name():
    places = {}
    for path in MODULES:
        for one in definitions(path):
            places.setdefault(one, []).append(name(path))
    assert {one: where for one, where in places.items() if len(where) > 1} == {}


def test_nothing_in_the_library_looks_like_a_test():
    assert [one for path in MODULES for one in definitions(path) if one.startswith("test")] == []
