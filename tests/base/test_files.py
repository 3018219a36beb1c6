"""A file is written whole or not at all; only ordinary files are read; ~ is the home folder."""

import errno
import os
import socket
from pathlib import Path

import pytest
from helpers import link

from alexnet_lib.base.files import (
    DATA,
    data_folder,
    expand_home,
    open_ordinary,
    write_atomically,
)


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "file.bin"
    write_atomically(path, lambda file: file.write(b"content"))
    assert path.read_bytes() == b"content"
    assert [one.name for one in path.parent.iterdir()] == ["file.bin"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    os.symlink(tmp_path / "pipe", tmp_path / "link")
    before = {path: path.lstat().st_mode for path in tmp_path.iterdir()}
    for path, what in (("pipe", "a pipe"), ("folder", "a folder"), ("link", "a pipe")):
        with pytest.raises(OSError, match=f"{what}, not a file"):
            write_atomically(tmp_path / path, lambda file: file.write(b"new"))
    assert {path: path.lstat().st_mode for path in tmp_path.iterdir()} == before


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    for name in ("there", "new/not yet"):
        target, place = tmp_path / "disk" / name, tmp_path / Path(name).name
        target.parent.mkdir(exist_ok=name != "there", parents=True)
        link(target, place)
        for content in (b"one", b"two"):
            write_atomically(place, lambda file, content=content: file.write(content))
            assert place.is_symlink() and not target.is_symlink()
            assert target.read_bytes() == content
    assert not [path for path in tmp_path.rglob("*.tmp")]


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


def test_a_full_disk_is_named_where_torch_says_something_else(tmp_path):
    def write(file):
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        finally:
            raise RuntimeError("unexpected pos 704 vs 598")  # as the writer of torch.save ends

    with pytest.raises(OSError, match="could not write .*: No space left on device\n"):
        write_atomically(tmp_path / "file.bin", write)


def test_an_interrupt_leaves_the_old_content_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def write(file):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, write)
    assert path.read_bytes() == b"old" and len(os.listdir(tmp_path)) == 1


def test_an_interrupt_that_torch_turns_into_its_own_error_stays_an_interrupt(tmp_path):
    def write(file):
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("unexpected position")  # as the writer of torch.save ends

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file.bin", write)


def test_a_disk_that_becomes_read_only_hides_no_message(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="could not write .*disk full"):
        write_atomically(tmp_path / "file.bin", lambda file: full())


def full():
    raise OSError(errno.ENOSPC, "disk full")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_only_ordinary_files_are_opened(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    os.symlink(tmp_path / "file", tmp_path / "link")
    for name in ("file", "link"):
        with open_ordinary(tmp_path / name) as file:
            assert file.read() == b"content"
    os.mkfifo(tmp_path / "pipe")
    socket.socket(socket.AF_UNIX).bind(str(tmp_path / "socket"))
    os.symlink("/dev/zero", tmp_path / "device")
    kinds = {"pipe": "a pipe", "socket": "a socket", "device": "a device", ".": "a folder"}
    for name, kind in kinds.items():
        with pytest.raises(OSError, match=f"{kind}, not a file"):
            open_ordinary(tmp_path / name)


def test_a_file_that_becomes_a_pipe_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"content")
    ordinary = os.stat(tmp_path / "file")
    monkeypatch.setattr(os, "stat", lambda path: ordinary)
    with pytest.raises(OSError, match="a folder, not a file"):
        open_ordinary(tmp_path)


def test_a_tilde_is_the_home_folder_unless_something_has_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert expand_home("~/pets") == tmp_path / "home" / "pets"
    assert expand_home("pets~") == Path("pets~")
    if os.name != "nt":  # Windows does not look users up
        with pytest.raises(
            ValueError, match="'~no-such-user/x' begins with the home folder of a user"
        ):
            expand_home("~no-such-user/x")
    (tmp_path / "~no-such-user").mkdir()
    assert expand_home("~no-such-user") == Path("~no-such-user")


def test_the_data_folder_may_be_set(tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    assert data_folder(tmp_path / "other") == tmp_path / "other"
    monkeypatch.delenv("ALEXNET_DATA")
    assert data_folder() == DATA
