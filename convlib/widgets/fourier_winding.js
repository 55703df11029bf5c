import { grips, stepped } from "./js/bars.js";
import { choice, player } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { clamp, format, pathThrough, snap } from "./js/numbers.js";
import { handle, looking } from "./js/pointer.js";

const [N, MOST] = [24, 12]; // samples, and the most turns that are asked for
const [STEP, KEY] = [0.01, 0.05]; // of the turns, and of an arrow key
const [SCALES, BEYOND] = [[1, 3, 6, 12, 24], 1.05];
const [SOME, ALL, NONE] = [0.3, 0.65, 1e-9];
const FINE = 16; // steps from one sample to the next, along which the wound line is drawn
const INSET = 50; // where the spectrum's axis begins
const TICKS = [0, 6, 12, 18, 23];
const NAMES = { "one wave": "one wave", "two waves": "two waves", pulse: "pulse", average: "average of nine", alternating: "alternating", drawn: "your own" };
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const GRID = upTo(20 * MOST + 1, (i) => i / 20);

// ---- the maths: pure functions, held against Python by tests/js/test_fourier_winding.py ----------------------------

const wave = (turns) => (n) => Math.cos((2 * Math.PI * turns * n) / N);

/** The samples of a signal; `x` are those of "drawn". */
export function samplesOf(signal, x) {
  const [two, seven] = [wave(2), wave(7)];
  const makes = {
    "one wave": wave(3),
    "two waves": (n) => 0.6 * two(n) + 0.4 * seven(n),
    pulse: (n) => (n === 6 ? 1 : 0),
    average: (n) => (n < 9 ? 1 : 0),
    alternating: (n) => 1 - 2 * (n % 2),
    drawn: (n) => x[n],
  };
  return upTo(N, makes[signal]);
}

/** The sum of all arrows, x[n] turned clockwise by n · turns / N: its real and its imaginary part. */
export function spectrumAt(x, turns) {
  let [re, im] = [0, 0];
  x.forEach((value, n) => {
    const angle = (-2 * Math.PI * turns * n) / N;
    re += value * Math.cos(angle);
    im += value * Math.sin(angle);
  });
  return [re, im];
}

/** How long the sum is at each of many numbers of turns. */
export const lengthsOf = (x, turns) => Array.from(turns, (k) => Math.hypot(...spectrumAt(x, k)));

/** The least of the scales that leaves room for a sum of that length. */
export const scaleOf = (longest) => SCALES.find((scale) => longest <= BEYOND * scale) ?? SCALES.at(-1);

/** The wound signal, [re, im] for each sample, and between two of them `fine` - 1 points of a line. */
export function windingOf(x, turns, fine = 1) {
  return upTo((N - 1) * fine + 1, (i) => {
    const [n, share] = [Math.floor(i / fine), (i % fine) / fine];
    const value = x[n] + share * ((x[n + 1] ?? 0) - x[n]);
    const angle = (-2 * Math.PI * turns * (n + share)) / N;
    return [value * Math.cos(angle), value * Math.sin(angle)];
  });
}

/** Where the lanes stand: left, top, width, height of each; as `layout` in fourier_winding.py. */
export function layout(width, shown) {
  const narrow = width < 480;
  const radius = narrow ? 78 : 92;
  const plane = 2 * radius + 20;
  const boxes = {};
  const has = (name) => shown.includes(name);
  let top = 0;
  if (narrow) {
    for (const [name, high] of [["signal", 108], ["winding", plane]]) {
      if (!has(name)) continue;
      boxes[name] = [0, top, width, high];
      top += high + 6;
    }
  } else {
    const beside = has("signal") && has("winding");
    if (has("signal")) boxes.signal = [0, 0, width - (beside ? plane + 28 : 0), plane + 38];
    if (has("winding")) boxes.winding = [(width - plane) * (beside ? 1 : 0.5), 0, plane, plane + 38];
    top = has("signal") || has("winding") ? plane + 46 : 0;
  }
  if (has("spectrum")) boxes.spectrum = [0, top, width, radius + 64];
  return { boxes, height: Math.max(0, ...Object.values(boxes).map((box) => box[1] + box[3])) };
}

