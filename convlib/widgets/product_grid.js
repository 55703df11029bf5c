import { player } from "./js/controls.js";
import { element, pool, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, snap } from "./js/numbers.js";
import { gestures, handle, keys } from "./js/pointer.js";

const [REACH, FLIGHT] = [9, 520]; // the largest number; how many milliseconds the bricks fly
const [HEADER, LABEL, TIP, TICKS] = [40, 17, 15, 19]; // pixels, as in product_grid.py
const { max, min, abs } = Math;

// ---- the maths -------------------------------------------------------------------------------------------------

/** Weights as shares of their sum; what no die can have, from anyone's link, counts as nothing. */
export function shares(weights) {
  const known = weights.map((w) => max(w, 0));
  const total = known.reduce((sum, w) => sum + w, 0);
  return known.map((w) => (total > 0 ? w / total : 1 / known.length));
}

/** The sums along the diagonals of the table of products: the convolution. */
export function sums(a, b) {
  const out = new Array(a.length + b.length - 1).fill(0);
  a.forEach((x, i) => b.forEach((y, j) => (out[i + j] += x * y)));
  return out;
}

/** Rows and columns of the cells on diagonal `m`, counted from 0. */
export function pairsOn(m, rows, columns) {
  const first = max(0, m - columns + 1);
  return Array.from({ length: min(rows - 1, m) - first + 1 }, (_, k) => [first + k, m - first - k]);
}

/** The weights as small whole numbers in the same proportion, or null. */
export function wholes(weights) {
  if (min(...weights) < 0 || max(...weights) <= 0) return null;
  const least = min(...weights.filter((w) => w > 0));
  for (const unit of [least, 1]) {
    const scaled = weights.map((w) => w / unit);
    const near = scaled.every((s) => abs(s - Math.round(s)) < 1e-6);
    if (near && scaled.reduce((sum, s) => sum + s, 0) <= 20) return scaled.map(Math.round);
  }
  return null;
}

/** Chances of a die after one of them was set: the others keep their proportions. */
export function loaded(weights, i, chance) {
  const p = shares(weights);
  const rest = 1 - p[i];
  return p.map((share, k) => (k === i ? chance : (1 - chance) * (rest > 1e-9 ? share / rest : 1 / (p.length - 1))));
}

/** How high a product of 1 is drawn, and how far the outputs' zero line lies below the top of their room. */
export function scaleOf(a, b, { high, bars }) {
  const [up, down] = [sums(a, b).fill(0), sums(a, b).fill(0)];
  let tallest = 1e-12;
  a.forEach((x, i) =>
    b.forEach((y, j) => {
      tallest = max(tallest, abs(x * y));
      up[i + j] += max(x * y, 0);
      down[i + j] += max(-x * y, 0);
    }),
  );
  const reach = max(max(...up) + max(...down), 1e-12);
  return { unit: min((high - 2) / tallest, bars / reach), zero: (bars * max(...up)) / reach };
}

/** Where everything stands, in pixels, in a picture `width` wide. */
export function geometry(width, rows, columns) {
  const wide = Math.floor(clamp(width / (rows + columns - 0.5), 12, 46));
  const high = max(24, Math.round(wide * 0.7)); // a row is a handle, too: no lower than a finger hits
  const left = (width - (rows + columns - 0.5) * wide) / 2 + (rows - 0.5) * wide;
  const top = TIP + HEADER + LABEL;
  const bottom = top + rows * high;
  const bars = max(3, min(rows, columns)) * high;
  const zone = bottom + 6 + TIP;
  return { wide, high, left, top, bottom, bars, zone, height: zone + bars + TICKS, slot: (m) => left + (m + 0.5 - rows) * wide };
}

const factor = (value) => (value < 0 ? `(${brief(value)})` : brief(value));

