import { bar, grips } from "./js/bars.js";
import { segments } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp } from "./js/numbers.js";
import { keys, looking } from "./js/pointer.js";

// ---- the maths: pure functions, held against black_box.py by tests/js/test_black_box.py ---------------------------

export const LENGTH = 16; // samples
export const REACH = 4; // the input's samples lie between -REACH and REACH
export const NEAR = 0.005; // what differs by more is counted as missed
const upTo = (make) => Array.from({ length: LENGTH }, (_, n) => make(n));
const sine = (n) => 1 + 0.8 * Math.sin(0.9 * n);

function leaky(x) {
  let last = 0;
  return upTo((n) => (last = 0.7 * last + 0.3 * x[n]));
}

/** The boxes: what they are called, whether they are convolutions, what they answer.  Beyond its ends x is zero. */
export const SYSTEMS = {
  A: { name: "an echo", convolution: true, answer: (x) => upTo((n) => x[n] + 0.5 * (x[n - 3] ?? 0)) },
  B: { name: "a clipper", convolution: false, answer: (x) => upTo((n) => clamp(x[n], -1, 1)) },
  C: { name: "a tremolo", convolution: false, answer: (x) => upTo((n) => x[n] * sine(n)) },
  D: { name: "a leaky average", convolution: true, answer: leaky },
  E: { name: "a median of three", convolution: false, answer: (x) => upTo((n) => [x[n - 1] ?? 0, x[n], x[n + 1] ?? 0].sort((a, b) => a - b)[1]) },
  F: { name: "a difference", convolution: true, answer: (x) => upTo((n) => x[n] - (x[n - 1] ?? 0)) },
  G: { name: "time backwards", convolution: false, answer: (x) => upTo((n) => x[LENGTH - 1 - n]) },
  H: { name: "a square", convolution: false, answer: (x) => upTo((n) => x[n] ** 2) },
};
const LETTERS = Object.keys(SYSTEMS);

/** What the box makes of the input. */
export const answer = (system, x) => SYSTEMS[system].answer(x);
/** An impulse: 1, or another height, at m. */
export const impulse = (m = 0, height = 1) => upTo((n) => (n === m ? height : 0));
/** All later by one; the last one is lost. */
export const later = (x) => upTo((n) => x[n - 1] ?? 0);
export const twice = (x) => upTo((n) => 2 * x[n]);

/** The first samples of x * h. */
export function predict(x, h) {
  return upTo((n) => {
    let sum = 0;
    for (let k = 0; k <= n; k += 1) sum += h[k] * x[n - k];
    return sum;
  });
}

/** How many samples of y are not as expected, and by how much at most. */
export function misses(y, expected) {
  const gaps = upTo((n) => Math.abs(y[n] - expected[n])).filter((gap) => gap > NEAR);
  return { count: gaps.length, most: Math.max(0, ...gaps) };
}

/** Why an input cannot be moved or doubled, or "". */
export function refusal(kind, x) {
  if (!x.some(Boolean)) return "All that goes in is zero: drag a bar, or send an impulse.";
  if (kind === "later") return x[LENGTH - 1] ? "The last sample would leave the axis." : "";
  return x.some((value) => Math.abs(2 * value) > REACH) ? `Twice as much would go beyond ${REACH}.` : "";
}

/** The first sample that is not zero, in words. */
function told(y) {
  const n = y.findIndex((value) => Math.abs(value) > NEAR);
  return n < 0 ? "zeros" : `${brief(y[n])} at ${n}`;
}

/** An experiment with impulses that shows that a box is no convolution, with what came and what should have; or null. */
export function refutation(system) {
  const [one, next] = [0, 1].map((m) => answer(system, impulse(m)));
  const large = answer(system, impulse(0, 2));
  const both = answer(system, upTo((n) => (n < 2 ? 1 : 0)));
  const experiments = [
    { got: next, expected: later(one), words: `an impulse at 0 is answered by ${told(one)}, the same one later by ${told(next)}` },
    { got: large, expected: twice(one), words: `an impulse of 1 is answered by ${told(one)}, one of 2 by ${told(large)}` },
    { got: both, expected: upTo((n) => one[n] + next[n]), words: `impulses at 0 and at 1 are each answered by ${told(one)}, both together by ${told(both)}` },
  ];
  return experiments.find(({ got, expected }) => misses(got, expected).count) ?? null;
}

