import { element, say, uniqueId, update } from "./js/dom.js";
import { binary, clamp, floats, format, snap } from "./js/numbers.js";
import { viewOf } from "./js/life.js";
import { player, segments } from "./js/controls.js";
import { gestures, handle, keys, looking } from "./js/pointer.js";
import { arrow, axis, outline, panel } from "./js/plot.js";
import { sketch } from "./js/sketch.js";

// ---- the maths: pure functions, held against convlib by tests/js/test_convolution_explorer.py --------------------

export const REACH = 4; // shifts go from -REACH to REACH
export const STEP = 0.02;
export const HALF = Math.round(REACH / STEP); // grid index of time REACH
const DRAWN_REACH = 2;
const SAME_TIME = 1e-9;

const step = (t) => (Math.abs(t) <= SAME_TIME ? 0.5 : t > 0 ? 1 : 0);

// Each is zero outside [from, to], or too small to see; where one jumps, its support begins or ends.
const SHAPES = {
  box: { from: -0.5, to: 0.5, at: (t) => step(t + 0.5) - step(t - 0.5) },
  triangle: { from: -1, to: 1, at: (t) => Math.max(0, 1 - Math.abs(t)) },
  exponential: { from: 0, to: 9, at: (t) => step(t) * Math.exp(-Math.max(t, 0)) },
  gaussian: { from: -1.5, to: 1.5, at: (t) => Math.exp(-0.5 * (t / 0.4) ** 2) / (0.4 * Math.sqrt(2 * Math.PI)) },
  burst: {
    from: -1,
    to: 1,
    at: (t) => (Math.abs(t) < 1 ? Math.sin(4 * Math.PI * t) * Math.cos((Math.PI * t) / 2) ** 2 : 0),
  },
};

/** Value at time t of the lines through nodes that are evenly spaced from -reach to reach; zero beyond them. */
export function throughNodes(nodes, reach, t) {
  const place = ((t + reach) / (2 * reach)) * (nodes.length - 1);
  if (place < -SAME_TIME || place > nodes.length - 1 + SAME_TIME) return 0;
  const left = clamp(Math.floor(place), 0, nodes.length - 2);
  return nodes[left] + (place - left) * (nodes[left + 1] - nodes[left]);
}

/** A shape by name as `at(t)` and its support `from`, `to`; null for an impulse. */
export function shapeOf(name, nodes) {
  if (name !== "drawn") return SHAPES[name] ?? null;
  const used = [...nodes.keys()].filter((i) => nodes[i] !== 0);
  const time = (i) => (clamp(i, 0, nodes.length - 1) / (nodes.length - 1) - 0.5) * 2 * DRAWN_REACH;
  const [from, to] = used.length ? [time(used[0] - 1), time(used.at(-1) + 1)] : [0, 0];
  return { from, to, at: (t) => throughNodes(nodes, DRAWN_REACH, t) };
}

/** A shape at the middles of the strips from -half to half. */
export function sampleShape(name, nodes, half) {
  const { at } = shapeOf(name, nodes);
  return Float64Array.from({ length: 2 * half }, (_, i) => at((i - half + 0.5) * STEP));
}

/**
 * Slide g along f and measure the area of the product at every shift of the grid, by the midpoint rule.
 * An impulse gives back the other function; two make an impulse, one sample of height 1 / STEP.
 */
export function slide(f, g, fNodes, gNodes, operation) {
  const flip = operation === "convolution" ? -1 : 1;
  const shifts = Float64Array.from({ length: 2 * HALF + 1 }, (_, n) => (n - HALF) * STEP);
  if (f === "impulse" && g === "impulse") return shifts.map((_, n) => (n === HALF ? 1 / STEP : 0));
  if (f === "impulse") return shifts.map((t) => shapeOf(g, gNodes).at(-flip * t));
  if (g === "impulse") return shifts.map((t) => shapeOf(f, fNodes).at(t));
  // f beyond the axis still counts, and g must be known where t - tau can get to from there.
  const still = sampleShape(f, fNodes, 2 * HALF);
  const moving = sampleShape(g, gNodes, 3 * HALF);
  const used = [];
  for (let m = 0; m < still.length; m += 1) if (still[m] !== 0) used.push(m);
  return shifts.map((_, n) => {
    let sum = 0;
    for (const m of used) sum += still[m] * moving[flip < 0 ? n - m + 4 * HALF - 1 : m - n + 2 * HALF];
    return STEP * sum;
  });
}

/** The signed area under a function, in `count` slices of the same width: where each begins and ends, and its area. */
export function slices(at, from, to, count) {
  const [width, fine] = [(to - from) / count, 12];
  return Array.from({ length: count }, (_, i) => {
    const left = from + i * width;
    let sum = 0;
    for (let k = 0; k < fine; k += 1) sum += at(left + ((k + 0.5) / fine) * width);
    return { from: left, to: left + width, area: (sum / fine) * width };
  });
}

/**
 * How near a guess comes, both as samples: `gap`, the mean distance wherever one of the two is not zero, in units of
 * the true peak; and the indices of both peaks.  Nothing to compare with: null.
 */
