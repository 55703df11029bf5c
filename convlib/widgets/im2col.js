import { cells } from "./js/cells.js";
import { player, segments } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { clamp, format } from "./js/numbers.js";
import { keys, looking } from "./js/pointer.js";

const [REACH, MOST] = [9, 4]; // as in im2col.py
const TITLE = 19; // pixels: the line over each table
const PARTS = ["image", "kernel", "output", "matrix", "weights"];
const { max, min, abs, floor, ceil, sqrt } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// ---- the maths: pure functions, held against NumPy by tests/js/test_im2col.py -------------------------------------
// Tables are lists, one row after the other.

/** Sides of image, kernel and outputs; what no Python would send, from anyone's link, is cut or filled with zeros. */
export function sidesOf(x, w) {
  const taps = clamp(floor(sqrt(w.length)), 2, 3);
  const pixels = clamp(floor(sqrt(x.length)), taps + 1, taps + MOST - 1);
  return { pixels, taps, side: pixels - taps + 1 };
}

/** The pixel that stands in row n and column k of the matrix: its index in the image. */
export const pixelAt = (n, k, { pixels, taps, side }) => (floor(n / side) + floor(k / taps)) * pixels + (n % side) + (k % taps);

/** The windows as rows: the matrix. */
export function windowsOf(x, sides) {
  return upTo(sides.side ** 2, (n) => upTo(sides.taps ** 2, (k) => x[pixelAt(n, k, sides)] ?? 0));
}

/** The kernel as a column: backwards for a convolution. */
export const weightsOf = (w, operation, { taps }) => upTo(taps ** 2, (k) => w[tapAt(k, operation, taps)] ?? 0);

/** The tap that stands at place k of that column; and the other way round. */
export const tapAt = (k, operation, taps) => (operation === "convolution" ? taps * taps - 1 - k : k);

/** The matrix times the column. */
export const outputsOf = (matrix, weights) => matrix.map((line) => line.reduce((sum, value, k) => sum + value * weights[k], 0));

/** Rows and columns of the matrix at which a pixel stands. */
export function copiesOf(pixel, sides) {
  const all = upTo(sides.side ** 2, (n) => upTo(sides.taps ** 2, (k) => [n, k])).flat();
  return all.filter(([n, k]) => pixelAt(n, k, sides) === pixel);
}

/** How far the number for column k of a row has got when a share of the row's time has passed: one after the other. */
export function flight(share, k, count) {
  const late = (0.55 * k) / max(1, count - 1);
  const done = clamp((share - late) / 0.45, 0, 1);
  return done * done * (3 - 2 * done);
}

/** Where everything stands, in pixels; the same as Places in im2col.py. */
export function geometry(width, { pixels, taps, side }, { image = true, matrix = true } = {}) {
  const narrow = width < 480;
  const sign = narrow ? 22 : 26;
  const cell = narrow ? min(27, floor((width - 2 * sign) / (pixels + taps + side))) : 30;
  const [weight, result] = narrow ? [26, 36] : [34, 44];
  const left = narrow || !image ? 0 : max(pixels * cell, (taps + side) * cell + sign) + 40;
  const [most, high] = narrow ? [26, side > 3 ? 16 : 22] : [34, side > 3 ? 20 : 30];
  const wide = min(most, floor((width - left - weight - result - 2 * sign) / taps ** 2));
  const product = taps ** 2 * wide + weight + result + 2 * sign;
  const above = (pixels + taps + side) * cell + 2 * sign;
  const used = !left ? above : matrix ? left + product : left - 40;
  const x = [(width - used) / 2, TITLE];
  const under = TITLE + pixels * cell + 12;
  const w = left ? [x[0], under + TITLE] : [x[0] + pixels * cell + sign, x[1]];
  const y = [w[0] + taps * cell + sign, w[1]];
  const start = left ? x[0] + left : (width - product) / 2;
  const top = TITLE + (image && !left ? under : 0);
  const column = start + taps ** 2 * wide + sign;
  const boxes = { x, w, y, rows: [start, top], column: [column, top], result: [column + weight + sign, top] };
  const ends = [max(x[1] + pixels * cell, w[1] + max(taps, side) * cell) + 3, top + max(side, taps) ** 2 * high + 3];
  const height = max(image ? ends[0] : 0, matrix ? ends[1] : 0);
  return { narrow, sign, cell, weight, result, left, wide, high, product, height, boxes };
}

