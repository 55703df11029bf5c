import { clamp, element, floats, format, keepKeys, listen, oncePerFrame, pathThrough, say, uniqueId, update, whenQuiet } from "./common.js";

// ---- the maths: pure functions, held against convlib and SciPy by tests/site/test_repeated_convolution.py ---------

export const FACES = 6;
export const MOST = 30; // dice
const LEAST = 1e-9; // of a probability that is not 0

/** Weights of the faces as probabilities; less than a billionth of the whole is none, and no weights at all are even. */
export function normalise(weights) {
  const whole = weights.reduce((sum, w) => sum + w, 0);
  const kept = Float64Array.from(weights, (w) => (w >= LEAST * whole ? w : 0));
  const total = kept.reduce((sum, w) => sum + w, 0);
  return kept.map((w) => (total > 0 ? w / total : 1 / kept.length));
}

/** All samples of the convolution of two sequences. */
export function convolve(x, w) {
  const y = new Float64Array(x.length + w.length - 1);
  for (let k = 0; k < w.length; k += 1) for (let i = 0; i < x.length; i += 1) y[i + k] += w[k] * x[i];
  return y;
}

/** p convolved with itself: the probabilities of the sums n, n + 1, …, 6n of n dice. */
export function convolvePower(p, n) {
  let power = Float64Array.of(1);
  for (let i = 0; i < n; i += 1) power = convolve(power, p);
  return power;
}

/** Mean, variance and skewness of the number that one die shows; a skewness of 0 where there is no variance. */
export function moments(p) {
  const expect = (of) => p.reduce((sum, share, i) => sum + share * of(i + 1), 0);
  const mean = expect((face) => face);
  const variance = expect((face) => (face - mean) ** 2);
  const third = expect((face) => (face - mean) ** 3);
  return { mean, variance, skewness: variance > 0 ? third / variance ** 1.5 : 0 };
}

/** Greatest common divisor of the differences between faces that occur; 0 if there is only one. */
export function span(p) {
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);
  const first = p.findIndex((share) => share > 0);
  return p.reduce((common, share, i) => (share > 0 ? divisor(common, i - first) : common), 0);
}

export const normalDensity = (z) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** Distribution function of the normal law: a series of positive terms, a continued fraction far out. */
export function normalCdf(z) {
  if (Math.abs(z) < 5) {
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) sum += term *= (z * z) / k;
    return 0.5 + sum * normalDensity(z);
  }
  const far = Math.abs(z);
  let fraction = far;
  for (let k = 60; k > 0; k -= 1) fraction = far + k / fraction;
  const tail = normalDensity(far) / fraction;
  return z < 0 ? tail : 1 - tail;
}

/**
 * max |F(k) − Φ((k + d/2 − m)/s)| over the lattice: F is a staircase, and the two are compared half way between its
 * steps.  The point below the least sum, where F is 0, is one of it.
 */
function largestGap(power, least, m, s, d) {
  let below = 0;
  let most = normalCdf((least - d / 2 - m) / s);
  for (let i = 0; i < power.length; i += d) {
    below += power[i];
    most = Math.max(most, Math.abs(below - normalCdf((least + i + d / 2 - m) / s)));
  }
  return most;
}

/** Largest distance between the distribution functions of n dice and of the normal law at midpoints; NaN without variance. */
export function gap(p, n) {
  const { mean, variance } = moments(p);
  const d = span(p);
  const first = n * p.findIndex((share) => share > 0);
  return d ? largestGap(convolvePower(p, n).slice(first), n + first, n * mean, Math.sqrt(n * variance), d) : NaN;
}

/** Give one face the probability `value`; the others share the rest as they did before, or evenly if they had none. */
export function share(p, face, value) {
  const rest = p.reduce((sum, part, i) => (i === face ? sum : sum + part), 0);
  return Float64Array.from(p, (part, i) => {
    if (i === face) return value;
    return rest > 0 ? (part / rest) * (1 - value) : (1 - value) / (p.length - 1);
  });
}

/** A probability for reading: three figures or so, however small. */
export function percent(value) {
  if (value > 0 && value < 5e-7) return "less than 0.0001\u00a0%";
  const digits = value === 0 ? 0 : value >= 0.01 ? 1 : value >= 0.001 ? 2 : value >= 0.0001 ? 3 : 4;
  return `${format(100 * value, digits)}\u00a0%`;
}

