"""Atomic writes: whatever interrupts a program, a file has its old content or its new one."""

import os
from pathlib import Path


def write_atomically(path, write):
    """Writes the file `path`: all of it, or nothing if anything fails.

    write   a function that writes the content to the binary file it is given

    The content goes to a temporary file in the same folder, which is made if need be; once it is
    on the disk, that file replaces `path`. Raises OSError where the disk is full or the folder
    cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(beside, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:  # torch.save reports a full disk as RuntimeError
        raise OSError(
            f"could not write {path}: {error}\n"
            f"what was there before is still there; free some space or choose another folder"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
