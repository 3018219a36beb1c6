"""Several processes that train one network together: `process_group`, and what they exchange.

Outside of `process_group` each function does what is right for a single process.
"""

import re
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import torch
import torch.distributed as dist

from alexnet_lib.base import torchrun
from alexnet_lib.base.device import UnknownDevice, free_memory
from alexnet_lib.base.interrupts import signals_end

# A process may wait for so long while another one decodes a folder of images. Processes that ended
# are noticed without it.
LONGEST_WAIT = timedelta(days=1)
FIRST_SPEAKS = 2  # seconds in which only the process of rank 0 tells the user of an end
LOST = re.compile("gloo|NCCL|TCPStore|[Ss]ocket|Broken pipe|Connection (closed|reset)")  # torch's


class Share(NamedTuple):
    """Which share of each batch this process gets: that of `rank`, of `world_size` shares."""

    rank: int
    world_size: int

    def of(self, count):
        """The share of so many images, as a slice. The sizes of two shares differ by one at most.

        Where there are fewer images than processes, some shares are empty.
        """
        start, end = (count * k // self.world_size for k in (self.rank, self.rank + 1))
        return slice(start, end)


class _Group(NamedTuple):
    share: Share
    memory: int  # bytes that were free for each process when the group began


_SINGLE = _Group(Share(0, 1), 0)
_ending = threading.Lock()
_group = _SINGLE


@contextmanager
def process_group(device, farewell):
    """Within this context the processes that torchrun started train together.

    device     what all of them train on, a `torch.device`
    farewell   what to tell the user where the group ends early: text

    Gives the device of this process: the CPU, or a GPU of its own. A process that torchrun did not
    start is alone, and nothing changes for it.

    If the user interrupts the group, or one of its processes ends, all of them end, and one on each
    machine prints why and the farewell. What is written within `interrupts_held` is written first.

    Raises UnknownDevice where the processes cannot have a device each.
    """
    global _group
    if not torchrun.started_by_torchrun():
        yield device
        return
    device = _own_device(device)

    def end(why):
        with _ending:  # once, whether by a signal or by a connection that broke
            _wait_for_the_first()
            if torchrun.has_the_word():
                print(f"alexnet_lib: {why}; {farewell}", file=sys.stderr)
            torchrun.leave_group(1)

    def end_on_signal(number):
        end("interrupted" if number == signal.SIGINT else "a process of the group ended")

    with signals_end(end_on_signal):
        try:
            own = {"device_id": device} if device.type == "cuda" else {}
            backend = "cpu:gloo,cuda:nccl" if own else "gloo"
            dist.init_process_group(backend, timeout=LONGEST_WAIT, **_store(), **own)
            share = Share(dist.get_rank(), dist.get_world_size())
            memory = torch.tensor(free_memory("cpu"))
            dist.all_reduce(memory, dist.ReduceOp.MIN)
            _group = _Group(share, int(memory))
            yield device
            _wait_for_all()
            dist.destroy_process_group()
        except RuntimeError as error:
            if not isinstance(error, dist.DistError) and not LOST.search(str(error)):
                time.sleep(1)  # a signal may have ended a process that decodes images, too
                if not _ending.locked():
                    raise
            end("a process of the group ended")
        finally:
            _group = _SINGLE


def share():
    """The `Share` of this process: all of each batch where it is alone."""
    return _group.share


def is_first():
    """Whether this process is the one that writes files and draws: that of rank 0."""
    return _group.share.rank == 0


def total(tensor):
    """The sum of a tensor over all processes, which replaces its values. Of any device."""
    if _group is not _SINGLE:
        dist.all_reduce(tensor)
    return tensor


def largest(number):
    """The largest of the numbers that the processes give."""
    if _group is _SINGLE:
        return number
    found = torch.tensor(number)
    dist.all_reduce(found, dist.ReduceOp.MAX)
    return found.item()


def free_memory_for_images():
    """Bytes of memory that each process may use for images: the same number in all of them.

    In a group it is what was free when the group began.
    """
    return free_memory("cpu") if _group is _SINGLE else _group.memory


def data_parallel(model):
    """`model`, whose gradients become the means over all processes: DistributedDataParallel.

    All gradients are exchanged in the same order in every step. DDP would otherwise change the
    order after its first step, so that a run that was resumed would round its sums differently.
    """
    if _group is _SINGLE:
        return model
    from torch.nn.parallel import DistributedDataParallel

    return DistributedDataParallel(model, find_unused_parameters=True)


def share_buffers(model):
    """Gives the buffers of rank 0, such as the statistics of batch normalization, to all processes.

    DDP does so before each step, so that they differ after the last one.
    """
    if _group is not _SINGLE:
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)


@contextmanager
def first_on_each_machine():
    """What is within runs in one process of each machine first, then in the others.

    The first one downloads and decodes, the others find its files.
    """
    together = _group is not _SINGLE
    if together and torchrun.local_rank():
        _wait_for_all()
    yield
    if together and not torchrun.local_rank():
        _wait_for_all()


def _store():
    """Where the processes find each other's addresses, as arguments of `init_process_group`.

    After a restart torchrun's store still has the addresses of the processes that ended, and torch
    would connect to them. The number of restarts, as a prefix of all names, keeps them apart. Only
    the processes of one machine are told the same number.
    """
    store, rank, world_size = next(dist.rendezvous("env://", timeout=LONGEST_WAIT))
    store.set_timeout(LONGEST_WAIT)
    if torchrun.local_world_size() == world_size:
        store = dist.PrefixStore(f"restart {torchrun.restarts()}", store)
    return dict(store=store, rank=rank, world_size=world_size)


def _own_device(device):
    """The device of this process, where all are to train on `device`."""
    if device.type == "cpu":
        return device
    if device.type != "cuda":
        raise UnknownDevice(
            f"several processes train on NVIDIA GPUs or on CPUs, not on {device.type}: "
            f"take --device cpu, or start without torchrun"
        )
    if device.index is not None:
        raise UnknownDevice(f"each process gets a GPU of its own: take --device cuda, not {device}")
    wanted, found = torchrun.local_world_size(), torch.cuda.device_count()
    if wanted > found:
        raise UnknownDevice(
            f"there are {wanted} processes on this machine, and {found} GPUs: "
            f"--nproc-per-node {found}, or --device cpu"
        )
    own = torch.device("cuda", torchrun.local_rank())
    torch.cuda.set_device(own)
    return own


def _wait_for_all():
    total(torch.zeros(1))  # by the CPU, where a GPU would be busy with waiting


def _wait_for_the_first():
    """Lets the process of rank 0 speak, where it is there."""
    last = time.monotonic() + FIRST_SPEAKS * (torchrun.rank() > 0)
    while time.monotonic() < last and not torchrun.has_been_told():
        time.sleep(0.05)
