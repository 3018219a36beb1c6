"""Five AlexNets from the web: what each showed works here; each bug still has its symptom."""

import math
import re
from dataclasses import replace
from functools import cache

import pytest
import torch
import torch.nn.functional as F
from helpers import image_folder
from torch import nn
from torch.testing import assert_close
from torchinfo import summary

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.load import load
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10
from alexnet_lib.figures.curves import plot_curves
from alexnet_lib.figures.images import image_grid
from alexnet_lib.nets.alexnet import QUARTER
from alexnet_lib.nets.build import build
from alexnet_lib.nets.init import init_he_
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.sizes import output_size
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint, restore_net
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run
from alexnet_lib.training.tensorboard_log import tensorboard_report
from studies.five_alexnets import bugs, record

# A few channels are enough to run.
NARROW = {"channels": (4, 10, 15, 15, 10), "hidden": (164, 164)}
RECORDED = sorted(record.OUT.glob("*.json"))
TINY = Recipe(batch_size=16, size=67, init="he", learning_rate=0.01)


@cache
def shapes(count, split="train"):
    """The first pictures of Shapes10, of classes drawn at random."""
    seed = ("train", "validation", "test").index(split)
    images, labels = map(torch.from_numpy, draw_shapes10(count, seed))
    return ImageSet(images, labels, SHAPES10_CLASSES, SHAPES10_NAME)


def train(model, count, recipe, **options):
    return fit(model, shapes(count), shapes(8, "validation"), recipe, device="cpu", **options)


# What the write-ups showed.


def test_000_preview_summary_ten_epochs_and_two_panels(capsys):
    data = shapes(64)
    preview = image_grid(data, per_class=3)
    assert preview.axes[0].images
    model = build("one-tower", 10, 224, **NARROW)
    norms = [part for part in model.modules() if isinstance(part, LocalResponseNorm)]
    assert [(norm.size, norm.k) for norm in norms] == [(5, 2.0), (5, 2.0)]
    table = str(summary(model, (1, 3, 224, 224), verbose=0))
    assert "[1, 4, 55, 55]" in table and "LocalResponseNorm" in table
    run = train(build("one-tower", 10, 67, **NARROW), 16, replace(TINY, epochs=10))
    assert "epoch 10 of 10" in capsys.readouterr().err  # the progress bars
    loss, accuracy = plot_curves(run).axes
    assert len(loss.lines[0].get_xdata()) == len(accuracy.lines[0].get_xdata()) == 10


@pytest.mark.parametrize(("in_channels", "num_classes"), [(1, 10), (3, 7)])
def test_001_channels_classes_and_adaptive_pooling(in_channels, num_classes):
    model = build("one-tower", num_classes, 67, in_channels, **NARROW)
    for size in (67, 100, 227):
        assert model(torch.rand(1, in_channels, size, size)).shape == (1, num_classes)


def test_001_trains_on_pictures_of_32_pixels():
    run = train(build("one-tower", 10, 67, **NARROW), 16, replace(TINY, epochs=1))
    assert run.epochs[0].train_loss > 0


def test_002_takes_227_pixels_has_biases_of_1_and_the_sizes_of_the_formula():
    model = bugs.normal_start_(build("one-tower", 1000, 227))
    ones = [name for name, p in model.named_parameters() if name[-4:] == "bias" and (p == 1).all()]
    assert ones == [f"features.conv{number}.bias" for number in (2, 4, 5)]
    maps = model.features[:4](torch.rand(1, 3, 227, 227))
    assert maps.shape == (1, 96, 27, 27)
    assert output_size(227, 11, stride=4) == 55 and output_size(55, 3, stride=2) == 27
    with torch.inference_mode():
        assert model(torch.rand(1, 3, 227, 227)).shape == (1, 1000)


def test_003_the_layer_table_to_the_digit():
    shown = [34_944, 614_656, 885_120, 1_327_488, 884_992, 37_752_832, 16_781_312, 40_970]
    table = summary(build("one-tower", 10, 227), (1, 3, 227, 227), verbose=0)
    layers = [row for row in table.summary_list if row.is_leaf_layer]
    assert [row.num_params for row in layers if row.num_params > 0] == shown
    assert table.total_params == sum(shown) == 58_322_314
    sides = [row.output_size[-1] for row in layers if len(row.output_size) == 4]
    assert sides == 3 * [55] + 4 * [27] + 7 * [13] + 2 * [6]
    counted = [row.parameters for row in layer_table("one-tower", 227, 10) if row.parameters]
    assert counted == shown


def test_003_fifty_epochs_in_batches_of_4():
    recipe = replace(TINY, epochs=50, batch_size=4, learning_rate=0.001, schedule="constant")
    run = train(build("one-tower", 10, 67, channels=(2, 5, 8, 8, 5), hidden=(82, 82)), 8, recipe)
    assert len(run.epochs) == 50
    assert all(row.train_loss > 0 and row.validation_loss > 0 for row in run.epochs)


