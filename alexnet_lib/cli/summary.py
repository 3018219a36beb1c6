"""Print the layer table of a network: shapes, parameters, work, memory, receptive fields.

Nothing is computed on images, so every size is quick.
"""

from alexnet_lib.cli.arguments import Usage, add_model, positive_integer

HELP = "print the layer table of a network"
EXAMPLE = "summary --model paper"
HEADS = ("layer", "output", "parameters", "mult-adds", "KiB", "receptive\nfield")


def add_arguments(parser):
    add_model(parser, "one-tower")
    parser.add_argument(
        "--num-classes", type=positive_integer, default=1000, metavar="N",
        help="number of classes; default: 1000, as in ImageNet",
    )  # fmt: skip
    parser.add_argument(
        "--size", type=positive_integer, metavar="N",
        help="side of the image in pixels; default: 227, for cifar and four-layer 32",
    )  # fmt: skip
    parser.add_argument(
        "--padding", type=int, choices=(0, 2),
        help="padding of conv1 in pixels; default: 2 at 224 pixels and below 67, else 0",
    )  # fmt: skip


def run(options):
    from alexnet_lib.cli.output import text_table
    from alexnet_lib.nets.build import own_size
    from alexnet_lib.nets.layer_table import layer_table

    model, size = options.model, options.size or own_size(options.model)
    try:
        rows = layer_table(model, size, options.num_classes, padding=options.padding)
    except ValueError as error:
        raise Usage(error) from error
    print(f"{model}, {size}×{size} pixels, {options.num_classes} classes")
    if model in ("paper", "one-tower", "batch-norm"):
        print(_padding(size, options.padding))
    cells = [
        (row.name, "×".join(map(str, row.shape)), *_numbers([row]), str(row.receptive_field))
        for row in rows
    ]
    print(text_table([HEADS, *cells, ("total", "", *_numbers(rows), "")]))
    print("Per image, in the forward pass. KiB: the output in float32; receptive field: in pixels.")


def _numbers(rows):
    """Parameters, multiply-adds and KiB of the rows together, as text."""
    parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    return f"{parameters:,}", f"{macs:,}", f"{sum(row.bytes for row in rows) / 1024:,.1f}"


def _padding(size, padding):
    """The padding of conv1 and, where the size chose it, the reason."""
    from alexnet_lib.nets.build import conv1_padding, smallest_size

    chosen, reason = (conv1_padding(size) if padding is None else padding), ""
    if padding is None and chosen:
        least = smallest_size("one-tower", 0)
        few = f"{size} pixels are too few for the 2012 code's conv1 without padding ({least})"
        reason = f": {few}" if size < least else f": so that {size} pixels give the paper's 55×55"
    return f"conv1 with padding {chosen}{reason}"
