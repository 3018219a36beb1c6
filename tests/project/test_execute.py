"""`make run` stores what notebooks print, and nothing that changes for no reason."""

import re

import execute
import marks
import nbformat
import pytest
from course_notebooks import course_notebooks
from nbclient.exceptions import CellExecutionError


def write(folder, *sources):
    path = folder / "01_a.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    notebook.cells[0].metadata["execution"] = {"iopub.status.busy": "2012-12-03T10:00:00Z"}
    nbformat.write(notebook, path)
    return path


def test_outputs_and_counts_are_stored_without_noise(tmp_path):
    path = write(tmp_path, "print('one')\nprint('two')", "1 + 1")
    seconds, memory = execute.execute(path)
    assert 0 < seconds < 60
    assert memory is None or memory > 10
    notebook = nbformat.read(path, as_version=4)
    first, second = notebook.cells
    assert [first.execution_count, second.execution_count] == [1, 2]
    assert [output.text for output in first.outputs] == ["one\ntwo\n"]
    assert second.outputs[0].data["text/plain"] == "2"
    assert "execution" not in first.metadata
    assert "version" not in notebook.metadata.language_info


def test_progress_bars_are_stored_only_where_outputs_are_compared():
    bar = nbformat.v4.new_output("display_data", {"text/plain": "run:  43%|####3 | 3/7 [00:02<?]"})
    figure = nbformat.v4.new_output("display_data", {"text/plain": "<Figure size 9x4>"})
    cells = [nbformat.v4.new_code_cell("fit()", outputs=[bar, figure]) for _ in range(2)]
    cells[0].metadata["tags"] = ["nbval-ignore-output"]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    execute.drop_noise(notebook)
    assert notebook.cells[0].outputs == [figure]
    assert notebook.cells[1].outputs == [bar, figure]


def test_of_a_widget_neither_its_state_nor_a_reference_to_it_is_stored(tmp_path):
    path = write(tmp_path, "import ipywidgets\nipywidgets.IntSlider()")
    execute.execute(path)
    notebook = nbformat.read(path, as_version=4)
    assert list(notebook.cells[0].outputs[0].data) == ["text/plain"]
    assert "widgets" not in notebook.metadata


def test_notebook_that_fails_is_left_as_it_was(tmp_path):
    path = write(tmp_path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute.execute(path)
    assert path.read_bytes() == before


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page with the table of two notebooks, into which `main` writes."""
    path = tmp_path / "contributing.md"
    rows = "| 00_start | 9 s | 1.0 GiB | mps, 8 cores |\n| 02_b | 9 s | ? | cpu, 2 cores |\n"
    path.write_text(f"<!-- durations -->\n{execute.HEAD}{rows}<!-- /durations -->\n")
    monkeypatch.setattr(execute, "PAGE", path)
    return path


def test_a_run_of_some_notebooks_writes_their_rows_and_keeps_the_others(page, monkeypatch):
    monkeypatch.setattr(execute, "execute", lambda path: (12.3, 1536))
    monkeypatch.setattr("sys.argv", ["execute.py", "02_b.ipynb", "01_a.ipynb"])
    monkeypatch.setattr(execute.os, "cpu_count", lambda: 4)
    monkeypatch.setenv("ALEXNET_DEVICE", "cpu")
    with pytest.raises(SystemExit):
        execute.main()
    assert marks.between(page.read_text(), "durations") == execute.HEAD + (
        "| 00_start | 9 s | 1.0 GiB | mps, 8 cores |\n"
        "| 01_a | 12 s | 1.5 GiB | cpu, 4 cores |\n"
        "| 02_b | 12 s | 1.5 GiB | cpu, 4 cores |\n"
    )


@pytest.mark.parametrize("seconds, code", [(90, 0), (91, 1)])
def test_more_than_90_seconds_is_a_failure(page, monkeypatch, capsys, seconds, code):
    monkeypatch.setattr(execute, "execute", lambda path: (seconds, 300))
    monkeypatch.setattr("sys.argv", ["execute.py", "01_a.ipynb"])
    with pytest.raises(SystemExit) as exit:
        execute.main()
    assert exit.value.code == code
    assert f"01_a.ipynb: {seconds} s" in capsys.readouterr().out


def test_the_page_for_contributors_says_how_long_each_notebook_takes():
    table = marks.between(execute.PAGE.read_text(encoding="utf-8"), "durations")
    row = r"^\| (\d\w+) \| (\d+) s \| (?:([\d.]+) GiB|\?) \| \w+, \d+ cores \|$"
    rows = re.findall(row, table, re.MULTILINE)
    assert [name for name, _, _ in rows] == [
        path.stem for path in course_notebooks(execute.NOTEBOOKS.parent)
    ]
    for name, seconds, memory in rows:
        assert int(seconds) <= execute.LIMIT and float(memory or 0) * 1.074 < 3, name
