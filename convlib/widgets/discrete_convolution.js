import { bar, grips } from "./js/bars.js";
import { cells } from "./js/cells.js";
import { check, player, segments } from "./js/controls.js";
import { element, pool, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp } from "./js/numbers.js";
import { handle, keys, looking } from "./js/pointer.js";

// ---- the maths: pure functions, held against convlib by tests/js/test_discrete_convolution.py ---------------------

export const REACH = 3; // samples and taps lie between -REACH and REACH
const RANGE = { low: -REACH, high: REACH, step: 0.5 }; // what a drag snaps to
const MOST_TAPS = 5;
const mod = (a, n) => ((a % n) + n) % n;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/** Where the outputs of a mode begin in the full result, and how many there are. */
export function outputRange(samples, taps, mode) {
  if (mode === "same") return { start: (taps - 1) >> 1, count: samples };
  if (mode === "valid") return { start: Math.min(samples, taps) - 1, count: Math.abs(samples - taps) + 1 };
  return { start: 0, count: mode === "circular" ? samples : samples + taps - 1 };
}

/** What y[n] is made of: each tap k, where it stands on the index axis, and the sample m there (null beyond the ends). */
export function terms(n, samples, taps, mode, operation) {
  const place = n + outputRange(samples, taps, mode).start;
  return upTo(taps, (k) => {
    const at = operation === "convolution" ? place - k : place + k - (mode === "circular" ? 0 : taps - 1);
    const m = mode === "circular" ? mod(at, samples) : at >= 0 && at < samples ? at : null;
    return { k, at, m };
  });
}

/** The matrix A with y = A x: one row an output, one column a sample. */
export function matrix(w, samples, mode, operation) {
  return upTo(outputRange(samples, w.length, mode).count, (n) => {
    const line = new Array(samples).fill(0);
    // Around a short ring several taps meet the same sample: add.
    for (const { k, m } of terms(n, samples, w.length, mode, operation)) if (m !== null) line[m] += w[k];
    return line;
  });
}

/** All outputs, each as the sum of its products. */
export function outputs(x, w, mode, operation) {
  return upTo(outputRange(x.length, w.length, mode).count, (n) =>
    terms(n, x.length, w.length, mode, operation).reduce((sum, { k, m }) => sum + (m === null ? 0 : w[k] * x[m]), 0),
  );
}

/** Where sample m goes: each tap k, where it stands when it carries m there, and the output n (null: not one of the mode's). */
export function targets(m, samples, taps, mode, operation) {
  const { start, count } = outputRange(samples, taps, mode);
  return upTo(taps, (k) => {
    const at = operation === "convolution" ? m + k : m - k + (mode === "circular" ? 0 : taps - 1);
    const n = mode === "circular" ? mod(at, samples) : at - start;
    return { k, at, n: n >= 0 && n < count ? n : null };
  });
}

/** Ready-made inputs of a given length, by name. */
export function inputs(length) {
  return {
    "a pulse": upTo(length, (m) => (m === Math.min(2, length - 1) ? 1 : 0)),
    "a step": upTo(length, (m) => (m >= length >> 1 ? 1 : 0)),
    "a ramp": upTo(length, (m) => clamp(0.5 * (m - Math.max(length - 7, 0)), 0, REACH)),
    alternating: upTo(length, (m) => (m % 2 ? -1 : 1)),
  };
}

/** Ready-made kernels, by name. */
export const KERNELS = {
  "moving average": [0.5, 0.5],
  difference: [1, -1],
  echo: [1, 0, 0, 0.5],
  smooth: [0.5, 1, 0.5],
  "delay by one": [0, 1],
};

// ---- the words ---------------------------------------------------------------------------------------------------
// The functions count outputs in the array that the mode returns, as the trait n does.  What is read counts them in
// the full result, so that one y[n] is the same number in every mode.

const rounded = (value) => Math.abs(value * 100 - Math.round(value * 100)) > 1e-6;
const factor = (value) => (brief(value).startsWith("\u2212") ? `(${brief(value)})` : brief(value));
const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);
/** "m + 2", "m − 2" or "m". */
const shifted = (name, by) => (by ? `${name} ${by < 0 ? "\u2212" : "+"} ${Math.abs(by)}` : name);

/** The tap's index as worked out from an output's place in the full result and m: "3−2", "2−3+2", "(0−7) mod 8". */
function indexFormula(place, m, { N, K, mode, operation }) {
  const [a, b] = operation === "convolution" ? [place, m] : [m, place];
  if (mode === "circular") return a >= b ? `${a}\u2212${b}` : `(${a}\u2212${b}) mod ${N}`;
  const add = operation === "correlation" && K > 1 ? `+${K - 1}` : "";
  return `${a}\u2212${b}${add}`;
}

/** What the cell in row n and column m of the matrix says. */
export function cellSentence(n, m, w, N, mode, operation) {
  const K = w.length;
  const place = n + outputRange(N, K, mode).start;
  const formula = indexFormula(place, m, { N, K, mode, operation });
  const here = terms(n, N, K, mode, operation).filter((term) => term.m === m);
  const cell = `A[${place}, ${m}]`;
  if (!here.length) return `${cell} = 0: w[${formula}] is not a tap, so nothing of x[${m}] goes into y[${place}].`;
  const sum = here.reduce((total, { k }) => total + w[k], 0);
  const names = here.map(({ k }) => `w[${k}]`).join(" + ");
  const worked = here.length > 1 || formula === String(here[0].k) ? "" : `w[${formula}] = `;
  return `${cell} = ${worked}${names} = ${brief(sum)}: how much of x[${m}] goes into y[${place}].`;
}

/** The input's side of the story: where x[m] goes. */
export function scatterSentence(m, x, w, mode, operation) {
  const { start, count } = outputRange(x.length, w.length, mode);
  const goes = targets(m, x.length, w.length, mode, operation).filter(({ n }) => n !== null);
  goes.sort((a, b) => a.n - b.n);
  if (!goes.length) return `x[${m}] = ${brief(x[m])} goes into none of the ${count} outputs.`;
  const adds = goes.map(({ k }) => brief(w[k] * x[m]));
  return `x[${m}] = ${brief(x[m])} is scattered into ${listed(goes.map(({ n }) => `y[${n + start}]`))}: it adds ${listed(adds)}. One column of A.`;
}

