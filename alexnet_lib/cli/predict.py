"""Name the classes that a trained net sees in image files.

If the first argument is a folder, or if its name ends in .pt, it is the net. Otherwise all
arguments are images, and the net that comes with the course names their classes.
Images may have any size: the shorter side is resized to that of the net, and the center is cut out.
A file that cannot be read is named, and the others are done; the exit code is then 1.
"""

import os
import sys

from alexnet_lib.base.text import plain_lines, plain_text
from alexnet_lib.cli.arguments import Usage, add_checkpoint, add_device, positive_integer

HELP = "name the classes that a trained net sees in image files"
EXAMPLE = "predict photo.jpg --top 1"
ENDING = ".pt"


def add_arguments(parser):
    add_checkpoint(parser, optional="the net that comes with the course")
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="JPEG, PNG and the like")
    parser.add_argument(
        "--top", type=positive_integer, default=3, metavar="N",
        help="how many classes to name; default: 3",
    )  # fmt: skip
    add_device(parser)


def run(options):
    from alexnet_lib.training.predictor import Predictor

    checkpoint, images = _net_and_images(options)
    if checkpoint:
        predictor = Predictor.read(checkpoint, options.device)
    else:
        predictor = Predictor.shipped(options.device)
        print(_described(predictor))
    failed = 0
    for file in images:
        try:
            table = predictor.predict(file)
        except ValueError as error:
            print(f"alexnet_lib: {plain_lines(error)}", file=sys.stderr)
            failed += 1
            continue
        print(plain_text(file, None))
        shares, labels = table.topk(min(options.top, len(table)))
        for share, label in zip(shares.tolist(), labels.tolist(), strict=True):
            print(f"  {100 * share:5.1f} %  {plain_text(predictor.classes[label])}")
    if failed:
        print(f"alexnet_lib: {failed} of {len(images)} files not read", file=sys.stderr)
    return int(failed > 0)


def _net_and_images(options):
    """The checkpoint, None for the course's own net, and the image files. Usage without images."""
    words = [options.checkpoint] * (options.checkpoint is not None) + options.images
    if not _is_net(words[0]):
        return None, words
    if not words[1:]:
        if os.path.isdir(words[0]) and not os.path.exists(os.path.join(words[0], "checkpoint.pt")):
            raise Usage(f"{words[0]} is no run's folder; of a folder of images give the files")
        raise Usage("the following arguments are required: IMAGE")
    return words[0], words[1:]


def _is_net(word):
    """Whether an argument means a checkpoint: a folder, a name in .pt, or one without any ending.

    What has no ending and is a file is an image; what is not there is rather a folder's name.
    """
    ending = os.path.splitext(word)[1]
    return os.path.isdir(word) or ending == ENDING or not (ending or os.path.exists(word))


def _described(predictor):
    """The course's net in one line: which one it is, and what it can see."""
    from alexnet_lib.data.folder_files import some

    known = some([plain_text(name) for name in predictor.classes])
    return f"the course's net, {predictor.name}, trained on {plain_text(predictor.data)}: {known}"
