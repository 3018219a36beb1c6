"""Frozen parts stay as they are, whatever training does."""

import pytest
import torch
from helpers import colors
from small_runs import NET, recipe, same_weights, train
from torch.utils.data import DataLoader, TensorDataset

from alexnet_lib.nets.alexnet import alexnet
from alexnet_lib.nets.build import build
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.fit import fit
from alexnet_lib.training.freezing import freeze, keep_frozen_statistics
from alexnet_lib.training.recipe import Recipe


def test_frozen_weights_stay_and_the_others_change():
    model = build(**NET)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    plan = recipe(epochs=1, init=None, freeze=("features",), weight_decay=0.1)
    run = fit(model, colors(), colors(48), plan, device="cpu")
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("features."), name
    assert run.recipe["freeze"] == ["features"]


def test_frozen_parts_stay_frozen_when_a_run_is_resumed(tmp_path):
    whole, _ = train({"freeze": ("features",)})
    train({"freeze": ("features",)}, tmp_path, until=0.99)
    checkpoints = Checkpoints(resume=read_checkpoint(tmp_path))
    plan = Recipe(**checkpoints.resume["run"]["recipe"])
    assert plan.freeze == ("features",) and len(checkpoints.resume["run"]["epochs"]) < 3
    resumed = build(**NET)
    fit(resumed, colors(), colors(48, seed=1), plan, checkpoints=checkpoints, device="cpu")
    assert same_weights(resumed.state_dict(), whole.state_dict())


def test_frozen_batch_normalization_keeps_its_statistics():
    model = alexnet("batch-norm", 3)
    freeze(model, ["features"])
    model.train()
    keep_frozen_statistics(model)
    before = model.features.bn1.running_mean.clone()
    model.features(torch.rand(2, 3, 67, 67))
    assert torch.equal(model.features.bn1.running_mean, before)
    assert model.classifier.dropout6.training


def test_training_keeps_the_statistics_of_frozen_parts():
    model = four_layer(norm="batch", num_classes=3)
    before = [buffer.clone() for buffer in model.buffers()]
    fit(model, colors(), colors(48), recipe(epochs=1, freeze=("features",)), device="cpu")
    assert len(before) == 6 and all(map(torch.equal, model.buffers(), before))


def test_frozen_statistics_stay_where_training_reads_a_data_loader():
    model = four_layer(norm="batch", num_classes=3)
    before = [buffer.clone() for buffer in model.buffers()]
    loader = DataLoader(TensorDataset(torch.rand(24, 3, 8, 8), torch.arange(24) % 3), 8)
    fit(model, loader, loader, recipe(epochs=1, freeze=("features",)), device="cpu")
    assert all(map(torch.equal, model.buffers(), before))


def test_an_unknown_part_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="no part 'featurs' to freeze; it has features, .*conv1"):
        freeze(build(**NET), ["featurs"])


def test_a_net_with_nothing_left_to_train_is_refused():
    with pytest.raises(ValueError, match="nothing is left to train"):
        freeze(build(**NET), [name for name, _ in build(**NET).named_children()])
