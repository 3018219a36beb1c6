"""Two notebooks run as on Colab: opened from GitHub, in a folder in which nothing else is."""

import json
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbclient import NotebookClient

COURSE = Path(__file__).parents[2]
SHORT = ("01_the_paper", "02_output_size")
GITHUB = "https://github.com/someone/alexnet-course"
KERNEL = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')\n"

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not (shutil.which("git") and shutil.which("curl")),
    reason="Colab is a Linux with git and curl",
)


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """A git repository with the course as it is now."""
    folder = tmp_path_factory.mktemp("remote")
    for name in ("alexnet_lib", "notebooks", "docs", "results"):
        shutil.copytree(COURSE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "requirements.txt", folder)
    git = ["git", "-c", "user.name=course", "-c", "user.email=course@example.org"]
    words = ["init --quiet --initial-branch=class/2026", "add .", "commit --quiet --message=Course"]
    for line in words:
        subprocess.run([*git, *line.split()], cwd=folder, check=True)
    return folder


@pytest.fixture
def colab(remote, tmp_path, monkeypatch):
    """Opens a notebook from GitHub as Colab does, runs it, and returns what came of it."""
    (tmp_path / "content").mkdir()
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-colab.py").write_text(KERNEL, encoding="utf-8")

    class Sessions(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps([{"path": self.server.path}]).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Sessions) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        variables = {
            "COLAB_JUPYTER_IP": "127.0.0.1",
            "KMP_TARGET_PORT": str(server.server_port),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{remote.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": GITHUB,
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("PYTHONPATH", raising=False)

        def run(name):
            url = f"{GITHUB}/blob/class/2026/notebooks/{name}.ipynb"
            server.path = "fileId=" + quote(url, safe="")
            notebook = nbformat.read(COURSE / "notebooks" / f"{name}.ipynb", as_version=4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs = []
            where = "import alexnet_lib; print(alexnet_lib.__file__)"
            notebook.cells.append(nbformat.v4.new_code_cell(where))
            folder = {"metadata": {"path": str(tmp_path / "content")}}
            NotebookClient(notebook, timeout=120, kernel_name="python3", resources=folder).execute()
            return notebook

        yield run
        server.shutdown()


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def pictures(notebook):
    return [output for output in outputs(notebook) if "image/png" in output.get("data", {})]


@pytest.mark.parametrize("name", SHORT)
def test_a_notebook_that_was_opened_from_github_fetches_the_course_and_runs(name, colab, tmp_path):
    notebook = colab(name)
    stored = nbformat.read(COURSE / "notebooks" / f"{name}.ipynb", as_version=4)
    assert len(pictures(notebook)) == len(pictures(stored))
    first, *_, last = outputs(notebook)
    assert f"{GITHUB}/blob/HEAD/docs/glossary.md" in first.text
    clone = tmp_path / "content" / "alexnet_course"
    assert last.text == f"{clone / 'alexnet_lib' / '__init__.py'}\n"