// ---- the words ---------------------------------------------------------------------------------------------------

const whole = (value) => format(value, 0);
const factor = (value) => (value < 0 ? `(${whole(value)})` : whole(value));
const placeOf = (index, side) => `[${floor(index / side)}, ${index % side}]`;
const times = (count) => (count === 1 ? "once" : `${count} times`);

/** The sum of a row, term by term, and its value. */
export function sumOf(line, weights) {
  return { terms: line.map((value, k) => `${factor(value)}·${factor(weights[k])}`), value: whole(line.reduce((sum, v, k) => sum + v * weights[k], 0)) };
}

/** The part of the image that a tap meets: as large as the output. */
function partOf(tap, operation, { taps, side }) {
  const k = tapAt(tap, operation, taps);
  const span = (first) => `${first}…${first + side - 1}`;
  return `x[${span(floor(k / taps))}, ${span(k % taps)}]`;
}

/** What is looked at, in a sentence, where no matrix is shown. */
export function sentenceOfImage(at, { x, w, operation, sides: { pixels, taps, side } }) {
  if (at.kind === "pixel") {
    const copies = copiesOf(at.index, { pixels, taps, side }).length;
    return `x${placeOf(at.index, pixels)} = ${whole(x[at.index] ?? 0)} is scattered into ${copies === 1 ? "one output" : `${copies} outputs`}, each time with another tap.`;
  }
  if (at.kind === "tap") {
    return `w${placeOf(at.index, taps)} = ${whole(w[at.index] ?? 0)} multiplies a shifted copy of the image, ${partOf(at.index, operation, { taps, side })}. The output is the sum of all copies.`;
  }
  return at.n === undefined ? "" : `y${placeOf(at.n, side)} gathers one window of the image, under the kernel ${operation === "convolution" ? "turned by 180°" : "as it stands"}:`;
}

/** What is looked at, in a sentence. */
export function sentence(at, { x, w, operation, sides }) {
  const { pixels, taps, side } = sides;
  const [rows, columns] = [side ** 2, taps ** 2];
  if (at.kind === "pixel") {
    const copies = copiesOf(at.index, sides).length;
    const most = min(side, taps) ** 2;
    const few = copies < most ? `, of at most ${most}` : "";
    return `x${placeOf(at.index, pixels)} = ${whole(x[at.index] ?? 0)} stands in the matrix ${times(copies)}${few}, and so is scattered into ${copies === 1 ? "one output" : `${copies} outputs`}. ${pixels ** 2} pixels, ${rows} × ${columns} = ${rows * columns} numbers.`;
  }
  if (at.kind === "tap") {
    return `w${placeOf(at.index, taps)} = ${whole(w[at.index] ?? 0)} multiplies one column: a shifted copy of the image, ${partOf(at.index, operation, { taps, side })}. Weigh the columns and add them: the loop over the taps.`;
  }
  return at.n === undefined ? "" : `y${placeOf(at.n, side)} gathers row ${at.n}, one window of the image: the loop over the outputs.`;
}

// ---- the picture -------------------------------------------------------------------------------------------------

/** A table that stands at a place of its own. */
const block = (kind, part, ...children) => element("div", { class: `block ${kind}`, "data-part": part }, ...children);

/** A column of numbers that can be looked at; its entries keep their places by `transform`. */
function vector(s, kind, part, what) {
  const list = element("div", { class: "vector", "aria-hidden": "true" });
  s.look.watch(list, (event) => {
    const { top, height } = list.getBoundingClientRect();
    return what(floor(clamp((event.clientY - top) / height, 0, 0.999) * Number(list.dataset.count)));
  }, { axis: "x" });
  const entries = pool(list, () => element("div", { class: "cell" }));
  return { list, entries, box: block(kind, part, list) };
}

