"""The benchmarks compare like with like, in turn, and write down on what they ran."""

import json
import time
from importlib import import_module
from pathlib import Path

import accuracy
import defaults
import explorers
import growth
import profile_step
import pytest
import shorts
import speed
import timing
import torch
import tutorial
from torch.testing import assert_close
from torch.utils.flop_counter import FlopCounterMode

from alexnet_lib.nets import MODELS
from alexnet_lib.nets.build import build


def test_sides_are_timed_in_turn_and_the_first_round_does_not_count(monkeypatch):
    calls, now = [], 0

    def side(name, seconds):
        def run():
            nonlocal now
            calls.append(name)
            now += 100 if len(calls) < 3 else seconds

        return run

    monkeypatch.setattr(timing.time, "perf_counter", lambda: now)
    found = timing.in_turn({"a": side("a", 1), "b": side("b", 3)}, rounds=3)
    assert "".join(calls) == "abababab"
    assert found == {"a": 1, "b": 3}


def test_what_is_written_names_the_machine(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(timing, "RESULTS", tmp_path / "benchmarks")
    timing.write("norm", "cpu", {"ratio": 7})
    found = json.loads((tmp_path / "benchmarks" / "norm-cpu.json").read_text())
    assert found["ratio"] == 7
    assert found["machine"]["cores"] >= 1 and found["machine"]["versions"]["torch"]


@pytest.mark.parametrize(
    ("found", "kind", "file"),
    [
        ({"avx2": True, "avx512_f": True, "avx512_bf16": True, "amx_bf16": True}, "AMX", "-amx"),
        ({"avx2": True, "avx512_bf16": True, "amx_bf16": False}, "AVX-512 BF16", "-avx512-bf16"),
        ({"avx2": True, "avx512_f": False}, "AVX2", "-avx2"),
        ({}, None, ""),
    ],
)
def test_each_kind_of_processor_has_a_file(tmp_path, monkeypatch, capsys, found, kind, file):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    monkeypatch.setattr(timing, "RESULTS", tmp_path)
    timing.write("speed", "cpu", {}, by_kind=True)
    written = json.loads((tmp_path / f"speed-cpu{file}.json").read_text())
    assert written["machine"]["instructions"] == kind
    assert timing.instructions("cuda") is None


def test_the_parts_of_a_step_make_up_all_of_it():
    loop = profile_step.Recorded(speed.recipe(67), speed.pictures(8), "one-tower", 4, "cpu")
    loop(1)
    began = time.perf_counter()
    found = profile_step.measure(loop)
    assert 0 < sum(found.values()) <= time.perf_counter() - began
    assert all(seconds > 0 for part, seconds in found.items() if part != "type casts")
    assert found["convolutions"] > found["batches"] / 10


def test_the_operations_of_the_convolutions_are_those_that_torch_counts():
    with torch.device("meta"):
        net, images = build("one-tower", 10), torch.empty(2, 3, 227, 227)
    with FlopCounterMode(display=False) as counter:
        net(images).sum().backward()
    counted = counter.get_flop_counts()["Global"]
    found = sum(count for operation, count in counted.items() if "convolution" in str(operation))
    assert profile_step.convolution_operations(2) == found


def test_the_tutorials_net_computes_what_the_courses_does():
    torch.manual_seed(0)
    theirs, ours = tutorial.net().eval(), build("one-tower", 10).eval()
    values = [value.clone() for value in theirs.state_dict().values()]
    ours.load_state_dict(dict(zip(ours.state_dict(), values, strict=True)))
    images = 50 * torch.randn(2, 3, 227, 227)
    assert_close(ours(images), theirs(images), rtol=1e-4, atol=1e-4)


def test_both_norms_that_are_timed_give_the_same():
    x = 50 * torch.randn(2, 8, 3, 3)
    assert_close(speed.NORMS["course"]()(x), speed.NORMS["torch"]()(x))


def test_both_loops_train_on_pictures_of_the_same_size():
    data = speed.pictures(8)
    theirs = next(iter(torch.utils.data.DataLoader(tutorial.Pictures(data, 67), 4)))[0]
    ours = speed.CourseLoop(speed.recipe(67), data, "one-tower", 4, "cpu")
    assert next(iter(ours.batches))[0].shape == theirs.shape == (4, 3, 67, 67)
    before = [p.clone() for p in ours.step.model.parameters()]
    ours(3)  # goes on to the next epoch by itself
    assert not torch.equal(before[0], next(ours.step.model.parameters()))


def test_the_tutorials_loop_learns():
    torch.manual_seed(0)
    images, labels = torch.randn(8, 3, 4, 4), torch.arange(8) % 2
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2))
    before = torch.nn.functional.cross_entropy(model(images), labels)
    tutorial.Loop(model, [(images, labels)])(30)
    assert torch.nn.functional.cross_entropy(model(images), labels) < 0.7 * before


def test_ratios_are_of_the_last_side_to_the_first():
    found = speed.compared({"tutorial": 4.0, "course, float32": 2.0, "course": 0.5}, images=8)
    assert found["ratio"] == 8
    assert found["images_per_second"] == {"tutorial": 2, "course, float32": 4, "course": 16}


