"""The students' copy of the course holds no answer; the teachers' copy holds everything."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import handout
import nbformat
import pytest
from address import addressed_notebook
from course_notebooks import course_notebooks

from alexnet_lib.course import exercises

CHECKERS = sorted(Path(exercises.__file__).parent.glob("nb*.py"))
NOTEBOOKS = course_notebooks(handout.COURSE)


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    out = tmp_path_factory.mktemp("handout") / "student"
    handout.write_student(out)
    return out


def sources(folder):
    """The text of all code, pages and notebooks, the outputs included."""
    paths = [path for path in folder.rglob("*") if path.suffix in (".py", ".md", ".ipynb")]
    return "\n".join(path.read_text("utf-8") for path in paths)


def sentences(path):
    """What the checkers of a notebook say: whole sentences of their hints and reasons."""
    found = [node for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    texts = [node.value for node in found if isinstance(node, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and text.count(" ") > 5]


def test_no_sentence_of_a_checker_is_in_the_students_copy(student):
    text = sources(student)
    said = [sentence for path in CHECKERS for sentence in sentences(path)]
    doc = {ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in CHECKERS}
    shared = Path(exercises.__file__).with_name("checkers.py").read_text("utf-8")
    leaked = [one for one in said if one in text and one not in doc and one not in shared]
    assert len(said) > 300 and leaked == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_for_students_has_its_exercises_and_no_solution(student, path):
    whole = nbformat.read(path, as_version=4)
    copy = nbformat.read(student / "notebooks" / path.name, as_version=4)
    nbformat.validate(copy)
    text = "\n".join(cell.source for cell in copy.cells)
    assert "Solution" not in text
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in copy.cells)
    assert any(cell.get("outputs") for cell in whole.cells) and "widgets" not in copy.metadata
    numbers = {n for n in re.findall(r'check\("(\S+)"', "".join(c.source for c in whole.cells))}
    assert numbers == set(re.findall(r'check\("(\S+)"', text)) and numbers
    assert copy.cells[-1].source == whole.cells[-1].source


@pytest.fixture
def course(tmp_path):
    """A copy of the course's notebooks, beside empty files."""
    course = tmp_path / "course"
    for name in handout.FOLDERS:
        (course / name).mkdir(parents=True)
    for name in (*handout.FILES, *(f"docs/{page}.md" for page in handout.PAGES)):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).touch()
    shutil.copytree(handout.COURSE / "notebooks", course / "notebooks")
    return course


def test_a_notebook_for_students_does_not_lead_to_the_course_with_solutions(course, tmp_path):
    for path in course_notebooks(course):
        text = addressed_notebook(path.read_text("utf-8"), "https://github.com/a/b", path.name)
        path.write_text(text, encoding="utf-8")
    handout.write_student(tmp_path / "out", course)
    assert "github.com/a/b" in sources(course) and "github/a/b" in sources(course)
    assert "github.com/a/b" not in sources(tmp_path / "out")
    assert "github/a/b" not in sources(tmp_path / "out")


def test_an_instructors_own_answers_are_not_handed_out(course, tmp_path):
    for own in ("my_06", "06_data_and_augmentation-Copy1"):
        path = course / f"notebooks/{own}.ipynb"
        shutil.copy(course / "notebooks/06_data_and_augmentation.ipynb", path)
    handout.write_student(tmp_path / "out", course)
    names = [path.name for path in (tmp_path / "out/notebooks").iterdir()]
    assert sorted(names) == [path.name for path in NOTEBOOKS]
    solved = course / "notebooks/06_data_and_augmentation.ipynb"
    text = solved.read_text("utf-8").replace("answer = ...", "answer = 11", 1)
    solved.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="06_data_and_augmentation.ipynb has your answer to 06.1"):
        handout.write_student(tmp_path / "other", course)
    assert not (tmp_path / "other").exists()


def test_what_notebooks_import_from_the_course_is_in_the_students_copy(student):
    for path in (student / "notebooks").glob("*.ipynb"):
        cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        wanted = set(
            re.findall(r"^from (alexnet_lib[\w.]*) import", "\n".join(cells), re.MULTILINE)
        )
        files = [student / module.replace(".", "/") for module in wanted]
        assert files and all(file.is_dir() or file.with_suffix(".py").is_file() for file in files)


def test_in_the_students_copy_check_notes_an_answer_and_no_missing_one(student):
    checks = "check('00.1', 1.5); check('00.2', ...)"
    code = f"from alexnet_lib.course.exercises import check; {checks}"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv = ['-m']; {code}"],
        cwd=student, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert found.stdout.splitlines() == [
        "00.1 is noted: your instructor's copy of the course checks it.",
        "00.2 … waits for you: put your answer in place of ... and run the cell again.",
    ]


def test_links_in_the_students_copy_lead_somewhere(student):
    pages = {path: path.read_text("utf-8") for path in student.rglob("*.md")}
    for path in (student / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        pages[path] = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    for path, text in pages.items():
        links = re.findall(r"\]\(((?!https?:|mailto:|#)[^)\s#]+)", text)
        assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_students_copy_has_all_that_make_lab_reads(student):
    commands = "".join(
        (student / name).read_text("utf-8") for name in ("Makefile", "tools/setup.sh")
    )
    read = set(re.findall(r"tools/(?:jupyter\S+|setup\.sh)", commands))
    assert len(read) == 4
    assert [name for name in read if not (student / name).exists()] == []


def test_the_students_copy_offers_no_command_that_it_lacks_files_for(student):
    makefile = (student / "Makefile").read_text("utf-8")
    assert re.findall(r"^([a-z]+):.* ##", makefile, re.MULTILINE) == ["help", "lab"]
    assert ".PHONY: help lab\n" in makefile and ".venv/ready: requirements.txt" in makefile
    assert set(re.findall(r"requirements\S*\.txt", makefile)) == {"requirements.txt"}
    install = (student / "docs/install.md").read_text("utf-8")
    assert "pytest" not in install and "CPU-only" in install
    assert {name for name in re.findall(r"-r (\S+)", install)} == {"requirements.txt"}


def test_the_sheet_which_gives_answers_away_is_not_in_the_students_copy(student):
    assert list(student.rglob("sheet*")) == []
    assert "sheet" not in (student / "README.md").read_text("utf-8")


def test_no_notebook_for_students_promises_solutions_or_hints_that_they_do_not_have(student):
    for path in (student / "notebooks").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            promised = re.search(r"\bsolutions are\b|gives a hint|stored output", cell.source)
            assert not promised or "class may have no solutions" in cell.source, path.name


def test_the_teachers_copy_has_solutions_tests_and_the_guide(tmp_path):
    handout.write_teacher(tmp_path / "teacher")
    for name in (
        "tests/course/test_exercises.py",
        "docs/teaching/README.md",
        "tools/handout.py",
        "sheet.pdf",
    ):
        assert (tmp_path / "teacher" / name).is_file()
    assert "Solution" in sources(tmp_path / "teacher" / "notebooks")
