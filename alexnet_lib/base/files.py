"""Writing files so that an interrupted program leaves the old content or the new, never a part."""

import os
from pathlib import Path


def write_atomically(path, write):
    """Calls `write` with a new file beside `path`, and moves it there once it is on the disk.

    Whatever happens meanwhile, `path` holds the old content or the new, never a part. Raises
    OSError where the disk is full or the folder cannot be written.
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
