"""The usual kinds of checkers.

A checker is a function of the answer that returns (True, why it is right), (False, a hint) or
(None, what to do) where there is no answer yet.
"""

import copy
import math

import numpy as np

CLOSE = 2e-3  # relative: an answer rounded to three digits is right
EXACT = 1e-6  # relative, for what is counted
CHANGED = "But it changes its arguments, too: work on a copy."  # what is said besides "right"


def number(right, why, hints, otherwise):
    """A checker of one number: `hints` are (wrong number, hint), `otherwise` hints at the rest.

    An int is a count, which no other number equals; a float, and every wrong number, may be rounded
    to three digits.
    """

    def checker(answer):
        value = _as_number(answer)
        if value is None or math.isnan(value):  # numpy takes None for nan
            return False, "this takes one number, such as 0.5 or 3 * 64: no commas, no units."
        if math.isclose(value, right, rel_tol=_tolerance(right)):
            return True, why
        for wrong, hint in hints:
            if math.isclose(value, wrong, rel_tol=CLOSE) or value == float(f"{wrong:.3g}"):
                return False, hint
        if not isinstance(right, int) and value == float(f"{right:.2g}"):
            return False, "that is rounded to two digits: give three, or an expression."
        return False, otherwise

    return checker


def numbers(right, why, hints, otherwise):
    """A checker of several numbers in order: `hints` are (wrong numbers, hint).

    An int is a count, and a float may be rounded, as in `number`.
    The hint for any other answer says which number is the first to be wrong, then `otherwise`.
    """
    example = [*range(1, len(right) + 1)]

    def checker(answer):
        ordered = not isinstance(answer, str | bytes | dict | set)
        try:
            values = [float(_detached(value)) for value in answer] if ordered else None
        except Exception:
            values = None
        if values is None:
            return False, f"this takes {len(right)} numbers in brackets, such as {example}."
        if len(values) != len(right):
            return False, f"this takes {len(right)} numbers; yours are {len(values)}."
        pairs = zip(values, right, strict=True)
        same = [math.isclose(a, b, rel_tol=_tolerance(b), abs_tol=1e-9) for a, b in pairs]
        if all(same):
            return True, why
        for wrong, hint in hints:
            if np.allclose(values, wrong, rtol=CLOSE, atol=1e-9):
                return False, hint
        return (
            False,
            f"number {same.index(False) + 1} from the left is the first to differ: {otherwise}",
        )

    return checker


def choice(right, why, hints):
    """A checker of one of several words: `hints` are {wrong word: hint}. Case does not matter."""
    words = ", ".join(sorted([right, *hints]))

    def checker(answer):
        word = answer.strip().lower() if isinstance(answer, str) else None
        if word == right.lower():
            return True, why
        for wrong, hint in hints.items():
            if word == wrong.lower():
                return False, hint
        return False, f"this takes one of these words, in quotation marks: {words}."

    return checker


def function(right, cases, why, hints, otherwise):
    """A checker of a function that returns a number or a tensor, tried on `cases`.

    `cases` are lists of arguments, `right` is a function that solves the exercise, and `hints` are
    (a function with a typical mistake, hint): the hint is given where the answer returns the same
    as the mistaken function in every case.
    """

    def checker(answer):
        if not callable(answer):
            return False, "this takes your function itself: its name, with no brackets behind it."
        tried = [copy.deepcopy(case) for case in cases]
        returned = [answer(*case) for case in tried]
        if any(value is None for value in returned):
            return None, "your function returns None: write its body, with a return at its end."
        values, wanted = [_as_array(value) for value in returned], _results(right, cases)
        if wanted[0].ndim == 0 and any(value is None or value.size != 1 for value in values):
            return False, "your function should return one number in each case."
        if any(value is None for value in values):
            return False, "your function should return a tensor of numbers in each case."
        if _same(values, wanted):
            return True, why if _unchanged(tried, cases) else f"{why} {CHANGED}"
        for mistaken, hint in hints:
            if _same(values, _results(mistaken, cases)):
                return False, hint
        for value, one in zip(values, wanted, strict=True):
            if not _alike(value, one):
                return False, f"your function returned the shape {value.shape}, not {one.shape}."
        return False, otherwise

    return checker


def demands(tests, why):
    """A checker of a function of which many are right: `tests` are (test, hint), in order.

    A test takes the answer and returns whether it does what is demanded; the first one must return
    False for an answer that returns None. The hint of the first test that fails is given.
    """

    def checker(answer):
        if not callable(answer):
            return False, "this takes your function itself: its name, with no brackets behind it."
        returned = []

        def watched(*arguments):
            returned.append(answer(*arguments))
            return returned[-1]

        for test, hint in tests:
            passed = test(watched)
            if any(value is None for value in returned):
                return None, "your function returns None: write its body, with a return at its end."
            if not passed:
                return False, hint
        return True, why

    return checker


def _tolerance(right):
    return EXACT if isinstance(right, int) else CLOSE


def _detached(answer):
    """A tensor without its history, and on the CPU; any other answer as it is."""
    return answer.detach().cpu() if hasattr(answer, "detach") else answer


def _as_number(answer):
    """The answer as a float, None where it is no single number; it may be packed in brackets."""
    try:
        return float(_detached(answer))
    except Exception:
        value = _as_array(answer)
        return float(value.item()) if value is not None and value.size == 1 else None


def _as_array(answer):
    """The answer as an array of float64, None where it is not numbers."""
    try:
        return np.asarray(_detached(answer), dtype=np.float64)
    except Exception:
        return None


def _results(function, cases):
    return [_as_array(function(*copy.deepcopy(case))) for case in cases]


def _alike(value, one):
    """Whether two arrays have the same shape; a single number may be packed in any."""
    return value.shape == one.shape or value.size == one.size == 1


def _unchanged(tried, cases):
    """Whether the arguments of all cases still hold the same numbers."""
    pairs = [pair for one in zip(tried, cases, strict=True) for pair in zip(*one, strict=True)]
    return all(np.array_equal(_as_array(now), _as_array(before)) for now, before in pairs)


def _same(values, wanted):
    return all(
        _alike(value, one) and np.allclose(value.reshape(one.shape), one, CLOSE, 1e-9)
        for value, one in zip(values, wanted, strict=True)
    )
