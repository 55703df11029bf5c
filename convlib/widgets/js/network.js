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
  for (let m = 0; m < b.length; m += 1) {
    y.fill(b[m], m * area, (m + 1) * area);
    for (let c = 0; c < channels; c += 1) {
      for (let t = 0; t < taps * taps; t += 1) {
        const weight = w[(m * channels + c) * taps * taps + t];
        const first = c * side * side + floor(t / taps) * side + (t % taps);
        for (let i = 0; i < size; i += 1) {
          const [to, from] = [m * area + i * size, first + i * side];
          for (let j = 0; j < size; j += 1) y[to + j] += weight * x[from + j];
        }
      }
    }
  }
  if (relu) for (let i = 0; i < y.length; i += 1) if (y[i] < 0) y[i] = 0;
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
