"""Name the classes that a trained net sees in image files.

Images may have any size: the shorter side is resized to that of the net, and the center is cut out.
A file that cannot be read is named, and the others are done; the exit code is then 1.
"""

import sys

from alexnet_lib.base.text import plain_lines, plain_text
from alexnet_lib.cli.arguments import add_checkpoint, add_device, positive_integer

HELP = "name the classes that a trained net sees in image files"
EXAMPLE = "predict runs/first photo.jpg --top 1"


def add_arguments(parser):
    add_checkpoint(parser)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="JPEG, PNG and the like")
    parser.add_argument(
        "--top", type=positive_integer, default=3, metavar="N",
        help="how many classes to name; default: 3",
    )  # fmt: skip
    add_device(parser)


def run(options):
    from alexnet_lib.training.predictor import Predictor

    predictor = Predictor.read(options.checkpoint, options.device)
    failed = 0
    for file in options.images:
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
        print(f"alexnet_lib: {failed} of {len(options.images)} files not read", file=sys.stderr)
    return int(failed > 0)
