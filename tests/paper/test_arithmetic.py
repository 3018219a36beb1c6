"""Arithmetic settles the claims that are arithmetic."""

from alexnet_lib.paper import arithmetic
from alexnet_lib.paper.claims import ARITHMETIC, CLAIMS


def test_arithmetic_settles_the_claims_that_are_arithmetic():
    wanted = {claim.name for claim in CLAIMS if claim.kind == ARITHMETIC}
    assert set(arithmetic.ANSWERS) == wanted
    found = {name: answer() for name, answer in arithmetic.ANSWERS.items()}
    assert found["parameters"] == (True, "60,965,224 parameters")
    assert found["neurons"][0] is True and "659,272" in found["neurons"][1]
    assert found["one percent"] == (False, "conv3 holds 1.45 %, conv4 holds 1.09 %")
    assert found["pools of equal size"] == (
        None,
        "rounded down, 27 and 27, 13 and 13, 6 and 6; "
        "rounded up, as the 2012 code did, 28 and 27, 14 and 13, 7 and 6",
    )
    assert found["224 pixels"][0] is None and found["224 pixels"][1].startswith("54 rounded down")
    assert found["sizes of the layers"] == (None, "conv1 has 290,400, not 253,440")
    assert found["maps that a filter sees"] == (True, "conv2 48, conv3 256, conv4 192, conv5 192")
    assert "2,178" in found["2048 copies"][1]
