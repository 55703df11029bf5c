import { colorsOf, greys, raster } from "./js/canvas.js";
import { choice, player, segments, slider } from "./js/controls.js";
import { element, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief as shortly, clamp, format, snap } from "./js/numbers.js";
import { handle, keys, looking } from "./js/pointer.js";

// ---- the maths: pure functions, held against NumPy by tests/js/test_frequency_filter.py ---------------------------
// Masks, kernels and spectra on the screen have zero in the middle; fft2 has it first, as numpy.fft does.

export const SIZE = 128;
const MIDDLE = SIZE / 2;
const SHOWN = 33; // of the kernel's rows and columns
const DARK = 40;
const LIGHT = 215;
const DISK_RADIUS = 32;
const STRIPES = [20, 12]; // waves across and down

const plans = {};

/** Twiddle factors and the order of the inputs, for lines of n samples. */
function planFor(n) {
  plans[n] ??= {
    cosine: Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n)),
    sine: Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n)),
    order: Int32Array.from({ length: n }, (_, i) => {
      let reversed = 0;
      for (let bit = 1; bit < n; bit *= 2) reversed = 2 * reversed + (i & bit ? 1 : 0);
      return reversed;
    }),
  };
  return plans[n];
}

/** Transform all columns in place: radix 2, decimation in time.  Two rows at a time, for rows lie together in memory. */
function transformColumns(re, im, n) {
  const { cosine, sine, order } = planFor(n);
  for (let row = 0; row < n; row += 1) {
    if (order[row] > row) {
      for (let p = row * n, q = order[row] * n; p < (row + 1) * n; p += 1, q += 1) {
        const x = re[p];
        re[p] = re[q];
        re[q] = x;
        const y = im[p];
        im[p] = im[q];
        im[q] = y;
      }
    }
  }
  for (let half = 1; half < n; half *= 2) {
    for (let block = 0; block < n; block += 2 * half) {
      for (let j = 0; j < half; j += 1) {
        const c = cosine[(j * n) / (2 * half)];
        const s = sine[(j * n) / (2 * half)];
        const end = (block + j + 1) * n;
        for (let p = end - n, q = p + half * n; p < end; p += 1, q += 1) {
          const x = c * re[q] - s * im[q];
          const y = c * im[q] + s * re[q];
          re[q] = re[p] - x;
          im[q] = im[p] - y;
          re[p] += x;
          im[p] += y;
        }
      }
    }
  }
}

function transpose(values, n) {
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column < row; column += 1) {
      const p = row * n + column;
      const q = column * n + row;
      const value = values[p];
      values[p] = values[q];
      values[q] = value;
    }
  }
}

/** Transform a square in place. */
function transform(re, im, inverse) {
  const n = Math.round(Math.sqrt(re.length));
  // Backwards is forwards with real and imaginary parts exchanged.
  const [a, b] = inverse ? [im, re] : [re, im];
  for (let pass = 0; pass < 2; pass += 1) {
    transformColumns(a, b, n);
    transpose(a, n);
    transpose(b, n);
  }
  if (!inverse) return;
  for (let i = 0; i < re.length; i += 1) {
    re[i] /= re.length;
    im[i] /= re.length;
  }
}

/** The 2-D DFT of n × n samples, n a power of two, row after row: all real parts, then all imaginary parts. */
export function fft2(re, im, inverse = false) {
  const result = new Float64Array(2 * re.length);
  result.set(re);
  result.set(im, re.length);
  transform(result.subarray(0, re.length), result.subarray(re.length), inverse);
  return result;
}

/** How much of each frequency a low-, high- or band-pass keeps; the formulas are in frequency_filter.py. */
export function maskValues(kind, edge, cutoff, size = SIZE) {
  const mask = new Float64Array(size * size);
  const square = cutoff * cutoff;
  for (let i = 0; i < mask.length; i += 1) {
    const across = (i % size) - size / 2;
    const down = Math.floor(i / size) - size / 2;
    const r2 = across * across + down * down;
    if (kind === "band-pass") {
      if (edge === "sharp") mask[i] = r2 >= square / 2 && r2 <= 2 * square ? 1 : 0;
      else mask[i] = r2 ? Math.exp(-0.5 * Math.log2(r2 / square) ** 2) : 0;
    } else {
      const low = edge === "sharp" ? (r2 <= square ? 1 : 0) : Math.exp(-r2 / (2 * square));
      mask[i] = kind === "low-pass" ? low : 1 - low;
    }
  }
  return mask;
}

/** Index in fft2's order of what the screen has at index i, and the other way round. */
const elsewhere = (i) => i ^ (MIDDLE * SIZE + MIDDLE);

/** The picture of the frequencies that a mask keeps. */
export const filtered = (image, mask) => keep(spectrumOf(image), mask).picture;

