import { clamp, element, format, keepKeys, listen, oncePerFrame, say, uniqueId, update, whenQuiet } from "./common.js";

// ---- the maths: pure functions, held against NumPy by tests/site/test_frequency_filter.py ------------------------
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

// ---- the picture ------------------------------------------------------------------------------------------------

const PICTURES = {
  photograph: ["photograph", "a photograph"],
  stripes: ["photograph with stripes", "a photograph under diagonal stripes"],
  disk: ["disk", "a light disk on a dark ground"],
  edge: ["edge", "a dark left half and a light right half"],
};
const ABOUT = {
  photograph: "128 × 128 pixels: a sum of plane waves.",
  stripes: "The picture with stripes over it. Which waves are they? Choose paint, and wipe them away.",
  disk: "A sharp mask makes it ring, a smooth one does not.",
  edge: "Only waves across are needed: one line in the spectrum.",
};
const FILTERS = ["low-pass", "high-pass", "band-pass", "paint"];
const TOKENS = ["input", "kernel", "product", "muted", "ink"];
const OCTAVE = Math.SQRT2; // a band reaches this factor up and down
const percent = (share) => `${format(100 * share, 1)}\u00a0%`;
const brief = (value) => format(value, Math.abs(value - Math.round(value)) < 0.05 ? 0 : 1);
const pixels = (period) => (period < 9.95 ? brief(period) : format(period, 0));

/** Radio buttons that look like one switch. */
function switchOf(name, legend, values, choose, style = "segments") {
  const radios = values.map((value) => {
    const input = element("input", { type: "radio", name, value });
    input.addEventListener("change", () => choose(value));
    return input;
  });
  const labels = radios.map((radio) => element("label", {}, radio, radio.value));
  const box = element("fieldset", {}, element("legend", {}, legend), element("div", { class: style }, ...labels));
  return { box, show: (value) => radios.forEach((radio) => (radio.checked = radio.value === value)) };
}

/** A slider with its label and its value in words. */
function sliderOf(id, label, attributes, act) {
  const input = element("input", { type: "range", id, ...attributes });
  const name = element("label", { for: id }, label);
  const value = element("output", { for: id });
  input.addEventListener("input", () => act(Number(input.value)));
  const box = element("div", { class: "slide" }, element("div", { class: "naming" }, name, value), input);
  return { box, input, name, value };
}

/** A titled picture with a note under it. */
function panelOf(kind, title, side) {
  const canvas = element("canvas", { width: side, height: side, role: "img" });
  const name = element("p", { class: `title ${kind}` }, title);
  const note = element("p", { class: "note" });
  const frame = element("div", { class: "frame" }, canvas);
  return { box: element("div", { class: `pane ${kind}` }, name, frame, note), frame, canvas, name, note, side };
}

/** Draw on a panel: paint(data) fills its red, green, blue and opacity from 0 to 255. */
function put(canvas, paint) {
  // Its pixels are always set from here, so that they had better stay here.
  canvas.context ??= canvas.getContext("2d", { willReadFrequently: true });
  canvas.image ??= canvas.context.createImageData(canvas.width, canvas.height);
  paint(canvas.image.data);
  canvas.context.putImageData(canvas.image, 0, 0);
}

function greys(values, offset = 0) {
  return (data) => {
    for (let i = 0; i < values.length; i += 1) {
      const at = 4 * i;
      data[at] = data[at + 1] = data[at + 2] = values[i] + offset; // the array clips and rounds
      data[at + 3] = 255;
    }
  };
}

