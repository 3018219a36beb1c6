"""Grey images of more than 8 bits: their values as shades from 0 to 255.

The range comes from the type of the values, never from one image: otherwise two images of a folder
would be scaled differently. Values that do not use the range of their type are refused.
"""

import numpy as np

LEAST_OF_16_BITS = 4_096  # what 12 bits hold; images below it would become 16 shades or fewer
WHITE_IS_ZERO = 0  # a value of the TIFF tag that says what 0 stands for
PHOTOMETRIC = 262  # that tag


def raw_mode(image):
    """How the file stores a pixel, as Pillow names it ("I;16B"); "" where that is not said.

    To be asked before the pixels are loaded.
    """
    if not getattr(image, "tile", None):
        return ""
    arguments = image.tile[0][3]
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def shades(image, raw):
    """The pixels of an image in Pillow's modes I, I;16 and F: uint8 (H, W), 255 for white.

    `raw` is its `raw_mode`. Raises ValueError where the range is not known.
    """
    values = np.asarray(image)
    if image.mode == "F":
        shade = _from_floats(values)
    elif ";12" in raw:
        shade = (values / np.float32(4_095 / 255)).round().astype(np.uint8)
    elif image.mode != "I" or image.format in ("PPM", "PNG"):
        shade = _from_16_bits(values)
    else:
        raise ValueError(
            f"the values are integers of 32 bits or with a sign (from {values.min():,} to "
            f"{values.max():,}), whose range is not known: save all images with 8 bits, 0 for "
            f"black and 255 for white"
        )
    tags = getattr(image, "tag_v2", {})
    return 255 - shade if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else shade


def _from_floats(values):
    if not np.isfinite(values).all():
        raise ValueError("the values are decimal numbers, and some are infinite or no number (NaN)")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"the values are decimal numbers from {values.min():.4g} to {values.max():.4g}, "
            f"expected 0 (black) to 1 (white): divide those of all images by the same number, or "
            f"save them with 8 bits"
        )
    return (values * np.float32(255)).round().astype(np.uint8)


def _from_16_bits(values):
    largest = int(values.max())
    if 0 < largest < LEAST_OF_16_BITS:
        raise ValueError(
            f"the values are integers of 16 bits, but go up to {largest:,} only: multiply those of "
            f"all images by the same number, so that white is 65,535, or save them with 8 bits"
        )
    return (values.clip(0, 65_535) / np.float32(257)).round().astype(np.uint8)
