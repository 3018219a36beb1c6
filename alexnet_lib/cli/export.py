"""Write a trained net as an ONNX file, for programs without torch.

The file takes `images`, uint8 (N, 3, S, S): red, green and blue from 0 to 255. It normalizes them
itself and returns `logits` and `probabilities`, (N, C). S, the names of the classes and how to
prepare images are in its metadata. Before it is written, its answers on images are compared with
those of the net.

It needs: pip install onnx onnxscript onnxruntime
"""

from alexnet_lib.base.text import plain_text
from alexnet_lib.cli.arguments import DATA_HELP, add_checkpoint, add_data, onnx_file

HELP = "write a trained net as an ONNX file, for other programs"
EXAMPLE = "export runs/first --onnx net.onnx"


def add_arguments(parser):
    add_checkpoint(parser)
    parser.add_argument(
        "--onnx",
        type=onnx_file,
        required=True,
        metavar="FILE",
        help="where to write it; the name ends in .onnx",
    )
    add_data(parser, help=f"the images that it is compared on: {DATA_HELP}")


def run(options):
    from alexnet_lib.base.files import write_atomically
    from alexnet_lib.training import export_onnx
    from alexnet_lib.training.predictor import Predictor

    export_onnx.check_packages()
    predictor = Predictor.read(options.checkpoint, "cpu")
    try:
        data = predictor.images(options.data)
    except (OSError, ValueError) as error:
        if options.data:
            raise
        raise ValueError(
            f"the file is compared with the net on images, and those it was trained on are not "
            f"there: {error}\nGive others by --data"
        ) from error
    content = export_onnx.to_onnx(predictor)
    worst = export_onnx.compare_logits(content, predictor, data)
    write_atomically(options.onnx, lambda file: file.write(content))
    print(f"{plain_text(options.onnx, None)}: {predictor.name}, {len(content) / 1e6:,.1f} MB")
    print(f"takes images, {export_onnx.describe_input(predictor)}")
    print(f"returns logits and probabilities of {len(predictor.classes)} classes")
    name = plain_text(data.name)
    print(f"on images of {name} its logits differ from the net's by {worst:.1g} at most")
