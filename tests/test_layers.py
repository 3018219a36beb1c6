"""Local response normalization: against torch's, and against the printed formula."""

from math import inf, nan

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from alexnet_lib.layers import LocalResponseNorm

SHAPES = [(2, 6, 4), (2, 6, 4, 3), (1, 3, 2, 2, 2), (3, 1, 5, 5)]


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def from_the_formula(a, size, alpha, beta, k, per_channel=True):
    """Section 3.3, one channel at a time, with torch's window for even sizes."""
    b = torch.empty_like(a)
    factor = alpha if per_channel else alpha / size
    for i in range(a.shape[1]):
        window = a[:, max(0, i - size // 2) : i + (size - 1) // 2 + 1]
        b[:, i] = a[:, i] / (k + factor * (window**2).sum(dim=1)) ** beta
    return b


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 9, 20])
def test_values_equal_torchs_for_odd_and_even_windows(size, shape):
    x = draw(*shape)
    theirs = nn.LocalResponseNorm(size, alpha=0.7, beta=0.6, k=1.3)
    assert_close(LocalResponseNorm(size, alpha=0.7, beta=0.6, k=1.3)(x), theirs(x))


def test_values_equal_torchs_in_float32_at_the_papers_numbers():
    x = 50 * draw(2, 96, 5, 5, dtype=torch.float32)
    assert_close(LocalResponseNorm()(x), nn.LocalResponseNorm(5, 1e-4, 0.75, 2.0)(x))


@pytest.mark.parametrize("size", [1, 3, 4, 5, 20])
def test_the_paper_convention_is_the_printed_formula(size):
    x = draw(2, 7, 3, 3)
    ours = LocalResponseNorm(size, 0.5, 0.75, 2.0, convention="paper")
    assert_close(ours(x), from_the_formula(x, size, 0.5, 0.75, 2.0))
    torchs = LocalResponseNorm(size, 0.5, 0.75, 2.0, convention="torch")
    assert_close(torchs(x), from_the_formula(x, size, 0.5, 0.75, 2.0, per_channel=False))


def test_the_papers_alpha_is_torchs_alpha_times_the_window():
    x = 30 * draw(2, 16, 3, 3)
    paper = LocalResponseNorm(5, alpha=1e-4, convention="paper")
    assert_close(paper(x), nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)(x))
    assert not torch.allclose(paper(x), LocalResponseNorm(5, alpha=1e-4)(x))


def test_worked_numbers():
    x = torch.tensor([[1.0, 2.0, 3.0]])  # windows of three: 1 + 4, 1 + 4 + 9, 4 + 9
    norm = LocalResponseNorm(3, alpha=1.0, beta=1.0, k=1.0, convention="paper")
    assert_close(norm(x), torch.tensor([[1 / 6, 2 / 15, 3 / 14]]))


def test_two_dimensions_and_none_at_all_of_the_images():
    x = draw(4, 10)
    assert_close(LocalResponseNorm(3, 0.7)(x), LocalResponseNorm(3, 0.7)(x[..., None])[..., 0])
    assert LocalResponseNorm()(torch.zeros(0, 96, 27, 27)).shape == (0, 96, 27, 27)


@pytest.mark.parametrize("convention", ["torch", "paper"])
@pytest.mark.parametrize("size", [4, 5, 9])
def test_gradients_are_right(size, convention):
    x = draw(2, 6, 2, 2, seed=1).requires_grad_()
    norm = LocalResponseNorm(size, 0.9, 0.75, 1.5, convention)
    assert torch.autograd.gradcheck(norm, x)


def test_gradients_equal_torchs():
    ours, theirs = draw(2, 12, 4, 4).requires_grad_(), draw(2, 12, 4, 4).requires_grad_()
    upstream = draw(2, 12, 4, 4, seed=3)
    LocalResponseNorm(5, 0.3, 0.75, 2.0)(ours).backward(upstream)
    nn.LocalResponseNorm(5, 0.3, 0.75, 2.0)(theirs).backward(upstream)
    assert_close(ours.grad, theirs.grad)


def test_the_input_stays_as_it_is():
    x = draw(2, 6, 3, 3)
    before = x.clone()
    LocalResponseNorm()(x)
    assert torch.equal(x, before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "size=0: give a whole number, 1 or more"),
        ({"size": 2.5}, "size=2.5"),
        ({"alpha": -1e-4}, "alpha=-0.0001: give a number that is 0 or more"),
        ({"alpha": nan}, "alpha=nan"),
        ({"alpha": inf}, "alpha=inf"),
        ({"beta": -1}, "beta=-1"),
        ({"beta": nan}, "beta=nan"),
        ({"k": 0}, "k=0: give a number above 0"),
        ({"k": nan}, "k=nan"),
        ({"convention": "caffe"}, "'caffe' is unknown; take 'torch' or 'paper'"),
    ],
)
def test_bad_values_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalResponseNorm(**arguments)


def test_one_dimension_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\): give \(N, C, ...\)"):
        LocalResponseNorm()(torch.zeros(3))


def test_its_numbers_show_when_it_is_printed():
    expected = "LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=2.0, convention='torch')"
    assert repr(LocalResponseNorm()) == expected
