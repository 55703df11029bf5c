import { colorsOf } from "./js/canvas.js";
import { slider } from "./js/controls.js";
import { element, reveal, say, uniqueId, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { bytesOf, convolved, half, halves, layersOf, percent, pooled, shares } from "./js/network.js";
import { clamp, format } from "./js/numbers.js";
import { gestures, handle, keys, looking } from "./js/pointer.js";

const { max, min, abs, floor, ceil, round, sqrt, exp, cos, sin, hypot, PI } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/** What draw_a_digit.py puts in here: weights, digits, patterns, drawings. */
export const CARRIED = {};

// ---- the maths: pure functions, held against NumPy by tests/js/test_draw_a_digit.py --------------------------------
// Constants and names as in digit_network.py; maps are rows of numbers, map after map, row after row.

export const [SIDE, PAGE, BOX, TAPS, CLASSES] = [32, 28, 20, 5, 10];
export const SIZES = { c1: [6, 28], s2: [6, 14], c3: [16, 10], s4: [16, 5], c5: [120, 1], f6: [84, 1] };
export const [MOST, GRAIN, REACH, TURN, DIGITS, MARKS, APART] = [1600, 0.001, 6, 90, 20, 14, 2];
export { half, percent, shares };
const RIM = (SIDE - PAGE) / 2;
const LAYERS = Object.keys(SIZES);
const SHAPES = [["c1", 6, 25], ["c3", 16, 150], ["c5", 120, 400], ["f6", 84, 120], ["output", 10, 84]];

let unpacked = null;
/** Weights and biases by layer, digits, patterns: unpacked once for all widgets of the page. */
export function learnt() {
  if (unpacked) return unpacked;
  const layers = layersOf(halves(CARRIED.weights), SHAPES);
  const bytes = bytesOf(CARRIED.digits);
  const digits = upTo(DIGITS, (n) => Float64Array.from(bytes.subarray(n * PAGE * PAGE, (n + 1) * PAGE * PAGE), (v) => v / 255));
  return (unpacked = { layers, digits, patterns: halves(CARRIED.patterns) });
}

/** Strokes, lists of [x, y], from the numbers of the trait. */
export function lifted(numbers) {
  const strokes = [[]];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    if (numbers[i] < 0) strokes.push([]);
    else strokes.at(-1).push([numbers[i], max(0, numbers[i + 1])]);
  }
  return strokes.filter((stroke) => stroke.length);
}

/** The way back. */
export function flat(strokes) {
  const numbers = [];
  for (const stroke of strokes.filter((each) => each.length)) {
    if (numbers.length) numbers.push(-1, -1);
    for (const point of stroke) numbers.push(...point);
  }
  return numbers.length ? numbers : [-1, -1];
}

const EMPTY = { rows: 0, columns: 0, ink: new Float64Array(0), from: null };

/**
 * Ink of a drawing in pixels so small that the longer side of its box is 20 of them.  `from` leads back to the drawing:
 * the pixel place (x, y) is there at (from.x + x * from.across, from.y + y * from.down).
 */
export function rasterized(strokes, thickness) {
  const points = strokes.flat();
  if (!points.length) return EMPTY;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    left = min(left, x);
    right = max(right, x);
    top = min(top, y);
    bottom = max(bottom, y);
  }
  const [wide, high] = [right - left + thickness, bottom - top + thickness];
  const scale = BOX / max(wide, high);
  const [columns, rows] = [wide, high].map((length) => max(1, ceil(length * scale - 1e-9)));
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  const place = ([x, y]) => [(x - middleX) * scale + columns / 2, (y - middleY) * scale + rows / 2];
  const nearest = new Float64Array(rows * columns).fill(Infinity);
  const reach = (thickness / 2) * scale + 1; // beyond it a segment leaves no ink
  for (const stroke of strokes) {
    const placed = stroke.map(place);
    for (let k = 0; k < max(1, placed.length - 1); k += 1) {
      apart(nearest, rows, columns, placed[k], placed[min(k + 1, placed.length - 1)], reach);
    }
  }
  const ink = nearest.map((distance) => clamp(0.5 + (thickness / 2) * scale - distance, 0, 1));
  const from = { x: middleX - columns / 2 / scale, y: middleY - rows / 2 / scale, across: 1 / scale, down: 1 / scale };
  return { rows, columns, ink, from };
}

/** Each pixel's distance from one segment, where that is the least so far. */
function apart(nearest, rows, columns, [x0, y0], [x1, y1], reach) {
  const [wayX, wayY] = [x1 - x0, y1 - y0];
  const length = max(wayX * wayX + wayY * wayY, 1e-12);
  const [firstRow, lastRow] = [max(0, floor(min(y0, y1) - reach - 0.5)), min(rows - 1, ceil(max(y0, y1) + reach))];
  const [first, last] = [max(0, floor(min(x0, x1) - reach - 0.5)), min(columns - 1, ceil(max(x0, x1) + reach))];
  for (let i = firstRow; i <= lastRow; i += 1) {
    for (let j = first; j <= last; j += 1) {
      const [dx, dy] = [j + 0.5 - x0, i + 0.5 - y0];
      const along = clamp((dx * wayX + dy * wayY) / length, 0, 1);
      const distance = sqrt((dx - along * wayX) ** 2 + (dy - along * wayY) ** 2);
      if (distance < nearest[i * columns + j]) nearest[i * columns + j] = distance;
    }
  }
}

/** What each of so many equal parts of a length takes of each old one. */
function means(old, count) {
  return upTo(count, (i) => {
    const [start, end] = [(i * old) / count, ((i + 1) * old) / count];
    return upTo(old, (k) => (max(0, min(end, k + 1) - max(start, k)) * count) / old);
  });
}

/** The box around a picture's ink, its longer side 20 pixels: each the mean of what it covers. */
export function boxed(ink, side = PAGE) {
  let [top, bottom, left, right] = [side, -1, side, -1];
  ink.forEach((value, at) => {
    if (!value) return;
    [top, bottom] = [min(top, floor(at / side)), max(bottom, floor(at / side))];
    [left, right] = [min(left, at % side), max(right, at % side)];
  });
  if (bottom < 0) return EMPTY;
  const [high, wide] = [bottom - top + 1, right - left + 1];
  const scale = BOX / max(high, wide);
  const [rows, columns] = [high, wide].map((length) => max(1, floor(length * scale + 0.5)));
  const [down, across] = [means(high, rows), means(wide, columns)];
  const made = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    const line = new Float64Array(wide);
    down[i].forEach((share, k) => share && line.forEach((_, l) => (line[l] += share * ink[(top + k) * side + left + l])));
    for (let j = 0; j < columns; j += 1) for (let l = 0; l < wide; l += 1) made[i * columns + j] += across[j][l] * line[l];
  }
  const from = { x: left / side, y: top / side, across: wide / columns / side, down: high / rows / side };
  return { rows, columns, ink: made, from };
}

/** Row and column of the field where a digit's upper left pixel is put, its centre of mass in the middle. */
export function corner({ rows, columns, ink }) {
  let [mass, down, across] = [0, 0, 0];
  ink.forEach((value, at) => {
    mass += value;
    down += value * (floor(at / columns) + 0.5);
    across += value * ((at % columns) + 0.5);
  });
  const start = (middle, length) => RIM + clamp(floor(PAGE / 2 - middle + 0.5 + 1e-9), 0, PAGE - length);
  return [start(down / mass, rows), start(across / mass, columns)];
}

/** A digit in the field of 32 × 32. */
export function placed(digit) {
  const field = new Float64Array(SIDE * SIDE);
  if (!digit.ink.length) return field;
  const [top, left] = corner(digit);
  for (let i = 0; i < digit.rows; i += 1) field.set(digit.ink.subarray(i * digit.columns, (i + 1) * digit.columns), (top + i) * SIDE + left);
  return field;
}

