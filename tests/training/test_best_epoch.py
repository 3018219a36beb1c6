"""Training may keep the best epoch by validation, and end when there is no better one."""

import copy
from dataclasses import replace

import pytest
from helpers import colors
from small_runs import NET, recipe, same_weights

from alexnet_lib.nets.build import build
from alexnet_lib.training import fit as fits
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint, restore_net
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run

LOSSES = (0.9, 0.5, 0.7, 0.6, 0.8, 0.4)  # the second is the best until the sixth


@pytest.fixture
def losses(monkeypatch):
    """The validation losses of the epochs are LOSSES; weights after each epoch: a list."""
    weights, epoch = [], fits._epoch

    def after(model, train, validation, plan, epochs, step, progress):
        row, doubt = epoch(model, train, validation, plan, epochs, step, progress)
        weights.append(copy.deepcopy(model.state_dict()))
        return replace(row, validation_loss=LOSSES[len(epochs)]), doubt

    monkeypatch.setattr(fits, "_epoch", after)
    return weights


def train(folder=None, resume=None, **changes):
    model = build(**NET)
    checkpoints = Checkpoints(folder, NET, resume=resume and read_checkpoint(resume))
    plan = recipe(**changes)
    run = fit(model, colors(), colors(48, seed=1), plan, checkpoints=checkpoints, device="cpu")
    return model, run


def test_the_weights_of_the_best_epoch_are_kept(losses):
    model, run = train(epochs=4, keep_best=True)
    assert run.best_epoch.epoch == 2 and len(run.epochs) == 4
    assert same_weights(model.state_dict(), losses[1])


def test_by_default_the_last_weights_are_those_that_stay(losses):
    model, _ = train(epochs=3)
    assert same_weights(model.state_dict(), losses[2])


def test_what_is_kept_is_as_good_as_its_epoch_says():
    model, run = train(epochs=6, keep_best=True, learning_rate=0.1)
    batches = recipe().batches(colors(48, seed=1), statistics=recipe().batches(colors()).statistics)
    assert evaluate(model, batches).loss == pytest.approx(run.best_epoch.validation_loss, rel=1e-5)


def test_training_ends_when_the_validation_loss_has_not_improved(losses):
    _, run = train(epochs=6, early_stopping=3)
    assert len(run.epochs) == 5 and run.is_complete


def test_one_epoch_more_of_patience_finds_the_better_one(losses):
    _, run = train(epochs=6, early_stopping=4)
    assert len(run.epochs) == 6 and run.best_epoch.epoch == 6


def test_a_checkpoint_holds_the_last_weights_to_resume_and_the_best_to_use(losses, tmp_path):
    train(tmp_path, epochs=4, keep_best=True)
    content = read_checkpoint(tmp_path)
    assert same_weights(content["model"], losses[3])
    assert same_weights(content["best"], losses[1])
    assert same_weights(restore_net(content).state_dict(), losses[1])
    assert same_weights(Predictor.read(tmp_path, "cpu").model.state_dict(), losses[1])


def test_a_resumed_run_remembers_the_best_epoch_before_the_stop(losses, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "is_complete", property(lambda run: len(run.epochs) == 3))
        train(tmp_path, epochs=5, keep_best=True)
    model, run = train(resume=tmp_path, epochs=5, keep_best=True)
    assert len(run.epochs) == 5
    assert same_weights(model.state_dict(), losses[1])


def test_a_run_resumed_without_keeping_the_best_ends_with_the_last_weights(losses, tmp_path):
    train(tmp_path, epochs=3, keep_best=True)
    model, _ = train(resume=tmp_path, epochs=4)
    assert same_weights(model.state_dict(), losses[-1])


def test_the_best_epoch_of_a_run_that_did_not_keep_it_cannot_be_had(losses, tmp_path):
    train(tmp_path, epochs=3)
    with pytest.raises(ValueError, match="did not keep the weights of its best epoch"):
        train(resume=tmp_path, epochs=4, keep_best=True)


def test_a_run_that_ended_early_is_not_resumed(losses, tmp_path):
    train(tmp_path, epochs=6, early_stopping=3)
    _, run = train(resume=tmp_path, epochs=6, early_stopping=3)
    assert len(run.epochs) == 5


def test_a_kept_epoch_takes_no_room_while_it_is_the_last(tmp_path):
    train(tmp_path / "plain", epochs=1)
    train(tmp_path / "best", epochs=1, keep_best=True)
    plain, best = ((tmp_path / name / "checkpoint.pt").stat().st_size for name in ("plain", "best"))
    assert best < 1.1 * plain


@pytest.mark.parametrize("number", [0, -1, 1.5, "3", True])
def test_early_stopping_is_a_number_of_epochs(number):
    with pytest.raises((ValueError, TypeError), match="early_stopping"):
        Recipe(early_stopping=number)
