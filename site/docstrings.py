"""Extension: the library's docstrings, which are plain text, as reStructuredText.

A paragraph of a docstring is text, a list of "- " items, or a table: in each row a name, two or
more spaces and what it is, with further lines indented.
"""

import re

CLASS = re.compile(r"[A-Z][a-z]\w*")


def as_rst(docstring):
    """A docstring in the course's form as reStructuredText: text in, text out."""
    paragraphs = re.split(r"\n\s*\n", docstring.strip("\n"))
    return "\n\n".join(_paragraph(one.split("\n")) for one in paragraphs)


def _paragraph(lines):
    if _is_table(lines):
        rows = [line.partition("  ") for line in _joined(lines)]
        return "\n".join(f"{_names(name)}\n    {_inline(what.strip())}" for name, _, what in rows)
    head, *items = re.split(r"\n(?=- )", "\n".join(lines))
    return "\n\n".join(_inline(" ".join(one.split())) for one in (head, *items))


def _is_table(lines):
    """Whether the first line has two columns, or the second belongs to a name in the first."""
    named = re.match(r"\S+(,? \S+)* {2,}\S", lines[0])
    indented = len(lines) > 1 and lines[1].startswith(" ") and not lines[0].startswith("- ")
    return bool(named) or indented


def _joined(lines):
    """The rows of a table, each as one line: indented lines belong to the one before."""
    rows = []
    for line in lines:
        if line.startswith(" ") and rows:
            rows[-1] += f"  {line.strip()}"
        else:
            rows.append(line)
    return rows


def _names(text):
    return ", ".join(f"``{name}``" for name in text.replace("`", "").split(", "))


def _inline(text):
    """Text in which `code` is code, the name of a class a link, and nothing else is marked up."""
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    for place, part in enumerate(parts):
        if place % 2 == 0:
            parts[place] = re.sub(r"([\\*|_])", r"\\\1", part)
        else:
            parts[place] = f":py:obj:`.{part}`" if CLASS.fullmatch(part) else f"``{part}``"
            if parts[place + 1][:1].isalnum():  # as in "`Run`s"
                parts[place] += "\\ "
    return "".join(parts)


def process(app, what, name, obj, options, lines):
    """Sphinx's event autodoc-process-docstring: changes `lines` in place."""
    if lines:
        lines[:] = [*as_rst("\n".join(lines)).split("\n"), ""]


def setup(app):
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
