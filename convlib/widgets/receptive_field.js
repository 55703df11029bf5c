import { colorsOf, greys } from "./js/canvas.js";
import { check, choice, player } from "./js/controls.js";
import { element, pool, reveal, say, uniqueId, update } from "./js/dom.js";
import { alike, viewOf } from "./js/life.js";
import { clamp } from "./js/numbers.js";
import { decoded } from "./js/pictures.js";
import { handle, keys, looking } from "./js/pointer.js";

const { max, min, abs, floor, ceil, round } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// ---- the maths: pure functions, held against Python by tests/js/test_receptive_field.py ---------------------------
// A layer is { kind, kernel, stride, dilation }; on its way from and to Python it is a number.  Constants as there.

export const [SIZE, LIMIT, MOST] = [256, 1023, 24];
const KINDS = ["conv", "pool"];
const HIGH = { kernel: 11, stride: 4, dilation: 8 };

const vgg = (...counts) => counts.flatMap((count) => [...Array(count).fill("conv 3"), "pool 2 /2"]);
export const PRESETS = {
  "two 3×3": ["conv 3", "conv 3"],
  "one 5×5": ["conv 5"],
  "LeNet-5": ["conv 5", "pool 2 /2", "conv 5", "pool 2 /2", "conv 5"],
  "AlexNet": ["conv 11 /4", "pool 3 /2", "conv 5", "pool 3 /2", "conv 3", "conv 3", "conv 3", "pool 3 /2"],
  "VGG-16": vgg(2, 2, 3, 3, 3),
  "ResNet-18": ["conv 7 /2", "pool 3 /2", ...Array(4).fill("conv 3"), ...Array(3).fill(["conv 3 /2", "conv 3", "conv 3", "conv 3"]).flat()],
  "dilated 1 2 4": ["conv 3", "conv 3 d2", "conv 3 d4"],
  "dilated 2 2 2": ["conv 3 d2", "conv 3 d2", "conv 3 d2"],
};

/** The text that stands for a layer, and the layer for which a text stands. */
export const textOf = ({ kind, kernel, stride, dilation }) => `${kind} ${kernel}${stride > 1 ? ` /${stride}` : ""}${dilation > 1 ? ` d${dilation}` : ""}`;
export function layerOf(text) {
  const [, kind, kernel, , stride, , dilation] = /^(\w+) (\d+)( \/(\d))?( d(\d))?$/.exec(text);
  return { kind, kernel: Number(kernel), stride: Number(stride ?? 1), dilation: Number(dilation ?? 1) };
}

/** The number by which a layer travels, and the way back; every number is a layer. */
export const codeOf = ({ kind, kernel, stride, dilation }) => ((KINDS.indexOf(kind) * HIGH.kernel + kernel - 1) * HIGH.stride + stride - 1) * HIGH.dilation + dilation - 1;
export function decode(code) {
  const all = clamp(floor(code) || 0, 0, KINDS.length * HIGH.kernel * HIGH.stride * HIGH.dilation - 1);
  const [dilation, rest] = [all % HIGH.dilation, floor(all / HIGH.dilation)];
  const [stride, kernel] = [rest % HIGH.stride, floor(rest / HIGH.stride)];
  return { kind: KINDS[floor(kernel / HIGH.kernel)], kernel: (kernel % HIGH.kernel) + 1, stride: stride + 1, dilation: dilation + 1 };
}

/** Fields behind no layer, behind one, and so on: what unit 0 sees, from `start` on, its size r and its jump j. */
export function fieldsOf(layers) {
  const all = [{ start: 0, r: 1, j: 1 }];
  for (const { kernel, stride, dilation } of layers) {
    const { start, r, j } = all.at(-1);
    const reach = (kernel - 1) * dilation;
    all.push({ start: start - floor(reach / 2) * j, r: r + reach * j, j: j * stride });
  }
  return all;
}

export const fits = (layers) => layers.length > 0 && layers.length <= MOST && fieldsOf(layers).at(-1).r <= LIMIT;

/** A stack from numbers; what no Python would send, from anyone's link, is cut. */
export function stackOf(codes) {
  let layers = [...codes].slice(0, MOST).map(decode);
  while (layers.length && !fits(layers)) layers = layers.slice(0, -1);
  return layers.length ? layers : [layerOf("conv 3")];
}

export const presetOf = (layers) => Object.keys(PRESETS).find((name) => PRESETS[name].join() === layers.map(textOf).join()) ?? "own";

/** Paths from each sample of the field, along one axis, to the unit: scattered back layer by layer; see path_counts. */
export function pathCounts(layers) {
  let counts = Float64Array.of(1);
  for (const { kernel, stride, dilation } of [...layers].reverse()) {
    const below = new Float64Array((counts.length - 1) * stride + 1 + (kernel - 1) * dilation);
    for (let tap = 0; tap < kernel; tap += 1) counts.forEach((count, i) => (below[tap * dilation + i * stride] += count));
    counts = below;
  }
  return counts;
}

