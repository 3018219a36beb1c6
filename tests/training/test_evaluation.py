"""What a net predicts for each image, how often it is right, and where it is surest and wrong."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from helpers import colors
from small_runs import NET, recipe
from torch import nn
from torch.testing import assert_close

from alexnet_lib.nets.build import build
from alexnet_lib.training.evaluate import evaluate, probabilities, surest_mistakes
from alexnet_lib.training.features import last_features


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


def test_a_class_that_no_view_gives_a_chance_has_a_finite_loss_where_tiny_numbers_become_0():
    """GPUs may take numbers for 0 that are smaller than the smallest normal one."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
    model[1].weight.data.zero_()
    model[1].bias.data.copy_(torch.tensor([0.0, 500]))
    torch.set_flush_denormal(True)  # does nothing on processors that cannot
    try:
        loss = evaluate(model, [(torch.ones(1, 10, 1, 1, 1), torch.tensor([0]))]).loss
    finally:
        torch.set_flush_denormal(False)
    assert 80 < loss < 90


def test_probabilities_of_views_are_their_mean():
    model, images = net().eval(), batches(views=(10,))
    single = [probabilities(model, [(x[:, view], y) for x, y in images]) for view in range(10)]
    assert_close(probabilities(model, images), torch.stack(single).mean(0))


def test_a_net_of_16_bits_has_probabilities_and_a_loss_of_32():
    model, images = net().bfloat16().eval(), batches((200,))
    logits = model(images[0][0].bfloat16()).float()
    assert_close(probabilities(model, images), logits.softmax(1))
    expected = F.cross_entropy(logits, images[0][1]).item()
    assert evaluate(model, images).loss == pytest.approx(expected, rel=1e-5)
    views = [(image[:, None].expand(-1, 10, -1, -1, -1), labels) for image, labels in images]
    assert evaluate(model, views).loss == pytest.approx(expected, rel=1e-5)


def test_mistakes_are_the_wrong_answers_and_the_surest_comes_first():
    table = torch.tensor([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.01, 0.99]])
    labels = torch.tensor([1, 1, 0, 1, 1])
    assert surest_mistakes(table, labels).tolist() == [1, 2, 0]
    assert surest_mistakes(table, labels, 2).tolist() == [1, 2]
    assert surest_mistakes(table, table.argmax(1)).tolist() == []


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
    assert evaluate(model, [(torch.zeros(2, 1), torch.tensor([0, 6]))]).per_class[5] == 0


def test_ten_views_average_the_softmax_outputs():
    model = build(**NET).eval()
    data = colors(6)
    batches = recipe(pad=1).batches(data, ten_views=True, device="cpu")
    views, labels = map(torch.cat, zip(*batches, strict=True))
    with torch.no_grad():
        expected = torch.stack([model(views[:, i]).softmax(1) for i in range(10)]).mean(0)
    expected = F.nll_loss(expected.log(), labels).item()
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


def test_evaluate_leaves_the_model_in_its_mode_where_it_fails():
    model = build(**NET).train()
    for measure in (evaluate, probabilities):
        with pytest.raises(ValueError, match="in_channels=5"):
            measure(model, [(torch.zeros(2, 5, 8, 8), torch.zeros(2, dtype=torch.int64))])
        assert model.training


def test_an_empty_evaluation_is_named():
    with pytest.raises(ValueError, match="nothing to evaluate"):
        evaluate(build(**NET), [])


def test_outputs_that_are_not_numbers_are_neither_right_nor_wrong_but_refused():
    model, images = net(), batches((3, 2))
    images[1][0][0, 0] = float("nan")
    for measure in (evaluate, probabilities):
        with pytest.raises(FloatingPointError, match="outputs for 1 of 5 images are not numbers"):
            measure(model, images)
        assert model.training
    model[2].weight.data[0, 0] = float("nan")
    with pytest.raises(FloatingPointError, match="outputs for 2 of 2 images"):
        evaluate(model, batches((2,), views=(10,)))


def test_a_class_that_a_net_rules_out_is_no_error():
    model = nn.Sequential(net(), Minus(torch.tensor([0.0, 0.0, 0.0, torch.inf])))
    found = evaluate(model, batches())
    assert 0 < found.loss < float("inf")


class Minus(nn.Module):
    def __init__(self, values):
        super().__init__()
        self.values = values

    def forward(self, logits):
        return logits - self.values


@pytest.mark.parametrize("measure", [evaluate, probabilities, last_features])
def test_images_that_are_no_batches_say_how_to_make_them(measure):
    with pytest.raises(TypeError, match="ImageSet holds images, not batches: give recipe.batches"):
        measure(build(**NET), colors())
