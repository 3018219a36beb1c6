"""`python -m alexnet_lib COMMAND`."""

import sys

from alexnet_lib.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