/** Length of the shortest interval in the middle that holds at least nine tenths of the paths. */
export function nineTenths(counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let [cut, inside] = [0, total];
  while (2 * (cut + 1) < counts.length) {
    inside -= counts[cut] + counts[counts.length - 1 - cut];
    if (inside < 0.9 * total) break;
    cut += 1;
  }
  return counts.length - 2 * cut;
}

/** The unit whose field has its middle nearest to a pixel, along one axis. */
export function unitAt(pixel, { start, r, j }) {
  return clamp(floor((pixel - start - (r - 1) / 2) / j + 0.5), 0, ceil(SIZE / j) - 1);
}

/** Half the side of the square about the photograph's middle in which the photograph and a box lie. */
export function reachOf([top, left], r) {
  const need = max(...[top, left].flatMap((edge) => [abs(edge - SIZE / 2), abs(edge + r - SIZE / 2)]));
  return need <= SIZE / 2 ? SIZE / 2 : 1.02 * need;
}

/** Where picture and stack stand, in pixels; the same as `layout` in receptive_field.py. */
export function layout(width, shown, count) {
  const [title, profile, gap, narrow] = [19, 40, 22, width < 480];
  const [picture, stack] = ["picture", "stack"].map((part) => shown.includes(part));
  const side = narrow ? min(width, 270) : width >= 700 ? 340 : 300;
  const across = narrow ? width : min(width - side - gap, 440);
  const left = (width - (picture && stack && !narrow ? side + gap + across : side)) / 2;
  const from = narrow ? 0 : picture ? left + side + gap : (width - across) / 2;
  const tall = narrow ? 156 : side + profile;
  const upper = picture ? title + side + profile : 0;
  const top = narrow ? (picture ? upper + 8 : 0) : title;
  const step = min(narrow ? 52 : 44, floor((narrow ? across : tall) / (count + 1)));
  return { side, left, across, from, top, tall, step, height: max(upper, stack ? top + tall : 0) };
}

/** Corners of the bars, trapezoids each as wide at its lower end as the field before it, in an area `room` wide. */
export function barsOf(fields, { step, room, narrow, origin, middle }) {
  const most = fields.at(-1).r;
  const half = ({ r }) => max((r / most) * room, 1.5) / 2;
  return fields.map((field, i) => {
    const [a, b] = [half(fields[max(i - 1, 0)]), half(field)];
    const [low, high] = narrow ? [origin + i * step, origin + (i + 1) * step - 1] : [origin - i * step, origin - (i + 1) * step + 1];
    const corners = [[low, middle - a], [low, middle + a], [high, middle + b], [high, middle - b]];
    return corners.map(([along, across]) => (narrow ? [along, across] : [across, along]));
  });
}

/** Means of blocks of so many samples; beyond the end there are zeros. */
export const blocks = (values, size) => upTo(ceil(values.length / size), (i) => values.slice(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0) / size);

/** Outline of the counts as stairs that stand on a line; `x(i)` is where the i-th begins. */
export function stairs(counts, first, last, x, y) {
  let path = `M${x(first).toFixed(2)} ${y(0).toFixed(2)}`;
  for (let i = first; i < last; i += 1) path += `V${y(counts[i]).toFixed(2)}H${x(i + 1).toFixed(2)}`;
  return `${path}V${y(0).toFixed(2)}Z`;
}

// ---- the words ---------------------------------------------------------------------------------------------------

const grouped = (count) => String(count).replace(/(?=(\d{3})+$)(?!^)/g, ",");
const SEVERAL = { 2: "two", 3: "three", 4: "four", 5: "five" };

/** The last step of the recurrence, for r and for j. */
export function recurrence(layers) {
  if (!layers.length) return ["r = 1", "j = 1"];
  const { kernel, stride, dilation } = layers.at(-1);
  const [before, now] = fieldsOf(layers).slice(-2);
  return [`r = ${before.r} + (${kernel} − 1)${dilation > 1 ? `·${dilation}` : ""}·${before.j} = ${now.r}`, `j = ${stride}·${before.j} = ${now.j}`];
}

function remark(layers, stack, { r, reached }) {
  if (reached < r) return `Of ${r} × ${r} pixels only ${grouped(reached ** 2)} are reached: the taps leave holes.`;
  if (layers.every(({ kind, stride, dilation }) => kind === "conv" && stride === 1 && dilation === 1)) {
    const weights = layers.reduce((sum, { kernel }) => sum + kernel ** 2, 0);
    if (layers.length > 1) return `${weights} weights per pair of channels; one ${r} × ${r}, which sees as far, has ${r * r}.`;
    const several = (r - 1) / 2;
    if (several in SEVERAL) return `${weights} weights per pair of channels; ${SEVERAL[several]} 3 × 3, which see as far, have ${9 * several}.`;
  }
  if (stack === "ResNet-18") return "This is the main path, the longest: through the shortcuts a unit sees no more.";
  return "Influence counts paths, as the mean squared gradient does for independent weights of mean 0.";
}

