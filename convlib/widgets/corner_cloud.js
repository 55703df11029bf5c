import { colorsOf, greys, raster } from "./js/canvas.js";
import { check, segments, slider } from "./js/controls.js";
import { element, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { clamp, format } from "./js/numbers.js";
import { handle, keys, looking } from "./js/pointer.js";

const { max, min, abs, floor, sqrt, hypot } = Math;

// ---- the maths: pure functions, held against NumPy by tests/js/test_corner_cloud.py -------------------------------
// Pictures are lists of SIZE × SIZE numbers, row after row; x goes right and y down.  Constants as in corner_cloud.py.

export const SIZE = 170;
export const PLACES = { flat: [30, 106], edge: [42, 32], corner: [100, 69], texture: [67, 140] };
export const THRESHOLD = 3000;
const [CLOUD, PLANE, STEEP] = [100, 50, 5];
const PANELS = ["photograph", "window", "numbers", "cloud", "plane"];

/** Slopes by Sobel's kernels over 8, right minus left and below minus above; 0 at the picture's rim. */
export function gradients(p, n = SIZE) {
  const [right, down] = [new Float64Array(p.length), new Float64Array(p.length)];
  for (let row = 1; row < n - 1; row += 1) {
    for (let i = row * n + 1; i < (row + 1) * n - 1; i += 1) {
      const [a, b, c, d] = [p[i + n + 1] - p[i - n - 1], p[i - n + 1] - p[i + n - 1], p[i + 1] - p[i - 1], p[i + n] - p[i - n]];
      right[i] = (a + b + 2 * c) / 8;
      down[i] = (a - b + 2 * d) / 8;
    }
  }
  return { right, down };
}

/** Row and column of the window's middle, where it has room. */
export function centreOf({ where, row, column, reach }) {
  return (PLACES[where] ?? [row, column]).map((middle) => clamp(middle, reach + 1, SIZE - 2 - reach));
}

/** The window's pixels, row after row: their indices. */
export function pixelsOf([row, column], reach) {
  const side = 2 * reach + 1;
  return Array.from({ length: side * side }, (_, i) => (row - reach + floor(i / side)) * SIZE + column - reach + (i % side));
}

/** The structure tensor: means of the products of the slopes, about zero. */
export function tensorOf({ right, down }, pixels) {
  let [xx, xy, yy] = [0, 0, 0];
  for (const i of pixels) {
    xx += right[i] * right[i];
    xy += right[i] * down[i];
    yy += down[i] * down[i];
  }
  return { xx: xx / pixels.length, xy: xy / pixels.length, yy: yy / pixels.length };
}

/** Eigenvalues, the larger first, and the direction that belongs to it, in radians from x to y. */
export function eigen({ xx, xy, yy }) {
  const [half, apart] = [(xx + yy) / 2, hypot((xx - yy) / 2, xy)];
  return { large: half + apart, small: max(half - apart, 0), turn: 0.5 * Math.atan2(2 * xy, xx - yy) };
}

/** Harris' R. */
export const harris = ({ xx, xy, yy }, k) => xx * yy - xy * xy - k * (xx + yy) ** 2;

export const verdictOf = (response) => (response > THRESHOLD ? "corner" : response < -THRESHOLD ? "edge" : "flat");

/** Sums over all windows at once: n × n numbers to those of the windows about each pixel that have room. */
function windowSums(values, reach) {
  const [n, sums] = [SIZE + 1, new Float64Array((SIZE + 1) ** 2)];
  for (let row = 0; row < SIZE; row += 1) {
    let line = 0;
    for (let column = 0; column < SIZE; column += 1) {
      line += values(row * SIZE + column);
      sums[(row + 1) * n + column + 1] = sums[row * n + column + 1] + line;
    }
  }
  return (row, column) => {
    const [top, bottom, left, right] = [row - reach, row + reach + 1, column - reach, column + reach + 1];
    return sums[bottom * n + right] - sums[top * n + right] - sums[bottom * n + left] + sums[top * n + left];
  };
}

/** R of the windows about all pixels; 0 where a window would reach too far. */
export function responseMap({ right, down }, reach, k) {
  const xx = windowSums((i) => right[i] * right[i], reach);
  const xy = windowSums((i) => right[i] * down[i], reach);
  const yy = windowSums((i) => down[i] * down[i], reach);
  const [map, count] = [new Float64Array(SIZE * SIZE), (2 * reach + 1) ** 2];
  for (let row = reach + 1; row < SIZE - 1 - reach; row += 1) {
    for (let column = reach + 1; column < SIZE - 1 - reach; column += 1) {
      const moments = { xx: xx(row, column) / count, xy: xy(row, column) / count, yy: yy(row, column) / count };
      map[row * SIZE + column] = harris(moments, k);
    }
  }
  return map;
}

/** Root of the smaller eigenvalue at which R is `bound`, where the larger one's root is `root`; NaN where there is none. */
export function smallerRoot(root, k, bound) {
  const large = root * root;
  const linear = (1 - 2 * k) * large;
  const inside = linear * linear - 4 * k * (k * large * large + bound);
  const value = (linear - sqrt(inside)) / (2 * k);
  return inside >= 0 && value >= 0 ? sqrt(value) : NaN;
}

/** Corners of the region in which R is beyond its threshold, as pairs of roots, the larger first. */
export function border(region, k) {
  const bound = region === "corner" ? THRESHOLD : -THRESHOLD;
  const roots = Array.from({ length: 101 }, (_, i) => (i * PLANE) / 100);
  const line = roots.map((root) => [root, smallerRoot(root, k, bound)]).filter(([root, low]) => low <= root);
  return [...line, ...line.map(([root]) => [root, region === "corner" ? root : 0]).reverse()];
}

/** Where the panels stand: left, top and side of each with its title; the same as `layout` in corner_cloud.py. */
export function layout(width, shown) {
  const narrow = width < 480;
  const [title, gap] = [19, narrow ? 10 : 14];
  const boxes = {};
  let [top, rest] = [0, PANELS.filter((panel) => shown.includes(panel))];
  const aside = rest.filter((panel) => panel === "window" || panel === "numbers");
  if (narrow && rest[0] === "photograph" && aside.length) {
    const side = floor((width - gap) * 0.375);
    boxes.photograph = [0, 0, width - gap - side];
    aside.forEach((panel, i) => (boxes[panel] = [width - side, i * (title + side + 4), side]));
    top = title + width - gap - side + 8;
    rest = rest.filter((panel) => !(panel in boxes));
  } else if (!narrow && rest.length > 3 && rest[0] === "photograph") {
    const side = min(180, floor((width - 3 * gap - title) / 4));
    const left = (width - 4 * side - 3 * gap - title) / 2;
    const large = 2 * side + gap + title;
    boxes.photograph = [left, 0, large];
    const right = ["window", "cloud", "plane", "numbers"].filter((panel) => rest.includes(panel));
    right.forEach((panel, i) => (boxes[panel] = [left + large + gap + (i % 2) * (side + gap), floor(i / 2) * (title + side + gap), side]));
    return { boxes, height: title + large };
  }
  for (const many = narrow ? 2 : 4; rest.length; rest = rest.slice(many)) {
    const line = rest.slice(0, many);
    const most = (narrow ? [260, 220] : [340, 320, 250, 220])[line.length - 1];
    const side = min(most, floor((width - gap * (line.length - 1)) / line.length));
    const left = (width - side * line.length - gap * (line.length - 1)) / 2;
    line.forEach((panel, i) => (boxes[panel] = [left + i * (side + gap), top, side]));
    top += title + side + 8;
  }
  return { boxes, height: max(top - 8, 0) };
}

// ---- the words ---------------------------------------------------------------------------------------------------

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number that may be large: 2.1·10⁵. */
export function scientific(value) {
  const power = floor(Math.log10(abs(value)));
  if (!(power > 2)) return format(value, 0);
  const [digits, more] = [format(value / 10 ** power, 1), abs(value) / 10 ** power >= 9.95];
  return more ? `${value < 0 ? "\u2212" : ""}1.0·10${RAISED[power + 1]}` : `${digits}·10${RAISED[power]}`;
}

const SENTENCES = {
  corner: "Corner, or texture: slopes in several directions, a cloud that fits no line.",
  edge: "Edge: all slopes point across it, a cloud along one line.",
  flat: "Flat: hardly any slope, a cloud that shrinks to the origin.",
};
export const sentence = (verdict) => `${SENTENCES[verdict]} The ellipse is the structure tensor: second moments about zero.`;

/** What one pixel's slopes are. */
export const pixelWords = (right, down) =>
  `This pixel: slope ${format(right, 1)} to the right, ${format(down, 1)} downwards, in grey values per pixel. One arrow, one point of the cloud.`;

// ---- the picture -------------------------------------------------------------------------------------------------

const rect = (kind, more = {}) => element("rect", { class: kind, ...more });

/** A drawing `reach` units from the middle to each side, or from its corner, under a title. */
function drawing(kind, title, viewBox, label) {
  const svg = element("svg", { viewBox, role: "img", "aria-label": label });
  const box = element("div", { class: `pane ${kind}`, "data-part": kind }, element("p", { class: "title" }, ...title), element("div", { class: "frame" }, svg));
  return { svg, box };
}

const text = (x, y, words, more = {}) => element("text", { x, y, ...more }, words);

/** The cloud: axes, points, ellipse; downwards is y, as in the picture. */
function cloudScene() {
  const { svg, box } = drawing("cloud", ["gradients (I", element("sub", {}, "x"), ", I", element("sub", {}, "y"), ")"], "0 0 100 100", "");
  const axes = element("path", { class: "axis" });
  const index = (letter) => element("tspan", { dy: 3, class: "index" }, letter);
  const names = [text(0, 0, "I", { class: "name", "text-anchor": "end" }), text(0, 0, "I", { class: "name" })];
  names.forEach((name, i) => name.append(index("xy"[i])));
  const reach = text(0, 0, "2√λ₁", { class: "reach", "text-anchor": "middle" });
  const points = element("path", { class: "points" });
  const ellipse = element("ellipse", { class: "ellipse" });
  const lines = element("path", { class: "ellipse" });
  const chosen = element("circle", { class: "chosen", r: 5 });
  svg.append(axes, points, ellipse, lines, ...names, reach, chosen);
  return { svg, box, axes, names, points, ellipse, lines, reach, chosen };
}

/** The plane of the eigenvalues' roots, with its three regions. */
function planeScene() {
  const { svg, box } = drawing("plane", ["√λ₁ →, √λ₂ ↑"], "0 0 100 100", "");
  const regions = { corner: element("path", { class: "region corner" }), edge: element("path", { class: "region edge" }) };
  const limit = element("path", { class: "axis" });
  const names = ["corner", "edge", "flat"].map((name) => text(0, 0, name, { class: `of-${name}`, "text-anchor": "middle" }));
  const point = element("circle", { class: "point", r: 6 });
  svg.append(...Object.values(regions), limit, ...names, point);
  return { svg, box, regions, limit, names, point };
}

/** The window, enlarged, with its arrows. */
function windowScene() {
  const canvas = element("canvas", { width: 13, height: 13, "aria-hidden": "true" });
  const arrows = element("path", { class: "arrows" });
  const chosen = rect("chosen");
  const svg = element("svg", { class: "over", viewBox: "0 0 13 13", tabindex: 0, role: "application", "aria-label": "The window's pixels; arrow keys move from one to the next, Enter pins" }, arrows, chosen);
  const box = element("div", { class: "pane window", "data-part": "window" }, element("p", { class: "title" }, "the window"), element("div", { class: "frame" }, canvas, svg));
  return { canvas, svg, arrows, chosen, box };
}

/** The photograph, its map of R, and the window on it. */
function photographScene() {
  const photo = raster("photograph", "photograph", SIZE);
  const heat = element("canvas", { class: "heat", width: SIZE, height: SIZE, "aria-hidden": "true" });
  const surface = rect("surface", { width: SIZE, height: SIZE });
  const [rim, edge] = [rect("rim"), rect("edge")];
  const grip = rect("grip", { tabindex: 0, role: "application" });
  photo.over.append(surface, rim, edge, grip);
  photo.canvas.after(heat);
  update(photo.canvas, { "aria-label": "A photograph" });
  update(photo.box, { "data-part": "photograph" });
  return { ...photo, heat, surface, rim, edge, grip };
}

/** The numbers. */
function numbersScene() {
  const line = (name) => {
    const value = element("b");
    return { node: element("p", {}, ...[name].flat(), " = ", value), value };
  };
  const verdict = element("p", { class: "verdict" });
  const [large, small, response] = [line("√λ₁"), line("√λ₂"), line("R")];
  const moments = Array.from({ length: 4 }, () => element("span"));
  const matrix = element("div", { class: "moments" }, element("span", { class: "named" }, "M ="), element("div", { class: "bracket" }, ...moments));
  const formula = element("p", { class: "formula" }, "R = det M − k · (trace M)²");
  const box = element("div", { class: "pane numbers", "data-part": "numbers" }, verdict, matrix, large.node, small.node, response.node, formula);
  return { box, verdict, moments, large: large.value, small: small.value, response: response.value };
}

/** What follows from the photograph alone, and from what is asked of the map. */
function compute(s) {
  const { view } = s;
  const [where, row, column, reach, k] = ["where", "row", "column", "reach", "k"].map(view.get);
  if (!s.pixels) {
    const { buffer, byteOffset, byteLength } = view.get("image");
    s.pixels = new Uint8Array(buffer, byteOffset, byteLength);
    s.slopes = gradients(s.pixels);
    s.map = null;
    s.nodes.photo.paint(greys(s.pixels));
  }
  const centre = centreOf({ where, row, column, reach });
  const pixels = pixelsOf(centre, reach);
  const tensor = tensorOf(s.slopes, pixels);
  const response = harris(tensor, k);
  Object.assign(s, { reach, k, centre, window: pixels, tensor, ...eigen(tensor), response, verdict: verdictOf(response) });
  const seen = s.look.at();
  s.at = seen !== null && seen < pixels.length ? seen : null;
}

/** The map of R in colours, where it is beyond its threshold; stronger by powers of ten. */
function drawHeat(s) {
  const shown = s.view.get("heat");
  reveal(s.nodes.photo.heat, shown);
  const key = `${s.reach} ${s.k}`;
  if (!shown || (s.map && s.mapped === key)) return;
  s.mapped = key;
  s.map = responseMap(s.slopes, s.reach, s.k);
  s.colors ??= colorsOf(s.view.root, ["output", "kernel"]);
  const context = s.nodes.photo.heat.getContext("2d");
  const image = context.createImageData(SIZE, SIZE);
  s.map.forEach((value, i) => {
    const strong = Math.log10(abs(value) / THRESHOLD);
    if (!(strong > 0)) return;
    image.data.set(value > 0 ? s.colors.output : s.colors.kernel, 4 * i);
    image.data[4 * i + 3] = 255 * clamp(0.3 + 0.25 * strong, 0, 0.8);
  });
  context.putImageData(image, 0, 0);
}

function drawPhotograph(s) {
  const { photo } = s.nodes;
  const [row, column] = s.centre;
  const side = 2 * s.reach + 1;
  const box = { x: column - s.reach, y: row - s.reach, width: side, height: side };
  for (const node of [photo.rim, photo.edge]) update(node, box);
  // A finger needs more than a small window.
  const least = max(side, (40 * SIZE) / s.boxes.photograph[2]);
  update(photo.grip, { x: column + 0.5 - least / 2, y: row + 0.5 - least / 2, width: least, height: least });
  update(photo.grip, { "aria-label": `Window of ${side} by ${side} pixels about row ${row}, column ${column}: ${s.verdict}; arrow keys move it, with Shift by 8` });
}

/** An arrow for each pixel with a slope, as long as it is steep. */
function drawWindow(s) {
  const { canvas, svg, arrows, chosen } = s.nodes.window;
  const side = 2 * s.reach + 1;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const [row, column] = s.centre;
  canvas.getContext("2d").drawImage(s.nodes.photo.canvas, column - s.reach, row - s.reach, side, side, 0, 0, side, side);
  update(svg, { viewBox: `0 0 ${side} ${side}` });
  const scale = (1.1 * max(1, side / 13)) / 60;
  let path = "";
  s.window.forEach((pixel, i) => {
    const [dx, dy] = [s.slopes.right[pixel] * scale, s.slopes.down[pixel] * scale];
    if (hypot(dx, dy) < STEEP * scale) return;
    const [x, y] = [(i % side) + 0.5 + dx / 2, floor(i / side) + 0.5 + dy / 2];
    const barb = (turn) => `M${x.toFixed(2)} ${y.toFixed(2)}l${(-0.3 * (dx - turn * dy)).toFixed(2)} ${(-0.3 * (dy + turn * dx)).toFixed(2)}`;
    path += `M${(x - dx).toFixed(2)} ${(y - dy).toFixed(2)}L${x.toFixed(2)} ${y.toFixed(2)}${barb(0.6)}${barb(-0.6)}`;
  });
  update(arrows, { d: path });
  reveal(chosen, s.at !== null);
  if (s.at !== null) update(chosen, { x: s.at % side, y: floor(s.at / side), width: 1, height: 1 });
}

function drawCloud(s) {
  const { svg, axes, names, points, ellipse, lines, reach, chosen } = s.nodes.cloud;
  const size = s.boxes.cloud[2];
  const [half, unit] = [size / 2, size / 2 / CLOUD];
  const at = (value) => (half + clamp(value, -CLOUD, CLOUD) * unit).toFixed(1);
  update(svg, { viewBox: `0 0 ${size} ${size}` });
  update(axes, { d: `M0 ${half}H${size}M${half} 0V${size}` });
  update(names[0], { x: size - 5, y: half - 5 });
  update(names[1], { x: half + 6, y: size - 7 });
  update(points, { d: s.window.map((i) => `M${at(s.slopes.right[i])} ${at(s.slopes.down[i])}h0`).join("") });
  const [a, b] = [s.large, s.small].map((value) => 2 * sqrt(value) * unit);
  const turn = `translate(${half} ${half}) rotate(${((s.turn * 180) / Math.PI).toFixed(2)})`;
  update(ellipse, { rx: a.toFixed(2), ry: b.toFixed(2), transform: turn });
  update(lines, { d: `M${(-a).toFixed(2)} 0H${a.toFixed(2)}M0 ${(-b).toFixed(2)}V${b.toFixed(2)}`, transform: turn });
  // At the end of the long axis that has fewer points.
  const [dx, dy] = [Math.cos(s.turn), Math.sin(s.turn)];
  const side = s.window.reduce((sum, i) => sum + s.slopes.right[i] * dx + s.slopes.down[i] * dy, 0) > 0 ? -1 : 1;
  const end = (along) => clamp(half + side * along * (a + 15), 20, size - 20);
  update(reach, { x: end(dx).toFixed(1), y: (end(dy) + 4).toFixed(1) });
  reveal(reach, a > 20);
  reveal(chosen, s.at !== null);
  if (s.at !== null) update(chosen, { cx: at(s.slopes.right[s.window[s.at]]), cy: at(s.slopes.down[s.window[s.at]]) });
  update(svg, { "aria-label": `${s.window.length} gradients as points; the ellipse reaches ${format(2 * sqrt(s.large), 1)} along its long axis and ${format(2 * sqrt(s.small), 1)} along its short one` });
}

function drawPlane(s) {
  const { svg, regions, limit, names, point } = s.nodes.plane;
  const size = s.boxes.plane[2];
  const key = `${size} ${s.k}`;
  const x = (root) => ((min(root, PLANE) / PLANE) * size).toFixed(1);
  const y = (root) => (size - (min(root, PLANE) / PLANE) * size).toFixed(1);
  if (s.planed !== key) {
    s.planed = key;
    update(svg, { viewBox: `0 0 ${size} ${size}` });
    update(limit, { d: `M0 ${size}L${size} 0` });
    for (const [name, path] of Object.entries(regions)) {
      const corners = border(name, s.k);
      update(path, { d: corners.length ? `M${corners.map(([large, small]) => `${x(large)} ${y(small)}`).join("L")}Z` : "" });
    }
    const low = smallerRoot(40, s.k, THRESHOLD);
    const spots = { corner: [37, (40 + (low || 40)) / 2], edge: [39, (smallerRoot(40, s.k, -THRESHOLD) || 0) / 2], flat: [9.7, 1.9] };
    for (const node of names) update(node, { x: x(spots[node.textContent][0]), y: Number(y(spots[node.textContent][1])) + 4 });
    reveal(names[1], spots.edge[1] * size > 7 * PLANE);
  }
  update(point, { cx: x(sqrt(s.large)), cy: y(sqrt(s.small)), class: `point ${s.verdict}` });
  update(svg, { "aria-label": `The roots of the eigenvalues, ${format(sqrt(s.large), 1)} and ${format(sqrt(s.small), 1)}, lie in the region called ${s.verdict}` });
}

function drawNumbers(s) {
  const { numbers, words } = s.nodes;
  const { xx, xy, yy } = s.tensor;
  say(numbers.verdict, s.verdict);
  update(numbers.verdict, { class: `verdict ${s.verdict}` });
  [xx, xy, xy, yy].forEach((value, i) => say(numbers.moments[i], format(value, 0)));
  say(numbers.large, format(sqrt(s.large), 1));
  say(numbers.small, format(sqrt(s.small), 1));
  say(numbers.response, scientific(s.response));
  const said = s.at === null ? sentence(s.verdict) : pixelWords(s.slopes.right[s.window[s.at]], s.slopes.down[s.window[s.at]]);
  say(words, said);
  const found = `√λ₁ = ${format(sqrt(s.large), 1)}, √λ₂ = ${format(sqrt(s.small), 1)}, R = ${scientific(s.response)}`;
  s.view.aloud(s.at === null ? `${s.verdict}: ${found}` : said);
}

/** Everything in its place; a reduced view leaves panels out. */
function place(s) {
  const shown = PANELS.filter((panel) => s.view.shows(panel));
  const key = `${s.width} ${shown}`;
  if (s.placed === key) return;
  s.placed = key;
  const { boxes, height } = layout(s.width, shown);
  s.boxes = Object.fromEntries(PANELS.map((panel) => [panel, boxes[panel] ?? [0, 0, 100]]));
  s.nodes.stage.style.height = `${height}px`;
  for (const [panel, box] of Object.entries(s.nodes.panes)) {
    const [left, top, side] = s.boxes[panel];
    box.style.display = panel in boxes ? "" : "none";
    box.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    box.style.setProperty("--side", `${side}px`);
    box.classList.toggle("roomy", side > 135);
  }
  s.nodes.words.style.display = s.view.shows("words") ? "" : "none";
  s.nodes.controls.style.display = s.nodes.heat.style.display = s.view.shows("controls") ? "" : "none";
}

function draw(s) {
  if (!s.width) return;
  place(s);
  compute(s);
  drawPhotograph(s);
  drawHeat(s);
  drawWindow(s);
  drawCloud(s);
  drawPlane(s);
  drawNumbers(s);
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** The window's middle goes to a row and a column. */
function moveTo(s, row, column) {
  const [low, high] = [s.reach + 1, SIZE - 2 - s.reach];
  const [i, j] = [row, column].map((to) => clamp(Math.round(to), low, high));
  const [now, where] = [s.centre, s.view.get("where")];
  if (where !== "own" || i !== now[0] || j !== now[1]) {
    s.look.letGo();
    s.view.set("row", i);
    s.view.set("column", j);
    s.view.set("where", "own");
    compute(s); // two keys may fall into one frame
  }
}

/** Drag the window; press anywhere with the mouse, or tap with a finger, and it goes there. */
function hands(s) {
  const { grip, surface, at } = s.nodes.photo;
  const traits = ["row", "column", "where"];
  const unit = () => s.boxes.photograph[2] / SIZE;
  handle(s.view, grip, traits, {
    press: () => s.centre,
    drag: (_, [row, column], by) => moveTo(s, row + by.y / unit(), column + by.x / unit()),
  });
  const go = (event) => {
    const { row, column } = at(event);
    moveTo(s, row, column);
  };
  const mouse = (event) => event.pointerType === "mouse" && go(event);
  handle(s.view, surface, traits, { axis: null, press: (event) => (mouse(event), true), drag: mouse, click: go });
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  keys(grip, ways, ([down, right], event) => {
    const step = event.shiftKey ? 8 : 1;
    moveTo(s, s.centre[0] + step * down, s.centre[1] + step * right);
  });
}

/** Look at one pixel of the window, or at one point of the cloud. */
function eyes(s) {
  const { window: pane, cloud } = s.nodes;
  const side = () => 2 * s.reach + 1;
  const share = (event, node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  s.look.watch(pane.svg, (event) => {
    const [x, y] = share(event, pane.svg).map((part) => clamp(floor(part * side()), 0, side() - 1));
    return y * side() + x;
  }, { axis: "x" });
  s.look.watch(cloud.svg, (event) => {
    const [x, y] = share(event, cloud.svg).map((part) => (2 * part - 1) * CLOUD);
    const away = s.window.map((i) => hypot(clamp(s.slopes.right[i], -CLOUD, CLOUD) - x, clamp(s.slopes.down[i], -CLOUD, CLOUD) - y));
    const nearest = away.indexOf(min(...away));
    return away[nearest] < 15 ? nearest : null;
  }, { axis: "x" });
  let at = 0;
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const go = (to) => {
    at = to;
    if (s.look.pinned()) s.look.pin(at);
    else s.look.hover(at);
  };
  keys(pane.svg, ways, ([down, right]) => {
    const now = s.look.at() ?? at;
    const within = (value) => clamp(value, 0, side() - 1);
    const to = within(floor(now / side()) + down) * side() + within((now % side()) + right);
    if (to !== s.look.at()) go(to);
  });
  keys(pane.svg, { Enter: 1, " ": 1 }, () => s.look.pin(s.look.at() ?? at));
  pane.svg.addEventListener("focus", () => pane.svg.matches(":focus-visible") && s.look.hover((at = 2 * s.reach * (s.reach + 1))));
  pane.svg.addEventListener("blur", () => s.look.hover(null));
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "corner-cloud", { traits: ["where", "row", "column", "reach", "k", "heat"] });
  const s = { view, width: 0, pixels: null, colors: null };
  const ask = view.frame(() => draw(s));
  s.look = looking(view, ask, { name: "pixel" });
  const [photo, pane, cloud, plane, numbers] = [photographScene(), windowScene(), cloudScene(), planeScene(), numbersScene()];
  const panes = { photograph: photo.box, window: pane.box, numbers: numbers.box, cloud: cloud.box, plane: plane.box };
  const stage = element("div", { class: "stage" }, ...Object.values(panes));
  const words = element("p", { class: "sentence" });
  s.nodes = { photo, window: pane, cloud, plane, numbers, panes, stage, words };
  const where = segments(view, "where", "go to", Object.fromEntries(Object.keys(PLACES).map((name) => [name, name])));
  where.box.firstChild.className = "quiet";
  const size = (reach) => `${2 * reach + 1} × ${2 * reach + 1}`;
  const reach = slider(view, "reach", "window", { low: 2, high: 15, step: 1, words: size, spoken: (to) => `${2 * to + 1} by ${2 * to + 1} pixels` });
  const k = slider(view, "k", "k", { low: 0.01, high: 0.2, step: 0.01, words: (value) => format(value, 2) });
  const heat = check(view, "heat", "map of R");
  const slide = (kind, { label, node, value }) => element("div", { class: `slide ${kind}` }, label, node, value);
  s.nodes.controls = element("div", { class: "controls", "data-part": "controls" }, where.box, slide("reach", reach), slide("k", k));
  s.nodes.heat = heat.box;
  view.foot.prepend(heat.box);
  hands(s);
  eyes(s);
  view.on(["image"], () => (s.pixels = null));
  view.on(["where", "row", "column", "reach"], s.look.letGo);
  view.on(["where", "row", "column", "reach", "k", "heat", "image", "show"], ask);
  view.themes(() => {
    s.colors = s.map = null;
    draw(s);
  });
  view.widths(stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(stage, words, s.nodes.controls);
  return view.end;
}

export default { render };
