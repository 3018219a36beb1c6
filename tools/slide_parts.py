"""What a notebook consists of, for slides: sections, and in each its prose and its exhibits.

An exhibit is what a slide can show: a figure, a formula, a table, a list, printed output or code.
"""

import re
from dataclasses import dataclass, field

from slide_sizes import fits_in_type, table_that_fits, visible

LIST_LETTERS = 480
WORTH = {"figure": 6, "formula": 5, "table": 5, "list": 4}


@dataclass
class Block:
    """A piece of a section, in reading order.

    kind    "prose", or an exhibit: "figure", "formula", "table", "list", "output", "code", or
            "phrases", a list of phrases from the prose
    text    Markdown; the text itself of output and code; of a figure its data or its file
    alt     of a figure
    worth   how much a slide gains by showing it; 0 means that it is not shown
    """

    kind: str
    text: str
    alt: str = ""
    worth: float = 0


@dataclass
class Section:
    """A heading of a notebook and what follows it, up to the next heading."""

    heading: str
    blocks: list[Block] = field(default_factory=list)


def sections(cells):
    """The notebook's sections; the first is its title. Exercises' code and hidden cells are out."""
    found = []
    for cell in cells:
        if cell.cell_type == "markdown":
            # "# " is a heading at the beginning only: elsewhere it may be a comment in code.
            for part in re.split(r"(?m)^(?=## )|(?<=\A)(?=# )", outside_details(cell.source)):
                if heading := re.match(r"##? (.+)\n?", part):
                    found.append(Section(heading[1].strip()))
                    part = part[heading.end() :]
                if found:
                    found[-1].blocks += markdown_blocks(part)
        elif found and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            if "check(" not in cell.source:
                found[-1].blocks += code_blocks(cell)
    return found


def outside_details(text):
    """Markdown without what is folded, comments, and links, whose text stays."""
    text = re.sub(r"(?s)<details>.*?</details>|<!--.*?-->", "", text)
    return re.sub(r"(?<!!)\[([^\[\]]+)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)", r"\1", text)


def markdown_blocks(text):
    """The blocks of a piece of Markdown: its paragraphs by kind, at least those that we use."""
    text = re.sub(r"(?s)(```.*?```|\$\$.*?\$\$)", r"\n\n\1\n\n", text)
    found, fence = [], None
    for part in re.split(r"\n\s*\n", text):
        part = part.strip("\n")
        if fence is not None:  # blank lines inside of fenced code end nothing
            fence.text += "\n\n" + part
        elif part.strip() and part != "---":
            found.append(markdown_block(part))
            fence = found[-1] if part.startswith("```") else None
        if fence is not None and fence.text.rstrip().endswith("```") and fence.text != "```":
            fence = None
    return found


def markdown_block(part):
    if image := re.fullmatch(r"(?s)!\[(.*?)\]\((\S+)\)", part):
        return Block("figure", image[2], " ".join(image[1].split()), WORTH["figure"])
    kind = "prose"
    if part.startswith("$$"):
        kind = "formula"
    elif re.match(r"\|.*\n\|[-:| ]+\|", part):
        kind = "table"
    elif len(re.findall(r"(?m)^(?:[-*]|\d+\.) ", part)) > 1 and re.match(r"[-*] |\d+\. ", part):
        kind = "list"
    worth = WORTH.get(kind, 0)
    if kind == "list" and len(visible(part)) > LIST_LETTERS:
        worth = 0
    if kind == "table" and table_that_fits(part)[1] > len(part.splitlines()) / 2:
        worth = 1  # most of it would be left out
    return Block(kind, part, worth=worth)


def code_blocks(cell):
    """A cell's code, and what it displays."""
    teaches = re.search(r"(?m)^(def|class) ", cell.source) and fits_in_type(cell.source)
    found = [Block("code", cell.source, worth=2.5 if teaches else 0)]
    printed = ""
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            alt = output.metadata.get("image/png", {}).get("alt", "")
            url = "data:image/png;base64," + "".join(data["image/png"].split())
            again = sum(block.kind == "figure" for block in found)
            found.append(Block("figure", url, alt, WORTH["figure"] - 1.5 * again))
        elif "text/markdown" in data:
            found += markdown_blocks(outside_details(data["text/markdown"]))
        elif output.get("name") != "stderr":
            printed += output.get("text", data.get("text/plain", ""))
    if printed.strip():
        count = printed.strip().count("\n") + 1
        worth = 1.6 + min(count, 7) / 5
        found.append(Block("output", printed.rstrip(), worth=worth * fits_in_type(printed)))
    return found


def bold_list(blocks):
    """A list of the phrases in bold with which paragraphs begin; None if fewer than three do."""
    starts = [re.match(r"\*\*(\d+\. )?([A-Z][^*]{8,}?)\*\*", b.text) for b in blocks]
    items = [f"{start[1] or '- '}{start[2]}" for start in starts if start]
    text = "\n".join(items)
    fits = len(items) > 2 and len(text) <= LIST_LETTERS
    return Block("phrases", text, worth=WORTH["list"] + 0.5) if fits else None


def sentences(text):
    """The sentences of a paragraph of Markdown; none ends inside of a pair of marks."""
    found = [""]
    for word in text.split():
        if re.search(r"[.?!][*)\"]*$", found[-1]) and re.match(r"[\"*`$(]*[A-Z0-9]|[`$]", word):
            open_marks = [found[-1].count(mark) % 2 for mark in ("**", "$", "`")]
            if not any(open_marks) and found[-1].count("(") == found[-1].count(")"):
                found.append("")
        found[-1] = f"{found[-1]} {word}".strip()
    return found
