"""Charts of the experiments show each recorded run, and say where there is none."""

from dataclasses import replace

import pytest
import torch
from matplotlib.text import Text
from paper_helpers import record, run

from alexnet_lib.figures.experiment_charts import (
    TRAINING_ERRORS,
    VALIDATION_ERRORS,
    differences_table,
    experiment_alt_text,
    experiment_chart,
    experiment_figure,
    race_figure,
    towers_figure,
)
from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.experiments import EXPERIMENTS, runs_of_experiment
from alexnet_lib.paper.filters import filters_image
from alexnet_lib.paper.measures import (
    GAP,
    SECOND_TRAINING_LOSS,
    TEN_VIEWS_ERROR,
    TEST_ERROR,
)
from alexnet_lib.paper.records import record_path

pytestmark = pytest.mark.usefixtures("style")


def words(fig):
    return [text.get_text() for text in fig.findobj(Text) if text.get_text()]


def dots(ax):
    """The numbers of each row of a strip chart."""
    return [points.get_offsets()[:, 0].tolist() for points in ax.collections]


RUNS = {"one": [run(30), run(31), run(32)], "other": [run(27), run(28)], "none": []}


def test_a_figure_has_a_thin_line_and_a_dot_per_seed_and_a_labeled_mean_per_arm():
    fig = experiment_figure(RUNS, VALIDATION_ERRORS, TEST_ERROR, title="Recorded")
    curves, strip = fig.axes
    lines = curves.get_lines()
    assert [line.get_alpha() for line in lines] == [0.4] * 3 + [None] + [0.4] * 2 + [None]
    assert list(lines[2].get_ydata()) == pytest.approx([52, 42, 32])
    assert list(lines[3].get_ydata()) == pytest.approx([51, 41, 31])
    assert [text.get_text() for text in curves.get_legend().get_texts()] == ["one", "other"]
    found = dots(strip)
    assert found[0] == pytest.approx([30, 31, 32]) and found[1] == pytest.approx([27, 28])
    assert [text.get_text() for text in strip.get_yticklabels()] == list(RUNS)
    assert {"mean 31.0", "mean 27.5", "no number"} <= set(words(fig))
    assert "Recorded: 1,280 images, 10 epochs, Drawn" in words(fig)
    longer = replace(run(30), recipe={"epochs": 60})
    more = {**RUNS, "longer": [longer]}
    fig = experiment_figure(more, VALIDATION_ERRORS, TEST_ERROR, title="Recorded")
    assert "Recorded: 1,280 images, up to 60 epochs, Drawn" in words(fig)


def test_several_measures_share_the_names_of_the_arms():
    fig = experiment_figure(RUNS, TRAINING_ERRORS, GAP, SECOND_TRAINING_LOSS, title="")
    assert [ax.get_title() for ax in fig.axes[1:]] == [
        "gap in points",
        "training loss of epoch 2 in nats",
    ]
    assert dots(fig.axes[1])[0] == pytest.approx([5, 5, 5])
    assert dots(fig.axes[2])[1] == pytest.approx([0.64, 0.66])
    assert [text.get_text() for text in fig.axes[2].get_yticklabels()] == [""] * 3


def test_runs_that_were_not_tested_show_validation_errors():
    short = {"one": [run(30, tested=False)], "other": [run(20, tested=False)]}
    fig = experiment_figure(short, VALIDATION_ERRORS, TEST_ERROR, title="Yours")
    assert fig.axes[1].get_title() == "validation error in %"
    assert [row[0] for row in dots(fig.axes[1])] == pytest.approx([30, 20])
    assert "validation error in %, each seed: one 30; other 20." in experiment_alt_text(
        short, TEST_ERROR
    )


def test_the_label_of_a_measure_decides_nothing():
    renamed = TEST_ERROR._replace(label="errors on test images")
    fig = experiment_figure(RUNS, VALIDATION_ERRORS, renamed, title="")
    assert fig.axes[1].get_title() == "errors on test images"
    assert dots(fig.axes[1])[0] == pytest.approx([30, 31, 32])
    short = {"one": [run(30, tested=False)]}
    fig = experiment_figure(short, VALIDATION_ERRORS, renamed, title="")
    assert dots(fig.axes[1]) == [pytest.approx([30])]
    fig = experiment_figure(short, VALIDATION_ERRORS, TEST_ERROR._replace(short=None), title="")
    assert dots(fig.axes[1]) == [[]]


def test_ten_views_have_a_strip_of_their_own_that_is_empty_for_untested_runs():
    measure = TEN_VIEWS_ERROR
    fig = experiment_figure(RUNS, VALIDATION_ERRORS, measure, title="")
    assert dots(fig.axes[1])[0] == pytest.approx([28, 29, 30])
    said = experiment_alt_text({"one": [run(30, tested=False)]}, measure)
    assert "error over ten views in %, each seed: one no number." in said


def test_a_run_that_diverged_is_left_out_of_a_figure():
    wild = replace(run(30), epochs=[], test=None, train_sample=None)
    runs = {"one": [run(30), wild], "other": [wild]}
    measures = TEST_ERROR, TEN_VIEWS_ERROR, GAP, SECOND_TRAINING_LOSS
    fig = experiment_figure(runs, VALIDATION_ERRORS, *measures, title="")
    assert dots(fig.axes[1]) == [pytest.approx([30]), []]
    assert "test error in %, each seed: one 30; other no number." in experiment_alt_text(
        runs, *measures
    )


def test_all_numbers_of_a_figure_stand_in_its_alt_text():
    said = experiment_alt_text(RUNS, TEST_ERROR, GAP)
    assert "test error in %, each seed: one 30, 31, 32; other 27, 28; none no number." in said
    assert "gap in points, each seed: one 5, 5, 5; other 5, 5;" in said


