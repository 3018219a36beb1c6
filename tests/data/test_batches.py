"""Batches: what comes out is what the stored pixels say, cut and colored as asked."""

import os
import signal
import zlib

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers import image_folder
from torch.testing import assert_close

from alexnet_lib.base.process_group import Share
from alexnet_lib.data import batches
from alexnet_lib.data.batches import Batches
from alexnet_lib.data.color_statistics import ColorStatistics, color_statistics
from alexnet_lib.data.image_set import ImageFiles, ImageSet

PLAIN = ColorStatistics(torch.zeros(3), torch.ones(3), torch.zeros(3, 3))


def images(count=12, height=8, width=8, seed=0):
    random = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, 3, height, width), generator=random, dtype=torch.uint8)
    return ImageSet(pixels, torch.arange(count) % 3, ("a", "b", "c"), "noise")


def test_evaluation_batches_are_the_stored_images_in_order():
    data = images()
    batches = Batches(data, batch_size=5, statistics=PLAIN, device="cpu")
    pixels, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert len(batches) == 3
    assert torch.equal(pixels, data.images.float())
    assert torch.equal(labels, data.labels)


def test_training_batches_hold_every_image_once_in_a_new_order_each_pass():
    data = images(count=50)
    batches = Batches(data, batch_size=8, train=True, statistics=PLAIN, device="cpu")
    orders = []
    for _ in range(2):
        pixels = torch.cat([x for x, _ in batches])
        orders.append([int((data.images.float() == x).flatten(1).all(1).nonzero()) for x in pixels])
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(50))
    assert orders[0] != orders[1]


def test_labels_stay_with_their_images_in_training():
    data = images(count=40)
    batches = Batches(data, batch_size=8, train=True, statistics=PLAIN, device="cpu")
    for pixels, labels in batches:
        for image, label in zip(pixels, labels, strict=True):
            place = int((data.images.float() == image).flatten(1).all(1).nonzero())
            assert int(data.labels[place]) == int(label)


def test_equal_seeds_give_equal_batches():
    batches = Batches(images(), 4, train=True, crop=0.75, pad=1, flip=True, color=0.1, device="cpu")
    torch.manual_seed(5)
    first = torch.cat([x for x, _ in batches])
    torch.manual_seed(5)
    assert torch.equal(first, torch.cat([x for x, _ in batches]))


MIXED = PLAIN._replace(components=torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]]))
CROPS = dict(train=True, crop=0.8, flip=True)


@pytest.mark.parametrize(
    ("options", "checksum", "mean", "next_draw"),
    [
        (dict(), 3970113892, 6352.552667, 0.534923),
        (CROPS | dict(pad=3), 2568578465, 6346.311849, 0.169073),
        (CROPS | dict(pad=2, zoom=0.2), None, 6339.771875, 0.039952),
        (CROPS | dict(color=0.1, statistics=MIXED), None, 6374.654166, 0.899513),
        (CROPS | dict(color=0.1, zoom=0.3, size=9, statistics=MIXED), None, 6385.308723, 0.639089),
        (dict(ten_views=True, crop=0.8, pad=2), 173684425, 6378.956654, 0.534923),
    ],
)
def test_batches_are_those_of_the_recorded_runs(options, checksum, mean, next_draw):
    torch.manual_seed(7)
    made = Batches(images(40, 12, 10), 16, device="cpu", **(dict(statistics=PLAIN) | options))
    pixels, labels = (torch.cat(parts) for parts in zip(*made, strict=True))
    if checksum:  # whole numbers, equal on every machine; the others are equal but for rounding
        assert zlib.crc32(pixels.to(torch.uint8).contiguous().numpy()) == checksum
    weights = torch.arange(pixels.numel(), dtype=torch.float64).view(pixels.shape) % 101
    assert float((pixels * weights).mean()) == pytest.approx(mean, rel=1e-5)
    in_order = torch.arange(40) % 3
    assert torch.equal(labels, in_order) == ("train" not in options)
    assert float(torch.rand(1)) == pytest.approx(next_draw, abs=1e-6)  # as many draws as before


