import { grips } from "./js/bars.js";
import { cells } from "./js/cells.js";
import { choice, player } from "./js/controls.js";
import { element, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, format, snap } from "./js/numbers.js";
import { keys, looking } from "./js/pointer.js";

const [N, ROWS, MULTIPLICATIONS] = [8, 4, 12];
const [HEAD, PAUSE, TURN] = [16, 900, 450]; // pixels of a tile's head; milliseconds between two steps, and of a turn
const SCALES = [1, 2, 4, 8];
const HALF = Math.SQRT1_2;
const TWIDDLES = [[1, 0], [HALF, -HALF], [0, -1], [-HALF, -HALF]];
const FACTORS = ["1", "ω", "ω²", "ω³"];
const GROUPS = [["x̂"], ["E", "O"], ["EE", "EO", "OE", "OO"]];
const NAMES = { "wave and step": "wave and step", "one wave": "one wave", impulse: "impulse", "late impulse": "late impulse", alternating: "alternating", drawn: "your own" };
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const SAMPLES = {
  "wave and step": [1, 0.5, 0, 0.5, 0.5, 0, -0.5, 0],
  "one wave": [1, HALF, 0, -HALF, -1, -HALF, 0, HALF],
  impulse: [1, 0, 0, 0, 0, 0, 0, 0],
  "late impulse": [0, 1, 0, 0, 0, 0, 0, 0],
  alternating: [1, -1, 1, -1, 1, -1, 1, -1],
};
const SURPRISES = {
  "wave and step": "The wave is in x̂[2] and x̂[6], the step in x̂[0] and the odd ones.",
  "one wave": "Only x̂[1] and x̂[7] are left: one wave, half of it turning each way.",
  impulse: "All eight arrows are equal: an impulse holds every wave.",
  "late impulse": "Eight arrows, each 1/8 turn further clockwise than the one before.",
  alternating: "Only x̂[4] is left: the fastest wave that eight samples can hold.",
  drawn: "x̂[5], x̂[6], x̂[7] mirror x̂[3], x̂[2], x̂[1], as for any real signal.",
};

// ---- the maths: pure functions, held against Python by tests/js/test_fast_fourier.py -------------------------------

const sum = ([a, b], [c, d]) => [a + c, b + d];
const minus = ([a, b]) => [-a, -b];
const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];

/** The samples of a signal; `x` are those of "drawn". */
export const samplesOf = (signal, x) => [...(SAMPLES[signal] ?? upTo(N, (n) => x[n] ?? 0))];

/** Numbers of the samples whose transform a group is: its own number, in binary and backwards, is the first of them. */
export function membersOf(row, group) {
  let first = 0;
  for (let bit = 0; bit < row; bit += 1) first += ((group >> bit) & 1) << (row - 1 - bit);
  return upTo(N >> row, (i) => first + (i << row));
}

/** The samples' numbers as they stand below the tree. */
export const ORDER = upTo(N, (group) => membersOf(ROWS - 1, group)[0]);

/** The multiplication with a number from 0 to 11, with the two slots that it serves and the two that they are made of. */
export function productOf(index) {
  const row = ROWS - 2 - Math.floor(index / 4);
  const half = N >> (row + 1);
  const [group, k] = [Math.floor((index % 4) / half), index % half];
  const column = 2 * half * group + k;
  return { row, column, partner: column + half, even: column, odd: column + half, eighths: k << row };
}

/** Number of the multiplication that gives a slot. */
export function productAt(row, column) {
  const half = N >> (row + 1);
  return 4 * (ROWS - 2 - row) + half * Math.floor(column / (2 * half)) + (column % half);
}

/** All values of the tree, [re, im] in four rows of eight: the spectrum on top, the samples at the bottom. */
export function stagesOf(x) {
  const values = upTo(ROWS, () => upTo(N, () => [0, 0]));
  values[ROWS - 1] = ORDER.map((n) => [x[n], 0]);
  for (let index = 0; index < MULTIPLICATIONS; index += 1) {
    const { row, column, partner, even, odd, eighths } = productOf(index);
    const turned = times(TWIDDLES[eighths], values[row + 1][odd]);
    values[row][column] = sum(values[row + 1][even], turned);
    values[row][partner] = sum(values[row + 1][even], minus(turned));
  }
  return values;
}

/** Whether a value is known after so many multiplications. */
export const isFilled = (row, column, done) => row === ROWS - 1 || productAt(row, column) < done;

