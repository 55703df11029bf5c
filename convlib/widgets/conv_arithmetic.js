import { cells } from "./js/cells.js";
import { check, player } from "./js/controls.js";
import { element, pool, reveal, say, uniqueId, update } from "./js/dom.js";
import { viewOf, whenQuiet } from "./js/life.js";
import { brief, clamp } from "./js/numbers.js";
import { handle, keys, looking } from "./js/pointer.js";
import { stepper, stepTowards } from "./js/settings.js";

// As in conv_arithmetic.py: what each setting can be, and how many samples can stand in a row, padding included.
const BOUNDS = { size: [1, 12], taps: [1, 5], stride: [1, 4], padding: [0, 4], dilation: [1, 4], output_padding: [0, 3], channels: [1, 4], groups: [1, 4] };
const SETTINGS = [...Object.keys(BOUNDS), "pad", "transposed", "operation", "axes"];
const [LONGEST, NARROW, RIM, LANE] = [28, 447, 14, 24];
const LETTERS = "abcdefghijklmnopqrstuvwxy";
const SPREAD = 137.508; // degrees between the hues of two taps: the golden angle keeps any number of them apart
const { max, min, floor, ceil, round, PI, cos, hypot } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const sum = (values) => values.reduce((total, value) => total + value, 0);

// ---- the maths: pure functions, held against Python and PyTorch by tests/js/test_conv_arithmetic.py ---------------
// `c` holds the settings by name.  The fine row is the one that the windows move on, padding included: the input, or the
// output if transposed; the coarse row has one sample for each window.  `q` counts in the fine row, `p` in the coarse.

/** All sizes along one axis. */
export function sizesOf(c) {
  const reach = c.dilation * (c.taps - 1) + 1;
  const both = { causal: [reach - 1, 0], same: [floor((reach - 1) / 2), ceil((reach - 1) / 2)] };
  const [lo, hi] = both[c.pad] ?? [c.padding, c.padding];
  const fraction = c.transposed ? 0 : (c.size + lo + hi - reach) / c.stride;
  const m = c.transposed ? c.size : floor(fraction) + 1;
  const full = (m - 1) * c.stride + reach; // from the first window's start to the last one's end
  const n = c.transposed ? full - lo - hi + c.output_padding : c.size;
  const length = lo + n + hi; // if transposed: what there is before the ends are cut off
  return { reach, lo, hi, fraction, m, n, full, length, out: c.transposed ? n : m };
}

/** Why these settings cannot be, in the words of convlib.shapes; "" if they can. */
export function refusal(c) {
  const s = sizesOf(c);
  if (c.axes === "plane" && c.pad === "causal") return "pad must not be 'causal' in the plane: an image has no past";
  if (c.axes === "plane" && c.channels > 1) return `channels must be 1 in the plane, got ${c.channels}`;
  if (c.channels % c.groups) return `in_channels must be a multiple of groups, got ${c.channels} for ${c.groups} groups`;
  if (c.transposed) {
    if (c.pad !== "number") return `pad must be 'number' if transposed, as PyTorch has it, got '${c.pad}'`;
    if (c.output_padding >= max(c.stride, c.dilation)) return `output_padding must be less than the larger of stride ${c.stride} and dilation ${c.dilation}, got ${c.output_padding}`;
    if (s.n < 1) return `padding must leave something: cutting ${c.padding} off each end leaves ${s.n} of ${s.n + 2 * c.padding}`;
  } else if (c.pad === "same" && c.stride > 1) {
    return `stride must be 1 with same padding, as PyTorch has it, got ${c.stride}: give the padding as a number, or choose rule='tensorflow'`;
  } else if (s.m < 1) {
    return `kernel_size must fit into the padded input: ${c.taps} taps with dilation ${c.dilation} reach over ${s.reach} samples, but there are ${c.size} + 2 · ${c.padding} = ${c.size + 2 * c.padding}`;
  }
  return s.length > LONGEST ? `a row must have at most ${LONGEST} samples, padding included, got ${s.length}` : "";
}

/** The same for the page. */
export function because(text) {
  if (/^(a row|channels|size|pad must not)|^\w+ is \d/.test(text)) return `Not here: ${text}.`;
  const said = text.replace(/^(kernel_size must fit into the padded input|padding must leave something): /, "").replace(/: give the padding.*/, "");
  return `PyTorch refuses this: ${said.replace(/-(?=\d)/, "−")}.`;
}

/** Settings as they are if they can be; else, for a link may ask for anything, such as can be. */
export function legal(given) {
  const c = { ...given };
  for (const [name, [low, high]] of Object.entries(BOUNDS)) c[name] = clamp(round(c[name]) || low, low, high);
  if (!refusal(c)) return c;
  if (c.pad !== "number" && (c.transposed || (c.pad === "same" && c.stride > 1))) c.pad = "number";
  if (c.axes === "plane" && (c.pad === "causal" || c.channels > 1)) c.axes = "line";
  if (c.channels % c.groups) c.groups = 1;
  if (!c.transposed && refusal(c)) c.size = min(BOUNDS.size[1], sizesOf(c).reach - 2 * c.padding);
  if (!c.transposed && refusal(c)) c.dilation = 1;
  if (c.transposed) c.output_padding = min(c.output_padding, max(c.stride, c.dilation) - 1);
  if (c.transposed && sizesOf(c).n < 1) c.padding = 0;
  while (c.transposed && refusal(c)) c.size -= 1;
  return c;
}

/** One setting goes towards `to`, step by step, as far as it can; and why no farther.  Only divisors are groups. */
export const towards = (c, name, to) => stepTowards(c, name, to, { bounds: BOUNDS, refusal, skips: (_, setting, value) => setting === "groups" && c.channels % value });

/** The other direction: a transposed convolution that leads back to the same size, or the convolution under it. */
export function turned(c) {
  const s = sizesOf(c);
  const next = { ...c, transposed: !c.transposed, size: s.out, pad: "number" };
  if (!c.transposed) {
    if (s.lo !== s.hi) return { now: c, why: `padding of a transposed convolution is one number for both ends, not ${s.lo} and ${s.hi}` };
    Object.assign(next, { padding: s.lo, output_padding: s.length - s.full });
  }
  for (const name of ["size", "padding", "output_padding"]) {
    const [low, high] = BOUNDS[name];
    if (next[name] < low || next[name] > high) return { now: c, why: `${name} is ${low} to ${high}, and turned round it would be ${next[name]}` };
  }
  const why = refusal(next);
  return why ? { now: c, why } : { now: next, why };
}

/** Which tap of the kernel, as it is written, stands at place j of a window; and the other way round. */
export const tapAt = (j, c) => (c.operation === "convolution" ? c.taps - 1 - j : j);

/** Along one axis: window p has its place j on sample q. */
export function linksOf(c) {
  return upTo(sizesOf(c).m, (p) => upTo(c.taps, (j) => ({ p, j, q: p * c.stride + j * c.dilation }))).flat();
}

/** How many windows each sample of the fine row is in. */
export function visitsOf(c) {
  const counts = upTo(sizesOf(c).length, () => 0);
  for (const { q } of linksOf(c)) counts[q] += 1;
  return counts;
}

/** Samples and weights: small numbers, fixed by where they stand. */
export const sampleAt = (row, i) => 1 + (((row * (row + 3)) / 2 + (i * (i + 3)) / 2 + row * i) % 4);
export const weightAt = (o, i, j) => 1 + ((o + 2 * i + j) % 3);
const weightOf = (plane, o, i, j) => (plane ? weightAt(i, 0, j) : weightAt(o, i, j));

