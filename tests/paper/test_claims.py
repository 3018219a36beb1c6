"""The paper's claims are well formed, and those of arithmetic come out as the course says."""

import subprocess
import sys
from collections import Counter
from math import ceil, prod
from pathlib import Path

import nbformat
import pytest

from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.sizes import output_size
from alexnet_lib.paper.claims import (
    ARITHMETIC,
    CHALLENGE,
    CIFAR,
    CLAIMS,
    HISTORY,
    KINDS,
    markdown_table,
)

COURSE = Path(__file__).parents[2]
SECTIONS = "abstract 1 2 3.1 3.2 3.3 3.4 3.5 4.1 4.2 5 6 6.1 7".split()
TEXT = {claim.name: claim.claim for claim in CLAIMS}
ROWS = {row.name: row for row in layer_table("paper", 227, 1000)}
SIZES = [prod(ROWS[f"conv{i}"].shape) for i in range(1, 6)] + [4096, 4096, 1000]
WEIGHTS = {name: row.parameters for name, row in ROWS.items() if row.parameters}
NOTEBOOKS = [f"{number:02}" for number in range(1, 9)]


def test_names_are_unique_and_fields_are_filled():
    assert len({claim.name for claim in CLAIMS}) == len({claim.claim for claim in CLAIMS})
    assert len(TEXT) == len(CLAIMS) >= 25
    assert all(claim.name and claim.claim.endswith(".") for claim in CLAIMS)


def test_claims_are_in_the_order_of_the_paper_and_every_section_has_one():
    places = [SECTIONS.index(claim.section) for claim in CLAIMS]
    assert places == sorted(places) and set(places) == set(range(len(SECTIONS)))


def test_kinds_are_known_and_each_occurs():
    assert {claim.kind for claim in CLAIMS} == set(KINDS)


def test_history_has_no_notebook_and_all_else_has_one_of_the_course():
    for claim in CLAIMS:
        wanted = [None] if claim.kind == HISTORY else NOTEBOOKS
        assert claim.notebook in wanted, claim.name


def test_the_course_has_the_notebooks_that_claims_name():
    readme = (COURSE / "README.md").read_text(encoding="utf-8")
    for number in {claim.notebook for claim in CLAIMS} - {None}:
        assert f"| {number}_" in readme or f"| [{number}_" in readme


def test_notebook_01_counts_the_claims_as_they_are():
    cells = nbformat.read(COURSE / "notebooks" / "01_the_paper.ipynb", as_version=4).cells
    text = " ".join(" ".join(cell.source for cell in cells).split())
    count = Counter(claim.kind for claim in CLAIMS)
    assert f"what the paper claims: {len(CLAIMS)} claims" in text
    assert f"Of {len(CLAIMS)} claims arithmetic settles {count[ARITHMETIC]}," in text
    assert f"{count[CIFAR]} have a form for CIFAR-10, and {count[HISTORY]} are history" in text


def test_results_are_those_that_the_claims_state():
    top5 = {(row.year, row.entry): row.top5 for row in CHALLENGE}
    assert top5[2010, "AlexNet"] == 17.0 and "17.0 %" in TEXT["ILSVRC-2010"]
    assert top5[2012, "7 AlexNets"] == 15.3 and "15.3 %" in TEXT["ILSVRC-2012"]
    second = [row.top5 for row in CHALLENGE if row.year == 2012 and "AlexNet" not in row.entry]
    assert second == [26.2] and "26.2 %" in TEXT["ILSVRC-2012"]
    assert "from 18.2 % to 16.4 %" in TEXT["five nets"]
    assert {row.entry for row in CHALLENGE if row.top5 in (18.2, 16.4)} == {"AlexNet", "5 AlexNets"}


def test_errors_are_percent_and_top5_is_below_top1():
    for row in CHALLENGE:
        assert 0 < row.top5 < (row.top1 or 100) <= 100
        assert row.images in ("test", "validation")


# Each arithmetic claim: a number of it as the claim prints it, and what arithmetic gives.
FOUND = {
    "parameters": ("60 million", 60_965_224),
    "neurons": ("650,000", 659_272),
    "one percent": ("1 %", 1.45),
    "pools of equal size": ("the same size", [27, 13, 6]),
    "224 pixels": ("55×55 out of images of 224×224", 54),
    "sizes of the layers": ("253,440", 290_400),
    "maps that a filter sees": ("48, 192 and 192 maps", [48, 192, 192]),
    "2048 copies": ("2048", 33 * 33 * 2),
}


