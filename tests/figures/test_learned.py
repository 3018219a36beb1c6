"""Filters, maps, neighbors and transfer are drawn with all that they are given."""

import pytest
import torch

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures import learned

pytestmark = pytest.mark.usefixtures("style")
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


def test_training_is_shown_as_before_after_and_difference():
    fig, said = learned.filters_before_and_after(FILTERS, 2 * FILTERS)
    assert words(fig) == ["before training", "after training", "the difference"]
    before, _, difference = (image.get_array() for image in pictures(fig))
    assert (before == difference).all() and said.startswith("5 filters, three times")


def test_each_tower_goes_from_gray_to_colored():
    gray = torch.ones(1, 3, 4, 4)
    red = gray * torch.tensor([1.0, 0, 0]).view(3, 1, 1)
    fig, said = learned.tower_filters(torch.cat([red, gray, gray, gray]))
    assert words(fig) == ["tower 1: share of color 33 %", "tower 2: share of color 0 %"]
    first, second = pictures(fig)[0].get_array()[2, [2, 7]]
    assert (first == first[0]).all() and second[0] > second[1]
    assert "2 × 2 filters" in said and all(word in said for word in words(fig))


def test_edges_are_oriented_and_gray_and_colored_filters_are_higher():
    edge = torch.arange(4.0).expand(1, 3, 4, 4)
    fig, said = learned.orientation_and_color(torch.rand(2, 3, 4, 4), edge)
    (ax,) = fig.get_axes()
    assert [line.get_label() for line in ax.lines] == ["before training", "after training"]
    assert ax.lines[1].get_xydata().tolist() == [[pytest.approx(1), pytest.approx(0)]]
    assert "orientation against share of color" in said


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


def test_the_riddle_has_the_filters_and_the_maps_that_the_exercise_asks_for():
    filters, maps = torch.rand(32, 3, 5, 5), torch.rand(32, 8, 8)
    fig, said = learned.filter_riddle(PHOTOS[0], filters, maps)
    shown = [torch.tensor(image.get_array()) for image in pictures(fig)[1:]]
    torch.testing.assert_close(shown[4:], [maps[place] for place in learned.SHOWN_MAPS])
    for one, place in zip(shown, learned.SHOWN_FILTERS, strict=False):
        expected = torch.tensor(learned.full_contrast(filters[place]))
        torch.testing.assert_close(one, expected)
    assert "Four filters" in said and "Four maps" in said


def test_each_layer_shows_its_channels_with_the_largest_mean_first():
    maps = torch.ones(4, 2, 2) * torch.tensor([1.0, 3.0, 0.0, 2.0])[:, None, None]
    fig, said = learned.map_rows(PHOTOS[0], {"relu1": maps}, shown=3)
    assert words(fig) == ["relu1\n4 maps\nof 2×2"] and "in 1 layers: relu1 at 2×2" in said
    assert [float(image.get_array().max()) for image in pictures(fig)[1:]] == [3, 2, 1]
    assert {image.get_clim() for image in pictures(fig)[1:]} == {(0, 3)}


def test_neighbors_of_the_same_class_have_another_sign_than_the_others():
    near = {"features": torch.tensor([[1, 2]]), "pixels": torch.tensor([[3, 4]])}
    fig, said = learned.neighbor_rows(DATA.select([0]), near, DATA)
    assert [word for word in words(fig) if word in "✓✗"] == ["✗", "✓", "✗", "✗"]
    assert {"cat", "nearest by features", "nearest by pixels"} <= set(words(fig))
    assert "its 2 nearest by features and by pixels" in said
    assert "the image's class: 1 of 2 by features, 0 of 2 by pixels" in said


def test_above_an_image_are_its_label_and_what_was_answered_instead():
    maps = {"occlusion": torch.rand(2, 4, 4), "gradient": torch.rand(2, 8, 8)}
    fig, said = learned.answer_maps(DATA.select([0, 1]), torch.tensor([0, 0]), maps)
    assert {"cat: ✓", "dog: ✗ cat", "occlusion", "gradient"} == set(words(fig))
    assert "cat: ✓, dog: ✗ cat" in said and "occlusion; gradient" in said
    assert len(pictures(fig)) == 2 + 4


def test_maps_of_each_network_are_below_the_images_with_their_labels():
    maps = {"trained": torch.rand(2, 8, 8), "random": torch.rand(2, 8, 8)}
    fig, said = learned.sanity_maps(DATA.select([0, 1]), maps)
    assert {"cat", "dog", "trained", "random"} == set(words(fig))
    assert "Images (cat, dog)" in said and "trained, random" in said
    images = pictures(fig)
    torch.testing.assert_close(torch.tensor(images[-1].get_array()), maps["random"][1])


def test_figures_of_the_filters_fit_beside_their_code():
    """A cell with so many lines of code, 31 pixels each, and its figure: 608 pixels at most."""
    trained, random = torch.rand(2, 32, 3, 5, 5, generator=DRAWS)
    photos, maps = PHOTOS[[0, 1, 2, 3, 4]], torch.rand(5, 8, 8)
    data = ImageSet(photos, DATA.labels, DATA.classes, "few")
    four = {name: maps for name in "abc"}
    two = {name: maps for name in "ab"}
    near = {"features": torch.zeros(5, 6, dtype=int), "pixels": torch.zeros(5, 6, dtype=int)}
    for lines, (fig, _) in (
        (1, learned.filters_before_and_after(random, trained)),
        (9, learned.filter_riddle(photos[0], trained, torch.rand(32, 8, 8))),
        (1, learned.orientation_and_color(random, trained)),
        (2, learned.map_rows(photos[0], {"one": torch.rand(12, 8, 8)})),
        (1, learned.neighbor_rows(data, near, DATA)),
        (5, learned.answer_maps(data, data.labels, two)),
        (3, learned.sanity_maps(data, four)),
    ):
        assert 31 * lines + 10 + 90 * fig.get_figheight() <= 595


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
    fig, said = learned.transfer_chart(named, (20, 80), "cats and dogs")
    (ax,) = fig.get_axes()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == list(named) and "on cats and dogs after training on 20, 80 images" in said
    assert "from scratch 51, 61 %; frozen 62, 70 %" in said
    lines = [line.get_ydata() for line in ax.lines]
    means = [sum(seeds) / 2 for seeds in named[name]]
    assert any(list(line) == means for line in lines)
    assert all(any(list(line) == seeds for line in lines) for seeds in named[name])