/** All that depends on p alone: its moments and its powers up to 30, each over the sums 0 … 180. */
function lawOf(p) {
  const { mean, variance, skewness } = moments(p);
  const powers = [new Float64Array(FACES * MOST + 1)];
  powers[0][0] = 1;
  for (let n = 1; n <= MOST; n += 1) {
    powers.push(new Float64Array(FACES * MOST + 1));
    for (let face = 1; face <= FACES; face += 1) {
      if (p[face - 1] === 0) continue;
      for (let k = n - 1; k <= FACES * (n - 1); k += 1) powers[n][k + face] += p[face - 1] * powers[n - 1][k];
    }
  }
  const occurring = [...p.keys()].filter((i) => p[i] > 0);
  const [low, high] = [occurring[0] + 1, occurring.at(-1) + 1];
  return { p, mean, variance, skewness, sigma: Math.sqrt(variance), d: span(p), powers, low, high };
}

// ---- the picture ------------------------------------------------------------------------------------------------

const SHAPES = {
  fair: ["a fair die", [1, 1, 1, 1, 1, 1]],
  coin: ["a coin: 1 or 6", [1, 0, 0, 0, 0, 1]],
  sixes: ["mostly sixes", [0.04, 0.04, 0.06, 0.08, 0.18, 0.6]],
  jackpot: ["one rare jackpot", [0.85, 0.1, 0, 0, 0, 0.05]],
  even: ["even faces only", [0, 1, 0, 1, 0, 1]],
  certain: ["certainty: always 4", [0, 0, 0, 1, 0, 0]],
};
const PIPS = [[4], [0, 8], [0, 4, 8], [0, 2, 6, 8], [0, 2, 4, 6, 8], [0, 2, 3, 5, 6, 8]]; // places on a 3 × 3 grid
const NICE = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.6, 2, 3, 4, 6];
const PAGES = [30, 60, 120, 180]; // sums that the axis may reach to
const REACH = 4; // the standardised axis runs from −4 to 4
const [LEFT, RIGHT, TOP, PLOT, FOOT] = [44, 4, 28, 214, 56];
const BASE = TOP + PLOT;
const PAUSE = 600; // milliseconds between two dice while playing
const EASE = 380;
const HEAD = 20; // pixels above a full bar of the editor, for its number

const dice = (n) => (n === 1 ? "1 die" : `${n} dice`);
const ordinal = (d) => ({ 2: "2nd", 3: "3rd" })[d] ?? `${d}th`;
const lowered = (n) => String(n).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

/** A round number that is not below `need`. */
const roundUp = (need) => NICE.find((v) => v >= need * 0.999) ?? need;

/**
 * Where everything goes: sum k is drawn at A k + B and a probability P is H P pixels high; the same with `ghost…` for
 * one die fewer.  Both axes are maps of this one kind, so that one blends into the other.
 */
function placing(law, n, view, width) {
  const room = width - LEFT - RIGHT;
  const m = n * law.mean;
  const s = law.sigma * Math.sqrt(n);
  const values = law.powers[n];
  const ghost = n > 1 ? law.powers[n - 1] : new Float64Array(values.length);
  const standard = view === "standardised" && s > 0;
  const common = { n, m, s, d: law.d, values, ghost, standard };
  const [most, mostBefore] = [Math.max(...values), Math.max(...ghost)];
  if (!standard) {
    const highest = Math.max(most, mostBefore);
    const peak = s > 0 ? (law.d * normalDensity(0)) / s : 0;
    const top = Math.min(roundUp(Math.max(highest, Math.min(peak, 1.3 * highest))), 1);
    const farthest = values.findLastIndex((v) => v > 1e-4 * most);
    const page = PAGES.find((size) => farthest <= size);
    const map = { A: room / (page + 2), B: LEFT + room / (page + 2) / 2, H: PLOT / top };
    return { ...common, ...map, ghostA: map.A, ghostB: map.B, ghostH: map.H, top, page };
  }
  const sBefore = law.sigma * Math.sqrt(Math.max(n - 1, 1));
  const top = Math.max(roundUp(Math.max(most * s, mostBefore * sBefore) / law.d), 0.5);
  const map = (spread, mean, A = room / (2 * REACH * spread)) => [A, LEFT + room / 2 - A * mean, (PLOT / top) * (spread / law.d)];
  const [A, B, H] = map(s, m);
  const [ghostA, ghostB, ghostH] = map(sBefore, Math.max(n - 1, 1) * law.mean);
  return { ...common, A, B, H, ghostA, ghostB, ghostH, top };
}

/** What is seen on the way from one placing to another. */
function between(from, to, share) {
  const mix = (a, b) => a + (b - a) * share;
  const shown = { ...to };
  for (const name of ["A", "B", "H", "ghostA", "ghostB", "ghostH", "m", "s", "d"]) shown[name] = mix(from[name], to[name]);
  for (const name of ["values", "ghost"]) shown[name] = to[name].map((v, k) => mix(from[name][k], v));
  return shown;
}