// ---- the words -----------------------------------------------------------------------------------------------------

/** Fixed decimals; halves, but for noise, away from zero. */
const fixed = (value, digits) => format(snap(value, 1e-9), digits);

/** A number of turns. */
export const turnsText = (turns) => (turns === 1 ? "1 turn" : `${fixed(turns, Number.isInteger(turns) ? 0 : 2)} turns`);

/** The direction of an arrow in whole degrees, above -180. */
export function angleText([re, im]) {
  const text = fixed((Math.atan2(im, re) * 180) / Math.PI, 0);
  return text === "\u2212180" ? "180°" : `${text}°`;
}

/** How arrows of the given sizes lie, whose sum has a length. */
function how(sizes, length) {
  const count = sizes.filter((size) => size > NONE).length;
  const share = length / Math.max(sizes.reduce((sum, size) => sum + size, 0), 1e-12);
  if (count < 2) return count ? "one arrow alone, wherever it points" : "there is nothing to wind";
  if (fixed(length, 1) === "0.0") return "it cancels";
  if (share < SOME) return "it winds nearly evenly round";
  return share >= ALL ? "it leans all to one side" : "it leans to one side";
}

/** What the arrows add up to. */
export function sentence(x, turns) {
  const [sizes, sum] = [x.map(Math.abs), spectrumAt(x, turns)];
  const length = Math.hypot(...sum);
  const total = sizes.filter((size) => size > NONE).length < 2 ? "the sum" : `the sum of its ${N} arrows`;
  const at = length > 0.05 ? `, at ${angleText(sum)}` : "";
  return `${turnsText(turns)}: ${how(sizes, length)}; ${total} is ${fixed(length, 1)} long${at}.`;
}

/** Where one sample's arrow points. */
export function sampleWords(n, x, turns) {
  const by = `${n} × ${turnsText(turns).split(" ")[0]}/${N} = ${fixed((n * turns) / N, 2)}`.replaceAll(" ", "\u00a0");
  const value = fixed(x[n], 2);
  if (Number(value) === 0) return `x[${n}] = ${value}: its arrow has no length.`;
  return `x[${n}] = ${value}: an arrow turned clockwise by ${by} turns${x[n] < 0 ? ", and reversed" : ""}.`;
}

// ---- the picture: made once ----------------------------------------------------------------------------------------

const path = (kind) => element("path", { class: kind });
const line = (kind) => element("line", { class: kind });
const circle = (kind, r) => element("circle", { class: kind, r });
const text = (kind, anchor = "start", words = "") => element("text", { class: kind, "text-anchor": anchor }, words);
const group = (part, ...inside) => element("g", { "data-part": part }, ...inside);
const arrowScene = () => ({ shaft: line("shaft"), head: element("polygon", { class: "head" }) });

