"""A file is written whole or not at all, and what was there before stays."""

import os

import pytest

from alexnet_lib.base.files import write_atomically


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "file.bin"
    write_atomically(path, lambda file: file.write(b"content"))
    assert path.read_bytes() == b"content"
    assert [one.name for one in path.parent.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("error", [OSError("disk full"), RuntimeError("torch: disk full")])
def test_where_writing_fails_the_old_content_stays(tmp_path, error):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def write(file):
        file.write(b"half")
        raise error

    with pytest.raises(OSError, match="could not write .*disk full\nwhat was there before"):
        write_atomically(path, write)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file.bin"]


def test_an_interrupt_leaves_the_old_content_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def write(file):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, write)
    assert path.read_bytes() == b"old" and len(os.listdir(tmp_path)) == 1
