"""On Colab the set-up cell finds out where its notebook came from, and fetches the course once."""

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import address
import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not (shutil.which("git") and shutil.which("curl")),
    reason="Colab is a Linux with git and curl",
)

GITHUB = "https://github.com/someone/alexnet.course"
OTHER = "https://github.com/other-one/course"
NOTEBOOK = f"{GITHUB}/blob/main/notebooks/00_start_here.ipynb"
COMMIT = "the newest commit of main"  # stands for its 40 digits
SETUP = """
from pathlib import Path
def setup():
    print("set up from", *sorted(path.stem for path in Path(__file__).parents[2].glob("*.txt")))
"""
COLAB = """
import sys, types
google, colab, message = map(types.ModuleType, ("google", "google.colab", "google.colab._message"))
def blocking_request(kind, request="", timeout_sec=5, parent=None):
    assert kind == "get_ipynb" and timeout_sec <= 30
    return ANSWER
message.blocking_request = blocking_request
google.colab, colab._message = colab, message
sys.modules.update({"google": google, "google.colab": colab, "google.colab._message": message})
"""


@pytest.fixture(scope="module")
def remotes(tmp_path_factory):
    """Two repositories of a small course: {address: folder}; each branch has a file of its name."""
    folders = {}
    for url in (GITHUB, OTHER):
        folder = folders[url] = tmp_path_factory.mktemp("remote")
        (folder / "alexnet_lib" / "course").mkdir(parents=True)
        (folder / "notebooks").mkdir()
        for name in ("notebooks/00_start_here.ipynb", "alexnet_lib/__init__.py"):
            (folder / name).touch()
        (folder / "alexnet_lib" / "course" / "setup.py").write_text(SETUP, encoding="utf-8")
        (folder / f"{url.split('/')[3]}.txt").touch()
        git(folder, "init", "--quiet", "--initial-branch=main")
        commit(folder, "main")
        git(folder, "tag", "v1")
        git(folder, "checkout", "--quiet", "-b", "feature/new-lrn")
        commit(folder, "feature")
        git(folder, "checkout", "--quiet", "main")
        commit(folder, "newer")
        git(folder, "checkout", "--quiet", "--orphan", "empty")
        git(folder, "rm", "-r", "--quiet", "--force", ".")
        commit(folder, "empty")
        git(folder, "checkout", "--quiet", "-b", "trunk", "main")  # the default branch
        commit(folder, "trunk")
    return folders


def git(folder, *words):
    name = ("-c", "user.name=course", "-c", "user.email=course@example.org")
    command = ["git", *name, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder, name):
    (folder / f"{name}.txt").touch()
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", name)


class Sessions(BaseHTTPRequestHandler):
    """Colab's list of open notebooks: the server's `status` and `body`."""

    def do_GET(self):
        self.send_response(self.server.status if self.path == "/api/sessions" else 404)
        self.end_headers()
        for part in self.server.body:
            if part is None:
                self.server.closing.wait(20)
            else:
                self.wfile.write(part)
                self.wfile.flush()

    def log_message(self, *_):
        pass


def session(path, kernel="1f0c"):
    notebook = {"name": "00_start_here.ipynb", "path": path}
    return {"id": "1", "kernel": {"id": kernel}, "path": path, "notebook": notebook}


def from_github(url, **options):
    return session("fileId=" + quote(url, safe=""), **options)


DRIVE = session("fileId=1ZAqQEIxR08_bXbGm")


