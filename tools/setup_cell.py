# Set-up: the same cell in every notebook. On Colab it fetches the course once.
# @title Set-up: run this cell first. On Colab it fetches the course, once.
import os
import sys

# The course's address, written by tools/address.py. Colab is asked first.
REPOSITORY = ""


def fetch_course():
    """Brings the folder alexnet_course to Colab, from where this was opened."""
    import json
    import re
    import shutil
    import subprocess
    import zipfile
    from urllib.parse import unquote

    new = f"alexnet_course.{os.getpid()}.part"
    upload, failures = "alexnet_course.zip", []
    address = (
        r"(?:fileId=|['\"])"
        r"https://(?:github\.com|colab\.research\.google\.com/github)/"
        r"([A-Za-z\d][A-Za-z\d-]*/(?!\.)[A-Za-z\d._-]+)(?=['\"/?#&])"
        r"(?:/(?:blob|tree)/([^\s'\"]+))?"
    )

    def run(*words):
        options = dict(capture_output=True, text=True, check=True, timeout=600)
        silent = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        return subprocess.run(words, env=silent, **options).stdout

    def sessions():
        """What is open, of this kernel if it is known.

        fileId=https%3A%2F%2Fgithub.com%2F…
        """
        url = "http://{COLAB_JUPYTER_IP}:{KMP_TARGET_PORT}/api/sessions"
        url = url.format_map(os.environ)
        options = "--silent --fail --max-time 5 --noproxy *".split()
        told = run("curl", *options, url)
        found = [str(session) for session in json.loads(told)]
        kernel = re.search(r"kernel-([\w-]+)\.json", " ".join(sys.argv))
        own = [one for one in found if kernel and kernel[1] in one]
        return "\n".join(own or found)

    def provenance():
        """What a copy in Drive was copied from.

        [{"file_id": "https://github.com/…"}]
        """
        from google.colab import _message

        reply = _message.blocking_request("get_ipynb", timeout_sec=10)
        return str(reply["ipynb"]["metadata"]["colab"]["provenance"])

    def answer():
        print("".join(f"{failure}\n" for failure in failures), end="")
        question = "The course's address, https://github.com/OWNER/NAME: "
        return repr(input(question).strip())

    def clones(ask):
        """A call of clone for each repository that the answer names.

        None where asking fails.
        """
        try:
            text = ask()
        # Colab documents none of this, and not every notebook has a reader.
        except Exception:
            return []
        while text != unquote(text):
            text = unquote(text)
        found = dict.fromkeys(re.findall(address, text))
        return [(clone, *place) for place in found]

    def clone(name, path):
        """Fetches the branch, tag or commit that the path begins with.

        Without one, the default branch.
        """
        url = "https://github.com/" + name.removesuffix(".git")
        parts, known = path.split("/"), run("git", "ls-remote", url).split()
        starts = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        kinds = "heads", "tags"
        refs = [f"refs/{kind}/{start}" for start in starts for kind in kinds]
        refs = [ref for ref in refs if ref in known]
        refs = [*refs, *re.findall(r"^[\da-f]{40}(?=/)", path), "HEAD"]
        run("git", "init", "--quiet", new)
        run("git", "-C", new, "remote", "add", "origin", url)
        run("git", "-C", new, "fetch", "--depth=1", "origin", refs[0])
        run("git", "-C", new, "checkout", "--quiet", "FETCH_HEAD")

    def unpack():
        with zipfile.ZipFile(upload) as file:
            outside = re.compile(r"^[/\\]|:|(^|[/\\])\.\.([/\\]|$)")
            if any(map(outside.search, file.namelist())):
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
            folders = os.walk(new)
            found = [
                place for place, names, _ in folders if "alexnet_lib" in names
            ]
            if not found:
                raise ValueError("it does not hold the course")
            os.rename(found[0], "alexnet_course")
        except Exception as error:
            words = str(getattr(error, "stderr", None) or error).strip()
            words = words.split("\n")[-1]
            source = f"https://github.com/{what[0]}" if what else upload
            failures.append(f"{source} could not be used: {words}.")
        shutil.rmtree(new, ignore_errors=True)
        return os.path.exists("alexnet_course")

    if not any(works(*way) for way in ways()):
        why = [*failures[-1:], "The course is not here."]
        why += [f"Answer with its address, or upload it as {upload}"]
        why += ["(Files, on the left), and run this cell again."]
        sys.exit(" ".join(why))


if "google.colab" in sys.modules and not os.path.exists("../alexnet_lib"):
    if not os.path.exists("alexnet_course"):
        fetch_course()
    os.chdir("alexnet_course/notebooks")
    sys.path.insert(0, os.path.abspath(".."))

from alexnet_lib.course.setup import setup

course = setup()