const share = (c) => c.channels / c.groups;
const groupOf = (c, channel) => floor(channel / share(c));
/** The channels that are linked with `channel`. */
export const partners = (c, channel) => upTo(share(c), (i) => groupOf(c, channel) * share(c) + i);

/**
 * The pairs of samples that are linked by a weight, of all or of what is looked at: a sample `{ kind: "coarse", r, i }`,
 * `{ kind: "fine", r, i }`, or a tap `{ kind: "tap", r, i }`.  In the plane r and i are row and column; else r is a
 * channel (of a tap: the fine row's, counted within its group; its `o`, if it has one, is the coarse row's).
 */
export function pairsOf(at, c, plane) {
  const links = linksOf(c);
  const key = { coarse: (link) => link.p, fine: (link) => link.q, tap: (link) => tapAt(link.j, c) }[at?.kind];
  const along = (to) => (key ? links.filter((link) => key(link) === to) : links);
  const across = along(at?.i);
  if (plane) {
    const pair = (a, b) => ({ p: [a.p, b.p], q: [a.q, b.q], tap: [tapAt(a.j, c), tapAt(b.j, c)], o: 0 });
    return along(at?.r).flatMap((a) => across.map((b) => pair(a, b)));
  }
  const wires = upTo(c.channels, (o) => partners(c, o).map((i, k) => [o, i, k])).flat();
  const mine = { coarse: ([o]) => o === at?.r, fine: ([, i]) => i === at?.r, tap: ([o, , k]) => k === at?.r && (at.o ?? o) === o }[at?.kind];
  return (mine ? wires.filter(mine) : wires).flatMap(([o, i, k]) => across.map((b) => ({ p: [o, b.p], q: [i, b.q], tap: [k, tapAt(b.j, c)], o })));
}

const isReal = (q, s) => q >= s.lo && q < s.lo + s.n;
/** The input, row by row. */
export const inputsOf = (c, plane) => upTo(plane ? c.size : c.channels, (row) => upTo(c.size, (i) => sampleAt(row, i)));

/** A linked pair's factors: the input's number, 0 for padding, and the weight. */
export function factorsOf(pair, c, plane) {
  const { lo, n } = sizesOf(c);
  const within = (q) => q >= lo && q < lo + n;
  const [row, i] = [plane ? pair.q[0] - lo : pair.q[0], pair.q[1] - lo];
  const there = within(pair.q[1]) && (!plane || within(pair.q[0]));
  const x = c.transposed ? sampleAt(...pair.p) : there ? sampleAt(row, i) : 0;
  return [x, weightOf(plane, pair.o, pair.tap[0], pair.tap[1])];
}

/** The output, row by row. */
export function outputsOf(c, plane) {
  const { lo, out } = sizesOf(c);
  const y = upTo(plane ? out : c.channels, () => upTo(out, () => 0));
  for (const pair of pairsOf(null, c, plane)) {
    const [x, w] = factorsOf(pair, c, plane);
    const [r, i] = c.transposed ? [plane ? pair.q[0] - lo : pair.q[0], pair.q[1] - lo] : pair.p;
    if (i in (y[r] ?? [])) y[r][i] += x * w;
  }
  return y;
}

/** How many stamps the samples of an endless transposed convolution get: one number for each place within a stride. */
export const stampsOf = (c) => upTo(c.stride, (rest) => upTo(c.taps, (j) => (j * c.dilation) % c.stride).filter((r) => r === rest).length);

/** With channels, the table of all weights stands below: where, how wide an entry is, and how high all is then. */
function everyWeight(width, c, height) {
  if (c.channels === 1) return { all: [0, 0], entry: 0, height };
  const entry = floor(min(20, (width - 2 * RIM) / (c.channels * c.taps)));
  return { all: [(width - c.channels * c.taps * entry) / 2, height + 20], entry, height: height + 24 + 20 * c.channels };
}

/** Where everything stands, in pixels; the same as Places in conv_arithmetic.py. */
export function geometry(width, c, plane) {
  const s = sizesOf(c);
  const narrow = width <= NARROW;
  if (!plane) {
    const cell = floor(min(narrow ? 30 : 36, (width - 2 * RIM) / s.length));
    const [high, gap] = [clamp(cell, 22, 30), 4];
    const rows = c.channels * (high + gap) - gap;
    const left = (width - s.length * cell) / 2;
    const strip = LANE + rows + 5;
    const bend = strip + share(c) * (high - 2);
    const coarse = bend + (narrow ? 72 : 92);
    return { plane, cell, high, gap, fine: [left, LANE], strip: [left, strip], bend, coarse: [left + ((s.reach - 1) / 2) * cell, coarse], pitch: c.stride * cell, ...everyWeight(width, c, coarse + rows + 22) };
  }
  const gap = narrow ? 22 : 30;
  const beside = c.taps + s.m;
  const across = narrow ? min((width - 2 * RIM) / s.length, (width - 2 * RIM - gap) / beside) : (width - 2 * RIM - 2 * gap) / (s.length + beside);
  const cell = floor(min(narrow ? 26 : 30, across, 330 / s.length));
  const [fine, small] = [s.length * cell, max(c.taps, s.m) * cell];
  const left = (width - (narrow ? max(fine, beside * cell + gap) : fine + beside * cell + 2 * gap)) / 2;
  const top = LANE + (narrow ? fine + LANE + 6 : 0);
  const middle = (count) => top + (narrow ? 0 : max(0, (fine - count * cell) / 2));
  const strip = narrow ? left : left + fine + gap;
  const body = narrow ? top + small : LANE + max(fine, small);
  return { plane, cell, high: cell, gap: 0, fine: [left, LANE], strip: [strip, middle(c.taps)], bend: 0, coarse: [strip + c.taps * cell + gap, middle(s.m)], pitch: cell, all: [0, 0], entry: 0, height: body + 8 };
}

// ---- the words ---------------------------------------------------------------------------------------------------

const many = (count, one, more = `${one}s`) => (count === 1 ? `1 ${one}` : `${count} ${more}`);
const listed = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);
const indexed = (letter, r, i, c, plane) => (plane || c.channels > 1 ? `${letter}[${r}, ${i}]` : `${letter}[${i}]`);
const fineName = ([r, q], c, plane, s = sizesOf(c)) => indexed(c.transposed ? "y" : "x", plane ? r - s.lo : r, q - s.lo, c, plane);
const coarseName = ([r, p], c, plane) => indexed(c.transposed ? "x" : "y", r, p, c, plane);
/** A tap's number among all, its letter. */
const tapIndex = ([r, j], c, plane) => (plane ? r * c.taps + j : j);
export const letterOf = (tap, c, plane) => LETTERS[tapIndex(tap, c, plane)] + (!plane && share(c) > 1 ? "₀₁₂₃"[tap[0]] : "");
const isSample = ([r, q], c, plane, s = sizesOf(c)) => isReal(q, s) && (!plane || isReal(r, s));

