"""Starting from weights that were trained elsewhere."""

import hashlib
import re
from pathlib import Path

import torch

from alexnet_lib.base.text import plain_text
from alexnet_lib.nets import MODELS
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import KEYS, read_tensors
from alexnet_lib.training.checkpoint_checks import check_tensor


def load_pretrained(model, path):
    """Copies the weights in a file into `model`; its last layer may have other outputs.

    path   what torch.save wrote of a state dict, such as torchvision's alexnet-owt-7be5be79.pth; of
           {"state_dict": …}, as PyTorch's ImageNet example writes it; or a checkpoint of the course

    Where the file's last layer has other numbers of outputs than the net's, the net's stays as it
    is. Sets `model.pretrained`, which the run records. Returns what was taken, in a sentence.
    Raises FileNotFoundError, or ValueError for another file, and weights of another net.
    """
    weights = _state_dict(read_tensors(path), path)
    own = model.state_dict()
    last = [name for name, _ in model.named_parameters()][-2:]  # its weight and its bias
    for name in last:
        if name in weights and weights[name].shape[1:] == own[name].shape[1:]:
            if weights[name].shape != own[name].shape:
                weights[name] = own[name]
    wrong = _differences(weights, own)
    if wrong:
        fitting = [name for name in MODELS if not _differences(weights, _state_of(name), last=True)]
        advice = f"\nThey fit --model {' or '.join(fitting)}." if fitting else ""
        raise ValueError(f"the weights in {path} are those of another net: {wrong}{advice}")
    new = [name for name in last if weights[name] is own[name]]
    model.load_state_dict(weights)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
    model.pretrained = f"{Path(path).name}, sha256 {digest}"
    words = f"starts from the weights in {path}"
    return words + (f"; {' and '.join(new)} are new" if new else "")


def torchvision_weights():
    """The file with torchvision's weights for its AlexNet, trained on ImageNet: its path.

    It is fetched once (233 MB) and kept where torch keeps such files. Raises ConnectionError where
    it is not there and cannot be fetched.
    """
    from torchvision.models import AlexNet_Weights

    url = AlexNet_Weights.IMAGENET1K_V1.url
    path = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = re.search(r"-([0-9a-f]+)\.", path.name)[1]
        try:
            torch.hub.download_url_to_file(url, str(path), digest)
        except (OSError, RuntimeError) as error:  # RuntimeError: the file is not the expected one
            raise ConnectionError(
                f"torchvision's weights could not be fetched ({error}). Fetch {url} where there is "
                f"a network, copy it to this machine, and give the file: --from {path.name}"
            ) from error
    return path


def _state_dict(content, path):
    """The state dict in what a file holds: {name: tensor}."""
    if isinstance(content, dict):
        if KEYS - {"best"} <= content.keys():
            content = content.get("best") or content["model"]
        content = content.get("state_dict", content)
    tensors = (
        isinstance(content, dict)
        and content
        and all(
            isinstance(name, str) and isinstance(value, torch.Tensor)
            for name, value in content.items()
        )
    )
    if not tensors:
        raise ValueError(
            f"{path} holds no state dict: expected names and tensors, {{name: tensor}}"
        )
    weights = {name.removeprefix("module."): value.detach() for name, value in content.items()}
    try:
        for name, value in weights.items():
            check_tensor(plain_text(name), value)
    except ValueError as error:
        raise ValueError(f"the weights in {path} cannot be used: {error}") from error
    return weights


def _state_of(name):
    with torch.device("meta"):
        return build(name, 1000).state_dict()


def _differences(weights, own, last=False):
    """In words, how the names and shapes of two state dicts differ; "" where they do not.

    last   leave out the first axis of the last two, the outputs of the last layer
    """
    names = list(own)[-2:] if last else ()
    for name in own:
        if name not in weights:
            return f"{name} is missing"
        found, expected = tuple(weights[name].shape), tuple(own[name].shape)
        if found[name in names :] != expected[name in names :]:
            return f"{name} has shape {found}, expected {expected}"
    unknown = [name for name in weights if name not in own]
    return f"{unknown[0]} is unknown" if unknown else ""
