// Pictures made of pixels: a titled canvas, how numbers become colours, which pixel the pointer is on.

import { element } from "./dom.js";
import { clamp } from "./numbers.js";

/** A titled picture of `size` × `size` pixels, with a drawing over it in units of pixels and a note under it. */
export function raster(kind, title, size) {
  const canvas = element("canvas", { width: size, height: size, role: "img" });
  const over = element("svg", { class: "over", viewBox: `0 0 ${size} ${size}` });
  const frame = element("div", { class: "frame" }, canvas, over);
  const name = element("p", { class: `title ${kind}` }, title);
  const note = element("p", { class: "note" });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(size, size);
  return {
    canvas,
    over,
    frame,
    name,
    note,
    box: element("div", { class: `pane ${kind}` }, name, frame, note),
    /** `fill(data)` sets red, green, blue and opacity, each from 0 to 255. */
    paint(fill) {
      fill(image.data);
      context.putImageData(image, 0, 0);
    },
    /** Row and column under the pointer, within the picture. */
    at(event) {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const whole = (share) => clamp(Math.floor(share * size), 0, size - 1);
      return { row: whole((event.clientY - top) / height), column: whole((event.clientX - left) / width) };
    },
  };
}

/** Grey values from 0 to 255; beyond them they are clipped. */
export const greys = (values, offset = 0) => (data) => {
  for (let i = 0; i < values.length; i += 1) {
    data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = values[i] + offset;
    data[4 * i + 3] = 255;
  }
};

/** Numbers of both signs: the kernel's colour above zero, the input's below, the page itself at zero. */
export const signed = (values, colors, largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-12)) => (data) => {
  values.forEach((value, i) => {
    data.set(value < 0 ? colors.input : colors.kernel, 4 * i);
    data[4 * i + 3] = 255 * Math.min(1, Math.abs(value) / largest);
  });
};

/** The palette's colours as numbers, by name, as they are in the present theme. */
export function colorsOf(root, names) {
  const style = getComputedStyle(root);
  const context = element("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  return Object.fromEntries(
    names.map((name) => {
      context.fillStyle = style.getPropertyValue(`--cl-${name}`).trim() || "#000";
      context.fillRect(0, 0, 1, 1);
      return [name, [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]];
    }),
  );
}

/** The number at which a filter's colours are full: 0.4 of what the brightest pixels can add up to, between 1 and 100. */
export function reachOf(w, divisor) {
  const [up, down] = [1, -1].map((sign) => w.reduce((sum, v) => sum + Math.max(0, sign * v), 0));
  return Math.min(100, Math.max(1, (0.4 * 255 * Math.max(up, down)) / divisor));
}

/**
 * Colours of the numbers from -255 to 255, with what a number is multiplied by to get there: grey and cut off, grey
 * without its sign, or the kernel's colour above zero and the input's below.
 */
export function tones(negatives, reach, { kernel, input, paper }) {
  const shades = new Uint32Array(511);
  const pack = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  for (let v = -255; v <= 255; v += 1) {
    const grey = negatives === "absolute" ? Math.abs(v) : Math.max(v, 0);
    const mixed = (v < 0 ? input : kernel).map((c, i) => Math.round(paper[i] + (Math.abs(v) / 255) ** 0.8 * (c - paper[i])));
    shades[v + 255] = negatives === "color" ? pack(...mixed) : pack(grey, grey, grey);
  }
  return { shades, scale: negatives === "color" ? 255 / reach : 1 };
}