/** Where a place of the moved field, x and y from its middle, was before. */
const before = (x, y, { dx, dy, turn }) => {
  const [c, s] = [cos((turn * PI) / 180), sin((turn * PI) / 180)];
  return [(x - dx) * c + (y - dy) * s, (y - dy) * c - (x - dx) * s];
};

/** A field turned about its middle, clockwise, and shifted; between pixels, the mean of four. */
export function moved(field, dx, dy, turn) {
  if (!dx && !dy && !turn) return field;
  const out = new Float64Array(SIDE * SIDE);
  const half = SIDE / 2;
  for (let i = 0; i < SIDE; i += 1) {
    for (let j = 0; j < SIDE; j += 1) {
      const [fromX, fromY] = before(j + 0.5 - half, i + 0.5 - half, { dx, dy, turn });
      const [column, row] = [fromX + half - 0.5, fromY + half - 0.5];
      const [low, first] = [floor(column), floor(row)];
      let sum = 0;
      for (let k = 0; k < 2; k += 1) {
        for (let l = 0; l < 2; l += 1) {
          const [r, c] = [first + k, low + l];
          if (r >= 0 && c >= 0 && r < SIDE && c < SIDE) sum += (1 - abs(row - r)) * (1 - abs(column - c)) * field[r * SIDE + c];
        }
      }
      out[i * SIDE + j] = sum;
    }
  }
  return out;
}

/** Places for all maps and the scores, to be used again and again. */
export const emptyMaps = () => ({ ...Object.fromEntries(LAYERS.map((name) => [name, new Float64Array(SIZES[name][0] * SIZES[name][1] ** 2)])), scores: new Float64Array(CLASSES) });

const mute = (maps, layer, muted) => {
  for (const name of muted) {
    const [of, number] = name.split(".");
    const area = SIZES[layer][1] ** 2;
    if (of === layer) maps[layer].fill(0, number * area, (Number(number) + 1) * area);
  }
};

/** All maps of a picture, after ReLU, and the scores, into `maps`. */
export function forward(field, muted = [], maps = emptyMaps()) {
  const { c1, c3, c5, f6, output } = learnt().layers;
  convolved(field, 1, SIDE, TAPS, c1, maps.c1);
  mute(maps, "c1", muted);
  pooled(maps.c1, 6, 28, maps.s2);
  convolved(maps.s2, 6, 14, TAPS, c3, maps.c3);
  mute(maps, "c3", muted);
  pooled(maps.c3, 16, 10, maps.s4);
  convolved(maps.s4, 16, 5, TAPS, c5, maps.c5);
  convolved(maps.c5, 120, 1, 1, f6, maps.f6);
  convolved(maps.f6, 84, 1, 1, output, maps.scores, false);
  return maps;
}

const transposed = (back, { w }, units, inputs, alive) =>
  Float64Array.from({ length: inputs }, (_, k) => {
    let sum = 0;
    if (!alive || alive[k] > 0) for (let u = 0; u < units; u += 1) sum += back[u] * w[u * inputs + k];
    return sum;
  });

/** Slopes behind a pooling, handed to the first that is largest of each four; none where ReLU has made that zero. */
function unpooled(back, x, maps, side) {
  const [out, small] = [new Float64Array(x.length), side / 2];
  for (let k = 0; k < back.length; k += 1) {
    const [m, i, j] = [floor(k / (small * small)), floor(k / small) % small, k % small];
    const at = m * side * side + 2 * i * side + 2 * j;
    let best = at;
    for (const other of [at + 1, at + side, at + side + 1]) if (x[other] > x[best]) best = other;
    if (x[best] > 0) out[best] = back[k];
  }
  return out;
}

/** Slopes behind a convolution, scattered to its inputs. */
function scattered(back, { w, b }, channels, side) {
  const [out, size, area] = [new Float64Array(channels * side * side), side - TAPS + 1, (side - TAPS + 1) ** 2];
  for (let at = 0; at < back.length; at += 1) {
    if (!back[at]) continue; // after a pooling three of four are zero
    const [m, i, j] = [floor(at / area), floor(at / size) % size, at % size];
    for (let c = 0; c < channels; c += 1) {
      for (let t = 0; t < TAPS * TAPS; t += 1) {
        out[c * side * side + (i + floor(t / TAPS)) * side + j + (t % TAPS)] += back[at] * w[(m * channels + c) * TAPS * TAPS + t];
      }
    }
  }
  return b.length && out;
}

/** How fast the score of `more` gains on that of `less` with the ink of each pixel. */
export function slopes(maps, more, less) {
  const { c1, c3, c5, f6, output } = learnt().layers;
  let back = maps.f6.map((v, k) => (v > 0 ? output.w[more * 84 + k] - output.w[less * 84 + k] : 0));
  back = transposed(back, f6, 84, 120, maps.c5);
  back = transposed(back, c5, 120, 400);
  back = scattered(unpooled(back, maps.c3, 16, 10), c3, 6, 14);
  return scattered(unpooled(back, maps.c1, 6, 28), c1, 1, 32);
}
export const slopesOf = (field, more, less, muted) => slopes(forward(field, muted), more, less);

/** How much of a picture the mean digit and the eight commonest patterns leave over. */
export function unexplained(field) {
  const { patterns } = learnt();
  const area = PAGE * PAGE;
  const rest = new Float64Array(area);
  let left = 0;
  for (let i = 0; i < SIDE; i += 1) {
    for (let j = 0; j < SIDE; j += 1) {
      const [row, column] = [i - RIM, j - RIM];
      const value = field[i * SIDE + j];
      if (row < 0 || column < 0 || row >= PAGE || column >= PAGE) left += value * value;
      else rest[row * PAGE + column] = value - patterns[row * PAGE + column];
    }
  }
  for (const value of rest) left += value * value;
  for (let k = 1; k * area < patterns.length; k += 1) {
    let along = 0;
    for (let i = 0; i < area; i += 1) along += patterns[k * area + i] * rest[i];
    left -= along * along;
  }
  return sqrt(max(left, 0));
}

/** Where ink would help most, and where less of it: row, column, sign, gain; the strongest first, kept apart. */
export function marks(slope, field) {
  const gain = Array.from(slope, (v, i) => (v > 0 ? v * (1 - field[i]) : -v * field[i]));
  const most = gain.reduce((a, b) => max(a, b));
  const order = upTo(gain.length, (i) => i).filter((i) => gain[i] > 0.05 * most).sort((a, b) => gain[b] - gain[a] || a - b);
  const chosen = [];
  for (const at of order) {
    const [row, column] = [floor(at / SIDE), at % SIDE];
    if (chosen.length === MARKS) break;
    if (chosen.every(([i, j]) => max(abs(row - i), abs(column - j)) >= APART)) chosen.push([row, column, slope[at] > 0 ? 1 : -1, gain[at]]);
  }
  return chosen;
}

// ---- which units see which -------------------------------------------------------------------------------------------

const CHAIN = ["seen", ...LAYERS, "score"];
const sideOf = (layer) => (layer === "seen" ? SIDE : layer === "score" ? 1 : SIZES[layer][1]);
const countOf = (layer) => (layer === "seen" ? 1 : layer === "score" ? CLASSES : SIZES[layer][0]);

/** Rows of the layer before that rows first to last of a layer are made of. */
function behind(layer, [first, last]) {
  if (layer === "c1" || layer === "c3") return [first, last + TAPS - 1];
  if (layer === "s2" || layer === "s4") return [2 * first, 2 * last + 1];
  return layer === "c5" ? [0, 4] : [0, 0];
}

