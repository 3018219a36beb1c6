"""Measure a trained net on images: loss, accuracies, the accuracy in each class, and which classes
it takes for which."""

from alexnet_lib.base.text import plain_text
from alexnet_lib.cli import arguments

HELP = "measure a trained net on images"
EXAMPLE = "evaluate runs/first --mistakes mistakes.png"
LARGEST_TABLE = 12  # classes; larger confusion matrices do not fit on a screen
SPLITS = ("train", "validation", "test", "all")


def add_arguments(parser):
    arguments.add_checkpoint(parser)
    arguments.add_data(parser)
    arguments.add_classes(parser)
    arguments.add_skip_broken(parser)
    parser.add_argument(
        "--split", choices=SPLITS, default="test",
        help="which images of the data, all for every image of a folder; default: test",
    )  # fmt: skip
    parser.add_argument(
        "--ten-views", action="store_true",
        help="average the outputs for ten views of each image (section 4.1)",
    )  # fmt: skip
    parser.add_argument(
        "--mistakes", type=arguments.picture_file, metavar="FILE",
        help="draw the 24 mistakes that the net is surest of, as PNG, PDF, SVG or JPEG",
    )  # fmt: skip
    arguments.add_device(parser)


def run(options):
    from alexnet_lib.cli.output import confusion_table, text_table
    from alexnet_lib.training.evaluate import evaluate, probabilities
    from alexnet_lib.training.predictor import Predictor

    predictor = Predictor.read(options.checkpoint, options.device)
    images = options.data or (predictor.source or {}).get("source", "cifar10")
    arguments.check_outside(images, mistakes=options.mistakes)
    try:
        data = predictor.images(options.data, options.split, options.classes, options.skip_broken)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"the net was trained on images that are not there: {error}\nGive others by --data"
        ) from error
    _check_classes(predictor.classes, data)
    batches = predictor.batches(data, ten_views=options.ten_views)
    seen = evaluate(predictor.model, batches)
    print(f"{predictor.name} on {plain_text(data.name)}, {options.split}: {len(data):,} images")
    print(f"loss   {seen.loss:.4f}")
    print(f"top-1  {100 * seen.top1:.1f} %")
    if len(data.classes) > 5:  # the best five of five classes are all of them
        print(f"top-5  {100 * seen.top5:.1f} %")
    accuracies = [f"{100 * share:.1f} %" for share in seen.per_class]
    print(text_table([("class", "accuracy"), *zip(data.classes, accuracies, strict=True)]))
    if len(data.classes) <= LARGEST_TABLE:
        print(f"\n{confusion_table(seen.confusion, data.classes)}")
    if options.mistakes:
        _draw_mistakes(data, probabilities(predictor.model, batches), options.mistakes)


def _check_classes(known, data):
    """Raises ValueError where the data have other classes than the net."""
    from alexnet_lib.data.folder_files import some

    if data.classes != known:
        raise ValueError(
            f"the net was trained on the classes {some(known)}; {data.name} has "
            f"{some(data.classes)}"
            + "; take those that it knows by --classes"
            * (set(known) < set(data.classes))
        )


def _draw_mistakes(data, table, file):
    from alexnet_lib.cli.output import save_figure
    from alexnet_lib.figures.predictions import mistake_grid
    from alexnet_lib.figures.style import use_style

    use_style()
    save_figure(mistake_grid(data, table, 24), file)
    place = plain_text(file, None)
    print(f"\nthe surest mistakes are drawn into {place}: the true class above, the answer below")