// ---- the words ---------------------------------------------------------------------------------------------------

const byAsMuch = ({ count, most }) => `by ${count > 1 ? "up to " : ""}${(most + 1e-9).toFixed(2)}`;
const isImpulse = (x) => x.every((value, n) => value === (n ? 0 : 1));
const factor = (value) => (value < 0 ? `(${brief(value)})` : brief(value));

/** The first samples of a sequence, without the zeros at its end, as the end of a sentence. */
function listed(h) {
  const last = h.findLastIndex((value) => Math.abs(value) > NEAR);
  const shown = h.slice(0, Math.min(last + 1, 4)).map((value) => brief(value)).join(", ");
  return last > 3 ? `${shown}, …` : `${shown}.`;
}

/** What the experiment shows. */
export function sentence(system, x, recorded) {
  if (!recorded) return "Nothing is known of the box yet: send it an impulse.";
  if (isImpulse(x)) return "Recorded: h, the answer to an impulse at 0. Send something else: does h predict what comes out?";
  const [y, h] = [answer(system, x), answer(system, impulse())];
  if (!h.some(Boolean)) return `The impulse answer is all zeros, ${y.some(Boolean) ? "and predicts nothing: the output is not zero." : "and so is this output."}`;
  const missed = misses(y, predict(x, h));
  if (!missed.count) return `The impulse answer predicts all ${LENGTH} samples.`;
  return `The impulse answer misses ${missed.count} of ${LENGTH} samples, ${byAsMuch(missed)}.`;
}

/** What came of moving or doubling the input. */
export function moveSentence(kind, y, expected) {
  const missed = misses(y, expected);
  const [so, old] = { later: ["One later in, one later out", "the old answer moved"], twice: ["Twice as much in, twice as much out", "twice the old answer"] }[kind];
  if (!missed.count) return `${so}: ${old} (dashed).`;
  return `${so.split(",")[0]}, but not ${old} (dashed): ${missed.count} of ${LENGTH} samples differ${missed.count > 1 ? "" : "s"}, ${byAsMuch(missed)}.`;
}

/** The reply to "it is a convolution", or to "it isn't". */
export function verdict(system, said) {
  const { name, convolution } = SYSTEMS[system];
  const found = refutation(system);
  const h = listed(answer(system, impulse()));
  if (convolution && said) return `Right: linear, and its answer moves with the input. ${system} is ${name}, h = ${h}`;
  if (convolution) return `Not so: later, twice, two at once, no experiment catches it out. Every output is predicted by h = ${h}`;
  return said ? `Not so. Try it: ${found.words}.` : `Right: ${found.words}. ${system} is ${name}.`;
}

