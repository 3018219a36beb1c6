"""Ctrl-C that waits until what must not be left half done is done."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def interrupts_held():
    """Within this context a first Ctrl-C waits: KeyboardInterrupt is raised at its end.

    A second one is raised at once. Does nothing in other threads than the main one, where Python
    raises no KeyboardInterrupt, and where Ctrl-C is handled by something else than Python.
    """
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
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
