"""A JupyterLab on a copy of the course, set for a projector, and a browser that shows it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from functools import partial

from browsers import BROWSER, FLAGS

from alexnet_lib.course.setup import COURSE

PATIENCE = 60  # seconds, for a slow machine
SETTINGS = COURSE / "tools" / "jupyter"
# Errors in the console that are not the course's: a pattern of text or address, and the reason.
EXPECTED = {
    "/lsp/status": "JupyterLab asks for language servers; `make lab` switches them off",
    r"127\.0\.0\.1:\d+/images/": "JupyterLab asks for images before it resolves their addresses",
    "Could not restore the debugger state": "the notebook before was closed while it was asked",
}
OPEN = """async ([path, id]) => {
  window.panel?.dispose();
  const options = { path, kernel: { id } };
  const panel = await jupyterapp.commands.execute("docmanager:open", options);
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  await panel.sessionContext.session.kernel.spec;
  window.panel = panel;
}"""
ALL_THERE = """() => {
  const cells = panel.content.node.querySelectorAll(".jp-Cell").length;
  const images = [...panel.content.node.querySelectorAll("img")];
  return cells === panel.content.widgets.length && images.every((image) => image.complete);
}"""
RAN = """() => panel.content.widgets.every((cell) => cell.model.type !== "code"
  || cell.model.executionCount && cell.model.executionState === "idle")"""
START_KERNEL = """async () => {
  const kernel = await jupyterapp.serviceManager.kernels.startNew({ name: "python3" });
  kernel.dispose();  // only a kernel's first connection serves widgets
  return kernel.id;
}"""


class Lab:
    """A page of the browser with JupyterLab; the notebook's JavaScript object is `panel` there.

    page    the page, as playwright drives it
    folder  in which JupyterLab was started, a pathlib.Path
    errors  what the console reported as errors since a notebook was opened, but for EXPECTED
    kernel  the id of a kernel that notebooks share: to start one for each would take seconds
    """

    def __init__(self, page, folder):
        self.page, self.folder, self.errors, self.kernel = page, folder, [], None
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _heard(self, message):
        text = f"{message.text} {message.location['url']}"
        if message.type == "error" and not any(map(partial(re.search, string=text), EXPECTED)):
            self.errors.append(text)

    def start_kernel(self):
        """Starts a kernel for the notebooks that are opened from now on."""
        self.kernel = self.ask(START_KERNEL)

    def open(self, path):
        """Closes the notebook that is open, opens another one, and waits until it is complete."""
        self.errors.clear()
        self.ask(OPEN, [path, self.kernel])
        self.page.wait_for_function(ALL_THERE)

    def ask(self, function, argument=None):
        """What a JavaScript function returns, or its promise brings; an error after PATIENCE."""
        late = f"setTimeout(() => fail(new Error('no answer')), {1000 * PATIENCE})"
        waiting = f"Promise.race([({function})(argument), new Promise((_, fail) => {late})])"
        return self.page.evaluate(f"(argument) => {waiting}", argument)

    def find(self, selector):
        """The parts of the open notebook that a CSS selector selects, as playwright's Locator."""
        return self.page.locator(f"#{self.ask('() => panel.id')} {selector}")

    def cells(self):
        """The cells of the open notebook, as JupyterLab would save them."""
        return self.ask("() => panel.context.model.toJSON().cells")

    def run_all(self):
        self.ask("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        self.ask("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(RAN)


@contextmanager
def lab_in(folder):
    """A Lab in a new folder; server, kernels and browser end with it. Needs playwright."""
    from playwright.sync_api import sync_playwright

    root, log = folder / "course", folder / "log"
    for name in ("notebooks", "docs", "images"):
        shutil.copytree(COURSE / name, root / name, ignore=shutil.ignore_patterns(".ipynb_*"))
    server, address = _server(folder, root, log)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            lab = Lab(page, root)
            _wait_for(server, address, log)
            page.goto(f"{address}/doc?token=secret")
            page.wait_for_function("() => window.jupyterapp")
            lab.ask("() => jupyterapp.restored")
            lab.start_kernel()
            yield lab
            browser.close()
    finally:
        server.terminate()  # and with it its kernels
        server.wait(PATIENCE)


def _server(folder, root, log):
    """Starts JupyterLab with the course's settings. Returns the process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config, ipython = folder / "config", folder / "ipython"
    for source, place in (
        ("overrides.json", config / "labconfig" / "default_setting_overrides.json"),
        ("ipython_kernel_config.py", ipython / "profile_default" / "ipython_kernel_config.py"),
    ):
        place.parent.mkdir(parents=True)
        shutil.copy(SETTINGS / source, place)
    places = {
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": shutil.copytree(SETTINGS / "presenting", folder / "presenting"),
        "IPYTHONDIR": ipython,
        "PYTHONPATH": COURSE,
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token=secret"]
    command += ["--LanguageServerManager.autodetect=False", "--LabApp.expose_app_in_browser=True"]
    environment = os.environ | {name: str(place) for name, place in places.items()}
    with open(log, "w") as file:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=file, stderr=file)
    return server, f"http://127.0.0.1:{port}"


def _wait_for(server, address, log):
    """Waits until the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            return urllib.request.urlopen(f"{address}/api/status?token=secret", timeout=PATIENCE)
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))
