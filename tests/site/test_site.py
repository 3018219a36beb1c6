"""The web edition is complete, needs no other server, and shows no solution before it is opened."""

import copy
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from course_notebooks import course_notebooks

COURSE = Path(__file__).parents[2]
NOTEBOOKS = course_notebooks(COURSE)
DOCS = sorted((COURSE / "docs").rglob("*.md"))
FOLDERS = ("base", "course", "data", "figures", "nets", "paper", "training")
# What a browser fetches by itself, by the tag that says so.
FETCHED = {"script": "src", "link": "href", "img": "src", "source": "src", "iframe": "src"}


@pytest.fixture(scope="module")
def pages(site):
    """All pages, parsed: {path in the site: page}."""
    from bs4 import BeautifulSoup

    paths = sorted(site.rglob("*.html"))
    texts = {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in paths}
    return {name: BeautifulSoup(text, "html.parser") for name, text in texts.items()}


def page_of(path):
    return path.relative_to(COURSE).with_suffix(".html").as_posix()


def title(path):
    """The first heading of a notebook or a page of the course."""
    if path.suffix == ".ipynb":
        text = nbformat.read(path, as_version=4).cells[0].source
    else:
        text = path.read_text(encoding="utf-8")
    return re.match(r"# (.+)", text)[1]


@pytest.mark.parametrize("path", [*NOTEBOOKS, *DOCS], ids=lambda path: path.stem)
def test_each_notebook_and_each_page_of_the_docs_is_there_and_in_the_navigation(pages, path):
    name = page_of(path)
    assert pages[name].h1.get_text().removesuffix("#") == title(path)
    links = [link["href"] for link in pages["index.html"].select(".sidebar-tree a")]
    assert name in links


def test_the_reference_describes_what_the_library_exports(pages):
    import alexnet_lib

    ids = {tag["id"] for name in FOLDERS for tag in pages[f"reference/{name}.html"].select("[id]")}
    short = {link.get_text() for link in pages["reference/index.html"].select("td:first-child a")}
    documented = set(alexnet_lib.__all__) - {"RECIPES"}  # a dictionary
    assert short == documented
    for name in documented:
        value = getattr(alexnet_lib, name)
        assert f"{value.__module__}.{value.__name__}" in ids
    fit = pages["reference/training.html"].find(id="alexnet_lib.training.fit.fit").parent
    assert [tag.get_text() for tag in fit.select("dd dt code")][:3] == [
        "train", "validation", "recipe",
    ]  # fmt: skip
    assert not [one for one in ids if "exercises.nb" in one], "checkers hold the answers"


def test_nothing_is_fetched_from_another_server(site, pages):
    fetched = [
        (name, tag[attribute])
        for name, page in pages.items()
        for kind, attribute in FETCHED.items()
        for tag in page.select(f"{kind}[{attribute}]")
    ]
    assert len(fetched) > 400
    foreign = [one for one in fetched if urlsplit(one[1]).scheme not in ("", "data")]
    foreign += [one for one in fetched if one[1].startswith("//")]
    for path in site.rglob("*.css"):
        css = path.read_text(encoding="utf-8")
        found = re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", css)
        foreign += [(path.name, url) for url in found]
    assert foreign == []


def test_each_link_leads_to_a_file_of_the_site_and_a_place_in_it(site, pages):
    ids = {
        name: {tag.get("id") for tag in page.select("[id]")} | {"", "top"}
        for name, page in pages.items()
    }
    broken, checked = [], 0
    for name, page in pages.items():
        for tag in page.select("[href], [src]"):
            address = urlsplit(tag.get("href") or tag.get("src") or "")
            if address.scheme or address.netloc:
                continue
            path = (site / name).parent / unquote(address.path) if address.path else site / name
            target = path.resolve()
            inside = target.is_file() and target.is_relative_to(site.resolve())
            there = target.relative_to(site.resolve()).as_posix() if inside else None
            # Other files, such as images, have no places.
            place = unquote(address.fragment) in ids.get(there, {""})
            broken += [] if inside and place else [(name, address.geturl())]
            checked += 1
    assert checked > 4000
    assert broken == []


