"""Local response normalization: against torch's, and against the printed formula."""

from math import inf, nan

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from alexnet_lib.nets import lrn_kernels
from alexnet_lib.nets.lrn import LocalResponseNorm, lrn_formula

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


def relative_error(ours, exact):
    return float((ours.detach().double() - exact).abs().max() / exact.abs().max())


@pytest.mark.parametrize("shape", [(3, 96, 55, 55), (70, 32, 16, 16), (2, 5, 3)])
def test_float32_is_close_to_float64_in_values_and_gradients(shape):
    x, upstream = 50 * draw(*shape), draw(*shape, seed=1)
    exact = x.clone().requires_grad_()
    nn.LocalResponseNorm(5, 1e-4, 0.75, 2.0)(exact).backward(upstream)
    ours = x.float().requires_grad_()
    values = LocalResponseNorm()(ours)
    values.backward(upstream.float())
    assert relative_error(values, LocalResponseNorm()(x)) < 1e-6
    assert relative_error(ours.grad, exact.grad) < 1e-5


@pytest.mark.parametrize(("dtype", "error"), [(torch.bfloat16, 0.005), (torch.float16, 0.001)])
@pytest.mark.parametrize("blocks", [True, False])
def test_half_precision_is_as_exact_as_its_digits(dtype, error, blocks):
    norm = LocalResponseNorm() if blocks else lambda x: lrn_formula(x, 5, 2e-5, 0.75, 2.0)
    x, upstream = 300 * draw(2, 12, 4, 4), draw(2, 12, 4, 4, seed=1)  # squares pass float16's end
    x, upstream = x.to(dtype), upstream.to(dtype)
    exact, ours = x.double().requires_grad_(), x.clone().requires_grad_()
    LocalResponseNorm()(exact).backward(upstream.double())
    values = norm(ours)
    values.backward(upstream)
    assert values.dtype == ours.grad.dtype == dtype
    assert relative_error(values, LocalResponseNorm()(x.double())) < error
    assert relative_error(ours.grad, exact.grad) < error


def test_a_batch_of_many_blocks_equals_its_images_one_by_one():
    x = draw(7, 96, 30, 30, dtype=torch.float32)
    alone = torch.cat([LocalResponseNorm()(image[None]) for image in x])
    assert_close(LocalResponseNorm()(x), alone, rtol=0, atol=0)


def test_channels_last_stays_channels_last_and_has_the_same_gradients():
    x = draw(3, 8, 5, 5).requires_grad_()
    last = x.detach().to(memory_format=torch.channels_last).requires_grad_()
    upstream = draw(3, 8, 5, 5, seed=1)
    for images in (x, last):
        values = LocalResponseNorm()(images)
        values.backward(upstream)
        is_last = values.is_contiguous(memory_format=torch.channels_last)
        assert is_last == (images is last)
    assert_close(LocalResponseNorm()(last), LocalResponseNorm()(x), check_stride=False)
    assert_close(last.grad, x.grad, check_stride=False)


def test_an_upstream_gradient_of_another_layout_is_taken():
    x = draw(3, 8, 4, 4).requires_grad_()
    LocalResponseNorm()(x).sum().backward()  # sum's gradient is one number, expanded
    ours, x.grad = x.grad, None
    nn.LocalResponseNorm(5, 1e-4, 0.75, 2.0)(x).sum().backward()
    assert_close(ours, x.grad)


def test_compile_takes_it_in_one_piece():
    x = draw(2, 6, 4, 4).requires_grad_()
    compiled = torch.compile(LocalResponseNorm(), backend="eager", fullgraph=True)
    assert_close(compiled(x), LocalResponseNorm()(x))


def test_no_images_have_no_gradients_and_raise_nothing():
    x = torch.zeros(0, 96, 27, 27, requires_grad=True)
    LocalResponseNorm()(x).sum().backward()
    assert x.grad.shape == x.shape


def test_fused_operations_give_the_same_values_and_gradients(monkeypatch):
    compile = torch.compile
    monkeypatch.setattr(torch, "compile", lambda f, dynamic: compile(f, backend="eager"))
    lrn_kernels._compiled.cache_clear()
    ours, theirs = (draw(2, 9, 4, 3).requires_grad_() for _ in range(2))
    values = lrn_kernels._compiled(lrn_formula, 5, 0.2, 0.75, 2.0)(ours)
    values.square().sum().backward()
    LocalResponseNorm(5, 0.2, 0.75, 2.0, convention="paper")(theirs).square().sum().backward()
    assert_close(ours.grad, theirs.grad)
    lrn_kernels._compiled.cache_clear()


def test_where_nothing_can_be_fused_one_warning_says_so(monkeypatch):
    def compile(function, dynamic):
        def broken(x):
            raise RuntimeError("no compiler found\nand a long story")

        return broken

    monkeypatch.setattr(torch, "compile", compile)
    lrn_kernels._compiled.cache_clear()
    x = draw(2, 9, 4, 3)
    run = lrn_kernels._compiled(lrn_formula, 5, 0.2, 0.75, 2.0)
    with pytest.warns(UserWarning, match="LRN goes without it: no compiler found$") as caught:
        first, second = run(x), run(x)
    assert len(caught) == 1
    expected = LocalResponseNorm(5, 0.2, 0.75, 2.0, convention="paper")(x)
    assert_close(first, expected)
    assert_close(second, expected)
    lrn_kernels._compiled.cache_clear()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_a_gpu_gives_the_same_values_and_gradients():
    x, upstream = 50 * draw(3, 96, 27, 27), draw(3, 96, 27, 27, seed=1)
    here, there = x.float().requires_grad_(), x.float().cuda().requires_grad_()
    LocalResponseNorm()(here).backward(upstream.float())
    LocalResponseNorm()(there).backward(upstream.float().cuda())
    assert_close(LocalResponseNorm()(there).cpu(), LocalResponseNorm()(here))
    assert_close(there.grad.cpu(), here.grad, rtol=1e-4, atol=1e-5)


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


def test_each_kind_of_lrn_is_compiled_from_a_code_object_of_its_own():
    """torch 2.11 keeps eight compiled forms of a code object, and then gives up."""
    numbers = (5, 0.1, 0.75, 2.0), (5, 0.2, 0.75, 2.0)
    first, second = (lrn_kernels.with_numbers(lrn_formula, *some) for some in numbers)
    assert first.__code__ is not second.__code__
    x = draw(1, 4, 3, 3)
    assert_close(first(x), lrn_formula(x, *numbers[0]))
    assert_close(second(x), lrn_formula(x, *numbers[1]))
