"""One writer at a time in a folder."""

from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".lock"


@contextmanager
def locked_folder(folder):
    """Within this context no other process can enter it for the same folder, which is made.

    The first to enter removes what writes that were killed have left. A folder that was made and
    is empty at the end is removed. Raises OSError where the folder is in use, or cannot be written.
    """
    folder = Path(folder).resolve()
    found = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, is_singleton=True)
        outermost = not lock.is_locked
        lock.acquire(blocking=False)
    except Timeout as error:
        raise BlockingIOError(
            f"another program is writing to {folder}: wait until it ends, or take another folder"
        ) from error
    except OSError as error:
        raise OSError(f"cannot write to {folder}: {error.strerror or error}") from error
    try:
        if outermost:
            for left in folder.glob(".*.[0-9]*.tmp"):
                left.unlink(missing_ok=True)
        yield
    finally:
        with suppress(OSError):
            if outermost and [*folder.iterdir()] == [folder / LOCK]:
                (folder / LOCK).unlink()
                if not found:
                    folder.rmdir()
        lock.release()