def _pools(size, ceil_mode):
    """The maps' sides after pools of 3×3, and after pools of 2×2, both at a stride of 2."""
    three, two = ([output_size(side, k, 2, ceil_mode=ceil_mode) for side in size] for k in (3, 2))
    return three, two


def _seen(name, kernel_size):
    """How many maps a filter sees, from the layer's parameters."""
    row = ROWS[name]
    return (row.parameters - row.shape[0]) // (row.shape[0] * kernel_size**2)


COMPUTED = {
    "parameters": lambda: sum(WEIGHTS.values()),
    "neurons": lambda: sum(SIZES),
    "one percent": lambda: round(100 * WEIGHTS["conv3"] / sum(WEIGHTS.values()), 2),
    "pools of equal size": lambda: _pools((55, 27, 13), False)[1],
    "224 pixels": lambda: output_size(224, 11, 4),
    "sizes of the layers": lambda: SIZES[0],
    "maps that a filter sees": lambda: [_seen("conv2", 5), _seen("conv4", 3), _seen("conv5", 3)],
    "2048 copies": lambda: (256 - 224 + 1) ** 2 * 2,
}


def test_every_arithmetic_claim_is_computed():
    arithmetic = {claim.name for claim in CLAIMS if claim.kind == ARITHMETIC}
    assert arithmetic == set(FOUND) == set(COMPUTED)


@pytest.mark.parametrize("name", FOUND)
def test_arithmetic_gives_what_the_course_says_of_a_claim(name):
    printed, found = FOUND[name]
    assert printed in TEXT[name]
    assert COMPUTED[name]() == found


def test_the_printed_sizes_hold_but_for_the_first():
    printed = "253,440, 186,624, 64,896, 64,896, 43,264, 4096, 4096 and 1000"
    assert printed in TEXT["sizes of the layers"]
    numbers = [int(word.replace(",", "")) for word in printed.replace(" and", ",").split(", ")]
    assert numbers[1:] == SIZES[1:]
    assert numbers[0] == 55 * 48 * 96 != SIZES[0] == 55 * 55 * 96
    assert (sum(numbers), sum(SIZES)) == (622_312, 659_272)


def test_two_convolutions_hold_more_than_one_percent():
    share = {name: 100 * number / sum(WEIGHTS.values()) for name, number in WEIGHTS.items()}
    above = {name: round(share[name], 2) for name in share if share[name] > 1 and "conv" in name}
    assert above == {"conv3": 1.45, "conv4": 1.09}


def test_55_takes_227_pixels_or_padding_or_rounding_up():
    assert output_size(227, 11, 4) == output_size(224, 11, 4, padding=2) == 55
    assert output_size(224, 11, 4, ceil_mode=True) == 55 == 1 + ceil((224 - 11) / 4)


def test_the_two_kinds_of_pools_agree_where_torch_rounds_down_only():
    assert _pools((55, 27, 13), False) == ([27, 13, 6], [27, 13, 6])
    assert _pools((55, 27, 13), True) == ([27, 13, 6], [28, 14, 7])


@pytest.mark.parametrize("rows", [CLAIMS, CHALLENGE, CLAIMS[3:5]])
def test_the_table_has_a_line_for_each_row_and_a_column_for_each_field(rows):
    head, rule, *lines = markdown_table(rows).splitlines()
    assert head == f"| {' | '.join(rows[0]._fields)} |"
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        words = [word.strip() for word in line.strip("|").split(" | ")]
        assert words == ["–" if value is None else str(value) for value in row]
    assert {line.count("|") for line in [head, rule, *lines]} == {len(rows[0]) + 1}


def test_the_table_takes_the_columns_that_are_named():
    text = markdown_table(CLAIMS[:1], "claim", "name")
    assert text.splitlines()[0] == "| claim | name |"
    assert text.splitlines()[2] == "| The net has 60 million parameters. | parameters |"


def test_a_bar_in_a_text_opens_no_column():
    text = markdown_table([CLAIMS[0]._replace(claim="a|b")], "name", "claim")
    assert text.splitlines()[2] == r"| parameters | a\|b |"


def test_no_rows_and_unknown_fields_are_refused():
    with pytest.raises(ValueError, match="rows is empty"):
        markdown_table([])
    with pytest.raises(ValueError, match="no field 'verdict'; there are name, section"):
        markdown_table(CLAIMS, "verdict")


def test_the_paper_as_data_needs_no_torch():
    code = "import sys; sys.argv = ['-m']; import alexnet_lib.paper.claims; "
    code += "print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
