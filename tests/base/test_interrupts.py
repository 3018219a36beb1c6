"""Ctrl-C waits until what must not be left half done is done."""

import os
import signal
import threading
import time

import pytest
from helpers import wait_until

from alexnet_lib.base import interrupts
from alexnet_lib.base.interrupts import interrupts_held, signals_end

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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_call_the_end_in_a_thread_once_what_is_held_is_done(number):
    before, ended = signal.getsignal(number), []
    with signals_end(lambda number: ended.append((number, threading.current_thread()))):
        with interrupts_held():
            signal.raise_signal(number)
            time.sleep(0.1)
            assert ended == []
        wait_until(lambda: ended, 5)
    assert ended[0][0] == number and ended[0][1] is not threading.main_thread()
    assert signal.getsignal(number) is before


def test_the_end_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(interrupts, "PATIENCE", 0.05)
    ended = []
    with signals_end(ended.append), interrupts_held():
        signal.raise_signal(signal.SIGTERM)
        wait_until(lambda: ended, 5)
    assert ended == [signal.SIGTERM]