/** Everything that is made once. */
function scene(s) {
  const { look } = s;
  const grid = (label, what, spoken) => cells(`${label}; arrow keys move, Enter pins`, { look, what, spoken });
  const index = (i, j, side) => i * side + j;
  const name = { x: "pixel", w: "tap", y: "output" };
  const spoken = (kind, side, values) => (i, j) => `${name[kind]} ${i}, ${j}: ${whole(values()[index(i, j, side())] ?? 0)}`;
  const editable = "type a digit to change it, − for its sign";
  const grids = {
    x: grid(`The image x; ${editable}`, (i, j) => ({ kind: "pixel", index: index(i, j, s.sides.pixels) }), spoken("x", () => s.sides.pixels, () => s.x)),
    w: grid(`The kernel w; ${editable}`, (i, j) => ({ kind: "tap", index: index(i, j, s.sides.taps) }), spoken("w", () => s.sides.taps, () => s.w)),
    y: grid("The outputs y", (i, j) => ({ kind: "window", n: index(i, j, s.sides.side) }), spoken("y", () => s.sides.side, () => s.y)),
    rows: grid("The matrix of windows", (n, k) => ({ kind: "window", n, k }), (n, k) => `row ${n}, column ${k}: ${whole(s.matrix[n][k])}, pixel ${placeOf(pixelAt(n, k, s.sides), s.sides.pixels)}`),
  };
  const title = (kind, ...words) => element("p", { class: `title ${kind}` }, ...words);
  const flip = element("span", {}, ", flipped");
  const letter = (text) => element("i", {}, text);
  const [frame, cut] = [element("div", { class: "frame" }), element("div", { class: "frame" })];
  const boxes = {
    x: block("x", "image", grids.x.node, cut),
    w: block("w", "kernel", grids.w.node),
    y: block("y", "output", grids.y.node),
    rows: block("rows", "matrix", grids.rows.node, frame),
  };
  const column = vector(s, "column", "weights", (k) => ({ kind: "tap", index: tapAt(k, s.operation, s.sides.taps) }));
  const result = vector(s, "result", "output", (n) => ({ kind: "window", n }));
  Object.assign(boxes, { column: column.box, result: result.box });
  const signs = { w: element("span", { class: "sign" }), y: element("span", { class: "sign" }, "="), column: element("span", { class: "sign" }, "·"), result: element("span", { class: "sign" }, "=") };
  const titles = { x: title("x", "image ", letter("x")), w: title("w", "kernel ", letter("w")), y: title("y", "output ", letter("y")), rows: title("x", "its windows, as rows"), column: title("w end", letter("w"), flip), result: title("y", letter("y")) };
  const air = element("div", { class: "air", "aria-hidden": "true" });
  const stage = element("div", { class: "stage" }, ...Object.values(titles), ...Object.values(signs), ...Object.values(boxes), air);
  const [head, sum] = [element("span"), element("span", { class: "sum" })];
  const [term, value] = [pool(sum, () => element("span")), element("b")];
  return { stage, flip, grids, boxes, column, result, signs, titles, frame, cut, head, sum, term, value, flyers: pool(air, () => element("div", { class: "cell" })), words: element("p", { class: "sentence" }, head, " ", sum) };
}

/** What is drawn, from the traits and from what is looked at. */
function compute(s) {
  const { view } = s;
  const [x, w, operation, t] = ["x", "w", "operation", "t"].map(view.get);
  const sides = sidesOf(x, w);
  const matrix = windowsOf(x, sides);
  const weights = weightsOf(w, operation, sides);
  const time = clamp(t, 0, sides.side ** 2);
  Object.assign(s, { x, w, operation, sides, matrix, weights, y: outputsOf(matrix, weights), time });
  const seen = s.look.at();
  const fits = seen && (seen.n === undefined || seen.n < sides.side ** 2) && (seen.index === undefined || seen.index < (seen.kind === "tap" ? sides.taps : sides.pixels) ** 2);
  s.at = fits ? seen : { kind: "window", n: max(ceil(time) - 1, 0), rest: true };
  s.shows = { image: view.shows("image"), matrix: view.shows("matrix") };
  s.places = geometry(s.width, sides, s.shows);
}

/** Which cells stand out. */
function marks(s) {
  const { at, sides, operation } = s;
  const lit = { x: new Set(), w: new Set(), y: new Set(), rows: new Set(), column: new Set() };
  if (at.kind === "pixel") {
    lit.x.add(at.index);
    for (const [n, k] of copiesOf(at.index, sides)) {
      lit.rows.add(n * sides.taps ** 2 + k);
      lit.y.add(n);
    }
  } else if (at.kind === "tap") {
    lit.w.add(at.index);
    lit.column.add(tapAt(at.index, operation, sides.taps));
  } else {
    lit.y.add(at.n);
    if (at.k !== undefined) {
      lit.x.add(pixelAt(at.n, at.k, sides));
      lit.rows.add(at.n * sides.taps ** 2 + at.k);
      lit.w.add(tapAt(at.k, operation, sides.taps));
      lit.column.add(at.k);
    }
  }
  return lit;
}

