"""Notes are warnings, and commands show them as their own messages."""

import warnings

import pytest

from alexnet_lib.base.notes import Note, note, show_notes_plainly


def test_a_note_is_a_warning():
    with pytest.warns(Note, match="^val/ serves as the test images$"):
        note("val/ serves as the test images")


def test_codes_in_a_note_are_shown_as_numbers():
    with pytest.warns(Note, match=r"^a.x1b\[2Jb.nc$"):
        note("a\x1b[2Jb\nc")


def test_commands_show_a_note_once_in_one_line(capsys, monkeypatch):
    others = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda message, *place: others.append(message))
        show_notes_plainly()
        for _ in range(2):
            note("one file is left out")
        warnings.warn("something else", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "alexnet_lib: one file is left out\n"
    assert list(map(str, others)) == ["something else"]
