"""constraints.txt pins what is installed, on every Python and system that the course supports."""

import re
from importlib.metadata import distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

COURSE = Path(__file__).parents[2]
PYTHONS = ("3.10.0", "3.11.0", "3.11.2", "3.11.5", "3.12.0", "3.13.0", "3.14.0")
SYSTEMS = {
    "Linux": dict(sys_platform="linux", os_name="posix", platform_machine="x86_64"),
    "macOS": dict(sys_platform="darwin", os_name="posix", platform_machine="arm64"),
    "Windows": dict(sys_platform="win32", os_name="nt", platform_machine="AMD64"),
}
OF_CUDA = r"nvidia-.*|cuda-.*|triton"  # torch, which has builds for several, names them itself


def lines(*names):
    """The requirements in these files, in their order."""
    texts = [(COURSE / name).read_text(encoding="utf-8") for name in names]
    kept = [line for line in "\n".join(texts).splitlines() if line and not line.startswith("#")]
    return [Requirement(line) for line in kept]


DIRECT = lines("requirements.txt", "requirements-test.txt", "requirements-site.txt")
PINS = lines("constraints.txt")


def environment(python, system):
    """What markers are evaluated with: `python` such as "3.11.2", `system` one of SYSTEMS."""
    short = ".".join(python.split(".")[:2])
    names = {"Linux": "Linux", "macOS": "Darwin", "Windows": "Windows"}
    return SYSTEMS[system] | {
        "python_version": short,
        "python_full_version": python,
        "platform_system": names[system],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def pins(name, environment=None):
    """The versions to which a package is pinned in an environment; in this one by default."""
    found = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(name)]
    found = [pin for pin in found if not pin.marker or pin.marker.evaluate(environment)]
    return [str(pin.specifier) for pin in found]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_each_requirement_has_one_exact_pin_that_meets_it(python, system):
    for requirement in DIRECT:
        found = pins(requirement.name, environment(python, system))
        assert len(found) == 1 and found[0].startswith("=="), (requirement.name, found)
        assert requirement.specifier.contains(found[0][2:]), (requirement.name, found)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_no_package_has_two_pins(python, system):
    names = {pin.name for pin in PINS}
    doubled = [name for name in names if len(pins(name, environment(python, system))) > 1]
    assert doubled == []


def test_a_pin_is_only_for_pythons_that_its_package_supports():
    """Looks at what is installed here: only its metadata is at hand."""
    installed = {canonicalize_name(found.name): found for found in distributions()}
    checked = 0
    for pin in PINS:
        found = installed.get(canonicalize_name(pin.name))
        if not found or not pin.specifier.contains(found.version):
            continue
        supported = SpecifierSet(found.metadata["Requires-Python"] or "")
        for python in PYTHONS:
            if not pin.marker or pin.marker.evaluate(environment(python, "Linux")):
                assert supported.contains(python), (str(pin), python, str(supported))
                checked += 1
    assert checked > 500


def test_the_first_python_is_the_one_that_the_project_requires():
    project = (COURSE / "pyproject.toml").read_text(encoding="utf-8")
    lowest = re.search(r'^requires-python = ">=(.+)"$', project, re.MULTILINE)[1]
    assert PYTHONS[0] == f"{lowest}.0"


def brought_along(requirements):
    """The names of all packages that requirements need on this computer, themselves included."""
    found, waiting = set(), [(need.name, frozenset(need.extras)) for need in requirements]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in found or re.fullmatch(OF_CUDA, canonicalize_name(name)):
            continue
        found.add((name, extras))
        for line in requires(name) or ():
            need = Requirement(line)
            given = [{"extra": extra} for extra in ("", *extras)]
            if not need.marker or any(need.marker.evaluate(extra) for extra in given):
                waiting.append((need.name, frozenset(need.extras)))
    return {name for name, _ in found}


def test_what_the_requirements_bring_along_is_pinned_too():
    needed = brought_along(DIRECT)
    assert len(needed) > 100
    assert sorted(name for name in needed if len(pins(name)) != 1) == [], "run: make lock"
