"""Names from files and folders, made harmless for the place that shows them.

The name of a class, of data or of a net may hold anything: markup that a notebook would run,
formulas that matplotlib would set, codes that a terminal would obey. Whatever shows such a name
calls the function for its place. All of them keep letters of every language as they are.
"""

import html
import re
import reprlib
import unicodedata

LONGEST = 80  # letters of a name in a figure, a table or a sentence
# What begins markup or a link.
MARKUP = re.compile(r"[\\`*_\[\]<>&#|~$]|(?<=\w)@(?=\w)|:(?=/)|(?<=www)\.")
# Control codes; codes that reverse the order of letters or join them; halves of characters.
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
JOINERS = "\u200c\u200d"  # which Persian, Hindi and emoji are written with


def plain_text(text, longest=LONGEST):
    """`text` in one line without codes: what a terminal, a log or an error message may show.

    Each code becomes its number, as Python writes it (`\\x1b`), and what is longer than `longest`
    letters loses its middle; `longest=None` keeps all.
    """
    text = str(text)
    if longest is not None:  # of megabytes not every letter needs a look
        text = shortened(text, 4 * longest)
    return shortened("".join(_seen(letter) for letter in text), longest)


def plain_lines(text):
    """`text` of several lines, such as an error message: each as `plain_text`, complete."""
    return "\n".join(plain_text(line, None) for line in str(text).split("\n"))


def figure_text(text, longest=LONGEST):
    """`text` as matplotlib draws it letter by letter: a dollar sign begins no formula.

    A first underscore, which would keep a name out of the legend, gets a space before it.
    """
    text = plain_text(text, longest).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def html_text(text, longest=LONGEST):
    """`text` for HTML, between tags: no markup and no formulas."""
    return _without_formulas(plain_text(text, longest), html.escape)


def markdown_text(text, longest=LONGEST):
    """`text` for Markdown, in a table too: no markup, no HTML, no links and no formulas."""
    return _without_formulas(plain_text(text, longest), _without_markup)


def shown(value):
    """Any value as an error message shows it: its `repr`, shortened, however large or deep."""
    return plain_text(_Short().repr(value))


def first_line(error):
    """The first line of an error's message, as `plain_text`; its type where it has no message."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return plain_text(lines[0].strip(), 200)


class _Short(reprlib.Repr):
    """Shows numbers and text, and of other objects their type: a tensor's `repr` reads it all."""

    def __init__(self):
        super().__init__()
        self.maxstring = self.maxlong = LONGEST

    def repr_int(self, value, level):
        return super().repr_int(value, level) if abs(value) < 10**LONGEST else "a huge number"

    def repr_instance(self, value, level):
        plain = value is None or isinstance(value, bool | float)
        return repr(value) if plain else f"<{type(value).__name__}>"


def shortened(text, longest=LONGEST):
    """`text` with an ellipsis for its middle where it has more than `longest` letters."""
    if longest is None or len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[: longest - 1 - half]}…{text[-half:]}"


def _seen(letter):
    if letter in JOINERS or unicodedata.category(letter) not in UNSEEN:
        return letter
    return letter.encode("unicode_escape").decode()


def _without_markup(text):
    return MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", text)


def _without_formulas(text, escape):
    """The escaped text, marked for MathJax, which looks for formulas in the page itself."""
    if not re.search(r"[$\\]", text):
        return escape(text)
    return f'<span class="tex2jax_ignore mathjax_ignore">{escape(text)}</span>'
