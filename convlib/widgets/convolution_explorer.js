import { clamp, element, floats, format, keepKeys, listen, oncePerFrame, pathThrough, say, uniqueId, update, whenQuiet } from "./common.js";

// ---- the maths: pure functions, held against convlib by tests/site/test_convolution_explorer.py -----------------

export const REACH = 4; // the time axis runs from -REACH to REACH
export const STEP = 0.02;
export const HALF = Math.round(REACH / STEP); // grid index of time REACH
const DRAWN_REACH = 2;
const SAME_TIME = 1e-9;

const step = (t) => (Math.abs(t) <= SAME_TIME ? 0.5 : t > 0 ? 1 : 0);

const SHAPES = {
  box: (t) => step(t + 0.5) - step(t - 0.5),
  triangle: (t) => Math.max(0, 1 - Math.abs(t)),
  exponential: (t) => step(t) * Math.exp(-Math.max(t, 0)),
  gaussian: (t) => Math.exp(-0.5 * (t / 0.4) ** 2) / (0.4 * Math.sqrt(2 * Math.PI)),
  burst: (t) => (Math.abs(t) < 1 ? Math.sin(4 * Math.PI * t) * Math.cos((Math.PI * t) / 2) ** 2 : 0),
};

/** Value at time t of a function drawn through nodes that are evenly spaced from -2 to 2. */
export function drawnAt(nodes, t) {
  const place = ((t + DRAWN_REACH) / (2 * DRAWN_REACH)) * (nodes.length - 1);
  if (place < -SAME_TIME || place > nodes.length - 1 + SAME_TIME) return 0;
  const left = clamp(Math.floor(place), 0, nodes.length - 2);
  return nodes[left] + (place - left) * (nodes[left + 1] - nodes[left]);
}

/** Value at time t of any shape but the impulse. */
export const valueAt = (name, nodes, t) => (name === "drawn" ? drawnAt(nodes, t) : SHAPES[name](t));

/** A shape at the middles of the strips from -half to half. */
export function sampleShape(name, nodes, half) {
  return Float64Array.from({ length: 2 * half }, (_, i) => valueAt(name, nodes, (i - half + 0.5) * STEP));
}

/**
 * Slide g along f and measure the area of the product at every shift of the grid, by the midpoint rule.
 * An impulse gives back the other function; two make an impulse, one sample of height 1 / STEP.
 */
