import { choice, player, slider } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, format, pathThrough } from "./js/numbers.js";
import { keys, looking } from "./js/pointer.js";

const STEP = 0.02; // of the times at which curves are known, and of the strips of the exact one
const SAME = 1e-9; // times closer than this are the same
const [LANE, PANEL, BETWEEN, TICKS] = [20, 122, 24, 18]; // pixels: a line of names, a panel, what is between two
const TOP = 1.15; // the highest value that is shown
const NAMES = { box: "box", triangle: "triangle", exponential: "exponential", gaussian: "Gaussian", burst: "sine burst" };

// ---- the maths -------------------------------------------------------------------------------------------------

const stepAt = (t) => (Math.abs(t) <= SAME ? 0.5 : t > 0 ? 1 : 0);

/** The shapes: values, and where they begin and end or are cut off, as in sum_of_copies.py. */
export const SHAPES = {
  box: { at: (t) => stepAt(t + 0.5) - stepAt(t - 0.5), from: -0.5, to: 0.5 },
  triangle: { at: (t) => Math.max(0, 1 - Math.abs(t)), from: -1, to: 1 },
  exponential: { at: (t) => stepAt(t) * Math.exp(-Math.max(t, 0)), from: 0, to: 5 },
  gaussian: { at: (t) => Math.exp(-0.5 * (t / 0.4) ** 2) / (0.4 * Math.sqrt(2 * Math.PI)), from: -1.6, to: 1.6 },
  burst: { at: (t) => (Math.abs(t) < 1 ? Math.sin(4 * Math.PI * t) * Math.cos((Math.PI / 2) * t) ** 2 : 0), from: -1, to: 1 },
};

/** Values of a shape at many times. */
export const valuesOf = (name, times) => Float64Array.from(times, SHAPES[name].at);

/** The strips of a shape: their width, their middles, their areas. */
export function stripsOf(name, count) {
  const { at, from, to } = SHAPES[name];
  const width = (to - from) / count;
  const places = Float64Array.from({ length: count }, (_, k) => from + (k + 0.5) * width);
  return { width, places, areas: places.map((place) => width * at(place)) };
}

/** Multiples of the step from a little before all begins to a little after, or to where little is left. */
export function timesOf(f, g) {
  const [a, b] = [SHAPES[f], SHAPES[g]];
  const low = Math.min(a.from, a.from + b.from) - 0.25;
  const high = Math.min(a.to + b.to, Math.max(a.to, 4)) + 0.25;
  const [first, last] = [Math.ceil(low / STEP - SAME), Math.floor(high / STEP + SAME)];
  return Float64Array.from({ length: last - first + 1 }, (_, i) => (first + i) * STEP);
}

/** The sum of the copies of `g` that strips `from` to `to` of `f` add, at `times`. */
export function sumOf(g, { places, areas }, times, to = places.length, from = 0) {
  const { at } = SHAPES[g];
  const sum = new Float64Array(times.length);
  for (let k = from; k < to; k += 1) for (let i = 0; i < times.length; i += 1) sum[i] += areas[k] * at(times[i] - places[k]);
  return sum;
}

/** The convolution: the same sum with strips of the step's width. */
export function exactOf(f, g) {
  const { from, to } = SHAPES[f];
  return sumOf(g, stripsOf(f, Math.round((to - from) / STEP)), timesOf(f, g));
}

/** The times at which a sum of copies is drawn: also just before and just after each of its jumps. */
export function pointsOf(g, { places }, times, added) {
  const jumps = { box: [-0.5, 0.5], exponential: [0] }[g] ?? [];
  const beside = [...places.slice(0, added)].flatMap((place) => jumps.flatMap((jump) => [place + jump - 1e-7, place + jump + 1e-7]));
  const [first, last] = [times[0], times[times.length - 1]];
  return Float64Array.from([...times, ...beside.filter((t) => t > first && t < last)]).sort();
}

/** The largest distance between two curves. */
export const gapOf = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Two digits that count, and nothing smaller than a millionth. */
export const gapText = (gap) => (gap < 1e-6 ? "less than 0.000001" : gap.toFixed(Math.max(0, 1 - Math.floor(Math.log10(gap)))));

/** What all copies together, or some of them, or the one that is looked at, come to. */
export function sentence({ strips, added, gap, place, area }) {
  if (place !== undefined) {
    const by = `${place < 0 ? "+" : "−"} ${brief(Math.abs(place))}`;
    const times = Math.abs(area) < 0.0005 ? "nothing" : `${brief(area, 3)} · g(t${Math.abs(place) < 0.005 ? "" : ` ${by}`})`;
    return `The strip at τ = ${brief(place)} has area ${brief(area, 3)}: it adds ${times}.`;
  }
  if (added < strips) return `${added} of ${strips} copies are added.`;
  const copies = strips === 1 ? "1 strip, 1 copy" : `${strips} strips, ${strips} copies`;
  return `${copies} of g. Largest gap between their sum and f ∗ g: ${gapText(gap)}.`;
}

