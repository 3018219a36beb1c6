"""Explorers: a figure with sliders that is drawn again at each move."""

import base64
import gc
import io
from importlib import import_module

from IPython.display import display
from matplotlib.figure import Figure

from alexnet_lib.base.text import html_text

# The course's explorers: {name: ("module:function" that draws, inches, controls)}.
EXPLORERS = {
    "windows": (
        "alexnet_lib.figures.windows:draw_windows",
        (10, 4.4),
        {
            "size": (1, 31, 24),
            "kernel_size": (1, 11, 11),
            "stride": (1, 5, 4),
            "padding": (0, 5, 0),
            "dilation": (1, 3, 1),
            "ceil_mode": False,
        },
    ),
    "augmented": (
        "alexnet_lib.figures.augmentation:draw_augmented",
        (10, 4.4),
        {
            "pad": (0, 8, 4),
            "crop": (0.25, 1.0, 1.0, 0.125),
            "flip": False,
            "color": (0.0, 1.0, 0.1),
            "seed": (0, 20, 0),
        },
    ),
    "inhibition": (
        "alexnet_lib.figures.lrn_response:draw_lrn_response",
        (10, 5),
        {
            "n": (1, 15, 5),
            "alpha": [1e-4, 0.0, 1e-5, 2e-5, 1e-3, 1e-2],
            "beta": (0.0, 1.5, 0.75, 0.05),
            "k": (0.5, 5.0, 2.0, 0.5),
        },
    ),
    "signals": (
        "alexnet_lib.figures.signals:draw_signals",
        (10, 4.4),
        {
            "weight_std": (0.01, 0.16, 0.01, 0.002),
            "bias": (-1.0, 1.0, 0.0, 0.25),
            "activation": ["relu", "tanh", "none"],
        },
    ),
}

# ipywidgets gives a slider's handle no name, and JupyterLab takes the arrow keys away from a menu.
# This script mends both, in viewers that run scripts in a notebook's output.
ACCESS = """<script>
(() => {
  const box = document.currentScript.closest(".alexnet-explorer");
  const mend = () => {
    for (const handle of box.querySelectorAll(".noUi-handle")) {
      const name = handle.closest(".widget-hbox").querySelector("label");
      if (name) handle.setAttribute("aria-label", name.textContent);
    }
    for (const menu of box.querySelectorAll("select"))
      menu.setAttribute("data-lm-suppress-shortcuts", "true");
  };
  if (box) new MutationObserver(mend).observe(box, { childList: true, subtree: true });
  if (box) mend();
})();
</script>"""


def explore(draw, figsize=(9, 4.5), **controls):
    """Shows a figure, and a control for each value that it depends on.

    draw      the name of one of EXPLORERS, and nothing else; or a function of a matplotlib figure,
              which it fills, and of the values by name; it returns a sentence that says what the
              figure shows. Where it raises ValueError, the reader sees the message and the last
              figure stays
    figsize   of the figure, in inches
    controls  name=(low, high, start) makes a slider, of whole numbers or of floats, with a field
              for the number;
              name=(low, high, start, step) sets its step; name=True or False makes a
              checkbox; name=[...] a menu, which starts at its first entry

    Works with ipywidgets 7.7 and 8. Without a kernel the figure stays as it was stored.
    """
    import ipywidgets  # here: it takes long, and notebooks without sliders do not need it

    box, picture, words = explorer_box(draw, figsize, **controls)
    script = {"output_type": "display_data", "data": {"text/html": ACCESS}, "metadata": {}}
    script = ipywidgets.Output(outputs=(script,), layout=ipywidgets.Layout(display="none"))
    whole = ipywidgets.VBox([box, script])
    whole.add_class("alexnet-explorer")
    view = {"version_major": 2, "version_minor": 0, "model_id": whole.model_id}
    bundle = {
        "application/vnd.jupyter.widget-view+json": view,
        # For viewers that run no widgets.
        "image/png": base64.b64encode(picture.value).decode(),
        "text/plain": words.value,
    }
    display(bundle, metadata={"image/png": {"alt": words.value}}, raw=True)


def explorer_box(draw, figsize=(9, 4.5), **controls):
    """What `explore` shows: a box with the controls, the sentence, and the figure below them.

    Controls are in two columns and the sentence is above the figure, so that all of it, and an
    error message too, is seen at once on a projected page. Returns the box, the figure (an Image
    widget) and the sentence (an HTML widget).
    """
    import ipywidgets

    if isinstance(draw, str):
        draw, figsize, controls = _explorer(draw)
    lines = ipywidgets.Layout(width="100%", min_height="56px")  # two, or the figure would jump
    picture, words = ipywidgets.Image(format="png"), ipywidgets.HTML(layout=lines)
    parts = [_control(name, control) for name, control in controls.items()]
    inputs = dict(zip(controls, values_of(parts), strict=True))

    def redraw():
        figure = Figure(figsize=figsize)  # quicker than clearing an old one
        sentence = draw(figure, **{name: control.value for name, control in inputs.items()})
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=90, pil_kwargs={"compress_level": 1})
        picture.value, words.value = buffer.getvalue(), sentence

    def moved(_):
        try:
            redraw()
        except ValueError as error:
            words.value = (
                f"✗ {html_text(error, 400)}<br>The figure still shows the previous values."
            )
        gc.collect(1)  # the old figure, at once: collected later, it delays a move by 0.2 s

    redraw()
    for control in inputs.values():
        control.observe(moved, "value")
    wrapped = ipywidgets.Layout(flex_flow="row wrap", max_width="920px")
    return ipywidgets.Box([*parts, words, picture], layout=wrapped), picture, words


def values_of(parts):
    """The sliders, checkboxes and menus among the first widgets of an explorer's box."""
    return [part.children[-1] if hasattr(part, "children") else part for part in parts]


def _explorer(name):
    """One of EXPLORERS as what `explore` takes: its function, inches and controls."""
    if name not in EXPLORERS:
        raise ValueError(f"explorer {name!r} is unknown; take one of {', '.join(EXPLORERS)}")
    place, figsize, controls = EXPLORERS[name]
    module, function = place.split(":")
    return getattr(import_module(module), function), figsize, controls


def _control(name, control):
    """The widgets for one value, from the short forms that `explore` takes.

    A slider comes in a box behind a field with the same value. The field has the name, which a
    screen reader reads out: ipywidgets ties no name to a slider, nor to its own readout.
    """
    import ipywidgets

    look = {"description": name.replace("_", " "), "style": {"description_width": "110px"}}
    wide = ipywidgets.Layout(width="400px")  # two columns
    if isinstance(control, bool):
        return ipywidgets.Checkbox(control, **look, layout=wide)
    if isinstance(control, list):
        return ipywidgets.Dropdown(options=control, value=control[0], **look, layout=wide)
    low, high, start = control[:3]
    whole = all(isinstance(value, int) for value in control)
    step = control[3] if len(control) == 4 else 1 if whole else (high - low) / 20
    kind = "Int" if whole else "Float"
    slider = getattr(ipywidgets, f"{kind}Slider")
    field = getattr(ipywidgets, f"Bounded{kind}Text")
    limits = {"value": start, "min": low, "max": high, "step": step}
    slider = slider(**limits, readout=False, layout=ipywidgets.Layout(width="190px"))
    field = field(**limits, **look, layout=ipywidgets.Layout(width="200px"))
    rounded = (lambda value: round(value, 6), lambda value: value)  # 0.3, not 0.30000000000000004
    ipywidgets.link((slider, "value"), (field, "value"), transform=rounded)
    return ipywidgets.HBox([field, slider], layout=wide)