export function slide(f, g, fNodes, gNodes, operation) {
  const flip = operation === "convolution" ? -1 : 1;
  const shifts = Float64Array.from({ length: 2 * HALF + 1 }, (_, n) => (n - HALF) * STEP);
  if (f === "impulse" && g === "impulse") return shifts.map((_, n) => (n === HALF ? 1 / STEP : 0));
  if (f === "impulse") return shifts.map((t) => valueAt(g, gNodes, -flip * t));
  if (g === "impulse") return shifts.map((t) => valueAt(f, fNodes, t));
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

// ---- the picture ------------------------------------------------------------------------------------------------

const NAMES = {
  box: "box",
  triangle: "triangle",
  exponential: "exponential decay",
  gaussian: "Gaussian",
  burst: "sine burst",
  impulse: "impulse",
  drawn: "drawn by hand",
};
const JUMP = 0.45; // no smooth shape changes by more within one strip
const indexOf = (t) => clamp(Math.round(t / STEP) + HALF, 0, 2 * HALF);
const timeOf = (index) => Math.round((index - HALF) * STEP * 1e6) / 1e6;

/** One panel of the three: a clipped plot area with a zero line and a marker at t. */
function makePanel(height, parent) {
  const clip = uniqueId("clip");
  const clipRect = element("rect", { y: -6, height: height + 12 });
  const zero = element("line", { class: "zero" });
  const unit = element("line", { class: "unit" });
  const scale = element("text", { x: 2 });
  const marker = element("line", { class: "marker", y1: 0, y2: height });
  const plot = element("g", { "clip-path": `url(#${clip})` });
  const notes = element("g");
  const group = element("g", {}, element("clipPath", { id: clip }, clipRect), unit, zero, scale, marker, plot, notes);
  parent.append(group);
  return { group, plot, notes, zero, unit, scale, marker, clipRect, height, low: -0.15, high: 1.3, mark: 1 };
}

/** A name with the sign of an operation in it, large enough to tell one from the other. */
function formula(node, before, sign, after) {
  node.replaceChildren(before, element("tspan", { class: "sign" }, sign), after);
}

function drawingPad(model, which, changed) {
  const trait = `${which}_samples`;
  const width = 400;
  const height = 120;
  let chosen = 20;
  const line = element("path", { class: `curve ${which}` });
  const dots = element("g", { class: `nodes ${which}` });
  const halo = element("circle", { class: `halo ${which}`, r: 9 });
  const pad = element(
    "svg",
    {
      viewBox: `-8 -8 ${width + 16} ${height + 16}`,
      class: "pad",
      tabindex: 0,
      role: "slider",
      "aria-label": `Draw ${which}: left and right arrow keys choose a point, up and down move it`,
      "aria-valuemin": -1,
      "aria-valuemax": 1,
    },
    element("line", { class: "zero", x1: 0, x2: width, y1: height / 2, y2: height / 2 }),
    line,
    dots,
    halo,
  );
  const nodes = () => floats(model.get(trait));
  const x = (i, all) => (i / (all.length - 1)) * width;
  const y = (value) => (0.5 - value / 2) * height;
  const draw = () => {
    const all = nodes();
    update(line, { d: pathThrough(0, all.length - 1, (i) => x(i, all), (i) => y(all[i])) });
    while (dots.childElementCount < all.length) dots.append(element("circle", { r: 2.2 }));
    all.forEach((value, i) => update(dots.children[i], { cx: x(i, all).toFixed(1), cy: y(value).toFixed(1) }));
    update(halo, { cx: x(chosen, all), cy: y(all[chosen]) });
    const time = format(-DRAWN_REACH + (chosen * 2 * DRAWN_REACH) / (all.length - 1), 1);
    update(pad, { "aria-valuenow": all[chosen].toFixed(2), "aria-valuetext": `${which}(${time}) = ${format(all[chosen])}` });
  };
  const put = (all) => {
    model.set(trait, new DataView(all.buffer));
    changed();
  };
  let last = null;
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    const all = nodes();
    const scale = (width + 16) / box.width;
    return {
      index: clamp(Math.round((((event.clientX - box.left) * scale - 8) / width) * (all.length - 1)), 0, all.length - 1),
      value: clamp(1 - (2 * ((event.clientY - box.top) * scale - 8)) / height, -1, 1),
    };
  };
  const stroke = (event) => {
    const here = place(event);
    const from = last ?? here;
    const all = nodes();
    const count = Math.abs(here.index - from.index);
    for (let k = 0; k <= count; k += 1) {
      const share = count ? k / count : 1;
      all[from.index + Math.sign(here.index - from.index) * k] = from.value + share * (here.value - from.value);
    }
    chosen = here.index;
    last = here;
    put(all);
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = null;
    stroke(event);
    pad.focus();
    event.preventDefault();
  });
  pad.addEventListener("pointermove", (event) => last && event.buttons && stroke(event));
  pad.addEventListener("pointerup", () => {
    last = null;
    model.save_changes();
  });
  pad.addEventListener("keydown", (event) => {
    const all = nodes();
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const lift = { ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 0.5, PageDown: -0.5 }[event.key];
    if (move) chosen = clamp(chosen + move, 0, all.length - 1);
    else if (event.key === "Home") chosen = 0;
    else if (event.key === "End") chosen = all.length - 1;
    else if (lift) {
      all[chosen] = clamp(Math.round((all[chosen] + lift) * 100) / 100, -1, 1);
      put(all);
      model.save_changes();
    } else return;
    event.preventDefault();
    draw();
  });
  const clear = element("button", { type: "button", onclick: () => (put(new Float32Array(nodes().length)), model.save_changes()) }, "Clear");
  const scale = ["−2", "0", "2"].map((text, i) =>
    element("text", { x: (i * width) / 2, y: height + 6, "text-anchor": ["start", "middle", "end"][i] }, text),
  );
  pad.append(...scale);
  const hint = element("small", {}, "Draw with mouse or finger. By keyboard: left and right choose a point, up and down move it.");
  const name = element("span", { class: `name ${which}` }, which);
  const box = element("div", { class: "drawing" }, name, element("div", {}, pad, hint), clear);
  return { box, draw };
}

