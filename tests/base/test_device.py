"""Which device is taken, and what it can do."""

import pytest
import torch

from alexnet_lib.base import device as devices


def test_the_named_device_is_taken(monkeypatch):
    monkeypatch.setenv("ALEXNET_DEVICE", "meta")
    assert devices.pick_device() == torch.device("meta")
    assert devices.pick_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("gpu", "usable"), [(False, "cpu"), (True, "cuda or cpu")])
def test_a_device_that_is_not_there_is_named_with_those_that_are(monkeypatch, gpu, usable):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match=f"'quantum' is not usable here; try {usable}$"):
        devices.pick_device("quantum")


@pytest.mark.parametrize(
    ("found", "expected"),
    [({"avx512_bf16": True}, torch.bfloat16), ({"amx_bf16": True}, torch.bfloat16),
     ({"avx512_bf16": False, "avx2": True}, None), ({}, None)],
)  # fmt: skip
def test_a_processor_mixes_bfloat16_only_where_it_multiplies_it(monkeypatch, found, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)
    assert devices.mixed_type("cpu") == expected


@pytest.mark.parametrize(
    ("capability", "expected"), [((7, 5), torch.float16), ((8, 0), torch.bfloat16)]
)
def test_a_gpu_mixes_bfloat16_since_ampere_and_float16_before(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert devices.mixed_type("cuda") == expected


def test_free_memory_is_what_the_system_tells():
    assert 10**7 < devices.free_memory("cpu") < 10**14
    assert devices.free_memory("mps") is None


@pytest.mark.parametrize(
    ("limit", "free"), [("900", 900 - 500 + 60), ("max", 800), ("99999", 800), ("100", 0)]
)
@pytest.mark.parametrize("version", [2, 1])
def test_free_memory_is_what_the_limit_of_a_container_leaves(
    tmp_path, monkeypatch, version, limit, free
):
    names = {2: ["memory.max", "memory.current", "memory.stat"]}
    names[1] = [f"memory/memory.{name}" for name in ("limit_in_bytes", "usage_in_bytes", "stat")]
    idle = "inactive_file" if version == 2 else "total_inactive_file"
    (tmp_path / "memory").mkdir()
    for name, text in zip(names[version], [limit, "500", f"anon 440\n{idle} 60"], strict=True):
        (tmp_path / name).write_text(text + "\n")
    monkeypatch.setattr(devices, "CGROUPS", tmp_path)
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 800}))
    assert devices.free_memory("cpu") == free


def test_what_torch_keeps_of_a_gpu_is_free(monkeypatch):
    numbers = dict(mem_get_info=(5, 20), memory_reserved=9, memory_allocated=2)
    for name, number in numbers.items():
        monkeypatch.setattr(torch.cuda, name, lambda device, number=number: number)
    assert devices.free_memory("cuda") == 5 + 9 - 2


def test_kept_memory_does_nothing_where_glibc_is_not(monkeypatch):
    monkeypatch.setattr(devices.platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(devices.ctypes, "CDLL", lambda name: 1 / 0)
    devices.keep_freed_memory()
