"""Link each term of docs/glossary.md from where it first appears in the notebooks' text.

`python tools/glossary.py` sets the links anew, in the order of the course; the heads of the
notebooks, headings, code, formulas and links are left alone. It also writes the glossary's index of
Korean terms. `--check` writes nothing and exits 1 where a link is missing or out of place.

An entry's heading is the term in lower case, so that GitHub, which lowers the letters of an
address, and JupyterLab, which keeps them, find the same place. Other words for it stand behind
`also:`, other forms that count as mentions in a comment at the end, which readers do not see. One
with a capital ("He") must be written so, and one that has an everyday sense too is listed as it is
written where it is defined, in bold: `**step**`.
"""

import argparse
import re
import sys
from pathlib import Path

import marks
import nbformat

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
    r"|^#.*$|^.*(?:\.ipynb|\*\(to come).*$",
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
    """The texts, in order, with a link at each term's first mention and no others.

    Returns them with the terms that occur nowhere.
    """
    texts = [LINK.sub(r"\1", text) for text in texts]
    found = mentions(texts, terms)
    first = [(*min(found[term]), term) for term in terms if found[term]]
    for number, start, end, term in sorted(first, reverse=True):
        text = texts[number]
        link = f"[{text[start:end]}]({PAGE}#{anchor(term)})"
        texts[number] = text[:start] + link + text[end:]
    return texts, [term for term in terms if not found[term]]


def changes(course=COURSE):
    """The notebooks whose links differ, {path: notebook}, and the terms that occur nowhere."""
    notebooks = {
        path: nbformat.read(path, as_version=4) for path in sorted(course.glob("notebooks/*.ipynb"))
    }
    cells = [
        (path, cell)
        for path, notebook in notebooks.items()
        for cell in notebook.cells[1:]
        if cell.cell_type == "markdown"
    ]
    texts, missing = linked([cell.source for _, cell in cells], entries(course))
    changed = {}
    for (path, cell), text in zip(cells, texts, strict=True):
        if cell.source != text:
            cell.source = text
            changed[path] = notebooks[path]
    return changed, missing


def page_with_index(course=COURSE):
    """The glossary's path, its text, and its text with the index as it should be."""
    path = course / "docs" / "glossary.md"
    text = path.read_text(encoding="utf-8")
    return path, text, marks.fill(text, "index", index(entries(course)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what differs")
    check = parser.parse_args().check
    changed, missing = changes()
    differ = list(changed)
    page, text, renewed = page_with_index()
    if text != renewed:
        differ.append(page)
    if not check:
        for path, notebook in changed.items():
            nbformat.write(notebook, path)
        page.write_text(renewed, encoding="utf-8")
    for path in differ:
        print(path.relative_to(COURSE), "differs" if check else "written")
    for term in missing:
        print(f"no notebook has the term {term!r}")
    sys.exit(1 if missing or check and differ else 0)


if __name__ == "__main__":
    main()
