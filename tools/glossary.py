"""Link each term of docs/glossary.md from where it first appears in the notebooks' text.

`make pages` sets the links, in the order of the course, and writes the glossary's index of Korean
terms. The heads of the notebooks, headings, code, formulas and links are left alone.

An entry's heading is the term in lower case, so that GitHub, which lowers the letters of an
address, and JupyterLab, which keeps them, find the same place. Other words for it stand behind
`also:`, other forms that count as mentions in a comment at the end, which readers do not see. One
with a capital ("He") must be written so, and one that has an everyday sense too is listed as it is
written where it is defined, in bold: `**step**`.
"""

import re
from pathlib import Path

import marks
import nbformat
from course_notebooks import course_notebooks

COURSE = Path(__file__).parent.parent
PAGE = "../docs/glossary.md"
ENTRY = re.compile(
    r"^### (.+)\n\n\*\*(.+?)\*\* · (?:\(also: (.+?)\) )?(.+?)(?: <!-- forms: (.+) -->)?$",
    re.MULTILINE,
)
LINK = re.compile(rf"\[([^]]+)\]\({re.escape(PAGE)}#[^)]*\)")
# Where no term is looked for: code, formulas, links, addresses, headings, rows of the course map.
KEPT = re.compile(
    r"```[\s\S]*?```|`(?:[^`\n]|\n(?!\n))+`|\$\$[\s\S]*?\$\$|\$(?:[^$\n]|\n(?!\n))+\$|!?\[[^]]*\]\([^)]*\)|https?://\S+"
    r"|^#.*$|^.*\.ipynb.*$",
    re.MULTILINE,
)


def entries(course=COURSE):
    """The glossary: {term: (Korean, [other words for it], explanation)}."""
    text = (course / "docs" / "glossary.md").read_text(encoding="utf-8")
    return {
        term: (korean, [word for part in (also, forms) if part for word in part.split(", ")], words)
        for term, korean, also, words, forms in ENTRY.findall(text)
    }


def anchor(term):
    """The part of a heading's address behind the #."""
    return term.replace(" ", "-")


def index(terms):
    """The Korean words in the order of 가나다, each linked to its entry."""
    words = sorted((korean, anchor(term)) for term, (korean, *_) in terms.items())
    return " ·\n".join(f"[{korean}](#{place})" for korean, place in words) + "\n"


def pattern(word):
    """What counts as a mention of a word: its plural too, and a line's end between its parts."""
    parts = r"\s+".join(re.escape(part) for part in word.split())
    case = re.IGNORECASE if word == word.lower() else 0
    return re.compile(rf"(?<![\w-]){parts}(?:s|es)?(?![\w-])", case)


def blank(text):
    """As many characters, which no pattern finds, and the line breaks."""
    return re.sub(r"[^\n]", "\0", text[0])


def mentions(texts, terms):
    """{term: [(number of the text, start, end), …]}, in no order.

    Longer words come first and are taken then: "output size" is no mention of "output".
    """
    texts, found = [KEPT.sub(blank, text) for text in texts], {term: [] for term in terms}
    words = [(word, term) for term in terms for word in (term, *terms[term][1])]
    for word, term in sorted(words, key=lambda pair: -len(pair[0])):
        mention = pattern(word)
        for number, text in enumerate(texts):
            found[term] += [(number, *match.span()) for match in mention.finditer(text)]
        texts = [mention.sub(blank, text) for text in texts]
    return found


def linked(texts, terms):
    """The texts, in order, with a link at each term's first mention and no others."""
    texts = [LINK.sub(r"\1", text) for text in texts]
    found = mentions(texts, terms)
    first = [(*min(found[term]), term) for term in terms if found[term]]
    for number, start, end, term in sorted(first, reverse=True):
        text = texts[number]
        link = f"[{text[start:end]}]({PAGE}#{anchor(term)})"
        texts[number] = text[:start] + link + text[end:]
    return texts


def prose(course=COURSE):
    """The notebooks in their order, and the cells of their text but for the heads."""
    paths = course_notebooks(course)
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    cells = [cell for notebook in notebooks.values() for cell in notebook.cells[1:]]
    return notebooks, [cell for cell in cells if cell.cell_type == "markdown"]


def texts(course=COURSE):
    """The notebooks with their links to the glossary, and it with its index: {path: text}."""
    terms = entries(course)
    notebooks, cells = prose(course)
    for cell, text in zip(cells, linked([cell.source for cell in cells], terms), strict=True):
        cell.source = text
    wanted = {path: nbformat.writes(notebook) + "\n" for path, notebook in notebooks.items()}
    page = course / "docs" / "glossary.md"
    return wanted | {page: marks.fill(page.read_text(encoding="utf-8"), "index", index(terms))}


def unused_terms(course=COURSE):
    """The terms of the glossary that no notebook mentions."""
    found = mentions([LINK.sub(r"\1", cell.source) for cell in prose(course)[1]], entries(course))
    return [term for term, places in found.items() if not places]
