import { cells } from "./js/cells.js";
import { player, segments } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { clamp, format } from "./js/numbers.js";
import { handle, keys, looking } from "./js/pointer.js";
import { stepper, stepTowards } from "./js/settings.js";
import { typeInto } from "./js/tiles.js";

// As in gradient_flow.py: bounds of the settings and of the numbers, most columns, more gradients than there can be, and
// the numbers to begin with.
const BOUNDS = { size: [4, 7], kernel_size: [1, 3], stride: [1, 3], padding: [0, 2], dilation: [1, 2] };
export const [REACH, COLUMNS, ALL] = [9, 17, 49];
export const X = [
  [1, 2, 0, 3, 1, 2, 0],
  [0, 1, 3, 1, 2, 0, 1],
  [2, 0, 1, 2, 0, 3, 2],
  [1, 3, 2, 0, 1, 1, 0],
  [0, 2, 1, 1, 3, 0, 2],
  [2, 1, 0, 2, 0, 1, 3],
  [1, 0, 2, 1, 2, 3, 1],
];
export const W = [[1, 2, 0], [0, 1, -1], [-1, 0, 2]];
/** What "Fill dy" puts there. */
export const MANY = [
  [1, -2, 3, 2, -1, 1, 3],
  [2, 1, -1, 0, 1, -2, 1],
  [-3, -1, 2, 1, -1, 2, 0],
  [-1, 2, 1, -2, 0, 1, -1],
  [1, 0, -1, 2, 1, -1, 2],
  [3, 1, 0, -1, 2, 0, 1],
  [0, -2, 1, 1, -1, 2, -3],
];
const SETTINGS = Object.keys(BOUNDS);
const SYMBOLS = { size: "n", kernel_size: "k", stride: "s", padding: "p", dilation: "d" };
const [TITLE, UNDER, DRAG] = [20, 20, 7]; // pixels: the line over each table, the one under dy, a drag for one step
const { abs, ceil, floor, max, min, round, sqrt } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const table = (side, make) => upTo(side, (i) => upTo(side, (j) => make(i, j)));

// ---- the maths: pure functions, held against Python by tests/js/test_gradient_flow.py ------------------------------
// `c` holds the settings by name; tables are lists of rows.  Places in x and dx are counted with the padding.

/** All sizes along one axis. */
export function sizesOf(c) {
  const most = c.dilation * (c.kernel_size - 1);
  const length = c.size + 2 * c.padding;
  const outputs = floor((length - most - 1) / c.stride) + 1;
  const full = (outputs - 1) * c.stride + most + 1;
  return { reach: most + 1, length, outputs, full, rim: most - c.padding, spread: c.size + most, leftOver: length - full };
}

/** Why these settings cannot be, in Python's words; "" if they can. */
export function refusal(c) {
  const s = sizesOf(c);
  if (c.padding >= s.reach) return `padding must be at most d(k − 1) = ${s.reach - 1}, got ${c.padding}: a window would see nothing but zeros`;
  if (s.outputs < 1) return `kernel_size must fit into the padded input: ${c.kernel_size} taps with dilation ${c.dilation} reach over ${s.reach} samples, but there are ${c.size} + 2 · ${c.padding} = ${s.length}`;
  const columns = s.length + c.kernel_size + s.outputs;
  return columns > COLUMNS ? `x with its padding, w and y must have at most ${COLUMNS} columns together, got ${columns}` : "";
}

/** The same for the page. */
export function because(text) {
  if (!text.startsWith("kernel_size must fit")) return `Not here: ${text}.`;
  return `Not here: ${text.replace("kernel_size must fit into the padded input: ", "")}.`;
}

/** Settings as they are if they can be; else, for a link may ask for anything, such as can be. */
export function legal(given) {
  const c = { ...given };
  for (const [name, [low, high]] of Object.entries(BOUNDS)) c[name] = clamp(round(c[name]) || low, low, high);
  if (!refusal(c)) return c;
  c.padding = min(c.padding, sizesOf(c).reach - 1);
  if (sizesOf(c).outputs < 1) c.dilation = 1;
  c.padding = min(c.padding, sizesOf(c).reach - 1);
  while (refusal(c)) c.size -= 1;
  return c;
}

export const towards = (c, name, to) => stepTowards(c, name, to, { bounds: BOUNDS, refusal });

/** A table of `side` rows from a flat list of numbers: cut, or going on as `beyond` does. */
export function fitted(flat, side, beyond) {
  const given = floor(sqrt(flat.length));
  return table(side, (i, j) => (i < given && j < given ? flat[i * given + j] : beyond[i][j]));
}

/** The same for dy, going on with zeros; if of its other numbers none is left, a 1 stands in the middle. */
export function fittedGradient(flat, side) {
  const fits = fitted(flat, side, table(side, () => 0));
  const middle = floor((side - 1) / 2);
  if (flat.some(Boolean) && !fits.flat().some(Boolean)) fits[middle][middle] = 1;
  return fits;
}

