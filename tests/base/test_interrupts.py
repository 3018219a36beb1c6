"""Ctrl-C waits until what must not be left half done is done."""

import os
import signal
import threading

import pytest

from alexnet_lib.base.interrupts import interrupts_held

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one thread")


def interrupt():
    signal.raise_signal(signal.SIGINT)


def test_an_interrupt_waits_for_the_end_of_the_context():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with interrupts_held():
            interrupt()
            done.append("all of it")
    assert done == ["all of it"]


def test_a_second_interrupt_does_not_wait():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with interrupts_held():
            interrupt()
            interrupt()
            done.append("never")
    assert done == []


def test_afterwards_an_interrupt_is_raised_as_before():
    with interrupts_held():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_within_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        with interrupts_held():
            interrupt()
            1 / 0  # noqa: B018
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_another_thread_nothing_is_held():
    done = []

    def work():
        with interrupts_held():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.default_int_handler]
