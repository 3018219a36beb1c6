"""The sizes of windows on an image by pure arithmetic: no torch here."""

from alexnet_lib.base.numbers import whole_number


def output_size(size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    """Side of a convolution's or a pooling's output, for an input of side `size`.

    All in pixels along one axis. A last, partial step is dropped, as torch does; with
    `ceil_mode` it counts, if its window starts inside the input or the padding before it.
    Raises ValueError for numbers out of range and for a window that does not fit.
    Source: torch's Conv2d and MaxPool2d (shape sections); ceil_mode is the 2012 code's rule.
    """
    size = whole_number("size", size, 1)
    kernel_size = whole_number("kernel_size", kernel_size, 1)
    stride = whole_number("stride", stride, 1)
    padding = whole_number("padding", padding, 0)
    dilation = whole_number("dilation", dilation, 1)

    window = dilation * (kernel_size - 1) + 1
    room = size + 2 * padding - window  # the pixels that the window can travel
    steps = -(-room // stride) if ceil_mode else room // stride
    if steps < 0:
        raise ValueError(
            f"a window of {window} pixels does not fit into {size + 2 * padding} "
            f"(size {size}, padding {padding}): take a larger input, more padding or a "
            "smaller kernel"
        )
    if ceil_mode and steps * stride >= size + padding:
        steps -= 1
    return steps + 1


def receptive_field(layers):
    """Side of the input's square that one output value depends on, after each layer.

    `layers` holds (kernel_size, stride) or (kernel_size, stride, dilation), first layer
    first. Returns a list of sides in pixels, padding counted as if it were image.
    Raises ValueError for a layer of another form or numbers below 1.
    """
    side, step, sides = 1, 1, []
    for layer in layers:
        if not isinstance(layer, tuple | list) or len(layer) not in (2, 3):
            raise ValueError(
                f"layer {layer!r}: give (kernel_size, stride) or (kernel_size, stride, dilation)"
            )
        kernel_size, stride, dilation = (*layer, 1)[:3]
        kernel_size = whole_number("kernel_size", kernel_size, 1)
        side += (kernel_size - 1) * whole_number("dilation", dilation, 1) * step
        step *= whole_number("stride", stride, 1)
        sides.append(side)
    return sides