/** What the diagonal of `n` adds up to: the value alone, and the whole sentence. */
export function words({ a, b, start, mode, n }) {
  const m = n - 2 * start;
  const pairs = pairsOn(m, a.length, b.length);
  if (mode === "numbers") {
    const value = brief(sums(a, b)[m]);
    return { value, sentence: `n = ${n}: ${pairs.map(([i, j]) => `${factor(a[i])} · ${factor(b[j])}`).join(" + ")} = ${value}.` };
  }
  const chance = sums(shares(a), shares(b))[m];
  const [p, q] = [wholes(a), wholes(b)];
  const whole = p && q && sums(p, q).reduce((sum, k) => sum + k, 0);
  const value = whole ? `${Math.round(chance * whole)} of ${whole}` : `${brief(100 * chance, 1)} %`;
  return { value, sentence: `Total ${n}: ${pairs.map(([i, j]) => `(${i + start}, ${j + start})`).join(", ")}: ${value}.` };
}

// ---- the picture -----------------------------------------------------------------------------------------------

/** Everything that is made once. */
function scene(view) {
  const layer = (kind, part) => element("g", { class: kind, "data-part": part });
  const layers = {
    band: layer("band", "diagonal"),
    a: layer("a", "a"),
    b: layer("b", "b"),
    cells: layer("cells", "diagonal"),
    outputs: layer("outputs", "output"),
    stack: layer("stack", "output diagonal"),
  };
  const surface = element("rect", { class: "surface" });
  const grips = element("g");
  const svg = element("svg", { role: "group", "aria-label": "Table of products and the sums along its diagonals" });
  svg.append(...Object.values(layers), surface, grips);
  const brick = () => element("rect");
  const labelled = (kind) => () => {
    const [rect, text] = [element("rect"), element("text", { class: kind })];
    return { node: element("g", {}, rect, text), rect, text };
  };
  const side = (parent) => pool(parent, () => {
    const made = { ...labelled("face")(), tip: element("text", { class: "tip" }), knob: element("rect", { class: "knob", rx: 2 }) };
    made.node.append(made.knob, made.tip);
    return made;
  });
  const band = element("polyline");
  const zero = element("line");
  const value = element("text", { class: "said", "text-anchor": "middle" });
  const names = { a: element("text", { class: "side" }), b: element("text", { class: "side" }) };
  layers.band.append(band);
  layers.a.append(names.a);
  layers.b.append(names.b);
  layers.stack.append(zero, value);
  const nodes = {
    svg, surface, grips, band, zero, value, names,
    a: side(layers.a),
    b: side(layers.b),
    cells: pool(layers.cells, () => {
      const [frame, fill, text] = [element("rect", { class: "cell" }), brick(), element("text", { "text-anchor": "middle" })];
      return { node: element("g", {}, frame, fill, text), frame, fill, text };
    }),
    outputs: pool(layers.outputs, labelled("tick")),
    stack: pool(layers.stack, brick),
    sentence: element("p", { class: "sentence" }),
  };
  return nodes;
}

/** The grips on the bars beside the table: dragged, or changed by the arrow keys; one of each side takes part in Tab. */
function grips(view, state, which) {
  const rows = which === "a";
  const stops = { a: 0, b: 0 };
  const put = (i, to) => {
    const numbers = [...view.get(which)];
    if (state.dice) return view.set(which, loaded(numbers, i, clamp(snap(to, 0.01), 0, state.tops[which])));
    numbers[i] = clamp(snap(to, 0.5), -state.tops[which], state.tops[which]);
    view.set(which, numbers);
  };
  const now = (i) => (state.dice ? shares(view.get(which)) : view.get(which))[i];
  const rove = (i, nodes) => {
    stops[which] = clamp(i, 0, nodes.length - 1);
    nodes.forEach((node, k) => update(node, { tabindex: k === stops[which] ? 0 : -1 }));
    return nodes[stops[which]];
  };
  return pool(state.nodes.grips, (i) => {
    const node = element("rect", { class: `grip ${which}`, role: "slider", rx: 5, tabindex: i ? -1 : 0 });
    handle(view, node, [which], {
      axis: rows ? "x" : "y",
      press() {
        rove(i, state.grips[which]);
        state.dragged = which; // the scale stays while the hand is on it
        return { value: now(i) };
      },
      drag: (_, { value }, by) => put(i, value - ((rows ? by.x : by.y) * state.tops[which]) / HEADER),
      drop() {
        state.dragged = "";
        state.ask();
      },
    });
    const step = () => (state.dice ? 0.02 : 0.5);
    // As on any slider, on both sides of the table, though the bars of one of them grow to the left.
    keys(node, { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }, (by) => put(i, now(i) + by * step()));
    keys(node, { PageUp: -1, PageDown: 1 }, (by) => rove(i + by, state.grips[which]).focus());
    return node;
  });
}

