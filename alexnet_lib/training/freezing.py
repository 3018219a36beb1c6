"""Parts of a network that training leaves as they are."""

from torch import nn

from alexnet_lib.base.text import shown


def freeze(model, names):
    """Makes the weights of the named parts stay as they are: "features", "classifier.fc6".

    Raises ValueError for a part that the network does not have, and where no weights are left.
    """
    for name in names:
        try:
            model.get_submodule(name).requires_grad_(False)
        except AttributeError as error:
            parts = [name for name, part in model.named_modules() if name and _own_weights(part)]
            parts = [name for name, _ in model.named_children()] + parts
            raise ValueError(
                f"the net has no part {shown(name)} to freeze; it has {', '.join(parts)}"
            ) from error
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("all weights of the net are frozen: nothing is left to train")


def keep_frozen_statistics(model):
    """Puts frozen batch normalization into evaluation mode, so that its statistics stay, too."""
    for part in model.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.affine:
            if not part.weight.requires_grad and not part.bias.requires_grad:
                part.eval()


def _own_weights(part):
    return next(part.parameters(recurse=False), None) is not None