/** The output's side: what y[n] is made of. */
export function gatherSentence(n, x, w, mode, operation) {
  const inside = terms(n, x.length, w.length, mode, operation).filter(({ m }) => m !== null);
  const names = [...new Set(inside.map(({ m }) => m))].sort((a, b) => a - b).map((m) => `x[${m}]`);
  return `y[${n + outputRange(x.length, w.length, mode).start}] gathers from ${listed(names)}. One row of A.`;
}

/** What a tap does in every output: one diagonal of the matrix. */
export function tapSentence(k, w, mode, operation) {
  const by = operation === "convolution" ? -k : k - (mode === "circular" ? 0 : w.length - 1);
  return `w[${k}] = ${brief(w[k])} says how much of x[${shifted("n", by)}] goes into y[n], for every n. One diagonal of A.`;
}

/** Which outputs a mode keeps, in numbers; and where the array that it returns begins in the full result. */
export function modeSentence(N, K, mode) {
  const { start, count } = outputRange(N, K, mode);
  const full = `${N} + ${K} \u2212 1 = ${N + K - 1}`;
  if (mode === "full") return `Full: every place where w touches x counts, ${full} of them. Touch a bar to see what it does.`;
  if (mode === "circular") return `Circular: x is bent into a ring of ${N}. What leaves at one end comes in at the other, dashed.`;
  const kept =
    count === 1
      ? `y[${start}] of the full result; the array that ${mode} returns holds it alone.`
      : `y[${start}] to y[${start + count - 1}] of the full result; the array that ${mode} returns starts at y[${start}].`;
  if (mode === "same") return `Same: of the ${full} outputs the middle ${count}, ${kept}`;
  const wholly = K > N ? "x wholly inside w" : "w wholly inside x";
  return `Valid: the ${count === 1 ? "one output" : `${count} outputs`} with ${wholly}, ${kept}`;
}

/** The sum in numbers, for reading aloud: "y[3] = 2·1 + 1·3 + (−1)·2 = 3". */
export function sumSentence(n, x, w, mode, operation) {
  const products = terms(n, x.length, w.length, mode, operation).map(({ k, m }) => `${factor(w[k])}·${factor(m === null ? 0 : x[m])}`);
  return `y[${n + outputRange(x.length, w.length, mode).start}] = ${products.join(" + ")} = ${brief(outputs(x, w, mode, operation)[n])}`;
}

/** What is looked at, in words. */
function lookSentence(look, { x, w, N, mode, operation, start }) {
  if (look.kind === "x") return scatterSentence(look.m, x, w, mode, operation);
  if (look.kind === "y") return gatherSentence(look.n, x, w, mode, operation);
  if (look.kind === "w") return tapSentence(look.k, w, mode, operation);
  if (look.kind === "cell") return cellSentence(look.n, look.m, w, N, mode, operation);
  const { at, m, k } = terms(look.n, N, w.length, mode, operation)[look.k];
  if (m !== null) return cellSentence(look.n, m, w, N, mode, operation);
  return `w[${k}] stands under x[${brief(at)}], beyond the end, where there is nothing: 0 for y[${look.n + start}].`;
}

/** Its name, for the chip that lets go of it. */
const nameOf = (look, start) =>
  look && { x: `x[${look.m}]`, w: `w[${look.k}]`, term: `w[${look.k}]`, y: `y[${look.n + start}]`, cell: `A[${look.n + start}, ${look.m}]` }[look.kind];

// ---- the scene: what is on the page, made once --------------------------------------------------------------------

const TRAITS = ["x", "w", "n", "mode", "operation", "all_at_once"];
const TURN = 640; // milliseconds that the kernel takes to turn over
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const layer = (parent, attributes) => parent.appendChild(element("g", attributes));
const textPool = (parent, kind) => pool(parent, () => element("text", { class: kind, "text-anchor": "middle" }));

/** Heights on the drawing, from its top, all but the captions.  x and w have one unit: equal numbers are equally high. */
function lanes(unit, narrow) {
  const x = { head: 0, top: 14, zero: 14 + REACH * unit, bottom: 14 + 2 * REACH * unit };
  x.ticks = x.bottom + 25;
  x.end = x.ticks + 5;
  const w = { head: x.end + 15, top: x.end + 28, zero: x.end + 28 + REACH * unit, bottom: x.end + 28 + 2 * REACH * unit };
  w.ticks = w.bottom + 25;
  const p = { head: w.ticks + 4, top: w.ticks + 19, bottom: w.ticks + (narrow ? 52 : 63) };
  p.end = p.bottom + 17;
  const y = { head: p.end + 38, top: p.end + 54, bottom: p.end + (narrow ? 95 : 110) };
  y.ticks = y.bottom + 28;
  return { x, w, p, y, sum: p.end + 22, end: y.ticks + 4 };
}

/** A row's caption, in the margin beside it: a name, a line under it. */
function caption(parent, kind) {
  const [name, more] = [element("text", { class: `name ${kind}` }), element("text", { class: "note" })];
  parent.append(name, more);
  return (top, words, note) => {
    update(name, { x: 0, y: top + 15 });
    update(more, { x: 0, y: top + 31 });
    say(name, words);
    say(more, note);
  };
}

