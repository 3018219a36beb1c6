"""Charts about a data set show the numbers that they are given, and their alt texts say them."""

import pytest
import torch

from alexnet_lib.figures import dataset_charts

pytestmark = pytest.mark.usefixtures("style")


def named_lines(ax):
    return {line.get_label(): line for line in ax.get_lines() if line.get_label()[0] != "_"}


def test_pixel_values_have_a_line_in_each_color_and_no_two_look_alike():
    shares = {name: torch.full((256,), n) for n, name in enumerate(("red", "green", "blue"))}
    fig, alt = dataset_charts.plot_pixel_values(shares)
    found = named_lines(fig.axes[0])
    assert {name: line.get_ydata()[7] for name, line in found.items()} == {
        "red": 0, "green": 1, "blue": 2
    }  # fmt: skip
    assert all(line.get_color() == name for name, line in found.items())
    assert len({line.get_linestyle() for line in found.values()}) == 3
    assert "a line for each color" in alt


def test_the_arrows_of_a_color_cloud_are_two_standard_deviations_long():
    pixels = torch.tensor([[100.0, 140.0], [1.0, 2.0], [200.0, 210.0]])
    components = torch.tensor([[0.0, -3.0, 10.0], [5.0, 5.0, 5.0], [0.0, 4.0, 20.0]])
    fig, alt = dataset_charts.plot_color_cloud(pixels, components)
    (ax,) = fig.axes
    (dots,) = ax.collections
    assert sorted(dots.get_offsets().tolist()) == [[100, 200], [140, 210]]  # red, blue
    ends = {text.get_text(): tuple(text.xy) for text in ax.texts}
    assert ends["first"] == (120 + 20, 205 + 40) and ends["second"] == (120 - 6, 205 + 8)
    assert ax.get_title() == "2 pixels, in their own colors" and "two standard deviations" in alt


def test_a_color_cloud_shows_as_many_pixels_as_are_asked_for_and_the_same_each_time():
    pixels, components = torch.rand(3, 90), torch.eye(3)
    before = torch.get_rng_state()
    clouds = [dataset_charts.plot_color_cloud(pixels, components, 40)[0] for _ in range(2)]
    first, second = (fig.axes[0].collections[0].get_offsets() for fig in clouds)
    assert len(first) == 40 and (first == second).all()
    assert torch.equal(torch.get_rng_state(), before)


def test_the_best_of_many_stands_beside_the_same_net_on_test_images():
    best = {500: [80.0, 84.0], 5_000: [79.9, 81.5]}
    fig, alt = dataset_charts.plot_best_of_many([1, 1000], best, torch.tensor([80.1, 79.9]))
    found = {name: [*line.get_ydata()] for name, line in named_lines(fig.axes[0]).items()}
    assert found["best net, on 500 validation images"] == [80, 84]
    assert found["best net, on 5,000 validation images"] == [79.9, 81.5]
    assert found["the same net, on 10,000 test images"] == pytest.approx([80.1, 79.9])
    assert "of 1000 nets 84.0 % on 500 and 81.5 % on 5,000; on test images it stays at 80 %" in alt


def test_loading_speeds_say_how_many_times_faster_batches_are():
    fig, alt = dataset_charts.plot_loading_speeds({32: (100, 2_000), 227: (50, 75)}, "cpu")
    (ax,) = fig.axes
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["100", "2,000", "× 20.0", "50", "75", "× 1.5"]
    assert list(named_lines(ax)) == ["one by one", "whole batches"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["32 pixels", "227 pixels"]
    assert ax.get_ylim() == (1.6, -0.6) and "on cpu" in ax.get_xlabel()
    assert alt.endswith("32 pixels 20.0, 227 pixels 1.5.")