/** A sum of products with what it gives: pieces `[text, tap]`, all of them or, of many, the first and the last. */
export function sumOf(pairs, c, plane) {
  const terms = pairs.map((pair) => ({ tap: tapIndex(pair.tap, c, plane), factors: factorsOf(pair, c, plane) }));
  const total = sum(terms.map(({ factors: [x, w] }) => x * w));
  const shown = terms.length > 9 ? [...terms.slice(0, 3), null, terms.at(-1)] : terms;
  const pieces = shown.flatMap((term, k) => [[k ? " + " : ""], term ? [term.factors.join("·"), term.tap] : ["…"]]);
  return [...pieces, [` = ${total}`]];
}

/** What there is to say before anything is touched. */
export function lead(c, plane) {
  const s = sizesOf(c);
  const units = plane ? "rows and columns" : "samples";
  const each = plane ? "row and column" : "sample";
  if (c.transposed) {
    // Too few inputs for as many stamps to lie on one another as there can be.
    if (c.size * c.stride < s.reach) return "Each input puts a stamp on the output: where stamps overlap, they add.";
    const stamps = [...new Set(stampsOf(c))].sort();
    if (stamps.length > 1) return `Where stamps overlap, they add: along ${plane ? "each axis" : "the row"} outputs get ${stamps.join(" or ")} by turns, a checkerboard.`;
    return `Where stamps overlap, they add: away from the ends every output gets ${many(stamps[0] ** (plane ? 2 : 1), "stamp")}.`;
  }
  const last = (count) => (count > 1 ? `the last ${count} ${units}` : plane ? "the last row and column" : `x[${s.n - 1}]`);
  const dropped = s.length - s.full;
  const unseen = min(s.n, max(0, s.lo + s.n - s.full));
  const less = s.n - dropped > 0 ? `, and ${many(s.n - dropped, each, units)} would give the same ${s.m}` : "";
  if (unseen) return `No window reaches ${last(unseen)}: the floor drops ${unseen > 1 || plane ? "them" : "it"}${less}.`;
  if (dropped && plane) return `No window reaches ${last(dropped)} of the padding: the floor drops them.`;
  if (dropped) return `No window reaches the last ${dropped > 1 ? `${dropped} zeros` : "zero"} of the padding: the floor drops ${dropped > 1 ? "them" : "it"}.`;
  const skipped = visitsOf(c).slice(s.lo, s.lo + s.n).filter((count) => !count).length;
  if (skipped && c.stride > s.reach) return `The windows step over ${many(skipped, each, units)}: stride ${c.stride} is more than the kernel covers.`;
  if (skipped) return `Between the taps ${many(skipped, each, units)} ${skipped > 1 ? "lie" : "lies"} in no window.`;
  const rest = s.hi ? "the floor would drop a zero of the padding" : "no window would reach the last";
  if (c.stride > 1) return `${many(s.n, each, units)} ${s.n > 1 || plane ? "give" : "gives"} ${plane ? s.m : many(s.m, "output")}, and ${s.n + 1} would, too: ${rest}.`;
  if (s.m === s.n) return `As many outputs as inputs: ${s.reach > 1 ? `a kernel over ${s.reach} costs ${s.reach - 1}, and the padding adds them` : "a kernel of 1 costs none"}.`;
  const padded = s.lo + s.hi ? ` and ${many(s.lo + s.hi, "zero")}` : "";
  return `${many(s.n, each, units)}${padded} ${s.n + s.lo + s.hi > 1 || plane ? "have" : "has"} room for ${many(s.m, "window")} of ${s.reach}${plane ? " along each axis" : ""}.`;
}

/** What the window at rest, or one that is looked at, does: gather, or, if transposed, stamp; in pieces. */
export function windowWords(r, p, c, plane) {
  const pairs = pairsOf({ kind: "coarse", r, i: p }, c, plane).filter(({ q }) => !c.transposed || isSample(q, c, plane));
  const name = coarseName([r, p], c, plane);
  const seen = share(c) > 1 || c.groups > 1 ? ` ${c.transposed ? "onto" : "from"} ${partners(c, r).length > 1 ? "rows" : "row"} ${listed(partners(c, r))}` : "";
  if (!c.transposed) return [[`${name}${seen} = `], ...sumOf(pairs, c, plane)];
  const x = sampleAt(r, p);
  if (!pairs.length) return [[`${name} = ${x} stamps only what is cut off.`]];
  const shown = pairs.length > 5 ? pairs.slice(0, 3) : pairs;
  const terms = shown.flatMap((pair, k) => [[k ? ", " : ""], [`${x}·${factorsOf(pair, c, plane)[1]}`, tapIndex(pair.tap, c, plane)]]);
  return [[`${name} = ${x} stamps `], ...terms, [`${pairs.length > 5 ? ", …" : ""} onto ${pairs.length === 1 ? "one output" : `${pairs.length} outputs`}${seen.replace(" onto", ", in")}.`]];
}

function fineWords(at, pairs, c, plane) {
  const s = sizesOf(c);
  const [name, there] = [fineName([at.r, at.i], c, plane), isSample([at.r, at.i], c, plane)];
  if (c.transposed) {
    if (!there) return [[`Cut off: padding = ${c.padding} takes ${c.padding} from each end${c.output_padding ? `, output_padding = ${c.output_padding} gives back on the right` : ""}.`]];
    if (!pairs.length) return [[`${name} gets no stamp: it is 0.`]];
    return [[`${name} gathers ${many(pairs.length, "stamp")}: `], ...sumOf(pairs, c, plane), ["."]];
  }
  const subject = there ? `${name} = ${sampleAt(plane ? at.r - s.lo : at.r, at.i - s.lo)}` : "A zero of the padding";
  const over = at.i >= s.full || (plane && at.r >= s.full);
  if (!pairs.length) return [[`${subject} enters no window: ${over ? "the floor drops it" : c.stride > s.reach ? "the stride steps over it" : "it lies between the taps"}.`]];
  const to = pairs.slice(0, 4).flatMap((pair, k) => [[`${k ? ", " : ""}${coarseName(pair.p, c, plane)} by `], [letterOf(pair.tap, c, plane), tapIndex(pair.tap, c, plane)]]);
  const windows = c.channels > 1 ? `is scattered into ${many(pairs.length, "output")}` : `enters ${many(pairs.length, "window")}`;
  return [[`${subject} ${windows}: `], ...to, [pairs.length > 4 ? ", …" : "."]];
}

/** What is looked at, in pieces. */
export function words(at, c, plane) {
  if (at.kind === "coarse") return windowWords(at.r, at.i, c, plane);
  const pairs = pairsOf(at, c, plane);
  if (at.kind === "fine") return fineWords(at, pairs, c, plane);
  const idle = pairs.filter(({ q }) => !isSample(q, c, plane)).length;
  const but = idle ? `, ${idle} of them with ${c.transposed ? "what is cut off" : idle > 1 ? "zeros of the padding" : "a zero of the padding"}` : "";
  if (at.o !== undefined) {
    const rows = c.transposed ? `x[${at.o}] and y[${partners(c, at.o)[at.r]}]` : `x[${partners(c, at.o)[at.r]}] and y[${at.o}]`;
    return [[`w[${at.o}, ${at.r}, ${at.i}] = ${weightAt(at.o, at.r, at.i)}`, at.i], [` links ${many(pairs.length, "pair")} of rows ${rows}${but}.`]];
  }
  const value = c.channels > 1 ? "" : ` = ${weightOf(plane, 0, at.r, at.i)}`;
  const each = c.channels > 1 ? "" : `, one for each ${c.transposed ? "input" : "output"}`;
  const same = `The same weight everywhere${c.transposed ? "" : ": its lines are parallel"}.`;
  return [[`${letterOf([at.r, at.i], c, plane)}${value}`, tapIndex([at.r, at.i], c, plane)], [` links ${many(pairs.length, "pair")}${each}${but}. ${plane ? "The same weight everywhere." : same}`]];
}