function render({ model, el }) {
  const id = uniqueId("frequency");
  let now = null; // the picture, its spectrum and what follows from them alone
  let mask = null;
  const room = roomFor(SIZE * SIZE);
  let painted = null; // the trait's bits, unpacked
  let colors = {};
  let inks = null; // the spectrum's colours, kept and dropped
  let scale = 2; // screen pixels a frequency
  let point = null; // frequency looked at
  let pinned = false;
  let brush = { size: 7, value: 0, at: null };
  const past = []; // packed masks, for undo of what was painted in this view

  // Controls
  const choose = (trait) => (value) => {
    model.set(trait, value);
    model.save_changes();
  };
  const options = Object.entries(PICTURES).map(([value, [text]]) => element("option", { value }, text));
  const picture = element("select", { id: `${id}-picture` }, ...options);
  picture.addEventListener("change", () => choose("picture")(picture.value));
  const filter = switchOf(`${id}-filter`, "keep which frequencies", FILTERS, choose("filter"), "segments four");
  const edge = switchOf(`${id}-edge`, "edge of the mask", ["sharp", "smooth"], choose("edge"));
  const cutoff = sliderOf(`${id}-cutoff`, "cutoff", { min: 1, max: 64, step: 0.5 }, (value) => setCutoff(value));
  const paintWith = switchOf(`${id}-brush`, "brush", ["drop", "restore"], (value) => (brush.value = value === "drop" ? 0 : 1));
  const size = sliderOf(`${id}-size`, "size", { min: 1, max: 25, step: 2, value: brush.size }, (value) => {
    brush.size = value;
    showBrush();
  });
  const button = (text, act) => element("button", { type: "button", onclick: act }, text);
  // Not disabled by the attribute: a button that goes dead under the keyboard would lose the focus to the page.
  const undo = button("Undo", () => {
    if (past.length) putPainted(unpackBits(past.pop()));
    showUndo();
  });
  const invert = button("Invert", () => change(painted.map((bit) => 1 - bit)));
  const clear = button("Keep all", () => change(painted.map(() => 1)));
  const tools = element("div", { class: "tools" }, paintWith.box, size.box, element("div", { class: "buttons" }, undo, invert, clear));
  const amounts = [element("b"), element("b")];
  const verb = element("span");
  const weighted = element("span");
  const stats = element("p", { class: "stats" }, verb, amounts[0], " of the frequencies", weighted,  amounts[1], " of the energy (without the mean)");
  const word = (kind, text) => element("b", { class: kind }, text);
  const ways = [
    ["Multiply: ", word("product", "spectrum"), " × ", word("kernel", "mask"), ","],
    ["or convolve, wrapping round: ", word("input", "picture"), " ∗ the whole ", word("kernel", "kernel"), ":"],
    ["the same ", word("output", "filtered picture"), "."],
  ];
  const theorem = element("p", { class: "theorem" }, ...ways.map((line) => element("span", {}, ...line)));
  const spoken = element("p", { class: "quiet", "aria-live": "polite" });

  // Panels
  const before = panelOf("input", "picture", SIZE);
  const after = panelOf("output", "filtered picture", SIZE);
  const spectrum = panelOf("product", "spectrum × mask", SIZE);
  const kernel = panelOf("kernel", "", SHOWN);
  const wave = element("canvas", { width: SIZE, height: SIZE, role: "img", class: "wave", hidden: true });
  kernel.frame.append(wave);
  const circle = (className, r = 0) => element("circle", { class: className, cx: MIDDLE + 0.5, cy: MIDDLE + 0.5, r });
  const rings = [circle("ring"), circle("ring")];
  const holds = [circle("hold"), circle("hold")]; // wide enough for a finger, which must not scroll there
  const knob = circle("knob");
  const cursors = [circle("cursor"), circle("cursor twin")];
  const brushes = [circle("brush"), circle("brush")];
  const pad = element(
    "svg",
    { class: "pad", viewBox: `0 0 ${SIZE} ${SIZE}`, tabindex: 0, role: "application", "aria-describedby": `${id}-how` },
    ...holds,
    ...rings,
    knob,
    ...brushes,
    ...cursors,
  );
  spectrum.frame.append(pad);
  spectrum.note.id = `${id}-how`;
  const panes = element("div", { class: "panes" }, before.box, after.box, spectrum.box, kernel.box);
  const side = element(
    "div",
    { class: "side" },
    element("div", {}, element("label", { for: picture.id }, "picture"), picture),
    filter.box,
    edge.box,
    cutoff.box,
    tools,
    stats,
    theorem,
  );
  const root = element("div", { class: "cl-widget cl-frequency" }, element("div", { class: "works" }, panes, side), spoken);
  keepKeys(el);
  el.append(root);

  // From traits to what is drawn
  const bytes = (name) => {
    const view = model.get(name);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  };
  const painting = () => model.get("filter") === "paint";
  const keepsMean = () => mask[MIDDLE * SIZE + MIDDLE] >= 0.5;
  const indexOf = ({ across, down }) => (down + MIDDLE) * SIZE + across + MIDDLE;

  function readColors() {
    const style = getComputedStyle(root);
    const context = element("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    for (const name of TOKENS) {
      context.fillStyle = style.getPropertyValue(`--cl-${name}`).trim() || "#000";
      context.fillRect(0, 0, 1, 1);
      colors[name] = [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    }
  }

  /** The painted mask; one that did not come from this view has nothing to do with what can be undone here. */
  function readPainted() {
    const sent = bytes("painted");
    if (painted && packBits(painted).every((byte, i) => byte === sent[i])) return;
    painted = unpackBits(sent);
    past.length = 0;
  }

  /** What follows from the picture alone. */
  function readPicture() {
    const values = pictureOf(model.get("picture"), bytes("image"));
    const transformed = spectrumOf(values);
    const power = powerOf(transformed);
    now = { values, spectrum: transformed, power, mean: transformed.re[0] / values.length };
    put(before.canvas, greys(values));
    say(before.note, ABOUT[model.get("picture")]);
    before.canvas.setAttribute("aria-label", `The picture: ${PICTURES[model.get("picture")][1]}`);
    picture.value = model.get("picture");
  }

  /** The spectrum's colours: amplitudes from 0.02 to 40 grey values on a logarithmic scale, in grey where dropped. */
  function readInks() {
    const kept = new Float32Array(4 * SIZE * SIZE);
    const dropped = new Float32Array(4 * SIZE * SIZE);
    for (let i = 0; i < SIZE * SIZE; i += 1) {
      const middle = i === MIDDLE * SIZE + MIDDLE;
      const amplitude = middle ? 2 * now.mean : (2 * Math.sqrt(now.power[i])) / (SIZE * SIZE);
      const level = clamp((Math.log10(amplitude + 1e-9) + 1.7) / 3.3, 0, 1);
      const strong = clamp((level - 0.6) / 0.4, 0, 1);
      for (let c = 0; c < 3; c += 1) {
        kept[4 * i + c] = colors.product[c] + strong * (colors.ink[c] - colors.product[c]);
        dropped[4 * i + c] = colors.muted[c];
      }
      kept[4 * i + 3] = 255 * clamp(level / 0.7, 0, 1);
      dropped[4 * i + 3] = 255 * (0.22 + 0.63 * level);
    }
    inks = { kept, dropped };
  }

  function drawSpectrum(data) {
    const { kept, dropped } = inks;
    for (let i = 0; i < data.length; i += 1) data[i] = dropped[i] + mask[i >> 2] * (kept[i] - dropped[i]);
  }

  /** Orange above zero, blue below; by the square root, so that faint ripples show. */
  function drawKernel(weights) {
    const first = MIDDLE - (SHOWN - 1) / 2;
    const part = Float64Array.from({ length: SHOWN * SHOWN }, (_, i) => weights[(first + Math.floor(i / SHOWN)) * SIZE + first + (i % SHOWN)]);
    const largest = part.reduce((best, v) => Math.max(best, Math.abs(v)), 0);
    put(kernel.canvas, (data) => {
      part.forEach((v, i) => {
        data.set(v < 0 ? colors.input : colors.kernel, 4 * i);
        data[4 * i + 3] = largest ? 255 * Math.sqrt(Math.abs(v) / largest) : 0;
      });
    });
    now.extremes = [Math.max(...part), Math.min(...part)];
  }

  /** What changes with the mask: cheap enough for every frame of a drag. */
  function frame() {
    mask = painting() ? Float64Array.from(painted) : maskValues(model.get("filter"), model.get("edge"), model.get("cutoff"));
    const result = keep(now.spectrum, mask, room);
    put(after.canvas, greys(result.picture, keepsMean() ? 0 : 128));
    put(spectrum.canvas, drawSpectrum);
    drawKernel(result.kernel);
    sharesOf(now.power, mask).forEach((share, i) => say(amounts[i], percent(share)));
    const fading = !painting() && model.get("edge") === "smooth"; // such a mask keeps no countable number of them
    say(verb, fading ? "lets " : "keeps ");
    say(weighted, fading ? " through, weighted by the mask, and " : " and ");
    showCutoff();
    showPoint();
    aloud();
  }

  /** The circles at the mask's edge: one, or two about the middle of a band. */
  const radii = () => (model.get("filter") === "band-pass" ? [model.get("cutoff") / OCTAVE, model.get("cutoff") * OCTAVE] : [model.get("cutoff")]);

  function showCutoff() {
    const value = model.get("cutoff");
    const on = !painting();
    const edges = radii();
    rings.forEach((ring, i) => {
      const seen = { r: edges[i] ?? 0, visibility: on && i < edges.length ? "visible" : "hidden" };
      update(ring, { ...seen, class: `ring ${model.get("edge")}` });
      update(holds[i], seen);
    });
    const at = value * Math.SQRT1_2;
    update(knob, { cx: MIDDLE + 0.5 + at, cy: MIDDLE + 0.5 - at, r: 6.5 / scale, visibility: on ? "visible" : "hidden" });
    const words = `${brief(value)} cycles per picture`;
    const period = `a wave every ${pixels(SIZE / value)} pixels`;
    if (Number(cutoff.input.value) !== value) cutoff.input.value = value;
    say(cutoff.value, words);
    update(cutoff.input, { "aria-valuetext": `${words}, ${period}` });
    const filterNow = model.get("filter");
    const about = keepsMean() ? "" : " It is shown about mid-grey, for its mean is 0.";
    const says = {
      "low-pass": model.get("edge") === "sharp" ? `Waves shorter than ${pixels(SIZE / value)} pixels are gone; the sharp mask leaves ripples.` : "Short waves fade out, and nothing ripples.",
      "high-pass": "Only fine detail is left.",
      "band-pass": "One octave of detail is left.",
      paint: "The sum of the waves that are kept.",
    };
    say(after.note, says[filterNow] + about);
  }

  /** The frequencies that are kept, in words. */
  function keptWords() {
    if (painting()) return "the painted frequencies";
    const place = { "low-pass": "below", "high-pass": "above", "band-pass": "in the octave about" }[model.get("filter")];
    return `the frequencies ${place} ${brief(model.get("cutoff"))} cycles per picture (${model.get("edge")} edge)`;
  }

  /** One frequency in words. */
  function describePoint({ across, down }) {
    const m = mask[indexOf({ across, down })];
    const fate = m > 0.995 ? "kept" : m < 0.005 ? "dropped" : `kept to ${format(100 * m, 0)}\u00a0%`;
    if (!across && !down) return `No wave, 0 cycles across and 0 down, but the mean: grey ${format(now.mean, 0)}; ${fate}`;
    const period = SIZE / Math.hypot(across, down);
    const amplitude = (2 * Math.sqrt(now.power[indexOf({ across, down })])) / (SIZE * SIZE);
    return `A plane wave: ${format(across, 0)} cycles across and ${format(down, 0)} down, period ${pixels(period)} pixels. In this picture ±${format(amplitude, 1)} grey values; ${fate}`;
  }

  /** The wave at the chosen point in place of the kernel, or the kernel. */
  function showPoint() {
    const seen = point !== null && !dragging;
    say(
      spectrum.note,
      pinned
        ? "Click there again or press Escape to let go."
        : painting()
        ? "Paint on it. Strokes are mirrored through the middle, so that the picture stays real."
        : "Drag the circle. Point at a place to see its wave; click to pin it.",
    );
    wave.toggleAttribute("hidden", !seen);
    kernel.canvas.toggleAttribute("hidden", seen);
    kernel.box.classList.toggle("waving", seen);
    cursors.forEach((cursor, i) => {
      const sign = i ? -1 : 1;
      update(cursor, { visibility: seen ? "visible" : "hidden", r: 5 / scale });
      if (seen) update(cursor, { cx: MIDDLE + 0.5 + sign * point.across, cy: MIDDLE + 0.5 + sign * point.down });
    });
    if (!seen) {
      say(kernel.name, "kernel, enlarged");
      say(kernel.note, `The middle ${SHOWN} × ${SHOWN} of ${SIZE} × ${SIZE} weights. Orange adds, blue subtracts; colours follow the square root, so that faint ripples show.`);
      return;
    }
    say(kernel.name, pinned ? "wave, pinned" : "wave at this point");
    const text = describePoint(point);
    say(kernel.note, `${text}.`);
    wave.setAttribute("aria-label", text);
    put(wave, (data) => {
      for (let i = 0; i < SIZE * SIZE; i += 1) {
        const turns = (point.across * (i % SIZE) + point.down * Math.floor(i / SIZE)) / SIZE;
        data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = 128 + 100 * Math.cos(2 * Math.PI * turns);
        data[4 * i + 3] = 255;
      }
    });
  }

  function showBrush() {
    say(size.value, `${brush.size} frequencies across`);
    update(size.input, { "aria-valuetext": size.value.textContent });
    brushes.forEach((ring, i) => {
      const sign = i ? -1 : 1;
      const seen = painting() && brush.at;
      update(ring, { visibility: seen ? "visible" : "hidden", r: brush.size / 2 });
      if (seen) update(ring, { cx: MIDDLE + 0.5 + sign * brush.at.across, cy: MIDDLE + 0.5 + sign * brush.at.down });
    });
  }

  /** What does not change while something is dragged. */
  function showControls() {
    const paint = painting();
    filter.show(model.get("filter"));
    edge.show(model.get("edge"));
    paintWith.show(brush.value ? "restore" : "drop");
    edge.box.hidden = cutoff.box.hidden = paint;
    tools.hidden = !paint;
    pad.classList.toggle("paint", paint);
    say(cutoff.name, model.get("filter") === "band-pass" ? "middle" : "cutoff");
    const keys = paint ? "Enter paints there" : "Enter pins its wave, Escape lets go";
    update(pad, { "aria-label": `Spectrum. Arrow keys move a point, with Shift by 8; ${keys}.` });
    showUndo();
    showBrush();
  }

  const showUndo = () => update(undo, { "aria-disabled": !past.length });

  /** Names for what is seen. */
  function nameCanvases() {
    const gray = keepsMean() ? "" : ", shown about mid-grey";
    after.canvas.setAttribute("aria-label", `The filtered picture: ${PICTURES[model.get("picture")][1]} with ${keptWords()} kept${gray}`);
    spectrum.canvas.setAttribute("aria-label", `Spectrum of the picture, zero frequency in the middle, with ${keptWords()} kept`);
    const [high, low] = now.extremes;
    kernel.canvas.setAttribute("aria-label", `The kernel's middle ${SHOWN} by ${SHOWN} weights, from ${format(low, 4)} to ${format(high, 4)}`);
  }
  const aloud = whenQuiet(() => {
    nameCanvases();
    say(spoken, point && !dragging ? describePoint(point) : `${stats.textContent}.`);
  });

  const redrawFrame = oncePerFrame(frame);
  const redraw = oncePerFrame(all);
  const redrawPoint = oncePerFrame(() => {
    showPoint();
    showBrush();
    aloud();
  });
  function all() {
    readColors();
    readPicture();
    readInks();
    readPainted();
    showControls();
    frame();
    nameCanvases();
  }

  // Changing the cutoff and the painted mask
  const save = whenQuiet(() => model.save_changes(), 60);
  function setCutoff(value) {
    model.set("cutoff", clamp(Math.round(2 * value) / 2, 1, 64));
    save();
  }
  function putPainted(bits) {
    painted = bits;
    model.set("painted", new DataView(packBits(bits).buffer));
    save();
  }
  function remember() {
    past.push(packBits(painted));
    if (past.length > 50) past.shift();
    showUndo();
  }
  function change(bits) {
    remember();
    putPainted(bits);
  }
  function dab(from, to) {
    const steps = Math.max(Math.abs(to.across - from.across), Math.abs(to.down - from.down), 1);
    let bits = painted;
    for (let k = 1; k <= steps; k += 1) {
      const along = (a, b) => Math.round(a + ((b - a) * k) / steps);
      bits = paintDisk(bits, along(from.across, to.across), along(from.down, to.down), brush.size, brush.value);
    }
    putPainted(bits);
  }

  // Pointer on the spectrum
  let dragging = null;
  let pressed = null;
  let pointer = null; // the one that presses: a second finger must not take over what a first one drags
  const placeOf = (event) => {
    const box = pad.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SIZE;
    const y = ((event.clientY - box.top) / box.height) * SIZE;
    const whole = (v) => clamp(Math.floor(v), 0, SIZE - 1) - MIDDLE;
    return { across: whole(x), down: whole(y), radius: Math.hypot(x - MIDDLE - 0.5, y - MIDDLE - 0.5) };
  };
  /** The circle that a pointer has hold of, as its radius; null if none is near. */
  const ringNear = (event, place) => {
    if (painting()) return null;
    if (event.target === knob) return model.get("cutoff");
    const near = (event.pointerType === "touch" ? 16 : 7) / scale;
    return radii().find((r) => Math.abs(place.radius - r) < near) ?? null;
  };
  const letGo = () => {
    point = null;
    pinned = false;
    redrawPoint();
  };
  pad.addEventListener("pointerdown", (event) => {
    if (event.button || pointer !== null) return;
    pointer = event.pointerId;
    const place = placeOf(event);
    const ring = ringNear(event, place);
    if (painting() || ring !== null) {
      pad.setPointerCapture(event.pointerId);
      dragging = painting() ? { from: place } : { radius: place.radius, cutoff: model.get("cutoff"), gain: model.get("cutoff") / ring };
      if (painting()) {
        if (!pinned) point = null;
        brush.at = place;
        remember();
        dab(place, place);
      } else if (!pinned) point = null;
      redrawPoint();
    } else pressed = place;
  });
  pad.addEventListener("pointermove", (event) => {
    if (pointer !== null && event.pointerId !== pointer) return;
    const place = placeOf(event);
    if (dragging && event.buttons) {
      if (dragging.from) {
        if (place.across === dragging.from.across && place.down === dragging.from.down) return;
        dab(dragging.from, place);
        dragging.from = brush.at = place;
        redrawPoint();
      } else setCutoff(dragging.cutoff + (place.radius - dragging.radius) * dragging.gain);
    } else if (event.pointerType === "mouse" && !event.buttons) {
      const ring = ringNear(event, place);
      pad.classList.toggle("near", ring !== null);
      brush.at = place;
      if (!pinned) point = ring === null ? place : null;
      redrawPoint();
    }
  });
  pad.addEventListener("pointerup", (event) => {
    if (event.pointerId !== pointer) return;
    if (dragging) model.save_changes();
    else if (pressed) {
      const place = placeOf(event);
      const still = Math.hypot(place.across - pressed.across, place.down - pressed.down) * scale < 5;
      const again = pinned && Math.hypot(place.across - point.across, place.down - point.down) * scale < 6;
      if (still) {
        pinned = !again;
        point = event.pointerType === "mouse" || pinned ? place : null;
      }
    }
    dragging = pressed = pointer = null;
    redrawPoint();
  });
  pad.addEventListener("pointercancel", (event) => {
    if (event.pointerId !== pointer) return;
    dragging = pressed = pointer = null;
    redrawPoint();
  });
  pad.addEventListener("pointerleave", (event) => {
    if (dragging || (pointer !== null && event.pointerId !== pointer)) return;
    pressed = pointer = null; // not captured: where it is let go is not heard
    brush.at = null;
    if (pinned) redrawPoint();
    else letGo();
  });
  pad.addEventListener("blur", () => {
    brush.at = null;
    if (pinned) redrawPoint();
    else letGo();
  });
  pad.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && painting()) {
      event.stopPropagation(); // in a notebook it would undo an edit of the cells
      undo.click();
    } else if (event.key === "Escape") letGo();
    else if (event.key === "Enter" || event.key === " ") {
      point ??= { across: 0, down: 0 };
      if (painting()) {
        remember();
        dab(point, point);
      } else {
        pinned = !pinned;
        redrawPoint();
      }
    } else {
      const step = event.shiftKey ? 8 : 1;
      const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step], Home: [0, 0] }[event.key];
      if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
      const from = event.key === "Home" || !point ? { across: 0, down: 0 } : point;
      const within = (v) => clamp(v, -MIDDLE, MIDDLE - 1);
      point = { across: within(from.across + by[0]), down: within(from.down + by[1]) };
      if (painting()) brush.at = point;
      redrawPoint();
    }
    event.preventDefault();
  });

  all();
  const unlisten = [
    listen(model, ["picture", "image"], redraw),
    listen(model, ["filter", "edge"], () => {
      if (painting()) pinned = false;
      if (painting()) point = null;
      showControls();
      redrawFrame();
    }),
    listen(model, ["cutoff"], redrawFrame),
    listen(model, ["painted"], () => {
      readPainted();
      showUndo();
      redrawFrame();
    }),
  ];
  const resize = new ResizeObserver(([entry]) => {
    if (!entry.contentRect.width) return;
    scale = entry.contentRect.width / SIZE;
    showCutoff();
    redrawPoint();
  });
  resize.observe(spectrum.frame);
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const night = matchMedia("(prefers-color-scheme: dark)");
  night.addEventListener("change", redraw);
  return () => {
    for (const end of unlisten) end();
    save.flush();
    for (const pending of [redraw, redrawFrame, redrawPoint, aloud]) pending.cancel();
    resize.disconnect();
    theme.disconnect();
    night.removeEventListener("change", redraw);
  };
}

export default { render };
