"""A net that stays at chance says so; one that learns, however slowly, does not."""

import math
import warnings
from dataclasses import replace

import pytest
import torch
from helpers import colors
from small_runs import NET, recipe
from torch import nn

from alexnet_lib.base.notes import Note
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, draw_shapes10
from alexnet_lib.nets.build import build
from alexnet_lib.training.chance import (
    answers_vary,
    guessing_loss,
    is_falling,
    sees_images,
    words_at_chance,
)
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import RECIPES

FLAT = torch.tensor([2.30, 2.31] * 40)
RANDOM = torch.Generator().manual_seed(0)


def seen(logits, labels):
    """The `Evaluation` of a net that answers with these logits, float (N, C), to the labels."""
    model = nn.Flatten()
    model.register_parameter("unused", nn.Parameter(torch.zeros(1)))
    return evaluate(model, [(logits.float()[:, :, None, None], labels)])


def labels_of(*counts):
    return torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))


def random(images, classes, scale):
    return scale * torch.randn(images, classes, generator=RANDOM)


@pytest.mark.parametrize("counts", [[500] * 10, [900, 100], [400, 300, 200, 100]])
@pytest.mark.parametrize("scale", [0, 1e-4, 0.01, 0.1, 1.0, 10.0])
def test_answers_that_do_not_depend_on_the_class_see_nothing(counts, scale):
    labels, shift = labels_of(*counts), random(1, len(counts), 3.0)
    found = seen(random(len(labels), len(counts), scale) + shift, labels)
    assert not sees_images(found)


@pytest.mark.parametrize("counts", [[500] * 10, [900, 100], [400, 300, 200, 100]])
@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_answers_that_lean_a_little_to_the_true_class_see_the_images(counts, scale):
    labels = labels_of(*counts)
    shift = torch.tensor(counts).log() + random(1, len(counts), 0.01)
    truth = nn.functional.one_hot(labels, len(counts))
    assert sees_images(seen(random(len(labels), len(counts), scale) + shift + 0.8 * truth, labels))


def test_a_net_that_is_right_and_far_too_sure_sees_the_images():
    labels = labels_of(*[100] * 10)
    logits = 40 * random(1000, 10, 1.0) + 30 * nn.functional.one_hot(labels, 10)
    found = seen(logits, labels)
    assert found.loss > 2 * math.log(10) and sees_images(found)


def test_guessing_has_the_loss_of_the_best_constant_answer():
    labels = labels_of(60, 30, 10)
    best = seen(torch.tensor([0.6, 0.3, 0.1]).log().expand(100, 3), labels)
    assert guessing_loss(best) == pytest.approx(best.loss, abs=1e-6)
    assert guessing_loss(seen(torch.zeros(40, 10), labels_of(*[4] * 10))) == pytest.approx(
        math.log(10)
    )


def test_falling_losses_are_told_from_flat_ones():
    noise = 0.05 * torch.randn(80, generator=RANDOM)
    assert is_falling(torch.linspace(2.6, 2.3, 80) + noise)
    assert not is_falling(2.3 + noise)
    assert not is_falling(torch.linspace(2.3, 2.6, 80) + noise)
    collapse = torch.cat([torch.linspace(9, 2.3, 20), 2.3 + noise[20:]])
    assert not is_falling(collapse), "a net that died early fell, too"


def test_answers_vary_unless_nearly_all_images_get_the_same():
    labels, table = labels_of(*[20] * 10), torch.zeros(200, 10)
    assert not answers_vary(seen(table, labels))
    table[:10, 3] = 1
    assert not answers_vary(seen(table, labels)), "95 % have one answer"
    table[:12, 3] = 1
    assert answers_vary(seen(table, labels))


def test_two_lines_name_the_classes_their_logarithm_the_loss_and_what_to_try():
    labels = labels_of(*[20] * 10)
    words = words_at_chance(seen(torch.zeros(200, 10), labels), FLAT, recipe(learning_rate=0.5))
    first, second = words.splitlines()
    assert "validation loss is 2.303" in first and "C = 10 classes: ln C = 2.303" in first
    assert "smaller learning rate than 0.5" in second
    assert "another initialization, such as Xavier's" in second


def test_guessing_among_classes_of_different_sizes_has_the_entropy_of_their_shares():
    labels = labels_of(180, 20)
    words = words_at_chance(seen(torch.zeros(200, 2), labels), FLAT, recipe(init=None))
    assert "classes are: 0.325; ln C = 0.693" in words and "such as He's" in words


