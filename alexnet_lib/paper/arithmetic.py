"""The paper's claims that arithmetic settles: one function per claim.

It returns whether the claim holds (True, False, or None: in part), and the numbers in words.
"""

from alexnet_lib.nets.build import conv1_padding, layers_of
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.sizes import output_size


def _rows(*kinds):
    return [row for row in layer_table("paper", 227, 1000) if row.kind in kinds]


def _parameters():
    count = sum(row.parameters for row in _rows("conv", "fc"))
    return 59.5e6 < count < 61.5e6, f"{count:,} parameters"


def _neurons():
    count = sum(row.bytes // 4 for row in _rows("conv", "fc"))
    return 640_000 < count < 660_000, f"{count:,} outputs of convolutions and linear layers"


def _one_percent():
    rows = _rows("conv", "fc")
    total = sum(row.parameters for row in rows)
    shares = {row.name: 100 * row.parameters / total for row in rows if row.kind == "conv"}
    over = [f"{name} holds {share:.2f} %" for name, share in shares.items() if share > 1]
    return not over, ", ".join(over)


def _pools_of_equal_size():
    equal, said = [], []
    for ceil_mode in (False, True):
        rule = dict(stride=2, ceil_mode=ceil_mode)
        pairs = [[output_size(side, z, **rule) for z in (2, 3)] for side in (55, 27, 13)]
        equal.append(all(two == three for two, three in pairs))
        said.append(", ".join(f"{two} and {three}" for two, three in pairs))
    holds = True if all(equal) else None if any(equal) else False
    return holds, f"rounded down, {said[0]}; rounded up, as the 2012 code did, {said[1]}"


def _224_pixels():
    down, up = (output_size(224, 11, 4, ceil_mode=ceil_mode) for ceil_mode in (False, True))
    padded = output_size(224, 11, 4, padding=conv1_padding(224))
    said = f"{down} rounded down, as torch does; {up} rounded up, as the 2012 code did; "
    return None, said + f"{padded} with padding 2"


def _sizes_of_the_layers():
    printed = (253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000)
    rows = _rows("conv", "fc")
    wrong = [
        f"{row.name} has {row.bytes // 4:,}, not {count:,}"
        for row, count in zip(rows, printed, strict=True)
        if row.bytes // 4 != count
    ]
    return (None if wrong else True), "; ".join(wrong) or "all eight as printed"


def _maps_that_a_filter_sees():
    maps, seen = 3, {}
    for name, kind, layer in layers_of("paper", 1000, 3, 0):
        if kind == "conv":
            seen[name], maps = maps // layer.groups, layer.out_channels
    wanted = {"conv2": 48, "conv3": 256, "conv4": 192, "conv5": 192}
    said = ", ".join(f"{name} {seen[name]}" for name in wanted)
    return all(seen[name] == count for name, count in wanted.items()), said


def _2048_copies():
    places = 256 - 224 + 1
    return None, f"{places}² places, mirrored or not, are {2 * places**2:,}; 2 · 32² are 2,048"


ANSWERS = {
    "parameters": _parameters,
    "neurons": _neurons,
    "one percent": _one_percent,
    "pools of equal size": _pools_of_equal_size,
    "224 pixels": _224_pixels,
    "sizes of the layers": _sizes_of_the_layers,
    "maps that a filter sees": _maps_that_a_filter_sees,
    "2048 copies": _2048_copies,
}
