"""Explorers redraw at each move, survive bad values, and leave a still picture."""

import gc
import io
import runpy
import weakref
from pathlib import Path

import ipywidgets
import pytest
from PIL import Image

from alexnet_lib.figures import explorers as widgets


def draw(figure, size, rate, mirrored, kind):
    """A bar as long as `size`; 13 is refused."""
    if size == 13:
        raise ValueError("13 does not fit: take another size")
    figure.subplots().barh(["size"], [size])
    return f"{size} {rate:.2f} {mirrored} {kind}"


CONTROLS = {"size": (1, 20, 3), "rate": (0.0, 1.0, 0.5), "mirrored": False, "kind": ["max", "mean"]}


def controls(box):
    """The sliders, checkboxes and menus of an explorer's box."""
    return widgets.values_of(box.children[:-2])


@pytest.fixture
def box():
    return widgets.explorer_box(draw, (4, 3), **CONTROLS)


def test_each_value_gets_the_control_that_fits(box):
    size, rate, mirrored, kind = controls(box[0])
    assert (type(size), size.min, size.max, size.value) == (ipywidgets.IntSlider, 1, 20, 3)
    assert (type(rate), rate.value, rate.step) == (ipywidgets.FloatSlider, 0.5, 0.05)
    assert (type(mirrored), mirrored.value) == (ipywidgets.Checkbox, False)
    assert (type(kind), kind.options, kind.value) == (ipywidgets.Dropdown, ("max", "mean"), "max")


def test_a_slider_takes_a_step():
    (slider,) = controls(widgets.explorer_box(lambda figure, n: str(n), n=(1, 9, 5, 2))[0])
    assert (type(slider), slider.step) == (ipywidgets.IntSlider, 2)


def test_a_sliders_number_can_be_read_off_and_typed(box):
    field, slider = box[0].children[1].children
    slider.value = 0.1 + 0.2  # 0.30000000000000004, as JavaScript's sliders give it, too
    assert field.value == 0.3 and box[2].value.startswith("3 0.30")
    field.value = 0.125
    assert slider.value == 0.125 and box[2].value.startswith("3 0.12")
    assert (field.min, field.max, field.step) == (slider.min, slider.max, slider.step)
    whole, _ = box[0].children[0].children
    whole.value = 99
    assert (type(whole), whole.value) == (ipywidgets.BoundedIntText, 20)


def test_a_move_draws_the_figure_once(box):
    drawn = []
    counted, *_ = widgets.explorer_box(lambda figure, n: f"{drawn.append(n)}", n=(1, 9, 5))
    field, slider = counted.children[0].children
    slider.value = 6
    field.value = 7
    assert drawn == [5, 6, 7]


# Those whose JavaScript ties the description to the input, as <label for=…> or around it.
NAMED = (
    ipywidgets.BoundedIntText, ipywidgets.BoundedFloatText, ipywidgets.Dropdown,
    ipywidgets.Checkbox,
)  # fmt: skip


@pytest.mark.parametrize("name", widgets.EXPLORERS)
def test_each_value_can_be_set_by_a_control_with_an_accessible_name(name):
    box, *_ = widgets.explorer_box(name)
    named = [part.children[0] if hasattr(part, "children") else part for part in box.children[:-2]]
    assert all(isinstance(control, NAMED) for control in named)
    words = [control.description for control in named]
    assert words == [name.replace("_", " ") for name in widgets.EXPLORERS[name][2]]
    assert all(not slider.readout for slider in controls(box) if hasattr(slider, "readout"))


def test_a_move_draws_the_picture_anew_and_says_what_is_seen(box):
    _, picture, words = box
    before = picture.value
    assert words.value == "3 0.50 False max"
    controls(box[0])[0].value = 17
    controls(box[0])[3].value = "mean"
    assert words.value == "17 0.50 False mean"
    assert picture.value != before
    assert Image.open(io.BytesIO(picture.value)).size == (360, 270)


def test_a_value_that_does_not_work_says_why_and_keeps_the_last_picture(box):
    _, picture, words = box
    before = picture.value
    controls(box[0])[0].value = 13
    assert words.value.startswith("✗ 13 does not fit") and "previous values" in words.value
    assert picture.value == before
    controls(box[0])[0].value = 14
    assert words.value.startswith("14") and picture.value != before


@pytest.mark.parametrize("size", [7, 13])
def test_the_old_figure_is_gone_before_the_next_move(size):
    figures = []

    def keeps_watch(figure, **values):
        figures.append(weakref.ref(figure))
        return draw(figure, **values)

    box, *_ = widgets.explorer_box(keeps_watch, (4, 3), **CONTROLS)
    gc.disable()
    try:
        controls(box)[0].value = size
        assert len(figures) == 2 and figures[1]() is None
    finally:
        gc.enable()


def test_the_words_stand_above_the_picture(box):
    assert box[0].children[-2:] == (box[2], box[1])


def test_an_error_at_the_start_is_raised():
    with pytest.raises(ValueError, match="13 does not fit"):
        widgets.explorer_box(draw, **CONTROLS | {"size": (1, 20, 13)})


def test_where_no_widget_runs_a_picture_and_its_words_are_left(monkeypatch):
    shown = []
    monkeypatch.setattr(widgets, "display", lambda *args, **kwargs: shown.append((args, kwargs)))
    widgets.explore(draw, **CONTROLS)
    ((bundle,), kwargs) = shown[0]
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert bundle["text/plain"] == "3 0.50 False max"
    assert kwargs == {"metadata": {"image/png": {"alt": "3 0.50 False max"}}, "raw": True}


@pytest.mark.parametrize("name", widgets.EXPLORERS)
def test_each_explorer_of_the_course_draws_and_follows_all_its_controls(name):
    box, picture, words = widgets.explorer_box(name)
    for control in controls(box):
        start, still = control.value, picture.value
        choices = getattr(control, "options", None) or (getattr(control, "max", not start),)
        control.value = choices[-1] if start != choices[-1] else control.min
        assert words.value.startswith("✗ ") or picture.value != still, control
        control.value = start
        assert picture.value == still and words.value


def test_an_unknown_explorer_is_refused():
    with pytest.raises(ValueError, match="explorer 'window' is unknown; take one of windows"):
        widgets.explorer_box("window")


def test_the_benchmark_times_moves_that_draw_and_counts_those_that_are_refused(monkeypatch):
    path = Path(__file__).parents[2] / "benchmarks" / "explorers.py"
    benchmark = runpy.run_path(str(path))
    monkeypatch.setitem(benchmark["measure"].__globals__, "MOVES", 4)
    calls = []

    def refuses_odd(figure, size):
        calls.append(size)
        if size % 2:
            raise ValueError("odd")
        return f"{size}"

    monkeypatch.setattr(widgets, "_explorer", lambda _: (refuses_odd, (2, 2), {"size": (1, 9, 2)}))
    row = benchmark["measure"]("any")
    assert row["moves"] == 4 and row["refused"] == sum(size % 2 for size in calls) > 0
    assert len(calls) == 1 + 4 + row["refused"] and 0 < row["median_ms"] <= row["slowest_ms"]


def test_an_error_that_holds_markup_is_shown_and_not_run():
    from alexnet_lib.figures.explorers import explorer_box

    def draw(figure, size):
        if size > 1:
            raise ValueError("no class <img src=x onerror=alert(1)>")
        return "fine"

    box, _, words = explorer_box(draw, size=(1, 3, 1))
    controls(box)[0].value = 2
    assert "<img" not in words.value and "&lt;img" in words.value
