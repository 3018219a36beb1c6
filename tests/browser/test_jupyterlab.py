"""The course in a real JupyterLab: each notebook as a reader opens it, explorers by keyboard.

JupyterLab has the settings that `make lab PRESENT=1` gives it, in a window of 1280×720.
"""

import re
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browsers import BROWSER
from course_notebooks import course_notebooks
from driving import lab_in

from alexnet_lib.course.setup import COURSE
from alexnet_lib.figures.explorers import EXPLORERS

NOTEBOOKS = [path.name for path in course_notebooks(COURSE)]
CONTROLS = [(name, control) for name in EXPLORERS for control in EXPLORERS[name][2]]
ROLES = {tuple: "slider", bool: "checkbox", list: "combobox"}  # for screen readers
BROKEN = re.compile("Error displaying widget|Javascript Error")
TEXTS = """(selector) =>
  [...panel.content.node.querySelectorAll(selector)].map((one) => one.textContent)"""
MISSING = """() => [...panel.content.node.querySelectorAll("img")]
  .filter((image) => !image.naturalWidth).map((image) => image.src.slice(0, 200))"""
WIDE = """() => {
  const right = panel.content.node.getBoundingClientRect().right;
  const beyond = (one) => one.getBoundingClientRect().right > right + 1;
  const cut = (one) => one.scrollWidth > one.clientWidth + 1;
  const all = (selector) => [...panel.content.node.querySelectorAll(selector)];
  return [...all("img, table, mjx-container, .jp-OutputArea-output pre").filter(beyond),
    ...all(".cm-scroller, .jp-RenderedMarkdown, .jp-OutputArea-output").filter(cut)]
    .map((one) => `${one.tagName} ${one.className}: ${one.textContent.slice(0, 80)}`);
}"""
# What is visible of solutions: all but the summary of each, where it is rendered.
SEEN = """() => [...panel.content.node.querySelectorAll("details > :not(summary)")]
  .filter((one) => one.checkVisibility()).map((one) => one.textContent)"""
LINKS = """() => [...panel.content.node.querySelectorAll(".jp-RenderedMarkdown a[href]")]
  .map((link) => link.href)"""
# The lines of code that are not folded away, and those of them that take more than one row.
LINES = """() => [...panel.content.node.querySelectorAll(".cm-line")]
  .filter((line) => line.offsetHeight)"""
BROKEN_LINES = f"""{LINES}.filter(
  (line) => line.offsetHeight > 1.5 * parseFloat(getComputedStyle(line).lineHeight))
  .map((line) => line.textContent)"""
# The code cells whose figure ends lower than a screen below their first line.
TALL = """() => {
  const screen = panel.content.node.getBoundingClientRect().height;
  return panel.content.widgets.map((cell) => cell.node).flatMap((cell) => {
    const image = cell.querySelector(".jp-OutputArea-output img");
    if (!image) return [];
    const height = image.getBoundingClientRect().bottom - cell.getBoundingClientRect().top;
    return height > screen ? [`${Math.round(height)}: ${cell.textContent.slice(0, 80)}`] : [];
  });
}"""

