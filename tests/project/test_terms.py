"""What is written for readers uses the field's standard terms."""

import re
from pathlib import Path

import nbformat
import pytest
from course_notebooks import course_notebooks

COURSE = Path(__file__).parents[2]
# Patterns that are not used: {pattern: the standard term}. Whoever learns a private vocabulary here
# cannot read what everyone else writes about networks.
INSTEAD = {
    r"\bfirst weights\b|\bfirst biases\b": "initial weights, initial biases; initialization",
    r"\bnets? errs?\b|\berrs (on|less|more)\b": "has a test error of, has a lower error",
    r"\b(images|steps|bytes|batches) an? (second|step|image|batch)\b": "images per second",
    r"\bnats an? image\b": "nats per image",
    r"\b(an?|one) (row|value|number|dot|line)s? an? \w+\b": "one row per output",
    r"\b(derivative|gradient)s? by (w|x|the|a|each) ": "gradient with respect to w",
    r"\bdrops? of the (learning )?rate\b|\bthe rate (falls|drops)\b": "learning-rate decay",
    r"\bputs? out\b": "the layer's output",
    r"\bin place of\b": "instead of",
    r"\bat the (left|right)\b": "on the left, on the right",
    r"\banew\b|\bafresh\b": "again",
    r"\bgo(es)? on with\b|\bgone on with\b": "resumes, continues",
    r"\bits luck\b": "its lucky score; selection bias",
    r"\ba change counts\b": "the interval excludes zero",
    r"\bmean of (two|three|five|seven) nets\b": "an ensemble of seven networks",
    r"\b(the|a|its|in) spreads?\b(?!-)|\bspread (between|of|after|in)\b": "standard deviation",
}
PAGES = [COURSE / "README.md", *sorted((COURSE / "docs").rglob("*.md"))]
NOTEBOOKS = course_notebooks(COURSE)
LIBRARY = sorted((COURSE / "alexnet_lib").rglob("*.py"))
WAITS = "put your answer in place of"  # what `check` says in every stored notebook


def written(text):
    """The text without code, links' addresses and what `make figures` writes from the library."""
    text = re.sub(r"<!-- (\w[\w ]*) -->\n.*?<!-- /\1 -->", "", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    text = re.sub(r'"[^"]*" means|\*[^*]*\* means', "", text)  # what explains a printed label
    return " ".join(re.sub(r"\]\([^)]*\)", "]", text).split())


def shown(cell):
    """A code cell's source, and its outputs: what was printed, texts and alt texts."""
    texts = [cell.source]
    for output in cell.outputs:
        data = output.get("data", {})
        texts += [output.get("text", ""), str(output.get("metadata", ""))]
        texts += [text for kind, text in data.items() if kind.startswith("text/")]
    return [" ".join(text.replace(WAITS, "").split()) for text in texts]


def found(text):
    return [
        f"{text[max(0, one.start() - 30) : one.end() + 20]!r}: {term}"
        for pattern, term in INSTEAD.items()
        for one in re.finditer(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_use_standard_terms(page):
    assert found(written(page.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_text_of_notebooks_uses_standard_terms(path):
    cells = nbformat.read(path, as_version=4).cells
    texts = [written(cell.source) for cell in cells if cell.cell_type == "markdown"]
    assert [one for text in texts for one in found(text)] == []


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_the_code_and_the_outputs_of_notebooks_use_standard_terms(path):
    cells = nbformat.read(path, as_version=4).cells
    texts = [text for cell in cells if cell.cell_type == "code" for text in shown(cell)]
    assert [one for text in texts for one in found(text)] == []


@pytest.mark.parametrize("path", LIBRARY)
def test_the_library_uses_standard_terms(path):
    assert found(" ".join(path.read_text("utf-8").replace(WAITS, "").split())) == []


@pytest.mark.parametrize(
    "text",
    [
        "He's first weights", "the net errs on 12 %", "66 images a second", "a row an output",
        "the gradient by w is", "drops of the rate", "the layer puts out", "in place of LRN",
        "At the left", "start afresh", "an image a batch, a dot a seed",
        "the spread of the outputs",
    ],
)  # fmt: skip
def test_a_private_term_is_found(text):
    assert found(text)
