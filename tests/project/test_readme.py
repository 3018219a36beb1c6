"""The README and the pages show what is there: commands, links, the map, results, figures."""

import json
import re
from pathlib import Path

import figures
import marks
import nbformat
import pytest
from course_notebooks import course_notebooks
from helpers import epoch

import results
from alexnet_lib.cli.main import COMMANDS, main
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.paper.arms import OWN_SIZE
from alexnet_lib.paper.experiments import runs_of_experiment
from alexnet_lib.paper.records import record_path
from alexnet_lib.training.recipe import DROPS
from alexnet_lib.training.run import Run

COURSE = Path(__file__).parents[2]
README = (COURSE / "README.md").read_text(encoding="utf-8")
RESULTS, INSTALL, COMMANDS_PAGE = (
    (COURSE / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("results", "install", "command_line")
)
NOTEBOOKS = course_notebooks(COURSE)
SPEEDS = sorted((COURSE / "results" / "benchmarks").glob("speed-cpu-*.json"))
PAGES = [COURSE / "README.md", *sorted((COURSE / "docs").rglob("*.md"))]


def markdown(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


START = markdown(COURSE / "notebooks" / "00_start_here.ipynb")


def test_first_commands_are_make_lab_and_make_test():
    first = re.search(r"```\n(.*?)```", README, re.DOTALL)[1].splitlines()
    assert [line.split("#")[0].strip() for line in first] == ["make lab", "make test"]
    makefile = (COURSE / "Makefile").read_text(encoding="utf-8")
    assert "\nlab:" in makefile and "\ntest:" in makefile


def test_the_readme_is_short():
    lines = README.splitlines()
    assert lines.index("## License, and how to cite") <= 120


def test_plain_lines_are_in_order_and_before_colab():
    wanted = [
        "make lab",
        "python -m venv .venv",
        "pip install -r requirements.txt -c constraints.txt",
        "pip install -e .",
        "jupyter lab\n",
        "pip install -r requirements-test.txt -c constraints.txt",
        "pytest\n",
        "## On Colab",
    ]
    places = [INSTALL.find(text) for text in wanted]
    assert -1 not in places and places == sorted(places)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_of_a_page_lead_somewhere(path):
    assert dead_links(path.read_text(encoding="utf-8"), path.parent) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_of_a_notebook_lead_somewhere(path):
    assert dead_links(markdown(path), path.parent) == []


def dead_links(text, folder):
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [link.split("#")[0] for link in links if not re.match(r"https?:|mailto:|#", link)]
    return [link for link in local if not (folder / link).exists()]


def test_files_and_folders_that_the_page_for_contributors_names_are_there():
    text = (COURSE / "docs" / "contributing.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[.\w-]+/)+[.\w-]*)`", text))
    made = {path for path in named if path.startswith((".venv/", "dist/")) or "N" in path}
    roots = COURSE, COURSE / "alexnet_lib"
    lost = [path for path in named - made if not any((root / path).exists() for root in roots)]
    assert sorted(lost) == [] and len(named - made) > 30


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("folder, page", [("notebooks/", README), ("", START)])
def test_both_maps_have_each_notebook_once(path, folder, page):
    assert marks.between(page, "map").count(f"]({folder}{path.name})") == 1


def test_maps_have_no_other_rows():
    rows = marks.between(README, "map").splitlines()[2:]
    assert len(rows) == len(marks.between(START, "map").splitlines()[2:]) == len(NOTEBOOKS)


def test_notebook_00_leads_to_the_notebook_that_comes_next():
    after = [path.name for path in NOTEBOOKS[1:2]]
    assert re.findall(r"^Next: .*\]\((.*)\)", START, re.MULTILINE) == after


@pytest.mark.parametrize("page", results.PAGES)
def test_tables_are_those_of_the_recorded_runs(page):
    text = (COURSE / page).read_text(encoding="utf-8")
    assert results.written(page, text) == text, "run: make figures"


def test_words_for_alexnet_at_its_own_size_agree_with_the_recorded_runs():
    text, size = " ".join((README + RESULTS).split()), OWN_SIZE.size
    one, two = runs_of_experiment("alexnet").values()
    (best,) = runs_of_experiment("best").values()
    _, widest = runs_of_experiment("cifar").values()
    first, other, last = (f"{100 * run.test['top1']:.1f}" for run in one)
    (split,) = (f"{100 * run.test['top1']:.1f}" for run in two)
    epochs = {len(run.epochs) for run in one + two}
    assert f"{size} pixels, trained on CIFAR-10 for {epochs.pop()} epochs" in text and not epochs
    assert f"{first}, {other} and {last} % of the test images correctly (three seeds)" in text
    assert f"two towers {split} % (one seed)" in text
    minutes = {round(sum(row.seconds for row in run.epochs) / 60) for run in one + two}
    assert minutes == {4} and len(one + two) == 4
    assert "The four runs shared an NVIDIA H200, and each took about four minutes." in text
    assert {run.device for run in one + two} == {"NVIDIA H200"}
    recorded = (COURSE / "results" / "claims").glob("*.json")
    assert {Run.read(path).data for path in recorded} == {"CIFAR-10, JPEG-75 copy"}
    copy = "a copy of CIFAR-10 whose images had been compressed as JPEG of quality 75"
    assert f"These runs, and those below, read {copy}." in text
    shares = "{:.0f}, {:.0f} and {:.0f} %".format(*(100 * drop for drop in DROPS))
    assert f"divided by ten after {shares} of the epochs" in text and OWN_SIZE.schedule == "drops"
    assert f"its {one[0].parameters / 1e6:.0f} million parameters" in text
    words = f"{best[0].parameters / 1e6:.1f} million and was trained for {len(best[0].epochs)}"
    assert f"{words} epochs" in text
    highest, of_small = (max(run.test["top1"] for run in runs) for runs in (one + two, best))
    words = "AlexNet has no higher test accuracy here than `four-layer, width 2`"
    assert highest < of_small and words in text
    views = [f"{100 * run.test['ten_views_top1']:.1f}" for run in widest]
    assert "{}, {} and {} % over ten views".format(*views) in " ".join(README.split())


def test_words_for_the_parts_of_a_step_agree_with_the_recorded_times():
    files = (
        COURSE / "results" / "benchmarks" / f"step-cpu-{kind}.json" for kind in ("amx", "avx2")
    )
    amx, avx2 = (json.loads(file.read_text("utf-8"))["seconds"] for file in files)
    whole, slow = sum(amx.values()), sum(avx2.values())
    text = " ".join(RESULTS.split())
    assert round(slow / whole) == 11 and "with AMX, where the step is eleven times as fast" in text
    assert round(5 * avx2["convolutions"] / slow) == 4 and "four fifths with AVX2" in text
    assert amx["convolutions"] < whole / 2 and "less than half with AMX" in text
    rest = amx["linear layers"] + amx["optimizer"]
    assert 0.25 < rest / whole < 0.3
    assert "the linear layers and the optimizer take more than a quarter" in text


RECIPE = {"epochs": 2, "batch_size": 32, "size": None, "seed": 0}


def run(seed, top1, **changes):
    fields = dict(model="four-layer", parameters=1, data="Shapes10, synthetic")
    fields |= dict(images={"train": 128}, recipe=RECIPE | {"seed": seed})
    fields |= dict(device="cpu, 2 threads", versions={}, commit=None)
    return Run(**fields | dict(epochs=[epoch(1), epoch(2)], test={"top1": top1}) | changes)


def test_table_has_a_row_for_runs_that_differ_in_the_seed_alone(tmp_path):
    run(1, 0.7126).write(tmp_path / "results" / "a.json")
    run(0, 0.7).write(tmp_path / "results" / "b.json")
    run(2, 0.9, test=None).write(tmp_path / "results" / "not-tested.json")
    larger = RECIPE | {"size": 227}
    run(0, 0.8, model="one-tower", recipe=larger).write(tmp_path / "results" / "c.json")
    claims = tmp_path / "results" / "claims"
    own_size = "two towers, 227 pixels"
    run(0, 0.81, model="paper", recipe=larger).write(record_path(claims, own_size, 0))
    for name in ("best", "four-layer"):  # of the experiments, how far a net comes
        tested = {"top1": 0.83, "ten_views_top1": 0.845}
        run(0, 0, model=f"{name}, wide", test=tested).write(record_path(claims, name, 0))
    table = results.table(tmp_path)
    assert table.removeprefix(results.HEAD) == (
        "| one-tower | 227×227 | Shapes10, synthetic | 2 | 0 | 80.0 % | – | cpu, 2 threads |\n"
        "| paper | 227×227 | Shapes10, synthetic | 2 | 0 | 81.0 % | – | cpu, 2 threads |\n"
        "| best, wide | as stored | Shapes10, synthetic | 2 | 0 | 83.0 % | 84.5 % "
        "| cpu, 2 threads |\n"
        "| four-layer | as stored | Shapes10, synthetic | 2 | 0, 1 | 70.0 %, 71.3 % | – "
        "| cpu, 2 threads |\n"
    )


def test_the_table_says_which_part_of_the_images_a_net_saw(tmp_path):
    run(0, 0.7, recipe=RECIPE | {"crop": 0.75}).write(tmp_path / "results" / "a.json")
    assert "| as stored, crops of 75 % of the side |" in results.table(tmp_path)


def test_speed_has_a_row_for_each_comparison_and_machine(tmp_path):
    rates = {"tutorial": 9.7, "course, float32": 15.1, "course": 2512.3}
    row = {"images_per_second": rates, "ratio": 258.99}
    found = {"machine": {"processor": "A processor", "cores": 2}}
    (tmp_path / "results" / "benchmarks").mkdir(parents=True)
    path = tmp_path / "results" / "benchmarks" / "speed-cpu.json"
    path.write_text(json.dumps(found | dict.fromkeys(results.COMPARED, row)))
    accuracy = path.with_name("accuracy-cpu.json")
    timed = dict(model="a net", goal=0.25, data="Drawn", machine=found["machine"])
    timed["runs"] = [{"seconds": 9.6}, {"seconds": None}]
    accuracy.write_text(json.dumps(timed))
    assert "after 10, (never) seconds" in results.speed(tmp_path)
    accuracy.unlink()
    lines = results.speed(tmp_path).removeprefix(results.SPEED_HEAD).splitlines()
    assert len(lines) == 3
    assert lines[2].endswith("| A processor, 2 cores | 10 | 2,512 | **259.0** |")
    found["machine"] |= {"instructions": "AMX", "threads": 1}
    found["note"] = "recorded long ago."
    path.write_text(json.dumps(found | dict.fromkeys(results.COMPARED, row)))
    where = "A processor with AMX, 1 of 2 cores"
    assert f"| {where} | 10 |" in results.speed(tmp_path)
    assert results.speed(tmp_path).endswith(f"\n\n{where}: recorded long ago.\n")


def test_other_results_change_the_page(tmp_path):
    run(0, 0.123).write(tmp_path / "results" / "a.json")
    changed = results.written("docs/results.md", RESULTS, tmp_path)
    assert "12.3 %" in changed and changed != RESULTS
    assert results.written("docs/results.md", changed, tmp_path) == changed


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="<!-- results -->"):
        results.written("docs/results.md", "# Course\n")


