"""Downloads: mirrors, resuming, stalls, checks, two processes at once. All on this computer."""

import errno
import io
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading

import pytest
from helpers import Host, md5, wait_until

from alexnet_lib.data import download

CONTENT = bytes(range(256)) * 2000  # half a megabyte
SIZE, MD5 = len(CONTENT), md5(CONTENT)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def host():
    with Host(CONTENT) as host:
        yield host


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "file.bin"


def fetch(host, ways, path, **limits):
    limits = {"patience": 5, "stall": 0.3} | limits
    download.download([host.url(way) for way in ways], path, SIZE, MD5, **limits)


def part_of(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("file.bin.part")
    part.write_bytes(content)
    return part


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_fetch_writes_the_file_and_leaves_no_part(host, path):
    fetch(host, ["good"], path)
    assert path.read_bytes() == CONTENT
    assert not path.with_name("file.bin.part").exists()


def test_a_file_that_is_there_is_not_downloaded_again(host, path):
    fetch(host, ["good"], path)
    fetch(host, ["good"], path)
    assert host.downloads() == ["good"]


@pytest.mark.parametrize("content", [CONTENT[:-1], b"x" + CONTENT[1:]])
def test_a_damaged_file_is_replaced_with_a_warning(host, path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged"):
        fetch(host, ["good"], path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("bad", ["cut", "stalled", "slow", "headers", "tampered", "page", "none"])
def test_the_next_mirror_helps_when_one_fails(host, path, bad):
    fetch(host, [bad, "good"], path)
    assert path.read_bytes() == CONTENT
    assert host.downloads()[0] == bad
    assert host.downloads()[-1] == "good"


@pytest.mark.parametrize("bad", ["cut", "stalled"])
def test_the_next_mirror_goes_on_where_one_broke_off(host, path, bad):
    fetch(host, [bad, "good"], path)
    assert host.asked[-1][2] == f"bytes={SIZE // 2}-"


def test_mirrors_are_asked_in_order(host, path):
    fetch(host, ["none", "page", "good", "whole"], path)
    assert host.downloads() == ["none", "page", "good"]


def test_a_part_file_is_resumed(host, path):
    part_of(path, CONTENT[:1000])
    fetch(host, ["good"], path)
    assert path.read_bytes() == CONTENT
    assert host.asked[-1][2] == "bytes=1000-"


def test_a_host_without_ranges_starts_over(host, path):
    part_of(path, CONTENT[:1000])
    fetch(host, ["whole"], path)
    assert path.read_bytes() == CONTENT


def test_a_whole_part_file_needs_no_download(host, path):
    part_of(path, CONTENT)
    fetch(host, ["good"], path)
    assert path.read_bytes() == CONTENT
    assert host.downloads() == []


@pytest.mark.parametrize("wrong", [b"x" * 1000, b"x" * SIZE, CONTENT + b"x"])
def test_a_wrong_part_file_is_started_over(host, path, wrong):
    part_of(path, wrong)
    fetch(host, ["good"], path)
    assert path.read_bytes() == CONTENT


def test_a_tampered_file_is_never_taken(host, path):
    with pytest.raises(ConnectionError, match="sent something else"):
        fetch(host, ["tampered", "tampered"], path)
    assert not path.exists()
    assert not path.with_name("file.bin.part").exists()


@pytest.mark.parametrize(
    "bad, reason", [("cut", "broke off"), ("stalled", "timed out"), ("slow", "stalled at")]
)
def test_an_unfinished_file_is_never_taken_and_its_part_is_kept(host, path, bad, reason):
    with pytest.raises(ConnectionError, match=f"bytes are kept.*{reason}"):
        fetch(host, [bad], path)
    assert not path.exists()
    part = path.with_name("file.bin.part").read_bytes()
    assert 0 < len(part) < SIZE
    assert CONTENT.startswith(part)


def test_the_error_says_in_few_lines_what_each_host_did(host, path):
    urls = [host.url("none"), host.url("page"), f"http://127.0.0.1:{closed_port()}/file.bin"]
    with pytest.raises(ConnectionError) as error:
        download.download(urls, path, SIZE, MD5)
    message = str(error.value)
    assert len(message.splitlines()) <= 3
    for part in ("404", "another file", "refused", *(url.split("/")[2] for url in urls)):
        assert part in message


def test_all_hosts_are_asked_at_once(host, path):
    host.together = threading.Barrier(3)  # none answers before all three are asked
    fetch(host, ["good", "whole", "cut"], path)
    assert path.read_bytes() == CONTENT


def test_a_silent_network_is_noticed(path):
    with socket.socket() as listener:  # takes connections and never says a word
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/file.bin"
        with pytest.raises(ConnectionError, match="no answer|timed out"):
            download.download([url], path, SIZE, MD5, patience=0.2)


def test_a_name_that_takes_long_to_resolve_is_not_waited_for(path, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(30))
    with pytest.raises(ConnectionError, match="no answer within 0.2 s"):
        download.download(["http://mirror.invalid/file.bin"], path, SIZE, MD5, patience=0.2)
    release.set()


def test_a_full_disk_says_so_and_keeps_the_part(host, path, monkeypatch):
    part_of(path, CONTENT[:1000])

    class FullDisk(io.FileIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def open_full(file, mode):
        return FullDisk(file, mode) if "a" in mode or "w" in mode else open(file, mode)

    monkeypatch.setattr(download, "open", open_full, raising=False)
    with pytest.raises(OSError, match="No space left.*\n.*ALEXNET_DATA") as error:
        fetch(host, ["good", "whole"], path)
    assert not isinstance(error.value, ConnectionError)
    assert host.downloads() == ["good"]
    assert path.with_name("file.bin.part").read_bytes() == CONTENT[:1000]


def test_a_folder_that_is_a_file_says_so(host, tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(OSError, match="cannot write to"):
        fetch(host, ["good"], tmp_path / "data" / "file.bin")


def start_fetching(url, path):
    code = (
        "import pathlib, signal, sys; from alexnet_lib.data.download import download\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job lacks it
        f"download([sys.argv[1]], pathlib.Path(sys.argv[2]), {SIZE}, {MD5!r}, stall=20)"
    )
    command = [sys.executable, "-c", code, url, str(path)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C otherwise")
def test_control_c_keeps_the_part_and_frees_the_lock(host, path):
    process = start_fetching(host.url("stalled"), path)
    part = path.with_name("file.bin.part")
    wait_until(lambda: part.exists() and part.stat().st_size > 0)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
    assert 0 < part.stat().st_size < SIZE
    assert CONTENT.startswith(part.read_bytes())
    fetch(host, ["good"], path)
    assert path.read_bytes() == CONTENT


def test_two_processes_at_once_download_once(host, path):
    processes = [start_fetching(host.url("good"), path) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert path.read_bytes() == CONTENT
    assert host.downloads() == ["good"]


def test_two_threads_at_once_download_once(host, path):
    threads = [threading.Thread(target=fetch, args=(host, ["good"], path)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() == CONTENT
    assert host.downloads() == ["good"]


def archive_of(path, names):
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"abc"))
    return path


def test_unpack_puts_the_folder_beside_the_archive(tmp_path):
    archive = archive_of(tmp_path / "a.tar.gz", ["folder/one", "folder/two"])
    download.unpack(archive, tmp_path / "folder")
    assert sorted(file.name for file in (tmp_path / "folder").iterdir()) == ["one", "two"]
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        ".a.tar.gz.lock",
        "a.tar.gz",
        "folder",
    ]


def test_unpacking_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    archive = archive_of(tmp_path / "a.tar.gz", ["folder/one", "folder/two"])

    def full(self, member, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tarfile.TarFile, "makefile", full)
    with pytest.raises(OSError, match="No space left"):
        download.unpack(archive, tmp_path / "folder")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".a.tar.gz.lock", "a.tar.gz"]


def test_unpacking_after_a_killed_one_starts_over(tmp_path):
    archive = archive_of(tmp_path / "a.tar.gz", ["folder/one"])
    (tmp_path / ".folder.part" / "folder").mkdir(parents=True)
    (tmp_path / ".folder.part" / "folder" / "half").write_text("")
    download.unpack(archive, tmp_path / "folder")
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["one"]


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python has no filter")
def test_unpacking_never_writes_outside_the_folder(tmp_path):
    archive = archive_of(tmp_path / "data.tar.gz", ["folder/one", "../../outside"])
    with pytest.raises(tarfile.OutsideDestinationError):
        download.unpack(archive, tmp_path / "folder")
    assert not (tmp_path.parent / "outside").exists()
    assert not (tmp_path / "folder").exists()


def test_headers_that_never_end_are_not_waited_for(host, path):
    with pytest.raises(ConnectionError, match="no answer within 0.3 s"):
        fetch(host, ["headers"], path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_place_of_the_unfinished_file_is_not_opened(host, path):
    path.parent.mkdir()
    os.mkfifo(path.with_name("file.bin.part"))
    with pytest.raises(OSError, match="file.bin.part is not a file"):
        fetch(host, ["good"], path)
