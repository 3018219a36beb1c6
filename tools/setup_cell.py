# Set-up: the same cell in every notebook. On Colab it fetches the course once.
# @title Set-up: run this cell first. On Colab it fetches the course, once.
import os
import sys

REPOSITORY = ""  # the course's address, written by tools/address.py; Colab is asked first


def fetch_course():
    """Brings the folder alexnet_course to Colab, from where this notebook was opened."""
    import json
    import re
    import shutil
    import subprocess
    import zipfile
    from urllib.parse import unquote

    new, upload, failures = f"alexnet_course.{os.getpid()}.part", "alexnet_course.zip", []
    address = (
        r"(?:fileId=|['\"])https://(?:github\.com|colab\.research\.google\.com/github)/"
        r"([A-Za-z\d][A-Za-z\d-]*/(?!\.)[A-Za-z\d._-]+)(?=['\"/?#&])(?:/(?:blob|tree)/([^\s'\"]+))?"
    )

    def run(*words):
        options = dict(capture_output=True, text=True, check=True, timeout=600)
        silent = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        return subprocess.run(words, env=silent, **options).stdout

    def sessions():
        """What is open, of this kernel if it is known: fileId=https%3A%2F%2Fgithub.com%2F…"""
        url = "http://{COLAB_JUPYTER_IP}:{KMP_TARGET_PORT}/api/sessions".format_map(os.environ)
        told = run("curl", "--silent", "--fail", "--max-time", "5", "--noproxy", "*", url)
        found = [str(session) for session in json.loads(told)]
        kernel = re.search(r"kernel-([\w-]+)\.json", " ".join(sys.argv))
        return "\n".join([one for one in found if kernel and kernel[1] in one] or found)

    def provenance():
        """What a copy in Drive was copied from: [{"file_id": "https://github.com/…"}]"""
        from google.colab import _message

        reply = _message.blocking_request("get_ipynb", timeout_sec=10)
        return str(reply["ipynb"]["metadata"]["colab"]["provenance"])

    def answer():
        print("".join(f"{failure}\n" for failure in failures), end="")
        return repr(input("The course's address, https://github.com/OWNER/NAME: ").strip())

    def clones(ask):
        """A call of clone for each repository that the answer names; none where asking fails."""
        try:
            text = ask()
        except Exception:  # Colab documents none of this, and not every notebook has a reader
            return []
        while text != unquote(text):
            text = unquote(text)
        return [(clone, *found) for found in dict.fromkeys(re.findall(address, text))]

    def clone(name, path):
        """Fetches the branch, tag or commit that the path begins with, else the default branch."""
        url = "https://github.com/" + name.removesuffix(".git")
        parts, known = path.split("/"), run("git", "ls-remote", url).split()
        starts = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        refs = [f"refs/{kind}/{start}" for start in starts for kind in ("heads", "tags")]
        refs = [ref for ref in refs if ref in known] + re.findall(r"^[\da-f]{40}(?=/)", path)
        run("git", "init", "--quiet", new)
        run("git", "-C", new, "remote", "add", "origin", url)
        run("git", "-C", new, "fetch", "--depth=1", "origin", *(refs or ["HEAD"])[:1])
        run("git", "-C", new, "checkout", "--quiet", "FETCH_HEAD")

    def unpack():
        with zipfile.ZipFile(upload) as file:
            if any(re.search(r"^[/\\]|:|(^|[/\\])\.\.([/\\]|$)", name) for name in file.namelist()):
                raise ValueError("it has paths that lead out of its folder")
            file.extractall(new)

    def ways():
        yield from clones(sessions)
        yield from clones(provenance)
        yield from [(unpack,)] if os.path.exists(upload) else []
        yield from clones(lambda: repr(REPOSITORY))
        yield from clones(answer)

    def works(get, *what):
        """Whether the course is here now. If not, the reason is kept."""
        shutil.rmtree(new, ignore_errors=True)
        try:
            get(*what)
            found = [folder for folder, names, _ in os.walk(new) if "alexnet_lib" in names]
            if not found:
                raise ValueError("it does not hold the course")
            os.rename(found[0], "alexnet_course")
        except Exception as error:
            words = str(getattr(error, "stderr", None) or error).strip().split("\n")[-1]
            source = f"https://github.com/{what[0]}" if what else upload
            failures.append(f"{source} could not be used: {words}.")
        shutil.rmtree(new, ignore_errors=True)
        return os.path.exists("alexnet_course")

    if not any(works(*way) for way in ways()):
        advice = f"Answer with its address, or upload it as {upload} (Files, on the left),"
        why = [*failures[-1:], "The course is not here.", advice, "and run this cell again."]
        sys.exit(" ".join(why))


if "google.colab" in sys.modules and not os.path.exists("../alexnet_lib"):
    if not os.path.exists("alexnet_course"):
        fetch_course()
    os.chdir("alexnet_course/notebooks")
    sys.path.insert(0, os.path.abspath(".."))

from alexnet_lib.course.setup import setup

course = setup()
