// Small square kernels by name, and what is done to their weights by hand: one set, the sum kept, another size.

import { brief, clamp } from "./numbers.js";

export const REACH = 99; // the largest weight
const { abs, exp, floor, max, round, sqrt } = Math;

export const sumOf = (numbers) => numbers.reduce((sum, v) => sum + v, 0);
export const sideOf = (w) => round(sqrt(w.length));

const bell = (side, sigma) => {
  const taps = Array.from({ length: side }, (_, k) => exp(-0.5 * ((k - (side - 1) / 2) / sigma) ** 2));
  const total = sumOf(taps);
  return taps.map((tap) => tap / total);
};
const outer = (a, b) => a.flatMap((u) => b.map((v) => u * v));
const grid = (side, at) => Array.from({ length: side * side }, (_, k) => at((k % side) - (side - 1) / 2, floor(k / side) - (side - 1) / 2));

/** Laplacian of a Gaussian, so much of the Gaussian taken off that the sum is 0. */
function laplacianOfGaussian(side, sigma) {
  const g = outer(bell(side, sigma), bell(side, sigma));
  const w = grid(side, (x, y) => (x * x + y * y - 2 * sigma ** 2) / sigma ** 4).map((v, k) => v * g[k]);
  const rest = sumOf(w);
  return w.map((v, k) => v - rest * g[k]);
}

export const SIGMAS = { 3: 0.85, 5: 1.1, 7: 1.5 };

/** Kernels by name: for each size that it has, weights and what they are divided by; those of convlib.kernels. */
export const MAKERS = {
  identity: { 3: () => grid(3, (x, y) => (x || y ? 0 : 1)), 5: () => grid(5, (x, y) => (x || y ? 0 : 1)), 7: () => grid(7, (x, y) => (x || y ? 0 : 1)) },
  box: { 3: () => [grid(3, () => 1), 9], 5: () => [grid(5, () => 1), 25], 7: () => [grid(7, () => 1), 49] },
  Gaussian: Object.fromEntries([3, 5, 7].map((n) => [n, () => outer(bell(n, SIGMAS[n]), bell(n, SIGMAS[n]))])),
  motion: Object.fromEntries([3, 5, 7].map((n) => [n, () => [grid(n, (_, y) => (y ? 0 : 1)), n]])),
  sharpen: { 3: () => [0, -1, 0, -1, 5, -1, 0, -1, 0] },
  emboss: { 3: () => [2, 1, 0, 1, 1, -1, 0, -1, -2] },
  "Sobel x": { 3: () => [[1, 0, -1, 2, 0, -2, 1, 0, -1], 8] },
  "Sobel y": { 3: () => [[1, 2, 1, 0, 0, 0, -1, -2, -1], 8] },
  Laplacian: { 3: () => [0, 1, 0, 1, -4, 1, 0, 1, 0], 5: () => laplacianOfGaussian(5, 0.9), 7: () => laplacianOfGaussian(7, 1.1) },
};
export const PRESETS = Object.keys(MAKERS);

/** Weights and divisor of a named kernel, of this size or of the only one that there is. */
export function preset(name, side) {
  const made = (MAKERS[name][side] ?? MAKERS[name][3])();
  return Array.isArray(made[0]) ? { w: made[0], divisor: made[1] } : { w: made, divisor: 1 };
}

/** The name of a kernel, or "your own". */
export function presetOf(w, divisor) {
  const same = (name) => {
    const known = preset(name, sideOf(w));
    return known.w.length === w.length && known.w.every((v, k) => abs(v / known.divisor - w[k] / divisor) < 1e-6);
  };
  return PRESETS.find(same) ?? "your own";
}

/** Weights from anyone's link as a kernel of 3, 5 or 7 rows: what is too many is left out, what lacks is 0. */
export function kernelOf(numbers) {
  const side = numbers.length > 25 ? 7 : numbers.length > 9 ? 5 : 3;
  return Array.from({ length: side * side }, (_, k) => numbers[k] ?? 0);
}

/** The kernel with other rows and columns: cut, or with zeros around it. */
export function resized(w, side) {
  const [old, by] = [sideOf(w), (side - sideOf(w)) / 2];
  return grid(side, () => 0).map((_, k) => {
    const [i, j] = [floor(k / side) - by, (k % side) - by];
    return i >= 0 && j >= 0 && i < old && j < old ? w[i * old + j] : 0;
  });
}

/** Without the noise of binary fractions, and never minus zero. */
export const tidy = (v) => round(v * 1e9) / 1e9 + 0;
const goal = (lock, divisor) => (lock === "one" ? divisor : 0);

/** The weights with the sum that the lock asks for, the centre making up for what lacks; null where it cannot. */
export function settled(w, lock, divisor) {
  if (lock === "none") return w;
  const centre = (w.length - 1) / 2;
  const value = tidy(goal(lock, divisor) - sumOf(w) + w[centre]);
  return abs(value) > REACH ? null : w.map((v, k) => (k === centre ? value : v));
}

/** One weight set; with a lock the centre makes up for it, and all others for the centre. Unchanged if that cannot be. */
export function edited(w, k, value, lock, divisor) {
  const centre = (w.length - 1) / 2;
  const put = w.map((v, i) => (i === k ? tidy(clamp(value, -REACH, REACH)) : v));
  if (lock === "none") return put;
  if (k !== centre) return settled(put, lock, divisor) ?? w;
  const share = (goal(lock, divisor) - sumOf(put)) / (w.length - 1);
  const shared = put.map((v, i) => (i === k ? v : tidy(v + share)));
  return max(...shared.map(abs)) > REACH ? w : shared;
}

/** By how much a weight is changed in one step. */
export const stepFor = (w, divisor) => (divisor >= 2 ? 1 : max(...w.map(abs)) < 0.5 ? 0.02 : 0.1);

/** A number as a keyboard writes it: with a hyphen for its sign. */
export const minus = (text) => text.replace("−", "-");
const listed = (numbers) => numbers.map((v) => minus(brief(v, 4))).join(", ");

/** The lines of Python that compute the same. */
export function pythonFor({ w, divisor, turn, offset, boundary }) {
  const side = sideOf(w);
  const rows = Array.from({ length: side }, (_, i) => `[${listed(w.slice(i * side, (i + 1) * side))}]`);
  const lies = { 0: "kernel", 90: "np.rot90(kernel, -1)", 180: "kernel", 270: "np.rot90(kernel)" }[turn];
  const over = divisor === 1 ? "" : ` / ${minus(brief(divisor, 2))}`;
  const plus = offset ? ` ${offset < 0 ? "-" : "+"} ${abs(offset)}` : "";
  const act = turn === 180 ? "convolve" : "correlate";
  return `kernel = np.array([${rows.join(`,\n${" ".repeat(19)}`)}])${over}\n${act}(image, ${lies}, "same", boundary="${boundary}")${plus}`;
}
