"""What the site shows of a notebook, a docstring and a link to a file that is no page."""

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytest.importorskip("myst_nb", reason="requirements-site.txt is not installed")

import build_site  # noqa: E402
import docstrings  # noqa: E402
import elsewhere  # noqa: E402
import sources  # noqa: E402

COURSE = Path(__file__).parents[2]


def prepared(*cells):
    """The cells that the site shows below a title and the sentence on stored outputs."""
    notebook = new_notebook(cells=[new_markdown_cell("# 00 · Title"), *cells])
    sources.prepare(notebook)
    assert notebook.cells[1].source == sources.STORED
    return notebook.cells[2:]


def test_a_badge_becomes_a_link_without_a_picture():
    address = "https://colab.research.google.com/github/o/n/blob/main/notebooks/00.ipynb"
    badge = f"[![Open in Colab](https://colab.research.google.com/badge.svg)]({address})"
    (cell,) = prepared(new_markdown_cell(f"{badge}\n\nText"))
    assert cell.source == f"[Open in Colab]({address})\n\nText"


def test_a_hidden_cell_is_folded_and_others_are_not():
    hidden = new_code_cell("a", metadata={"jupyter": {"source_hidden": True}, "tags": ["x"]})
    cells = prepared(hidden, new_code_cell("b"))
    assert [cell.metadata.get("tags") for cell in cells] == [["x", "hide-input"], None]


def test_only_the_text_of_progress_bars_is_left_out():
    bar, text, figure = (
        new_output("display_data", data=data)
        for data in (
            {"text/plain": "run:   0%|          | 0/10"},
            {"text/plain": "50 % | half"},
            {"text/plain": "9%|", "image/png": ""},
        )
    )
    (cell,) = prepared(new_code_cell("fit()", outputs=[bar, text, figure]))
    assert cell.outputs == [text, figure]


def test_a_figure_with_sliders_says_that_they_need_a_kernel():
    cells = prepared(new_code_cell('explore("windows")'), new_code_cell("explore(draw, n=3)"))
    assert [cell.cell_type for cell in cells] == ["code", "markdown"] * 2
    assert "../explorer.md" in cells[1].source and cells[3].source == sources.SLIDERS


def test_a_docstring_becomes_text_tables_and_lists():
    rst = docstrings.as_rst(
        "Trains `model`; see `Recipe`s and a_name * 2.\n"
        "\n"
        "a, b    the data `x\n"
        "        y`, twice\n"
        "longer_than_the_column\n"
        "        what it is\n"
        "\n"
        "Returns a list of\n"
        "- first\n"
        "  things\n"
        "- second"
    )
    assert rst == (
        "Trains ``model``; see :py:obj:`.Recipe`\\ s and a\\_name \\* 2.\n"
        "\n"
        "``a``, ``b``\n    the data ``x y``, twice\n"
        "``longer_than_the_column``\n    what it is\n"
        "\n"
        "Returns a list of\n\n- first things\n\n- second"
    )


def test_a_link_to_a_file_that_is_no_page_leads_to_the_repository():
    home = "https://github.com/o/n"
    assert elsewhere.address(home, "docs/results", "../results/") == f"{home}/tree/main/results"
    assert elsewhere.address(home, "docs/teaching/room", "../../LICENSE") == (
        f"{home}/blob/main/LICENSE"
    )
    assert elsewhere.address("", "docs/results", "../results/") == ""
    assert elsewhere.address(home, "docs/results", "../no-such-file") is None
    assert elsewhere.address(home, "index", "../../etc/passwd") is None


def test_the_reference_names_what_modules_define_and_no_checker():
    pages = sources.reference(COURSE / "alexnet_lib")
    assert ".. automodule:: alexnet_lib.nets.sizes\n   :members: output_size" in pages["nets"]
    assert "alexnet_lib.course.exercises\n" in pages["course"]
    assert "exercises.nb" not in pages["course"] and "cli" not in pages
    assert "_automodule" not in "".join(pages.values())


def test_a_build_that_fails_leaves_the_old_site_as_it_was(tmp_path, monkeypatch):
    out = tmp_path / "dist" / "site"
    out.mkdir(parents=True)
    (out / "index.html").write_text("old", encoding="utf-8")
    monkeypatch.setattr(build_site, "write_sources", lambda out, course: out.mkdir())
    monkeypatch.setattr(build_site, "build_main", lambda arguments: 2)
    assert build_site.build(out) == 2
    assert (out / "index.html").read_text(encoding="utf-8") == "old"
    assert [path.name for path in out.parent.iterdir()] == ["site"]

    def succeed(arguments):
        Path(arguments[-1]).mkdir()
        (Path(arguments[-1]) / "index.html").write_text("new", encoding="utf-8")
        return 0

    monkeypatch.setattr(build_site, "build_main", succeed)
    monkeypatch.setattr(sys, "argv", ["build_site.py", "--out", str(out)])
    assert build_site.main() == 0
    assert (out / "index.html").read_text(encoding="utf-8") == "new"