/** What the field is, in theory and in effect. */
export function sentence(layers, stack) {
  const counts = pathCounts(layers);
  const r = counts.length;
  if (r === 1) return layers.length ? "The unit sees a single pixel." : "A pixel sees itself.";
  const reached = counts.reduce((sum, count) => sum + (count > 0), 0);
  const theory = `In theory ${r} pixels across; in a linear net, nine tenths of the influence along an axis `;
  return `${theory}lies within ${nineTenths(counts)}. ${remark(layers, stack, { r, reached })}`;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const STRIP = 40; // pixels: the profile under the photograph
const BARS = { rail: 30, name: 84, r: 44, j: 36, high: 62, names: 64 }; // of the stack's columns; on a phone, of its rows
const LENS = 64; // a box that is smaller, in pixels of the screen, is shown enlarged as well

/** The photograph, the blob on it, the box, and the box enlarged. */
function pictureScene() {
  const photo = element("canvas", { class: "photo", width: SIZE, height: SIZE, role: "img", "aria-label": "A photograph of a cat's face", "data-part": "photograph" });
  const blob = element("canvas", { class: "blob", "aria-hidden": "true", "data-part": "blob" });
  const [rim, edge] = ["rim", "edge"].map((kind) => element("rect", { class: kind }));
  const [dots, lines] = ["dots", "lines"].map((kind) => element("path", { class: kind }));
  const over = element("svg", { class: "over", "aria-hidden": "true", "data-part": "box" }, lines, dots, rim, edge);
  const surface = element("div", { class: "surface" });
  const grip = element("div", { class: "grip", tabindex: 0, role: "application" });
  const lens = element("canvas", { class: "lens", "aria-hidden": "true", "data-part": "box blob" });
  const frame = element("div", { class: "frame" }, photo, blob, over, lens, surface, grip);
  const title = element("p", { class: "title" });
  const [all, inner, ground] = ["all", "inner", "ground"].map((kind) => element("path", { class: kind }));
  const named = element("text", { y: 14 }, "paths, by column");
  const profile = element("svg", { class: "profile", role: "img", "data-part": "blob" }, all, inner, ground, named);
  const box = element("div", { class: "picture" }, title, frame, profile);
  return { box, title, frame, photo, blob, rim, edge, dots, lines, over, surface, grip, lens, profile, all, inner, ground, named };
}

/** The stack: bars, one button a layer, and the rail with the handle. */
function stackScene() {
  const bars = element("svg", { class: "bars", "aria-hidden": "true" });
  const head = element("p", { class: "head", "aria-hidden": "true" }, element("i", {}, "r"), element("i", {}, "j"));
  const list = element("div", { class: "list", role: "group", "aria-label": "Layers, from the input up" });
  const thumb = element("span", { class: "thumb" });
  const rail = element("div", { class: "rail", tabindex: 0, role: "slider", "aria-label": "Layers looked through", "aria-valuemin": 0 }, element("span", { class: "track" }), thumb);
  const box = element("div", { class: "stack", "data-part": "stack", "data-look": true }, bars, head, list, rail);
  return { box, bars, head, list, rail, thumb, polygon: pool(bars, () => element("polygon")) };
}

/** What follows from the traits. */
function compute(s) {
  const { view } = s;
  const layers = stackOf(view.get("layers"));
  const fields = fieldsOf(layers);
  const depth = clamp(view.get("depth"), 0, layers.length);
  const key = layers.slice(0, depth).map(textOf).join();
  if (s.key !== key) {
    s.counts = pathCounts(layers.slice(0, depth));
    s.within = nineTenths(s.counts);
    s.painted = null;
  }
  const field = fields[depth];
  const unit = ["row", "column"].map((trait) => unitAt(view.get(trait), field));
  const box = unit.map((i) => field.start + i * field.j);
  const seen = s.look.at();
  const at = seen !== null && seen < layers.length ? seen : null;
  Object.assign(s, { layers, fields, depth, key, field, unit, box, at, effective: view.get("effective") });
}

/** How much of the plane is seen: at once, or, if that has changed, smoothly; not while the box is in the hand. */
function zoom(s) {
  const goal = reachOf(s.box, s.field.r);
  if (s.half === undefined) s.half = s.goal = goal;
  if (goal === s.goal || s.held()) return;
  const from = s.half;
  s.goal = goal;
  s.glide.run((share) => {
    s.half = from + (goal - from) * share * share * (3 - 2 * share);
    drawPicture(s);
  });
}

/** How many pixels go together in the blob, so that holes do not beat with the screen's own pixels; one under the lens. */
function grain(s) {
  const scale = s.places.side / (2 * s.goal);
  return s.field.r * scale < LENS ? 1 : max(1, ceil(1 / (scale * (window.devicePixelRatio || 1)) - 0.05));
}

/** Colours of the blob: from the kernel's, few paths, to the output's, most; clear where there is none. */
function paintBlob(s) {
  const block = grain(s);
  const key = `${s.key} ${block}`;
  if (s.painted === key) return;
  Object.assign(s, { painted: key, block });
  s.colors ??= colorsOf(s.view.root, ["kernel", "output"]);
  const { kernel, output } = s.colors;
  const most = max(...s.counts);
  const parts = blocks(s.counts, block).map((count) => count / most);
  const there = blocks(s.counts.map((count) => Number(count > 0)), block);
  const side = parts.length;
  const mixed = upTo(256, (level) => kernel.map((c, i) => round(c + (level / 255) * (output[i] - c))).reduceRight((all, c) => (all << 8) | c, 0));
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < side; i += 1) {
    for (let k = 0; there[i] && k < side; k += 1) {
      const [share, all] = [parts[i] * parts[k], there[i] * there[k]];
      if (all) pixels[i * side + k] = ((round(255 * (0.12 * all + 0.68 * share)) << 24) | mixed[round((255 * share) / all)]) >>> 0;
    }
  }
  const { blob } = s.nodes.picture;
  if (blob.width !== side) blob.width = blob.height = side;
  blob.getContext("2d").putImageData(image, 0, 0);
}

