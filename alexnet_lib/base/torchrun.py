"""What torchrun tells the processes that it starts, and which of them speaks to the user.

A process that torchrun did not start is the only one: its rank is 0 and the world size 1. Imports
nothing that is slow.
"""

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path


def started_by_torchrun():
    """Whether this is one of several processes that torchrun started."""
    return world_size() > 1


def world_size():
    """How many processes there are in all, on all machines."""
    return _number("WORLD_SIZE", 1)


def rank():
    """The number of this process, from 0 to the world size - 1."""
    return _number("RANK", 0)


def local_world_size():
    """How many of the processes are on this machine."""
    return _number("LOCAL_WORLD_SIZE", 1)


def local_rank():
    """The number of this process among those on this machine, from 0."""
    return _number("LOCAL_RANK", 0)


def restarts():
    """How often torchrun has started the processes again after a failure (`--max-restarts`).

    Where there are several machines, only the one on which a process failed counts a restart.
    """
    return _number("TORCHELASTIC_RESTART_COUNT", 0)


def note_begin():
    """Notes that the command has begun its work, for `begun_before`."""
    begun = _begun()
    with suppress(OSError):
        begun and begun.touch()


def begun_before():
    """Whether `note_begin` was called on this machine since the user started torchrun.

    It was called before this process began if torchrun has started the processes again.
    """
    begun = _begun()
    return begun is not None and begun.exists()


def _number(name, otherwise):
    # Other launchers set WORLD_SIZE and RANK, too; torchrun alone sets TORCHELASTIC_RUN_ID.
    return (
        int(os.environ.get(name, otherwise)) if "TORCHELASTIC_RUN_ID" in os.environ else otherwise
    )


def leave_group(code):
    """Ends this process at once where it is one of several, and else does nothing.

    Python's own end would wait for the others, and sometimes fails after torch's processes have
    worked together.
    """
    if started_by_torchrun():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def has_the_word():
    """Whether this process is the first on its machine to ask: only it tells the user of an end.

    Whatever ends one process ends all, and each of them notices it. From here on SIGTERM, which
    torchrun sends when the first one has ended, does not cut the message off.
    """
    told = _told()
    if told is None:
        return True
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        told.touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        return True
    return True


def has_been_told():
    """Whether a process on this machine has told the user of an end."""
    told = _told()
    return told is not None and told.exists()


def _told():
    """A file in the folder that torchrun makes for all processes on this machine; else None."""
    folder = _folder() if started_by_torchrun() else None
    return folder and folder / "told"


def _begun():
    """A file in the folder that stays when torchrun starts the processes again; else None."""
    folder = _folder()
    return folder and folder.parent / "begun"


def _folder():
    """The folder of torchrun for these processes: run/attempt, with a folder for each of them."""
    errors = os.environ.get("TORCHELASTIC_ERROR_FILE")
    return Path(errors).parent.parent if errors else None
