"""The workflows on GitHub are well formed, and run what docs/install.md tells readers to run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_requirements import PYTHONS

COURSE = Path(__file__).parents[2]
PATH = COURSE / ".github" / "workflows" / "ci.yml"
WORKFLOW = yaml.safe_load(PATH.read_text(encoding="utf-8"))
JOBS = WORKFLOW["jobs"]
SITE = PATH.with_name("site.yml")


def commands(job):
    """The lines of each step of a job that runs commands, in their order."""
    return [step["run"].splitlines() for step in JOBS[job]["steps"] if "run" in step]


def install_lines():
    """The lines of install.md's section for those without make: set-up and tests."""
    text = (COURSE / "docs" / "install.md").read_text(encoding="utf-8")
    section = re.search(r"^## Without make.*?(?=^## )", text, re.DOTALL | re.MULTILINE)[0]
    return "".join(re.findall(r"```\n(.*?)```", section, re.DOTALL)).splitlines(), section


@pytest.mark.parametrize("path", [PATH, SITE], ids=lambda path: path.name)
def test_a_workflow_follows_githubs_schema(path):
    check = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
    ]
    found = subprocess.run([*check, str(path)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_oldest_and_the_newest_python_run_on_three_systems():
    ends = [".".join(python.split(".")[:2]) for python in (PYTHONS[0], PYTHONS[-1])]
    assert [job["strategy"]["matrix"]["python"] for job in JOBS.values()] == [ends, ends]
    assert JOBS["linux"]["runs-on"] == "ubuntu-latest"
    assert JOBS["elsewhere"]["strategy"]["matrix"]["os"] == ["macos-latest", "windows-latest"]


def test_linux_runs_what_the_local_ci_runs():
    script = (COURSE / ".ci" / "run").read_text(encoding="utf-8")
    assert commands("linux") == [[line] for line in re.findall("^make .*", script, re.MULTILINE)]


@pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("bash"), reason="needs bash and links"
)
@pytest.mark.parametrize(
    "browser, user, apt_get, calls",
    [
        (False, 0, 0, ["lint", "install chromium", "test"]),
        (False, 0, 1, ["lint", "install chromium", "update", "test"]),
        (False, 1000, 0, ["lint", "test"]),
        (True, 0, 0, ["lint", "test"]),
    ],
)
def test_the_local_ci_fetches_a_browser_and_does_without_it(
    tmp_path, browser, user, apt_get, calls
):
    (tmp_path / ".ci").mkdir()
    bin, log = tmp_path / "bin", tmp_path / "log"
    bin.mkdir()
    shutil.copy(COURSE / ".ci" / "run", tmp_path / ".ci" / "run")
    programs = {
        "make": f'echo "$1" >> {log}',
        "apt-get": f'case $1 in install) echo install "${{@: -1}}";; *) echo $1;; esac >> {log}\n'
        f"exit {apt_get}",
        "id": f"echo {user}",
        "timeout": 'shift; "$@"',
    } | ({"chromium": "exit 1"} if browser else {})
    for name, text in programs.items():
        (bin / name).write_text(f"#!{shutil.which('bash')}\n{text}\n", encoding="utf-8")
        (bin / name).chmod(0o755)
    (bin / "dirname").symlink_to(shutil.which("dirname"))
    run = [shutil.which("bash"), str(tmp_path / ".ci" / "run")]
    ran = subprocess.run(run, env={"PATH": str(bin)}, capture_output=True, text=True)
    assert ran.returncode == 0
    assert ("could not be installed" in ran.stderr) == bool(apt_get)
    assert sorted(log.read_text(encoding="utf-8").split("\n")[:-1]) == sorted(calls)
    assert log.read_text(encoding="utf-8").endswith("test\n")


def test_macos_and_windows_run_the_lines_of_the_readme():
    (make, activate, *others), section = install_lines()
    rows = JOBS["elsewhere"]["strategy"]["matrix"]["include"]
    activates = {row["os"]: row["activate"] for row in rows}
    assert activates["windows-latest"] == activate
    assert f"the second line is `{activates['macos-latest']}`" in " ".join(section.split())
    others.remove("jupyter lab")
    # Each step is a shell of its own. It has one command, for PowerShell goes on after a failure.
    assert commands("elsewhere") == [[make]] + [["${{ matrix.activate }}", line] for line in others]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends_by_itself_and_may_only_read(job):
    assert WORKFLOW["permissions"] == {"contents": "read"} and "permissions" not in JOBS[job]
    assert JOBS[job]["timeout-minutes"] <= 60
    assert WORKFLOW["concurrency"]["cancel-in-progress"]


def test_only_the_job_that_publishes_the_site_may_write_and_it_runs_no_code_of_the_course():
    workflow = yaml.safe_load(SITE.read_text(encoding="utf-8"))
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    assert workflow["permissions"] == {"contents": "read"} and "permissions" not in build
    assert [step["run"] for step in build["steps"] if "run" in step] == ["make site"]
    assert build["steps"][-1]["with"] == {"path": "dist/site"}
    assert build["if"] == "github.event.repository.has_pages"  # others have nowhere to publish
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}
    assert [step.get("run") for step in publish["steps"]] == [None]
    assert "checkout" not in str(publish["steps"]) and publish["needs"] == "build"
    assert all(job["timeout-minutes"] <= 60 for job in (build, publish))
