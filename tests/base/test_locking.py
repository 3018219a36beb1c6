"""A folder has one writer at a time, and what killed writers left in it is removed."""

import subprocess
import sys

import pytest

from alexnet_lib.base.locking import locked_folder

IN_USE = "from alexnet_lib.base.locking import locked_folder; locked_folder({!r}).__enter__()"


def test_a_folder_has_one_writer_at_a_time(tmp_path):
    with locked_folder(tmp_path / "run"):
        with locked_folder(tmp_path / "run"):  # the same process may enter again
            (tmp_path / "run" / "file").touch()
        code = IN_USE.format(str(tmp_path / "run"))
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "another program is writing to" in other.stderr
        (tmp_path / "run" / ".checkpoint.pt.123.tmp").touch()
    with locked_folder(tmp_path / "run"):  # and what a killed one has left is removed
        assert {one.name for one in (tmp_path / "run").iterdir()} == {"file", ".lock"}


def test_a_locked_folder_into_which_nothing_was_written_is_gone_afterwards(tmp_path):
    with locked_folder(tmp_path / "new"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot write to .*file"):
        with locked_folder(tmp_path / "file" / "run"):
            raise AssertionError("it was entered")
