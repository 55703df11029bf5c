import { colorsOf, greys, raster, signed } from "./js/canvas.js";
import { cells } from "./js/cells.js";
import { check, player, segments, slider } from "./js/controls.js";
import { element, reveal, say, uniqueId, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, format } from "./js/numbers.js";
import { handle, looking } from "./js/pointer.js";

const { max, min, abs, floor, sqrt, log10 } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// ---- the maths: pure functions, held against NumPy by tests/js/test_kernel_learner.py -----------------------------
// Pictures and kernels are lists, row after row.  Constants as in kernel_learner.py.

export const [SIZE, TAPS, SIDE] = [64, 3, 62];
const NINE = TAPS * TAPS;
export const HIDDEN = {
  sobel: [[-1, 0, 1, -2, 0, 2, -1, 0, 1], 1, "Sobel"],
  laplacian: [[0, 1, 0, 1, -4, 1, 0, 1, 0], 1, "Laplacian"],
  blur: [[1, 2, 1, 2, 4, 2, 1, 2, 1], 1 / 16, "blur"],
  emboss: [[-2, -1, 0, -1, 1, 1, 0, 1, 2], 1, "emboss"],
};
export const STARTS = { zeros: [0, 0, 0, 0, 0, 0, 0, 0, 0], random: [-0.8, -1.32, -0.25, 0.42, 1.14, 0.11, -0.55, -0.78, 0.75] };
export const [MOST, ENOUGH, NEAR] = [500, 1e12, 0.005];
const [LOW, HIGH] = [-12, 2]; // decades of the loss

export const kernelOf = (hidden) => HIDDEN[hidden][0].map((tap) => tap * HIDDEN[hidden][1]);

/** Brightness from 0 to 1, or less its mean. */
export function inputOf(pixels, centered) {
  const mean = centered ? pixels.reduce((sum, v) => sum + v, 0) / pixels.length / 255 : 0;
  return Float64Array.from(pixels, (v) => v / 255 - mean);
}

/** Index of the input's pixel that tap k meets at output i. */
const under = (i, k) => (floor(i / SIDE) + floor(k / TAPS)) * SIZE + (i % SIDE) + (k % TAPS);
const OFFSETS = upTo(NINE, (k) => floor(k / TAPS) * SIZE + (k % TAPS));

/** The correlation, where the kernel lies wholly inside. */
export function correlate(x, w) {
  const y = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < y.length; i += 1) {
    const first = under(i, 0);
    for (let k = 0; k < NINE; k += 1) y[i] += w[k] * x[first + OFFSETS[k]];
  }
  return y;
}

/** Slopes of the loss: twice the mean of the error times the input, shifted for each weight; no flip. */
export const gradientOf = (error, x) => upTo(NINE, (k) => (2 / error.length) * productOf(error, x, k).reduce((sum, v) => sum + v, 0));

/** The error times the input as one weight meets it. */
export const productOf = (error, x, k) => Float64Array.from(error, (e, i) => e * x[under(i, k)]);

/** Second derivatives of the loss: nine rows of nine. */
export function hessianOf(x) {
  const H = upTo(NINE, () => new Array(NINE).fill(0));
  for (let i = 0; i < SIDE * SIDE; i += 1) {
    const first = under(i, 0);
    for (let k = 0; k < NINE; k += 1) {
      const here = (2 / SIDE ** 2) * x[first + OFFSETS[k]];
      for (let l = k; l < NINE; l += 1) H[k][l] += here * x[first + OFFSETS[l]];
    }
  }
  for (let k = 0; k < NINE; k += 1) for (let l = 0; l < k; l += 1) H[k][l] = H[l][k];
  return H;
}

/** Turn rows and columns p and q of a symmetric matrix so that what they share vanishes. */
function turn(A, p, q) {
  if (A[p][q] === 0) return;
  const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
  const t = (theta < 0 ? -1 : 1) / (abs(theta) + sqrt(theta * theta + 1));
  const [c, s] = [1 / sqrt(t * t + 1), t / sqrt(t * t + 1)];
  for (const row of A) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  [A[p], A[q]] = [A[p].map((v, k) => c * v - s * A[q][k]), A[p].map((v, k) => s * v + c * A[q][k])];
}

