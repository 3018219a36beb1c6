"""What is printed can be piped, stored and cut off in any encoding, and shows no codes of names."""

import os
import signal
import subprocess
import sys

import pytest
from helpers import image_folder, run

COMMAND = [sys.executable, "-m", "alexnet_lib"]
EVIL = "\x1b[2J\u202ebad$x^{$<b>"  # allowed in a file's name; Windows allows none of these

unix = pytest.mark.skipif(sys.platform == "win32", reason="shells and files of Unix")


def shell(command, request, **environment):
    """The finished process of a command line in which $COURSE is the course's own command."""
    course = f'"{sys.executable}" -m alexnet_lib'
    whole = os.environ | {"PYTHONPATH": str(request.config.rootpath), "COURSE": course}
    return subprocess.run(
        ["bash", "-c", command.replace("$COURSE", course)],
        capture_output=True, env=whole | environment,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_names_in_korean_are_printed_in_any_encoding(encoding, photos, request, tmp_path):
    environment = os.environ | {
        "PYTHONIOENCODING": encoding, "ALEXNET_DATA": str(tmp_path),
        "PYTHONPATH": str(request.config.rootpath),
    }  # fmt: skip
    words = [*COMMAND, "data", photos, "--picture", str(tmp_path / "p.png")]
    done = subprocess.run(words, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert b"fish" in done.stdout and b"? ??" in done.stdout and b"Traceback" not in done.stderr


@unix
def test_an_output_that_nobody_reads_any_more_ends_the_command_quietly(request):
    ended = 128 + signal.SIGPIPE
    for reader, codes in (("true", (ended,)), ("head -1", (0, ended))):  # head may be slower
        command = f"$COURSE summary | {reader}; exit ${{PIPESTATUS[0]}}"
        done = shell(command, request, PYTHONUNBUFFERED="1")
        assert done.returncode in codes and done.stderr == b""
        assert len(done.stdout.splitlines()) == (reader != "true")
    done = shell("$COURSE summary --help | true; exit ${PIPESTATUS[0]}", request)
    assert done.returncode in (0, ended) and done.stderr == b""


@unix
def test_a_closed_output_is_no_error(request):
    assert shell("$COURSE summary >&-", request).returncode == 0
    done = shell("$COURSE summary --size 40 >&- 2>&-", request)
    assert done.returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_told_in_a_sentence(request):
    done = shell("$COURSE summary > /dev/full", request)
    said = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(said) == 1 and said[0].endswith("No space left on device")


@unix
def test_names_with_codes_reach_no_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    names = [
        f"{part}/{c}/{i}.png" for part in ("train", "test") for c in (EVIL, "$b") for i in "ab"
    ]
    folder = image_folder(tmp_path / f"data of {EVIL}", names, size=(16, 16))
    out, image = tmp_path / f"run {EVIL}", folder / f"test/{EVIL}/a.png"
    assert run("data", folder, "--picture", tmp_path / f"{EVIL}.png") == 0
    assert run("train", "--data", folder, "--epochs", 1, "--batch-size", 1, "--out", out) == 0
    assert run("resume", out) == 0
    assert run("evaluate", out, "--mistakes", tmp_path / "m.png") == 0
    assert run("predict", out, image) == 0
    assert run("predict", out, folder / EVIL) == 1
    assert run("evaluate", tmp_path / EVIL) == 1
    assert run("train", "--data", tmp_path / EVIL) == 2
    assert run("summary", EVIL) == 2
    printed = "".join(capsys.readouterr()).replace("\x1b[A", "")  # of progress bars
    assert "\x1b" not in printed and "\u202e" not in printed
    assert printed.count(r"\x1b[2J\u202ebad$x^{$<b>") > 8
