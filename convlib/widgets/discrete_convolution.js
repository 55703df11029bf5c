import { clamp, element, format, keepKeys, listen, oncePerFrame, say, uniqueId, update, whenQuiet } from "./common.js";

// ---- the maths: pure functions, held against convlib by tests/site/test_discrete_convolution.py ------------------

export const REACH = 3; // samples and taps lie between -REACH and REACH
const STEP = 0.5; // what a drag snaps to
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

/** Where sample m goes: each output n that it reaches, and by which tap k. */
export function scattered(m, samples, taps, mode, operation) {
  const { count } = outputRange(samples, taps, mode);
  return upTo(count, (n) => terms(n, samples, taps, mode, operation).filter((term) => term.m === m).map(({ k }) => ({ n, k }))).flat();
}

/** Two decimals at most, a true minus sign, never minus zero. */
export function short(value) {
  const text = format(value, 2);
  return text.replace(/\.?0+$/, "") || "0";
}

const rounded = (value) => Math.abs(value * 100 - Math.round(value * 100)) > 1e-6;
const factor = (value) => (short(value).startsWith("\u2212") ? `(${short(value)})` : short(value));

/** Ready-made inputs of a given length, by name. */
export function inputs(length) {
  return {
    "a pulse": upTo(length, (m) => (m === Math.min(2, length - 1) ? 1 : 0)),
    "a step": upTo(length, (m) => (m >= length >> 1 ? 1 : 0)),
    "a ramp": upTo(length, (m) => clamp(STEP * (m - Math.max(length - 7, 0)), 0, REACH)),
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

/** Set the value of a control if it differs: setting it costs the browser a layout. */
function show(control, value) {
  if (control.value !== String(value)) control.value = value;
}

const alike = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

/** The next multiple of STEP above or below, whatever the value was. */
export function stepped(value, steps) {
  const up = steps > 0;
  const place = up ? Math.floor(value / STEP + 1e-9) : Math.ceil(value / STEP - 1e-9);
  return clamp((place + steps) * STEP, -REACH, REACH);
}

// ---- the words ---------------------------------------------------------------------------------------------------

/** "m + 2", "m − 2" or "m". */
const shifted = (name, by) => (by ? `${name} ${by < 0 ? "\u2212" : "+"} ${Math.abs(by)}` : name);

// The functions count outputs in the array that the mode returns, as the trait n does.  What is read counts them in
// the full result, so that one y[n] is the same number in every mode.

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
  return `${cell} = ${worked}${names} = ${short(sum)}: how much of x[${m}] goes into y[${place}].`;
}

const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

/** The input's side of the story: where x[m] goes. */
export function scatterSentence(m, x, w, mode, operation) {
  const { start } = outputRange(x.length, w.length, mode);
  const goes = scattered(m, x.length, w.length, mode, operation);
  const adds = goes.map(({ k }) => short(w[k] * x[m]));
  return `x[${m}] = ${short(x[m])} is scattered into ${listed(goes.map(({ n }) => `y[${n + start}]`))}: it adds ${listed(adds)}. One column of A.`;
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
  return `w[${k}] = ${short(w[k])} says how much of x[${shifted("n", by)}] goes into y[n], for every n. One diagonal of A.`;
}

/** Which outputs a mode keeps, in numbers; and where the array that it returns begins in the full result. */
export function modeSentence(N, K, mode) {
  const { start, count } = outputRange(N, K, mode);
  const full = `${N} + ${K} \u2212 1 = ${N + K - 1}`;
  if (mode === "full") return `Full: every place where w touches x counts, ${full} of them. Beyond the ends of x stand zeros.`;
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
  return `y[${n + outputRange(x.length, w.length, mode).start}] = ${products.join(" + ")} = ${short(outputs(x, w, mode, operation)[n])}`;
}

// ---- the picture -------------------------------------------------------------------------------------------------

// Heights on the drawing, in pixels from its top.
const X = { head: 14, top: 34, bottom: 118, ticks: 146, end: 151 };
const W = { head: 170, top: 190, bottom: 244, names: 272, end: 278 };
const P = { head: 297, top: 317, bottom: 369, end: 386 };
const SUM = 421; // centre of the Σ
const Y = { head: 451, top: 471, bottom: 541, ticks: 571, end: 577 };
const ROUND = [0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
const roundUp = (value) => ROUND.find((v) => v >= value - 1e-9) ?? value;

/** Fit values, zero among them, between two heights; the scale jumps from round number to round number. */
function fit(values, { top, bottom }, least = 0.5) {
  let [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  high = high > 0 || low === 0 ? roundUp(Math.max(high, least)) : 0;
  low = low < 0 ? -roundUp(-low) : 0;
  const unit = (bottom - top) / (high - low);
  return { unit, zero: top + high * unit };
}

/** About how wide a number is, in units of the font's size. */
const ems = (text) => [...text].reduce((sum, sign) => sum + (sign === "." ? 0.3 : sign === "\u2212" ? 0.7 : 0.6), 0);

/** As many nodes as asked for, in one parent; those made once are kept. */
function pool(parent, make) {
  const made = [];
  return (count) => {
    while (made.length < count) made.push(make(made.length));
    while (parent.childElementCount > count) parent.lastChild.remove();
    for (let i = parent.childElementCount; i < count; i += 1) parent.append(made[i].node);
    return made.slice(0, count);
  };
}

function makeBar(withKnob) {
  const rect = element("rect", { class: "bar", rx: 2 });
  const knob = element("rect", { class: "knob", rx: 2.5, height: 5 });
  const label = element("text", { class: "number", "text-anchor": "middle" });
  const node = element("g", {}, rect, ...(withKnob ? [knob] : []), label);
  return { node, rect, knob, label };
}

/** Place a bar; its number is written if there is room for it, or if it is `strong`. */
function setBar(bar, { at, value, scale, width, room, kind, strong = false }) {
  const key = `${at} ${value} ${scale.zero} ${scale.unit} ${width} ${room} ${kind} ${strong}`;
  if (bar.key === key) return;
  bar.key = key;
  const tip = scale.zero - value * scale.unit;
  const text = short(value);
  update(bar.rect, {
    x: (at - width / 2).toFixed(1),
    width: width.toFixed(1),
    y: Math.min(tip, scale.zero).toFixed(1),
    height: Math.abs(tip - scale.zero).toFixed(1),
  });
  update(bar.knob, { x: (at - width / 2).toFixed(1), width: width.toFixed(1), y: (tip - 2.5).toFixed(1) });
  update(bar.label, { x: at.toFixed(1), y: (value < 0 ? tip + 14 : tip - 5).toFixed(1) });
  say(bar.label, strong || ems(text) * 12 <= room ? text : "");
  update(bar.node, { class: kind });
}

function render({ model, el }) {
  const id = uniqueId("discrete");
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let s = null; // the traits, and everything worked out from them
  let geo = null; // widths of columns and cells
  let size = 0;
  let hovered = null; // what the pointer is on, what has the keyboard's focus, what was clicked
  let focused = null;
  let pinned = null;
  const own = { x: [1, 2, 3, 1, -1, -2, 1, 2], w: [2, 1, -1] }; // what "your own" comes back to
  const kept = []; // taps that were taken away come back with their values
  let playing = 0;
  let played = false;
  let drag = null; // the part that is held, by which pointer, and how it was
  const tabStop = { x: 0, w: 0 }; // the bar of each group that takes part in Tab

  // Controls
  const choose = (which, label, names) => {
    const options = [...names, "your own"].map((value) => element("option", { value }, value));
    const node = element("select", { id: `${id}-${which}` }, ...options);
    node.addEventListener("change", () => {
      const ready = which === "x" ? inputs(s.N)[node.value] : KERNELS[node.value];
      put(which, [...(ready ?? own[which])]);
    });
    return { node, box: element("div", {}, element("label", { for: node.id, class: `name ${which}` }, label), node) };
  };
  const chooseX = choose("x", "x, the input", Object.keys(inputs(1)));
  const chooseW = choose("w", "w, the kernel", Object.keys(KERNELS));
  const segments = (trait, values) => {
    const radios = Object.keys(values).map((value) => {
      const input = element("input", { type: "radio", name: `${id}-${trait}`, value });
      input.addEventListener("change", () => {
        release();
        model.set(trait, value);
        model.save_changes();
      });
      return input;
    });
    const labels = radios.map((radio) => element("label", {}, radio, ...values[radio.value]));
    const box = element("fieldset", {}, element("legend", {}, trait), element("div", { class: "segments" }, ...labels));
    return { radios, box };
  };
  const modes = segments("mode", { full: ["full"], same: ["same"], valid: ["valid"], circular: ["circular"] });
  const operations = segments("operation", {
    convolution: [element("b", {}, "∗"), " convolution"],
    correlation: [element("b", {}, "⋆"), " correlation"],
  });
  const count = element("input", { type: "number", min: 1, max: 5, step: 1, id: `${id}-taps`, class: "taps" });
  const recount = () => {
    const taps = Number(count.value);
    const w = model.get("w");
    if (!Number.isInteger(taps) || taps < 1 || taps > 5 || taps === w.length) return;
    put("w", upTo(taps, (k) => w[k] ?? kept[k] ?? 0));
  };
  count.addEventListener("input", recount);
  count.addEventListener("change", () => {
    count.value = clamp(Math.round(Number(count.value)) || s.K, 1, 5);
    recount();
  });

  // The drawing: one index axis for x, the window, the products and y
  const stage = element("svg", { class: "stage", role: "group", "aria-label": "Samples, sliding kernel, products and sums over one index axis" });
  const layer = (parent, name) => {
    const node = element("g", { class: name });
    parent.append(node);
    return node;
  };
  const shade = element("rect", { class: "shade", rx: 8, y: X.top - 17, height: P.end - X.top + 17 });
  const column = element("rect", { class: "column", rx: 6, y: X.top - 17, height: X.end - X.top + 17 });
  const slide = element("g", { class: "slide" }, shade);
  const zeros = upTo(4, () => element("line", { class: "zero" }));
  stage.append(slide, column, ...zeros);
  const fan = pool(layer(stage, "fan"), () => {
    const node = element("path");
    return { node };
  });
  const cut = pool(layer(stage, "cut"), () => makeBar(false));
  const beyond = pool(layer(stage, "beyond"), () => {
    const bar = makeBar(false);
    const dot = element("circle", { class: "hollow", r: 3.5 });
    bar.node.append(dot);
    return { ...bar, dot };
  });
  const xBars = pool(layer(stage, "samples"), () => makeBar(true));
  const ticks = pool(layer(stage, "ticks"), () => ({ node: element("text", { "text-anchor": "middle" }) }));
  const sliding = element("g", { class: "slide" });
  stage.append(sliding);
  const wBars = pool(layer(sliding, "taps"), () => makeBar(false));
  const tapNames = pool(layer(sliding, "tap-names"), () => ({ node: element("text", { class: "name w", "text-anchor": "middle", y: W.names }) }));
  const pBars = pool(layer(stage, "products"), () => makeBar(false));
  const yBars = pool(layer(stage, "sums"), () => makeBar(false));
  const yTicks = pool(layer(stage, "ticks"), () => ({ node: element("text", { "text-anchor": "middle", y: Y.ticks }) }));
  const sum = element(
    "g",
    { class: "sum-sign" },
    element("line", { y1: 10, y2: 25 }),
    element("circle", { r: 10 }),
    element("text", { class: "name", "text-anchor": "middle", y: 5 }, "Σ"),
  );
  const head = (y, kind) => {
    const name = element("tspan", { class: `name ${kind}` });
    const note = element("tspan", { class: "note", dx: 8 });
    const node = element("text", { class: "head", x: 0, y }, name, note);
    return { node, set: (words, remark) => (say(name, words), say(note, remark)) };
  };
  const heads = { x: head(X.head, "x"), w: head(W.head, "w"), p: head(P.head, "p"), y: head(Y.head, "y") };
  stage.append(sum, ...Object.values(heads).map(({ node }) => node));
  const grab = element("rect", { class: "grab", y: X.end, height: P.end - X.end });
  const pick = element("rect", { class: "pick", y: Y.head + 4, height: Y.end - Y.head });
  stage.append(grab, pick);
  const xGrips = pool(layer(stage, "grips"), (i) => makeGrip("x", i));

  // The kernel as it is, to be edited
  const pad = element("svg", { class: "pad", role: "group", "aria-label": "The kernel as it is, not flipped: drag its bars", viewBox: "0 0 180 128", width: 180, height: 128 });
  const PAD = { zero: 58, unit: 14, slot: 36 };
  const padHead = head(12, "w");
  padHead.set("w[k]", "the kernel: drag it");
  pad.append(element("line", { class: "zero", x1: 0, x2: 180, y1: PAD.zero + 5, y2: PAD.zero + 5 }));
  const padBars = pool(layer(pad, "samples"), () => makeBar(true));
  const padNames = pool(layer(pad, "tap-names"), () => ({ node: element("text", { class: "name w", "text-anchor": "middle", y: 124 }) }));
  const wGrips = pool(layer(pad, "grips"), (i) => makeGrip("w", i));
  pad.append(padHead.node);

  // The matrix
  const title = element("p", { class: "title" });
  const yCells = element("div", { class: "vector y", "aria-hidden": "true" });
  const xCells = element("div", { class: "vector x", "aria-hidden": "true" });
  const columnNumbers = element("div", { class: "numbers", "aria-hidden": "true" });
  const grid = element("div", { class: "cells", role: "grid", "aria-label": "The matrix A; arrow keys move from cell to cell, Enter pins" });
  const lineFrame = element("div", { class: "frame y" });
  const columnFrame = element("div", { class: "frame x" });
  const equation = element(
    "div",
    { class: "equation" },
    yCells,
    element("span", { class: "equals", "aria-hidden": "true" }, "="),
    element("div", { class: "matrix" }, columnNumbers, grid, lineFrame, columnFrame),
    xCells,
  );
  let cells = [];

  const play = element("button", { type: "button", class: "play" });
  const scrub = element("input", { type: "range", min: 0, step: 1, id: `${id}-n` });
  const value = element("output", { class: "value", for: scrub.id });
  const sentence = element("p", { class: "sum" });
  const detail = element("p", { class: "detail", id: `${id}-detail` });
  const spoken = element("p", { class: "quiet", "aria-live": "polite" });
  const kernelBox = element("div", { class: "kernel" }, pad, element("div", { class: "kernel-controls" }, chooseW.box, element("div", {}, element("label", { for: count.id }, "taps"), count)));
  const matrixBox = element("div", { class: "system", role: "group", "aria-label": "The same as a matrix product" }, title, equation);
  const stageBox = element("div", { class: "stage-box" }, stage);
  const transport = element("div", { class: "transport" }, play, element("label", { for: scrub.id, class: "name" }, "n"), scrub, value);
  const layout = element("div", { class: "layout" }, kernelBox, stageBox, transport, element("div", { class: "words" }, sentence, detail), matrixBox);
  keepKeys(el);
  const root = element(
    "div",
    { class: "cl-widget cl-discrete" },
    element("div", { class: "controls" }, chooseX.box, modes.box, operations.box),
    layout,
    spoken,
  );
  el.append(root);

  // Changing things
  const save = whenQuiet(() => model.save_changes(), 60);
  function put(which, numbers) {
    model.set(which, numbers);
    save();
  }
  function moveTo(n) {
    pinned = null;
    model.set("n", clamp(n, 0, s.count - 1));
    save();
  }
  function release() {
    pinned = null;
    hovered = null;
    ask();
  }
  const same = (a, b) => a && b && JSON.stringify(a) === JSON.stringify(b);
  function pin(look) {
    pinned = same(look, pinned) ? null : look;
    if (pinned?.n !== undefined) {
      model.set("n", pinned.n);
      save();
    }
    ask();
  }
  function hover(look) {
    if (same(look, hovered) || (look === null && hovered === null)) return;
    hovered = look;
    ask();
  }
  root.addEventListener("keydown", (event) => event.key === "Escape" && pinned && release());

  /** Take hold of a part with the main button or one finger; what other fingers do meanwhile is left out. */
  function take(node, event, start) {
    if (event.button || (drag && drag.pointer !== event.pointerId)) return false;
    drag = { node, pointer: event.pointerId, moved: false, ...start };
    node.setPointerCapture(event.pointerId);
    return true;
  }
  const holds = (node, event) => drag?.node === node && drag.pointer === event.pointerId;
  /** Let go when the pointer does; to be called after the part's own listeners. */
  function letGo(node) {
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
      node.addEventListener(kind, (event) => {
        if (!holds(node, event)) return;
        drag = null;
        ask();
      });
    }
  }

  /** A bar's handle: drag it up and down, or use the arrow keys. */
  function makeGrip(which, i) {
    const look = which === "x" ? { kind: "x", m: i } : { kind: "w", k: i };
    const node = element("rect", {
      class: `grip ${which}`,
      role: "slider",
      rx: 6,
      "aria-label": `${which}[${i}]`,
      "aria-orientation": "vertical",
      "aria-valuemin": -REACH,
      "aria-valuemax": REACH,
    });
    const set = (number) => {
      const numbers = model.get(which); // not those last drawn: two keys may fall into one frame
      if (numbers[i] !== number) put(which, numbers.map((old, j) => (j === i ? number : old)));
    };
    node.addEventListener("pointerdown", (event) => {
      if (take(node, event, { from: event.clientY, value: s[which][i] })) rove(which, i);
    });
    node.addEventListener("pointermove", (event) => {
      if (holds(node, event)) {
        const by = drag.from - event.clientY;
        drag.moved ||= Math.abs(by) > 3;
        if (drag.moved) set(clamp(Math.round((drag.value + by / s.scale[which === "x" ? "x" : "pad"].unit) / STEP) * STEP, -REACH, REACH) + 0);
      } else if (event.pointerType === "mouse") hover(look);
    });
    node.addEventListener("pointerup", (event) => {
      if (holds(node, event) && !drag.moved) pin(look);
    });
    letGo(node);
    node.addEventListener("pointerleave", () => hover(null));
    node.addEventListener("focus", () => {
      if (!node.matches(":focus-visible")) return;
      focused = look;
      ask();
    });
    node.addEventListener("blur", () => {
      focused = null;
      ask();
    });
    node.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 2, PageDown: -2 }[event.key];
      const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: s[which].length - 1 }[event.key];
      if (steps) set(stepped(model.get(which)[i], steps));
      else if (to !== undefined) rove(which, clamp(to, 0, s[which].length - 1), true);
      else if (event.key === "Enter" || event.key === " ") pin(look);
      else return;
      focused = to === undefined ? look : focused;
      event.preventDefault();
    });
    return { node };
  }

  /** The handles of x or w, as many as there are numbers; one of them takes part in Tab, wherever the others went. */
  function grips(which) {
    const [make, total] = which === "x" ? [xGrips, s.N] : [wGrips, s.K];
    const held = document.activeElement;
    const group = held?.matches?.(`.grip.${which}`) && root.contains(held) ? [...held.parentNode.children] : [];
    tabStop[which] = clamp(tabStop[which], 0, total - 1);
    if (group.indexOf(held) >= total) group[total - 1].focus(); // before its own bar goes, and the focus with it
    const made = make(total);
    made.forEach(({ node }, i) => update(node, { tabindex: i === tabStop[which] ? 0 : -1 }));
    return made;
  }

  /** The arrow keys go on from the bar that takes part in Tab. */
  function rove(which, i, focus = false) {
    tabStop[which] = i;
    const made = grips(which);
    if (focus) made[i].node.focus();
  }

  // The window is dragged sideways; a click on one of its taps pins that term
  let stageLeft = 0;
  const placeAt = (event) => Math.floor((event.clientX - stageLeft) / geo.step) + geo.first;
  for (const surface of [grab, pick]) {
    for (const kind of ["pointerenter", "pointerdown"]) {
      surface.addEventListener(kind, () => {
        stageLeft = stage.getBoundingClientRect().left; // not in every move: asking costs a layout
      });
    }
  }
  const termAt = (event) => {
    const term = s.terms.find(({ at }) => at === placeAt(event));
    return term ? { kind: "term", n: s.n, k: term.k } : null;
  };
  grab.addEventListener("pointerdown", (event) => {
    if (take(grab, event, { from: event.clientX, n: s.n })) stop();
  });
  grab.addEventListener("pointermove", (event) => {
    if (holds(grab, event)) {
      const by = event.clientX - drag.from;
      drag.moved ||= Math.abs(by) > 3;
      if (drag.moved) {
        hovered = null;
        moveTo(drag.n + Math.round(by / geo.step));
      }
    } else if (event.pointerType === "mouse" && !playing) hover(termAt(event));
  });
  grab.addEventListener("pointerup", (event) => {
    if (!holds(grab, event) || drag.moved) return;
    const look = termAt(event);
    if (look) pin(look);
    else release();
  });
  letGo(grab);
  grab.addEventListener("pointerleave", () => hover(null));

  // The outputs: hovering looks, clicking or dragging picks n
  const outputAt = (event) => clamp(placeAt(event) - s.start, 0, s.count - 1);
  pick.addEventListener("pointerdown", (event) => {
    if (!take(pick, event)) return;
    stop();
    hovered = null;
    moveTo(outputAt(event));
  });
  pick.addEventListener("pointermove", (event) => {
    if (holds(pick, event)) moveTo(outputAt(event));
    else if (event.pointerType === "mouse" && !playing) hover({ kind: "y", n: outputAt(event) });
  });
  pick.addEventListener("pointerleave", () => hover(null));
  letGo(pick);

  // The matrix and the vectors beside it
  const lookOf = (target) => {
    const { n, m } = target.closest("[data-n], [data-m]")?.dataset ?? {};
    if (n !== undefined && m !== undefined) return { kind: "cell", n: Number(n), m: Number(m) };
    if (n !== undefined) return { kind: "y", n: Number(n) };
    return m !== undefined ? { kind: "x", m: Number(m) } : null;
  };
  equation.addEventListener("pointerover", (event) => event.pointerType === "mouse" && !playing && hover(lookOf(event.target)));
  equation.addEventListener("pointerleave", () => hover(null));
  equation.addEventListener("click", (event) => {
    const look = lookOf(event.target);
    if (!look) return;
    stop();
    if (look.kind === "cell") roveGrid(cells[look.n][look.m]);
    if (look.kind === "y") moveTo(look.n);
    else pin(look);
  });
  grid.addEventListener("focusin", (event) => {
    const { n, m } = lookOf(event.target);
    // Said at once: a screen reader reads the label as the focus arrives.
    update(event.target, { "aria-label": cellSentence(n, m, s.w, s.N, s.mode, s.operation) });
    if (!event.target.matches(":focus-visible")) return;
    focused = { kind: "cell", n, m };
    ask();
  });
  grid.addEventListener("focusout", () => {
    focused = null;
    ask();
  });
  grid.addEventListener("keydown", (event) => {
    const look = lookOf(event.target);
    if (!look) return;
    const { n, m } = look;
    const to = {
      ArrowLeft: [n, m - 1],
      ArrowRight: [n, m + 1],
      ArrowUp: [n - 1, m],
      ArrowDown: [n + 1, m],
      Home: [n, 0],
      End: [n, s.N - 1],
    }[event.key];
    if (to) {
      const next = cells[clamp(to[0], 0, s.count - 1)][clamp(to[1], 0, s.N - 1)];
      roveGrid(next);
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") pin(look);
    else return;
    event.preventDefault();
  });
  function roveGrid(next) {
    for (const line of cells) for (const cell of line) update(cell, { tabindex: cell === next ? 0 : -1 });
  }

  // A term of the sentence is the same as its bar
  sentence.addEventListener("pointerover", (event) => {
    const k = event.target.closest("[data-k]")?.dataset.k;
    if (event.pointerType === "mouse" && !playing) hover(k === undefined ? null : { kind: "term", n: s.n, k: Number(k) });
  });
  sentence.addEventListener("pointerleave", () => hover(null));
  sentence.addEventListener("click", (event) => {
    const k = event.target.closest("[data-k]")?.dataset.k;
    if (k !== undefined) pin({ kind: "term", n: s.n, k: Number(k) });
  });

  /** Everything that follows from the traits. */
  function compute() {
    const [x, w, mode, operation] = ["x", "w", "mode", "operation"].map((name) => model.get(name));
    const [N, K] = [x.length, w.length];
    const { start, count: outputCount } = outputRange(N, K, mode);
    const y = outputs(x, w, mode, operation);
    const all = mode === "circular" ? y : outputs(x, w, "full", operation);
    const products = x.flatMap((sample) => w.map((tap) => tap * sample));
    const reach = Math.max(1, Math.ceil(Math.max(...w.map(Math.abs))));
    const window = [...(w.some((tap) => tap < 0) ? [-reach] : []), reach];
    s = {
      x, w, mode, operation, N, K, start, y, all,
      count: outputCount,
      A: matrix(w, N, mode, operation),
      scale: {
        x: { unit: (X.bottom - X.top) / (2 * REACH), zero: (X.top + X.bottom) / 2 },
        w: fit(window, W, 1),
        p: fit(products, P),
        y: fit(all, Y),
        pad: { unit: PAD.unit, zero: PAD.zero + 5 },
      },
    };
    if (!Object.values(inputs(N)).some((ready) => alike(ready, x))) own.x = x;
    if (!Object.values(KERNELS).some((ready) => alike(ready, w))) own.w = w;
    w.forEach((tap, k) => {
      kept[k] = tap;
    });
  }

  /** Columns of the drawing, cells of the matrix; which of the two layouts has room. */
  function measure() {
    const columns = s.N + 2 * (s.K - 1);
    const compact = size < 300;
    const beside = compact ? 110 : 128; // what stands beside the cells of A: y, "=", x and their indices
    const right = Math.max(beside + s.N * clamp(Math.floor((size * 0.49 - beside) / s.N), 20, 30), 296);
    const wide = size >= 600 && size - right - 28 >= columns * 18;
    const cell = clamp(Math.floor(((wide ? right : size) - beside) / s.N), compact ? 12 : 16, 30);
    const stageWidth = wide ? size - right - 28 : size;
    const step = stageWidth / columns;
    // What stands elsewhere because there is more or less room is put there; only what n moves glides.
    const resizing = geo?.step !== step || geo.cell !== cell || geo.columns !== columns;
    geo = { first: 1 - s.K, columns, wide, right, cell, width: stageWidth, step, bar: Math.min(step * 0.66, 30) };
    const states = [wide && "wide", compact && "compact", (drag || resizing) && "still"].filter(Boolean);
    update(root, { class: ["cl-widget cl-discrete", ...states].join(" "), style: `--right: ${right}px; --cell: ${cell}px` });
    if (resizing) ask(); // in the next frame it may glide again
    update(stage, { viewBox: `0 0 ${stageWidth.toFixed(1)} ${Y.end}`, height: Y.end });
  }
  const xOf = (place) => (place - geo.first + 0.5) * geo.step;

  function buildMatrix() {
    const shape = `${s.count}x${s.N}`;
    if (grid.dataset.shape === shape) return;
    grid.dataset.shape = shape;
    const held = grid.contains(document.activeElement) ? lookOf(document.activeElement) : null;
    const old = [...grid.children];
    cells = upTo(s.count, (n) =>
      upTo(s.N, (m) => element("div", { role: "gridcell", class: "cell", tabindex: n || m ? -1 : 0, "data-n": n, "data-m": m })),
    );
    grid.append(...cells.map((line) => element("div", { role: "row", class: "line" }, ...line)));
    if (held) {
      // Before the old cell goes, and the focus with it.
      const next = cells[Math.min(held.n, s.count - 1)][Math.min(held.m, s.N - 1)];
      roveGrid(next);
      next.focus({ preventScroll: true });
    }
    for (const line of old) line.remove();
    yCells.replaceChildren(...upTo(s.count, (n) => element("div", { "data-n": n }, element("small"), element("span"))));
    xCells.replaceChildren(...upTo(s.N, (m) => element("div", { "data-m": m }, element("span", {}), element("small", {}, m))));
    columnNumbers.replaceChildren(...upTo(s.N, (m) => element("small", {}, m)));
    const part = (name, text) => element("i", { class: `name ${name}` }, text);
    title.replaceChildren(part("y", "y"), " = ", part("w", "A"), " ", part("x", "x"), element("small", {}, `all at once: A is ${s.count} × ${s.N}`));
  }

  // The sentence: three lines with as many terms as there are taps, whose texts change in place.
  const bold = (kind) => element("b", { class: kind });
  const sumLines = upTo(3, (i) => {
    const equals = [element("span", {}, "= "), ...(i === 2 ? [element("span")] : [])];
    const inner = element("span", { class: "terms" });
    const line = element("span", { class: "equal" }, equals[0], inner, ...equals.slice(1));
    const make = pool(inner, (k) => {
      const factors = i === 2 ? [bold("p")] : [bold("w"), bold("x")];
      const term = element("span", { class: "term", "data-k": k }, factors[0], ...(i === 2 ? [] : ["·", factors[1]]));
      return { node: element("span", {}, k ? " + " : "", term), term, factors };
    });
    return { line, make, equals };
  });
  const sumName = bold("y");
  const result = bold("y result");
  sumLines[2].line.append(result);
  sentence.append(sumName, ...sumLines.map(({ line }) => line));

  function writeSum(n, lit) {
    const { x, w, y, K } = s;
    const values = s.terms.map(({ k, m }) => [w[k], m === null ? 0 : x[m]]);
    const texts = [
      s.terms.map(({ k, at, m }) => [`w[${k}]`, `x[${short(m ?? at)}]`]),
      values.map((pair) => pair.map(factor)),
      values.map(([tap, sample]) => [factor(tap * sample)]),
    ];
    const inexact = [y[n], ...values.flatMap(([tap, sample]) => [tap, sample, tap * sample])].some(rounded);
    say(sumName, `y[${n + s.start}]`);
    say(result, short(y[n]));
    sumLines.forEach(({ make, equals }, i) => {
      say(equals[0], i && inexact ? "≈ " : "= ");
      if (i === 2) say(equals[1], inexact ? " ≈ " : " = ");
      make(K).forEach(({ term, factors }, k) => {
        factors.forEach((node, j) => say(node, texts[i][k][j]));
        if (i < 2) update(factors[1], { class: s.terms[k].m === null ? "outside" : "x" });
        update(term, { class: `term${lit.k?.includes(k) ? " lit" : ""}` });
      });
    });
  }

  /** What is lit: samples, taps (of the window), products and outputs; null where nothing stands back. */
  function lightsOf(look, n) {
    if (look?.kind === "x") {
      const goes = scattered(look.m, s.N, s.K, s.mode, s.operation);
      return { x: [look.m], k: null, y: goes.map((to) => to.n), goes };
    }
    if (look?.kind === "w") return { x: null, k: [look.k], y: [n] };
    if (look?.kind === "cell") {
      const here = s.terms.filter(({ m }) => m === look.m);
      return { x: [look.m], k: here.map(({ k }) => k), y: [n] };
    }
    if (look?.kind === "term") return { x: [s.terms[look.k].m], k: [look.k], y: [n] };
    if (look?.kind === "y") return { x: s.terms.map(({ m }) => m), k: null, y: [n] };
    return { x: null, k: null, y: [n] };
  }
  const dim = (lit, i) => (lit && !lit.includes(i) ? " dim" : "");

  /** Is what was looked at still there? The traits may have changed meanwhile. */
  function exists(look) {
    return look && (look.n ?? 0) < s.count && (look.m ?? 0) < s.N && (look.k ?? 0) < s.K;
  }

  function draw() {
    if (!size) return;
    compute();
    measure();
    buildMatrix();
    if (drag && !drag.node.isConnected) drag = null;
    [pinned, hovered, focused] = [pinned, hovered, focused].map((look) => (exists(look) ? look : null));
    const look = pinned ?? hovered ?? focused;
    s.n = clamp(model.get("n"), 0, s.count - 1);
    const n = look?.n ?? s.n; // hovering an output or a cell moves the window there, until one looks away
    s.terms = terms(n, s.N, s.K, s.mode, s.operation);
    const lit = lightsOf(look, n);
    const scatter = lit.goes ?? null;
    update(stage, { class: `stage${scatter ? " scattering" : ""}` });
    drawSamples(lit);
    drawWindow(n, lit);
    drawProducts(n, lit, scatter, look);
    drawOutputs(n, lit);
    drawPad(look);
    drawMatrix(n, look, lit);
    writeSum(n, lit);
    writeWords(n, look);
  }

  function drawSamples(lit) {
    const { N, K, mode, operation, count: outputCount } = s;
    const scale = s.scale.x;
    const room = geo.step + 1;
    xBars(N).forEach((bar, m) => {
      setBar(bar, { at: xOf(m), value: s.x[m], scale, width: geo.bar, room, kind: `x${dim(lit.x, m)}` });
    });
    const lightest = lit.goes ? lit.x[0] : null;
    update(column, { visibility: lightest === null ? "hidden" : "visible", x: xOf(lightest ?? 0) - geo.step / 2, width: geo.step });
    // Beyond the ends, as far as the window of this mode gets: zeros, or copies of the other end.
    const places = [0, outputCount - 1].flatMap((n) => terms(n, N, K, mode, operation).map(({ at }) => at));
    const [low, high] = [Math.min(...places), Math.max(...places)];
    const outside = upTo(geo.columns, (i) => geo.first + i).filter((at) => (at < 0 || at >= N) && at >= low && at <= high);
    beyond(outside.length).forEach((bar, i) => {
      const at = outside[i];
      const met = s.terms.some((term) => term.at === at);
      const ring = mode === "circular";
      const sample = ring ? s.x[mod(at, N)] : 0;
      setBar(bar, { at: xOf(at), value: sample, scale, width: geo.bar, room, kind: `x ${ring ? "ghost" : "nothing"}${met ? " met" : ""}` });
      update(bar.dot, { cx: xOf(at).toFixed(1), cy: scale.zero, visibility: ring ? "hidden" : "visible" });
    });
    const numbers = [...upTo(N, (m) => m), ...outside];
    ticks(numbers.length).forEach(({ node }, i) => {
      update(node, { x: xOf(numbers[i]).toFixed(1), y: X.ticks, class: i < N ? "" : "away" });
      const crowded = i >= N && geo.step < 24 && numbers[i] % 2;
      say(node, crowded ? "" : short(mode === "circular" ? mod(numbers[i], N) : numbers[i]));
    });
    grips("x").forEach(({ node }, m) => {
      update(node, { x: (xOf(m) - geo.step / 2).toFixed(1), y: X.top - 12, width: geo.step.toFixed(1), height: X.end - X.top + 12 });
      update(node, { "aria-valuenow": s.x[m], "aria-valuetext": short(s.x[m]) });
    });
    heads.x.set("x[m]", geo.width > 330 ? "the input: drag a bar up or down" : "the input: drag the bars");
    zeros.forEach((line, i) => {
      const { zero } = s.scale["xwpy"[i]];
      update(line, { x1: 0, x2: geo.width, y1: zero.toFixed(1), y2: zero.toFixed(1) });
    });
  }

  function drawWindow(n, lit) {
    const { K, operation, mode } = s;
    const place = n + s.start;
    // Drawn once about place 0 and only moved when n changes.
    const offsets = s.terms.map(({ at }) => at - place);
    const shift = `transform: translate(${(place * geo.step).toFixed(1)}px, 0px)`;
    for (const group of [slide, sliding]) update(group, { style: shift });
    update(shade, { x: (xOf(Math.min(...offsets)) - geo.step / 2).toFixed(1), width: (K * geo.step).toFixed(1) });
    wBars(K).forEach((bar, k) => {
      setBar(bar, { at: xOf(offsets[k]), value: s.w[k], scale: s.scale.w, width: geo.bar, room: geo.step + 1, kind: `w${dim(lit.k, k)}` });
    });
    const roomy = geo.step >= 25;
    tapNames(K).forEach(({ node }, k) => {
      update(node, { x: xOf(offsets[k]).toFixed(1), class: `name w${dim(lit.k, k)}${geo.step < 32 ? " small" : ""}` });
      say(node, roomy ? `w[${k}]` : String(k));
    });
    const flips = operation === "convolution";
    const index = flips ? `${place} \u2212 m` : shifted("m", (mode === "circular" ? 0 : K - 1) - place);
    s.windowName = `w[${index}]`;
    heads.w.set(s.windowName, `the kernel, ${flips ? "flipped" : "not flipped"}: slide it`);
    update(grab, { x: 0, width: geo.width });
  }

  function drawProducts(n, lit, scatter, look) {
    const { scale, K } = s;
    const place = n + s.start;
    // Gathering: products stand where they arise. Scattering: where they go.
    const shown = scatter
      ? scatter.map(({ n: to, k }) => ({ at: to + s.start, value: s.w[k] * s.x[look.m], k }))
      : s.terms.map(({ k, at, m }) => ({ at, value: m === null ? 0 : s.w[k] * s.x[m], k, away: m === null }));
    pBars(shown.length).forEach((bar, i) => {
      setBar(bar, { at: xOf(shown[i].at), value: shown[i].value, scale: scale.p, width: geo.bar, room: geo.step + 1, kind: `p${dim(lit.k, shown[i].k)}` });
    });
    const from = scatter && xOf(look.m).toFixed(1);
    const lines = fan(shown.length * (scatter ? 2 : 1));
    shown.forEach(({ at, k, away }, i) => {
      const x = xOf(at).toFixed(1);
      const to = xOf(place).toFixed(1);
      if (scatter) {
        update(lines[i].node, { d: `M${x} ${P.end}V${Y.head + 6}`, class: "p" });
        update(lines[shown.length + i].node, { d: `M${from} ${X.end}C${from} ${(X.end + P.top) / 2} ${x} ${(X.end + P.top) / 2} ${x} ${P.head + 4}`, class: "x" });
      } else update(lines[i].node, { d: `M${x} ${P.end}C${x} ${SUM - 14} ${to} ${P.end + 4} ${to} ${SUM - 10}`, class: `p${away ? " away" : ""}${dim(lit.k, k)}` });
    });
    update(sum, { transform: `translate(${xOf(place).toFixed(1)} ${SUM})`, visibility: scatter ? "hidden" : "visible" });
    if (scatter) heads.p.set(`x[${look.m}]·w[k]`, `what x[${look.m}] adds to each y`);
    else heads.p.set(`x[m]·${s.windowName}`, K > 1 ? "the products" : "the product");
  }

  function drawOutputs(n, lit) {
    const { y, all, start, count: outputCount, mode } = s;
    const base = { scale: s.scale.y, width: geo.bar, room: geo.step + 1 };
    yBars(outputCount).forEach((bar, i) => {
      const present = lit.y.includes(i);
      setBar(bar, { ...base, at: xOf(i + start), value: y[i], kind: `y${present ? " present" : ""}`, strong: present });
    });
    // What "same" and "valid" leave out of the full result stays as an outline.
    const left = mode === "same" || mode === "valid" ? upTo(all.length, (p) => p).filter((p) => p < start || p >= start + outputCount) : [];
    cut(left.length).forEach((bar, i) => {
      setBar(bar, { ...base, at: xOf(left[i]), value: all[left[i]], kind: "y left-out", room: 0 });
    });
    const parity = n + start >= 10 ? (n + start) % 2 : 0;
    yTicks(outputCount).forEach(({ node }, i) => {
      const place = i + start;
      const crowded = geo.step < 20 && place >= 10 && place % 2 !== parity;
      update(node, { x: xOf(place).toFixed(1), class: i === n && lit.y.includes(i) ? "present" : "" });
      say(node, crowded ? "" : String(place));
    });
    heads.y.set("y[n]", { full: "the sums", same: "the middle sums", valid: "the sums inside", circular: "the sums around the ring" }[mode]);
    update(pick, { x: (xOf(start) - geo.step / 2).toFixed(1), width: (outputCount * geo.step).toFixed(1) });
  }

  function drawPad(look) {
    const lit = look?.kind === "w" ? [look.k] : null;
    padBars(s.K).forEach((bar, k) => {
      const at = (k + 0.5) * PAD.slot;
      setBar(bar, { at, value: s.w[k], scale: s.scale.pad, width: 24, room: 34, kind: `w${dim(lit, k)}` });
    });
    padNames(s.K).forEach(({ node }, k) => {
      update(node, { x: (k + 0.5) * PAD.slot });
      say(node, `w[${k}]`);
    });
    grips("w").forEach(({ node }, k) => {
      update(node, { x: k * PAD.slot, y: 18, width: PAD.slot, height: 110, "aria-valuenow": s.w[k], "aria-valuetext": short(s.w[k]) });
    });
  }

  /** The cells of A; while x or n is dragged there is nothing to do. */
  function drawCells(n, look) {
    const told = ["cell", "term", "w"].includes(look?.kind) ? [look, n] : [];
    const key = JSON.stringify([s.w, s.N, s.mode, s.operation, geo.cell, told]);
    if (grid.dataset.key === key) return;
    grid.dataset.key = key;
    const largest = Math.max(...s.w.map(Math.abs), 1e-9);
    // Smaller in a narrow cell, so that the number stays clear of the frame; at 10 pixels it may touch it.
    const fontOf = (text) => [12, 11, 10].find((pixels) => ems(text) * pixels <= geo.cell - (pixels > 10 ? 5 : 1.5));
    const fits = s.A.every((line) => line.every((a) => fontOf(short(a))));
    const active = document.activeElement;
    s.A.forEach((line, i) => {
      const met = terms(i, s.N, s.K, s.mode, s.operation);
      line.forEach((a, m) => {
        const here = met.filter((term) => term.m === m);
        const wraps = here.some((term) => term.at !== m);
        const diagonal = look?.kind === "w" && here.some(({ k }) => k === look.k);
        const chosen = (look?.kind === "cell" && look.n === i && look.m === m) || (look?.kind === "term" && i === n && here.some(({ k }) => k === look.k));
        const cell = cells[i][m];
        const text = short(a);
        const tint = here.length && a ? Math.round(8 + 34 * Math.min(1, Math.abs(a) / largest)) : 0;
        update(cell, {
          class: `cell${here.length ? "" : " blank"}${a < 0 ? " negative" : ""}${wraps ? " wraps" : ""}${diagonal || chosen ? " lit" : ""}`,
          style: `--tint: ${tint}%; font-size: ${fontOf(text) ?? 10}px`,
        });
        const label = cell === active ? cellSentence(i, m, s.w, s.N, s.mode, s.operation) : `A[${i + s.start}, ${m}] = ${text}`;
        update(cell, { "aria-label": label });
        say(cell, here.length && fits ? text : "");
      });
    });
  }

  function drawMatrix(n, look, lit) {
    drawCells(n, look);
    s.y.forEach((number, i) => {
      const node = yCells.children[i];
      update(node, { class: lit.y.includes(i) ? "lit" : "" });
      say(node.firstChild, String(i + s.start));
      say(node.lastChild, short(number));
    });
    s.x.forEach((number, m) => {
      const node = xCells.children[m];
      const through = look?.kind === "x" || look?.kind === "cell" || look?.kind === "term" || look?.kind === "y";
      update(node, { class: through && lit.x?.includes(m) ? "lit" : "" });
      say(node.firstChild, short(number));
    });
    const down = lit.goes ? look.m : look?.kind === "cell" ? look.m : null;
    update(lineFrame, { style: `transform: translateY(${n * geo.cell}px)`, class: `frame y${lit.goes ? " off" : ""}` });
    update(columnFrame, { style: `transform: translateX(${(down ?? 0) * geo.cell}px)`, class: `frame x${down === null ? " off" : ""}` });
  }

  function writeWords(n, look) {
    const { x, w, N, K, mode, operation, y } = s;
    let words = modeSentence(N, K, mode);
    if (look?.kind === "x") words = scatterSentence(look.m, x, w, mode, operation);
    else if (look?.kind === "y") words = gatherSentence(look.n, x, w, mode, operation);
    else if (look?.kind === "w") words = tapSentence(look.k, w, mode, operation);
    else if (look?.kind === "cell") words = cellSentence(look.n, look.m, w, N, mode, operation);
    else if (look?.kind === "term") {
      const { at, m, k } = s.terms[look.k];
      words = m === null ? `w[${k}] stands under x[${short(at)}], beyond the end, where there is nothing: 0.` : cellSentence(n, m, w, N, mode, operation);
    }
    say(detail, pinned ? `${words} (Pinned: click again or press Escape to let go.)` : words);
    const place = n + s.start;
    say(value, String(place));
    update(scrub, { min: s.start, max: s.start + s.count - 1, "aria-valuetext": `n = ${place}, y[${place}] = ${short(y[n])}` });
    show(scrub, place);
    const named = (ready, numbers) => Object.keys(ready).find((name) => alike(ready[name], numbers)) ?? "your own";
    show(chooseX.node, named(inputs(N), x));
    show(chooseW.node, named(KERNELS, w));
    if (document.activeElement !== count) show(count, K);
    for (const radio of modes.radios) radio.checked = radio.value === mode;
    for (const radio of operations.radios) radio.checked = radio.value === operation;
    if (n === s.n) aloud(sumSentence(n, x, w, mode, operation));
  }
  const aloud = whenQuiet((text) => say(spoken, text));
  const ask = oncePerFrame(draw);

  /** Fewer outputs than before: the index goes with them. */
  function settle() {
    const { count: outputCount } = outputRange(model.get("x").length, model.get("w").length, model.get("mode"));
    if (model.get("n") >= outputCount) {
      model.set("n", outputCount - 1);
      save();
    }
    ask();
  }

  scrub.addEventListener("input", () => {
    stop();
    played = true;
    moveTo(Number(scrub.value) - s.start);
  });

  // Playing: one output after the other
  function showPlay() {
    say(play, playing ? "❚❚ Pause" : "▶ Play");
  }
  function stop() {
    if (!playing) return;
    clearTimeout(playing);
    playing = 0;
    showPlay();
  }
  play.addEventListener("click", () => {
    if (playing) return stop();
    hovered = null;
    // From the first output the first time, and at the end: so that all of them are seen to arise.
    if (!played || s.n >= s.count - 1) moveTo(0);
    played = true;
    const advance = () => {
      const last = outputRange(model.get("x").length, model.get("w").length, model.get("mode")).count - 1;
      moveTo(Math.min(model.get("n") + 1, last));
      if (model.get("n") >= last) return stop();
      playing = setTimeout(advance, reduced ? 1400 : 900);
    };
    playing = setTimeout(advance, reduced ? 1400 : 900);
    showPlay();
  });
  showPlay();

  /** Someone else moves the window: what is pinned elsewhere lets go of it. */
  function follow() {
    if (pinned?.n !== undefined && pinned.n !== model.get("n")) pinned = null;
    ask();
  }

  const unlisten = [listen(model, ["x", "w", "mode"], settle), listen(model, ["n"], follow), listen(model, ["operation"], ask)];
  const resize = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (!width || width === size) return;
    size = width;
    draw();
  });
  resize.observe(layout);
  return () => {
    stop();
    for (const end of unlisten) end();
    save.flush();
    for (const pending of [ask, aloud]) pending.cancel();
    resize.disconnect();
  };
}

export default { render };
