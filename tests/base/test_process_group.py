"""Shares of batches, devices of processes, and what a single process does instead.

What several processes do together is in training/test_distributed.py and cli/test_group.py.
"""

import pytest
import torch

from alexnet_lib.base import process_group as groups
from alexnet_lib.base.device import UnknownDevice
from alexnet_lib.base.process_group import Share, process_group


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 128])
@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_shares_hold_every_image_once_and_differ_by_one_at_most(count, processes):
    shares = [list(range(count))[Share(rank, processes).of(count)] for rank in range(processes)]
    assert sum(shares, []) == list(range(count))
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1


def test_a_single_process_does_everything_alone():
    model = torch.nn.Linear(2, 2)
    with process_group(torch.device("cpu"), "") as device, groups.first_on_each_machine():
        assert device == torch.device("cpu") and groups.is_first()
        assert groups.share() == Share(0, 1) and groups.data_parallel(model) is model
        assert groups.largest(7) == 7 and groups.total(torch.tensor(3)) == 3


def test_one_process_that_torchrun_starts_forms_no_group(monkeypatch):
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "TORCHELASTIC_RUN_ID"):
        monkeypatch.setenv(name, "1")
    gpu = torch.device("cuda")
    with process_group(gpu, "") as device:
        assert device == gpu and not torch.distributed.is_initialized()
        assert groups.free_memory_for_images() > 0


@pytest.fixture
def second(monkeypatch):
    """Makes this process the second of two on a machine with two GPUs."""
    for name, value in dict(RANK=1, LOCAL_RANK=1, WORLD_SIZE=2, LOCAL_WORLD_SIZE=2).items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "a")
    chosen = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    return chosen


def test_each_process_has_a_gpu_of_its_own(second):
    assert groups._own_device(torch.device("cuda")) == torch.device("cuda", 1)
    assert second == [torch.device("cuda", 1)]
    assert groups._own_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize(
    ("device", "gpus", "said"),
    [
        ("mps", 0, "NVIDIA GPUs or on CPUs, not on mps: take --device cpu"),
        ("cuda:1", 2, "take --device cuda, not cuda:1"),
        ("cuda", 1, "2 processes on this machine, and 1 GPUs: --nproc-per-node 1"),
    ],
)
def test_devices_that_processes_cannot_share_are_refused(second, monkeypatch, device, gpus, said):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    with pytest.raises(UnknownDevice, match=said):
        with process_group(torch.device(device), ""):
            pass


def test_processes_on_a_machine_share_its_memory(second, monkeypatch):
    class Free:
        available = 1000

    monkeypatch.setattr("psutil.virtual_memory", Free)
    assert groups.free_memory_for_images() == 500


@pytest.mark.parametrize(
    "words",
    [
        "[../gloo/transport/tcp/pair.cc:547] Connection closed by peer [127.0.0.1]:5402",
        "NCCL communicator was aborted on rank 1.",
        "failed to recv, got 0 bytes: Broken pipe",
    ],
)
def test_words_of_a_lost_connection_are_known(words):
    assert groups.LOST.search(words)


@pytest.mark.parametrize("words", ["mat1 and mat2 shapes cannot be multiplied", "out of memory"])
def test_other_errors_of_torch_are_not_taken_for_it(words):
    assert not groups.LOST.search(words)