def test_a_chart_is_the_figure_and_its_alt_text():
    fig, said = experiment_chart(RUNS, VALIDATION_ERRORS, TEST_ERROR, GAP, title="Recorded")
    assert [ax.get_title() for ax in fig.axes][1:] == ["test error in %", "gap in points"]
    assert said == experiment_alt_text(RUNS, TEST_ERROR, GAP)


def test_nothing_recorded_is_an_empty_figure_and_no_error(tmp_path):
    for name in EXPERIMENTS:
        runs = runs_of_experiment(name, tmp_path)
        assert len(runs) == len(EXPERIMENTS[name].groups) and not any(runs.values())
        experiment_figure(runs, VALIDATION_ERRORS, TEST_ERROR, title="Recorded")
    for fig, said in (race_figure(tmp_path), towers_figure(tmp_path)):
        fig.canvas.draw()
        assert "no number" in said or "none recorded" in said


def test_of_a_grid_of_rates_the_quickest_arm_stands_for_all(tmp_path):
    group = EXPERIMENTS["relu"].groups[0]
    for name in group:
        record(tmp_path, name, [1], training=12 if name == "race relu he 0.01" else 17)
    runs = runs_of_experiment("relu", tmp_path)
    assert list(runs)[:2] == ["race relu he 0.01", EXPERIMENTS["relu"].groups[1][0]]
    assert [len(group) for group in runs.values()] == [1, 0, 0, 0]


def test_an_arm_alone_differs_from_none():
    said = differences_table("best")
    assert "All: all images of 32 pixels, four-layer, 60 epochs" in said
    assert said.endswith("| arm |\n| --- |\n| best |")


COMPARED = [name for name, experiment in EXPERIMENTS.items() if len(experiment.groups) > 1]


@pytest.mark.parametrize("name", COMPARED)
def test_differences_name_each_arm_and_only_what_differs(name):
    said = differences_table(name)
    head, _, *rows = said.split("\n\n")[1].splitlines()
    groups = EXPERIMENTS[name].groups
    names = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    for row, group in zip(names, groups, strict=True):  # of a grid, what its arms have in common
        assert all(arm == row if len(group) == 1 else arm.startswith(row) for arm in group)
    columns = list(zip(*(row.strip("| ").split(" | ") for row in rows), strict=True))
    assert len(columns) == head.count("|") - 1 > 1
    assert all(len(set(column)) > 1 or ", " in column[0] for column in columns)
    images = ARMS[groups[0][0]].images
    assert EXPERIMENTS[name].question in said
    assert (f"{images:,} images" if images else "all images") in said


def test_differences_of_the_pools_are_their_size():
    assert differences_table("pooling").endswith(
        "20,000 images of 32 pixels, four-layer, 30 epochs, rate 0.03.\n\n"
        "| arm | pool size |\n| --- | --- |\n| max pools | 3 |\n| max pools 2x2 | 2 |"
    )


def test_without_the_plateau_rule_there_is_no_patience():
    rows = differences_table("rate").splitlines()[-2:]
    assert rows == ["| constant rate | constant | – |", "| plateau rule | plateau | 3 |"]


def test_the_race_is_figure_1_relu_solid_tanh_dashed_and_a_line_at_25(tmp_path):
    for relu, tanh in zip(*EXPERIMENTS["relu"].groups[:2], strict=True):
        record(tmp_path, relu, [1, 1], training=20)
        record(tmp_path, tanh, [1], training=30)
    fig, said = race_figure(tmp_path)
    lines = fig.axes[0].get_lines()
    assert [line.get_linestyle() for line in lines] == ["-", "-", "--", "-"]
    assert list(lines[-1].get_ydata()) == [25, 25]
    assert list(lines[0].get_xdata()) == [0.5, 1.5, 2.5]
    assert list(lines[0].get_ydata()) == pytest.approx([40, 30, 20])
    assert "relu with he weights: 20, 20; tanh with he weights: never" in said


def test_filters_stand_in_a_row_for_each_tower_the_grayest_first(tmp_path):
    gray = torch.eye(5).expand(2, 3, 5, 5)
    red = torch.tensor([1.0, 0, 0]).view(3, 1, 1).expand(1, 3, 5, 5)
    record(tmp_path, "two towers", [40])
    path = record_path(tmp_path, "two towers", 0).with_suffix(".png")
    filters_image(torch.cat([red, gray[:1], gray[1:], red])).save(path)
    fig, said = towers_figure(tmp_path)
    shares = dots(fig.axes[1])
    assert sorted(shares[0]) == pytest.approx([0, 66.7], abs=0.5) and len(shares) == 2
    image = fig.axes[0].get_images()[0].get_array()
    assert image.shape == (14, 14, 3)
    assert (image[3, 3] == image[3, 3, 0]).all() and image[3, 10, 0] > image[3, 10, 1]
    assert "seed 0, tower 1 33 %; seed 0, tower 2" in said


def test_filters_of_five_seeds_fit_below_six_lines_of_code():
    fig, _ = towers_figure()  # the recorded ones
    assert fig.axes[1].get_yticks().size == 10
    assert 6 * 31 + 10 + 90 * fig.get_figheight() <= 595


def test_letters_are_large_enough_to_project(tmp_path):
    six = {f"arm {number}": [run(30), run(31)] for number in range(6)}
    figures = [
        experiment_figure(six, VALIDATION_ERRORS, TEST_ERROR, title="Recorded"),
        race_figure(tmp_path)[0],
        towers_figure(tmp_path)[0],
    ]
    for fig in figures:
        fig.canvas.draw()
        sizes = [text.get_fontsize() for text in fig.findobj(Text) if text.get_text().strip()]
        assert min(sizes) >= 12