/** The drawing: x, the window with the kernel, the products and y over one index axis. */
function stageScene(me) {
  const stage = element("svg", { class: "stage", role: "group", "aria-label": "Samples, sliding kernel, products and sums over one index axis" });
  const under = layer(stage, { class: "slide" });
  const ui = { stage, shade: under.appendChild(element("rect", { class: "shade", rx: 8 })) };
  ui.column = stage.appendChild(element("rect", { class: "column", rx: 6 }));
  ui.zeros = upTo(4, () => stage.appendChild(element("line", { class: "zero" })));
  ui.fan = pool(layer(stage, { class: "fan", "data-part": "products" }), () => element("path"));
  ui.ground = stage.appendChild(element("rect", { class: "ground" }));
  ui.grab = stage.appendChild(element("rect", { class: "grab", "data-look": true }));
  ui.pick = stage.appendChild(element("rect", { class: "pick" }));

  const x = layer(stage, { "data-part": "x" });
  ui.beyond = pool(layer(x, { class: "beyond" }), () => {
    const [one, dot] = [bar(), element("circle", { class: "hollow", r: 3.5 })];
    one.node.append(dot);
    return { ...one, dot };
  });
  ui.xBars = pool(layer(x, { class: "samples" }), () => bar(true));
  ui.xTicks = textPool(layer(x, { class: "ticks" }), "");

  const products = layer(stage, { "data-part": "products" });
  ui.pBars = pool(layer(products, { class: "products" }), () => bar());
  const sign = [element("line", { y1: 10, y2: 15 }), element("circle", { r: 10 }), element("text", { class: "name", "text-anchor": "middle", y: 5 }, "Σ")];
  ui.sigma = products.appendChild(element("g", { class: "sigma" }, ...sign));

  const y = layer(stage, { "data-part": "y" });
  ui.cut = pool(layer(y, { class: "cut" }), () => bar());
  ui.yBars = pool(layer(y, { class: "sums" }), () => bar());
  ui.yTicks = textPool(layer(y, { class: "ticks" }), "");

  const w = layer(stage, { "data-part": "w" });
  const sliding = layer(w, { class: "slide" });
  ui.slides = [under, sliding];
  ui.wBars = pool(layer(sliding, { class: "taps" }), () => bar(true));
  ui.wNames = textPool(layer(sliding, { class: "tap-names" }), "name w");
  ui.captions = { x: caption(x, "x"), w: caption(w, "w"), p: caption(products, "p"), y: caption(y, "y") };

  ui.xGrips = grips(me.view, layer(x, { class: "grips x" }), "x", {
    name: (m) => `x[${m}]`, range: RANGE, unit: () => me.geo.unit, look: me.look, what: (m) => ({ kind: "x", m }),
  });
  ui.wGrips = grips(me.view, layer(sliding, { class: "grips w" }), "w", {
    name: (k) => `w[${k}]`, range: RANGE, unit: () => me.geo.unit, look: me.look, what: (k) => ({ kind: "w", k }),
    also: ["n"], ahead: () => Math.sign(me.s.stand.at(-1).at - me.s.stand[0].at) || 1,
    grasp: () => ({ n: me.s.n }), aside: (by, { n }) => slideTo(me, n + Math.round(by.x / me.geo.step)),
  });
  ui.edge = edgeScene(me);
  sliding.append(ui.edge);
  return ui;
}

/** The kernel's edge, beside its last tap: pulled outward it makes the kernel longer. */
function edgeScene(me) {
  const { view } = me;
  const node = element("g", { class: "edge", role: "slider", tabindex: 0, "aria-label": "number of taps", "aria-valuemin": 1, "aria-valuemax": MOST_TAPS });
  node.append(element("rect", { class: "reach", rx: 6, width: 22 }), element("rect", { class: "pill", rx: 3, width: 6, height: 26 }));
  const retap = (count, held = me.s) => {
    const K = clamp(count, 1, MOST_TAPS);
    const { w, mode, operation } = me.s;
    if (K === w.length) return;
    // The other end of the window stays where it is.
    const far = held.n + held.start + (operation === "correlation" && mode !== "circular" ? K - held.K : 0);
    const { start, count: outputCount } = outputRange(me.s.N, K, mode);
    view.set("w", upTo(K, (k) => w[k] ?? me.kept[k] ?? 0));
    view.set("n", clamp(far - start, 0, outputCount - 1));
  };
  handle(view, node, ["w", "n"], {
    axis: "x",
    press: () => (me.held = { ...me.s, geo: me.geo, way: me.outward }),
    drag: (event, held, by) => retap(held.K + Math.round((held.way * by.x) / held.geo.step), held),
    drop() {
      me.held = null;
      me.ask();
    },
  });
  keys(node, { ArrowUp: 1, "+": 1, ArrowDown: -1, "-": -1 }, (by) => retap(view.get("w").length + by));
  keys(node, { ArrowRight: 1, ArrowLeft: -1 }, (by) => retap(view.get("w").length + by * me.outward));
  keys(node, { Home: 1, End: MOST_TAPS }, (to) => retap(to));
  return node;
}

/** A list of ready-made sequences beside their row; it says nothing where the sequence is another one. */
function readyScene(me, trait, label, ready) {
  const names = ["", ...Object.keys(ready(1))].map((value) => element("option", { value }, value || "choose …"));
  const node = element("select", { class: `ready ${trait}`, "aria-label": label, "data-part": trait }, ...names);
  node.addEventListener("change", () => {
    if (node.value) me.view.set(trait, [...ready(me.s.N)[node.value]]);
    me.view.send();
    me.ask();
  });
  return node;
}

/** The equation: two lines of terms, whose texts change in place. */
function sumScene(me) {
  const lines = upTo(2, () => {
    const name = element("b");
    const node = element("span", { class: "terms" });
    const make = pool(node, () => {
      const [sign, ...factors] = upTo(5, () => element("b"));
      const inner = element("span", {}, ...factors);
      return { node: element("span", { class: "term" }, sign, inner), inner, texts: [sign, ...factors] };
    });
    return { name, node, make };
  });
  const box = element("div", { class: "sum", "data-part": "sum" }, ...lines.flatMap(({ name, node }) => [name, node]));
  me.look.watch(box, (event) => {
    const k = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-k]")?.dataset.k;
    if (k === undefined || !box.contains(document.elementFromPoint(event.clientX, event.clientY))) return null;
    return me.s.scatter ? me.look.at() : { kind: "term", n: me.s.shown, k: Number(k) };
  });
  return { box, lines };
}

