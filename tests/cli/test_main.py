"""The command line as a whole: wrong usage, errors, exit codes, and help that comes at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers import run

from alexnet_lib.cli import summary
from alexnet_lib.cli.arguments import class_names, fraction
from alexnet_lib.cli.main import COMMANDS, build_parser

COURSE = Path(__file__).parents[2]
NAMES = [module.__name__.rpartition(".")[2] for module in COMMANDS]


@pytest.mark.parametrize("command", ["train --data shapes10", "summary", "grade tests"])
def test_a_python_without_the_courses_packages_is_told_which_one_to_take(command):
    words = [sys.executable, "-S", "-m", "alexnet_lib", *command.split()]  # no site-packages
    found = subprocess.run(words, cwd=COURSE, capture_output=True, text=True, encoding="utf-8")
    assert found.returncode == 1 and "Traceback" not in found.stderr
    assert "No module named" in found.stderr and ".venv/bin/python" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--data", "no-such-folder"], "no-such-folder"),
        (["train", "--learning-rate", "-0.1"], "positive"),
        (["train", "--learning-rate", "nan"], "positive"),
        (["train", "--epochs", "0"], "whole number"),
        (["train", "--model", "lenet"], "lenet"),
        (["train", "--data", "shapes10", "--model", "paper", "--size", "40"], "smallest"),
        (["train", "--data", "shapes10", "--device", "abacus"], "abacus"),
        (["summary", "--size", "40"], "smallest size that works is 63"),
        (["train", "--classes", "cat"], "two or more classes"),
        (["train", "--classes", "cat,,dog"], "two or more classes"),
        (["train", "--classes", "cat, cat"], "two or more classes"),
        (["train", "--zoom", "1"], "below 1"),
        (["train", "--zoom", "much"], "from 0 to below 1"),
        (["train", "--zoom", "-0.1"], "from 0 to below 1"),
        (["train", "--pad", "-1"], "whole number"),
        (["predict", "checkpoint.pt"], "IMAGE"),
        (["export", "checkpoint.pt"], "--onnx"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_was_wrong(arguments, said, capsys):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_help_says_of_each_argument_what_it_is_before_its_default(name):
    (commands,) = build_parser()._subparsers._group_actions
    for action in commands.choices[name]._actions:
        assert action.help and not action.help.startswith(("default", "of ", "with ")), action


def test_names_of_classes_are_read_as_those_of_folders_are():
    assert class_names("cafe\u0301, dog") == ["caf\u00e9", "dog"]  # composed; systems store both


@pytest.mark.parametrize("text", ["0", "0.", "0.00", "0e0"])
def test_no_zoom_can_be_written_as_any_zero(text):
    assert fraction(text) == 0


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), MemoryError()])
@pytest.mark.parametrize(
    "command", [["train"], ["experiment"], ["resume", "a"], ["export", "a", "--onnx", "b"]]
)
def test_too_little_memory_is_said_and_only_options_of_the_command_are_advised(
    command, error, monkeypatch, capsys
):
    def fail(options):
        raise error

    monkeypatch.setattr(f"alexnet_lib.cli.{command[0]}.run", fail)
    assert run(*command) == 1
    said = capsys.readouterr().err
    run(command[0], "--help")
    options = capsys.readouterr().out
    assert "too little memory" in said and "end other programs" in said
    for option in ("--batch-size", "--size", "--device"):
        assert (option in said) == (f"{option} " in options)


def test_a_bug_is_not_hidden(monkeypatch):
    def fail(options):
        raise RuntimeError("a bug")

    monkeypatch.setattr(summary, "run", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        run("summary")


def test_a_mistake_ends_without_a_traceback_and_help_helps():
    def command(*arguments):
        asked = [sys.executable, "-m", "alexnet_lib", *arguments]
        return subprocess.run(asked, capture_output=True, text=True)

    wrong = command("evaluate", "no-such.pt", "--data", "shapes10")
    assert wrong.returncode == 1 and "Traceback" not in wrong.stderr
    assert 1 <= len(wrong.stderr.splitlines()) <= 5
    help = command("train", "--help")
    assert help.returncode == 0 and "shapes10" in help.stdout and "--recipe" in help.stdout


def test_an_interrupt_ends_a_command_while_its_words_are_read_too(monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("argparse.ArgumentParser.parse_known_args", interrupt)
    assert run("summary") == 130
    assert capsys.readouterr().err == "alexnet_lib: interrupted\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file", "/no such/file"), "/no such/file: No such file"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("no network"), "no network"),
    ],
)
def test_an_error_of_the_system_has_no_number(error, said, monkeypatch, capsys):
    def fail(_):
        raise error

    monkeypatch.setattr(summary, "run", fail)
    assert run("summary") == 1
    assert capsys.readouterr().err == f"alexnet_lib: {said}\n"


def test_figures_need_no_window_and_no_notebook(request, tmp_path):
    """On Colab, MPLBACKEND names a package that other Pythons do not have."""
    asked = [sys.executable, "-m", "alexnet_lib", "data", "shapes10", "--picture", "s.png"]
    environment = os.environ | {
        "MPLBACKEND": "module://none",
        "PYTHONPATH": str(request.config.rootpath),
    }
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "s.png").stat().st_size > 1000


@pytest.mark.parametrize("command", ["evaluate", "predict", "export"])
def test_help_of_the_commands_on_a_trained_net_says_what_they_take(command, capsys):
    assert run(command, "--help") == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "checkpoint.pt of a run, or the run's folder" in words


@pytest.mark.parametrize("command", NAMES)
def test_help_says_what_a_command_does_and_shows_an_example(command, capsys):
    assert run(command, "--help") == 0
    text = capsys.readouterr().out
    assert f"Example:\n  python -m alexnet_lib {command} " in text
    assert "None" not in text and max(map(len, text.splitlines())) <= 100


def test_examples_are_command_lines_that_are_understood(monkeypatch):
    for module in COMMANDS:
        asked = []
        monkeypatch.setattr(module, "run", asked.append)
        assert run(*module.EXAMPLE.split()) == 0 and len(asked) == 1


# `python -m` runs the package with "-m" as its first argument, and imports nothing else then.
IMPORTED = """
import sys
before, sys.argv = set(sys.modules), ["-m"]
from alexnet_lib.cli.main import main
try:
    main({arguments!r})