/** Rows of the next layer that a row goes into; null if none does. */
function ahead(layer, row) {
  const next = CHAIN[CHAIN.indexOf(layer) + 1];
  if (next === "c1" || next === "c3") return [max(0, row - TAPS + 1), min(sideOf(next) - 1, row)];
  if (next === "s2" || next === "s4") return [floor(row / 2), floor(row / 2)];
  return [0, 0];
}

/**
 * What a unit is made of and who uses it, layer by layer: `maps` (null for all), `rows`, `columns`, and `kind`: the unit
 * itself, "from" for what it sees of the layer before, "far" for what that sees, "to" in the next layer.
 */
export function framesOf({ layer, map, row, column }) {
  const at = CHAIN.indexOf(layer);
  const frames = { [layer]: { kind: "unit", maps: [map], rows: [row, row], columns: [column, column] } };
  let [rows, columns, maps] = [[row, row], [column, column], [map]];
  for (let k = at; k > 0; k -= 1) {
    rows = behind(CHAIN[k], rows);
    columns = behind(CHAIN[k], columns);
    maps = CHAIN[k] === "s2" || CHAIN[k] === "s4" ? maps : null;
    frames[CHAIN[k - 1]] = { kind: k === at ? "from" : "far", maps, rows, columns };
  }
  const next = CHAIN[at + 1];
  if (next) frames[next] = { kind: "to", maps: next === "s2" || next === "s4" ? [map] : null, rows: ahead(layer, row), columns: ahead(layer, column) };
  return frames;
}

const KERNELS = { c1: 1, c3: 6, c5: 16, f6: 120, score: 84 };
const BEFORE = { c1: "seen", c3: "s2", c5: "s4", f6: "c5", score: "f6" };

/** The sum that a unit is: bias, what each source map adds, the largest product with its place. */
export function sumOf({ layer, map, row, column }, field, maps) {
  const { w, b } = learnt().layers[layer === "score" ? "output" : layer];
  const [sources, x] = [KERNELS[layer], layer === "c1" ? field : maps[BEFORE[layer]]];
  const side = sideOf(BEFORE[layer]);
  const taps = layer === "f6" || layer === "score" ? 1 : TAPS;
  const parts = new Float64Array(sources);
  let largest = { product: 0 };
  for (let c = 0; c < sources; c += 1) {
    for (let t = 0; t < taps * taps; t += 1) {
      const [i, j] = [row + floor(t / taps), column + (t % taps)];
      const [value, weight] = [x[c * side * side + i * side + j], w[(map * sources + c) * taps * taps + t]];
      parts[c] += value * weight;
      if (abs(value * weight) > abs(largest.product)) largest = { product: value * weight, value, weight, row: i, column: j };
    }
  }
  const sum = parts.reduce((a, v) => a + v, 0);
  return { bias: b[map], parts: [...parts], sum, total: sum + b[map], largest, products: sources * taps * taps };
}
export const sumAt = (unit, field, muted) => sumOf(unit, field, forward(field, muted));

// ---- where things stand --------------------------------------------------------------------------------------------

const TITLE = 18;
const ACROSS = { c1: 6, s2: 3, c3: 8, s4: 4, c5: 12, f6: 7 };
const ACROSS_NARROW = { ...ACROSS, c1: 3, c3: 4 };

/** Columns and rows of pixels of a layer's maps, laid side by side with a pixel between them. */
export function sheetSize(name, across = ACROSS) {
  const [count, side] = SIZES[name];
  return [across[name] * (side + 1) - 1, ceil(count / across[name]) * (side + 1) - 1];
}

/** Row and column of each map's first pixel there. */
export const corners = (name, across = ACROSS) =>
  upTo(SIZES[name][0], (n) => [floor(n / across[name]) * (SIZES[name][1] + 1), (n % across[name]) * (SIZES[name][1] + 1)]);

const heightOf = (boxes) => max(0, ...Object.values(boxes).map((box) => box[1] + box[3]));

function wide(width, shown) {
  const unit = width >= 740 ? 3 : 2;
  const boxes = {};
  const net = sheetSize("c1")[0] * unit;
  const left = ["pad", "seen", "detail"].filter((part) => shown.includes(part));
  const rows = [["c1"], ["s2", "c3", "s4"], ["c5", "f6", "scores"]].map((row) => row.filter((name) => shown.includes(name))).filter((row) => row.length);
  const [pad, seen] = [min(224, width - net - 18), SIDE * unit];
  const start = rows.length ? 0 : floor((width - pad) / 2);
  let top = 0;
  if (shown.includes("pad")) [boxes.pad, top] = [[start, 0, pad, TITLE + pad], TITLE + pad + 10];
  if (shown.includes("seen")) boxes.seen = [start, top, seen, TITLE + seen];
  if (shown.includes("detail")) boxes.detail = [start + seen + 16, top, pad - seen - 16, TITLE + 96];
  const low = heightOf(boxes);
  const x0 = left.length ? width - net : floor((width - net) / 2);
  let y = 0;
  for (const row of rows) {
    const sizes = row.filter((name) => name !== "scores").map((name) => sheetSize(name).map((size) => size * unit));
    let tall = TITLE + max(0, ...sizes.map((size) => size[1]));
    if (row.includes("scores")) tall = max(tall, low - y, TITLE + 120);
    const gap = row.includes("scores") || row.length < 3 ? 24 : floor((net - sizes.reduce((sum, size) => sum + size[0], 0)) / 2);
    let x = x0;
    for (const name of row) {
      if (name === "scores") {
        boxes[name] = [x, y, x0 + net - x, tall];
        continue;
      }
      const [across, high] = sheetSize(name).map((size) => size * unit);
      boxes[name] = [x, y, across, TITLE + high];
      x += across + gap;
    }
    y += tall + 8;
  }
  return { boxes, unit, narrow: false, height: heightOf(boxes) };
}

function narrow(width, shown) {
  const unit = width >= 330 ? 2 : 1.5;
  const boxes = {};
  const has = (part) => shown.includes(part);
  const pad = min(224, floor(0.66 * width));
  if (has("pad")) boxes.pad = [has("scores") ? 0 : floor((width - pad) / 2), 0, pad, TITLE + pad];
  if (has("scores")) {
    const x = has("pad") ? pad + 10 : 0;
    boxes.scores = [x, 0, width - x, TITLE + max(pad, 10 * 24)]; // each a target for a finger
  }
  let top = has("pad") || has("scores") ? heightOf(boxes) + 6 : 0;
  for (const row of [["seen", "c1", "s2"], ["c3", "s4", "c5", "f6", "detail"]]) {
    const names = row.filter(has);
    const sizes = Object.fromEntries(names.filter((name) => name !== "detail").map((name) => [name, name === "seen" ? [SIDE, SIDE] : sheetSize(name, ACROSS_NARROW)]));
    const used = Object.values(sizes).reduce((sum, size) => sum + size[0], 0) * unit;
    const gap = names.includes("detail") ? 12 : floor(min(20, (width - used) / 2));
    let [x, tall] = [0, 0];
    for (const name of names) {
      const [across, high] = name === "detail" ? [width - x, 43 * unit] : sizes[name].map((size) => size * unit);
      boxes[name] = [x, top, across, TITLE + high];
      x += across + gap;
      tall = max(tall, TITLE + high);
    }
    if (names.length) top += tall + 6;
  }
  return { boxes, unit, narrow: true, height: heightOf(boxes) };
}

/** Where the panels stand: left, top, width, height of each; the side of a map's pixel; as in draw_a_digit.py. */
export const layout = (width, shown) => (width < 560 ? narrow : wide)(width, shown);

// ---- the words -----------------------------------------------------------------------------------------------------

const written = (name) => name.toUpperCase().replace(".", "·");
/** Maps as a sentence lists them; very many are counted. */
export function listedMaps(names) {
  if (names.length > 3) return `${names.length} maps`;
  const words = names.map(written);
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0];
}