/** The kernel whose convolution with a picture, wrapping round, does what the mask does; zero shift in the middle. */
export const kernelOf = (mask) => keep({ re: new Float64Array(mask.length), im: new Float64Array(mask.length) }, mask).kernel;

function spectrumOf(image) {
  const re = Float64Array.from(image);
  const im = new Float64Array(re.length);
  transform(re, im, false);
  return { re, im };
}

const roomFor = (length) => [0, 1, 2].map(() => new Float64Array(length));

/**
 * Filtered picture and kernel by one transform: both are real, so that one can be its real part and the other its
 * imaginary part.  Arrays to work in can be given, for a drag would otherwise leave much to collect.
 */
function keep({ re, im }, mask, [a, b, kernel] = roomFor(re.length)) {
  for (let i = 0; i < a.length; i += 1) {
    const m = mask[elsewhere(i)];
    a[i] = re[i] * m;
    b[i] = im[i] * m + m;
  }
  transform(a, b, true);
  for (let i = 0; i < kernel.length; i += 1) kernel[i] = b[elsewhere(i)];
  return { picture: a, kernel };
}

/** Shares of the frequencies and of the energy, the mean left out, that a mask keeps. */
export const shares = (image, mask) => sharesOf(powerOf(spectrumOf(image)), mask);

/** Squared amplitudes as the screen has them, without the mean. */
function powerOf({ re, im }) {
  const power = new Float64Array(re.length);
  for (let i = 1; i < re.length; i += 1) power[elsewhere(i)] = re[i] * re[i] + im[i] * im[i];
  return power;
}

function sharesOf(power, mask) {
  let [all, part, count] = [0, 0, 0];
  for (let i = 0; i < power.length; i += 1) {
    all += power[i];
    part += power[i] * mask[i] * mask[i];
    count += mask[i];
  }
  return Float64Array.of(count / mask.length, all > 1e-9 ? part / all : 1);
}

/** The picture with this name; "photograph" and "stripes" are made from the one that Python sent. */
export function pictureOf(name, photograph) {
  if (name === "photograph") return Float64Array.from(photograph);
  return Float64Array.from({ length: SIZE * SIZE }, (_, i) => {
    const column = i % SIZE;
    const row = Math.floor(i / SIZE);
    const [across, down] = [column - MIDDLE, row - MIDDLE];
    if (name === "disk") return across * across + down * down < DISK_RADIUS ** 2 ? LIGHT : DARK;
    if (name === "edge") return across >= 0 ? LIGHT : DARK;
    const turn = (STRIPES[0] * column + STRIPES[1] * row) % SIZE;
    return Math.floor(0.7 * photograph[i] + 38.2 * Math.sin((2 * Math.PI * turn) / SIZE) + 38.23 + 0.5);
  });
}

/** Eight bits from each byte, the highest first, as numpy.unpackbits has them. */
export const unpackBits = (bytes) => Uint8Array.from({ length: 8 * bytes.length }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);

/** Eight bits to a byte, as numpy.packbits. */
export function packBits(bits) {
  const bytes = new Uint8Array(bits.length / 8);
  bits.forEach((bit, i) => {
    if (bit) bytes[i >> 3] |= 128 >> (i & 7);
  });
  return bytes;
}

/** Paint a disk about a frequency, and its mirror image, with 0 or 1; gives a new mask. */
export function paintDisk(painted, across, down, diameter, value) {
  const result = Uint8Array.from(painted);
  const reach = Math.floor(diameter / 2);
  for (let dv = -reach; dv <= reach; dv += 1) {
    for (let du = -reach; du <= reach; du += 1) {
      const column = across + du + MIDDLE;
      const row = down + dv + MIDDLE;
      if (du * du + dv * dv > (diameter * diameter) / 4) continue;
      if (column < 0 || row < 0 || column >= SIZE || row >= SIZE) continue;
      result[row * SIZE + column] = value;
      result[((SIZE - row) % SIZE) * SIZE + ((SIZE - column) % SIZE)] = value;
    }
  }
  return result;
}

// ---- peaks: single frequencies that stand out, as those of a pattern laid over a picture do

const PEAK = { least: 2, factor: 5, near: 4, dot: 10 }; // as in frequency_filter.py

/** Indices of the frequencies whose amplitude is above 2 grey values and 5 times as large as any other near it. */
function peaksOf(power) {
  const least = ((PEAK.least * SIZE * SIZE) / 2) ** 2;
  const isPeak = (i) => {
    if (!(power[i] > least)) return false;
    for (let down = -PEAK.near; down <= PEAK.near; down += 1) {
      for (let across = -PEAK.near; across <= PEAK.near; across += 1) {
        const row = ((i >> 7) + down + SIZE) % SIZE;
        const column = ((i % SIZE) + across + SIZE) % SIZE;
        if ((down || across) && power[i] <= PEAK.factor ** 2 * power[row * SIZE + column]) return false;
      }
    }
    return true;
  };
  return Int32Array.from([...power.keys()].filter(isPeak));
}

