"""Sphinx's settings for the web edition; `make site` calls it through build_site.py."""

import sys
from pathlib import Path

SITE = Path(__file__).parent
COURSE = SITE.parent
sys.path[:0] = [str(SITE), str(COURSE), str(COURSE / "tools")]  # extensions, the library, address
import address  # noqa: E402

repository = address.repository(COURSE)

project = "AlexNet, hands on"
author = "the authors of the course"
language = "en"
smartquotes = False  # text as it is in the notebooks
extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.githubpages",
    "alt_texts", "docstrings", "elsewhere", "mathjax_files",
]  # fmt: skip
suppress_warnings = ["myst.header"]  # the glossary has a level of headings less
exclude_patterns = ["README.md"]  # the front page includes a part of it

# Notebooks: the stored outputs, nothing is run.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"  # outputs that are Markdown have tables and formulas
nb_merge_streams = True
nb_code_prompt_show = "Show the hidden cell"  # the set-up cell, the same everywhere
nb_code_prompt_hide = "Hide the cell"

# Markdown as JupyterLab and GitHub read it: formulas, and no syntax that is MyST's alone.
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_disable_syntax = ["myst_block_break", "myst_line_comment", "myst_role", "myst_target"]
myst_heading_anchors = 4

autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # those of torch
autodoc_preserve_defaults = True
add_module_names = False
toc_object_entries = False  # contents of a page: its modules; copying more is slow
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sourcelink = False
html_use_index = html_domain_indices = False  # there is the search
html_show_search_summary = False  # it would show what is folded, and fails without a server
html_show_copyright = False  # the front page names the licenses
html_permalinks_icon = "#"
