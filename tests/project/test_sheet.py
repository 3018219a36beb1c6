"""The handout of one page: its numbers and words, and that all of it can be read."""

import re
from itertools import combinations

import pytest
import sheet
from matplotlib.backends.backend_agg import FigureCanvasAgg

from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.training.recipe import RECIPES


@pytest.fixture(scope="module")
def figure():
    return sheet.draw()


@pytest.fixture(scope="module")
def words(figure):
    return [text.get_text() for text in figure.texts]


def test_the_numbers_of_the_layer_table_are_on_the_page(words):
    rows = [row for row in layer_table("paper") if row.kind in ("conv", "lrn", "pool", "fc")]
    assert len(rows) == 13
    for row in rows:
        start = words.index(row.name)
        printed = words[start : start + len(sheet.COLUMNS)]
        assert " × ".join(map(str, row.shape)) == printed[4]
        assert (f"{row.parameters:,}" if row.parameters else "") == printed[5]
        assert (f"{row.macs:,}" if row.macs else "") == printed[6]
        assert str(row.receptive_field) == printed[7]
    assert "60,965,224" in words


def test_kernels_strides_and_paddings_are_those_of_the_network(words):
    for row in (["conv1", "11 × 11", "4", "0"], ["pool2", "3 × 3", "2", "0"],
                ["conv2", "5 × 5", "1", "2"], ["fc6", "", "", ""]):  # fmt: skip
        start = words.index(row[0])
        assert words[start : start + 4] == row


@pytest.mark.parametrize("size, worked", [(227, "54"), (224, "53.25")])
def test_the_worked_example_is_that_of_the_layer_table(size, worked, words):
    output = layer_table("paper", size, padding=0)[0].shape[1]
    (example,) = [text for text in words if f"{{{size} + 2" in text]
    assert rf"\lfloor {worked} \rfloor + 1 = {output}$" in example


def test_the_recipe_is_that_of_the_paper(words):
    paper = RECIPES["paper"]
    for name, number in (
        ("learning rate", paper.learning_rate), ("momentum", paper.momentum),
        ("weight decay", paper.weight_decay), ("dropout", 0.5),
        ("images per batch", paper.batch_size), ("epochs", paper.epochs),
    ):  # fmt: skip
        assert words[words.index(name) + 1] == str(number)
    (lrn,) = [text for text in words if r"\alpha = " in text]
    assert re.findall(r"= ([\d.]+)", lrn) == ["5", "2", "0.0001", "0.75"]


def test_each_term_is_explained_by_the_first_sentence_of_the_glossary(words):
    page = (sheet.glossary.COURSE / "docs" / "glossary.md").read_text("utf-8")
    text = " ".join(words)
    explained = sheet.explanations()
    assert 14 <= len(explained) <= 18
    for term, sentence in explained.items():
        assert term in words and sentence in text and sentence in page
        assert sentence.endswith(".") and not re.search(r"[`*\[<]", sentence)


def test_nothing_overlaps_or_leaves_the_page(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = {
        text: text.get_window_extent(renderer) for text in figure.texts if text.get_text().strip()
    }
    width, height = figure.bbox.size
    edge = 0.5 * figure.dpi  # half an inch, which no printer cuts off
    for text, box in boxes.items():
        assert edge < box.x0 and box.x1 < width - edge, text
        assert edge < box.y0 and box.y1 < height - edge, text
    for (one, box), (other, second) in combinations(boxes.items(), 2):
        across = min(box.x1, second.x1) - max(box.x0, second.x0)
        down = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert across <= 0 or down <= 0.01 * figure.dpi, (one, other)


def test_the_text_is_large_enough_to_read(figure):
    assert min(text.get_fontsize() for text in figure.texts) >= 10


def test_the_file_is_one_page_of_a4(tmp_path):
    sheet.write(tmp_path / "sheet.pdf")
    data = (tmp_path / "sheet.pdf").read_bytes()
    assert data.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b(?!s)", data)) == 1
    box = re.search(rb"/MediaBox \[ ?([\d. ]+?) ?\]", data)[1]
    sides = [float(side) / 72 * 25.4 for side in box.split()]
    assert sides == pytest.approx([0, 0, 210, 297], abs=0.1)