/** Eigenvalues of a symmetric matrix, the largest first, by Jacobi's rotations. */
export function eigenvalues(matrix) {
  const A = matrix.map((row) => [...row]);
  for (let sweep = 0; sweep < 12; sweep += 1) {
    for (let p = 0; p < A.length; p += 1) for (let q = p + 1; q < A.length; q += 1) turn(A, p, q);
  }
  return A.map((row, k) => max(row[k], 0)).sort((a, b) => b - a);
}

/** The largest stable rate. */
export const limitOf = (H) => {
  const [largest] = eigenvalues(H);
  return largest > 1e-12 ? 2 / largest : Infinity;
};

/**
 * Gradient descent from `start`: all weights before the first step and after each, and their losses.  The target was
 * made by a kernel, so that the loss is exactly ½ dᵀHd and its slope Hd, where d is what still lacks: no picture needed.
 */
export function descend(H, kernel, start, rate, steps) {
  const [history, losses] = [[], []];
  let [w, stopped] = [[...start], null];
  for (let n = 0; n <= steps; n += 1) {
    const d = w.map((v, k) => v - kernel[k]);
    const slope = H.map((row) => row.reduce((sum, v, k) => sum + v * d[k], 0));
    const loss = max(0, slope.reduce((sum, v, k) => sum + v * d[k], 0) / 2);
    history.push(w);
    losses.push(loss);
    if (loss > ENOUGH) {
      stopped ??= n;
      continue;
    }
    w = w.map((v, k) => v - rate * slope[k]);
  }
  return { history, losses, stopped };
}

/** From which step on all weights stay right to two decimals; null if they do not. */
export function learnedAt(history, kernel) {
  let first = history.length;
  while (first > 0 && history[first - 1].every((v, k) => abs(v - kernel[k]) < NEAR)) first -= 1;
  return first < history.length ? first : null;
}

/** How long a weight's arrow is, from 0 to 1: the root of the step. */
export const arrowLength = (move, largest) => sqrt(min(1, abs(move) / largest));

// Rates on the slider: twenty to a decade, with two digits; `rateAt(26)` is 20.
export const RATES = [-40, 26];
export const rateAt = (place) => Number((10 ** (place / 20)).toPrecision(2));
export const placeOf = (rate) => clamp(20 * log10(rate), ...RATES);

/** Where the panels stand: left, top, width, height of each with its title; the same as `layout` in kernel_learner.py. */
export function layout(width, shown) {
  const [title, narrow] = [19, width < 480];
  const gap = narrow ? 8 : 14;
  const boxes = {};
  let top = 0;
  if (shown.includes("pictures")) {
    const side = min(186, floor((width - 3 * gap) / 4));
    const left = (width - 4 * side - 3 * gap) / 2;
    ["input", "target", "prediction", "error"].forEach((name, i) => (boxes[name] = [left + i * (side + gap), top, side, title + side]));
    top += title + side + 10;
  }
  const tile = narrow ? min(52, floor((width - 28) / 6)) : 56;
  const [tiles, apart] = [3 * tile, narrow ? 20 : 28];
  const beside = !narrow && shown.includes("weights") && shown.includes("loss");
  if (shown.includes("weights")) {
    const left = beside ? 0 : (width - 2 * tiles - apart) / 2;
    boxes.weights = [left, top, tiles, title + tiles];
    boxes.hidden = [left + tiles + apart, top, tiles, title + tiles];
    if (!beside) top += title + tiles + 10;
  }
  if (shown.includes("loss")) {
    const left = beside ? 2 * tiles + 2 * apart : 0;
    boxes.loss = [left, top, width - left, title + (narrow ? 100 : 130) + 38];
  }
  return { boxes, height: max(0, ...Object.values(boxes).map((box) => box[1] + box[3])) };
}

// ---- the words ---------------------------------------------------------------------------------------------------

const raised = (power) => String(power).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]));
const powers = (value, digits) => {
  const [front, power] = value.toExponential(digits).split("e");
  return `${front.replace("-", "\u2212")}·10${raised(Number(power))}`;
};

/** A number of any size: 0.012, 12.3, 4.5·10⁻⁷. */
export function number(value) {
  const size = abs(value);
  if (size === 0) return "0";
  return size >= 0.001 && size < 1000 ? format(value, size < 10 ? 3 : 1) : powers(value, 1);
}

/** A weight with two decimals or, if it is very large, as a power of ten. */
export const decimals = (value) => (abs(value) >= 1000 ? powers(value, 0) : format(value, abs(value) < 100 ? 2 : 0));

