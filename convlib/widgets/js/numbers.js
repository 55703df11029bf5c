// Numbers: for reading, for axes, from and to binary traits.

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The multiple of `step` that is nearest, without the noise of binary fractions. */
export const snap = (value, step) => Math.round(Math.round(value / step) * step * 1e9) / 1e9;

/** A number for reading: fixed decimals, a true minus sign, never minus zero. */
export function format(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "\u2212");
}

/** The same without zeros at its end: 0.5 rather than 0.50, 2 rather than 2.00. */
export function brief(value, digits = 2) {
  const text = format(value, digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The least number of the form 1, 2, 3, 5 times a power of ten that is not below `need`. */
export function roundUp(need, steps = [1, 2, 3, 5, 10]) {
  const power = 10 ** Math.floor(Math.log10(need));
  return steps.map((step) => step * power).find((value) => value >= need * 0.999);
}

/** A binary trait as numbers: a DataView over little-endian 32-bit floats. */
export function floats(view) {
  if (!view) return new Float32Array(0);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** The way back: numbers as a binary trait. */
export function binary(numbers) {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return view;
}

/** Path through points: x and y are functions of the index. */
export function pathThrough(first, last, x, y) {
  let path = "";
  for (let i = first; i <= last; i += 1) path += `${i === first ? "M" : "L"}${x(i).toFixed(1)} ${y(i).toFixed(1)}`;
  return path;
}