/** The matrix under the drawing, each column of A under its x; in the margin the vector y. */
function matrixScene(me) {
  const title = element("p", { class: "title" });
  const grid = cells("The matrix A; arrow keys move from cell to cell, Enter pins", {
    look: me.look,
    what: (n, m) => ({ kind: "cell", n, m }),
    spoken: (n, m) => cellSentence(n, m, me.s.w, me.s.N, me.s.mode, me.s.operation),
  });
  const rowFrame = element("div", { class: "frame y" });
  const columnFrame = element("div", { class: "frame x" });
  const results = element("div", { class: "results", "aria-hidden": "true" });
  const make = pool(results, () => {
    const [place, value] = [element("small"), element("span")];
    return { node: element("div", {}, place, value, element("i", {}, "=")), place, value };
  });
  me.look.watch(results, (event) => {
    const { top, height } = results.getBoundingClientRect();
    return { kind: "y", n: clamp(Math.floor(((event.clientY - top) / height) * me.s.count), 0, me.s.count - 1) };
  });
  const part = (kind, text) => element("i", { class: `name ${kind}` }, text);
  const size = element("small");
  title.append(part("y", "y"), " = ", part("w", "A"), " ", part("x", "x"), size);
  const system = element("div", { class: "system", role: "group", "aria-label": "The same as a matrix product" }, title, element("div", { class: "rows" }, results, element("div", { class: "matrix" }, grid.node, rowFrame, columnFrame)));
  return { box: element("div", { class: "fold", "data-part": "matrix" }, system), system, size, grid, make, rowFrame, columnFrame };
}

/** All parts, and the order in which they stand. */
function scene(me) {
  const { view } = me;
  const ui = { ...stageScene(me), sum: sumScene(me), matrix: matrixScene(me) };
  ui.readyX = readyScene(me, "x", "x, ready-made", inputs);
  ui.readyW = readyScene(me, "w", "w, ready-made", () => KERNELS);
  ui.player = player(view, "n", "n", { low: 0, high: 99, step: 1, start: 0, stride: 1, words: (n) => String(n + me.s.start), spoken: (n) => `n = ${n + me.s.start}, y[${n + me.s.start}] = ${brief(me.s.y[n] ?? 0)}` });
  ui.modes = segments(view, "mode", "mode", { full: "full", same: "same", valid: "valid", circular: "circular" });
  const sign = (text, name) => [element("b", {}, text), ` ${name}`];
  ui.operations = segments(view, "operation", "operation", { convolution: sign("∗", "convolution"), correlation: sign("⋆", "correlation") });
  ui.whole = check(view, "all_at_once", "all n at once");
  ui.stageBox = element("div", { class: "stage-box" }, ui.stage, ui.readyX, ui.readyW);
  ui.axis = element("div", { class: "axis" }, ui.player.play, ui.player.label, ui.player.node, ui.player.value);
  ui.controls = element("div", { class: "controls", "data-part": "controls" }, ui.modes.box, ui.whole.box, ui.operations.box);
  ui.detail = element("p", { class: "detail", "data-part": "words" });
  ui.body = element("div", {}, ui.stageBox, ui.axis, ui.matrix.box, ui.sum.box, ui.controls, ui.detail);
  return ui;
}

/** What the pointer does on the drawing itself: slide the window, look at a product, look at an output. */
function hands(me) {
  const { view, look, ui } = me;
  const placeAt = (event) => Math.floor((event.clientX - ui.stage.getBoundingClientRect().left - me.geo.margin) / me.geo.step) + me.geo.first;
  const termAt = (event) => {
    const term = me.s.scatter ? null : me.s.stand.find(({ at }) => at === placeAt(event));
    return term ? { kind: "term", n: me.s.shown, k: term.k } : null;
  };
  const sliding = { axis: "x", press: () => me.s.n, drag: (event, n, by) => slideTo(me, n + Math.round(by.x / me.geo.step)) };
  handle(view, ui.ground, ["n"], sliding);
  handle(view, ui.grab, ["n"], {
    ...sliding,
    click: (event) => look.pin(termAt(event)),
    hover: (event) => look.hover(termAt(event)),
    leave: () => look.hover(null),
  });
  look.watch(ui.pick, (event) => ({ kind: "y", n: clamp(placeAt(event) - me.s.start, 0, me.s.count - 1) }), { axis: "x" });
}

/** The window goes to output n; what is looked at elsewhere is let go. */
function slideTo(me, n) {
  me.look.letGo();
  me.view.set("n", clamp(n, 0, me.s.count - 1));
}

// ---- compute: everything that follows from the traits and from what is looked at ------------------------------------

