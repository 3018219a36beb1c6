"""What all fuzzers share: cases from fixed seeds until the time is over, with limits for each.

Seeds count up from 0, or from `ALEXNET_FUZZ_SEED`: to repeat the case that failed, set it and take
1 second. `ALEXNET_FUZZ_SECONDS` is how long each fuzzer takes. Without it, it takes 20 seconds, and
ends after MOST cases: a faster computer tries none that another one has not tried before.
"""

import contextlib
import os
import random
import signal
import sys
import time

SECONDS = os.environ.get("ALEXNET_FUZZ_SECONDS")
MOST = 400
CASE_SECONDS = 60  # that one case may take


def cases(share=1):
    """Yields (seed, random generator) until the time is over, at least once.

    share   of the time, where several fuzzers of a module divide it among them
    """
    first = seed = int(os.environ.get("ALEXNET_FUZZ_SEED", 0))
    end = time.monotonic() + share * float(SECONDS or 20)
    while seed == first or time.monotonic() < end and (SECONDS or seed < first + MOST):
        yield seed, random.Random(seed)
        seed += 1


@contextlib.contextmanager
def limited(seed, what):
    """Names the seed and `what` was tried in each failure, also where it takes too long.

    Where the system has no alarm (Windows), nothing ends what takes too long.
    """
    has_alarm = hasattr(signal, "SIGALRM")
    if has_alarm:
        before = signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(CASE_SECONDS)
    try:
        yield
    except BaseException as error:
        raise AssertionError(f"seed {seed}: {what}: {type(error).__name__}: {error}") from error
    finally:
        if has_alarm:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)


def _too_long(number, frame):
    raise TimeoutError(f"longer than {CASE_SECONDS} s")


def peak_memory():
    """The most memory that this process has had so far, in bytes; 0 where that is not known."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def is_refusal(code, error):
    """Whether a command has refused its input as it should: in a few lines, without a traceback."""
    lines = error.strip().splitlines()
    return code in (1, 2) and 1 <= len(lines) <= 12 and "Traceback" not in error