def test_each_image_gets_its_own_crop_and_every_place_is_drawn():
    ramp = torch.arange(64).view(1, 1, 8, 8).expand(600, 3, 8, 8).to(torch.uint8)
    data = ImageSet(ramp.clone(), torch.zeros(600, dtype=torch.int64), ("a", "b"), "ramp")
    batches = Batches(data, 600, train=True, crop=0.75, statistics=PLAIN, device="cpu")
    pixels, _ = next(iter(batches))
    assert pixels.shape == (600, 3, 6, 6)
    corners = set(pixels[:, 0, 0, 0].int().tolist())
    assert corners == {row * 8 + column for row in range(3) for column in range(3)}
    assert_close(pixels[:, 0, 5, 5] - pixels[:, 0, 0, 0], torch.full((600,), 45.0))


def test_padding_is_torchs_reflection():
    data = images(count=1, height=6, width=6)
    padded = F.pad(data.images.float(), (2, 2, 2, 2), mode="reflect")
    batches = Batches(data, 1, train=True, pad=2, statistics=PLAIN, device="cpu")
    windows = padded.unfold(2, 6, 1).unfold(3, 6, 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2)
    for seed in range(20):
        torch.manual_seed(seed)
        pixels, _ = next(iter(batches))
        assert (windows == pixels).flatten(1).all(1).any()


def ramps(count, side=40):
    """Pictures whose pixels are four times the column they stand in."""
    ramp = (4 * torch.arange(side)).to(torch.uint8).expand(count, 3, side, side)
    return ImageSet(ramp, torch.zeros(count, dtype=torch.int64), ("a", "b"), "ramps")


def test_zoom_draws_a_size_and_a_place_for_each_image():
    options = dict(crop=0.5, zoom=0.2, statistics=PLAIN, device="cpu")
    torch.manual_seed(0)
    pixels, _ = next(iter(Batches(ramps(400), 400, train=True, **options)))
    assert pixels.shape == (400, 3, 20, 20)
    assert_close(pixels, pixels[:, :1, :1].expand_as(pixels))  # straight: the columns stay columns
    left, right = pixels[:, 0, 0, 0] / 4, pixels[:, 0, 0, -1] / 4
    windows = (right - left) / 19 * 20
    assert 15.7 < windows.min() < 16.3 and 23.7 < windows.max() < 24.3
    assert len(windows.round().unique()) == 9 and abs(windows.mean() - 20) < 0.4
    starts = left - (windows / 20 - 1) / 2
    assert starts.min() > -0.6 and (starts + windows).max() < 40.6  # nothing from outside
    assert starts.min() < 1 and (starts + windows).max() > 39


def test_zoom_and_padding_show_the_mirrored_surroundings():
    options = dict(pad=8, zoom=0.2, statistics=PLAIN, device="cpu")
    torch.manual_seed(0)
    pixels, _ = next(iter(Batches(ramps(400), 400, train=True, **options)))
    row = pixels[:, 0, 0] / 4
    steps = row.diff(dim=1)
    assert row.min() >= 0 and row.max() <= 39
    zooms = steps[:, 14:26].mean(1)  # the middle is never mirrored
    assert 0.77 < zooms.min() < 0.83 and 1.17 < zooms.max() < 1.23
    near = steps[zooms < 0.9]  # their windows would fit into the image without padding
    assert bool((near[:, 0] < -0.5).any()) and bool((near[:, -1] < -0.5).any())


def test_zoomed_images_are_mirrored_half_of_the_time():
    options = dict(crop=0.5, zoom=0.2, flip=True, statistics=PLAIN, device="cpu")
    torch.manual_seed(0)
    pixels, _ = next(iter(Batches(ramps(400), 400, train=True, **options)))
    assert 150 < int((pixels[:, 0, 0, 0] > pixels[:, 0, 0, -1]).sum()) < 250


