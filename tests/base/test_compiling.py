"""What cannot be compiled runs as it is, after one warning; all other errors are raised."""

import warnings

import pytest
import torch

from alexnet_lib.base.compiling import compile_or_plain


def double(x):
    return 2 * x


def test_what_compiles_runs_compiled(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda function, mode: lambda x: ("compiled", mode, x))
    assert compile_or_plain(double, "doubling", mode="fast")(1) == ("compiled", "fast", 1)


@pytest.mark.parametrize("at_once", [True, False])
def test_what_does_not_compile_runs_plainly_after_one_warning(monkeypatch, at_once):
    def fail(x):
        raise RuntimeError("no compiler\nand a long story")

    monkeypatch.setattr(torch, "compile", fail if at_once else lambda function: fail)
    run = compile_or_plain(double, "doubling")
    with pytest.warns(UserWarning, match="fails here, doubling goes without it: no compiler$"):
        assert run(2) == 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run(3) == 6


def test_errors_of_the_function_itself_are_raised(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda function: lambda x: function(x))
    run = compile_or_plain(lambda x: 1 / x, "division")
    with pytest.warns(UserWarning, match="division by zero"), pytest.raises(ZeroDivisionError):
        run(0)


def test_too_little_memory_is_no_reason_to_try_again(monkeypatch):
    def fail(x):
        raise torch.OutOfMemoryError("no memory")

    monkeypatch.setattr(torch, "compile", lambda function: fail)
    with pytest.raises(torch.OutOfMemoryError):
        compile_or_plain(double, "doubling")(1)
