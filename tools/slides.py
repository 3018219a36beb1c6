"""Write slides of every notebook: what `make slides` calls.

dist/slides/NN_name.html is a presentation of about twelve slides: the title, what one learns, the
core sections, an exercise and the recap. A slide has one sentence and one exhibit of its section;
the speaker notes hold the section's prose. What the pages need lies beside them, so that they work
without a network.
"""

import argparse
import base64
import mimetypes
import re
import shutil
import sys
from pathlib import Path

import jinja2
import nbformat
from course_notebooks import course_notebooks
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from npm_assets import NpmPackage, npm_files
from pygments.formatters import HtmlFormatter
from slide_choice import guide_for, notebook_slides
from slide_sizes import list_size, room_below, table_that_fits, type_size

COURSE = Path(__file__).parent.parent
TEMPLATE = Path(__file__).parent / "slides_template"
REVEAL = NpmPackage(
    "reveal.js",
    "5.2.1",
    "sha512-r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBDhdRhJaFgfQ7zNQ==",
    (
        "LICENSE", "dist/reveal.js", "dist/reset.css", "dist/reveal.css", "plugin/notes/notes.js",
        "dist/theme/fonts/source-sans-pro/*.css", "dist/theme/fonts/source-sans-pro/*.woff",
        "dist/theme/fonts/source-sans-pro/LICENSE",
    ),
)  # fmt: skip
MATHJAX = NpmPackage(
    "mathjax",
    "3.2.2",
    "sha512-Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
    ("LICENSE", "es5/tex-svg-full.js"),
)


def exhibit_html(slide, folder):
    """A slide's exhibit as HTML; `folder` is where the notebook is, for its figures."""
    block, text, room = slide.exhibit, slide.exhibit.text, room_below(slide.sentence)
    if block.kind == "figure":
        return Markup('<img src="{}" alt="{}">').format(image_url(text, folder), block.alt)
    if block.kind == "output":
        printed = Markup("<pre><samp>{}</samp></pre>").format(text)
        return in_size(type_size(text, room), printed)
    if block.kind == "code":
        return in_size(type_size(text, room), html(f"```python\n{text}\n```"))
    if block.kind == "table":
        table, left, size = table_that_fits(text, room)
        more = html(f"… and {left} more in the notebook") if left else ""
        return in_size(size, html(table) + more)
    if block.kind == "formula":
        return html(text if "\\begin" in text else text.replace("\\qquad", "$$\n\n$$"))
    return in_size(list_size(text, room), html(text))


def in_size(size, content):
    return Markup('<div style="font-size: {}px">{}</div>').format(size, content)


def image_url(address, folder):
    """A figure's data as an address, which needs no other file."""
    if address.startswith("data:"):
        return address
    kind = mimetypes.guess_type(address)[0]
    return f"data:{kind};base64," + base64.b64encode((folder / address).read_bytes()).decode()


def html(markdown):
    """Markdown as HTML; a number and its percent sign stay on one line."""
    return Markup(markdown2html_mistune(re.sub(r"(?<=\d) %", "\u00a0%", markdown)))


def inline(markdown):
    """A line of Markdown as HTML, without the paragraph around it."""
    return Markup(re.sub(r"^<p>|</p>$", "", html(markdown).strip()))


def page(title, slides, folder):
    """The presentation as one page of HTML."""
    loader = jinja2.FileSystemLoader(TEMPLATE)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters |= {"html": html, "inline": inline}
    environment.globals["exhibit"] = lambda slide: exhibit_html(slide, folder)
    return environment.get_template("slides.html.j2").render(title=title, slides=slides)


def write_assets(out):
    """Writes what all presentations need into the folder `out`."""
    for package in (REVEAL, MATHJAX):
        shutil.copytree(npm_files(package), out / package.name, dirs_exist_ok=True)
    highlighting = HtmlFormatter(style="default").get_style_defs(".highlight")
    own = (TEMPLATE / "slides.css").read_text(encoding="utf-8")
    (out / "slides.css").write_text(f"{own}{highlighting}\n", encoding="utf-8", newline="\n")


def write_slides(out, course=COURSE):
    """Writes a presentation for each notebook into the folder `out`; returns their paths."""
    write_assets(out / "assets")
    teaching = (course / "docs" / "teaching" / "notebooks.md").read_text(encoding="utf-8")
    paths = []
    for source in course_notebooks(course):
        notebook = nbformat.read(source, as_version=4)
        slides = notebook_slides(notebook, guide_for(source.stem[:2], teaching))
        paths.append(out / f"{source.stem}.html")
        paths[-1].write_text(
            page(slides[0].heading, slides, source.parent), encoding="utf-8", newline="\n"
        )
        print(f"{paths[-1].name}: {len(slides)} slides")
    return paths


def main():
    out = COURSE / "dist" / "slides"
    shutil.rmtree(out, ignore_errors=True)
    try:
        write_slides(out)
    except (RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    sys.exit(main())