/** The least of 1, 2, 4, 8 that no value of the tree exceeds. */
export function scaleOf(values) {
  const longest = Math.max(...values.flat().map(([re, im]) => Math.hypot(re, im)));
  return SCALES.find((scale) => longest <= scale + 1e-9) ?? SCALES.at(-1);
}

/** The arrow of a value, as a share of the circle's radius: its length grows with the value's square root. */
export function arrowOf([re, im], scale) {
  const length = Math.hypot(re, im);
  const by = length > 1e-9 ? Math.sqrt(length / scale) / length : 0;
  return [re * by, im * by];
}

/** A slot's colour: the spectrum's, or that of the even and the odd half of each pair. */
export function roleOf(row, column) {
  if (row === 0) return "output";
  return Math.floor(column / (N >> row)) % 2 ? "kernel" : "input";
}

/** Where everything stands, as `layout` in fast_fourier.py. */
export function layout(width) {
  const narrow = width < 480;
  const side = narrow ? 0 : clamp(Math.floor(width / 4), 155, 190);
  const tree = narrow ? width : width - side - 20;
  const [slot, gap, stem] = narrow ? [46, 16, 78] : [44, 14, 66];
  const pitch = HEAD + slot + gap;
  const radius = Math.min(slot / 2 - 4, tree / N / 2 - 4.5);
  const high = (ROWS - 1) * pitch + HEAD + stem;
  const foot = width < 300 ? 144 : width < 330 ? 124 : 104;
  const detail = narrow ? [0, high + 8, 92, foot] : [tree + 20, 0, side, high];
  return { tree, slot, pitch, stem, radius, detail, height: narrow ? high + 8 + foot : high };
}

// ---- the words -----------------------------------------------------------------------------------------------------

/** What a value of the tree is called. */
export function nameOf(row, column) {
  if (row === ROWS - 1) return `x[${ORDER[column]}]`;
  const size = N >> row;
  return `${GROUPS[row][Math.floor(column / size)]}[${column % size}]`;
}

/** At most two decimals; halves, but for noise, away from zero. */
const short = (value) => brief(snap(value, 1e-9));

/** A complex number for reading; parts that are zero are left out. */
export function complexText([real, imaginary]) {
  const [re, im] = [short(real), short(imaginary)];
  if (im === "0") return re;
  const [below, size] = [im.startsWith("\u2212"), im.replace("\u2212", "")];
  const i = `${size === "1" ? "" : size}i`;
  if (re === "0") return `${below ? "\u2212" : ""}${i}`;
  return `${re} ${below ? "\u2212" : "+"} ${i}`;
}

/** What one multiplication does, with its value. */
export function productWords(index, values) {
  const { row, column, partner, even, odd, eighths } = productOf(index);
  const turned = complexText(times(TWIDDLES[eighths], values[row + 1][odd]));
  return `Multiplication ${index + 1} of 12: ${FACTORS[eighths]}·${nameOf(row + 1, odd)} = ${turned}; added to ${nameOf(row + 1, even)}, it gives ${nameOf(row, column)}; subtracted from it, ${nameOf(row, partner)}.`;
}

/** What the last multiplication did; at the end what it took, and what there is to see. */
export function sentence(signal, values, done) {
  if (done === 0) return "No multiplication yet: single samples, in the order 0 4 2 6 1 5 3 7, are their own transforms.";
  if (done < MULTIPLICATIONS) return productWords(done - 1, values);
  return `12 multiplications, three levels of four, instead of 64. ${SURPRISES[signal]}`;
}

/** What a slot is made of, and what else the same product gives. */
export function slotWords(row, column, values, done) {
  const product = productOf(productAt(row, column));
  const added = column === product.column;
  const [even, odd] = [nameOf(row + 1, product.even), nameOf(row + 1, product.odd)];
  const factor = product.eighths ? `${FACTORS[product.eighths]}·` : "";
  const known = isFilled(row, column, done);
  const value = known ? ` = ${complexText(values[row][column])}` : "";
  const turned = product.eighths ? [`${odd}, ${product.eighths}/8 turn clockwise`] : [];
  if (!added) turned.push(turned.length ? "then reversed" : `${odd} reversed`);
  const how = turned.length ? turned.join(", ") : `${odd} as it is`;
  const other = nameOf(row, added ? product.partner : product.column);
  const gives = `${added ? "subtracted" : "added"}, ${known ? "gives" : "will give"} ${other}`;
  return `${nameOf(row, column)} = ${even} ${added ? "+" : "\u2212"} ${factor}${odd}${value}: ${how}; the same product, ${gives}.`;
}