/** The cell under the pointer, or null. */
function cellAt(state, event) {
  const { left: x, top: y } = state.nodes.svg.getBoundingClientRect();
  const { places: p, a, b } = state;
  const [i, j] = [Math.floor((event.clientY - y - p.top) / p.high), Math.floor((event.clientX - x - p.left) / p.wide)];
  return i >= 0 && i < a.length && j >= 0 && j < b.length ? [i, j] : null;
}

/** The diagonal under the pointer: that of a cell, or of a bar; null elsewhere. */
function diagonalAt(state, event) {
  const cell = cellAt(state, event);
  if (cell) return cell[0] + cell[1];
  const { left: x, top: y } = state.nodes.svg.getBoundingClientRect();
  const m = Math.floor((event.clientX - x - state.places.slot(0)) / state.places.wide);
  return event.clientY - y > state.places.bottom && m >= 0 && m < state.a.length + state.b.length - 1 ? m : null;
}

/** What is drawn, from the traits. */
function compute(view, state) {
  const get = (trait) => view.get(trait);
  const [a, b, start, mode, n] = ["a", "b", "start", "mode", "n"].map(get);
  const dice = mode === "dice";
  const last = 2 * start + a.length + b.length - 2;
  Object.assign(state, { start, mode, dice, n: clamp(n, 2 * start, last), first: 2 * start, last });
  Object.assign(state, { weights: { a, b }, a: dice ? shares(a) : a, b: dice ? shares(b) : b });
  state.out = sums(state.a, state.b);
  state.places = geometry(state.width, a.length, b.length);
  for (const which of ["a", "b"]) {
    const most = max(...state[which].map(abs));
    const needed = dice ? (most <= 0.5 && state[which].length > 2 ? 0.5 : 1) : clamp(Math.ceil(most), 3, REACH);
    if (state.dragged !== which) state.tops[which] = needed;
  }
  Object.assign(state, scaleOf(state.a, state.b, state.places), { words: words({ a, b, start, mode, n: state.n }) });
}

const boxOf = (x, y, width, height) => ({ x: x.toFixed(1), y: y.toFixed(1), width: max(width, 0).toFixed(1), height: max(height, 0).toFixed(1) });
const kindOf = (value, ...more) => [value < 0 ? "minus" : "", ...more].filter(Boolean).join(" ");

/** The bars along the sides, and their grips. */
function drawSides(state) {
  const { nodes, places: p, dice, start, tops, pair } = state;
  const plain = dice && [state.weights.a, state.weights.b].every(wholes);
  for (const which of ["a", "b"]) {
    const values = state[which];
    const made = nodes[which](values.length);
    values.forEach((value, i) => {
      const length = (min(abs(value), tops[which]) / tops[which]) * HEADER;
      const rows = which === "a";
      const along = rows ? p.top + (i + 0.5) * p.high : p.left + (i + 0.5) * p.wide;
      const { node, rect, text, tip, knob } = made[i];
      const told = dice ? String(i + start) : brief(value);
      update(node, { class: kindOf(value, pair?.[rows ? 0 : 1] === i && "paired") });
      say(text, told);
      say(tip, plain || !dice ? "" : `${Math.round(100 * value)}`);
      if (rows) {
        update(rect, boxOf(p.left - LABEL - length, along - p.high / 2 + 3, length, p.high - 6));
        update(knob, boxOf(p.left - LABEL - length - 2, along - p.high / 2 + 2, 4, p.high - 4));
        update(text, { x: p.left - LABEL / 2, y: along + 4.5, "text-anchor": "middle" });
        update(tip, { x: p.left - LABEL - length - 5, y: along + 4, "text-anchor": "end" });
        update(state.grips.a[i], boxOf(p.left - LABEL - HEADER - 14, along - p.high / 2, HEADER + LABEL + 14, p.high));
      } else {
        update(rect, boxOf(along - p.wide / 2 + 4, p.top - LABEL - length, p.wide - 8, length));
        update(knob, boxOf(along - p.wide / 2 + 3, p.top - LABEL - length - 2, p.wide - 6, 4));
        update(text, { x: along, y: p.top - 4.5, "text-anchor": "middle" });
        update(tip, { x: along, y: p.top - LABEL - length - 4, "text-anchor": "middle" });
        update(state.grips.b[i], boxOf(along - p.wide / 2, p.top - LABEL - HEADER - TIP, p.wide, HEADER + LABEL + TIP));
      }
      update(state.grips[which][i], {
        "aria-label": `${dice ? `${rows ? "first" : "second"} die, face ${i + start}` : `${which}[${i + start}]`}; right: more, left: less, Page Up and Page Down: the others`,
        "aria-orientation": rows ? "horizontal" : "vertical",
        "aria-valuemin": dice ? 0 : -tops[which],
        "aria-valuemax": tops[which],
        "aria-valuenow": snap(value, 0.001),
        "aria-valuetext": dice ? `${brief(100 * value, 1)} per cent` : brief(value),
      });
    });
  }
  say(nodes.names.a, dice ? "first die" : "a");
  say(nodes.names.b, dice ? "second die" : "b");
  update(nodes.names.a, { class: dice ? "side" : "name side", x: p.left - LABEL - 2, y: p.top - 5, "text-anchor": "end" });
  update(nodes.names.b, { class: dice ? "side" : "name side", x: p.left - 8, y: TIP + HEADER / 2 + 4, "text-anchor": "end" });
}

