"""The slides of every notebook: enough of them, none empty, no answers, nothing from elsewhere."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import slides
from bs4 import BeautifulSoup
from course_notebooks import course_notebooks
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from slide_choice import guide_for, notebook_slides
from slide_parts import sentences
from slide_sizes import table_that_fits

from alexnet_lib.course import exercises

NOTEBOOKS = course_notebooks(slides.COURSE)
GUIDE = (slides.COURSE / "docs" / "teaching" / "notebooks.md").read_text(encoding="utf-8")
PIXEL = "Z3JlZW4="  # no browser looks at it


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def shown(request):
    """A notebook, and its slides as parsed HTML."""
    notebook = nbformat.read(request.param, as_version=4)
    made = notebook_slides(notebook, guide_for(request.param.stem[:2], GUIDE))
    html = slides.page(made[0].heading, made, request.param.parent)
    return notebook, BeautifulSoup(html, "html.parser")


def plain(node):
    return " ".join(node.get_text(" ").replace("\u00a0", " ").split())


def letters(node):
    return "".join(node.get_text().split())


def test_a_notebook_has_about_twelve_slides_and_none_is_empty(shown):
    found = shown[1].select("section")
    assert 8 <= len(found) <= 16
    for number, slide in enumerate(found):
        assert plain(slide.select_one("h2" if number else "h1"))
        visible = slide.select(".sentence, .exhibit")
        assert any(plain(one) or one.find("img") for one in visible), plain(slide)


def test_no_solution_no_answer_and_no_optional_section_is_on_the_slides(shown):
    notebook, page = shown
    text = plain(page)
    assert "Solution" not in text and "✓ right" not in text and "waits for you" not in text
    assert "(optional)" not in " ".join(plain(one) for one in page.select("h2"))
    folded = "\n".join(re.findall(r"(?s)<details>.*?</details>", sources(notebook)))
    lines = {line.strip() for line in folded.splitlines() if len(line.strip()) > 25}
    kept = re.sub(r"(?s)<details>.*?</details>", "", sources(notebook))
    answers = {line for line in lines if line not in kept}
    number = page.select_one("h1").get_text()[:2]
    checkers = Path(exercises.__file__).with_name(f"nb{number}.py").read_text("utf-8")
    said = [n.value for n in ast.walk(ast.parse(checkers)) if isinstance(n, ast.Constant)]
    said = [one for one in said if isinstance(one, str) and one.count(" ") > 5]
    assert answers and len(said) > 5
    assert [one for one in [*answers, *said] if " ".join(one.split()) in text] == []


def sources(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells)


def test_nothing_on_the_slides_is_fetched_from_elsewhere(shown):
    page = shown[1]
    addresses = [one[name] for name in ("src", "href") for one in page.find_all(attrs={name: True})]
    assert len(addresses) > 6
    assert [one for one in addresses if not one.startswith(("assets/", "data:"))] == []
    assert "url(" not in str(page.find_all("style"))


def test_every_figure_has_a_description(shown):
    images = shown[1].select("img")
    assert images
    assert [str(one)[:80] for one in images if len(one.get("alt", "")) < 15] == []


def test_the_speaker_notes_hold_the_prose_of_all_core_sections(shown):
    notebook, page = shown
    notes = "".join(letters(one) for one in page.select("aside.notes"))
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    parts = [part for part in re.split(r"(?m)^(?=## )", text)[1:] if part[3:4].isdigit()]
    core = "".join(part for part in parts if "(optional)" not in part.splitlines()[0])
    core = re.sub(r"(?s)<details>.*?</details>|<!--.*?-->", "", core)
    prose = BeautifulSoup(markdown2html_mistune(core), "html.parser").select("p, li, td")
    assert len(prose) > 25
    assert [plain(one) for one in prose if letters(one) not in notes] == []


def test_the_title_slide_has_the_instructors_guide_in_its_notes(shown):
    notes = plain(shown[1].select_one("section aside.notes"))
    assert all(word in notes for word in ("Plan", "Board", "Students ask", "In class"))


def test_no_exercise_for_home_is_on_the_slides(shown):
    page = shown[1]
    guide = guide_for(page.select_one("h1").get_text()[:2], GUIDE)
    at_home = re.findall(r"\d\d\.\d", guide.partition("**At home**")[2])
    asked = [plain(one).split()[1] for one in page.select("h2") if "Exercise" in one.get_text()]
    assert at_home and not set(asked) & set(at_home)


def small_notebook():
    """A notebook with one of everything."""
    picture = new_output(
        "display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "one pixel of green"}}
    )
    printed = new_output("stream", name="stdout", text="ten lines\nof output\nfour times\nthree")
    warning = new_output("stream", name="stderr", text="a warning\non two lines\nor three\nor four")
    table = "| a | b |\n|---|---|\n" + "| cell | cell |\n" * 30
    return new_notebook(
        cells=[
            new_markdown_cell("# 99 · Small\n\n**Why?**\n\nAfter this you can\n\n- do it\n- stop"),
            new_code_cell("set_up()", metadata={"jupyter": {"source_hidden": True}}),
            new_markdown_cell("## 99.1 Figures\n\nA [link](x.md) leads. It has two sentences."),
            new_code_cell("draw()", outputs=[warning, picture]),
            new_markdown_cell("What follows is printed. How many lines are there?"),
            new_code_cell("show()", outputs=[printed]),
            new_markdown_cell("## 99.2 Formulas\n\nThis is $x$:\n\n$$x = 1$$\n\nAnd more prose."),
            new_markdown_cell(f"## 99.3 Tables\n\nA table with thirty rows.\n\n{table}"),
            new_markdown_cell("## 99.4 Guesses\n\nNow guess what this gives."),
            new_code_cell('check("99.1", 3)', outputs=[printed]),
            new_markdown_cell("## 99.5 More (optional)\n\nThis can wait.\n\n$$y = 2$$"),
            new_markdown_cell(
                "## Recap\n\n1. One.\n2. Two.\n\n## Exercises\n\n**99.1** A warm-up."
            ),
            new_markdown_cell("**99.2** What is named?"),
            new_markdown_cell("## Solutions\n\n<details>\nIt is three.\n</details>"),
        ]
    )


def test_each_section_shows_what_is_worth_most_and_more_where_there_is_room():
    made = notebook_slides(small_notebook(), "**In class**: 99.2. **At home**: 99.1")
    found = [(one.heading, one.sentence, one.exhibit and one.exhibit.kind) for one in made]
    assert found == [
        ("99 · Small", "Why?", None),
        ("After this you can", "", "list"),
        ("99.1 Figures", "A link leads. It has two sentences.", "figure"),
        ("99.1 Figures", "What follows is printed. How many lines are there?", "output"),
        ("99.2 Formulas", "This is $x$:", "formula"),
        ("99.3 Tables", "A table with thirty rows.", "table"),
        ("99.4 Guesses", "Now guess what this gives.", None),
        ("Exercise 99.2", "", "prose"),
        ("Recap", "", "list"),
    ]
    assert made[2].exhibit.alt == "one pixel of green" and "warning" not in made[3].exhibit.text
    assert made[4].notes == "This is $x$:\n\n$$x = 1$$\n\nAnd more prose."


def test_what_is_folded_stays_in_the_notebook():
    notebook = small_notebook()
    notebook.cells[8].source += "\n\n<details>\n<summary>Answer</summary>\n\nIt is 3.\n\n</details>"
    page = slides.page("t", notebook_slides(notebook), Path())
    assert "99.4 Guesses" in page and "It is 3" not in page and "Answer" not in page


def test_a_long_table_ends_where_the_slide_ends_and_says_so():
    lines = ["| a | b |", "|---|---|", *(f"| cell {n} | cell |" for n in range(30))]
    kept, left, size = table_that_fits("\n".join(lines), 400)
    assert kept.splitlines() == lines[: 32 - left] and 20 <= left <= 24 and size == 24
    assert table_that_fits("\n".join(lines[:6]), 400) == ("\n".join(lines[:6]), 0, 32)
    page = slides.page("t", notebook_slides(small_notebook()), Path())
    assert re.search(r"… and 2\d more in the notebook", page)


def test_sentences_end_at_their_ends_only():
    text = "**Bold. Still bold.** See 3.5 (e.g. this. Or That). Is $a. B$ it? `a. B` is code."
    assert sentences(text) == [
        "**Bold. Still bold.**",
        "See 3.5 (e.g. this. Or That).",
        "Is $a. B$ it?",
        "`a. B` is code.",
    ]


def test_what_looks_like_html_in_an_output_is_text():
    notebook = small_notebook()
    notebook.cells[5].outputs[0].text = "<script>alert(1)</script>\nb\nc\nd\ne"
    page = slides.page("t", notebook_slides(notebook), Path())
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_make_slides_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(slides, "COURSE", tmp_path)
    monkeypatch.setattr(slides, "npm_files", lambda package: missing(package.name))
    assert slides.main() == 1
    assert capsys.readouterr().err == "npm is needed for reveal.js\n"


def missing(name):
    raise RuntimeError(f"npm is needed for {name}")
