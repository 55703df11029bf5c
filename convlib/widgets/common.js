// What the widgets share: making elements, writing numbers, joining changes into one redraw.
// convlib.widgets.Widget puts this module in front of each widget's own, in place of its import line.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "path", "line", "rect", "circle", "text", "tspan", "clipPath", "defs", "polygon"]);
let serial = 0;

/** A name that no other element of the page has. */
export function uniqueId(stem = "cl") {
  serial += 1;
  return `${stem}-${serial}-${Math.random().toString(36).slice(2, 7)}`;
}

/** Make an element: attributes by name, `on…` as listeners, children as nodes or text. */
export function element(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Set attributes, touching only those that change: the browser then has nothing to do for the others. */
export function update(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** Set the text of a node if it differs. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A number for reading: fixed decimals, a true minus sign, never minus zero. */
export function format(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "\u2212");
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Call `draw` once in the next frame, however often it is asked for. */
export function oncePerFrame(draw) {
  let frame = 0;
  const ask = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
  ask.cancel = () => cancelAnimationFrame(frame);
  return ask;
}

/** Call `act` when there has been no call for `wait` milliseconds: for what is read aloud. */
export function whenQuiet(act, wait = 400) {
  let timer = 0;
  let values = [];
  const run = () => {
    timer = 0;
    act(...values);
  };
  const ask = (...given) => {
    clearTimeout(timer);
    values = given;
    timer = setTimeout(run, wait);
  };
  ask.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  /** Act at once on what is still waiting: a widget that goes away must not lose the last change. */
  ask.flush = () => {
    if (!timer) return;
    clearTimeout(timer);
    run();
  };
  return ask;
}

/** Listen to several traits; returns the function that stops listening. */
export function listen(model, names, act) {
  const events = names.map((name) => `change:${name}`);
  for (const event of events) model.on(event, act);
  return () => {
    for (const event of events) model.off(event, act);
  };
}

/**
 * Keep keys that a control uses from the page around it: in JupyterLab's command mode an arrow or a letter pressed
 * on a slider or a list would move, insert or delete cells.
 */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
}

/** Path through points: x and y are functions of the index. */
export function pathThrough(first, last, x, y) {
  let path = "";
  for (let i = first; i <= last; i += 1) path += `${i === first ? "M" : "L"}${x(i).toFixed(1)} ${y(i).toFixed(1)}`;
  return path;
}

/** A binary trait as numbers: a DataView over little-endian 32-bit floats. */
export function floats(view) {
  if (!view || !view.byteLength) return new Float32Array(0);
  const numbers = new Float32Array(view.byteLength / 4);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = view.getFloat32(4 * i, true);
  return numbers;
}
