"""The parser of all commands, the answers to errors, and the exit codes."""

import argparse
import os
import re
import signal
import sys
import warnings
from textwrap import fill

from alexnet_lib.base.text import plain_lines, shortened
from alexnet_lib.base.torchrun import has_the_word, rank, started_by_torchrun
from alexnet_lib.cli import (
    data,
    evaluate,
    experiment,
    export,
    grade,
    predict,
    resume,
    summary,
    train,
)
from alexnet_lib.cli.arguments import Usage

COMMANDS = (summary, data, train, resume, evaluate, predict, export, experiment, grade)
NAME = "alexnet_lib"
CALL = f"python -m {NAME}"
SIGPIPE = 13  # its number on every system that has it
PYTHON = (
    "Is this the Python of the course? After `make`, write .venv/bin/python instead of python; "
    "without make, docs/install.md says what to install."
)
NO_MEMORY = re.compile("allocate memory|not enough memory|out of memory")  # torch's words


def main(arguments=None):
    """Runs a command; returns the exit code: 0, 1 for a failure, 2 for wrong usage.

    130 is for an interrupt by the user, 141 for an output that nobody reads any more: `| head`.
    """
    _prepare_streams()
    try:
        return _written(_run(arguments))
    except SystemExit as ended:  # of argparse, after --help and for wrong options
        ended.code = _written(ended.code)
        raise
    except BrokenPipeError:
        _discard_output()
        return 128 + SIGPIPE
    except ModuleNotFoundError as error:
        return _fail(f"{error}. {PYTHON}", 1)
    except KeyboardInterrupt:
        return _fail("interrupted", 128 + signal.SIGINT)


def _run(arguments):
    parser = build_parser()
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.print_help(sys.stderr)
        return 2
    options = parser.parse_args(arguments)
    if started_by_torchrun() and not options.in_group:
        return _fail("this command needs one process: start it without torchrun", 2)
    if not sys.stderr.isatty() or rank():
        os.environ.setdefault("TQDM_DISABLE", "1")  # a log file is no place for moving bars
    try:
        return options.run(options) or 0
    except (BrokenPipeError, ModuleNotFoundError):
        raise
    except Usage as error:
        return _fail(error, 2)
    except MemoryError as error:  # Python's own says nothing
        return _fail(_with_less_memory(str(error) or "there is too little memory", options), 1)
    except (ValueError, OSError, FloatingPointError, ImportError) as error:
        return _fail(_in_words(error), 2 if type(error).__name__ == "UnknownDevice" else 1)
    except RuntimeError as error:
        if type(error).__name__ != "OutOfMemoryError" and not NO_MEMORY.search(str(error)):
            raise  # the first is torch's on a GPU; torch may not be imported
        return _fail(_with_less_memory("the device has too little memory", options), 1)


def _with_less_memory(words, options):
    """Words on a lack of memory, and below them what the command has to do with less."""
    ways = ["end other programs that use it"]
    if hasattr(options, "batch_size"):
        ways.append("take a smaller --batch-size or --size")
    if hasattr(options, "device"):
        ways.append("take another --device, such as cpu")
    return f"{words}\n{', or '.join(ways)}"


def _prepare_streams():
    """Makes the output able to take any text, in whatever encoding it is piped or stored."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell: >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if started_by_torchrun():  # torch's own warnings, which every process would print
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    if rank():  # of several processes the first one speaks, and whichever notices an error
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        warnings.simplefilter("ignore")


def _written(code):
    """The exit code, once all output is written; 1 where it cannot be: on a full disk."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _discard_output()
        return code or _fail(f"the output could not be written: {error.strerror}", 1)
    return code


def _discard_output():
    """Sends what is still to be written nowhere, or Python would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        if not has_the_word():
            self.exit(2)
        super().error(shortened(plain_lines(message), 1000))

    def parse_known_args(self, args=None, namespace=None):
        """Lets images come after options, too: `predict a.pt --top 1 b.jpg`."""
        found, rest = super().parse_known_args(args, namespace)
        if hasattr(found, "images") and not any(word.startswith("-") for word in rest):
            found.images, rest = [*found.images, *rest], []
        return found, rest


def build_parser():
    """The parser of all commands."""
    parser = _Parser(
        prog=NAME,
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
        command.set_defaults(run=module.run, in_group=module in (train, resume))
    return parser


def _in_words(error):
    """What an error says, without the system's number for it."""
    if not isinstance(error, OSError) or not error.strerror:
        return error
    place = "" if error.filename is None else f"{error.filename}: "
    return f"{place}{error.strerror}"


def _fail(message, code):
    if has_the_word():
        print(f"{NAME}: {plain_lines(message)}", file=sys.stderr)
    return code
