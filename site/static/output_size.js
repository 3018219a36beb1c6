"use strict";

// The output-size explorer. tests/site/test_explorer.py compares `outputSize` with the library's
// output_size. Drawn is one row of the image, once for each window along it.

/** Side of a layer's output, or null if a window does not fit; `ceilMode` as in torch. */
function outputSize(size, kernelSize, stride, padding, dilation, ceilMode) {
  const window = dilation * (kernelSize - 1) + 1;
  const room = size + 2 * padding - window; // the pixels that the window can travel
  if (room < 0 && !(ceilMode && room > -stride)) return null;
  let steps = ceilMode ? Math.ceil(room / stride) : Math.floor(room / stride);
  if (ceilMode && steps * stride >= size + padding) steps -= 1;
  return steps + 1;
}

/** The sentence below the sliders: the formula with its numbers, and what no window reads. */
function sentence(layer, count) {
  const { size, kernel_size: kernel, stride, padding, dilation, ceil_mode: ceil } = layer;
  const window = dilation * (kernel - 1) + 1;
  const wide = size + 2 * padding;
  if (count === null) {
    return `A window of ${window} pixels does not fit into ${wide}: take a larger image, ` +
      "more padding or a smaller kernel.";
  }
  const [left, right] = ceil ? "⌈⌉" : "⌊⌋";
  const room = wide - window;
  const exact = Number((room / stride).toFixed(2));
  const most = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  const image = padding ? `${size} + 2·${padding}` : `${size}`;
  let words = `${left}(${image} − ${window}) / ${stride}${right} + 1 = ` +
    `${left}${exact}${right} + 1 = ${most}`;
  if (count < most) words += `, but one window would start beyond the image: ${count}`;
  const over = (count - 1) * stride + window - wide;
  if (over > 0) words += `. The last window extends ${over} beyond the edge`;
  if (over < 0) words += `. After the last window, ${-over} ${over < -1 ? "pixels are" : "pixel is"} left`;
  return `${words}.`;
}

/** The drawing as the inside of an SVG of 1000 × 340: a line for each window. */
function drawing(layer, count) {
  const { size, kernel_size: kernel, stride, padding, dilation } = layer;
  const window = dilation * (kernel - 1) + 1;
  const wide = Math.max(size + 2 * padding, (count - 1) * stride + window);
  const [x, y] = [(pixels) => (pixels * 1000) / wide, (lines) => (lines * 340) / count];
  const box = (kind, first, pixels, line, lines) =>
    `<rect class="${kind}" x="${x(first)}" y="${y(line)}" width="${x(pixels)}" height="${y(lines)}"/>`;
  const parts = [box("image", padding, size, 0, count)];
  parts.unshift(box("pad", 0, wide, 0, count));
  for (let number = 0; number < count; number += 1) {
    // Without dilation the pixels of a window touch, and one rectangle is enough.
    const [pieces, pixels] = dilation > 1 ? [kernel, 1] : [1, kernel];
    for (let piece = 0; piece < pieces; piece += 1) {
      parts.push(box("window", number * stride + piece * dilation, pixels, number, 1));
    }
  }
  for (let pixel = 1; pixel < wide && wide <= 100; pixel += 1) {
    parts.push(`<path class="line" d="M${x(pixel)} 0V340"/>`);
  }
  for (let line = 1; line < count && count <= 40; line += 1) {
    parts.push(`<path class="line" d="M0 ${y(line)}H1000"/>`);
  }
  return parts.join("");
}

/** Makes the explorer in `box` answer to its controls. */
function start(box) {
  const inputs = [...box.querySelectorAll("input")];
  const redraw = () => {
    const layer = {};
    for (const input of inputs) {
      layer[input.name] = input.type === "checkbox" ? input.checked : Number(input.value);
      if (input.type === "range") input.nextElementSibling.value = input.value;
    }
    const { size, kernel_size: kernel, stride, padding, dilation, ceil_mode: ceil } = layer;
    const count = outputSize(size, kernel, stride, padding, dilation, ceil);
    const words = sentence(layer, count);
    box.querySelector("[data-words]").textContent = words;
    box.querySelector("[data-output]").textContent = count === null ? "–" : `${count}×${count}`;
    const svg = box.querySelector("svg");
    svg.setAttribute("aria-label", `One row of the image, drawn once for each window. ${words}`);
    svg.innerHTML = count === null ? "" : drawing(layer, count);
  };
  box.addEventListener("input", redraw);
  for (const button of box.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      const values = button.dataset.layer.split(" ");
      inputs.filter((input) => input.type === "range").forEach((input, place) => {
        input.value = values[place];
      });
      redraw();
    });
  }
  box.hidden = false;
  redraw();
}

if (typeof document === "undefined") {
  module.exports = { outputSize, sentence };
} else {
  document.querySelectorAll("[data-explorer='output-size']").forEach(start);
}