function scene() {
  const name = (words, letter) => [words, element("tspan", { class: "letter" }, letter)];
  const caption = element("text", { class: "of-signal" }, ...name("signal ", "x[n]"));
  const [stems, rulers, dots, points] = ["stems", "ticks", "dots", "points"].map((kind) => element("g", { class: kind }));
  const nodes = {
    signal: { caption, zero: line("rule"), wave: path("wave"), waveName: text("of-wave", "end"), marks: upTo(TICKS.length, (i) => text("", "middle", String(TICKS[i]))) },
    winding: { unit: circle("unit"), cross: path("cross"), wound: path("wound"), spokes: path("spokes"), ray: line("ray"), end: circle("end", 4.5), caption: [text("of-signal"), text("of-signal")], scale: [text("of-arrow"), text("of-arrow")] },
    spectrum: { rules: path("rule"), curve: path("curve"), zero: text("", "end", "0"), full: text("", "end"), caption: text("of-arrow", "start", "length of the sum"), value: text("value") },
    stems: pool(stems, () => {
      const [stem, knob] = [line("stem"), circle("knob")];
      return { node: element("g", {}, stem, knob), stem, knob };
    }),
    points: pool(points, () => circle("point", 2.8)),
    dots: pool(dots, () => circle("dot", 3.6)),
    marks: pool(rulers, () => text("", "middle")),
    sum: arrowScene(),
    upright: arrowScene(),
    grips: element("g", { class: "grips" }),
    plane: circle("surface", 0),
    curve: element("rect", { class: "surface", "data-look": true }),
    words: element("p", { class: "sentence" }),
  };
  const { signal, winding, spectrum, sum, upright } = nodes;
  nodes.lanes = {
    signal: element("g", {}, group("wave", signal.wave, signal.waveName), group("signal", signal.zero, stems, caption, ...signal.marks), nodes.grips),
    winding: element("g", {}, group("winding", winding.unit, winding.cross, winding.spokes, winding.wound, points, ...winding.caption), group("arrow", sum.shaft, sum.head, ...winding.scale), group("winding", winding.ray, winding.end), nodes.plane),
    spectrum: element("g", {}, group("spectrum", spectrum.rules, spectrum.curve, dots, spectrum.zero, spectrum.full, spectrum.caption, rulers), group("spectrum arrow", upright.shaft, upright.head, spectrum.value), nodes.curve),
  };
  nodes.svg = element("svg", { role: "group", "aria-label": "A signal, the same wound round a circle, and how long the sum of its arrows is" }, ...Object.values(nodes.lanes));
  return nodes;
}

// ---- drawing: what changes -----------------------------------------------------------------------------------------

/** What follows from the traits, and from what is looked at. */
function compute(view, s) {
  const signal = view.get("signal");
  const x = samplesOf(signal, view.get("x"));
  const key = x.join();
  if (s.key !== key) {
    Object.assign(s, { key, x, lengths: lengthsOf(x, GRID) });
    s.scale = scaleOf(Math.max(...s.lengths));
  }
  s.turns = view.get("turns");
  s.sum = spectrumAt(x, s.turns);
  s.length = Math.hypot(...s.sum);
  s.at = s.look.at();
}

/** Lanes in their places; a reduced view leaves some out. */
function place(view, s) {
  const { boxes, height } = layout(s.width, ["signal", "winding", "spectrum"].filter(view.shows));
  const { nodes } = s;
  s.narrow = s.width < 480;
  view.root.classList.toggle("narrow", s.narrow);
  s.radius = s.narrow ? 78 : 92;
  for (const [name, lane] of Object.entries(nodes.lanes)) lane.style.display = name in boxes ? "" : "none";
  update(nodes.svg, { viewBox: `0 0 ${s.width} ${height}`, height });
  const { signal: a = [0, 0, 300, 108], winding: b = [0, 0, 204], spectrum: c = [0, 0, 300] } = boxes;
  const step = (a[2] - 16) / (N - 1);
  // Elsewhere than on a phone a sample is as high as its arrow is long.
  const unit = s.narrow ? 32 : s.radius;
  const zero = a[1] + (s.narrow ? 54 : 120);
  s.lane = { left: a[0], top: a[1], right: a[0] + a[2] - 4, step, unit, zero, foot: zero + unit + 6, x: (n) => a[0] + 8 + n * step };
  s.plane = { left: b[0], top: b[1], right: b[0] + b[2], x: b[0] + b[2] / 2, y: b[1] + s.radius + (s.narrow ? 10 : 28) };
  const [left, right, floor] = [c[0] + INSET, c[0] + c[2] - 14, c[1] + 24 + s.radius];
  s.axis = { left, right, top: c[1], zero: floor, track: floor + 13, x: (turns) => left + ((right - left) * turns) / MOST };
  s.scrub.along(left, right);
  s.scrub.node.style.top = `${s.axis.track - 16}px`;
  s.scrub.label.style.top = `${floor + 24}px`;
  const picks = (name) => !view.get("controls")?.length || view.get("controls").includes(name);
  const show = (node, shown) => update(node, { "data-off": shown ? "no" : "yes" });
  for (const node of [s.scrub.node, s.scrub.label]) show(node, view.shows("spectrum") && picks("turns"));
  show(nodes.curve, picks("turns"));
  show(s.scrub.play, view.shows("controls") && picks("turns"));
  show(s.list.box, view.shows("controls") && picks("signal"));
  show(nodes.words, view.shows("words"));
  // So many lines with the longest words: nothing below moves while the thumb is dragged.
  nodes.words.style.minHeight = `${21 * (s.width < 320 ? 3 : s.width < 700 ? 2 : 1)}px`;
}

