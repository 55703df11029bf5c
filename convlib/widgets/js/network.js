// Layers of a network that runs on the page, and the weights it travels with: the same numbers as in Python.
// Maps are rows of numbers, map after map, row after row.

const { max, floor, exp } = Math;

/** Bytes from base 64. */
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** A number of half precision from its 16 bits. */
export function half(bits) {
  const [sign, power, part] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (power === 31) return part ? NaN : sign * Infinity;
  return sign * (power ? 2 ** (power - 15) * (1 + part / 1024) : 2 ** -14 * (part / 1024));
}

/** Numbers of half precision from base 64. */
export function halves(text) {
  const bytes = bytesOf(text);
  const numbers = new Float64Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = half(bytes[2 * i] | (bytes[2 * i + 1] << 8));
  return numbers;
}

/** Layers by name from numbers that follow one another: of each `[name, units, inputs]` its weights, then its biases. */
export function layersOf(numbers, shapes) {
  let at = 0;
  const take = (count) => numbers.slice(at, (at += count));
  return Object.fromEntries(shapes.map(([name, units, inputs]) => [name, { w: take(units * inputs), b: take(units) }]));
}

/** Square maps with a rim of zeros as wide as `rim`, into `y`, whose rim is zero already. */
export function padded(x, channels, side, rim, y) {
  const wide = side + 2 * rim;
  for (let c = 0; c < channels; c += 1) {
    for (let i = 0; i < side; i += 1) {
      const [from, to] = [(c * side + i) * side, (c * wide + i + rim) * wide + rim];
      for (let j = 0; j < side; j += 1) y[to + j] = x[from + j];
    }
  }
  return y;
}

/** A convolution where the kernel lies wholly inside, or a full connection where it is as large as the input; ReLU. */
export function convolved(x, channels, side, taps, { w, b }, y, relu = true) {
  const size = side - taps + 1;
  const area = size * size;
  const add = taps === 3 ? addNine : addTaps;
  for (let m = 0; m < b.length; m += 1) {
    y.fill(b[m], m * area, (m + 1) * area);
    for (let c = 0; c < channels; c += 1) add(x, c * side * side, side, w, (m * channels + c) * taps * taps, taps, y, m * area, size);
  }
  if (relu) for (let i = 0; i < y.length; i += 1) if (y[i] < 0) y[i] = 0;
}

/** One channel's part of one map, tap by tap. */
function addTaps(x, start, side, w, kernel, taps, y, out, size) {
  for (let t = 0; t < taps * taps; t += 1) {
    const weight = w[kernel + t];
    const first = start + floor(t / taps) * side + (t % taps);
    for (let i = 0; i < size; i += 1) {
      const [to, from] = [out + i * size, first + i * side];
      for (let j = 0; j < size; j += 1) y[to + j] += weight * x[from + j];
    }
  }
}

/** The same for 3 × 3 taps, all nine at once: less than half the time, for each sum is read and written once. */
function addNine(x, start, side, w, k, _taps, y, out, size) {
  const [w0, w1, w2, w3, w4, w5, w6, w7, w8] = w.subarray(k, k + 9);
  for (let i = 0; i < size; i += 1) {
    const to = out + i * size;
    const above = start + i * side;
    const middle = above + side;
    const below = middle + side;
    for (let j = 0; j < size; j += 1) {
      const upper = w0 * x[above + j] + w1 * x[above + j + 1] + w2 * x[above + j + 2];
      const level = w3 * x[middle + j] + w4 * x[middle + j + 1] + w5 * x[middle + j + 2];
      y[to + j] += upper + level + w6 * x[below + j] + w7 * x[below + j + 1] + w8 * x[below + j + 2];
    }
  }
}

/** The largest of each 2 × 2. */
export function pooled(x, maps, side, y) {
  const small = side / 2;
  for (let m = 0; m < maps; m += 1) {
    for (let i = 0; i < small; i += 1) {
      for (let j = 0; j < small; j += 1) {
        const at = m * side * side + 2 * i * side + 2 * j;
        y[m * small * small + i * small + j] = max(x[at], x[at + 1], x[at + side], x[at + side + 1]);
      }
    }
  }
}

/** Softmax: positive numbers that add up to 1. */
export function shares(scores) {
  const most = scores.reduce((a, b) => max(a, b));
  const powers = Array.from(scores, (v) => exp(v - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

/** A share in whole per cent; one that is nearly all is not called all. */
export const percent = (share) => (share > 0.995 ? "over 99\u00a0%" : `${floor(100 * share + 0.5)}\u00a0%`);