pytestmark = pytest.mark.skipif(
    not (BROWSER and find_spec("playwright")),
    reason="needs the package playwright and an installed Chromium or Chrome",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with lab_in(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda name: name[:2])
def opened(lab, request):
    """The lab, with one of the course's notebooks open as it is stored."""
    lab.open(f"notebooks/{request.param}")
    return lab


def test_a_notebook_opens_without_an_error(opened):
    outputs = opened.ask(TEXTS, ".jp-OutputArea-output")
    assert [text for text in outputs if BROKEN.search(text)] == []
    assert opened.ask(TEXTS, "mjx-merror") == []
    assert opened.errors == []


def test_opening_a_notebook_does_not_change_it(opened):
    assert not opened.ask("() => panel.context.model.dirty")


def test_every_image_of_a_notebook_is_shown(opened):
    assert opened.find("img").count() > 0
    assert opened.ask(MISSING) == []


def test_nothing_is_cut_off_on_a_projector(opened):
    assert opened.ask(WIDE) == []
    assert opened.ask(f"{LINES}.length") > 40
    assert opened.ask(BROKEN_LINES) == []


def test_a_figure_is_on_the_screen_together_with_its_code(opened):
    assert opened.ask(TALL) == []


def test_links_of_a_notebook_lead_to_files(opened):
    links = [urlsplit(link) for link in opened.ask(LINKS)]
    files = [unquote(link.path) for link in links if link.hostname == "127.0.0.1"]
    files = [file for file in files if not file.startswith("/doc")]  # a place on the same page
    assert any(file.endswith("glossary.md") for file in files)
    assert all(file.startswith("/files/") for file in files)
    assert [file for file in files if not (opened.folder / file[len("/files/") :]).exists()] == []


def test_solutions_are_closed_until_a_reader_opens_one(opened):
    assert opened.ask(SEEN) == []
    opened.find("summary").first.click()
    (solution,) = opened.ask(SEEN)[:1]
    assert solution.strip()


def test_a_link_opens_the_glossary_beside_the_notebook(lab):
    lab.open(f"notebooks/{NOTEBOOKS[0]}")
    lab.find("a[href*='glossary.md']").first.click()
    lab.page.wait_for_function("() => jupyterapp.shell.currentWidget.context.path.endsWith('.md')")
    lab.ask("() => jupyterapp.shell.currentWidget.dispose()")


@pytest.fixture(scope="module")
def explorers(lab):
    """The lab, with a notebook that was run: a cell for each explorer of the course."""
    code = "from alexnet_lib.figures.explorers import explore\nexplore({!r})"
    cells = [nbformat.v4.new_code_cell(code.format(name)) for name in EXPLORERS]
    metadata = nbformat.read(COURSE / "notebooks" / NOTEBOOKS[0], as_version=4).metadata
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(notebook, lab.folder / "notebooks" / "explorers.ipynb")
    lab.open("notebooks/explorers.ipynb")
    lab.run_all()
    return lab


def key_of(control):
    """The key that changes a control from where it starts."""
    if isinstance(control, tuple):
        return "ArrowRight" if control[2] < control[1] else "ArrowLeft"
    return "Space" if isinstance(control, bool) else "ArrowDown"


@pytest.mark.parametrize("name, control", CONTROLS)
def test_a_control_has_a_name_and_a_key_moves_it_and_redraws(explorers, name, control):
    values = EXPLORERS[name][2][control]
    cell = explorers.find(".jp-CodeCell").nth(list(EXPLORERS).index(name))
    found = cell.get_by_role(ROLES[type(values)], name=control.replace("_", " "), exact=True)
    image = cell.locator("img.widget-image").element_handle()
    before = [image, image.get_attribute("src")]
    found.focus()
    found.press(key_of(values))
    explorers.page.wait_for_function("([image, before]) => image.src !== before", arg=before)
    assert explorers.errors == []


def test_a_notebook_runs_and_is_as_it_was_when_it_is_saved_and_opened_again(lab):
    name = next(name for name in NOTEBOOKS if "output_size" in name)
    lab.open(f"notebooks/{name}")
    lab.run_all()
    assert all(cell["execution_count"] for cell in lab.cells() if cell["cell_type"] == "code")
    outputs = [output for cell in lab.cells() for output in cell.get("outputs", [])]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    handles = lab.find(".noUi-handle").count()
    assert handles > 0 and lab.find("img.widget-image").count() == 1
    lab.ask("() => panel.context.save()")
    lab.ask("() => panel.sessionContext.shutdown()")
    lab.start_kernel()  # it knows no widgets
    lab.open(f"notebooks/{name}")
    lab.find("img.widget-image").wait_for()
    assert lab.find(".noUi-handle").count() == handles
    assert lab.ask(MISSING) == [] and lab.errors == []
    assert [text for text in lab.ask(TEXTS, ".jp-OutputArea-output") if BROKEN.search(text)] == []