const at = (x, y) => ({ x: x.toFixed(1), y: y.toFixed(1) });

/** An arrow from a point by a way, in pixels; without length it is a dot. */
function drawArrow({ shaft, head }, [x, y], [across, down]) {
  const long = Math.hypot(across, down);
  const size = Math.min(11, long);
  const [u, v] = long > 1e-6 ? [across / long, down / long] : [0, 0];
  const [tipX, tipY, footX, footY] = [x + across, y + down, x + across - size * u, y + down - size * v];
  update(shaft, { x1: x.toFixed(2), y1: y.toFixed(2), x2: (footX + u).toFixed(2), y2: (footY + v).toFixed(2) });
  const corner = (side) => `${(footX - side * 0.55 * size * v).toFixed(2)},${(footY + side * 0.55 * size * u).toFixed(2)}`;
  update(head, { points: `${tipX.toFixed(2)},${tipY.toFixed(2)} ${corner(1)} ${corner(-1)}` });
}

function drawSignal(s) {
  const { nodes, lane, x, turns } = s;
  const { signal } = nodes;
  update(signal.caption, { x: lane.left, y: lane.top + 13 });
  update(signal.waveName, { x: lane.right, y: lane.top + 13 });
  say(signal.waveName, `${s.width < 320 ? "" : "the wave of "}${turnsText(turns)}`); // beside the name of what is pinned
  update(signal.zero, { x1: lane.x(0), x2: lane.x(N - 1), y1: lane.zero, y2: lane.zero });
  const asked = wave(turns);
  update(signal.wave, { d: pathThrough(0, (N - 1) * FINE, (i) => lane.x(i / FINE), (i) => lane.zero - lane.unit * asked(i / FINE)) });
  nodes.stems(N).forEach(({ node, stem, knob }, n) => {
    const [across, tip] = [lane.x(n).toFixed(1), (lane.zero - lane.unit * x[n]).toFixed(1)];
    update(node, { class: n === s.at ? "lit" : "" });
    update(stem, { x1: across, x2: across, y1: lane.zero, y2: tip });
    update(knob, { cx: across, cy: tip, r: s.narrow ? 4 : 4.8 });
  });
  signal.marks.forEach((node, i) => update(node, at(lane.x(TICKS[i]), lane.foot + 15)));
  s.grips.show(N, (n) => ({ ...at(lane.x(n) - lane.step / 2, lane.zero - lane.unit - 8), width: lane.step.toFixed(1), height: 2 * lane.unit + 16 }));
}

