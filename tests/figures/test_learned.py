"""Filters, maps, neighbors and transfer are drawn with all that they are given."""

import pytest
import torch

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures import learned

DRAWS = torch.Generator().manual_seed(0)
PHOTOS = torch.randint(256, (5, 3, 8, 8), generator=DRAWS, dtype=torch.uint8)
FILTERS = torch.randn(5, 3, 4, 4, generator=DRAWS)
DATA = ImageSet(PHOTOS, torch.tensor([0, 1, 0, 1, 1]), ("cat", "dog"), "few")


def words(fig):
    """All texts of a figure that a reader sees: titles, labels, and those beside images."""
    axes = [ax for ax in fig.get_axes() if ax.axison or ax.texts]
    found = [ax.get_title(loc) for ax in axes for loc in ("center", "left")]
    found += [ax.get_xlabel() for ax in axes] + [
        text.get_text() for ax in axes for text in ax.texts
    ]
    return [text for text in found if text]


def pictures(fig):
    return [image for ax in fig.get_axes() for image in ax.get_images()]


def test_filters_have_a_panel_for_each_name_and_zero_is_gray():
    fig = learned.filter_panels({"before": 0 * FILTERS, "after": FILTERS}, columns=3)
    assert words(fig) == ["before", "after"]
    gray, colored = (image.get_array() for image in pictures(fig))
    assert set(gray.flatten().tolist()) == {0.5, 1.0}  # 1 is the white between filters
    assert gray.shape == colored.shape == (2 * 4 + 3, 3 * 4 + 4, 3)


def test_points_have_a_mark_for_each_name():
    named = {"before": (torch.zeros(2), torch.ones(2)), "after": (torch.rand(3), torch.rand(3))}
    (ax,) = learned.dots(named, "orientation", "share of color").get_axes()
    assert [line.get_label() for line in ax.lines] == ["before", "after"]
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("orientation", "share of color")


def test_filters_have_numbers_and_maps_letters():
    fig = learned.filters_and_maps(PHOTOS[0], FILTERS[:2], torch.rand(2, 8, 8))
    assert [word for word in words(fig) if word != "the image"] == [
        "filter 1", "filter 2", "map A", "map B",
    ]  # fmt: skip
    assert len(pictures(fig)) == 5


def test_each_layer_shows_its_channels_with_the_largest_mean_first():
    maps = torch.ones(4, 2, 2) * torch.tensor([1.0, 3.0, 0.0, 2.0])[:, None, None]
    fig = learned.map_rows(PHOTOS[0], {"relu1": maps}, shown=3)
    assert words(fig) == ["relu1\n4 maps\nof 2×2"]
    assert [float(image.get_array().max()) for image in pictures(fig)[1:]] == [3, 2, 1]
    assert {image.get_clim() for image in pictures(fig)[1:]} == {(0, 3)}


def test_neighbors_of_the_same_class_have_another_sign_than_the_others():
    near = [torch.tensor([[1, 2]]), torch.tensor([[3, 4]])]
    fig = learned.neighbor_rows(DATA.select([0]), near, DATA, ["by features", "by pixels"])
    assert [word for word in words(fig) if word in "✓✗"] == ["✗", "✓", "✗", "✗"]
    assert {"cat", "by features", "by pixels"} <= set(words(fig))


def test_each_map_is_drawn_from_its_own_smallest_to_its_own_largest_value():
    maps = torch.arange(8.0).view(2, 2, 2)
    fig = learned.heat_rows(PHOTOS[:2], ["cat", "dog"], {"occlusion": maps})
    assert [image.get_clim() for image in pictures(fig)[2:]] == [(0, 3), (4, 7)]
    assert {"cat", "dog", "occlusion"} == set(words(fig))


def test_a_constant_map_can_be_drawn():
    assert learned.heat_rows(PHOTOS[:1], ["cat"], {"flat": torch.ones(1, 2, 2)})


@pytest.mark.parametrize("name", ["frozen", "from scratch"])
def test_transfer_has_a_line_of_means_and_a_dot_for_each_seed(name):
    named = {"from scratch": [[50, 52], [60, 62]], "frozen": [[60, 64], [70, 70]]}
    (ax,) = learned.transfer_chart(named, (20, 80)).get_axes()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == list(named)
    lines = [line.get_ydata() for line in ax.lines]
    means = [sum(seeds) / 2 for seeds in named[name]]
    assert any(list(line) == means for line in lines)
    assert all(any(list(line) == seeds for line in lines) for seeds in named[name])
