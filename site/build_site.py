"""Build the web edition of the course in dist/site: what `make site` calls.

A warning of Sphinx, such as one about a link that leads nowhere, fails the build; dist/site is then
left as it was.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from sources import COURSE, write_sources
from sphinx.cmd.build import build_main


def build(out, course=COURSE):
    """Builds the site and puts it in the place of the folder `out`. Returns an exit code."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".site-") as place:
        source, html, doctrees = (Path(place) / name for name in ("source", "html", "doctrees"))
        write_sources(source, course)
        failed = build_main([
            "-q", "-W", "--keep-going", "-b", "html", "-c", str(Path(__file__).parent),
            "-d", str(doctrees), str(source), str(html),
        ])  # fmt: skip
        if failed:
            return failed
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(html, out)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=COURSE / "dist" / "site")
    out = parser.parse_args().out
    failed = build(out)
    if not failed:
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        print(f"{out}: {len(list(out.rglob('*.html')))} pages, {size / 1e6:.0f} MB")
    return failed


if __name__ == "__main__":
    sys.exit(main())
