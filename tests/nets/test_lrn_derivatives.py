"""LRN's derivatives: second ones, many at once, forward-mode; and what odd numbers give."""

import pytest
import torch
from torch import nn
from torch.func import hessian, jacfwd, jacrev, jvp, vmap
from torch.testing import assert_close

from alexnet_lib.nets import lrn_kernels
from alexnet_lib.nets.lrn import LocalResponseNorm, lrn_formula

NUMBERS = 5, 0.3, 0.75, 1.5  # size, factor, beta, k


def in_blocks(x):
    return lrn_kernels.LRNInBlocks.apply(x, *NUMBERS)


def fused(x):
    return lrn_kernels.LRNFused.apply(x, lrn_formula, *NUMBERS)


def formula(x):
    return lrn_formula(x, *NUMBERS)


def layer(x):
    size, factor, beta, k = NUMBERS
    return LocalResponseNorm(size, factor, beta, k, convention="paper")(x)


def torchs(x):
    size, factor, beta, k = NUMBERS
    return nn.LocalResponseNorm(size, size * factor, beta, k)(x)


PATHS = pytest.mark.parametrize("path", [layer, formula, in_blocks, fused])


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.fixture(autouse=True)
def compiled_without_a_compiler(monkeypatch):
    """`fused` as on a GPU, up to the generation of code: with torch's rules for derivatives."""
    compile = torch.compile
    monkeypatch.setattr(torch, "compile", lambda f, dynamic: compile(f, backend="aot_eager"))
    lrn_kernels._compiled.cache_clear()
    yield
    lrn_kernels._compiled.cache_clear()


@PATHS
@pytest.mark.filterwarnings("error:torch.compile fails")
def test_first_and_second_derivatives_are_right(path):
    x = draw(2, 6, 2).requires_grad_()
    assert torch.autograd.gradcheck(path, x, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(path, x)


@pytest.mark.parametrize("size", [1, 4, 9])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.75])
def test_second_derivatives_are_right_for_any_window_and_power(size, beta):
    x = draw(1, 5, 2).requires_grad_()
    assert torch.autograd.gradgradcheck(LocalResponseNorm(size, 0.9, beta, 0.7), x)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 9])
def test_the_gradient_that_is_differentiated_again_is_that_of_the_formula(size):
    x, upstream, numbers = draw(2, 7, 3).requires_grad_(), draw(2, 7, 3, seed=1), (0.3, 0.6, 1.5)
    (expected,) = torch.autograd.grad(lrn_formula(x, size, *numbers), x, upstream)
    assert_close(lrn_kernels.lrn_gradient(x, upstream, size, *numbers), expected)


@PATHS
def test_the_hessian_equals_torchs(path):
    x = draw(1, 6, 1, 2)
    expected = torch.autograd.functional.hessian(lambda z: torchs(z).sum(), x)
    assert expected.abs().max() > 0.1
    assert_close(torch.autograd.functional.hessian(lambda z: path(z).sum(), x), expected)


def test_third_derivatives_equal_torchs():
    def third(norm):
        x = draw(1, 6, 2).requires_grad_()
        first = torch.autograd.grad(norm(x).sum(), x, create_graph=True)[0]
        second = torch.autograd.grad(first.square().sum(), x, create_graph=True)[0]
        return torch.autograd.grad(second.square().sum(), x)[0]

    assert_close(third(layer), third(torchs))


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_the_functions_of_torch_func_equal_torchs_derivatives():
    x, direction = draw(2, 6, 1), draw(2, 6, 1, seed=1)
    jacobian = torch.autograd.functional.jacobian(torchs, x)
    assert_close(jacrev(layer)(x), jacobian)
    assert_close(jacfwd(layer)(x), jacobian)
    assert_close(torch.autograd.functional.jacobian(layer, x, vectorize=True), jacobian)
    assert_close(jvp(layer, (x,), (direction,)), jvp(torchs, (x,), (direction,)))
    assert_close(hessian(lambda z: layer(z).sum())(x), hessian(lambda z: torchs(z).sum())(x))
    many = draw(4, 2, 6, 1)
    assert_close(vmap(layer)(many), torch.stack([torchs(images) for images in many]))