/** Which way a picture has been moved and turned; nothing if it has not. */
export function movedWords(dx, dy, turn) {
  const ways = [[dx, "left", "right"], [dy, "up", "down"]].filter(([by]) => by).map(([by, less, more]) => `${abs(by)} ${by > 0 ? more : less}`);
  const words = ways.length ? [`moved ${ways.join(", ")}`] : [];
  if (turn) words.push(`turned by ${turn}°`.replace("-", "−"));
  const text = words.join(" and ");
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Classes, the largest share first. */
const ranked = (given) => upTo(given.length, (k) => k).sort((a, b) => given[b] - given[a] || a - b);

/** What the present state shows. */
export function sentence({ given, blank, hint, muted, whole, moves, turn, placedGiven, digit, label, unlike }) {
  const [first, second] = ranked(given);
  const [sure, next] = [percent(given[first]), percent(given[second])];
  if (blank) return `An empty page has no box to fit: the network sees zeros alone, and says ${first} with ${sure} all the same. It must say one of ten.`;
  if (hint !== -1 && hint !== first) return `Ink at +, and less ink at −, would raise ${hint}’s score over ${first}’s fastest: the slope here, a hint to first order. ${hint} has ${percent(given[hint])}, ${first} has ${sure}.`;
  if (muted.length) {
    const [most] = ranked(whole);
    return `Without ${listedMaps(muted)} the network says ${first} with ${sure}; with all maps, ${most} with ${percent(whole[most])}.`;
  }
  if (moves) {
    const [most] = ranked(placedGiven);
    const maps = turn ? "the maps of C1 turn only roughly along" : "the maps of C1 move along";
    return `${moves}: ${maps}. Before, ${most} with ${percent(placedGiven[most])}; now ${first} with ${sure}.`;
  }
  if (digit) {
    const verdict = first === label ? "right" : `wrong; ${label} has ${percent(given[label])}`;
    return `A real ${label}, which the network has never seen. It says ${first} with ${sure}: ${verdict}.`;
  }
  if (unlike > 1) return `The network says ${first} with ${sure}, because it must say one of ten: the picture is less like the digits it learnt than 99 in 100 that it has not seen.`;
  if (given[second] >= 0.1) return `${first} or ${second}? The network says ${sure} and ${next}: draw on, or touch a map to see what it is made of.`;
  return `The network says ${first} with ${sure}. Draw another digit, or touch a map to see what it is made of.`;
}

/** All that the sentence is made from, found from the traits. */
export function stateOf({ strokes, digit, thickness, dx, dy, turn, hint, muted }, maps = emptyMaps()) {
  const made = digit ? boxed(learnt().digits[digit - 1]) : rasterized(lifted(strokes), thickness);
  const still = placed(made);
  const field = moved(still, dx, dy, turn);
  const given = shares(forward(field, muted, maps).scores);
  const moves = movedWords(dx, dy, turn);
  const [winner] = ranked(given);
  return {
    made,
    field,
    maps,
    given,
    winner,
    hint,
    muted,
    moves,
    turn,
    digit,
    label: digit ? CARRIED.labels[digit - 1] : null,
    blank: !field.some((v) => v > 0),
    whole: muted.length ? shares(forward(field).scores) : null,
    placedGiven: moves && !muted.length ? shares(forward(still).scores) : null,
    unlike: unexplained(field) / CARRIED.limit,
    slope: hint !== -1 && hint !== winner ? slopes(maps, hint, winner) : null,
  };
}
export const sentenceOf = (traits) => sentence(stateOf(traits));

const two = (value) => format(value, 2);
const withSign = (value) => `${value < 0 ? "" : "+"}${two(value)}`;
const passes = (total) => (total > 0 ? `${two(total)}, ReLU keeps it` : `${two(total)}, ReLU makes it 0`);
const extremes = (parts) => {
  const order = ranked(parts);
  return [order[0], order.at(-1)];
};

/** What the unit that is looked at is made of. */
export function unitWords(unit, { field, maps, muted, given }) {
  const { layer, map, row, column } = unit;
  const name = written(`${layer}.${map}`);
  if (layer === "seen") return `Ink at (${row}, ${column}): ${two(field[row * SIDE + column])}. It goes into ${placesOf(row, column)} of each map of C1: the frame there.`;
  if (muted.includes(`${layer}.${map}`)) return `${name} is muted: it is all zero, whatever it would have found.`;
  if (layer === "s2" || layer === "s4") {
    const value = maps[layer][map * sideOf(layer) ** 2 + row * sideOf(layer) + column];
    return `${name} at (${row}, ${column}) keeps the largest of four in ${written(`${CHAIN[CHAIN.indexOf(layer) - 1]}.${map}`)}: ${two(value)}. Which of the four it was, ${written(layer)} forgets.`;
  }
  const { bias, parts, sum, total, largest, products } = sumOf(unit, field, maps);
  if (layer === "c1") {
    const found = largest.product ? ` Largest: ink ${two(largest.value)} at (${largest.row}, ${largest.column}) × ${two(largest.weight)}.` : "";
    return `${name} at (${row}, ${column}): ${products} products ${two(sum)}, bias ${two(bias)}: ${passes(total)}.${found}`;
  }
  const [most, least] = extremes(parts);
  const source = written(BEFORE[layer]);
  const said = `Most: ${source}·${most} ${withSign(parts[most])}; least: ${source}·${least} ${withSign(parts[least])}.`;
  if (layer === "score") return `Score of ${map}: 84 products ${two(sum)}, bias ${two(bias)}: ${two(total)}, a share of ${percent(given[map])}. Orange units of F6 speak for it, blue ones against. ${said}`;
  const at = sideOf(layer) > 1 ? ` at (${row}, ${column})` : "";
  return `${name}${at}: ${products} products ${two(sum)}, bias ${two(bias)}: ${passes(total)}. ${said}`;
}

const placesOf = (row, column) => {
  const [r, c] = [ahead("seen", row), ahead("seen", column)];
  const count = max(0, r[1] - r[0] + 1) * max(0, c[1] - c[0] + 1);
  return `${count} place${count === 1 ? "" : "s"}`;
};

// ---- the picture ---------------------------------------------------------------------------------------------------

const PANES = ["seen", ...LAYERS];
const NAMES = { pad: "draw here", seen: "what it sees", c1: "C1", s2: "S2", c3: "C3", s4: "S4", c5: "C5", f6: "F6" };
const same = (a, b) => a === b || Boolean(a && b && a.layer === b.layer && a.map === b.map && a.row === b.row && a.column === b.column);
const unitOf = (layer, map, row = 0, column = 0) => ({ layer, map, row, column });

const path = (kind) => element("path", { class: kind });
const rectangle = (x, y, across, down) => `M${x} ${y}h${across}v${down}h${-across}z`;

/** A titled pane; what lies in it fills its frame. */
function pane(name, ...inside) {
  const title = element("p", { class: "title" });
  const frame = element("div", { class: "frame" }, ...inside);
  return { title, frame, box: element("div", { class: `pane of-${name}`, "data-part": name }, title, frame) };
}

/** The maps of a layer, or the picture that the network sees, pixel by pixel, with frames over them. */
function sheetScene(s, name) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const paths = Object.fromEntries(["grid", "hatch", "far", "to", "from", "unit", "plus", "minus"].map((kind) => [kind, path(kind)]));
  const over = element("svg", { class: "over", "aria-hidden": "true" }, ...Object.values(paths));
  const mutes = name === "c1" || name === "c3" ? ", M mutes the map" : "";
  const label = name === "seen" ? "What the network sees, 32 × 32 pixels" : `${NAMES[name]}: ${SIZES[name][0]} maps of ${SIZES[name][1]} × ${SIZES[name][1]}`;
  const surface = element("div", { class: "surface", role: "application", tabindex: 0, "data-look": true, "aria-label": `${label}; arrow keys go from unit to unit, Enter pins${mutes}` });
  const made = pane(name, canvas, over, surface);
  const scene = { ...made, name, canvas, over, paths, surface, image: null, size: [0, 0], across: 0 };
  byKeys(s, scene);
  return scene;
}

