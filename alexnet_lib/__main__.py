"""`python -m alexnet_lib COMMAND`."""

import sys

from alexnet_lib.base.notes import show_notes_plainly
from alexnet_lib.cli.main import main

if __name__ == "__main__":
    show_notes_plainly()
    sys.exit(main())
