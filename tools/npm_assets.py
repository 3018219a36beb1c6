"""Files of npm packages that built pages bring along, so that a browser asks nobody for them.

Each package is pinned by its version and by npm's own checksum of its archive, the `integrity` of
a package-lock.json. `npm pack` fetches the archive; nothing of it is run.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

CACHE = Path(__file__).parent.parent / "dist" / "npm"


@dataclass(frozen=True)
class NpmPackage:
    """One version of a package, and which of its files are wanted.

    integrity   "sha512-" and the checksum of the archive in base64
    files       patterns of paths inside the package, such as "dist/*.css"; * matches / as well
    """

    name: str
    version: str
    integrity: str
    files: tuple[str, ...]


def npm_files(package, cache=CACHE):
    """The folder with a package's wanted files, at their paths in it; fetched the first time.

    Raises RuntimeError where npm is missing or cannot fetch the package, ValueError where the
    archive has another checksum, or no file of one of the patterns.
    """
    wanted = hashlib.sha256(repr(package).encode()).hexdigest()[:12]
    folder = cache / f"{package.name.replace('/', '+')}-{package.version}-{wanted}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as place:
            archive = pack(package, Path(place))
            check_integrity(package, archive)
            unpack_files(package, archive, Path(place) / "files")
            try:
                os.replace(Path(place) / "files", folder)  # all of it, or nothing
            except OSError:
                if not folder.is_dir():  # else another process was first
                    raise
    return folder


def pack(package, folder):
    """Fetches a package's archive into an empty folder by `npm pack`. RuntimeError if it fails."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"npm is needed once, to fetch {package.name}: install Node.js")
    # npm keeps nothing in the home folder.
    done = subprocess.run(
        [npm, "pack", f"{package.name}@{package.version}", "--loglevel=error", "--ignore-scripts",
         "--cache", str(folder / "cache")],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        reason = (done.stderr or done.stdout).strip() or f"npm ended with {done.returncode}"
        raise RuntimeError(f"npm could not fetch {package.name} {package.version}: {reason}")
    return archives[0]


def check_integrity(package, archive):
    """ValueError unless the archive has the checksum that the package is pinned to."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise ValueError(
            f"{package.name} {package.version}: the archive's checksum is {found}, "
            f"expected {package.integrity}"
        )


def unpack_files(package, archive, folder):
    """Writes the wanted files of an archive into a folder. ValueError if a pattern finds none."""
    unused = set(package.files)
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            path = member.name.partition("/")[2]  # npm's archives hold one folder
            matching = {pattern for pattern in package.files if fnmatch(path, pattern)}
            if member.isfile() and matching and ".." not in path.split("/"):
                unused -= matching
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(member).read())
    if unused:
        raise ValueError(f"{package.name} {package.version} has no file {sorted(unused)}")
