"""What a browser shows of the slides: nothing overfull, no small text, no request to elsewhere."""

import http.server
import json
import queue
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest
import slides
from browsers import BROWSER, FLAGS
from course_notebooks import course_notebooks

PATIENCE = 120  # seconds for all presentations together
NOTEBOOKS = [path.stem for path in course_notebooks(slides.COURSE)]

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium and no Chrome is installed")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and puts what the page sends back into the server's queue."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.found.put(json.loads(sent))

    def log_message(self, *_):
        pass


def probe(folder, pages, profile):
    """What the browser finds on pages of a folder: see slides_probe.html."""
    shutil.copy(Path(__file__).with_name("slides_probe.html"), folder)
    (folder / "pages.json").write_text(json.dumps(pages), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(folder))
    )
    server.found = queue.Queue()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    browser = subprocess.Popen(
        [BROWSER, *FLAGS, "--headless", "--window-size=1400,900", f"--user-data-dir={profile}",
         "--remote-debugging-port=0", f"{address}/slides_probe.html"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        found = server.found.get(timeout=PATIENCE)
    except queue.Empty:
        pytest.fail(f"{BROWSER} sent nothing within {PATIENCE} seconds")
    finally:
        browser.kill()
        browser.wait()
        server.shutdown()
        server.server_close()
    assert "error" not in found, found["error"]
    return address, found


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    try:
        paths = slides.write_slides(folder)
    except RuntimeError as error:
        pytest.skip(str(error))
    return probe(folder, [path.name for path in paths], tmp_path_factory.mktemp("profile"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_slide_shows_all_that_is_on_it_in_type_of_24_pixels_or_more(seen, name):
    found = seen[1][f"{name}.html"]["slides"]
    assert len(found) >= 8
    assert {number: what for number, what in enumerate(found, start=1) if what} == {}


def test_no_request_leaves_the_machine_and_formulas_are_typeset(seen):
    address, found = seen
    requests = {request for page in found.values() for request in page["requests"]}
    assert any(request.endswith("tex-svg-full.js") for request in requests)
    foreign = [one for one in requests if not one.startswith((f"{address}/assets/", "data:"))]
    assert foreign == []
    assert found["05_initialization.html"]["formulas"] > 10


def test_the_browser_finds_what_is_wrong_with_a_slide(tmp_path):
    wrong = {
        "wide": "<p style='white-space: nowrap'>" + "a long line without an end " * 9 + "</p>",
        "high": "<div class='exhibit'>" + "<p>one of too many lines</p>" * 20 + "</div>",
        "small": "<p style='font-size: 23px'>small print</p>",
        "formula": "<p>It is $\\undefined$.</p>",
        "right": "<p>$a^2$ and $b$</p>",
    }
    try:
        slides.write_assets(tmp_path / "assets")
    except RuntimeError as error:
        pytest.skip(str(error))
    template = slides.page("wrong", [], tmp_path)
    for name, content in wrong.items():
        slide = f'<div class="slides"><section>{content}</section>'
        text = template.replace('<div class="slides">', slide)
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    _, found = probe(tmp_path, [f"{name}.html" for name in wrong], tmp_path / "profile")
    said = {name: found[f"{name}.html"]["slides"] for name in wrong}
    assert said["wide"] == [["p is wider than its box"]]
    assert "p is not inside of its exhibit" in said["high"][0]
    assert said["small"] == [["text of 23 pixels"]]
    assert said["formula"] == [["a formula has an error"]]
    assert said["right"] == [[]]
