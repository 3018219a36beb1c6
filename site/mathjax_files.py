"""Extension: MathJax and its fonts come with the site, from the package sphinx-mathjax-offline."""

import shutil
from importlib.util import find_spec
from pathlib import Path

SCRIPT = "tex-chtml.js"
FONTS = "output/chtml/fonts/woff-v2"


def copy_mathjax(app, exception):
    """Sphinx's event build-finished: copies the one script that pages load, and its fonts."""
    if exception:
        return
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    out = Path(app.outdir) / "_static" / "mathjax"
    shutil.copytree(package / FONTS, out / FONTS, dirs_exist_ok=True)
    shutil.copy(package / SCRIPT, out)


def setup(app):
    app.config.mathjax_path = f"mathjax/{SCRIPT}"
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