/** The output's size along an axis, with its numbers: pieces `[text, setting]`. */
export function formulaOf(c) {
  const s = sizesOf(c);
  const of = (name) => [String(c[name]), name];
  const reach = [of("dilation"), ["·("], of("taps"), [" − 1)"]];
  const end = [String(s.out), "out"];
  if (c.transposed) return [["("], of("size"), [" − 1)·"], of("stride"), [" − 2·"], of("padding"), [" + "], ...reach, [" + 1 + "], of("output_padding"), [" = "], end];
  const added = c.pad === "number" ? [["2·"], of("padding")] : [[`${s.lo} + ${s.hi}`, "padding"]];
  return [["⌊("], of("size"), [" + "], ...added, [" − "], ...reach, [" − 1)/"], of("stride"), [`⌋ + 1 = ⌊${brief(s.fraction)}⌋ + 1 = `], end];
}

/** The layer in PyTorch. */
export function codeOf(c, plane) {
  const given = {
    stride: c.stride > 1 && c.stride,
    padding: c.pad === "same" ? '"same"' : c.pad === "number" && c.padding,
    output_padding: c.transposed && c.output_padding,
    groups: c.groups > 1 && c.groups,
    dilation: c.dilation > 1 && c.dilation,
  };
  const options = Object.entries(given).filter(([, value]) => value);
  const layer = `nn.Conv${c.transposed ? "Transpose" : ""}${plane ? 2 : 1}d(${[c.channels, c.channels, c.taps, ...options.map((pair) => pair.join("="))].join(", ")})`;
  const call = c.pad === "causal" ? `${layer}(F.pad(x, (${sizesOf(c).lo}, 0)))` : layer;
  return c.operation === "convolution" ? `${call}  # with its weight turned: .flip(${plane ? "-2, -1" : "-1"})` : call;
}

// ---- the picture -------------------------------------------------------------------------------------------------

/** What stands in a column of the table of all weights: a weight, or nothing, for rows of other groups are not linked. */
export function entryAt(c, o, column) {
  const k = partners(c, o).indexOf(floor(column / c.taps));
  return k < 0 ? null : { kind: "tap", o, r: k, i: column % c.taps };
}

function weightName(c, o, column) {
  const at = entryAt(c, o, column);
  return at ? `w[${o}, ${at.r}, ${at.i}]: ${weightAt(o, at.r, at.i)}` : `rows ${o} and ${floor(column / c.taps)} are not linked`;
}

/** Everything that is made once. */
function scene(s) {
  const grid = (label, kind, what, spoken) => cells(`${label}; arrow keys move, Enter pins`, { look: s.look, what: (r, i) => ({ kind, ...what(r, i) }), spoken });
  const plain = (r, i) => ({ r, i });
  const grids = {
    fine: grid("The row that the windows move on", "fine", plain, (r, q) => `${isSample([r, q], s.c, s.plane) ? fineName([r, q], s.c, s.plane) : "padding"}: ${s.texts.fine(r, q) || "cut off"}`),
    strip: grid("The kernel", "tap", (r, j) => ({ r: s.plane ? tapAt(r, s.c) : r, i: tapAt(j, s.c) }), (r, j) => `weight ${s.letter(r, j)}: ${s.texts.strip(r, j)}`),
    coarse: grid("One sample for each window", "coarse", plain, (r, p) => `${coarseName([r, p], s.c, s.plane)}: ${s.texts.coarse(r, p)}`),
  };
  grids.all = cells("All weights; arrow keys move, Enter pins", { look: s.look, what: (o, column) => entryAt(s.c, o, column), spoken: (o, column) => weightName(s.c, o, column) });
  const svg = element("svg", { class: "wires", "aria-hidden": "true" });
  const wires = (kind) => pool(svg.appendChild(element("g", { class: kind })), () => element("path", {}));
  const layers = { faint: wires("faint"), faintHeads: wires("faint heads"), lit: wires("lit"), litHeads: wires("lit heads") };
  const title = (kind) => element("p", { class: `title ${kind}` });
  const titles = { fine: title("fine"), strip: title("strip"), coarse: title("coarse"), all: title("all") };
  const boxes = Object.fromEntries(Object.entries(grids).map(([name, { node }]) => [name, element("div", { class: `block ${name}` }, node)]));
  const [frame, ghost] = [element("div", { class: "frame" }), element("div", { class: "frame ghost" })];
  const grip = (name) => element("div", { class: `grip ${name}`, "aria-hidden": "true", title: `drag: ${name}` });
  const grips = Object.fromEntries(["size", "taps", "stride", "padding", "dilation"].map((name) => [name, grip(name)]));
  const stage = element("div", { class: "stage" }, svg, ...Object.values(boxes), ...Object.values(titles), ghost, frame, ...Object.values(grips));
  const [head, formula, code] = [element("span"), element("p", { class: "formula", "data-part": "formula" }), element("code")];
  const copy = element("button", { type: "button", class: "take", onclick: () => copyCode(s) }, "Copy");
  return {
    stage, svg, layers, titles, boxes, grids, frame, ghost, grips, head, formula, code, copy,
    pieces: pool(head, () => element("span")),
    terms: pool(formula, () => element("span")),
    words: element("p", { class: "sentence" }, head),
    line: element("div", { class: "line-of-code", "data-part": "code" }, code, copy),
  };
}

const put = (node, [left, top], size) => {
  node.style.transform = `translate(${left.toFixed(2)}px, ${top.toFixed(2)}px)`;
  if (size) Object.assign(node.style, { width: `${size[0]}px`, height: `${size[1]}px` });
};
const hueOf = (index) => round((30 + SPREAD * index) % 360);

/** What is drawn, from the traits and from what is looked at. */
function compute(s) {
  const { view } = s;
  const c = legal(Object.fromEntries(SETTINGS.map((name) => [name, view.get(name)])));
  const plane = c.axes === "plane" || (c.axes === "auto" && s.width > NARROW && c.channels === 1 && c.pad !== "causal");
  const key = JSON.stringify([c, plane]);
  if (s.key !== key) Object.assign(s, { key, c, plane, sizes: sizesOf(c), visits: visitsOf(c), inputs: inputsOf(c, plane), outputs: outputsOf(c, plane) });
  const { m } = s.sizes;
  s.last = (plane ? m * m : m) - 1;
  s.time = clamp(view.get("t"), 0, s.last);
  s.heat = view.get("heat");
  s.row = min(s.row, c.channels - 1);
  const at = (index) => (plane ? [floor(index / m), index % m] : [s.row, index]);
  const [from, to, part] = [at(floor(s.time)), at(ceil(s.time)), s.time % 1];
  s.window = from.map((value, axis) => value + (to[axis] - value) * part);
  const [r, i] = at(round(s.time));
  const seen = s.look.at();
  const rows = { fine: plane ? s.sizes.length : c.channels, coarse: plane ? m : c.channels, tap: plane ? c.taps : share(c) };
  const columns = { fine: s.sizes.length, coarse: m, tap: c.taps };
  const fits = seen && seen.r < rows[seen.kind] && seen.i < columns[seen.kind] && !(seen.o >= c.channels);
  s.at = fits ? seen : { kind: "coarse", r, i, rest: true };
  if (fits && seen.kind === "coarse") s.window = [seen.r, seen.i];
  if (!plane && s.at.kind === "coarse") s.row = s.at.r;
  if (s.at.o !== undefined) s.row = s.at.o;
  s.pairs = pairsOf(s.at, c, plane);
  s.places = geometry(s.width, c, plane);
  s.counts = { fine: [rows.fine, columns.fine], strip: [plane ? c.taps : share(c), c.taps], coarse: [rows.coarse, m] };
  s.letter = (a, j) => letterOf([plane ? tapAt(a, c) : a, tapAt(j, c)], c, plane);
}