/** The peaks of a picture's spectrum. */
export const peaksIn = (image) => peaksOf(powerOf(spectrumOf(image)));

/** Which frequency is drawn at each place of the spectrum: its own, but a peak's near a peak, so that it can be found. */
function dotted(power) {
  const source = Int32Array.from(power, (_, i) => i);
  for (const peak of peaksOf(power)) {
    for (let i = 0; i < source.length; i += 1) {
      if (((i >> 7) - (peak >> 7)) ** 2 + ((i % SIZE) - (peak % SIZE)) ** 2 <= PEAK.dot) source[i] = peak;
    }
  }
  return source;
}

// ---- waves, one by one: a frequency and its mirror image are one wave

const CENTER = MIDDLE * SIZE + MIDDLE;
const mirrorOf = (i) => ((SIZE - (i >> 7)) % SIZE) * SIZE + ((SIZE - (i % SIZE)) % SIZE);

/** How many waves there are, beside the mean: four frequencies are their own mirror images. */
export const WAVES = (SIZE * SIZE - 4) / 2 + 3;

/** Numbers of waves that the scrubber stops at: one by one at first, then 6 % more each time. */
export const STOPS = [0];
for (let n = 1; n < WAVES; n = Math.max(n + 1, Math.round(1.06 * n))) STOPS.push(n);
STOPS.push(WAVES);

/** The stop that is nearest from below. */
export const stopBelow = (n) => STOPS.findLastIndex((stop) => stop <= n);

/** Amplitude in grey values of the wave at an index, which is shared by two frequencies unless it is its own mirror image. */
const amplitudeOf = (power, i) => (Math.sqrt(power[i]) * (mirrorOf(i) === i ? 1 : 2)) / SIZE ** 2;

/** All waves by falling amplitude, each as an index on the screen; millionths of a grey value count as equal. */
export function wavesOf(power) {
  const key = Float64Array.from(power, (_, i) => Math.round(1e6 * amplitudeOf(power, i)));
  const waves = [];
  for (let i = 0; i < power.length; i += 1) if (i !== CENTER && i <= mirrorOf(i)) waves.push(i);
  return Int32Array.from(waves.sort((a, b) => key[b] - key[a] || a - b));
}

/** The waves of a picture in that order. */
export const wavesIn = (image) => wavesOf(powerOf(spectrumOf(image)));

/** The mask that keeps the mean and the first n of these waves. */
export function firstWaves(waves, n) {
  const mask = new Float64Array(SIZE * SIZE);
  mask[CENTER] = 1;
  for (let k = 0; k < n; k += 1) mask[waves[k]] = mask[mirrorOf(waves[k])] = 1;
  return mask;
}

// ---- the picture -------------------------------------------------------------------------------------------------

const PICTURES = {
  photograph: ["photograph", "a photograph"],
  stripes: ["photograph with stripes", "a photograph under diagonal stripes"],
  disk: ["disk", "a light disk on a dark ground"],
  edge: ["edge", "a dark left half and a light right half"],
};
const TRAITS = ["picture", "filter", "edge", "cutoff", "painted", "waves"];
const HELP = {
  look: "Spectrum. Arrow keys move a point, with Shift by 8; Enter pins its wave, Escape lets go.",
  paint: "Spectrum. Arrow keys move a point, with Shift by 8; Enter paints there, Control+Z takes it back.",
};
const COSINE = Float64Array.from({ length: SIZE }, (_, i) => 128 + 100 * Math.cos((2 * Math.PI * i) / SIZE));
const percent = (share) => `${format(100 * share, 1)}\u00a0%`;
const brief = (value) => shortly(value, 1);
const pixels = (period) => (period < 9.95 ? brief(period) : format(period, 0));
const named = (names) => Object.fromEntries(names.map((name) => [name, name]));
const pointOf = (i) => {
  const [across, down] = [(i % SIZE) - MIDDLE, (i >> 7) - MIDDLE];
  return across < 0 && across > -MIDDLE && down > -MIDDLE ? { across: -across, down: -down } : { across, down };
};
const indexOf = ({ across, down }) => (down + MIDDLE) * SIZE + across + MIDDLE;

