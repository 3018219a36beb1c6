"""Files of npm packages arrive only with the checksum that they are pinned to."""

import base64
import hashlib
import io
import re
import tarfile

import npm_assets
import pytest
from npm_assets import NpmPackage, npm_files


def archive(files):
    """A package's archive, and its checksum as npm writes it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    content = stream.getvalue()
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return content, f"sha512-{digest}"


@pytest.fixture
def registry(monkeypatch):
    """Stands in for npm: serves one archive, and counts how often."""
    files = {"a.js": "1", "dist/b.css": "2", "dist/deep/c.css": "3", "../evil.css": "4"}
    content, integrity = archive(files)
    calls = []

    def serve(package, folder):
        calls.append(package.name)
        path = folder / "package.tgz"
        path.write_bytes(content)
        return path

    monkeypatch.setattr(npm_assets, "pack", serve)
    return integrity, calls


def paths(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_wanted_files_are_fetched_once(registry, tmp_path):
    integrity, calls = registry
    package = NpmPackage("@scope/name", "1.0.0", integrity, ("a.js", "*.css"))
    folder = npm_files(package, tmp_path / "cache")
    assert paths(folder) == ["a.js", "dist/b.css", "dist/deep/c.css"]
    assert (folder / "a.js").read_text() == "1"
    assert npm_files(package, tmp_path / "cache") == folder and calls == ["@scope/name"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [folder.name]


def test_what_another_process_fetches_meanwhile_is_taken(registry, tmp_path, monkeypatch):
    package, unpack = NpmPackage("name", "1.0.0", registry[0], ("a.js",)), npm_assets.unpack_files

    def unpack_late(*given):
        monkeypatch.setattr(npm_assets, "unpack_files", unpack)
        npm_files(package, tmp_path)
        unpack(*given)

    monkeypatch.setattr(npm_assets, "unpack_files", unpack_late)
    assert paths(npm_files(package, tmp_path)) == ["a.js"] and len(registry[1]) == 2


def test_a_fetch_that_is_interrupted_at_its_end_leaves_nothing(registry, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    for name in ("copy2", "copyfile"):
        monkeypatch.setattr(npm_assets.shutil, name, interrupt)
    monkeypatch.setattr(npm_assets.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        npm_files(NpmPackage("name", "1.0.0", registry[0], ("a.js",)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_checksum_is_refused_and_nothing_is_kept(registry, tmp_path):
    package = NpmPackage("name", "1.0.0", "sha512-other", ("a.js",))
    with pytest.raises(ValueError, match=re.escape(f"checksum is {registry[0]}, expected sha512-")):
        npm_files(package, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_pattern_without_a_file_is_an_error(registry, tmp_path):
    package = NpmPackage("name", "1.0.0", registry[0], ("a.js", "b.css"))
    with pytest.raises(ValueError, match=r"name 1.0.0 has no file \['b.css'\]"):
        npm_files(package, tmp_path)


def test_without_npm_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(npm_assets.shutil, "which", lambda _: None)
    with pytest.raises(RuntimeError, match="npm is needed once, to fetch name: install Node.js"):
        npm_files(NpmPackage("name", "1.0.0", "sha512-", ()), tmp_path)


@pytest.mark.skipif(npm_assets.shutil.which("npm") is None, reason="npm is not installed")
def test_what_npm_says_of_a_failure_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(RuntimeError, match="npm could not fetch name 1.0.0: .*(127.0.0.1|REFUSED)"):
        npm_files(NpmPackage("name", "1.0.0", "sha512-", ()), tmp_path)
