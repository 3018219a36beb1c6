"""`python -m alexnet_lib COMMAND`."""

import sys

from alexnet_lib.base.notes import show_notes_plainly
from alexnet_lib.base.torchrun import leave_group
from alexnet_lib.cli.main import main

if __name__ == "__main__":
    show_notes_plainly()
    code = main()
    leave_group(code)
    sys.exit(code)
