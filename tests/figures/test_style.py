"""Figures are shown with an alt text, and can be read from afar in any language."""

import IPython.display
import matplotlib.pyplot as plt
import pytest
import torch
from helpers import epoch
from matplotlib.text import Text

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures.curves import plot_curves, plot_loss_by_step
from alexnet_lib.figures.images import image_grid
from alexnet_lib.figures.predictions import plot_confusion, prediction_grid
from alexnet_lib.figures.style import font_manager, show, use_style
from alexnet_lib.training.run import Run

CLASSES = ("red", "green", "blue")


pytestmark = pytest.mark.usefixtures("style")


def run(losses=(2.0, 1.5, 1.7), seed=0, epochs=5):
    rows = [
        epoch(
            number,
            train_loss=loss - 0.5,
            train_error=loss / 4,
            validation_loss=loss,
            validation_top1=1 - loss / 3,
        )
        for number, loss in enumerate(losses, 1)
    ]
    recipe = {"epochs": epochs, "seed": seed}
    return Run("four-layer", 1, "Colors", {}, recipe, "cpu", {}, None, rows)


def images(count=9):
    labels = torch.arange(count) % 3
    pixels = torch.zeros(count, 3, 8, 8, dtype=torch.uint8)
    pixels[torch.arange(count), labels] = 200
    return ImageSet(pixels, labels, CLASSES, "Colors, synthetic")


class Displayed:
    """Stands in for the notebook: what was displayed, and what took its place."""

    def __init__(self, monkeypatch):
        self.calls = []
        monkeypatch.setattr(IPython.display, "display", self._note("display"))
        handle = type("Handle", (), {})
        handle.display = lambda _, fig, **options: self._note("display")(fig, **options)
        handle.update = lambda _, fig, **options: self._note("update")(fig, **options)
        monkeypatch.setattr(IPython.display, "DisplayHandle", handle)

    def _note(self, how):
        return lambda fig, metadata: self.calls.append((how, metadata["image/png"]["alt"]))


def test_show_gives_the_alt_text_and_closes_the_figure(monkeypatch):
    shown = Displayed(monkeypatch)
    figure = plt.figure()
    show(figure, "A straight line.")
    assert shown.calls == [("display", "A straight line.")]
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", ["", " \n", None])
def test_show_wants_an_alt_text(alt):
    with pytest.raises(ValueError, match="say in a sentence"):
        show(plt.figure(), alt)


def figures():
    data = images(3)
    yield plot_curves(run())
    yield plot_curves({"a": run(), "b": run()}, "Two runs")
    yield plot_loss_by_step([1.0, 2.0], 1.1)
    yield prediction_grid(data.images, data.labels, torch.eye(3), CLASSES)
    yield plot_confusion(torch.eye(3), CLASSES)
    yield image_grid(data, per_class=1)


def test_letters_are_large_enough_to_project():
    for fig in figures():
        fig.canvas.draw()
        sizes = [text.get_fontsize() for text in fig.findobj(Text) if text.get_text().strip()]
        assert min(sizes) >= 12


@pytest.mark.parametrize(
    ("installed", "korean"),
    [
        (["DejaVu Sans"], []),
        (["Noto Sans CJK KR", "DejaVu Sans"], ["Noto Sans CJK KR"]),
        (["Noto Sans CJK JP", "NanumGothic"], ["NanumGothic"]),
    ],
)
def test_letters_that_the_usual_font_lacks_come_from_the_first_korean_one(
    installed, korean, monkeypatch
):
    monkeypatch.setattr(font_manager, "get_font_names", lambda: installed)
    use_style()
    assert plt.rcParams["font.family"] == ["DejaVu Sans", *korean]