/** A rate with three digits. */
export const rounded = (rate) => (rate === Infinity ? "∞" : brief(rate, rate < 1 ? 3 : rate < 10 ? 2 : 1));

/** What the present state shows. */
export function sentence({ steps, rate, start, centered, limit, without, stopped, learned, open = false }) {
  if (stopped !== null && steps >= stopped) {
    return `Beyond 2/λ = ${rounded(limit)} each step overshoots by more than it corrects: the loss grows. Past 10¹², at step ${stopped}, the run is stopped.`;
  }
  if (rate > limit) return `Beyond 2/λ = ${rounded(limit)} each step overshoots, along one direction, by more than it corrects: in the end the loss grows.`;
  if (learned !== null && steps >= learned) return `From step ${learned} on, all nine weights are right to two decimals. ${open ? "They are the hidden kernel." : "Look behind the cover."}`;
  if (!centered) return `The mean brightness makes one direction of the nine far steeper: 2/λ falls from ${rounded(without)} to ${rounded(limit)}, and the others crawl.`;
  if (steps === 0) return `${start === "zeros" ? "Nine zeros" : "Nine random numbers"}, and a picture y made by a kernel under cover. Each arrow: where a step will take a weight.`;
  return "Each arrow is a weight’s next step: −η times its slope of the loss, found from error and input alone. Touch a weight.";
}

const nameOf = (k) => `w[${floor(k / TAPS)}, ${k % TAPS}]`;
const withSign = (value) => `${value < 0 ? "" : "+"}${number(value)}`;

/** Which product one weight's slope is. */
export const weightWords = (k, slope, rate) =>
  `∂L/∂${nameOf(k)} = 2 · mean of error × input shifted by (${floor(k / TAPS)}, ${k % TAPS}) = ${number(slope)}. Next step: −η times that, ${withSign(-rate * slope)}.`;

// ---- the picture -------------------------------------------------------------------------------------------------

const letter = (text) => element("i", {}, text);
const word = (kind, text) => element("span", { class: kind }, text);

/** A pane: a title over a frame. */
function pane(part, title, ...inside) {
  const name = element("p", { class: "title" }, ...title);
  return { name, box: element("div", { class: `pane of-${part}`, "data-part": part }, name, ...inside) };
}

/** The four pictures. */
function picturesScene() {
  const make = (part, title, size, label) => {
    const picture = raster(`of-${part}`, "", size);
    picture.name.append(...title);
    update(picture.box, { "data-part": part });
    update(picture.canvas, { "aria-label": label });
    return picture;
  };
  const pictures = {
    input: make("input", ["input ", letter("x"), word("long less", ", centered")], SIZE, "The input: a photograph of a printed page"),
    target: make("target", ["target ", letter("y")], SIDE, "The target: what the hidden kernel made of the input"),
    prediction: make("prediction", [word("long", "prediction "), letter("ŷ = w ⋆ x"), word("of-product", "product"), word("of-product long", " error × input")], SIDE, ""),
    error: make("error", ["error", word("long", letter(" ŷ − y"))], SIDE, "The error: prediction minus target"),
  };
  const shift = element("rect", { class: "shift", width: SIDE, height: SIDE });
  pictures.input.over.append(shift);
  return { pictures, shift };
}

/** The nine weights, and their arrows over them. */
function weightsScene(s) {
  const spoken = (i, j) => {
    const k = TAPS * i + j;
    return `weight ${i}, ${j}: ${decimals(s.w[k])}, next step ${withSign(s.moves[k])}`;
  };
  const grid = cells("The nine weights; arrow keys move, Enter pins", { look: s.look, what: (i, j) => TAPS * i + j, spoken });
  const tiles = grid.shape(TAPS, TAPS).flat().map((cell) => {
    const [value, move] = [element("span", { class: "value" }), element("span", { class: "move" })];
    cell.append(value, move);
    return { cell, value, move };
  });
  const arrows = element("path", { class: "arrows" });
  const over = element("svg", { class: "over", "aria-hidden": "true", "data-part": "gradient" }, arrows);
  const { box } = pane("weights", ["weights ", letter("w"), ", next steps"], element("div", { class: "frame" }, grid.node, over));
  update(box, { "data-part": "weights gradient" });
  return { box, tiles, arrows, over };
}

