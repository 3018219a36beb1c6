"""The course's address stands in pyproject.toml; notebooks and README follow it."""

import address
import nbformat
import pages
import pytest

ADDRESS = "https://github.com/someone/alexnet-course"
COLAB = "https://colab.research.google.com/github/someone/alexnet-course/blob/main/notebooks/"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one notebook, whose set-up cell is of an older age, with no address set."""
    cells = [
        nbformat.v4.new_markdown_cell("# Layers\n\nThe question.", id="title"),
        nbformat.v4.new_code_cell(f"{address.FIRST_LINE}\nold()", id="setup"),
        nbformat.v4.new_code_cell("1 + 1", id="sum"),
    ]
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "02_layers.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    (tmp_path / "README.md").write_text("# Course\n<!-- colab -->\n<!-- /colab -->\nText\n")
    set_address(tmp_path, None)
    write(tmp_path)
    return tmp_path


def set_address(course, url):
    line = f'Repository = "{url}"' if url else '# Repository = "https://github.com/OWNER/NAME"'
    (course / "pyproject.toml").write_text(f"[project.urls]\n{line}\n")


def write(course):
    for path, text in address.texts(course).items():
        path.write_text(text)


def texts(course):
    return {path.name: path.read_text() for path in course.glob("**/*.*")}


def cells(course):
    return nbformat.read(course / "notebooks" / "02_layers.ipynb", as_version=4).cells


def test_without_an_address_there_is_no_badge(course):
    assert cells(course)[0].source == "# Layers\n\nThe question."
    assert "Open in Colab" not in "".join(texts(course).values())


def test_set_up_cell_becomes_the_one_of_today(course):
    assert cells(course)[1].source == address.SETUP


def test_the_code_of_the_set_up_cell_is_collapsed_on_colab_and_in_jupyterlab(course):
    hidden = [cell.metadata for cell in cells(course) if "cellView" in cell.metadata]
    assert hidden == [{"cellView": "form", "jupyter": {"source_hidden": True}}]
    assert address.SETUP.split("\n")[1].startswith("# @title Set-up: ")


def test_address_reaches_badges_and_set_up_cell(course):
    set_address(course, ADDRESS)
    write(course)
    title, setup, other = cells(course)
    badge = f"{address.BADGE}({COLAB}02_layers.ipynb)"
    assert title.source == f"# Layers\n\n{badge}\n\nThe question."
    assert f'\nREPOSITORY = "{ADDRESS}"\n' in setup.source
    assert other.source == "1 + 1"
    readme = (course / "README.md").read_text()
    badge = f"{address.BADGE}({COLAB}00_start_here.ipynb)"
    assert readme == f"# Course\n<!-- colab -->\n{badge}\n<!-- /colab -->\nText\n"


def test_writing_twice_changes_nothing(course):
    set_address(course, ADDRESS)
    write(course)
    first = texts(course)
    assert pages.changes(address, course) == {}
    write(course)
    assert texts(course) == first


def test_another_address_replaces_the_first_and_none_removes_it(course):
    before = texts(course)
    set_address(course, ADDRESS)
    write(course)
    set_address(course, "https://github.com/other/name.git")
    write(course)
    after = "".join(texts(course).values())
    assert "github/other/name/blob" in after and "someone" not in after
    set_address(course, None)
    write(course)
    assert texts(course) == before


def test_notebook_without_changes_keeps_every_byte(course):
    path = course / "notebooks" / "02_layers.ipynb"
    text = path.read_text()
    assert address.addressed_notebook(text, "", path.name) == text


def test_address_outside_github_is_refused(course):
    set_address(course, "https://example.org/alexnet-course")
    with pytest.raises(ValueError, match="https://github.com/OWNER/NAME"):
        write(course)


def test_readme_without_marks_is_refused(course):
    (course / "README.md").write_text("# Course\n")
    with pytest.raises(ValueError, match="<!-- colab -->"):
        write(course)


def test_notebooks_and_readme_hold_the_address_of_pyproject():
    assert list(pages.changes(address)) == [], "run: make pages"
