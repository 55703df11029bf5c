import { cells } from "./js/cells.js";
import { check, player, slider } from "./js/controls.js";
import { element, pool, reveal, say, uniqueId, update } from "./js/dom.js";
import { viewOf, whenQuiet } from "./js/life.js";
import { brief, clamp, format } from "./js/numbers.js";
import { keys, looking } from "./js/pointer.js";

const { abs, ceil, cos, floor, imul, log, log10, max, min, PI, round, sin, sqrt } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// ---- the maths: pure functions, held against NumPy by tests/js/test_block_explorer.py -----------------------------
// Signals are flat: channel after channel, signal after signal, place after place.  A tower is { residual, blocks,
// seed, norm, gamma, deleted, cut }.  Constants as in block_towers.py.

export const [CHANNELS, SIGNALS, PLACES, TAPS, MOST] = [8, 8, 16, 3, 27];
export const [EPSILON, APART, DECADES] = [1e-5, 1000, 9];
const EACH = SIGNALS * PLACES; // numbers of a channel
const SIZE = CHANNELS * EACH;
const KERNEL = CHANNELS * CHANNELS * TAPS;
/** Normally distributed random numbers, from Ettinger's mulberry32 by Box and Muller. */
export function normals(seed, count) {
  let a = seed;
  const uniform = () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = imul(a ^ (a >>> 15), 1 | a);
    t ^= t + imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const [radius, angle] = [sqrt(-2 * log(1 - uniform())), 2 * PI * uniform()];
    numbers[i] = radius * cos(angle);
    numbers[i + 1] = radius * sin(angle);
  }
  return numbers;
}

const draws = new Map();
/** All that is left to chance: the head, the signals, He's weights. */
export function chance(seed) {
  if (!draws.has(seed)) {
    const all = normals(APART * seed, CHANNELS + SIGNALS + SIZE + (1 + 2 * MOST) * KERNEL);
    const he = sqrt(2 / (TAPS * CHANNELS));
    let at = 0;
    const take = (count, scale = 1) => all.slice(at, (at += count)).map((v) => scale * v);
    const [readout, signs, signals, stem] = [take(CHANNELS), take(SIGNALS), take(SIZE), take(KERNEL, he)];
    draws.set(seed, { readout, signs, signals, stem, kernels: upTo(MOST, () => [take(KERNEL, he), take(KERNEL, he)]) });
  }
  return draws.get(seed);
}

/** Add to the channel of y that begins at `to` three taps of that of x that begins at `from`: places go round. */
function slide(y, to, x, from, before, here, after) {
  for (let start = 0; start < EACH; start += PLACES) {
    const first = x[from + start];
    let [left, middle] = [x[from + start + PLACES - 1], first];
    for (let p = 0; p < PLACES; p += 1) {
      const right = p === PLACES - 1 ? first : x[from + start + p + 1];
      y[to + start + p] += before * left + here * middle + after * right;
      left = middle;
      middle = right;
    }
  }
}

/** A convolution layer along the places, which go round. */
export function correlate(x, w) {
  const y = new Float64Array(SIZE);
  for (let k = 0, o = 0; o < SIZE; o += EACH) for (let c = 0; c < SIZE; c += EACH, k += TAPS) slide(y, o, x, c, w[k], w[k + 1], w[k + 2]);
  return y;
}

/** The gradient by its input, from that by its output: the kernel backwards. */
export function correlateBack(dy, w) {
  const dx = new Float64Array(SIZE);
  for (let k = 0, o = 0; o < SIZE; o += EACH) for (let c = 0; c < SIZE; c += EACH, k += TAPS) slide(dx, c, dy, o, w[k + 2], w[k + 1], w[k]);
  return dx;
}

/** Each channel less its mean, over its deviation: of this batch, or as `known`, which may be missing. */
function normalise(a, known) {
  const y = new Float64Array(SIZE);
  const statistics = upTo(CHANNELS, (c) => {
    let [mean, square] = [0, 0];
    for (let j = EACH * c; j < EACH * (c + 1); j += 1) mean += a[j] / EACH;
    for (let j = EACH * c; j < EACH * (c + 1); j += 1) square += (a[j] - mean) ** 2 / EACH;
    return known?.[c] ?? [mean, 1 / sqrt(square + EPSILON)];
  });
  statistics.forEach(([mean, scale], c) => {
    for (let j = EACH * c; j < EACH * (c + 1); j += 1) y[j] = (a[j] - mean) * scale;
  });
  return { y, statistics };
}

/** The gradient by what batch normalisation gets, mean and deviation included. */
export function normaliseBack(dy, y, scales) {
  const dx = new Float64Array(SIZE);
  for (let c = 0; c < CHANNELS; c += 1) {
    let [mean, along] = [0, 0];
    for (let j = EACH * c; j < EACH * (c + 1); j += 1) {
      mean += dy[j] / EACH;
      along += (y[j] * dy[j]) / EACH;
    }
    for (let j = EACH * c; j < EACH * (c + 1); j += 1) dx[j] = scales[c] * (dy[j] - mean - y[j] * along);
  }
  return dx;
}

/** dy where x is above zero: the way back through a ReLU. */
function through(dy, x) {
  const dx = new Float64Array(SIZE);
  for (let j = 0; j < SIZE; j += 1) if (x[j] > 0) dx[j] = dy[j];
  return dx;
}
const relu = (x) => through(x, x);
/** factor · a + b; without b, factor · a. */
function combine(factor, a, b = null) {
  const y = new Float64Array(SIZE);
  for (let j = 0; j < SIZE; j += 1) y[j] = factor * a[j] + (b ? b[j] : 0);
  return y;
}
const hasShortcut = (tower, i) => tower.residual && !tower.cut.includes(i);