function drawWinding(s) {
  const { nodes, plane, radius, x, turns, scale } = s;
  const { winding } = nodes;
  const place = ([re, im]) => [plane.x + radius * re, plane.y - radius * im];
  for (const node of [winding.unit, nodes.plane]) update(node, { cx: plane.x, cy: plane.y });
  update(winding.unit, { r: radius });
  update(nodes.plane, { r: radius + 8 });
  update(winding.cross, { d: `M${plane.x - radius} ${plane.y}h${2 * radius}M${plane.x} ${plane.y - radius}v${2 * radius}` });
  const fine = windingOf(x, turns, FINE).map(place);
  update(winding.wound, { d: pathThrough(0, fine.length - 1, (i) => fine[i][0], (i) => fine[i][1]) });
  s.ends = windingOf(x, turns).map(place);
  update(winding.spokes, { d: s.ends.map(([x, y]) => `M${plane.x} ${plane.y}L${x.toFixed(1)} ${y.toFixed(1)}`).join("") });
  nodes.points(N).forEach((node, n) => update(node, { cx: s.ends[n][0].toFixed(1), cy: s.ends[n][1].toFixed(1) }));
  drawArrow(nodes.sum, [plane.x, plane.y], [(radius * s.sum[0]) / scale, (-radius * s.sum[1]) / scale]);
  const lit = s.at === null ? null : s.ends[s.at];
  for (const node of [winding.ray, winding.end]) reveal(node, lit !== null);
  if (lit) {
    update(winding.ray, { x1: plane.x, y1: plane.y, x2: lit[0].toFixed(1), y2: lit[1].toFixed(1) });
    update(winding.end, { cx: lit[0].toFixed(1), cy: lit[1].toFixed(1) });
  }
  const share = scale > 1 ? `sum ÷ ${scale}` : "sum";
  const words = s.narrow ? [["the signal,", "wound up"], ["arrow =", share]] : [["the signal, wound up", ""], [`arrow = ${share}`, ""]];
  winding.caption.forEach((node, i) => {
    update(node, { ...(s.narrow ? at(plane.left, plane.top + 18 + 17 * i) : at(plane.x, plane.top + 13)), "text-anchor": s.narrow ? "start" : "middle" });
    say(node, words[0][i]);
  });
  winding.scale.forEach((node, i) => {
    const foot = plane.y + radius;
    update(node, { ...(s.narrow ? at(plane.right, foot - 17 * (1 - i)) : at(plane.x, foot + 21)), "text-anchor": s.narrow ? "end" : "middle" });
    say(node, words[1][i]);
  });
}

function drawSpectrum(s) {
  const { nodes, axis, radius, lengths, scale, turns } = s;
  const { spectrum } = nodes;
  const y = (length) => axis.zero - (radius * length) / scale;
  update(spectrum.rules, { d: `M${axis.left} ${axis.zero}H${axis.right}M${axis.left} ${y(scale)}H${axis.right}` });
  update(spectrum.curve, { d: pathThrough(0, GRID.length - 1, (i) => axis.x(GRID[i]), (i) => y(lengths[i])) });
  nodes.dots(MOST + 1).forEach((node, k) => update(node, { cx: axis.x(k).toFixed(1), cy: y(lengths[20 * k]).toFixed(1) }));
  const crowded = axis.x(1) - axis.x(0) < 18;
  nodes.marks(MOST + 1).forEach((node, k) => {
    update(node, at(axis.x(k), axis.zero + 37));
    say(node, crowded && k % 2 ? "" : String(k));
  });
  update(spectrum.caption, { x: axis.left - INSET, y: axis.top + 13 });
  update(spectrum.zero, at(axis.left - 10, axis.zero + 4));
  update(spectrum.full, at(axis.left - 10, y(scale) + 4));
  say(spectrum.full, String(scale));
  const across = axis.x(turns);
  drawArrow(nodes.upright, [across, axis.zero], [0, (-radius * s.length) / scale]);
  const right = turns > MOST - 2;
  // Beside the tip of a short arrow, and below that of a long one, clear of the caption.
  const below = 3 + 11 * Math.min(1, (radius * s.length) / scale / 30);
  update(spectrum.value, { ...at(across + (right ? -9 : 9), y(s.length) + below), "text-anchor": right ? "end" : "start" });
  say(spectrum.value, fixed(s.length, 1));
  update(nodes.curve, { ...at(axis.left - 8, axis.top + 18), width: (axis.right - axis.left + 16).toFixed(1), height: axis.zero - axis.top - 22 });
}

function draw(view, s) {
  if (!s.width) return;
  compute(view, s);
  place(view, s);
  drawSignal(s);
  drawWinding(s);
  drawSpectrum(s);
  const words = s.at === null ? sentence(s.x, s.turns) : sampleWords(s.at, s.x, s.turns);
  say(s.nodes.words, words);
  view.aloud(words);
}

// ---- what the reader does ------------------------------------------------------------------------------------------

