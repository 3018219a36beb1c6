"""Shapes10: the same from the same seed, all classes alike in number, hard for a linear model."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from alexnet_lib.data.shapes10 import SHAPES, SHAPES10_CLASSES, draw_shapes10


def test_pictures_are_small_uint8_color_images():
    images, labels = draw_shapes10(23)
    assert (images.shape, images.dtype) == ((23, 3, 32, 32), np.uint8)
    assert (labels.shape, labels.dtype) == ((23,), np.int64)


@pytest.mark.parametrize("count", [1, 10, 1001])
def test_classes_are_equally_frequent(count):
    counts = np.bincount(draw_shapes10(count)[1], minlength=10)
    assert counts.sum() == count
    assert counts.max() - counts.min() <= 1


def test_the_same_seed_draws_the_same_pictures():
    first, again, other = (draw_shapes10(600, seed) for seed in (1, 1, 2))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_the_pictures_are_those_of_the_recorded_runs():
    images, labels = draw_shapes10(1000)
    weighted = images * (np.arange(images[0].size).reshape(images[0].shape) % 101)
    found = [weighted[labels == label].mean() for label in range(10)]
    expected = [6124.3, 6245.5, 6081.9, 6287.9, 6162.5, 6114.2, 5701.6, 6416.6, 5737.8, 6022.9]
    assert found == pytest.approx(expected, abs=0.5)  # another processor may round otherwise


def test_no_two_pictures_are_the_same():
    images, _ = draw_shapes10(2000)
    assert len({image.tobytes() for image in images}) == 2000


@pytest.mark.parametrize("name", SHAPES10_CLASSES)
def test_every_shape_fits_its_circle_and_fills_a_good_part_of_it(name):
    axis = np.linspace(-2, 2, 401, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    inside = SHAPES[name](x, y) < 0
    assert np.hypot(x, y)[inside].max() < 1.3
    assert 0.2 < inside.sum() * 0.01**2 / np.pi < 1


def test_either_the_shape_or_its_background_is_brighter():
    images, labels = draw_shapes10(2000)
    disks = images[labels == SHAPES10_CLASSES.index("disk")].astype(float).mean(1)
    border = np.concatenate([disks[:, 0], disks[:, -1], disks[:, :, 0], disks[:, :, -1]], 1).mean(1)
    brighter = (disks.mean((1, 2)) > border).mean()
    assert 0.35 < brighter < 0.65


def test_a_count_below_one_is_refused():
    with pytest.raises(ValueError, match="count=0: give a whole number, 1 or more"):
        draw_shapes10(0)


def test_a_linear_classifier_stays_under_half():
    torch.manual_seed(0)
    (images, labels), (test_images, test_labels) = (
        draw_shapes10(5000, 0),
        draw_shapes10(1000, 1),
    )
    mean, std = images.mean(), images.std()
    x = torch.from_numpy((images.reshape(len(images), -1) - mean) / std).float()
    y = torch.from_numpy(labels)
    weights = torch.zeros(x.shape[1], 10, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=1e-3)
    for _ in range(10):
        for chosen in torch.randperm(len(x)).split(250):
            optimizer.zero_grad()
            functional.cross_entropy(x[chosen] @ weights, y[chosen]).backward()
            optimizer.step()
    test_x = torch.from_numpy((test_images.reshape(len(test_images), -1) - mean) / std).float()
    correct = ((test_x @ weights).argmax(1).numpy() == test_labels).mean()
    trained = ((x @ weights).argmax(1) == y).float().mean()
    assert trained > 0.3  # it did learn
    assert 0.1 < correct < 0.5
