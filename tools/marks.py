"""Texts in which a program writes a part: between the lines <!-- NAME --> and <!-- /NAME -->."""

import re


def between(text, name):
    """What is between the two marks of this name. ValueError unless each is there once."""
    return _find(text, name)[0]


def fill(text, name, content):
    """The text with `content` between the two marks. ValueError unless each is there once.

    content   lines, each ended by a line break; "" leaves nothing between the marks
    """
    start, end = _find(text, name).span()
    return text[:start] + content + text[end:]


def _find(text, name):
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = rf"(?<=^{re.escape(first)}\n).*?(?=^{re.escape(last)}$)"
    found = re.search(pattern, text, re.DOTALL | re.MULTILINE)
    if not found or text.count(first) != 1 or text.count(last) != 1:
        raise ValueError(f"expected a line {first} and, below it, a line {last}, each once")
    return found