// ---- the picture -----------------------------------------------------------------------------------------------

/** Points of a shape's outline, its jumps upright. */
function outline(name) {
  if (name === "box") return [[-0.5, 0], [-0.5, 1], [0.5, 1], [0.5, 0]];
  const { at, from, to } = SHAPES[name];
  const end = name === "exponential" ? 8 : to;
  const count = Math.ceil((end - from) / 0.02);
  const points = Array.from({ length: count + 1 }, (_, i) => from + ((end - from) * i) / count).map((t) => [t, at(t)]);
  return name === "exponential" ? [[0, 0], [0, 1], ...points.slice(1)] : points;
}

/** Everything that is made once. */
function scene() {
  const path = (kind) => element("path", { class: kind });
  const text = (kind, anchor = "start") => element("text", { class: kind, "text-anchor": anchor });
  const [strips, copies] = [element("g", { class: "strips" }), element("g", { class: "copies", "data-part": "copies g" })];
  const nodes = {
    // A picture in the picture: what goes beyond the axis is cut off.
    inside: element("svg", { class: "inside" }),
    strips: pool(strips, () => element("rect")),
    copies: pool(copies, () => path("copy")),
    f: path("f"),
    whole: path("whole"),
    launch: element("line", { class: "launch" }),
    band: path("band"),
    exact: path("exact"),
    sum: path("sum"),
    axes: [element("line", { class: "axis" }), element("line", { class: "axis" })],
    ticks: [element("g"), element("g")],
    names: { f: text("of-f"), copies: text("of-copies"), sum: text("of-sum", "middle"), exact: text("", "end"), whole: text("of-whole", "middle"), tau: text("name", "end"), t: text("name", "end") },
    surface: element("rect", { class: "surface", role: "slider", tabindex: 0, "aria-label": "strip", "aria-valuemin": 0 }),
    sentence: element("p", { class: "sentence" }),
  };
  nodes.marks = nodes.ticks.map((parent) => pool(parent, () => {
    const [line, label] = [element("line", { class: "tick" }), text("", "middle")];
    return { node: element("g", {}, line, label), line, label };
  }));
  const { names } = nodes;
  nodes.inside.append(element("g", { "data-part": "output" }, nodes.band, nodes.exact), copies, nodes.whole);
  say(names.whole, "g, unscaled");
  nodes.svg = element(
    "svg",
    { role: "group", "aria-label": "f in strips, and the copies of g that they add" },
    ...nodes.axes,
    ...nodes.ticks,
    element("g", { "data-part": "f" }, strips, nodes.f, names.f),
    nodes.launch,
    nodes.inside,
    element("g", { "data-part": "output" }, nodes.sum, names.sum, names.exact),
    element("g", { "data-part": "copies g" }, names.copies, names.whole),
    names.tau,
    names.t,
    nodes.surface,
  );
  return nodes;
}

/** What is drawn, from the traits; the curves that stay are kept. */
function compute(view, state) {
  const [f, g, strips, upto] = ["f", "g", "strips", "upto"].map(view.get);
  const key = `${f} ${g}`;
  if (state.key !== key) {
    const times = timesOf(f, g);
    Object.assign(state, { key, f, g, times, exact: exactOf(f, g), low: key.includes("burst") ? -0.95 : -0.05 });
  }
  Object.assign(state, { strips, added: upto < 0 ? strips : Math.min(upto, strips), cut: stripsOf(f, strips) });
  state.points = pointsOf(g, state.cut, state.times, state.added);
  state.sum = sumOf(g, state.cut, state.points, state.added);
  if (state.counted !== `${key} ${strips}`) {
    state.counted = `${key} ${strips}`;
    state.gap = gapOf(sumOf(g, state.cut, state.times), state.exact);
  }
  const at = state.look.at();
  state.shown = at === null || at >= strips ? null : at;
}

/** Scales: pixels of a time, and of a value in the upper and the lower panel. */
function scales(state) {
  const { times, width, low } = state;
  const [from, to] = [times[0], times[times.length - 1]];
  const unit = PANEL / (TOP - low);
  const across = width / (to - from);
  const below = LANE + PANEL + BETWEEN + LANE;
  const y = (top) => (value) => top + (TOP - value) * unit;
  return { from, to, unit, across, x: (t) => (t - from) * across, above: y(LANE), below: y(below), top: below, bottom: below + PANEL };
}

