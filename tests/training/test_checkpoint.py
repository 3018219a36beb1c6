"""A run that was stopped, or killed while it saved, resumes with the same weights."""

import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from helpers import colors
from small_runs import NET, recipe, resume, same_weights, train

from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.fit import fit


def test_resume_ends_with_bit_identical_weights(tmp_path):
    whole, whole_run = train(folder=tmp_path / "whole")

    def stop_after_two(run):
        if len(run.epochs) == 2:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted after 2 complete epochs"):
        _, part = train(folder=tmp_path / "part", report=stop_after_two)
    assert len(part.epochs) == 2
    model, resumed = resume(tmp_path / "part")
    assert same_weights(model.state_dict(), whole.state_dict())
    for one, other in zip(resumed.epochs, whole_run.epochs, strict=True):
        assert replace(one, seconds=0) == replace(other, seconds=0)


def test_a_run_that_is_complete_resumes_with_more_epochs_and_another_rate(tmp_path):
    _, first = train(folder=tmp_path)
    checkpoints = Checkpoints(resume=read_checkpoint(tmp_path))
    more = recipe(epochs=5, learning_rate=0.002, schedule="constant")
    run = fit(build(**NET), colors(), colors(48, seed=1), more, checkpoints=checkpoints)
    assert run.epochs[:3] == first.epochs and run.is_complete
    assert [row.learning_rate for row in run.epochs[3:]] == [0.002, 0.002]


KILLED = """
import os, signal, sys
sys.path[:0] = [{tests!r}, {tests!r} + "/training", {root!r}]
from small_runs import train
from alexnet_lib.training import checkpoint
whole = checkpoint.write_atomically
def killed_halfway(path, write):
    def part(file):
        write(file)
        if str(path).endswith("checkpoint.pt") and len(done) == 1:
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    whole(path, part)
checkpoint.write_atomically = killed_halfway
done = []
train(folder={out!r}, report=done.append)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_run_killed_while_it_saves_resumes_bit_identical(tmp_path, request):
    root, tests = str(request.config.rootpath), str(request.path.parents[1])
    code = KILLED.format(tests=tests, root=root, out=str(tmp_path / "killed"))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert len(read_checkpoint(tmp_path / "killed")["run"]["epochs"]) == 1
    model, _ = resume(tmp_path / "killed")
    assert same_weights(model.state_dict(), train()[0].state_dict())


def test_curves_of_a_run_that_is_replaced_are_gone_after_the_first_epoch(tmp_path):
    (tmp_path / "curves.png").touch()
    found = []

    def report(run):
        found.append((tmp_path / "curves.png").exists())
        (tmp_path / "curves.png").touch()  # as another report may draw

    train(folder=tmp_path, report=report)
    assert found == [False, True, True]


def test_classes_of_the_same_name_are_not_recorded(tmp_path):
    images = replace(colors(), classes=("red", "red", "blue"))
    options = dict(checkpoints=Checkpoints(tmp_path, NET))
    fit(build(**NET), images, images, recipe(epochs=1), **options)
    assert read_checkpoint(tmp_path)["classes"] == []


def test_checkpoints_need_to_know_how_the_net_is_built(tmp_path):
    with pytest.raises(ValueError, match="say how the net is built"):
        Checkpoints(tmp_path)