/** A small box, enlarged: in the lower corner that is farther from it. */
function drawLens(s, x, y, size) {
  const { lens, lines, blob, photo } = s.nodes.picture;
  const { side, narrow } = s.places;
  const [[top, left], { r }] = [s.box, s.field];
  const shown = r * (side / (2 * s.goal)) < LENS;
  reveal(lens, shown);
  reveal(lines, shown);
  if (!shown) return null;
  const wide = narrow ? 104 : 126;
  const from = x + size / 2 < side / 2 ? side - wide : 0;
  if (lens.width !== r) lens.width = lens.height = r;
  const context = lens.getContext("2d");
  context.clearRect(0, 0, r, r);
  context.globalAlpha = s.effective ? 0.6 : 1; // pale, so that every pixel that is reached stands out
  context.drawImage(photo, left, top, r, r, 0, 0, r, r);
  context.globalAlpha = 1;
  for (let i = 0; s.effective && i < 3; i += 1) context.drawImage(blob, 0, 0);
  lens.style.transform = `translate(${from}px, ${side - wide}px)`;
  lens.style.width = lens.style.height = `${wide}px`;
  const ends = from ? [[x + size, y, side, side - wide], [x, y + size, from, side]] : [[x, y, 0, side - wide], [x + size, y + size, wide, side]];
  update(lines, { d: ends.map(([a, b, c, d]) => `M${a.toFixed(1)} ${b.toFixed(1)}L${c} ${d}`).join("") });
  return { from, wide };
}

/** How many paths start in each column of the box, under the box or under what is enlarged. */
function drawProfile(s, x, size, lens) {
  const { profile, all, inner, ground, named } = s.nodes.picture;
  const { within } = s;
  const means = blocks(s.counts, s.block);
  const counts = s.counts.map((_, i) => means[floor(i / s.block)]);
  const r = counts.length;
  update(profile, { viewBox: `0 0 ${s.places.side} ${STRIP}`, "aria-label": `Paths to the unit from each column of the box: nine tenths lie within ${within} of ${r} pixels` });
  const at = (i) => (lens ? lens.from + (i * lens.wide) / r : x + (i * size) / r);
  const most = max(...counts);
  const high = (count) => STRIP - 4 - (count / most) * (STRIP - 8);
  const cut = (r - within) / 2;
  update(all, { d: stairs(counts, 0, r, at, high) });
  update(inner, { d: stairs(counts, cut, r - cut, at, high) });
  update(ground, { d: `M${at(0).toFixed(1)} ${STRIP - 7}V${STRIP - 1}M${at(0).toFixed(1)} ${STRIP - 4}H${at(r).toFixed(1)}M${at(r).toFixed(1)} ${STRIP - 7}V${STRIP - 1}` });
  const middle = (at(0) + at(r)) / 2;
  const [words, edge] = [112, middle > s.places.side / 2];
  update(named, { x: edge ? 0 : s.places.side, "text-anchor": edge ? "start" : "end" });
  const free = edge ? at(r / 2 - within / 2) > words : at(r / 2 + within / 2) < s.places.side - words;
  reveal(named, free);
  profile.style.visibility = s.effective ? "" : "hidden";
}

