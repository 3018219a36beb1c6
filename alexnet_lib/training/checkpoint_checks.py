"""What a checkpoint may hold: each value is checked here before anything uses it.

A checkpoint comes from another machine or the web, so nothing in it is taken on trust. A velocity
of another shape than its weights, for example, makes torch's optimizer write beyond its memory.
"""

import pickletools
import zipfile

import torch

from alexnet_lib.base.fields import check_dict, check_fields, check_range, check_type
from alexnet_lib.base.text import plain_text, shown
from alexnet_lib.data.color_statistics import ColorStatistics
from alexnet_lib.nets.build import build, own_size
from alexnet_lib.nets.layers import layers_in_order, shapes
from alexnet_lib.training.recipe import LARGEST_SIDE, Recipe
from alexnet_lib.training.run import Run

NET = {  # the arguments of `build`
    "name": str, "num_classes": int, "size": int | None, "in_channels": int, "padding": int | None,
    "channels": tuple | list, "hidden": tuple | list, "dropout": float, "activation": str,
    "norm": str | None, "alpha": float, "pool_size": int, "pools": str,
}  # fmt: skip
SOURCE = {  # the arguments of `load` that say which images, not where files are written
    "source": str, "size": int | None, "seed": int, "classes": list | None, "skip_broken": bool,
}  # fmt: skip
STATISTICS = ((3,), (3,), (3, 3))  # shapes
SIDES = ("size", "padding", "pool_size")
SMALLEST_CROP = 0.01  # below this an image would fill the memory
LONGEST_NAME = 4096  # letters of a class or a path
LONGEST_PICKLE = 2**22  # bytes; those of 1,000 classes and 90 epochs are a hundredth of it
NEEDED = (
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "collections OrderedDict",
)  # and types of storages


class ForbiddenName(ValueError):
    """A file names something that is neither a tensor nor a number nor text."""


def check_archive(path):
    """Raises ValueError where reading a zip file of `torch.save` could run code or fill memory.

    `torch.save` compresses nothing, so that a file is as long as what it holds. Besides tensors of
    numbers its pickle names nothing.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
        if packed or sum(entry.file_size for entry in entries) > path.stat().st_size:
            raise ValueError("it is compressed, which torch.save does not do")
        pickles = [entry for entry in entries if entry.filename.endswith("data.pkl")]
        if len(pickles) != 1 or pickles[0].file_size > LONGEST_PICKLE:
            raise ValueError("it has no data.pkl, or more than one, or one that is too large")
        for code, name, _ in pickletools.genops(archive.read(pickles[0])):
            is_storage = str(name).startswith("torch ") and str(name).endswith("Storage")
            if code.name == "GLOBAL" and name not in NEEDED and not is_storage:
                raise ForbiddenName(plain_text(name))


def checked_content(content, change=None):
    """The content of a checkpoint, its tensors copied. Raises ValueError for what is wrong in it.

    `content` is a dict with the keys of a checkpoint, as torch read it; `change` is as for
    `read_checkpoint`.
    """
    run, net = check_run(content["run"]), check_net(content["net"])
    classes = check_class_names(content["classes"])
    if len(classes) > net["num_classes"]:
        raise ValueError(f"it has {len(classes)} classes, its net {net['num_classes']} outputs")
    expected = expected_weights(net, change)
    best, optimizer = content["best"], content["optimizer"]
    return content | {
        "run": run,
        "net": net,
        "classes": classes,
        "source": check_source(content["source"]),
        "model": checked_weights(content["model"], expected, net),
        "best": None if best is None else checked_weights(best, expected, net),
        "optimizer": None if optimizer is None else _copied_optimizer(optimizer),
        "statistics": _checked_statistics(content["statistics"]),
    }


def expected_weights(net, change=None):
    """The state dict that a checkpoint of a net has, without numbers: on torch's device "meta"."""
    with torch.device("meta"):
        built = build(**net)
        return (change(built) if change else built).state_dict()


def check_run(run):
    """A checkpoint's run, with a complete recipe and counts of its images. Raises ValueError."""
    for number, row in enumerate(Run.from_dict(run).epochs, 1):
        if row.epoch != number:
            raise ValueError(f"epoch {number} is numbered {row.epoch}")
        for name in ("train_error", "validation_top1", "validation_top5"):
            check_range(f"{name} of epoch {number}", getattr(row, name), 0, 1)
    if "validation" not in run["images"]:
        raise ValueError("validation of the images is missing")
    check_fields(Recipe, run["recipe"], "the recipe")
    recipe = Recipe(**run["recipe"])
    check_range("crop of the recipe", recipe.crop, SMALLEST_CROP, 1)
    return run


