"""Figures of activation functions, feature maps and dependence show the numbers given to them."""

import pytest
import torch

from alexnet_lib.figures.activations import (
    activation_curves,
    channel_dependence,
    feature_map_rows,
)

pytestmark = pytest.mark.usefixtures("style")


def test_functions_are_left_and_slopes_right_and_words_give_points_of_both():
    x = torch.linspace(-5, 5, 201)
    values = {"ReLU": x.relu(), "half": x / 2}
    slopes = {"ReLU": (x > 0).float(), "half": torch.full_like(x, 0.5)}
    fig, alt = activation_curves(x, values, slopes)
    for ax, wanted in zip(fig.axes, (values, slopes), strict=True):
        drawn = {line.get_label(): torch.as_tensor(line.get_ydata()) for line in ax.lines}
        assert all(torch.equal(drawn[name], wanted[name]) for name in wanted)
        assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert [text.get_text() for text in fig.axes[0].get_legend().get_texts()] == list(values)
    assert alt == (
        "At x = -5, -2, 0, 2, 5: ReLU is 0, 0, 0, 2, 5, its slope 0, 0, 0, 1, 1; "
        "half is -2.5, -1, 0, 1, 2.5, its slope 0.5, 0.5, 0.5, 0.5, 0.5."
    )


def test_each_image_is_in_one_row_with_its_maps():
    images = torch.arange(2, dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 8, 8)
    maps = torch.arange(6.0).view(2, 3, 1, 1) * torch.eye(4)
    fig, alt = feature_map_rows(images, maps)
    drawn = [ax.images[0].get_array() for ax in fig.axes]
    assert [picture.shape for picture in drawn] == 2 * [(8, 8, 3), (4, 4), (4, 4), (4, 4)]
    assert [picture.max() for picture in drawn] == [0, 0, 1, 2, 1, 3, 4, 5]
    titles = [ax.get_title() for ax in fig.axes]
    assert titles == ["image", "map 0", "map 1", "map 2"] + 4 * [""]
    assert "2 images, and beside each 3 of its feature maps, 4×4" in alt
    assert alt.endswith("Percent of each map that is 0: 100, 75, 75; 75, 75, 75.")


def test_dependence_is_drawn_as_given_with_its_share():
    halves = torch.block_diag(torch.ones(2, 3), torch.ones(2, 3)).bool()
    other = halves.clone()
    other[2:] = False
    panels = {"conv2": halves, "conv3": torch.ones(4, 6).bool(), "conv4": other}
    fig, alt = channel_dependence(panels)
    for ax, pairs in zip(fig.axes, panels.values(), strict=True):
        assert (torch.as_tensor(ax.images[0].get_array().data) == pairs).all()
    titles = [ax.get_title() for ax in fig.axes]
    assert titles == [
        f"conv{n}: {share} % of the pairs" for n, share in ((2, 50), (3, 100), (4, 25))
    ]
    assert alt == (
        "Blue where an output depends on an input. "
        "conv2: 50 % of the pairs, two squares on the diagonal; "
        "conv3: 100 % of the pairs, the whole panel; conv4: 25 % of the pairs."
    )