/** How far a sample reaches, and what its way up spells. */
export function sampleWords(n, values) {
  const digits = n.toString(2).padStart(ROWS - 1, "0");
  const way = [...digits].map((digit) => (digit === "1" ? "odd" : "even")).join(", ");
  const value = short(values[ROWS - 1][ORDER.indexOf(n)][0]);
  return `x[${n}] = ${value} reaches 2, then 4, then all 8 values. Its way up, ${way}, spells ${n} in binary: ${digits}.`;
}

/** What a group is, and what it took. */
export function groupWords(row, group) {
  const numbers = membersOf(row, group);
  const size = numbers.length;
  const count = (size / 2) * (ROWS - 1 - row);
  const took = `${size} values for ${count} multiplication${count > 1 ? "s" : ""}, ${size ** 2} by the definition`;
  if (row === 0) return `x̂ is the DFT of all eight samples: ${took}.`;
  return `${GROUPS[row][group]} is the DFT of ${numbers.map((n) => `x[${n}]`).join(", ")}: ${took}.`;
}

/** About how wide a text is at 12 pixels. */
const widthOf = (text) => [...text].reduce((wide, sign) => wide + ("[] :,".includes(sign) ? 4 : 7.2), 0);

/** What stands over a group in so many pixels, shorter where there is no room; over the top, the value of a circle. */
export function headOf(row, group, width, scale) {
  const numbers = membersOf(row, group);
  if (row === ROWS - 1) return `x[${numbers[0]}]`;
  const name = GROUPS[row][group];
  if (row === 0) return `${name}: all eight${width > 400 ? " samples transformed" : ""}; circle: ${scale}`;
  const listed = numbers.map((n) => `x[${n}]`).join(" ");
  const longer = [`${name}, ${group % 2 ? "odd" : "even"}: ${listed}`, `${name}: ${listed}`, `${name}: ${numbers.join(" ")}`];
  return longer.find((text, i) => widthOf(text) <= width - [24, 8, 8][i]) ?? longer.at(-1);
}

/** What is looked at, by its name in a link: "r0,5" a slot, "x3" a sample, "g1,0" a group; null if there is no such. */
export function readLook(value) {
  const [, kind, row, place] = /^([rg])([0-2]),(\d)$/.exec(value) ?? [];
  if (kind === "r" && place < N) return { kind: "slot", row: Number(row), column: Number(place) };
  if (kind === "g" && place < 1 << row) return { kind: "group", row: Number(row), group: Number(place) };
  const [, n] = /^x(\d)$/.exec(value) ?? [];
  return n < N ? { kind: "sample", n: Number(n) } : null;
}

// ---- the picture: made once ----------------------------------------------------------------------------------------

const path = (kind) => element("path", { class: kind });
const circle = (kind, r = 0) => element("circle", { class: kind, r });
const text = (kind, anchor = "middle", words = "") => element("text", { class: kind, "text-anchor": anchor }, words);
const layer = (kind, ...inside) => element("g", { class: kind }, ...inside);
const groupsOf = (row) => upTo(1 << row, (group) => group);

function arrowScene(kind = "") {
  const parts = { shaft: element("line", { class: "shaft" }), head: element("polygon", { class: "head" }), dot: circle("dot", 2.6) };
  return { ...parts, node: layer(`arrow ${kind}`, ...Object.values(parts)) };
}

function slotScene(row, column) {
  const parts = { ring: element("rect", { class: "ring", rx: 6 }), dial: circle("dial"), index: text("index", "start", String(column % (N >> row))) };
  const arrow = arrowScene();
  return { ...parts, arrow, node: element("g", {}, ...Object.values(parts), arrow.node) };
}

function stemScene() {
  const parts = { ring: element("rect", { class: "ring", rx: 6 }), zero: element("line", { class: "rule" }), stem: element("line", { class: "stem" }), knob: circle("knob", 4.6) };
  return { ...parts, node: element("g", {}, ...Object.values(parts)) };
}

function tileScene(row, group) {
  const [box, name] = [element("rect", { class: "box", rx: 7 }), text("title")];
  return { box, name, node: layer(`tile of-${roleOf(row, group * (N >> row))}`, box, name) };
}

