"""Names that hold markup, formulas or codes are shown letter by letter, wherever it is."""

import html
import re
import warnings

import pytest
import torch

from alexnet_lib.base.text import (
    figure_text,
    first_line,
    html_text,
    markdown_text,
    plain_text,
    shown,
)

NAMES = [
    "<img src=x onerror=alert(1)>", "</td></table><script>alert(1)</script>", "&lt;b&gt;",
    "$x^{$", "$$", "\\(x\\) \\[y\\]", r"\$", "$\\href{javascript:alert(1)}{x}$", "_hidden", "^a_b",
    "a|b", "**bold** `code` ~~no~~", "[link](javascript:alert(1))", "![](http://x)", "http://x.y",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "a\nb\r\nc\td", "\u202eevil\u2066", "\u2028",
    "\x9b31m", "\udcff", "고양이", "שלום", "नमस्ते", "👩‍👩‍👧", "é", "x" * 10**6,
    "\x00", "", " ", "a\ufeffb",
]  # fmt: skip
SPAN = re.compile(r'^<span class="tex2jax_ignore mathjax_ignore">(.*)</span>$')
CODES = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_no_place_gets_codes_or_names_without_end(name):
    for show in (plain_text, figure_text, html_text, markdown_text):
        assert not CODES.search(show(name))
        assert len(show(name)) < 1000


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_html_and_markdown_have_no_tags_but_the_one_against_formulas(name):
    for show in (html_text, markdown_text):
        inside = SPAN.sub(r"\1", show(name))
        assert not re.search(r"[<>]|&(?!#?\w+;)", inside)
        assert html.unescape(inside) == plain_text(name)
        if re.search(r"[$\\]", inside) or "&#36;" in inside or "&#92;" in inside:
            assert inside != show(name)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_markdown_has_no_markup_left(name):
    assert not re.search(
        r"[\\`*_\[\]|~$]|://|www\.",
        markdown_text(name).replace("tex2jax_", "").replace("mathjax_", ""),
    )


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_figures_draw_any_name_and_show_it_in_the_legend(name, style):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(2, 2))
    ax.set_title(figure_text(name))
    ax.plot([0, 1], label=figure_text(name) or "nothing")
    assert len(ax.get_legend_handles_labels()[1]) == 1
    ax.legend()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph|.*font", UserWarning)
        fig.canvas.draw()


def test_letters_of_every_language_and_usual_names_stay_as_they_are():
    for name in (
        "고양이",
        "שלום",
        "नमस्ते",
        "👩‍👩‍👧",
        "CIFAR-10: cat, dog (2 of 10)",
        "it's 5 % + 1/2",
    ):
        assert plain_text(name) == figure_text(name) == markdown_text(name) == name


def test_a_long_name_loses_its_middle():
    assert plain_text("a" * 50 + "b" * 50) == "a" * 40 + "…" + "b" * 39
    assert plain_text("a" * 200, None) == "a" * 200


def test_any_value_is_shown_in_a_line_however_large_or_deep():
    deep, cyclic = [], []
    cyclic.append(cyclic)
    wide = [0]
    for _ in range(10_000):
        deep, wide = [deep], [wide, wide]
    huge = torch.zeros(1).expand(2**40)
    for value in (deep, cyclic, wide, 10**10_000, "x" * 10**7, b"x" * 10**6, huge, [huge], None):
        assert 0 < len(shown(value)) < 2000 and "\n" not in shown(value)
    assert shown("cat") == "'cat'" and shown(float("nan")) == "nan" and shown(3) == "3"
    assert shown(huge) == "<Tensor>"


def test_of_an_error_the_first_line_is_shown_or_its_type():
    assert (
        first_line(RuntimeError("\n  no \x1b[31mcompiler\nand a long story"))
        == "no \\x1b[31mcompiler"
    )
    assert first_line(RuntimeError()) == first_line(RuntimeError(" \n")) == "RuntimeError"
