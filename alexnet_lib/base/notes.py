"""Notes: sentences on what was decided for the user, shown as warnings."""

import sys
import warnings

from alexnet_lib.base.text import plain_text


class Note(UserWarning):
    """What a user should know about a result, in one sentence."""


def note(text):
    """Warns with a sentence, which is shown once and in one line, whatever names are in it."""
    warnings.warn(plain_text(text, None), Note, stacklevel=2)


def show_notes_plainly():
    """From here on notes are written to stderr, each once, as commands write their messages."""
    show, seen = warnings.showwarning, set()

    def show_plainly(message, category, *place, **file):
        if not issubclass(category, Note):
            show(message, category, *place, **file)
        elif str(message) not in seen:
            seen.add(str(message))
            print(f"alexnet_lib: {message}", file=sys.stderr)

    warnings.showwarning = show_plainly
