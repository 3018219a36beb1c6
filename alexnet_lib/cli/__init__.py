"""The command line: one file per command, with its arguments and what it does.

main.py        the parser of all commands, errors and exit codes
arguments.py   argument types and options that several commands share
output.py      tables as text, figures as files
group.py       what commands share that several processes run; dry_run.py: `train --dry-run`

Each command has `HELP`, `EXAMPLE`, `add_arguments(parser)` and `run(options)`. What is slow to
import (torch, matplotlib, the rest of the library) is imported inside `run`, so that `--help` and
wrong usage answer at once.
"""