const sizeOf = (name, across) => (name === "seen" ? [SIDE, SIDE] : sheetSize(name, across));
const cornersOf = (name, across) => (name === "seen" ? [[0, 0]] : corners(name, across));

/** The unit under a place of a sheet, in its pixels. */
function unitAt({ name, size: [wideness, highness], across }, x, y) {
  const side = sideOf(name);
  const [column, row] = [clamp(floor(x), 0, wideness - 1), clamp(floor(y), 0, highness - 1)];
  if (name === "seen") return unitOf(name, 0, row, column);
  const [mapRow, mapColumn] = [floor(row / (side + 1)), floor(column / (side + 1))];
  const map = min(mapRow * across[name] + mapColumn, countOf(name) - 1);
  return unitOf(name, map, min(row % (side + 1), side - 1), min(column % (side + 1), side - 1));
}

/** Move the unit that is looked at by keys; a map's edge leads to its neighbour. */
function byKeys(s, scene) {
  const { name, surface } = scene;
  const cursor = () => (s.cursors[name] ??= strongest(s, name, 0));
  const show = (unit) => {
    s.cursors[name] = unit;
    if (s.look.pinned()) same(s.look.at(), unit) || s.look.pin(unit);
    else s.look.hover(unit);
  };
  const go = ([down, across]) => {
    const { map, row, column } = cursor();
    const [top, left] = cornersOf(name, scene.across)[map];
    const step = (at, by, inside) => (inside + by < 0 || inside + by >= sideOf(name) ? at + 2 * by : at + by);
    const [y, x] = [step(top + row, down, row), step(left + column, across, column)];
    if (x >= 0 && y >= 0 && x < scene.size[0] && y < scene.size[1]) show(unitAt(scene, x + 0.5, y + 0.5));
  };
  keys(surface, { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }, go);
  keys(surface, { PageUp: -1, PageDown: 1 }, (by) => show({ ...cursor(), map: clamp(cursor().map + by, 0, countOf(name) - 1) }));
  keys(surface, { Enter: 1, " ": 1 }, () => s.look.pin(cursor()));
  if (name === "c1" || name === "c3") keys(surface, { m: 1, M: 1, Delete: 1 }, () => muteMap(s, (s.look.at() ?? cursor()).map, name));
  surface.addEventListener("focus", () => surface.matches(":focus-visible") && show(cursor()));
  surface.addEventListener("blur", () => s.look.hover(null));
}

/** A map's unit with the largest value: where the keys, and a look at the whole map, begin. */
function strongest(s, layer, map) {
  const side = sideOf(layer);
  const values = layer === "seen" ? s.now.field : s.now.maps[layer];
  const [first, count] = [map * side * side, side * side];
  let best = first;
  for (let i = first; i < first + count; i += 1) if (values[i] > values[best]) best = i;
  return unitOf(layer, map, floor((best - first) / side), (best - first) % side);
}

/** The pad: the ink, what is framed on it, marks of the hint, and the pen for the keyboard. */
function padScene() {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const paths = Object.fromEntries(["box", "far", "from", "halo", "plus", "minus"].map((kind) => [kind, path(kind)]));
  const over = element("svg", { class: "over", viewBox: "0 0 100 100", "aria-hidden": "true" }, ...Object.values(paths));
  const pen = element("span", { class: "pen" });
  const hint = element("span", { class: "empty" }, "Draw a digit");
  const pad = element("div", { class: "pad", tabindex: 0, role: "application", "aria-label": "Drawing pad; arrow keys move the pen, Space puts it down and lifts it" }, canvas, over, hint, pen);
  return { ...pane("pad", pad), canvas, paths, pad, pen, hint };
}

/** Ten scores, each a bar that asks what would make it win. */
function scoresScene(s) {
  const bars = upTo(CLASSES, (k) => {
    const [bar, share] = [element("span", { class: "bar" }, element("span", { class: "fill" })), element("span", { class: "share" })];
    const node = element("button", { type: "button", class: "score", "data-look": true }, element("span", { class: "class" }, String(k)), bar, share);
    const see = () => s.look.hover(unitOf("score", k));
    const unsee = () => s.look.hover(null);
    gestures(node, { press: see, drop: unsee, cancel: unsee, hover: see, leave: unsee });
    node.addEventListener("focus", () => node.matches(":focus-visible") && see());
    node.addEventListener("blur", unsee);
    node.addEventListener("click", () => ask(s, k));
    return { node, share };
  });
  const made = pane("scores", ...bars.map(({ node }) => node));
  return { ...made, bars };
}

/** What one unit is a sum of: kernels, or the weights of a full connection. */
function detailScene(s) {
  const canvas = element("canvas", { role: "img" });
  const toggle = element("button", { type: "button", class: "mute", "data-look": true, onclick: () => muteMap(s, s.at.map, s.at.layer) });
  const made = pane("detail", canvas, toggle);
  return { ...made, canvas, toggle };
}

// ---- painting ------------------------------------------------------------------------------------------------------

/** A canvas of so many pixels, its image kept. */
function sized(scene, wideness, highness) {
  if (scene.image?.width === wideness && scene.image.height === highness) return scene.image;
  update(scene.canvas, { width: wideness, height: highness });
  scene.context = scene.canvas.getContext("2d", { willReadFrequently: true });
  return (scene.image = scene.context.createImageData(wideness, highness));
}

/** Values of one square into an image: full colour at `reach`, the other colour below zero. */
function fill(image, values, first, side, [top, left], reach, color, below = color) {
  const { data, width } = image;
  for (let i = 0; i < side; i += 1) {
    for (let j = 0; j < side; j += 1) {
      const value = values[first + i * side + j];
      const at = 4 * ((top + i) * width + left + j);
      const [r, g, b] = value < 0 ? below : color;
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
      data[at + 3] = 255 * min(1, abs(value) / reach) ** 0.8;
    }
  }
}

const ONE = [1];
const largestOf = (values) => values.reduce((most, v) => max(most, abs(v)), 1e-12);

/** What each unit before a full connection adds to one unit, or null. */
function contributions(s, name) {
  const score = s.at?.layer === "score" ? s.at.map : !s.at && s.now.slope ? s.now.hint : null;
  if (name === "f6" && score !== null) return sumOf(unitOf("score", score), s.now.field, s.now.maps).parts;
  if (name === "c5" && s.at?.layer === "f6") return sumOf(s.at, s.now.field, s.now.maps).parts;
  return null;
}

function paintSheet(s, scene) {
  const { name, across } = scene;
  const [wideness, highness] = sizeOf(name, across);
  const image = sized(scene, wideness, highness);
  const side = sideOf(name);
  const signed = contributions(s, name);
  const values = signed ?? (name === "seen" ? s.now.field : s.now.maps[name]);
  const reach = signed ? largestOf(signed) : name === "seen" ? 1 : CARRIED.reach[name];
  const color = signed ? s.colors.kernel : name === "seen" ? s.colors.input : s.colors.output;
  cornersOf(name, across).forEach((at, m) => fill(image, values, m * side * side, side, at, reach, color, s.colors.input));
  if (side === 1) cornersOf(name, across).forEach((at, m) => abs(values[m]) < 0.06 * reach && fill(image, ONE, 0, 1, at, 1, s.colors.grid)); // a unit at rest
  scene.context.putImageData(image, 0, 0);
}

