"""Training: it learns, its means are right, and equal seeds give equal weights."""

import itertools
import signal
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from helpers import colors, epoch
from torch import nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

from alexnet_lib.base import device as devices
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.load import load
from alexnet_lib.nets.build import build
from alexnet_lib.training import progress
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import RECIPES, Recipe, learning_rate
from alexnet_lib.training.recording import record_test
from alexnet_lib.training.run import Run

NET = {"name": "four-layer", "num_classes": 3}


def recipe(**changes):
    return replace(Recipe(epochs=3, batch_size=16, init="he", learning_rate=0.02), **changes)


def train(changes=None, folder=None, **options):
    options["checkpoints"] = Checkpoints(folder, NET)
    model = build(**NET)
    run = fit(model, colors(), colors(48, seed=1), recipe(**changes or {}), **options)
    return model, run


def resume(folder):
    """The net and the run of `train`, from its checkpoint to its end."""
    checkpoints = Checkpoints(resume=read_checkpoint(folder))
    model = build(**checkpoints.resume["net"])
    run = fit(model, colors(), colors(48, seed=1), recipe(), checkpoints=checkpoints)
    return model, run


def same_weights(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.values(), other.values(), strict=True))


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


def test_bars_are_redrawn_once_an_epoch_where_epochs_are_quick(monkeypatch):
    drawn = []

    class Bar(progress.tqdm):
        def display(self, *args, **options):
            drawn.append(str(self))
            return super().display(*args, **options)

    monkeypatch.setattr(progress, "tqdm", Bar)
    monkeypatch.setitem(progress.BAR, "mininterval", 1e6)  # a slow machine takes over a second
    batches = [(torch.rand(4, 3, 8, 8), torch.zeros(4, dtype=torch.int64))] * 2
    fit(build(**NET), batches, batches, recipe(epochs=30))
    assert 30 <= len(drawn) < 45
    assert any("epoch 30 of 30" in bar for bar in drawn)


def test_evaluation_gets_a_bar_only_where_it_takes_long(monkeypatch):
    bars, clock = [], itertools.count()

    class Bar(progress.tqdm):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            bars.append(self)

    monkeypatch.setattr(progress, "tqdm", Bar)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    batches = [(torch.rand(4, 3, 8, 8), torch.zeros(4, dtype=torch.int64))] * 5
    evaluate(build(**NET), batches[:1])
    assert bars == []
    evaluate(build(**NET), batches)
    assert [(bar.n, bar.total) for bar in bars] == [(5, 5)]


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


def test_means_weigh_each_image_once():
    model = build(**NET)
    data = colors(50)
    batches = recipe().batches(data, device="cpu")
    seen = evaluate(model, batches)
    with torch.inference_mode():
        model.eval()
        everything = torch.cat([x for x, _ in batches])
        logits = model(everything)
    assert seen.loss == pytest.approx(F.cross_entropy(logits, data.labels).item(), rel=1e-5)
    assert seen.top1 == pytest.approx((logits.argmax(1) == data.labels).float().mean().item())
    assert int(seen.confusion.sum()) == 50
    assert seen.confusion.sum(1).tolist() == data.counts()


def test_top5_counts_the_five_best_of_seven():
    logits = torch.tensor([7.0, 6, 5, 4, 3, 2, 1])
    model = nn.Sequential(nn.Flatten(), nn.Linear(1, 7))
    model[1].weight.data.zero_()
    model[1].bias.data.copy_(logits)
    seen = evaluate(model, [(torch.zeros(7, 1), torch.arange(7))])
    assert seen.top1 == pytest.approx(1 / 7)
    assert seen.top5 == pytest.approx(5 / 7)
    assert seen.confusion[:, 0].tolist() == [1] * 7
    assert seen.per_class == [1, 0, 0, 0, 0, 0, 0]


def test_ten_views_average_the_softmax_outputs():
    model = build(**NET).eval()
    data = colors(6)
    batches = recipe(pad=1).batches(data, ten_views=True, device="cpu")
    views, labels = map(torch.cat, zip(*batches, strict=True))
    with torch.no_grad():
        probabilities = torch.stack([model(views[:, i]).softmax(1) for i in range(10)]).mean(0)
    expected = F.nll_loss(probabilities.log(), labels).item()
    assert evaluate(model, batches).loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "size"), [(dict(batch_size=50), 8), (dict(crop=0.75), 6), (dict(batch_size=9), 8)]
)
def test_ten_views_differ_and_take_no_more_memory_than_a_batch(changes, size):
    made = replace(recipe(), **changes)
    views, _ = next(iter(made.batches(colors(12), ten_views=True, device="cpu")))
    assert views.shape == (max(1, made.batch_size // 10), 10, 3, size, size)
    assert len({view.numpy().tobytes() for view in views[0]}) == 10


def test_evaluate_leaves_the_model_in_its_mode():
    model = build(**NET).train()
    evaluate(model, recipe().batches(colors(), device="cpu"))
    assert model.training


def rows(*accuracies):
    return [epoch(validation_top1=accuracy) for accuracy in accuracies]


def test_plateau_divides_by_ten_when_validation_stalls_three_times_at_most():
    plateau = Recipe(schedule="plateau", patience=2, learning_rate=0.1)
    rate = [learning_rate(plateau, rows(*[0.5] * n), 0) for n in range(12)]
    assert rate[:3] == [0.1] * 3
    assert rate[3:5] == pytest.approx([0.01] * 2)
    assert rate[5:7] == pytest.approx([0.001] * 2)
    assert rate[7:] == pytest.approx([0.0001] * 5)
    assert learning_rate(plateau, rows(0.1, 0.2, 0.3, 0.25, 0.4), 0) == 0.1


def test_drops_divide_the_rate_by_ten_at_60_80_and_95_percent_of_the_epochs():
    drops = Recipe(schedule="drops", learning_rate=1.0)
    rates = [learning_rate(drops, [], part) for part in (0.0, 0.59, 0.6, 0.79, 0.8, 0.94, 0.95)]
    assert rates == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01, 0.01, 0.001])