/** Four pictures, what lies over the spectrum, and the wave that is looked at with its sentence. */
function scene() {
  const panes = {
    picture: raster("input", "picture", SIZE),
    filtered: raster("output", "filtered picture", SIZE),
    spectrum: raster("product", "spectrum × mask", SIZE),
    kernel: raster("kernel", "its kernel, enlarged", SHOWN),
    wave: raster("wave", "wave", SIZE),
  };
  for (const [name, { box, frame, canvas }] of Object.entries(panes)) {
    update(box, { "data-part": name });
    if (name !== "spectrum") frame.replaceChildren(canvas);
  }
  const circles = (kind, count) => Array.from({ length: count }, () => element("circle", { class: kind, cx: MIDDLE + 0.5, cy: MIDDLE + 0.5, r: 0 }));
  const sheet = (kind) => element("rect", { class: kind, width: SIZE, height: SIZE });
  const pad = panes.spectrum.over;
  const nodes = { panes, pad, look: sheet("look"), paint: sheet("paint") };
  Object.assign(nodes, { holds: circles("hold", 2), rings: circles("ring", 2), knob: circles("knob", 1)[0], grip: circles("grip", 1)[0] });
  Object.assign(nodes, { brushes: circles("brush", 2), cursors: circles("cursor", 2) });
  pad.append(nodes.look, nodes.paint, ...nodes.holds, ...nodes.rings, nodes.knob, nodes.grip, ...nodes.brushes, ...nodes.cursors);
  update(pad, { class: "over pad", tabindex: 0, role: "application" });
  nodes.touched = raster("touched", "", SIZE);
  nodes.hint = element("span");
  nodes.touched.frame.replaceChildren(nodes.touched.canvas, nodes.hint);
  nodes.sentence = element("p", { class: "stats" });
  nodes.strip = element("div", { class: "strip", "data-part": "words" }, nodes.touched.frame, nodes.sentence);
  return nodes;
}

// ---- compute: what is drawn, from the traits

const bytesOf = (view, name) => {
  const { buffer, byteOffset, byteLength } = view.get(name);
  return new Uint8Array(buffer, byteOffset, byteLength);
};
const painting = (s) => s.view.get("filter") === "paint";
const keepsMean = (s) => s.mask[CENTER] >= 0.5;
const fades = (s) => !painting(s) && !s.waves && s.view.get("edge") === "smooth"; // no number of frequencies is kept then

/** What follows from the picture alone. */
function readPicture(s) {
  const values = pictureOf(s.view.get("picture"), bytesOf(s.view, "image"));
  const spectrum = spectrumOf(values);
  const power = powerOf(spectrum);
  s.now = { values, spectrum, power, mean: spectrum.re[0] / values.length, order: null, source: dotted(power) };
  s.inks = null;
}

/** The painted mask; one that did not come from this view has nothing to do with what can be undone here. */
function readPainted(s) {
  const sent = bytesOf(s.view, "painted");
  if (s.painted && packBits(s.painted).every((byte, i) => byte === sent[i])) return;
  s.painted = unpackBits(sent);
  s.past.length = 0;
}

/** The spectrum's colours: amplitudes from 0.02 to 40 grey values on a logarithmic scale, in grey where dropped. */
function readInks(s) {
  s.colors ??= colorsOf(s.view.root, ["input", "kernel", "product", "muted", "ink"]);
  const { product, ink, muted } = s.colors;
  const [kept, dropped] = [0, 1].map(() => new Float32Array(4 * SIZE * SIZE));
  for (let place = 0; place < SIZE * SIZE; place += 1) {
    const i = s.now.source[place];
    const amplitude = i === CENTER ? 2 * s.now.mean : (2 * Math.sqrt(s.now.power[i])) / SIZE ** 2;
    const level = clamp((Math.log10(amplitude + 1e-9) + 1.7) / 3.3, 0, 1);
    const strong = clamp((level - 0.6) / 0.4, 0, 1);
    for (let c = 0; c < 3; c += 1) {
      kept[4 * place + c] = product[c] + strong * (ink[c] - product[c]);
      dropped[4 * place + c] = muted[c];
    }
    kept[4 * place + 3] = 255 * clamp(level / 0.7, 0, 1);
    dropped[4 * place + 3] = 255 * (0.22 + 0.63 * level);
  }
  s.inks = { kept, dropped };
}

function compute(s) {
  const { view } = s;
  if (!s.now) readPicture(s);
  if (!s.painted) readPainted(s);
  if (!s.inks) readInks(s);
  s.waves = view.get("waves");
  if (s.waves) s.now.order ??= wavesOf(s.now.power);
  if (s.waves) s.mask = firstWaves(s.now.order, s.waves);
  else s.mask = painting(s) ? Float64Array.from(s.painted) : maskValues(view.get("filter"), view.get("edge"), view.get("cutoff"));
  s.result = keep(s.now.spectrum, s.mask, s.room);
  s.shares = sharesOf(s.now.power, s.mask);
  const [cutoff, band] = [view.get("cutoff"), view.get("filter") === "band-pass"];
  s.radii = band ? [cutoff / Math.SQRT2, cutoff * Math.SQRT2] : [cutoff];
}

// ---- draw