function drawAxes(state, s) {
  const { nodes, width } = state;
  const whole = Array.from({ length: Math.floor(s.to) - Math.ceil(s.from) + 1 }, (_, i) => Math.ceil(s.from) + i);
  [s.above, s.below].forEach((y, panel) => {
    update(nodes.axes[panel], { x1: 0, x2: width, y1: y(0), y2: y(0) });
    const foot = panel ? s.bottom : LANE + PANEL;
    nodes.marks[panel](whole.length).forEach(({ line, label }, i) => {
      update(line, { x1: s.x(whole[i]), x2: s.x(whole[i]), y1: y(0), y2: y(0) + 4 });
      update(label, { x: clamp(s.x(whole[i]), 8, width - 8).toFixed(1), y: foot + 14 });
      say(label, format(whole[i], 0));
    });
  });
  const lane = s.top - 7;
  const put = (node, x, y, text) => {
    update(node, { x, y });
    say(node, text);
  };
  const { names } = nodes;
  const wide = brief(state.cut.width, 3);
  put(names.f, 0, LANE - 7, state.strips === 1 ? `f in one strip, Δ = ${wide}` : `f in ${state.strips} strips, Δ = ${wide}`);
  put(names.copies, 0, lane, state.strips === 1 ? "copy of g" : "copies of g");
  put(names.sum, width / 2, lane, "their sum");
  put(names.exact, width, lane, "f ∗ g, dashed");
  put(names.tau, width, s.above(0) - 6, "τ");
  put(names.t, width, s.below(0) - 6, "t");
}

function drawStrips(state, s) {
  const { nodes, cut, shown, added } = state;
  const rects = nodes.strips(state.strips);
  cut.places.forEach((place, k) => {
    const height = cut.areas[k] / cut.width;
    const [x, wide] = [s.x(place - cut.width / 2), cut.width * s.across];
    update(rects[k], {
      x: x.toFixed(2),
      width: Math.max(0.6, wide - (wide > 4 ? 1 : 0.4)).toFixed(2),
      y: Math.min(s.above(0), s.above(height)).toFixed(1),
      height: (Math.abs(height) * s.unit).toFixed(1),
      class: k === shown ? "shown" : k < added ? "" : "awaited",
    });
  });
}

function drawCopies(state, s) {
  const { nodes, cut, shown, added, points, sum } = state;
  const copies = nodes.copies(state.strips);
  copies.forEach((copy, k) => {
    const flat = Math.abs(cut.areas[k]) < 1e-9;
    update(copy, {
      class: `copy${k === shown ? " shown" : ""}${k < added ? "" : " awaited"}`,
      d: flat ? "" : state.path,
      transform: `translate(${s.x(cut.places[k]).toFixed(2)} ${s.below(0).toFixed(2)}) scale(1 ${cut.areas[k].toPrecision(5)})`,
    });
  });
  const end = points.length - 1;
  const line = (values) => pathThrough(0, end, (i) => s.x(points[i]), (i) => s.below(values[i]));
  update(nodes.sum, { d: line(sum) });
  reveal(nodes.launch, shown !== null);
  reveal(nodes.whole, shown !== null);
  reveal(nodes.names.whole, shown !== null);
  reveal(nodes.band, shown !== null && shown < added);
  if (shown === null) return;
  const place = s.x(cut.places[shown]);
  update(nodes.launch, { x1: place, x2: place, y1: s.above(0), y2: s.below(0) });
  update(nodes.whole, { d: state.path, transform: `translate(${place.toFixed(2)} ${s.below(0).toFixed(2)})` });
  // Above its highest point, whose place is the same for every strip.
  update(nodes.names.whole, { x: clamp(place + state.peak[0] * s.across, 38, state.width - 38).toFixed(1), y: (s.below(state.peak[1]) - 5).toFixed(1) });
  const before = sumOf(state.g, cut, points, shown);
  const after = sumOf(state.g, cut, points, shown + 1);
  const back = pathThrough(0, end, (i) => s.x(points[end - i]), (i) => s.below(before[end - i]));
  update(nodes.band, { d: `${line(after)}L${back.slice(1)}Z` });
}

