"""All images of a folder become one array, which is kept and never out of date."""

import os
import shutil
import warnings

import numpy as np
import pytest
from helpers import image_folder, link, picture
from PIL import Image

from alexnet_lib.data import decode as decode_module, decode_cache
from alexnet_lib.data.decode import ORIENTATION
from alexnet_lib.data.decode_cache import read_images
from alexnet_lib.data.image_folder import scan_folder

FILES = ["train/a/1.png", "train/b/1.png", "train/b/2.png", "test/a/1.png", "test/b/1.png"]


def read(folder, part="train", size=None, cache=None):
    return read_images(scan_folder(folder), part, size, cache or folder.parent / "cache")[0]


def streamed(folder, part, size, cache):
    """The side at which the files of a folder that is larger than memory are to be decoded."""
    images, side, kept, _ = read_images(scan_folder(folder), part, size, cache)
    assert images is None
    assert len(kept) == len(scan_folder(folder).parts[part][0])
    return side


def stop_decoding(monkeypatch):
    """From here on only the cache can give images."""

    def fail(path, size):
        raise ValueError(path) from AssertionError("decoded again")

    monkeypatch.setattr(decode_cache, "decode", fail)


@pytest.fixture
def folder(tmp_path):
    return image_folder(tmp_path / "images", FILES)


def test_images_of_one_size_stay_as_they_are(tmp_path):
    folder = image_folder(tmp_path / "images", FILES, size=(9, 7))
    images = read(folder)
    assert images.shape == (3, 3, 7, 9)
    expected = [np.asarray(picture(seed, (9, 7))).transpose(2, 0, 1) for seed in range(3)]
    assert np.array_equal(images, expected)
    assert read(folder, "test").shape == (2, 3, 7, 9)


def test_images_of_several_sizes_become_64(folder):
    picture(size=(100, 80)).save(folder / "test/b/1.png")
    assert read(folder).shape == (3, 3, 64, 64)


def test_images_of_one_very_large_size_become_64(folder, monkeypatch):
    monkeypatch.setattr(decode_cache, "LARGEST_OWN_SIZE", 8 * 8 - 1)
    assert read(folder).shape == (3, 3, 64, 64)


@pytest.mark.parametrize("place", ["a/000.png", "a/001.png"])  # inside the first look, and outside
def test_an_image_too_large_for_its_own_size_among_others_is_reduced(tmp_path, monkeypatch, place):
    files = [f"{name}/{number:03}.png" for name in "ab" for number in range(150)]
    folder = image_folder(tmp_path / "images", files, size=(2, 2))
    picture(size=(500, 500)).save(folder / place)
    monkeypatch.setattr(decode_module, "MOST_MEMORY", 3_000_000)
    assert read(folder, "all").shape == (300, 3, 64, 64)


def test_a_turned_photo_among_upright_ones_is_another_size(tmp_path):
    folder = image_folder(tmp_path / "images", FILES, size=(9, 7))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture(size=(9, 7)).save(folder / "test/b/1.png", exif=exif)
    assert read(folder).shape == (3, 3, 64, 64)


