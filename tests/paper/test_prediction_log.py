"""What a net predicts for the same images after each epoch: written, continued and read."""

import torch
from PIL import Image

from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.paper.predictions import COUNT, PredictionLog, predictions_path, read_predictions
from alexnet_lib.training.evaluate import probabilities
from alexnet_lib.training.recipe import Recipe


def images(count=30):
    draws = torch.Generator().manual_seed(3)
    pixels = torch.randint(256, (count, 3, 16, 16), dtype=torch.uint8, generator=draws)
    return ImageSet(pixels, torch.arange(count) % 3, ("a", "b", "c"), "drawn")


def log(file):
    data = images()
    return PredictionLog(file, data, Recipe(), color_statistics(data), "cpu")


def test_predictions_are_read_as_the_net_gave_them(tmp_path):
    torch.manual_seed(0)
    one, model = log(tmp_path / "deep" / "run.json"), four_layer(num_classes=3)
    one.add(model, 1)
    found = read_predictions(tmp_path / "deep" / "run.json")
    assert found.classes == ("a", "b", "c") and len(found.images) == COUNT
    assert torch.equal(found.images, one.shown.images)
    assert torch.equal(found.labels, one.shown.labels)
    table = probabilities(model, one.batches)
    torch.testing.assert_close(found.by_epoch[1], table, rtol=0, atol=1e-4)


def test_images_that_do_not_fit_into_memory_are_read(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        Image.new("RGB", (16, 16), "red").save(path)
    files = ImageFiles(paths, torch.tensor([0, 1, 2]), ("a", "b", "c"), "three", 16)
    statistics = color_statistics(images())
    PredictionLog(tmp_path / "run.json", files, Recipe(), statistics, "cpu").add(four_layer(), 1)
    found = read_predictions(tmp_path / "run.json").images
    assert found.shape == (3, 3, 16, 16) and found[:, 0].min() == 255


def test_a_resumed_run_keeps_what_was_predicted_before(tmp_path):
    log(tmp_path / "run.json").add(four_layer(num_classes=3), 1)
    log(tmp_path / "run.json").add(four_layer(num_classes=3), 2)
    assert list(read_predictions(tmp_path / "run.json").by_epoch) == [1, 2]


def test_a_run_that_begins_again_keeps_nothing_of_the_one_before(tmp_path):
    for epoch in (1, 2, 3):
        log(tmp_path / "run.json").add(four_layer(num_classes=3), epoch)
    log(tmp_path / "run.json").add(four_layer(num_classes=3), 1)
    assert list(read_predictions(tmp_path / "run.json").by_epoch) == [1]


def test_predictions_lie_beside_the_runs(tmp_path):
    path = predictions_path(tmp_path, "one-tower, 227 pixels", 2)
    assert path == tmp_path / "predictions" / "one-tower-227-pixels-seed2.json"