def test_004_two_classes_from_folders_with_all_that_it_used(tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    names = [f"{part}/{c}/{i}.png" for part in ("train", "test") for c in "ab" for i in range(8)]
    folder = image_folder(tmp_path / "pictures", names, size=(260, 240))
    data = {split: load(folder, split, size=227) for split in ("train", "validation", "test")}
    recipe = Recipe(
        epochs=1, batch_size=4, size=227, init="he", learning_rate=0.01, momentum=0.9, flip=True,
        pad=45, zoom=0.2,
    )  # fmt: skip
    net = {"name": "batch-norm", "num_classes": 2, "size": 227, **NARROW}
    model = build(**net)
    assert "BatchNorm2d" in str(summary(model, (1, 3, 227, 227), verbose=0))
    parts = (data["train"], data["validation"], recipe)
    report = tensorboard_report(tmp_path / "logs")
    checkpoints = Checkpoints(tmp_path / "out", net)
    run = fit(model, *parts, checkpoints=checkpoints, report=report, device="cpu")
    assert len(run.epochs) == 1 and list((tmp_path / "logs").iterdir())
    content = read_checkpoint(tmp_path / "out")
    restored = restore_net(content)
    batches = recipe.batches(data["test"], statistics=content["statistics"], device="cpu")
    assert evaluate(restored, batches) is not None
    images, _ = next(iter(batches))
    assert_close(restored(images), model.eval()(images))


# What went wrong in them.


def test_tabs_among_spaces_do_not_parse():
    with pytest.raises(TabError) as error:
        compile(bugs.TABS, "net.py", "exec")
    assert error.value.lineno == 4
    compile(re.sub(r"\t+", " " * 8, bugs.TABS), "net.py", "exec")


def test_what_is_written_and_never_read_is_found():
    found = set(bugs.unused(bugs.UNUSED))
    assert found == {"initialize", "for_test", "optimizer", "logs"}
    mended = bugs.UNUSED.replace('"sgd"', "optimizer").replace("augmented)", "augmented, logs)")
    assert set(bugs.unused(mended)) == {"initialize", "for_test"}


def test_a_method_that_nobody_calls_leaves_torchs_initial_weights():
    torch.manual_seed(0)
    model = bugs.NeverCalled(**QUARTER)
    for number in (1, 3, 5):
        weight = model.net.features.get_submodule(f"conv{number}").weight
        assert_close(weight.std().item(), (3 * weight[0].numel()) ** -0.5, rtol=0.03, atol=0)
    model.initialize()
    assert_close(model.net.features.conv3.weight.std().item(), 0.01, rtol=0.03, atol=0)


def test_on_normalized_pixels_the_image_hardly_comes_through_normal_weights():
    kept = {}
    for name, start in (("normal", bugs.normal_start_), ("he", init_he_)):
        torch.manual_seed(0)
        maps = start(build("one-tower", 10, 67)).eval().features(torch.randn(16, 3, 67, 67))
        kept[name] = maps.std(0).square().mean().sqrt()
    assert kept["normal"] < kept["he"] / 100


def test_a_window_of_two_with_torchs_defaults_does_nothing_to_small_values():
    maps = torch.relu(torch.randn(2, 96, 15, 15))
    paper, wrong = LocalResponseNorm(), nn.LocalResponseNorm(2)
    assert_close(wrong(maps), maps, rtol=1e-3, atol=0)
    assert_close(paper(maps), 2**-0.75 * maps, rtol=1e-3, atol=0)
    ours = bugs.window_of_two_(build("one-tower", 10, 67, **NARROW)).features.lrn2
    assert_close(ours(50 * maps), wrong(50 * maps))


@pytest.mark.parametrize(("size", "side"), [(227, 6), (224, 5), (67, 1)])
def test_adaptive_pooling_hides_what_reaches_it(size, side):
    model = build("one-tower", 10, size, **NARROW, padding=0)
    with torch.no_grad():
        maps = model.features(torch.rand(1, 3, size, size))
    assert maps.shape[-1] == side
    pooled = model.avgpool(maps)
    assert pooled.shape[-2:] == (6, 6)
    copies = (pooled[0, 0] == pooled[0, 0, 0, 0]).all()
    assert copies == (side == 1)


def test_an_image_that_is_too_small_fails_before_adaptive_pooling():
    with pytest.raises(RuntimeError, match="too small"):
        build("one-tower", 10, 67, **NARROW, padding=0)(torch.rand(1, 3, 64, 64))


def test_the_error_names_shapes_and_no_layer_and_hides_the_next():
    image = torch.rand(1, 3, 227, 227)
    with pytest.raises(RuntimeError) as first:
        bugs.mismatched()(image)
    assert "[384, 256, 3, 3]" in str(first.value) and "384 channels instead" in str(first.value)
    assert "conv4" not in str(first.value)
    with pytest.raises(RuntimeError, match=re.escape("[256, 256, 3, 3]")):
        bugs.mismatched(in4=384)(image)
    assert bugs.mismatched(in4=384, in5=384)(image).shape == (1, 1000)


def test_normalization_after_the_relu_lets_negative_values_on():
    torch.manual_seed(0)
    image = torch.randn(8, 3, 67, 67)
    model = build("batch-norm", 2, 67, **QUARTER)
    assert model.features[:3](image).min() == 0  # conv1, bn1, relu1
    moved = bugs.norm_after_relu(model)
    assert [name for name, _ in moved.features.named_children()][:3] == ["conv1", "relu1", "bn1"]
    assert (moved.features[:3](image) < 0).float().mean() > 0.3


def test_an_optimizer_by_name_has_its_default_settings():
    weight = torch.nn.Parameter(torch.ones(1))
    configured = {"lr": 0.01, "momentum": 0.9}
    assert bugs.optimizer_by_name(configured, [weight]).defaults["momentum"] == 0.9
    assert bugs.optimizer_by_name("sgd", [weight]).defaults["momentum"] == 0


def loss_and_gradient(loss, classes):
    torch.manual_seed(0)
    logits = torch.randn(64, classes, dtype=torch.float64, requires_grad=True)
    value = loss(logits, torch.arange(64) % classes)
    return value.detach(), *torch.autograd.grad(value, logits)


def test_binary_cross_entropy_of_two_softmax_outputs_is_cross_entropy():
    assert_close(*(loss_and_gradient(loss, 2) for loss in (bugs.binary_loss, F.cross_entropy)))


@pytest.mark.parametrize("classes", [3, 10])
def test_of_more_outputs_it_is_not(classes):
    binary, cross = (
        loss_and_gradient(loss, classes) for loss in (bugs.binary_loss, F.cross_entropy)
    )
    assert binary[0] < 0.8 * cross[0]
    assert binary[1].norm() < 0.8 * cross[1].norm()


def test_half_of_the_images_stand_on_their_heads_in_the_test_too():
    data = shapes(200, "test")
    upright = Recipe(batch_size=100).batches(data, device="cpu")
    turned = bugs.UpsideDown(upright)
    assert len(turned) == 2
    pairs = list(zip(upright, turned, strict=True))
    same = torch.cat([(a == b).flatten(1).all(1) for (a, _), (b, _) in pairs])
    heads = torch.cat([(a.flip(2) == b).flatten(1).all(1) for (a, _), (b, _) in pairs])
    assert (same ^ heads).all() and 0.3 < heads.float().mean() < 0.7


def test_one_batch_of_32_measures_to_eight_points():
    torch.manual_seed(0)
    right = (torch.rand(5000, 32) < 0.7).float().mean(1)
    assert_close(right.std().item(), math.sqrt(0.7 * 0.3 / 32), rtol=0.05, atol=0)
    assert 0.07 < right.std() < 0.09


# What is recorded.


@pytest.mark.parametrize("name", record.PLANS)
def test_a_plan_of_each_name_can_be_recorded(name):
    plan = record.PLANS[name]
    classes = ("disk", "ring") if plan.classes else ()
    plan = plan._replace(recipe=replace(plan.recipe, epochs=1, batch_size=8), classes=classes)
    data = {split: record.chosen(shapes(100, split), plan, split) for split in record.SPLITS}
    data = {split: images.select(range(8)) for split, images in data.items()}
    run = record.record(plan, 1, data, "cpu")
    read = record.SPLITS[:2] if plan.tried else record.SPLITS
    assert run.seed == 1 and run.images == dict.fromkeys(read, 8) and "width 0.25" in run.model
    if plan.tried:
        assert run.test is None
    else:
        assert 0 <= run.test["top1"] <= 1 and ("augmented_top1" in run.test) == plan.upside_down


def test_what_is_recorded_is_not_recorded_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(record, "load", lambda *_: pytest.fail("read images for nothing"))
    (tmp_path / "000-repaired-seed0.json").touch()
    record.main(["--only", "000-repaired", "--seed", "0", "--out", str(tmp_path)])
    assert capsys.readouterr().out == "all is recorded\n"


def test_a_rate_is_tried_with_the_first_seed_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(record, "load", lambda *_: pytest.fail("read images for nothing"))
    (tmp_path / "000-repaired-rate-0.1-seed0.json").touch()
    record.main(["--only", "000-repaired-rate-0.1", "--out", str(tmp_path)])
    assert capsys.readouterr().out == "all is recorded\n"


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_run_is_whole_and_is_of_a_plan(path):
    run = Run.read(path)
    name, seed = re.fullmatch(r"(.+)-seed(\d)", path.stem).groups()
    plan = record.PLANS[name]
    assert Recipe(**run.recipe) == replace(plan.recipe, seed=int(seed))
    assert len(run.epochs) == run.recipe["epochs"] and bool(run.test) != plan.tried
    assert run.model.startswith(plan.words)