/** What the cells say. */
function texts(s) {
  const { c, plane, sizes } = s;
  const [fine, coarse] = c.transposed ? [s.outputs, s.inputs] : [s.inputs, s.outputs];
  const visits = (r, q) => s.visits[q] * (plane ? s.visits[r] : share(c));
  s.visitsAt = visits;
  s.texts = {
    fine(r, q) {
      const there = isSample([r, q], c, plane, sizes);
      if (s.heat && (there || !c.transposed)) return String(visits(r, q));
      return there ? String(fine[plane ? r - sizes.lo : r][q - sizes.lo]) : c.transposed ? "" : "0";
    },
    strip: (r, j) => String(weightOf(plane, s.row, plane ? tapAt(r, c) : r, tapAt(j, c))),
    coarse: (r, p) => String(coarse[r][p]),
  };
}

function paint(cell, text, kind, { hue = null, letter = "", heat = null } = {}, wide = 0) {
  say(cell, text);
  update(cell, { class: `cell ${kind}${text.length > 2 ? " long" : ""}${hue === null ? "" : " hued"}${heat === null ? "" : " hot"}`, "data-letter": letter && fitting(letter, text, wide) });
  const style = `${hue ?? ""} ${heat ?? ""}`;
  if (cell.painted === style) return;
  cell.painted = style;
  cell.style.setProperty("--hue", hue ?? 0);
  cell.style.setProperty("--heat", `${round(heat ?? 0)}%`);
}

/** A letter in a cell's corner, where it has room beside the number. */
function fitting(letter, text, cell) {
  if (text.length * 7 + 13 > cell + (text.length > 1 ? 2 : 4)) return "";
  return cell < 28 ? letter[0] : letter;
}

/** Which hue and letter each cell has from the pairs that are lit: by "row,column" of each table. */
function marks(s) {
  const lit = { fine: new Map(), coarse: new Map() };
  const { at, c, plane } = s;
  for (const pair of s.pairs) {
    const mark = { hue: hueOf(tapIndex(pair.tap, c, plane)), letter: letterOf(pair.tap, c, plane) };
    if (at.kind !== "fine") lit.fine.set(pair.q.join(), mark);
    if (at.kind !== "coarse") lit.coarse.set(pair.p.join(), mark);
  }
  if (at.kind === "tap") for (const mark of [...lit.fine.values(), ...lit.coarse.values()]) mark.letter = "";
  return lit;
}

function drawTables(s) {
  const { c, plane, sizes, nodes, at, counts } = s;
  const lit = marks(s);
  const most = max(...s.visits) ** (plane ? 2 : 1) * (plane ? 1 : share(c));
  const own = (kind, r, i) => (at.kind === kind && at.r === r && at.i === i ? (at.rest ? "now" : "lit") : "");
  nodes.grids.fine.shape(...counts.fine).forEach((line, r) => line.forEach((cell, q) => {
    const there = isSample([r, q], c, plane, sizes);
    const count = s.visitsAt(r, q);
    const kind = `${there ? "" : c.transposed ? "cut" : "zero"} ${count || (c.transposed && !there) ? "" : "unseen"} ${own("fine", r, q)}`;
    const heat = s.heat && there ? (60 * count) / most : null;
    paint(cell, s.texts.fine(r, q), kind, { ...lit.fine.get(`${r},${q}`), heat }, s.places.cell);
  }));
  nodes.grids.coarse.shape(...counts.coarse).forEach((line, r) => line.forEach((cell, p) => {
    paint(cell, s.texts.coarse(r, p), own("coarse", r, p), lit.coarse.get(`${r},${p}`), s.places.cell);
  }));
  nodes.grids.strip.shape(...counts.strip).forEach((line, r) => line.forEach((cell, j) => {
    const tap = [plane ? tapAt(r, c) : r, tapAt(j, c)];
    paint(cell, s.texts.strip(r, j), `tap ${own("tap", ...tap)}`, { hue: hueOf(tapIndex(tap, c, plane)), letter: letterOf(tap, c, plane) }, s.places.cell);
  }));
}

/** All weights: a row for each row of the coarse table, a block of taps for each row of the fine one that it is linked with. */
function drawAll(s) {
  const { nodes, c, at, places: g } = s;
  const there = g.entry > 0;
  for (const node of [nodes.boxes.all, nodes.titles.all]) node.style.display = there ? "" : "none";
  if (!there) return;
  nodes.grids.all.shape(c.channels, c.channels * c.taps).forEach((line, o) => line.forEach((cell, column) => {
    const entry = entryAt(c, o, column);
    const used = entry && (at.kind === "coarse" ? o === at.r : at.kind === "tap" ? entry.r === at.r && entry.i === at.i && (at.o ?? o) === o : entry.r === partners(c, o).indexOf(at.r));
    const kind = `tap${entry ? "" : " absent"}${column % c.taps ? "" : " first"}${used ? " used" : ""}`;
    paint(cell, entry ? String(weightAt(o, entry.r, entry.i)) : "", kind, { hue: entry && hueOf(entry.i) });
  }));
}

/** Everything in its place. */
function place(s) {
  const { nodes, places: g, c, plane, sizes, counts } = s;
  const move = plane ? [0, 0] : [s.window[1] * c.stride * g.cell, 0];
  put(nodes.boxes.strip, [g.strip[0] + move[0] - (plane ? 0 : ((c.dilation - 1) * g.cell) / 2), g.strip[1]]);
  const key = `${s.width} ${s.key}`;
  if (s.placed === key) return;
  s.placed = key;
  nodes.stage.style.height = `${g.height}px`;
  nodes.stage.classList.toggle("plane", plane);
  nodes.words.classList.toggle("tall", plane);
  nodes.stage.classList.toggle("turned", c.transposed);
  update(nodes.svg, { viewBox: `0 0 ${s.width} ${g.height}`, width: s.width, height: g.height });
  put(nodes.boxes.fine, g.fine);
  put(nodes.boxes.coarse, [g.coarse[0] - (g.pitch - g.cell) / 2, g.coarse[1]]);
  const strip = plane ? g.high : g.high - 4;
  const shapes = { fine: [g.cell, g.high, g.gap], strip: [plane ? g.cell : c.dilation * g.cell, strip, plane ? 0 : 2], coarse: [g.pitch, g.high, g.gap], all: [g.entry, 18, 2] };
  for (const [name, [wide, high, gap]] of Object.entries(shapes)) {
    const values = { wide, high, gap, side: name === "all" ? 0 : (wide - g.cell) / 2, letters: clamp(min(name === "all" ? wide : g.cell, high) * 0.5, 8, 13) };
    for (const [key, value] of Object.entries(values)) nodes.boxes[name].style.setProperty(`--${key}`, `${value}px`);
  }
  put(nodes.boxes.all, g.all);
  put(nodes.titles.all, [g.all[0], g.all[1] - 20]);
  say(nodes.titles.all, `all weights: ${c.channels} × ${share(c)} × ${c.taps} = ${c.channels * share(c) * c.taps}`);
  update(nodes.boxes.all, { "data-part": "kernel" });
  const parts = c.transposed ? ["output", "input"] : ["input", "output"];
  update(nodes.boxes.fine, { "data-part": parts[0] });
  update(nodes.boxes.coarse, { "data-part": parts[1] });
  update(nodes.boxes.strip, { "data-part": "kernel" });
  placeTitles(s, counts);
  s.faint = plane ? null : linksOf(c);
  s.ends = { right: g.fine[0] + (sizes.lo + sizes.n) * g.cell };
}

