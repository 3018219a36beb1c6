"""How all figures look, and how notebooks show them: with an alt text."""

import matplotlib.pyplot as plt
from matplotlib import font_manager

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


def use_style():
    """Sets the course's style for all figures: color-blind safe, readable when projected.

    Characters that the usual font lacks come from a Korean font, where one is installed.
    """
    plt.style.use(["petroff10", STYLE])
    known = set(font_manager.get_font_names())
    korean = [name for name in KOREAN_FONTS if name in known][:1]
    plt.rcParams["font.family"] = ["DejaVu Sans", *korean]


def show(fig, alt):
    """Shows a figure with its alt text, and closes it. Raises ValueError without a text."""
    from IPython.display import display

    if not alt or not alt.strip():
        raise ValueError("say in a sentence what the figure shows: show(fig, alt='…')")
    display(fig, metadata={"image/png": {"alt": alt}})
    plt.close(fig)
