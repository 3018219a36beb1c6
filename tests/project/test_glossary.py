"""The glossary is bilingual and in order, and each term is linked from where it first appears."""

import re

import glossary
import marks
import pages
import pytest

ENTRIES = glossary.entries()
TERMS = {
    "stride": ("보폭", [], "…"),
    "output size": ("출력 크기", ["size of the output"], "…"),
    "training step": ("학습 단계", ["**step**", "SGD"], "…"),
}


def link(words, term):
    return f"[{words}](../docs/glossary.md#{term})"


def test_every_heading_is_an_entry_that_could_be_read():
    text = (glossary.COURSE / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (.+)", text, re.MULTILINE) == list(ENTRIES)


def test_entries_are_in_order():
    assert list(ENTRIES) == sorted(ENTRIES)


@pytest.mark.parametrize("term", ENTRIES)
def test_github_and_jupyterlab_give_a_heading_the_same_address(term):
    assert re.fullmatch(r"[a-z0-9]+([ -][a-z0-9]+)*", term)  # GitHub drops other signs


def test_no_word_belongs_to_two_terms():
    words = [word for term, (_, others, _) in ENTRIES.items() for word in (term, *others)]
    assert sorted(set(words)) == sorted(words)


def test_no_explanation_is_long():
    assert max(len(words.split()) for _, _, words in ENTRIES.values()) <= 40


def test_the_index_has_all_korean_terms_in_order():
    text = (glossary.COURSE / "docs" / "glossary.md").read_text(encoding="utf-8")
    between = marks.between(text, "index")
    assert len(re.findall(r"\]\(#", between)) == len(ENTRIES)
    assert glossary.index({"stride": ("보폭", [], ""), "batch size": ("배치 크기", [], "")}) == (
        "[배치 크기](#batch-size) ·\n[보폭](#stride)\n"
    )


@pytest.mark.parametrize("term", ENTRIES)
def test_entry_has_the_korean_term_and_an_explanation(term):
    korean, _, words = ENTRIES[term]
    assert re.search("[가-힣]", korean)
    assert len(words.split()) >= 6


def test_every_term_is_linked_from_where_it_first_appears():
    assert list(pages.changes(glossary)) == [], "run: make pages"
    assert glossary.unused_terms() == []


def test_the_first_mention_becomes_a_link_and_later_ones_do_not():
    texts = glossary.linked(["A Stride.", "Two strides, an output size of 3."], TERMS)
    assert texts[0] == f"A {link('Stride', 'stride')}."
    assert texts[1] == f"Two strides, an {link('output size', 'output-size')} of 3."


def test_a_plural_another_word_and_bold_letters_count_as_mentions():
    texts = glossary.linked(["**Strides** and the size of the output"], TERMS)
    assert texts == [
        f"**{link('Strides', 'stride')}** and the {link('size of the output', 'output-size')}"
    ]


def test_a_word_in_bold_counts_only_where_it_is_bold():
    texts = glossary.linked(["One step back. A small **step** of each weight."], TERMS)
    assert texts == [f"One step back. A small {link('**step**', 'training-step')} of each weight."]


def test_a_word_with_a_capital_must_be_written_so():
    texts = glossary.linked(["sgd, then SGD"], TERMS)
    assert texts == [f"sgd, then {link('SGD', 'training-step')}"]


def test_a_term_may_run_over_the_end_of_a_line():
    texts = glossary.linked(["the output\nsize"], TERMS)
    assert texts == ["the " + link("output\nsize", "output-size")]


@pytest.mark.parametrize("sign", ["$", "`"])
def test_a_formula_or_code_may_run_over_the_end_of_a_line(sign):
    text = f"{sign}z =\n2{sign}, a stride, {sign}s = 2{sign}"
    assert glossary.linked([text], TERMS) == [text.replace("stride", link("stride", "stride"))]


def test_a_part_of_a_longer_term_is_no_mention_of_a_shorter():
    terms = TERMS | {"size": ("크기", [], "…")}
    texts = glossary.linked(["Output size, output size, size."], terms)
    assert texts == [f"{link('Output size', 'output-size')}, output size, {link('size', 'size')}."]


def test_text_below_a_heading_is_looked_through():
    text = "## A stride\n\nThe stride."
    assert glossary.linked([text], TERMS) == [text[:-7] + link("stride", "stride") + "."]


def test_setting_the_links_twice_changes_nothing_and_stale_links_go():
    once = glossary.linked(["stride", "an output size"], TERMS)
    assert glossary.linked(once, TERMS) == once
    moved = glossary.linked(["stride first", once[0]], TERMS)
    assert moved == [f"{link('stride', 'stride')} first", "stride"]


@pytest.mark.parametrize(
    "text",
    ["## stride", "`stride=2`", "$stride$", "[stride](a.md)", "```\nstride\n```", "backstride",
     "stride-free", "| [00](00_a.ipynb) | stride |", "https://a.org/stride"],
)  # fmt: skip
def test_headings_code_formulas_links_and_parts_of_words_are_left_alone(text):
    assert glossary.linked([text], TERMS) == [text]
    assert glossary.mentions([text], TERMS)["stride"] == []


def test_forms_in_a_comment_count_as_mentions_and_are_not_read(tmp_path):
    (tmp_path / "docs").mkdir()
    text = "### bias\n\n**편향** · (also: offset) A number. <!-- forms: biases, **shift** -->\n"
    (tmp_path / "docs" / "glossary.md").write_text(text, encoding="utf-8")
    assert glossary.entries(tmp_path) == {
        "bias": ("편향", ["offset", "biases", "**shift**"], "A number.")
    }
