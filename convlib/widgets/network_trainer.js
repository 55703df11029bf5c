import { colorsOf, signed } from "./js/canvas.js";
import { cells } from "./js/cells.js";
import { check, player, segments, slider } from "./js/controls.js";
import { element, reveal, say, uniqueId, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, format } from "./js/numbers.js";
import { handle, looking } from "./js/pointer.js";

const { max, min, floor, round, exp, log, log10, sqrt, imul } = Math;
const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const argmax = (values) => values.reduce((best, v, i) => (v > values[best] ? i : best), 0);

// ---- the maths: pure functions, held against NumPy by tests/js/test_network_trainer.py ------------------------------
// Constants as in small_network.py.  All that is learned is one row of numbers: eight filters of nine taps, their
// biases, the linear layer's weights (for each class eight pooled maps of 4 × 4), a number for each class.

export const [SIDE, POOLED, TAPS, FILTERS] = [8, 4, 3, 8];
export const [LEARN, HELD_OUT, INK, BATCH] = [1000, 300, 15, 32];
export const [PROBE, EVERY, ENOUGH, MOMENTUM, MOST] = [300, 10, 1e6, 0.9, 1000];
export const SEEDS = { weights: 1, labels: 2, strokes: 3 };
export const CLASSES = { digits: "0123456789", strokes: "─│╱╲", shuffled: "0123456789" };
const [RIM, PIXELS, NINE, CELLS, SHOWN] = [SIDE + 2, SIDE * SIDE, TAPS * TAPS, POOLED * POOLED, 10];
const [BIAS, WEIGHT] = [FILTERS * NINE, FILTERS * NINE + FILTERS]; // where biases and weights begin
const FEATURES = FILTERS * CELLS;

