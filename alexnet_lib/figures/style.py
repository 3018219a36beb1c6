"""How all figures look, and how notebooks show them: with an alt text."""

import io
import warnings
from base64 import b64encode
from html import escape

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from alexnet_lib.base.text import plain_text, shown

STYLE = {
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2.2,
    "legend.frameon": False,
    "figure.dpi": 90,
}
# For class names in Korean: those of Windows and macOS, and free ones.
KOREAN_FONTS = (
    "Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "NanumGothic", "NanumBarunGothic",
    "Noto Sans KR", "Noto Sans CJK KR", "Noto Sans CJK JP",
)  # fmt: skip

# Hidden from eyes only: in JupyterLab by the class, elsewhere by the style.
SPOKEN = (
    '<p class="jp-sr-only" style="position:absolute;width:1px;height:1px;overflow:hidden;'
    'clip-path:inset(50%)">Figure: {}</p>'
)


def use_style():
    """Sets the course's style for all figures: color-blind safe, readable when projected.

    Characters that the usual font lacks come from a Korean font, where one is installed; where none
    is, they are drawn as boxes, without matplotlib's warning for each of them.
    """
    warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
    plt.style.use(["petroff10", STYLE])
    known = set(font_manager.get_font_names())
    korean = [name for name in KOREAN_FONTS if name in known][:1]
    plt.rcParams["font.family"] = ["DejaVu Sans", *korean]


def show(fig, alt):
    """Shows a figure with its alt text, and closes it.

    Raises ValueError without a text, TypeError for what is no figure of matplotlib.

    A notebook is handed the picture itself, so that matplotlib's backend does not matter, and
    `spoken(alt)` after it. A script gets a window, or the alt text as a line where its backend has
    none.
    """
    from IPython import get_ipython
    from IPython.display import display

    if not isinstance(fig, Figure):
        words = "its figure: show(ax.figure, alt='…')" if isinstance(fig, Axes) else "a figure"
        raise TypeError(f"{shown(fig)} is no figure of matplotlib: give {words}")
    if not alt or not alt.strip():
        raise ValueError("say in a sentence what the figure shows: show(fig, alt='…')")
    alt = plain_text(alt, None)
    if hasattr(get_ipython(), "kernel"):
        bundle = {"image/png": b64encode(_png(fig)).decode(), "text/plain": repr(fig)}
        display(bundle, metadata={"image/png": {"alt": alt}}, raw=True)
        display(spoken(alt), raw=True)
    elif fig.canvas.required_interactive_framework:
        plt.show()
    else:
        print(alt)
    plt.close(fig)


def spoken(alt):
    """An alt text as an output for screen readers: JupyterLab keeps it from its images."""
    return {"text/html": SPOKEN.format(escape(alt))}


def _png(fig):
    """A figure as a PNG file. Lines and text need few colors: a palette takes a third as much."""
    file, small = io.BytesIO(), io.BytesIO()
    fig.savefig(file, format="png", bbox_inches="tight", dpi="figure")
    picture = Image.open(file).convert("RGB")
    if not any(ax.images for ax in fig.axes):
        picture = picture.quantize(dither=Image.Dither.NONE)
    picture.save(small, "png")
    return small.getvalue()
