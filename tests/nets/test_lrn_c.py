"""LRN's kernel in C: the same values and gradients, and blocks wherever it cannot be compiled."""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from math import inf, nan

import pytest
import torch
from torch import nn
from torch.testing import assert_close
from torch.utils.data import DataLoader

from alexnet_lib.nets import lrn_c
from alexnet_lib.nets.lrn import LocalResponseNorm

NUMBERS = 5, 0.3, 0.75, 1.5  # size, alpha, beta, k
SHAPES = [(2, 6, 4, 3), (3, 1, 5, 5), (1, 3, 2, 2, 2), (5, 7), (3, 400, 150), (70, 12, 9, 9)]
LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}
ON_LINUX = sys.platform == "linux"
needs_compiler = pytest.mark.skipif(
    not (ON_LINUX and shutil.which("cc")), reason="needs Linux and a C compiler"
)


@pytest.fixture
def in_c(monkeypatch):
    """Small tensors go to the kernel, too; it is compiled once for all tests."""
    monkeypatch.setattr(lrn_c, "FROM", 1)


@pytest.fixture
def not_yet_compiled(in_c):
    """As in a new process; the library that was compiled before comes back afterwards."""
    compiled = lrn_c.c_library
    lrn_c.c_library = lrn_c.cache(compiled.__wrapped__)
    yield
    lrn_c.c_library = compiled


def draw(*shape, seed=0, dtype=torch.float32, last=False):
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)
    return x.to(memory_format=LAYOUTS[len(shape)]) if last and len(shape) in LAYOUTS else x


def way(values):
    """The name of the function that computed values."""
    return type(values.grad_fn).__name__.removesuffix("Backward")


def both(norm, x, upstream):
    """Values of a norm, and the gradient with respect to x."""
    x = x.detach().requires_grad_()
    values = norm(x)
    values.backward(upstream)
    return values, x.grad


@needs_compiler
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 4, 5, 8, 20])
def test_values_and_gradients_equal_torchs(in_c, size, shape, dtype, last):
    x, upstream = (draw(*shape, seed=seed, dtype=dtype, last=last) for seed in (0, 1))
    before = x.clone(), upstream.clone()
    values, gradient = both(LocalResponseNorm(size, 0.7, 0.75, 1.3), x, upstream)
    assert way(values) == "LRNInC" and values.dtype == gradient.dtype == dtype
    assert values.stride() == gradient.stride() == x.stride()
    torchs = nn.LocalResponseNorm(size, 0.7, 0.75, 1.3)
    expected = both(torchs, *(t.double()[..., None, None] for t in (x, upstream)))
    error = 1e-6 if dtype == torch.float32 else 0.004
    for ours, exact in zip((values, gradient), expected, strict=True):
        assert_close(ours.double(), exact[..., 0, 0], rtol=error, atol=error)
    assert torch.equal(x, before[0]) and torch.equal(upstream, before[1])


@needs_compiler
@pytest.mark.parametrize("last", [False, True])
def test_alexnets_maps_are_computed_in_c_and_close_to_blocks(last):
    x, upstream = (30 * draw(4, 96, 55, 55, seed=seed, last=last) for seed in (0, 1))
    ours, blocks = both(LocalResponseNorm(), x, upstream), []
    for image, slope in zip(x.split(1), upstream.split(1), strict=True):
        blocks.append(both(LocalResponseNorm(), image, slope))
    assert way(ours[0]) == "LRNInC" and way(blocks[0][0]) == "LRNInBlocks"
    for found, parts in zip(ours, zip(*blocks, strict=True), strict=True):
        assert_close(found, torch.cat(parts), rtol=2e-6, atol=2e-6)


@needs_compiler
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("odd", [nan, inf, -inf])
def test_numbers_that_are_not_finite_reach_what_they_reach_in_torch(in_c, odd, last, dtype):
    for channel in (0, 1, 6, 11):
        x, upstream = draw(60, 12, 3, 3, dtype=dtype, last=last), draw(60, 12, 3, 3, dtype=dtype)
        x[0, channel, 1, 1] = odd  # images of later tiles are to be free of it
        found = both(LocalResponseNorm(*NUMBERS), x, upstream)
        expected = both(nn.LocalResponseNorm(*NUMBERS), x.double(), upstream.double())
        for ours, theirs in zip(found, expected, strict=True):
            assert torch.equal(ours.isnan(), theirs.isnan())
            assert 0 < ours.isnan().sum() <= 9


@needs_compiler
@pytest.mark.parametrize("scale", [1e-30, 1e15])
def test_very_small_and_very_large_numbers_equal_torchs(in_c, scale):
    x = scale * draw(2, 12, 3, 3)
    expected = nn.LocalResponseNorm(*NUMBERS)(x)
    assert_close(LocalResponseNorm(*NUMBERS)(x), expected, rtol=1e-5, atol=0)


@needs_compiler
def test_any_number_of_threads_gives_the_same_bits(in_c):
    x, upstream = draw(3, 12, 11, 11), draw(3, 12, 11, 11, seed=1)
    threads, found = torch.get_num_threads(), []
    try:
        for count in (1, 2, 3, 7, 100):
            torch.set_num_threads(count)
            found.append(both(LocalResponseNorm(), x, upstream))
    finally:
        torch.set_num_threads(threads)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(both, LocalResponseNorm(), x, upstream) for _ in range(8)]
        found += [job.result() for job in jobs]
    for values, gradient in found[1:]:
        assert torch.equal(values, found[0][0]) and torch.equal(gradient, found[0][1])