@pytest.fixture
def colab(remotes, tmp_path):
    """Runs the set-up cell in a fresh Colab kernel, in the empty folder `colab.content`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sessions)
    server.daemon_threads, server.closing = True, threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    content = tmp_path / "content"
    content.mkdir()
    nowhere = (tmp_path / "nowhere").as_uri()
    rewritten = {f"url.{folder.as_uri()}.insteadOf": url for url, folder in remotes.items()}
    rewritten[f"url.{nowhere}/.insteadOf"] = "https://github.com/"

    def run(
        sessions=(), *, raw=None, status=200, copied="None", typed="", kernel="unknown",
        repository="",
        before=COLAB, **variables,
    ):  # fmt: skip
        server.status, server.body = status, raw or [json.dumps(list(sessions)).encode()]
        environment = os.environ | {
            "COLAB_JUPYTER_IP": "127.0.0.1",
            "KMP_TARGET_PORT": str(server.server_port),
            "http_proxy": "http://127.0.0.1:9",
            "GIT_CONFIG_COUNT": str(len(rewritten)),
            "PYTHONPATH": "",
        }
        for number, (key, value) in enumerate(rewritten.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        environment |= variables
        cell = address.SETUP.replace('REPOSITORY = ""', f'REPOSITORY = "{repository}"')
        code = f"{before.replace('ANSWER', copied)}\n{cell}\nprint(os.getcwd())"
        return subprocess.run(
            [sys.executable, "-c", code, "-f", f"/runtime/kernel-{kernel}.json"],
            cwd=content, env=environment, input=typed, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    run.content, run.server = content, server
    yield run
    server.closing.set()
    server.shutdown()
    server.server_close()


def fetched(ran):
    """The names of the branches that the fetched course has in it."""
    assert ran.returncode == 0, ran.stderr
    line, folder = ran.stdout.splitlines()[-2:]
    assert folder.replace("\\", "/").endswith("content/alexnet_course/notebooks")
    return line.partition("set up from ")[2]  # behind a question


MAIN = "main newer someone"


@pytest.mark.parametrize(
    "path",
    [
        "fileId=" + quote(NOTEBOOK, safe=""),
        "fileId=" + quote(NOTEBOOK, safe="").replace("%2F", "%2f").replace("%3A", "%3a"),
        "fileId=" + quote(quote(NOTEBOOK, safe=""), safe=""),
        "fileId=" + quote(NOTEBOOK),
        "fileId=" + NOTEBOOK,
        quote("fileId=" + NOTEBOOK, safe=""),
        "/fileId=" + quote(NOTEBOOK, safe="") + "&authuser=1#scrollTo=setup",
    ],
)
def test_the_address_is_read_in_any_percent_encoding(colab, path):
    assert fetched(colab([session(path)])) == MAIN
    assert [path.name for path in colab.content.iterdir()] == ["alexnet_course"]


@pytest.mark.parametrize(
    "start, found",
    [
        ("main/notebooks", MAIN),
        ("main", MAIN),
        ("feature/new-lrn/notebooks", "feature main someone"),
        ("feature%2Fnew-lrn/notebooks", "feature main someone"),
        ("v1/notebooks", "main someone"),
        (COMMIT, MAIN),
        ("gone/notebooks", "main newer someone trunk"),
        ("--upload-pack=touch x/notebooks", "main newer someone trunk"),
    ],
)
def test_what_is_fetched_is_the_branch_tag_or_commit_of_the_notebook(colab, remotes, start, found):
    newest = git(remotes[GITHUB], "rev-parse", "main").strip()
    url = f"{GITHUB}/blob/{start.replace(COMMIT, newest)}/00_start_here.ipynb"
    assert fetched(colab([from_github(url)])) == found


def test_of_two_open_notebooks_the_one_from_github_counts(colab):
    assert fetched(colab([DRIVE, from_github(NOTEBOOK)])) == MAIN


def test_of_two_forks_the_one_of_this_kernel_counts(colab):
    fork = from_github(f"{OTHER}/blob/main/notebooks/00_start_here.ipynb", kernel="77-aa")
    both = [from_github(NOTEBOOK), fork]
    assert fetched(colab(both, kernel="77-aa")) == "main newer other-one"


def copy(*file_ids):
    entries = [{"file_id": file_id, "timestamp": 1} for file_id in file_ids]
    return repr({"ipynb": {"metadata": {"colab": {"provenance": entries}}, "cells": []}})


@pytest.mark.parametrize("file_id", [NOTEBOOK, quote(NOTEBOOK, safe="")])
def test_a_copy_in_drive_remembers_where_it_was_copied_from(colab, file_id):
    assert fetched(colab([DRIVE], copied=copy("1AbCdE", file_id))) == MAIN


def test_another_repository_that_is_open_is_left_for_what_the_copy_remembers(colab):
    """Its address leads nowhere, so the next one is tried."""
    elsewhere = from_github("https://github.com/else/where/blob/main/x.ipynb")
    assert fetched(colab([elsewhere], copied=copy(NOTEBOOK))) == MAIN


SILENT = {  # where Colab does not say where the notebook came from
    "a copy without provenance": dict(sessions=[DRIVE], copied="{'ipynb': {'metadata': {}}}"),
    "no answer in time": dict(sessions=[DRIVE], copied="1 / 0"),
    "no server": dict(KMP_TARGET_PORT="1"),
    "a port that is none": dict(KMP_TARGET_PORT="x; touch y"),
    "an error": dict(status=500),
    "a web page": dict(raw=[b"<html>\xff"]),
    "another shape": dict(raw=[b'{"message": "Forbidden", "sessions": [null]}']),
    "sessions without a path": dict(raw=[b'[null, 3, {"path": null, "kernel": null}]']),
    "a server that says nothing": dict(raw=[None]),
    "a server that never ends": dict(raw=[b"[", None, b"]"]),
}


@pytest.mark.parametrize("how", SILENT)
def test_where_colab_does_not_say_the_reader_is_asked(colab, how):
    ran = colab(**SILENT[how], typed=f"{GITHUB}\n")
    assert fetched(ran) == "main newer someone trunk"
    assert ran.stderr == "" and ran.stdout.startswith("The course's address, https://github.com/")


def test_without_colabs_variables_the_reader_is_asked(colab):
    before = COLAB + "import os; del os.environ['COLAB_JUPYTER_IP'], os.environ['KMP_TARGET_PORT']"
    assert fetched(colab(before=before, typed=f"{GITHUB}\n")) == "main newer someone trunk"


@pytest.mark.parametrize(
    "typed, found",
    [
        (f"  {GITHUB}.git ", "main newer someone trunk"),
        (f"{GITHUB}/", "main newer someone trunk"),
        (f"{GITHUB}/tree/main", MAIN),
        (NOTEBOOK, MAIN),
        (NOTEBOOK.replace("github.com", "colab.research.google.com/github"), MAIN),
    ],
)
def test_the_reader_may_answer_with_any_address_of_the_course(colab, typed, found):
    assert fetched(colab(typed=f"{typed}\n")) == found


REFUSED = (
    "",
    "--upload-pack=touch run",
    "ext::sh -c touch% run",
    "file:///content/course",
    "/content/course",
    "http://github.com/someone/alexnet.course",
    "https://gitlab.com/someone/alexnet.course",
    "https://github.com.example.org/someone/alexnet.course",
    "https://github.com@example.org/someone/alexnet.course",
    "https://example.org/https://github.com/someone/alexnet.course",
    "https://github.com/-someone/alexnet.course",
    "https://github.com/someone/..",
    "https://github.com/someone/alexnet.course;touch run",
    "https://github.com/someone/alexnet.course$(touch run)",
    "https://github.com/someone/alexnet.course --upload-pack=run",
)


@pytest.mark.parametrize("where", ["sessions", "provenance", "answer"])
def test_nothing_but_an_address_on_github_reaches_git(colab, where, tmp_path):
    """git notes its arguments; nothing is fetched."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/log\nexit 1\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    for url in REFUSED:
        page = f"{url}/blob/main/x.ipynb"
        given = {
            "sessions": dict(sessions=[from_github(page), session(f"fileId={page}")]),
            "provenance": dict(copied=copy(page)),
            "answer": dict(typed=f"{url}\n"),
        }
        ran = colab(**given[where], PATH=path)
        assert ran.returncode == 1 and "The course is not here." in ran.stderr
        assert not (tmp_path / "log").exists(), url
    assert list(colab.content.iterdir()) == []


