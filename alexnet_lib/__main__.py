"""`python -m alexnet_lib COMMAND`."""

import os
import sys

from alexnet_lib.base.notes import show_notes_plainly
from alexnet_lib.base.torchrun import leave_group
from alexnet_lib.cli.main import main

if __name__ == "__main__":
    os.environ["MPLBACKEND"] = "agg"  # figures become files: no window, and none of a notebook's
    show_notes_plainly()
    code = main()
    leave_group(code)
    sys.exit(code)