def check_net(net):
    """The arguments of `build`. Raises ValueError for unknown names, wrong types and sizes."""
    check_dict(net, "the net")
    unknown = [plain_text(name) for name in net if name not in NET]
    lacking = [name for name in ("name", "num_classes") if name not in net]
    if unknown or lacking:
        words = f"lacks {' and '.join(lacking)}" if lacking else f"has no option {unknown[0]}"
        raise ValueError(f"the net {words}")
    for name, value in net.items():
        what = f"{name} of the net"
        check_type(what, value, NET[name])
        for number in value if isinstance(value, tuple | list) else (value,):
            if not isinstance(number, str | None):
                check_type(what, number, float)
                check_range(what, number, 0, LARGEST_SIDE if name in SIDES else 2**31)
    try:
        with torch.device("meta"):  # where a net takes no memory, however large it is
            layers = layers_in_order(build(**net))
        side = net.get("size") or own_size(net["name"])
        shapes(layers, (net.get("in_channels", 3), side, side))
    except (TypeError, RuntimeError) as error:  # an option of another net; a size beyond 64 bits
        raise ValueError(f"the net {shown(net)} cannot be built: {plain_text(error)}") from error
    return net


def check_source(source):
    """The arguments of `load`, or None. Raises ValueError for others than what and which images.

    Where files are written, for example, is for the machine to say that reads the checkpoint.
    """
    if source is None:
        return None
    check_dict(source, "the source")
    for name, value in source.items():
        if name not in SOURCE:
            raise ValueError(f"the source has no option {plain_text(name)}")
        check_type(f"{name} of the source", value, SOURCE[name])
    if "source" in source:
        check_name("the source", source["source"])
    check_range("size of the source", source.get("size") or 1, 1, LARGEST_SIDE)
    if source.get("classes") is not None:
        check_class_names(source["classes"])
    return source


def check_class_names(classes):
    """The names of classes. Raises ValueError where they are no list of different names."""
    check_type("classes", classes, list)
    for name in classes:
        check_name("a class", name)
    if len(set(classes)) < len(classes):
        raise ValueError("two of its classes have the same name")
    return classes


def check_name(what, name):
    """Raises ValueError where `name` is no text, or no text that can be a file's name or path."""
    check_type(what, name, str)
    if not 0 < len(name) <= LONGEST_NAME or "\0" in name:
        raise ValueError(f"{what} is {shown(name)}, which is no name")


def checked_weights(found, expected, net):
    """Copies of the weights `found`, {name: tensor}, for a net with the state dict `expected`.

    Those of 16 bits become float32 where the net's are. Raises ValueError where they are those of
    another net, or are not finite.
    """
    if not isinstance(found, dict):
        raise ValueError(f"the weights are {shown(found)}, not a dict")
    another = f"the checkpoint's weights are those of another net than {shown(net)}"
    if names := [name for name in expected if name not in found]:
        raise ValueError(f"{another}: it lacks {', '.join(names[:5])}")
    if names := [plain_text(name) for name in found if name not in expected]:
        raise ValueError(f"{another}: there is no {', '.join(names[:5])} in it")
    for name, wanted in expected.items():
        check_tensor(name, found[name])
        kinds = {wanted.dtype} | ({torch.float16} if wanted.dtype == torch.float32 else set())
        if found[name].shape != wanted.shape or found[name].dtype not in kinds:
            raise ValueError(f"{another}: {name} is {_kind(found[name])}, not {_kind(wanted)}")
    return {
        name: found[name].detach().to(wanted.dtype, copy=True) for name, wanted in expected.items()
    }


