"""What follows from elsewhere is written into notebooks and pages by one command."""

import course_map
import nbformat
import pages
import pytest

MARKS = "# Course\n<!-- colab -->\n<!-- /colab -->\n<!-- map -->\n<!-- /map -->\n"
GLOSSARY = """\
<!-- index -->
<!-- /index -->

### stride

**보폭** · How far the kernel moves.

### padding

**패딩** · Zeros around an image.
"""


def notebook(course, name, *texts):
    cells = [nbformat.v4.new_markdown_cell(text, id=f"c{n}") for n, text in enumerate(texts)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), course / "notebooks" / f"{name}.ipynb")


@pytest.fixture
def course(tmp_path):
    """A course of two notebooks in which nothing is filled in."""
    for folder in ("notebooks", "docs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "README.md").write_text(MARKS)
    (tmp_path / "docs" / "glossary.md").write_text(GLOSSARY, encoding="utf-8")
    start = MARKS.replace("# Course", "## 0.7 The course")
    notebook(tmp_path, "00_start_here", "# Start\n\n**Why?**\n\n20 minutes.", start)
    notebook(tmp_path, "02_layers", "# Layers\n\n**How?**\n\nTakes 50 minutes.", "A stride.")
    return tmp_path


def test_one_command_writes_all_and_a_second_time_nothing(course):
    names = {"README.md", "glossary.md", "00_start_here.ipynb", "02_layers.ipynb"}
    assert {path.name for path in pages.write(course)} == names
    assert pages.write(course) == []
    assert "[stride](../docs" in (course / "notebooks" / "02_layers.ipynb").read_text("utf-8")
    assert "[보폭](#stride)" in (course / "docs" / "glossary.md").read_text("utf-8")


def test_the_map_has_a_row_for_each_notebook_linked_from_where_it_stands(course):
    pages.write(course)
    rows = (
        "| [00_start_here]({0}00_start_here.ipynb) | Why? | 20 |\n"
        "| [02_layers]({0}02_layers.ipynb) | How? | 50 |\n<!-- /map -->"
    )
    assert rows.format("notebooks/") in (course / "README.md").read_text("utf-8")
    start = nbformat.read(course / "notebooks" / "00_start_here.ipynb", as_version=4)
    assert rows.format("") in start.cells[1].source


@pytest.mark.parametrize("head", ["# Title\n\n50 minutes.", "# Title\n\n**Why?**\n\nAn hour."])
def test_a_head_without_question_or_minutes_is_refused(course, head):
    notebook(course, "03_more", head)
    with pytest.raises(ValueError, match="03_more.ipynb: expected in its first cell the question"):
        course_map.course_map(course)


def test_a_term_that_no_notebook_mentions_is_named(course):
    assert pages.glossary.unused_terms(course) == ["padding"]


@pytest.mark.parametrize("step", pages.STEPS, ids=lambda step: step.__name__)
def test_the_pages_of_the_course_are_of_today(step):
    assert [path.name for path in pages.changes(step)] == [], "run: make pages"


def test_check_writes_nothing_and_exits_with_1_where_something_differs(monkeypatch, capsys):
    path = pages.address.COURSE / "README.md"
    before = path.read_text("utf-8")
    monkeypatch.setattr(pages.address, "texts", lambda course: {path: before + "more"})
    monkeypatch.setattr("sys.argv", ["pages.py", "--check"])
    with pytest.raises(SystemExit) as exit:
        pages.main()
    assert exit.value.code == 1 and capsys.readouterr().out == "README.md differs\n"
    assert path.read_text("utf-8") == before