/** The hidden kernel under its cover, which a press lifts. */
function hiddenScene(s) {
  const tiles = upTo(NINE, () => element("div", { class: "tile" }));
  const sheet = element("div", { class: "sheet" }, ...tiles);
  const lift = element("button", { type: "button", class: "cover", onclick: () => uncover(s, !s.open) });
  const made = pane("hidden", ["hidden kernel"], element("div", { class: "frame" }, sheet, lift));
  return { ...made, tiles, sheet, lift };
}

/** The loss over the steps; or, while a weight is looked at, that weight. */
function lossScene(s) {
  const clip = uniqueId("clip");
  const frame = element("rect");
  const names = ["future", "past", "truth"];
  const paths = Object.fromEntries(names.map((name) => [name, element("path", { class: name })]));
  const plot = element("g", { "clip-path": `url(#${clip})` }, ...Object.values(paths));
  const [rules, marks] = [element("path", { class: "rules" }), element("g", { class: "marks" })];
  const dot = element("circle", { class: "dot", r: 5.5 });
  const svg = element("svg", { role: "img" }, element("clipPath", { id: clip }, frame), rules, marks, plot, dot);
  const surface = element("div", { class: "surface", "data-look": true });
  const made = pane("loss", [], element("div", { class: "plot" }, svg, surface, s.scrub.node));
  update(s.scrub.node, { "aria-label": "steps taken", "data-look": true });
  return { ...made, svg, frame, rules, marks, ...paths, dot, surface };
}

/** What follows from the photograph, from the settings, and from the step; each anew only if it must be. */
function compute(s) {
  const { view } = s;
  const [hidden, start, rate, centered, steps] = ["hidden", "start", "rate", "centered", "steps"].map(view.get);
  if (!s.pixels) {
    const { buffer, byteOffset, byteLength } = view.get("image");
    s.pixels = new Uint8Array(buffer, byteOffset, byteLength);
    s.bases = {};
    s.ran = s.painted = "";
    s.nodes.pictures.input.paint(greys(s.pixels));
  }
  const base = (whether) => {
    const x = inputOf(s.pixels, whether);
    const H = hessianOf(x);
    return { x, H, limit: limitOf(H) };
  };
  const { x, H, limit } = (s.bases[centered] ??= base(centered));
  const without = (s.bases[true] ??= base(true)).limit;
  const key = `${hidden} ${start} ${rate} ${centered}`;
  if (s.ran !== key) {
    s.ran = key;
    const kernel = kernelOf(hidden);
    const run = descend(H, kernel, STARTS[start], rate, MOST);
    Object.assign(s, run, { kernel, target: correlate(x, kernel), learned: learnedAt(run.history, kernel), line: "" });
    s.reach = s.target.reduce((most, v) => max(most, abs(v)), 1e-12) / 2; // beyond it colors are full
    s.bright = x.reduce((most, v) => max(most, abs(v)), 1e-12) / 2;
    s.largest = max(...kernel.map(abs));
  }
  const w = s.history[steps];
  const prediction = correlate(x, w);
  const error = prediction.map((v, i) => v - s.target[i]);
  const gradient = gradientOf(error, x);
  Object.assign(s, { hidden, start, rate, centered, steps, x, limit, without, w, prediction, error, gradient });
  s.moves = gradient.map((slope) => -rate * slope);
  s.loss = s.losses[steps];
  s.at = s.look.at();
}

/** Target, prediction and error on one scale; while a weight is looked at, its product in the prediction's place. */
function drawPictures(s) {
  const { pictures, shift } = s.nodes;
  s.colors ??= colorsOf(s.view.root, ["kernel", "input"]);
  const key = `${s.ran} ${s.steps} ${s.at}`;
  reveal(shift, s.at !== null);
  if (s.at !== null) update(shift, { x: s.at % TAPS, y: floor(s.at / TAPS) });
  if (s.painted === key) return;
  s.painted = key;
  pictures.target.paint(signed(s.target, s.colors, s.reach));
  pictures.error.paint(signed(s.error, s.colors, s.reach));
  const product = s.at !== null;
  const shown = product ? [productOf(s.error, s.x, s.at), s.reach * s.bright] : [s.prediction, s.reach];
  pictures.prediction.paint(signed(shown[0], s.colors, shown[1]));
  pictures.input.box.classList.toggle("centered", s.centered);
  pictures.prediction.box.classList.toggle("product", product);
  update(pictures.prediction.canvas, { "aria-label": product ? "The error times the input, shifted" : "The prediction: what the present weights make of the input" });
}

