"""Which slides a notebook gets: which exhibits of which sections, and which sentence above each."""

import re
from dataclasses import dataclass
from itertools import pairwise

from slide_parts import Block, bold_list, outside_details, sections, sentences

SLIDES, PER_SECTION = 13, 2  # how many a notebook gets if it has the exhibits
FAR = 5  # paragraphs; so far from its opening a section speaks of something else
TWO_LINES, PAIR, THREE_LINES = 155, 200, 235  # letters of a sentence, of two of them together
SCRAP = 20  # letters; no slide begins with so short a sentence
LEFT_OUT = ("Recap", "Exercises", "Solutions")  # not sections of the core


@dataclass
class Slide:
    """One slide.

    heading    Markdown, as `sentence` and `notes`
    exhibit    a `Block`, or None
    kind       a class of the page's style: "title", or the exhibit's kind
    """

    heading: str
    sentence: str
    exhibit: Block | None
    notes: str
    kind: str = ""


def notebook_slides(notebook, guide=""):
    """The slides of a notebook.

    guide   Markdown, notes for the title slide: what the guide for instructors says
    """
    head, *rest = sections(notebook.cells)
    core = [one for one in rest if "(optional)" not in one.heading and one.heading not in LEFT_OUT]
    for section in core:
        if phrases := bold_list(section.blocks):
            section.blocks.insert(1, phrases)
    chosen = choose_exhibits(core, SLIDES - 4)
    slides = title_slides(head, guide)
    for section, exhibits in zip(core, chosen, strict=True):
        slides += section_slides(section, exhibits)
    ends = {one.heading: one for one in rest if one.heading in LEFT_OUT}
    slides += exercise_slides(ends.get("Exercises"), guide)
    if recap := ends.get("Recap"):
        slides.append(Slide("Recap", "", first_of(recap, "list"), prose(recap.blocks), "list"))
    return slides


def title_slides(head, guide):
    """The title with its question and figure, and what one can do after this notebook."""
    question = next((b.text.strip("*") for b in head.blocks if b.text.startswith("**")), "")
    title = Slide(head.heading, question, first_of(head, "figure"), guide, "title")
    goals = first_of(head, "list")
    lead = next((b.text for b in head.blocks if b.text.startswith("After this")), "")
    return [title, Slide(lead or "Goals", "", goals, prose(head.blocks), "list")]


def first_of(section, kind):
    return next((block for block in section.blocks if block.kind == kind), None)


def choose_exhibits(core, count):
    """For each section the indices of the blocks to show: the best, and more up to `count`."""
    ranked = []  # (rank in its section, -worth, section, block)
    for place, section in enumerate(core):
        by_worth = sorted(range(len(section.blocks)), key=lambda i: -section.blocks[i].worth)
        best = [i for i in by_worth if section.blocks[i].worth > 0][:PER_SECTION]
        ranked += [(rank, -section.blocks[i].worth, place, i) for rank, i in enumerate(best)]
    firsts = sum(rank == 0 for rank, *_ in ranked)
    taken = sorted(ranked)[: max(count, firsts)]
    return [sorted(i for *_, place, i in taken if place == here) for here in range(len(core))]


def section_slides(section, exhibits):
    """A slide per exhibit of a section. Together their notes hold all of its prose."""
    blocks, slides, used = section.blocks, [], {""}
    cuts = [max(before(blocks, i), last + 1) for last, i in pairwise(exhibits)]
    starts = [0, *cuts, len(blocks)]
    for number, index in enumerate(exhibits or [None]):
        exhibit = None if index is None else blocks[index]
        tall = exhibit and exhibit.kind in ("output", "code") and exhibit.text.count("\n") > 8
        candidates = [one for one in leads(blocks, index, number) if one not in used]
        fitting = [one for one in candidates if len(one) <= (TWO_LINES if tall else THREE_LINES)]
        sentence = fitting[0] if fitting else ""
        used.add(sentence)
        notes = prose(blocks[starts[number] : starts[number + 1]])
        kind = exhibit.kind if exhibit else "prose"
        slides.append(Slide(section.heading, sentence, exhibit, notes, kind))
    return slides


def leads(blocks, index, number):
    """What could be said above an exhibit, the best first: sentences before or after it.

    index    of the exhibit in the section's blocks, or None
    number   how many exhibits of this section have been shown
    """
    start = before(blocks, index or 0)
    opening = [block.text for block in blocks if block.kind == "prose"]
    above = [block.text for block in blocks[start : index or 0] if block.kind == "prose"]
    below = [block.text for block in blocks[(index or 0) + 1 :] if block.kind == "prose"]
    closing = last_sentences(above[-1]) if above else ""
    far = sum(block.kind == "prose" for block in blocks[:start]) >= FAR
    kind = "" if index is None else blocks[index].kind
    introduced = number and closing.endswith(":") and kind != "figure"
    asks = closing.endswith("?") and not (kind == "figure" and "print" in closing)
    if asks or introduced or (far and not number):
        yield closing
    if opening and not number:
        yield first_sentences(opening[0], above == opening[:1])
    yield from (first_sentences(text, False) for text in below)
    yield closing


def before(blocks, index):
    """Where the prose begins that leads to an exhibit; its cell's code may be between them."""
    start = index
    while start and blocks[start - 1].kind != "prose":
        start -= 1
    while start and blocks[start - 1].kind == "prose":
        start -= 1
    return start


def first_sentences(text, introduces):
    """The first sentence of a paragraph, and the second if both are short.

    introduces   whether the exhibit follows the paragraph: else none may end with a colon
    """
    found = usable(text, introduces)[:2]
    both = " ".join(found)
    return both if len(both) <= PAIR else found[0]


def last_sentences(text):
    """The last sentence of a paragraph, and the one before it if both are short."""
    found = usable(text, True)[-2:]
    if len(found) > 1 and len(found[0]) < SCRAP:
        del found[0]
    both = " ".join(found)
    return both if len(both) <= PAIR else found[-1]


def usable(text, introduces):
    """A paragraph's sentences, but those in parentheses and those on cells, which are not shown."""
    found = [one for one in sentences(text) if introduces or not one.endswith(":")]
    return [one for one in found if not re.match(r"\(|.*\b(the|this|next) cell", one)]


def prose(blocks):
    """The Markdown of blocks, without code, what it printed, and figures."""
    kinds = ("prose", "list", "formula", "table")
    return "\n\n".join(block.text for block in blocks if block.kind in kinds)


def exercise_slides(section, guide):
    """A slide with the first of the exercises at the end that the guide names for the class."""
    texts = {}
    for block in section.blocks if section else ():
        if found := re.match(r"\*\*(\d\d\.\d)\*\*", block.text):
            texts[found[1]] = [block]
        elif texts:
            texts[list(texts)[-1]].append(block)
    in_class = re.search(r"(?s)\*\*In class\*\*:(.*?)(\*\*|$)", guide)
    named = re.findall(r"\d\d\.\d", in_class[1]) if in_class else []
    for number in named:
        if number in texts:
            text = re.sub(r"^\*\*.*?\*\*\s*", "", prose(texts[number]))
            return [Slide(f"Exercise {number}", "", Block("prose", text), text, "exercise")]
    return []


def guide_for(number, text):
    """What docs/teaching/notebooks.md says on a notebook: its section "NN · …"."""
    found = re.search(rf"(?ms)^## {number} · .*?\n(.*?)(?=^## |\Z)", text)
    return outside_details(found[1]).strip() if found else ""