/** One bar a sum, as one path. */
function barsPath({ values, A, B, H }) {
  const width = A < 3 ? A : A - clamp(0.16 * A, 1, 6);
  let path = "";
  for (let k = 0; k < values.length; k += 1) {
    if (values[k] * H < 0.05) continue;
    path += `M${(A * k + B - width / 2).toFixed(1)} ${BASE}v${(-values[k] * H).toFixed(1)}h${width.toFixed(1)}V${BASE}z`;
  }
  return path;
}

/** The outline of the bars of one die fewer. */
function ghostPath({ ghost, ghostA, ghostB, ghostH }) {
  let path = "";
  let height = 0;
  for (let k = 0; k < ghost.length; k += 1) {
    const next = ghost[k] * ghostH < 0.05 ? 0 : ghost[k] * ghostH;
    const edge = (ghostA * (k - 0.5) + ghostB).toFixed(1);
    if (next || height) path += `${height ? "H" : "M"}${edge}${height ? "" : ` ${BASE}`}V${(BASE - next).toFixed(1)}`;
    height = next;
  }
  return path + (height ? `H${(ghostA * (ghost.length - 0.5) + ghostB).toFixed(1)}V${BASE}` : "");
}

const curveHeight = ({ m, s, d, H }, k) => ((d * H) / s) * normalDensity((k - m) / s);

function curvePath(shown) {
  const { A, B, m, s } = shown;
  const at = (i) => m + (i / 12 - REACH) * s;
  return pathThrough(0, 24 * REACH, (i) => A * at(i) + B, (i) => BASE - curveHeight(shown, at(i)));
}

/** The six faces with their probabilities: bars to drag, or to move with the arrow keys. */
function makeEditor(model) {
  let last = null; // what this editor wrote, and the probabilities that it started from
  let grabbed = null; // the face whose bar is pulled, and the pointer that pulls it
  const probabilities = () => normalise(floats(model.get("weights")));
  const faces = Array.from({ length: FACES }, (_, i) => {
    const pips = PIPS[i].map((at) => element("circle", { cx: 5.5 + 4.5 * (at % 3), cy: 5.5 + 4.5 * Math.floor(at / 3), r: 1.7 }));
    const icon = element("svg", { viewBox: "0 0 20 20", class: "die", "aria-hidden": "true" }, element("rect", { x: 1, y: 1, width: 18, height: 18, rx: 4 }), ...pips);
    const number = element("span", { class: "number" });
    const fill = element("div", { class: "fill" }, number);
    const track = element(
      "div",
      { class: "track", role: "slider", tabindex: i ? -1 : 0, "aria-orientation": "vertical", "aria-label": `Probability of face ${i + 1}`, "aria-valuemin": 0, "aria-valuemax": 100 },
      fill,
    );
    return { box: element("div", { class: "face" }, track, icon), track, fill, number };
  });
  const put = (face, value) => {
    // From the start of a gesture on, so that a bar pulled to 100 % and back gives the others what they had.
    if (last?.face !== face || last.view !== model.get("weights")) last = { face, from: probabilities() };
    last.view = new DataView(Float32Array.from(share(last.from, face, clamp(value, 0, 1))).buffer);
    model.set("weights", last.view);
  };
  const reach = (face) => {
    faces.forEach(({ track }, i) => update(track, { tabindex: i === face ? 0 : -1 }));
    faces[face].track.focus();
  };
  faces.forEach(({ track }, face) => {
    let box = null; // measured once for a drag: asking in every frame would make the browser lay out the page twice
    const pull = (event) => {
      put(face, Math.round(100 * clamp((box.bottom - event.clientY) / (box.height - HEAD), 0, 1)) / 100);
    };
    track.addEventListener("pointerdown", (event) => {
      if (event.button || grabbed) return; // one bar at a time: another finger must not pull the others away
      track.setPointerCapture(event.pointerId);
      grabbed = { face, pointer: event.pointerId };
      box = track.getBoundingClientRect();
      reach(face);
      pull(event);
      event.preventDefault();
    });
    const holds = (event) => grabbed?.face === face && grabbed.pointer === event.pointerId;
    track.addEventListener("pointermove", (event) => holds(event) && event.buttons && pull(event));
    const release = (event) => {
      if (!holds(event)) return;
      grabbed = null;
      model.save_changes();
    };
    track.addEventListener("pointerup", release);
    track.addEventListener("pointercancel", release);
    track.addEventListener("keydown", (event) => {
      const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const lift = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -100, End: 100 }[event.key];
      if (aside) reach((face + aside + FACES) % FACES);
      else if (lift) {
        put(face, (Math.round(100 * probabilities()[face]) + lift) / 100);
        model.save_changes();
      } else return;
      event.preventDefault();
    });
  });
  const draw = (p) =>
    faces.forEach(({ track, fill, number }, i) => {
      const tenths = Math.round(1000 * p[i]);
      const short = tenths === 0 && p[i] > 0 ? "<0.1" : format(tenths / 10, tenths % 10 ? 1 : 0);
      update(fill, { style: `transform: translateY(min(${(100 * (1 - p[i])).toFixed(2)}%, 100% - 3px))` });
      say(number, `${short}\u202f%`);
      update(track, { "aria-valuenow": format(100 * p[i], 0), "aria-valuetext": percent(p[i]) });
    });
  const box = element("div", { class: "faces", role: "group", "aria-label": "Probabilities of the six faces: left and right arrow keys choose a face, up and down change it" }, ...faces.map((face) => face.box));
  return { box, draw, probabilities, dragging: () => grabbed !== null };
}