def test_each_sign_of_learning_alone_keeps_it_silent():
    labels, table = labels_of(*[20] * 10), torch.zeros(200, 10)
    table[:, 0] = 0.01
    assert words_at_chance(seen(table, labels), FLAT, recipe())
    falling = torch.cat([FLAT[:60], FLAT[60:] - 0.1])
    assert words_at_chance(seen(table, labels), falling, recipe()) is None
    better = table + 0.009 * nn.functional.one_hot(labels, 10)  # the same answers, a better loss
    assert not answers_vary(seen(better, labels))
    assert words_at_chance(seen(better, labels), FLAT, recipe()) is None
    wrong = labels.roll(20)  # no better, but not all the same
    varied = table + 9 * nn.functional.one_hot(wrong, 10)
    assert not sees_images(seen(varied, labels))
    assert words_at_chance(seen(varied, labels), FLAT, recipe()) is None


@pytest.mark.parametrize(("images", "steps"), [(99, 80), (200, 19)])
def test_of_few_images_or_steps_nothing_is_said(images, steps):
    labels = torch.arange(images) % 3
    found = seen(torch.zeros(images, 3), labels)
    assert words_at_chance(found, FLAT[:steps], recipe()) is None
    assert words_at_chance(seen(torch.zeros(100, 3), torch.arange(100) % 3), FLAT[:20], recipe())


def train(data, plan, model=None, **options):
    """The run of the four-layer net on (train, validation), and the notes that `fit` showed."""
    model = model or build("four-layer", len(data[0].classes))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = fit(model, *data, plan, device="cpu", **options)
    return run, [str(one.message) for one in caught if issubclass(one.category, Note)]


def three_colors():
    return colors(900), colors(300, seed=1)


def dead_net():
    """A net that gives all images one answer, whatever it is trained on: its weights are 0."""
    model = build(**NET)
    for p in model.parameters():
        nn.init.zeros_(p)
    return model


@pytest.fixture(scope="module")
def shapes():
    """1,600 Shapes10 to train on, and 400 to validate with."""
    images, labels = map(torch.from_numpy, draw_shapes10(2000))
    data = ImageSet(images, labels, SHAPES10_CLASSES, "Shapes10, synthetic")
    return data.select(torch.arange(1600)), data.select(torch.arange(1600, 2000))


def test_a_dead_net_says_so_once():
    run, notes = train(three_colors(), recipe(init=None), dead_net())
    assert len(run.epochs) == 3 and run.epochs[-1].validation_top1 < 0.4
    (words,) = notes
    assert f"the validation loss is {run.epochs[0].validation_loss:.3f}" in words
    assert "C = 3 classes: ln C = 1.099" in words and len(words.splitlines()) == 2


def test_a_net_that_dies_of_its_learning_rate_says_so(shapes):
    plan = replace(RECIPES["fast"], precision="float32", learning_rate=0.3, batch_size=32)
    run, notes = train(shapes, plan, until=1.0)  # all training errors: one epoch
    assert run.epochs[0].validation_loss > math.log(10)
    assert len(notes) == 1 and "smaller learning rate than 0.3" in notes[0]


def test_a_resumed_run_does_not_say_it_again(tmp_path):
    plan = recipe(init=None)
    checkpoints = Checkpoints(tmp_path, NET)
    _, notes = train(three_colors(), plan, dead_net(), checkpoints=checkpoints, until=1.0)
    assert len(notes) == 1
    checkpoints = Checkpoints(resume=read_checkpoint(tmp_path))
    run, notes = train(three_colors(), plan, dead_net(), checkpoints=checkpoints)
    assert len(run.epochs) == 3 and notes == []


@pytest.mark.parametrize("rate", [1e-5, 5e-5, 5e-4])
def test_a_net_that_learns_slowly_but_surely_is_left_in_peace(shapes, rate):
    plan = recipe(learning_rate=rate, schedule="constant", epochs=2)
    run, notes = train(shapes, plan)
    assert notes == []
    first, second = (row.validation_loss for row in run.epochs)
    assert first > second > 2
    assert rate > 1e-4 or second > math.log(10), "it is worse than guessing, but learns"


def test_the_first_epoch_of_a_long_warm_up_is_left_in_peace(shapes):
    plan = replace(RECIPES["fast"], epochs=60, precision="float32", batch_size=32)
    run, notes = train(shapes, plan, until=1.0)
    assert len(run.epochs) == 1 and notes == []
    assert run.epochs[0].validation_loss > 2.1, "it has hardly begun"


def test_the_epoch_is_on_the_disk_when_the_warning_comes(tmp_path):
    checkpoints, plan = Checkpoints(tmp_path, NET), recipe(init=None)
    with warnings.catch_warnings(), pytest.raises(Note, match="at chance"):
        warnings.simplefilter("error")
        fit(dead_net(), *three_colors(), plan, device="cpu", checkpoints=checkpoints)
    assert len(read_checkpoint(tmp_path)["run"]["epochs"]) == 1