def test_a_zoom_of_almost_nothing_is_a_crop_at_any_place():
    data = images(count=3, height=9, width=6)
    options = dict(crop=1.0, zoom=1e-6, statistics=PLAIN, device="cpu")
    torch.manual_seed(0)
    order = torch.randperm(3)
    where = torch.rand(3, 2)[:, 0] * 3  # rows to start at; there is no room in the columns
    torch.manual_seed(0)
    pixels, _ = next(iter(Batches(data, 3, train=True, **options)))
    for image, start, seen in zip(data.images[order].float(), where.tolist(), pixels, strict=True):
        share = start - int(start)
        padded = F.pad(image[None], (0, 0, 0, 1), mode="reflect")[0]
        upper = padded[:, int(start) : int(start) + 6]
        lower = padded[:, int(start) + 1 : int(start) + 7]
        assert_close(seen, (1 - share) * upper + share * lower, rtol=0, atol=0.51)


def test_half_of_the_training_images_are_mirrored():
    one = images(count=1).images.expand(400, 3, 8, 8).contiguous()
    data = ImageSet(one, torch.zeros(400, dtype=torch.int64), ("a", "b"), "one")
    batches = Batches(data, 400, train=True, flip=True, statistics=PLAIN, device="cpu")
    torch.manual_seed(0)
    pixels, _ = next(iter(batches))
    mirrored = (pixels == one.float().flip(3)).flatten(1).all(1)
    as_is = (pixels == one.float()).flatten(1).all(1)
    assert bool((mirrored ^ as_is).all())
    assert 150 < int(mirrored.sum()) < 250


def test_validation_is_neither_cropped_at_random_nor_zoomed_nor_mirrored_nor_colored():
    data = images()
    options = dict(crop=0.75, flip=True, color=0.5, zoom=0.2, device="cpu")
    batches = Batches(data, 12, statistics=color_statistics(data)._replace(
        mean=torch.zeros(3), std=torch.ones(3)), **options)  # fmt: skip
    pixels, _ = next(iter(batches))
    assert torch.equal(pixels, data.images[:, :, 1:7, 1:7].float())


def test_normalized_training_images_have_mean_zero_and_variance_one():
    data = images(count=200)
    pixels, _ = next(iter(Batches(data, 200, device="cpu")))
    channels = pixels.transpose(0, 1).flatten(1)
    assert_close(channels.mean(1), torch.zeros(3), atol=1e-4, rtol=0)
    assert_close(channels.std(1), torch.ones(3), atol=1e-3, rtol=0)


def test_color_noise_has_the_covariance_of_the_data_and_one_draw_an_image():
    data = images(count=3000, height=4, width=4)
    statistics = color_statistics(data)._replace(std=torch.ones(3))
    batches = Batches(data, 3000, train=True, color=0.1, statistics=statistics, device="cpu")
    torch.manual_seed(0)
    order = torch.randperm(3000)
    torch.manual_seed(0)
    pixels, _ = next(iter(batches))
    shift = pixels + statistics.mean[:, None, None] - data.images[order].float()
    assert_close(shift.std((2, 3)), torch.zeros(3000, 3), atol=1e-3, rtol=0)
    expected = 0.01 * statistics.components @ statistics.components.T
    assert_close(torch.cov(shift[:, :, 0, 0].T), expected, rtol=0.15, atol=3.0)


def test_resizing_is_torchs_antialiased_bilinear():
    data = images()
    pixels, _ = next(iter(Batches(data, 12, size=13, statistics=PLAIN, device="cpu")))
    expected = F.interpolate(data.images.float(), 13, mode="bilinear", antialias=True)
    assert_close(pixels, expected, rtol=0, atol=1.001)  # rounded to whole values, twice
    as_bytes = data.images.contiguous(memory_format=torch.channels_last)
    exactly = F.interpolate(as_bytes, 13, mode="bilinear", antialias=True)
    assert_close(pixels, exactly.float())


