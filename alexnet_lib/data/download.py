"""Download one large file from the first mirror that serves all of it, and unpack it.

Here instead of a library, because a class may share a slow network: a download that breaks off is
resumed, by another mirror if need be, and a mirror that is too slow is left.
"""

import contextlib
import hashlib
import http.client
import os
import queue
import shutil
import tarfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from filelock import FileLock, Timeout
from tqdm.auto import tqdm

from alexnet_lib.base.notes import note

SLOWEST = 20_000  # bytes per second; a mirror below it counts as stalled
BLOCK = 1 << 16  # bytes read at once
AGENT = {"User-Agent": "alexnet-course"}  # some hosts refuse Python's default


class MirrorError(Exception):
    """A mirror does not serve the file: the next one is tried."""


def download(urls, path, size, md5, patience=4.0, stall=10.0):
    """Downloads the file `path`, unless it exists with this size and checksum.

    urls       mirrors, tried in this order
    path       a `Path`; the file appears there once it is complete and its checksum is right
    size       in bytes
    md5        checksum in hexadecimal
    patience   seconds; a mirror that does not answer within them is left out
    stall      seconds; a mirror that sends fewer than SLOWEST bytes per second for so long is left

    What has arrived is kept in `path`.part, and a later call resumes there. Several processes may
    call this at the same time. Raises ConnectionError where no mirror serves the file, OSError
    where it cannot be written.
    """
    with _alone(path):
        if not matches(path, size, md5):
            if path.exists():
                note(f"{path} is damaged: it is downloaded again")
            os.replace(_from_mirrors(urls, path, size, md5, patience, stall), path)


def matches(path, size, md5):
    """Whether the file exists with this size in bytes and this checksum."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    checksum = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            checksum.update(block)
    return checksum.hexdigest() == md5


def unpack(archive, folder):
    """Unpacks from a .tar.gz the folder that has the name of `folder`, completely or not at all.

    Does nothing if `folder` exists. Raises OSError where it cannot be written.
    """
    with _alone(archive):
        if folder.is_dir():
            return
        unfinished = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            size = archive.stat().st_size
            bar = {"total": size, "desc": "unpacking", "unit": "B", "unit_scale": True, "delay": 2}
            with open(archive, "rb") as file, tqdm.wrapattr(file, "read", **bar) as stream:
                with tarfile.open(fileobj=stream, mode="r|gz") as tar:
                    # The "data" filter is not in the first releases of Python 3.10 and 3.11.
                    tar.extraction_filter = getattr(tarfile, "data_filter", None)
                    tar.extractall(unfinished)
            os.replace(unfinished / folder.name, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


@contextlib.contextmanager
def _alone(path):
    """Holds a lock file beside `path`; an OSError says what to do where nothing can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            lock.acquire(timeout=1)
        except Timeout:
            note(f"another process is fetching {path}: waiting for it")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
    except ConnectionError:
        raise
    except OSError as error:
        raise OSError(
            f"cannot write to {str(path.parent)!r}: {error.strerror or error}\n"
            f"make room there, or set ALEXNET_DATA to a folder that can be written"
        ) from error


def _from_mirrors(urls, path, size, md5, patience, stall):
    """The part file, complete and checked, from the first mirror that serves it."""
    part = path.with_name(path.name + ".part")
    if part.exists() and not part.is_file():
        raise OSError(f"{part.name} is not a file")
    answering, problems = _answering(urls, patience)
    while answering:
        url = answering.pop(0)
        begun = part.stat().st_size if part.exists() else 0
        try:
            if begun < size:
                _continue(url, part, begun, size, stall)
        except MirrorError as error:
            problems[url] = error
            continue
        if matches(part, size, md5):
            return part
        part.unlink()
        problems[url] = "sent something else"
        if begun:  # the wrong bytes may be from before: try again from the start
            answering.insert(0, url)
    tried = ", ".join(f"{urllib.parse.urlsplit(url).netloc} ({problems[url]})" for url in urls)
    kept = f"; {part.stat().st_size:,} bytes are kept" if part.exists() else ""
    raise ConnectionError(f"{path.name} could not be downloaded{kept}; tried {tried}")


def _answering(urls, patience):
    """The urls whose hosts answer within `patience` seconds, and why the others are left out."""
    answers = queue.Queue()

    def ask(url):
        try:
            request = urllib.request.Request(url, headers=AGENT, method="HEAD")
            urllib.request.urlopen(request, timeout=patience).close()
        except urllib.error.HTTPError:
            pass  # a host that refuses HEAD requests may still serve the file
        except Exception as error:
            answers.put((url, _reason(error)))
            return
        answers.put((url, None))

    # In threads that are not waited for: it may take long to find out that a name is unknown.
    for url in urls:
        threading.Thread(target=ask, args=(url,), daemon=True).start()
    problems = dict.fromkeys(urls, f"no answer within {patience:g} s")
    deadline = time.monotonic() + patience
    for _ in urls:
        try:
            url, problem = answers.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            break
        problems[url] = problem
    return [url for url in urls if problems[url] is None], problems


def _within(seconds, function):
    """function(), or a MirrorError after so many seconds: a host may send its headers for ever."""
    done = queue.Queue()

    def call():
        try:
            done.put((function(), None))
        except (OSError, http.client.HTTPException) as error:
            done.put((None, error))

    threading.Thread(target=call, daemon=True).start()
    try:
        result, error = done.get(timeout=seconds)
    except queue.Empty:
        raise MirrorError(f"no answer within {seconds:g} s") from None
    if error:
        raise MirrorError(_reason(error)) from error
    return result


def _reason(error):
    if isinstance(error, urllib.error.HTTPError):
        return str(error)
    reason = getattr(error, "reason", error)  # URLError wraps the error
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _continue(url, part, begun, size, stall):
    """Appends to `part` from its byte `begun` on, until it has `size` bytes."""
    response = _open(url, begun, size, stall)
    start = begun if response.status == 206 else 0  # a host without ranges sends all of it
    bar = tqdm(total=size, initial=start, unit="B", unit_scale=True, desc=part.stem)
    with response, bar, open(part, "ab" if start else "wb") as file:
        window, came = time.monotonic(), 0
        while file.tell() < size:
            try:
                block = response.read1(BLOCK)
            except (OSError, http.client.HTTPException) as error:
                raise MirrorError(f"broke off: {_reason(error)}") from error
            if not block:
                raise MirrorError(f"broke off after {file.tell():,} bytes")
            file.write(block)
            bar.update(len(block))
            came += len(block)
            if (now := time.monotonic()) - window > stall:
                if came < SLOWEST * stall:
                    raise MirrorError(f"stalled at {came / (now - window):,.0f} bytes per second")
                window, came = now, 0


def _open(url, begun, size, stall):
    """The mirror's response to a request for the bytes from `begun` on."""
    headers = AGENT | ({"Range": f"bytes={begun}-"} if begun else {})
    request = urllib.request.Request(url, headers=headers)
    response = _within(stall, lambda: urllib.request.urlopen(request, timeout=stall))
    expected = f"bytes {begun}-{size - 1}/{size}" if response.status == 206 else str(size)
    name = "Content-Range" if response.status == 206 else "Content-Length"
    if response.headers[name] != expected:
        response.close()
        raise MirrorError(f"serves another file: {name} {response.headers[name]}")
    return response