function render({ model, el }) {
  const id = uniqueId("explorer");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let shape = null; // sampled functions and the output, recomputed only when f, g or the operation changes
  let size = { width: 0, left: 4, right: 4 };
  let hoverT = null; // a shift looked at, not yet chosen
  let inspected = null; // grid index of tau under the pointer or moved by the arrow keys
  let pinned = false;
  let compare = model.get("operation") === "correlation"; // both operations, once the reader has asked for the other
  let farthest = 0; // grid index up to which the output has been traced
  let playing = 0;

  // Controls
  const select = (which, label) => {
    const options = Object.entries(NAMES).map(([value, text]) => element("option", { value }, text));
    const node = element("select", { id: `${id}-${which}` }, ...options);
    node.addEventListener("change", () => {
      model.set(which, node.value);
      model.save_changes();
    });
    return { node, box: element("div", {}, element("label", { for: node.id, class: `name ${which}` }, label), node) };
  };
  const chooseF = select("f", "f stands still");
  const chooseG = select("g", "g slides");
  const radios = ["convolution", "correlation"].map((value) => {
    const input = element("input", { type: "radio", name: `${id}-operation`, value });
    input.addEventListener("change", () => {
      model.set("operation", value);
      model.save_changes();
    });
    return input;
  });
  const operation = element(
    "fieldset",
    {},
    element("legend", {}, "operation"),
    element(
      "div",
      { class: "segments" },
      element("label", {}, radios[0], element("b", {}, "∗"), " convolution"),
      element("label", {}, radios[1], element("b", {}, "⋆"), " correlation"),
    ),
  );
  const pads = { f: drawingPad(model, "f", () => redraw()), g: drawingPad(model, "g", () => redraw()) };

  // Panels
  const stage = element("svg", { class: "stage", role: "group", "aria-label": "The functions, their product, and its area" });
  const top = makePanel(118, stage);
  const middle = makePanel(96, stage);
  const bottom = makePanel(118, stage);
  const panels = [top, middle, bottom];
  const ghost = element("path", { class: "curve g ghost" });
  const curveF = element("path", { class: "curve f" });
  const curveG = element("path", { class: "curve g" });
  const slider = element("g", {}, curveG);
  top.plot.append(ghost, curveF, slider);
  const nameF = element("text", { class: "name f", "text-anchor": "middle" }, "f(τ)");
  const nameG = element("text", { class: "name g", "text-anchor": "middle" });
  top.notes.append(nameF, nameG);
  const area = element("path", { class: "area" });
  const product = element("path", { class: "curve product" });
  const nameArea = element("text", { class: "name product" });
  middle.plot.append(area, product);
  middle.notes.append(nameArea);
  const other = element("path", { class: "curve other" });
  const traceClip = uniqueId("trace");
  const traced = element("rect", { x: -10, y: -20, height: 200 });
  const seenClip = uniqueId("seen");
  const seen = element("rect", { x: -10, y: -20, height: 200 });
  const trace = element("path", { class: "curve output", "clip-path": `url(#${traceClip})` });
  const rest = element("path", { class: "curve rest", "clip-path": `url(#${seenClip})` });
  const dot = element("circle", { class: "dot", r: 5.5 });
  const nameOutput = element("text", { class: "name output" });
  const nameOther = element("text", { class: "name other" });
  bottom.plot.append(element("clipPath", { id: traceClip }, traced), element("clipPath", { id: seenClip }, seen), other, rest, trace);
  bottom.notes.append(dot, nameOutput, nameOther);
  const ticks = element("g", { class: "ticks" });
  const axisName = element("text", { class: "name", "text-anchor": "end" }, "τ, t");
  const inspector = element("line", { class: "inspector" });
  stage.append(ticks, axisName, inspector);

  // What a pointer or a key acts on: the two upper panels drag g and read tau, the lower one picks t.
  const readTau = element("rect", {
    class: "grab",
    tabindex: 0,
    role: "slider",
    "aria-label": "Read the values at one τ: left and right arrow keys move it, Escape lets go",
    "aria-valuemin": -REACH,
    "aria-valuemax": REACH,
    "aria-valuenow": 0,
  });
  const pickT = element("rect", { class: "pick" });
  stage.append(readTau, pickT);

  const play = element("button", { type: "button", class: "play" });
  const scrub = element("input", { type: "range", min: -REACH, max: REACH, step: STEP, id: `${id}-t` });
  const value = element("output", { class: "value", for: scrub.id });
  const readout = element("p", { class: "readout" });
  const spoken = element("p", { class: "quiet", "aria-live": "polite" });
  const agreement = element("p", { class: "agreement" });
  keepKeys(el);
  el.append(
    element(
      "div",
      { class: "cl-widget cl-explorer" },
      element("div", { class: "controls" }, chooseF.box, chooseG.box, operation),
      pads.f.box,
      pads.g.box,
      stage,
      element("div", { class: "transport" }, play, element("label", { for: scrub.id, class: "name" }, "t"), scrub, value),
      readout,
      agreement,
      spoken,
    ),
  );

  // Grid indices run over shifts and edges of strips; samples lie half a step further on.
  const x = (index) => size.left + (index / (2 * HALF)) * (size.width - size.left - size.right);
  const y = (panel, v) => panel.height * (1 - (v - panel.low) / (panel.high - panel.low));
  const perStep = () => x(1) - x(0);

  /** An impulse: an arrow as tall as its area. */
  function arrow(panel, at, height) {
    if (Math.abs(height) < 0.004) return "";
    const tip = y(panel, height);
    const head = height < 0 ? -9 : 9;
    return `M${at} ${y(panel, 0)}V${tip}m-5 ${head}l5 ${-head}l5 ${head}`;
  }

  /** First and last index at which samples differ from zero, one further on either side. */
  function extent(samples) {
    const first = samples.findIndex((v) => Math.abs(v) > 1e-4);
    if (first < 0) return null;
    let last = samples.length - 1;
    while (Math.abs(samples[last]) <= 1e-4) last -= 1;
    return [Math.max(first - 1, 0), Math.min(last + 1, samples.length - 1)];
  }

  /** Curve through samples where they are not zero; empty if they all are. */
  function curve(panel, samples, xOf) {
    const range = extent(samples);
    if (!range) return "";
    const [first, last] = range;
    let path = "";
    for (let i = first; i <= last; i += 1) {
      const rise = i > first ? samples[i] - samples[i - 1] : 0;
      const next = i < last ? samples[i + 1] - samples[i] : 0;
      if (Math.abs(rise) > JUMP && Math.abs(rise - next) < 0.1) {
        // A sample right on a jump, at its mean: one upright line through it.
        path += `H${xOf(i).toFixed(1)}V${y(panel, samples[i + 1]).toFixed(1)}`;
        continue;
      }
      const jump = Math.abs(rise) > JUMP && Math.abs(samples[i - 1] - (samples[i - 2] ?? samples[i - 1])) <= JUMP;
      // A jump lies on the edge between two strips: draw it upright there.
      if (jump) path += `H${xOf(i - 0.5).toFixed(1)}V${y(panel, samples[i]).toFixed(1)}`;
      path += `${i === first ? "M" : "L"}${xOf(i).toFixed(1)} ${y(panel, samples[i]).toFixed(1)}`;
    }
    return path;
  }

  function compute() {
    const [f, g] = [model.get("f"), model.get("g")];
    const nodes = [floats(model.get("f_samples")), floats(model.get("g_samples"))];
    const kind = model.get("operation");
    const output = slide(f, g, ...nodes, kind);
    const counterpart = slide(f, g, ...nodes, kind === "convolution" ? "correlation" : "convolution");
    const difference = output.reduce((most, v, i) => Math.max(most, Math.abs(v - counterpart[i])), 0);
    shape = {
      f: f === "impulse" ? null : sampleShape(f, nodes[0], HALF),
      g: g === "impulse" ? null : sampleShape(g, nodes[1], 2 * HALF),
      value: { f: (t) => valueAt(f, nodes[0], t), g: (t) => valueAt(g, nodes[1], t) },
      output,
      counterpart,
      difference,
      flip: kind === "convolution" ? -1 : 1,
    };
    shape.twoImpulses = !shape.f && !shape.g;
    const negative = [shape.f, shape.g].some((samples) => samples?.some((v) => v < -1e-9));
    for (const panel of [top, middle]) panel.low = negative ? -1.15 : -0.15;
    const flat = shape.twoImpulses ? [1] : [...output, ...counterpart];
    const most = Math.max(...flat.map(Math.abs), 0.01);
    const round = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4].find((v) => v >= most * 0.999) ?? most;
    bottom.mark = round;
    bottom.high = round * 1.3;
    bottom.low = Math.min(...flat) < -1e-6 ? -round * 1.15 : -round * 0.12;
  }

  /** Everything that depends on the functions or the width, but not on t. */
  function layout() {
    const { flip } = shape;
    const gap = 26;
    let offset = 10;
    for (const panel of panels) {
      update(panel.group, { transform: `translate(0 ${offset})` });
      panel.offset = offset;
      update(panel.clipRect, { x: size.left, width: size.width - size.left - size.right });
      update(panel.unit, { x1: x(0), x2: x(2 * HALF), y1: y(panel, panel.mark), y2: y(panel, panel.mark) });
      update(panel.scale, { y: y(panel, panel.mark) - 4 });
      say(panel.scale, String(panel.mark));
      update(panel.zero, { x1: x(0), x2: x(2 * HALF), y1: y(panel, 0), y2: y(panel, 0) });
      offset += panel.height + gap;
    }
    const total = offset + 2;
    update(stage, { viewBox: `0 0 ${size.width} ${total}`, height: total });
    update(readTau, { x: x(0), width: x(2 * HALF) - x(0), y: top.offset, height: middle.offset + middle.height - top.offset });
    update(pickT, { x: x(0), width: x(2 * HALF) - x(0), y: bottom.offset, height: bottom.height });
    ticks.replaceChildren();
    for (let t = -REACH + 1; t < REACH; t += 1) {
      ticks.append(element("text", { x: x(indexOf(t)), y: total - 8, "text-anchor": "middle" }, format(t, 0)));
    }
    update(axisName, { x: x(2 * HALF) - 4, y: total - 8 });

    // g is drawn once about time 0, flipped or not, and only moved when t changes.
    const about = (direction) => (i) => x(HALF) + direction * (i + 0.5 - 2 * HALF) * perStep();
    const gAbout = (direction) => (shape.g ? curve(top, shape.g, about(direction)) : arrow(top, x(HALF), 1));
    update(curveG, { d: gAbout(flip < 0 ? -1 : 1) });
    update(ghost, { d: flip < 0 ? gAbout(1) : "" });
    update(curveF, { d: shape.f ? curve(top, shape.f, (i) => x(i + 0.5)) : arrow(top, x(HALF), 1) });
    const fStart = shape.f ? extent(shape.f)?.[0] ?? HALF : HALF;
    nameF.place = clamp(x(fStart) - 22, size.left + 16, size.width - 40);
    update(nameF, { x: nameF.place, y: 12 });
    const outline = (samples) => (shape.twoImpulses ? arrow(bottom, x(HALF), 1) : curve(bottom, samples, x));
    const d = outline(shape.output);
    update(trace, { d });
    update(rest, { d });
    const differ = compare && shape.difference > 1e-6;
    update(other, { d: differ ? outline(shape.counterpart) : "" });
    if (differ) formula(nameOther, "f ", flip < 0 ? "⋆" : "∗", " g");
    else say(nameOther, "");
    if (differ) {
      const peak = shape.counterpart.reduce((best, v, i) => (v > shape.counterpart[best] ? i : best), 0);
      update(nameOther, { x: clamp(x(peak) - 44, size.left, size.width - 44), y: 12 });
    }
    formula(nameOutput, "(f ", flip < 0 ? "∗" : "⋆", " g)(t)");
    say(nameG, flip < 0 ? "g(t − τ)" : "g(τ − t)");
    agreement.replaceChildren(
      ...(!compare
        ? []
        : differ
        ? [
            element("b", {}, "Here the flip matters. "),
            `${flip < 0 ? "Without it you get the correlation" : "With it you get the convolution"}, dashed; the values differ by up to about ${format(shape.difference)}.`,
          ]
        : [element("b", {}, "Here the flip makes no difference. "), why()]),
    );
    pads.f.box.hidden = model.get("f") !== "drawn";
    pads.g.box.hidden = model.get("g") !== "drawn";
    chooseF.node.value = model.get("f");
    chooseG.node.value = model.get("g");
    radios.forEach((radio) => {
      radio.checked = radio.value === model.get("operation");
    });
    if (model.get("f") === "drawn") pads.f.draw();
    if (model.get("g") === "drawn") pads.g.draw();
  }

  function why() {
    const even = !shape.g || shape.g.every((v, i) => Math.abs(v - shape.g[shape.g.length - 1 - i]) < 1e-6);
    return even ? "g is even: it is its own mirror image." : "The area comes out the same either way.";
  }

  /** What changes with t: cheap enough for every frame of a drag. */
  function frame() {
    const { flip } = shape;
    const t = hoverT ?? model.get("t");
    const index = indexOf(t);
    const out = shape.output[index];
    const meet = shape.twoImpulses && index === HALF;
    update(slider, { transform: `translate(${((index - HALF) * perStep()).toFixed(1)} 0)` });
    for (const panel of panels) update(panel.marker, { x1: x(index), x2: x(index) });

    let d = "";
    let filled = "";
    let range = null; // where the product is not zero
    if (shape.twoImpulses) d = meet ? arrow(middle, x(HALF), 1) : "";
    else if (!shape.f || !shape.g) d = arrow(middle, x(shape.f ? index : HALF), out);
    else {
      const both = shape.f.map((v, m) => (v === 0 ? 0 : v * shape.g[flip < 0 ? index - m + 2 * HALF - 1 : m - index + 2 * HALF]));
      d = curve(middle, both, (i) => x(i + 0.5));
      range = extent(both);
      if (range) filled = `${d}L${x(range[1] + 0.5)} ${y(middle, 0)}L${x(range[0] + 0.5)} ${y(middle, 0)}Z`;
    }
    update(product, { d });
    update(area, { d: filled });

    const height = meet ? 1 : shape.twoImpulses ? 0 : out;
    farthest = Math.max(farthest, index);
    update(traced, { width: x(index) + 10 });
    update(seen, { width: x(farthest) + 10 });
    update(dot, { cx: x(index), cy: y(bottom, height).toFixed(1) });
    const amount = meet ? "no number: an impulse" : format(out, 3);
    say(nameArea, `area = ${amount}`);
    const edge = range ? x(range[1] + 0.5) : x(shape.f || meet ? index : HALF);
    const room = edge < size.width - 120;
    update(nameArea, {
      x: room ? edge + 10 : (range ? x(range[0] + 0.5) : edge) - 10,
      y: middle.height * 0.32,
      "text-anchor": room ? "start" : "end",
    });
    const crowded = x(index) > size.width - 96; // otherwise on the side that is not traced yet
    update(nameOutput, {
      x: x(index) + (crowded ? -12 : 12),
      y: clamp(y(bottom, height) - 8, 12, bottom.height),
      "text-anchor": crowded ? "end" : "start",
    });
    const tip = clamp(x(index), -2, size.width - 72); // to the right of the line at t
    update(nameG, { x: Math.abs(tip + 36 - nameF.place) < 58 ? nameF.place + 58 : tip + 36, y: 12 });
    say(value, format(t));
    if (Number(scrub.value) !== t) scrub.value = t;
    update(scrub, { "aria-valuetext": `t = ${format(t)}, area ${amount}` });
    const argument = flip < 0 ? `${format(t)} − τ` : t < 0 ? `τ + ${format(-t)}` : `τ − ${format(t)}`;
    const sentence = `At t = ${format(t)}: multiply f(τ) by g(${argument}), measure the area, get (f ${flip < 0 ? "∗" : "⋆"} g)(${format(t)}) = ${amount}.`.replace("= no", "no");
    aloud(sentence);
    if (inspected === null) say(readout, sentence);
    else inspect(t);
    update(inspector, { visibility: inspected === null ? "hidden" : "visible" });
    if (inspected === null) update(readTau, { "aria-valuetext": "no τ chosen" });
  }

  /** Say what the curves are at the chosen τ. */
  function inspect(t) {
    const tau = timeOf(inspected);
    const place = x(inspected);
    const a = shape.f ? shape.value.f(tau) : null;
    const shift = shape.flip < 0 ? t - tau : tau - t;
    const b = shape.g ? shape.value.g(shift) : null;
    const name = (v, at) => (v !== null ? format(v) : Math.abs(at) < STEP / 2 ? "an impulse" : format(0));
    const both = a !== null && b !== null ? `, the product ${format(a * b)}` : "";
    const hint = pinned ? " (Pinned: click there again or press Escape to let go.)" : "";
    say(readout, `At τ = ${format(tau)}: f is ${name(a, tau)}, the sliding g is ${name(b, shift)}${both}.${hint}`);
    update(inspector, { x1: place, x2: place, y1: top.offset, y2: middle.offset + middle.height });
    update(readTau, { "aria-valuenow": tau, "aria-valuetext": readout.textContent });
  }
  const aloud = whenQuiet((text) => say(spoken, text));

  const redrawFrame = oncePerFrame(frame);
  const redraw = oncePerFrame(() => {
    compare ||= model.get("operation") === "correlation";
    farthest = 0;
    compute();
    layout();
    frame();
  });

  // Changing t
  const save = whenQuiet(() => model.save_changes(), 60);
  function moveTo(t) {
    model.set("t", clamp(timeOf(indexOf(t)), -REACH, REACH));
    save();
  }
  scrub.addEventListener("input", () => {
    stop();
    played = true;
    moveTo(Number(scrub.value));
  });
  const indexAt = (event) => {
    const box = stage.getBoundingClientRect();
    return clamp(Math.round((event.clientX - box.left - size.left) / perStep()), 0, 2 * HALF);
  };
  let drag = null;
  readTau.addEventListener("pointerdown", (event) => {
    stop();
    drag = { from: event.clientX, t: model.get("t"), moved: false };
    readTau.setPointerCapture(event.pointerId);
  });
  readTau.addEventListener("pointermove", (event) => {
    if (drag && event.buttons) {
      const by = event.clientX - drag.from;
      drag.moved ||= Math.abs(by) > 3;
      if (drag.moved) {
        if (!pinned) inspected = null;
        moveTo(drag.t + (by / perStep()) * STEP);
      }
    } else if (!pinned && event.pointerType === "mouse") {
      inspected = indexAt(event);
      redrawFrame();
    }
  });
  readTau.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) {
      const index = indexAt(event);
      pinned = !(pinned && Math.abs(index - inspected) < 8);
      inspected = pinned ? index : null;
      redrawFrame();
    }
    drag = null;
  });
  readTau.addEventListener("pointercancel", () => {
    drag = null;
  });
  const letGo = () => {
    inspected = null;
    pinned = false;
    redrawFrame();
  };
  readTau.addEventListener("pointerleave", () => {
    if (!pinned && !drag) letGo();
  });
  readTau.addEventListener("blur", () => !pinned && letGo());
  readTau.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -5, ArrowRight: 5, PageUp: 25, PageDown: -25 }[event.key];
    if (event.key === "Escape") letGo();
    else if (event.key === "Enter" || event.key === " ") {
      pinned = inspected !== null && !pinned;
      redrawFrame();
    } else if (by || event.key === "Home" || event.key === "End") {
      inspected = event.key === "Home" ? 0 : event.key === "End" ? 2 * HALF : clamp((inspected ?? indexOf(model.get("t"))) + by, 0, 2 * HALF);
      redrawFrame();
    } else return;
    event.preventDefault();
  });
  const pick = (event) => {
    stop();
    hoverT = null;
    moveTo(timeOf(indexAt(event)));
  };
  pickT.addEventListener("pointerdown", (event) => {
    pickT.setPointerCapture(event.pointerId);
    pick(event);
  });
  pickT.addEventListener("pointermove", (event) => {
    if (event.buttons) pick(event);
    else if (event.pointerType === "mouse" && !playing) {
      hoverT = timeOf(indexAt(event));
      redrawFrame();
    }
  });
  pickT.addEventListener("pointerleave", () => {
    hoverT = null;
    redrawFrame();
  });

  // Playing: two seconds of the axis a second, or a step at a time for readers who asked for less motion
  function showPlay() {
    say(play, playing ? "❚❚ Pause" : "▶ Play");
  }
  function stop() {
    if (!playing) return;
    cancelAnimationFrame(playing);
    clearTimeout(playing);
    playing = 0;
    model.save_changes();
    showPlay();
  }
  play.addEventListener("click", () => {
    if (playing) return stop();
    // From the left the first time, and at the end: so that the curve is seen to grow.
    let t = !played || model.get("t") >= REACH ? -REACH / 2 : model.get("t");
    played = true;
    let before = null;
    const later = still ? (act) => setTimeout(() => act(performance.now()), 400) : requestAnimationFrame;
    const advance = (now) => {
      t += still ? 0.24 : before === null ? 0 : ((now - before) / 1000) * 1.6;
      before = now;
      model.set("t", clamp(timeOf(indexOf(t)), -REACH, REACH));
      if (t >= REACH) return stop();
      playing = later(advance);
    };
    playing = later(advance);
    showPlay();
  });
  let played = false;
  showPlay();

  const unlisten = [
    listen(model, ["f", "g", "operation", "f_samples", "g_samples"], redraw),
    listen(model, ["t"], redrawFrame),
  ];
  const resize = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (!width || width === size.width) return;
    size = { ...size, width };
    if (!shape) compute();
    layout();
    frame();
  });
  resize.observe(stage.parentElement);
  return () => {
    stop();
    for (const end of unlisten) end();
    save.flush();
    for (const pending of [redraw, redrawFrame, aloud]) pending.cancel();
    resize.disconnect();
  };
}

export default { render };