def archive(path, names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, SETUP if name.endswith("setup.py") else "")


@pytest.mark.parametrize("folder", ["", "alexnet_course/", "alexnet.course-main/"])
def test_an_uploaded_archive_is_taken_where_github_cannot_be_reached(colab, folder):
    names = [folder + name for name in ("alexnet_lib/course/setup.py", "notebooks/x", "a.txt")]
    archive(colab.content / "alexnet_course.zip", names)
    unreachable = from_github("https://github.com/no/where/blob/main/x.ipynb")
    assert fetched(colab([unreachable])) == "a"
    left = {path.name for path in colab.content.iterdir()}
    assert left == {"alexnet_course", "alexnet_course.zip"}


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/evil", "..\\evil", "\\evil", "C:/evil", "a/.."]
)
def test_an_archive_that_leads_out_of_its_folder_is_refused_whole(colab, name, tmp_path):
    archive(colab.content / "alexnet_course.zip", ["alexnet_lib/course/setup.py", name])
    ran = colab()
    assert ran.returncode == 1 and "it has paths that lead out of its folder" in ran.stderr
    assert [path.name for path in colab.content.iterdir()] == ["alexnet_course.zip"]
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_an_archive_without_the_course_is_named(colab, content):
    path = colab.content / "alexnet_course.zip"
    archive(path, ["readme.txt"]) if content is None else path.write_bytes(content)
    ran = colab()
    assert ran.returncode == 1 and ran.stderr.startswith("alexnet_course.zip could not be used: ")