export function score(guess, truth) {
  const peakOf = (samples) => samples.reduce((best, v, i) => (Math.abs(v) > Math.abs(samples[best]) ? i : best), 0);
  const peak = peakOf(truth);
  const most = Math.abs(truth[peak]);
  let [sum, count] = [0, 0];
  for (let i = 0; i < truth.length; i += 1) {
    if (Math.max(Math.abs(truth[i]), Math.abs(guess[i])) < 0.02 * most) continue;
    sum += Math.abs(truth[i] - guess[i]);
    count += 1;
  }
  return most > SAME_TIME ? { gap: sum / count / most, peak, guessed: peakOf(guess) } : null;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const NAMES = {
  box: "box",
  triangle: "triangle",
  exponential: "exponential decay",
  gaussian: "Gaussian",
  burst: "sine burst",
  impulse: "impulse",
  drawn: "drawn by hand",
};
const REST = "Drag g along f. The area under their product is the height of the curve below.";
const SHORT_REST = "Drag the orange curve along the blue one.";
const LANE = 24; // pixels: a line of names above each panel
const ARM = 28; // what the grip hangs in
const CUP = 1; // units: the cup is one wide, so that its level is its area
const SLICES = 24;
const indexOf = (t) => clamp(Math.round(t / STEP) + HALF, 0, 2 * HALF);
const timeOf = (index) => snap((index - HALF) * STEP, STEP);

/** Radio buttons drawn as small curves. */
function thumbnails(view, which, legend) {
  const small = (name) => {
    const [x, y] = [(t) => 16 + 10.5 * (t - (name === "exponential" ? 1 : 0)), (v) => (name === "burst" ? 12 : 20) - (name === "burst" ? 10 : 15) * v];
    const drawn = "M5 19C8 4 11 4 14 12S19 22 21 16L26 8M23 11L27 6.5L29 8.5L25 13Z";
    const shape = SHAPES[name];
    const d = shape ? outline(shape.at, shape.from, Math.min(shape.to, 2.4), x, y) : name === "drawn" ? drawn : arrow(16, 1, y);
    const line = element("line", { class: "zero", x1: 2, x2: 30, y1: y(0), y2: y(0) });
    return element("svg", { viewBox: "0 0 32 24", "aria-hidden": "true" }, line, element("path", { class: `curve ${which}`, d }));
  };
  const options = Object.entries(NAMES).map(([name, text]) => [name, [small(name), element("span", { class: "quiet" }, text)]]);
  const { box, radios } = segments(view, which, legend, Object.fromEntries(options));
  radios.forEach((radio) => update(radio.parentElement, { title: NAMES[radio.value] }));
  box.classList.add("thumbnails", which);
  box.querySelector("legend").classList.add("quiet");
  const mark = element("span", { class: `name ${which}`, "aria-hidden": "true" }, which);
  return { box: element("div", { class: "shape", "data-part": which }, mark, box), radios };
}

/** All that is on the page, made once; the state object that everything else works on. */
function makeScene(view) {
  const stage = element("svg", { class: "stage", role: "group", "aria-label": "The functions, their product, and its area" });
  const marker = element("line", { class: "marker", "data-part": "t" });
  const ruler = element("g", { class: "ruler", "data-part": "tau" });
  const times = element("g", { class: "ruler", "data-part": "t" });
  stage.append(marker, ruler, times);
  const panels = Object.fromEntries(["curves", "product", "output"].map((name) => [name, panel(stage, name)]));
  const path = (kind, part, extra = {}) => element("path", { class: `curve ${kind}`, "data-part": part, ...extra });
  const surface = (kind) => element("rect", { class: `surface ${kind}` });
  const n = { stage, marker, ruler, times };

  Object.assign(n, { look: surface("look"), page: element("rect", { class: "page" }), f: path("f", "f"), g: path("g", "g") });
  Object.assign(n, { grab: element("path", { class: "grab" }), hinge: element("path", { class: "hinge", "data-part": "g" }) });
  panels.curves.plot.append(n.look, n.page, n.f, n.g, n.grab);
  panels.curves.over.append(n.hinge);

  n.area = element("path", { class: "area", "data-part": "area product" });
  n.product = path("product", "product");
  n.read = surface("read");
  panels.product.plot.append(n.area, n.product);

  Object.assign(n, { liquid: element("rect", { class: "area" }), surface: element("line", { class: "level" }) });
  Object.assign(n, { cup: element("path", { class: "cup" }), level: element("line", { class: "level across" }) });
  const clips = [0, 1].map(() => element("rect", { x: -10, y: -20, height: 2000 }));
  const ids = clips.map(() => uniqueId("trace"));
  const traces = ids.map((id, i) => element("clipPath", { id }, clips[i]));
  Object.assign(n, { other: path("other", "output"), guess: path("guess", "output"), traced: clips[0], seen: clips[1] });
  n.trace = path("output", "output", { "clip-path": `url(#${ids[0]})` });
  n.rest = path("rest", "output", { "clip-path": `url(#${ids[1]})` });
  n.cupName = element("text", { class: "name product", "text-anchor": "middle" }, "area");
  n.vessel = element("g", { class: "vessel", "data-part": "area" }, n.liquid, n.surface, n.cup, n.level, n.cupName);
  panels.output.plot.append(...traces, n.vessel, n.other, n.rest, n.trace, n.guess);
  Object.assign(n, { stem: element("line", { class: "stem", "data-part": "t output" }), ghost: element("circle", { class: "ghost", r: 5 }) });
  n.dot = element("circle", { class: "dot", r: 5.5, "data-part": "t output" });
  panels.output.over.append(n.stem, n.ghost, n.dot);

  n.strip = element("rect", { class: "strip", width: 7, "data-part": "tau" });
  n.beads = ["f", "g", "product"].map((kind) => element("circle", { class: `bead ${kind}`, r: 4.5 }));
  n.drops = Array.from({ length: SLICES }, () => element("rect", { class: "drop" }));
  n.pick = surface("pick");
  stage.append(n.strip, ...n.beads, ...n.drops, n.read, n.pick);

  // What shows the values at one tau stands out with it.
  const partOf = (kind) => (kind === "output" ? kind : `${kind} tau`);
  const name = (kind, ...children) => element("span", { class: `name ${kind}`, "data-part": partOf(kind) }, ...children);
  const small = (text, label) => element("button", { type: "button", class: "aside", "aria-label": label }, text);
  n.nameF = name("f", "f(τ)");
  n.nameG = name("g");
  n.drawF = small("✎ draw", "Draw f by hand");
  n.drawG = small("✎ draw", "Draw g by hand");
  n.clear = small("Clear");
  n.done = small("Done");
  n.nameProduct = name("product");
  n.nameArea = element("span", { class: "name amount", "data-part": "area" });
  n.addUp = small("add up", "Add up: pour the area into the cup");
  n.nameOutput = name("output");
  n.kind = element("span", { class: "kind" });
  n.nameOther = element("span", { class: "name other" });
  n.reading = element("span", { class: "reading" });
  const space = () => element("span", { class: "space" });
  n.lanes = {
    curves: element("div", { class: "lane" }, n.nameF, n.drawF, n.nameG, n.drawG, space(), n.clear, n.done),
    product: element("div", { class: "lane" }, n.nameProduct, space(), n.nameArea, n.addUp),
    output: element("div", { class: "lane" }, n.nameOutput, n.kind, n.nameOther, space(), n.reading),
  };
  n.grip = element("button", { type: "button", class: "grip", "data-part": "g", "aria-label": "flip g" }, "flip");
  n.hand = element("span", { class: "hand", "aria-hidden": "true", "data-part": "t" }, "t");
  n.play = element("div", { class: "beside" });
  n.guessFirst = element("button", { type: "button", class: "guess-first" });
  n.value = element("output", { class: "value", "data-part": "output" });
  n.note = element("p", { class: "note" });
  return { view, n, panels, shape: null, width: 0, turn: view.get("operation") === "convolution" ? -1 : 1, farthest: 0 };
}

/** Sampled functions and the output, worked out anew when f, g or the operation changes. */
function compute(s) {
  const { view } = s;
  const [f, g, operation] = ["f", "g", "operation"].map(view.get);
  const nodes = [floats(view.get("f_samples")), floats(view.get("g_samples"))];
  const flip = operation === "convolution" ? -1 : 1;
  const output = slide(f, g, ...nodes, operation);
  const counterpart = slide(f, g, ...nodes, flip < 0 ? "correlation" : "convolution");
  const shape = { f: shapeOf(f, nodes[0]), g: shapeOf(g, nodes[1]), output, counterpart, flip, sign: flip < 0 ? "∗" : "⋆" };
  shape.twoImpulses = !shape.f && !shape.g;
  shape.difference = output.reduce((most, v, i) => Math.max(most, Math.abs(v - counterpart[i])), 0);
  shape.even = !shape.g || [0.13, 0.31, 0.5, 0.77, 0.99, 1.3, 1.9].every((u) => Math.abs(shape.g.at(u) - shape.g.at(-u)) < 1e-6);
  // A function's lowest value, in coarse steps: the scale stays while one draws.
  const coarse = (need, steps) => steps.find((v) => v >= need - 1e-3) ?? need;
  const lowest = (one) => (one && one !== SHAPES.exponential ? Math.min(0, ...sample(one)) : 0);
  const sample = (one) => Array.from({ length: 161 }, (_, i) => one.at(-2 + i / 40));
  const low = coarse(-Math.min(lowest(shape.f), lowest(shape.g)), [0, 0.5, 1]);
  const flat = shape.twoImpulses ? [1] : [...output, ...counterpart];
  const steps = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4];
  const high = Math.max(...flat);
  shape.ranges = {
    curves: [low, 1],
    product: [low ? 1 : 0, 1],
    output: [coarse(-Math.min(...flat, 0), steps), low ? Math.max(0.5, coarse(high, steps)) : Math.max(1, coarse(high, steps))],
  };
  const free = (g === "exponential" ? 1.1 : clamp(shape.g?.to ?? 0.8, 0.6, 1.2)) || 1;
  shape.free = free; // where the free edge of g is
  s.shape = shape;
  s.reach = (f === "drawn" && g === "drawn") || s.far ? REACH : 3;
}

