"""What programs write into pages goes between two marks; the rest of the page stays."""

import marks
import pytest

PAGE = "Head\n<!-- sizes -->\nold\nlines\n<!-- /sizes -->\nTail\n"


def test_what_is_between_the_marks_is_replaced_and_the_rest_stays():
    filled = marks.fill(PAGE, "sizes", "new\n")
    assert filled == "Head\n<!-- sizes -->\nnew\n<!-- /sizes -->\nTail\n"
    assert marks.between(filled, "sizes") == "new\n"


def test_nothing_can_stand_between_the_marks():
    empty = marks.fill(PAGE, "sizes", "")
    assert empty == "Head\n<!-- sizes -->\n<!-- /sizes -->\nTail\n"
    assert (
        marks.between(empty, "sizes") == "" and marks.fill(empty, "sizes", "old\nlines\n") == PAGE
    )


def test_a_backslash_is_written_as_it_is():
    assert marks.between(marks.fill(PAGE, "sizes", r"\1 \g<0>" + "\n"), "sizes") == "\\1 \\g<0>\n"


@pytest.mark.parametrize(
    "text",
    ["", "<!-- sizes -->\n", "<!-- /sizes -->\n<!-- sizes -->\n", PAGE + PAGE,
     PAGE.replace("sizes", "other"), "`<!-- sizes -->`\n<!-- /sizes -->\n"],
)  # fmt: skip
def test_marks_that_are_missing_doubled_or_reversed_are_refused(text):
    with pytest.raises(ValueError, match="<!-- sizes -->.*<!-- /sizes -->"):
        marks.fill(text, "sizes", "new\n")