except SystemExit as ended:
    print("ended with", ended.code)
packages = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(packages - set(sys.stdlib_module_names)))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["train", "--epochs", "0"]])
def test_help_and_wrong_usage_import_nothing_slow(arguments):
    code = IMPORTED.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "alexnet_lib", done.stdout + done.stderr


@pytest.mark.parametrize("device", ["meta", "hpu", "cuda:99", "abacus", "\udcff"])
@pytest.mark.parametrize(
    "command",
    [
        ["train", "--data", "shapes10"], ["resume", "nowhere"], ["evaluate", "nowhere"],
        ["predict", "nowhere", "a.png"], ["experiment", "--list", "--data", "shapes10"],
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_an_unknown_device_is_wrong_usage_in_every_command(command, device, capsys):
    assert run(*command, "--device", device) == 2
    assert "is not usable here; try " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["train", "--epochs", "9" * 400, "--dry-run"],
            "a whole number from 1 to 2147483647",
        ),
        (["train", "--seed", str(2**63)], "is not a whole number from 0 to 9223372036854775807"),
        (["train", "--seed", "-1"], "is not a whole number from 0"),
        (["train", "--seed", "²"], "is not a whole number from 0"),
        (["train", "--learning-rate", "1e400"], "is not a positive number"),
        (["train", "--out", "x" * 300], "cannot be the name of a file or folder"),
        (["train", "--out", "a\0b"], "cannot be the name of a file or folder"),
        (["evaluate", ""], "cannot be the name of a file or folder"),
        (["experiment", "--seeds", "1000000"], "take 1000 or fewer"),
    ],
)
def test_numbers_and_names_beyond_all_bounds_are_wrong_usage(arguments, said, capsys):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err