function detailScene() {
  const arrows = { partner: arrowScene("of-output total faint"), total: arrowScene("of-output total"), back: arrowScene("of-kernel faint"), even: arrowScene("of-input"), odd: arrowScene("of-kernel") };
  const lines = ["of-input", "of-kernel", "of-output"].map((kind) => text(`term ${kind}`, "start"));
  const empty = text("term");
  const made = { start: path("start"), arrows, lines, empty };
  made.sum = layer("sum", made.start, ...Object.values(arrows).map(({ node }) => node));
  const marks = ["1", "ω", "ω²", "ω³", "i"].map((name) => text(name === "1" || name === "i" ? "" : "of-kernel", "middle", name));
  made.dial = { ring: circle("dial"), cross: path("cross"), arrow: arrowScene("of-kernel"), marks };
  made.legend = [["of-kernel", "ω: 1/8 turn clockwise"], ["", "four times the value:"], ["", "an arrow twice as long"]].map(([kind, words]) => text(`term ${kind}`, "start", words));
  made.key = layer("key", made.dial.ring, made.dial.cross, made.dial.arrow.node, ...marks, ...made.legend);
  made.node = element("g", { "data-part": "detail" }, made.key, made.sum, ...lines, empty);
  return made;
}

function scene() {
  const forks = upTo(ROWS, (row) => groupsOf(row).map(() => (row ? path("fork") : null)));
  const tiles = upTo(ROWS, (row) => groupsOf(row).map((group) => tileScene(row, group)));
  const slots = upTo(ROWS - 1, (row) => upTo(N, (column) => slotScene(row, column)));
  const stems = upTo(N, stemScene);
  const ways = upTo(4, (i) => path(`way ${i % 2 ? "of-kernel" : "of-input"}`));
  const [grips, detail] = [layer("grips"), detailScene()];
  const nodes = (parts) => parts.map(({ node }) => node);
  forks.forEach((row, i) => row.forEach((fork, group) => fork?.classList.add(`of-${roleOf(i, group * (N >> i))}`)));
  stems.forEach(({ node }, column) => update(node, { class: `of-${roleOf(ROWS - 1, column)}` }));
  const svg = element(
    "svg",
    { role: "group", "aria-label": "Eight samples below, their spectrum on top, the transforms of their halves between" },
    element("g", { "data-part": "tree" }, ...forks.flat(), ...nodes([...tiles[1], ...tiles[2]]), ...nodes(slots[1]), ...nodes(slots[2])),
    element("g", { "data-part": "spectrum" }, ...nodes(tiles[0]), ...nodes(slots[0])),
    element("g", { "data-part": "samples" }, ...nodes(tiles[3]), ...nodes(stems), grips),
    element("g", { "data-part": "tree" }, ...ways),
    detail.node,
  );
  return { svg, forks, tiles, slots, stems, ways, grips, detail, words: element("p", { class: "sentence" }) };
}

// ---- drawing: what changes -----------------------------------------------------------------------------------------

/** What follows from the traits, and from what is looked at. */
function compute(view, s) {
  s.signal = view.get("signal");
  s.values = stagesOf(samplesOf(s.signal, view.get("x")));
  s.scale = scaleOf(s.values);
  s.done = view.get("done");
  const key = s.look.at();
  s.at = key === null ? null : readLook(key);
  s.marks = marksOf(s);
}

/** The multiplication that the picture tells of: that of the slot that is looked at, or else the last one done. */
function toldOf({ at, done }) {
  if (at) return at.kind === "slot" ? productAt(at.row, at.column) : null;
  return done > 0 && done < MULTIPLICATIONS ? done - 1 : null;
}

/** What is marked in the tree, by row and column, and whether all else stands back. */
function marksOf(s) {
  const marks = {};
  const told = toldOf(s);
  if (told !== null) {
    const { row, column, partner, even, odd } = productOf(told);
    Object.assign(marks, { [[row + 1, even]]: "even", [[row + 1, odd]]: "odd", [[row, column]]: "chosen", [[row, partner]]: "chosen" });
    if (s.at) marks[[row, s.at.column === column ? partner : column]] = "partner";
  }
  if (s.at?.kind === "sample") {
    const column = ORDER.indexOf(s.at.n);
    for (let row = 0; row < ROWS; row += 1) {
      const size = N >> row;
      upTo(size, (j) => (marks[[row, column - (column % size) + j]] = row === ROWS - 1 ? "chosen" : "reached"));
    }
  }
  if (s.at?.kind === "group") {
    const size = N >> s.at.row;
    upTo(size, (j) => [s.at.row, ROWS - 1].forEach((row) => (marks[[row, s.at.group * size + j]] = "reached")));
  }
  return marks;
}

const fix = (value) => value.toFixed(1);

