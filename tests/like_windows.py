"""A plugin of pytest, `-p like_windows`: takes away what Python lacks on Windows.

Load it with `tests/` in PYTHONPATH. tests/project/test_on_windows.py collects all tests with it.
"""

import builtins
import multiprocessing
import os
import signal
import subprocess  # noqa: F401, which looks at what is there when it is imported
from pathlib import Path

COURSE = Path(__file__).parents[1]
OF_SIGNAL = ("SIGKILL", "SIGALRM", "SIGHUP", "SIGSTOP", "SIGCONT", "SIGQUIT", "SIGUSR1", "SIGUSR2")
OF_OS = ("fork", "forkpty", "mkfifo", "mknod", "geteuid", "setsid", "killpg")
MODULES = ("resource", "fcntl", "termios", "tty", "pty", "pwd", "grp")
whole_import = builtins.__import__


def no_privilege(*_, **__):
    raise OSError(22, "A required privilege is not held by the client")


def course_import(name, globals=None, *others, **named):
    """An import, without Unix's modules where the course asks for them; packages may know both."""
    place = Path((globals or {}).get("__file__") or "/")
    if name in MODULES and COURSE in place.parents and COURSE / ".venv" not in place.parents:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return whole_import(name, globals, *others, **named)


def pytest_load_initial_conftests():
    for module, names in ((signal, OF_SIGNAL), (os, OF_OS)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    multiprocessing.set_start_method("spawn")
    os.symlink = no_privilege
    builtins.__import__ = course_import
