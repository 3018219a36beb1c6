"""The glossary is bilingual and in order, and each term is linked from where it first appears."""

import re

import glossary
import pytest

ENTRIES = glossary.entries()
TERMS = {"stride": ("보폭", [], "…"), "output size": ("출력 크기", ["size of the output"], "…")}


def link(words, term):
    return f"[{words}](../docs/glossary.md#{term})"


def test_every_heading_is_an_entry_that_could_be_read():
    text = (glossary.COURSE / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (.+)", text, re.MULTILINE) == list(ENTRIES)


def test_entries_are_in_order():
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)


@pytest.mark.parametrize("term", ENTRIES)
def test_entry_has_the_korean_term_and_an_explanation(term):
    korean, _, words = ENTRIES[term]
    assert re.search("[가-힣]", korean)
    assert len(words.split()) >= 6


def test_every_term_is_linked_from_where_it_first_appears():
    changed, missing = glossary.changes()
    assert [path.name for path in changed] == [], "run: python tools/glossary.py"
    assert missing == []


def test_the_first_mention_becomes_a_link_and_later_ones_do_not():
    texts, missing = glossary.linked(["A Stride.", "Two strides, an output size of 3."], TERMS)
    assert texts[0] == f"A {link('Stride', 'stride')}."
    assert texts[1] == f"Two strides, an {link('output size', 'output-size')} of 3."
    assert missing == []


def test_a_plural_another_word_and_bold_letters_count_as_mentions():
    texts, _ = glossary.linked(["**Strides** and the size of the output"], TERMS)
    assert texts == [
        f"**{link('Strides', 'stride')}** and the {link('size of the output', 'output-size')}"
    ]


def test_text_below_a_heading_is_looked_through():
    text = "## A stride\n\nThe stride."
    assert glossary.linked([text], TERMS)[0] == [text[:-7] + link("stride", "stride") + "."]


def test_setting_the_links_twice_changes_nothing_and_stale_links_go():
    once, _ = glossary.linked(["stride", "an output size"], TERMS)
    assert glossary.linked(once, TERMS)[0] == once
    moved, _ = glossary.linked(["stride first", once[0]], TERMS)
    assert moved == [f"{link('stride', 'stride')} first", "stride"]


@pytest.mark.parametrize(
    "text",
    ["## stride", "`stride=2`", "$stride$", "[stride](a.md)", "```\nstride\n```", "backstride",
     "stride-free", "| [00](00_a.ipynb) | stride |"],
)  # fmt: skip
def test_headings_code_formulas_links_and_parts_of_words_are_left_alone(text):
    texts, missing = glossary.linked([text], TERMS)
    assert texts == [text] and "stride" in missing