const ROUND = [0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
const roundUp = (value) => ROUND.find((v) => v >= value - 1e-9) ?? value;

/** Fit values, zero among them, between two heights; the scale jumps from round number to round number. */
function fit(values, { top, bottom }) {
  let [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  high = high > 0 || low === 0 ? roundUp(Math.max(high, 0.5)) : 0;
  low = low < 0 ? -roundUp(-low) : 0;
  const unit = (bottom - top) / (high - low);
  return { unit, zero: top + high * unit };
}

function compute(view, look) {
  const [x, w, mode, operation] = ["x", "w", "mode", "operation"].map(view.get);
  const [N, K] = [x.length, w.length];
  const { start, count } = outputRange(N, K, mode);
  const n = clamp(view.get("n"), 0, count - 1);
  const gone = look && !((look.n ?? 0) < count && (look.m ?? 0) < N && (look.k ?? 0) < K);
  const at = gone ? null : look;
  const shown = at?.n ?? n; // to look at an output or a cell moves the window there, until one looks away
  const scatter = at?.kind === "x";
  // Gathering, the taps stand flipped under the samples that they meet; scattering, over the outputs that they feed.
  const stand = scatter
    ? targets(at.m, N, K, mode, operation).map((to) => ({ ...to, m: at.m, value: to.n === null ? 0 : w[to.k] * x[at.m], away: to.n === null }))
    : terms(shown, N, K, mode, operation).map((from) => ({ ...from, n: shown, value: from.m === null ? 0 : w[from.k] * x[from.m], away: from.m === null }));
  const y = outputs(x, w, mode, operation);
  const all = mode === "circular" ? y : outputs(x, w, "full", operation);
  return { x, w, mode, operation, N, K, start, count, n, look: at, gone, shown, scatter, stand, base: scatter ? at.m : shown + start, y, all, lit: lights(at, stand, shown) };
}

/** What is lit: samples, taps and outputs; null where nothing stands back. */
function lights(look, stand, n) {
  if (look?.kind === "x") return { x: [look.m], k: null, y: stand.filter(({ away }) => !away).map((to) => to.n), cells: look.m };
  if (look?.kind === "w") return { x: null, k: [look.k], y: [n] };
  if (look?.kind === "cell") return { x: [look.m], k: stand.filter(({ m }) => m === look.m).map(({ k }) => k), y: [n], cells: look.m };
  if (look?.kind === "term") return { x: [stand[look.k].m], k: [look.k], y: [n] };
  if (look?.kind === "y") return { x: stand.map(({ m }) => m), k: null, y: [n] };
  return { x: null, k: null, y: [n] };
}

/** Widths: a margin for captions, then one column for each place of the index axis. */
function measure(size, { N, K }) {
  const narrow = size < 480;
  const margin = narrow ? 54 : 118;
  const columns = N + 2 * (K - 1);
  const step = (size - margin) / columns;
  const unit = narrow ? 9.5 : 12;
  return { size, narrow, margin, columns, first: 1 - K, step, unit, bar: Math.min(step * 0.66, 30), row: lanes(unit, narrow) };
}
const middle = (geo, place) => geo.margin + (place - geo.first + 0.5) * geo.step;

// ---- draw: what changes ----------------------------------------------------------------------------------------------

/** About how wide a number is, in units of the font's size. */
const ems = (text) => [...text].reduce((sum, sign) => sum + (sign === "." ? 0.3 : sign === "\u2212" ? 0.7 : 0.6), 0);
/** The number if there is room for it in a column. */
const fitting = (value, geo) => (ems(brief(value)) * 12 <= geo.step + 1 ? brief(value) : "");
const dim = (lit, i) => (lit && !lit.includes(i) ? " dim" : "");

function draw(me) {
  const { view, ui } = me;
  if (!me.size) return;
  const s = (me.s = compute(view, me.look.at()));
  if (s.gone) return me.look.letGo();
  s.w.forEach((tap, k) => {
    me.kept[k] = tap; // taps that are taken away come back with their values
  });
  const geo = me.held?.geo ?? measure(me.size, s); // while its edge is pulled, the kernel's ground stays as it is
  // What stands elsewhere because there is more or less room is put there; only what n moves glides.
  const resizing = !same(me.geo, geo);
  me.geo = geo;
  view.root.classList.toggle("put", resizing);
  view.root.classList.toggle("narrow", geo.narrow);
  if (resizing) me.ask();
  update(ui.stage, { viewBox: `0 0 ${geo.size} ${geo.row.end}`, height: geo.row.end, class: `stage${s.scatter ? " scattering" : ""}` });
  drawRows(me, s, geo);
  drawSamples(me, s, geo);
  drawWindow(me, s, geo);
  drawProducts(me, s, geo);
  drawOutputs(me, s, geo);
  drawMatrix(me, s, geo);
  drawControls(me, s, geo);
  writeSum(me, s);
  writeWords(me, s);
}

/** Captions, lines of zero, the places that can be touched. */
function drawRows({ ui }, s, geo) {
  const { row, size, narrow, margin } = geo;
  s.scales = { x: { unit: geo.unit, zero: row.x.zero }, w: { unit: geo.unit, zero: row.w.zero }, p: fit(s.x.flatMap((v) => s.w.map((tap) => tap * v)), row.p), y: fit(s.all, row.y) };
  ui.zeros.forEach((line, i) => {
    const { zero } = s.scales["xwpy"[i]];
    update(line, { x1: margin, x2: size, y1: zero.toFixed(1), y2: zero.toFixed(1) });
  });
  const flips = s.operation === "convolution";
  const index = s.scatter ? (flips ? `n \u2212 ${s.look.m}` : shifted(`${s.look.m} \u2212 n`, s.mode === "circular" ? 0 : s.K - 1))
    : flips ? `${s.base} \u2212 m` : shifted("m", (s.mode === "circular" ? 0 : s.K - 1) - s.base);
  const window = `w[${index}]`;
  const input = s.scatter ? `x[${s.look.m}]` : "x[m]";
  const turned = s.scatter === flips ? "as it is" : "flipped";
  ui.captions.x(row.x.head, "x[m]", narrow ? "" : s.mode === "circular" ? "the input, a ring" : "the input");
  ui.captions.w(row.w.head, narrow ? window.replaceAll(" ", "") : window, narrow ? "" : `the kernel, ${turned}`);
  ui.captions.p(row.p.head, narrow ? "x·w" : `${input}·${window}`, narrow ? "" : "the products");
  ui.captions.y(row.y.head, "y[n]", narrow ? "" : { full: "the sums", same: "the middle sums", valid: "the sums inside", circular: "around the ring" }[s.mode]);
  update(ui.ground, { x: margin, y: row.w.head, width: size - margin, height: row.p.head - row.w.head });
  update(ui.grab, { x: margin, y: row.p.head, width: size - margin, height: row.p.end - row.p.head });
  update(ui.pick, { x: (middle(geo, s.start) - geo.step / 2).toFixed(1), y: row.y.head, width: (s.count * geo.step).toFixed(1), height: row.end - row.y.head });
}

function drawSamples({ ui }, s, geo) {
  const { N, K, mode, operation, count, lit } = s;
  const { row, step } = geo;
  const base = { ...s.scales.x, width: geo.bar };
  ui.xBars(N).forEach((one, m) => {
    one.set({ ...base, at: middle(geo, m), value: s.x[m], text: fitting(s.x[m], geo), kind: `x${dim(lit.x, m)}` });
  });
  ui.xGrips.show(N, (m) => ({ x: (middle(geo, m) - step / 2).toFixed(1), y: row.x.head, width: step.toFixed(1), height: row.x.end }));
  const column = lit.cells ?? null;
  update(ui.column, { visibility: column === null ? "hidden" : "visible", x: (middle(geo, column ?? 0) - step / 2).toFixed(1), y: row.x.head, width: step.toFixed(1), height: row.x.end });
  // Beyond the ends, as far as the window of this mode gets: zeros, or copies of the other end.
  const places = [0, count - 1].flatMap((n) => terms(n, N, K, mode, operation).map(({ at }) => at));
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const outside = upTo(geo.columns, (i) => geo.first + i).filter((at) => (at < 0 || at >= N) && at >= low && at <= high);
  const ring = mode === "circular";
  ui.beyond(outside.length).forEach((one, i) => {
    const at = outside[i];
    const met = !s.scatter && s.stand.some((term) => term.at === at);
    const value = ring ? s.x[mod(at, N)] : 0;
    one.set({ ...base, at: middle(geo, at), value, text: fitting(value, geo), kind: `x ${ring ? "ghost" : "nothing"}${met ? " met" : ""}` });
    update(one.dot, { cx: middle(geo, at).toFixed(1), cy: base.zero, visibility: ring ? "hidden" : "visible" });
  });
  const numbers = [...upTo(N, (m) => m), ...outside];
  ui.xTicks(numbers.length).forEach((node, i) => {
    const crowded = i >= N && numbers[i] % 2 && ems(brief(ring ? mod(numbers[i], N) : numbers[i])) * 12 > step - 5;
    update(node, { x: middle(geo, numbers[i]).toFixed(1), y: row.x.ticks, class: i < N ? "" : "away" });
    say(node, crowded ? "" : brief(ring ? mod(numbers[i], N) : numbers[i]));
  });
}

/** Where each tap is drawn, and how wide: when the kernel is turned over it is foreshortened on the way. */
function turned(me, goal) {
  const now = performance.now();
  if (me.offsets && me.offsets.length === goal.length && !same(me.offsets, goal) && !me.view.calm()) me.turn = { from: me.offsets, at: now };
  if (me.turn?.from.length !== goal.length) me.turn = null;
  me.offsets = goal;
  const time = me.turn ? clamp((now - me.turn.at) / TURN, 0, 1) : 1;
  if (time === 1) me.turn = null;
  else me.ask();
  const left = (1 + Math.cos(Math.PI * time)) / 2;
  const offsets = goal.map((at, k) => (left ? at + left * ((me.turn?.from[k] ?? at) - at) : at));
  const across = goal.at(-1) - goal[0];
  return { offsets, squeeze: across ? Math.min(1, Math.abs((offsets.at(-1) - offsets[0]) / across)) : 1 };
}

function drawWindow(me, s, geo) {
  const { ui } = me;
  const { row, step } = geo;
  // Drawn once about place 0 and only moved when n changes.
  const goal = s.stand.map(({ at }) => at - s.base);
  const { offsets, squeeze } = turned(me, goal);
  for (const group of ui.slides) update(group, { style: `transform: translate(${(s.base * step).toFixed(1)}px, 0px)` });
  const left = middle(geo, Math.min(...goal)) - step / 2;
  const top = s.scatter ? row.w.head : row.x.head;
  update(ui.shade, { x: left.toFixed(1), y: top, width: (s.K * step).toFixed(1), height: row.p.end - top });
  ui.wBars(s.K).forEach((one, k) => {
    const faint = dim(s.lit.k, k) || (s.scatter && s.stand[k].away ? " dim" : "");
    one.set({ ...s.scales.w, at: middle(geo, offsets[k]), value: s.w[k], width: geo.bar * squeeze, text: squeeze < 0.4 ? "" : fitting(s.w[k], geo), kind: `w${faint}` });
  });
  ui.wNames(s.K).forEach((node, k) => {
    update(node, { x: middle(geo, offsets[k]).toFixed(1), y: row.w.ticks, class: `name w${dim(s.lit.k, k)}` });
    say(node, squeeze < 0.4 ? "" : step >= 27 ? `w[${k}]` : String(k));
  });
  ui.wGrips.show(s.K, (k) => ({ x: (middle(geo, goal[k]) - step / 2).toFixed(1), y: row.w.head, width: step.toFixed(1), height: row.w.ticks + 4 - row.w.head }));
  me.outward = Math.sign(goal.at(-1) - goal[0]) || (s.operation === "convolution" ? -1 : 1);
  const edge = middle(geo, goal.at(-1) + me.outward / 2);
  update(ui.edge, { "aria-valuenow": s.K, "aria-valuetext": s.K > 1 ? `${s.K} taps` : "1 tap", visibility: s.scatter ? "hidden" : "visible" });
  update(ui.edge.firstChild, { x: (edge - 11 + 5 * me.outward).toFixed(1), y: row.w.head, height: row.w.ticks - row.w.head });
  update(ui.edge.lastChild, { x: (edge - 3).toFixed(1), y: row.w.zero - 13 });
}

function drawProducts({ ui }, s, geo) {
  const { row } = geo;
  ui.pBars(s.K).forEach((one, k) => {
    const { at, value, away } = s.stand[k];
    const missing = s.scatter && away;
    one.set({ ...s.scales.p, at: middle(geo, at), value, width: geo.bar, text: missing ? "" : fitting(value, geo), kind: `p${dim(s.lit.k, k)}` });
  });
  const curve = (from, top, to, bottom) => `M${from.toFixed(1)} ${top}C${from.toFixed(1)} ${(top + bottom) / 2} ${to.toFixed(1)} ${(top + bottom) / 2} ${to.toFixed(1)} ${bottom}`;
  const lines = ui.fan(s.K * (s.scatter ? 2 : 1));
  s.stand.forEach(({ k, at, n, away }) => {
    const kind = `p${away ? " away" : ""}${dim(s.lit.k, k)}`;
    if (s.scatter) {
      update(lines[k], { d: curve(middle(geo, s.look.m), row.x.end, middle(geo, at), row.w.head), class: `x${away ? " away" : ""}` });
      update(lines[s.K + k], { d: away ? "" : curve(middle(geo, at), row.p.end, middle(geo, n + s.start), row.y.head), class: kind });
    } else update(lines[k], { d: curve(middle(geo, at), row.p.end, middle(geo, s.base), row.sum - 10), class: kind });
  });
  update(ui.sigma, { transform: `translate(${middle(geo, s.base).toFixed(1)} ${row.sum})`, visibility: s.scatter ? "hidden" : "visible" });
}

function drawOutputs({ ui }, s, geo) {
  const { y, all, start, count, mode, lit } = s;
  const base = { ...s.scales.y, width: geo.bar };
  ui.yBars(count).forEach((one, i) => {
    const present = lit.y.includes(i);
    one.set({ ...base, at: middle(geo, i + start), value: y[i], text: present ? brief(y[i]) : fitting(y[i], geo), kind: `y${present ? " present" : ""}` });
  });
  // What "same" and "valid" leave out of the full result stays as an outline.
  const left = mode === "same" || mode === "valid" ? all.map((_, p) => p).filter((p) => p < start || p >= start + count) : [];
  ui.cut(left.length).forEach((one, i) => one.set({ ...base, at: middle(geo, left[i]), value: all[left[i]], kind: "y left-out" }));
  const parity = s.shown + start >= 10 ? (s.shown + start) % 2 : 0;
  ui.yTicks(count).forEach((node, i) => {
    const place = i + start;
    const crowded = geo.step < 20 && place >= 10 && place % 2 !== parity;
    update(node, { x: middle(geo, place).toFixed(1), y: geo.row.y.ticks, class: lit.y.includes(i) ? "present" : "" });
    say(node, crowded ? "" : String(place));
  });
}

/** The cells of A; while x or n is dragged only the frames move. */
function drawMatrix(me, s, geo) {
  const { ui, view } = me;
  const { box, system, size, grid, make, rowFrame, columnFrame } = ui.matrix;
  const out = Boolean(view.shows("matrix") && (view.get("all_at_once") || view.get("show")?.includes("matrix")));
  box.classList.toggle("out", out);
  system.inert = !out;
  if (!out) return;
  update(box, { style: `--margin: ${geo.margin}px; --left: ${(middle(geo, 0) - geo.step / 2).toFixed(2)}px; --cell: ${geo.step.toFixed(3)}px` });
  say(size, `all n at once: A is ${s.count} × ${s.N}`);
  make(s.count).forEach(({ node, place, value }, i) => {
    update(node, { class: s.lit.y.includes(i) ? "lit" : "" });
    say(place, String(i + s.start));
    say(value, brief(s.y[i]));
  });
  const down = s.lit.cells ?? null;
  update(rowFrame, { style: `transform: translateY(calc(${s.shown} * var(--high)))`, class: `frame y${s.scatter ? " off" : ""}` });
  update(columnFrame, { style: `transform: translateX(${((down ?? 0) * geo.step).toFixed(2)}px)`, class: `frame x${down === null ? " off" : ""}` });
  drawCells(me, grid, s, geo);
}

function drawCells(me, grid, s, geo) {
  const told = ["cell", "term", "w"].includes(s.look?.kind) ? [s.look, s.shown] : [];
  const key = JSON.stringify([s.w, s.N, s.mode, s.operation, geo.step, told]);
  if (me.cellsKey === key) return;
  me.cellsKey = key;
  const A = matrix(s.w, s.N, s.mode, s.operation);
  const largest = Math.max(...s.w.map(Math.abs), 1e-9);
  // Smaller in a narrow cell, so that the number stays clear of the frame.
  const fontOf = (text) => [13, 12, 11].find((pixels) => ems(text) * pixels <= geo.step - 2);
  const fits = A.every((line) => line.every((a) => fontOf(brief(a))));
  const rows = grid.shape(s.count, s.N);
  A.forEach((line, n) => {
    const met = terms(n, s.N, s.K, s.mode, s.operation);
    line.forEach((a, m) => {
      const here = met.filter((term) => term.m === m);
      const has = (k) => here.some((term) => term.k === k);
      const { kind, k } = s.look ?? {};
      const lit = (kind === "w" && has(k)) || (kind === "cell" && s.look.n === n && s.look.m === m) || (kind === "term" && n === s.shown && has(k));
      const cell = rows[n][m];
      const tint = here.length && a ? Math.round(8 + 34 * Math.min(1, Math.abs(a) / largest)) : 0;
      const wraps = here.some((term) => term.at !== m);
      update(cell, {
        class: `cell${a < 0 ? " negative" : ""}${wraps ? " wraps" : ""}${lit ? " lit" : ""}`,
        style: `--tint: ${tint}%; font-size: ${fontOf(brief(a)) ?? 11}px`,
        "aria-label": grid.focused(cell) ? cellSentence(n, m, s.w, s.N, s.mode, s.operation) : `A[${n + s.start}, ${m}] = ${brief(a)}`,
      });
      say(cell, here.length && fits ? brief(a) : "");
    });
  });
}

function drawControls({ ui, view }, s, geo) {
  const picks = (name) => !view.get("controls")?.length || view.get("controls").includes(name);
  for (const [node, shown] of [
    [ui.stageBox, view.shows("bars")], [ui.axis, view.shows("bars") && picks("n")], [ui.sum.box, view.shows("sum")],
    [ui.detail, view.shows("words")], [ui.controls, ["mode", "operation", "all_at_once"].some(picks) && view.shows("controls")],
    [ui.modes.box, picks("mode")], [ui.operations.box, picks("operation")], [ui.whole.box, picks("all_at_once")],
    [ui.readyX, picks("x")], [ui.readyW, picks("w")],
  ]) update(node, { "data-off": shown ? "no" : "yes" });
  for (const [node, row, ready, numbers] of [[ui.readyX, geo.row.x, inputs(s.N), s.x], [ui.readyW, geo.row.w, KERNELS, s.w]]) {
    update(node, { style: `top: ${row.head + (geo.narrow ? 24 : 40)}px` });
    const name = Object.keys(ready).find((one) => same(ready[one], numbers)) ?? "";
    if (node.value !== name) node.value = name;
  }
  ui.player.limit(0, s.count - 1);
  ui.player.along(middle(geo, s.start), middle(geo, s.start + s.count - 1));
}

// ---- words -----------------------------------------------------------------------------------------------------------

/** Gathering: y[3] = w[0]·x[3] + …, = 2·1 + … = 4.  Scattering: x[2]·w[0] → y[2], …. */
function writeSum({ ui, view }, s) {
  const { x, w, y, start, stand, scatter } = s;
  // At rest the numbers alone; the names come with a touch, below them, so that nothing moves under the pointer.
  const quiet = !s.look && !view.get("show")?.includes("sum");
  update(ui.sum.box, { class: `sum${scatter ? "" : " gathered"}${quiet ? " rest" : ""}` });
  const taps = scatter ? stand.filter(({ away }) => !away).sort((a, b) => a.n - b.n) : stand;
  const value = ({ m }) => (m === null ? 0 : x[m]);
  const inexact = [y[s.shown], ...taps.flatMap((tap) => [w[tap.k], value(tap), tap.value])].some(rounded);
  const equals = inexact ? "≈" : "=";
  const names = scatter ? [["x", `x[${s.look.m}]`], ["x", ""]] : [["y", `y[${s.shown + start}]`], ["", ""]];
  const first = taps.map((tap, i) => [
    ["", scatter ? (i ? ", " : "") : i ? " + " : "= "], scatter ? ["", ""] : ["w", `w[${tap.k}]`], ["", "·"],
    scatter ? ["w", `w[${tap.k}]`] : [tap.m === null ? "outside" : "x", `x[${brief(tap.m ?? tap.at)}]`], ["y", scatter ? ` → y[${tap.n + start}]` : ""],
  ]);
  const second = taps.map((tap, i) => [
    ["", scatter ? (i ? ", " : "") : i ? " + " : `${equals} `], scatter ? ["x", factor(value(tap))] : ["w", factor(w[tap.k])], ["", "·"],
    scatter ? ["w", factor(w[tap.k])] : [tap.m === null ? "outside" : "x", factor(value(tap))], ["p", scatter ? ` ${equals} ${brief(tap.value)}` : ""],
  ]);
  if (!scatter) second.push([["", ` ${equals} `], ["y result", brief(y[s.shown])], ["", ""], ["", ""], ["", ""]]);
  ui.sum.lines.forEach(({ name, make }, i) => {
    const [kind, text] = names[i];
    update(name, { class: kind });
    say(name, text);
    const written = i ? second : first;
    make(written.length).forEach(({ inner, texts }, j) => {
      const k = taps[j]?.k;
      update(inner, { class: s.lit.k?.includes(k) ? "lit" : "" });
      if (k === undefined) inner.removeAttribute("data-k");
      else update(inner, { "data-k": k });
      texts.forEach((one, t) => {
        update(one, { class: written[j][t][0] });
        say(one, written[j][t][1]);
      });
    });
  });
  update(ui.sum.box, { style: `--lines: ${s.K > 4 ? 3 : 2}; --short-lines: ${s.K > 3 ? s.K : 2}` }); // so many with long numbers
}

function writeWords({ ui, view }, s) {
  const words = s.look ? lookSentence(s.look, s) : modeSentence(s.N, s.K, s.mode);
  say(ui.detail, words);
  view.aloud(s.look && s.look.kind !== "y" ? words : sumSentence(s.shown, s.x, s.w, s.mode, s.operation));
}

// ---- one view ----------------------------------------------------------------------------------------------------------

function render(context) {
  const view = viewOf(context, "discrete", { traits: TRAITS });
  const me = { view, kept: [], held: null, turn: null, ui: null };
  me.ask = view.frame(() => draw(me));
  const pinned = () => (me.look.pinned() ? me.look.at() : null);
  const looked = () => {
    if (pinned()?.n !== undefined) view.set("n", pinned().n);
    me.ask();
  };
  me.look = looking(view, looked, { same, name: (look) => nameOf(look, me.s.start) ?? "" });
  me.s = compute(view, null);
  me.ui = scene(me);
  hands(me);
  /** Fewer outputs than before: the index goes with them. */
  const settle = () => {
    const { count } = outputRange(view.get("x").length, view.get("w").length, view.get("mode"));
    if (view.get("n") >= count) view.set("n", count - 1);
    me.ask();
  };
  /** Someone else moves the window: what is pinned elsewhere lets go of it. */
  const follow = () => {
    const { n } = pinned() ?? {};
    if (n !== undefined && n !== view.get("n")) me.look.letGo();
    me.ask();
  };
  view.on(["x", "w", "mode"], settle);
  view.on(["n"], follow);
  view.on(["operation", "all_at_once", "show", "controls"], me.ask);
  /** Prose: look at "x2", at "w1", or at "y3", which counts as in the full result; at nothing lets go. */
  const lookAt = ({ value = "" }) => {
    const [, kind, number] = /^([xyw])(\d+)$/.exec(value) ?? [];
    me.look.letGo();
    if (kind === "x") me.look.pin({ kind, m: Number(number) });
    else if (kind === "y") me.look.pin({ kind, n: clamp(number - me.s.start, 0, me.s.count - 1) });
    else if (kind === "w") me.look.pin({ kind, k: Number(number) });
  };
  view.obeys({ look: lookAt });
  view.widths(me.ui.body, (size) => {
    me.size = size;
    draw(me);
  });
  view.show(me.ui.body);
  return view.end;
}

export default { render };