/** The curve of the output or of its counterpart: `at(t)` and its support. */
function outputShape(s, samples, flip) {
  const { f, g } = s.shape;
  if (!f && g) return flip < 0 ? g : { from: -g.to, to: -g.from, at: (t) => g.at(-t) };
  if (!g && f) return f;
  const used = [...samples.keys()].filter((i) => Math.abs(samples[i]) > 5e-4);
  if (!used.length) return null;
  const between = (t) => throughNodes(samples, REACH, t);
  return { from: timeOf(Math.max(used[0] - 1, 0)), to: timeOf(Math.min(used.at(-1) + 1, 2 * HALF)), at: between };
}

const showsControl = (s, name) => {
  const wanted = s.view.get("controls") ?? [];
  return !wanted.length || wanted.includes(name);
};

/** Where everything stands: all that depends on the functions and the width, but not on t. */
function layout(s) {
  const { n, panels, view, shape } = s;
  const shown = Object.keys(panels).filter(view.shows);
  const [flips, slides] = [showsControl(s, "flip"), showsControl(s, "slide")];
  const each = shown.includes("output") ? (s.width > 480 ? 106 : 86) : 62;
  s.unit = (each * shown.length) / shown.reduce((sum, name) => sum + shape.ranges[name][0] + shape.ranges[name][1], 0);
  [s.left, s.right] = [20, s.width - 8];
  s.scale = (s.right - s.left) / (2 * s.reach);
  s.x = (t) => s.left + (t + s.reach) * s.scale;
  let top = 0;
  for (const [name, panel] of Object.entries(panels)) {
    const here = shown.includes(name);
    n.lanes[name].hidden = !here;
    update(panel.node, { display: here ? "inline" : "none" });
    if (!here) continue;
    const [low, high] = shape.ranges[name];
    n.lanes[name].style.top = `${top}px`;
    top += LANE;
    if (name === "curves") {
      s.arm = top + 12;
      top += flips ? ARM : 4;
    }
    panel.top = top + 2;
    panel.origin = panel.top + high * s.unit;
    panel.bottom = panel.origin + low * s.unit;
    panel.y = (v) => panel.origin - v * s.unit;
    update(panel.frame, { x: s.left, width: s.right - s.left, y: panel.top - 4, height: panel.bottom - panel.top + 6 });
    update(panel.zero, { x1: s.left, x2: s.right, y1: panel.origin, y2: panel.origin });
    const unit = high >= 1 ? "visible" : "hidden";
    update(panel.unit, { x1: s.left, x2: s.right, y1: panel.y(1), y2: panel.y(1), visibility: unit });
    update(panel.one, { y: panel.y(1) + 5, visibility: unit });
    top = panel.bottom + (name === "curves" ? (slides ? 30 : 20) : name === "output" ? 22 : 4);
  }
  n.scene.style.height = `${top}px`;
  update(n.stage, { viewBox: `0 0 ${s.width} ${top}`, height: top });
  s.shown = shown;
  s.slides = slides;
  layoutParts(s, flips);
  layoutRulers(s);
  layoutControls(s);
}

/** Under the picture only what `controls` names; a reduced view has it all in one line. */
function layoutControls(s) {
  const { n, view, shown, slides } = s;
  const guesses = showsControl(s, "guess") && shown.includes("output");
  for (const [width, name] of [[480, "narrow"], [700, "middle"]]) view.root.classList.toggle(name, s.width <= width);
  view.root.classList.toggle("guessing", s.guess?.stage === "drawing");
  view.root.classList.toggle("reduced", !shown.includes("output"));
  view.root.classList.toggle("bare", !guesses && !slides);
  n.guessFirst.hidden = !guesses;
  n.transport.play.hidden = !slides;
  n.value.hidden = !shown.includes("output");
  n.play.hidden = !guesses && !slides;
  n.shapes.hidden = !showsControl(s, "shapes");
  if (shown.includes("output")) n.shapes.before(n.play);
  else view.foot.prepend(n.play);
}

