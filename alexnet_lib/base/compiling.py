"""torch.compile where it works, the plain function where it does not."""

import warnings

import torch


def compile_or_plain(function, what, **options):
    """`torch.compile(function)`, or `function` itself where nothing can be compiled.

    The first failure gives one warning that names `what` is computed; from then on `function` runs
    as it is. Out-of-memory errors and the errors of `function` itself are raised. `options` are
    those of `torch.compile`.
    """
    compiled = None

    def run(*arguments):
        nonlocal compiled
        try:
            if compiled is None:
                compiled = torch.compile(function, **options)
            return compiled(*arguments)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # compilers fail in many ways
            if compiled is function:
                raise
            line = str(error).strip().split("\n")[0][:200]
            words = f"torch.compile fails here, {what} goes without it: {line}"
            warnings.warn(words, stacklevel=3)
            compiled = function
            return function(*arguments)

    return run