/** Every product that there is: output `y`, tap `w` and sample `x`, as rows and columns, outputs row after row. */
export function linksOf(c) {
  const { outputs } = sizesOf(c);
  const taps = table(c.kernel_size, (u, v) => [u, v]).flat();
  return table(outputs, (i, j) => taps.map(([u, v]) => ({ y: [i, j], w: [u, v], x: [i * c.stride + u * c.dilation, j * c.stride + v * c.dilation] }))).flat(2);
}

/** Whether a place of x is a sample, not padding. */
export const isSample = ([a, b], c) => min(a, b) >= c.padding && max(a, b) < c.padding + c.size;
/** A number of x, with its padding. */
export const sampleAt = (x, [a, b], c) => (isSample([a, b], c) ? x[a - c.padding][b - c.padding] : 0);

/** The output, and both gradients, that by x with what falls on the padding. */
export function flow(c, x, w, dy) {
  const { outputs, length } = sizesOf(c);
  const [y, dw, dx] = [table(outputs, () => 0), table(c.kernel_size, () => 0), table(length, () => 0)];
  for (const { y: [i, j], w: [u, v], x: [a, b] } of linksOf(c)) {
    y[i][j] += w[u][v] * sampleAt(x, [a, b], c);
    dw[u][v] += dy[i][j] * sampleAt(x, [a, b], c);
    dx[a][b] += dy[i][j] * w[u][v];
  }
  return { y, dw, dx };
}

/** Where dy is not 0, row after row: what is sent back, one after the other. */
export const placesOf = (dy) => dy.flatMap((row, i) => row.flatMap((value, j) => (value ? [[i, j]] : [])));

/** As much of dy as has been sent. */
export function sentOf(dy, done) {
  const sent = dy.map((row) => row.map(() => 0));
  for (const [i, j] of placesOf(dy).slice(0, floor(done))) sent[i][j] = dy[i][j];
  return sent;
}

/** Which place of dy stands at a place of dy spread out and padded; null where a zero does. */
export function spreadAt([r, q], c) {
  const { rim, outputs } = sizesOf(c);
  const place = [r, q].map((at) => (at - rim) / c.stride);
  return place.every((at) => Number.isInteger(at) && at >= 0 && at < outputs) ? place : null;
}

/** The window of dy, spread out, under the flipped kernel that gives a number of dx: its places, with the taps there. */
export function slidingAt([a, b], c) {
  return table(c.kernel_size, (u, v) => {
    const spread = [a - c.padding + u * c.dilation, b - c.padding + v * c.dilation];
    return { spread, w: [c.kernel_size - 1 - u, c.kernel_size - 1 - v], y: spreadAt(spread, c) };
  }).flat();
}

/** What takes part in what is looked at: links of a place { kind, r, i } of one of the six tables. */
export function partsOf(at, c) {
  const key = { y: "y", dy: "y", w: "w", dw: "w", x: "x", dx: "x" }[at.kind];
  return linksOf(c).filter((link) => link[key][0] === at.r && link[key][1] === at.i);
}

/** Where everything stands, in pixels; the same as Places in gradient_flow.py. */
export function geometry(width, c, shows) {
  const s = sizesOf(c);
  const narrow = width < 480;
  const gap = narrow ? 14 : 44;
  // Columns of which a reduced view shows neither table take no room.
  const across = [shows.forward || shows.dx ? s.length : 0, shows.forward || shows.dw ? c.kernel_size : 0, s.outputs];
  const columns = across[0] + across[1] + across[2];
  const gaps = gap * (across.filter(Boolean).length - 1);
  const cell = floor(min(narrow ? 27 : 34, 240 / s.length, (width - gaps) / columns));
  const small = floor(min(cell, (s.length * cell) / s.spread));
  const tall = s.length * cell;
  const x = (width - columns * cell - gaps) / 2;
  const w = x + (across[0] ? tall + gap : 0);
  const y = w + (across[1] ? c.kernel_size * cell + gap : 0);
  const below = TITLE + (shows.forward ? tall + 10 + TITLE : 0);
  const boxes = { x: [x, TITLE], w: [w, TITLE], y: [y, TITLE], dx: [x, below], dw: [w, below], dy: [y, below] };
  const lower = shows.dx ? tall : shows.dw ? c.kernel_size * cell : 0;
  return { narrow, gap, cell, small, boxes, height: below + max(lower, s.outputs * cell + UNDER) + 4 };
}

// ---- the words ---------------------------------------------------------------------------------------------------

const whole = (value) => format(value, 0);
const factor = (value) => (value < 0 ? `(${whole(value)})` : whole(value));
const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const counted = (count) => NUMBERS[count] ?? String(count);
const many = (count, one) => `${counted(count)} ${one}${count === 1 ? "" : "s"}`;