const tintOf = (value, largest) => `${((45 * abs(value)) / largest).toFixed(1)}%`;
const largestOf = (values) => max(1, ...values.map(abs));

/** A cell's number and colour; nothing where it is not yet there. */
function fill(cell, value, { tint, lit = false, there = true, dim = false }) {
  say(cell, there ? whole(value) : "");
  if (cell.tint !== tint || cell.there !== there) cell.style.setProperty("--tint", there ? (cell.tint = tint) : "0%");
  cell.there = there;
  cell.classList.toggle("long", there && abs(value) > 99);
  cell.classList.toggle("lit", lit);
  cell.classList.toggle("dim", dim);
}

const put = (node, [left, top], size) => {
  node.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
  if (size) Object.assign(node.style, { width: `${size[0]}px`, height: `${size[1]}px` });
};

/** Everything in its place. */
function place(s) {
  const { nodes, places: p, sides } = s;
  const key = JSON.stringify([s.width, sides, s.shows]);
  if (s.placed === key) return;
  s.placed = key;
  const counts = { x: [sides.pixels, sides.pixels], w: [sides.taps, sides.taps], y: [sides.side, sides.side], rows: [sides.side ** 2, sides.taps ** 2] };
  const sizes = { x: [p.cell, p.cell], w: [p.cell, p.cell], y: [p.cell, p.cell], rows: [p.wide, p.high], column: [p.weight, p.high], result: [p.result, p.high] };
  nodes.stage.style.height = `${p.height}px`;
  nodes.stage.classList.toggle("tight", p.high < 20);
  s.cells = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, nodes.grids[name].shape(...count)]));
  for (const [name, box] of Object.entries(nodes.boxes)) {
    put(box, p.boxes[name]);
    box.style.setProperty("--wide", `${sizes[name][0]}px`);
    box.style.setProperty("--high", `${sizes[name][1]}px`);
    put(nodes.titles[name], [p.boxes[name][0], p.boxes[name][1] - TITLE]);
    const shown = ["x", "w", "y"].includes(name) ? s.shows.image : s.shows.matrix;
    for (const node of [box, nodes.titles[name], nodes.signs[name]]) if (node) node.style.display = shown ? "" : "none";
  }
  const middle = { w: p.boxes.w[1] + (sides.taps * p.cell) / 2, column: p.boxes.rows[1] + (min(sides.side, sides.taps) ** 2 * p.high) / 2 };
  Object.assign(middle, { y: middle.w, result: middle.column });
  for (const [name, node] of Object.entries(nodes.signs)) put(node, [p.boxes[name][0] - p.sign, middle[name] - 12], [p.sign, 24]);
  nodes.titles.column.style.left = `${p.weight - 100}px`; // it ends where the column does
}

/** Frames: the window in the image and its row, or a piece of the image and its column. */
function frames(s) {
  const { nodes, places: p, sides, at, operation } = s;
  const tap = at.kind === "tap";
  reveal(nodes.frame, at.kind !== "pixel");
  reveal(nodes.cut, at.kind !== "pixel");
  if (at.kind === "pixel") return;
  const k = tap ? tapAt(at.index, operation, sides.taps) : 0;
  const [i, j] = tap ? [floor(k / sides.taps), k % sides.taps] : [floor(at.n / sides.side), at.n % sides.side];
  const cut = (tap ? sides.side : sides.taps) * p.cell;
  put(nodes.cut, [j * p.cell, i * p.cell], [cut, cut]);
  const [wide, high] = [p.wide, p.high];
  if (tap) put(nodes.frame, [k * wide, 0], [wide, sides.side ** 2 * high]);
  else put(nodes.frame, [0, at.n * high], [sides.taps ** 2 * wide, high]);
}

/** The numbers of the row that is being written, on their way from the window. */
function fly(s) {
  const { nodes, places: p, sides, time, matrix } = s;
  const count = sides.taps ** 2;
  const n = floor(time);
  const share = time - n;
  const flying = s.at.rest && share > 0 && s.shows.image && s.shows.matrix;
  const flyers = nodes.flyers(flying ? count : 0);
  flyers.forEach((node, k) => {
    const done = flight(share, k, count);
    const pixel = pixelAt(n, k, sides);
    const from = [p.boxes.x[0] + (pixel % sides.pixels) * p.cell, p.boxes.x[1] + floor(pixel / sides.pixels) * p.cell];
    const to = [p.boxes.rows[0] + k * p.wide, p.boxes.rows[1] + n * p.high];
    const mix = (a, b) => a + (b - a) * done;
    put(node, [mix(from[0], to[0]), mix(from[1], to[1])], [mix(p.cell, p.wide), mix(p.cell, p.high)]);
    fill(node, matrix[n][k], { tint: tintOf(matrix[n][k], largestOf(s.x)) });
    update(node, { class: done < 1 ? "cell away" : "cell" });
  });
}