/** Which starting shape these probabilities are. */
function shapeOf(p) {
  const same = ([, weights]) => normalise(weights).every((share, i) => Math.abs(share - p[i]) < 1e-5);
  return Object.keys(SHAPES).find((name) => same(SHAPES[name])) ?? "own";
}

/** A sentence on what there is to notice: its words go by the gap, for so does what one sees. */
function remark(law, { n, standard }, gapNow) {
  if (!law.d) return `A die that always shows ${law.low} has variance 0: the sum is certain, and no number of dice makes a bell of it.`;
  const skew = law.skewness / Math.sqrt(n);
  const leans = Math.abs(skew) > 0.1;
  const skewed = `the skewness is ${format(skew)} and shrinks only like 1/√n.`;
  const far = gapNow >= 0.025;
  if (law.d > 1) {
    const match = standard
      ? `each bar stands for ${law.d}, and its height is divided by ${law.d}`
      : `bars and curve are ${law.d} times as high as otherwise`;
    const why = `Only every ${ordinal(law.d)} number can be a sum: ${match}. The empty numbers never fill.`;
    return far && leans ? `${why} Lopsided still: skewness ${format(skew)}.` : why;
  }
  if (n === 1) return "One die, nothing added yet: convolve once more and watch.";
  if (far) return leans ? `Lopsided still: ${skewed}` : "Not the bell yet: convolve once more.";
  if (gapNow >= 0.0125) return leans ? `By eye a bell, leaning a little: ${skewed}` : "A bell begins to show.";
  return gapNow >= 0.005 ? "By eye it is a bell already." : "By eye the bars and the bell can hardly be told apart.";
}

