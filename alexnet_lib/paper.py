"""The paper's claims, and where the paper, its authors' code and PyTorch differ, as data.

"The paper" is ImageNet Classification with Deep Convolutional Neural Networks (Krizhevsky,
Sutskever, Hinton, 2012); "the 2012 code" is the authors' own, published by the Computer History
Museum as computerhistory/AlexNet-Source-Code.
"""

from typing import NamedTuple

KINDS = ("arithmetic", "CIFAR-10 experiment", "ImageNet history")


class Claim(NamedTuple):
    """One claim: the section it is from, one of KINDS, and the notebook that tests it ("02").

    `notebook` is None where nothing here can test it.
    """

    name: str
    section: str
    claim: str
    kind: str
    notebook: str | None


class Difference(NamedTuple):
    """One line of the ledger: what the paper prints, what its code did, what torch does.

    `alexnet_lib.checks` has a check by the same `topic` where a line can be run.
    """

    topic: str
    section: str
    paper: str
    code: str
    torch: str


CLAIMS = ()

LEDGER = ()