function layoutParts(s, flips) {
  const { n, panels, view, shape } = s;
  const { curves, product, output } = panels;
  const span = (node, top, bottom) => update(node, { x: s.left, width: s.right - s.left, y: top, height: Math.max(0, bottom - top) });
  span(n.look, curves.top - 4, curves.bottom + 2);
  span(n.read, product.top - 2, product.bottom + 2);
  span(n.pick, output.top - 4, output.bottom + 4);
  n.read.toggleAttribute("hidden", !s.shown.includes("product"));
  n.pick.toggleAttribute("hidden", !s.shown.includes("output") || !s.slides);
  n.grab.toggleAttribute("hidden", !s.slides);
  n.addUp.hidden = !shape.f || !shape.g; // an arrow has no slices
  if (s.shown.includes("curves")) {
    n.slider.along(s.left, s.right);
    n.slider.node.style.top = `${curves.bottom - 4}px`;
    n.hand.style.top = `${curves.bottom - 4}px`;
    const { f, g } = shape;
    // g is drawn once about its own origin, and then moved and turned.
    const about = (u) => u * s.scale;
    update(n.f, { d: f ? outline(f.at, f.from, f.to, s.x, curves.y) : arrow(s.x(0), 1, curves.y) });
    const d = g ? outline(g.at, g.from, Math.min(g.to, 8), about, curves.y) : arrow(0, 1, curves.y);
    for (const node of [n.g, n.grab]) update(node, { d });
    const [from, to] = g ? [g.from, Math.min(g.to, 2.5)] : [-0.15, shape.free];
    update(n.page, { x: from * s.scale, width: (to - from) * s.scale, y: curves.top, height: curves.bottom - curves.top });
  }
  const below = s.shown.includes("curves");
  for (const node of [n.slider.node, n.hand]) node.hidden = !(below && s.slides);
  n.grip.hidden = !(below && flips);
  n.grip.style.top = `${s.arm - 12}px`;
  if (s.shown.includes("output")) {
    const { y } = output;
    const wall = s.x(-s.reach);
    update(n.cup, { d: `M${wall + 1} ${output.top - 4}V${output.bottom}H${wall + CUP * s.scale}V${output.top - 4}` });
    update(n.cupName, { x: wall + (CUP / 2) * s.scale, y: output.top + 12 });
    const curve = (samples, flip) => {
      if (shape.twoImpulses) return arrow(s.x(0), 1, y);
      const one = outputShape(s, samples, flip);
      return one ? outline(one.at, one.from, one.to, s.x, y) : "";
    };
    for (const node of [n.trace, n.rest]) update(node, { d: curve(shape.output, shape.flip) });
    update(n.other, { d: s.compare && !s.guess && shape.difference > 1e-6 ? curve(shape.counterpart, -shape.flip) : "" });
  }
  for (const [which, one] of Object.entries(s.pads)) {
    const panel = which === "guess" ? output : curves;
    one.pad.hidden = which === "guess" ? s.guess?.stage !== "drawing" : s.drawing !== which;
    Object.assign(one.pad.style, { left: `${s.left}px`, top: `${panel.top - 4}px`, width: `${s.right - s.left}px`, height: `${panel.bottom - panel.top + 8}px` });
    one.show();
  }
  const draws = showsControl(s, "shapes");
  n.drawF.hidden = !(draws && view.get("f") === "drawn" && !s.drawing);
  n.drawG.hidden = !(draws && view.get("g") === "drawn" && !s.drawing);
  for (const node of [n.clear, n.done]) node.hidden = !s.drawing;
}

/** Two axes, each with its own name: tau under the functions, t under the output. */
function layoutRulers({ n, panels, shown, x, reach }) {
  axis(n.ruler, "τ", shown.includes("curves") ? panels.curves.bottom : null, { x, reach });
  axis(n.times, "t", shown.includes("output") ? panels.output.bottom : null, { x, reach });
}

/** What changes with t and with the turning of g: cheap enough for every frame of a drag. */
function draw(s) {
  const { n, panels, shape, view } = s;
  const t = view.get("t");
  const turn = Math.abs(s.turn) < 0.01 ? 0.01 * (Math.sign(s.turn) || 1) : s.turn;
  const settled = s.turn === shape.flip;
  const place = s.x(t);
  const flows = { t, index: indexOf(t), settled };
  flows.out = shape.output[flows.index];
  flows.meet = shape.twoImpulses && flows.index === HALF;
  flows.height = flows.meet ? 1 : shape.twoImpulses ? 0 : flows.out;
  s.now = flows;
  s.farthest = Math.max(s.farthest, flows.index);
  if (s.guess?.stage === "revealing" && s.farthest >= indexOf(s.reach)) s.guess.stage = "told";
  view.root.classList.toggle("turning", !settled);
  if (s.shown.includes("curves")) {
    const { curves } = panels;
    for (const node of [n.g, n.grab, n.page]) update(node, { transform: `translate(${place.toFixed(2)} 0) scale(${turn.toFixed(4)} 1)` });
    const edge = place + s.turn * shape.free * s.scale;
    const arm = n.grip.hidden ? "" : `M${place.toFixed(1)} ${s.arm}H${edge.toFixed(1)}`;
    update(n.hinge, { d: `M${place.toFixed(1)} ${n.grip.hidden ? curves.top - 4 : s.arm}V${curves.bottom}${arm}` });
    n.grip.style.transform = `translate(${(clamp(edge, s.left + 14, s.right - 14) - 24).toFixed(1)}px, 0)`;
    const state = shape.flip < 0 ? "g is flipped: convolution" : "g is not flipped: correlation";
    update(n.grip, { "aria-pressed": shape.flip < 0, title: state });
    n.hand.style.transform = `translate(${(place - 13).toFixed(1)}px, 0)`;
  }
  const [first, last] = [panels[s.shown[0]], panels[s.shown.at(-1)]];
  update(n.marker, { x1: place, x2: place, y1: first.bottom, y2: last.name === "output" ? last.y(Math.max(flows.height, 0)) : last.bottom });
  if (s.shown.includes("product")) drawProduct(s, t, turn);
  if (s.shown.includes("output")) drawOutput(s, place);
  drawStrip(s, t, turn);
  drawDrops(s);
  words(s);
}

