import { colorsOf, greys, signed } from "./js/canvas.js";
import { check, choice, segments } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { correlate, terms } from "./js/filtering.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, roundUp } from "./js/numbers.js";
import { keys, looking } from "./js/pointer.js";
import { tiles } from "./js/tiles.js";

const { abs, floor, max, min, round } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// ---- the maths: pure functions, held against Python by tests/js/test_channels_explorer.py -------------------------
// Pictures are lists of SIZE × SIZE numbers, row after row.  All weights are 81 numbers: maps, channels, rows, columns.

export const [SIZE, MAPS] = [32, 3]; // as in channels_explorer.py
export const CHANNELS = ["R", "G", "B"];
const [WEIGHT, BIAS, MIDDLE, DEEP] = [9, 200, 4, 52]; // behind a number, so many hundredths of its color
const TRAITS = ["preset", "weights", "kernel", "groups", "bias", "relu", "muted", "solo", "zoom", "map", "channel", "row", "column"];

const SOBEL = [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((v) => v / 4);
const LAPLACIAN = [0, 1, 0, 1, -4, 1, 0, 1, 0].map((v) => v / 4);
const TAP = upTo(9, (k) => Number(k === MIDDLE));
const SOFT = upTo(9, (k) => (k === MIDDLE ? 0.2 : 0.1));
const transposed = (w) => upTo(9, (k) => w[(k % 3) * 3 + floor(k / 3)]);
const RECIPES = {
  edges: [[SOBEL, [1, 1, 1]], [transposed(SOBEL), [1, 1, 1]], [LAPLACIAN, [1, 1, 1]]],
  colors: [[TAP, [1, -1, 0]], [TAP, [-0.5, -0.5, 1]], [TAP, [0.3, 0.6, 0.1]]],
  mixed: [[SOBEL, [1, -1, 0]], [SOFT, [0.5, 0.5, -1]], [SOFT, [0.3, 0.6, 0.1]]],
};

const tidied = (value) => round(value * 1e6) / 1e6 + 0; // sums in another order differ in their last digits
const cents = (value) => floor(value * 100 + 0.5) / 100 + 0;

/** All weights of a preset. */
export const presetWeights = (name) => RECIPES[name].flatMap(([w, factors]) => factors.flatMap((factor) => w.map((v) => round(v * factor * 100) / 100 + 0)));

/** All weights from anyone's link: nine are those of 1 × 1 kernels; what is too many is left out, what lacks is 0. */
export function weightsOf(numbers) {
  if (numbers.length === 9) return numbers.flatMap((v) => TAP.map((one) => v * one));
  return upTo(81, (i) => numbers[i] ?? 0);
}

/** All weights, of a preset or the layer's own. */
export const weightsIn = (preset, weights) => (preset in RECIPES ? presetWeights(preset) : weightsOf(weights));

/** Whether a map has a kernel for a channel: with three groups, for its own alone. */
export const hasCell = (f, c, groups) => groups !== 3 || f === c;

/** The kernel of a map and a channel that is in force. */
export function kernelAt(all, f, c, kernel) {
  const from = (f * 3 + c) * 9;
  return kernel === "1x1" ? [all[from + MIDDLE]] : all.slice(from, from + 9);
}

/** Which of all weights is a kernel's number k. */
export const indexOf = (f, c, k, kernel) => (f * 3 + c) * 9 + (kernel === "1x1" ? MIDDLE : k);

/** Which channels are neither muted nor silent because another one is solo. */
export const heardOf = (muted, solo) => CHANNELS.map((c) => (CHANNELS.includes(solo) ? c === solo : !muted.includes(c)));

/** The partial maps, by map and channel; null where there is no kernel. */
export function partialsOf(planes, heard, all, kernel, groups) {
  const zeros = new Float32Array(SIZE * SIZE);
  const one = (f, c) => (heard[c] ? correlate(planes[c], SIZE, SIZE, kernelAt(all, f, c, kernel), "constant") : zeros);
  return upTo(MAPS, (f) => upTo(3, (c) => (hasCell(f, c, groups) ? one(f, c) : null)));
}

/** The maps before ReLU. */
export function sumsOf(partials, bias) {
  return partials.map((parts, f) => {
    const sum = new Float32Array(SIZE * SIZE).fill(bias[f] ?? 0);
    for (const part of parts) if (part) for (let i = 0; i < sum.length; i += 1) sum[i] += part[i];
    return sum;
  });
}

/** The feature maps. */
export const mapsOf = (sums, relu) => (relu ? sums.map((sum) => sum.map((v) => max(v, 0))) : sums);

/** The number with the full color, the same in all maps. */
export function fullColor(partials, sums) {
  let most = 1;
  for (const picture of [...partials.flat(), ...sums]) for (const v of picture ?? []) most = max(most, abs(v));
  return roundUp(most);
}

/** How many parameters and multiply–adds: the factors, the biases, the result. */
export function countsOf(kernel, groups) {
  const k = kernel === "1x1" ? 1 : 3;
  const weights = [MAPS, groups === 3 ? 1 : 3, k, k];
  const product = (numbers) => numbers.reduce((all, n) => all * n, 1);
  const all = [...weights, SIZE, SIZE];
  return { parameters: { factors: weights, biases: MAPS, value: product(weights) + MAPS }, products: { factors: all, value: product(all) } };
}

/** What one output is made of: for each channel that its map has a kernel for, pixels, weights, and what they add up to. */
export function partsOf(planes, heard, all, { f, row, column, kernel, groups }) {
  const there = upTo(3, (c) => c).filter((c) => hasCell(f, c, groups));
  return there.map((c) => {
    const met = terms(planes[c], SIZE, SIZE, kernelAt(all, f, c, kernel), row, column, "constant");
    const window = met.map((part) => (heard[c] ? part : { ...part, pixel: 0 }));
    return { c, window, value: tidied(window.reduce((sum, { weight, pixel }) => sum + weight * pixel, 0)) };
  });
}

/** Outputs that a pixel goes into: first and last row and column, within the picture. */
export function spread(row, column, kernel) {
  const reach = kernel === "1x1" ? 0 : 1;
  const [top, bottom, left, right] = [row - reach, row + reach, column - reach, column + reach].map((v) => clamp(v, 0, SIZE - 1));
  return { top, bottom, left, right, count: (bottom - top + 1) * (right - left + 1) };
}

/** Which pixels are called red: bright there, and half as bright again as in green and in blue. */
export const redPixels = ([r, g, b]) => upTo(SIZE * SIZE, (i) => r[i] >= 120 && r[i] >= 1.5 * max(g[i], b[i]));

/** Means of a map over the red pixels and over the others, and whether it answers to red alone. */
export function redScore(map, red) {
  const mean = (which) => {
    const values = Array.from(map).filter((_, i) => red[i] === which);
    return values.length ? values.reduce((sum, v) => sum + abs(v), 0) / values.length : 0;
  };
  const [on, off] = [mean(true), mean(false)];
  return { on, off, solved: on >= 40 && off <= 3, merit: min(on / 40, 3 / max(off, 1e-9), 1) };
}

/** What the weights of map 2 add up to, and whether it is blind to brightness without being blind to all. */
export function blindScore(all, kernel, groups) {
  const own = upTo(3, (c) => (hasCell(2, c, groups) ? kernelAt(all, 2, c, kernel) : [])).flat();
  const sum = tidied(own.reduce((total, v) => total + v, 0));
  return { sum, solved: sum === 0 && own.some((v) => v !== 0) };
}

/** How large everything is, in pixels; the same as Places in channels_explorer.py. */
export function geometry(width) {
  const narrow = width < 560;
  const side = narrow ? min(64, floor((width - 54) / 4)) : width >= 700 ? 96 : 80;
  const gap = narrow ? min(20, floor((width - 18 - 4 * side) / 3)) : 20; // the room of a sign
  const height = 4 * side + (narrow ? 4 * 26 + 3 * 8 : 3 * 12);
  const large = narrow ? min(160, floor((width - 32) / 2)) : 2 * side - 8; // in the cell that is zoomed into
  const small = narrow ? min(96, floor((width - 60) / 3)) : round(1.25 * side);
  return { narrow, side, gap, height, large, small };
}

// ---- the words -----------------------------------------------------------------------------------------------------

const SENTENCES = {
  edges: "Each row has one kernel for all three channels. The sums see upright edges, level edges, detail.",
  colors: "One weight a channel mixes colors: red minus green, blue minus yellow, brightness.",
  mixed: "Map 0 seeks upright red–green edges. At edges of gray things its partial maps cancel.",
  own: "Each map is a sum: of partial maps, one for each channel, and of a bias.",
};
const ONE = "1 × 1 kernels mix channels and see no neighbors. Of each kernel its middle weight is left.";
const GROUPS = "Three groups: each map is made of one channel alone. Such a layer is called depthwise.";

/** What there is to see; the same as Python's. */
export function sentence({ preset, kernel, groups, heard }) {
  const silent = CHANNELS.filter((_, c) => !heard[c]);
  if (silent.length === 3) return "All channels are muted: only the biases are left.";
  const [are, its] = silent.length === 1 ? ["is", "its"] : ["are", "their"];
  if (silent.length) return `${silent.join(" and ")} ${are} muted: taken as zeros, so ${its} partial maps are empty.`;
  if (groups === 3) return GROUPS;
  return kernel === "1x1" && preset !== "colors" ? ONE : SENTENCES[preset] ?? SENTENCES.own;
}

/** What a cell is made of. */
const CLOSE = "The products add up to one number of the partial map. Drag a weight, or type.";
const CLOSE_ONE = "One pixel times one weight is one number of the partial map. Drag the weight, or type.";

const told = (value) => brief(tidied(value), 1);
const exact = (value) => brief(tidied(value)); // what a reader may add up

/** The sum of one output, in pieces: its name, its terms, the bias, the result, and what ReLU makes of it. */
export function sumWords(parts, { f, row, column, bias, relu }) {
  const value = tidied(parts.reduce((sum, part) => sum + part.value, bias));
  return {
    name: `y[${f}, ${row}, ${column}]`,
    terms: parts.map((part) => `${CHANNELS[part.c]} ${exact(part.value)}`),
    bias: `bias ${exact(bias)}`,
    value: exact(value),
    after: relu ? exact(max(value, 0)) : null,
  };
}

/** The same in a line that breaks between its terms alone. */
function written({ name, terms: all, bias, value, after }) {
  const whole = [...all, bias].map((text) => text.replace(" ", "\u00a0"));
  return `${name} = ${whole.join(" + ")} = ${value}${after === null ? "" : ` →\u00a0ReLU →\u00a0${after}`}`;
}

/** Where one pixel of a channel goes. */
export function scatterWords({ c, row, column }, { planes, heard, kernel, groups }) {
  const letter = CHANNELS[c];
  const { count } = spread(row, column, kernel);
  const value = planes[c][row * SIZE + column];
  const places = count === 1 ? "one place" : `${count} places`;
  const maps = groups === 3 ? `of its one partial map, and so of map ${c}` : "of each of its three partial maps, and so of every map";
  const silent = heard[c] ? "" : " Muted, it counts as 0.";
  return `x[${letter}, ${row}, ${column}] = ${value} is scattered into ${places} ${maps}.${silent}`;
}

/** A challenge in words, with how far it has got. */
export function challengeWords(name, { maps, red, all, kernel, groups }) {
  if (name === "blind") {
    const { sum, solved } = blindScore(all, kernel, groups);
    const now = solved ? "They do ✓" : `Now they add up to ${brief(sum)}.`;
    return { solved, text: `Make map 2 blind to brightness: its weights, not all of them 0, must add up to 0. ${now}` };
  }
  const scores = maps.map((map) => redScore(map, red));
  const f = scores.reduce((best, { merit }, i) => (merit > scores[best].merit ? i : best), 0);
  const { on, off, solved } = scores[f];
  const task = "Make a map of red things alone: a mean of at least 40 on red pixels, at most 3 elsewhere.";
  return { solved, text: `${task} Map ${f}: ${told(on)} and ${told(off)}${solved ? " ✓" : "."}` };
}

// ---- the scene: everything that is made once ---------------------------------------------------------------------------

/** A frame about a box of pixels; what lies beyond the picture has none. */
function framed(box) {
  const [x, y] = [max(box.left - 0.75, 0.3), max(box.top - 0.75, 0.3)];
  const [right, bottom] = [min(box.right + 1.75, SIZE - 0.3), min(box.bottom + 1.75, SIZE - 0.3)];
  return { x, y, width: right - x, height: bottom - y };
}

/** A picture of 32 × 32 pixels with a frame for a window and a ring for a pixel. */
function picture(kind, part) {
  const canvas = element("canvas", { width: SIZE, height: SIZE, "aria-hidden": "true" });
  const [halo, frame] = ["halo", "window"].map((name) => element("rect", { class: name }));
  const [glow, ring] = ["halo", "ring"].map((name) => element("circle", { class: name, r: 2.2 }));
  const over = element("svg", { class: "over", viewBox: `0 0 ${SIZE} ${SIZE}`, "aria-hidden": "true" }, halo, frame, glow, ring);
  const node = element("div", { class: `picture ${kind}`, "data-part": part }, canvas, over);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(SIZE, SIZE);
  return {
    node,
    paint(fill) {
      image.data.fill(0);
      fill(image.data);
      context.putImageData(image, 0, 0);
    },
    /** Mark a box of pixels, or one pixel, or nothing. */
    mark({ box = null, dot = null, by = "" } = {}) {
      update(node, { "data-by": by });
      for (const shape of [halo, frame]) {
        reveal(shape, box);
        if (box) update(shape, framed(box));
      }
      for (const shape of [glow, ring]) {
        reveal(shape, dot);
        if (dot) update(shape, { cx: dot.column + 0.5, cy: dot.row + 0.5 });
      }
    },
  };
}

/** A picture that can be looked at: `what(row, column)` is what there is at a pixel. */
function watched(s, kind, part, what, label) {
  const made = picture(kind, part);
  const { node } = made;
  const { look } = s;
  s.look.watch(node, (event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const whole = (share) => clamp(floor(share * SIZE), 0, SIZE - 1);
    return what(whole((event.clientY - top) / height), whole((event.clientX - left) / width));
  }, { axis: "x" });
  update(node, { tabindex: 0, role: "application", "aria-label": `${label}; arrow keys go from pixel to pixel, Enter pins` });
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  keys(node, ways, ([down, right], event) => {
    const step = event.shiftKey ? 4 : 1;
    const now = look.at() ?? s.rest();
    const next = what(clamp(now.row + step * down, 0, SIZE - 1), clamp(now.column + step * right, 0, SIZE - 1));
    if (look.pinned()) {
      if (!same(next, look.at())) look.pin(next);
    } else look.hover(next);
  });
  keys(node, { Enter: 1, " ": 1 }, () => {
    const { row, column } = look.at() ?? s.rest();
    look.pin(what(row, column));
  });
  node.addEventListener("focus", () => {
    const { row, column } = look.at() ?? s.rest();
    if (node.matches(":focus-visible")) look.hover(what(row, column));
  });
  node.addEventListener("blur", () => look.hover(null));
  return made;
}

const same = (a, b) => a.kind === b.kind && a.f === b.f && a.c === b.c && a.row === b.row && a.column === b.column;
const output = (f) => (row, column) => ({ kind: "y", f, row, column });
const input = (c) => (row, column) => ({ kind: "x", c, row, column });
const NAMES = { R: "red", G: "green", B: "blue" };

/** A channel: its picture, and above it what mutes it and what makes it solo. */
function channel(s, c) {
  const letter = CHANNELS[c];
  const { view } = s;
  const toggle = () => {
    const muted = view.get("muted");
    view.set("muted", CHANNELS.filter((name) => (name === letter ? !muted.includes(name) : muted.includes(name))));
    view.send();
  };
  const alone = () => {
    view.set("solo", view.get("solo") === letter ? "none" : letter);
    view.send();
  };
  const mute = element("button", { type: "button", class: `mute ${letter}`, onclick: toggle, "aria-label": `mute ${NAMES[letter]}` }, letter);
  const solo = element("button", { type: "button", class: "solo", onclick: alone, "aria-label": `${NAMES[letter]} alone` }, "solo");
  const made = watched(s, "plane", "channels", input(c), `The channel ${NAMES[letter]}`);
  const box = element("div", { class: "place channel" }, element("div", { class: "above", "data-part": "channels" }, mute, solo), made.node);
  return { ...made, box, mute, solo };
}

/** A cell: a kernel in small, which zooms into it, and its partial map. */
function crossing(s, f, c) {
  const name = `w[${f}, ${CHANNELS[c]}]`;
  const squares = element("span", { class: "squares" }, ...upTo(9, () => element("i")));
  const act = () => s.open(f, c);
  const mini = element("button", { type: "button", class: "mini", "data-part": "kernels", tabindex: f || c ? -1 : 0, onclick: act, "aria-label": `Kernel ${name}: zoom in`, "data-f": f, "data-c": c }, squares, element("span", { class: "called" }, name));
  const made = watched(s, "partial", "sums", output(f), `The partial map of ${name}`);
  update(made.node, { tabindex: -1 }); // the row's feature map stands for it
  const box = element("div", { class: "place crossing" }, mini, made.node);
  return { ...made, box, mini, squares: [...squares.children] };
}

/** A feature map, and above it its bias. */
function feature(s, f) {
  const { view } = s;
  const made = watched(s, "map", "maps", output(f), `Feature map ${f}`);
  const [slot, after] = [element("span", { class: "slot" }), element("span", { class: "after" })];
  const biases = () => upTo(MAPS, (i) => view.get("bias")[i] ?? 0);
  const tile = tiles(view, slot, {
    traits: ["bias"],
    read: () => biases()[f],
    write: (_, value) => view.set("bias", biases().map((v, i) => (i === f ? value : v))),
    step: () => 5,
    low: -BIAS,
    high: BIAS,
    name: () => `bias of map ${f}`,
    tint: (value) => (abs(value) / BIAS) * DEEP,
  });
  const above = element("div", { class: "above", "data-part": "maps" }, element("span", { class: "plus" }, "+"), slot, after);
  return { ...made, box: element("div", { class: "place feature" }, above, made.node), tile, after };
}

/** The cell that is zoomed into: channel and partial map, and window × kernel = products. */
function closeUp(s) {
  const { view } = s;
  const at = () => ({ f: s.cell.f, c: s.cell.c });
  const plane = watched(s, "plane", "channels", (row, column) => output(at().f)(row, column), "The channel, enlarged");
  const partial = watched(s, "partial", "sums", (row, column) => output(at().f)(row, column), "The partial map, enlarged");
  const lists = { window: element("div", { class: "squares" }), kernel: element("div", { class: "squares tiles", role: "group", "aria-label": "weights of the kernel" }), products: element("div", { class: "squares" }) };
  const square = (parent) => pool(parent, () => element("div", { class: "square" }));
  const index = (k) => indexOf(at().f, at().c, k, view.get("kernel"));
  const weights = () => weightsIn(view.get("preset"), view.get("weights"));
  const tile = tiles(view, lists.kernel, {
    traits: ["weights", "preset"],
    read: (k) => weights()[index(k)],
    write(k, value) {
      const next = weights().map((v, i) => (i === index(k) ? cents(value) : v));
      view.set("weights", next);
      view.set("preset", "own");
    },
    step: () => (max(...weights().map(abs)) < 0.5 ? 0.05 : 0.1),
    low: -WEIGHT,
    high: WEIGHT,
    name: (k) => (view.get("kernel") === "1x1" ? "the weight" : `weight in row ${floor(k / 3)}, column ${k % 3}`),
    tint: (value) => (abs(value) / s.heaviest) * DEEP,
    text: (value) => (s.width < 300 ? brief(value).replace(/^(−?)0\./, "$1.") : brief(value)),
    lit: (k) => {
      s.lit = k;
      s.ask();
    },
  });
  const name = element("p", { class: "name" });
  const close = element("button", { type: "button", class: "close", "aria-label": "back to the desk", onclick: () => s.open(null) }, "✕");
  const titles = { plane: element("p", { class: "title input" }), partial: element("p", { class: "title product" }, "partial map"), window: element("p", { class: "title input" }, "window"), kernel: element("p", { class: "title kernel" }, "kernel", element("i")), products: element("p", { class: "title product" }, "products") };
  const box = (kind, ...children) => element("div", { class: `box ${kind}` }, ...children);
  const sign = (text) => element("span", { class: "sign" }, text);
  const total = element("p", { class: "total" });
  const pictures = element("div", { class: "pictures" }, box("plane", titles.plane, plane.node), box("partial", titles.partial, partial.node));
  const strip = element("div", { class: "strip" }, box("window", titles.window, lists.window), sign("×"), box("kernel", titles.kernel, lists.kernel), sign("="), box("products", titles.products, lists.products), total);
  const back = element("div", { class: "back" });
  const node = element("div", { class: "close-up", role: "group", hidden: true }, back, element("div", { class: "top" }, name, close), pictures, strip);
  return { node, back, plane, partial, tile, titles, name, close, total, lists, window: square(lists.window), products: square(lists.products) };
}

/** The desk. */
function scene(s) {
  const channels = upTo(3, (c) => channel(s, c));
  const crossings = upTo(MAPS, (f) => upTo(3, (c) => crossing(s, f, c)));
  const features = upTo(MAPS, (f) => feature(s, f));
  const photo = picture("photo", "channels");
  const heading = element("div", { class: "above" }, element("span", { class: "called" }, "the picture"));
  const sign = (text) => element("span", { class: "sign", "data-part": "sums", "aria-hidden": "true" }, text);
  const gap = () => element("span", { class: "sign" });
  const signs = upTo(MAPS, () => [sign("+"), sign("+"), sign("=")]);
  const called = (f) => element("span", { class: "line-name", "data-part": "maps" }, `map ${f}`);
  const lines = crossings.map((cells, f) => [called(f), ...cells.flatMap(({ box }, c) => [box, signs[f][c]]), features[f].box]);
  photo.mark();
  const first = [element("span"), ...channels.flatMap(({ box }) => [box, gap()]), element("div", { class: "place" }, heading, photo.node)];
  const desk = element("div", { class: "desk" }, ...first, ...lines.flat());
  const zoomed = closeUp(s);
  const stage = element("div", { class: "stage" }, desk, zoomed.node);
  const [head, sum] = [element("span"), element("span", { class: "sum" })];
  const words = element("p", { class: "sentence" }, head, " ", sum);
  return { stage, desk, channels, crossings, features, photo, signs, zoomed, head, sum, words };
}

/** Factors, written out, and what they come to. */
function tally() {
  const line = (name) => {
    const value = element("b");
    const factors = element("span", { class: "factors" });
    return { node: element("p", {}, element("span", { class: "called" }, name), " ", factors, value), factors, value };
  };
  const [parameters, products] = [line("parameters"), line("multiply–adds")];
  const ends = upTo(2, () => element("span"));
  const scale = element("p", { class: "scale" }, ends[0], element("span", { class: "ramp" }), ends[1]);
  const sign = element("p", {}, element("span", { class: "badge-corr" }, "correlation: not flipped"));
  return { node: element("div", { class: "counts", "data-part": "counts" }, parameters.node, products.node, sign, scale), parameters, products, ends };
}

// ---- compute --------------------------------------------------------------------------------------------------------

/** What is drawn, from the traits and from what is looked at. */
function compute(s) {
  const { view } = s;
  const [preset, kernel, groups, relu] = ["preset", "kernel", "groups", "relu"].map(view.get);
  const bias = upTo(MAPS, (f) => view.get("bias")[f] ?? 0);
  const heard = heardOf(view.get("muted"), view.get("solo"));
  const all = weightsIn(preset, view.get("weights"));
  if (!s.planes) {
    const { buffer, byteOffset } = view.get("image");
    s.planes = upTo(3, (c) => new Uint8Array(buffer, byteOffset + c * SIZE * SIZE, SIZE * SIZE));
    s.red = redPixels(s.planes);
  }
  const key = JSON.stringify([all, kernel, groups, relu, bias, heard]);
  if (s.key !== key || s.fresh) {
    s.key = key;
    s.stale = true;
    s.partials = partialsOf(s.planes, heard, all, kernel, groups);
    s.sums = sumsOf(s.partials, bias);
    s.maps = mapsOf(s.sums, relu);
    s.reach = fullColor(s.partials, s.sums);
    s.heaviest = max(0.01, ...all.map(abs));
  }
  s.fresh = false;
  Object.assign(s, { preset, kernel, groups, relu, bias, heard, all });
  s.at = s.look.at() ?? s.rest();
  const f = view.get("map");
  if (view.get("zoom") === "cell" || !s.cell) s.cell = { f, c: groups === 3 ? f : view.get("channel") };
  const { row, column } = s.at;
  s.f = s.at.kind === "y" ? s.at.f : f;
  s.parts = partsOf(s.planes, heard, all, { f: s.f, row, column, kernel, groups });
}

// ---- draw -----------------------------------------------------------------------------------------------------------

/** All pictures, where anything they depend on has changed. */
function paint(s) {
  const { nodes, planes, heard } = s;
  if (!s.stale) return;
  s.stale = false;
  s.colors ??= colorsOf(s.view.root, ["input", "kernel"]);
  nodes.channels.forEach((made, c) => made.paint(greys(planes[c])));
  nodes.photo.paint((data) => {
    for (let i = 0; i < SIZE * SIZE; i += 1) data.set([...planes.map((plane, c) => (heard[c] ? plane[i] : 0)), 255], 4 * i);
  });
  s.partials.forEach((parts, f) => parts.forEach((part, c) => part && nodes.crossings[f][c].paint(signed(part, s.colors, s.reach))));
  s.maps.forEach((map, f) => nodes.features[f].paint(signed(map, s.colors, s.reach)));
}

/** Kernels in small, what is there and what is muted. */
function drawDesk(s) {
  const { nodes, groups, heard, view } = s;
  nodes.channels.forEach(({ box, mute, solo }, c) => {
    box.classList.toggle("silent", !heard[c]);
    update(mute, { "aria-pressed": String(view.get("muted").includes(CHANNELS[c])) });
    update(solo, { "aria-pressed": String(view.get("solo") === CHANNELS[c]) });
  });
  nodes.crossings.forEach((cells, f) => cells.forEach(({ box, squares, mini }, c) => {
    const w = kernelAt(s.all, f, c, s.kernel);
    squares.forEach((square, k) => {
      const value = w.length === 9 ? w[k] : k === MIDDLE ? w[0] : 0;
      update(square, { class: value < 0 ? "minus" : "", style: `--tint: ${round((abs(value) / s.heaviest) * 100)}%` });
    });
    mini.classList.toggle("single", w.length === 1);
    const there = hasCell(f, c, groups);
    box.classList.toggle("gone", !there);
    box.classList.toggle("silent", !heard[c]);
    box.inert = !there;
  }));
  nodes.signs.forEach((signs, f) => signs.forEach((sign, i) => sign.classList.toggle("gone", groups === 3 && i < 2)));
  nodes.desk.classList.toggle("grouped", groups === 3);
  nodes.features.forEach(({ tile, after }) => {
    tile.show(1);
    say(after, s.relu ? "ReLU" : "");
  });
  const stop = hasCell(s.stop.f, s.stop.c, groups) ? s.stop : { f: 0, c: 0 };
  for (const { mini } of nodes.crossings.flat()) update(mini, { tabindex: Number(mini.dataset.f) === stop.f && Number(mini.dataset.c) === stop.c ? 0 : -1 });
}

/** What is gathered, or where a pixel is scattered. */
function drawMarks(s) {
  const { nodes, at, groups, kernel } = s;
  const gathers = at.kind === "y";
  const by = gathers ? "gather" : "scatter";
  const dot = { row: at.row, column: at.column };
  const box = spread(at.row, at.column, kernel);
  const reach = kernel === "1x1" ? 0 : 1;
  const window = { top: at.row - reach, bottom: at.row + reach, left: at.column - reach, right: at.column + reach };
  nodes.channels.forEach((made, c) => {
    if (gathers) made.mark(hasCell(at.f, c, groups) ? { box: window, by } : {});
    else made.mark(c === at.c ? { dot, by } : {});
  });
  nodes.crossings.forEach((cells, f) => cells.forEach((made, c) => {
    const mine = hasCell(f, c, groups) && (gathers ? f === at.f : c === at.c);
    made.mark(!mine ? {} : gathers ? { dot, by } : { box, by });
    made.mini.classList.toggle("lit", mine);
  }));
  nodes.features.forEach((made, f) => {
    const mine = gathers ? f === at.f : hasCell(f, at.c, groups);
    made.mark(!mine ? {} : gathers ? { dot, by } : { box, by });
  });
  nodes.zoomed.plane.mark({ box: window, by: "gather" });
  nodes.zoomed.partial.mark({ dot, by: "gather" });
}

/** Pixels on their own gray, products in the products' color, the stronger the larger. */
function drawCloseUp(s) {
  const { zoomed } = s.nodes;
  const { f, c } = s.cell;
  const letter = CHANNELS[c];
  if (!hasCell(f, c, s.groups)) return;
  say(zoomed.name, `channel ${letter} into map ${f}`);
  update(zoomed.node, { "aria-label": `The cell of channel ${letter} and map ${f}` });
  say(zoomed.titles.plane, `channel ${letter}`);
  say(zoomed.titles.kernel.lastChild, ` w[${f}, ${letter}]`);
  zoomed.plane.paint(greys(s.planes[c]));
  zoomed.plane.node.classList.toggle("silent", !s.heard[c]);
  zoomed.partial.paint(signed(s.partials[f][c], s.colors, s.reach));
  const { row, column } = s.at;
  const [{ window, value }] = partsOf(s.planes, s.heard, s.all, { f, row, column, kernel: s.kernel, groups: s.groups }).filter((part) => part.c === c);
  const products = window.map(({ weight, pixel }) => tidied(weight * pixel));
  const largest = max(1e-9, ...products.map(abs));
  const most = s.width < 300 ? 4 : 5; // digits that there is room for
  const short = (v) => (told(v).length > most ? brief(v, 0) : told(v));
  zoomed.window(window.length).forEach((node, k) => {
    const { pixel, outside } = window[k];
    say(node, String(pixel));
    update(node, { class: `square pixel${outside ? " outside" : ""}${s.lit === k ? " lit" : ""}`, style: `--gray: rgb(${pixel} ${pixel} ${pixel}); --on: ${pixel > 117 ? "#000" : "#fff"}` });
  });
  zoomed.tile.show(window.length).forEach((node, k) => node.classList.toggle("lit", s.lit === k));
  zoomed.products(window.length).forEach((node, k) => {
    say(node, short(products[k]));
    update(node, { class: `square product${products[k] < 0 ? " minus" : ""}${s.lit === k ? " lit" : ""}`, style: `--tint: ${round((42 * abs(products[k])) / largest)}%` });
  });
  say(zoomed.total, `sum ${exact(value)}`);
  zoomed.node.classList.toggle("single", window.length === 1);
}

function drawWords(s) {
  const { nodes, at } = s;
  const { row, column } = at;
  const sum = sumWords(s.parts, { f: s.f, row, column, bias: s.bias[s.f], relu: s.relu });
  const task = s.challenge && challengeWords(s.challenge, s);
  const rests = s.look.at() === null;
  const head = at.kind === "x" ? scatterWords(at, s) : task && rests ? task.text : s.goal === 1 ? (s.kernel === "1x1" ? CLOSE_ONE : CLOSE) : sentence(s);
  say(nodes.head, head);
  const shown = at.kind === "y" && !(task && rests);
  say(nodes.sum, shown ? written(sum) : "");
  nodes.words.classList.toggle("solved", Boolean(task && rests && task.solved));
  say(s.task, s.challenge ? `challenge ${s.challenge === "red" ? 1 : 2}${task.solved ? " ✓" : ""}` : "challenge");
  update(s.task, { class: task?.solved ? "task solved" : "task", "aria-pressed": String(Boolean(s.challenge)) });
  s.view.aloud(`${rests || at.kind === "x" ? head : ""} ${nodes.sum.textContent}`.trim());
}

function drawCounts(s) {
  const { parameters, products, ends } = s.tally;
  const counts = countsOf(s.kernel, s.groups);
  const listed = (numbers) => numbers.join(" · ");
  say(parameters.factors, `${listed(counts.parameters.factors)} + ${counts.parameters.biases} = `);
  say(parameters.value, String(counts.parameters.value));
  say(products.factors, `${listed(counts.products.factors)} = `);
  say(products.value, counts.products.value.toLocaleString("en-US"));
  say(ends[0], brief(-s.reach));
  say(ends[1], brief(s.reach));
}

/** Everything in its place. */
function place(s) {
  const p = (s.places = geometry(s.width));
  const { stage, words } = s.nodes;
  for (const [name, below] of Object.entries({ narrow: 560, middle: 700, tiny: 300 })) s.view.root.classList.toggle(name, s.width < below);
  for (const [name, size] of Object.entries({ side: p.side, gap: p.gap, large: p.large, small: p.small, high: p.height })) stage.style.setProperty(`--${name}`, `${size}px`);
  const shows = { desk: stage, words, controls: s.controls, counts: s.tally.node };
  for (const [part, node] of Object.entries(shows)) node.style.display = s.view.shows(part) ? "" : "none";
}

function draw(s) {
  if (!s.width) return;
  compute(s);
  place(s);
  paint(s);
  drawDesk(s);
  drawMarks(s);
  drawCloseUp(s);
  follow(s);
  drawWords(s);
  drawCounts(s);
}

// ---- zooming --------------------------------------------------------------------------------------------------------

const eased = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

/** What grows, from where it is on the desk: the cell's paper, the channel, the kernel, the partial map. */
function growing(s) {
  const { nodes } = s;
  const { f, c } = s.cell;
  const { zoomed } = nodes;
  const cell = nodes.crossings[f][c];
  return [[zoomed.back, cell.box], [zoomed.plane.node, nodes.channels[c].node], [zoomed.lists.kernel, cell.mini.firstChild], [zoomed.partial.node, cell.node]];
}

/** Everything that grows is so far on its way from its place on the desk to the one that it has in the close-up. */
function grow(s, share) {
  const { zoomed, desk } = s.nodes;
  s.share = share;
  zoomed.node.hidden = share === 0;
  zoomed.node.classList.toggle("moving", share > 0 && share < 1);
  zoomed.node.style.setProperty("--there", clamp(5 * share - 4, 0, 1).toFixed(3));
  zoomed.node.style.setProperty("--deep", (share + (100 / DEEP) * (1 - share)).toFixed(3)); // small kernels have the full colors
  desk.inert = share > 0;
  desk.style.visibility = share === 1 ? "hidden" : "";
  const pairs = growing(s);
  for (const [node] of pairs) node.style.transform = "";
  if (share === 0 || share === 1) return;
  const rects = pairs.map(([node, from]) => [node, node.getBoundingClientRect(), from.getBoundingClientRect()]);
  for (const [node, to, from] of rects) {
    const mix = (a, b) => b + (a - b) * (1 - share);
    const [x, y] = [mix(from.left - to.left, 0), mix(from.top - to.top, 0)];
    node.style.transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px) scale(${mix(from.width / to.width, 1).toFixed(4)}, ${mix(from.height / to.height, 1).toFixed(4)})`;
  }
}

/** Zoom in or out if the traits say so. */
function follow(s) {
  const goal = s.view.get("zoom") === "cell" ? 1 : 0;
  if (s.goal === goal) return;
  const first = s.goal === null;
  s.goal = goal;
  if (first) return grow(s, goal);
  const from = s.share;
  const inside = s.nodes.stage.contains(document.activeElement);
  s.tween.run(
    (t) => grow(s, from + (goal - from) * eased(t)),
    () => {
      const node = goal ? s.nodes.zoomed.close : s.nodes.crossings[s.cell.f][s.cell.c].mini;
      if (inside) node.focus({ preventScroll: true });
    },
  );
}

// ---- what the reader does -------------------------------------------------------------------------------------------

/** Into a cell, or, with null, back to the desk. */
function opener(s) {
  const { view } = s;
  return (f, c) => {
    if (f !== null) {
      view.set("map", f);
      view.set("channel", c);
      s.stop = { f, c };
    }
    view.set("zoom", f === null ? "desk" : "cell");
    view.send();
  };
}

/** The arrow keys go from kernel to kernel; Escape and a click elsewhere lead back to the desk. */
function moving(s) {
  const { view, nodes } = s;
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  for (const { mini } of nodes.crossings.flat()) {
    keys(mini, ways, ([down, right]) => {
      const [f, c] = [Number(mini.dataset.f), Number(mini.dataset.c)];
      const along = clamp(f + down + right, 0, MAPS - 1); // with three groups there is but one line of kernels
      s.stop = view.get("groups") === 3 ? { f: along, c: along } : { f: clamp(f + down, 0, MAPS - 1), c: clamp(c + right, 0, 2) };
      draw(s);
      nodes.crossings[s.stop.f][s.stop.c].mini.focus();
    });
  }
  view.listen(view.root, "keydown", (event) => event.key === "Escape" && view.get("zoom") === "cell" && s.open(null));
  // A click, not a press: a finger that scrolls the page leaves the close-up open.
  view.listen(document, "click", ({ target }) => {
    if (view.get("zoom") !== "cell" || !target.isConnected) return;
    const uses = target.closest(".close-up, .mini, .controls, .foot, a, button, input, label, select");
    if (!uses) s.open(null);
  });
}

/** Remember an output. */
function keep(view, { f, row, column }) {
  for (const [trait, value] of Object.entries({ map: f, row, column })) if (view.get(trait) !== value) view.set(trait, value);
}

/** Prose: look at "y1,12,7", a pixel of map 1, or at "x0,12,7", one of the red channel; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, which, n, row, column] = /^([xy])([0-2]),(\d{1,2}),(\d{1,2})$/.exec(value) ?? [];
  s.look.letGo();
  if (which) s.look.pin((which === "y" ? output : input)(Number(n))(min(Number(row), SIZE - 1), min(Number(column), SIZE - 1)));
}

function orders(s) {
  const { view } = s;
  const open = ({ value = "" }) => {
    const [, f, c] = /^([0-2]),([0-2])$/.exec(value) ?? [];
    s.open(f === undefined ? null : Number(f), Number(c));
  };
  const mute = ({ value = "" }) => {
    view.set("solo", "none");
    view.set("muted", CHANNELS.filter((name) => String(value).includes(name)));
    view.send();
  };
  const challenge = ({ value = "" }) => {
    s.challenge = ["red", "blind"].includes(value) ? value : "";
    s.ask();
  };
  view.obeys({ look: (order) => lookAt(s, order), open, zoom: open, mute, challenge });
}

/** Kernels by name, their size, groups, ReLU, challenges. */
function controls(s) {
  const { view } = s;
  const preset = choice(view, "preset", "kernels", { mixed: "mixed", edges: "edges", colors: "colors", own: "your own" });
  const size = segments(view, "kernel", "size", { "3x3": "3 × 3", "1x1": "1 × 1" });
  size.box.firstChild.className = "quiet";
  const asText = { ...view, get: (name) => String(view.get(name)), set: (name, value) => view.set(name, Number(value)) };
  const groups = segments(asText, "groups", "groups", { 1: "1", 3: "3" });
  const relu = check(view, "relu", "ReLU");
  const next = { "": "red", red: "blind", blind: "" };
  s.task = element("button", { type: "button", class: "task" });
  s.task.addEventListener("click", () => {
    s.challenge = next[s.challenge];
    s.ask();
  });
  view.onReset(() => {
    s.challenge = "";
    s.ask();
  });
  return element("div", { class: "controls" }, preset.box, size.box, relu.box, groups.box, s.task);
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "channels-explorer", { traits: TRAITS });
  const s = { view, width: 0, planes: null, colors: null, key: "", fresh: true, stale: true, cell: null, lit: null, stop: { f: 0, c: 0 }, share: 0, goal: null, challenge: "" };
  s.ask = view.frame(() => draw(s));
  s.tween = view.tween(450);
  s.rest = () => output(view.get("map"))(view.get("row"), view.get("column"));
  s.open = opener(s);
  const strays = () => s.look.pinned() && s.look.at().kind === "y" && !same(s.look.at(), s.rest());
  s.look = looking(view, () => {
    if (s.look && strays()) keep(view, s.look.at()); // what is pinned is where the close-up looks
    s.ask();
  }, { same, name: "pixel" });
  s.nodes = scene(s);
  s.tally = tally();
  s.controls = controls(s);
  moving(s);
  orders(s);
  view.on(["image"], () => {
    s.planes = null;
    s.fresh = true;
  });
  // Someone else has chosen a pixel; of changes that come together, after the last.
  view.on(["map", "row", "column"], () => strays() && queueMicrotask(() => strays() && s.look.letGo()));
  view.on([...TRAITS, "image", "show"], s.ask);
  view.themes(() => {
    s.colors = null;
    s.stale = true;
    draw(s);
  });
  view.widths(view.root, () => {
    s.width = floor(view.root.clientWidth - 2 * parseFloat(getComputedStyle(view.root).paddingLeft));
    draw(s);
  });
  view.show(s.nodes.stage, s.nodes.words, s.controls, s.tally.node);
  return view.end;
}

export default { render };