/** What comes to the first block and what each gives; what each keeps for the way back; `frozen` are known statistics. */
export function forward(tower, frozen = null) {
  const { signals, stem, kernels } = chance(tower.seed);
  const statistics = {};
  const normalised = (a, where) => {
    if (!tower.norm) return a;
    const found = normalise(a, frozen?.[where]);
    statistics[where] = found.statistics;
    return found.y;
  };
  const scales = (where) => statistics[where]?.map(([, scale]) => scale);
  const states = [relu(normalised(correlate(signals, stem), "0 0"))];
  const steps = upTo(tower.blocks, (at) => {
    const [i, x] = [at + 1, states[at]];
    if (tower.deleted.includes(i)) {
      states.push(x);
      return null;
    }
    const a = normalised(correlate(x, kernels[at][0]), `${i} 1`);
    const b = normalised(correlate(relu(a), kernels[at][1]), `${i} 2`);
    states.push(relu(combine(tower.gamma, b, hasShortcut(tower, i) ? x : null)));
    return { standard: [a, b], scales: [scales(`${i} 1`), scales(`${i} 2`)] };
  });
  return { states, steps, statistics };
}

/** What the branch of block i sends back, from the gradient inside the last ReLU. */
function branchBack(tower, i, { standard, scales }, dy) {
  const [first, second] = chance(tower.seed).kernels[i - 1];
  const normal = (g, k) => (tower.norm ? normaliseBack(g, standard[k], scales[k]) : g);
  const inner = correlateBack(normal(combine(tower.gamma, dy), 1), second);
  return correlateBack(normal(through(inner, standard[0]), 0), first);
}

/** The gradient by the last block's output. */
function headGradient(seed) {
  const { readout, signs } = chance(seed);
  return Float64Array.from({ length: SIZE }, (_, j) => (readout[floor(j / EACH)] * signs[floor((j % EACH) / PLACES)]) / PLACES);
}

/** The gradient by what the ReLU before the first block gets, and by what each block's last one gets. */
export function gradients(tower, { states, steps } = forward(tower)) {
  const found = [through(headGradient(tower.seed), states.at(-1))];
  for (let i = tower.blocks; i > 0; i -= 1) {
    const [dy] = found;
    if (!steps[i - 1]) {
      found.unshift(dy);
      continue;
    }
    const branch = branchBack(tower, i, steps[i - 1], dy);
    found.unshift(through(hasShortcut(tower, i) ? combine(1, branch, dy) : branch, states[i - 1]));
  }
  return found;
}

/** The gradient that comes back to the start, by the lengths of the paths that carry it: a polynomial, sent back. */
export function byLength(tower, { states, steps } = forward(tower)) {
  let parts = [through(headGradient(tower.seed), states.at(-1))];
  for (let i = tower.blocks; i > 0; i -= 1) {
    if (!steps[i - 1]) continue;
    const branches = parts.map((dy) => branchBack(tower, i, steps[i - 1], dy));
    const past = hasShortcut(tower, i) ? parts : parts.map(() => new Float64Array(SIZE));
    const sums = upTo(parts.length + 1, (k) => (k === 0 ? past[0] : k === parts.length ? branches[k - 1] : combine(1, past[k], branches[k - 1])));
    parts = sums.map((dy) => through(dy, states[i - 1]));
  }
  while (parts.length <= tower.blocks) parts.push(new Float64Array(SIZE));
  return parts;
}

/** Root of the sum of the squares. */
export function norm(x) {
  let squares = 0;
  for (let j = 0; j < x.length; j += 1) squares += x[j] * x[j];
  return sqrt(squares);
}

/** Sizes of the signal before the first block and after each, of what was sent. */
export function sizes(tower, passed = forward(tower)) {
  const norms = passed.states.map(norm);
  return norms.map((v) => v / norms[0]);
}

/** Norms of the gradients, of what was sent; 0 where nothing can be. */
export function slopes(tower, passed = forward(tower)) {
  const norms = gradients(tower, passed).map(norm);
  const sent = norms.at(-1);
  return norms.map((v) => (sent ? v / sent : v));
}

/** How far the last block's output is from the intact tower's, with that one's statistics. */
export function change(tower, intact = forward({ ...tower, deleted: [], cut: [] })) {
  const before = intact.states.at(-1);
  const after = forward(tower, intact.statistics).states.at(-1);
  const size = norm(before);
  return size ? norm(combine(-1, before, after)) / size : 0;
}

/** Number of paths of each length, by repeated convolution. */
export function countsOf(tower) {
  let counts = [1];
  for (let i = 1; i <= tower.blocks; i += 1) {
    const deleted = tower.deleted.includes(i);
    const [past, branch] = [Number(deleted || hasShortcut(tower, i)), Number(!deleted)];
    counts = upTo(counts.length + 1, (k) => past * (counts[k] ?? 0) + branch * (counts[k - 1] ?? 0));
  }
  return counts;
}

const sum = (values) => values.reduce((all, v) => all + v, 0);

/** First and last of the shortest run that is more than half of all; the fullest, if several are; null if there is none. */
export function majority(amounts) {
  const whole = sum(amounts);
  for (let length = 1; length <= amounts.length; length += 1) {
    const runs = upTo(amounts.length + 1 - length, (k) => sum(amounts.slice(k, k + length)));
    const most = max(...runs);
    if (most > whole / 2) return [runs.indexOf(most), runs.indexOf(most) + length - 1];
  }
  return null;
}

/** Settings as they can be: a link may ask for anything. */
export function legal({ blocks, deleted, cut, chosen, passed, ...rest }) {
  const n = clamp(round(blocks) || 1, 1, MOST);
  const within = (list) => [...new Set(list)].filter((i) => Number.isInteger(i) && i >= 1 && i <= n).sort((a, b) => a - b);
  const gone = within(deleted);
  const lost = within(cut).filter((i) => !gone.includes(i));
  return { ...rest, blocks: n, deleted: gone, cut: lost, chosen: chosen >= 1 && chosen <= n ? chosen : 0, passed: min(passed, n) };
}