/** Orange above zero, blue below; by the square root, so that faint ripples show. */
function paintKernel(s) {
  const first = MIDDLE - (SHOWN - 1) / 2;
  const at = (i) => s.result.kernel[(first + Math.floor(i / SHOWN)) * SIZE + first + (i % SHOWN)];
  const part = Float64Array.from({ length: SHOWN * SHOWN }, (_, i) => at(i));
  const largest = part.reduce((best, v) => Math.max(best, Math.abs(v)), 0);
  s.extremes = [Math.min(...part), Math.max(...part)];
  s.nodes.panes.kernel.paint((data) => {
    part.forEach((v, i) => {
      data.set(v < 0 ? s.colors.input : s.colors.kernel, 4 * i);
      data[4 * i + 3] = largest ? 255 * Math.sqrt(Math.abs(v) / largest) : 0;
    });
  });
}

/** The circles at the mask's edge: one, or two about the middle of a band. */
function drawRings(s) {
  const { view, nodes, radii, scale } = s;
  radii.concat(0).slice(0, 2).forEach((r, i) => {
    const seen = { r, visibility: r ? "visible" : "hidden" };
    update(nodes.rings[i], { ...seen, class: `ring ${view.get("edge")}` });
    update(nodes.holds[i], seen);
  });
  const at = view.get("cutoff") * Math.SQRT1_2;
  for (const [node, r] of [[nodes.knob, 6.5], [nodes.grip, 17]]) update(node, { cx: MIDDLE + 0.5 + at, cy: MIDDLE + 0.5 - at, r: r / scale });
}

/** Two circles, at a frequency and at its mirror image. */
function drawPair(circles, point, r) {
  circles.forEach((circle, i) => {
    update(circle, { visibility: point ? "visible" : "hidden", r });
    if (point) update(circle, { cx: MIDDLE + 0.5 + (i ? -1 : 1) * point.across, cy: MIDDLE + 0.5 + (i ? -1 : 1) * point.down });
  });
}

/** The wave looked at, or the one that was just added, and what there is to say. */
function drawLook(s) {
  if (!s.mask) return;
  const { touched, strip, sentence, panes } = s.nodes;
  const [looked, added] = [s.look.at(), s.waves ? pointOf(s.now.order[s.waves - 1]) : null];
  drawPair(s.nodes.cursors, looked ?? added, 5 / s.scale);
  drawPair(s.nodes.brushes, painting(s) ? s.brush.at : null, s.brush.size / 2);
  strip.classList.toggle("waving", looked !== null);
  say(sentence, words(s));
  if (!looked && !s.waves && sentence.textContent.endsWith("energy.")) sentence.append(element("span", { class: "same" }, " (The mean apart.) Convolving with the kernel does the same."));
  s.view.aloud(looked ? `${describe(s, looked)}.` : sentence.textContent);
  if (looked) paintWave(s, touched, looked);
  // Listed by itself the wave's place is for both; else for those that are added, where the kernel stood.
  const inPane = s.view.get("show")?.length ? (looked ?? added) : added;
  panes.wave.box.classList.toggle("waving", inPane !== null);
  say(panes.wave.name, !inPane ? "wave" : inPane === looked ? "wave you touch" : `+ wave ${s.waves}`);
  if (inPane) paintWave(s, panes.wave, inPane);
  flash(s);
}

/** The wave that was just added lights up: not more than twice a second, however fast they come. */
function flash(s) {
  const fresh = s.waves > 0 && s.flashed !== undefined && s.waves !== s.flashed;
  s.flashed = s.waves;
  if (!fresh || s.flash?.playState === "running" || s.view.calm()) return;
  const color = `rgb(${s.colors.product.slice(0, 3).join()})`;
  s.flash = s.nodes.panes.wave.frame.animate([{ boxShadow: `0 0 0 5px ${color}` }, { boxShadow: `0 0 0 1px ${color}` }], 500);
}

/** A plane wave, light and dark. */
function paintWave(s, pane, point) {
  update(pane.canvas, { "aria-label": describe(s, point) });
  pane.paint((data) => {
    for (let i = 0; i < SIZE * SIZE; i += 1) {
      // The remainder of a negative number, too, is found by its last seven bits.
      data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = COSINE[(point.across * (i % SIZE) + point.down * (i >> 7)) & (SIZE - 1)];
      data[4 * i + 3] = 255;
    }
  });
}

/** A reduced view: parts and controls that are not to be seen go, and take no room. */
function reduce(s) {
  const { view, nodes } = s;
  const listed = view.get("show")?.length > 0;
  for (const [name, { box }] of Object.entries(nodes.panes)) {
    box.hidden = !view.shows(name) || (!listed && name === (view.get("waves") ? "kernel" : "wave"));
  }
  const count = Object.values(nodes.panes).filter(({ box }) => !box.hidden).length;
  update(nodes.panesBox, { class: `panes ${["none", "one", "two", "three"][count] ?? "four"}` });
  nodes.strip.hidden = !view.shows("words");
  // The wave that is touched has a place in the strip, unless it has a larger one, or there is nothing to touch.
  const beside = !listed || (view.shows("spectrum") && !view.shows("wave"));
  nodes.touched.frame.hidden = !beside;
  nodes.strip.classList.toggle("alone", !beside);
  const home = beside && view.shows("words") ? nodes.touched.frame : view.foot;
  if (s.look.chip.parentNode !== home) home.prepend(s.look.chip);
  const isPaint = view.get("filter") === "paint";
  for (const node of nodes.side.children) {
    const { trait, when } = node.dataset;
    node.hidden = !view.offers(trait) || when === (isPaint ? "mask" : "paint");
  }
  nodes.side.hidden = [...nodes.side.children].every((node) => node.hidden);
  nodes.works.classList.toggle("bare", nodes.side.hidden);
  nodes.works.classList.toggle("wordless", nodes.strip.hidden || !count);
  s.scale = nodes.pad.getBoundingClientRect().width / SIZE || 2;
}

