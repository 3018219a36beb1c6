"""Files are written completely or not at all."""

import pytest

from alexnet_lib.base.files import write_atomically


class Full:
    """A file on a disk that is full after some bytes."""

    def __init__(self, file):
        self.file = file

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path, old):
    path = tmp_path / "run.json"
    if old:
        path.write_bytes(old)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, lambda file: Full(file).write(b"new content"))
    assert "run.json" in str(caught.value) and len(str(caught.value).splitlines()) <= 5
    assert [file.name for file in tmp_path.iterdir()] == (["run.json"] if old else [])
    assert not old or path.read_bytes() == old


def test_torchs_own_error_on_a_full_disk_is_an_os_error_too(tmp_path):
    def save(file):
        file.write(b"a part")
        raise RuntimeError("PytorchStreamWriter failed writing file")

    with pytest.raises(OSError, match="could not write"):
        write_atomically(tmp_path / "checkpoint.pt", save)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_no_temporary_file(tmp_path):
    def interrupted(file):
        file.write(b"a part")
        raise KeyboardInterrupt

    (tmp_path / "run.json").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "run.json", interrupted)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]
