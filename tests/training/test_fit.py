"""Training: it learns, its steps are the paper's, and equal seeds give equal weights."""

import warnings
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from helpers import colors
from small_runs import NET, recipe, same_weights, train
from torch import nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset, default_collate

from alexnet_lib.base import device as devices
from alexnet_lib.base.notes import Note
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.load import load
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import RECIPES, learning_rate


def test_fit_learns_three_colors():
    _, run = train()
    assert run.epochs[-1].validation_top1 > 0.95
    assert run.epochs[-1].train_loss < run.epochs[0].train_loss
    assert [row.epoch for row in run.epochs] == [1, 2, 3]


def test_the_four_layer_net_passes_90_percent_on_shapes10():
    data = {split: load("shapes10", split) for split in ("train", "validation", "test")}
    fast = replace(RECIPES["fast"], epochs=3)
    model = build("four-layer", 10)
    fit(model, data["train"], data["validation"], fast)
    test = fast.batches(data["test"], statistics=color_statistics(data["train"]))
    assert evaluate(model, test).top1 > 0.9


def test_equal_seeds_give_equal_weights_and_others_do_not():
    first, second, other = train()[0], train()[0], train({"seed": 1})[0]
    assert same_weights(first.state_dict(), second.state_dict())
    assert not same_weights(first.state_dict(), other.state_dict())


def test_fit_takes_any_data_loader():
    data = TensorDataset(colors().images.float() / 100, colors().labels)
    loader = DataLoader(data, batch_size=16, shuffle=True)
    run = fit(build(**NET), loader, DataLoader(data, batch_size=40), recipe())
    assert run.epochs[-1].validation_top1 > 0.95
    assert run.images == {"train": 96, "validation": 96}


def test_validation_images_beside_batches_of_unknown_colors_are_noted():
    data, own = colors(24), recipe(epochs=1, batch_size=8)
    batches = own.batches(data, train=True)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", Note)
        fit(build(**NET), batches, data, own, device="cpu")
        assert not [one for one in told if "colors" in str(one.message)]
        fit(build(**NET), list(batches), data, own, device="cpu")
    assert "do not say how their colors are normalized" in str(told[-1].message)