/** An arrow from a point by a way, in pixels; a short one is all head, and one without length a dot. */
function drawArrow({ shaft, head, dot }, [x, y], [across, down], largest = 8) {
  const long = Math.hypot(across, down);
  const size = Math.min(largest, 0.62 * long); // some of the shaft is always seen
  const [u, v] = long > 0.05 ? [across / long, down / long] : [0, 0];
  const [tipX, tipY, footX, footY] = [x + across, y + down, x + across - size * u, y + down - size * v];
  update(shaft, { x1: x.toFixed(2), y1: y.toFixed(2), x2: (footX + u).toFixed(2), y2: (footY + v).toFixed(2) });
  const corner = (side) => `${(footX - side * 0.5 * size * v).toFixed(2)},${(footY + side * 0.5 * size * u).toFixed(2)}`;
  update(head, { points: `${tipX.toFixed(2)},${tipY.toFixed(2)} ${corner(1)} ${corner(-1)}` });
  update(dot, { cx: x.toFixed(2), cy: y.toFixed(2), r: long > 0.05 ? 0 : 2.6 });
}

const tileOf = ({ tree, slot, stem, pitch }, row, group) => {
  const wide = ((N >> row) * tree) / N;
  return { x: group * wide + 2, y: row * pitch, width: wide - 4, height: HEAD + (row === ROWS - 1 ? stem : slot) };
};

/** Tiles, their names, the lines to their halves: what depends on the width alone. */
function placeTree(s) {
  const { place, nodes } = s;
  nodes.tiles.forEach((row, i) => {
    row.forEach(({ box, name }, group) => {
      const tile = tileOf(place, i, group);
      update(box, { x: fix(tile.x), y: tile.y, width: fix(tile.width), height: tile.height });
      update(name, { x: fix(tile.x + tile.width / 2), y: tile.y + 13 });
      if (i) placeFork(nodes.forks[i][group], tileOf(place, i - 1, group >> 1), tile);
    });
  });
  nodes.slots.forEach((row, i) => row.forEach((slot, column) => placeSlot(slot, place, i, column)));
}

function placeFork(node, above, below) {
  const [x, y, across] = [above.x + above.width / 2, above.y + above.height, below.x + below.width / 2];
  const turn = Math.sign(across - x) * 6;
  const middle = (y + below.y) / 2;
  update(node, { d: `M${fix(x)} ${y}V${middle - 6}q0 6 ${turn} 6H${fix(across - turn)}q${turn} 0 ${turn} 6V${below.y}` });
}

function placeSlot({ ring, dial, index }, { tree, slot, pitch, radius }, row, column) {
  const [left, top, wide] = [(column * tree) / N, row * pitch + HEAD, tree / N];
  update(ring, { x: fix(left + 3), y: top, width: fix(wide - 6), height: slot - 1 });
  // A little aside, so that the number in the corner stays clear.
  update(dial, { cx: fix(left + wide / 2 + 1), cy: top + slot / 2 + 2, r: fix(radius) });
  update(index, { x: fix(left + 5.5), y: top + 10 });
}

function drawTree(s) {
  const { place, nodes, values, marks, done, scale } = s;
  nodes.slots.forEach((slots, row) => {
    slots.forEach(({ node, dial, arrow }, column) => {
      const known = isFilled(row, column, done);
      const centre = [Number(dial.getAttribute("cx")), Number(dial.getAttribute("cy"))];
      const [re, im] = arrowOf(values[row][column], scale);
      update(node, { class: `slot of-${roleOf(row, column)} ${known ? "known" : "open"} ${markOf(s, row, column)}` });
      drawArrow(arrow, centre, [re * place.radius, -im * place.radius]);
    });
  });
  nodes.tiles.forEach((row, i) => {
    row.forEach(({ node, name }, group) => {
      say(name, headOf(i, group, tileOf(place, i, group).width, scale));
      node.classList.toggle("held", s.at?.kind === "group" && s.at.row === i && s.at.group === group);
    });
  });
  const column = s.at?.kind === "sample" ? ORDER.indexOf(s.at.n) : null;
  nodes.svg.classList.toggle("telling", toldOf(s) !== null);
  nodes.forks.forEach((row, i) => row.forEach((fork, group) => fork?.classList.toggle("strong", column !== null && Math.floor(column / (N >> i)) === group)));
  drawStems(s);
  drawWays(s, marks);
}

/** What is marked; all else stands back while something is looked at. */
const markOf = (s, row, column) => s.marks[[row, column]] ?? (s.at ? "dim" : "");

