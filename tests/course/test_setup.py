"""What the set-up of a notebook gives: device, profile, data."""

import json
import os
import subprocess
import sys
from types import ModuleType

import pytest
import torch
from helpers import image_folder
from torch.torch_version import TorchVersion

import alexnet_lib
from alexnet_lib.course import setup as notebook
from alexnet_lib.data import load as datasets


def test_setup_prints_one_line(monkeypatch, capsys):
    monkeypatch.setenv("ALEXNET_PROFILE", "fast")
    notebook.setup()
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert f"alexnet_lib {alexnet_lib.__version__} · torch {torch.__version__} · cpu, " in line
    assert line.endswith("profile fast\n")


@pytest.mark.parametrize(
    "version, older",
    [("2.9.0+cpu", True), ("2.10.1", True), ("2.11.0a0", False), ("2.11.0+cu128", False)],
)
def test_setup_says_in_one_line_when_torch_is_older_than_the_requirements(
    version, older, monkeypatch, capsys
):
    monkeypatch.setattr(torch, "__version__", TorchVersion(version))
    notebook.setup()
    _, *others = capsys.readouterr().out.splitlines()
    assert [line.startswith("This torch is older than 2.11, ") for line in others] == [True] * older


def test_the_oldest_torch_is_the_lower_bound_in_the_requirements(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(notebook, "COURSE", tmp_path)
    (tmp_path / "requirements.txt").write_text("numpy\ntorch>=99.5\n", encoding="utf-8")
    notebook.setup()
    assert "older than 99.5" in capsys.readouterr().out
    (tmp_path / "requirements.txt").unlink()  # the library alone, without the course
    notebook.setup()
    assert "older" not in capsys.readouterr().out


@pytest.fixture
def colab(monkeypatch):
    """As on Colab: its module is loaded, torchinfo is missing, and commands are only noted."""
    called = []

    def run(words, **options):
        called.append(words)
        return subprocess.CompletedProcess(words, 0, stdout="https://github.com/someone/name.git\n")

    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "torchinfo", None)
    monkeypatch.setattr(notebook.subprocess, "run", run)
    return called


def test_on_colab_only_what_is_missing_is_installed_and_without_its_dependencies(colab):
    notebook.setup()
    pips = [words[3:] for words in colab if "pip" in words]
    assert pips == [["install", "--quiet", "--no-deps", "torchinfo"]]


def test_on_colab_a_line_says_where_the_glossary_is(colab, capsys):
    notebook.setup()
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.endswith(": https://github.com/someone/name/blob/HEAD/docs/glossary.md")


@pytest.mark.parametrize("address", ["", "file:///content/course", "git@github.com:a/b.git"])
def test_where_the_course_is_not_from_github_no_glossary_is_named(
    address, colab, monkeypatch, capsys
):
    told = subprocess.CompletedProcess([], 0, stdout=address)
    monkeypatch.setattr(notebook.subprocess, "run", lambda *_, **__: told)
    notebook.setup()
    assert "lossary" not in capsys.readouterr().out


def test_elsewhere_nothing_is_installed_and_no_glossary_is_named(colab, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "google.colab")
    notebook.setup()
    assert colab == [] and "lossary" not in capsys.readouterr().out


def test_setup_seeds_torch():
    notebook.setup(seed=3)
    drawn = torch.rand(4)
    torch.manual_seed(3)
    assert torch.equal(drawn, torch.rand(4))


@pytest.mark.parametrize("device, profile", [("cpu", "fast"), ("cuda", "full"), ("mps", "full")])
def test_profile_follows_the_device(monkeypatch, device, profile):
    monkeypatch.delenv("ALEXNET_PROFILE")
    monkeypatch.setattr(notebook.devices, "pick_device", lambda: torch.device(device))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    assert notebook.setup().profile == profile


def test_profile_can_be_set_by_the_environment(monkeypatch):
    monkeypatch.setenv("ALEXNET_PROFILE", "full")
    assert notebook.setup().profile == "full"


def test_unknown_profile_is_refused(monkeypatch):
    monkeypatch.setenv("ALEXNET_PROFILE", "slow")
    with pytest.raises(ValueError, match="'slow', expected fast or full"):
        notebook.setup()