/** The name of a number: places in x and dx are counted without the padding. */
export const nameOf = ({ kind, r, i }, c) => (kind === "x" || kind === "dx" ? `${kind}[${r - c.padding}, ${i - c.padding}]` : `${kind}[${r}, ${i}]`);

/** What is in no window. */
function lost(c) {
  const s = sizesOf(c);
  const unseen = min(c.size, max(0, s.leftOver - c.padding));
  const last = unseen > 1 ? `the last ${unseen} rows and columns` : "the last row and column";
  const seen = new Set(linksOf(c).map(({ x }) => x[0]));
  const bare = upTo(c.size, (a) => a + c.padding).filter((a) => !seen.has(a)).length;
  if (unseen && bare === unseen) return `No window reaches ${last} of x: what the stride leaves over has no part in y, and so dx is 0 there.`;
  return bare ? "The hatched places of x lie in no window: they have no part in y, and so dx is 0 there." : "";
}

/** What the present state shows. */
export function sentence(c, dy, done, view) {
  const [places, sent] = [placesOf(dy), floor(done)];
  if (sent < places.length) {
    if (!sent) return "No gradient has been sent back yet: dx and dw are still 0.";
    const [i, j] = places[sent - 1];
    const value = whole(dy[i][j]);
    return `${sent} of ${places.length} sent: dy[${i}, ${j}] = ${value} has laid ${value}·w on dx, and ${value} times its window of x on dw.`;
  }
  const s = sizesOf(c);
  if (view === "convolution") {
    const spread = c.stride > 1 && s.outputs > 1 ? `spread out by the stride of ${c.stride}, ` : "";
    const rest = s.leftOver ? `${s.leftOver} more at its end, ` : "";
    return `dx by sliding: dy, ${spread}${rest}padded by d(k − 1) − p = ${s.rim}, under the kernel flipped. Touch a dx.`;
  }
  if (lost(c)) return lost(c);
  if (!places.length) return "All of dy is 0: nothing flows back. Change one of its numbers.";
  if (places.length === 1) {
    const value = whole(dy[places[0][0]][places[0][1]]);
    const spread = c.dilation > 1 && c.kernel_size > 1 ? ", spread out," : "";
    const kernel = (value === "1" ? "the kernel itself" : `${value}·w`) + spread;
    if (c.padding) return `A single gradient of ${value} prints ${kernel} into dx, upright; what falls on the padding is lost.`;
    const window = value === "1" ? "its window of x into dw" : `${value} times its window of x into dw`;
    return `A single gradient of ${value} prints ${kernel} into dx, upright, and ${window}.`;
  }
  const rim = c.padding ? " What falls on the padding is thrown away." : "";
  return `Each dy lays dy·w on its window of dx, and dy·x on dw; where windows overlap, they add up.${rim}`;
}

/** A sum of products with what it gives; of many products the first ones and the last. */
export function sumOf(products) {
  const total = products.reduce((sum, [a, b]) => sum + a * b, 0);
  const terms = products.map(([a, b]) => `${factor(a)}·${factor(b)}`);
  const shown = terms.length > 9 ? [...terms.slice(0, 3), "…", terms.at(-1)] : terms;
  return `${shown.join(" + ")} = ${whole(total)}`;
}

/** What a number of the upper row does on the way forward. */
function forwardWords(at, links, { c, x, w, y }) {
  const name = nameOf(at, c);
  if (at.kind === "y") return `${name} gathers its window: ${sumOf(links.map((link) => [w[link.w[0]][link.w[1]], sampleAt(x, link.x, c)]))}.`;
  if (at.kind === "w") return `${name} = ${whole(w[at.r][at.i])} meets ${many(links.length, "place")} of x, one for each y.`;
  const subject = isSample([at.r, at.i], c) ? `${name} = ${whole(sampleAt(x, [at.r, at.i], c))}` : "A zero of the padding";
  if (!links.length) return `${subject} is in no window: no y depends on it.`;
  const shown = links.slice(0, 4).map((link) => `y[${link.y.join(", ")}] by ${factor(w[link.w[0]][link.w[1]])}`);
  const more = links.length > 4 ? ", …" : "";
  return `${subject} is scattered into ${many(links.length, "output")}: ${shown.join(", ")}${more}.`;
}