function draw(s) {
  compute(s);
  const { view, nodes, now, mask, inks } = s;
  const { panes } = nodes;
  panes.picture.paint(greys(now.values));
  panes.filtered.paint(greys(s.result.picture, keepsMean(s) ? 0 : 128));
  panes.spectrum.paint((data) => {
    for (let i = 0; i < data.length; i += 1) data[i] = inks.dropped[i] + mask[now.source[i >> 2]] * (inks.kept[i] - inks.dropped[i]);
  });
  paintKernel(s);
  drawRings(s);
  for (const [name, on] of [["painting", painting(s)], ["adding", s.waves > 0]]) view.root.classList.toggle(name, on);
  say(nodes.cutoff.label, view.get("filter") === "band-pass" ? "middle" : "cutoff");
  update(nodes.undo, { "aria-disabled": !s.past.length });
  names(s);
  drawLook(s);
}

// ---- words

/** One frequency in words. */
function describe(s, { across, down }) {
  const m = s.mask[indexOf({ across, down })];
  const fate = m > 0.995 ? "kept" : m < 0.005 ? "dropped" : `kept to ${format(100 * m, 0)}\u00a0%`;
  if (!across && !down) return `No wave, 0 cycles across and 0 down, but the mean: grey ${format(s.now.mean, 0)}; ${fate}`;
  const amplitude = amplitudeOf(s.now.power, indexOf({ across, down }));
  const wave = `${format(across, 0)} cycles across and ${format(down, 0)} down, period ${pixels(SIZE / Math.hypot(across, down))} pixels`;
  return `A plane wave: ${wave}. In this picture ±${format(amplitude, 1)} grey values; ${fate}`;
}

/** The same in so few words that they take two lines at most. */
function touchedWords(s, { across, down }) {
  const m = s.mask[indexOf({ across, down })];
  const fate = m > 0.995 ? "kept" : m < 0.005 ? "dropped" : `${format(100 * m, 0)}\u00a0% kept`;
  if (!across && !down) return `0 across, 0 down: no wave, but the mean, grey ${format(s.now.mean, 0)}; ${fate}.`;
  const amplitude = amplitudeOf(s.now.power, indexOf({ across, down }));
  return `${format(across, 0)} across, ${format(down, 0)} down: period ${pixels(SIZE / Math.hypot(across, down))} pixels, ±${format(amplitude, 1)} grey; ${fate}.`;
}

/** The one sentence. */
function words(s) {
  const point = s.look.at();
  if (point) return touchedWords(s, point);
  const [count, energy] = [...s.shares].map(percent);
  if (s.waves) {
    const { across, down } = pointOf(s.now.order[s.waves - 1]);
    return `${s.waves} of ${WAVES} waves: ${energy} of the energy. Last: ${format(across, 0)} across, ${format(down, 0)} down.`;
  }
  if (painting(s) && s.painted.every(Boolean)) return "Wipe waves away: each stroke is mirrored.";
  return `${fades(s) ? "Weighted" : "Kept"}: ${count} of the frequencies, ${energy} of the energy.`;
}

/** The frequencies that are kept. */
function keptWords(s) {
  if (s.waves) return `the ${s.waves} strongest waves`;
  if (painting(s)) return "the painted frequencies";
  const place = { "low-pass": "below", "high-pass": "above", "band-pass": "in the octave about" }[s.view.get("filter")];
  return `the frequencies ${place} ${brief(s.view.get("cutoff"))} cycles per picture (${s.view.get("edge")} edge)`;
}

/** Names for what is seen. */
function names(s) {
  const { picture, filtered, spectrum, kernel } = s.nodes.panes;
  const [what, kept, grey] = [PICTURES[s.view.get("picture")][1], keptWords(s), !keepsMean(s)];
  say(filtered.name, grey ? "filtered + mid-grey" : "filtered picture");
  update(picture.canvas, { "aria-label": `The picture: ${what}` });
  update(filtered.canvas, { "aria-label": `The filtered picture: ${what} with ${kept} kept${grey ? ", shown about mid-grey" : ""}` });
  update(spectrum.canvas, { "aria-label": `Spectrum of the picture, zero frequency in the middle, with ${kept} kept` });
  const [low, high] = s.extremes.map((v) => format(v, 4));
  update(kernel.canvas, { "aria-label": `The kernel's middle ${SHOWN} by ${SHOWN} weights, from ${low} to ${high}` });
  update(s.nodes.pad, { "aria-label": painting(s) ? HELP.paint : HELP.look });
  say(s.nodes.hint, painting(s) ? "wipe the spectrum: waves go" : "touch the spectrum: its wave");
}

