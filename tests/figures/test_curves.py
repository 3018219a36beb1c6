"""Curves show the numbers of their runs, and say so in words."""

import gc
import weakref
from dataclasses import replace

import IPython.display
import matplotlib.pyplot as plt
import pytest
from helpers import epoch

from alexnet_lib.figures import curves as plots
from alexnet_lib.figures.curves import curves_alt_text, live_curves, plot_curves, plot_loss_by_step
from alexnet_lib.training.run import Run

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


def lines(ax):
    """{label: (y values, line)} of the lines of a panel that the legend names."""
    named = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    return {line.get_label(): (list(line.get_ydata()), line) for line in named}


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
        def note(shown, metadata=None, raw=False):
            kind = "text/html" if raw else "image/png"
            text = shown[kind] if raw else metadata[kind]["alt"]
            self.calls.append((how, kind, text))

        return note


def test_live_draws_one_figure_anew_in_place(monkeypatch):
    open_before = plt.get_fignums()  # by tests of other files in this process
    shown, report = Displayed(monkeypatch), live_curves()
    for done in (1, 2, 3):
        report(run((2.0, 1.5, 1.7)[:done]))
    for kind in ("image/png", "text/html"):
        calls = [(how, text) for how, which, text in shown.calls if which == kind]
        assert [how for how, _ in calls] == ["display", "update", "update"]
        assert "3 epochs" in calls[-1][1] and "to 1.70" in calls[-1][1]
    assert plt.get_fignums() == open_before


def test_live_keeps_none_of_the_figures_that_it_has_shown(monkeypatch):
    Displayed(monkeypatch)
    drawn, real, report = weakref.WeakSet(), plot_curves, live_curves()
    monkeypatch.setattr(plots, "plot_curves", lambda run: drawn.add(fig := real(run)) or fig)
    for _ in range(2):
        report(run())
    gc.collect()
    assert not drawn


def test_live_leaves_room_for_the_epochs_to_come(monkeypatch):
    Displayed(monkeypatch)
    drawn = []
    real = plot_curves
    monkeypatch.setattr(plots, "plot_curves", lambda run: drawn.append(real(run)) or drawn[-1])
    live_curves()(run(epochs=8))
    assert all(ax.get_xlim()[1] > 8 for ax in drawn[0].axes)


def test_curves_of_one_run_show_training_and_validation():
    loss, accuracy = plot_curves(run()).axes
    assert lines(loss)["validation"][0] == [2.0, 1.5, 1.7]
    assert lines(loss)["training"][0] == [1.5, 1.0, 1.2]
    assert lines(accuracy)["validation"][0] == pytest.approx([33.333, 50, 43.333], abs=0.01)
    assert lines(accuracy)["training"][0] == pytest.approx([50, 62.5, 57.5])
    assert lines(loss)["training"][1].get_linestyle() == "--"


def test_two_runs_show_training_three_do_not():
    two = plot_curves({"a": run(), "b": run((1.0, 0.9))})
    names = ["a, training", "a, validation", "b, training", "b, validation"]
    assert sorted(lines(two.axes[0])) == names
    three = plot_curves({name: run() for name in "abc"})
    assert sorted(lines(three.axes[0])) == ["a", "b", "c"]


def test_seeds_of_a_name_share_a_color_and_a_line_in_the_legend():
    seeds = [run((2.0, 1.0 + seed), seed) for seed in range(3)]
    fig = plot_curves({"a": seeds, "b": run(), "c": run()})
    assert sorted(lines(fig.axes[0])) == ["a", "b", "c"]
    first = [line for line in fig.axes[0].get_lines() if line.get_color() == "C0"]
    assert [list(line.get_ydata()) for line in first] == [[2.0, 1.0], [2.0, 2.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    ("names", "columns"), [(["as they are", "mirrored, shifted"], 2), (["same rate", "other"], 4)]
)
def test_a_legend_of_two_names_has_a_row_or_a_column_for_each(names, columns):
    (legend,) = plot_curves({name: run() for name in names}).legends
    wanted = [f"{name}, {part}" for name in names for part in ("validation", "training")]
    assert [text.get_text() for text in legend.get_texts()] == wanted
    legend.figure.canvas.draw()
    places = [text.get_window_extent().x0 for text in legend.get_texts()]
    assert len({round(place) for place in places}) == columns
    assert places == sorted(places)


def test_names_differ_in_more_than_color():
    fig = plot_curves({name: run() for name in "abc"})
    assert len({line.get_marker() for line in fig.axes[0].get_lines()}) == 3


def test_a_run_without_an_epoch_is_shown_as_such():
    empty = replace(run(), epochs=[])
    assert lines(plot_curves(empty).axes[0])["validation"][0] == []
    assert curves_alt_text({"a": empty}) == "Loss and accuracy by epoch. a, no epoch."


def test_long_runs_keep_their_markers_apart():
    one, many = (plot_curves(run([1.0] * count)).axes[0].get_lines() for count in (5, 60))
    assert one[0].get_markevery() == 1 and many[0].get_markevery() == 6


def test_describe_says_what_the_curves_show():
    text = curves_alt_text({"small": run(), "large": run((0.9, 0.6))})
    assert "small, 3 epochs: training loss from 1.50 to 1.20" in text
    assert "validation loss from 2.00 to 1.70 (lowest 1.50 in epoch 2)" in text
    assert "large, 2 epochs" in text and "accuracy from 70 % to 80 %" in text


def test_the_alt_text_tells_seeds_apart_and_leaves_out_what_is_not_drawn():
    seeds = [run((2.0, 1.0 + seed), seed) for seed in range(2)]
    assert "a, seed 1, 2 epochs: training loss" in curves_alt_text({"a": seeds})
    many = curves_alt_text({"a": seeds, "b": run(), "c": run()})
    assert "a, seed 0, 2 epochs: validation loss from 2.00 to 1.00" in many
    assert "b, 3 epochs" in many and "training" not in many


def test_curves_are_as_high_as_is_asked_for():
    assert plot_curves(run(), height=3.7).get_figheight() == 3.7


def test_steps_show_each_batch_and_their_mean():
    fig, alt = plot_loss_by_step([3.0, 1.0, 2.0, 0.0], chance=1.1, window=2)
    (ax,) = fig.axes
    assert lines(ax)["each batch"][0] == [3.0, 1.0, 2.0, 0.0]
    assert lines(ax)["mean of 2 batches"][0] == [2.0, 1.5, 1.0]
    assert list(lines(ax)["mean of 2 batches"][1].get_xdata()) == [2, 3, 4]
    assert alt.startswith("The loss of 4 batches goes from 3.00 to about 1.00")
    assert "guessing has 1.10" in alt


def test_steps_take_fewer_batches_than_the_window():
    fig, _ = plot_loss_by_step([1.0, 2.0], 1.1)
    assert "mean of 2 batches" in lines(fig.axes[0])
