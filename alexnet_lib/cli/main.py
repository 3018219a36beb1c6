"""The parser of all commands, the answers to errors, and the exit codes."""

import argparse
import os
import signal
import sys
from textwrap import fill

from alexnet_lib.cli import data, evaluate, experiment, export, predict, resume, summary, train
from alexnet_lib.cli.arguments import Usage

COMMANDS = (summary, data, train, resume, evaluate, predict, export, experiment)
CALL = "python -m alexnet_lib"


def main(arguments=None):
    """Runs a command; returns the exit code: 0, 1 for a failure, 2 for wrong usage."""
    parser = build_parser()
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.print_help(sys.stderr)
        return 2
    options = parser.parse_args(arguments)
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")  # a log file is no place for moving bars
    try:
        return options.run(options) or 0
    except Usage as error:
        return _fail(parser, error, 2)
    except (ValueError, OSError, FloatingPointError, MemoryError, ImportError) as error:
        return _fail(parser, error, 1)
    except RuntimeError as error:
        if type(error).__name__ != "OutOfMemoryError":  # torch's; torch may not be imported
            raise
        words = "the device has too little memory: take a smaller --batch-size or --size, or"
        return _fail(parser, f"{words} --device cpu", 1)
    except KeyboardInterrupt:
        return _fail(parser, "interrupted", 128 + signal.SIGINT)


def build_parser():
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="alexnet_lib",
        description="AlexNet (2012): look at the network, get the data, train, evaluate, predict.",
        epilog=f"A first try:\n  {CALL} {train.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in COMMANDS:
        command = known.add_parser(
            module.__name__.rpartition(".")[2],
            help=module.HELP,
            description="\n\n".join(map(fill, module.__doc__.strip().split("\n\n"))),
            epilog=f"Example:\n  {CALL} {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _fail(parser, message, code):
    print(f"{parser.prog}: {message}", file=sys.stderr)
    return code