function placeTitles(s) {
  const { nodes, places: g, c, plane, sizes } = s;
  const by = (count) => (plane ? `${count} × ${count}` : `${count}`);
  const rim = sizes.lo + sizes.hi;
  const zeros = !rim ? "" : plane ? `, padded to ${by(sizes.length)}` : ` + ${many(rim, "zero")}`;
  const cut = rim ? `, ${plane ? "rim" : rim} cut off` : "";
  const rows = c.channels > 1 ? `${c.channels} rows of ` : "";
  say(nodes.titles.fine, c.transposed ? `output y: ${rows}${by(sizes.n)}${cut}` : `input x: ${rows}${by(sizes.n)}${zeros}`);
  say(nodes.titles.coarse, c.transposed ? `input x: ${rows}${by(sizes.m)}` : `output y: ${rows}${by(sizes.m)}`);
  say(nodes.titles.strip, "kernel w");
  const narrow = s.width <= NARROW;
  put(nodes.titles.fine, [plane ? g.fine[0] : max(0, g.fine[0] - RIM), g.fine[1] - LANE]);
  if (plane) {
    put(nodes.titles.strip, [g.strip[0], g.strip[1] - LANE + 2]);
    put(nodes.titles.coarse, [g.coarse[0], g.coarse[1] - LANE + 2]);
  } else {
    put(nodes.titles.coarse, [max(0, g.coarse[0] - 2), g.coarse[1] + c.channels * (g.high + g.gap) - g.gap + 2]);
  }
  nodes.titles.coarse.classList.toggle("short", narrow);
}

/** The kernel's name stands beside it, on the side where there is room. */
function placeName(s) {
  if (s.plane) return reveal(s.nodes.titles.strip, true);
  const { places: g, c, sizes } = s;
  const from = g.strip[0] + s.window[1] * c.stride * g.cell;
  const to = from + sizes.reach * g.cell;
  const right = to + 22;
  const spot = s.width - right >= 56 ? right : from - 64 >= 0 ? from - 64 : null;
  reveal(s.nodes.titles.strip, spot !== null);
  if (spot !== null) put(s.nodes.titles.strip, [spot, g.strip[1] + 1]);
}

/** The window, and the one after it (or before the last one), which the stride leads to. */
function drawFrames(s) {
  const { nodes, places: g, c, plane, sizes, at } = s;
  const { m } = sizes;
  const [r, p] = s.window;
  const side = sizes.reach * g.cell;
  const high = plane ? side : c.channels * (g.high + g.gap) - g.gap;
  const corner = (row, column) => [g.fine[0] + column * c.stride * g.cell, g.fine[1] + (plane ? row * c.stride * g.cell : 0)];
  const group = plane ? 0 : groupOf(c, s.row);
  const tall = plane ? side : share(c) * (g.high + g.gap) - g.gap;
  const down = plane ? 0 : group * share(c) * (g.high + g.gap);
  const shifted = ([x, y]) => [x, y + down];
  reveal(nodes.frame, at.kind === "coarse");
  put(nodes.frame, shifted(corner(r, p)), [side, tall || high]);
  s.way = round(p) + 1 < m ? 1 : -1;
  s.still = s.window.every(Number.isInteger); // between two windows there is no next one
  reveal(nodes.ghost, m > 1 && s.still && at.kind === "coarse");
  put(nodes.ghost, shifted(corner(r, p + s.way)), [side, tall || high]);
}

const GRIP = 22;
/** Handles stand on what they change; where cells are too small for them, the buttons below remain. */
function drawGrips(s) {
  const { nodes, places: g, c, plane, sizes } = s;
  const start = g.fine[0] + s.window[1] * c.stride * g.cell;
  const [end, half] = [start + sizes.reach * g.cell, g.high / 2];
  const middle = g.fine[1] + (plane ? (sizes.length * g.cell) / 2 : half);
  const right = c.transposed ? g.coarse[0] + (sizes.m - 1) * g.pitch + g.cell : g.fine[0] + (sizes.lo + sizes.n) * g.cell;
  const low = c.transposed ? g.coarse[1] + (plane ? (sizes.m * g.cell) / 2 : half) : middle;
  const top = g.fine[1] + s.window[0] * c.stride * g.cell;
  const under = g.strip[1] + share(c) * (g.high - 2) + 7;
  const next = s.way > 0 ? end + (c.stride - (plane ? 0 : 0.5)) * g.cell : start - (c.stride - (plane ? 0 : 0.5)) * g.cell;
  const spots = {
    size: [right, low],
    padding: [g.fine[0] - 4, middle],
    taps: plane ? [g.strip[0] + c.taps * g.cell + 2, g.strip[1] + (c.taps * g.cell) / 2] : [end + 5, g.strip[1] + half - 3],
    dilation: plane ? [start + (c.dilation + 0.5) * g.cell, top] : [start + (c.dilation + 0.5) * g.cell, under],
    stride: plane ? [next, top + (sizes.reach * g.cell) / 2] : [next, under],
  };
  const window = s.at.kind === "coarse";
  const there = { dilation: c.taps > 1 && (window || !plane), stride: sizes.m > 1 && s.still && window };
  for (const [name, node] of Object.entries(nodes.grips)) {
    node.style.display = g.cell >= 16 && (there[name] ?? true) ? "" : "none";
    put(node, [spots[name][0] - GRIP / 2, spots[name][1] - GRIP / 2]);
  }
}

/** A small arrow head on a line from a to b, at a share of it; `way` from 1, towards b, to −1, towards a. */
export function headOn([ax, ay], [bx, by], at, way) {
  const length = hypot(bx - ax, by - ay) || 1;
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const [x, y] = [ax + at * (bx - ax), ay + at * (by - ay)];
  const point = (along, aside) => `${(x + along * ux - aside * uy).toFixed(1)} ${(y + along * uy + aside * ux).toFixed(1)}`;
  return `M${point(5 * way, 0)}L${point(-3 * way, 3.5)}L${point(-3 * way, -3.5)}Z`;
}

/** Lines by tap: which way their arrows point, and where on them, is a share of the turn. */
function wiresOf(s, links, shift = 0) {
  const { places: g, c } = s;
  const x = (q) => g.fine[0] + (q + 0.5) * g.cell;
  const way = wayOf(s);
  const bottom = g.fine[1] + (g.plane ? g.cell : c.channels * (g.high + g.gap) - g.gap);
  const drawn = upTo(c.taps, () => ["", ""]);
  for (const { p, j, q } of links) {
    const [from, to] = [[x(q + shift * c.stride), g.bend], [g.coarse[0] + (p + shift) * g.pitch + g.cell / 2, g.coarse[1]]];
    const tap = drawn[tapAt(j, c)];
    tap[0] += `M${from[0].toFixed(1)} ${bottom}V${g.bend}L${to[0].toFixed(1)} ${to[1]}`;
    tap[1] += headOn(from, to, 0.5 + 0.2 * way, way);
  }
  return drawn;
}

