"""Right answers are right in whatever way they are computed, and near misses are not."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from alexnet_lib.course.exercises import judged, of_notebook
from alexnet_lib.course.exercises.checkers import number, numbers

EXERCISES = of_notebook("all")


def is_right(exercise, answer):
    return judged(EXERCISES[exercise], answer)[0] is True


def by_optimizer(w, x, y, learning_rate):
    weight = nn.Parameter(torch.tensor(w))
    optimizer = torch.optim.SGD([weight], lr=learning_rate)
    ((weight * x - y) ** 2).backward()
    optimizer.step()
    return weight


def by_difference(w, x, y, learning_rate):
    def loss(w):
        return (w * x - y) ** 2

    return w - learning_rate * (loss(w + 1e-6) - loss(w - 1e-6)) / 2e-6


@pytest.mark.parametrize("step", [by_optimizer, by_difference])
def test_a_step_may_be_taken_by_an_optimizer_or_by_a_difference(step):
    assert is_right("00.3", step)


@pytest.mark.parametrize(
    ("exercise", "count"),
    [
        ("00.2", [12_288, 320]), ("01.2", 162), ("02.1", 32), ("02.2", 9_280), ("02.5", 67),
        ("03.1", [256, 11]), ("03.4", 128), ("06.1", 11), ("08.4", 16), ("09.2", 169),
    ],
)  # fmt: skip
def test_a_count_is_not_right_if_it_is_one_too_large_or_too_small(exercise, count):
    several = isinstance(count, list)
    first = count[0] if several else count
    for one in (first - 1, first + 1):
        answer = [one, *count[1:]] if several else one
        right, said = judged(EXERCISES[exercise], answer)
        assert right is False and "rounded" not in said
    assert is_right(exercise, count)
    assert is_right(exercise, [float(n) for n in count] if several else float(count))


def test_a_float_may_be_rounded_to_three_digits_and_an_int_may_not():
    assert number(1239.0, "because.", [], "again.")(1240)[0]
    assert not number(1239, "because.", [], "again.")(1240)[0]
    assert numbers([1239.0, 1], "because.", [], "again.")([1240, 1])[0]
    assert numbers([1239, 1], "because.", [], "again.")([1240, 1])[1].startswith("number 1 from")


def test_a_wrong_number_gets_its_hint_also_where_it_is_rounded_to_three_digits():
    hinted = number(1.0, "because.", [(2**0.5, "that is its root.")], "again.")
    assert hinted(1.41) == hinted(2**0.5) == (False, "that is its root.")
    assert hinted(1.4)[1] == "again."
    assert "the bracket is doubled" in judged(EXERCISES["04.1"], 141)[1]  # the border of 4.8


@pytest.mark.parametrize("nothing", [None, math.nan, torch.tensor(math.nan)])
def test_what_is_no_number_is_told_what_this_takes_and_not_how_to_compute_it(nothing):
    assert judged(EXERCISES["00.1"], nothing)[1].startswith("this takes one number")


def test_a_number_of_images_may_be_rounded_up():
    assert is_right("06.3", math.ceil(0.9 * 0.1 / 0.002**2))  # 22,501: floats are not exact


@pytest.mark.parametrize(("exercise", "answer"), [("00.1", 1.5), ("00.2", [12_288.0, 320.0])])
def test_a_tensor_that_autograd_follows_is_taken_without_a_warning(exercise, answer, recwarn):
    torch.set_warn_always(True)
    try:
        assert is_right(exercise, torch.tensor(answer, requires_grad=True))
    finally:
        torch.set_warn_always(False)
    assert not recwarn


class OnGpu(torch.Tensor):
    """A tensor that numpy cannot read before it is on the CPU."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    def detach(self):
        return super().detach().as_subclass(OnGpu)

    def cpu(self):
        return self.as_subclass(torch.Tensor)

    def __array__(self, *_, **__):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


def test_a_function_may_return_a_tensor_that_is_on_a_gpu():
    def step(*case):
        return by_optimizer(*case).detach().as_subclass(OnGpu)

    assert is_right("00.3", step)


@pytest.mark.parametrize(
    "leaky",
    [
        lambda x: x.relu() - 0.1 * (-x).relu(),
        lambda x: x.clamp(min=0) + 0.1 * x.clamp(max=0),
        lambda x: F.relu(x) + 0.1 * torch.minimum(x, torch.zeros(())),
        F.leaky_relu,
    ],
)
def test_a_leaky_relu_may_be_written_with_parts_that_are_flat_at_0(leaky):
    assert is_right("03.3", leaky)


@pytest.mark.parametrize("in_place", [F.leaky_relu_, lambda x: x.mul_(1 - 0.9 * (x < 0))])
def test_an_activation_function_may_change_its_argument(in_place):
    assert is_right("03.3", in_place)


@pytest.mark.parametrize("flat", [lambda x: x**2 / 8 + 0 * x, lambda x: x**3 / 48 + 0 * x, F.relu6])
def test_a_function_that_is_flat_at_0_is_no_answer(flat):
    assert "its slope is 0 at" in judged(EXERCISES["03.3"], flat)[1]


def test_a_grouped_convolution_may_be_one_with_zeros_between_the_groups():
    def with_zeros(x, weight, bias, groups):
        rows = zip(weight.chunk(groups), range(groups), strict=True)
        size = weight.shape[1]
        parts = [F.pad(w, (0, 0, 0, 0, size * n, size * (groups - 1 - n))) for w, n in rows]
        return F.conv2d(x, torch.cat(parts), bias)

    assert is_right("03.5", with_zeros)


def orthogonal(model, images):
    model.eval()
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.orthogonal_(layer.weight)
                nn.init.zeros_(layer.bias)
                layer.weight /= layer(images).std(0).square().mean().sqrt()
            images = layer(images)
    return model


def test_an_initialization_by_data_may_draw_its_own_weights():
    assert is_right("05.4", orthogonal)


def ones_for_each_channel(a, n, alpha, beta, k):
    kernel = torch.ones(a.shape[1], 1, n, n)
    sums = F.conv2d(a**2, kernel, padding=n // 2, groups=a.shape[1])
    return a / (k + alpha / n**2 * sums) ** beta


def test_a_norm_may_convolve_with_ones_of_the_usual_type():
    assert is_right("04.3", ones_for_each_channel)


def in_place(a):
    a /= (a.square().mean(1, keepdim=True) + 1e-12).sqrt()
    return a


def test_a_norm_that_changes_its_argument_is_judged_like_one_that_does_not():
    assert is_right("04.4", in_place)
