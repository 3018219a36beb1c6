"""A run records what was trained, and the test images are read once."""

import pytest
import torch
from helpers import colors
from small_runs import recipe, train
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset

from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recording import record_test, record_train_sample
from alexnet_lib.training.run import Run


def test_a_run_records_what_was_trained_and_comes_back(tmp_path):
    _, run = train(folder=tmp_path)
    assert run.data == "Colors, synthetic" and run.model == "four-layer"
    assert run.images == {"train": 96, "validation": 48}
    assert run.recipe["learning_rate"] == 0.02 and run.versions["torch"] == torch.__version__
    assert Run.read(tmp_path / "run.json") == run


def test_a_run_records_the_batches_of_a_data_loader():
    data = TensorDataset(torch.rand(10, 3, 8, 8), torch.arange(10) % 3)
    plan = recipe(epochs=2, batch_size=5)
    run = fit(four_layer(num_classes=3), DataLoader(data, 4), data, plan, device="cpu")
    assert run.recipe["batch_size"] == 4 and run.steps == 6


IMAGES = TensorDataset(torch.rand(10, 3, 8, 8), torch.arange(10) % 3)


@pytest.mark.parametrize(
    ("batches", "images"),
    [
        (DataLoader(IMAGES, 4, sampler=SubsetRandomSampler(range(6))), 6),
        (DataLoader(IMAGES, 4, shuffle=True, drop_last=True), 8),
        ([IMAGES[:4], IMAGES[4:8], IMAGES[8:9]], 9),
        (IMAGES, 10),
    ],
)
def test_a_run_records_how_many_images_an_epoch_has(batches, images):
    plan = recipe(epochs=2, batch_size=4)
    run = fit(four_layer(num_classes=3), batches, batches, plan, device="cpu")
    assert run.images == {"train": images, "validation": images}
    assert run.steps == 2 * -(-images // 4)


def test_the_test_images_are_read_once():
    model, run = train({"epochs": 1})
    test = recipe().batches(colors(30, seed=2), device="cpu")
    views = recipe(pad=1).batches(colors(30, seed=2), device="cpu", ten_views=True)
    record_test(run, model, test, views)
    seen = evaluate(model, test)
    assert run.images["test"] == 30 and run.test_error == 1 - seen.top1
    assert run.test["loss"] == seen.loss and run.test["top5"] == seen.top5
    assert run.ten_views_error == 1 - evaluate(model, views).top1
    with pytest.raises(ValueError, match="tested already"):
        record_test(run, model, test)


def test_training_images_are_evaluated_like_validation_images():
    model, run = train({"epochs": 1})
    images, augmenting = colors(20), recipe(pad=1, flip=True)
    record_train_sample(run, model, augmenting, images, device="cpu")
    seen = evaluate(model, augmenting.batches(images, device="cpu"))
    assert run.images["train_sample"] == 20
    assert run.train_sample == {"loss": seen.loss, "top1": seen.top1, "top5": seen.top5}
    assert run.gap == run.final("validation_error") - (1 - seen.top1)