/** Which way the arrows point: 1 down to the coarse row, −1 up from it; between, they are being turned. */
const wayOf = (s) => cos(PI * (s.c.transposed ? s.turn : 1 - s.turn));

/** In the plane: the window narrows to its one sample; a sample's lines go to all its windows; a tap's are too many. */
function planeWires(s) {
  const { places: g, c, pairs } = s;
  const way = wayOf(s);
  const line = (a, b) => `M${a.map((v) => v.toFixed(1)).join(" ")}L${b.map((v) => v.toFixed(1)).join(" ")}`;
  const below = g.coarse[1] > g.fine[1] + s.sizes.length * g.cell; // on a phone
  const corner = ([left, top], [row, column]) => [left + column * g.cell, top + row * g.cell];
  const by = ([x, y], right, down) => [x + right * g.cell, y + down * g.cell];
  const drawn = upTo(c.taps ** 2, () => ["", ""]);
  const add = (own, from, to) => {
    own[0] += line(from, to);
    own[1] += headOn(from, to, 0.5 + 0.42 * way, way);
  };
  if (s.at.kind === "coarse") {
    const [from, to, side] = [corner(g.fine, s.window.map((place) => place * c.stride)), corner(g.coarse, s.window), s.sizes.reach];
    for (const end of [0, 1]) {
      if (below) add(drawn[0], by(from, end * side, side), by(to, end, 0));
      else add(drawn[0], by(from, side, end * side), by(to, 0, end));
    }
  } else if (s.at.kind === "fine") {
    for (const pair of pairs) {
      const ends = below ? [by(corner(g.fine, pair.q), 0.5, 1), by(corner(g.coarse, pair.p), 0.5, 0)] : [by(corner(g.fine, pair.q), 1, 0.5), by(corner(g.coarse, pair.p), 0, 0.5)];
      add(drawn[tapIndex(pair.tap, c, true)], ...ends);
    }
  }
  return drawn;
}

function drawWires(s) {
  const { nodes, plane, at } = s;
  const show = (layer, wires, part) => nodes.layers[layer](wires.length).forEach((path, tap) => {
    update(path, { d: wires[tap][part] });
    path.style.setProperty("--hue", hueOf(tap));
  });
  const faint = plane ? [] : wiresOf(s, s.faint);
  show("faint", faint, 0);
  show("faintHeads", faint, 1);
  let lit;
  if (plane) lit = planeWires(s);
  else {
    const once = new Map(s.pairs.map((pair) => [`${pair.p[1]} ${pair.q[1]}`, { p: pair.p[1], q: pair.q[1], j: tapAt(pair.tap[1], s.c) }]));
    lit = wiresOf(s, once.values(), at.kind === "coarse" ? s.window[1] - at.i : 0);
  }
  update(nodes.svg, { class: `wires${plane && at.kind === "coarse" ? " funnel" : ""}` });
  show("lit", lit, 0);
  show("litHeads", lit, 1);
}

function drawWords(s) {
  const { view, nodes, at, c, plane } = s;
  const window = windowWords(at.r, at.i, c, plane);
  const first = s.heat ? heatWords(s) : c.channels > 1 ? "" : `${lead(c, plane)} `;
  const about = at.rest ? [[first], ...(s.heat ? [] : window)] : words(at, c, plane);
  const said = s.why ? [[because(s.why), "why"]] : about;
  nodes.pieces(said.length).forEach((node, k) => {
    const [text, tap] = said[k];
    say(node, text);
    update(node, { class: tap === "why" ? "why" : tap === undefined ? "" : "term" });
    node.style.setProperty("--hue", Number.isInteger(tap) ? hueOf(tap) : 0);
  });
  const formula = formulaOf(c);
  nodes.terms(formula.length).forEach((node, k) => {
    say(node, formula[k][0]);
    update(node, { class: formula[k][1] ? `of-${formula[k][1]}` : "" });
  });
  say(nodes.code, codeOf(c, plane));
  const sizes = `${many(s.sizes.out, "output")}${plane ? " along each axis" : ""}.`;
  view.aloud(s.why || !at.rest ? nodes.head.textContent : `${sizes} ${nodes.head.textContent}`);
}

/** What the numbers of the heat map count. */
function heatWords(s) {
  const { c, plane, sizes } = s;
  const counts = s.visits.slice(sizes.lo, sizes.lo + sizes.n).map((count) => (plane ? count ** 2 : count * share(c)));
  const [least, most] = [min(...counts), max(...counts)];
  const span = least === most ? `${most}` : `from ${least} to ${most}`;
  const stamps = stampsOf(c);
  const inside = stamps.flatMap((a) => (plane ? stamps.map((b) => a * b) : [a * share(c)]));
  const turns = [...new Set(inside)].sort((a, b) => a - b);
  const even = least === most ? span : `${most} away from the ends`;
  const uneven = `${turns.slice(0, -1).join(", ")} and ${turns.at(-1)} by turns away from the ends: a checkerboard`;
  return c.transposed ? `Each number counts the stamps that an output gets: ${turns.length > 1 ? uneven : even}.` : `Each number counts the windows that a sample enters: ${span}.`;
}

function drawControls(s) {
  const { controls, c, view } = s;
  for (const { name, value, box, fewer, more } of controls.steppers) {
    const rim = name === "padding" && c.pad !== "number";
    say(value, rim ? `${s.sizes.lo}+${s.sizes.hi}` : String(c[name]));
    value.classList.toggle("both", rim);
    box.hidden = name === "output_padding" ? !c.transposed : ["channels", "groups"].includes(name) && !s.rich;
    for (const [button, by] of [[fewer, -1], [more, 1]]) {
      const blocked = towards(rim ? { ...c, pad: "number" } : c, name, c[name] + by).why !== "";
      update(button, { "aria-disabled": blocked });
    }
  }
  for (const { name, node } of controls.pickers) node.value = c[name];
  for (const radio of controls.axes.radios) radio.checked = (radio.value === "plane") === s.plane;
  update(controls.turn, { "aria-pressed": c.transposed });
  for (const [part, node] of [["picture", s.nodes.stage], ["words", s.nodes.words], ["formula", s.nodes.formula], ["controls", s.nodes.controls], ["code", s.nodes.line]]) {
    node.style.display = view.shows(part) ? "" : "none";
  }
  controls.scrub.limit(0, s.last);
  reveal(s.nodes.hint, s.at.rest && view.foot.querySelector(".reset").dataset.shown !== "yes");
}

