"""Extension: links to files of the course that are not pages of the site.

They lead to the repository, if pyproject.toml names its address; otherwise their text is shown
without a link.
"""

import posixpath
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform

COURSE = Path(__file__).parent.parent


def address(repository, page, target):
    """Where a link leads that stands in a page, such as ("docs/results", "../results/").

    Returns None if the course has no such file or folder, and "" if the repository has no address.
    """
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
    if path.startswith("..") or not (COURSE / path).exists():
        return None
    kind = "tree" if (COURSE / path).is_dir() else "blob"
    return repository and f"{repository}/{kind}/main/{path}"


class LinksElsewhere(SphinxPostTransform):
    """Resolves these links before MyST would warn that there are no such pages."""

    default_priority = 8

    def run(self, **kwargs):
        for node in list(self.document.findall(pending_xref)):
            if node["reftype"] != "myst" or node["refdomain"] or "/" not in node["reftarget"]:
                continue
            found = address(self.config.repository, node["refdoc"], node["reftarget"])
            if found:
                link = nodes.reference("", "", *node.children, refuri=found, internal=False)
                node.replace_self(link)
            elif found == "":
                node.replace_self(node.children)


def setup(app):
    app.add_config_value("repository", "", "env")
    app.add_post_transform(LinksElsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