@pytest.fixture
def shown(monkeypatch):
    """What is displayed under the cell."""
    shown = []
    monkeypatch.setattr(notebook, "display", lambda data, raw: shown.append(data))
    return shown


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What `datasets.load` is asked for; nothing lies in the data folder, and no host answers."""
    asked = []

    def load(source, split="train", skip_broken=False):
        asked.append((source, split))
        if (tmp_path / "full disk").exists():
            raise OSError("no space left")
        if source == "cifar10" and not (tmp_path / "copy").exists():
            raise ConnectionError("no host answered")
        return f"{source} {split}"

    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    monkeypatch.setattr(datasets, "load", load)
    notebook._source.cache_clear()
    yield asked
    notebook._source.cache_clear()


def test_own_images_in_the_data_folder_come_first(asked, tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "test").mkdir()
    assert notebook.setup().data("validation") == f"{tmp_path} validation"
    assert asked == [(tmp_path, "validation")]


def test_cifar10_is_the_data_where_it_can_be_had(asked, shown, tmp_path):
    (tmp_path / "copy").touch()
    assert notebook.setup().data() == "cifar10 train"
    assert shown == []


def test_without_copy_and_network_shapes10_comes_under_a_banner_shown_once(asked, shown):
    course = notebook.setup()
    assert course.data("train") == "shapes10 train"
    assert course.data("test") == "shapes10 test"
    (banner,) = shown
    assert "Shapes10, synthetic" in banner["text/html"]
    assert "Shapes10, synthetic" in banner["text/plain"]
    assert [source for source, _ in asked].count("cifar10") == 1, "no host is asked twice"


def test_full_disk_is_said_and_not_covered_by_shapes10(asked, shown, tmp_path):
    (tmp_path / "full disk").touch()
    with pytest.raises(OSError, match="no space left"):
        notebook.setup().data()
    assert shown == []


def test_a_broken_image_of_your_own_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    monkeypatch.setattr(notebook, "_source", notebook._source.__wrapped__)
    image_folder(tmp_path, [f"training_set/{c}/{i}.png" for c in ("cat", "dog") for i in range(9)])
    (tmp_path / "training_set/cat/broken.jpg").write_bytes(b"")
    with pytest.warns(UserWarning, match="1 of 19 files .* left out: training_set.cat.broken.jpg"):
        assert notebook.setup().data("train").counts() == [7, 7]


def in_a_kernel_of_a_server(root, note, monkeypatch, tmp_path):
    """As in a kernel whose server shows `root`: its note is where Jupyter keeps such notes."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(root / "02.ipynb"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / f"jpserver-{os.getppid()}.json").write_text(note, encoding="utf-8")


@pytest.mark.parametrize("folder, inside", [("notebooks", True), (".", False), ("..", False)])
def test_setup_says_so_when_jupyter_was_started_inside_the_course(
    folder, inside, monkeypatch, tmp_path, capsys
):
    root = notebook.COURSE / folder
    note = json.dumps({"root_dir": str(root)})
    in_a_kernel_of_a_server(root, note, monkeypatch, tmp_path)
    notebook.setup()
    _, *others = capsys.readouterr().out.splitlines()
    assert [line.startswith("Jupyter was started in the folder notebooks,") for line in others] == (
        [True] * inside
    )
    assert all(line.endswith(f": {notebook.COURSE.resolve()}") for line in others)


@pytest.mark.parametrize("note", ["", "no JSON", "[]", "{}", '{"root_dir": null}'])
def test_a_note_that_does_not_tell_the_servers_folder_is_passed_over(
    note, monkeypatch, tmp_path, capsys
):
    in_a_kernel_of_a_server(notebook.COURSE / "notebooks", note, monkeypatch, tmp_path)
    notebook.setup()
    assert capsys.readouterr().out.count("\n") == 1


def test_without_a_server_nothing_is_said_of_its_folder(monkeypatch, tmp_path, capsys):
    root = notebook.COURSE / "notebooks"
    in_a_kernel_of_a_server(root, json.dumps({"root_dir": str(root)}), monkeypatch, tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME")
    notebook.setup()
    assert capsys.readouterr().out.count("\n") == 1