function drawTables(s) {
  const { nodes, cells: c, sides, at, matrix, weights } = s;
  const lit = marks(s);
  const done = at.rest ? floor(s.time) : sides.side ** 2;
  const [columns, tap] = [sides.taps ** 2, at.kind === "tap"];
  const most = { x: largestOf(s.x), w: largestOf(s.w), y: largestOf(s.y) };
  const show = (list, values, options) => list.forEach((cell, i) => fill(cell, values[i] ?? 0, options(i, values[i] ?? 0)));
  show(c.x.flat(), s.x, (i, v) => ({ tint: tintOf(v, most.x), lit: lit.x.has(i) }));
  show(c.w.flat(), s.w, (i, v) => ({ tint: tintOf(v, most.w), lit: lit.w.has(i) }));
  const outputs = (i, v) => ({ tint: tintOf(v, most.y), lit: lit.y.has(i), there: i < done });
  show(c.y.flat(), s.y, outputs);
  const k = tap ? [...lit.column][0] : null;
  show(c.rows.flat(), matrix.flat(), (i, v) => ({
    tint: tintOf(v, most.x),
    lit: lit.rows.has(i),
    there: floor(i / columns) < done,
    dim: at.kind === "pixel" ? !lit.rows.has(i) : tap && i % columns !== k,
  }));
  const high = s.places.high;
  update(nodes.column.list, { "data-count": columns });
  update(nodes.result.list, { "data-count": sides.side ** 2 });
  // By tap, not by place: when the operation changes, each goes to where it now stands.
  nodes.column.entries(columns).forEach((cell, i) => {
    const at = tapAt(i, s.operation, sides.taps);
    fill(cell, s.w[i] ?? 0, { tint: tintOf(s.w[i] ?? 0, most.w), lit: lit.column.has(at) });
    cell.style.transform = `translateY(${at * high}px)`;
  });
  show(nodes.result.entries(sides.side ** 2), s.y, outputs);
  nodes.result.entries(sides.side ** 2).forEach((cell, i) => (cell.style.transform = `translateY(${i * high}px)`));
  for (const [list, count] of [[nodes.column.list, columns], [nodes.result.list, sides.side ** 2]]) list.style.height = `${count * high}px`;
}

function drawWords(s) {
  const { nodes, at, matrix, weights, sides } = s;
  const rest = s.shows.matrix
    ? `Each window of the image is written out as a row: ${sides.pixels ** 2} pixels, ${sides.side ** 2 * sides.taps ** 2} numbers. Touch one.`
    : "Each output is made of one window of the image. Touch an output, a pixel or a tap.";
  const head = at.rest ? rest : (s.shows.matrix ? sentence : sentenceOfImage)(at, s);
  const sum = at.n === undefined ? null : sumOf(matrix[at.n], weights);
  say(nodes.head, head);
  nodes.sum.hidden = !sum;
  if (sum) {
    nodes.term(sum.terms.length).forEach((node, k) => {
      say(node, `${k ? " + " : `y${placeOf(at.n, sides.side)} = `}${sum.terms[k]}`);
      update(node, { class: k === at.k ? "own" : "" });
    });
    say(nodes.value, ` = ${sum.value}`);
    nodes.sum.append(nodes.value);
  }
  s.view.aloud(`${at.rest ? "" : head} ${sum ? nodes.sum.textContent : ""}`.trim());
}

function draw(s) {
  if (!s.width) return;
  compute(s);
  const { view, nodes, at } = s;
  place(s);
  for (const kind of ["window", "pixel", "tap"]) nodes.stage.classList.toggle(`by-${kind}`, at.kind === kind);
  reveal(nodes.flip, s.operation === "convolution");
  say(nodes.signs.w, s.operation === "convolution" ? "∗" : "⋆");
  frames(s);
  drawTables(s);
  fly(s);
  drawWords(s);
  s.scrub.limit(0, s.sides.side ** 2);
  nodes.words.style.display = view.shows("words") ? "" : "none";
  nodes.controls.style.display = view.shows("controls") ? "" : "none";
  nodes.number = at.rest || !s.look.pinned() ? null : { pixel: ["x", at.index], tap: ["w", at.index] }[at.kind] ?? null;
  reveal(nodes.stepper, nodes.number);
  if (nodes.number) update(nodes.stepper, { "aria-label": `Change ${nodes.number[0]}${placeOf(nodes.number[1], sideOf(s, nodes.number[0]))}` });
}