/** Outlines of a frame's boxes in a sheet; one around all where a layer is single units. */
function outline({ name, size, across }, { kind, maps, rows, columns }) {
  const at = cornersOf(name, across);
  const [wideness, highness] = [columns[1] - columns[0] + 1, rows[1] - rows[0] + 1];
  if (!maps && sideOf(name) === 1) return kind === "far" ? "" : rectangle(-0.7, -0.7, size[0] + 1.4, size[1] + 1.4);
  // Frames around each whole map of a layer would say nothing.
  if (kind === "far" && name !== "seen" && wideness === sideOf(name)) return "";
  if (kind === "unit") return rectangle(at[maps[0]][1] + columns[0] - 1, at[maps[0]][0] + rows[0] - 1, 3, 3); // a ring around it
  return (maps ?? upTo(at.length, (m) => m)).map((m) => rectangle(at[m][1] + columns[0], at[m][0] + rows[0], wideness, highness)).join("");
}

function hatched(scene, muted) {
  const [side, at] = [sideOf(scene.name), cornersOf(scene.name, scene.across)];
  const lines = (m) => upTo(floor(side / 2), (k) => {
    const [top, left] = at[m];
    const place = 4 * k + 2;
    if (place >= 2 * side) return "";
    const [from, to] = [max(0, place - side), min(side, place)];
    return `M${left + from} ${top + place - from}L${left + to} ${top + place - to}`;
  }).join("");
  const mine = muted.map((name) => name.split(".")).filter(([layer]) => layer === scene.name);
  return mine.map(([, m]) => lines(Number(m))).join("");
}

function drawSheet(s, scene) {
  paintSheet(s, scene);
  const frame = s.frames[scene.name];
  for (const kind of ["far", "to", "from", "unit"]) update(scene.paths[kind], { d: frame?.kind === kind ? outline(scene, frame) : "" });
  update(scene.paths.hatch, { d: hatched(scene, s.now.muted) });
  if (scene.name === "seen") {
    const [plus, minus] = signs(s.marks.map(([row, column, sign]) => [column + 0.5, row + 0.5, sign]), 1.1);
    update(scene.paths.plus, { d: plus });
    update(scene.paths.minus, { d: minus });
  }
}

/** Paths of plus and minus signs of the size r at places [x, y, sign]. */
function signs(places, r) {
  const bar = (x, y) => `M${(x - r).toFixed(2)} ${y.toFixed(2)}h${2 * r}`;
  const upright = (x, y) => `M${x.toFixed(2)} ${(y - r).toFixed(2)}v${2 * r}`;
  const of = (sign, draw) => places.filter((place) => place[2] === sign).map(([x, y]) => draw(x, y)).join("");
  return [of(1, (x, y) => bar(x, y) + upright(x, y)), of(-1, bar)];
}

/** The place on the pad, in hundredths, where the field's place (x, y) comes from. */
function onPad({ made, dx, dy, turn, start }, x, y) {
  const [bx, by] = before(x - SIDE / 2, y - SIDE / 2, { dx, dy, turn });
  const { from } = made;
  return [100 * (from.x + (bx + SIDE / 2 - start[1]) * from.across), 100 * (from.y + (by + SIDE / 2 - start[0]) * from.down)];
}

function drawPad(s) {
  const { pad } = s.nodes;
  const { made, digit } = s.now;
  paintInk(s, pad.canvas);
  const frame = s.frames.seen;
  const framed = frame && made.from ? polygon(s, frame) : "";
  update(pad.paths.far, { d: frame?.kind === "far" ? framed : "" });
  update(pad.paths.from, { d: frame && frame.kind !== "far" ? framed : "" });
  const [plus, minus] = signs(s.marks.map(([row, column, sign]) => [...onPad(s.now, column + 0.5, row + 0.5), sign]), 2.1);
  update(pad.paths.halo, { d: plus + minus });
  update(pad.paths.plus, { d: plus });
  update(pad.paths.minus, { d: minus });
  reveal(pad.hint, s.now.blank);
  say(pad.title, digit ? `a real digit, ${digit} of ${DIGITS}` : NAMES.pad);
  const { x, y, down } = s.pen;
  Object.assign(pad.pen.style, { left: `${100 * x}%`, top: `${100 * y}%` });
  pad.pen.classList.toggle("down", down);
}

/** A box of the field as it lies on the pad: turned back, if the picture is turned. */
function polygon(s, { rows, columns }) {
  const [top, bottom, left, right] = [rows[0], rows[1] + 1, columns[0], columns[1] + 1];
  const places = [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => onPad(s.now, x, y).map((v) => v.toFixed(1)).join(" "));
  return `M${places.join("L")}z`;
}

/** The strokes, as sharp as the screen; or a real digit's pixels. */
function paintInk(s, canvas) {
  const size = round(s.boxes.pad[2] * min(3, devicePixelRatio || 1));
  if (canvas.width !== size) update(canvas, { width: size, height: size });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, size, size);
  const [r, g, b] = s.colors.input;
  const { digit, thickness } = s.now;
  if (digit) {
    const [ink, cell] = [learnt().digits[digit - 1], size / PAGE];
    ink.forEach((value, at) => {
      if (!value) return;
      const [x, y] = [floor((at % PAGE) * cell), floor(floor(at / PAGE) * cell)];
      context.fillStyle = `rgba(${r}, ${g}, ${b}, ${value.toFixed(3)})`;
      context.fillRect(x, y, floor(((at % PAGE) + 1) * cell) - x, floor((floor(at / PAGE) + 1) * cell) - y);
    });
    return;
  }
  Object.assign(context, { lineCap: "round", lineJoin: "round", lineWidth: thickness * size, strokeStyle: `rgb(${r}, ${g}, ${b})` });
  for (const stroke of lifted(s.now.strokes)) {
    context.beginPath();
    stroke.forEach(([x, y], k) => context[k ? "lineTo" : "moveTo"](x * size, y * size));
    if (stroke.length === 1) context.lineTo(stroke[0][0] * size, stroke[0][1] * size);
    context.stroke();
  }
}

function drawScores(s) {
  const { given, winner, slope, hint } = s.now;
  const top = max(...given);
  s.nodes.scores.bars.forEach(({ node, share }, k) => {
    node.style.setProperty("--share", (given[k] / max(top, 0.5)).toFixed(4));
    node.classList.toggle("winner", k === winner);
    node.classList.toggle("asked", Boolean(slope) && k === hint);
    say(share, given[k] >= 0.005 ? String(floor(100 * given[k] + 0.5)) : "");
    update(node, { "aria-pressed": String(Boolean(slope) && k === hint), "aria-label": `${k}: ${percent(given[k])}${k === winner ? ", the answer" : `; what would make it a ${k}?`}` });
  });
}

const KERNEL_COLUMNS = { 1: 1, 6: 3, 16: 4 };

/** Which numbers the detail shows: so many squares of a side, in how many columns; signed or not. */
function shown(s) {
  const { layers } = learnt();
  const { layer, map, row, column } = s.at ?? { layer: "seen" };
  if (layer === "s2" || layer === "s4") {
    const [source, side] = [CHAIN[CHAIN.indexOf(layer) - 1], 2 * sideOf(layer)];
    const first = map * side * side + 2 * row * side + 2 * column;
    const values = [0, 1, side, side + 1].map((by) => s.now.maps[source][first + by]);
    return { values, count: 1, side: 2, columns: 1, reach: max(CARRIED.reach[source] / 2, ...values), plain: true, title: `its 4 in ${written(`${source}.${map}`)}` };
  }
  if (layer === "f6" || layer === "score") {
    const [inputs, columns] = layer === "f6" ? [120, 12] : [84, 7];
    const { w } = layers[layer === "f6" ? "f6" : "output"];
    return { values: w.slice(map * inputs, (map + 1) * inputs), count: inputs, side: 1, columns, title: `${inputs} weights` };
  }
  const name = layer === "seen" ? "c1" : layer;
  const count = layer === "seen" ? 6 : KERNELS[name];
  const first = layer === "seen" ? 0 : map * count * TAPS * TAPS;
  const title = layer === "seen" ? "C1’s kernels" : count === 1 ? `kernel of ${written(`${layer}.${map}`)}` : `${count} kernels`;
  return { values: layers[name].w.slice(first, first + count * TAPS * TAPS), count, side: TAPS, columns: KERNEL_COLUMNS[count], title };
}