/** Colour of a weight's tile: as deep as it is large. */
function tint(node, value, largest) {
  const strength = 45 * min(1, abs(value) / largest);
  node.style.setProperty("--tint", `${strength.toFixed(1)}%`);
  node.classList.toggle("below", value < 0);
}

/** An arrow up or down from the middle of a tile's right edge. */
function arrow(k, move, tile, largest) {
  const length = 0.42 * tile * arrowLength(move, largest);
  if (length < 1.5) return "";
  const way = move > 0 ? -1 : 1;
  const [x, y, head] = [(k % TAPS) * tile + tile - 7, floor(k / TAPS) * tile + tile / 2, min(4.5, 0.8 * length)];
  const [out, back] = [(0.8 * head).toFixed(1), (way * head).toFixed(1)];
  return `M${x.toFixed(1)} ${y.toFixed(1)}v${(way * length).toFixed(1)}m-${out} ${-back}l${out} ${back}l${out} ${-back}`;
}

const FRACTION = (tap, scale) => (scale === 1 ? format(tap, 0) : `1/${1 / (tap * scale)}`);

function drawWeights(s) {
  const { weights, hidden } = s.nodes;
  const tile = s.boxes.weights[2] / TAPS;
  weights.tiles.forEach(({ cell, value, move }, k) => {
    say(value, decimals(s.w[k]));
    const by = decimals(s.moves[k]);
    say(move, abs(s.moves[k]) < NEAR ? "" : s.moves[k] > 0 ? `+${by}` : by);
    tint(cell, s.w[k], s.largest);
    cell.classList.toggle("lit", k === s.at);
    cell.classList.toggle("far", abs(s.w[k]) >= 100);
  });
  update(weights.over, { viewBox: `0 0 ${TAPS * tile} ${TAPS * tile}` });
  update(weights.arrows, { d: s.moves.map((move, k) => arrow(k, move, tile, s.largest)).join("") });
  const [taps, scale, name] = HIDDEN[s.hidden];
  hidden.tiles.forEach((node, k) => {
    say(node, s.open ? FRACTION(taps[k], scale) : "");
    tint(node, s.open ? s.kernel[k] : 0, s.largest);
  });
  update(hidden.sheet, { "aria-hidden": String(!s.open) });
  say(hidden.name, s.open ? `hidden: ${name}` : "hidden kernel");
  update(hidden.lift, { "aria-label": s.open ? `Cover the ${name} kernel again` : "Look behind the cover: the hidden kernel" });
  hidden.box.classList.toggle("open", s.open);
  if (!hidden.lift.childNodes.length) hidden.lift.append(element("span", { class: "unknown" }, "?"), element("span", { class: "say" }, "look behind"));
}

const PAD = { left: 34, right: 14 }; // of the plot, for its numbers and the thumb

/** Axis, numbers and the whole line; anew if the run, the size, or what is shown has changed. */
function drawAxis(s) {
  const { loss } = s.nodes;
  const [, , wide, high] = s.boxes.loss;
  const tall = high - 19 - 38;
  const key = `${s.ran} ${wide} ${tall} ${s.at}`;
  if (s.line === key) return;
  s.line = key;
  const [left, right] = [PAD.left, wide - PAD.right];
  const x = (n) => left + (n / MOST) * (right - left);
  const span = 1.25 * s.largest;
  const ofLoss = (v) => 6 + (1 - (log10(max(v, 1e-30)) - LOW) / (HIGH - LOW)) * (tall - 6);
  const ofWeight = (v) => 6 + (1 - (clamp(v, -4 * span, 4 * span) + span) / (2 * span)) * (tall - 6);
  const y = s.at === null ? ofLoss : ofWeight;
  const values = s.at === null ? s.losses : s.history.map((w) => w[s.at]);
  const ticks = s.at === null ? [-9, -6, -3, 0].map((p) => [10 ** p, `10${raised(p)}`]) : [-1, 0, 1].map((sign) => [sign * s.largest, brief(sign * s.largest)]);
  s.points = values.map((v, n) => `${x(n).toFixed(1)} ${clamp(y(v), -60, tall + 60).toFixed(1)}`);
  s.dots = (n) => [x(n), clamp(y(values[n]), 2, tall)];
  s.stepAt = (across) => clamp(Math.round(((across - left) / (right - left)) * MOST), 0, MOST);
  update(loss.svg, { viewBox: `0 0 ${wide} ${high - 19}`, height: high - 19 });
  update(loss.frame, { x: left - 3, y: 0, width: right - left + 6, height: tall });
  update(loss.rules, { d: ticks.map(([v]) => `M${left} ${y(v).toFixed(1)}H${right}`).join("") });
  const text = (at, down, words, anchor) => element("text", { x: at.toFixed(1), y: down.toFixed(1), "text-anchor": anchor }, words);
  const across = upTo(6, (i) => text(x(100 * i), tall + 31, String(100 * i), "middle"));
  loss.marks.replaceChildren(...ticks.map(([v, words]) => text(left - 6, y(v) + 4, words, "end")), ...across);
  update(loss.future, { d: `M${s.points.join("L")}` });
  Object.assign(loss.surface.style, { left: `${left - 8}px`, width: `${right - left + 16}px`, height: `${tall - 14}px` });
  s.scrub.along(left, right);
  s.scrub.node.style.top = `${tall - 16}px`;
  const truth = s.at === null ? "" : `M${left} ${y(s.kernel[s.at]).toFixed(1)}H${right}`;
  update(loss.truth, { d: truth });
}

