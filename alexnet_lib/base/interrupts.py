"""Ctrl-C that waits until what must not be left half done is done."""

import signal
import socket
import threading
from contextlib import contextmanager

PATIENCE = 8  # seconds that the end of a process waits for what is within `interrupts_held`
_busy = threading.RLock()


@contextmanager
def interrupts_held():
    """Within this context a first Ctrl-C waits: KeyboardInterrupt is raised at its end.

    A second one is raised at once. Does nothing in other threads than the main one, where Python
    raises no KeyboardInterrupt, and where Ctrl-C is handled by something else than Python.
    """
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
        with _busy:
            yield
        return
    held = False

    def hold(*_):
        nonlocal held
        held = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


@contextmanager
def signals_end(end):
    """Within this context Ctrl-C and SIGTERM call `end(number of the signal)` in a thread.

    A thread, because the main one may be waiting inside torch for a process that has ended. The
    call waits for what is within `interrupts_held`, for PATIENCE seconds at most.
    """
    numbers, pipe = socket.socketpair()
    pipe.setblocking(False)

    def wait():
        while number := numbers.recv(1)[0]:
            if number in (signal.SIGINT, signal.SIGTERM):  # not that of a child that has ended
                waited = _busy.acquire(timeout=PATIENCE)
                end(number)
                if waited:
                    _busy.release()

    threading.Thread(target=wait, daemon=True).start()
    # Python calls its handlers in the main thread only, but writes to this pipe at once.
    wakeup = signal.set_wakeup_fd(pipe.fileno(), warn_on_full_buffer=False)
    before = {one: signal.signal(one, _ignore) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(wakeup)
        pipe.send(b"\0")


def _ignore(*_):
    pass
