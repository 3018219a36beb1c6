"""The set-up in a notebook of a real JupyterLab, which was started inside the course."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from jupyter_client import BlockingKernelClient

from alexnet_lib.course.setup import COURSE

CODE = "from alexnet_lib.course.setup import setup\nsetup()"
WAIT = 120  # seconds, for a slow machine


@pytest.fixture
def ask(tmp_path):
    """A function that asks a JupyterLab for something, which was started in notebooks/."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token=secret"]
    places = {name: str(tmp_path) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    options = {
        "cwd": COURSE / "notebooks",
        "env": os.environ | places | {"PYTHONPATH": str(COURSE)},
    }
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, **options)

    def ask(what, data=None):
        address = f"http://127.0.0.1:{port}/api/{what}"
        token, data = {"Authorization": "token secret"}, data and json.dumps(data).encode()
        request = urllib.request.Request(address, data, token)
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return json.loads(answer.read())

    yield ask
    server.terminate()  # and with it its kernels
    server.wait(WAIT)


def wait_for(ask, log):
    """Waits until the server answers."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            return ask("status")
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_a_notebook_says_where_to_start_jupyterlab(ask, tmp_path):
    wait_for(ask, tmp_path / "log")
    name = "02_output_size.ipynb"
    about = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    kernel = ask("sessions", about)["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(tmp_path / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)  # a slow start would count as death
    printed = []

    def hook(message):
        printed.append(message["content"].get("text", ""))

    client.wait_for_ready(timeout=WAIT)
    client.execute_interactive(CODE, timeout=WAIT, output_hook=hook)
    client.stop_channels()
    first, second = "".join(printed).splitlines()
    assert first.startswith("alexnet_lib ")
    assert second.startswith("Jupyter was started in the folder notebooks,")
    assert second.endswith(f": {COURSE.resolve()}")