function drawProduct(s, t, turn) {
  const { n, panels, shape } = s;
  const { y } = panels.product;
  const { f, g } = shape;
  s.product = null;
  let [line, fill] = ["", ""];
  if (shape.twoImpulses) line = s.now.meet ? arrow(s.x(0), 1, y) : "";
  else if (!f || !g) line = arrow(s.x(f ? t : 0), s.now.out, y);
  else {
    const ends = [t + turn * g.from, t + turn * g.to].sort((a, b) => a - b);
    const at = (tau) => f.at(tau) * g.at((tau - t) / turn);
    s.product = { at, from: Math.max(f.from, ends[0]), to: Math.min(f.to, ends[1]) };
    line = outline(at, Math.max(s.product.from, -s.reach - 0.2), Math.min(s.product.to, s.reach + 0.2), s.x, y);
    fill = line && `${line}Z`;
  }
  update(n.product, { d: line });
  update(n.area, { d: fill });
}

function drawOutput(s, place) {
  const { n, panels, now } = s;
  const { y, origin } = panels.output;
  const level = s.pour ? s.pour.level : now.height;
  update(n.traced, { width: place + 10 });
  update(n.seen, { width: s.x(timeOf(s.farthest)) + 10 });
  update(n.dot, { cx: place, cy: y(now.height).toFixed(1) });
  update(n.stem, { x1: place, x2: place, y1: origin, y2: y(now.height).toFixed(1) });
  const wall = s.x(-s.reach);
  const top = y(level);
  update(n.liquid, { x: wall + 1, width: CUP * s.scale - 1, y: Math.min(top, origin).toFixed(1), height: Math.abs(top - origin).toFixed(1) });
  update(n.surface, { x1: wall + 1, x2: wall + CUP * s.scale, y1: top.toFixed(1), y2: top.toFixed(1) });
  update(n.level, { x1: wall + CUP * s.scale, x2: place, y1: top.toFixed(1), y2: top.toFixed(1) });
  update(n.level, { visibility: s.pour || !now.settled || place < wall + CUP * s.scale ? "hidden" : "inherit" });
  const ghost = s.ghost ?? null;
  update(n.ghost, { visibility: ghost === null || s.guess?.stage === "drawing" ? "hidden" : "visible" });
  if (ghost !== null) update(n.ghost, { cx: s.x(ghost), cy: y(s.shape.twoImpulses ? 0 : s.shape.output[indexOf(ghost)]).toFixed(1) });
  const nodes = s.guess?.nodes;
  update(n.guess, { d: nodes ? nodes.map((v, i) => `${i ? "L" : "M"}${s.x(guessTime(s, i)).toFixed(1)} ${y(v).toFixed(1)}`).join("") : "" });
}

/** Where the product is largest, in the middle if that is a whole stretch; t where there is no product. */
function telling({ product, reach }, t) {
  const [from, to] = product ? [Math.max(product.from, -reach), Math.min(product.to, reach)] : [0, 0];
  if (to <= from) return clamp(t, -reach, reach);
  const taus = Array.from({ length: 80 }, (_, i) => from + ((i + 0.5) / 80) * (to - from));
  const sizes = taus.map((tau) => Math.abs(product.at(tau)));
  const most = Math.max(...sizes);
  const first = sizes.findIndex((size) => size >= most - SAME_TIME);
  const after = sizes.findIndex((size, i) => i > first && size < most - SAME_TIME);
  return snap((taus[first] + taus[(after < 0 ? sizes.length : after) - 1]) / 2, STEP);
}

/** The strip at one tau, and the three values that stand in it. */
function drawStrip(s, t, turn) {
  const { n, panels, shape, shown } = s;
  const tau = s.look.at() ?? (s.lit === "tau" ? telling(s, t) : null);
  s.values = null;
  const panel = (name) => (shown.includes(name) ? panels[name] : null);
  const hidden = tau === null || Math.abs(tau) > s.reach;
  update(n.strip, { visibility: hidden ? "hidden" : "visible" });
  const ends = [panel("curves") ?? panel("product"), panel("product") ?? panel("curves")];
  if (!hidden && ends[0]) {
    const u = (tau - t) / turn;
    const [a, b] = [shape.f?.at(tau) ?? null, shape.g?.at(u) ?? null];
    s.values = { tau, u, a, b, both: a !== null && b !== null ? a * b : null };
    update(n.strip, { x: (s.x(tau) - 3.5).toFixed(1), y: ends[0].top - 4, height: ends[1].bottom - ends[0].top + 4 });
  }
  const heights = [s.values?.a, s.values?.b, s.values?.both];
  n.beads.forEach((bead, i) => {
    const where = panel(i < 2 ? "curves" : "product");
    const seen = !hidden && where && heights[i] != null;
    update(bead, { visibility: seen ? "visible" : "hidden" });
    if (seen) update(bead, { cx: s.x(tau).toFixed(1), cy: where.y(heights[i]).toFixed(1) });
  });
}

/** Slices of the area on their way: each spreads to the cup's width as it falls, and keeps its area. */
function drawDrops(s) {
  const { n, panels, pour } = s;
  const flying = pour && s.shown.includes("output");
  s.view.root.classList.toggle("pouring", Boolean(pour));
  n.drops.forEach((drop, i) => {
    const slice = flying ? pour.slices[i] : null;
    const share = slice ? clamp((pour.share - 0.6 * (i / SLICES)) / 0.4, 0, 1) : 1;
    update(drop, { visibility: share < 1 ? "visible" : "hidden" });
    if (share >= 1) return;
    const ease = share * share * (3 - 2 * share);
    const mix = (a, b) => a + (b - a) * ease;
    const width = mix(s.x(slice.to) - s.x(slice.from), CUP * s.scale);
    const height = (Math.abs(slice.area) * s.unit * s.scale) / width;
    const mean = (slice.area / (slice.to - slice.from)) * (s.unit / 2);
    const [x, y] = [mix(s.x((slice.from + slice.to) / 2), s.x(-s.reach + CUP / 2)), mix(panels.product.origin - mean, panels.output.y(pour.level))];
    update(drop, { x: (x - width / 2).toFixed(1), y: (y - height / 2).toFixed(1), width: width.toFixed(1), height: Math.max(height, 0.3).toFixed(2), "data-sign": slice.area < 0 ? "minus" : "plus" });
  });
}

const guessTime = (s, i) => -s.reach + i / 10;
const argument = (flip, t) => (flip < 0 ? `${format(t)} − τ` : t < 0 ? `τ + ${format(-t)}` : `τ − ${format(t)}`);
const slid = (flip) => (flip < 0 ? "g(t − τ)" : "g(τ − t)");