def test_ten_views_are_four_corners_the_center_and_their_mirror_images():
    data = images(count=2)
    batches = Batches(data, 2, crop=0.75, ten_views=True, statistics=PLAIN, device="cpu")
    views, _ = next(iter(batches))
    stored = data.images.float()
    five = [(0, 0), (0, 2), (2, 0), (2, 2), (1, 1)]
    expected = [stored[:, :, y : y + 6, x : x + 6] for y, x in five]
    expected += [view.flip(3) for view in expected]
    assert views.shape == (2, 10, 3, 6, 6)
    assert torch.equal(views, torch.stack(expected, 1))


def test_the_fifth_view_is_the_crop_of_a_single_one_also_where_the_room_is_odd():
    options = dict(crop=0.5, statistics=PLAIN, device="cpu")
    (views, _), *_ = Batches(images(4, 11, 10), 4, ten_views=True, **options)
    (single, _), *_ = Batches(images(4, 11, 10), 4, **options)
    assert single.shape == (4, 3, 5, 5) and torch.equal(views[:, 4], single)


def test_files_stream_in_the_same_batches_as_images_in_memory(tmp_path):
    names = [f"{i}.png" for i in range(7)]
    folder = image_folder(tmp_path, names)
    paths, labels = [folder / name for name in names], torch.arange(7) % 2
    files = ImageFiles(paths, labels, ("a", "b"), "files", 8)
    stored = ImageSet(torch.stack([image for image, _ in files]), labels, ("a", "b"), "stored")
    options = dict(batch_size=3, train=True, crop=0.75, flip=True, statistics=PLAIN, device="cpu")
    streamed = []
    for data in (stored, files):
        torch.manual_seed(0)
        streamed.append(sorted(int(label) for _, y in Batches(data, **options) for label in y))
    assert streamed[0] == streamed[1]
    whole = [list(Batches(d, 3, statistics=PLAIN, device="cpu")) for d in (stored, files)]
    for (x, y), (other_x, other_y) in zip(*whole, strict=True):
        assert torch.equal(x, other_x) and torch.equal(y, other_y)
    assert_close(color_statistics(files), color_statistics(stored))


def test_a_damaged_file_is_named_without_the_traceback_of_its_reader(tmp_path):
    names = [f"{i}.png" for i in range(3)]
    folder = image_folder(tmp_path, names)
    files = ImageFiles([folder / name for name in names], torch.arange(3) % 2, ("a", "b"), "", 8)
    (folder / "1.png").write_text("no image")
    with pytest.raises(ValueError, match="1.png' is not an image") as error:
        list(Batches(files, 2, statistics=PLAIN, device="cpu"))
    assert "Traceback" not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(("free", "place"), [(100, "cpu"), (10**9, "meta"), (None, "meta")])
def test_images_move_to_a_device_that_has_room_for_them(monkeypatch, free, place):
    monkeypatch.setattr(batches, "free_memory", lambda device: free)
    made = Batches(images(), 4, statistics=PLAIN, device="meta")
    assert made._images.device.type == place
    pixels, labels = next(iter(made))
    assert pixels.device.type == labels.device.type == "meta" and len(labels) == 4


def test_wide_images_are_cut_to_a_square_at_the_center():
    data = images(height=6, width=11)
    pixels, _ = next(iter(Batches(data, 12, statistics=PLAIN, device="cpu")))
    assert torch.equal(pixels, data.images[:, :, :, 2:8].float())  # of five columns two are left


def test_the_shape_is_that_of_the_largest_batch():
    assert Batches(images(), 5, size=9, device="cpu").shape == (5, 3, 9, 9)
    assert Batches(images(), 50, crop=0.5, ten_views=True, device="cpu").shape == (12, 10, 3, 4, 4)


