"""Figures are shown with an alt text, and can be read from afar in any language."""

import re
import warnings
from base64 import b64decode
from io import BytesIO
from types import SimpleNamespace

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from helpers import epoch
from matplotlib.text import Text
from nbclient import NotebookClient
from PIL import Image

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


INLINE = "module://matplotlib_inline.backend_inline"
OLDER_INLINE = "module://ipykernel.pylab.backend_inline"  # Colab and older Jupyters set it


@pytest.mark.parametrize("backend", ["agg", INLINE, OLDER_INLINE])
def test_a_notebook_shows_a_figure_once_with_its_alt_text_under_any_backend(backend, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", backend)
    lines = (
        "import matplotlib.pyplot as plt",
        "from alexnet_lib.figures.style import show",
        "figure = plt.figure(figsize=(4, 2))",
        "show(figure, alt='A straight <line>.')",
        "print(plt.get_fignums())",
    )
    cell = nbformat.v4.new_code_cell("\n".join(lines))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    shown, spoken, closed = cell.outputs
    assert closed.text == "[]\n"
    assert shown.metadata["image/png"] == {"alt": "A straight <line>."}
    assert (
        re.sub(r"<p .*?>", "", spoken.data["text/html"]) == "Figure: A straight &lt;line&gt;.</p>"
    )
    assert shown.data["text/plain"] == "<Figure size 400x200 with 0 Axes>"
    assert b64decode(shown.data["image/png"]).startswith(b"\x89PNG")


def test_lines_are_stored_with_a_palette_and_photographs_in_all_their_colors(monkeypatch):
    shown, lines, photograph = [], plot_curves(run()), plt.figure()
    photograph.add_subplot().imshow(torch.rand(64, 64, 3))
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=True))
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    for figure in (lines, photograph):
        whole = BytesIO()
        figure.savefig(whole, bbox_inches="tight", dpi="figure")
        show(figure, "Colors.")
        stored = Image.open(BytesIO(b64decode(shown[-2]["image/png"])))
        assert stored.mode == ("P" if figure is lines else "RGB")
        before, after = (np.array(each.convert("RGB"), int) for each in (Image.open(whole), stored))
        assert before.shape == after.shape and np.abs(before - after).mean() < 1


def test_a_script_without_windows_prints_the_alt_text_and_closes_the_figure(capsys):
    figure = plt.figure()
    show(figure, "A straight line.")
    assert capsys.readouterr().out == "A straight line.\n"
    assert not plt.fignum_exists(figure.number)


def test_a_script_with_windows_opens_one(monkeypatch, capsys):
    figure, opened = plt.figure(), []
    monkeypatch.setattr(type(figure.canvas), "required_interactive_framework", "qt")
    monkeypatch.setattr(plt, "show", lambda: opened.extend(plt.get_fignums()))
    show(figure, "A straight line.")
    assert opened == [figure.number] and capsys.readouterr().out == ""
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", ["", " \n", None])
def test_show_wants_an_alt_text(alt):
    with pytest.raises(ValueError, match="say in a sentence"):
        show(plt.figure(), alt)


def figures():
    data = images(3)
    yield plot_curves(run())
    yield plot_curves({"a": run(), "b": run()}, "Two runs")
    yield plot_loss_by_step([1.0, 2.0], 1.1)[0]
    yield prediction_grid(data.images, data.labels, torch.eye(3), CLASSES)
    yield plot_confusion(torch.eye(3), CLASSES)
    yield plot_confusion(torch.eye(3), CLASSES, wide=True)
    yield image_grid(data, per_class=1)


@pytest.mark.parametrize("value", [None, np.zeros((3, 3)), "figure.png"])
def test_show_wants_a_figure(value):
    with pytest.raises(TypeError, match="is no figure of matplotlib: give a figure"):
        show(value, "An image.")


def test_show_says_how_axes_are_shown():
    _, ax = plt.subplots()
    with pytest.raises(TypeError, match=r"give its figure: show\(ax.figure"):
        show(ax, "A curve.")
    plt.close(ax.figure)


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


def test_letters_that_no_font_has_warn_of_nothing(monkeypatch):
    monkeypatch.setattr(font_manager, "get_font_names", lambda: [])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use_style()
        fig = plt.figure()
        fig.suptitle("고양이")
        fig.tight_layout()
        fig.canvas.draw()
        plt.close(fig)
    assert not [str(one.message) for one in caught]