/** The table, its lit diagonal, and the band that leads from there to the bar. */
function drawTable(state) {
  const { nodes, places: p, a, b, unit, dice, pair } = state;
  const m = state.n - state.first;
  const cells = nodes.cells(a.length * b.length);
  a.forEach((x, i) =>
    b.forEach((y, j) => {
      const { node, frame, fill, text } = cells[i * b.length + j];
      const [left, top, tall] = [p.left + j * p.wide, p.top + i * p.high, abs(x * y) * unit];
      const paired = pair && pair[0] === i && pair[1] === j;
      update(node, { class: kindOf(x * y, i + j === m && "lit", paired && "paired") });
      update(frame, boxOf(left + 0.5, top + 0.5, p.wide - 1, p.high - 1));
      update(fill, boxOf(left + 1.5, top + p.high - 1 - tall, p.wide - 3, tall));
      update(text, { x: left + p.wide / 2, y: top + p.high / 2 + 4.5 });
      say(text, dice || p.wide < 20 ? "" : brief(x * y, 1));
    }),
  );
  const [i, j] = pairsOn(m, a.length, b.length)[0];
  const centre = (row, column) => `${p.left + (column + 0.5) * p.wide},${p.top + (row + 0.5) * p.high}`;
  const out = p.slot(m) + p.wide / 2;
  update(nodes.band, { points: `${centre(i, j)} ${out},${p.bottom} ${out},${p.zone + state.zero}`, "stroke-width": p.high * 0.86 });
}

/** The outputs' bars; the lit one is a stack of the diagonal's bricks, which fly there. */
function drawOutputs(state, flown) {
  const { nodes, places: p, a, b, out, unit, pair } = state;
  const [m, zero] = [state.n - state.first, p.zone + state.zero];
  const bars = nodes.outputs(out.length);
  out.forEach((value, k) => {
    const { node, rect, text } = bars[k];
    const awaited = state.playing() && k > m;
    update(node, { class: kindOf(value, k === m && "lit", awaited && "awaited") });
    update(rect, boxOf(p.slot(k) + 1.5, zero - max(value, 0) * unit, p.wide - 3, abs(value) * unit));
    update(text, { x: p.slot(k) + p.wide / 2, y: p.height - 5, "text-anchor": "middle" });
    say(text, String(k + state.first));
  });
  const pairs = pairsOn(m, a.length, b.length);
  const bricks = nodes.stack(pairs.length);
  let [up, down] = [zero, zero];
  pairs.forEach(([i, j], k) => {
    const tall = a[i] * b[j] * unit;
    if (tall >= 0) up -= tall;
    else down -= tall;
    const to = [p.slot(m) + 1.5, tall >= 0 ? up : down + tall];
    const from = [p.left + j * p.wide + 1.5, p.top + (i + 1) * p.high - 1 - abs(tall)];
    const late = (0.45 * k) / max(1, pairs.length - 1);
    const done = clamp((flown - late) / 0.55, 0, 1) ** 2;
    const at = (c) => from[c] + (to[c] - from[c]) * done * (3 - 2 * done);
    // A slit between two bricks, taken from the upper one's foot: the lowest stands on the line.
    update(bricks[k], boxOf(at(0), at(1), p.wide - 3, abs(tall) - (done === 1 && k ? 1 : 0)));
    update(bricks[k], { class: kindOf(tall, pair && pair[0] === i && pair[1] === j && "paired") });
  });
  update(nodes.zero, { x1: p.slot(0), x2: p.slot(out.length), y1: zero, y2: zero });
  update(nodes.value, { x: clamp(p.slot(m) + p.wide / 2, 26, state.width - 26), y: up - 5 });
  say(nodes.value, state.words.value);
}