function drawStems(s) {
  const { place, nodes, values } = s;
  const [wide, top] = [place.tree / N, (ROWS - 1) * place.pitch + HEAD];
  const [zero, unit] = [top + place.stem / 2, place.stem / 2 - 8];
  nodes.stems.forEach(({ node, ring, zero: rule, stem, knob }, column) => {
    const [left, middle] = [column * wide, fix((column + 0.5) * wide)];
    const tip = fix(zero - unit * values[ROWS - 1][column][0]);
    update(node, { class: `slot of-${roleOf(ROWS - 1, column)} ${markOf(s, ROWS - 1, column)}` });
    update(ring, { x: fix(left + 3), y: top - HEAD + 1, width: fix(wide - 6), height: place.stem + HEAD - 2 });
    update(rule, { x1: fix(left + 7), x2: fix(left + wide - 7), y1: zero, y2: zero });
    update(stem, { x1: middle, x2: middle, y1: zero, y2: tip });
    update(knob, { cx: middle, cy: tip });
  });
  s.unit = unit;
  s.grips.show(N, (column) => ({ x: fix(column * wide), y: top - HEAD, width: fix(wide), height: place.stem + HEAD }));
}

/** From the two values below to the two that their product gives. */
function drawWays(s) {
  const { place, nodes } = s;
  const told = toldOf(s);
  nodes.ways.forEach((way) => update(way, { visibility: told === null ? "hidden" : "visible" }));
  if (told === null) return;
  const { row, column, partner, even, odd } = productOf(told);
  const [top, below] = [row * place.pitch + HEAD + place.slot, (row + 1) * place.pitch];
  const x = (at) => fix(((at + 0.5) * place.tree) / N);
  [[even, column], [odd, column], [even, partner], [odd, partner]].forEach(([from, to], i) => {
    const bend = (below - top) * 0.7;
    const faint = s.at && to !== s.at.column;
    update(nodes.ways[i], { d: `M${x(from)} ${below}C${x(from)} ${fix(below - bend)} ${x(to)} ${fix(top + bend)} ${x(to)} ${top}`, class: `way ${i % 2 ? "of-kernel" : "of-input"}${faint ? " faint" : ""}` });
  });
}

/** The even value, the turned odd one joined to its tip, their sum; faint, the same product the other way. */
function drawDetail(s) {
  const { detail } = s.nodes;
  const told = toldOf(s);
  const product = told === null ? null : productOf(told);
  const known = product && told < s.done;
  reveal(detail.key, !product);
  const nothing = known && [product.even, product.odd].every((at) => Math.hypot(...s.values[product.row + 1][at]) < 1e-9);
  reveal(detail.sum, Boolean(known && !nothing));
  say(detail.empty, nothing ? "0 + 0 = 0" : product && !known ? "not yet" : "");
  const [left, top, wide, high] = s.place.detail;
  const box = s.narrow ? [left, top, wide, 96] : [left, top + 28, wide, 128];
  update(detail.empty, { x: left + wide / 2, y: box[1] + box[3] / 2 });
  drawKey(s, box);
  for (const lines of [detail.lines, detail.legend]) lines.forEach((line, i) => update(line, { x: left + 4, y: box[1] + box[3] + 22 + 19 * i, visibility: s.narrow ? "hidden" : "inherit" }));
  if (!product) return detail.lines.forEach((line) => say(line, ""));
  const { row, even, odd, eighths, column, partner } = product;
  const added = s.at ? s.at.column === column : true;
  const [e, o] = [s.values[row + 1][even], s.values[row + 1][odd]];
  const turned = times(TWIDDLES[eighths], o);
  const sign = added ? "" : "\u2212";
  const terms = [[nameOf(row + 1, even), e], [`${sign}${eighths ? `${FACTORS[eighths]}·` : ""}${nameOf(row + 1, odd)}`, added ? turned : minus(turned)], [nameOf(row, added ? column : partner), s.values[row][added ? column : partner]]];
  detail.lines.forEach((line, i) => say(line, !known ? "" : `${terms[i][0]} = ${complexText(terms[i][1])}`));
  if (known) drawSum(s, box, e, turnedBy(o, eighths * (told === s.last - 1 ? s.share : 1)), added);
}

/** Clockwise by so many eighths. */
const turnedBy = (value, eighths) => times([Math.cos((eighths * Math.PI) / 4), -Math.sin((eighths * Math.PI) / 4)], value);