def test_turned_photos_of_one_size_stay_as_they_are(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    folder = image_folder(tmp_path / "images", FILES)
    for file in FILES:
        picture(size=(9, 7)).save(folder / file, exif=exif)
    assert read(folder).shape == (3, 3, 9, 7)


def test_one_odd_size_outside_the_first_look_is_found(tmp_path, monkeypatch):
    files = [f"{name}/{number:03}.png" for name in "ab" for number in range(150)]
    folder = image_folder(tmp_path / "images", files, size=(2, 2))
    picture(size=(3, 2)).save(folder / "a/001.png")  # the first look takes every third or so
    assert read(folder, "all").shape == (300, 3, 64, 64)
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
    assert streamed(folder, "all", None, tmp_path / "other") == 64


def test_a_size_that_is_asked_for_is_taken(folder):
    assert read(folder, size=5).shape == (3, 3, 5, 5)


@pytest.mark.parametrize("threads_from", [0, 1e9])
def test_all_bad_files_are_named_at_once(folder, monkeypatch, threads_from):
    monkeypatch.setattr(decode_module, "THREADS_FROM", threads_from)
    (folder / "train/a/notes.jpg").write_text("notes")
    whole = (folder / "test/b/1.png").read_bytes()
    (folder / "test/b/1.png").write_bytes(whole[: len(whole) // 2])
    link(folder / "nowhere", folder / "train/b/3.png")
    with pytest.raises(ValueError) as error:
        read(folder)
    message = str(error.value)
    assert len(message.splitlines()) <= 5
    assert message.startswith("3 of 7 files in")
    for name in ("train/a/notes.jpg", "test/b/1.png", "train/b/3.png"):
        assert name.replace("/", os.sep) in message


def test_a_long_list_of_bad_files_is_cut(folder):
    for number in range(30):
        (folder / f"train/a/bad{number:02}.png").write_text("")
    with pytest.raises(ValueError, match="bad09.png .* and 20 more"):
        read(folder)


def test_threads_and_a_loop_decode_the_same(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(decode_module, "THREADS_FROM", 0)
    threads = read(folder, cache=tmp_path / "one")
    monkeypatch.setattr(decode_module, "THREADS_FROM", 1e9)
    assert np.array_equal(threads, read(folder, cache=tmp_path / "two"))


def test_the_second_time_nothing_is_decoded(folder, monkeypatch):
    first = {part: np.array(read(folder, part)) for part in ("train", "test")}
    stop_decoding(monkeypatch)
    for part, images in first.items():
        assert np.array_equal(read(folder, part), images)


def test_a_copy_of_the_folder_has_a_cache_of_its_own(folder, tmp_path):
    read(folder)
    shutil.copytree(folder, tmp_path / "copy")
    picture(99).save(tmp_path / "copy/train/a/1.png")
    assert not np.array_equal(read(tmp_path / "copy")[0], read(folder)[0])


def change_unseen(path):
    """Other pixels in a file of the same size and times."""
    before = path.stat()
    content = path.read_bytes()
    picture(99).save(path, format="bmp")
    assert path.read_bytes() != content
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_file_changed_behind_the_back_is_noticed(folder):
    for file in FILES:
        picture(1).save(folder / file, format="bmp")
    read(folder)
    change_unseen(folder / "train/a/1.png")
    assert np.array_equal(read(folder)[0], np.asarray(picture(99)).transpose(2, 0, 1))


def test_renamed_added_and_removed_files_are_noticed(folder):
    before = np.array(read(folder))
    (folder / "train/b/2.png").rename(folder / "train/b/0.png")
    assert np.array_equal(read(folder), before[[0, 2, 1]])
    (folder / "train/a/0.png").write_bytes((folder / "train/b/0.png").read_bytes())
    assert np.array_equal(read(folder), before[[2, 0, 2, 1]])
    (folder / "train/a/0.png").unlink()
    assert np.array_equal(read(folder), before[[0, 2, 1]])


def test_files_that_swap_places_are_noticed(folder):
    before = np.array(read(folder))
    one, two = folder / "train/b/1.png", folder / "train/b/2.png"
    one.rename(folder / "train/b/x"), two.rename(one), (folder / "train/b/x").rename(two)
    assert np.array_equal(read(folder), before[[0, 2, 1]])


def test_a_file_that_moves_from_train_to_test_is_noticed(folder):
    images = np.concatenate([read(folder), read(folder, "test")])
    (folder / "train/b/2.png").rename(folder / "test/a/0.png")
    assert np.array_equal(read(folder), images[:2])
    assert np.array_equal(read(folder, "test"), images[2:])


def test_another_version_of_the_cache_is_made_again(folder, monkeypatch):
    read(folder)
    monkeypatch.setattr(decode_cache, "CACHE_VERSION", b"another")
    stop_decoding(monkeypatch)
    with pytest.raises(ValueError, match="decoded again"):
        read(folder)


def test_sizes_do_not_share_a_cache(folder):
    assert [read(folder, size=size).shape[-1] for size in (5, 6, 5)] == [5, 6, 5]


def cut(path):
    path.write_bytes(path.read_bytes()[:-30])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-21] ^= 1  # of the last value; the key and the checksum behind it have 20 bytes
    path.write_bytes(content)


def write_pickle(path):
    np.save(path.open("wb"), np.array([{}], dtype=object), allow_pickle=True)


@pytest.mark.parametrize(
    "damage", [cut, flip_a_bit, write_pickle, lambda path: path.write_bytes(b"")]
)
@pytest.mark.parametrize("name", ["train", "broken"])  # one alone
def test_a_damaged_cache_is_made_again(folder, name, damage, monkeypatch):
    before = np.array(read(folder))
    (stored,) = (folder.parent / "cache").glob(f"*-{name}.npy")
    damage(stored)
    assert np.array_equal(read(folder), before)
    stop_decoding(monkeypatch)
    assert np.array_equal(read(folder), before)


def test_a_file_that_is_other_while_images_are_decoded_leaves_nothing_in_the_cache(
    folder, tmp_path, monkeypatch
):
    right, path = np.array(read(folder, cache=tmp_path / "right")), folder / "train/b/1.png"
    whole, times, decode_all = path.read_bytes(), path.stat(), decode_cache._decode_all

    def disturbed(*arguments):
        picture(size=(40, 30)).save(path)
        try:
            return decode_all(*arguments)
        finally:
            path.write_bytes(whole)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    monkeypatch.setattr(decode_cache, "_decode_all", disturbed)
    assert read(folder).shape == (3, 3, 64, 64)
    monkeypatch.undo()
    assert np.array_equal(read(folder), right)


def test_nothing_but_the_cache_is_left(folder):
    read(folder)
    suffixes = sorted(path.suffix for path in (folder.parent / "cache").iterdir())
    assert suffixes in (3 * [".lock"] + 3 * [".npy"], 3 * [".npy"])


def test_what_a_killed_process_left_is_removed(folder):
    read(folder)
    (stored,) = (folder.parent / "cache").glob("*-train.npy")
    left = stored.with_name(f".{stored.name}.12345.tmp")
    left.write_bytes(b"half")
    other = stored.with_name(".other.npy.12345.tmp")
    other.write_bytes(b"half")
    stored.unlink()
    read(folder)
    assert not left.exists() and other.exists()


def test_a_cache_that_cannot_be_written_only_warns(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="cannot keep the decoded images"):
        images = read(folder, cache=tmp_path / "file" / "cache")
    assert images.shape == (3, 3, 8, 8)


def test_a_full_disk_only_warns_and_leaves_nothing(folder, tmp_path, monkeypatch):
    def full(file, images, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.warns(UserWarning, match="No space left"):
        images = read(folder)
    assert images.shape == (3, 3, 8, 8)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"]


def test_another_process_that_writes_the_same_is_no_problem(folder, monkeypatch):
    read(folder)
    stored = sorted((folder.parent / "cache").glob("*.npy"))
    for path in stored:
        path.unlink()
    with warnings.catch_warnings(), decode_cache.FileLock(stored[0].with_suffix(".lock")):
        warnings.simplefilter("error")
        assert read(folder).shape == (3, 3, 8, 8)


def test_a_folder_larger_than_memory_is_left_on_disk(folder, monkeypatch):
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 5 * 3 * 8 * 8 - 1)
    cache = folder.parent / "cache"
    assert streamed(folder, "train", None, cache) == 8
    assert streamed(folder, "train", 20, cache) == 20
    assert read_images(scan_folder(folder), "train", 7, cache)[0].shape == (3, 3, 7, 7)


def test_a_cache_larger_than_memory_is_left_on_disk(folder, monkeypatch):
    read(folder)
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
    assert read(folder) is None


def test_a_folder_of_several_sizes_larger_than_memory_has_64(folder, monkeypatch):
    picture(size=(100, 80)).save(folder / "test/b/1.png")
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: 100)
    assert streamed(folder, "train", None, folder.parent / "cache") == 64


def test_a_third_of_the_free_memory_may_be_taken(monkeypatch):
    free = type("Memory", (), {"available": 900})
    monkeypatch.setattr("psutil.virtual_memory", lambda: free)
    assert decode_cache.room_for_images() == 300


@pytest.mark.parametrize("room", [10**9, 100])
def test_broken_files_are_left_out_where_that_is_asked(folder, monkeypatch, room):
    whole = np.array(read(folder))
    (folder / "train/b/0.png").write_text("no image")
    (folder / "test/a/2.jpg").write_text("")
    monkeypatch.setattr(decode_cache, "room_for_images", lambda: room)
    words = r"2 of 7 files in .* and are left out: train.b.0.png \(not an image\), test.a.2.jpg"
    for _ in range(2):  # decoded, then from the cache
        with pytest.warns(UserWarning, match=words):
            images, _, kept, _ = read_images(
                scan_folder(folder), "train", None, folder.parent / "cache", skip_broken=True
            )
        assert kept.tolist() == [0, 2, 3]
        assert images is None if room == 100 else np.array_equal(images[kept], whole)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="2 of 7 files .*\n.*\n.*--skip-broken, skip_broken=True"):
        read(folder)


def test_a_class_without_one_readable_image_is_named(folder):
    (folder / "test/b/1.png").write_text("no image")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="no image of class b in test"):
        read_images(scan_folder(folder), "test", None, folder.parent / "cache", skip_broken=True)


def test_a_class_is_named_without_a_split_where_the_folder_has_none(tmp_path):
    folder = image_folder(tmp_path / "photos", ["a/1.png", "b/1.png"])
    (folder / "b/1.png").write_text("no image")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="no image of class b can be"):
        read_images(scan_folder(folder), "all", None, tmp_path / "cache", skip_broken=True)
