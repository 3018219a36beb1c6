"""Every notebook is well formed, was run top to bottom, and holds nothing it should not."""

import ast
import json
import re
from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import address
import nbformat
import pytest
from course_notebooks import course_notebooks
from jupyter_client.kernelspec import get_kernel_spec

from alexnet_lib.figures.style import spoken

COURSE = Path(__file__).parents[2]
NOTEBOOKS = course_notebooks(COURSE)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def markdown(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_notebook_is_valid_and_its_cell_ids_are_unique(path):
    stored = json.loads(path.read_text(encoding="utf-8"))  # nbformat.read would mend the ids
    repeated = [id for id, n in Counter(cell["id"] for cell in stored["cells"]).items() if n > 1]
    assert repeated == []
    nbformat.validate(stored)


def test_notebook_says_of_its_kernel_what_the_kernel_says(notebook):
    """Otherwise JupyterLab writes it there when the notebook is opened, and marks it as changed."""
    from ipykernel.ipkernel import IPythonKernel  # not where signals are those of Windows

    name, spec = "python3", get_kernel_spec("python3")
    said = {"name": name, "display_name": spec.display_name, "language": spec.language}
    assert notebook.metadata.kernelspec == said
    language = {**IPythonKernel.language_info}
    language.pop("version", None)  # tools/jupyter/ipython_kernel_config.py
    assert notebook.metadata.language_info == language


def test_notebook_was_run_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run it anew: make run"


def test_no_output_is_an_error(notebook):
    assert [output for output in outputs(notebook) if output.output_type == "error"] == []


def test_outputs_hold_no_path_of_this_machine(notebook):
    paths = re.compile(rf"{re.escape(str(COURSE))}|/(?:home|Users|root|tmp)/|[A-Z]:\\")
    assert [found[0] for found in map(paths.search, map(text, outputs(notebook))) if found] == []


def test_outputs_are_of_photographs_and_not_of_the_stand_in(notebook):
    found = [output for output in outputs(notebook) if "Shapes10, synthetic, in" in text(output)]
    assert found == [], "run it where CIFAR-10, or a folder of its images, is at hand"


def text(output):
    data = output.get("data", {})
    texts = [str(value) for kind, value in data.items() if not kind.startswith("image/")]
    return output.get("text", "") + " ".join(texts)


def test_every_figure_has_alt_text(notebook):
    figures = [output for output in outputs(notebook) if "image/png" in output.get("data", {})]
    alts = [output.metadata.get("image/png", {}).get("alt", "") for output in figures]
    assert all(alt.strip() for alt in alts), "show figures with alexnet_lib.show(fig, alt=…)"


def test_a_screen_reader_finds_the_alt_texts_in_jupyterlab(notebook):
    """It shows images without their alt texts; explorers say theirs above the figure."""
    found = [output.get("data", {}) for output in outputs(notebook)]
    told = [data["text/html"] for data in found if "jp-sr-only" in data.get("text/html", "")]
    figures = [output for output in outputs(notebook) if "image/png" in output.get("data", {})]
    alts = [(output.metadata["image/png"]["alt"], output.data["text/plain"]) for output in figures]
    assert told == [spoken(alt)["text/html"] for alt, plain in alts if alt != plain]


def test_notebook_is_at_most_1500_kB(path):
    assert path.stat().st_size <= 1_500_000


def test_notebook_is_one_class_session_long(notebook):
    assert len(code_cells(notebook)) <= 40, "code cells"
    text = re.sub(r"<details>.*?</details>", "", " ".join(markdown(notebook)), flags=re.DOTALL)
    assert len(text.split()) <= 2500, "words"


def test_the_core_of_a_notebook_is_one_class_hour_long(notebook):
    words, cells = core(notebook)
    assert words <= 1500 and cells <= 24, (words, cells)


def core(notebook):
    """How many words and code cells the sections have that are neither optional nor exercises."""
    words, cells, counts = 0, 0, True
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cells += counts
            continue
        for part in re.split("^(?=## )", cell.source, flags=re.MULTILINE):
            title = part.partition("\n")[0]
            if title.startswith("## "):
                counts = "optional" not in title and title not in ("## Exercises", "## Solutions")
            left_out = r"<!-- map -->.*<!-- /map -->|!\[.*?\)|\$\$.*?\$\$|(?<=\])\(.*?\)"
            text = re.sub(
                left_out, "", part, flags=re.DOTALL
            )  # a map, alt texts, formulas, addresses
            words += counts * sum(bool(re.search("[A-Za-z]", word)) for word in text.split())
    return words, cells


def test_no_line_of_a_text_cell_is_there_twice(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = [line for line in cell.source.splitlines() if len(line) > 30]
            assert len(lines) == len(set(lines)), cell.id


def test_code_cells_are_at_most_15_lines(notebook):
    long = [cell.source for cell in code_cells(notebook) if cell.source.count("\n") >= 15]
    assert [source for source in long if not source.startswith(address.FIRST_LINE)] == []


def test_set_up_cell_comes_first_and_once(notebook):
    places = [place for place, cell in enumerate(code_cells(notebook)) if address.is_setup(cell)]
    assert places == [0]


def test_set_up_cell_is_not_compared(notebook):
    assert "nbval-ignore-output" in code_cells(notebook)[0].metadata.get("tags", [])


def test_the_first_cell_that_reads_images_may_show_a_bar(notebook):
    reading = [cell for cell in code_cells(notebook) if "course.data(" in cell.source]
    for cell in reading[:1]:
        assert "nbval-ignore-output" in cell.metadata.get("tags", []), cell.id


def test_title_comes_first_and_sections_are_numbered(path, notebook):
    texts = markdown(notebook)
    assert notebook.cells[0].source.startswith("# ")
    sections = re.findall(r"^## (.*)", "\n".join(texts), re.MULTILINE)
    number = int(path.stem.split("_")[0])
    numbered = [section for section in sections if re.match(r"\d", section)]
    found = [section.split()[0] for section in numbered]
    assert found == [f"{number}.{section}" for section in range(1, len(numbered) + 1)]
    assert numbered, "sections are headed ## 2.1 …"


def test_headings_start_cells(notebook):
    """JupyterLab scrolls to cells, and collapses the cells below a heading, not the lines."""
    texts = [
        re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.M) for text in markdown(notebook)
    ]
    assert [line for text in texts for line in re.findall(r"\n(#{1,4} .*)", text)] == []


def test_what_a_notebook_imports_from_the_library_is_there(notebook):
    missing = []
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("alexnet_lib"):
                module = import_module(node.module)
                for name in (alias.name for alias in node.names):
                    if not hasattr(module, name) and not find_spec(f"{node.module}.{name}"):
                        missing.append(f"{node.module}.{name}")
    assert missing == []
