"""torch.compile where it works, the plain function where it does not."""

import torch

from alexnet_lib.base.notes import note
from alexnet_lib.base.text import first_line


def compile_or_plain(function, what, **options):
    """`torch.compile(function)`, which falls back to `function` where compiling fails.

    function   a module or a function of tensors
    what       the name of the computation, for the warning
    options    those of `torch.compile`

    Compiling starts with the first call. The first failure gives one warning, and from then on
    `function` runs as it is. Out-of-memory errors and errors of `function` itself are raised.
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
        except Exception as error:  # compilers fail with many types of errors
            if compiled is function:
                raise
            note(f"torch.compile fails here, {what} goes without it: {first_line(error)}")
            compiled = function
            return function(*arguments)

    return run
