"""Image files of every kind become uint8 arrays; files that are no images are named."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from helpers import picture
from PIL import Image, PngImagePlugin, features

from alexnet_lib.data import decode as decode_module
from alexnet_lib.data.decode import ORIENTATION, common_shape, decode, side_to_decode


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


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_keeps_white_black_and_grey(tmp_path, mode):
    grey = Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert("RGB").convert(mode)
    assert image.mode == mode
    suffix = "tif" if mode == "CMYK" else "png"
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


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_common_size_is_that_of_upright_photos(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    pixels = decoded(picture(size=(9, 7)), tmp_path / f"1.{suffix}", exif=exif)
    assert common_shape([tmp_path / f"1.{suffix}"]) == pixels.shape[1:]


@pytest.mark.parametrize(
    "size, other, side", [((9, 7), (9, 7), None), ((9, 7), (7, 9), 9), ((10, 7), (10, 7), 9)]
)
def test_only_images_of_one_small_size_are_decoded_as_they_are(tmp_path, size, other, side):
    paths = [tmp_path / "1.png", tmp_path / "2.png"]
    for path, one in zip(paths, (size, other), strict=True):
        picture(size=one).save(path)
    assert side_to_decode(paths, 9) == side


def test_a_single_image_of_another_size_among_many_is_noticed(tmp_path):
    paths = [tmp_path / f"{number:03}.png" for number in range(150)]
    for path in paths:
        picture(size=(9, 9) if path == paths[7] else (8, 8)).save(path)
    assert side_to_decode(paths, 9) == 9


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


def png_head(width, height, bits=8, color=2):
    """The beginning of a PNG file that says it has these sizes; its pixels are missing."""
    data = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + data
    return (
        head + struct.pack(">I", zlib.crc32(data)) + struct.pack(">I", 2**20) + b"IDAT" + b"x" * 99
    )


@pytest.mark.parametrize("size", [None, 32])
@pytest.mark.parametrize("side, color", [(20_000, 2), (60_000, 0), (2**31 - 1, 2)])
def test_an_image_of_absurd_size_is_named(tmp_path, side, color, size):
    (tmp_path / "1.png").write_bytes(png_head(side, side, color=color))
    words = f"1.png' is not readable: decoding {side:,}×{side:,} pixels takes"
    with pytest.raises(ValueError, match=words):
        decode(tmp_path / "1.png", size)


PEAK = """
import resource, sys
from alexnet_lib.data.decode import common_shape, decode
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for size in (None, 64):
    try:
        decode("bomb.png", size)
    except ValueError as error:
        assert "20,000×20,000 pixels" in str(error)
assert common_shape(["bomb.png"]) == (20_000, 20_000)
assert decode("photo.jpg", 64).shape == (3, 64, 64)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
def test_large_photographs_are_read_in_little_memory_and_bombs_refused(tmp_path):
    Image.new("L", (16_320, 12_240), 128).save(tmp_path / "photo.jpg", quality=10)
    pixels = zlib.compress(bytes(20_000 * 2501), 1)  # of one bit each
    head = png_head(20_000, 20_000, bits=1, color=0)[:33]
    chunk = b"IDAT" + pixels
    content = struct.pack(">I", len(pixels)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    (tmp_path / "bomb.png").write_bytes(head + content + end)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    call = [sys.executable, "-X", "utf8", "-c", PEAK]
    options = dict(cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    done = subprocess.run(call, **options)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100e6


def test_what_a_progressive_photograph_takes_is_counted(tmp_path, monkeypatch):
    picture(size=(2000, 1000)).save(tmp_path / "1.jpg", progressive=True, subsampling=0)
    picture(size=(2000, 1000)).save(tmp_path / "2.jpg")
    monkeypatch.setattr(decode_module, "MOST_MEMORY", 10_000_000)
    with pytest.raises(ValueError, match="2,000×1,000 pixels takes 0.0 GB"):
        decode(tmp_path / "1.jpg", 32)
    assert decode(tmp_path / "2.jpg", 32).shape == (3, 32, 32)


def test_what_turning_a_photograph_takes_is_counted(tmp_path, monkeypatch):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture(size=(60, 40)).save(tmp_path / "1.png", exif=exif)
    picture(size=(60, 40)).save(tmp_path / "2.png")
    monkeypatch.setattr(decode_module, "MOST_MEMORY", 15 * 60 * 40)
    with pytest.raises(ValueError, match="60×40 pixels takes 0.0 GB"):
        decode(tmp_path / "1.png")
    assert decode(tmp_path / "2.png").shape == (3, 40, 60)


def test_large_texts_in_a_png_do_not_matter(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "x" * 2**21, zip=True)
    info.add_text("note", "y" * 2**21, zip=True)
    image = picture(size=(6, 4))
    image.save(tmp_path / "1.png", pnginfo=info, icc_profile=bytes(3 * 2**20))
    assert np.array_equal(decode(tmp_path / "1.png"), np.asarray(image).transpose(2, 0, 1))


def test_formats_go_by_content_and_not_by_name(tmp_path):
    image = picture(size=(32, 32))
    image.save(tmp_path / "webp.jpg", "WEBP")
    image.save(tmp_path / "mpo.jpg", "MPO", save_all=True, append_images=[image.rotate(5)])
    for name in ("webp.jpg", "mpo.jpg"):
        assert decode(tmp_path / name).shape == (3, 32, 32)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow does not write AVIF")
def test_avif_is_read(tmp_path, monkeypatch):
    picture(size=(32, 32)).save(tmp_path / "1.jpg", "AVIF")
    assert decode(tmp_path / "1.jpg").shape == (3, 32, 32)
    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(ValueError, match="it is AVIF, .* install pillow 11.3 or newer"):
        decode(tmp_path / "1.jpg")


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"heix"])
def test_heic_names_the_package_that_reads_it(tmp_path, monkeypatch, brand):
    (tmp_path / "1.heic").write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(99))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # it cannot be imported
    with pytest.raises(ValueError, match="it is HEIC, .* install the package pillow-heif"):
        decode(tmp_path / "1.heic")


def test_damaged_exif_data_turn_nothing_and_warn_of_nothing(tmp_path, recwarn):
    exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0\x01\0"
    picture(size=(6, 4)).save(tmp_path / "1.jpg", exif=exif)
    assert decode(tmp_path / "1.jpg").shape == (3, 4, 6)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_the_common_shape_is_that_of_the_decoded_images(tmp_path, suffix):
    paths = [tmp_path / f"{number}.{suffix}" for number in range(3)]
    for path in paths:
        picture(size=(64, 48)).save(path)
    assert common_shape(paths) == decode(paths[0]).shape[1:] == (48, 64)


def test_an_image_of_one_pixel_can_be_resized(tmp_path):
    Image.new("RGB", (1, 1), (10, 20, 30)).save(tmp_path / "1.png")
    assert decode(tmp_path / "1.png", 8).mean((1, 2)).tolist() == [10, 20, 30]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_devices_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "1.png")
    os.symlink("/dev/zero", tmp_path / "2.png")
    for name, kind in (("1.png", "a pipe"), ("2.png", "a device")):
        with pytest.raises(ValueError, match=f"{name}' is not readable: {kind}, not a file"):
            decode(tmp_path / name)
    assert common_shape([tmp_path / "1.png", tmp_path / "2.png"]) is None


def test_a_tiff_of_a_rare_kind_is_not_called_no_image(tmp_path):
    (tmp_path / "1.tif").write_bytes(b"II*\0" + bytes(99))
    with pytest.raises(ValueError, match="1.tif' is not readable: it is a TIFF file that is"):
        decode(tmp_path / "1.tif")