def checked_velocities(found, optimizer):
    """The state dict for an SGD `optimizer`, with the velocities of a checkpoint's optimizer.

    Only these are taken from it: rates and the like are those of the optimizer. Raises ValueError
    where they do not fit its parameters.
    """
    state, groups = _checked_optimizer(found)
    own = optimizer.state_dict()
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    if groups != [group["params"] for group in own["param_groups"]]:
        raise ValueError("the checkpoint's optimizer is that of a net with other parameters")
    for number, wanted in enumerate(parameters):
        if wanted.requires_grad and number not in state and own["param_groups"][0]["momentum"]:
            raise ValueError(f"the checkpoint's optimizer lacks the velocity of parameter {number}")
    for number, tensor in state.items():
        wanted = parameters[number]
        if (tensor.shape, tensor.dtype) != (wanted.shape, wanted.dtype):
            raise ValueError(
                f"the velocity of parameter {number} is {_kind(tensor)}, its weights are "
                f"{_kind(wanted)}"
            )
        # In the order of the weights in memory, which the fused update takes for granted.
        own["state"][number] = {"momentum_buffer": torch.empty_like(wanted).copy_(tensor)}
    return own


def check_tensor(name, tensor):
    """Raises ValueError where a tensor of a checkpoint is not an ordinary one of finite numbers."""
    if type(tensor) is not torch.Tensor:
        raise ValueError(f"{name} is {shown(tensor)}, not a tensor")
    plain = tensor.layout is torch.strided and tensor.device.type == "cpu"
    if not plain or tensor.is_quantized or tensor.is_neg() or tensor.is_conj():
        raise ValueError(f"{name} is no ordinary tensor of numbers")
    room = tensor.untyped_storage().nbytes() // tensor.element_size()
    last = tensor.storage_offset()
    last += sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True))
    if min(tensor.stride(), default=0) < 0 or tensor.numel() > room or not 0 <= last < room:
        raise ValueError(
            f"{name} has {tensor.numel():,} elements, of which the file holds {room:,}"
        )
    if not tensor.isfinite().all():
        raise ValueError(f"{name} holds numbers that are not finite (NaN or infinite)")


def _checked_optimizer(found):
    """An SGD optimizer's {parameter: velocity} and the parameters in its groups. ValueError."""
    check_dict(found, "the optimizer")
    if set(found) != {"state", "param_groups"} or type(found["param_groups"]) is not list:
        raise ValueError(f"the optimizer is {shown(found)}, not one that train saves")
    groups = []
    for group in found["param_groups"]:
        check_dict(group, "a group of the optimizer")
        groups.append(group.get("params"))
        check_type("params of the optimizer", groups[-1], list)
    numbers = [number for group in groups for number in group]
    if any(type(number) is not int for number in numbers) or numbers != [*range(len(numbers))]:
        raise ValueError(f"the optimizer's parameters are {shown(numbers)}, not counted from 0")
    state = {}
    check_type("the optimizer's state", found["state"], dict)
    for number, entry in found["state"].items():
        what = f"the velocity of parameter {shown(number)}"
        if type(number) is not int or not 0 <= number < len(numbers):
            raise ValueError(f"there is {what}, but the optimizer has no such parameter")
        check_dict(entry, what)
        if unknown := set(entry) - {"momentum_buffer"}:
            raise ValueError(f"{what} has the unknown field {plain_text(unknown.pop())}")
        if entry.get("momentum_buffer") is not None:
            check_tensor(what, entry["momentum_buffer"])
            state[number] = entry["momentum_buffer"]
    return state, groups


def _copied_optimizer(found):
    state, _ = _checked_optimizer(found)
    state = {number: {"momentum_buffer": tensor.clone()} for number, tensor in state.items()}
    return {"state": state, "param_groups": found["param_groups"]}


def _checked_statistics(found):
    """The `ColorStatistics` of a checkpoint, None for nothing. Raises ValueError for others."""
    check_type("statistics", found, tuple | list)
    if not found:
        return None
    if len(found) != 3:
        raise ValueError(f"statistics are {shown(found)}, not mean, standard deviation, components")
    for name, tensor, shape in zip(ColorStatistics._fields, found, STATISTICS, strict=True):
        check_tensor(f"{name} of the statistics", tensor)
        if (tensor.shape, tensor.dtype) != (shape, torch.float32):
            raise ValueError(f"{name} of the statistics is {_kind(tensor)}")
    if not (found[1] > 0).all():
        raise ValueError("std of the statistics is not above 0")
    return ColorStatistics(*(tensor.clone() for tensor in found))


def _kind(tensor):
    """A tensor in words, such as "float32 of 3×3"."""
    sides = "×".join(map(str, tensor.shape)) or "no dimension"
    return f"{str(tensor.dtype).removeprefix('torch.')} of {plain_text(sides)}"
