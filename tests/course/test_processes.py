"""Functions of a notebook run in two processes, which end whatever happens in them."""

import time

import pytest
import torch
import torch.distributed as dist
from torch.nn import functional as F

from alexnet_lib.course.processes import Processes, script

OFFSET = 1


def doubled(x):
    return F.relu(2 * x)


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return doubled(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def add_up(rank, x, words):
    x = Twice.apply(x) + rank
    print(words["greeting"], x.tolist())
    dist.all_reduce(x)
    return {"sum": x, "rank": rank}


def uneven(rank):
    for _ in range(3 - rank):
        dist.all_reduce(torch.ones(1))


def use_a_variable(rank):
    if rank == 1:
        print(OFFSET)
    dist.all_reduce(torch.ones(1))


def leave(rank):
    import os

    os._exit(7)


@pytest.fixture(scope="module")
def two():
    two = Processes(2)
    yield two
    two.stop()


def ended(started):
    return all(process.poll() is not None for process in started)


def test_both_processes_run_a_function_and_what_it_uses(two, capsys):
    x = torch.tensor([1.0, -1.0])
    first, second = two.run(add_up, x, {"greeting": "här"})
    assert first["sum"].tolist() == second["sum"].tolist() == [5.0, 1.0]
    assert (first["rank"], second["rank"]) == (0, 1)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["process 0: här [2.0, 0.0]", "process 1: här [3.0, 1.0]"]


def test_processes_wait_for_the_next_call_and_end_with_the_program_that_calls(two):
    two.run(add_up, torch.ones(1), {"greeting": ""})
    started = list(two.started)
    two.run(add_up, torch.ones(1), {"greeting": ""})
    assert two.started == started
    for process in started:
        process.stdin.close()  # as happens when the program that has the other end is gone
        assert process.wait(20) == 0


def test_a_function_without_a_source_is_refused_before_anything_starts():
    two = Processes(2)
    with pytest.raises(ValueError, match="define it by def"):
        two.run(eval("lambda rank: rank"))
    assert two.started == []


def test_a_failure_names_the_line_and_the_error_and_ends_both(two):
    two.run(add_up, torch.ones(1), {"greeting": ""})
    started = two.started
    words = (
        r"process 1 failed in use_a_variable, at `print\(OFFSET\)`: NameError: .* not its variables"
    )
    with pytest.raises(RuntimeError, match=words):
        two.run(use_a_variable)
    assert ended(started)


def test_processes_that_wait_for_each_other_are_stopped_at_the_limit(two):
    two.run(add_up, torch.ones(1), {"greeting": ""})
    started, before = two.started, time.monotonic()
    with pytest.raises(TimeoutError) as told:
        two.run(uneven, limit=1)
    assert time.monotonic() - before < 10 and ended(started)
    words = "process 0 was stopped after 1 s in uneven, at `dist.all_reduce(torch.ones(1))`"
    assert str(told.value) == words


def test_a_process_that_is_gone_is_reported(two):
    with pytest.raises(RuntimeError, match="ended without a result"):
        two.run(leave)
    assert two.started == []


def test_the_script_defines_what_is_used_with_its_imports():
    text = script(add_up)
    assert "import torch as torch\n" in text and "import torch.distributed as dist\n" in text
    assert "import torch.nn.functional as F\n" in text
    assert text.index("def doubled") < text.index("class Twice") < text.index("def add_up")
    assert "def uneven" not in text
    names = {}
    exec(text, names)
    assert names["doubled"](torch.ones(1)).item() == 2