/** Every text: names in their lanes, numbers, what is read aloud. */
function words(s) {
  const { n, shape, now, values, view } = s;
  const { flip, sign } = shape;
  const secret = s.guess?.stage === "drawing";
  const amount = now.meet ? "no number: an impulse" : format(s.pour ? s.pour.level : now.out, 3);
  const at = format(now.t);
  const result = (t) => `(f\u00a0${sign}\u00a0g)(${format(t)})`;
  const valueOf = (v, where) => (v !== null ? format(v) : Math.abs(where) < STEP / 2 ? "an impulse" : format(0));
  const moving = slid(s.turn < 0 ? -1 : 1);
  say(n.nameF, values ? `f(${format(values.tau)}) = ${valueOf(values.a, values.tau)}` : "f(τ)");
  say(n.nameG, values ? `g(${format(values.u)}) = ${valueOf(values.b, values.u)}` : moving);
  const both = values && values.both !== null;
  say(n.nameProduct, both ? `${format(values.a)} × ${format(values.b)} = ${format(values.both)}` : `f(τ) · ${moving}`);
  say(n.nameArea, `area ${secret ? "?" : !now.settled ? "…" : now.meet ? "1, an impulse" : amount}`);
  say(n.nameOutput, secret ? `Draw (f ${sign} g)(t) here, then play` : `(f ${sign} g)(t)`);
  say(n.kind, secret ? "" : flip < 0 ? "convolution" : "correlation");
  say(n.nameOther, s.compare && shape.difference > 1e-6 && !s.guess ? `f ${flip < 0 ? "⋆" : "∗"} g` : "");
  const ghost = s.ghost ?? null;
  const there = ghost === null || secret ? "" : `${result(ghost)} = ${format(shape.output[indexOf(ghost)], 3)}`;
  say(n.reading, shape.twoImpulses ? "" : there);
  say(n.value, now.meet ? `f ${sign} g: an impulse` : `${result(now.t)} = ${secret ? "?" : now.settled ? amount : "…"}`);
  const told = secret ? "hidden until you play" : amount;
  const sentence = `At t = ${at}: multiply f(τ) by g(${argument(flip, now.t)}), measure the area, get (f ${sign} g)(${at}) = ${told}.`;
  const spoken = sentence.replace("= no", "no");
  update(n.slider.node, { "aria-valuetext": `t = ${at}, area ${told}` });
  if (values) {
    const product = both ? `, the product ${format(values.both)}` : "";
    const reading = `At τ = ${format(values.tau)}: f is ${valueOf(values.a, values.tau)}, the sliding g is ${valueOf(values.b, values.u)}${product}.`;
    update(n.read, { "aria-valuenow": values.tau, "aria-valuetext": reading });
  } else {
    update(n.read, { "aria-valuenow": 0, "aria-valuetext": "no τ chosen" });
  }
  say(n.readout, spoken);
  note(s);
  const news = s.guess?.stage === "told" || n.note.classList.contains("said");
  view.aloud(values ? n.read.getAttribute("aria-valuetext") : news ? n.note.textContent : spoken);
}

/** The one sentence under the picture: what has just been done, or what there is to do. */
function note(s) {
  const { n, view, shape, now } = s;
  const reward = view.get("reward");
  const { kind, text } = s.guess
    ? { kind: "guess", text: guessWords(s) }
    : s.drawing
    ? { kind: "hint", text: "Draw with mouse or finger; by keyboard, left and right choose a point, up and down move it." }
    : s.said && s.said.t === now.t
    ? { kind: "said", text: s.said.text }
    : s.earned && reward
    ? { kind: "reward", text: reward }
    : s.compare
    ? { kind: "flip", text: flipWords(shape) }
    : { kind: "hint", text: restWords(s) };
  update(n.note, { class: `note ${kind}` });
  say(n.note, text);
  update(n.note, { "aria-live": reward ? "polite" : "off" });
  say(n.guessFirst, !s.guess ? "Guess first" : s.guess.stage === "drawing" ? "Never mind" : "Clear");
  n.guessFirst.disabled = shape.twoImpulses;
}

const restWords = ({ slides, shown }) => (!slides || !shown.includes("curves") ? "" : shown.length === 3 ? REST : SHORT_REST);

function flipWords({ difference, flip, even }) {
  if (difference <= 1e-6) return `Here the flip makes no difference: ${even ? "g is its own mirror image" : "the areas come out the same"}.`;
  const other = flip < 0 ? "not flipped, g gives the correlation" : "flipped, g gives the convolution";
  return `Here the flip matters: ${other}, dashed; they differ by up to ${format(difference)}.`;
}

function guessWords(s) {
  const { stage, nodes } = s.guess;
  if (stage === "drawing") return "How large is the area at each t? Draw your guess, then press Play.";
  if (stage === "revealing") return "Your guess, and the truth over it.";
  const [low, high] = [indexOf(-s.reach), indexOf(s.reach)];
  const truth = s.shape.output.slice(low, high + 1);
  const guess = truth.map((_, i) => throughNodes(nodes, s.reach, timeOf(low + i)));
  const found = score(guess, truth);
  if (!found) return "The truth is zero everywhere.";
  if (guess.every((v) => v === 0)) return "You drew nothing this time. Guess first, and look again?";
  const praise = found.gap < 0.06 ? "Superb" : found.gap < 0.15 ? "Very close" : found.gap < 0.3 ? "Not far off" : "A brave try";
  const [yours, its] = [found.guessed, found.peak].map((i) => format(timeOf(low + i), 1));
  const peaks = yours === its ? `you put its peak right, at t = ${its}` : `your peak is at t = ${yours}, the true one at ${its}`;
  return `${praise}: off by ${Math.round(100 * found.gap)} % of the peak on average; ${peaks}.`;
}