function drawLoss(s) {
  const { loss } = s.nodes;
  drawAxis(s);
  update(loss.past, { d: `M${s.points.slice(0, s.steps + 1).join("L")}` });
  const [cx, cy] = s.dots(s.steps);
  update(loss.dot, { cx: cx.toFixed(1), cy: cy.toFixed(1) });
  loss.box.classList.toggle("by-weight", s.at !== null);
  reveal(loss.truth, s.at !== null && s.open);
  const found = s.at === null ? `loss L = ${number(s.loss)}` : `${nameOf(s.at)} = ${decimals(s.w[s.at])}`;
  say(loss.name, `${found} at step ${s.steps}`);
  update(loss.svg, { "aria-label": `${s.at === null ? "The loss, on a logarithmic axis" : `The weight ${nameOf(s.at)}`}, over ${MOST} steps; now ${found}` });
}

function drawWords(s) {
  const { nodes } = s;
  const said = s.at === null ? sentence(s) : weightWords(s.at, s.gradient[s.at], s.rate);
  say(nodes.words, said);
  const kernel = s.open ? ` The hidden kernel is ${HIDDEN[s.hidden][2]}: ${s.kernel.map((v) => brief(v, 4)).join(", ")}.` : "";
  s.view.aloud(s.at === null ? `Step ${s.steps}: loss ${number(s.loss)}. ${said}${kernel}` : said);
  const share = (placeOf(s.limit) - RATES[0]) / (RATES[1] - RATES[0]);
  nodes.rate.style.setProperty("--share", share.toFixed(4));
  say(nodes.mark, `2/λ = ${rounded(s.limit)}`);
  nodes.rate.classList.toggle("beyond", s.rate > s.limit);
  reveal(nodes.mark, s.limit !== Infinity);
  nodes.once.disabled = s.steps >= (s.stopped ?? MOST);
}

/** Everything in its place; a reduced view leaves panels out. */
function place(s) {
  const shown = ["pictures", "weights", "loss"].filter((part) => s.view.shows(part));
  const key = `${s.width} ${shown}`;
  if (s.placed === key) return;
  s.placed = key;
  const { boxes, height } = layout(s.width, shown);
  s.boxes = { weights: [0, 0, 168], loss: [0, 0, 300, 175], ...boxes };
  s.nodes.stage.style.height = `${height}px`;
  for (const [name, node] of Object.entries(s.nodes.panes)) {
    const [left, top, wide] = boxes[name] ?? [0, 0, 100];
    node.style.display = name in boxes ? "" : "none";
    node.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    node.style.setProperty("--side", `${wide}px`);
    node.style.setProperty("--tile", `${wide / TAPS}px`);
    node.classList.toggle("tight", wide < 140);
  }
  s.nodes.words.style.display = s.view.shows("words") ? "" : "none";
  s.nodes.controls.style.display = s.view.shows("controls") ? "" : "none";
}

