"""A process that gives up its rights, before it runs what somebody else wrote. Linux only.

The kernel enforces this (Landlock, namespaces, resource limits), and nothing that runs afterwards
can take it back: files can be read in a few folders and written in one, there is no network, other
processes can be neither seen nor ended, and processor time, memory and file sizes are limited.
"""

import ctypes
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, on all processors
NEW_PRIVILEGES, DEATH_SIGNAL = 38, 1  # of prctl
NAMESPACES = 0x10000000 | 0x40000000 | 0x20000000 | 0x08000000  # user, network, processes, IPC
EXECUTE, WRITE, READ, LIST, TRUNCATE, DEVICE = (1 << bit for bit in (0, 1, 2, 3, 14, 15))
BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # of file access that a version of Landlock knows; then 16
SIGNALS_AND_SOCKETS = 3  # to processes outside, which version 6 can forbid
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys", "/dev")
MEMORY, FILE, PROCESSES, FILES = 16 << 30, 10 << 20, 256, 512  # bytes, bytes, counts


class NoSandbox(OSError):
    """This system cannot confine a process."""


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scoped")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("access", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def landlock_version():
    """The version of Landlock that this system's kernel has; 0 for none, as on other systems."""
    if platform.system() != "Linux":
        return 0
    return max(0, _libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def confine(folder, readable, seconds):
    """Confines this process and all that it starts, for good.

    folder     the only one in which files can be written
    readable   folders that can be read, besides those of the system and of Python
    seconds    of processor time; after that the process is killed

    The calling process must be about to fork: its children, not itself, are in the new namespace of
    processes. Raises NoSandbox where the kernel cannot do this.
    """
    import resource

    version = landlock_version()
    if not version:
        raise NoSandbox("this system has no Landlock (Linux 5.13 or newer)")
    libc = _libc()
    if libc.unshare(NAMESPACES):
        raise NoSandbox(f"no new namespaces: {os.strerror(ctypes.get_errno())}")
    libc.prctl(NEW_PRIVILEGES, 1, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_NOFILE, FILES), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(limit, (value, value))
    with suppress(OSError):  # where memory runs out, the kernel ends these processes first
        Path("/proc/self/oom_score_adj").write_bytes(b"1000")
    every = (1 << BITS.get(version, 16)) - 1
    ruleset = _Ruleset(every, 3 if version >= 4 else 0, SIGNALS_AND_SOCKETS * (version >= 6))
    sizes = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}  # of the structure, in bytes
    number = libc.syscall(
        CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(sizes.get(version, 24)), 0
    )
    if number < 0:
        raise NoSandbox(f"no Landlock rules: {os.strerror(ctypes.get_errno())}")
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    for place in (*SYSTEM, *python, *readable):
        _allow(number, place, (EXECUTE | READ | LIST) & every)
    _allow(number, folder, every)
    _allow(number, os.devnull, (READ | WRITE | TRUNCATE | DEVICE) & every)
    if libc.syscall(RESTRICT_SELF, number, 0):
        raise NoSandbox(f"Landlock: {os.strerror(ctypes.get_errno())}")
    os.close(number)


def _allow(ruleset, place, access):
    if not Path(place).exists():
        return
    descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    if not Path(place).is_dir():
        access &= ~LIST
    rule = _Beneath(access, descriptor)
    _libc().syscall(ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
    os.close(descriptor)


def stand_alone():
    """Called in the child: it leaves its parent's group, and is killed when that one ends."""
    import signal

    _libc().prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    os.setsid()


def _libc():
    return ctypes.CDLL(None, use_errno=True)