function draw(view, state) {
  if (!state.width) return;
  compute(view, state);
  const { nodes, places: p, scrub } = state;
  if (state.before !== undefined && state.before !== state.n && !view.calm()) state.since = performance.now();
  state.before = state.n;
  const flown = clamp((performance.now() - state.since) / FLIGHT, 0, 1);
  for (const which of ["a", "b"]) state.grips[which] = state.pools[which](state[which].length);
  update(nodes.svg, { viewBox: `0 0 ${state.width} ${p.height}`, height: p.height });
  update(nodes.surface, boxOf(0, p.top, state.width, p.height - p.top));
  drawSides(state);
  drawTable(state);
  drawOutputs(state, flown);
  scrub.limit(state.first, state.last);
  scrub.along(p.slot(0) + p.wide / 2, p.slot(state.out.length - 1) + p.wide / 2);
  say(nodes.sentence, state.words.sentence);
  const longest = 8 * min(state.a.length, state.b.length) + 24;
  nodes.sentence.style.minHeight = `${21 * Math.ceil((longest * 7.6) / state.width)}px`;
  if (flown < 1) state.ask();
  else view.aloud(state.words.sentence);
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "product-grid", { traits: ["a", "b", "start", "mode", "n"] });
  const state = { width: 0, tops: { a: 1, b: 1 }, grips: {}, dragged: "", pair: null, since: -1e9 };
  const nodes = (state.nodes = scene(view));
  state.ask = view.frame(() => draw(view, state));
  state.pools = { a: grips(view, state, "a"), b: grips(view, state, "b") };
  const [a, b, start] = [view.get("a"), view.get("b"), view.get("start")];
  const range = { low: 2 * start, high: 2 * start + a.length + b.length - 2, step: 1 };
  const spoken = (n) => words({ a: view.get("a"), b: view.get("b"), start: view.get("start"), mode: view.get("mode"), n }).sentence;
  const name = view.get("mode") === "dice" ? "total" : "n";
  // The first index may be another one since the player was made.
  const bounded = { ...view, set: (trait, value) => view.set(trait, max(value, 2 * view.get("start"))) };
  const scrub = player(bounded, "n", name, { ...range, start: range.low, stride: 1, pause: 1000, spoken });
  Object.assign(state, { scrub, playing: scrub.playing });

  const choose = (event) => {
    const m = diagonalAt(state, event);
    if (m === null) return false;
    scrub.stop();
    pair(event);
    view.set("n", m + state.first);
    return true;
  };
  const pair = (event) => {
    const cell = event && cellAt(state, event);
    if (String(cell) === String(state.pair)) return;
    state.pair = cell;
    state.ask();
  };
  handle(view, nodes.surface, ["n"], { axis: "x", press: choose, drag: choose, drop: () => pair(null), hover: pair, leave: () => pair(null) });

  view.foot.prepend(scrub.play, scrub.label, scrub.value);
  view.on(["a", "b", "start", "mode", "n"], state.ask);
  view.widths(nodes.svg, (width) => {
    state.width = width;
    draw(view, state);
  });
  view.show(element("div", { class: "picture" }, nodes.svg, scrub.node), nodes.sentence);
  return view.end;
}

export default { render };