/** Any other way than a slider's to set the turns: what plays, stops. */
function goTo(view, s, turns) {
  s.scrub.stop();
  view.set("turns", snap(clamp(turns, 0, MOST), STEP));
}

/** Press or drag on the spectrum: that many turns; a click close by one of its dots means the dot. */
function pressSpectrum(view, s) {
  const turnsAt = (event) => {
    const { left, right } = s.axis;
    return (MOST * (event.clientX - s.nodes.svg.getBoundingClientRect().left - left)) / (right - left);
  };
  const go = (event) => goTo(view, s, turnsAt(event));
  handle(view, s.nodes.curve, ["turns"], {
    axis: "x",
    press: (event) => (event.pointerType === "mouse" && go(event), true),
    drag: go,
    click(event) {
      const [turns, near] = [turnsAt(event), (8 * MOST) / (s.axis.right - s.axis.left)];
      goTo(view, s, Math.abs(turns - Math.round(turns)) < near ? Math.round(turns) : turns);
    },
  });
}

/** Arrow keys on the thumb; with Shift or Ctrl, and Page Up and Down, to the next whole number. */
function thumbKeys(view, s) {
  const ways = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 };
  s.scrub.node.addEventListener("keydown", (event) => {
    if (!(event.key in ways) || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = event.shiftKey || event.ctrlKey || event.key.startsWith("Page") ? 1 : KEY;
    goTo(view, s, stepped(view.get("turns"), ways[event.key], { low: 0, high: MOST, step }));
    view.send();
  });
}

/** The sample whose point is nearest, if one is close by. */
function pointAt(s, event) {
  const { left, top } = s.nodes.svg.getBoundingClientRect();
  const away = s.ends.map(([x, y]) => Math.hypot(event.clientX - left - x, event.clientY - top - y));
  const nearest = away.indexOf(Math.min(...away));
  return away[nearest] < 14 ? nearest : null;
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "fourier-winding", { traits: ["signal", "x", "turns"] });
  const s = { width: 0, nodes: scene() };
  const { nodes } = s;
  const ask = view.frame(() => draw(view, s));
  s.look = looking(view, ask, { name: (n) => `x[${n ?? 0}]` });
  const own = () => samplesOf(view.get("signal"), view.get("x"));
  s.grips = grips(view, nodes.grips, "x", {
    name: (n) => `x[${n}]`, range: { low: -1, high: 1, step: 0.1 }, unit: () => s.lane.unit, look: s.look, what: (n) => n, also: ["signal"],
    read: own,
    write(numbers) {
      view.set("x", numbers);
      view.set("signal", "drawn");
    },
  });
  const spoken = (turns) => `${turnsText(turns)}: the sum is ${fixed(Math.hypot(...spectrumAt(own(), turns)), 1)} long`;
  s.scrub = player(view, "turns", "turns", { low: 0, high: MOST, step: STEP, start: 0, stride: 0.5, speed: 0.8, spoken });
  s.list = choice(view, "signal", "signal", NAMES, "of-signal");
  for (const node of [s.scrub.node, s.scrub.play]) update(node, { "data-look": true });
  view.foot.prepend(s.scrub.play, s.list.box);
  s.look.watch(nodes.plane, (event) => pointAt(s, event));
  pressSpectrum(view, s);
  thumbKeys(view, s);
  /** Prose: look at "n5"; at nothing lets go. */
  const lookAt = ({ value = "" }) => {
    const [, n] = /^n(\d+)$/.exec(value) ?? [];
    s.look.letGo();
    if (Number(n) < N) s.look.pin(Number(n));
  };
  view.obeys({ look: lookAt });
  view.on(["signal", "x"], () => s.scrub.show()); // what it says aloud is another sum
  view.on(["signal", "x", "turns", "show", "controls"], ask);
  const picture = element("div", { class: "picture" }, nodes.svg, s.scrub.node, s.scrub.label, s.look.chip);
  view.widths(picture, (width) => {
    s.width = width;
    draw(view, s);
  });
  view.show(picture, nodes.words);
  return view.end;
}

export default { render };