/** Where things stand, in pixels; the same as Places in block_explorer.py. */
export function geometry(width, shown) {
  const narrow = width < 480;
  const [title, low, gap] = [19, 32, 6];
  const [left, right] = narrow ? [40, 14] : [48, 16];
  const [unit, span] = [MOST, MOST + 1].map((count) => (width - left - right) / count);
  const [arc, box] = narrow ? [15, 14] : [24, 20];
  const residual = title + arc + box / 2;
  const plain = residual + box + gap + title;
  const depth = plain + box / 2 + 2;
  const towers = shown.includes("towers") ? depth + low : 0;
  const tall = narrow ? 114 : 142;
  const chart = towers + (towers ? gap : 0) + title;
  const height = shown.includes("sizes") ? chart + tall + 38 : towers;
  const pathTall = narrow ? 72 : 96;
  return { narrow, width, left, right, unit, span, arc, box, residual, plain, depth, tall, chart, height, pathTall, pathHeight: title + pathTall + 20 };
}

/** The powers of ten from which to which the chart's axis goes. */
export function axisOf(curves) {
  const powers = curves.flat().filter((v) => v > 0).map(log10);
  const [low, high] = powers.length ? [floor(min(...powers)), ceil(max(...powers))] : [0, 0];
  return [max(min(low, -1), -DECADES), min(max(high, 1), DECADES)];
}

/** Powers of ten with a number. */
export function ticksOf(low, high) {
  const step = ceil((high - low) / 4);
  const first = ceil(low / step) * step + 0;
  return upTo(floor((high - first) / step) + 1, (k) => first + k * step);
}

// ---- the words ---------------------------------------------------------------------------------------------------

const SMALL = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (power) => String(power).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : SMALL[sign]));
const thousands = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** How many times something is something else: two digits, three of a large number. */
export function times(value) {
  if (value === 0) return "0";
  const [front, text] = value.toExponential(1).split("e");
  const power = Number(text);
  if (power < -3 || power >= 6) return `${front}·10${raised(power)}`;
  return power >= 2 ? thousands(round(Number(value.toExponential(2)))) : value.toFixed(1 - power);
}

/** A part as a percentage, with a decimal below ten. */
export function percent(part) {
  if (part === 0) return "0\u00a0%";
  if (part < 0.0005) return "under 0.1\u00a0%";
  return part < 0.0995 ? `${(100 * part).toFixed(1)}\u00a0%` : `${thousands(floor(100 * part + 0.5))}\u00a0%`;
}

function listed(blocks) {
  if (blocks.length > 3) return `${blocks.length} blocks`;
  const rest = blocks.slice(0, -1);
  return rest.length ? `blocks ${rest.join(", ")} and ${blocks.at(-1)}` : `block ${blocks[0]}`;
}

/** What deletions and cuts do to the answers. */
export function lesion(deleted, cut, plain, residual) {
  const what = deleted.length ? [listed(deleted)] : [];
  if (cut.length) what.push(`the shortcut${cut.length > 1 ? "s" : ""} of ${listed(cut)}`);
  const gone = `Without ${what.join(" and ")}`;
  if (!deleted.length) return `${gone} the residual tower’s answer changes by ${percent(residual)}; the plain tower never had any.`;
  return `${gone} the plain tower’s answer changes by ${percent(plain)}, the residual one’s by ${percent(residual)}.`;
}

/** What the present state shows. */
export function sentence({ blocks: n, norm: normed, gamma, deleted, cut, direction, passed, curves, changes }) {
  const ahead = direction === "forward";
  if (passed < n) {
    const done = floor(passed);
    const [plain, residual] = curves.map((curve) => times(curve[ahead ? done : n - done]));
    const way = `${ahead ? "After" : "Back through"} ${done} of ${n} blocks the ${ahead ? "signal" : "gradient"}`;
    return `${way} is ${plain} times what was sent in the plain tower, ${residual} times in the residual one.`;
  }
  if (deleted.length || cut.length) return lesion(deleted, cut, ...changes);
  if (!gamma) {
    const end = ahead ? "is the identity, the plain one gives nothing" : "hands the gradient back as it is, the plain one none";
    return `At γ = 0 every branch gives 0: the residual tower ${end}.`;
  }
  const [plain, residual] = curves.map((curve) => times(curve[ahead ? n : 0]));
  const way = ahead ? "signal leaves the plain tower" : "gradient comes back through the plain tower";
  const end = ahead ? "it came in" : "it was sent";
  return `${normed ? "At" : "Without batch normalisation, at"} depth ${2 * n + 2} the ${way} ${plain} times as large as ${end}, ${ahead ? "" : "through "}the residual one ${residual} times.`;
}

/** What one block does; `without` are the changes if it were deleted, too. */
export function blockWords(i, { deleted, cut, direction, curves }, without) {
  const [plain, residual] = curves.map((curve) => times(curve[i]));
  const sent = direction === "forward" ? "signal behind it is" : "gradient that comes to it is";
  const size = `the ${sent} ${plain} times what was sent in the plain tower, ${residual} times in the residual one.`;
  if (deleted.includes(i)) return `Block ${i} is deleted, and its neighbours are joined: ${size}`;
  if (cut.includes(i)) return `Block ${i} has no shortcut, all must pass its branch: ${size}`;
  return `Block ${i}: ${size} Without it the answers change by ${without.map(percent).join(" and ")}.`;
}

const runOf = ([first, last]) => (first < last ? `${first}–${last}` : String(first));
const longs = (length) => `${length} block${String(length) === "1" ? "" : "s"} long`;

/** How long most of the paths are, and those by which the gradient comes. */
export function pathWords(counts, carried) {
  const [total, ends] = [sum(counts), majority(carried)];
  if (total === 1) return `A single path is left, ${longs(counts.indexOf(1))}: ${ends ? "all of the" : "no"} gradient comes by it.`;
  let rest = "no gradient comes by any of them";
  if (ends) rest = `more than half of the gradient comes by ${ends[1] === 0 ? "the one that goes round all blocks" : `those of length ${runOf(ends)}`}`;
  return `Of ${thousands(total)} paths more than half are ${longs(runOf(majority(counts)))}; ${rest}.`;
}

/** How many paths of one length there are, and what they carry. */
export function lengthWords(k, counts, carried) {
  const [total, all] = [sum(counts), sum(carried)];
  const many = `${counts[k] === 1 ? "One path" : `${thousands(counts[k])} paths`} of ${thousands(total)}`;
  return `Through ${k} block${k === 1 ? "" : "s"}: ${many}, ${percent(counts[k] / total)}; carrying ${percent(all ? carried[k] / all : 0)} of the gradient.`;
}