/** What is looked at. */
export function words(at, state) {
  const { c, x, w, dy } = state;
  if (at.kind === "gap") return at.between ? `A zero between two dy: they are spread out by the stride of ${c.stride}.` : "A zero around dy, so that the flipped kernel reaches every place of x.";
  const links = partsOf(at, c);
  if (["x", "w", "y"].includes(at.kind)) return forwardWords(at, links, state);
  const name = nameOf(at, c);
  const products = (one, other) => sumOf(links.map((link) => [one(link), other(link)]));
  const gradient = ({ y: [i, j] }) => dy[i][j];
  const weight = ({ w: [u, v] }) => w[u][v];
  if (at.kind === "dw") return `${name} gathers dy·x, nothing flipped: ${products(gradient, (link) => sampleAt(x, link.x, c))}.`;
  if (at.kind === "dx") {
    if (!links.length) return `${nameOf({ ...at, kind: "x" }, c)} is in no window, so ${name} = 0.`;
    if (isSample([at.r, at.i], c)) return `${name} gathers dy·w, the kernel backwards: ${products(gradient, weight)}.`;
    return `On a zero of the padding falls ${products(gradient, weight)}: it is thrown away.`;
  }
  const value = whole(dy[at.r][at.i]);
  const outside = links.filter((link) => !isSample(link.x, c)).length;
  const away = outside ? ` What falls on the padding, ${counted(outside)} of them, is thrown away.` : "";
  const all = counted(links.length);
  return `${name} = ${value} sends ${value}·w to ${many(links.length, "place")} of dx, and ${value}·x to the ${all} of dw.${away}`;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const TABLES = {
  x: { part: "x", title: ["input ", "x"], spoken: "input" },
  w: { part: "w", title: ["kernel ", "w"], spoken: "weight" },
  y: { part: "y", title: ["output ", "y"], spoken: "output" },
  spread: { part: "dy", title: ["", "dy", ", spread out and padded"], spoken: "dy, spread out" },
  turned: { part: "w", title: ["", "w", ", flipped"], spoken: "weight" },
  dx: { part: "dx", title: ["", "dx", " = ∂L/∂x"], spoken: "gradient by x" },
  dw: { part: "dw", title: ["", "dw", " = ∂L/∂w"], spoken: "gradient by w" },
  dy: { part: "dy", title: ["", "dy", " = ∂L/∂y"], spoken: "gradient by y" },
};
const UPPER = { scatter: ["x", "w", "y"], convolution: ["spread", "turned"] };
const EDITED = ["x", "w", "dy"];

/** What a cell of one of the tables on the page stands for. */
function meant(s, kind, r, i) {
  if (s.held) return s.held; // a finger that drags a number leaves its cell
  if (kind === "turned") return { kind: "w", r: s.c.kernel_size - 1 - r, i: s.c.kernel_size - 1 - i };
  if (kind !== "spread") return { kind, r, i };
  const place = spreadAt([r, i], s.c);
  const { rim, outputs } = s.sizes;
  const inside = [r, i].every((at) => at >= rim && at <= rim + (outputs - 1) * s.c.stride);
  return place ? { kind: "dy", r: place[0], i: place[1] } : { kind: "gap", r, i, between: inside };
}

/** Everything that is made once. */
function scene(s) {
  const grids = {};
  const boxes = {};
  const titles = {};
  for (const [kind, { part, title: [before, letter, after], spoken }] of Object.entries(TABLES)) {
    const editable = EDITED.includes(kind) ? "; type a number to change it" : "";
    const label = `${spoken[0].toUpperCase()}${spoken.slice(1)}; arrow keys move, Enter pins${editable}`;
    const tell = (r, i) => `${spoken} ${["x", "dx"].includes(kind) ? `${r - s.c.padding}, ${i - s.c.padding}` : `${r}, ${i}`}: ${whole(s.numbers[kind][r][i])}`;
    grids[kind] = cells(label, { look: s.look, what: (r, i) => meant(s, kind, r, i), spoken: tell });
    boxes[kind] = element("div", { class: `block ${kind}`, "data-part": part }, grids[kind].node);
    const long = (text) => (text ? element("span", { class: "long" }, text) : null);
    const [near, far] = kind === "spread" ? [after.slice(0, 12), after.slice(12)] : ["", after];
    titles[kind] = element("p", { class: `title ${kind}`, "data-part": part }, long(before), element("i", {}, letter), near, long(far));
  }
  const frames = { x: element("div", { class: "frame" }), dx: element("div", { class: "frame" }) };
  boxes.x.append(frames.x);
  boxes.dx.append(frames.dx);
  const signs = { w: element("span", { class: "sign" }, "⋆"), y: element("span", { class: "sign" }, "=") };
  const air = element("div", { class: "air", "aria-hidden": "true" });
  const sum = element("p", { class: "title under dy" }, element("i", {}, "db"), element("span", { class: "sum" }));
  const stage = element("div", { class: "stage" }, ...Object.values(titles), ...Object.values(signs), sum, ...Object.values(boxes), air);
  return { grids, boxes, titles, frames, signs, sum, stage, flyers: pool(air, () => element("div", { class: "cell" })), words: element("p", { class: "sentence" }) };
}

/** What is drawn, from the traits and from what is looked at. */
function compute(s) {
  const { view } = s;
  const c = legal(Object.fromEntries(SETTINGS.map((name) => [name, view.get(name)])));
  const sizes = sizesOf(c);
  const x = fitted(view.get("x"), c.size, X);
  const w = fitted(view.get("w"), c.kernel_size, W);
  const dy = fittedGradient(view.get("dy"), sizes.outputs);
  const places = placesOf(dy);
  const done = min(view.get("done"), places.length);
  const { y, dw, dx } = flow(c, x, w, sentOf(dy, done));
  Object.assign(s, { c, sizes, x, w, dy, y, dw, dx, places, done, upper: view.get("view") });
  const spread = table(sizes.spread, (r, i) => {
    const place = spreadAt([r, i], c);
    return place ? dy[place[0]][place[1]] : 0;
  });
  const padded = table(sizes.length, (a, b) => sampleAt(x, [a, b], c));
  s.numbers = { x: padded, w, y, spread, turned: table(c.kernel_size, (u, v) => w[c.kernel_size - 1 - u][c.kernel_size - 1 - v]), dx, dw, dy };
  const seen = s.look.at();
  const side = { x: sizes.length, dx: sizes.length, w: c.kernel_size, dw: c.kernel_size, gap: sizes.spread }[seen?.kind] ?? sizes.outputs;
  s.at = seen && max(seen.r, seen.i) < side && (seen.kind !== "gap" || s.upper === "convolution") ? seen : null;
  const shows = (s.shows = Object.fromEntries(["forward", "dx", "dw"].map((part) => [part, view.shows(part)])));
  s.layout = geometry(s.width, c, shows);
}

/** The place of dy whose windows are framed: what is looked at, or what was sent last, unless all of several are. */
function framed(s) {
  if (s.at) return s.at.kind === "dy" || s.at.kind === "y" ? [s.at.r, s.at.i] : null;
  const sent = floor(s.done);
  if (!sent || (sent === s.places.length && sent > 1)) return null;
  return s.places[sent - 1];
}

/** Which cells take part, by table and "row,column", with a number that tells the order, where they are few. */
function marks(s) {
  const lit = Object.fromEntries(Object.keys(TABLES).map((kind) => [kind, new Map()]));
  const { at, c } = s;
  const add = (kind, place, text = "") => lit[kind].set(place.join(), text);
  const turned = ([u, v]) => [c.kernel_size - 1 - u, c.kernel_size - 1 - v];
  if (!at || at.kind === "gap") return lit;
  const links = partsOf(at, c);
  const ordinal = (k) => (links.length > 1 && links.length < 10 ? String(k + 1) : "");
  const sliding = at.kind === "dx" && s.upper === "convolution" && isSample([at.r, at.i], c);
  add(at.kind, [at.r, at.i]);
  if (at.kind === "w") add("turned", turned([at.r, at.i]));
  const others = { y: "xw", x: "yw", w: "xy", dx: ["dy", "w"], dw: ["dy", "x"], dy: ["w", "x"] }[at.kind];
  links.forEach((link, k) => {
    for (const kind of others) {
      const place = link[kind === "dy" ? "y" : kind];
      add(kind, place, at.kind === "dy" || at.kind === "w" ? "" : ordinal(k));
      if (kind === "w" && !sliding) add("turned", turned(place));
    }
  });
  if (at.kind === "dy" || at.kind === "dw") for (const { y: [i, j] } of links) add("spread", [i, j].map((place) => s.sizes.rim + place * c.stride));
  if (sliding) slidingAt([at.r, at.i], c).forEach(({ spread, w }, k, all) => {
    add("spread", spread, all.length > 1 ? String(k + 1) : "");
    add("turned", turned(w), all.length > 1 ? String(k + 1) : "");
  });
  return lit;
}

/** What a touched dy sends: the products on their ways, by table and "row,column". */
function termsOf(s) {
  const terms = { dx: new Map(), dw: new Map() };
  if (s.at?.kind !== "dy") return terms;
  const value = s.dy[s.at.r][s.at.i];
  for (const { w, x } of partsOf(s.at, s.c)) {
    terms.dx.set(x.join(), value * s.w[w[0]][w[1]]);
    terms.dw.set(w.join(), value * sampleAt(s.x, x, s.c));
  }
  return terms;
}

const plus = (value) => (value > 0 ? `+${whole(value)}` : whole(value));
const largestOf = (rows) => max(1, ...rows.flat().map(abs));

/** A cell's number, its colour as deep as it is large, and what sets it apart. */
function fill(cell, text, value, largest, kind, order = "") {
  if (!cell.number) cell.append((cell.number = element("span", { class: "number" })));
  say(cell.number, text);
  update(cell, { class: `cell${kind}${text.length > 2 ? " long" : ""}${text.length > 3 ? " longer" : ""}`, "data-order": order });
  const tint = `${(5 + (45 * min(abs(value), largest)) / largest).toFixed(1)}%`;
  if (cell.tint !== tint) cell.style.setProperty("--tint", (cell.tint = tint));
}

function drawTables(s) {
  const { c, numbers, at, sizes } = s;
  const [lit, terms, own] = [marks(s), termsOf(s), framed(s)];
  const seen = new Set(linksOf(c).map(({ x }) => x[0]));
  const sides = { x: sizes.length, w: c.kernel_size, y: sizes.outputs, spread: sizes.spread, turned: c.kernel_size, dx: sizes.length, dw: c.kernel_size, dy: sizes.outputs };
  for (const [kind, grid] of Object.entries(s.nodes.grids)) {
    const largest = largestOf(numbers[kind]);
    grid.shape(sides[kind], sides[kind]).forEach((line, r) => line.forEach((cell, i) => {
      const key = `${r},${i}`;
      const samples = kind === "x" || kind === "dx";
      const rim = samples ? !isSample([r, i], c) : kind === "spread" && !spreadAt([r, i], c);
      const term = terms[kind]?.get(key);
      const value = term ?? numbers[kind][r][i];
      const none = kind === "dx" && rim && s.upper === "convolution"; // sliding gives x's own places alone
      const part = lit[kind].has(key) || term !== undefined;
      const is = {
        rim,
        bare: samples && !rim && !(seen.has(r) && seen.has(i)),
        lost: kind === "dx" && rim && value !== 0,
        lit: part,
        own: at ? (at.kind === kind && at.r === r && at.i === i) : kind === "dy" && own && own[0] === r && own[1] === i,
        term: term !== undefined,
        dim: at && !part,
      };
      const classes = Object.keys(is).filter((name) => is[name]).map((name) => ` ${name}`).join("");
      fill(cell, none ? "" : term === undefined ? whole(value) : plus(value), value, largest, classes, s.cell(kind) < 22 ? "" : lit[kind].get(key) ?? "");
    }));
  }
}

const put = (node, [left, top], size) => {
  node.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
  if (size) Object.assign(node.style, { width: `${size}px`, height: `${size}px` });
};

/** Everything in its place. */
function place(s) {
  const { nodes, layout: g, c, sizes, shows } = s;
  s.cell = (kind) => (kind === "spread" || kind === "turned" ? g.small : g.cell);
  const key = JSON.stringify([s.width, c, shows, s.upper]);
  if (s.placed === key) return;
  s.placed = key;
  nodes.stage.style.height = `${g.height}px`;
  const at = { ...g.boxes, spread: g.boxes.x, turned: g.boxes.w };
  const room = { x: sizes.length * g.cell, w: c.kernel_size * g.cell, y: sizes.outputs * g.cell };
  Object.assign(room, { dx: room.x, dw: room.w, dy: room.y, spread: room.x, turned: room.w + room.y });
  for (const kind of Object.keys(TABLES)) {
    const cell = s.cell(kind);
    put(nodes.boxes[kind], at[kind]);
    put(nodes.titles[kind], [at[kind][0], at[kind][1] - TITLE]);
    nodes.boxes[kind].style.setProperty("--side", `${cell}px`);
    nodes.boxes[kind].style.setProperty("--letters", `${clamp(cell * 0.5, 11, 15)}px`);
    nodes.boxes[kind].classList.toggle("tiny", cell < 18);
    nodes.titles[kind].classList.toggle("tight", room[kind] + g.gap < (kind === "spread" ? 185 : kind === "turned" ? 60 : 84));
    const there = kind in shows ? shows[kind] : kind === "dy" || (shows.forward && UPPER[s.upper].includes(kind));
    for (const node of [nodes.boxes[kind], nodes.titles[kind]]) node.style.display = there ? "" : "none";
  }
  const middle = TITLE + (c.kernel_size * (s.upper === "scatter" ? g.cell : g.small)) / 2 - 12;
  put(nodes.signs.w, [g.boxes.w[0] - g.gap, middle]);
  put(nodes.signs.y, [g.boxes.y[0] - g.gap, middle]);
  for (const node of Object.values(nodes.signs)) node.style.width = `${g.gap}px`;
  nodes.signs.w.style.display = shows.forward ? "" : "none";
  nodes.signs.y.style.display = shows.forward && s.upper === "scatter" ? "" : "none";
  put(nodes.sum, [g.boxes.dy[0], g.boxes.dy[1] + room.dy + 2]);
}

/** The window of x that an output came from, and the same places of dx. */
function drawFrames(s) {
  const { nodes, layout: g, c, sizes } = s;
  const place = framed(s);
  for (const [kind, node] of Object.entries(nodes.frames)) {
    reveal(node, place && (kind === "x" ? s.upper === "scatter" : s.at?.kind !== "y" && (s.at || s.upper === "scatter")));
    if (place) put(node, [place[1] * c.stride * g.cell, place[0] * c.stride * g.cell], sizes.reach * g.cell);
  }
}

/** The gradient that is being sent: copies of w on their way to dx, of the window of x to dw. */
function fly(s) {
  const { nodes, layout: g, c, shows } = s;
  const share = s.done - floor(s.done);
  const from = !s.at && share > 0 ? s.places[floor(s.done)] : null;
  const links = from ? partsOf({ kind: "dy", r: from[0], i: from[1] }, c) : [];
  const value = from && s.dy[from[0]][from[1]];
  const goals = links.flatMap(({ w, x }) => [
    { kind: "dx", to: x, value: value * s.w[w[0]][w[1]] },
    { kind: "dw", to: w, value: value * sampleAt(s.x, x, c) },
  ]).filter(({ kind }) => shows[kind]);
  const gone = share * share * (3 - 2 * share);
  const largest = { dx: largestOf(s.dx), dw: largestOf(s.dw) };
  nodes.flyers(goals.length).forEach((node, k) => {
    const { kind, to, value } = goals[k];
    const corner = (box, place, axis) => g.boxes[box][axis] + place[1 - axis] * g.cell;
    const mix = (axis) => corner("dy", from, axis) + (corner(kind, to, axis) - corner("dy", from, axis)) * gone;
    put(node, [mix(0), mix(1)]);
    node.style.setProperty("--side", `${g.cell}px`);
    node.style.setProperty("--letters", `${clamp(g.cell * 0.5, 11, 15)}px`);
    fill(node, plus(value), value, largest[kind], " away");
  });
}

function drawWords(s) {
  const { nodes, view, at } = s;
  const said = s.why ? because(s.why) : at ? words(at, s) : sentence(s.c, s.dy, s.done, s.upper);
  say(nodes.words, said);
  nodes.words.classList.toggle("why", Boolean(s.why));
  say(nodes.sum.lastChild, ` = ${whole(s.dy.flat().reduce((sum, value) => sum + value, 0))}`);
  view.aloud(said);
}

function drawControls(s) {
  const { controls, view, nodes, c, at } = s;
  for (const { name, value, fewer, more } of controls.steppers) {
    say(value, String(c[name]));
    for (const [button, by] of [[fewer, -1], [more, 1]]) update(button, { "aria-disabled": towards(c, name, c[name] + by).why !== "" });
  }
  say(controls.fill, s.places.length > 1 ? "One dy" : "Fill dy");
  controls.scrub.limit(0, s.places.length);
  for (const [part, node] of [["words", nodes.words], ["play", controls.play], ["settings", controls.settings]]) node.style.display = view.shows(part) ? "" : "none";
  s.changing = s.look.pinned() && at && EDITED.includes(at.kind) && (at.kind !== "x" || isSample([at.r, at.i], c)) ? at : null;
  reveal(controls.change, s.changing);
  if (s.changing) update(controls.change, { "aria-label": `Change ${nameOf(at, c)}` });
  reveal(nodes.hint, !s.look.pinned() && view.foot.querySelector(".reset").dataset.shown !== "yes");
}

function draw(s) {
  if (!s.width) return;
  compute(s);
  place(s);
  drawTables(s);
  drawFrames(s);
  fly(s);
  drawWords(s);
  drawControls(s);
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** One number of x, w or dy is changed. */
function change(s, { kind, r, i }, value) {
  const [row, column] = kind === "x" ? [r - s.c.padding, i - s.c.padding] : [r, i];
  const rows = s[kind].map((line) => [...line]);
  if (rows[row]?.[column] === undefined) return;
  rows[row][column] = clamp(round(value), -REACH, REACH) + 0;
  s.view.set(kind, rows.flat());
  compute(s); // a second key may come before the next frame
}

/** Settings become what they can be, the tables fit them, and what stopped them is said. */
function choose(s, name, by) {
  const { now, why } = towards(s.c, name, s.c[name] + by);
  const fits = { x: fitted(s.x.flat(), now.size, X), w: fitted(s.w.flat(), now.kernel_size, W), dy: fittedGradient(s.dy.flat(), sizesOf(now).outputs) };
  for (const setting of SETTINGS) if (s.view.get(setting) !== now[setting]) s.view.set(setting, now[setting]);
  for (const [kind, rows] of Object.entries(fits)) s.view.set(kind, rows.flat());
  s.why = why;
  s.view.send();
  draw(s);
}

/** Digits, a sign, page keys on a focused number; dy is dragged, too. */
function hands(s, kind) {
  const { node } = s.nodes.grids[kind];
  const placed = ({ dataset }) => ({ kind, r: Number(dataset.row), i: Number(dataset.column) });
  const numberAt = ({ r, i }) => s.numbers[kind][r][i];
  const type = (first, { target }) => {
    const at = placed(target);
    if (kind === "x" && !isSample([at.r, at.i], s.c)) return;
    typeInto(s.view, target, { now: numberAt(at), put: (value) => change(s, at, value), first, label: nameOf(at, s.c) });
  };
  keys(node, { F2: "", ...Object.fromEntries([..."0123456789-"].map((key) => [key, key])) }, type);
  keys(node, { PageUp: 1, PageDown: -1, "+": 1 }, (by, { target }) => {
    change(s, placed(target), numberAt(placed(target)) + by);
    s.view.send();
  });
  if (kind !== "dy") return;
  handle(s.view, node, ["dy"], {
    axis: "y",
    press(event) {
      const { left, top, width, height } = node.getBoundingClientRect();
      const count = s.sizes.outputs;
      const along = (share) => clamp(floor(share * count), 0, count - 1);
      s.held = { kind, r: along((event.clientY - top) / height), i: along((event.clientX - left) / width) };
      return numberAt(s.held);
    },
    drag: (_, value, by) => change(s, s.held, value - round(by.y / DRAG)),
    drop: () => (s.held = null),
  });
}

/** − and + beside the chip of a pinned number. */
function changer(s) {
  const by = (step) => {
    if (!s.changing) return;
    change(s, s.changing, s.numbers[s.changing.kind][s.changing.r][s.changing.i] + step);
    s.view.send();
  };
  const button = (text, step) => element("button", { type: "button", onclick: () => by(step) }, text);
  return element("div", { class: "change", role: "group", "data-look": true }, button("−", -1), button("+", 1));
}

/** Numbers everywhere in dy, or one gradient in the middle. */
function fillIn(s, many = true) {
  compute(s); // a link may have changed the settings just now
  const { outputs } = s.sizes;
  const middle = floor((outputs - 1) / 2);
  const rows = table(outputs, (i, j) => (many ? MANY[i][j] : Number(i === middle && j === middle)));
  s.view.set("dy", rows.flat());
  s.view.set("done", ALL);
  s.view.send();
}

function controlsOf(s) {
  const { view } = s;
  const count = () => s.places.length;
  const shown = { // as many as there are stand for all, which more of them would be, too
    ...view,
    get: (trait) => (trait === "done" ? min(view.get(trait), count()) : view.get(trait)),
    set: (trait, value) => view.set(trait, trait === "done" && value >= count() ? ALL : value),
  };
  const tell = (done) => `${floor(done)} of ${count()}`;
  const scrub = player(shown, "done", "sent", { low: 0, high: count(), step: 0.05, words: tell, spoken: (done) => `${tell(done)} gradients sent`, start: 0, stride: 1, speed: 0.9 });
  keys(scrub.node, { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }, (by) => {
    scrub.stop();
    const now = shown.get("done");
    shown.set("done", clamp(by > 0 ? floor(now) + 1 : ceil(now) - 1, 0, count()));
  });
  const upper = segments(view, "view", "dx by", { scatter: "scattering", convolution: "sliding" });
  const fill = element("button", { type: "button", class: "fill", onclick: () => fillIn(s, s.places.length <= 1) }, "Fill dy");
  const steppers = SETTINGS.map((name) => stepper(name, name.replace("_size", ""), SYMBOLS[name], (by) => choose(s, name, by)));
  const play = element("div", { class: "go" }, scrub.box, element("div", { class: "set" }, upper.box, fill));
  const settings = element("div", { class: "steppers", "data-look": true }, ...steppers.map(({ box }) => box));
  update(play, { "data-look": true });
  return { scrub, play, settings, steppers, fill, change: changer(s) };
}

/** Prose: look at "dy1,2", "dx2,3", "dw0,2", "x2,3", "w0,1" or "y1,1"; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, kind, r, i] = /^(d?[xwy])(\d),(\d)$/.exec(value) ?? [];
  s.look.letGo();
  if (!kind) return;
  compute(s); // a link may have changed the settings just now
  const by = ["x", "dx"].includes(kind) ? s.c.padding : 0;
  s.look.pin({ kind, r: Number(r) + by, i: Number(i) + by });
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "gradient-flow", { traits: [...SETTINGS, ...EDITED, "view", "done"] });
  const s = { view, width: 0, why: "", held: null };
  const ask = view.frame(() => draw(s));
  const changed = () => {
    s.why = "";
    ask();
  };
  s.look = looking(view, changed, { same: (a, b) => a.kind === b.kind && a.r === b.r && a.i === b.i, name: (at) => (at === null ? "" : at.kind === "gap" ? "zero" : nameOf(at, s.c)) });
  s.nodes = scene(s);
  compute(Object.assign(s, { width: 337 })); // for the controls' first words; the width comes when it is shown
  s.width = 0;
  s.controls = controlsOf(s);
  for (const kind of EDITED) hands(s, kind);
  view.foot.prepend((s.nodes.hint = element("span", { class: "hint" }, "Touch a number; drag one of dy up or down.")));
  view.foot.querySelector(".chip").after(s.controls.change);
  view.on([...SETTINGS, "done", "view"], () => {
    s.look.letGo(); // who sends gradients wants to see them arrive; and a pinned place is another in another padding
    changed();
  });
  view.on([...EDITED, "show"], changed);
  view.obeys({ look: (order) => lookAt(s, order), fill: () => fillIn(s) });
  view.widths(s.nodes.stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(s.nodes.stage, s.nodes.words, s.controls.play, s.controls.settings);
  return view.end;
}

export default { render };
