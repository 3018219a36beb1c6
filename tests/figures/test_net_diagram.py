"""The diagram of a network is drawn to scale."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from alexnet_lib.figures.net_diagram import network_boxes, network_diagram


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def fronts(ax):
    """The front of each box, by layer, as (width, height); the boxes' other faces left out."""
    names = [text.get_text().split("\n")[0] for text in ax.texts]
    corners = [patch.get_xy() for patch in ax.patches[::3]]
    return {
        name: tuple((points.max(0) - points.min(0)).round(6))
        for name, points in zip(names, corners, strict=True)
    }


def test_fronts_are_the_maps_to_scale(ax):
    network_boxes(ax, "paper", 227)
    sides = {"image": 227, "conv1": 55, "pool1": 27, "conv3": 13, "pool5": 6, "fc6": 64}
    assert {name: fronts(ax)[name] for name in sides} == {n: (s, s) for n, s in sides.items()}


def test_depths_are_the_channels_to_scale(ax):
    network_boxes(ax, "paper", 227)
    top = {name: patch.get_xy() for name, patch in zip(fronts(ax), ax.patches[1::3], strict=True)}
    depth = {name: points[:, 1].max() - points[:, 1].min() for name, points in top.items()}
    assert depth["conv3"] == pytest.approx(4 * depth["conv1"])
    assert depth["conv1"] == pytest.approx(32 * depth["image"])


def test_labels_give_the_shapes_and_stand_under_their_boxes(ax):
    places = network_boxes(ax, "torchvision", 224, num_classes=7)
    labels = [text.get_text() for text in ax.texts]
    assert labels[:2] == ["image\n224×224\n× 3", "conv1\n55×55\n× 64"]
    assert labels[-1] == "fc3\n7"
    assert [text.get_position()[0] for text in ax.texts] == list(places.values())


def test_boxes_do_not_overlap(ax):
    network_boxes(ax, "one-tower", 227)
    spans = []
    for first in range(0, len(ax.patches), 3):
        x = [x for patch in ax.patches[first : first + 3] for x in patch.get_xy()[:, 0]]
        spans.append((min(x), max(x)))
    assert all(left[1] < right[0] for left, right in zip(spans, spans[1:], strict=False))


def test_image_is_drawn_where_the_net_takes_it_in(ax):
    image = torch.arange(3 * 4 * 4, dtype=torch.uint8).reshape(3, 4, 4)
    network_boxes(ax, image=image)
    (drawn,) = ax.images
    corners = ax.patches[0].get_xy()
    left, right, low, high = drawn.get_extent()
    assert [left, low] == corners.min(0).tolist() and [right, high] == corners.max(0).tolist()
    assert drawn.get_array()[1, 2].tolist() == image[:, 1, 2].tolist()


def test_network_is_a_figure_of_the_four_layer_net_too():
    fig, alt = network_diagram("four-layer", 32, num_classes=10)
    assert [text.get_text() for text in fig.axes[0].texts][-1] == "fc4\n10"
    assert alt.startswith("Layers as boxes to scale, left to right: image 32×32 × 3, conv1 32×32 ×")
    assert alt.endswith(", fc4 10.") and alt.count(", ") == len(fig.axes[0].texts)
    plt.close(fig)


def drawn(ax):
    """What a staircase shows: the pixels that each window reads, and all that are hatched."""
    (image,) = ax.images
    left = image.get_extent()[0] + 0.5
    lines = [left + np.flatnonzero(line == 2) for line in image.get_array()]
    corners = [patch.get_path().vertices[::5, 0] + 0.5 for patch in ax.patches]
    return [list(line.astype(int)) for line in lines], np.concatenate([[], *corners]).tolist()