/** The polynomial whose coefficients count the paths. */
export function polynomial(counts) {
  const lowest = counts.findIndex(Boolean);
  const spread = counts.findLastIndex(Boolean) - lowest;
  const power = (base, k) => (k ? [`${base}${k > 1 ? raised(k) : ""}`] : []);
  return [...power("(1 + z)", spread), ...power("z", lowest)].join(" ") || "1";
}

// ---- the picture -------------------------------------------------------------------------------------------------

const [PLAIN, RESIDUAL] = [0, 1]; // of every pair
const NAMES = ["plain", "residual"];
const SENDS = { forward: ["Send a ", "pulse forward"], back: ["Send a ", "gradient back"] };
const LIT = { block: ({ i }) => `block ${i}`, length: ({ k }) => `paths of ${k}` };
const long = (text) => element("span", { class: "long" }, text);
const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
const put = (node, left, top) => (node.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`);

/** The towers: wires, boxes, arcs, what runs through them. */
function towersScene() {
  const rows = NAMES.map((name) => {
    const wire = element("path", { class: "wire" });
    const node = element("g", { class: name, "data-part": name }, wire);
    return { node, wire, boxes: pool(node, () => element("rect", { class: "box", rx: 1.5 })) };
  });
  const arcs = element("g", { class: "residual", "data-part": "shortcuts residual" });
  const pulses = upTo(3, () => element("circle", { class: "pulse" }));
  const node = element("g", {}, rows[RESIDUAL].node, arcs, rows[PLAIN].node, element("g", { class: "pulses" }, ...pulses));
  return { node, rows, arcs: pool(arcs, () => element("path", { class: "arc" })), pulses };
}

/** The chart of sizes: two curves, each with its end and its number. */
function chartScene() {
  const [rules, marks, guide] = [element("path", { class: "rules" }), element("g", { class: "marks" }), element("path", { class: "guide" })];
  const curves = NAMES.map((name) => {
    const parts = { line: element("path", { class: "curve" }), head: element("circle", { class: "head", r: 4.5 }), spot: element("circle", { class: "spot", r: 4 }), label: element("text", { class: "label" }) };
    return { ...parts, node: element("g", { class: name }, ...Object.values(parts)) };
  });
  return { node: element("g", { "data-part": "sizes" }, rules, marks, guide, ...curves.map(({ node }) => node)), rules, marks, guide, curves };
}

/** The paths by their length: bars for how many there are, thinner ones for what they carry. */
function pathsScene(s) {
  const what = (_, k) => ({ kind: "length", k });
  const grid = cells("Paths by length, in blocks; arrow keys move, Enter pins", { look: s.look, what, spoken: (_, k) => lengthWords(k, s.counts, s.carried) });
  const kinds = ["many", "carried"].map((kind) => {
    const node = element("g", { class: kind });
    return { node, bars: pool(node, () => element("rect", { class: "bar", rx: 1 })) };
  });
  const [axis, marks] = [element("path", { class: "axis" }), element("g", { class: "marks" })];
  const svg = element("svg", { role: "img" }, ...kinds.map(({ node }) => node), axis, marks);
  const [formula, words] = [element("span", { class: "formula" }), element("p", { class: "sentence" })];
  const key = element("span", { class: "key" }, element("span", { class: "many" }, "paths"), element("span", { class: "carried" }, "gradient", long(" they carry")));
  const title = element("p", { class: "title" }, element("span", {}, "paths by length: ", formula), key);
  const stage = element("div", { class: "stage" }, title, svg, grid.node);
  return { box: element("div", { class: "of-paths", "data-part": "paths" }, stage, words), stage, svg, grid, kinds, axis, marks, formula, words };
}

/** Everything that is made once. */
function scene(s) {
  const [towers, chart] = [towersScene(), chartScene()];
  const svg = element("svg", { role: "img" }, towers.node, chart.node);
  const what = (_, j) => ({ kind: "block", i: j + 1 });
  const grid = cells("Blocks of both towers; arrow keys move, Enter pins, Delete deletes, X cuts the shortcut", { look: s.look, what, spoken: (_, j) => spokenBlock(s, j + 1) });
  const title = (part, ...inside) => element("p", { class: "title", "data-part": part }, ...inside);
  const lost = NAMES.map(() => element("b", {}));
  const hurt = (k) => element("span", { class: "lost" }, long("answer "), lost[k]);
  const titles = {
    residual: title("residual", element("span", {}, "residual: relu(x + branch)"), hurt(RESIDUAL)),
    plain: title("plain", element("span", {}, "plain: relu(branch)"), hurt(PLAIN)),
    chart: title("sizes"),
  };
  const tag = element("div", { class: "tag" }, s.depth.label, " ", s.depth.value);
  const depth = element("div", { class: "depth", "data-part": "depth" }, s.depth.node, tag);
  const scrub = element("div", { class: "scrub", "data-part": "sizes" }, s.scrub.node);
  const stage = element("div", { class: "stage" }, svg, ...Object.values(titles), grid.node, depth, scrub);
  return { ...towers, towers: towers.node, chart, svg, grid, titles, lost, tag, depth, scrub, stage, words: element("p", { class: "sentence" }), paths: pathsScene(s) };
}

const stateOf = (s, i) => (s.c.deleted.includes(i) ? ", deleted" : s.c.cut.includes(i) ? ", shortcut cut" : "");
const spokenBlock = (s, i) => `Block ${i} of ${s.c.blocks}${stateOf(s, i)}: ${NAMES.map((name, k) => `${name} ${times(s.curves[k][i])}`).join(", ")}`;

const TRAITS = ["blocks", "seed", "norm", "gamma", "deleted", "cut", "direction", "passed", "chosen"];

/** What follows from the traits; the towers anew only if they must be. */
function compute(s) {
  const c = legal(Object.fromEntries(TRAITS.map((name) => [name, s.view.get(name)])));
  const { blocks, seed, norm: normed, gamma, deleted, cut } = c;
  const key = JSON.stringify([blocks, seed, normed, gamma, deleted, cut]);
  s.c = c;
  if (s.key !== key) {
    const common = { blocks, seed, norm: normed, gamma, deleted };
    s.pair = [{ ...common, residual: false, cut: [] }, { ...common, residual: true, cut }];
    s.runs = s.pair.map((tower) => forward(tower));
    s.measures = { forward: s.pair.map((tower, k) => sizes(tower, s.runs[k])), back: s.pair.map((tower, k) => slopes(tower, s.runs[k])) };
    const whole = JSON.stringify([blocks, seed, normed, gamma]);
    if (s.whole !== whole) Object.assign(s, { whole, intact: null });
    s.changes = deleted.length || cut.length ? s.pair.map((tower, k) => change(tower, intactOf(s)[k])) : [0, 0];
    s.counts = countsOf(s.pair[RESIDUAL]);
    Object.assign(s, { key, without: {} });
    if (s.carried) s.later();
    else carry(s);
  }
  s.curves = s.measures[c.direction];
  const seen = s.look.at();
  s.at = seen && (seen.kind === "block" ? seen.i : seen.k) <= blocks ? seen : null;
}

const intactOf = (s) => (s.intact ??= s.pair.map((tower) => forward({ ...tower, deleted: [], cut: [] })));

/** The changes if block i were deleted, too. */
function withoutOf(s, i) {
  const gone = ({ deleted, cut }) => ({ deleted: [...deleted, i], cut: cut.filter((k) => k !== i) });
  return (s.without[i] ??= s.pair.map((tower, k) => change({ ...tower, ...gone(tower) }, intactOf(s)[k])));
}

/** What the paths carry takes a frame's time or two: while a slider is dragged it waits. */
function carry(s) {
  s.carried = byLength(s.pair[RESIDUAL], s.runs[RESIDUAL]).map(norm);
  s.carriedFor = s.key;
}

/** An arc from x(i − 1) to x(i), and where a share of the way along it is. */
const arcOf = (g, i) => {
  const [left, right, rise] = [g.x(i - 1), g.x(i), (g.box / 2 + g.arc) / 0.75];
  return { path: `M${at(left, g.residual)}C${at(left, g.residual - rise)} ${at(right, g.residual - rise)} ${at(right, g.residual)}`, point: (t) => [left + (3 * t * t - 2 * t ** 3) * (right - left), g.residual - 3 * t * (1 - t) * rise] };
};

function drawTowers(s) {
  const { nodes, g, c } = s;
  const gone = new Set(c.deleted);
  const isPassed = (i) => (c.direction === "forward" ? i <= c.passed : i > c.blocks - c.passed);
  nodes.rows.forEach(({ wire, boxes }, k) => {
    const middle = g[NAMES[k]];
    const pieces = upTo(c.blocks, (j) => (k === RESIDUAL && gone.has(j + 1) ? "" : `M${at(g.x(j), middle)}H${g.x(j + 1).toFixed(1)}`));
    const [start, end] = [g.x(0), g.x(c.blocks)];
    const head = c.direction === "forward" ? `M${at(end + 3, middle - 4)}l5 4l-5 4` : `M${at(start - 6, middle - 4)}l-5 4l5 4`;
    update(wire, { d: `M${at(start - 10, middle)}H${start.toFixed(1)}${pieces.join("")}M${at(end, middle)}h7${head}` });
    boxes(c.blocks).forEach((box, j) => {
      const kind = `${gone.has(j + 1) ? " deleted" : ""}${isPassed(j + 1) ? " passed" : ""}${s.at?.i === j + 1 ? " lit" : ""}`;
      const size = { x: (g.x(j) + 0.2 * g.unit).toFixed(1), y: (middle - g.box / 2).toFixed(1), width: (0.6 * g.unit).toFixed(1), height: g.box };
      update(box, { class: `box${kind}`, ...size });
    });
    const hurt = c.deleted.length || (k === RESIDUAL && c.cut.length);
    say(nodes.lost[k], hurt ? `changed by ${percent(s.changes[k])}` : "");
    reveal(nodes.lost[k].parentNode, hurt);
  });
  nodes.arcs(c.blocks).forEach((arc, j) => update(arc, { d: arcOf(g, j + 1).path, class: `arc${c.cut.includes(j + 1) ? " cut" : ""}${s.at?.i === j + 1 ? " lit" : ""}` }));
  drawPulses(s);
  nodes.svg.classList.toggle("going-forward", c.direction === "forward");
  nodes.grid.shape(1, c.blocks)[0].forEach((cell, j) => cell.classList.toggle("lit", s.at?.i === j + 1));
  update(nodes.svg, { "aria-label": `Two towers of ${c.blocks} blocks, and below them the ${c.direction === "forward" ? "size of the signal" : "norm of the gradient"} at each block: ${NAMES.map((name, k) => `${name} ${times(s.curves[k][c.direction === "forward" ? c.blocks : 0])}`).join(", ")}` });
}

/** What is under way: in the residual tower it forks, over the arc and through the box. */
function drawPulses(s) {
  const { nodes, g, c } = s;
  const place = c.direction === "forward" ? c.passed : c.blocks - c.passed;
  const i = clamp(ceil(place), 1, c.blocks);
  const share = place - (i - 1);
  const spots = [[g.x(place), g.plain]];
  if (!c.deleted.includes(i)) spots.push([g.x(place), g.residual]);
  if (!c.cut.includes(i)) spots.push(arcOf(g, i).point(share));
  nodes.pulses.forEach((pulse, k) => {
    reveal(pulse, c.passed < c.blocks && k < spots.length);
    const [cx, cy] = spots[k] ?? spots[0];
    update(pulse, { cx: cx.toFixed(1), cy: cy.toFixed(1), r: g.narrow ? 3.5 : 5 });
  });
}

/** Axis, curves as far as the pulse has come, and what is looked at. */
function drawChart(s) {
  const { g, c, curves, nodes: { chart, titles } } = s;
  const ahead = c.direction === "forward";
  const [low, high] = axisOf(curves);
  const y = (value) => g.chart + 16 + ((high - clamp(value > 0 ? log10(value) : -Infinity, low, high)) / (high - low)) * (g.tall - 32);
  const text = (x, down, words, anchor) => element("text", { x: x.toFixed(1), y: down.toFixed(1), "text-anchor": anchor }, words);
  const ticks = ticksOf(low, high);
  const scale = [s.width, g.chart, low, high].join();
  if (s.scale !== scale) {
    s.scale = scale;
    update(chart.rules, { d: ticks.map((power) => `M${at(g.x(0), y(10 ** power))}H${g.x(MOST).toFixed(1)}`).join("") });
    const numbers = [1, ...upTo(g.narrow ? 3 : 5, (k) => (k + 1) * (g.narrow ? 9 : 5))];
    const across = numbers.map((i) => text(g.x(i - 0.5), g.chart + g.tall + 31, i > 1 ? String(i) : "block 1", "middle"));
    chart.marks.replaceChildren(...ticks.map((power) => text(g.left - 8, y(10 ** power) + 4, power === 0 ? "1" : power === 1 ? "10" : `10${raised(power)}`, "end")), ...across);
  }
  const place = ahead ? c.passed : c.blocks - c.passed;
  const near = ahead ? floor(place) : ceil(place);
  const ys = curves.map((curve) => curve.map(y));
  const between = (line) => line[near] + (line[clamp(near + (ahead ? 1 : -1), 0, c.blocks)] - line[near]) * abs(place - near);
  const heads = ys.map(between);
  const leftwards = g.x(place) > 0.6 * s.width;
  const reach = ceil(100 / g.unit); // blocks as wide as a label
  const sides = labelSides(heads, ys, leftwards ? [max(0, floor(place) - reach), floor(place)] : [ceil(place), ceil(place) + reach]);
  curves.forEach((curve, k) => {
    const { line, head, spot, label } = chart.curves[k];
    const seen = ahead ? upTo(near + 1, (j) => j) : upTo(c.blocks - near + 1, (j) => c.blocks - j);
    update(line, { d: `M${[...seen.map((j) => at(g.x(j), ys[k][j])), at(g.x(place), heads[k])].join("L")}` });
    update(head, { cx: g.x(place).toFixed(1), cy: heads[k].toFixed(1) });
    update(label, { x: (g.x(place) + (leftwards ? -6 : 6)).toFixed(1), y: (heads[k] + sides[k]).toFixed(1), "text-anchor": leftwards ? "end" : "start" });
    say(label, `${NAMES[k]} ${times(curve[near])}`);
    reveal(spot, s.at?.kind === "block");
    if (s.at?.kind === "block") update(spot, { cx: g.x(s.at.i).toFixed(1), cy: ys[k][s.at.i].toFixed(1) });
  });
  reveal(chart.guide, s.at?.kind === "block");
  if (s.at?.kind === "block") update(chart.guide, { d: `M${at(g.x(s.at.i), g.chart)}v${g.tall}` });
  titles.chart.replaceChildren(ahead ? "size of the signal" : "gradient", long(ahead ? " behind each block" : " that comes to each block"), ", times what was sent");
  titles.chart.className = `title ${c.direction}`;
}

const [ABOVE, BELOW] = [[-21, -5], [5, 21]]; // where a label's lettering is, from its curve's end

/** Whether each label stands above or below its curve's end: where it hides least of the curves, and not the other. */
export function labelSides(heads, lines, [from, to]) {
  const hides = ([top, bottom], ys) => sum(ys.map((y) => max(0, min(y - top, bottom - y))));
  const cost = (sides) => {
    const boxes = sides.map(([top, bottom], k) => [heads[k] + top, heads[k] + bottom]);
    const covered = sum(boxes.flatMap((box) => lines.map((line) => hides(box, line.slice(from, to + 1)))));
    return covered + 1e3 * max(0, min(boxes[0][1], boxes[1][1]) - max(boxes[0][0], boxes[1][0]));
  };
  const choices = [ABOVE, BELOW].flatMap((one) => [ABOVE, BELOW].map((other) => [one, other]));
  return choices.reduce((best, sides) => (cost(sides) < cost(best) - 1e-9 ? sides : best)).map((side) => (side === ABOVE ? -9 : 18));
}

function drawPaths(s) {
  const { g, c, nodes: { paths } } = s;
  const fresh = s.carriedFor === s.key;
  const key = [s.key, s.width, s.carriedFor, s.at?.k].join();
  if (s.drawnPaths === key) return;
  s.drawnPaths = key;
  const shares = [s.counts, s.carried].map((values) => values.map((v) => v / (max(...values) || 1)));
  const foot = g.pathTall;
  update(paths.svg, { viewBox: `0 0 ${s.width} ${g.pathTall + 20}`, height: g.pathTall + 20 });
  paths.kinds.forEach(({ bars }, kind) => {
    const wide = [0.84, 0.44][kind] * g.span;
    bars(shares[kind].length).forEach((bar, k) => {
      const tall = shares[kind][k] * (g.pathTall - 4);
      update(bar, { class: s.at?.k === k ? "bar lit" : "bar", x: (g.length(k) - wide / 2).toFixed(1), y: (foot - tall).toFixed(1), width: wide.toFixed(1), height: tall.toFixed(1) });
    });
  });
  update(paths.axis, { d: `M${at(g.left, foot)}H${g.x(MOST).toFixed(1)}` });
  const marks = upTo(6, (k) => element("text", { x: g.length(5 * k).toFixed(1), y: foot + 16, "text-anchor": "middle" }, String(5 * k)));
  paths.marks.replaceChildren(...marks);
  say(paths.formula, polynomial(s.counts));
  const words = pathWords(s.counts, s.carried);
  if (fresh) {
    say(paths.words, words);
    update(paths.svg, { "aria-label": words });
  }
  paths.grid.shape(1, c.blocks + 1)[0].forEach((cell, k) => cell.classList.toggle("lit", s.at?.k === k));
}

function drawWords(s) {
  const { view, nodes, c, at: seen } = s;
  const intact = (i) => !c.deleted.includes(i) && !c.cut.includes(i);
  const state = { ...c, curves: s.curves, changes: s.changes };
  let said = sentence(state);
  if (seen?.kind === "block") said = blockWords(seen.i, state, intact(seen.i) ? withoutOf(s, seen.i) : []);
  if (seen?.kind === "length" && s.carriedFor === s.key) said = lengthWords(seen.k, s.counts, s.carried);
  say(nodes.words, said);
  view.aloud(said);
}

function drawControls(s) {
  const { controls, scrub, view, c } = s;
  for (const [direction, button] of Object.entries(controls.sends)) {
    const running = scrub.playing() && c.direction === direction;
    button.classList.toggle("running", running);
    update(button, { "aria-label": running ? "Pause" : SENDS[direction].join("") });
  }
  scrub.limit(0, c.blocks);
  scrub.node.classList.toggle("backwards", c.direction === "back");
  const i = s.look.pinned() && s.at?.kind === "block" ? s.at.i : null;
  const about = i ? ` ${i}` : "";
  for (const button of [controls.remove, controls.sever]) button.disabled = !i;
  controls.remove.replaceChildren(c.deleted.includes(i) ? `Put back${about}` : "Delete", c.deleted.includes(i) ? "" : long(" block"), c.deleted.includes(i) ? "" : about);
  controls.sever.replaceChildren(...(c.cut.includes(i) ? ["Mend", long(" shortcut")] : ["Cut shortcut"]), long(about));
  controls.restore.disabled = !c.deleted.length && !c.cut.length;
  reveal(s.hint, !s.look.pinned() && view.foot.querySelector(".reset").dataset.shown !== "yes");
}

/** Everything in its place; a reduced view leaves parts out. */
function place(s) {
  const { nodes, view } = s;
  const shown = ["towers", "sizes"].filter(view.shows);
  const key = [s.width, shown, s.c.blocks, ...["paths", "words", "controls"].map(view.shows)].join();
  if (s.placed === key) return;
  s.placed = key;
  const g = (s.g = geometry(s.width, shown));
  g.x = (k) => g.left + k * g.unit;
  g.length = (k) => g.left + (k + 0.5) * g.span;
  nodes.stage.style.height = `${g.height}px`;
  update(nodes.svg, { viewBox: `0 0 ${s.width} ${max(g.height, 1)}`, height: max(g.height, 1) });
  const tops = { residual: 0, plain: g.plain - g.box / 2 - 19, chart: g.chart - 19 };
  for (const [name, node] of Object.entries(nodes.titles)) put(node, 0, tops[name]);
  put(nodes.grid.node, g.left, 19);
  nodes.grid.node.style.setProperty("--side", `${g.unit}px`);
  nodes.grid.node.style.setProperty("--tall", `${g.plain + g.box / 2 - 17}px`);
  put(nodes.depth, 0, g.depth);
  s.depth.along(g.x(1), g.x(MOST));
  const right = s.c.blocks > 13;
  put(nodes.tag, g.x(s.c.blocks) + (right ? -15 : 15), 5);
  nodes.tag.style.transform += right ? " translateX(-100%)" : "";
  put(nodes.scrub, 0, g.chart + g.tall - 16);
  s.scrub.along(g.x(0), g.x(s.c.blocks));
  view.root.classList.toggle("slim", s.width < 700);
  const paths = nodes.paths.grid.node;
  put(paths, g.left, 19);
  paths.style.setProperty("--side", `${g.span}px`);
  paths.style.setProperty("--tall", `${g.pathTall + 20}px`);
  nodes.paths.stage.style.height = `${g.pathHeight}px`;
  const there = (node, whether) => (node.style.display = whether ? "" : "none");
  for (const node of [nodes.towers, nodes.titles.residual, nodes.titles.plain, nodes.grid.node, nodes.depth]) there(node, view.shows("towers"));
  for (const node of [nodes.chart.node, nodes.titles.chart, nodes.scrub]) there(node, view.shows("sizes"));
  for (const node of [nodes.words, nodes.paths.words]) there(node, view.shows("words"));
  there(nodes.paths.box, view.shows("paths"));
  there(s.controls.box, view.shows("controls"));
}

function draw(s) {
  if (!s.width) return;
  compute(s);
  place(s);
  drawTowers(s);
  drawChart(s);
  drawPaths(s);
  drawWords(s);
  drawControls(s);
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** Put block i into the list `trait`, or take it out; out of the other list in any case. */
function toggle(s, trait, i) {
  const other = trait === "cut" ? "deleted" : "cut";
  const { [trait]: now, [other]: rest } = legal(Object.fromEntries(TRAITS.map((name) => [name, s.view.get(name)])));
  const then = now.includes(i) ? now.filter((k) => k !== i) : [...now, i].sort((a, b) => a - b);
  s.view.set(other, rest.filter((k) => k !== i));
  s.view.set(trait, then);
  s.view.send();
}

function restore(s) {
  s.view.set("deleted", []);
  s.view.set("cut", []);
  s.view.send();
}

/** Another number of blocks: those above the tower's end are forgotten. */
function heighten(s, blocks) {
  const { view } = s;
  for (const trait of ["deleted", "cut"]) {
    const kept = view.get(trait).filter((i) => i <= blocks);
    if (kept.length < view.get(trait).length) view.set(trait, kept);
  }
  if (view.get("chosen") > blocks) view.set("chosen", 0);
  view.set("blocks", blocks);
}

/** A pulse or a gradient, from where it starts; or, while it runs, its end. */
function send(s, direction, from = 0, to = undefined) {
  s.view.set("direction", direction);
  s.scrub.limit(0, s.view.get("blocks"));
  s.scrub.begin(from, to);
  s.ask();
}

function press(s, direction) {
  if (s.scrub.playing() && s.view.get("direction") === direction) s.scrub.stop();
  else send(s, direction);
  s.ask();
}

/** The trait `chosen` is the block that is pinned, whoever pins it. */
function choose(s) {
  const { look, view } = s;
  const i = look.pinned() && look.at().kind === "block" ? look.at().i : 0;
  if (!s.adopting && view.get("chosen") !== i) view.set("chosen", i);
}

function adopt(s) {
  const { look, view } = s;
  const pinned = look.pinned() && look.at().kind === "block" ? look.at().i : 0;
  const wanted = view.get("chosen");
  if (pinned === wanted || s.adopting) return;
  s.adopting = true;
  if (wanted || pinned) look.letGo();
  if (wanted >= 1 && wanted <= view.get("blocks")) look.pin({ kind: "block", i: wanted });
  s.adopting = false;
}

/** Prose: look at "block7" or "length5"; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, kind, text] = /^(block|length)?(\d+)$/.exec(String(value)) ?? [];
  s.look.letGo();
  const k = Number(text);
  if (text === undefined || k > s.view.get("blocks") || (kind !== "length" && k < 1)) return;
  s.look.pin(kind === "length" ? { kind, k } : { kind: "block", i: k });
}

/** Delete and X on a focused block. */
function hands(s) {
  const { node } = s.nodes.grid;
  keys(node, { Delete: "deleted", Backspace: "deleted", x: "cut", X: "cut" }, (trait, { target }) => toggle(s, trait, Number(target.dataset.column) + 1));
}

/** The sliders in the picture: how many blocks, and how far the pulse has come. */
function sliders(s) {
  const { view } = s;
  const tall = { ...view, set: (trait, value) => heighten(s, value) };
  s.depth = slider(tall, "blocks", "depth", { low: 1, high: MOST, step: 1, words: (n) => `${2 * n + 2}: ${n} block${n === 1 ? "" : "s"}`, spoken: (n) => `${2 * n + 2} layers, ${n} blocks` });
  update(s.depth.node, { "data-look": true });
  const count = () => clamp(view.get("blocks"), 1, MOST);
  const shown = { // as many as there are stand for all, which more of them would be, too
    ...view,
    get: (trait) => (trait === "passed" ? min(view.get(trait), count()) : view.get(trait)),
    set: (trait, value) => view.set(trait, trait === "passed" && value >= count() ? MOST : value),
  };
  const words = (passed) => `${floor(passed)} of ${count()} blocks`;
  s.scrub = player(shown, "passed", "blocks passed", { low: 0, high: count(), step: 0.05, words, start: 0, stride: 3, speed: 7 });
  update(s.scrub.node, { "aria-label": "blocks that the pulse has passed", "data-look": true });
  const whole = (by) => {
    const now = shown.get("passed");
    s.scrub.stop();
    shown.set("passed", clamp(by > 0 ? floor(now) + 1 : ceil(now) - 1, 0, count()));
  };
  const ahead = () => (view.get("direction") === "back" ? -1 : 1);
  keys(s.scrub.node, { ArrowLeft: -1, ArrowRight: 1 }, (by) => whole(by * ahead()));
  keys(s.scrub.node, { ArrowDown: -1, ArrowUp: 1 }, whole);
}

function controlsOf(s) {
  const { view } = s;
  const button = (kind, act, ...inside) => element("button", { type: "button", class: kind, "data-look": true, onclick: act }, ...inside);
  const sends = Object.fromEntries(Object.entries(SENDS).map(([direction, [first, rest]]) => {
    const words = element("span", { class: "words" }, direction === "back" ? "← " : "", element("span", { class: "send" }, first), rest, direction === "back" ? "" : " →");
    return [direction, button(`play ${direction}`, () => press(s, direction), words, element("span", { class: "pause" }, "❚❚ Pause"))];
  }));
  const chosen = (trait) => () => s.at?.kind === "block" && toggle(s, trait, s.at.i);
  const parts = { remove: button("remove", chosen("deleted")), sever: button("sever", chosen("cut")), restore: button("restore", () => restore(s), "Restore", long(" all")) };
  const another = button("another", () => drawAnother(s), long("Another draw"), element("span", { class: "short" }, "New draw"));
  const normed = check(view, "norm", "batch norm");
  const gamma = slider(view, "gamma", "last γ", { low: 0, high: 1, step: 0.05, words: (v) => format(v, 2), spoken: (v) => brief(v) });
  const set = element("div", { class: "set", "data-look": true }, normed.box, element("div", { class: "slide" }, gamma.label, gamma.node, gamma.value));
  const go = element("div", { class: "go" }, ...Object.values(sends));
  const box = element("div", { class: "controls" }, go, set, element("div", { class: "surgery" }, ...Object.values(parts)), another);
  return { sends, ...parts, another, box };
}

function drawAnother(s) {
  s.view.set("seed", (s.view.get("seed") % 99) + 1);
  s.view.send();
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "block-explorer", { traits: TRAITS });
  const s = { view, width: 0, key: "", carried: null, adopting: false };
  const ask = (s.ask = view.frame(() => draw(s)));
  const changed = () => {
    choose(s);
    ask();
  };
  s.look = looking(view, changed, { same: (a, b) => a.kind === b.kind && a.i === b.i && a.k === b.k, name: (what) => (what ? LIT[what.kind](what) : "") });
  s.later = whenQuiet(() => (carry(s), ask()), 60);
  view.until(s.later.cancel);
  sliders(s);
  s.nodes = scene(s);
  s.controls = controlsOf(s);
  hands(s);
  view.foot.prepend((s.hint = element("span", { class: "hint" }, "Touch a block: delete it, or cut its shortcut.")));
  view.on(["chosen", "blocks"], () => adopt(s));
  view.on([...TRAITS, "show"], ask);
  const finish = view.root.orders.pause;
  view.obeys({
    play: ({ value, from, to }) => send(s, value in SENDS ? value : view.get("direction"), from ?? 0, to),
    pause: () => (finish(), ask()),
    look: (order) => lookAt(s, order),
    restore: () => restore(s),
    draw: () => drawAnother(s),
  });
  view.widths(s.nodes.stage, (width) => {
    s.width = width;
    draw(s);
  });
  adopt(s);
  view.show(s.nodes.stage, s.nodes.words, s.controls.box, s.nodes.paths.box);
  return view.end;
}

export default { render };
