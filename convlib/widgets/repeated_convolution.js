import { check, player, segments, slider } from "./js/controls.js";
import { element, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { binary, clamp, floats, format, pathThrough, snap } from "./js/numbers.js";
import { handle, keys, looking } from "./js/pointer.js";

// ---- the maths: pure functions, held against convlib and SciPy by tests/js/test_repeated_convolution.py ------------

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

const mix = (a, b, share) => a + (b - a) * share;
const ease = (u) => u * u * (3 - 2 * u);

/**
 * The step from n − 1 to n dice, `u` of the way: six copies of the old bars, one for each face.  Copy `face` is `across`
 * to the right, `scale` times as high, `lift` above where it lies (from 0 to 1), and `landed` on the pile of the copies
 * before it.  All at 0: it is the old bars themselves.
 */
export function copiesAt(p, u) {
  return Array.from(p, (chance, i) => {
    const way = clamp((u - 0.15 - 0.125 * i) / 0.22, 0, 1); // one is about to land when the next takes off
    const landed = ease(way);
    return { landed, across: (i + 1) * landed, scale: mix(1, chance, ease(Math.min(2 * way, 1))), lift: Math.sin(Math.PI * way) };
  });
}

/** How high the copies before that of face `i + 1` lie at each sum: those of the faces 1 … i. */
export function pile(p, old, i) {
  const below = new Float64Array(old.length + p.length);
  for (let face = 1; face <= i; face += 1) for (let k = 0; k < old.length; k += 1) below[k + face] += p[face - 1] * old[k];
  return below;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const SHAPES = {
  fair: ["a fair die", [1, 1, 1, 1, 1, 1]],
  coin: ["a coin: 1 or 6", [1, 0, 0, 0, 0, 1]],
  sixes: ["mostly sixes", [0.04, 0.04, 0.06, 0.08, 0.18, 0.6]],
  jackpot: ["one rare jackpot", [0.85, 0.1, 0, 0, 0, 0.05]],
  even: ["even faces only", [0, 1, 0, 1, 0, 1]],
  certain: ["certainty: always 4", [0, 0, 0, 1, 0, 0]],
};
const TRAITS = ["weights", "n", "view", "step", "bell"];
const PIPS = [[4], [0, 8], [0, 4, 8], [0, 2, 6, 8], [0, 2, 4, 6, 8], [0, 2, 3, 5, 6, 8]]; // places on a 3 × 3 grid
const NICE = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.6, 2, 3, 4, 6];
const PAGES = [30, 60, 120, 180]; // sums that the axis may reach to
const REACH = 4; // the standardised axis runs from −4 to 4
const [LEFT, RIGHT, TOP, FOOT] = [44, 4, 26, 40];
const HEAD = 20; // pixels above a full bar of the editor, for its number
const FLIGHT = 1600; // milliseconds that the copies fall

const dice = (n) => (n === 1 ? "1 die" : `${n} dice`);
const ordinal = (d) => ({ 2: "2nd", 3: "3rd" })[d] ?? `${d}th`;
const lowered = (n) => String(n).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
const short = (value) => `${value > 0 && value < 5e-5 ? "<0.01" : format(100 * value, value >= 0.01 ? 1 : 2)}\u202f%`;
const roundUp = (need) => NICE.find((v) => v >= need * 0.999) ?? need;

/** Where n dice are drawn: the sum k at A k + B, a probability P as H P pixels. */
function placing(law, n, standard, width, plot) {
  const room = width - LEFT - RIGHT;
  const [m, s, values] = [n * law.mean, law.sigma * Math.sqrt(n), law.powers[n]];
  const most = Math.max(...values);
  if (standard && s > 0) {
    const top = Math.max(roundUp((most * s) / law.d), 0.5);
    const A = room / (2 * REACH * s);
    return { n, m, s, A, B: LEFT + room / 2 - A * m, H: (plot / top) * (s / law.d), top, standard: true };
  }
  const peak = s > 0 ? (law.d * normalDensity(0)) / s : 0;
  const top = Math.min(roundUp(Math.max(most, Math.min(peak, 1.3 * most))), 1);
  const farthest = values.findLastIndex((v) => v > 1e-4 * most);
  const page = PAGES.find((size) => farthest <= size);
  const A = room / (page + 2);
  return { n, m, s, A, B: LEFT + A / 2, H: plot / top, top, page, standard: false };
}

/** One bar a sum, as one path; `low(k)` is how high above the axis it begins. */
function barsPath(values, { A, B, H }, base, { across = 0, scale = 1, low = () => 0 } = {}) {
  const width = A < 3 ? A : A - clamp(0.16 * A, 1, 6);
  let path = "";
  for (let k = 0; k < values.length; k += 1) {
    const height = values[k] * H * scale;
    if (height < 0.05) continue;
    const foot = base - low(k);
    path += `M${(A * (k + across) + B - width / 2).toFixed(1)} ${foot.toFixed(1)}v${(-height).toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}z`;
  }
  return path;
}

/** A sentence on what there is to notice: its words go by the gap, for so does what one sees. */
function remark({ law, to, bell }, n, gapNow) {
  if (!law.d) return `A die that always shows ${law.low}: the sum is certain, and no number of dice makes a bell of it.`;
  const skew = law.skewness / Math.sqrt(n);
  const leans = Math.abs(skew) > 0.1;
  const skewed = bell ? `: the skewness is ${format(skew)} and shrinks only like 1/√n.` : ".";
  const far = gapNow >= 0.025;
  if (law.d > 1) {
    const match = to.standard ? `: each bar stands for ${law.d}, and its height is divided by ${law.d}` : bell ? `: bars and curve are ${law.d} times as high as otherwise` : "";
    const why = `Only every ${ordinal(law.d)} number can be a sum${match}. The empty numbers never fill.`;
    return far && leans ? `${why} Lopsided still${bell ? `: skewness ${format(skew)}` : ""}.` : why;
  }
  if (n === 1) return "One die, nothing added yet: add one more and watch.";
  if (far || n === 2) return leans ? `Lopsided still${skewed}` : "Not a bell yet: add one more die.";
  if (gapNow >= 0.0125) return leans ? `By eye a bell, leaning a little${skewed}` : "A bell begins to show.";
  return gapNow >= 0.005 ? "By eye it is a bell already." : bell ? "By eye the bars and the curve can hardly be told apart." : "By eye it is a bell all over.";
}

/** All that is made once, but the die. */
function scene() {
  const path = (kind, part) => element("path", { class: kind, "data-part": part });
  const nodes = { old: path("old", "bars"), bars: path("bars", "bars"), curve: path("curve", "bell") };
  nodes.copies = Array.from({ length: FACES }, () => path("copy", "bars"));
  nodes.slices = nodes.copies.map(() => element("rect", { class: "slice" }));
  nodes.feet = nodes.copies.map(() => element("rect", { class: "slice foot" }));
  nodes.levels = [1, 0.5].map((share) => ({ share, line: element("line", { class: "level" }), text: element("text", { "text-anchor": "end", x: LEFT - 6 }) }));
  nodes.zero = element("line", { class: "zero", x1: LEFT });
  nodes.spread = element("path", { class: "spread", "data-part": "moments" });
  nodes.ticks = Array.from({ length: 11 }, () => element("text", { "text-anchor": "middle" }));
  nodes.title = element("text", { class: "title", x: LEFT, y: 14 });
  nodes.bell = element("text", { class: "bell", y: 14, "text-anchor": "end", "data-part": "bell" });
  nodes.axis = element("text", { class: "axis-name", "text-anchor": "end" });
  nodes.surface = element("rect", { class: "pick", x: LEFT, y: TOP, tabindex: 0, role: "slider" });
  update(nodes.surface, { "aria-label": "Look at one sum: left and right arrow keys move along the bars, Enter pins, Escape lets go" });
  const { levels, ticks, copies, slices, feet } = nodes;
  nodes.stage = element("svg", { class: "stage", role: "group", "aria-label": "The distribution of the sum", "data-show": "bars" });
  nodes.stage.append(...levels.flatMap(({ line, text }) => [line, text]), nodes.zero, nodes.old, nodes.bars, ...copies, ...feet, ...slices, nodes.spread, nodes.curve);
  nodes.stage.append(...ticks, nodes.title, nodes.bell, nodes.axis, nodes.surface);
  nodes.sentence = element("p", { class: "notice", "data-show": "words", "data-part": "words" });
  nodes.figures = element("p", { class: "figures", "data-part": "moments" });
  nodes.ways = element("p", { class: "ways", "data-part": "words" });
  nodes.terms = copies.map(() => element("li"));
  nodes.list = element("ul", { class: "terms", "data-part": "words" }, ...nodes.terms);
  nodes.words = element("div", { class: "words" }, nodes.sentence, nodes.figures, nodes.ways, nodes.list);
  return nodes;
}

/** The six faces with their chances: bars to drag, or to move with the arrow keys. */
function dieOf(s) {
  const { view } = s;
  let last = null; // which face was set, what that made, and the chances that it started from
  const chances = () => normalise(floats(view.get("weights")));
  const put = (face, value) => {
    // From the start of a gesture on, so that a bar pulled to 100 % and back gives the others what they had.
    if (last?.face !== face || last.made !== view.get("weights")) last = { face, from: chances() };
    last.made = binary(share(last.from, face, clamp(value, 0, 1)));
    view.set("weights", last.made);
  };
  const faces = PIPS.map((pips, i) => {
    const dots = pips.map((at) => element("circle", { cx: 5.5 + 4.5 * (at % 3), cy: 5.5 + 4.5 * Math.floor(at / 3), r: 1.7 }));
    const icon = element("svg", { viewBox: "0 0 20 20", class: "die", "aria-hidden": "true" }, element("rect", { x: 1, y: 1, width: 18, height: 18, rx: 4 }), ...dots);
    const number = element("span", { class: "number" });
    const fill = element("div", { class: "fill" }, number);
    const track = element("div", { class: "track", role: "slider", tabindex: i ? -1 : 0, "aria-orientation": "vertical" }, fill);
    update(track, { "aria-label": `Probability of face ${i + 1}`, "aria-valuemin": 0, "aria-valuemax": 100 });
    return { box: element("div", { class: "face" }, track, icon), track, fill, number };
  });
  const reach = (face) => {
    faces.forEach(({ track }, i) => update(track, { tabindex: i === face ? 0 : -1 }));
    faces[face].track.focus({ preventScroll: true });
  };
  faces.forEach(({ track }, face) => {
    const pull = (event, box) => put(face, snap((box.bottom - event.clientY) / (box.height - HEAD), 0.01));
    handle(view, track, ["weights"], {
      axis: "y",
      still: 2,
      press() {
        reach(face);
        last = null;
        return track.getBoundingClientRect(); // measured once for a drag: asking every time would lay out the page twice
      },
      drag: pull,
      click: pull,
    });
    keys(track, { ArrowLeft: -1, ArrowRight: 1 }, (aside) => reach((face + aside + FACES) % FACES));
    keys(track, { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -100, End: 100 }, (lift) => {
      put(face, (Math.round(100 * chances()[face]) + lift) / 100);
      view.send();
    });
  });
  const draw = (p) =>
    faces.forEach(({ track, fill, number }, i) => {
      const tenths = Math.round(1000 * p[i]);
      update(fill, { style: `transform: translateY(${(100 * (1 - p[i])).toFixed(2)}%)` });
      say(number, `${tenths === 0 && p[i] > 0 ? "<0.1" : format(tenths / 10, tenths % 10 ? 1 : 0)}\u202f%`);
      update(track, { "aria-valuenow": format(100 * p[i], 0), "aria-valuetext": percent(p[i]) });
    });
  const group = { class: "faces", role: "group", "aria-label": "Probabilities of the six faces: left and right arrow keys choose a face, up and down change it" };
  return { box: element("div", { ...group, "data-show": "die" }, ...faces.map(({ box }) => box)), draw, chances };
}

/** The list of dice to start from; "your own" is on it once there is such a die. */
function shapesOf(s) {
  const { view } = s;
  let own = null;
  const options = Object.entries(SHAPES).map(([value, [text]]) => element("option", { value }, text));
  const ownOption = element("option", { value: "own" }, "your own");
  const node = element("select", {}, ...options);
  node.addEventListener("change", () => {
    view.set("weights", binary(node.value === "own" ? own : normalise(SHAPES[node.value][1])));
    view.send();
  });
  const draw = (p) => {
    const same = ([, weights]) => normalise(weights).every((part, i) => Math.abs(part - p[i]) < 1e-5);
    const shape = Object.keys(SHAPES).find((name) => same(SHAPES[name])) ?? "own";
    if (shape === "own") own = p;
    if (own && !ownOption.parentNode) node.append(ownOption);
    if (node.value !== shape) node.value = shape;
  };
  return { draw, box: element("label", { class: "shape", "data-trait": "weights" }, element("span", {}, element("i", {}, "p"), ": one die"), node) };
}

// ---- compute

/** Whether k can be a sum of n dice. */
const possible = ({ law, n }, k) => k >= n * law.low && k <= n * law.high && (!law.d || (k - n * law.low) % law.d === 0);

function compute(s) {
  const { view } = s;
  if (!s.law) s.law = lawOf(s.die.chances());
  const { law, width } = s;
  const [n, step, standard] = [view.get("n"), view.get("step"), view.get("view") === "standardised"];
  s.plot = width > 480 ? 190 : 150;
  s.base = TOP + s.plot;
  const to = placing(law, n, standard, width, s.plot);
  const from = n > 1 ? placing(law, n - 1, standard, width, s.plot) : to;
  // The axes glide first, then the copies fall.
  const [axes, way] = [ease(clamp(step / 0.25, 0, 1)), ease(step)];
  const map = Object.fromEntries(["A", "B", "H"].map((name) => [name, mix(from[name], to[name], axes)]));
  const bell = view.get("bell");
  const out = view.get("show")?.length ? view.get("show").includes("moments") : bell;
  Object.assign(s, { n, step, to, map, bell, out, m: mix(from.m, to.m, way), s: mix(from.s, to.s, way), old: law.powers[n - 1], values: law.powers[n] });
  const least = n * law.low;
  s.gap = law.d ? largestGap(s.values.slice(least), least, to.m, to.s, law.d) : NaN;
  const most = Math.max(...s.values) * (1 - 1e-9);
  const off = (k) => (s.values[k] < most ? Infinity : Math.abs(k - to.m) - 1e-9 * (k < to.m));
  s.highest = s.values.reduce((best, _, k) => (off(k) < off(best) ? k : best), least);
  s.nearest = (k) => least + (law.d || 1) * clamp(Math.round((k - least) / (law.d || 1)), 0, (n * (law.high - law.low)) / (law.d || 1));
}

// ---- draw

function drawAxes(s) {
  const { nodes, to, map, width, base, n, law } = s;
  update(nodes.stage, { viewBox: `0 0 ${width} ${base + FOOT}`, height: base + FOOT });
  update(nodes.surface, { width: width - LEFT - RIGHT, height: s.plot });
  update(nodes.zero, { x2: width - RIGHT, y1: base, y2: base });
  for (const { share: part, line, text } of nodes.levels) {
    const y = base - s.plot * part;
    update(line, { x1: LEFT, x2: width - RIGHT, y1: y, y2: y });
    update(text, { y: y + 4 });
    say(text, `${Number(((to.standard ? 1 : 100) * to.top * part).toPrecision(3))}${to.standard ? "" : "\u00a0%"}`);
  }
  const step = to.page <= 30 ? 5 : to.page <= 60 ? 10 : 20;
  nodes.ticks.forEach((node, i) => {
    const at = to.standard ? i - REACH : i * step;
    const used = to.standard ? i <= 2 * REACH : at <= to.page;
    say(node, used ? format(at, 0) : "");
    if (used) update(node, { x: (map.A * (to.standard ? to.m + at * to.s : at) + map.B).toFixed(1), y: base + 17 });
  });
  update(nodes.axis, { x: width - RIGHT, y: base + 35 });
  say(nodes.axis, to.standard ? "(sum − nμ) / (σ√n), density" : "sum");
  update(nodes.bell, { x: width - RIGHT });
  const none = s.view.get("view") === "sum" ? "σ = 0: no bell" : "σ = 0: nothing to divide by";
  update(nodes.bell, { visibility: s.bell ? "visible" : "hidden" });
  say(nodes.bell, law.d ? `- - normal curve${law.d > 1 && !to.standard ? ` × ${law.d}` : ""}` : none);
}

/** The bars; on the way from n − 1 dice to n, the old ones and their six copies. */
function drawBars(s) {
  const { nodes, map, base, law, step } = s;
  const falls = step < 1;
  update(nodes.bars, { d: falls ? "" : barsPath(s.values, map, base) });
  const shown = s.looked !== null && s.n > 1 && !falls;
  update(nodes.old, { d: falls || shown ? barsPath(s.old, map, base) : "", class: falls ? "old" : "old traced" });
  update(nodes.old, { opacity: falls ? (1 - 0.75 * clamp((step - 0.15) / 0.3, 0, 1)).toFixed(2) : 1 });
  copiesAt(law.p, step).forEach(({ landed, across, scale, lift }, i) => {
    let d = "";
    if (falls && landed > 0 && law.p[i] > 0) {
      const below = pile(law.p, s.old, i);
      d = barsPath(s.old, map, base, { across, scale, low: (k) => landed * below[k + i + 1] * map.H + 0.3 * lift * s.plot });
    }
    update(nodes.copies[i], { d, class: `copy${landed < 1 ? " flying" : i % 2 ? " odd" : ""}` });
  });
  const { A, B, H } = map;
  const height = (k) => ((law.d * H) / s.s) * normalDensity((k - s.m) / s.s);
  const at = (i) => s.m + (i / 12 - REACH) * s.s;
  const index = (x) => 12 * (((x - B) / A - s.m) / s.s + REACH); // of the curve's point above x: it stays within the axis
  const [first, last] = [Math.max(0, Math.ceil(index(LEFT))), Math.min(24 * REACH, Math.floor(index(s.width - RIGHT)))];
  update(nodes.curve, { d: s.bell && law.d && s.s > 0 ? pathThrough(first, last, (i) => A * at(i) + B, (i) => base - height(at(i))) : "" });
  update(nodes.curve, { opacity: falls ? 0.3 : 1 });
  // The mean, and one standard deviation to either side of it.
  const [from, mid, to] = [s.m - s.s, s.m, s.m + s.s].map((k) => (A * k + B).toFixed(1));
  update(nodes.spread, { d: s.out ? `M${from} ${base - 2}H${to}v4H${from}zM${mid - 6} ${base}l6 -6l6 6l-6 6z` : "" });
}

/** The bar looked at, cut into what each face of the last die gave to it, and the bars of one die fewer it came from. */
function drawSlices(s) {
  const { nodes, law, base, map, looked: k } = s;
  const { A, B, H } = map;
  const thick = Math.max(A < 3 ? A : A - clamp(0.16 * A, 1, 6), 2.5);
  let foot = base;
  nodes.slices.forEach((slice, i) => {
    const source = k === null ? 0 : (s.old[k - i - 1] ?? 0);
    const height = law.p[i] * source * H;
    foot -= height;
    const seen = Math.max(height - (height > 3 ? 1 : 0), 0).toFixed(1);
    const place = (at, y) => ({ x: (A * at + B - thick / 2).toFixed(1), width: thick.toFixed(1), y: y.toFixed(1), height: seen });
    update(slice, place(k ?? 0, foot));
    // On the standardised axis the old bars have another place and another height.
    update(nodes.feet[i], s.n > 1 && !s.to.standard ? place((k ?? 0) - i - 1, base - height) : { height: 0 });
  });
}

/** A reduced view: parts that are not to be seen, and what stands in a row by itself. */
function reduce({ view, nodes, bell, out }) {
  for (const node of view.root.querySelectorAll("[data-show]")) node.toggleAttribute("hidden", !view.shows(node.dataset.show));
  for (const node of view.root.querySelectorAll("[data-trait]")) node.hidden = !view.offers(node.dataset.trait);
  const [one, words] = [nodes.desk.firstChild, nodes.words];
  one.hidden = !["weights", "view", "bell"].some(view.offers) && !view.shows("die");
  one.lastChild.hidden = !view.offers("view") && !view.offers("bell");
  words.hidden = !view.shows("words") && !out;
  nodes.desk.hidden = one.hidden && words.hidden;
  nodes.desk.classList.toggle("single", one.hidden || words.hidden);
  words.classList.toggle("brief", !view.shows("words"));
  // Quiet at the start: the axis is of interest with the curve, unless it alone is offered.
  reveal(nodes.axes, bell || view.get("view") !== "sum" || !view.offers("bell"));
}

function draw(s) {
  if (!s.width && s.view.shows("bars")) return;
  compute(s);
  reduce(s);
  const { nodes, n, law } = s;
  s.looked = s.step === 1 && s.look.at() !== null && possible(s, s.look.at()) ? s.look.at() : null;
  drawAxes(s);
  drawBars(s);
  drawSlices(s);
  s.die.draw(law.p);
  s.shapes.draw(law.p);
  say(nodes.step.label, `${n - 1} → ${dice(n)}`);
  update(nodes.more, { "aria-disabled": n === MOST });
  words(s);
}

// ---- words

function words(s) {
  const { nodes, n, law, to, looked, view } = s;
  const [mean, variance] = [`mean ${n} × ${format(law.mean)} = ${format(to.m)}`, `variance ${n} × ${format(law.variance)} = ${format(n * law.variance)}`];
  const spoken = looked ?? (possible(s, s.cursor) ? s.cursor : s.highest);
  const bell = s.bell && law.d ? `, the normal curve says ${percent((law.d / to.s) * normalDensity((spoken - to.m) / to.s))}` : "";
  const readout = `Sum of ${dice(n)}: P(${spoken}) = ${percent(s.values[spoken])}${bell}.`.replaceAll("less than ", "<");
  update(nodes.surface, { "aria-valuemin": n * law.low, "aria-valuemax": n * law.high, "aria-valuenow": spoken, "aria-valuetext": readout });
  nodes.words.classList.toggle("looking", looked !== null);
  say(nodes.title, looked === null ? `sum of ${dice(n)}` : `P${lowered(n)}(${looked}) = ${short(s.values[looked])}`);
  update(nodes.title, { class: looked === null ? "title" : "title picked" });
  if (looked === null) {
    say(nodes.sentence, remark(s, n, s.gap));
    const figures = s.out ? [`◆ ${mean}`, `▬ ${variance}`] : [];
    if (s.out && s.bell) figures.push(law.d ? `Added up, bars and curve stay within ${percent(s.gap)}.` : "Without variance there is no curve.");
    say(nodes.figures, figures.join("\n"));
    if (s.step === 1) view.aloud(`${dice(n)}${s.out ? `: ${mean}, ${variance}` : ""}. ${nodes.sentence.textContent}`);
    return;
  }
  const used = law.p.reduce((count, chance, i) => count + (chance * (s.old[looked - i - 1] ?? 0) > 0), 0);
  const origin = n === 1 ? "from 0, the sum before the first die" : "by one more die";
  say(nodes.sentence, readout);
  say(nodes.ways, `${used === 1 ? "One way" : `${["No", "One", "Two", "Three", "Four", "Five", "Six"][used]} ways`} to ${looked} ${origin}:`);
  nodes.terms.forEach((term, i) => {
    const source = s.old[looked - i - 1] ?? 0;
    const product = law.p[i] * source;
    update(term, { class: product > 0 ? "" : "off" });
    say(term, product > 0 ? `${looked - i - 1} + ${i + 1}\n${short(source)} × ${short(law.p[i])}\n= ${short(product)}` : `${i + 1}\n–`);
  });
  view.aloud(`${readout} ${nodes.ways.textContent}`);
}

// ---- what the reader does

/** One die more, or Play's first: the copies fall, unless the reader wants less motion.  Who sets the step ends it. */
function falling(s, playing) {
  const { view } = s;
  const fall = view.tween(FLIGHT);
  let [mine, before] = [false, view.get("n")];
  const put = (step) => {
    mine = true;
    view.set("step", step);
    mine = false;
  };
  view.on(["n"], () => {
    const more = view.get("n") === before + 1 || playing();
    before = view.get("n");
    fall.stop();
    put(more && !view.calm() ? 0 : 1);
    if (more && !view.calm()) fall.run((done) => put(snap(done, 0.01)));
  });
  view.on(["step"], () => mine || fall.stop());
  view.onReset(fall.stop);
}

/** Looking at a bar: by pointer or by keys. */
function pointers(s) {
  const { nodes, look } = s;
  look.watch(nodes.surface, (event) => s.nearest((event.clientX - nodes.stage.getBoundingClientRect().left - s.map.B) / s.map.A), { axis: "x" });
  const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 5, PageDown: -5, Home: -500, End: 500 };
  keys(nodes.surface, moves, (by) => {
    compute(s); // the die may have changed since the last frame
    const from = s.looked ?? (possible(s, s.cursor) ? s.cursor : s.highest);
    s.cursor = s.nearest(from + by * (s.law.d || 1));
    if (look.pinned()) look.pin(s.cursor);
    else look.hover(s.cursor);
  });
  keys(nodes.surface, { Enter: 1, " ": 1 }, () => look.pin(s.looked ?? s.highest));
  nodes.surface.addEventListener("blur", () => look.hover(null));
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "repeated", { traits: TRAITS, quiet: 700 }); // longer than a fall lasts a word
  const s = { view, nodes: scene(), law: null, width: 0, looked: null, cursor: -1 };
  const { nodes } = s;
  s.ask = view.frame(() => draw(s));
  s.look = looking(view, s.ask, { name: (k) => `P(${k})` });
  s.die = dieOf(s);
  s.shapes = shapesOf(s);
  const transport = player(view, "n", "n", { low: 1, high: MOST, step: 1, start: 1, stride: 1, pause: 2000, spoken: dice });
  transport.value.classList.add("count");
  nodes.more = element("button", { type: "button", class: "more" }, element("b", {}, "∗ p"), " one die more");
  nodes.more.addEventListener("click", () => {
    transport.stop();
    view.set("n", Math.min(view.get("n") + 1, MOST));
  });
  transport.box.append(nodes.more);
  nodes.step = slider(view, "step", "", { low: 0, high: 1, step: 0.01, words: () => "", spoken: (u) => `${format(100 * u, 0)} per cent fallen` });
  nodes.step.node.addEventListener("input", transport.stop);
  const axis = segments(view, "view", "axis", { sum: "as it is", standardised: "standardised" });
  const bell = check(view, "bell", "normal curve");
  falling(s, transport.playing);
  pointers(s);
  view.on(["weights"], () => (s.law = null));
  view.on([...TRAITS, "show", "controls"], s.ask);
  view.widths(nodes.stage, (width) => {
    s.width = width;
    draw(s);
  });
  const fall = element("div", { class: "fall", "data-part": "step", "data-trait": "step" }, nodes.step.label, nodes.step.node);
  update(transport.box, { "data-trait": "n" });
  nodes.axes = axis.box;
  const options = element("div", { class: "options", "data-part": "controls" }, bell.box, axis.box);
  update(bell.box, { "data-trait": "bell" });
  update(axis.box, { "data-trait": "view" });
  s.shapes.box.dataset.part = s.die.box.dataset.part = "die";
  const one = element("div", { class: "one" }, s.shapes.box, s.die.box, options);
  nodes.desk = element("div", { class: "desk" }, one, nodes.words);
  view.show(nodes.stage, transport.box, fall, nodes.desk);
  return view.end;
}

export default { render };