const sideOf = (s, which) => (which === "x" ? s.sides.pixels : s.sides.taps);

/** One number of the image or the kernel is changed. */
function change(s, which, index, to) {
  const numbers = [...s.view.get(which)];
  numbers[index] = clamp(to(numbers[index] ?? 0), -REACH, REACH);
  s.view.set(which, numbers);
}

/** Digits and signs typed on a focused cell. */
function typing(s, which) {
  const digits = Object.fromEntries(upTo(10, (digit) => [String(digit), (now) => (now < 0 ? -digit : digit)]));
  const table = { ...digits, "-": (now) => -now, "+": (now) => now + 1, PageUp: (now) => now + 1, PageDown: (now) => now - 1 };
  keys(s.nodes.grids[which].node, table, (to, { target }) => {
    const { row, column } = target.dataset;
    change(s, which, Number(row) * sideOf(s, which) + Number(column), to);
  });
}

/** − and + beside the chip of a pinned pixel or tap. */
function stepper(s) {
  const button = (text, by) => element("button", { type: "button", onclick: () => s.nodes.number && change(s, ...s.nodes.number, (now) => now + by) }, text);
  return element("div", { class: "stepper", role: "group", "data-look": true }, button("−", -1), button("+", 1));
}

/** Prose: look at "x2,2", at "w0,1", or at "y1,0"; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, which, i, j] = /^([xyw])(\d),(\d)$/.exec(value) ?? [];
  s.look.letGo();
  if (which === "x") s.look.pin({ kind: "pixel", index: Number(i) * s.sides.pixels + Number(j) });
  else if (which === "w") s.look.pin({ kind: "tap", index: Number(i) * s.sides.taps + Number(j) });
  else if (which === "y") s.look.pin({ kind: "window", n: Number(i) * s.sides.side + Number(j) });
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "im2col", { traits: ["x", "w", "operation", "t"] });
  const s = { view, width: 0, scrub: null };
  const ask = view.frame(() => draw(s));
  const names = { pixel: "pixel", tap: "tap", window: "row" };
  s.look = looking(view, ask, { same: (a, b) => a.kind === b.kind && a.n === b.n && a.index === b.index && a.k === b.k, name: (at) => names[at?.kind] ?? "" });
  s.sides = sidesOf(view.get("x"), view.get("w"));
  const nodes = (s.nodes = scene(s));
  const rows = (t) => `${floor(t)} of ${s.sides.side ** 2}`;
  const range = { low: 0, high: s.sides.side ** 2, step: 0.05, words: rows, spoken: (t) => `${rows(t)} rows written` };
  s.scrub = player(view, "t", "rows", { ...range, start: 0, stride: 1, speed: 0.8 });
  keys(s.scrub.node, { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }, (by) => {
    s.scrub.stop();
    const now = view.get("t");
    view.set("t", clamp(by > 0 ? floor(now) + 1 : ceil(now) - 1, 0, s.sides.side ** 2));
  });
  const sign = (text, name) => [element("b", {}, text), ` ${name}`];
  const operation = segments(view, "operation", "operation", { convolution: sign("∗", "convolution"), correlation: sign("⋆", "correlation") });
  operation.box.firstChild.className = "quiet";
  nodes.controls = element("div", { class: "controls" }, s.scrub.box, operation.box);
  nodes.stepper = stepper(s);
  for (const which of ["x", "w"]) typing(s, which);
  view.foot.firstChild.after(nodes.stepper);
  view.on(["x", "w"], () => {
    const { side } = sidesOf(view.get("x"), view.get("w"));
    if (view.get("t") > side ** 2) view.set("t", side ** 2);
  });
  view.on(["t"], s.look.letGo); // who moves the rows wants to see them
  view.on(["x", "w", "operation", "t", "show"], ask);
  view.obeys({ look: (order) => lookAt(s, order) });
  view.widths(nodes.stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(nodes.stage, nodes.words, nodes.controls);
  return view.end;
}

export default { render };
