"""Image files of every kind become uint8 arrays; files that are no images are named."""

import numpy as np
import pytest
from helpers import picture
from PIL import Image

from alexnet_lib.data.decode import ORIENTATION, decode


def decoded(image, path, **options):
    image.save(path, **options)
    return decode(path)


def test_pixels_are_uint8_with_color_first(tmp_path):
    image = picture(size=(6, 4))
    pixels = decoded(image, tmp_path / "1.png")
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    assert np.array_equal(pixels, np.asarray(image).transpose(2, 0, 1))


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif", "webp", "ppm", "jpg"])
def test_every_format_is_read(tmp_path, suffix):
    plain = Image.new("RGB", (6, 4), (200, 100, 50))
    pixels = decoded(plain, tmp_path / f"1.{suffix}").astype(int)
    assert pixels.shape == (3, 4, 6)
    assert np.abs(pixels - np.array([200, 100, 50])[:, None, None]).max() <= 8


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA", "CMYK", "I;16", "I"])
def test_every_mode_keeps_white_black_and_grey(tmp_path, mode):
    grey = Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8))
    if mode.startswith("I"):
        image = Image.fromarray(
            np.asarray(grey).astype(np.uint16 if ";" in mode else np.int32) * 257
        )
    else:
        image = grey.convert("RGB").convert(mode)
    assert image.mode == mode
    suffix = "tif" if mode in ("CMYK", "I") else "png"
    pixels = decoded(image, tmp_path / f"1.{suffix}")
    assert np.array_equal(pixels, np.broadcast_to(np.asarray(grey), (3, 2, 2)))


def test_sixteen_bit_grey_is_scaled_not_cut_off(tmp_path):
    values = np.array([[0, 257, 25700, 65535]], np.uint16)
    pixels = decoded(Image.fromarray(values), tmp_path / "1.png")
    assert pixels[0].tolist() == [[0, 1, 100, 255]]


def test_a_cmyk_jpeg_keeps_its_colors(tmp_path):
    image = Image.new("RGB", (8, 8), (200, 100, 50)).convert("CMYK")
    pixels = decoded(image, tmp_path / "1.jpg").astype(int)
    assert np.abs(pixels - np.array([200, 100, 50])[:, None, None]).max() <= 8


def test_what_is_transparent_becomes_white(tmp_path):
    image = Image.new("RGBA", (3, 1))
    image.putdata([(0, 0, 0, 0), (0, 0, 0, 255), (0, 0, 0, 128)])
    assert decoded(image, tmp_path / "1.png")[0].tolist() == [[255, 0, 127]]


def test_a_transparent_palette_color_becomes_white(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.putdata([0, 1])
    pixels = decoded(image, tmp_path / "1.png", transparency=0)
    assert pixels[:, 0].T.tolist() == [[255, 255, 255], [10, 20, 30]]


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_rotated_photo_is_set_upright(tmp_path, suffix):
    image = Image.new("RGB", (16, 8))
    image.paste((255, 255, 255), (0, 0, 8, 8))  # its left half is white
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned a quarter clockwise
    pixels = decoded(image, tmp_path / f"1.{suffix}", exif=exif)
    assert pixels.shape == (3, 16, 8)
    assert pixels[:, :8].min() > 250
    assert pixels[:, 8:].max() < 5


@pytest.mark.parametrize("width, height", [(40, 20), (20, 40), (20, 20), (7, 5), (1, 9)])
def test_the_shorter_side_is_resized_and_the_center_cropped(tmp_path, width, height):
    image = picture(size=(width, height))
    image.save(tmp_path / "1.png")
    side = min(width, height)
    whole = image.resize((width * 10 // side, height * 10 // side), Image.Resampling.BICUBIC)
    left, top = (whole.width - 10) // 2, (whole.height - 10) // 2
    expected = np.asarray(whole.crop((left, top, left + 10, top + 10))).transpose(2, 0, 1)
    pixels = decode(tmp_path / "1.png", 10)
    assert np.abs(pixels.astype(int) - expected).max() <= 1  # Pillow rounds in another order


def test_a_large_photo_is_as_sharp_as_any_other(tmp_path):
    image = picture(size=(40, 50)).resize((320, 400), Image.Resampling.NEAREST)
    image.save(tmp_path / "1.jpg", quality=95, subsampling=0)
    image.save(tmp_path / "1.png")
    jpeg = decode(tmp_path / "1.jpg", 80).astype(int)
    png = decode(tmp_path / "1.png", 80).astype(int)
    assert np.abs(jpeg - png).mean() <= 4


def test_a_format_not_listed_is_not_read(tmp_path):
    picture().save(tmp_path / "1.pcx")
    with pytest.raises(ValueError, match="1.pcx' is not an image"):
        decode(tmp_path / "1.pcx")


@pytest.mark.parametrize("content", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_a_file_that_is_no_image_is_named(tmp_path, content):
    (tmp_path / "1.jpg").write_bytes(content)
    with pytest.raises(ValueError, match="1.jpg' is not an image"):
        decode(tmp_path / "1.jpg")


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "gif", "tif", "webp", "ppm"])
def test_a_truncated_image_is_named(tmp_path, suffix):
    path = tmp_path / f"1.{suffix}"
    picture(size=(64, 64)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=f"1.{suffix}' is not"):
        decode(path)


def test_an_image_of_absurd_size_is_named(tmp_path, monkeypatch):
    picture(size=(64, 64)).save(tmp_path / "1.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match="1.png' is not readable: .*4096 pixels"):
        decode(tmp_path / "1.png")
