"""A signal dies, comes through or explodes, as the variance of the weights has it."""

import pytest
from matplotlib.figure import Figure

from alexnet_lib.figures.signals import UNITS, draw_signals, send_signals

HE = (2 / UNITS) ** 0.5


@pytest.mark.parametrize("weight_std", [0.01, 0.05, HE, 0.15])
def test_each_layer_multiplies_the_mean_square_by_half_the_inputs_times_the_variance(weight_std):
    # Without ReLU the standard deviation is exactly this, but for the draws.
    deviation, gradient, _, _ = send_signals(weight_std, activation="none")
    factor = UNITS**0.5 * weight_std
    assert deviation == pytest.approx([factor ** (k + 1) for k in range(8)], rel=0.25)
    assert gradient == pytest.approx([factor ** (7 - k) for k in range(8)], rel=0.25)
    _, gradient, _, last = send_signals(weight_std)
    assert last.square().mean().sqrt() / factor == pytest.approx(
        (weight_std / HE) ** 7 / 2**0.5, rel=0.5
    )
    assert gradient[0] == pytest.approx((weight_std / HE) ** 7, rel=0.5)


def test_a_bias_of_1_makes_small_weights_blind_and_of_minus_1_turns_all_units_off():
    deviation, _, off, last = send_signals(0.01, bias=1.0)
    assert deviation[-1] < 1e-6 and last.mean() > 0.5 and off[-1] < 0.1
    assert send_signals(0.01, bias=-1.0)[2][1:] == [1.0] * 7


def test_an_unknown_activation_names_those_there_are():
    with pytest.raises(ValueError, match="'elu' is unknown; take relu, tanh, none"):
        send_signals(activation="elu")


@pytest.mark.parametrize(("weight_std", "verdict"), [(0.01, "dies"), (HE, "comes"), (0.16, "expl")])
def test_the_picture_says_what_becomes_of_the_signal(weight_std, verdict):
    figure = Figure(figsize=(10, 4.2))
    assert f"The signal {verdict}" in draw_signals(figure, weight_std, 0.0, "relu")
    assert len(figure.axes) == 2