/** What is looked at: a sample of the input, scattered by h; a sample of the output, and what the prediction gathers. */
export function lookSentence({ kind, n }, system, x, recorded) {
  const value = `${kind}[${n}] = ${brief((kind === "x" ? x : answer(system, x))[n])}`;
  if (!recorded) return kind === "x" ? `${value}. Drag it: what does the box make of it?` : `${value}. What it is made of, only the box knows: send it an impulse.`;
  const h = answer(system, impulse());
  if (kind === "x") return x[n] ? `${value} is scattered: to the prediction it adds ${brief(x[n])}\u00a0·\u00a0h, from ${n} on, outlined.` : `${value} adds nothing to the prediction.`;
  const terms = upTo((k) => k).filter((k) => k <= n && h[k] * x[n - k]);
  const gathered = brief(predict(x, h)[n]);
  if (!terms.length) return `${value}. The prediction gathers nothing here: 0.`;
  if (terms.length > 3) return `${value}. The prediction gathers ${terms.length} products h[k]·x[${n} − k]: ${gathered}.`;
  const [names, numbers] = [(k) => `h[${k}]·x[${n - k}]`, (k) => `${factor(h[k])}·${factor(x[n - k])}`].map((write) => terms.map(write).join(" + "));
  return `${value}. The prediction gathers ${names} = ${numbers} = ${gathered}.`;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const [STRIP, SLIDE] = [32, 260]; // pixels that the row of boxes is high; milliseconds that a shift takes
const [ROUND, QUIET] = [[1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32], 2.5];

/** Heights on the drawing, from its top, as in black_box.py. */
export function lanes(narrow) {
  const unit = narrow ? 17 : 20;
  const xEnd = 32 + 4 * unit + 12;
  const y = xEnd + 52;
  const yTicks = y + 32 + 5 * unit + 26;
  const h = yTicks + 6;
  return { unit, x: 0, xZero: 32 + 2 * unit, xEnd, box: xEnd + 10, y, yTop: y + 32, yTicks, h, hZero: h + 32 + unit, end: h + 45 + 2 * unit };
}

/** How high 1 is, in both lanes, and where the zero line of the output's lies, for all values that are in it. */
export function scales({ unit, yTop }, x, values) {
  const most = (numbers) => Math.max(...numbers.map(Math.abs));
  const round = (end) => ROUND.find((value) => value >= end - 1e-9);
  const [high, low] = most(values) > QUIET ? [round(Math.max(...values)), round(-Math.min(...values))] : [QUIET, QUIET];
  const fit = Math.min(unit / (most(x) > 2 ? 2 : 1), (5 * unit) / (high + low));
  return { unit: fit, zero: yTop + (5 * unit - (high + low) * fit) / 2 + high * fit };
}

const layer = (parent, attributes) => parent.appendChild(element("g", attributes));
const bars = (parent, knob) => pool(parent, () => bar(knob))(LENGTH);
const marks = (parent, tag) => pool(parent, () => element(tag))(LENGTH);

/** Everything on the drawing, made once. */
function scene(s) {
  const svg = element("svg", { role: "group", "aria-label": "Input, output and impulse answer over one axis" });
  const flow = ["x", "y"].map((kind) => svg.appendChild(element("path", { class: `flow ${kind}` })));
  const caption = (parent, kind) => {
    const [name, more] = [element("tspan", { class: "name" }), element("tspan")];
    return { name, more, node: parent.appendChild(element("text", { class: `caption ${kind}` }, name, more)) };
  };
  const lane = (kind) => {
    const node = layer(svg, { class: kind, "data-part": kind });
    return { node, zero: node.appendChild(element("line", { class: "zero" })), caption: caption(node, kind) };
  };
  const letter = svg.appendChild(element("text", { class: "letter", "text-anchor": "middle" })); // for paper
  const [x, y, h] = ["x", "y", "h"].map(lane);
  const moving = layer(x.node);
  x.bars = bars(moving, true);
  y.pick = y.node.appendChild(element("rect", { class: "pick", rx: 6, role: "slider", tabindex: 0, "aria-label": "a sample of the output to look at", "aria-valuemin": 0, "aria-valuemax": LENGTH - 1 }));
  y.bars = bars(layer(y.node));
  y.ghosts = marks(layer(y.node, { class: "ghosts" }), "rect");
  y.ticks = marks(layer(y.node, { class: "ticks" }), "text");
  const prediction = layer(svg, { class: "h", "data-part": "prediction" });
  const copy = marks(layer(prediction, { class: "copy" }), "rect");
  const gaps = marks(layer(prediction, { class: "gaps" }), "line");
  const ticks = marks(layer(prediction, { class: "marks" }), "line");
  y.texts = marks(layer(svg, { "data-part": "y" }), "text"); // over marks and ghosts
  const legend = prediction.appendChild(element("text", { class: "caption h", "text-anchor": "end" }, "predicted: ", element("tspan", { class: "name" }, "x ∗ h")));
  h.bars = bars(layer(h.node));
  const hold = grips(s.view, layer(x.node, { class: "grips" }), "x", {
    name: (n) => `x[${n}]`, look: s.look, what: (n) => ({ kind: "x", n }), read: s.input,
    range: { step: 0.5, get high() { return s.reach; }, get low() { return -s.reach; } },
    unit: () => s.pressed, grasp: () => ((s.pressed = s.unit), {}),
  });
  return { svg, flow, letter, x, y, h, moving, prediction, copy, gaps, ticks, legend, hold };
}

const stateOf = ({ view, input }) => JSON.stringify([view.get("system"), input(), view.get("recorded")]);

/** Everything that follows from the traits, from what was just done, and from what is looked at. */
function compute(s) {
  const { view } = s;
  const [system, recorded, x] = [view.get("system"), view.get("recorded"), s.input()];
  const [y, h] = [answer(system, x), answer(system, impulse())];
  const now = stateOf(s);
  const [moved, reply] = [s.moved, s.reply].map((past) => (past?.now === now ? past : null));
  if (recorded) s.known.add(system);
  const predicted = recorded ? predict(x, h) : null;
  const at = s.look.at();
  const copy = recorded && at?.kind === "x" ? upTo((n) => (n < at.n ? 0 : x[at.n] * h[n - at.n])) : null;
  const values = [...y, ...(predicted ?? []), ...(moved?.expected ?? []), ...(copy ?? [])];
  const row = lanes(s.width < 480);
  const { unit, zero } = scales(row, x, values);
  s.unit = unit;
  s.reach = x.some((value) => Math.abs(value) > 2) ? REACH : 2;
  return { system, recorded, x, y, h, moved, reply, predicted, at, copy, row, unit, zero, step: s.width / LENGTH };
}

/** Which samples of x and of h the one that is looked at has to do with; null where none stands back. */
function lights({ at, recorded, x, h }) {
  if (!at) return { x: null, y: null, h: null };
  if (at.kind === "x") return { x: [at.n], y: recorded ? [] : null, h: null };
  const terms = recorded ? upTo((k) => k).filter((k) => k <= at.n && h[k] * x[at.n - k]) : [];
  return { x: recorded ? terms.map((k) => at.n - k) : null, y: [at.n], h: recorded ? terms : null };
}

const ems = (text) => [...text].reduce((sum, sign) => sum + (sign === "." ? 0.3 : 0.62), 0);

/** The bars of a lane; a number is written where there is room between those beside it. */
function drawBars({ bars: nodes, texts }, values, lit, { zero, unit, step, kind }) {
  const side = (n) => (Math.abs(values[n] ?? 0) < NEAR ? 0 : Math.sign(values[n]));
  const beside = (n, m) => (side(m) !== side(n) ? 0.45 : Math.abs(values[n] - values[m]) * unit > 13 ? 0.15 : 0);
  nodes.forEach((one, n) => {
    const text = brief(values[n]);
    const shown = side(n) && ems(text) * (step < 24 ? 11 : 12) <= step * (1 + beside(n, n - 1) + beside(n, n + 1)) ? text : "";
    const at = (n + 0.5) * step;
    if (texts) {
      update(texts[n], { x: at.toFixed(1), y: (zero - values[n] * unit + (values[n] < 0 ? 13 : -4.5)).toFixed(1), class: "number y over", "text-anchor": "middle" });
      say(texts[n], shown);
    }
    one.set({ at, value: values[n], zero, unit, width: Math.min(0.66 * step, 30), text: texts ? "" : shown, kind: `${kind}${lit && !lit.includes(n) ? " dim" : ""}` });
  });
}

function outline(nodes, values, { zero, unit, step }) {
  nodes.forEach((node, n) => {
    const value = values?.[n] ?? 0;
    update(node, { visibility: Math.abs(value) > NEAR ? "visible" : "hidden", x: (n * step + 0.1 * step).toFixed(1), width: (0.8 * step).toFixed(1), y: (zero - Math.max(value, 0) * unit).toFixed(1), height: (Math.abs(value) * unit).toFixed(1), rx: 2 });
  });
}

function drawLanes(s, c) {
  const { x, y, h, hold, legend } = s.nodes;
  const { row, step, unit, zero } = c;
  const scale = { unit, step };
  const lit = lights(c);
  for (const [lane, top, at] of [[x, row.x, row.xZero], [y, row.y, zero], [h, row.h, row.hZero]]) {
    update(lane.zero, { x1: 0, x2: s.width, y1: at.toFixed(1), y2: at.toFixed(1) });
    update(lane.caption.node, { x: 0, y: top + 12 });
  }
  update(legend, { x: s.width, y: row.y + 12 });
  drawBars(x, c.x, lit.x, { ...scale, zero: row.xZero, kind: "x" });
  drawBars(y, c.y, lit.y, { ...scale, zero, kind: "y" });
  drawBars(h, c.recorded ? c.h : impulse(0, 0), lit.h, { step, unit: row.unit, zero: row.hZero, kind: "h" });
  update(h.node, { class: c.recorded ? "h" : "h unknown" });
  hold.show(LENGTH, (n) => ({ x: (n * step).toFixed(1), width: step.toFixed(1), y: row.x + 14, height: row.xEnd - 14, "aria-valuemin": -REACH, "aria-valuemax": REACH }));
  update(y.pick, { x: 0, width: s.width, y: row.y + 16, height: row.yTicks - row.y - 12 });
  y.ticks.forEach((node, n) => {
    update(node, { x: ((n + 0.5) * step).toFixed(1), y: row.yTicks, "text-anchor": "middle" });
    say(node, step < 18 && n > 9 && n % 2 ? "" : String(n));
  });
  const put = (lane, name, more) => (say(lane.caption.name, name), say(lane.caption.more, more));
  put(x, "x", " goes in");
  put(y, "y", s.solved.has(c.system) ? `: ${SYSTEMS[c.system].name}` : " comes out");
  put(h, "h", `, its answer to an impulse${!c.recorded ? ": not recorded yet" : c.h.some(Boolean) ? "" : ": all zeros"}`);
}

function drawPrediction(s, c) {
  const { prediction, copy, gaps, ticks, y } = s.nodes;
  const { step, zero, unit, predicted } = c;
  reveal(prediction, Boolean(predicted));
  outline(y.ghosts, c.moved?.expected, c);
  outline(copy, c.copy, c);
  if (!predicted) return;
  ticks.forEach((node, n) => {
    const [at, tip, mark] = [(n + 0.5) * step, zero - c.y[n] * unit, zero - predicted[n] * unit].map((v) => v.toFixed(1));
    update(node, { x1: (n + 0.1) * step, x2: (n + 0.9) * step, y1: mark, y2: mark });
    update(gaps[n], { x1: at, x2: at, y1: tip, y2: mark, visibility: Math.abs(c.y[n] - predicted[n]) > NEAR ? "visible" : "hidden" });
  });
}

/** The boxes in their row, those that are settled with a tick; and what flows through the chosen one. */
function drawBoxes(s, c) {
  const { boxes, stage, nodes, buttons } = s;
  const wide = Math.min(s.width, 416) / LETTERS.length;
  const at = s.width / 2 + (LETTERS.indexOf(c.system) + 0.5 - LETTERS.length / 2) * wide;
  update(stage, { style: `--strip: ${c.row.box}px`, class: s.view.shows("boxes") ? "stage" : "stage alone" });
  nodes.flow.forEach((arrow, i) => update(arrow, { d: `M${at - 7} ${c.row.box - 9 + i * (STRIP + 11)}h14l-7 7z` }));
  update(nodes.letter, { x: at, y: c.row.box + 21 });
  say(nodes.letter, c.system);
  boxes.radios.forEach((radio) => {
    const settled = s.solved.has(radio.value);
    update(radio.parentElement, { class: settled ? "settled" : "" });
    update(radio, { "aria-label": settled ? `${radio.value}, settled` : radio.value });
  });
  for (const kind of ["later", "twice"]) update(buttons[kind], { "aria-disabled": refusal(kind, c.x) !== "" });
  if (s.solved.size || c.reply) reveal(s.view.root.querySelector(".reset"), true);
}

function draw(s) {
  if (!s.width) return;
  const c = (s.c = compute(s));
  update(s.nodes.svg, { class: c.step < 24 ? "narrow" : "", viewBox: `0 0 ${s.width} ${c.row.end}`, height: c.row.end });
  drawLanes(s, c);
  drawPrediction(s, c);
  drawBoxes(s, c);
  const words = c.at ? lookSentence(c.at, c.system, c.x, c.recorded) : c.reply?.words ?? (c.moved ? moveSentence(c.moved.kind, c.y, c.moved.expected) : sentence(c.system, c.x, c.recorded));
  say(s.words, words);
  s.view.aloud(words);
  update(s.nodes.y.pick, { "aria-valuenow": c.at?.kind === "y" ? c.at.n : 0, "aria-valuetext": c.at?.kind === "y" ? words : "none" });
  for (const [name, node] of Object.entries(s.parts)) node.style.display = s.view.shows(name) ? "" : "none";
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** An impulse at 0: what comes out is h. */
function sendImpulse({ view }) {
  view.set("x", impulse());
  view.set("recorded", true);
  view.send();
}

/** The input later by one, or twice as large; what a convolution would now answer stays on the page as a ghost. */
function move(s, kind) {
  const x = s.input();
  const why = refusal(kind, x);
  if (why) return reply(s, why);
  const [act, system] = [{ later, twice }[kind], s.view.get("system")];
  s.view.set("x", act(x));
  s.moved = { kind, now: stateOf(s), expected: act(answer(system, x)) };
  s.view.send();
  if (kind === "later") s.slide.run((share) => update(s.nodes.moving, { transform: `translate(${((share - 1) * s.width) / LENGTH} 0)` }));
}

/** Words that stay until something changes. */
function reply(s, words) {
  s.reply = { words, now: stateOf(s) };
  s.ask();
}

function judge(s, said) {
  const system = s.view.get("system");
  if (said === SYSTEMS[system].convolution) s.solved.add(system);
  reply(s, verdict(system, said) + (s.solved.size === LETTERS.length ? " All eight are settled." : ""));
}

function forget(s) {
  s.solved.clear();
  s.known.clear();
  s.moved = s.reply = null;
  reveal(s.view.root.querySelector(".reset"), false);
  s.ask();
}

/** The boxes, the experiments, the verdict. */
function controls(s) {
  const button = (text, onclick) => element("button", { type: "button", onclick }, text);
  s.boxes = segments(s.view, "system", "box", Object.fromEntries(LETTERS.map((letter) => [letter, letter])));
  for (const radio of s.boxes.radios) {
    radio.addEventListener("change", () => {
      s.view.set("recorded", s.known.has(radio.value)); // what is known of a box stays known
      s.view.send();
    });
  }
  s.buttons = { impulse: button("Send an impulse", () => sendImpulse(s)), later: button("Later by one", () => move(s, "later")), twice: button("Twice", () => move(s, "twice")) };
  const experiments = element("div", { class: "row-of", role: "group", "aria-label": "experiments" }, ...Object.values(s.buttons));
  const verdicts = element("div", { class: "row-of", role: "group", "aria-label": "verdict" }, button("It is a convolution", () => judge(s, true)), button("It isn’t", () => judge(s, false)));
  s.words = element("p", { class: "sentence" });
  s.parts = { words: s.words, experiments, verdict: verdicts };
  return element("div", { class: "actions" }, experiments, verdicts);
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "black-box", { traits: ["system", "x", "recorded"] });
  const s = { view, width: 0, known: new Set(), solved: new Set(), moved: null, reply: null, reach: 2, unit: 1, pressed: 1 };
  s.input = () => upTo((n) => view.get("x")[n] ?? 0); // an address may give fewer
  s.ask = view.frame(() => draw(s));
  s.slide = view.tween(SLIDE);
  const same = (a, b) => a.kind === b.kind && a.n === b.n;
  s.look = looking(view, s.ask, { same, name: (at) => (at ? `${at.kind}[${at.n}]` : "sample") });
  s.nodes = scene(s);
  const actions = controls(s);
  const { pick } = s.nodes.y;
  s.look.watch(pick, (event) => {
    const { left, width } = pick.getBoundingClientRect();
    return { kind: "y", n: clamp(Math.floor(((event.clientX - left) / width) * LENGTH), 0, LENGTH - 1) };
  }, { axis: "x" });
  keys(pick, { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -LENGTH, End: LENGTH }, (by) => {
    const at = s.look.at();
    const from = at?.kind === "y" ? at.n : by < 0 ? LENGTH : -1;
    s.look.letGo();
    s.look.pin({ kind: "y", n: clamp(from + by, 0, LENGTH - 1) });
  });
  view.onReset(() => forget(s));
  view.on(["system", "x", "recorded", "show"], s.ask);
  view.obeys({
    impulse: () => sendImpulse(s),
    later: () => move(s, "later"),
    twice: () => move(s, "twice"),
    look({ value = "" }) {
      const [, kind, n] = /^([xy])(\d+)$/.exec(value) ?? [];
      s.look.letGo();
      if (kind && n < LENGTH) s.look.pin({ kind, n: Number(n) });
    },
  });
  s.stage = element("div", { class: "stage" }, s.nodes.svg, element("div", { class: "boxes" }, s.boxes.box));
  view.widths(s.stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(s.stage, s.words, actions);
  return view.end;
}

export default { render };