function drawDetail(s) {
  const { detail } = s.nodes;
  const { values, count, side, columns, reach, plain, title } = shown(s);
  const [gap, rows] = [side > 1 ? 1 : 0, ceil(count / columns)];
  const [across, down] = [columns * (side + gap) - gap, rows * (side + gap) - gap];
  const image = sized(detail, across, down);
  image.data.fill(0);
  const [above, below] = plain ? [s.colors.output, s.colors.output] : [s.colors.kernel, s.colors.input];
  const most = reach ?? largestOf(values);
  for (let m = 0; m < count; m += 1) fill(image, values, m * side * side, side, [floor(m / columns) * (side + gap), (m % columns) * (side + gap)], most, above, below);
  detail.context.putImageData(image, 0, 0);
  const [, , wideness, highness] = s.boxes.detail;
  const mutes = s.at?.layer === "c1" || s.at?.layer === "c3";
  const room = highness - TITLE - (mutes ? 28 : 0);
  const cell = max(1, min(14, floor(min(wideness / across, room / down))));
  Object.assign(detail.canvas.style, { width: `${across * cell}px`, height: `${down * cell}px` });
  say(detail.title, title);
  update(detail.canvas, { "aria-label": `${title}: orange above zero, blue below` });
  reveal(detail.toggle, mutes);
  if (mutes) {
    const name = `${s.at.layer}.${s.at.map}`;
    say(detail.toggle, `${s.now.muted.includes(name) ? "Unmute" : "Mute"} ${written(name)}`);
  }
}

function drawWords(s) {
  const asks = s.at?.layer === "score" && s.now.slope && s.at.map === s.now.hint;
  const said = s.at && !asks ? unitWords(s.at, s.now) : sentence(s.now);
  say(s.nodes.words, said);
  const pen = s.nodes.pad.pad.matches(":focus-visible") ? `Pen ${s.pen.down ? "down" : "up"}, ${round(100 * s.pen.x)} right, ${round(100 * s.pen.y)} down of 100. ` : "";
  s.view.aloud(pen + said);
  s.texts ??= Object.fromEntries(Object.keys(EXAMPLES).map((name) => [JSON.stringify(CARRIED.drawings[name]), name]));
  const own = s.nodes.examples.options[0];
  say(own, s.now.digit ? "a real digit" : s.now.blank ? "an empty page" : "your own");
  s.nodes.examples.value = s.now.digit ? "" : (s.texts[JSON.stringify(s.now.strokes)] ?? "");
  s.nodes.undo.disabled = !s.now.digit && s.now.strokes.length < 3;
  s.nodes.clear.disabled = s.nodes.undo.disabled;
  for (const node of s.nodes.thick) node.disabled = Boolean(s.now.digit);
}

/** Everything in its place; a reduced view leaves panes out. */
function place(s) {
  const parts = ["pad", "scores", "seen", ...LAYERS, "detail"].filter((part) => s.view.shows(part));
  const key = `${s.width} ${parts}`;
  if (s.placedKey === key) return;
  s.placedKey = key;
  const { boxes, unit, narrow: tight, height } = layout(s.width, parts);
  s.boxes = { pad: [0, 0, 100, 118], detail: [0, 0, 90, 104], ...boxes };
  s.narrow = tight;
  s.nodes.stage.style.height = `${height}px`;
  s.nodes.stage.classList.toggle("narrow", tight);
  for (const [name, { box }] of Object.entries(s.nodes.panes)) {
    const [left, top, wideness, highness] = boxes[name] ?? [0, 0, 100, 100];
    box.style.display = name in boxes ? "" : "none";
    box.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    box.style.width = `${wideness}px`;
    box.style.height = `${highness}px`;
  }
  for (const scene of s.nodes.sheets) {
    scene.across = tight ? ACROSS_NARROW : ACROSS;
    scene.size = sizeOf(scene.name, scene.across);
    update(scene.over, { viewBox: `0 0 ${scene.size.join(" ")}` });
    const side = sideOf(scene.name);
    update(scene.paths.grid, { d: side > 1 ? cornersOf(scene.name, scene.across).map(([top, left]) => rectangle(left, top, side, side)).join("") : "" });
    say(scene.title, scene.name === "seen" ? (tight ? "it sees" : NAMES.seen) : unit < 3 && side < (tight ? 28 : 10) ? NAMES[scene.name] : titleOf(scene.name));
  }
  s.unit = unit;
  s.nodes.words.style.display = s.view.shows("words") ? "" : "none";
  s.nodes.controls.style.display = s.view.shows("controls") ? "" : "none";
}

const titleOf = (name) => {
  const [count, side] = SIZES[name];
  return `${NAMES[name]}  ${side > 1 ? `${side} × ${side}` : count}`;
};

const TRAITS = ["strokes", "digit", "thickness", "dx", "dy", "turn", "hint", "muted"];

function compute(s) {
  const traits = Object.fromEntries(TRAITS.map((name) => [name, s.view.get(name)]));
  if (!s.last || TRAITS.some((name) => s.last[name] !== traits[name])) {
    s.last = traits;
    s.now = { ...stateOf(traits, s.maps), ...traits };
    s.now.start = s.now.made.from ? corner(s.now.made) : [0, 0];
    s.marks = s.now.slope && s.now.made.from ? marks(s.now.slope, s.now.field) : [];
  }
  s.at = s.look.at();
  s.frames = s.at ? framesOf(s.at) : {};
}

function draw(s) {
  if (!s.width) return;
  s.colors ??= colorsOf(s.view.root, ["input", "output", "kernel", "grid"]);
  place(s);
  compute(s);
  drawPad(s);
  for (const scene of s.nodes.sheets) drawSheet(s, scene);
  drawScores(s);
  drawDetail(s);
  drawWords(s);
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** Another drawing in place of what is there. */
function put(s, numbers) {
  s.view.set("digit", 0);
  s.view.set("strokes", numbers);
}

const added = (numbers, x, y, lift) => {
  const old = numbers[0] === -1 ? [] : numbers;
  const more = lift && old.length ? [-1, -1, x, y] : [x, y];
  return old.length + more.length > MOST ? numbers : [...old, ...more];
};
const inGrain = (v) => clamp(round(v / GRAIN) / round(1 / GRAIN), 0, 1);

/** Draw: by mouse, by finger, by keys. */
function penHands(s) {
  const { view } = s;
  const { pad } = s.nodes.pad;
  const at = (event) => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    return [inGrain((event.clientX - left) / width), inGrain((event.clientY - top) / height)];
  };
  const touch = ([x, y], lift) => {
    const fresh = view.get("digit") > 0;
    put(s, added(fresh ? [-1, -1] : view.get("strokes"), x, y, lift));
    Object.assign(s.pen, { x, y });
  };
  handle(view, pad, ["strokes", "digit"], {
    still: -1,
    press(event) {
      s.pen.down = false;
      touch(at(event), true);
      return true;
    },
    drag(event) {
      const [x, y] = at(event);
      if (hypot(x - s.pen.x, y - s.pen.y) >= 0.012) touch([x, y], false);
    },
  });
  const step = 0.025;
  keys(pad, { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }, ([x, y]) => {
    Object.assign(s.pen, { x: inGrain(s.pen.x + x), y: inGrain(s.pen.y + y) });
    if (s.pen.down) touch([s.pen.x, s.pen.y], false);
    s.ask();
  });
  keys(pad, { " ": 1, Enter: 1 }, () => {
    s.pen.down = !s.pen.down;
    if (s.pen.down) touch([s.pen.x, s.pen.y], true);
    else view.send();
    s.ask();
  });
  pad.addEventListener("blur", () => {
    s.pen.down = false;
    s.ask();
  });
}