function draw(view, state) {
  if (!state.width) return;
  compute(view, state);
  const s = (state.scales = scales(state));
  const { nodes } = state;
  const drawn = `${state.key} ${state.width}`;
  if (state.drawn !== drawn) {
    state.drawn = drawn;
    const curve = (points, y) => points.map(([t, value], i) => `${i ? "L" : "M"}${t.toFixed(1)} ${y(value).toFixed(1)}`).join("");
    // Units of pixels, from the copy's own place: a copy is this path, moved and made lower.
    state.peak = state.g === "box" ? [0, 1] : outline(state.g).reduce((most, point) => (point[1] > most[1] ? point : most));
    state.path = curve(outline(state.g).map(([t, value]) => [t * s.across, value]), (value) => -value * s.unit);
    update(nodes.f, { d: curve(outline(state.f).map(([t, value]) => [s.x(t), value]), s.above) });
    const { times, exact } = state;
    update(nodes.exact, { d: pathThrough(0, times.length - 1, (i) => s.x(times[i]), (i) => s.below(exact[i])) });
    update(nodes.svg, { viewBox: `0 0 ${state.width} ${s.bottom + TICKS}`, height: s.bottom + TICKS });
    const [top, height] = [s.top - 4, s.bottom - s.top + 8];
    update(nodes.inside, { x: 0, y: top, width: state.width, height, viewBox: `0 ${top} ${state.width} ${height}` });
    update(nodes.surface, { x: 0, y: 0, width: state.width, height: s.bottom });
  }
  drawAxes(state, s);
  drawStrips(state, s);
  drawCopies(state, s);
  state.scrub.limit(0, state.strips);
  const one = state.shown === null ? {} : { place: state.cut.places[state.shown], area: state.cut.areas[state.shown] };
  const words = sentence({ ...state, ...one });
  say(nodes.sentence, words);
  update(nodes.surface, {
    "aria-valuemax": state.strips,
    "aria-valuenow": state.shown === null ? 0 : state.shown + 1,
    "aria-valuetext": state.shown === null ? "none" : words,
  });
  view.aloud(words);
}

/** The strip under the pointer: above by its place, below by the copy whose share of the sum is there; null for none. */
function stripAt(state, event) {
  const { left, top } = state.nodes.svg.getBoundingClientRect();
  const { scales: s, cut, strips, times } = state;
  const t = s.from + (event.clientX - left) / s.across;
  const y = event.clientY - top;
  if (y < s.top - LANE) {
    const k = Math.floor((t - cut.places[0]) / cut.width + 0.5);
    return k >= 0 && k < strips ? k : null;
  }
  const i = clamp(Math.round((t - s.from) / STEP), 0, times.length - 1);
  const value = TOP - (y - s.top) / s.unit;
  let [sum, at] = [0, SHAPES[state.g].at];
  for (let k = 0; k < state.added; k += 1) {
    const next = sum + cut.areas[k] * at(times[i] - cut.places[k]);
    if ((value - sum) * (value - next) < 0) return k;
    sum = next;
  }
  return null;
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "sum-of-copies", { traits: ["f", "g", "strips", "upto"] });
  const nodes = scene();
  const state = { nodes, width: 0 };
  const ask = view.frame(() => draw(view, state));
  const look = (state.look = looking(view, ask, { name: (k) => `strip ${(k ?? 0) + 1}` }));
  // "All" is told as a number of copies to what plays them.
  const counting = { ...view, get: (trait) => (trait === "upto" && view.get(trait) < 0 ? view.get("strips") : view.get(trait)) };
  const pieces = { low: 1, high: 64, step: 1, spoken: (count) => `${count} strips` };
  const strips = slider(view, "strips", "strips", pieces);
  const range = { low: 0, high: view.get("strips"), step: 1, words: (k) => `${k} of ${view.get("strips")}` };
  const scrub = (state.scrub = player(counting, "upto", "copies", { ...range, start: 0, stride: 1, speed: 5 }));
  const [f, g] = [choice(view, "f", "f", NAMES, "of-f"), choice(view, "g", "g", NAMES, "of-copies")];

  look.watch(nodes.surface, (event) => stripAt(state, event), { axis: "x" });
  keys(nodes.surface, { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity }, (by) => {
    const from = look.at() ?? state.shown ?? (by < 0 ? state.strips : -1); // not what was last drawn: keys may be quick
    look.letGo();
    look.pin(clamp(from + by, 0, state.strips - 1));
  });
  view.on(["f", "g", "strips"], look.letGo);
  view.on(["f", "g", "strips", "upto"], ask);
  view.on(["upto"], () => view.get("upto") >= view.get("strips") && view.set("upto", -1));
  view.widths(nodes.svg, (width) => {
    state.width = width;
    draw(view, state);
  });
  const cut = element("div", { class: "transport cut" }, strips.label, strips.node, strips.value);
  const row = element("div", { class: "controls" }, f.box, g.box, cut);
  view.show(element("div", { class: "picture" }, nodes.svg, look.chip), nodes.sentence, scrub.box, row);
  return view.end;
}

export default { render };
