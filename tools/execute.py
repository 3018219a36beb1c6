"""Run notebooks again from top to bottom and store their outputs: what `make run` calls.

`python tools/execute.py [NOTEBOOK ...]`: all notebooks in their order, or those named. Runs on
the CPU in the profile "fast", as the tests do, unless the environment says otherwise. Stops at
the first error, writes no notebook that failed, exits 1 when one takes more than 90 seconds. How
long each took is written into docs/contributing.md.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path

import marks
import nbformat
from course_notebooks import course_notebooks
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PAGE = Path(__file__).parent.parent / "docs" / "contributing.md"
LIMIT = 90  # seconds
WIDGET = "application/vnd.jupyter.widget-view+json"
HEAD = "| notebook | top to bottom | peak memory | on |\n|---|---|---|---|\n"


def execute(path):
    """Runs one notebook in place. Returns its seconds and its kernel's peak memory in MiB.

    The memory is None where the system does not tell (it is read as Linux gives it).
    """
    notebook = nbformat.read(path, as_version=4)
    memory = None

    def read_memory(**_):
        nonlocal memory
        status = Path(f"/proc/{client.km.provisioner.pid}/status")
        if status.exists():
            text = status.read_text(encoding="utf-8")
            memory = int(re.search(r"VmHWM:\s+(\d+)", text)[1]) // 1024

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
        on_cell_executed=read_memory,
    )
    start = time.monotonic()
    client.execute()
    seconds = time.monotonic() - start
    drop_noise(notebook)
    nbformat.write(notebook, path)
    return seconds, memory


def drop_noise(notebook):
    """Drops what changes from run to run and says nothing: times, the Python's version, bars.

    Progress bars go where nothing is compared with them: stored, they would stand half full. Of
    widgets the still figure is stored, and not the widget: without a kernel JupyterLab would show
    an error message in its place.
    """
    notebook.metadata.language_info.pop("version", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            cell.outputs = [output for output in cell.outputs if not is_bar(output)]
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)


def is_bar(output):
    """Whether a cell's output is a progress bar of tqdm."""
    return bool(re.search(r"\d%\|", output.get("data", {}).get("text/plain", "")))


def durations(took, table):
    """The table in Markdown, with new rows for {notebook: (seconds, MiB or None)}."""
    rows = {line.split(" | ")[0]: line for line in table.splitlines(keepends=True)[2:]}
    for name, (seconds, memory) in took.items():
        cells = f"| {name}", f"{seconds:.0f} s", f"{memory / 1024:.1f} GiB" if memory else "?"
        where = f"{os.environ['ALEXNET_DEVICE']}, {os.cpu_count()} cores"
        rows[f"| {name}"] = " | ".join([*cells, where]) + " |\n"
    return HEAD + "".join(rows[name] for name in sorted(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="files; default: all of the course")
    os.environ.setdefault("ALEXNET_PROFILE", "fast")
    os.environ.setdefault("ALEXNET_DEVICE", "cpu")
    took = {}
    for path in parser.parse_args().notebooks or course_notebooks(NOTEBOOKS.parent):
        print(f"{path.name}: ", end="", flush=True)
        seconds, memory = took[path.stem] = execute(path)
        too_long = f", more than {LIMIT} s" if seconds > LIMIT else ""
        print(f"{seconds:.0f} s{too_long}, {memory or '?'} MiB")
    text = PAGE.read_text(encoding="utf-8")
    table = durations(took, marks.between(text, "durations"))
    PAGE.write_text(marks.fill(text, "durations", table), "utf-8", newline="\n")
    sys.exit(1 if any(seconds > LIMIT for seconds, _ in took.values()) else 0)


if __name__ == "__main__":
    main()