// ---- what the reader does

/** Whoever changes the mask wants to see that, not the waves one by one. */
function useMask(s) {
  s.stop();
  s.view.set("waves", 0);
}

function putPainted(s, bits) {
  s.painted = bits;
  s.view.set("painted", new DataView(packBits(bits).buffer));
  useMask(s);
  s.ask();
}

function remember(s) {
  s.past.push(packBits(s.painted));
  if (s.past.length > 50) s.past.shift();
}

function dab(s, from, to) {
  const steps = Math.max(Math.abs(to.across - from.across), Math.abs(to.down - from.down), 1);
  let bits = s.painted;
  for (let k = 1; k <= steps; k += 1) {
    const along = (a, b) => Math.round(a + ((b - a) * k) / steps);
    bits = paintDisk(bits, along(from.across, to.across), along(from.down, to.down), s.brush.size, s.brush.tool === "drop" ? 0 : 1);
  }
  putPainted(s, bits);
}

/** Drag a circle, look at a frequency, paint. */
function pointers(s) {
  const { view, nodes, look, brush } = s;
  const placeOf = (event) => {
    const { left, top, width } = nodes.pad.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top].map((v) => (v / width) * SIZE);
    const whole = (v) => clamp(Math.floor(v), 0, SIZE - 1) - MIDDLE;
    return { across: whole(x), down: whole(y), radius: Math.hypot(x - MIDDLE - 0.5, y - MIDDLE - 0.5) };
  };
  [...nodes.holds, nodes.grip].forEach((node, i) =>
    handle(view, node, ["cutoff", "waves"], {
      press: (event) => ({ from: placeOf(event).radius, cutoff: view.get("cutoff"), gain: i < 2 ? view.get("cutoff") / s.radii[i] : 1 }),
      drag(event, { from, cutoff, gain }) {
        useMask(s);
        view.set("cutoff", clamp(snap(cutoff + (placeOf(event).radius - from) * gain, 0.5), 1, 64));
      },
    }),
  );
  look.watch(nodes.look, placeOf, { axis: "xy" });
  const show = (at) => {
    brush.at = at;
    look.hover(at);
    s.askLook();
  };
  nodes.paint.dataset.look = "";
  handle(view, nodes.paint, ["painted", "waves"], {
    still: -1,
    press(event) {
      const held = { from: placeOf(event), past: [...s.past] };
      look.letGo();
      remember(s);
      dab(s, held.from, held.from);
      show(held.from);
      return held;
    },
    drag(event, held) {
      const to = placeOf(event);
      if (to.across === held.from.across && to.down === held.from.down) return;
      dab(s, held.from, to);
      held.from = to;
      show(to);
    },
    drop: () => show(null),
    cancel(held) {
      s.past = held.past;
      show(null);
      s.ask();
    },
    hover: (event) => show(placeOf(event)),
    leave: () => show(null),
  });
}

/** The spectrum by keys: a point that goes about, and is pinned or painted. */
function keyboard(s) {
  const { nodes, look, brush } = s;
  let at = null;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [0, 0] };
  const go = (to) => {
    at = to;
    if (painting(s)) brush.at = at;
    if (look.pinned()) look.pin(at);
    else look.hover(at);
    s.askLook();
  };
  keys(nodes.pad, moves, ([across, down], event) => {
    const step = event.shiftKey ? 8 : 1;
    const from = event.key === "Home" ? null : (look.at() ?? at);
    const within = (v) => clamp(v, -MIDDLE, MIDDLE - 1);
    go({ across: within((from?.across ?? 0) + step * across), down: within((from?.down ?? 0) + step * down) });
  });
  keys(nodes.pad, { Enter: true, " ": true }, () => {
    at ??= { across: 0, down: 0 };
    if (!painting(s)) return look.pin(look.at() ?? at);
    remember(s);
    dab(s, at, at);
  });
  nodes.pad.addEventListener("keydown", (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || !painting(s)) return;
    event.stopPropagation(); // in a notebook it would undo an edit of the cells
    event.preventDefault();
    nodes.undo.click();
  });
  nodes.pad.addEventListener("blur", () => {
    at = brush.at = null;
    look.hover(null);
    s.askLook();
  });
}