def test_cosine_warms_up_and_ends_at_zero():
    cosine = Recipe(schedule="cosine", learning_rate=0.1)
    rate = [learning_rate(cosine, [], progress / 100) for progress in range(101)]
    assert rate[0] == 0 and rate[100] == pytest.approx(0, abs=1e-9)
    assert max(rate) == pytest.approx(rate[10]) and 0.09 < rate[10] < 0.1
    assert rate[50] == pytest.approx(0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": -0.1},
        {"learning_rate": float("nan")},
        {"epochs": 0},
        {"momentum": 1.0},
        {"weight_decay": -1},
        {"schedule": "linear"},
        {"init": "zeros"},
        {"scale": "raw"},
        {"batch_size": 1.5},
    ],
)
def test_a_recipe_names_the_wrong_number(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Recipe(**wrong)


def test_the_papers_recipe_has_the_papers_numbers():
    paper = RECIPES["paper"]
    numbers = (paper.batch_size, paper.learning_rate, paper.momentum, paper.weight_decay)
    assert numbers == (128, 0.01, 0.9, 0.0005)
    assert (paper.crop, paper.color, paper.epochs) == (224 / 256, 0.1, 90)


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


def test_an_empty_evaluation_is_named():
    with pytest.raises(ValueError, match="nothing to evaluate"):
        evaluate(build(**NET), [])


def test_a_run_records_what_was_trained_and_comes_back(tmp_path):
    _, run = train(folder=tmp_path)
    assert run.data == "Colors, synthetic" and run.model == "four-layer"
    assert run.images == {"train": 96, "validation": 48}
    assert run.recipe["learning_rate"] == 0.02 and run.versions["torch"] == torch.__version__
    assert Run.read(tmp_path / "run.json") == run


def test_resume_ends_with_bit_identical_weights(tmp_path):
    whole, whole_run = train(folder=tmp_path / "whole")

    def stop_after_two(run):
        if len(run.epochs) == 2:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted after 2 complete epochs"):
        _, part = train(folder=tmp_path / "part", report=stop_after_two)
    assert len(part.epochs) == 2
    model, resumed = resume(tmp_path / "part")
    assert same_weights(model.state_dict(), whole.state_dict())
    for one, other in zip(resumed.epochs, whole_run.epochs, strict=True):
        assert replace(one, seconds=0) == replace(other, seconds=0)


KILLED = """
import os, signal, sys
sys.path[:0] = [{tests!r}, {tests!r} + "/training", {root!r}]
from test_training import train
from alexnet_lib.training import checkpoint
whole = checkpoint.write_atomically
def killed_halfway(path, write):
    def part(file):
        write(file)
        if str(path).endswith("checkpoint.pt") and len(done) == 1:
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    whole(path, part)
checkpoint.write_atomically = killed_halfway
done = []
train(folder={out!r}, report=done.append)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_killed_while_it_saves_resumes_bit_identical(tmp_path, request):
    root, tests = str(request.config.rootpath), str(request.path.parents[1])
    code = KILLED.format(tests=tests, root=root, out=str(tmp_path / "killed"))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert len(read_checkpoint(tmp_path / "killed")["run"]["epochs"]) == 1
    model, _ = resume(tmp_path / "killed")
    assert same_weights(model.state_dict(), train()[0].state_dict())


def test_training_ends_with_the_first_epoch_that_reaches_the_error(tmp_path):
    _, whole = train()
    goal = whole.epochs[1].train_error
    assert goal < whole.epochs[0].train_error
    model, run = train(folder=tmp_path, until=goal)
    assert len(run.epochs) == 2
    checkpoints = Checkpoints(resume=read_checkpoint(tmp_path))
    data = colors(), colors(48, seed=1)
    assert fit(build(**NET), *data, recipe(), checkpoints=checkpoints, until=goal) == run


def test_checkpoints_need_to_know_how_the_net_is_built(tmp_path):
    with pytest.raises(ValueError, match="say how the net is built"):
        Checkpoints(tmp_path)


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


def test_fit_leaves_the_memory_of_the_process_alone(monkeypatch):
    def refuse(*_):
        raise AssertionError("fit changed the allocator")

    monkeypatch.setattr(devices.ctypes, "CDLL", refuse)
    train({"epochs": 1})


def test_training_with_warnings_as_errors_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, run = train({"epochs": 1})
    assert len(run.epochs) == 1