/** Turn g over, slide it, pick t, read tau, pour: what hands and keys do to the picture. */
function gesturesOf(s) {
  const { view, n, look, redraw } = s;
  const clientX = (event) => event.clientX - n.stage.getBoundingClientRect().left;
  s.timeAt = (event) => snap(clamp((clientX(event) - s.left) / s.scale - s.reach, -s.reach, s.reach), STEP);
  s.valueAt = (event, panel) => (panel.origin + n.stage.getBoundingClientRect().top - event.clientY) / s.unit;
  const moveTo = (t) => view.set("t", clamp(snap(t, STEP), -s.reach, s.reach));
  const touch = (event, tau) => event.pointerType !== "mouse" && look.hover(tau);
  const gone = () => look.hover(null);

  handle(view, n.grip, ["operation"], {
    axis: "x",
    press: () => (s.turns.stop(), s.turn),
    drag(_, turn, by) {
      s.held = true;
      s.turn = clamp(turn + by.x / (s.shape.free * s.scale), -1, 1);
      redraw();
    },
    click: () => s.flip(),
    drop() {
      if (s.held) view.set("operation", s.turn < 0 ? "convolution" : "correlation");
      s.held = false;
      s.settle();
    },
    cancel: () => ((s.held = false), s.settle()),
  });
  n.grip.addEventListener("click", (event) => event.detail === 0 && s.flip());

  handle(view, n.grab, ["t"], {
    axis: "x",
    press: (event) => (s.stop(), touch(event, s.timeAt(event)), view.get("t")),
    drag: (_, t, by) => (gone(), moveTo(t + by.x / s.scale)),
    click: (event) => look.pin(s.timeAt(event)),
    drop: (t) => (gone(), t !== view.get("t") && s.earn()),
    cancel: gone,
    hover: (event) => look.hover(s.timeAt(event)),
    leave: gone,
  });
  look.watch(n.look, s.timeAt, { axis: "x" });
  for (const node of [n.grab, n.read, n.slider.node]) node.dataset.look = ""; // a pinned strip stays while g slides

  gestures(n.read, {
    axis: "x",
    press: (event) => (touch(event, s.timeAt(event)), true),
    drag: (event) => look.hover(s.timeAt(event)),
    click: () => s.addUp(),
    drop: gone,
    cancel: gone,
    hover: (event) => look.hover(s.timeAt(event)),
    leave: gone,
  });
  n.read.addEventListener("blur", gone);
  const step = (by) => snap(clamp((look.at() ?? view.get("t")) + by * STEP, -s.reach, s.reach), STEP);
  keys(n.read, { ArrowLeft: -5, ArrowRight: 5, PageUp: 25, PageDown: -25, Home: -999, End: 999, Enter: "pin", " ": "pin" }, (by) => {
    if (by === "pin") look.at() !== null && look.pin(look.at());
    else if (look.pinned()) (look.pin(look.at()), look.pin(step(by)));
    else look.hover(step(by));
  });

  const ghost = (t) => ((s.ghost = t), redraw());
  const pick = (event) => (s.stop(), (s.ghost = null), moveTo(s.timeAt(event)));
  handle(view, n.pick, ["t"], {
    axis: "x",
    still: -1,
    press: pick,
    drag: pick,
    drop: () => s.earn(),
    cancel: () => {},
    hover: (event) => ghost(s.timeAt(event)),
    leave: () => ghost(null),
  });
  n.slider.node.addEventListener("input", () => s.stop());
  n.slider.node.addEventListener("change", () => s.earn());
}

/** f and g drawn by hand in their own place, and the guess in its. */
function padsOf(s) {
  const { view } = s;
  const pad = (which, panel, map) =>
    sketch(view, `Draw ${which === "guess" ? "your guess" : which}: left and right arrow keys choose a point, up and down move it`, {
      place: (event) => ({ index: map.index(s.timeAt(event)), value: clamp(s.valueAt(event, panel), ...map.limit()) }),
      where: (i, value) => [s.x(map.time(i)) - s.left, panel.y(value) - panel.top + 4],
      ...map,
    });
  const byHand = (which, toTime, fromTime) =>
    pad(which, s.panels.curves, {
      nodes: () => floats(view.get(`${which}_samples`)),
      put: (all) => view.set(`${which}_samples`, binary(all)),
      index: (tau) => clamp(Math.round((fromTime(tau) + DRAWN_REACH) * 10), 0, 40),
      time: (i) => toTime(i / 10 - DRAWN_REACH),
      spoken: (i, value) => `${which}(${format(i / 10 - DRAWN_REACH, 1)}) = ${format(value)}`,
      limit: () => [-1, 1],
    });
  const flip = () => s.shape.flip;
  s.pads = {
    f: byHand("f", (u) => u, (tau) => tau),
    g: byHand("g", (u) => view.get("t") + flip() * u, (tau) => flip() * (tau - view.get("t"))),
    guess: pad("guess", s.panels.output, {
      nodes: () => s.guess?.nodes.slice(),
      put: (all) => ((s.guess.nodes = all), s.redraw()),
      index: (t) => clamp(Math.round((t + s.reach) * 10), 0, s.reach * 20),
      time: (i) => guessTime(s, i),
      spoken: (i, value) => `your guess at t = ${format(guessTime(s, i), 1)}: ${format(value)}`,
      limit: () => [-s.shape.ranges.output[0] || 0, s.shape.ranges.output[1]],
    }),
  };
}