def test_one_step_is_the_papers_update():
    """v ← 0.9v − 0.0005·ε·w − ε·∂L/∂w; w ← w + v (section 5), biases without decay."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    x, y = torch.randn(8, 3, 2, 2), torch.arange(8) % 3
    expected = [p.detach().clone() for p in model.parameters()]
    velocity = [torch.zeros_like(p) for p in expected]
    steps = recipe(epochs=1, schedule="constant", init=None, weight_decay=0.05)
    for _ in range(3):
        parameters = [p.requires_grad_() for p in expected]
        loss = F.cross_entropy(F.linear(x.flatten(1), *parameters), y)
        gradients = torch.autograd.grad(loss, parameters)
        decay = (0.05, 0.0)
        with torch.no_grad():
            for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
                velocity[i] = 0.9 * velocity[i] - decay[i] * 0.02 * p - 0.02 * g
            expected = [p + v for p, v in zip(parameters, velocity, strict=True)]
    fit(model, [(x, y)] * 3, [(x, y)], steps)
    assert_close(list(model.parameters()), expected)


def test_the_numbers_of_an_epoch_are_means_over_images_and_its_rate_that_of_the_last_step():
    data = colors(40)  # in batches of 16, 16 and 8
    plan = recipe(learning_rate=1e-30, weight_decay=0.0, flip=False)
    model = build(**NET)
    row = fit(model, data, data, plan).epochs[1]
    seen = evaluate(model, plan.batches(data))
    assert row.train_loss == pytest.approx(seen.loss) == pytest.approx(row.validation_loss)
    assert row.train_error == pytest.approx(1 - seen.top1)
    assert row.learning_rate == learning_rate(plan, [], (1 + 2 / 3) / 3)


def test_a_loss_that_is_not_finite_names_the_step_and_the_rate():
    with pytest.raises(FloatingPointError, match=r"step \d+ \(learning rate 1e\+30\)") as caught:
        train({"learning_rate": 1e30, "schedule": "constant"})
    assert len(str(caught.value).splitlines()) <= 5


def test_the_step_that_is_named_is_the_first_bad_one():
    x, y = torch.randn(30, 4, 3, 2, 2), torch.zeros(4, dtype=torch.int64)
    x[23] = float("nan")
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    batches = [(images, y) for images in x]
    with pytest.raises(FloatingPointError, match="at step 24 "):
        fit(model, batches, batches, recipe(epochs=1, init=None))


def test_more_labels_than_outputs_are_named():
    with pytest.raises(ValueError, match="num_classes=3"):
        fit(build("four-layer", 2), colors(), colors(), recipe())


def test_training_ends_with_the_first_epoch_that_reaches_the_error(tmp_path):
    _, whole = train()
    goal = whole.epochs[1].train_error
    assert goal < whole.epochs[0].train_error
    model, run = train(folder=tmp_path, until=goal)
    assert len(run.epochs) == 2
    checkpoints = Checkpoints(resume=read_checkpoint(tmp_path))
    data = colors(), colors(48, seed=1)
    assert fit(build(**NET), *data, recipe(), checkpoints=checkpoints, until=goal) == run


def test_another_number_of_processes_than_before_is_noted_and_recorded(tmp_path):
    train(folder=tmp_path, until=1.0)
    content = read_checkpoint(tmp_path)
    content["run"]["world_size"] = 2
    with pytest.warns(Note, match="trained by 2 and is continued by 1 processes"):
        data = colors(), colors(48, seed=1)
        run = fit(build(**NET), *data, recipe(), checkpoints=Checkpoints(resume=content))
    assert run.world_size == 1 and len(run.epochs) == 3


def test_fit_leaves_the_memory_of_the_process_alone(monkeypatch):
    def refuse(*_):
        raise AssertionError("fit changed the allocator")

    monkeypatch.setattr(devices.ctypes, "CDLL", refuse)
    train({"epochs": 1})


def test_each_epoch_has_an_order_of_its_own():
    data = TensorDataset(torch.rand(12, 3, 8, 8), torch.arange(12) % 3)
    order = []

    def collate(items):
        order.extend(image[0, 0, 0].item() for image, _ in items)
        return default_collate(items)

    loader = DataLoader(data, 4, shuffle=True, collate_fn=collate)
    fit(build(**NET), loader, DataLoader(data, 4), recipe(epochs=2), device="cpu")
    assert len(order) == 24 and sorted(order[:12]) == sorted(order[12:])
    assert order[:12] != order[12:]


def test_training_with_warnings_as_errors_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, run = train({"epochs": 1})
    assert len(run.epochs) == 1


@pytest.mark.parametrize("part", [0, 1], ids=["training", "validation"])
def test_numbers_that_are_not_finite_leave_the_last_good_checkpoint(tmp_path, part):
    x, y = torch.randn(2, 6, 3, 32, 32), torch.arange(6) % 3
    options = dict(checkpoints=Checkpoints(tmp_path, NET))
    with pytest.raises(FloatingPointError, match="no longer finite at step 2|are not numbers"):
        fit(
            build(**NET), [(x[0], y)], [(x[1], y)], recipe(batch_size=6),
            report=lambda run: x[part].fill_(float("nan")), **options,
        )  # fmt: skip
    assert len(read_checkpoint(tmp_path)["run"]["epochs"]) == 1


@pytest.mark.parametrize(
    "options, said",
    [
        ({"recipe": "fast"}, r"recipe is 'fast'; expected a Recipe, such as RECIPES\['fast'\]"),
        ({"recipe": {"epochs": 1}}, "expected a Recipe"),
        ({"checkpoints": "runs/a"}, "checkpoints is 'runs/a'; expected a Checkpoints, such as"),
    ],
)
def test_names_instead_of_a_recipe_or_checkpoints_say_what_to_give(options, said):
    with pytest.raises(TypeError, match=said):
        fit(build(**NET), colors(), colors(48), **({"recipe": recipe()} | options))


class ReadOnce:
    """Batches that a second pass gives no more, as a generator does not."""

    def __init__(self):
        self.batches = iter([(torch.rand(8, 3, 8, 8), torch.arange(8) % 3)])

    def __len__(self):
        return 1

    def __iter__(self):
        return self.batches


def test_batches_that_can_be_read_only_once_are_named():
    with pytest.raises(ValueError, match="gave no batch in epoch 2: give batches that can be read"):
        fit(build(**NET), ReadOnce(), colors(48), recipe(), device="cpu")
