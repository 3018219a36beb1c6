"""Files: written atomically, and read only where they are ordinary files.

Whatever interrupts a program, a file has its old content or its new one.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
NOT_FILES = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_ordinary(path):
    """Opens an ordinary file to read its bytes. Raises OSError for a device, a pipe or a socket.

    Reading one of these could wait for ever, and opening a device can do more than read.
    """
    return os.fdopen(ordinary_descriptor(path), "rb")


def ordinary_descriptor(path):
    """The same as `open_ordinary`, but a number for `os.read`: quicker for many small files."""
    _check_ordinary(path, os.stat(path).st_mode)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        _check_ordinary(path, os.fstat(descriptor).st_mode)  # it may just have been replaced
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check_ordinary(path, mode):
    if not stat.S_ISREG(mode):
        found = NOT_FILES.get(stat.S_IFMT(mode), "something else")
        raise OSError(errno.EINVAL, f"{found}, not a file", os.fspath(path))


def expand_home(path):
    """A `Path` with a leading ~ or ~user replaced by that home folder, as a shell does.

    A file or folder that has this very name, such as `~pets`, is left as it is. Raises ValueError
    where there is no such user.
    """
    path = os.fspath(path)
    if not path.startswith("~") or os.path.lexists(path):
        return Path(path)
    expanded = os.path.expanduser(path)
    if expanded == path:
        raise ValueError(f"{path!r} begins with the home folder of a user who does not exist")
    return Path(expanded)


def data_folder(folder=None):
    """Where downloads and decoded images are kept: `folder`, else `ALEXNET_DATA`, else `data/`."""
    return expand_home(folder or os.environ.get("ALEXNET_DATA") or DATA)


def write_atomically(path, write):
    """Writes the file `path`: all of it, or nothing if anything fails.

    write   a function that writes the content to the binary file it is given

    The content goes to a temporary file in the same folder, which is made if need be; once it is
    on the disk, that file replaces `path`. Where `path` is a link, it replaces what the link leads
    to. Raises OSError where the disk is full, the folder cannot be written, or `path` is no
    ordinary file: replacing /dev/null would take it from all programs.
    """
    path = Path(os.path.realpath(path) if os.path.islink(path) else path)
    if path.exists():
        _check_ordinary(path, path.stat().st_mode)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:  # torch.save ends with a RuntimeError of its own
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        full = isinstance(error, RuntimeError) and isinstance(error.__context__, OSError)
        why = error.__context__ if full else error
        raise OSError(
            f"could not write {path}: {getattr(why, 'strerror', None) or why}\n"
            f"what was there before is still there; free some space or choose another folder"
        ) from error
    finally:
        with suppress(OSError):  # a disk that became read-only
            beside.unlink(missing_ok=True)
