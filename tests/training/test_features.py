"""What layers put into hooks is what they return, and neighbors are the nearest."""

import pytest
import torch
from torch import nn

from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.training.features import activations, last_features, nearest, silence

IMAGES = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return four_layer(channels=(4, 4, 6))


def test_activations_are_what_the_layers_return(net):
    found = activations(net, IMAGES, ["features.conv1", "features.relu1", ""])
    features = net.eval().features
    torch.testing.assert_close(found["features.conv1"], features.conv1(IMAGES))
    torch.testing.assert_close(
        found["features.relu1"], features.relu1(features.pool1(features.conv1(IMAGES)))
    )
    torch.testing.assert_close(found[""], net(IMAGES))


def test_no_hook_stays_and_the_mode_is_as_it_was(net):
    net.train()
    activations(net, IMAGES, ["features.conv1"])
    last_features(net, [(IMAGES, torch.zeros(4))])
    assert net.training
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in net.modules())


def test_a_layer_that_works_in_place_does_not_change_what_was_recorded():
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
    found = activations(net, -torch.ones(1, 3), ["0", "1"])
    torch.testing.assert_close(found["1"], found["0"].relu())
    torch.testing.assert_close(found["0"], net[0](-torch.ones(1, 3)))


def test_an_unknown_layer_is_named_with_those_there_are(net):
    with pytest.raises(ValueError, match=r"no layer 'conv9'; it has features, features\.conv1"):
        activations(net, IMAGES, ["conv9"])


def test_last_features_are_the_inputs_of_the_last_linear_layer(net):
    batches = [(IMAGES[:3], torch.zeros(3)), (IMAGES[3:], torch.zeros(1))]
    found = last_features(net, batches)
    assert found.shape == (4, 6 * 4 * 4)
    torch.testing.assert_close(net.eval().classifier(found), net(IMAGES))


def test_of_several_linear_layers_the_last_one_counts():
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, 3))
    images = torch.rand(4, 3, 2, 2)
    torch.testing.assert_close(last_features(net, [(images, torch.zeros(4))]), net[:3](images))


def test_a_net_without_a_linear_layer_has_no_last_features():
    with pytest.raises(ValueError, match="no linear layer"):
        last_features(nn.Sequential(nn.Conv2d(3, 2, 1), nn.Flatten()), [])


def test_a_channel_is_dead_only_if_no_image_wakes_it():
    maps = torch.zeros(2, 4, 3, 3)
    maps[0, 1, 0, 0] = maps[1, 2] = 1
    zeros, dead = silence(maps)
    assert zeros == pytest.approx(1 - 10 / 72) and dead == 0.5
    assert silence(torch.tensor([[1.0, 0.0], [0.0, 0.0]])) == (0.75, 0.5)


def test_nearest_are_those_with_the_smallest_distance_the_nearest_first():
    stored = torch.tensor([[0.0, 0.0], [3.0, 0.0], [1.0, 1.0]])
    assert nearest(torch.tensor([[0.9, 0.8], [3.0, 1.0]]), stored, 2).tolist() == [[2, 0], [1, 2]]


@pytest.mark.parametrize("count", [0, 4])
def test_more_neighbors_than_rows_are_refused(count):
    with pytest.raises(ValueError, match=f"count is {count}; there are 3 stored rows"):
        nearest(torch.zeros(1, 2), torch.zeros(3, 2), count)
