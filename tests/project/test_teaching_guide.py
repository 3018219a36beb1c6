"""The guide for instructors names sections, exercises and minutes as the notebooks have them."""

import re
from pathlib import Path

import course_map
import nbformat
import pytest
from course_notebooks import course_notebooks

from alexnet_lib import load
from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.plan import missing_runs

COURSE = Path(__file__).parents[2]
NOTEBOOKS = course_notebooks(COURSE)
GUIDE = (COURSE / "docs" / "teaching" / "notebooks.md").read_text("utf-8")
HEADINGS = dict(re.findall(r"(?m)^## (\d\d) · (.*)$", GUIDE))


def text_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


TEXTS = {path.stem[:2]: text_of(path) for path in NOTEBOOKS}


def sections(number):
    """The numbers of a notebook's sections, and those of its core, in their order."""
    found = re.findall(rf"(?m)^## ({int(number)}\.\d+) (.*)$", TEXTS[number])
    return [place for place, _ in found], [
        place for place, title in found if "(optional" not in title
    ]


def plan(number):
    """[(place, minutes)] of a notebook's plan; the place of an exercise is "exercise 02.1"."""
    part = re.search(rf"(?ms)^## {number} · .*?\*\*Plan\*\*:(.*?)\n- \*\*", GUIDE)[1]
    found = re.findall(r"((?:exercise )?\d+\.\d+)\s+(\d+)", part)
    return [(place, int(minutes)) for place, minutes in found]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_each_notebook_has_its_part_under_its_own_title(path):
    number = path.stem[:2]
    title = re.match(r"# (\d\d) · (.*)", TEXTS[number])
    assert HEADINGS[title[1]] == title[2] and title[1] == number


def test_a_plan_has_every_core_section_and_no_more_minutes_than_the_notebook(path):
    number = path.stem[:2]
    places = [place for place, _ in plan(number)]
    assert [place for place in places if "exercise" not in place] == sections(number)[1]
    minutes = int(course_map.row(path).split("|")[3])
    assert minutes - 5 <= sum(minutes for _, minutes in plan(number)) <= minutes


@pytest.mark.parametrize("name", ["README", "notebooks", "schedules"])
def test_sections_and_exercises_that_the_guide_names_are_there(name):
    text = (COURSE / "docs" / "teaching" / f"{name}.md").read_text("utf-8")
    # What is computed on the board has other numbers with a point, and so has N(0, 0.01).
    text = re.sub(r"(?ms)^- \*\*Board\*\*.*?(?=^- )|N\(.*?\)", "", text)
    known = {place for number in TEXTS for place in sections(number)[0]}
    known |= {place for text in TEXTS.values() for place in re.findall(r"\*\*(\d\d\.\d)\*\*", text)}
    assert set(re.findall(r"\b\d\d?\.\d+\b", text)) - known == set()


def test_the_project_page_says_what_its_command_trains(tmp_path):
    text = " ".join((COURSE / "docs" / "teaching" / "project.md").read_text("utf-8").split())
    seeds, data = re.search(r"experiment pooling --seeds (\d+) --data (\w+) --out", text).groups()
    runs = missing_runs(["pooling"], int(seeds), tmp_path)
    epochs = {ARMS[arm].recipe.epochs for arm, _ in runs}
    assert (len(runs), epochs, data) == (10, {30}, "shapes10")
    assert len(load(data)) == 9_000 < min(ARMS[arm].images for arm, _ in runs)
    assert "ten runs of 30 epochs on 9,000 images" in text