def test_images_of_one_color_are_finite():
    data = images()
    data.images.copy_(data.images[:1, :, :1, :1].clone())
    made = Batches(data, 12, train=True, color=0.1, device="cpu")
    assert_close(next(iter(made))[0], torch.zeros(12, 3, 8, 8), rtol=0, atol=0.1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (dict(batch_size=0), "batch_size=0: give a whole number, 1 or more"),
        (dict(batch_size=2.5), "batch_size=2.5: give a whole number"),
        (dict(batch_size=13, train=True), "larger than the data: 12 images"),
        (dict(size=0), "^size=0: give a whole number, 1 or more"),
        (dict(crop=0), "crop"),
        (dict(crop=float("nan")), "crop"),
        (dict(crop=0.05), "crop 0.05 leaves no pixel of these images of 8 pixels"),
        (dict(pad=8), "pad must be from 0 to 7"),
        (dict(pad=-1), "pad=-1: give a whole number, 0 or more"),
        (dict(pad=1.5), "pad=1.5: give a whole number"),
        (dict(color=-1), "color"),
        (dict(zoom=1), "zoom"),
        (dict(zoom=float("nan")), "zoom"),
        (dict(ten_views=True, train=True, batch_size=4), "ten_views"),
    ],
)
def test_numbers_out_of_range_are_named(options, said):
    with pytest.raises(ValueError, match=said):
        Batches(images(), **options)


def test_whole_numbers_of_other_libraries_are_taken():
    numbers = dict(batch_size=torch.tensor(5), size=np.int64(9), pad=np.uint8(1))
    pixels, labels = next(iter(Batches(images(), statistics=PLAIN, device="cpu", **numbers)))
    assert pixels.shape == (5, 3, 9, 9) and len(labels) == 5


def test_no_images_are_named():
    with pytest.raises(ValueError, match="no images"):
        Batches(images().select(torch.arange(0)))


def in_three(monkeypatch, make):
    """Batches as each of three processes makes them: a list of lists of (images, labels)."""
    found = []
    for rank in range(3):
        monkeypatch.setattr(batches, "share", lambda rank=rank: Share(rank, 3))
        made = make()
        if made.train:
            made.draws.manual_seed(5)
        found.append(list(made))
    return found


@pytest.mark.parametrize("stored", ["in memory", "as files"])
@pytest.mark.parametrize("train", [True, False])
def test_shares_of_three_processes_are_together_the_batches_of_one(
    train, stored, tmp_path, monkeypatch
):
    data = images(count=10)  # batches of four, four and two: of the last one a share is empty
    if stored == "as files":
        monkeypatch.setattr(batches, "WORKERS", 0)
        folder = image_folder(tmp_path, [f"{i}.png" for i in range(10)])
        paths = sorted(folder.iterdir())
        data = ImageFiles(paths, data.labels, data.classes, "noise", 8)
    options = dict(crop=0.75, pad=1, flip=True, zoom=0.2, color=0.1, statistics=PLAIN)

    def make():
        return Batches(data, 4, train=train, device="cpu", **options)

    torch.manual_seed(5)
    one = list(make())
    assert [len(labels) for _, labels in one] == [4, 4, 2]
    shares = in_three(monkeypatch, make)
    assert [len(labels) for _, labels in shares[0]] == [1, 1, 0]
    for number, (pixels, labels) in enumerate(one):
        assert torch.equal(torch.cat([share[number][0] for share in shares]), pixels)
        assert torch.equal(torch.cat([share[number][1] for share in shares]), labels)


def test_a_process_is_told_how_large_its_share_can_be(monkeypatch):
    monkeypatch.setattr(batches, "share", lambda: Share(2, 3))
    made = Batches(images(count=10), 4, statistics=PLAIN, device="cpu")
    assert made.shape == (2, 3, 8, 8) and [made.images_in(n) for n in range(3)] == [4, 4, 2]


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="no process forks here")
def test_control_c_while_the_workers_start_is_not_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "WORKERS", 1)
    folder = image_folder(tmp_path, [f"{number}.png" for number in range(4)])
    files = ImageFiles(sorted(folder.iterdir()), torch.arange(4) % 2, ("a", "b"), "files", 8)
    loaded, pressed = Batches(files, batch_size=2, statistics=PLAIN, device="cpu"), []

    def press():
        if not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    os.register_at_fork(after_in_parent=press)
    with pytest.raises(KeyboardInterrupt):
        list(loaded)
    assert len(list(loaded)) == 2