function draw(s) {
  if (!s.width) return;
  place(s);
  compute(s);
  drawPictures(s);
  drawWeights(s);
  drawLoss(s);
  drawWords(s);
  if (s.scrub.playing() && s.stopped !== null && s.steps >= s.stopped) s.scrub.stop();
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** Lift the cover, or lay it back. */
function uncover(s, open) {
  s.open = open;
  s.ask();
}

/** To a step, as if the slider had been moved there. */
function goTo(s, step) {
  s.scrub.node.value = clamp(step, 0, MOST);
  s.scrub.node.dispatchEvent(new Event("input"));
}

/** A run that was stopped begins anew when it is played again. */
function rewind(s) {
  if (!s.scrub.playing() && s.stopped !== null && s.steps >= s.stopped) s.view.set("steps", 0);
}

/** Press or drag on the curve: to that step. */
function hands(s) {
  const { surface } = s.nodes.loss;
  const go = (event) => goTo(s, s.stepAt(event.clientX - s.nodes.loss.svg.getBoundingClientRect().left));
  handle(s.view, surface, ["steps"], {
    axis: "x",
    press: (event) => (event.pointerType === "mouse" && go(event), true),
    drag: go,
    click: go,
  });
}

/** Prose: look at "w0,2"; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, i, j] = /^w([0-2]),([0-2])$/.exec(value) ?? [];
  s.look.letGo();
  if (i !== undefined) s.look.pin(TAPS * Number(i) + Number(j));
}

/** Play and one step; the rate with its limit; which kernel, from where, less the mean. */
function controls(s) {
  const { view, scrub } = s;
  const once = element("button", { type: "button", class: "once", "data-look": true, onclick: () => (goTo(s, s.view.get("steps") + 1), view.send()) }, "One step");
  update(scrub.play, { "data-look": true });
  scrub.play.addEventListener("click", () => rewind(s), { capture: true });
  const rate = slider(view, "rate", ["rate ", letter("η")], { low: RATES[0], high: RATES[1], step: 1, words: rounded, place: placeOf, valueAt: rateAt });
  rate.label.replaceChildren("rate ", letter("η"));
  const mark = element("span", { class: "limit" });
  const track = element("div", { class: "track" }, rate.node, element("span", { class: "notch" }), mark);
  const line = element("div", { class: "slide" }, rate.label, track, rate.value);
  const names = Object.fromEntries(Object.keys(HIDDEN).map((name, i) => [name, "ABCD"[i]]));
  const hidden = segments(view, "hidden", "hidden kernel", names);
  const start = segments(view, "start", "start", { zeros: "zeros", random: "random" });
  const centered = check(view, "centered", "subtract the mean");
  const go = element("div", { class: "go" }, scrub.play, once, scrub.value);
  const set = element("div", { class: "set" }, hidden.box, start.box, centered.box);
  return { once, mark, rate: line, controls: element("div", { class: "controls" }, go, line, set) };
}

function render({ model, el }) {
  const settings = ["hidden", "start", "rate", "centered", "steps"];
  const view = viewOf({ model, el }, "kernel-learner", { traits: settings });
  const s = { view, width: 0, pixels: null, colors: null, open: false };
  const ask = (s.ask = view.frame(() => draw(s)));
  s.look = looking(view, ask, { name: (k) => (k === null ? "weight" : nameOf(k)) });
  s.scrub = player(view, "steps", "steps", { low: 0, high: MOST, step: 1, start: 0, stride: 20, speed: 20, words: (n) => `step ${n}`, spoken: (n) => `step ${n}` });
  const { pictures, shift } = picturesScene();
  s.w = s.moves = new Array(NINE).fill(0);
  const [weights, hidden, loss] = [weightsScene(s), hiddenScene(s), lossScene(s)];
  const panes = { ...Object.fromEntries(Object.entries(pictures).map(([name, { box }]) => [name, box])), weights: weights.box, hidden: hidden.box, loss: loss.box };
  const stage = element("div", { class: "stage" }, ...Object.values(panes));
  s.nodes = { pictures, shift, weights, hidden, loss, panes, stage, words: element("p", { class: "sentence" }), ...controls(s) };
  hands(s);
  view.on(["image"], () => (s.pixels = null));
  view.on(["hidden"], () => (s.open = false));
  view.onReset(() => uncover(s, false));
  view.on([...settings, "image", "show"], ask);
  const play = view.root.orders.play;
  view.obeys({
    play: (order) => (rewind(s), play(order)),
    step: () => s.nodes.once.click(),
    reveal: () => uncover(s, true),
    look: (order) => lookAt(s, order),
  });
  view.themes(() => {
    s.colors = null;
    s.painted = "";
    draw(s);
  });
  view.widths(stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(stage, s.nodes.words, s.nodes.controls);
  return view.end;
}

export default { render };