/** Middles of all units, while the box is in the hand. */
function drawDots(s, scale, X) {
  const { dots } = s.nodes.picture;
  const { start, r, j } = s.field;
  const shown = Boolean(s.held()) && j * scale >= 5;
  reveal(dots, shown);
  if (!shown) return;
  const places = upTo(ceil(SIZE / j), (i) => X(start + i * j + r / 2).toFixed(1));
  update(dots, { d: places.map((y) => places.map((x) => `M${x} ${y}h0`).join("")).join("") });
}

function drawPicture(s) {
  const { picture: p } = s.nodes;
  const { side } = s.places;
  const [[top, left], { r, j }] = [s.box, s.field];
  const scale = side / (2 * s.half);
  const X = (pixel) => (pixel - SIZE / 2) * scale + side / 2;
  const lay = (node, x, y, by = 1) => (node.style.transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px) scale(${(scale * by).toFixed(5)})`);
  const [x, y, size] = [X(left), X(top), r * scale];
  paintBlob(s);
  lay(p.photo, X(0), X(0));
  lay(p.blob, x, y, s.block);
  p.blob.style.imageRendering = scale < 2 ? "auto" : "pixelated";
  p.blob.style.visibility = s.effective ? "" : "hidden";
  update(p.frame, { "data-seen": (2 * s.half).toFixed(1) });
  update(p.over, { viewBox: `0 0 ${side} ${side}` });
  for (const node of [p.rim, p.edge]) update(node, { x: x.toFixed(2), y: y.toFixed(2), width: size.toFixed(2), height: size.toFixed(2) });
  drawDots(s, scale, X);
  drawProfile(s, x, size, drawLens(s, x, y, size));
  const grip = clamp(size, 44, 110);
  p.grip.style.transform = `translate(${(x + size / 2 - grip / 2).toFixed(1)}px, ${(y + size / 2 - grip / 2).toFixed(1)}px)`;
  p.grip.style.width = p.grip.style.height = `${grip.toFixed(1)}px`;
  const [row, column] = s.unit;
  const units = ceil(SIZE / j);
  const name = s.depth ? `unit ${row}, ${column} of ${units} × ${units} behind layer ${s.depth}` : `pixel ${row}, ${column} of ${SIZE} × ${SIZE}`;
  say(p.title, name);
  update(p.grip, { "aria-label": `${name}: sees ${r} by ${r} pixels; arrow keys move to the next unit, with Shift by 8` });
}

/** Bars, names and numbers of all layers, each in its place. */
function drawStack(s) {
  const { stack: k } = s.nodes;
  const { across, tall, step, narrow } = s.places;
  const count = s.layers.length + 1;
  const origin = narrow ? floor((across - count * step) / 2) : tall;
  const room = narrow ? BARS.high - 2 : across - BARS.rail - BARS.name - BARS.r - BARS.j - 6;
  const middle = narrow ? BARS.high / 2 : BARS.rail + BARS.name + room / 2;
  update(k.bars, { viewBox: `0 0 ${across} ${tall}` });
  const corners = barsOf(s.fields, { step, room, narrow, origin, middle });
  k.polygon(count).forEach((node, i) => {
    const kind = i > s.depth ? "above" : i === s.depth ? "now" : "";
    update(node, { points: corners[i].map((point) => point.map((v) => v.toFixed(2)).join()).join(" "), class: kind });
  });
  s.rows(count).forEach((line, i) => {
    const { node, name, r, j } = line;
    const text = i ? textOf(s.layers[i - 1]) : "pixel";
    say(name, narrow && text.length > 9 ? text.replace(/(?<=^.)\w+ /, " ") : text);
    say(r, s.fields[i].r);
    say(j, s.fields[i].j);
    node.style.transform = narrow ? `translate(${origin + i * step}px, 0)` : `translate(${BARS.rail}px, ${origin - (i + 1) * step}px)`;
    node.style.width = `${narrow ? step : across - BARS.rail}px`;
    node.style.height = `${narrow ? BARS.high + BARS.names : step}px`;
    update(node, { class: `line${i > s.depth ? " above" : i === s.depth ? " now" : ""}${i && s.at === i - 1 ? " seen" : ""}` });
    if (i) update(node, { "aria-label": `layer ${i}: ${textOf(s.layers[i - 1])}, field ${s.fields[i].r}, jump ${s.fields[i].j}`, "aria-pressed": String(s.look.pinned() && s.at === i - 1) });
  });
  s.rove(s.stop);
  k.box.classList.toggle("tight", step < (narrow ? 15 : 17));
  k.head.style.transform = `translateY(${origin - count * step - 19}px)`;
  const long = count * step;
  const at = (s.depth + 0.5) * step;
  Object.assign(k.rail.style, narrow ? { left: `${origin}px`, top: `${BARS.high + BARS.names}px`, width: `${long}px`, height: `${BARS.rail}px` } : { left: 0, top: `${tall - long}px`, width: `${BARS.rail}px`, height: `${long}px` });
  k.thumb.style.transform = narrow ? `translate(${at.toFixed(1)}px, ${BARS.rail / 2}px)` : `translate(${BARS.rail / 2}px, ${(long - at).toFixed(1)}px)`;
  update(k.rail, { "data-drag": narrow ? "x" : "y", "aria-orientation": narrow ? "horizontal" : "vertical", "aria-valuemax": count - 1, "aria-valuenow": s.depth, "aria-valuetext": `${s.depth} of ${count - 1}, field ${s.field.r}` });
}

function drawWords(s) {
  const { words } = s.nodes;
  const which = s.at === null ? s.depth : s.at + 1;
  const [r, j] = recurrence(s.layers.slice(0, which));
  say(words.which, which ? `layer ${which}, ${textOf(s.layers[which - 1])}` : "a pixel");
  say(words.r, r);
  say(words.j, j);
  const said = sentence(s.layers.slice(0, s.depth), s.view.get("stack"));
  say(words.sentence, said);
  s.view.aloud(`${s.depth} of ${s.layers.length} layers. ${said}`);
}

/** Everything in its place; a reduced view leaves parts out. */
function place(s) {
  const { nodes, view } = s;
  const shown = ["picture", "stack"].filter((part) => view.shows(part));
  const places = { ...layout(s.width, shown, s.layers.length), narrow: s.width < 480 };
  const key = JSON.stringify([places, shown]);
  s.places = places;
  if (s.placed === key) return;
  s.placed = key;
  nodes.stage.style.height = `${places.height}px`;
  nodes.stage.classList.toggle("narrow", places.narrow);
  nodes.stage.style.setProperty("--side", `${places.side}px`);
  nodes.picture.box.style.transform = `translate(${places.left.toFixed(1)}px, 0)`;
  Object.assign(nodes.stack.box.style, { transform: `translate(${places.from.toFixed(1)}px, ${places.top}px)`, width: `${places.across}px`, height: `${places.tall}px` });
  for (const part of ["picture", "stack"]) nodes[part].box.style.display = shown.includes(part) ? "" : "none";
  nodes.words.box.style.display = view.shows("words") ? "" : "none";
  for (const node of nodes.tools) node.style.display = view.shows("controls") ? "" : "none";
}

function draw(s) {
  if (!s.width) return;
  compute(s);
  place(s);
  zoom(s);
  drawPicture(s);
  drawStack(s);
  drawWords(s);
  s.editor.show();
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** Drag the box; press anywhere with the mouse, or tap with a finger, and it goes there. */
function hands(s) {
  const { grip, surface, frame } = s.nodes.picture;
  const traits = ["row", "column"];
  const scale = () => s.places.side / (2 * s.half);
  const moveTo = (row, column) => {
    s.view.set("row", clamp(round(row), 0, SIZE - 1));
    s.view.set("column", clamp(round(column), 0, SIZE - 1));
  };
  const middle = () => s.box.map((edge) => edge + (s.field.r - 1) / 2);
  const under = (event) => {
    const { left, top } = frame.getBoundingClientRect();
    return [event.clientY - top, event.clientX - left].map((to) => (to - s.places.side / 2) / scale() + SIZE / 2 - 0.5);
  };
  const drag = (_, from, by) => moveTo(from[0] + by.y / scale(), from[1] + by.x / scale());
  const dragged = handle(s.view, grip, traits, { press: middle, drag, drop: s.ask, cancel: s.ask });
  const press = (event) => {
    if (event.pointerType !== "mouse") return null;
    const at = under(event);
    if (at.every((pixel, i) => abs(pixel - middle()[i]) <= s.field.r / 2)) return middle();
    moveTo(...at);
    return at;
  };
  const aside = handle(s.view, surface, traits, {
    axis: null,
    press,
    drag: (event, from, by) => from && drag(event, from, by),
    click: (event, from) => from || moveTo(...under(event)),
    drop: s.ask,
    cancel: s.ask,
  });
  s.held = () => dragged.held() ?? aside.held();
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  keys(grip, ways, (way, event) => {
    compute(s); // two keys may fall into one frame
    const [last, by] = [ceil(SIZE / s.field.j) - 1, event.shiftKey ? 8 : 1];
    const to = s.unit.map((unit, i) => s.field.start + clamp(unit + by * way[i], 0, last) * s.field.j + (s.field.r - 1) / 2);
    moveTo(...to.map(floor));
  });
}

/** The handle on the stack: how many layers are looked through. */
function depthHandle(s) {
  const { rail } = s.nodes.stack;
  const put = (to) => {
    s.scrub.stop();
    s.view.set("depth", clamp(to, 0, s.layers.length));
  };
  const go = (event) => {
    const { left, bottom } = rail.getBoundingClientRect();
    put(floor((s.places.narrow ? event.clientX - left : bottom - event.clientY) / s.places.step));
  };
  const press = (event) => {
    go(event);
    return true;
  };
  handle(s.view, rail, ["depth"], { axis: "y", press, drag: go });
  const now = () => min(s.view.get("depth"), s.layers.length);
  keys(rail, { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 4, PageDown: -4, Home: -MOST, End: MOST }, (by) => put(now() + by));
}

/** One button a layer: looked at by pointer and focus, pinned to be changed; one of them takes part in Tab. */
function layerList(s) {
  const nodes = [];
  s.stop = 1;
  s.rove = (to) => {
    s.stop = clamp(to, 1, s.layers.length);
    nodes.slice(0, s.layers.length + 1).forEach((node, i) => i && update(node, { tabindex: i === s.stop ? 0 : -1 }));
    return nodes[s.stop];
  };
  const make = (i) => {
    const [name, r, j] = ["name", "r", "j"].map((kind) => element("span", { class: kind }));
    const node = element(i ? "button" : "div", i ? { type: "button" } : {}, name, r, j);
    nodes[i] = node;
    if (!i) return { node, name, r, j };
    s.look.watch(node, () => i - 1);
    keys(node, { Enter: 1, " ": 1 }, () => s.look.pin(i - 1));
    keys(node, { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, Home: -MOST, End: MOST }, (by) => s.rove(i + by).focus());
    keys(node, { Delete: 1, Backspace: 1 }, () => s.editor.remove(i - 1));
    node.addEventListener("focus", () => {
      s.rove(i);
      if (node.matches(":focus-visible")) s.look.hover(i - 1);
    });
    node.addEventListener("blur", () => s.look.hover(null));
    return { node, name, r, j };
  };
  s.rows = pool(s.nodes.stack.list, make);
}



/** − and + about a number of the pinned layer; `can(by)` says whether there is a step, `step(by)` takes it. */
function stepper(name, { can, step }) {
  const value = element("output", { class: "value" });
  const button = (text, by) => element("button", { type: "button", "aria-label": `${name} ${by > 0 ? "up" : "down"}`, onclick: () => can(by) && step(by) }, text);
  const [less, more] = [button("−", -1), button("+", 1)];
  const id = uniqueId(name);
  const node = element("div", { class: "stepper", role: "group", "aria-labelledby": id }, element("span", { class: "label", id }, name), less, value, more);
  const show = (now) => {
    say(value, now);
    update(less, { "aria-disabled": String(!can(-1)) });
    update(more, { "aria-disabled": String(!can(1)) });
  };
  return { node, show };
}

/** Changes the pinned layer; nothing that it can do leads to a stack that is refused. */
function editing(s) {
  const put = (layers, depth = s.depth) => {
    if (!fits(layers)) return false;
    s.scrub.stop();
    s.view.set("layers", layers.map(codeOf));
    if (depth !== s.depth) s.view.set("depth", clamp(depth, 0, layers.length));
    s.view.send();
    compute(s); // two clicks may fall into one frame
    return true;
  };
  const changed = (more) => s.layers.map((layer, i) => (i === s.at ? { ...layer, ...more(layer) } : layer));
  const stepped = (name, by) => changed((layer) => ({ [name]: layer[name] + by }));
  const can = (name) => (by) => s.at !== null && s.layers[s.at][name] + by >= 1 && s.layers[s.at][name] + by <= HIGH[name] && fits(stepped(name, by));
  const steppers = Object.fromEntries(Object.keys(HIGH).map((name) => [name, stepper(name, { can: can(name), step: (by) => put(stepped(name, by)) })]));
  const id = uniqueId("kind");
  const kind = element("select", { id, onchange: () => s.at !== null && put(changed(() => ({ kind: kind.value }))) }, ...KINDS.map((value) => element("option", { value }, value)));
  const remove = (i) => {
    if (s.layers.length === 1) return;
    s.look.letGo();
    put(s.layers.filter((_, at) => at !== i), min(s.depth > i ? s.depth - 1 : s.depth, s.layers.length - 1));
    s.rove(i + 1).focus();
  };
  const more = () => [...s.layers.slice(0, s.at + 1), layerOf("conv 3"), ...s.layers.slice(s.at + 1)];
  const add = () => {
    const i = s.at;
    if (i !== null && put(more(), s.depth > i ? s.depth + 1 : s.depth)) s.look.pin(i + 1);
  };
  const buttons = { remove: element("button", { type: "button", onclick: () => s.at !== null && remove(s.at) }, "remove"), add: element("button", { type: "button", onclick: add }, "add after") };
  const which = element("span", { class: "which" });
  const kinds = element("div", { class: "kind" }, element("label", { for: id }, which), kind);
  const tools = element("div", { class: "tools", "data-look": true }, kinds, ...Object.values(steppers).map(({ node }) => node), element("div", { class: "acts" }, buttons.remove, buttons.add));
  const show = () => {
    const shown = s.look.pinned() && s.at !== null;
    reveal(tools, shown);
    reveal(s.nodes.controls, !shown);
    if (!shown) return;
    const layer = s.layers[s.at];
    say(which, `layer ${s.at + 1}`);
    kind.value = layer.kind;
    for (const [name, { show: tell }] of Object.entries(steppers)) tell(layer[name]);
    update(buttons.remove, { "aria-disabled": String(s.layers.length === 1) });
    update(buttons.add, { "aria-disabled": String(!fits(more())) });
  };
  return { tools, show, remove };
}

const codesOf = (stack) => PRESETS[stack].map((text) => codeOf(layerOf(text)));

/** The names of stacks set layers, and layers have the name that is theirs. */
function names(s) {
  const { view } = s;
  const present = () => ({ stack: view.get("stack"), layers: stackOf(view.get("layers")) });
  const first = present();
  let before = first;
  // Both may come at once, from a link that names only one: the author's own is then not what it names.
  view.on(["stack", "layers"], () => {
    const now = present();
    const [renamed, changed] = [now.stack !== before.stack, !alike(now.layers, before.layers)];
    before = now;
    if (presetOf(now.layers) === now.stack) return;
    if (now.stack in PRESETS && renamed && (!changed || now.stack !== first.stack)) view.set("layers", codesOf(now.stack));
    else view.set("stack", presetOf(now.layers));
  });
  view.on(["layers"], () => {
    const { length } = stackOf(view.get("layers"));
    s.scrub.limit(0, length);
    if (s.look.at() >= length) s.look.letGo();
  });
  const chosen = { ...view, set: (trait, name) => (view.set(trait, name), view.set("depth", MOST)) };
  const texts = Object.fromEntries(["own", ...Object.keys(PRESETS)].map((name) => [name, name === "ResNet-18" ? "ResNet-18, main path" : name === "own" ? "your own" : name]));
  const list = choice(chosen, "stack", "stack", texts);
  const own = list.node.querySelector("[value=own]");
  const follow = () => (own.hidden = own.disabled = view.get("stack") !== "own");
  view.on(["stack"], follow);
  follow();
  return list;
}

/** The photograph, read in its own time. */
async function load(s) {
  const { buffer, byteOffset, byteLength } = s.view.get("_picture");
  const grey = await decoded(new Uint8Array(buffer, byteOffset, byteLength), SIZE, SIZE).catch(() => new Uint8Array(SIZE * SIZE).fill(128));
  const image = new ImageData(SIZE, SIZE);
  greys(grey)(image.data);
  s.nodes.picture.photo.getContext("2d").putImageData(image, 0, 0);
}

function wordsScene() {
  const [which, r, j] = ["which", "r", "j"].map((kind) => element("span", { class: kind }));
  const said = element("p", { class: "sentence" });
  return { which, r, j, sentence: said, box: element("div", { class: "words" }, element("p", { class: "recurrence" }, which, r, j), said) };
}

async function render({ model, el }) {
  const view = viewOf({ model, el }, "receptive-field", { traits: ["layers", "stack", "depth", "row", "column", "effective"] });
  const s = { view, width: 0, key: null, colors: null, glide: view.tween(280) };
  s.ask = view.frame(() => draw(s));
  const looked = () => {
    if (s.look?.pinned() && s.look.at() >= s.depth) view.set("depth", s.look.at() + 1); // what is changed must be seen
    s.ask();
  };
  s.look = looking(view, looked, { name: (at) => (at === null ? "" : `layer ${at + 1}`) });
  const [picture, stack, words] = [pictureScene(), stackScene(), wordsScene()];
  const stage = element("div", { class: "stage" }, picture.box, stack.box);
  s.nodes = { stage, picture, stack, words };
  s.scrub = player(view, "depth", "depth", { low: 0, high: MOST, step: 1, start: 0, stride: 1, speed: 2.5 });
  s.scrub.limit(0, stackOf(view.get("layers")).length);
  s.editor = editing(s);
  layerList(s);
  hands(s);
  depthHandle(s);
  const list = names(s);
  const effective = check(view, "effective", "effective field");
  const hint = element("p", { class: "hint" }, "Tap a layer to change it.");
  s.nodes.controls = element("div", { class: "controls" }, s.scrub.play, list.box, effective.box, hint);
  const board = element("div", { class: "board" }, s.nodes.controls, s.editor.tools); // one in the other's place
  s.nodes.tools = [board];
  view.obeys({ play: ({ from, to }) => (s.look.letGo(), s.scrub.begin(from, to)) });
  view.on(["layers", "stack", "depth", "row", "column", "effective", "show"], s.ask);
  await load(s);
  view.themes(() => {
    s.colors = s.painted = null;
    draw(s);
  });
  view.widths(stage, (width) => {
    s.width = width;
    view.root.classList.toggle("slim", width < 700);
    draw(s);
  });
  view.show(stage, words.box, board);
  return view.end;
}

export default { render };