/** Look at units; the picture that the network sees is moved by a drag. */
function sheetHands(s, scene) {
  const at = (event) => {
    const { left, top, width, height } = scene.surface.getBoundingClientRect();
    return unitAt(scene, ((event.clientX - left) / width) * scene.size[0], ((event.clientY - top) / height) * scene.size[1]);
  };
  if (scene.name !== "seen") return s.look.watch(scene.surface, at, { axis: "x" });
  return handle(s.view, scene.surface, ["dx", "dy"], {
    press(event) {
      if (event.pointerType !== "mouse") s.look.hover(at(event));
      return { dx: s.view.get("dx"), dy: s.view.get("dy") };
    },
    drag(_, held, by) {
      s.look.hover(null);
      s.view.set("dx", clamp(held.dx + round(by.x / s.unit), -REACH, REACH));
      s.view.set("dy", clamp(held.dy + round(by.y / s.unit), -REACH, REACH));
    },
    click: (event) => s.look.pin(at(event)),
    drop: () => s.look.hover(null),
    hover: (event) => s.look.hover(at(event)),
    leave: () => s.look.hover(null),
  });
}

/** What would make it this class?  Of the winner there is nothing to ask: what speaks for it is pinned. */
function ask(s, k) {
  const asked = s.now.slope && s.view.get("hint") === k;
  s.view.set("hint", asked || k === s.now.winner ? -1 : k);
  if (k === s.now.winner) s.look.pin(unitOf("score", k));
  else s.look.letGo();
  s.view.send();
}

/** A map goes silent, or speaks again. */
function muteMap(s, map, layer) {
  const [name, muted] = [`${layer}.${map}`, s.view.get("muted")];
  const all = ["c1", "c3"].flatMap((each) => upTo(SIZES[each][0], (m) => `${each}.${m}`));
  const wanted = muted.includes(name) ? muted.filter((other) => other !== name) : [...muted, name];
  s.view.set("muted", all.filter((each) => wanted.includes(each)));
  s.view.send();
}

/** Prose: look at "c3.5,4,4", at "c1.2" for its strongest unit, at "score.9", at "seen.16,12"; at nothing lets go. */
function lookAt(s, { value = "" }) {
  compute(s);
  s.look.letGo();
  const [, layer, numbers] = /^([a-z]\w+)\.([\d,]+)$/.exec(value) ?? [];
  if (!CHAIN.includes(layer)) return;
  const given = numbers.split(",").map(Number);
  const [map, row, column] = layer === "seen" ? [0, ...given] : given;
  const inside = (v, count) => v === undefined || v < count;
  if (!inside(map, countOf(layer)) || !inside(row, sideOf(layer)) || !inside(column, sideOf(layer))) return;
  s.look.pin(layer === "score" ? unitOf(layer, map) : column === undefined ? strongest(s, layer, map) : unitOf(layer, map, row, column));
}

const EXAMPLES = {
  opening: "a 4 or a 9?",
  zero: "0",
  one: "1, a mere line",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7 with a bar",
  eight: "8",
  nine: "9",
  scribble: "a scribble",
};

/** Clear, undo, other digits; and, folded away, what is done to the finished one. */
function controls(s) {
  const { view } = s;
  const button = (kind, text, act) => element("button", { type: "button", class: kind, onclick: () => (act(), view.send()) }, text);
  const undo = () => {
    if (view.get("digit")) return view.set("digit", 0);
    return view.set("strokes", flat(lifted(view.get("strokes")).slice(0, -1)));
  };
  const draws = { clear: () => put(s, [-1, -1]), undo, next: () => view.set("digit", (view.get("digit") % DIGITS) + 1) };
  const draw = (name) => Object.hasOwn(CARRIED.drawings, name) && put(s, CARRIED.drawings[name]);
  const id = uniqueId("examples");
  const options = [["", "your own"], ...Object.entries(EXAMPLES)].map(([value, text]) => element("option", { value }, text));
  const examples = element("select", { id, onchange: () => (draw(examples.value), view.send()) }, ...options);
  const [clear, undone, next] = [button("clear", "Clear", draws.clear), button("undo", "Undo", draws.undo), button("next", "Next real digit", draws.next)];
  const chooser = element("div", { class: "choice" }, element("label", { for: id }, "examples"), examples);
  const signed = (v) => String(v).replace("-", "−");
  const ranges = {
    dx: ["right", { low: -REACH, high: REACH, step: 1, words: signed, spoken: (v) => `${v} pixels` }],
    dy: ["down", { low: -REACH, high: REACH, step: 1, words: signed, spoken: (v) => `${v} pixels` }],
    turn: ["turn", { low: -TURN, high: TURN, step: 1, words: (v) => `${signed(v)}°`, spoken: (v) => `${v} degrees` }],
    thickness: ["thickness", { low: 0.03, high: 0.2, step: 0.005, words: (v) => format(v, 3), spoken: (v) => `${round(1000 * v) / 10} hundredths of the pad` }],
  };
  const sliders = Object.entries(ranges).map(([trait, [label, range]]) => ({ trait, ...slider(view, trait, label, range) }));
  const lines = sliders.map(({ label, node, value }) => element("div", { class: "slide" }, label, node, value));
  const fold = element("details", {}, element("summary", {}, "Move, turn, thicken"), element("div", { class: "slides" }, ...lines));
  const box = element("div", { class: "controls" }, clear, undone, next, chooser, fold);
  return { controls: box, examples, undo: undone, clear, thick: sliders.filter(({ trait }) => trait === "thickness").map(({ node }) => node), draws, drawing: draw };
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "draw-a-digit", { traits: TRAITS });
  const s = { view, width: 0, colors: null, maps: emptyMaps(), cursors: {}, pen: { x: 0.5, y: 0.5, down: false } };
  const redraw = (s.ask = view.frame(() => draw(s)));
  const named = (unit) => (!unit ? "unit" : unit.layer === "seen" ? `ink ${unit.row}, ${unit.column}` : unit.layer === "score" ? `score of ${unit.map}` : written(`${unit.layer}.${unit.map}`));
  s.look = looking(view, redraw, { same, name: named });
  const sheets = PANES.map((name) => sheetScene(s, name));
  const [pad, scores, detail] = [padScene(), scoresScene(s), detailScene(s)];
  const panes = { pad, scores, ...Object.fromEntries(sheets.map((scene) => [scene.name, scene])), detail };
  const stage = element("div", { class: "stage" }, ...Object.values(panes).map(({ box }) => box));
  say(scores.title, "shares in %");
  s.nodes = { pad, scores, detail, sheets, panes, stage, words: element("p", { class: "sentence" }), ...controls(s) };
  penHands(s);
  for (const scene of sheets) sheetHands(s, scene);
  const { draws, drawing } = s.nodes;
  const sending = (act) => (order) => {
    act(order);
    view.send();
  };
  view.obeys({ look: (order) => lookAt(s, order), preset: sending(({ value }) => drawing(value)), ...Object.fromEntries(Object.entries(draws).map(([name, act]) => [name, sending(act)])) });
  view.onReset(() => {
    s.pen = { x: 0.5, y: 0.5, down: false };
    s.cursors = {};
  });
  view.on([...TRAITS, "show"], redraw);
  view.themes(() => {
    s.colors = null;
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