/** The brush is this view's own: no trait, but controls can be bound to it all the same. */
function brushOf(s) {
  const acts = {};
  const brush = { tool: "drop", size: 7, at: null };
  const local = {
    get: (name) => brush[name],
    set(name, value) {
      brush[name] = value;
      acts[name]();
      s.askLook();
    },
    send() {},
    on: ([name], act) => (acts[name] = act),
  };
  return { brush, local };
}

function controls(s, local) {
  const { view, nodes } = s;
  const filter = segments(view, "filter", "keep which frequencies", named(["low-pass", "high-pass", "band-pass", "paint"]));
  const edge = segments(view, "edge", "edge of the mask", named(["sharp", "smooth"]));
  const spoken = (v) => `${brief(v)} cycles per picture, a wave every ${pixels(SIZE / v)} pixels`;
  const cutoff = slider(view, "cutoff", "cutoff", { low: 1, high: 64, step: 0.5, words: (v) => `${brief(v)} cycles per picture`, spoken });
  const count = (n) => (n ? String(n) : "off");
  const stops = { low: 0, high: STOPS.length - 1, step: 1, place: stopBelow, valueAt: (i) => STOPS[i] };
  const aloud = (n) => (n ? `the ${n} strongest waves` : "off: the mask alone");
  const waves = player(view, "waves", "waves", { ...stops, start: 1, stride: 6, speed: 8, words: count, spoken: aloud });
  s.stop = waves.stop;
  for (const node of [filter.box, edge.box, cutoff.node]) node.addEventListener("input", () => useMask(s));
  const tool = segments(local, "tool", "brush", named(["drop", "restore"]));
  const size = slider(local, "size", "size", { low: 1, high: 25, step: 2, words: (v) => `${v} across`, spoken: (v) => `${v} frequencies across` });
  const button = (text, act) => element("button", { type: "button", onclick: act }, text);
  const change = (bits) => {
    remember(s);
    putPainted(s, bits);
    view.send();
  };
  // Not disabled by the attribute: a button that goes dead under the keyboard would lose the focus to the page.
  nodes.undo = button("Undo", () => {
    if (s.past.length) putPainted(s, unpackBits(s.past.pop()));
  });
  const invert = button("Invert", () => change(s.painted.map((bit) => 1 - bit)));
  const clear = button("Keep all", () => change(s.painted.map(() => 1)));
  const slide = (kind, { label, value, node }) => element("div", { class: `slide ${kind}`, "data-part": "cutoff" }, element("div", { class: "naming" }, label, value), node);
  nodes.cutoff = cutoff;
  const picture = choice(view, "picture", "picture", Object.fromEntries(Object.entries(PICTURES).map(([name, [text]]) => [name, text])));
  filter.box.classList.add("four");
  edge.box.classList.add("edge");
  update(waves.box, { "data-part": "waves" });
  const tools = element("div", { class: "tools" }, tool.box, element("div", { class: "buttons" }, nodes.undo, invert, clear));
  const of = (trait, node, when) => {
    // Not on what holds them all: lit alone, one of them would lie in something that is dimmed.
    const part = ["controls", node.dataset.part].filter(Boolean).join(" ");
    Object.assign(node.dataset, { trait, part, ...(when && { when }) });
    return node;
  };
  const rows = [of("cutoff", slide("cutoff", cutoff), "mask"), of("painted", slide("size", size), "paint"), of("waves", waves.box), of("painted", tools, "paint")];
  rows.push(of("filter", filter.box), of("edge", edge.box, "mask"), of("picture", picture.box));
  return element("div", { class: "side" }, ...rows);
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "frequency", { traits: TRAITS });
  const s = { view, nodes: scene(), room: roomFor(SIZE * SIZE), past: [], scale: 2, now: null, painted: null, inks: null, colors: null };
  const { brush, local } = brushOf(s);
  s.ask = view.frame(() => draw(s));
  s.askLook = view.frame(() => drawLook(s));
  const same = (a, b) => a.across === b.across && a.down === b.down;
  s.brush = brush;
  s.look = looking(view, s.askLook, { same, name: "wave" });
  s.nodes.side = controls(s, local);
  pointers(s);
  keyboard(s);
  view.on(["picture", "image"], () => (s.now = null));
  view.on(["painted"], () => readPainted(s));
  view.on(["filter"], () => s.look.letGo());
  view.on([...TRAITS, "image"], s.ask);
  view.on(["show", "controls", "filter", "waves"], () => {
    reduce(s);
    s.ask();
  });
  view.themes(() => {
    s.colors = s.inks = null;
    draw(s); // at once: paper does not wait for a frame
  });
  s.nodes.panesBox = element("div", { class: "panes" }, ...Object.values(s.nodes.panes).map(({ box }) => box));
  s.nodes.works = element("div", { class: "works" }, s.nodes.panesBox, s.nodes.strip, s.nodes.side);
  view.widths(s.nodes.works, () => {
    reduce(s);
    draw(s);
  });
  view.show(s.nodes.works);
  return view.end;
}

export default { render };
