"""What the commands on a trained net do: evaluate, predict, export."""

import sys
from pathlib import Path

from alexnet_lib.cli import tables

LARGEST_TABLE = 12  # classes; larger confusion matrices do not fit on a screen


def evaluate(options):
    """Measures a checkpoint's net on images."""
    from alexnet_lib.data.image_folder import some
    from alexnet_lib.training import evaluate as evaluation
    from alexnet_lib.training.predictor import Predictor

    trained = Predictor.read(options.checkpoint, options.device)
    data = trained.images(options.data, options.split, options.classes)
    if data.classes != trained.classes:
        raise ValueError(
            f"the net was trained on the classes {some(trained.classes)}; "
            f"{data.name} has {some(data.classes)}"
            + (
                "; take those that it knows by --classes"
                * (set(trained.classes) < set(data.classes))
            )
        )
    batches = trained.batches(data, ten_views=options.ten_views)
    seen = evaluation.evaluate(trained.model, batches)
    print(f"{trained.name} on {data.name}, {options.split}: {len(data):,} images")
    print(f"loss   {seen.loss:.4f}")
    print(f"top-1  {100 * seen.top1:.1f} %")
    if len(data.classes) > 5:  # of five, the best five are all
        print(f"top-5  {100 * seen.top5:.1f} %")
    width = max(map(tables.width, data.classes))
    for name, share in zip(data.classes, seen.per_class, strict=True):
        print(f"  {tables.left(name, width)}  {100 * share:5.1f} %")
    if len(data.classes) <= LARGEST_TABLE:
        print(f"\n{tables.confusion(seen.confusion, data.classes)}")
    if options.mistakes:
        _draw_mistakes(data, evaluation.probabilities(trained.model, batches), options.mistakes)


def _draw_mistakes(data, probabilities, file):
    from alexnet_lib.figures import curves as plots, images as pictures

    plots.use_style()
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    pictures.mistakes(data, probabilities, 24).savefig(file)
    print(f"\nthe surest mistakes are drawn into {file}: the true class above, the answer below")


def predict(options):
    """Says which classes a checkpoint's net sees in pictures."""
    from alexnet_lib.training.predictor import Predictor

    trained = Predictor.read(options.checkpoint, options.device)
    failed = 0
    for file in options.images:
        try:
            probabilities = trained.predict(file)
        except ValueError as error:
            print(f"alexnet_lib: {error}", file=sys.stderr)
            failed += 1
            continue
        print(file)
        shares, labels = probabilities.topk(min(options.top, len(probabilities)))
        for share, label in zip(shares.tolist(), labels.tolist(), strict=True):
            print(f"  {100 * share:5.1f} %  {trained.classes[label]}")
    if failed:
        print(f"alexnet_lib: {failed} of {len(options.images)} files not read", file=sys.stderr)
    return int(failed > 0)


def export(options):
    """Writes a checkpoint's net as an ONNX file, once it has given the net's own answers."""
    from alexnet_lib.base.files import write_atomically
    from alexnet_lib.training import export_onnx as exporting
    from alexnet_lib.training.predictor import Predictor

    exporting.check_packages()
    trained = Predictor.read(options.checkpoint, "cpu")
    try:
        data = trained.images(options.data)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"the file is compared with the net on images, and those it was trained on are not "
            f"there: {error}\nGive others by --data"
        ) from error
    content = exporting.to_onnx(trained)
    worst = exporting.compare_logits(content, trained, data)
    write_atomically(options.onnx, lambda file: file.write(content))
    print(f"{options.onnx}: {trained.name}, {len(content) / 1e6:,.1f} MB")
    print(f"takes images, {exporting.describe_input(trained)}")
    print(f"returns logits and probabilities of {len(trained.classes)} classes")
    print(f"on images of {data.name} its logits differ from the net's by {worst:.1g} at most")