function drawSum(s, [left, top, wide, high], e, o, added) {
  const { arrows, start } = s.nodes.detail;
  const points = [[0, 0], e, sum(e, o), sum(e, minus(o))];
  const [xs, ys] = [0, 1].map((i) => points.map((point) => point[i]));
  const reach = (numbers) => Math.max(...numbers) - Math.min(...numbers);
  const unit = Math.min((wide - 16) / Math.max(reach(xs), 1e-6), (high - 16) / Math.max(reach(ys), 1e-6), 400);
  const middle = (numbers) => (Math.max(...numbers) + Math.min(...numbers)) / 2;
  const at = ([x, y]) => [left + wide / 2 + unit * (x - middle(xs)), top + high / 2 - unit * (y - middle(ys))];
  const draw = (arrow, from, by, head = 9) => drawArrow(arrow, at(from), [unit * by[0], -unit * by[1]], head);
  const way = added ? o : minus(o);
  draw(arrows.even, [0, 0], e);
  draw(arrows.odd, e, way);
  draw(arrows.back, e, minus(way));
  draw(arrows.total, [0, 0], sum(e, way), 14);
  draw(arrows.partner, [0, 0], sum(e, minus(way)), 14);
  const [x, y] = at([0, 0]);
  update(start, { d: `M${fix(x - 3)} ${fix(y)}h6M${fix(x)} ${fix(y - 3)}v6` });
}

/** While nothing is told: which way is 1, which i, and what w does. */
function drawKey(s, [left, top, wide, high]) {
  const { ring, cross, arrow, marks } = s.nodes.detail.dial;
  const [x, y, r] = [left + wide / 2, top + high / 2, s.narrow ? 26 : 46];
  update(ring, { cx: fix(x), cy: fix(y), r });
  update(cross, { d: `M${fix(x - r)} ${fix(y)}h${2 * r}M${fix(x)} ${fix(y - r)}v${2 * r}` });
  drawArrow(arrow, [x, y], [r * HALF, r * HALF], 9);
  const far = r + 11;
  const places = [[far, 0], [far * HALF, far * HALF], [0, far], [-far * HALF, far * HALF], [0, -far]];
  marks.forEach((mark, i) => update(mark, { x: fix(x + places[i][0]), y: fix(y + places[i][1] + 4.5) }));
}

/** What is said of what is looked at, or else of the last multiplication. */
function wordsOf({ at, signal, values, done }) {
  if (at?.kind === "slot") return slotWords(at.row, at.column, values, done);
  if (at?.kind === "sample") return sampleWords(at.n, values);
  return at ? groupWords(at.row, at.group) : sentence(signal, values, done);
}

/** Everything in its place for a width. */
function place(view, s) {
  s.place = layout(s.width);
  s.narrow = s.width < 480;
  const { tree, pitch, slot, height, detail } = s.place;
  view.root.classList.toggle("narrow", s.narrow);
  update(s.nodes.svg, { viewBox: `0 0 ${s.width} ${height}`, height });
  const gap = pitch - HEAD - slot;
  const style = { "--wide": `${tree / N}px`, "--pitch": `${pitch}px`, "--head": `${HEAD}px`, "--gap": `${gap}px`, "--detail": `${detail[1]}px`, "--foot": `${detail[3]}px` };
  for (const [name, value] of Object.entries(style)) s.picture.style.setProperty(name, value);
  s.heads.forEach(({ node, row, group }) => {
    const { x, width } = tileOf(s.place, row, group);
    Object.assign(node.style, { left: `${x}px`, width: `${width}px`, top: `${row * pitch - gap}px`, height: `${gap + HEAD}px` });
  });
  // Beside the samples, or among the controls on a phone.
  const home = s.narrow ? view.foot : s.picture;
  if (s.list.box.parentNode !== home) home.insertBefore(s.list.box, s.narrow ? s.gap.nextSibling : null);
  update(s.list.box, { style: s.narrow ? "" : `left: ${detail[0] + 4}px; top: ${detail[3] - 56}px` });
  placeTree(s);
}

function draw(view, s) {
  if (!s.width) return;
  compute(view, s);
  drawTree(s);
  drawDetail(s);
  say(s.more, s.done < MULTIPLICATIONS ? "One more" : "Back to 0");
  const words = wordsOf(s);
  say(s.nodes.words, words.replace(/ ([+\u2212]) ([\d.]*i)/g, "\u00a0$1\u00a0$2")); // a number stays on one line
  view.aloud(words);
}

// ---- what the reader does ------------------------------------------------------------------------------------------

/** One multiplication more, if there is one. */
function step(view, s) {
  s.scrub.stop();
  view.set("done", Math.min(view.get("done") + 1, MULTIPLICATIONS));
  view.send();
}

function moreOrAnew(view, s) {
  if (view.get("done") < MULTIPLICATIONS) return step(view, s);
  s.scrub.stop();
  view.set("done", 0);
  view.send();
}

