"""Get or read images, count them by class and split, and draw samples of them."""

import re
import time
from pathlib import Path

from alexnet_lib.base.text import plain_text
from alexnet_lib.cli.arguments import (
    DATA_HELP,
    add_classes,
    add_skip_broken,
    check_outside,
    data_source,
    picture_file,
)

HELP = "get or read images, count them, draw samples"
EXAMPLE = "data shapes10 --picture samples.png"


def add_arguments(parser):
    parser.add_argument(
        "source", type=data_source, metavar="cifar10|shapes10|FOLDER", help=DATA_HELP
    )
    parser.add_argument(
        "--picture", type=picture_file, metavar="FILE",
        help="where to draw the samples, as PNG, PDF, SVG or JPEG; default: by the data's name",
    )  # fmt: skip
    add_classes(parser)
    add_skip_broken(parser)


def run(options):
    from alexnet_lib.cli.output import save_figure, text_table
    from alexnet_lib.data.image_set import ImageFiles
    from alexnet_lib.data.load import SPLITS, load
    from alexnet_lib.figures.images import GRID_ROWS, image_grid
    from alexnet_lib.figures.style import use_style

    check_outside(options.source, picture=options.picture or "samples.png")
    began = time.perf_counter()
    choice = dict(classes=options.classes, skip_broken=options.skip_broken)
    sets = {split: load(options.source, split, **choice) for split in SPLITS}
    sample, classes = sets["train"], sets["train"].classes
    parts = ", ".join(f"{len(data):,} {split}" for split, data in sets.items())
    print(f"{plain_text(sample.name)}: {parts}")
    counts = zip(*(data.counts() for data in sets.values()), strict=True)
    rows = [(name, *map("{:,}".format, row)) for name, row in zip(classes, counts, strict=True)]
    print(text_table([("class", *SPLITS), *rows]))
    if isinstance(sample, ImageFiles):
        print(f"larger than memory: read from disk batch by batch, at {sample.size} pixels")
        drawn = classes[:GRID_ROWS]
        sample = sample.only(drawn).sample(10 * len(drawn))
    else:
        print(f"images of {sample.images.shape[-1]}×{sample.images.shape[-2]} pixels", end=", ")
        print(f"{sample.images.nbytes / 1e6:,.0f} MB in memory")
    print(f"read in {time.perf_counter() - began:.1f} s")
    picture = Path(options.picture or f"{_file_name(sample.name)}-samples.png")
    use_style()
    save_figure(image_grid(sample), picture)
    of = f" of the first {GRID_ROWS} classes" * (len(classes) > GRID_ROWS)
    print(f"samples{of} drawn into {plain_text(picture, None)}")


def _file_name(name):
    """The name of data, up to a comma or colon, as that of a file: without separators and dots."""
    short = re.split("[,:]", name)[0].lower()
    return re.sub(r"[^\w -]+", "-", short)[:50].strip(" -") or "data"
