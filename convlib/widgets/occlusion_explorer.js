import { colorsOf } from "./js/canvas.js";
import { check, choice, segments, slider } from "./js/controls.js";
import { element, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { bytesOf, convolved, halves, layersOf, padded, percent, pooled, shares } from "./js/network.js";
import { clamp, format } from "./js/numbers.js";
import { gestures, handle, keys, looking } from "./js/pointer.js";

const { max, min, abs, floor, round } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/** What occlusion_explorer.py puts in here: weights, pictures, masks, places, how it opens. */
export const CARRIED = {};

// ---- the maths: pure functions, held against NumPy by tests/js/test_occlusion_explorer.py ---------------------------
// Constants and names as in shape_network.py; a picture is a row of numbers, color after color, row after row.

export const [SIDE, CELLS, FIELD, LEAST, MOST] = [32, 8, 18, 3, 20];
export const SHAPES = ["disc", "square", "triangle", "cross", "ring", "star"];
export const PICTURES = SHAPES.flatMap((shape) => [`${shape}1`, `${shape}2`]);
const [AREA, TAPS, RIM] = [SIDE * SIDE, 3, 1];
const [WHOLE, PART, STAYS, FAINT] = [0.75, 0.1, 0.05, 0.22];

let unpacked = null;
/** Both networks, pictures and masks: unpacked once for all widgets of the page. */
export function learnt() {
  if (unpacked) return unpacked;
  const inputs = ([name, [units, channels]]) => [name, units, channels * (name === "output" ? 1 : TAPS * TAPS)];
  const shapes = Object.entries(CARRIED.units).map(inputs);
  const networks = Object.fromEntries(Object.entries(CARRIED.networks).map(([name, text]) => [name, layersOf(halves(text), shapes)]));
  const [bytes, bits] = [bytesOf(CARRIED.pictures), bytesOf(CARRIED.masks)];
  const pictures = upTo(PICTURES.length, (n) => Float64Array.from(bytes.subarray(n * 3 * AREA, (n + 1) * 3 * AREA), (v) => v / 255));
  const masks = upTo(PICTURES.length, (n) => Uint8Array.from({ length: AREA }, (_, i) => (bits[(n * AREA + i) >> 3] >> (7 - (i & 7))) & 1));
  return (unpacked = { networks, pictures, masks });
}

/** A picture from 0 to 1, with the tag or without. */
export function pixelsOf(picture, tag) {
  const made = learnt().pictures[PICTURES.indexOf(picture)].slice();
  const [top, left] = CARRIED.tag.place;
  if (tag) CARRIED.tag.rows.forEach((row, i) => row.forEach((ink, j) => upTo(3, (c) => (made[c * AREA + (top + i) * SIDE + left + j] = ink))));
  return made;
}

/** Red, green and blue of a patch: the picture's median, its mean, or middle grey. */
export function colorOf(picture, fill) {
  return upTo(3, (c) => {
    const values = picture.slice(c * AREA, (c + 1) * AREA);
    if (fill === "grey") return 0.5;
    if (fill === "mean") return values.reduce((sum, v) => sum + v, 0) / AREA;
    values.sort();
    return (values[AREA / 2 - 1] + values[AREA / 2]) / 2;
  });
}

/** First row of a patch and the one after its last; what hangs over the edge is cut off. */
export function extent(middle, size) {
  const first = middle - floor(size / 2);
  return [max(0, first), min(SIDE, first + size)];
}

/** A picture with a square patch on it, into `made`. */
export function laid(picture, row, column, size, filling, made = new Float64Array(3 * AREA)) {
  const [[top, bottom], [left, right]] = [extent(row, size), extent(column, size)];
  made.set(picture);
  for (let c = 0; c < 3; c += 1) {
    for (let i = top; i < bottom; i += 1) made.fill(filling[c], c * AREA + i * SIDE + left, c * AREA + i * SIDE + right);
  }
  return made;
}

let places = null;
/** Room for all layers of one picture, used again and again; rims stay zero. */
function room() {
  if (places) return places;
  const { conv1, conv2, conv3, output } = CARRIED.units;
  const square = (maps, side) => new Float64Array(maps * side * side);
  places = {
    centered: square(3, SIDE),
    seen: [square(3, SIDE + 2), square(conv2[1], SIDE / 2 + 2), square(conv3[1], CELLS + 2)],
    made: [square(conv1[0], SIDE), square(conv2[0], SIDE / 2)],
    small: [square(conv1[0], SIDE / 2), square(conv2[0], CELLS)],
    means: new Float64Array(output[1]),
  };
  return places;
}

/** The last maps of a picture, into `maps`, and its scores. */
export function forward(name, picture, maps = new Float64Array(CARRIED.units.conv3[0] * CELLS * CELLS)) {
  const { conv1, conv2, conv3, output } = learnt().networks[name];
  const { centered, seen, made, small, means } = room();
  for (let i = 0; i < centered.length; i += 1) centered[i] = picture[i] - 0.5;
  convolved(padded(centered, 3, SIDE, RIM, seen[0]), 3, SIDE + 2, TAPS, conv1, made[0]);
  pooled(made[0], conv1.b.length, SIDE, small[0]);
  convolved(padded(small[0], conv1.b.length, SIDE / 2, RIM, seen[1]), conv1.b.length, SIDE / 2 + 2, TAPS, conv2, made[1]);
  pooled(made[1], conv2.b.length, SIDE / 2, small[1]);
  convolved(padded(small[1], conv2.b.length, CELLS, RIM, seen[2]), conv2.b.length, CELLS + 2, TAPS, conv3, maps);
  const area = CELLS * CELLS;
  for (let m = 0; m < means.length; m += 1) {
    let sum = 0;
    for (let i = m * area; i < (m + 1) * area; i += 1) sum += maps[i];
    means[m] = sum / area;
  }
  const scores = new Float64Array(output.b.length);
  convolved(means, means.length, 1, 1, output, scores, false);
  return { maps, scores };
}

/** The class activation map: the last maps, each times its weight for one class, added up. */
export function classMap(name, maps, target) {
  const { w } = learnt().networks[name].output;
  const [area, count] = [CELLS * CELLS, maps.length / (CELLS * CELLS)];
  const sum = new Float64Array(area);
  for (let m = 0; m < count; m += 1) for (let i = 0; i < area; i += 1) sum[i] += w[target * count + m] * maps[m * area + i];
  return sum;
}

/** Places of the patch's middle, coarse ones first: every eighth, fourth, second, and the rest. */
export const ORDER = [8, 4, 2, 1].flatMap((step) =>
  upTo(AREA, (at) => at).filter((at) => {
    const [row, column] = [floor(at / SIDE), at % SIDE];
    const on = (by) => row % by === 0 && column % by === 0;
    return on(step) && (step === 8 || !on(2 * step));
  }),
);

/** The shares of all classes with the patch's middle on each pixel: to be made place by place with `sweep`. */
export function beginSweep({ network, picture, tag, size, fill }) {
  const bare = pixelsOf(picture, tag);
  return { network, bare, size, filling: colorOf(pixelsOf(picture, false), fill), found: new Float64Array(AREA * SHAPES.length), done: 0, room: [new Float64Array(3 * AREA), undefined] };
}

/** The next place of a sweep. */
export function sweep(run) {
  const at = ORDER[run.done];
  const picture = laid(run.bare, floor(at / SIDE), at % SIDE, run.size, run.filling, run.room[0]);
  const { maps, scores } = forward(run.network, picture, run.room[1]);
  run.room[1] = maps;
  run.found.set(shares(scores), at * SHAPES.length);
  run.done += 1;
}

/** How far apart the places are that a sweep has got to: those between take the nearest before them. */
export const stepOf = (done) => [8, 4, 2, 1].find((step, k) => done < ORDER_ENDS[k + 1]) ?? 1;
const ORDER_ENDS = [0, 16, 64, 256, AREA];

/** How much of a class's share the patch takes at each place; as fine as the sweep has got. */
export function lost(run, before, target) {
  const [reached, heat] = [new Uint8Array(AREA), new Float64Array(AREA)];
  for (let k = 0; k < run.done; k += 1) reached[ORDER[k]] = 1;
  for (let at = 0; at < AREA; at += 1) {
    let [step, from] = [1, at];
    while (!reached[from] && step < 8) {
      step *= 2;
      from = (floor(at / SIDE) - (floor(at / SIDE) % step)) * SIDE + (at % SIDE) - (at % step);
    }
    heat[at] = reached[from] ? before - run.found[from * SHAPES.length + target] : 0;
  }
  return heat;
}

/** A whole sweep at once, for tests. */
export function sweptOf(traits) {
  const run = beginSweep(traits);
  while (run.done < AREA) sweep(run);
  return run.found;
}

const largest = (values) => values.reduce((best, v, k) => (v > values[best] ? k : best), 0);

/** Which shares of the shape and of the tag lie under the patch. */
export function hiddenParts({ picture, tag, covered, row, column, size }) {
  if (!covered) return [0, 0];
  const [[top, bottom], [left, right]] = [extent(row, size), extent(column, size)];
  const under = (i, j) => i >= top && i < bottom && j >= left && j < right;
  let [of, all] = [0, 0];
  learnt().masks[PICTURES.indexOf(picture)].forEach((on, at) => {
    all += on;
    of += on && under(floor(at / SIDE), at % SIDE) ? 1 : 0;
  });
  const [first, next] = CARRIED.tag.place;
  const cells = CARRIED.tag.rows.flatMap((line, i) => line.map((_, j) => (under(first + i, next + j) ? 1 : 0)));
  return [of / all, tag ? cells.reduce((sum, v) => sum + v, 0) / cells.length : 0];
}

const bases = {};
/** The picture without the patch, the shares that it gets, the patch's colors: found once. */
function baseOf({ network, picture, tag }) {
  const find = () => {
    const [bare, plain] = [pixelsOf(picture, tag), pixelsOf(picture, false)];
    const filling = Object.fromEntries(["ground", "grey", "mean"].map((fill) => [fill, colorOf(plain, fill)]));
    return { bare, before: shares(forward(network, bare).scores), filling };
  };
  return (bases[`${network} ${picture} ${tag}`] ??= find());
}

/** All that is shown, but the sweep, found from the traits. */
export function stateOf(traits) {
  const { network, covered, row, column, size, fill, target } = traits;
  const { bare, before, filling } = baseOf(traits);
  const pixels = covered ? laid(bare, row, column, size, filling[fill]) : bare;
  const { maps, scores } = forward(network, pixels);
  const given = shares(scores);
  const [winner, answer] = [largest(before), largest(scores)];
  const asked = target === "winner" ? winner : SHAPES.indexOf(target);
  const opening = Object.entries(CARRIED.opening).every(([name, value]) => traits[name] === value);
  return { bare, pixels, before, given, scores, winner, answer, asked, cam: classMap(network, maps, asked), drop: before[asked] - given[asked], hidden: hiddenParts(traits), opening, ...traits };
}

/** Where the panels stand: left, top, width, height of each; the side of a pixel; as in occlusion_explorer.py. */
export function layout(width, shown) {
  const squares = ["picture", "map"].filter((part) => shown.includes(part));
  const [scored, narrow] = [shown.includes("scores"), width < 560];
  const [least, column] = narrow ? [10, 0] : [16, scored ? 148 + 16 : 0];
  const both = squares.length > 1;
  const unit = max(1, min(both || !narrow ? 9 : 8, floor((width - column - (both ? least : 0)) / (both ? 2 * SIDE : SIDE))));
  const side = SIDE * unit;
  const gap = narrow && both ? width - 2 * side : least; // on a phone the squares reach from edge to edge
  const taken = squares.length ? squares.length * (side + gap) - gap : 0;
  const beside = narrow || !scored ? 0 : squares.length ? min(220, width - taken - gap) : min(width, 320);
  const total = taken + (beside ? beside + (squares.length ? gap : 0) : 0);
  const left = floor((width - total) / 2);
  const boxes = Object.fromEntries(squares.map((part, n) => [part, [left + n * (side + gap), 0, side, TITLE + side]]));
  const top = squares.length ? TITLE + side : 0;
  if (scored && narrow) boxes.scores = [0, top + (squares.length ? 8 : 0), width, TITLE + 102];
  else if (scored) boxes.scores = [left + total - beside, 0, beside, TITLE + (squares.length ? side : 240)];
  return { boxes, unit, narrow, height: max(0, ...Object.values(boxes).map((box) => box[1] + box[3])) };
}
const TITLE = 20;

// ---- the words -----------------------------------------------------------------------------------------------------

/** What a patch hides, in words. */
export function covers(shape, ofShape, ofTag) {
  const named = [[shape, ofShape], ["tag", ofTag]].filter(([, share]) => share >= PART);
  return named.map(([name, share]) => (share >= WHOLE ? `the ${name}` : `part of the ${name}`)).join(" and ") || "bare ground";
}

const nounOf = (picture) => picture.slice(0, -1);

/** What the present state shows. */
export function sentence({ network, picture, tag, covered, before, given, winner, answer, asked, hidden }) {
  const [shape, name] = [nounOf(picture), SHAPES[asked]];
  const [was, now] = [percent(before[asked]), percent(given[asked])];
  if (!covered) {
    const bears = tag ? " with a tag" : " without a tag";
    const but = SHAPES[winner] === shape ? "" : "but ";
    const other = asked === winner ? "" : ` It gives ${name} ${was}.`;
    return `A ${shape}${bears}, ${but}the ${network} network says ${SHAPES[winner]} with ${percent(before[winner])}.${other} Lay the patch on it: what does the answer hang on?`;
  }
  const where = `With the patch on ${covers(shape, ...hidden)}, `;
  if (abs(before[asked] - given[asked]) < STAYS) {
    const blind = asked === winner && answer === winner && hidden[0] >= WHOLE && hidden[1] < WHOLE;
    return `${where}${name} stays: ${was} before, ${now} now.${blind ? " What does the network look at, then?" : ""}`;
  }
  const verb = given[asked] < before[asked] ? "falls" : "rises";
  return `${where}${name} ${verb} from ${was} to ${now}: the answer is ${answer === winner ? "still" : "now"} ${SHAPES[answer]}.`;
}
export const sentenceOf = (traits) => sentence(stateOf(traits));

/** What is lost of a share, in points of a hundred: with a minus, or a plus where it is gained. */
export function points(loss) {
  const whole = floor(100 * abs(loss) + 0.5);
  return whole ? `${loss > 0 ? "−" : "+"}${whole}` : "0";
}

/** A share on its bar. */
export const short = (share) => (share > 0.995 ? ">\u00a099\u00a0%" : `${floor(100 * share + 0.5)}\u00a0%`);

/** What one place of the map says. */
export function placeWords({ map, row, column, value, asked, before, score }) {
  const name = SHAPES[asked];
  if (map === "cam") {
    const [, part] = [0, value / CELLS ** 2];
    return `This cell sees the framed ${FIELD} × ${FIELD} pixels and adds ${format(part, 1)} to ${name}’s score, which is ${format(score, 1)}: all 64 cells and the bias.`;
  }
  return `With the patch’s middle at row ${row}, column ${column}, ${name} would have ${percent(before - value)}, not ${percent(before)}: ${points(value)} points.`;
}

// ---- the picture ---------------------------------------------------------------------------------------------------

const TRAITS = ["network", "picture", "tag", "covered", "row", "column", "size", "fill", "map", "target"];
const same = (a, b) => a === b || Boolean(a && b && a.row === b.row && a.column === b.column);

/** A titled pane; what lies in it fills its frame. */
function pane(name, parts, ...inside) {
  const [title, frame] = [element("p", { class: "title" }), element("div", { class: "frame" }, ...inside)];
  return { title, frame, box: element("div", { class: `pane of-${name}`, "data-part": parts }, title, frame) };
}

const pixelCanvas = (kind, size) => element("canvas", { class: kind, width: size, height: size, "aria-hidden": "true" });
const painter = (canvas, size) => {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(size, size);
  return (fill) => {
    fill(image.data);
    context.putImageData(image, 0, 0);
  };
};
const frameOf = (kind) => element("div", { class: `spot ${kind}` });

/** The picture with the patch on it, both under one surface that takes the hand. */
function pictureScene() {
  const canvas = pixelCanvas("pixels", SIDE);
  const [patch, seen] = [frameOf("patch"), frameOf("seen")];
  const surface = element("div", { class: "surface", role: "application", tabindex: 0 });
  return { ...pane("picture", "picture tag patch", canvas, patch, seen, surface), paint: painter(canvas, SIDE), patch, seen, surface };
}

/** The map over the picture in grey, and where the patch is on it. */
function mapScene() {
  const [grey, fine, coarse] = [pixelCanvas("grey", SIDE), pixelCanvas("heat", SIDE), pixelCanvas("heat", CELLS)];
  const [patch, ring, at, value] = [frameOf("patch"), frameOf("ring"), frameOf("at"), element("span", { class: "lost" })];
  const surface = element("div", { class: "surface", role: "application", tabindex: 0, "data-look": true });
  const paints = { grey: painter(grey, SIDE), fine: painter(fine, SIDE), coarse: painter(coarse, CELLS) };
  return { ...pane("map", "map", grey, fine, coarse, patch, ring, at, value, surface), paints, fine, coarse, patch, ring, at, value, surface };
}

/** Six shares, each a button that asks for its map. */
function scoresScene(s) {
  const bars = SHAPES.map((name, k) => {
    const [lostPart, share] = [element("span", { class: "lost" }), element("span", { class: "share" })];
    const bar = element("span", { class: "bar" }, element("span", { class: "fill" }), element("span", { class: "gone" }));
    const words = element("span", { class: "line" }, element("span", { class: "class" }, name), lostPart, share);
    const node = element("button", { type: "button", class: "score", onclick: () => ask(s, k) }, words, bar);
    return { node, bar, share, lost: lostPart };
  });
  return { ...pane("scores", "scores", ...bars.map(({ node }) => node)), bars };
}

// ---- drawing -------------------------------------------------------------------------------------------------------

/** What is shown, anew where a trait has changed; what the sweep has found so far. */
function compute(s) {
  const traits = Object.fromEntries(TRAITS.map((name) => [name, s.view.get(name)]));
  if (!s.traits || TRAITS.some((name) => s.traits[name] !== traits[name])) {
    s.traits = traits;
    s.now = stateOf(traits);
    play(s);
  }
  const { network, picture, tag, size, fill, map, asked, before } = s.now;
  const key = [network, picture, tag, size, fill].join(" ");
  if (s.key !== key) Object.assign(s, { key, run: (s.runs[key] ??= beginSweep(traits)), painted: "" });
  const reach = map === "cam" ? CARRIED.reach[network] : 1;
  const heat = map === "cam" ? s.now.cam : s.heatKey === `${key} ${asked} ${s.run.done}` ? s.heat : lost(s.run, before[asked], asked);
  if (map !== "cam") Object.assign(s, { heatKey: `${key} ${asked} ${s.run.done}`, heat });
  Object.assign(s.now, { heat, reach });
  s.at = s.look.at();
}

/** Remember the smallest patch that has changed the answer of this picture. */
function play(s) {
  const { network, picture, tag, fill, covered, size, answer, winner } = s.now;
  const game = [network, picture, tag, fill].join(" ");
  if (covered && answer !== winner) s.smallest[game] = min(s.smallest[game] ?? Infinity, size);
  s.now.smallest = s.smallest[game] ?? null;
}

const rgb = (picture) => (data) => {
  for (let i = 0; i < AREA; i += 1) {
    for (let c = 0; c < 3; c += 1) data[4 * i + c] = round(255 * picture[c * AREA + i]);
    data[4 * i + 3] = 255;
  }
};
const grey = (picture) => (data) => {
  for (let i = 0; i < AREA; i += 1) {
    data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = round((255 * (picture[i] + picture[AREA + i] + picture[2 * AREA + i])) / 3);
    data[4 * i + 3] = 255;
  }
};

/** Orange where the patch takes something, or a cell speaks for the class; blue where it gives, or speaks against. */
const warm = (heat, reach, colors, shown) => (data) => {
  heat.forEach((value, i) => {
    const [r, g, b] = value < 0 ? colors.input : colors.kernel;
    data.set([r, g, b, shown(i) ? round(255 * min(1, abs(value) / reach)) : 0], 4 * i);
  });
};

/** Put a frame around rows and columns, in pixels of the picture. */
function frame(s, node, rows, columns) {
  const shown = Boolean(rows) && rows[1] > rows[0] && columns[1] > columns[0];
  node.style.display = shown ? "" : "none";
  if (!shown) return;
  const px = (count) => `${count * s.unit}px`;
  Object.assign(node.style, { left: px(columns[0]), top: px(rows[0]), width: px(columns[1] - columns[0]), height: px(rows[1] - rows[0]) });
}

const fieldOf = (cell) => [max(0, 4 * cell - 7), min(SIDE, 4 * cell + 11)];

function drawPicture(s) {
  const { picture } = s.nodes;
  const { pixels, covered, row, column, size } = s.now;
  picture.paint(rgb(pixels));
  frame(s, picture.patch, covered && extent(row, size), extent(column, size));
  const cam = s.now.map === "cam";
  const rows = s.at && (cam ? fieldOf(s.at.row) : extent(s.at.row, size));
  frame(s, picture.seen, rows, s.at && (cam ? fieldOf(s.at.column) : extent(s.at.column, size)));
  say(picture.title, `${s.narrow ? "" : "a "}${nounOf(s.now.picture)}${s.now.tag ? ", tagged" : ""}`);
  const spoken = covered ? `the patch’s middle is at row ${row}, column ${column}` : "the patch is off";
  update(picture.surface, { "aria-label": `A picture of a ${nounOf(s.now.picture)}, 32 × 32 pixels; ${spoken}. Arrow keys move the patch, plus and minus change its size, Space lifts it` });
}

function drawMap(s) {
  const { map } = s.nodes;
  const { heat, reach, covered, row, column, size, drop, pixels, bare, asked, opening } = s.now;
  const cam = s.now.map === "cam";
  map.paints.grey(grey(cam ? pixels : bare));
  map.fine.style.display = cam ? "none" : "";
  map.coarse.style.display = cam ? "" : "none";
  const strip = s.playing;
  const until = strip ? pathPlace(strip.at) : null;
  const shown = (i) => !until || floor(i / SIDE) < until[0] || (floor(i / SIDE) < until[0] + 2 && i % SIDE <= until[1] + 1);
  map.paints[cam ? "coarse" : "fine"](warm(heat, reach, s.colors, cam ? () => true : shown));
  map.box.classList.toggle("faint", opening && !s.at && !strip);
  frame(s, map.patch, covered && (cam ? touched(row, size) : extent(row, size)), cam ? touched(column, size) : extent(column, size));
  map.patch.classList.toggle("reached", cam);
  frame(s, map.ring, covered && !cam && [row, row + 1], [column, column + 1]);
  const [y, x] = s.at ? [s.at.row, s.at.column] : [0, 0];
  frame(s, map.at, s.at && (cam ? [4 * y, 4 * y + 4] : [y, y + 1]), cam ? [4 * x, 4 * x + 4] : [x, x + 1]);
  map.value.style.display = covered && !cam ? "" : "none";
  say(map.value, points(drop));
  const right = column > 21;
  Object.assign(map.value.style, { left: `${(column + (right ? -0.6 : 1.6)) * s.unit}px`, top: `${clamp((row + 0.5) * s.unit, 9, SIDE * s.unit - 9)}px` });
  map.value.classList.toggle("before", right);
  map.value.classList.toggle("none", points(drop) === "0");
  say(map.title, cam ? `what speaks for ${SHAPES[asked]}` : `loss of ${SHAPES[asked]}${s.narrow ? "" : ", by place of the patch"}`);
  update(map.surface, { "aria-label": `${cam ? `Class activation map of ${SHAPES[asked]}, 8 × 8 cells` : `For each place of the patch, how much of ${SHAPES[asked]}’s share it takes`}. Arrow keys go from place to place, Enter pins` });
}

/** Rows of the class map's cells that see a patch at all, in pixels: the others it cannot change. */
function touched(middle, size) {
  const [first, last] = extent(middle, size);
  const seeing = upTo(CELLS, (cell) => cell).filter((cell) => fieldOf(cell)[0] < last && fieldOf(cell)[1] > first);
  return [4 * seeing[0], 4 * seeing.at(-1) + 4];
}

function drawScores(s) {
  const { given, before, asked, answer, drop } = s.now;
  s.nodes.scores.bars.forEach(({ node, bar, share, lost: gone }, k) => {
    const taken = k === asked && drop >= 0.005 ? drop : 0;
    bar.style.setProperty("--share", given[k].toFixed(4));
    bar.style.setProperty("--gone", taken.toFixed(4));
    node.classList.toggle("winner", k === answer);
    node.classList.toggle("asked", k === asked);
    say(share, short(given[k]));
    say(gone, taken ? points(drop) : "");
    const pressed = s.now.target === SHAPES[k];
    update(node, { "aria-pressed": String(pressed), "aria-label": `${SHAPES[k]}: ${percent(given[k])}, ${percent(before[k])} without the patch${k === answer ? "; the answer" : ""}. Show its map` });
  });
  say(s.nodes.scores.title, `the ${s.now.network} network says`);
}

function drawWords(s) {
  const { at, now } = s;
  const value = at && now.heat[at.row * (now.map === "cam" ? CELLS : SIDE) + at.column];
  const said = at ? placeWords({ ...at, map: now.map, value, asked: now.asked, before: now.before[now.asked], score: now.scores[now.asked] }) : sentence(now);
  say(s.nodes.words, said);
  const hand = s.nodes.picture.surface.matches(":focus-visible") && now.covered ? `Row ${now.row}, column ${now.column}. ` : "";
  if (!s.playing) s.view.aloud(hand + said);
  const { smallest } = now;
  say(s.nodes.game, smallest === null ? "How small a patch can change the answer?" : `Smallest that has changed the answer: ${smallest} × ${smallest}.`);
}

/** Everything in its place; a reduced view leaves panes out. */
function place(s) {
  const parts = ["picture", "map", "scores"].filter((part) => s.view.shows(part));
  const key = `${s.width} ${parts} ${s.view.shows("words")} ${s.view.shows("controls")}`;
  if (s.placedKey === key) return;
  s.placedKey = key;
  const { boxes, unit, narrow, height } = layout(s.width, parts);
  Object.assign(s, { unit, narrow });
  s.nodes.stage.style.height = `${height}px`;
  s.view.root.classList.toggle("narrow", narrow);
  for (const name of ["picture", "map", "scores"]) {
    const [left, top, wide, high] = boxes[name] ?? [0, 0, 0, 0];
    const { style } = s.nodes[name].box;
    style.display = name in boxes ? "" : "none";
    Object.assign(style, { transform: `translate(${left}px, ${top}px)`, width: `${wide}px`, height: `${high}px` });
  }
  s.nodes.words.style.display = s.view.shows("words") ? "" : "none";
  for (const node of [s.nodes.controls, s.nodes.game]) node.style.display = s.view.shows("controls") ? "" : "none";
}

function draw(s) {
  if (!s.width) return;
  s.colors ??= colorsOf(s.view.root, ["kernel", "input"]);
  place(s);
  compute(s);
  drawPicture(s);
  drawMap(s);
  drawScores(s);
  drawWords(s);
  if (s.now.map === "occlusion" || s.pending) s.work();
}

// ---- what the reader does ------------------------------------------------------------------------------------------

/** Lay the patch with its middle at a place. */
function put(s, row, column, size = s.view.get("size")) {
  s.view.set("size", clamp(size, LEAST, MOST));
  s.view.set("row", clamp(row, 0, SIDE - 1));
  s.view.set("column", clamp(column, 0, SIDE - 1));
  s.view.set("covered", true);
}

/** Ask about a class; once more, about the winner again. */
function ask(s, k) {
  s.view.set("target", s.view.get("target") === SHAPES[k] ? "winner" : SHAPES[k]);
  s.view.send();
}

/** The patch is taken where it lies, or comes to where the hand is. */
function pictureHands(s) {
  const { view } = s;
  const { surface } = s.nodes.picture;
  const at = (event) => {
    const { left, top, width, height } = surface.getBoundingClientRect();
    const whole = (share) => clamp(floor(share * SIDE), 0, SIDE - 1);
    return [whole((event.clientY - top) / height), whole((event.clientX - left) / width)];
  };
  const within = (middle, place) => place >= extent(middle, view.get("size"))[0] && place < extent(middle, view.get("size"))[1];
  handle(view, surface, ["row", "column", "size", "covered"], {
    press(event) {
      s.stop();
      const [row, column] = at(event);
      if (!view.get("covered") || !within(view.get("row"), row) || !within(view.get("column"), column)) put(s, row, column);
      return { row: view.get("row"), column: view.get("column") };
    },
    drag: (_, held, by) => put(s, held.row + round(by.y / s.unit), held.column + round(by.x / s.unit)),
  });
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  keys(surface, ways, ([down, across]) => {
    s.stop();
    put(s, view.get("row") + down, view.get("column") + across);
  });
  keys(surface, { "+": 1, "=": 1, "-": -1 }, (by) => put(s, view.get("row"), view.get("column"), view.get("size") + by));
  keys(surface, { " ": 1, Enter: 1, Delete: 1 }, () => view.set("covered", !view.get("covered")));
  surface.addEventListener("keyup", () => view.send());
}

/** Look at places of the map. */
function mapHands(s) {
  const { surface } = s.nodes.map;
  const count = () => (s.view.get("map") === "cam" ? CELLS : SIDE);
  const at = (event) => {
    const { left, top, width, height } = surface.getBoundingClientRect();
    const whole = (share) => clamp(floor(share * count()), 0, count() - 1);
    return { row: whole((event.clientY - top) / height), column: whole((event.clientX - left) / width) };
  };
  s.look.watch(surface, at, { axis: "x" });
  const cursor = () => (s.cursor?.count === count() ? s.cursor : (s.cursor = { count: count(), row: count() / 2, column: count() / 2 }));
  const show = ({ row, column }) => {
    const place = { row, column };
    if (!s.look.pinned()) s.look.hover(place);
    else if (!same(place, s.look.at())) s.look.pin(place);
  };
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  keys(surface, ways, ([down, across]) => {
    const { row, column } = cursor();
    s.cursor = { count: count(), row: clamp(row + down, 0, count() - 1), column: clamp(column + across, 0, count() - 1) };
    show(s.cursor);
  });
  keys(surface, { Enter: 1, " ": 1 }, () => s.look.pin({ row: cursor().row, column: cursor().column }));
  surface.addEventListener("focus", () => surface.matches(":focus-visible") && show(cursor()));
  surface.addEventListener("blur", () => s.look.hover(null));
}

/** The sweep goes on in frames that have time left. */
function working(s) {
  let asked = 0;
  const next = () => {
    asked = 0;
    const until = performance.now() + 7;
    while (s.run.done < AREA && performance.now() < until) sweep(s.run);
    if (s.run.done === AREA && s.pending) hideHottest(s);
    s.ask();
  };
  s.view.until(() => cancelAnimationFrame(asked));
  return () => {
    if (s.run.done < AREA) asked ||= requestAnimationFrame(next);
    else if (s.pending) hideHottest(s);
  };
}

function hideHottest(s) {
  s.pending = false;
  const heat = lost(s.run, s.now.before[s.now.asked], s.now.asked);
  const best = largest(heat);
  put(s, floor(best / SIDE), best % SIDE);
  s.view.send();
}

// ---- the patch slides over the picture, every second row and column, there and back --------------------------------

const LINE = SIDE / 2;
const STEPS = LINE * LINE;
const pathPlace = (k) => [2 * floor(k / LINE), 2 * (k % LINE)];

function playing(s) {
  const { view } = s;
  const button = element("button", { type: "button", class: "play" });
  let [cancel, back] = [() => {}, null];
  const show = () => say(button, s.playing ? "❚❚ Pause" : "▶ Slide");
  s.stop = () => {
    if (!s.playing) return;
    cancel();
    s.playing = null;
    show();
    view.send();
    s.ask();
  };
  const step = (by) => {
    s.playing.at = s.playing.at + by;
    if (s.playing.at >= STEPS) {
      const [row, column] = back;
      s.stop();
      put(s, row, column);
      return view.send();
    }
    put(s, ...pathPlace(floor(s.playing.at)));
    s.playing.at = max(0, s.playing.at);
    return later();
  };
  const later = () => {
    if (view.calm()) {
      const timer = setTimeout(() => step(LINE), 600);
      cancel = () => clearTimeout(timer);
      return;
    }
    const begun = performance.now();
    const frameId = requestAnimationFrame(() => step(clamp((performance.now() - begun) / 20, 0.5, 4)));
    cancel = () => cancelAnimationFrame(frameId);
  };
  const begin = () => {
    s.stop();
    s.look.letGo();
    back = [view.get("row"), view.get("column")];
    view.set("map", "occlusion");
    s.playing = { at: 0 };
    put(s, 0, 0);
    show();
    later();
  };
  button.addEventListener("click", () => (s.playing ? s.stop() : begin()));
  view.onReset(s.stop);
  view.until(() => cancel());
  show();
  return { button, begin };
}

/** Which network, which map; the patch's size, and what it is of; the picture. */
function controls(s, slideOver) {
  const { view } = s;
  const network = segments(view, "network", "network", { tagged: "tagged", mixed: "mixed" });
  const map = segments(view, "map", "map", { occlusion: "occlusion", cam: "class map" });
  const size = slider(view, "size", "size", { low: LEAST, high: MOST, step: 1, words: (v) => `${v} × ${v}`, spoken: (v) => `${v} by ${v} pixels` });
  const [covered, tag] = [check(view, "covered", "patch"), check(view, "tag", "tag")];
  const fill = choice(view, "fill", "patch", { ground: "of the ground", grey: "of grey", mean: "of the mean" });
  const next = element("button", { type: "button", class: "next", onclick: () => nextPicture(s) }, "Next picture");
  const slide = element("div", { class: "slide" }, size.label, size.node, size.value);
  const box = element("div", { class: "controls" }, network.box, map.box, slide, element("div", { class: "switches" }, covered.box, tag.box), next, slideOver, fill.box);
  return { controls: box, game: element("p", { class: "game" }) };
}

function nextPicture(s) {
  const at = PICTURES.indexOf(s.view.get("picture"));
  s.view.set("picture", PICTURES[(at + 1) % PICTURES.length]);
  s.view.send();
}

/** Prose: lay the patch on the shape, on the tag, or where it takes most. */
function hide(s, { value = "" }) {
  s.stop();
  const known = CARRIED.places[s.view.get("picture")];
  if (value === "hottest") {
    s.pending = true;
    s.ask();
  } else if (Object.hasOwn(known, value)) put(s, ...known[value]);
  s.view.send();
}

/** Prose: look at a place of the map, row and column; at nothing lets go. */
function lookAt(s, { value = "" }) {
  s.stop();
  s.look.letGo();
  const [row, column] = value.split(",").map(Number);
  const count = s.view.get("map") === "cam" ? CELLS : SIDE;
  const inside = (v) => Number.isInteger(v) && v >= 0 && v < count;
  if (value && inside(row) && inside(column)) s.look.pin({ row, column });
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "occlusion-explorer", { traits: TRAITS });
  const s = { view, width: 0, colors: null, runs: {}, smallest: {}, pending: false, playing: null, stop: () => {} };
  s.ask = view.frame(() => draw(s));
  s.look = looking(view, s.ask, { same, name: (at) => (at ? `row ${at.row}, column ${at.column}` : "place") });
  const stage = element("div", { class: "stage" });
  const { button, begin } = playing(s);
  s.nodes = { picture: pictureScene(), map: mapScene(), scores: scoresScene(s), stage, words: element("p", { class: "sentence" }), ...controls(s, button) };
  stage.append(s.nodes.picture.box, s.nodes.map.box, s.nodes.scores.box);
  s.work = working(s);
  pictureHands(s);
  mapHands(s);
  view.obeys({ hide: (order) => hide(s, order), next: () => nextPicture(s), play: begin, pause: () => s.stop(), look: (order) => lookAt(s, order) });
  view.onReset(() => {
    s.smallest = {};
    s.pending = false;
    s.ask();
  });
  view.on([...TRAITS, "show"], s.ask);
  view.on(["map"], () => s.look.letGo());
  view.themes(() => {
    s.colors = null;
    draw(s);
  });
  view.widths(stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(stage, s.nodes.words, s.nodes.controls, s.nodes.game);
  return view.end;
}

export default { render };
