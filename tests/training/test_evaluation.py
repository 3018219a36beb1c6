"""What a net makes of each image, and where it is surest and wrong."""

import torch
from torch import nn
from torch.testing import assert_close

from alexnet_lib.training.evaluate import probabilities, surest_mistakes


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(12, 4))


def batches(sizes=(3, 2), views=()):
    return [(torch.randn(n, *views, 3, 2, 2), torch.zeros(n, dtype=torch.int64)) for n in sizes]


def test_probabilities_are_softmax_outputs_in_order_without_dropout():
    model, images = net(), batches()
    found = probabilities(model, images)
    assert model.training and found.shape == (5, 4)
    expected = model.eval()(torch.cat([x for x, _ in images])).softmax(1)
    assert_close(found, expected)


def test_probabilities_of_views_are_their_mean():
    model, images = net().eval(), batches(views=(10,))
    single = [probabilities(model, [(x[:, view], y) for x, y in images]) for view in range(10)]
    assert_close(probabilities(model, images), torch.stack(single).mean(0))


def test_mistakes_are_the_wrong_answers_and_the_surest_comes_first():
    table = torch.tensor([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.01, 0.99]])
    labels = torch.tensor([1, 1, 0, 1, 1])
    assert surest_mistakes(table, labels).tolist() == [1, 2, 0]
    assert surest_mistakes(table, labels, 2).tolist() == [1, 2]
    assert surest_mistakes(table, table.argmax(1)).tolist() == []
