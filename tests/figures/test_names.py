"""Names that hold formulas, markup or codes are drawn and shown letter by letter."""

import warnings
from dataclasses import replace

import pytest
import torch
from helpers import recorded_run

import results
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures.curves import plot_curves
from alexnet_lib.figures.images import class_columns, image_grid, image_rows
from alexnet_lib.figures.predictions import confusion_and_worst, plot_confusion, prediction_grid
from alexnet_lib.figures.style import show
from alexnet_lib.paper import verdicts

EVIL = ["$x^{$", "<img src=x onerror=alert(1)>|`", "\x1b[31m\u202e\n", "_a", "고양이", "x" * 400]


def drawn(figure):
    """The texts of a figure, which is drawn without an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        figure.canvas.draw()
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_figures_of_classes_take_any_name(style):
    images = torch.zeros(6, 3, 8, 8, dtype=torch.uint8)
    data = ImageSet(images, torch.arange(6), tuple(EVIL), "data")
    table = torch.eye(6)
    for figure in (
        image_grid(data),
        class_columns(data)[0],
        image_rows({name: images for name in EVIL}, EVIL),
        prediction_grid(images, data.labels, {"$y^{$": table}, EVIL),
        plot_confusion(table, EVIL),
        confusion_and_worst(table.flip(0), EVIL)[0],
        plot_curves({name: recorded_run() for name in EVIL}, EVIL[0]),
    ):
        texts = drawn(figure)
        assert any(r"\$x^{\$" in text for text in texts)
        assert not any("\x1b" in text or "\u202e" in text or len(text) > 200 for text in texts)


@pytest.mark.parametrize("name", EVIL)
def test_markdown_of_verdicts_and_of_the_readme_has_no_markup_of_names(name, monkeypatch, tmp_path):
    found = verdicts.Verdict("relu", verdicts.HOLDS, "6 times", name, 100, "4", name)
    monkeypatch.setattr(verdicts, "verdict_on", lambda *_: found)
    claim = verdicts.CLAIMS[0].name
    monkeypatch.setattr(verdicts, "CLAIMS", [verdicts.CLAIMS[0]])
    monkeypatch.setattr(verdicts, "verdict_on", lambda *_: found._replace(claim=claim))
    run = replace(recorded_run(), data=name, model=name, device=name, test={"top1": 0.5})
    run.recipe["size"] = None
    run.write(tmp_path / "results" / "a.json")
    for text in (verdicts.verdict_text("relu"), verdicts.verdict_table(), results.table(tmp_path)):
        assert "<img" not in text and "\x1b" not in text and "$x" not in text and "`" not in text
        assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) <= 1


def test_alt_texts_have_no_codes(capsys, style):
    import matplotlib.pyplot as plt

    show(plt.figure(), f"A figure of {EVIL[2]}.")
    assert capsys.readouterr().out == "A figure of \\x1b[31m\\u202e\\n.\n"
