"""The set-up cell here and on Colab, and what it gives: device, profile, data."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import address
import pytest
import torch
from helpers import image_folder

import alexnet_lib
from alexnet_lib.course import setup as notebook
from alexnet_lib.data import load as datasets

LIBRARY = Path(alexnet_lib.__file__).parent
# A kernel on Colab: its module is loaded, and some packages are not there.
COLAB = """
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
sys.modules.update(dict.fromkeys(["torchinfo", "ipywidgets", "nbval"]))
"""
PIP = """
import sys
with open("{log}", "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
"""


@pytest.fixture
def remote(tmp_path):
    """A git repository that holds the course."""
    folder = tmp_path / "remote"
    shutil.copytree(LIBRARY, folder / "alexnet_lib", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "00_start_here.ipynb").touch()
    git = ["git", "-c", "user.name=course", "-c", "user.email=course@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "The course"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def colab(tmp_path):
    """Runs the set-up cell as a fresh Colab kernel would; pip only writes down what it is asked."""
    (tmp_path / "content").mkdir()
    (tmp_path / "fake" / "pip").mkdir(parents=True)
    (tmp_path / "fake" / "pip" / "__init__.py").touch()
    log = tmp_path / "pip.log"
    (tmp_path / "fake" / "pip" / "__main__.py").write_text(PIP.format(log=log.as_posix()))

    def run(repository, more="", before=COLAB):
        cell = address.SETUP.replace('REPOSITORY = ""', f'REPOSITORY = "{repository}"')
        return subprocess.run(
            [sys.executable, "-c", "\n".join([before, cell, more])],
            cwd=tmp_path / "content",
            env={**os.environ, "PYTHONPATH": f"{tmp_path / 'fake'}{os.pathsep}{LIBRARY.parent}"},
            capture_output=True,
            text=True,
        )

    run.asked_of_pip = lambda: log.read_text() if log.exists() else ""
    return run


def test_colab_clones_once_and_installs_only_what_is_missing(colab, remote, tmp_path):
    where = "import alexnet_lib; print(alexnet_lib.__file__); print(os.getcwd())"
    first = colab(remote.as_posix(), more=f"{where}\n{address.SETUP}")  # the cell run twice
    assert first.returncode == 0, first.stderr
    clone = tmp_path / "content" / "alexnet_course"
    assert str(clone / "alexnet_lib" / "__init__.py") in first.stdout
    assert f"\n{clone / 'notebooks'}\n" in first.stdout
    assert set(colab.asked_of_pip().splitlines()) == {"install --quiet --no-deps torchinfo"}

    (clone / "mark").touch()
    shutil.rmtree(remote)
    second = colab(remote.as_posix())  # another kernel: nothing is cloned anew
    assert second.returncode == 0, second.stderr
    assert (clone / "mark").exists()


def test_colab_without_an_address_says_in_one_line_what_to_set(colab, tmp_path):
    run = colab("")
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1 and run.stderr.startswith("Set REPOSITORY in this cell")
    assert not any((tmp_path / "content").iterdir())


def test_nothing_is_cloned_or_installed_outside_colab(colab, tmp_path):
    run = colab("nowhere", before='import sys\nsys.modules["torchinfo"] = None')
    assert run.returncode == 0, run.stderr
    assert colab.asked_of_pip() == ""
    assert not any((tmp_path / "content").iterdir())


def test_setup_prints_one_line(monkeypatch, capsys):
    monkeypatch.setenv("ALEXNET_PROFILE", "fast")
    notebook.setup()
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert f"alexnet_lib {alexnet_lib.__version__} · torch {torch.__version__} · cpu, " in line
    assert line.endswith("profile fast\n")


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