def test_a_constant_may_be_normalized_inside_a_function_that_is_differentiated():
    x = draw(2, 6, 1)
    slope = torch.func.grad(lambda w: (w * layer(x)).sum())(torch.ones((), dtype=x.dtype))
    assert_close(slope, torchs(x).sum())


def test_forward_mode_equals_torchs():
    x, direction = draw(2, 6, 2), draw(2, 6, 2, seed=1)
    found = []
    for norm in (layer, torchs):
        with torch.autograd.forward_ad.dual_level():
            dual = norm(torch.autograd.forward_ad.make_dual(x, direction))
            found.append(torch.autograd.forward_ad.unpack_dual(dual).tangent)
    assert_close(*found)


@pytest.mark.parametrize("path", [layer, formula])
@pytest.mark.parametrize("kind", [torch.uint8, torch.int32, torch.int64, torch.bool])
def test_whole_numbers_are_normalized_as_float32(path, kind):
    x = torch.arange(24).view(2, 6, 2).to(kind)
    assert_close(path(x), path(x.float()))
    assert path(x).dtype == torch.float32


@pytest.mark.parametrize("path", [layer, formula, in_blocks])
def test_complex_numbers_are_refused(path):
    with pytest.raises(TypeError, match="takes real numbers, and got complex ones"):
        path(torch.ones(2, 6, 2, dtype=torch.complex64))


@PATHS
@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_reach_their_window_and_no_other_channel(path, odd):
    x = draw(1, 12, 2)
    x[0, 2, 1] = odd
    x.requires_grad_()
    values = path(x)
    expected = torchs(x)
    assert values[0, 2, 1].isnan()
    assert_close(values, expected, equal_nan=True)
    (ours,) = torch.autograd.grad(values[0, :, 1].sum(), x)
    (theirs,) = torch.autograd.grad(expected[0, :, 1].sum(), x)
    assert torch.equal(ours.isnan(), theirs.isnan())
    assert ours[0, 2, 1].isnan() and ours[0, 8:].isfinite().all()


@PATHS
@pytest.mark.parametrize("scale", [1e-30, 1e15])
def test_very_small_and_very_large_numbers_equal_torchs(path, scale):
    x = (scale * draw(1, 12, 2)).float()
    assert_close(path(x), torchs(x), rtol=1e-5, atol=0)


@PATHS
def test_transposed_and_expanded_inputs_are_taken(path):
    x = draw(4, 3, 6)
    assert_close(path(x.transpose(1, 2)), torchs(x.transpose(1, 2).contiguous()))
    assert_close(path(x[:1, :, :1].expand(2, 3, 6)), torchs(x[:1, :, :1].repeat(2, 1, 6)))


@PATHS
@pytest.mark.parametrize("shape", [(0, 4, 3), (2, 0, 3), (2, 4, 0), (0, 4), (2, 4), (1, 1, 1, 1)])
def test_empty_and_small_inputs_have_first_and_second_derivatives(path, shape):
    x = draw(*shape).requires_grad_()
    (slope,) = torch.autograd.grad(path(x).sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert slope.shape == x.grad.shape == shape


@PATHS
@pytest.mark.parametrize(("type", "error"), [(torch.float16, 0.005), (torch.bfloat16, 0.02)])
def test_second_derivatives_in_half_precision_are_as_exact_as_its_digits(path, type, error):
    def second(norm, x):
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(norm(x).double().square().sum(), x, create_graph=True)
        slope.double().square().sum().backward()
        return x.grad.double()

    x = draw(2, 6, 3).to(type)
    expected = second(torchs, x.double())
    assert (second(path, x) - expected).abs().max() < error * expected.abs().max()