@needs_compiler
def test_an_upstream_gradient_of_another_layout_is_taken(in_c):
    x = draw(3, 8, 4, 4)
    negative = torch._neg_view(draw(3, 8, 4, 4, seed=1))
    for upstream in (torch.ones(()).expand(3, 8, 4, 4), draw(3, 8, 4, 4, last=True), negative):
        ours = both(LocalResponseNorm(*NUMBERS), x, upstream)
        assert_close(ours, both(nn.LocalResponseNorm(*NUMBERS), x, upstream))


@needs_compiler
def test_second_derivatives_and_torch_func_equal_torchs(in_c):
    def slope_of_slope(norm, x):
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(norm(x).square().sum(), x, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), x)[0]

    ours, theirs = LocalResponseNorm(*NUMBERS), nn.LocalResponseNorm(*NUMBERS)
    x = draw(2, 6, 3, 1)
    assert way(ours(x.clone().requires_grad_())) == "LRNInC"
    assert_close(slope_of_slope(ours, x), slope_of_slope(theirs, x))
    jacobian = torch.autograd.functional.jacobian(theirs, x)
    assert_close(torch.func.jacrev(ours)(x), jacobian)
    assert_close(torch.func.jacfwd(ours)(x), jacobian)
    assert_close(torch.autograd.functional.jacobian(ours, x, vectorize=True), jacobian)
    many = draw(4, 2, 6, 1)
    assert_close(torch.vmap(ours)(many), torch.stack([theirs(one) for one in many]))


@pytest.mark.parametrize(
    "x",
    [
        draw(2, 6, 3, 3).double(),
        draw(2, 6, 3, 3).half(),
        draw(2, 6, 3, 3).mT,
        draw(2, 6, 3, 3)[:, :, ::2],
        draw(2, 6, 3, 1).expand(2, 6, 3, 3),
        draw(0, 6, 3, 3),
        torch._neg_view(draw(2, 6, 3, 3)),
    ],
    ids="float64 float16 transposed strided expanded empty negative".split(),
)
def test_other_tensors_go_to_the_blocks(in_c, x):
    expected = nn.LocalResponseNorm(*NUMBERS)(x.double()) if len(x) else x.double()
    values = LocalResponseNorm(*NUMBERS)(x.detach().requires_grad_())
    assert way(values) == "LRNInBlocks"
    assert_close(values.double(), expected, rtol=1e-3, atol=1e-3)


def test_other_powers_and_constants_and_few_values_go_to_the_blocks(in_c, monkeypatch):
    x = draw(2, 6, 3, 3).requires_grad_()
    assert way(LocalResponseNorm(beta=0.5)(x)) == "LRNInBlocks"
    assert way(LocalResponseNorm(k=1e-40)(x)) == "LRNInBlocks"
    monkeypatch.undo()
    assert way(LocalResponseNorm()(x)) == "LRNInBlocks"


def leave_no_compiler(folder, monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(folder))


def name_no_compiler(folder, monkeypatch):
    monkeypatch.setenv("CC", "none")


@pytest.mark.parametrize("take_away", [leave_no_compiler, name_no_compiler])
def test_without_a_compiler_blocks_are_used_and_nothing_is_said(
    not_yet_compiled, tmp_path, monkeypatch, take_away
):
    take_away(tmp_path, monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert computed_right() == "LRNInBlocks"


def computed_right():
    """The way in which values were computed, after they were compared with torch's."""
    x = draw(2, 6, 3, 3).requires_grad_()
    values = LocalResponseNorm(*NUMBERS)(x)
    assert_close(values, nn.LocalResponseNorm(*NUMBERS)(x))
    return way(values)


def broken_compiler(folder, monkeypatch):
    compiler = folder / "broken"
    compiler.write_text("#!/bin/sh\necho 'no such option' >&2\nexit 1\n", encoding="ascii")
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    return "no such option"


def nothing_compiled(folder, monkeypatch):
    monkeypatch.setenv("CC", "true")
    return "lrn.so: cannot open"


def no_folder(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "missing"))
    return "No such file"


def endless_compiler(folder, monkeypatch):
    def run(command, timeout, **options):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", run)
    return "timed out after 60 seconds"


@needs_compiler
@pytest.mark.parametrize(
    "break_it", [broken_compiler, nothing_compiled, no_folder, endless_compiler]
)
def test_where_compiling_fails_one_warning_says_so(
    not_yet_compiled, tmp_path, monkeypatch, break_it
):
    with pytest.warns(UserWarning, match=break_it(tmp_path, monkeypatch)) as caught:
        assert computed_right() == computed_right() == "LRNInBlocks"
    assert len(caught) == 1 and "LRN goes without its kernel in C" in str(caught[0].message)


@needs_compiler
def test_the_library_is_in_a_private_folder_that_is_gone_once_it_is_loaded(
    not_yet_compiled, tmp_path, monkeypatch
):
    seen, load = [], lrn_c.CDLL

    def loading(path):
        folder = os.path.dirname(path)
        seen.append((os.stat(folder).st_mode & 0o777, os.path.dirname(folder)))
        return load(path)

    monkeypatch.setattr(lrn_c, "CDLL", loading)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert computed_right() == "LRNInC"
    assert seen == [(0o700, str(tmp_path))] and not list(tmp_path.iterdir())


class Normalized:
    """A dataset that normalizes in a worker of a DataLoader."""

    def __len__(self):
        return 4

    def __getitem__(self, number):
        return LocalResponseNorm()(draw(2, 6, 3, 3, seed=number))


@needs_compiler
def test_a_forked_worker_normalizes_in_c(in_c):
    expected = torch.stack([Normalized()[number] for number in range(4)])
    fork = dict(num_workers=1, multiprocessing_context="fork", timeout=60)
    loader = DataLoader(Normalized(), 4, **fork)
    assert torch.equal(next(iter(loader)), expected)