/** Ettinger's generator: each call gives the next number from 0 to below 1. */
export function mulberry32(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = imul(a ^ (a >>> 15), 1 | a);
    t ^= t + imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Digits and labels from four bits each. */
export function unpacked(bytes) {
  const values = new Uint8Array(2 * bytes.length);
  bytes.forEach((pair, i) => ([values[2 * i], values[2 * i + 1]] = [pair >> 4, pair & 15]));
  const count = (LEARN + HELD_OUT) * PIXELS;
  return { pictures: values.slice(0, count), labels: values.slice(count) };
}

/** Noisy bars of four or five pixels, wherever they fit: lying, upright, rising and falling, in turn. */
export function strokes() {
  const random = mulberry32(SEEDS.strokes);
  const pictures = new Uint8Array((LEARN + HELD_OUT) * PIXELS);
  const labels = Uint8Array.from({ length: LEARN + HELD_OUT }, (_, n) => n % 4);
  labels.forEach((label, n) => {
    const noise = upTo(PIXELS, random);
    const [longer, down, across] = upTo(3, random);
    const long = 4 + floor(2 * longer);
    const row = floor(down * (SIDE + 1 - (label === 0 ? 1 : long)));
    const column = floor(across * (SIDE + 1 - (label === 1 ? 1 : long)));
    noise.forEach((v, i) => (pictures[n * PIXELS + i] = floor(6 * v)));
    for (let t = 0; t < long; t += 1) {
      const at = (row + [0, t, long - 1 - t, t][label]) * SIDE + column + [t, 0, t, t][label];
      pictures[n * PIXELS + at] = 8 + floor(8 * noise[at]);
    }
  });
  return { pictures, labels };
}

/** What there is to learn: pictures, those with a rim of zeros from 0 to 1, labels, how many classes. */
export function taskOf(data, bytes) {
  const { pictures, labels } = data === "strokes" ? strokes() : unpacked(bytes);
  if (data === "shuffled") {
    const random = mulberry32(SEEDS.labels);
    for (let n = 0; n < LEARN; n += 1) labels[n] = floor(10 * random());
  }
  const padded = new Float64Array(labels.length * RIM * RIM);
  pictures.forEach((ink, i) => {
    const [n, row, column] = [floor(i / PIXELS), floor(i / SIDE) % SIDE, i % SIDE];
    padded[n * RIM * RIM + (row + 1) * RIM + column + 1] = ink / INK;
  });
  return { data, pictures, padded, labels, classes: CLASSES[data].length };
}

/** Before the first step: uniform between ±1/√n, where n numbers flow into one. */
export function startOf(classes) {
  const random = mulberry32(SEEDS.weights);
  const bound = (i) => (i < WEIGHT ? 1 / TAPS : 1 / sqrt(FEATURES));
  return Float64Array.from({ length: WEIGHT + classes * (FEATURES + 1) }, (_, i) => bound(i) * (2 * random() - 1));
}

/** The largest of a filter's four outputs that are pooled into each cell, and where its window begins. */
function pool(P, padded, first, f, features, places) {
  // One number a line: arrays made and taken apart in here would cost more than all the products.
  const at = f * NINE;
  const w0 = P[at];
  const w1 = P[at + 1];
  const w2 = P[at + 2];
  const w3 = P[at + 3];
  const w4 = P[at + 4];
  const w5 = P[at + 5];
  const w6 = P[at + 6];
  const w7 = P[at + 7];
  const w8 = P[at + 8];
  const bias = P[BIAS + f];
  for (let k = 0; k < CELLS; k += 1) {
    const corner = first + 2 * (k >> 2) * RIM + 2 * (k & 3);
    let most = -Infinity;
    let place = corner;
    for (let q = 0; q < 4; q += 1) {
      const i = corner + (q >> 1) * RIM + (q & 1);
      const j = i + RIM;
      const l = j + RIM;
      const upper = w0 * padded[i] + w1 * padded[i + 1] + w2 * padded[i + 2];
      const middle = w3 * padded[j] + w4 * padded[j + 1] + w5 * padded[j + 2];
      const value = upper + middle + w6 * padded[l] + w7 * padded[l + 1] + w8 * padded[l + 2] + bias;
      if (value > most) {
        most = value;
        place = i;
      }
    }
    features[f * CELLS + k] = most; // before ReLU: the same one is the largest after it
    places[f * CELLS + k] = place;
  }
}

const scratch = (classes) => ({ features: new Float64Array(FEATURES), places: new Int32Array(FEATURES), scores: new Float64Array(classes) });

/** Features and scores of one picture, into what `scratch` has made. */
function forward(P, { padded, classes }, n, { features, places, scores }) {
  for (let f = 0; f < FILTERS; f += 1) pool(P, padded, n * RIM * RIM, f, features, places);
  for (let k = 0; k < FEATURES; k += 1) if (!(features[k] > 0)) features[k] = features[k] <= 0 ? 0 : NaN;
  for (let c = 0; c < classes; c += 1) {
    const first = WEIGHT + c * FEATURES;
    let score = P[WEIGHT + classes * FEATURES + c];
    for (let k = 0; k < FEATURES; k += 1) score += P[first + k] * features[k];
    scores[c] = score;
  }
}

/** Softmax: scores as positive numbers that add up to 1. */
export function shares(scores) {
  const most = scores.reduce((a, b) => max(a, b));
  const powers = scores.map((v) => exp(v - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

/** Minus the logarithm of the share that a picture's own class has. */
function lossOf(scores, label) {
  const most = scores.reduce((a, b) => max(a, b));
  return log(scores.reduce((sum, v) => sum + exp(v - most), 0)) - (scores[label] - most);
}

/** The scores of one picture. */
export function scoresOf(P, task, n) {
  const made = scratch(task.classes);
  forward(P, task, n, made);
  return made.scores;
}

/** A filter's 8 × 8 outputs on one picture, after ReLU. */
export function mapOf(P, { padded }, n, f) {
  const window = (i, k) => padded[n * RIM * RIM + (floor(i / SIDE) + floor(k / TAPS)) * RIM + (i % SIDE) + (k % TAPS)];
  return Float64Array.from({ length: PIXELS }, (_, i) => {
    let sum = P[BIAS + f];
    for (let k = 0; k < NINE; k += 1) sum += P[f * NINE + k] * window(i, k);
    return max(0, sum);
  });
}

/** One picture's share of a batch: its slopes added to G; gives its loss. */
function backward(P, task, n, count, made, G) {
  const { classes, padded, labels } = task;
  forward(P, task, n, made);
  const { features, places, scores } = made;
  const error = shares(scores).map((share, c) => (share - (c === labels[n])) / count);
  for (let c = 0; c < classes; c += 1) {
    const first = WEIGHT + c * FEATURES;
    for (let k = 0; k < FEATURES; k += 1) G[first + k] += error[c] * features[k];
    G[WEIGHT + classes * FEATURES + c] += error[c];
  }
  for (let k = 0; k < FEATURES; k += 1) {
    if (!(features[k] > 0)) continue; // no slope flows back where ReLU gives 0
    let back = 0;
    for (let c = 0; c < classes; c += 1) back += error[c] * P[WEIGHT + c * FEATURES + k];
    const [f, i] = [floor(k / CELLS), places[k]];
    G[BIAS + f] += back;
    for (let t = 0; t < NINE; t += 1) G[f * NINE + t] += back * padded[i + floor(t / TAPS) * RIM + (t % TAPS)];
  }
  return lossOf(scores, labels[n]);
}

/** The loss of the batch that step n is made from, and its slope along every number. */
export function slopesOf(P, task, examples, n, G = new Float64Array(P.length), made = scratch(task.classes)) {
  const count = min(BATCH, examples);
  G.fill(0);
  let loss = 0;
  for (let j = 0; j < count; j += 1) loss += backward(P, task, (n * count + j) % examples, count, made, G);
  return { loss: loss / count, G };
}

/** The mean loss of pictures, and how many of them are right. */
export function evaluated(P, task, first, count) {
  const made = scratch(task.classes);
  let [loss, right] = [0, 0];
  for (let n = first; n < first + count; n += 1) {
    forward(P, task, n, made);
    loss += lossOf(made.scores, task.labels[n]);
    right += argmax(made.scores) === task.labels[n];
  }
  return [loss / count, right];
}

/** The step, then loss and number of right ones of the training pictures and of those held out. */
export const rowOf = (P, task, examples, step) => [step, ...evaluated(P, task, 0, min(examples, PROBE)), ...evaluated(P, task, LEARN, HELD_OUT)];

/** A run at its start.  It keeps what it was every ten steps, to go back to, and what it was asked about in between. */
export function begun(task, examples, rate, momentum) {
  const P = startOf(task.classes);
  const V = new Float64Array(P.length);
  const kept = [{ P: P.slice(), V: V.slice() }];
  return { task, examples, rate, momentum, made: 0, P, V, kept, losses: [], curve: [rowOf(P, task, examples, 0)], stopped: null, between: new Map(), rows: new Map(), room: [new Float64Array(P.length), scratch(task.classes)] };
}

/** v ← μ v + g, then θ ← θ − η v; false if the loss is no number, or beyond all bounds. */
function stepped(run, P, V, n, losses) {
  const { loss, G } = slopesOf(P, run.task, run.examples, n, ...run.room);
  if (!(loss <= ENOUGH)) return false;
  const keep = run.momentum ? MOMENTUM : 0;
  for (let i = 0; i < P.length; i += 1) {
    V[i] = keep * V[i] + G[i];
    P[i] -= run.rate * V[i];
  }
  losses?.push(loss);
  return true;
}

/** Train on, at most to step `goal` and at most `most` steps. */
export function advance(run, goal, most = Infinity) {
  const end = min(goal, run.made + most);
  while (run.made < end && run.stopped === null) {
    if (!stepped(run, run.P, run.V, run.made, run.losses)) run.stopped = run.made;
    else if ((run.made += 1) % EVERY === 0) {
      run.kept.push({ P: run.P.slice(), V: run.V.slice() });
      run.curve.push(rowOf(run.P, run.task, run.examples, run.made));
    }
  }
  return run;
}

/** All numbers as they were at a step that has been made: from the last one that was kept, once more. */
export function networkAt(run, n) {
  if (n === run.made) return run.P;
  if (run.between.has(n)) return run.between.get(n);
  const [P, V] = [run.kept[floor(n / EVERY)].P.slice(), run.kept[floor(n / EVERY)].V.slice()];
  for (let k = n - (n % EVERY); k < n; k += 1) stepped(run, P, V, k);
  run.between.set(n, P);
  return P;
}

/** Rows of the curve up to a step, and that step's own. */
export function curveAt(run, n, P) {
  const rows = run.curve.slice(0, floor(n / EVERY) + 1);
  if (n % EVERY === 0) return rows;
  if (!run.rows.has(n)) run.rows.set(n, rowOf(P, run.task, run.examples, n));
  return [...rows, run.rows.get(n)];
}

/** Which filters no training picture makes positive anywhere. */
export function deadFilters(P, { padded }, examples) {
  const { features, places } = scratch(1);
  const lives = (f) => {
    for (let n = 0; n < examples; n += 1) {
      pool(P, padded, n * RIM * RIM, f, features, places);
      for (let k = 0; k < CELLS; k += 1) if (features[f * CELLS + k] > 0) return true;
    }
    return false;
  };
  return upTo(FILTERS, (f) => f).filter((f) => !lives(f));
}

// Rates on the slider: twenty to a decade, with two digits; so many training pictures.
export const RATES = [-60, 20];
export const rateAt = (place) => Number((10 ** (place / 20)).toPrecision(2));
export const placeOf = (rate) => clamp(20 * log10(rate), ...RATES);
export const EXAMPLES = [10, 20, 50, 100, 200, 500, 1000];
export const examplesAt = (place) => EXAMPLES[clamp(round(place), 0, EXAMPLES.length - 1)];
export function examplesPlace(examples) {
  const above = max(1, EXAMPLES.findIndex((value) => value >= examples));
  const [low, high] = [EXAMPLES[above - 1], EXAMPLES[above]];
  return above - 1 + log(examples / low) / log(high / low);
}

const NARROW = 560; // pixels: below it the panels stand one below the other

/** Where the panels stand: left, top, width, height of each; tile and gap; the same as in network_trainer.py. */
export function layout(width, shown) {
  const [title, narrow] = [19, width < NARROW];
  const boxes = {};
  const gap = narrow ? 20 : 12;
  const tile = narrow ? min(56, floor((width - 3 * gap) / 4)) : 64;
  const across = 4 * (tile + gap) - gap;
  const beside = !narrow && shown.includes("filters") && shown.includes("loss");
  let top = 0;
  if (shown.includes("filters")) {
    const left = beside ? 0 : floor((width - across) / 2);
    boxes.filters = [left, top, across, title + 2 * (tile + 19)];
    if (!beside) top += boxes.filters[3] + 6;
  }
  if (shown.includes("loss")) {
    const left = beside ? across + 34 : 0;
    boxes.loss = [left, top, width - left, title + (narrow ? 112 : 128) + 38];
    top += boxes.loss[3] + 6;
  }
  const apart = narrow ? 4 : 10;
  const small = min(68, floor((width - 9 * apart) / 10));
  if (shown.includes("pictures")) boxes.pictures = [floor((width - 10 * small - 9 * apart) / 2), top, 10 * small + 9 * apart, title + small + 22];
  return { boxes, tile, gap, small, apart, height: max(0, ...Object.values(boxes).map((box) => box[1] + box[3])) };
}

// ---- the words ---------------------------------------------------------------------------------------------------

const NAMES = { "─": "lying stroke", "│": "upright stroke", "╱": "rising stroke", "╲": "falling stroke" };
const nameOf = (written) => NAMES[written] ?? written;
export const percent = (part, of = 1) => `${floor((100 * part) / of + 0.5)}\u00a0%`;
/** A loss with two digits after the point, or, if it is small, three. */
export const lossWords = (loss) => format(loss, loss < 0.0095 ? 3 : 2);
const rounded = (rate) => brief(rate, 4);
const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const listed = (numbers) => (numbers.length > 1 ? `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}` : `${numbers[0]}`);

/** Where the held-out loss was least, if it has grown since while the training loss fell; or null. */
export function turnedUp(curve) {
  const least = curve.reduce((best, row) => (row[3] < best[3] ? row : best));
  const now = curve.at(-1);
  const grown = now[3] >= 1.1 * least[3] && now[3] >= least[3] + 0.03;
  return grown && now[1] < least[1] ? least : null;
}

/** What the present state shows. */
export function sentence({ data, examples, rate, steps, stopped, curve, dead }) {
  const [first, now, probe] = [curve[0], curve.at(-1), min(examples, PROBE)];
  const [known, held] = [percent(now[2], probe), percent(now[4], HELD_OUT)];
  const things = data === "strokes" ? "strokes" : "digits";
  if (stopped !== null && steps >= stopped) return `At rate ${rounded(rate)} each step overshoots by more than it corrects: after ${counted(stopped, "step")} the loss is beyond all bounds, and the run is stopped.`;
  if (steps === 0) return `Eight filters of random numbers: the network guesses, and ${held} of the held-out ${things} are right. Press Play.`;
  if (dead.length === FILTERS) return `All eight filters are dead: steps at rate ${rounded(rate)} threw them so far that no training picture makes any of them positive. No slope reaches them.`;
  if (data === "shuffled") {
    if (now[2] > 0.2 * probe) return `The labels were drawn at random: ${known} of ${probe} training pictures are right, learned by heart. Of the held-out digits ${held} are; chance is 10\u00a0%.`;
    return `The labels were drawn at random: ${known} of ${probe} training pictures and ${held} of the held-out digits are right; chance is 10\u00a0%. Fewer pictures are soon learned by heart.`;
  }
  const least = turnedUp(curve);
  if (least) return `Since step ${least[0]} the held-out loss has grown from ${lossWords(least[3])} to ${lossWords(now[3])}, while the training loss fell to ${lossWords(now[1])}: the network learns its ${examples} pictures by heart.`;
  if (dead.length) {
    const which = dead.length > 1 ? `Filters ${listed(dead)} are dead: no training picture makes them positive, so no slope reaches them.` : `Filter ${dead[0]} is dead: no training picture makes it positive, so no slope reaches it.`;
    return `${which} ${held} of the held-out ${things} are right.`;
  }
  if (rate <= 0.05 && steps >= 20 && now[1] > 0.9 * first[1]) return `At rate ${rounded(rate)} the steps are so small that ${steps} of them took the training loss only from ${lossWords(first[1])} to ${lossWords(now[1])}.`;
  return `After ${counted(steps, "step")} ${held} of the held-out ${things} are right. Nobody wrote these filters: they formed. Touch one, or a ${things.slice(0, -1)}.`;
}

/** One picture: what the network answers, and how sure it is. */
export function pictureWords(given, label, written) {
  const answer = argmax(given);
  const sure = `${nameOf(written[answer])} with ${percent(given[answer])}`;
  const verdict = answer === label ? `The answer is ${sure}: right.` : `The answer is ${sure}: wrong. The ${nameOf(written[label])} that it is gets ${percent(given[label])}.`;
  return `${verdict} Above, where each filter fires in it: the linear layer adds these maps up, pooled.`;
}

/** One filter on the ten pictures: where it fires hardest; a dead one may still fire in what it has not learned from. */
export function filterWords(f, maps, dead, labels, written) {
  const tops = maps.map((map) => map.reduce((a, b) => max(a, b)));
  const n = argmax(tops);
  if (dead) {
    const still = tops.flatMap((top, k) => (top > 0 ? [k] : []));
    const but = still.length ? ` It still fires in picture${still.length > 1 ? "s" : ""} ${listed(still)}, held out.` : "";
    return `Filter ${f} is dead: it is below zero everywhere in every training picture, ReLU makes that 0, and no slope reaches it.${but}`;
  }
  if (!(tops[n] > 0)) return `Filter ${f} fires nowhere in these ten pictures.`;
  const at = maps[n].indexOf(tops[n]);
  return `Filter ${f} fires where the pictures are green: hardest in picture ${n}, the ${nameOf(written[labels[n]])}, at row ${floor(at / SIDE)}, column ${at % SIDE}: ${format(tops[n], 2)}.`;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const letter = (text) => element("i", {}, text);

/** A small picture of so many pixels; `paint(values, colors, largest)` has both signs in their colours. */
function dots(kind, size) {
  const node = element("canvas", { class: kind, width: size, height: size, "aria-hidden": "true" });
  const context = node.getContext("2d", { willReadFrequently: true }); // so few pixels need no graphics card
  const image = context.createImageData(size, size);
  return {
    node,
    paint(values, colors, largest) {
      signed(values, colors, largest)(image.data);
      context.putImageData(image, 0, 0);
    },
  };
}

const spokenTaps = (s, f) => upTo(NINE, (k) => format(s.P[f * NINE + k], 2)).join(", ");

/** The eight filters; while a picture is looked at, their maps on it. */
function filtersScene(s) {
  const spoken = (i, j) => {
    const f = 4 * i + j;
    return `filter ${f}${s.dead.includes(f) ? ", dead" : ""}: ${spokenTaps(s, f)}`;
  };
  const grid = cells("The eight filters; arrow keys move, Enter pins", { look: s.look, what: (i, j) => ({ kind: "filter", i: 4 * i + j }), spoken });
  const tiles = grid.shape(2, 4).flat().map((cell) => {
    const [taps, ink, map] = [dots("taps", TAPS), dots("ink", SIDE), dots("map", SIDE)];
    const tile = element("div", { class: "tile" }, ink.node, map.node, taps.node, element("div", { class: "hatch" }));
    const note = element("div", { class: "note" });
    cell.append(tile, note);
    return { cell, taps, ink, map, note };
  });
  const name = element("p", { class: "title" });
  return { box: element("div", { class: "pane filters", "data-part": "filters" }, name, grid.node), name, tiles };
}

/** Ten held-out pictures with the network's answers. */
function picturesScene(s) {
  const spoken = (_, n) => {
    const { label, answer } = s.answers[n];
    const written = CLASSES[s.data];
    return `picture ${n}, ${nameOf(written[label])}: the answer is ${nameOf(written[answer])}, ${answer === label ? "right" : "wrong"}`;
  };
  const grid = cells("Ten held-out pictures; arrow keys move, Enter pins", { look: s.look, what: (_, i) => ({ kind: "picture", i }), spoken });
  const tiles = grid.shape(1, SHOWN).flat().map((cell) => {
    const [ink, map, ring] = [dots("ink", SIDE), dots("map", SIDE), element("div", { class: "ring" })];
    const answer = element("div", { class: "answer" });
    cell.append(element("div", { class: "tile" }, ink.node, map.node, ring), answer);
    return { cell, ink, map, ring, answer };
  });
  const name = element("p", { class: "title" });
  return { box: element("div", { class: "pane pictures", "data-part": "pictures" }, name, grid.node), name, tiles };
}

const text = (attributes, ...words) => element("text", attributes, ...words);

/** The loss over the steps; while a picture is looked at, the shares of its classes. */
function lossScene(s) {
  const clip = uniqueId("clip");
  const frame = element("rect");
  const names = ["before-known", "before-held", "later-known", "later-held", "known", "held"];
  const paths = Object.fromEntries(names.map((name) => [name, element("path", { class: name })]));
  const [rules, marks, guess] = [element("path", { class: "rules" }), element("g", { class: "marks" }), element("path", { class: "guess" })];
  const [grey, guessing, over] = [text({ class: "grey", "text-anchor": "end" }), text({ class: "guessing", "text-anchor": "end" }, "guessing"), text({ class: "over" })];
  const spots = { known: element("circle", { class: "spot known", r: 4.5 }), held: element("rect", { class: "spot held", width: 9, height: 9 }) };
  const plot = element("g", { "clip-path": `url(#${clip})` }, ...Object.values(paths));
  const curves = element("g", { class: "curves" }, element("clipPath", { id: clip }, frame), rules, guess, guessing, plot, spots.known, spots.held, grey, over);
  const bars = upTo(SHOWN, () => ({ bar: element("rect", { class: "bar", rx: 2 }), share: text({ class: "share", "text-anchor": "middle" }), name: text({ class: "class", "text-anchor": "middle" }) }));
  const columns = element("g", { class: "columns" }, ...bars.flatMap(({ bar, share, name }) => [bar, share, name]));
  const ticks = element("g", { class: "ticks" });
  const svg = element("svg", { role: "img" }, ticks, marks, curves, columns);
  const surface = element("div", { class: "surface", "data-look": true });
  const [known, held, scores] = ["legend known", "legend held", "scores"].map((kind) => element("span", { class: kind }));
  const name = element("p", { class: "title" }, known, held, scores);
  update(s.scrub.node, { "aria-label": "steps taken", "data-look": true });
  const box = element("div", { class: "pane loss", "data-part": "loss" }, name, element("div", { class: "plot" }, svg, surface, s.scrub.node));
  return { box, known, held, scores, svg, frame, rules, marks, ticks, guess, guessing, grey, over, spots, bars, surface, paths };
}

/** The run that the settings ask for: the present one, the one before, or a new one. */
function choose(s) {
  const [data, examples, rate, momentum] = ["data", "examples", "rate", "momentum"].map(s.view.get);
  const key = [data, examples, rate, momentum].join(" ");
  if (s.key === key) return;
  // What never got to where the reader was, a rate that the slider slid over, say, is no run to compare with.
  const old = s.run && !s.busy && s.run.made ? { run: s.run, key: s.key, steps: s.n } : s.before;
  const found = s.before?.key === key ? s.before.run : null;
  const task = (s.tasks[data] ??= taskOf(data, s.bytes));
  s.run = found ?? begun(task, examples, rate, momentum);
  s.before = old?.key === key ? null : old;
  Object.assign(s, { key, data, examples, rate, momentum, task, told: "", line: "" });
}

/** What follows from the settings and the step: so much of it as one frame has time for. */
function compute(s) {
  choose(s);
  s.steps = s.view.get("steps");
  const { run } = s;
  advance(run, s.steps, EVERY - (run.made % EVERY)); // to the next point of the curve, which is then known already
  s.n = min(s.steps, run.made);
  s.busy = s.n < s.steps && run.stopped === null;
  const state = `${s.key} ${s.n}`;
  if (s.told !== state) {
    s.told = state;
    s.P = networkAt(run, s.n);
    s.curve = curveAt(run, s.n, s.P);
    s.dead = deadFilters(s.P, s.task, s.examples);
    s.answers = upTo(SHOWN, (i) => {
      const given = shares(scoresOf(s.P, s.task, LEARN + i));
      return { given, label: s.task.labels[LEARN + i], answer: argmax(given) };
    });
    s.painted = "";
  }
  const { kind = "", i = 0 } = s.look.at() ?? {};
  Object.assign(s, { kind, i });
  s.maps = kind === "picture" ? upTo(FILTERS, (f) => mapOf(s.P, s.task, LEARN + i, f)) : kind === "filter" ? upTo(SHOWN, (n) => mapOf(s.P, s.task, LEARN + n, i)) : [];
  if (s.busy) s.ask();
}

const inkOf = (s, n) => s.task.pictures.subarray((LEARN + n) * PIXELS, (LEARN + n + 1) * PIXELS);
const largestIn = (lists, least) => lists.reduce((most, list) => list.reduce((a, b) => max(a, Math.abs(b)), most), least);

function drawFilters(s) {
  const { filters } = s.nodes;
  const largest = largestIn([s.P.subarray(0, BIAS)], 0.3);
  const shown = s.kind === "picture";
  const reach = largestIn(s.maps, 1e-9);
  filters.tiles.forEach(({ cell, taps, ink, map, note }, f) => {
    taps.paint(s.P.slice(f * NINE, f * NINE + NINE), s.colors, largest);
    if (shown) {
      ink.paint(inkOf(s, s.i), s.inks, INK);
      map.paint(s.maps[f], s.greens, reach);
    }
    const dead = s.dead.includes(f);
    say(note, dead ? `${f} · dead` : String(f));
    cell.classList.toggle("dead", dead);
    cell.classList.toggle("lit", s.kind === "filter" && f === s.i);
  });
  filters.box.classList.toggle("mapped", shown);
  say(filters.name, shown ? "where each filter fires" : "the 8 filters, 3 × 3");
}

function drawPictures(s) {
  const { pictures } = s.nodes;
  const mapped = s.kind === "filter";
  const reach = mapped ? largestIn(s.maps, 1e-9) : 1;
  const tops = s.maps.map((map) => map.reduce((a, b) => max(a, b)));
  const hottest = mapped && max(...tops) > 0 ? argmax(tops) : -1;
  const written = CLASSES[s.data];
  pictures.tiles.forEach(({ cell, ink, map, ring, answer }, n) => {
    ink.paint(inkOf(s, n), s.inks, INK);
    if (mapped) map.paint(s.maps[n], s.greens, reach);
    const { label, answer: given } = s.answers[n];
    say(answer, `${given === label ? "✓" : "✗"}\u2009${written[given]}`);
    cell.classList.toggle("wrong", given !== label);
    cell.classList.toggle("lit", s.kind === "picture" && n === s.i);
    ring.style.display = n === hottest ? "block" : "none";
    if (n !== hottest) return;
    const at = s.maps[n].indexOf(tops[n]);
    Object.assign(ring.style, { left: `${(at % SIDE) * 12.5}%`, top: `${floor(at / SIDE) * 12.5}%` });
  });
  pictures.box.classList.toggle("mapped", mapped);
  say(pictures.name, mapped ? `where filter ${s.i} fires` : s.width < NARROW ? "held-out pictures, and the answers" : "ten of the 300 held-out pictures, and the network’s answers");
}

const PAD = { left: 22, right: 14 }; // of the plot, for its numbers and the thumb
const TOP = 3; // of the loss: a little more than guessing

/** Axis and numbers; anew if the size or the run has changed. */
function drawAxis(s) {
  const { loss } = s.nodes;
  const [, , wide, high] = s.boxes.loss;
  const tall = high - 19 - 38;
  const key = `${s.key} ${wide} ${tall}`;
  if (s.line === key) return;
  s.line = key;
  const [left, right] = [PAD.left, wide - PAD.right];
  s.x = (n) => left + (n / MOST) * (right - left);
  s.y = (v) => 6 + (1 - clamp(v, -1, 2 * TOP) / TOP) * (tall - 8);
  s.stepAt = (across) => clamp(round(((across - left) / (right - left)) * MOST), 0, MOST);
  s.plot = { left, right, tall };
  update(loss.svg, { viewBox: `0 0 ${wide} ${high - 19}`, height: high - 19 });
  update(loss.frame, { x: left - 3, y: 0, width: right - left + 6, height: tall });
  const heights = upTo(TOP + 1, (v) => [v, s.y(v)]);
  update(loss.rules, { d: heights.map(([, y]) => `M${left} ${y.toFixed(1)}H${right}`).join("") });
  loss.ticks.replaceChildren(
    ...heights.slice(1).map(([v, y]) => text({ x: left - 7, y: (y + 4).toFixed(1), "text-anchor": "end" }, String(v))),
    text({ x: left + 4, y: 16, class: "axis" }, "loss"),
  );
  loss.marks.replaceChildren(...upTo(6, (i) => text({ x: s.x(200 * i).toFixed(1), y: tall + 31, "text-anchor": "middle" }, String(200 * i))));
  const level = s.y(log(s.task.classes)).toFixed(1);
  update(loss.guess, { d: `M${left} ${level}H${right}` });
  update(loss.guessing, { x: right, y: (Number(level) - 5).toFixed(1) });
  update(loss.grey, { x: right, y: (Number(level) + 15).toFixed(1) });
  Object.assign(loss.surface.style, { left: `${left - 8}px`, width: `${right - left + 16}px`, height: `${tall - 14}px` });
  s.scrub.along(left, right);
  s.scrub.node.style.top = `${tall - 16}px`;
}

/** What was different in the run before. */
function difference(s) {
  const { run } = s.before;
  const words = [];
  if (run.task.data !== s.data) words.push(run.task.data === "shuffled" ? "shuffled labels" : run.task.data);
  if (run.examples !== s.examples) words.push(`${run.examples} examples`);
  if (run.rate !== s.rate) words.push(`rate ${rounded(run.rate)}`);
  if (run.momentum !== s.momentum) words.push(run.momentum ? "momentum" : "no momentum");
  return `grey: ${words.join(", ")}`;
}

function drawLoss(s) {
  const { loss } = s.nodes;
  drawAxis(s);
  const [, known, knew, held, right] = s.curve.at(-1);
  const path = (rows, column) => (rows.length ? `M${rows.map((row) => `${s.x(row[0]).toFixed(1)} ${s.y(row[column]).toFixed(1)}`).join("L")}` : "");
  const later = s.run.curve.filter((row) => row[0] >= s.n);
  const before = s.before ? s.before.run.curve.filter((row) => row[0] <= s.before.steps) : [];
  for (const [name, column] of [["known", 1], ["held", 3]]) {
    update(loss.paths[name], { d: path(s.curve, column) });
    update(loss.paths[`later-${name}`], { d: path([s.curve.at(-1), ...later], column) });
    update(loss.paths[`before-${name}`], { d: path(before, column) });
  }
  say(loss.grey, s.before ? difference(s) : "");
  const at = (v) => clamp(s.y(v), 6, s.plot.tall);
  update(loss.spots.known, { cx: s.x(s.n).toFixed(1), cy: at(known).toFixed(1) });
  update(loss.spots.held, { x: (s.x(s.n) - 4.5).toFixed(1), y: (at(held) - 4.5).toFixed(1) });
  const beyond = held > TOP;
  const leftwards = s.n > MOST / 2;
  say(loss.over, beyond ? `↑ ${format(held, 1)}` : "");
  update(loss.over, { x: (s.x(s.n) + (leftwards ? -9 : 9)).toFixed(1), y: 14, "text-anchor": leftwards ? "end" : "start" });
  say(loss.known, `training ${percent(knew, min(s.examples, PROBE))}${s.width < 300 ? "" : " right"}`);
  say(loss.held, `held out ${percent(right, HELD_OUT)}`);
  loss.box.classList.toggle("scored", s.kind === "picture");
  const spoken = `training loss ${lossWords(known)}, held-out loss ${lossWords(held)}`;
  update(loss.svg, { "aria-label": s.kind === "picture" ? "The shares of the classes for the picture looked at" : `The loss over ${MOST} steps; after ${s.n}: ${spoken}` });
}

/** The classes' shares for the picture that is looked at, in the place of the curves. */
function drawBars(s) {
  if (s.kind !== "picture") return;
  const { loss } = s.nodes;
  const { left, right, tall } = s.plot;
  const { given, label, answer } = s.answers[s.i];
  const step = (right - left) / s.task.classes;
  const base = tall - 30; // the slider's thumb stands below the classes
  loss.bars.forEach(({ bar, share, name }, c) => {
    const own = c < s.task.classes;
    for (const node of [bar, share, name]) node.style.display = own ? "" : "none";
    if (!own) return;
    const [middle, high] = [left + (c + 0.5) * step, given[c] * (base - 20)];
    const wide = min(34, 0.7 * step);
    update(bar, { x: (middle - wide / 2).toFixed(1), width: wide.toFixed(1), y: (base - high).toFixed(1), height: max(high, 0.5).toFixed(1) });
    update(bar, { class: `bar${c === answer ? (c === label ? " right" : " wrong") : ""}` });
    update(share, { x: middle.toFixed(1), y: (base - high - 4).toFixed(1) });
    say(share, given[c] < 0.005 ? "" : step < 28 ? String(round(100 * given[c])) : percent(given[c]));
    update(name, { x: middle.toFixed(1), y: tall - 15, class: c === label ? "class own" : "class" });
    say(name, CLASSES[s.data][c]);
  });
  say(loss.scores, `this ${nameOf(CLASSES[s.data][label])}: its scores, as shares`);
}

function drawWords(s) {
  const { nodes, kind, i } = s;
  const written = CLASSES[s.data];
  const labels = s.answers.map(({ label }) => label);
  const state = { data: s.data, examples: s.examples, rate: s.rate, steps: s.n, stopped: s.run.stopped, curve: s.curve, dead: s.dead };
  const looked = kind === "picture" ? pictureWords(s.answers[i].given, labels[i], written) : kind === "filter" ? filterWords(i, s.maps, s.dead.includes(i), labels, written) : "";
  const said = looked || sentence(state);
  say(nodes.words, said);
  const now = s.curve.at(-1);
  if (!s.busy) s.view.aloud(looked || `Step ${s.n}: training loss ${lossWords(now[1])}, held-out loss ${lossWords(now[3])}. ${said}`);
  nodes.once.disabled = s.steps >= (s.run.stopped ?? MOST);
  update(nodes.stage, { "data-made": `${s.key} ${s.n}${s.busy ? " busy" : ""}` });
}

/** Everything in its place; a reduced view leaves panels out. */
function place(s) {
  const shown = ["filters", "loss", "pictures"].filter((part) => s.view.shows(part));
  const key = `${s.width} ${shown}`;
  if (s.placed === key) return;
  s.placed = key;
  const { boxes, height, ...sizes } = layout(s.width, shown);
  s.boxes = { loss: [0, 0, 300, 169], ...boxes };
  s.nodes.stage.style.height = `${height}px`;
  const { classList } = s.view.root;
  classList.toggle("narrow", s.width < NARROW);
  classList.toggle("middle", s.width >= NARROW && s.width < 700);
  classList.toggle("tiny", s.width < 300);
  for (const [name, value] of Object.entries(sizes)) s.nodes.stage.style.setProperty(`--${name}`, `${value}px`);
  for (const name of ["filters", "loss", "pictures"]) {
    const { box } = s.nodes[name];
    const [left, top, wide] = boxes[name] ?? [0, 0, 100];
    box.style.display = name in boxes ? "" : "none";
    box.style.transform = `translate(${left}px, ${top}px)`;
    box.style.width = `${wide}px`;
  }
  s.nodes.words.style.display = s.view.shows("words") ? "" : "none";
  s.nodes.controls.style.display = s.view.shows("controls") ? "" : "none";
}

function draw(s) {
  if (!s.width) return;
  place(s);
  compute(s);
  if (!s.colors) {
    s.colors = colorsOf(s.view.root, ["kernel", "input", "output", "ink"]);
    s.greens = { kernel: s.colors.output, input: s.colors.output };
    s.inks = { kernel: s.colors.ink, input: s.colors.ink };
  }
  drawFilters(s);
  drawPictures(s);
  drawLoss(s);
  drawBars(s);
  drawWords(s);
  if (s.scrub.playing() && s.run.stopped !== null && s.steps >= s.run.stopped) s.scrub.stop();
}

// ---- what the reader does ----------------------------------------------------------------------------------------

/** To a step, as if the slider had been moved there. */
function goTo(s, step) {
  s.scrub.node.value = clamp(step, 0, MOST);
  s.scrub.node.dispatchEvent(new Event("input"));
}

/** A run that was stopped begins anew when it is played again. */
function rewind(s) {
  if (!s.scrub.playing() && s.run.stopped !== null && s.steps >= s.run.stopped) s.view.set("steps", 0);
}

/** Press or drag on the curve: to that step. */
function hands(s) {
  const { surface, svg } = s.nodes.loss;
  const go = (event) => goTo(s, s.stepAt(event.clientX - svg.getBoundingClientRect().left));
  handle(s.view, surface, ["steps"], {
    axis: "x",
    press: (event) => (event.pointerType === "mouse" && go(event), true),
    drag: go,
    click: go,
  });
}

/** Prose: look at "digit3" or "filter2"; at nothing lets go. */
function lookAt(s, { value = "" }) {
  const [, kind, i] = /^(digit|filter)(\d)$/.exec(value) ?? [];
  s.look.letGo();
  if (kind === "digit") s.look.pin({ kind: "picture", i: Number(i) });
  if (kind === "filter" && i < FILTERS) s.look.pin({ kind, i: Number(i) });
}

/** Play and one step; the rate; how many examples; of what; with momentum or without. */
function controls(s) {
  const { view, scrub } = s;
  const once = element("button", { type: "button", class: "once", "data-look": true, onclick: () => (goTo(s, view.get("steps") + 1), view.send()) }, "One step");
  update(scrub.play, { "data-look": true });
  scrub.play.addEventListener("click", () => rewind(s), { capture: true });
  const line = ({ label, node, value }) => element("div", { class: "slide", "data-look": true }, label, node, value);
  const rate = slider(view, "rate", "", { low: RATES[0], high: RATES[1], step: 1, words: rounded, place: placeOf, valueAt: rateAt });
  rate.label.replaceChildren("rate ", letter("η"));
  const examples = slider(view, "examples", "examples", { low: 0, high: EXAMPLES.length - 1, step: 1, place: examplesPlace, valueAt: examplesAt });
  const data = segments(view, "data", "learn", { digits: "digits", strokes: "strokes", shuffled: ["shuffled", element("span", { class: "long" }, " labels")] });
  const momentum = check(view, "momentum", "momentum 0.9");
  const go = element("div", { class: "go" }, scrub.play, once, scrub.value);
  const set = element("div", { class: "set" }, data.box, momentum.box);
  update(set, { "data-look": true });
  return { once, controls: element("div", { class: "controls" }, go, line(rate), set, line(examples)) };
}

function render({ model, el }) {
  const settings = ["data", "examples", "rate", "momentum", "steps"];
  const view = viewOf({ model, el }, "network-trainer", { traits: settings });
  const { buffer, byteOffset, byteLength } = view.get("pictures");
  const s = { view, width: 0, tasks: {}, bytes: new Uint8Array(buffer, byteOffset, byteLength), colors: null, before: null, busy: false };
  const ask = (s.ask = view.frame(() => draw(s)));
  const same = (a, b) => a.kind === b.kind && a.i === b.i;
  s.look = looking(view, ask, { same, name: (at) => (at === null ? "picture" : `${at.kind} ${at.i}`) });
  s.scrub = player(view, "steps", "steps", { low: 0, high: MOST, step: 1, start: 0, stride: 25, speed: 100, words: (n) => `step ${n}`, spoken: (n) => `step ${n}` });
  s.nodes = { filters: filtersScene(s), loss: lossScene(s), pictures: picturesScene(s), words: element("p", { class: "sentence" }), ...controls(s) };
  const stage = (s.nodes.stage = element("div", { class: "stage" }, ...["filters", "loss", "pictures"].map((name) => s.nodes[name].box)));
  hands(s);
  view.on([...settings, "show"], ask);
  view.onReset(() => {
    s.before = null;
    s.run = null;
    s.key = "";
  });
  const play = view.root.orders.play;
  view.obeys({ play: (order) => (rewind(s), play(order)), step: () => s.nodes.once.click(), look: (order) => lookAt(s, order) });
  view.themes(() => {
    s.colors = null;
    draw(s);
  });
  view.widths(stage, (width) => {
    s.width = width;
    draw(s);
  });
  view.show(stage, s.nodes.words, s.nodes.controls);
  return view.end;
}

export default { render };
