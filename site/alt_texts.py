"""Extension: figures of notebooks keep the alt text that `show` stored with them."""

from myst_nb.core.render import NbElementRenderer

RENDER = NbElementRenderer.render_image


def render_with_alt(renderer, data):
    """The image of an output, as myst-nb renders it, with its alt text.

    myst-nb takes over only the width and the height from the metadata of an output.
    """
    images = RENDER(renderer, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt")
    for image in images if alt else ():
        image["alt"] = alt
    return images


def setup(app):
    NbElementRenderer.render_image = render_with_alt
    return {"parallel_read_safe": True, "parallel_write_safe": True}
