"""Predictions, mistakes and a confusion matrix show the numbers they are given."""

import pytest
import torch
from matplotlib.text import Text

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures.predictions import (
    confusion_and_worst,
    mistake_grid,
    mistakes_of_each_kind,
    plot_confusion,
    prediction_figure,
    prediction_grid,
    prediction_stages,
)

CLASSES = ("red", "green", "blue")


pytestmark = pytest.mark.usefixtures("style")


def images(count=9):
    labels = torch.arange(count) % 3
    pixels = torch.zeros(count, 3, 8, 8, dtype=torch.uint8)
    pixels[torch.arange(count), labels] = 200
    return ImageSet(pixels, labels, CLASSES, "Colors, synthetic")


def words(fig):
    return [text.get_text() for text in fig.findobj(Text) if text.get_text()]


def test_predictions_say_right_and_wrong_in_signs_and_words():
    data = images(3)
    sure = torch.tensor([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.0, 1.0]])
    said = words(prediction_grid(data.images, data.labels, sure, CLASSES))
    assert {"✓ red 90 %", "✗ red 60 %", "✓ blue 100 %"} <= set(said)
    assert {"red", "green", "blue"} <= set(said)


def test_predictions_of_several_stages_stand_below_each_other():
    data, wrong = images(2), torch.tensor([[0.1, 0.2, 0.7]] * 2)
    fig = prediction_grid(data.images, data.labels, {0: wrong, 5: wrong.flip(1)}, CLASSES)
    texts = {text.get_text(): text.get_position()[1] for text in fig.axes[0].texts}
    assert list(texts) == ["0: ✗ blue 70 %", "5: ✓ red 70 %"]
    assert texts["5: ✓ red 70 %"] < texts["0: ✗ blue 70 %"] < 0


def test_a_figure_of_predictions_counts_those_that_are_right():
    data, wrong = images(3), torch.tensor([[0.1, 0.2, 0.7]] * 3)
    fig, alt = prediction_figure(data, {"before": wrong, "after": torch.eye(3)}, columns=2)
    assert [ax.get_title() for ax in fig.axes] == list(CLASSES)
    assert [text.get_text() for text in fig.axes[1].texts] == [
        "before: ✗ blue 70 %",
        "after: ✓ green 100 %",
    ]
    heights = [ax.get_position().y0 for ax in fig.axes]
    assert heights[0] == pytest.approx(heights[1]) and heights[2] < heights[0]
    told = "3 images, each with its class and what is predicted; right: "
    assert alt == f"{told}1 before, 3 after."
    assert prediction_figure(data, wrong)[1] == f"{told}1."


@pytest.mark.parametrize("stages", [("",), ("before", "after")])
def test_the_longest_name_of_cifar10_does_not_touch_that_of_the_next_image(stages):
    data, answers = images(2), {stage: torch.tensor([[1.0, 0.0, 0.0]] * 2) for stage in stages}
    fig = prediction_grid(data.images, data.labels, answers, ("automobile", *CLASSES[1:]))
    fig.canvas.draw()
    for left, right in zip(*(ax.texts for ax in fig.axes), strict=True):
        assert left.get_window_extent().x1 + 10 < right.get_window_extent().x0


def test_no_predictions_are_an_empty_figure():
    none = images(3).select([])
    assert prediction_grid(none.images, none.labels, torch.eye(3)[:0], CLASSES).axes == []


def test_images_have_no_ticks():
    data = images(2)
    fig = prediction_grid(data.images, data.labels, torch.eye(3)[:2], CLASSES)
    assert not any(len(ax.get_xticks()) or len(ax.get_yticks()) for ax in fig.axes)


def test_confusion_shows_the_share_of_each_true_class():
    matrix = torch.tensor([[3, 1, 0], [0, 0, 5], [0, 0, 0]])
    fig = plot_confusion(matrix, CLASSES)
    shown = [text.get_text() for text in fig.axes[0].texts]
    assert shown == ["75", "25", "0", "0", "0", "100", "0", "0", "0"]
    assert fig.axes[0].get_ylabel() == "true" and fig.axes[0].get_xlabel() == "predicted"