/** The last product is seen to turn when it is one more. */
function turnWithStep(view, s) {
  const now = view.get("done");
  const turns = now === s.last + 1 && now < MULTIPLICATIONS && productOf(now - 1).eighths > 0;
  s.last = now;
  s.share = turns ? 0 : 1;
  if (!turns) return s.turn.stop();
  s.turn.run((share) => {
    s.share = share;
    s.ask();
  });
}

/** Handles over the groups' heads; one of them takes part in Tab. */
function headsOf(s) {
  const heads = upTo(ROWS - 1, groupsOf).flatMap((groups, row) => groups.map((group) => ({ row, group })));
  heads.forEach((head, i) => {
    const { row, group } = head;
    const key = `g${row},${group}`;
    const node = (head.node = element("div", { class: "group", role: "button", tabindex: i ? -1 : 0, "aria-label": groupWords(row, group) }));
    s.look.watch(node, () => key, { axis: "x" });
    const rove = (to) => {
      const next = clamp(to, 0, heads.length - 1);
      heads.forEach((other, j) => update(other.node, { tabindex: j === next ? 0 : -1 }));
      heads[next].node.focus();
    };
    keys(node, { ArrowLeft: -1, ArrowRight: 1, Home: -9, End: 9 }, (by) => rove(i + by));
    keys(node, { ArrowUp: (i - 1) >> 1, ArrowDown: 2 * i + 1 }, (to) => rove(to < heads.length ? to : i));
    keys(node, { Enter: key, " ": key }, s.look.pin);
    node.addEventListener("focus", () => node.matches(":focus-visible") && s.look.hover(key));
    node.addEventListener("blur", () => s.look.hover(null));
  });
  return heads;
}

/** How what is pinned is called on the chip. */
function pinnedName(key) {
  const at = key ? readLook(key) : null;
  if (at?.kind === "slot") return nameOf(at.row, at.column);
  if (at?.kind === "group") return GROUPS[at.row][at.group];
  return at ? `x[${at.n}]` : "let go";
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "fast-fourier", { traits: ["signal", "x", "done"] });
  const s = { width: 0, nodes: scene(), last: view.get("done"), share: 1, turn: view.tween(TURN), unit: 1 };
  const ask = (s.ask = view.frame(() => draw(view, s)));
  s.look = looking(view, ask, { name: pinnedName });
  const own = () => samplesOf(view.get("signal"), view.get("x"));
  s.grips = grips(view, s.nodes.grips, "x", {
    name: (column) => `x[${ORDER[column]}]`, range: { low: -1, high: 1, step: 0.1 }, unit: () => s.unit, look: s.look, what: (column) => `x${ORDER[column]}`, also: ["signal"],
    read: () => ORDER.map((n) => own()[n]),
    write(numbers) {
      view.set("x", upTo(N, (n) => numbers[ORDER.indexOf(n)]));
      view.set("signal", "drawn");
    },
  });
  const spoken = (row, column) => `${nameOf(row, column)}${isFilled(row, column, s.done) ? ` = ${complexText(s.values[row][column])}` : ", not computed yet"}`;
  const grid = cells("The values of the tree; arrow keys move, Enter pins", { look: s.look, what: (row, column) => `r${row},${column}`, spoken });
  grid.shape(ROWS - 1, N);
  s.heads = headsOf(s);
  s.scrub = player(view, "done", "multiplications", { low: 0, high: MULTIPLICATIONS, step: 1, start: 0, stride: 1, pause: PAUSE, words: (done) => `${done} of 12` });
  s.list = choice(view, "signal", "signal", NAMES);
  s.gap = element("span", { class: "break" });
  s.more = element("button", { type: "button", class: "more", onclick: () => moreOrAnew(view, s) });
  for (const node of [s.scrub.node, s.scrub.play, s.more]) update(node, { "data-look": true });
  view.foot.prepend(s.scrub.play, s.more, s.scrub.label, s.scrub.node, s.scrub.value, s.gap);
  /** Prose: look at "r0,5", "x3" or "g1,0"; at anything else lets go. */
  const lookAt = ({ value = "" }) => {
    s.look.letGo();
    if (readLook(value)) s.look.pin(value);
  };
  view.obeys({ look: lookAt, step: () => step(view, s) });
  view.on(["done"], () => turnWithStep(view, s));
  view.on(["signal", "x", "done"], ask);
  s.picture = element("div", { class: "picture" }, s.nodes.svg, grid.node, ...s.heads.map(({ node }) => node), s.nodes.words, s.look.chip);
  view.widths(s.picture, (width) => {
    s.width = width;
    place(view, s);
    draw(view, s);
  });
  view.show(s.picture);
  return view.end;
}

export default { render };