def examples():
    """The command lines of the page with what they print: {arguments: lines}."""
    block = re.search(r"```console\n(.*?)```", COMMANDS_PAGE, re.DOTALL)[1]
    parts = [part.splitlines() for part in block.split("$ python -m alexnet_lib ")[1:]]
    return {first: lines for first, *lines in parts}


@pytest.mark.parametrize("command", ["summary --model paper", "data shapes10"])
def test_examples_print_what_the_page_says(command, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 0
    printed = capsys.readouterr().out.splitlines()
    assert examples()[command] and set(examples()[command]) <= set(printed)


def test_example_of_training_is_a_recorded_run():
    run = Run.read(COURSE / "results" / "shapes10-seed0.json")
    train, resume, evaluate = list(examples())[2:]
    assert f"--epochs {run.recipe['epochs']} " in train
    accuracy = f"{100 * run.test['top1']:.1f} %"
    assert examples()[train] == [f"test accuracy {accuracy}"]
    assert examples()[resume] == [f"nothing is left to do: test accuracy {accuracy}"]
    assert examples()[evaluate] == [f"top-1  {accuracy}"]
    assert f"$ python -m alexnet_lib {train}\ntest accuracy {accuracy}\n" in README


def test_examples_are_command_lines_that_are_understood(monkeypatch):
    asked = []
    for module in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        monkeypatch.setattr(module, "run", lambda options, name=name: asked.append(name))
    assert [main(command.split()) for command in examples()] == [0] * 5
    assert asked == ["summary", "data", "train", "resume", "evaluate"]


def test_images_are_those_that_make_figures_draws():
    assert sorted(path.name for path in figures.IMAGES.iterdir()) == sorted(figures.drawable())


@pytest.mark.parametrize("name", figures.drawable())
def test_picture_shows_the_numbers_of_today(name):
    assert figures.stored_digest(figures.IMAGES / name) == figures.digest(name), "run: make figures"


@pytest.mark.parametrize("name", figures.drawable())
def test_a_figure_is_on_a_page_or_in_a_notebooks_head_with_words_for_it(name):
    heads = [nbformat.read(path, as_version=4).cells[0].source for path in NOTEBOOKS]
    text = "\n".join([README, RESULTS, *heads])
    found = re.findall(rf"!\[([^]]+)\]\((?:\.\./)?images/{name}\)", text)
    assert found and all(len(words) > 80 for words in found)


def test_words_on_speed_agree_with_the_benchmarks():
    found = [json.loads(path.read_text("utf-8")) for path in SPEEDS]
    words = " ".join(README.split())
    training, norm = (sorted(one[name]["ratio"] for one in found) for name in ("training", "norm"))
    assert f"{training[0]:.1f} to {training[-1]:.1f} times as fast as the training loop" in words
    assert f"{norm[0]:.1f} to {norm[-1]:.1f} times as fast as torch's own" in words


def test_words_for_the_picture_agree_with_the_layer_table():
    rows = layer_table("paper")
    for field, kind in (("parameters", "fc"), ("macs", "conv")):
        total = sum(getattr(row, field) for row in rows)
        share = sum(getattr(row, field) for row in rows if row.kind == kind) / total
        words = rf"{100 * share:.0f}\s%\sof\sthe\s{total / 1e6:.0f}\smillion"
        assert re.search(words, README)