/** What can be done to the widget as a whole: by its buttons, by prose. */
function actsOf(s, transport) {
  const { view, n } = s;
  s.turns = view.tween(450);
  s.pours = view.tween(1100);
  s.settle = () => {
    const [from, to] = [s.turn, view.get("operation") === "convolution" ? -1 : 1];
    s.turns.run((share) => ((s.turn = from + (to - from) * share * share * (3 - 2 * share)), s.redraw()));
  };
  s.flip = (to) => {
    const other = view.get("operation") === "convolution" ? "correlation" : "convolution";
    view.set("operation", to ?? other);
    view.send();
  };
  s.stop = () => {
    transport.stop();
    s.pours.stop();
    s.pour = null;
  };
  s.earn = () => {
    s.earned = true;
    s.redraw();
  };
  s.addUp = () => {
    if (!s.product || s.guess?.stage === "drawing") return;
    s.stop();
    s.look.letGo();
    const { at, from, to } = s.product;
    const ends = [Math.max(from, -s.reach), Math.min(to, s.reach)];
    const parts = ends[1] > ends[0] ? slices(at, ...ends, SLICES) : [];
    const { sign } = s.shape;
    s.pours.run(
      (share) => {
        const landed = parts.filter((_, i) => share >= 0.6 * (i / SLICES) + 0.4);
        s.pour = { share, slices: parts, level: share < 1 ? landed.reduce((sum, { area }) => sum + area, 0) : s.now.out };
        s.redraw();
      },
      () => {
        s.pour = null;
        const [area, t] = [format(s.now.out, 3), view.get("t")];
        s.said = { t, text: `The area ${area} fills a cup one unit wide to the height ${area}: one point of f ${sign} g.` };
        s.redraw();
      },
    );
  };
  s.play = ({ from, to } = {}) => {
    s.stop();
    s.began = view.get("t");
    if (s.guess?.stage !== "drawing") return transport.begin(from, to ?? s.reach);
    s.guess.stage = "revealing";
    s.farthest = 0;
    if (view.calm()) view.set("t", s.reach);
    else transport.begin(-s.reach, s.reach);
    s.rebuild();
  };
  s.guessFirst = (wanted = !s.guess) => {
    s.stop();
    s.drawing = null;
    const possible = wanted && !s.shape.twoImpulses && s.shown.includes("output");
    s.guess = possible ? { stage: "drawing", nodes: new Array(s.reach * 20 + 1).fill(0) } : null;
    s.rebuild.now();
  };
  s.draw = (which) => {
    s.stop();
    s.drawing = which;
    s.guess = null;
    if (which) view.set(which, "drawn");
    if (which === "g") view.set("t", clamp(view.get("t"), -1, 1)); // else part of it could not be reached
    s.rebuild.now();
  };
  n.play.addEventListener("click", (event) => {
    if (event.target !== transport.play || transport.playing()) return;
    event.stopPropagation();
    s.play();
  }, true);
  n.guessFirst.addEventListener("click", () => {
    s.guessFirst();
    if (s.guess) s.pads.guess.pad.focus({ preventScroll: true });
  });
  n.addUp.addEventListener("click", s.addUp);
  n.drawF.addEventListener("click", () => s.draw("f"));
  n.drawG.addEventListener("click", () => s.draw("g"));
  n.done.addEventListener("click", () => s.draw(null));
  n.clear.addEventListener("click", () => {
    const trait = `${s.drawing}_samples`;
    view.set(trait, binary(floats(view.get(trait)).fill(0)));
    view.send();
  });
  const lookAt = ({ value: tau }) => {
    if (typeof tau !== "number" || !(Math.abs(tau) <= REACH)) return;
    if (Math.abs(tau) > s.reach) (s.far = true), s.rebuild.now();
    s.look.letGo();
    s.look.pin(tau);
  };
  const light = ({ part }) => ((s.lit = part), view.light(part), s.redraw());
  const drawOrder = ({ value }) => ["f", "g"].includes(value) && s.draw(value);
  view.obeys({ play: s.play, flip: ({ to }) => s.flip(to), pour: s.addUp, guess: () => s.guessFirst(true) });
  view.obeys({ light, look: lookAt, draw: drawOrder });
}

/** Redraws: all of it when the functions change, what depends on t otherwise; and what Reset ends. */
function followTraits(s) {
  const { view, n } = s;
  s.redraw = view.frame(() => {
    if (!s.shape || !s.width) return;
    const t = view.get("t");
    if (Math.abs(t) > s.reach) return (s.far = true), s.rebuild.now();
    if (s.earned === undefined && s.began !== undefined && Math.abs(t - s.began) > 1) s.earned = true;
    draw(s);
    for (const one of Object.values(s.pads)) one.show();
  });
  const all = () => {
    if (!s.width) return;
    s.compare ||= view.get("operation") === "correlation";
    compute(s);
    if (s.drawing && view.get(s.drawing) !== "drawn") s.drawing = null;
    if (s.shape.twoImpulses || s.guess?.nodes.length !== s.reach * 20 + 1) s.guess = null;
    layout(s);
    update(n.slider.node, { min: -s.reach, max: s.reach });
    n.slider.node.value = view.get("t");
    draw(s);
  };
  s.rebuild = view.frame(all);
  s.rebuild.now = all;
  const changed = () => {
    s.farthest = 0;
    s.said = null;
    if (s.guess && s.guess.stage !== "drawing") s.guess = null;
    s.rebuild();
  };
  view.on(["f", "g", "operation", "f_samples", "g_samples", "show", "controls", "reward"], changed);
  view.on(["operation"], () => s.held || s.settle());
  view.on(["t"], s.redraw);
  view.onReset(() => {
    s.stop();
    Object.assign(s, { guess: null, drawing: null, said: null, earned: undefined, began: undefined, far: false, farthest: 0, compare: false });
    s.rebuild();
  });
  view.widths(n.scene, (width) => {
    s.width = width;
    all();
  });
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "explorer", { traits: ["f", "g", "t", "operation", "f_samples", "g_samples"] });
  const s = makeScene(view);
  const { n } = s;
  const range = { low: -REACH, high: REACH, step: STEP, start: -REACH / 2, speed: 1.4, stride: 0.24, pause: 400 };
  const transport = player(view, "t", "t", { ...range, words: format });
  n.slider = n.transport = transport;
  update(transport.node, { "aria-label": "t", "data-part": "t" });
  s.look = looking(view, () => s.redraw(), { same: (a, b) => Math.abs(a - b) < 0.05, name: (tau) => `τ = ${format(tau ?? 0)}` });
  const role = { tabindex: 0, role: "slider", "aria-valuemin": -REACH, "aria-valuemax": REACH, "aria-valuenow": 0 };
  update(n.read, { ...role, "aria-label": "Read the values at one τ: left and right arrow keys move it, Enter keeps it, Escape lets go" });
  padsOf(s);
  actsOf(s, transport);
  n.readout = element("p", { class: "quiet readout" });
  const thumbs = ["f", "g"].map((which) => thumbnails(view, which, which === "f" ? "f stands still" : "g slides"));
  thumbs.forEach(({ radios }, i) => {
    const drawn = radios.find((radio) => radio.value === "drawn");
    drawn.addEventListener("click", () => s.draw(["f", "g"][i]));
  });
  n.shapes = element("div", { class: "shapes" }, ...thumbs.map(({ box }) => box));
  n.play.append(transport.play, n.guessFirst, n.value);
  const pads = Object.values(s.pads).map(({ pad }) => pad);
  const lanes = Object.values(n.lanes);
  n.scene = element("div", { class: "scene" }, n.slider.node, n.hand, n.grip, n.stage, ...lanes, ...pads);
  followTraits(s);
  gesturesOf(s);
  n.lanes.curves.append(s.look.chip);
  view.foot.prepend(n.note);
  view.show(n.scene, n.play, n.shapes, n.readout);
  return view.end;
}

export default { render };