function render({ model, el }) {
  const id = uniqueId("repeated");
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  let law = null;
  let width = 0;
  let goal = null; // where everything goes, and what is shown on the way there
  let shown = null;
  let flight = 0;
  let looked = null; // a sum under the pointer or reached with the arrow keys
  let pinned = null;
  let playing = 0;
  let own = null; // the reader's last own weights

  // Controls
  const editor = makeEditor(model);
  const options = Object.entries(SHAPES).map(([value, [text]]) => element("option", { value }, text));
  const ownOption = element("option", { value: "own" }, "your own"); // on the list once there are such weights
  const choose = element("select", { id: `${id}-shape` }, ...options);
  choose.addEventListener("change", () => {
    const weights = choose.value === "own" ? own : normalise(SHAPES[choose.value][1]);
    model.set("weights", new DataView(Float32Array.from(weights).buffer));
    model.save_changes();
  });
  const scrub = element("input", { type: "range", min: 1, max: MOST, step: 1, id: `${id}-n` });
  const count = element("output", { class: "count", for: scrub.id });
  const more = element("button", { type: "button", class: "more" }, element("b", {}, "∗ p"), " convolve once more");
  const play = element("button", { type: "button", class: "play" });
  const again = element("button", { type: "button", class: "again" }, "Start again");
  const radios = ["sum", "standardised"].map((value) => {
    const input = element("input", { type: "radio", name: `${id}-view`, value });
    input.addEventListener("change", () => {
      model.set("view", value);
      model.save_changes();
    });
    return input;
  });
  const view = element(
    "div",
    { class: "axis", role: "radiogroup", "aria-labelledby": `${id}-axis` },
    element("span", { class: "what", id: `${id}-axis` }, "axis"),
    element("div", { class: "segments" }, element("label", {}, radios[0], "as it is"), element("label", {}, radios[1], "standardised")),
  );
  const figure = (name, label, title) => {
    const value = element("output", { class: `value ${name}` });
    return { value, box: element("div", { class: "figure-box", title }, element("span", { class: "what" }, label), value) };
  };
  const mean = figure("mean", "mean n·μ");
  const variance = figure("variance", "variance n·σ²");
  const distance = figure(
    "gap",
    "largest gap, at the midpoints between bars",
    "How far the chance of a sum below any midpoint between two bars is from what the normal curve says, at most. Half way, for the bars go up in steps and the curve does not (this is called a continuity correction).",
  );

  // The stage
  const clip = uniqueId("clip");
  const clipRect = element("rect", { x: LEFT - 2, y: 0, height: BASE + 1 });
  const bars = element("path", { class: "bars" });
  const ghost = element("path", { class: "ghost" });
  const curve = element("path", { class: "curve" });
  const leader = element("line", { class: "leader" });
  const parts = Array.from({ length: FACES }, () => ({
    whole: element("rect", { class: "whole" }),
    from: element("rect", { class: "from" }),
    slice: element("rect", { class: "slice" }),
    add: element("text", { class: "add", "text-anchor": "middle" }),
  }));
  const lit = element("g", { class: "lit" }, ...parts.map(({ whole }) => whole), ...parts.flatMap(({ from, slice }) => [from, slice]));
  const adds = element("g", { class: "lit" }, ...parts.map(({ add }) => add));
  const levels = [1, 0.5].map((share) => ({ share, line: element("line", { class: "level" }), text: element("text", { "text-anchor": "end" }) }));
  const base = element("line", { class: "zero", x1: LEFT, y1: BASE, y2: BASE });
  const ticks = Array.from({ length: 11 }, () => element("text", { y: BASE + 32, "text-anchor": "middle" }));
  const spread = element("line", { class: "spread", y1: BASE + 11, y2: BASE + 11 });
  const middle = element("circle", { class: "middle", cy: BASE + 11, r: 4 });
  const spreadName = element("text", { class: "spread-name", y: BASE + 15 });
  const axisName = element("text", { class: "axis-name", y: BASE + 51, "text-anchor": "end" });
  const heightName = element("text", { class: "height-name", transform: `translate(12 ${BASE - PLOT / 4}) rotate(-90)`, "text-anchor": "middle" });
  const curveName = element("text", { class: "curve-name" });
  const pickName = element("text", { class: "pick-name", y: 15, "text-anchor": "middle" });
  const surface = element("rect", { class: "pick", x: LEFT, y: 0, height: BASE + 20, tabindex: 0, role: "slider", "aria-label": "Look at one sum: left and right arrow keys move along the bars, Enter pins, Escape lets go" });
  const stage = element(
    "svg",
    { class: "stage", role: "group", "aria-label": "The distribution of the sum, and the normal curve with its mean and variance" },
    element("clipPath", { id: clip }, clipRect),
    ...levels.flatMap(({ line, text }) => [line, text]),
    base,
    element("g", { "clip-path": `url(#${clip})` }, bars, ghost, lit, leader, curve, adds),
    ...ticks,
    spread,
    middle,
    spreadName,
    axisName,
    heightName,
    curveName,
    pickName,
    surface,
  );
  const after = element("span", { class: "key after" });
  const before = element("span", { class: "key before" });
  const says = element("b");
  const pinNote = element("span");
  const readout = element("p", { class: "readout" }, says, pinNote);
  const ways = element("p", { class: "ways" });
  const terms = parts.map(() => ({ sum: element("span", { class: "old" }), add: element("span", { class: "new" }), factors: element("small"), product: element("b") }));
  const termList = element("ul", { class: "terms" }, ...terms.map((term) => (term.box = element("li", {}, element("span", {}, term.sum, term.add), term.factors, term.product))));
  const notice = element("p", { class: "notice" });
  const spoken = element("p", { class: "quiet", "aria-live": "polite" });
  keepKeys(el);
  el.append(
    element(
      "div",
      { class: "cl-widget cl-repeated" },
      element(
        "div",
        { class: "desk" },
        element("div", { class: "one" }, element("label", { for: choose.id }, element("i", {}, "p"), ": one die"), choose, editor.box),
        element(
          "div",
          { class: "many" },
          element("div", { class: "amount" }, element("label", { for: scrub.id }, element("i", {}, "n"), ": how many dice"), count, scrub),
          element("div", { class: "buttons" }, more, play, again),
          element("div", { class: "figures" }, mean.box, variance.box, distance.box),
        ),
      ),
      element("div", { class: "heading" }, element("div", { class: "keys" }, after, before), view),
      stage,
      element("div", { class: "words" }, readout, ways),
      termList,
      notice,
      spoken,
    ),
  );

  // ---- which bar is looked at
  const possible = (k) => k !== null && k >= goal.n * law.low && k <= goal.n * law.high && (!law.d || (k - goal.n * law.low) % law.d === 0);
  function picked() {
    if (possible(pinned)) return pinned;
    if (possible(looked)) return looked;
    const most = Math.max(...goal.values) * (1 - 1e-9);
    const off = (k) => (goal.values[k] < most ? Infinity : Math.abs(k - goal.m) - 1e-9 * (k < goal.m));
    return goal.values.reduce((best, _, k) => (off(k) < off(best) ? k : best), goal.n * law.low);
  }
  const nearest = (k) => {
    const least = goal.n * law.low;
    const step = law.d || 1;
    return least + step * clamp(Math.round((k - least) / step), 0, (goal.n * (law.high - law.low)) / step);
  };

  // ---- drawing
  /** What depends on where things go, but not on the way there. */
  function lay() {
    const { top, standard, n } = goal;
    update(stage, { viewBox: `0 0 ${width} ${BASE + FOOT}`, height: BASE + FOOT });
    update(clipRect, { width: width - LEFT - RIGHT + 4 });
    update(surface, { width: width - LEFT - RIGHT });
    update(base, { x2: width - RIGHT });
    for (const { share, line, text } of levels) {
      const y = BASE - PLOT * share;
      update(line, { x1: LEFT, x2: width - RIGHT, y1: y, y2: y });
      update(text, { x: LEFT - 6, y: y + 4 });
      const value = standard ? top * share : 100 * top * share;
      say(text, `${Number(value.toPrecision(3))}${standard ? "" : "\u00a0%"}`);
    }
    update(axisName, { x: width - RIGHT });
    say(axisName, standard ? "(sum − nμ) / (σ√n)" : `sum of ${dice(n)}`);
    say(heightName, standard ? "density" : "probability");
    say(spreadName, standard ? "0 ± 1" : "nμ ± σ√n");
    say(curveName, goal.s > 0 ? `normal${width < 420 ? "" : " curve"}${goal.d > 1 && !standard ? ` × ${goal.d}` : ""}` : model.get("view") === "sum" ? "σ = 0: no bell" : "σ = 0: nothing to divide by");
    ticks.forEach((node, i) => {
      const step = goal.page <= 30 ? 5 : goal.page <= 60 ? 10 : 20;
      node.at = standard ? i - REACH : i * step;
      const used = standard ? i <= 2 * REACH : node.at <= goal.page;
      say(node, used ? format(node.at, 0) : "");
    });
  }

  /** Everything that moves; `share` of the way is done. */
  function paint(share) {
    const { A, B, m, s, standard } = shown;
    update(bars, { d: barsPath(shown) });
    update(ghost, { d: ghostPath(shown) });
    const belled = goal.s > 0 && s > 0;
    update(curve, { d: belled ? curvePath(shown) : "" });
    for (const node of ticks) if (node.textContent) update(node, { x: (A * (standard ? m + node.at * s : node.at) + B).toFixed(1) });
    const [from, to] = [A * (m - s) + B, A * (m + s) + B];
    update(spread, { x1: from.toFixed(1), x2: to.toFixed(1) });
    update(middle, { cx: (A * m + B).toFixed(1) });
    const beside = to + 78 < width;
    update(spreadName, { x: (beside ? to + 8 : from - 8).toFixed(1), "text-anchor": beside ? "start" : "end" });
    placeCurveName(belled);
    light(share);
  }

  function placeCurveName(belled) {
    const { A, B, m, s } = shown;
    const long = curveName.textContent.length * 7.6 + 4;
    const at = (side) => A * (m + side * 1.25 * s) + B + side * (belled ? 6 : 16);
    const side = at(1) + long < width || at(-1) - long < LEFT ? 1 : -1;
    const x = Math.min(at(side), side > 0 ? width - long : width);
    const y = belled ? BASE - curveHeight(shown, (x - B) / A - (side * 6) / A) - 10 : TOP + 40;
    update(curveName, { x: x.toFixed(1), y: clamp(y, TOP + 10, BASE - 8).toFixed(1), "text-anchor": side > 0 ? "start" : "end" });
  }

  /** The bar looked at, cut into what each face of the last die gave to it, and the bars of one die fewer it came from. */
  function light(share) {
    const { A, B, H, ghostA, ghostB, ghostH } = shown;
    const k = picked();
    const thick = Math.max(A < 3 ? A : A - clamp(0.16 * A, 1, 6), 2.5);
    const thin = Math.max(ghostA < 3 ? ghostA : ghostA - clamp(0.16 * ghostA, 1, 6), 2);
    const hidden = playing && pinned === null;
    for (const group of [lit, adds]) update(group, { opacity: hidden ? 0 : (share ** 3).toFixed(2) });
    let foot = BASE;
    parts.forEach(({ whole, from, slice, add }, i) => {
      const old = k - i - 1;
      const source = old >= 0 ? law.powers[goal.n - 1][old] : 0;
      const height = law.p[i] * source * H;
      foot -= height;
      update(slice, { x: (A * k + B - thick / 2).toFixed(1), width: thick.toFixed(1), y: foot.toFixed(1), height: Math.max(height - (height > 3 ? 1 : 0), 0).toFixed(1) });
      const full = goal.n > 1 && law.p[i] > 0 ? source * ghostH : 0;
      const part = shown.standard ? 0 : full * law.p[i]; // in another place than the bars there
      const place = { x: (ghostA * old + ghostB - thin / 2).toFixed(1), width: thin.toFixed(1) };
      update(whole, { ...place, y: (BASE - full).toFixed(1), height: full.toFixed(1) });
      update(from, { ...place, y: (BASE - part).toFixed(1), height: part.toFixed(1) });
      const top = Math.max(full, shown.standard ? 0 : shown.values[Math.max(old, 0)] * H);
      update(add, { x: (ghostA * old + ghostB).toFixed(1), y: (BASE - top - 5).toFixed(1) });
      say(add, ghostA >= 19 && full > 0 ? `+${i + 1}` : "");
    });
    const x = A * k + B;
    update(leader, { x1: x.toFixed(1), x2: x.toFixed(1), y1: 20, y2: (BASE - shown.values[k] * H).toFixed(1), opacity: hidden ? 0 : 1 });
    update(pickName, { x: clamp(x, LEFT + 46, width - 60).toFixed(1), opacity: hidden ? 0 : 1 });
  }

  // ---- words and numbers
  function report() {
    const { n, m, s, values, d } = goal;
    const p = law.p;
    const gapNow = d ? largestGap(law.powers[n].slice(n * law.low), n * law.low, m, s, d) : NaN;
    editor.draw(p);
    const shape = shapeOf(p);
    if (shape === "own") {
      own = p;
      if (!ownOption.parentNode) choose.append(ownOption);
    }
    if (choose.value !== shape) choose.value = shape;
    radios.forEach((radio) => (radio.checked = radio.value === model.get("view")));
    if (Number(scrub.value) !== n) scrub.value = n;
    update(scrub, { "aria-valuetext": dice(n) });
    say(count, String(n));
    update(more, { "aria-disabled": n === MOST });
    say(mean.value, `${n} × ${format(law.mean)} = ${format(m)}`);
    say(variance.value, `${n} × ${format(law.variance)} = ${format(n * law.variance)}`);
    say(distance.value, d ? percent(gapNow) : "no bell");
    say(after, `sum of ${dice(n)}`);
    say(before, n > 1 ? `before: ${dice(n - 1)}` : "");
    say(notice, remark(law, goal, gapNow));
    explain(values, m, s, d);
    aloud(`${dice(n)}: mean ${format(m)}, variance ${format(n * law.variance)}${d ? `, largest gap at the midpoints ${percent(gapNow)}` : ""}. ${readout.textContent}`);
  }

  /** What the bar looked at is made of. */
  function explain(values, m, s, d) {
    const n = goal.n;
    const k = picked();
    const bell = d ? `, the normal curve says ${percent((d / s) * normalDensity((k - m) / s))}` : "";
    const sentence = `Sum of ${dice(n)}: P(${k}) = ${percent(values[k])}${bell}.`;
    say(says, sentence);
    say(pinNote, possible(pinned) ? " Pinned: click it again or press Escape." : "");
    say(pickName, `P(${k}) = ${percent(values[k])}`);
    let used = 0;
    terms.forEach((term, i) => {
      const old = k - i - 1;
      const source = old >= 0 ? law.powers[n - 1][old] : 0;
      const product = law.p[i] * source;
      used += product > 0;
      update(term.box, { class: product > 0 ? "" : "off" });
      say(term.sum, old >= 0 ? String(old) : "");
      say(term.add, old >= 0 ? ` + ${i + 1}` : "");
      say(term.factors, old >= 0 ? `${percent(source)} × ${percent(law.p[i])}`.replaceAll("less than ", "<") : "");
      say(term.product, product > 0 ? percent(product).replace("less than ", "<") : "–");
    });
    const way = used === 1 ? "One way" : `${["No", "One", "Two", "Three", "Four", "Five", "Six"][used]} ways`;
    const origin = n === 1 ? "from 0, the sum before the first die" : "by one more die";
    say(ways, `${way} to ${k} ${origin}. Flip, multiply, sum: P${lowered(n)}(${k}) = Σ P${lowered(n - 1)}(${k} − face) · p(face).`);
    update(surface, { "aria-valuemin": n * law.low, "aria-valuemax": n * law.high, "aria-valuenow": k, "aria-valuetext": sentence });
  }
  const aloud = whenQuiet((text) => say(spoken, text), 700); // longer than a step of Play, which would not stop talking

  // ---- moving
  function settle(smooth) {
    if (!width) return;
    cancelAnimationFrame(flight);
    goal = placing(law, model.get("n"), model.get("view"), width);
    lay();
    report();
    if (!smooth || !shown || motion.matches) {
      shown = goal;
      paint(1);
      return;
    }
    const origin = shown;
    let start = null;
    const fly = (now) => {
      start ??= now;
      const time = Math.min((now - start) / EASE, 1);
      const share = 1 - (1 - time) ** 3;
      shown = time < 1 ? between(origin, goal, share) : goal;
      paint(time < 1 ? share : 1);
      if (time < 1) flight = requestAnimationFrame(fly);
    };
    flight = requestAnimationFrame(fly);
  }
  const look = oncePerFrame(() => {
    explain(goal.values, goal.m, goal.s, goal.d);
    light(1);
    aloud(readout.textContent);
  });
  const redraw = oncePerFrame(() => settle(true));
  const reshape = oncePerFrame(() => {
    law = lawOf(editor.probabilities());
    settle(!editor.dragging());
  });
  const save = whenQuiet(() => model.save_changes(), 60);
  function setN(n) {
    model.set("n", clamp(n, 1, MOST));
    save();
  }
  const showPlay = () => say(play, playing ? "❚❚ Pause" : "▶ Play");
  function stop() {
    if (!playing) return;
    clearTimeout(playing);
    playing = 0;
    showPlay();
    look();
  }
  function advance() {
    setN(model.get("n") + 1);
    if (model.get("n") >= MOST) stop();
    else playing = setTimeout(advance, PAUSE);
  }
  play.addEventListener("click", () => {
    if (playing) return stop();
    if (model.get("n") < MOST) advance();
    else {
      setN(1);
      playing = setTimeout(advance, PAUSE);
    }
    showPlay();
  });
  for (const [control, event, to] of [
    [scrub, "input", () => Number(scrub.value)],
    [more, "click", () => model.get("n") + 1],
    [again, "click", () => 1],
  ]) {
    control.addEventListener(event, () => {
      stop();
      setN(to());
    });
  }
  showPlay();

  // ---- looking at a bar
  const sumAt = (event) => nearest((event.clientX - stage.getBoundingClientRect().left - goal.B) / goal.A);
  let press = null;
  surface.addEventListener("pointerdown", (event) => {
    if (event.button || press) return;
    surface.setPointerCapture(event.pointerId);
    press = { pinned, pointer: event.pointerId };
  });
  surface.addEventListener("pointermove", (event) => {
    if (press ? press.pointer !== event.pointerId : pinned !== null) return;
    if (pinned === null) looked = sumAt(event);
    else pinned = sumAt(event);
    look();
  });
  surface.addEventListener("pointerup", (event) => {
    if (press?.pointer !== event.pointerId) return;
    const k = sumAt(event);
    looked = event.pointerType === "mouse" ? k : null;
    pinned = press.pinned === k ? null : k;
    press = null;
    look();
  });
  surface.addEventListener("pointercancel", (event) => {
    if (press?.pointer !== event.pointerId) return;
    press = null;
    letGo();
  });
  const letGo = () => {
    looked = null;
    look();
  };
  surface.addEventListener("pointerleave", () => !press && letGo());
  surface.addEventListener("blur", letGo);
  surface.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 5, PageDown: -5, Home: -500, End: 500 }[event.key];
    const k = picked();
    if (by) {
      const next = nearest(k + by * (law.d || 1));
      if (possible(pinned)) pinned = next;
      else looked = next;
    } else if (event.key === "Enter" || event.key === " ") {
      looked = k;
      pinned = possible(pinned) ? null : k;
    } else if (event.key === "Escape") looked = pinned = null;
    else return;
    event.preventDefault();
    look();
  });

  law = lawOf(editor.probabilities());
  const unlisten = [listen(model, ["weights"], reshape), listen(model, ["n", "view"], redraw)];
  const resize = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (!now || now === width) return;
    width = now;
    settle(false);
  });
  resize.observe(stage);
  return () => {
    stop();
    cancelAnimationFrame(flight);
    for (const end of unlisten) end();
    save.flush();
    for (const pending of [redraw, reshape, look, aloud]) pending.cancel();
    resize.disconnect();
  };
}

export default { render };