def test_no_link_leads_to_a_notebooks_file(pages):
    links = [tag["href"] for page in pages.values() for tag in page.select("a[href]")]
    assert len(links) > 2000
    assert [link for link in links if ".ipynb" in link and "colab" not in link] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_figures_of_a_notebook_keep_their_alt_texts(pages, path):
    outputs = [
        output
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    stored = [output.metadata["image/png"]["alt"] for output in outputs]
    images = pages[page_of(path)].select(".cell_output img")
    assert [image["alt"] for image in images] == stored
    assert pages[page_of(path)].select(".jp-sr-only") == []  # nor are they read out twice


def test_each_image_has_an_alt_text(pages):
    images = [(name, image) for name, page in pages.items() for image in page.select("img")]
    assert len(images) > 80
    assert [(name, image) for name, image in images if not image.get("alt", "").strip()] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_and_the_set_up_cell_are_hidden_until_they_are_opened(pages, path):
    cells = nbformat.read(path, as_version=4).cells
    solved = "\n".join(cell.source for cell in cells if "## Solutions" in cell.source)
    solutions = re.findall(r"<summary>(Solution .+?)</summary>", solved)
    article = copy.copy(pages[page_of(path)].article)
    folded = article.select("details")
    assert not [one for one in folded if one.has_attr("open")]
    heads = [one.summary.get_text().strip() for one in folded]
    assert [head for head in heads if head.startswith("Solution ")] == solutions
    inside = "\n".join(one.extract().get_text() for one in folded)
    visible = article.get_text()
    assert "def fetch_course" in inside and "def fetch_course" not in visible
    checks = re.findall(r"^check\(.+$", solved, re.MULTILINE)
    assert len(checks) == len(solutions) >= 2
    exercises = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    for line in checks:
        assert line in inside
        assert visible.count(line) == exercises.count(line), line


def test_no_progress_bar_stands_still_on_a_page(pages):
    texts = [tag.get_text() for page in pages.values() for tag in page.select(".cell_output pre")]
    assert len(texts) > 200
    assert [text for text in texts if re.search(r"\d%\|", text)] == []


def test_a_page_with_formulas_loads_mathjax_from_the_site_with_its_fonts(site, pages):
    page = pages["notebooks/04_local_response_normalization.html"]
    assert len(page.select(".math")) > 20
    script = page.select_one("script[src*=mathjax]")["src"]
    folder = (site / "notebooks" / script).resolve().parent
    assert {path.suffix for path in (folder / "output/chtml/fonts/woff-v2").iterdir()} == {".woff"}
    for name in pages:
        plain = pages[name].select("article p, article td")
        assert not [tag for tag in plain if re.search(r"\$\\\w+", tag.get_text())], name


def test_the_search_knows_every_page(site, pages):
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    for name in set(pages) - {"search.html"}:
        assert f'"{name.removesuffix(".html")}"' in index
    assert '"overlap"' in index or "overlap:" in index


def test_the_site_fits_on_a_class_server(site):
    files = [path for path in site.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 30e6
    assert not [path for path in files if path.suffix in (".ipynb", ".pickle", ".doctree")]
    assert {path.name for path in site.parent.iterdir()} == {"site"}, "the build left something"


def test_the_explorer_has_the_ranges_of_the_notebooks_explorer(pages):
    from alexnet_lib.figures.explorers import EXPLORERS

    page, controls = pages["explorer.html"], EXPLORERS["windows"][2]
    inputs = {tag["name"]: tag for tag in page.select("[data-explorer=output-size] input")}
    assert set(inputs) == set(controls)
    for name, control in controls.items():
        if name == "ceil_mode":
            continue
        low, high, start = control
        assert int(inputs[name]["min"]) == low and int(inputs[name]["value"]) == start
        # A page can show AlexNet's own image; the notebook draws each of its pixels.
        assert int(inputs[name]["max"]) == (256 if name == "size" else high)