def test_a_point_of_growth_says_speed_and_memory():
    found = growth.measure("four-layer", 32, 8, 50, "cpu")
    assert found["images_per_second"] > 1
    assert 10 < found["peak_MB"] < 50_000 and 0.1 < found["step_MB"] < found["peak_MB"]


def test_points_of_growth_are_different_ones():
    points = [tuple(point.items()) for point in growth.points()]
    assert len(points) > 12 and len(set(points)) == len(points)


@pytest.mark.parametrize("name", ["flip", "weight_decay", "pad"])
def test_time_to_accuracy_is_without_regularization(name):
    assert getattr(accuracy.RECIPE, name) == 0


NAMES = sorted(path.stem for path in Path(speed.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_finds_what_it_imports(name):
    assert import_module(name).__doc__


def test_the_moves_of_an_explorer_are_timed(monkeypatch):
    monkeypatch.setattr(explorers, "MOVES", 2)
    found = explorers.measure("windows")
    assert found["moves"] == 2 and 0 < found["median_ms"] <= found["slowest_ms"]


def test_cells_of_the_defaults_are_different_ones_and_each_model_has_some():
    cells = [tuple(cell[key] for key in defaults.KEYS) for cell in defaults.cells()]
    assert len(cells) == len(set(cells)) == 540
    assert {cell[0] for cell in cells} == set(MODELS)
    assert not any(cell[1] < 64 and cell[0] in ("paper", "torchvision") for cell in cells)


def test_a_recorded_cell_is_not_trained_again_until_its_default_changes(monkeypatch):
    first, *others = defaults.cells()
    assert defaults.missing([first]) == others
    assert defaults.at_defaults([first, first | {"learning_rate": 7}]) == [first]
    assert len(defaults.missing([first | {"learning_rate": 7}])) == len(others) + 1


@pytest.mark.parametrize(("batch_size", "epochs"), [(16, 1), (64, 3), (256, 9)])
def test_a_cell_trains_for_about_a_hundred_steps(batch_size, epochs):
    assert defaults.epochs(batch_size) == epochs


@pytest.mark.parametrize(
    ("data", "accuracy", "learned"),
    [("ten", 0.12, False), ("ten", 0.13, True), ("two", 0.54, False), ("two", 0.55, True),
     ("ten", None, False)],
)  # fmt: skip
def test_a_cell_learns_if_it_is_above_guessing_by_more_than_three_standard_errors(
    data, accuracy, learned
):
    assert defaults.learns(data, accuracy) is learned


def test_cells_are_added_to_those_that_are_recorded(monkeypatch, tmp_path, capsys):
    few = [cell | {"size": 8} for cell in defaults.cells() if cell["model"] == "four-layer"][:2]
    monkeypatch.setattr(defaults, "PATH", tmp_path / "defaults.json")
    monkeypatch.setattr(defaults, "cells", lambda: few)
    monkeypatch.setattr(defaults, "sets", lambda *_: (speed.pictures(320), speed.pictures(64)))
    monkeypatch.setattr("sys.argv", ["defaults.py", "--device", "cpu"])
    defaults.main()
    (first, _) = found = defaults.recorded()
    assert [row["data"] for row in found] == [cell["data"] for cell in few]
    assert isinstance(first["learns"], bool) and first["device"].startswith("cpu")
    defaults.main()
    assert defaults.recorded() == found


def test_cells_that_stayed_at_chance_are_trained_again_until_they_learn(monkeypatch, tmp_path):
    slow, quick = [cell for cell in defaults.cells() if cell["model"] == "four-layer"][:2]
    monkeypatch.setattr(defaults, "PATH", tmp_path / "defaults.json")
    monkeypatch.setattr(defaults, "cells", lambda: [slow, quick])
    monkeypatch.setattr(defaults, "sets", lambda *_: None)
    monkeypatch.setattr(
        defaults, "train", lambda cell, pair, device, times: {"times": times, "learns": times > 3}
    )
    defaults.write([slow | {"learns": False}, quick | {"learns": True}], [])
    monkeypatch.setattr("sys.argv", ["defaults.py", "--device", "cpu", "--longer"])
    for count in (1, 2, 2):
        defaults.main()
        rows = defaults.recorded("longer")
        assert [row["times"] for row in rows] == [3, 9][:count]
        assert all({key: row[key] for key in defaults.KEYS} == slow for row in rows)
    assert len(defaults.recorded()) == 2


PROGRAMS = accuracy, defaults, explorers, growth, profile_step, shorts, speed


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_each_program_explains_itself_and_refuses_what_it_does_not_know(
    program, monkeypatch, capsys
):
    for word, code in (("--help", 0), ("--nonsense", 2)):
        monkeypatch.setattr("sys.argv", [f"{program.__name__}.py", word])
        with pytest.raises(SystemExit) as ended:
            program.main()
        assert ended.value.code == code
    printed = " ".join(capsys.readouterr().out.split())
    assert " ".join(program.__doc__.split("\n")[0].split()) in printed


def test_an_explorer_that_there_is_not_is_refused_with_those_that_there_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["explorers.py", "none"])
    with pytest.raises(SystemExit):
        explorers.main()
    assert "unknown: none; known: windows, " in capsys.readouterr().err