def test_without_a_network_the_message_says_what_failed_and_what_to_do(colab):
    ran = colab([from_github("https://github.com/no/where/blob/main/x.ipynb")])
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("https://github.com/no/where could not be used: ")
    assert ran.stderr.endswith(
        "The course is not here. Answer with its address, or upload it as alexnet_course.zip "
        "(Files, on the left), and run this cell again.\n"
    )
    assert list(colab.content.iterdir()) == []


def test_a_repository_without_the_course_is_not_kept(colab):
    ran = colab([from_github(f"{OTHER}/blob/empty/x.ipynb")])
    assert ran.returncode == 1 and "it does not hold the course" in ran.stderr
    assert list(colab.content.iterdir()) == []


def test_the_address_in_the_cell_is_taken_before_the_reader_is_asked(colab):
    assert fetched(colab([DRIVE], repository=GITHUB)) == "main newer someone trunk"


def test_the_address_that_colab_tells_comes_before_the_one_in_the_cell(colab):
    fork = from_github(f"{OTHER}/blob/main/notebooks/x.ipynb")
    assert fetched(colab([fork], repository=GITHUB)) == "main newer other-one"


def test_the_course_is_fetched_once_for_all_notebooks(colab):
    first = colab([from_github(NOTEBOOK)])
    (colab.content / "alexnet_course" / "mine.txt").touch()
    second = colab(status=500)
    assert fetched(first) == MAIN and fetched(second) == "main mine newer someone"
    again = address.SETUP + "\nprint(os.getcwd())\n"
    third = colab(status=500, before=COLAB + again)  # the cell run twice in a kernel
    assert fetched(third) == "main mine newer someone"


def test_outside_colab_nothing_is_asked_or_fetched(colab, remotes):
    before = f"import sys; sys.path.insert(0, {str(remotes[OTHER])!r})"
    ran = colab([from_github(NOTEBOOK)], before=before, PATH="")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("set up from ")
    assert list(colab.content.iterdir()) == []