def test_a_confusion_of_two_classes_is_as_large_as_other_figures():
    fig = plot_confusion(torch.eye(2), CLASSES[:2])
    many = plot_confusion(torch.eye(10), "abcdefghij")
    letters = [one.axes[0].texts[0].get_fontsize() for one in (fig, many)]
    assert letters[0] > 16 and letters[1] > 11  # few cells have room for large letters
    fig.draw_without_rendering()
    inches = fig.axes[0].get_window_extent().width / fig.dpi
    assert inches > 2.5 and inches < plot_confusion(torch.eye(10), "abcdefghij").get_figwidth()


def test_mistakes_are_drawn_surest_first_and_none_is_an_empty_figure():
    pixels = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 5, 5)
    data = ImageSet(pixels, torch.tensor([0, 0, 1, 1]), ("cat", "dog"), "four")
    table = torch.tensor([[0.4, 0.6], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2]])
    fig = mistake_grid(data, table, 2)
    seen = [
        (ax.get_title(), ax.texts[0].get_text(), ax.images[0].get_array().max()) for ax in fig.axes
    ]
    assert seen == [("cat", "✗ dog 90 %", 1), ("dog", "✗ cat 80 %", 3)]
    assert mistake_grid(data.select([2]), table[2:3]).axes == []


def test_stages_count_the_right_answers_of_each():
    data, unsure = images(3), torch.tensor([[0.4, 0.3, 0.3]] * 3)
    parts = data.images, data.labels, {0: unsure, 5: torch.eye(3)}, CLASSES
    fig, alt = prediction_stages(*parts)
    assert alt == "3 images with the predictions after 0, 5 epochs: right are 1, 3."
    said = [text.get_text() for text in fig.axes[1].texts]
    assert said == ["0: ✗ red 40 %", "5: ✓ green 100 %"]


def test_of_each_kind_only_the_surest_mistake_is_shown():
    pixels = torch.arange(5, dtype=torch.uint8).view(5, 1, 1, 1).expand(5, 3, 5, 5)
    data = ImageSet(pixels, torch.tensor([0, 0, 1, 2, 0]), CLASSES, "five")
    table = [[0.1, 0.6, 0.3], [0.0, 0.9, 0.1], [0.7, 0.2, 0.1], [0.0, 0.2, 0.8], [0.1, 0.1, 0.8]]
    fig, alt = mistakes_of_each_kind(data, torch.tensor(table))
    seen = [(ax.texts[0].get_text(), ax.images[0].get_array().max()) for ax in fig.axes]
    assert seen == [("✗ green 90 %", 1), ("✗ blue 80 %", 4), ("✗ red 70 %", 2)]
    assert alt.startswith("3 images that the net got wrong") and alt.endswith("70 % sure.")
    assert len(mistakes_of_each_kind(data, torch.tensor(table), 2)[0].axes) == 2
    assert mistakes_of_each_kind(data.select([3]), torch.eye(3)[2:])[0].axes == []


def test_a_wide_confusion_names_the_worst_and_its_classes_do_not_touch():
    matrix = torch.tensor([[3, 1, 0], [2, 0, 5], [0, 0, 0]])
    fig, alt = confusion_and_worst(matrix, CLASSES)
    assert alt == "Confusion matrix; most often confused: green, taken for blue (5 times)."
    assert "most often confused: green, taken for blue (5 times)" in fig.axes[0].get_title()
    assert matrix[0, 0] == 3  # is left as it was
    assert confusion_and_worst(torch.eye(3), CLASSES)[1].endswith("; no image is confused.")
    names = ("automobile",) * 10
    wide = plot_confusion(torch.eye(10), names, wide=True)
    wide.canvas.draw()
    boxes = [text.get_window_extent() for text in wide.axes[0].get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
    assert wide.get_figheight() < 5 < plot_confusion(torch.eye(10), names).get_figheight()
