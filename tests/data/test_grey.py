"""Grey images of many bits are read by the range of their type, or refused with a reason."""

import struct
import zlib

import numpy as np
import pytest
from helpers import picture
from PIL import Image

from alexnet_lib.data.decode import decode

GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def decoded(values, path):
    Image.fromarray(values).save(path)
    return decode(path)


def refused(values, path, words):
    with pytest.raises(ValueError, match=words) as error:
        decoded(values, path)
    assert path.name in str(error.value)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_divided_by_257(tmp_path, suffix):
    pixels = decoded(GREY.astype(np.uint16) * 257, tmp_path / f"1.{suffix}")
    assert np.array_equal(pixels, np.broadcast_to(GREY, (3, 16, 16)))


def test_decimal_numbers_from_0_to_1_are_shades(tmp_path):
    pixels = decoded(GREY.astype(np.float32) / 255, tmp_path / "1.tif")
    assert np.array_equal(pixels[0], GREY)


@pytest.mark.parametrize("factor", [1, 4, 16])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_eight_to_twelve_bits_in_sixteen_are_refused(tmp_path, factor, suffix):
    values = GREY.astype(np.uint16) * factor
    refused(values, tmp_path / f"1.{suffix}", f"16 bits, but go up to {255 * factor:,} only")


def test_sixteen_bits_that_use_more_than_twelve_are_read(tmp_path):
    pixels = decoded(np.array([[0, 4_096]], np.uint16), tmp_path / "1.png")
    assert pixels[0].tolist() == [[0, 16]]


def test_black_is_black_in_every_range(tmp_path):
    assert decoded(np.zeros((2, 2), np.uint16), tmp_path / "1.png").max() == 0


def test_other_integers_are_refused(tmp_path):
    path = tmp_path / "1.tif"
    refused(GREY.astype(np.int32), path, r"32 bits or with a sign \(from 0 to 255\), whose range")


@pytest.mark.parametrize(
    "values, words",
    [
        (GREY.astype(np.float32), "decimal numbers from 0 to 255, expected 0 .* to 1"),
        (GREY / np.float32(255) - np.float32(0.5), "decimal numbers from -0.5 to 0.5"),
        (np.full((2, 2), np.nan, np.float32), "infinite or no number"),
        (np.full((2, 2), np.inf, np.float32), "infinite or no number"),
    ],
)
def test_decimal_numbers_outside_0_to_1_are_refused(tmp_path, values, words):
    refused(values, tmp_path / "1.tif", words)


def test_a_sixteen_bit_pgm_is_scaled_by_its_own_maximum(tmp_path):
    values = (GREY.astype(np.uint16) * 16).astype(">u2")
    (tmp_path / "1.pgm").write_bytes(b"P5 16 16 4080\n" + values.tobytes())
    assert np.array_equal(decode(tmp_path / "1.pgm")[0], GREY)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("factor, whole", [(257, True), (16, False), (1, False)])
def test_colors_of_sixteen_bits_are_read_where_they_use_them(tmp_path, suffix, factor, whole):
    colors = np.stack([GREY, GREY.T, 255 - GREY], -1).astype(np.uint16) * factor
    path = tmp_path / f"1.{suffix}"
    write_rgb16(colors, path)
    if whole:
        assert np.array_equal(decode(path), (colors // 257).transpose(2, 0, 1))
    else:
        with pytest.raises(ValueError, match="colors have 16 bits, but use at most 12 of them"):
            decode(path)


def test_sixteen_bits_are_looked_for_in_what_is_not_transparency(tmp_path):
    for factor in (1, 257):
        pixels = GREY.astype(np.uint16) * factor
        write_rgb16(
            np.stack([pixels, np.full_like(pixels, 65_535)], -1), tmp_path / f"{factor}.png"
        )
    with pytest.raises(ValueError, match="colors have 16 bits, but use at most 12 of them"):
        decode(tmp_path / "1.png")
    assert np.array_equal(decode(tmp_path / "257.png")[0], GREY)


def write_rgb16(colors, path):
    """Writes uint16 (H, W, 3), for which Pillow has no mode, as PNG or TIFF.

    As PNG also (H, W, 2): grey and what is opaque.
    """
    height, width, channels = colors.shape
    if path.suffix == ".tif":
        entries = [(256, width), (257, height), (258, 16), (259, 1), (262, 2), (273, 200)]
        entries += [(277, 3), (278, height), (279, colors.nbytes)]
        head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
        for tag, value in entries:  # 258, the bits of a sample, are at byte 190
            place = (3, 3, 190) if tag == 258 else (4, 1, value)
            head += struct.pack("<HHII", tag, *place)
        head = (head + bytes(4)).ljust(190, b"\0") + struct.pack("<3H", 16, 16, 16)
        path.write_bytes(head.ljust(200, b"\0") + colors.astype("<u2").tobytes())
        return
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colors)
    colors_are = 4 if channels == 2 else 2
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colors_are, 0, 0, 0))]
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        content += struct.pack(">I", len(data)) + kind + data
        content += struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(content)


def test_twelve_bits_are_read_by_their_own_range(tmp_path):
    values = [0, 8, 9, 4_087, 4_095, 2_048]  # 255 of 4,095 is 1 of 16.06
    entries = [(256, 6), (257, 1), (258, 12), (259, 1), (262, 1), (273, 150), (278, 1), (279, 9)]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    head += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    bits = "".join(f"{value:012b}" for value in values)
    (tmp_path / "1.tif").write_bytes(head.ljust(150, b"\0") + int(bits, 2).to_bytes(9, "big"))
    assert decode(tmp_path / "1.tif")[0].tolist() == [[0, 0, 1, 255, 255, 128]]


def test_two_images_of_a_folder_have_the_same_scale(tmp_path):
    bright = decoded(np.full((2, 2), 65_535, np.uint16), tmp_path / "1.png")
    dim = decoded(np.full((2, 2), 6_425, np.uint16), tmp_path / "2.png")
    assert (bright.max(), dim.max()) == (255, 25)
    picture().convert("F").point(lambda shade: shade * 0 + 1).save(tmp_path / "3.tif")
    picture().convert("F").point(lambda shade: shade * 0 + 0.1).save(tmp_path / "4.tif")
    assert (decode(tmp_path / "3.tif").max(), decode(tmp_path / "4.tif").max()) == (255, 26)


def test_white_may_be_zero(tmp_path):
    image = Image.fromarray(GREY.astype(np.uint16) * 257)
    image.save(tmp_path / "1.tif", tiffinfo={262: 0})
    assert Image.open(tmp_path / "1.tif").tag_v2[262] == 0
    assert np.array_equal(decode(tmp_path / "1.tif")[0], 255 - GREY)
