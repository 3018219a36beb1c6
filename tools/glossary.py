"""Link each term of docs/glossary.md from where it first appears in the notebooks' text.

`python tools/glossary.py` sets the links anew, in the order of the course; the heads of the
notebooks, headings, code, formulas and links are left alone. `--check` writes nothing and exits 1
where a link is missing or out of place.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat

COURSE = Path(__file__).parent.parent
PAGE = "../docs/glossary.md"
ENTRY = re.compile(r"^### (.+)\n\n\*\*(.+?)\*\* · (?:\(also: (.+?)\) )?(.+)", re.MULTILINE)
LINK = re.compile(rf"\[([^]]+)\]\({re.escape(PAGE)}#[^)]*\)")
# Where no term is looked for: code, formulas, links, headings, rows of the course map.
KEPT = re.compile(
    r"```[\s\S]*?```|`[^`\n]+`|\$\$[\s\S]*?\$\$|\$[^$\n]+\$|!?\[[^]]*\]\([^)]*\)"
    r"|^#.*$|^.*(?:\.ipynb|\*\(to come).*$",
    re.MULTILINE,
)


def entries(course=COURSE):
    """The glossary: {term: (Korean, [other words for it], explanation)}."""
    text = (course / "docs" / "glossary.md").read_text(encoding="utf-8")
    return {
        term: (korean, others.split(", ") if others else [], words)
        for term, korean, others, words in ENTRY.findall(text)
    }


def anchor(term):
    """The part of a heading's address behind the #: GitHub's and JupyterLab's are the same."""
    return term.replace(" ", "-")


def pattern(term, others):
    """What counts as a mention: the term or another word for it, in the plural too."""
    words = "|".join(re.escape(word) for word in sorted([term, *others], key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words})(?:s|es)?(?![\w-])", re.IGNORECASE)


def linked(texts, terms):
    """The texts, in order, with a link at each term's first mention and no others.

    Returns them with the terms that occur nowhere. Longer terms come first, so that "output
    size" is not taken for "output".
    """
    texts, missing = [LINK.sub(r"\1", text) for text in texts], []
    for term in sorted(terms, key=len, reverse=True):
        mention = pattern(term, terms[term][1])
        for place, text in enumerate(texts):
            blank = KEPT.sub(lambda kept: "\0" * len(kept[0]), text)
            found = mention.search(blank)
            if found:
                start, end = found.span()
                link = f"[{text[start:end]}]({PAGE}#{anchor(term)})"
                texts[place] = text[:start] + link + text[end:]
                break
        else:
            missing.append(term)
    return texts, missing


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what differs")
    check = parser.parse_args().check
    changed, missing = changes()
    for path, notebook in changed.items():
        if not check:
            nbformat.write(notebook, path)
        print(path.relative_to(COURSE), "differs" if check else "written")
    for term in missing:
        print(f"no notebook has the term {term!r}")
    sys.exit(1 if missing or check and changed else 0)


if __name__ == "__main__":
    main()