function draw(s) {
  if (!s.width) return;
  compute(s);
  texts(s);
  place(s);
  placeName(s);
  drawTables(s);
  drawAll(s);
  drawFrames(s);
  drawGrips(s);
  drawWires(s);
  drawWords(s);
  drawControls(s);
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** The window stays where there is one. */
function settled(s) {
  if (!s.width) return;
  compute(s);
  if (s.view.get("t") > s.last) s.view.set("t", s.last);
}

/** Settings become what they can be; what stopped them is said. */
function apply(s, { now, why }) {
  s.applying = true; // what is between the old settings and the new ones is nobody's
  for (const name of SETTINGS) if (s.view.get(name) !== now[name]) s.view.set(name, now[name]);
  s.applying = false;
  settled(s);
  s.why = why;
  s.view.send();
  draw(s);
}

/** One setting takes a value, or the sentence says why not. */
function choose(s, name, value) {
  const next = { ...s.c, [name]: value };
  const why = refusal(next);
  apply(s, why ? { now: s.c, why } : { now: next, why });
}

/** A step of a setting; padding by a number is what a step of padding asks for. */
function step(s, name, to, from = s.c) {
  const start = name === "padding" && from.pad !== "number" ? { ...from, pad: "number" } : from;
  if (start !== from && refusal(start)) return apply(s, { now: from, why: refusal(start) });
  apply(s, towards(start, name, to));
}

function turn(s) {
  const next = turned(s.c);
  s.turn = next.why ? 1 : 0;
  apply(s, next);
  if (next.why) return;
  s.turning.run((part) => {
    s.turn = part;
    draw(s);
  });
}

async function copyCode(s) {
  const { copy, code } = s.nodes;
  try {
    await navigator.clipboard.writeText(code.textContent);
    say(copy, "Copied");
    s.forget();
  } catch {
    getSelection().selectAllChildren(code); // then the reader's own keys copy it
  }
}

/** Drag what is meant: the input's edge, the kernel's edge, a tap, the next window, the rim. */
function hands(s) {
  const units = {
    size: () => (s.c.transposed ? s.places.pitch : s.places.cell),
    taps: () => (s.plane ? 1 : s.c.dilation) * s.places.cell,
    dilation: () => s.places.cell,
    stride: () => s.way * s.places.cell,
    padding: () => -s.places.cell,
  };
  for (const [name, node] of Object.entries(s.nodes.grips)) {
    handle(s.view, node, [...SETTINGS, "t"], {
      axis: "x",
      press: () => ({ c: s.c, unit: units[name]() }),
      drag: (_, held, by) => step(s, name, clamp(held.c[name] + round(by.x / held.unit), BOUNDS[name][0] - 1, BOUNDS[name][1] + 1), held.c),
      cancel: () => (s.why = ""),
    });
  }
}

const SYMBOLS = { size: "n", taps: "k", stride: "s", padding: "p", dilation: "d", output_padding: "" };
/** A list that refuses, in words, what cannot be. */
function picker(s, name, label, options) {
  const id = uniqueId(name);
  const node = element("select", { id, onchange: () => choose(s, name, node.value) }, ...Object.entries(options).map(([value, text]) => element("option", { value }, text)));
  return { name, node, box: element("div", { class: "picker" }, element("label", { for: id }, label), node) };
}

function axesSwitch(s) {
  const group = uniqueId("axes");
  const radios = ["line", "plane"].map((value) => element("input", { type: "radio", name: group, value, onchange: () => choose(s, "axes", value) }));
  const labels = radios.map((radio) => element("label", {}, radio, radio.value === "line" ? "1-D" : "2-D"));
  return { radios, box: element("fieldset", {}, element("legend", { class: "quiet" }, "axes"), element("div", { class: "segments" }, ...labels)) };
}

function controlsOf(s) {
  const { view } = s;
  const shown = { ...view, get: (trait) => (trait === "t" ? clamp(view.get("t"), 0, s.last) : view.get(trait)) };
  const name = (t) => (s.plane ? coarseName([floor(round(t) / s.sizes.m), round(t) % s.sizes.m], s.c, true) : coarseName([s.row, round(t)], s.c, false));
  const scrub = player(shown, "t", "window", { low: 0, high: s.last, step: 0.05, words: name, spoken: (t) => `window of ${name(t)}`, start: 0, stride: 1, speed: 1.2 });
  keys(scrub.node, { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }, (by) => {
    scrub.stop();
    const now = shown.get("t");
    view.set("t", clamp(by > 0 ? floor(now) + 1 : ceil(now) - 1, 0, s.last));
  });
  const steppers = Object.keys(BOUNDS).map((trait) => stepper(trait, trait.replace("_", " "), SYMBOLS[trait], (by) => step(s, trait, s.c[trait] + by)));
  const pickers = [
    picker(s, "pad", "pad by", { number: "number", same: "same", causal: "causal" }),
    picker(s, "operation", "kernel", { correlation: "as it is ⋆", convolution: "turned ∗" }),
  ];
  const axes = axesSwitch(s);
  const turner = element("button", { type: "button", class: "turn", onclick: () => turn(s) }, "⇅ Turn it round");
  const heat = check(view, "heat", "heat map");
  const table = element("div", { class: "steppers" }, ...steppers.map(({ box }) => box));
  const more = element("div", { class: "choices" }, turner, axes.box, heat.box, ...pickers.map(({ box }) => box));
  s.nodes.controls = element("div", { class: "settings", "data-look": true }, scrub.box, table, more);
  return { scrub, steppers, pickers, axes, turn: turner };
}

/** Prose: look at "y2", "x3", "w1" in a line, with a channel "y1,2"; at "y1,2" in the plane; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, which, a, b] = /^([xyw])(\d+)(?:,(\d+))?$/.exec(value) ?? [];
  s.look.letGo();
  if (!which) return;
  const i = Number(b ?? a);
  const r = s.plane || s.c.channels > 1 ? Number(b === undefined && !s.plane ? 0 : a) : 0;
  const fine = which === (s.c.transposed ? "y" : "x");
  if (which === "w") s.look.pin({ kind: "tap", r, i });
  else if (!fine) s.look.pin({ kind: "coarse", r, i });
  else s.look.pin({ kind: "fine", r: s.plane ? r + s.sizes.lo : r, i: i + s.sizes.lo });
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "conv-arithmetic", { traits: [...SETTINGS, "t", "heat"] });
  const s = { view, width: 0, row: 0, turn: 1, why: "", rich: view.get("channels") > 1 };
  const ask = view.frame(() => draw(s));
  const names = () => (s.c?.transposed ? { fine: "output", coarse: "input", tap: "weight" } : { fine: "input", coarse: "output", tap: "weight" });
  const changed = () => {
    s.why = "";
    ask();
  };
  s.look = looking(view, changed, { same: (a, b) => a.kind === b.kind && a.r === b.r && a.i === b.i && a.o === b.o, name: (at) => names()[at?.kind] ?? "" });
  s.turning = view.tween(700);
  s.forget = whenQuiet(() => say(s.nodes.copy, "Copy"), 2000);
  view.until(s.forget.cancel);
  s.nodes = scene(s);
  view.foot.prepend((s.nodes.hint = element("span", { class: "hint" }, "Touch a cell, or drag a handle.")));
  compute(Object.assign(s, { width: 337 })); // for the controls' first words; the width comes when it is shown
  s.width = 0;
  s.controls = controlsOf(s);
  hands(s);
  view.on(SETTINGS, () => {
    s.why = "";
    s.rich ||= view.get("channels") > 1;
    if (!s.applying) settled(s);
    ask();
  });
  view.on(["t"], () => {
    s.why = "";
    s.look.letGo(); // who moves the window wants to see it
    ask();
  });
  view.on(["heat", "show"], ask);
  view.onReset(() => s.turning.stop());
  view.obeys({ look: (order) => lookAt(s, order), turn: () => turn(s) });
  view.widths(s.nodes.stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(s.nodes.stage, s.nodes.words, s.nodes.formula, s.nodes.controls, s.nodes.line);
  return view.end;
}

export default { render };
