// Filtering a grey picture with a small square kernel: rows of pixels one after the other, in typed arrays.

/** Index of a sample among `count`, beyond its ends by the rule (names as numpy.pad's); -1 where there is zero. */
export function place(i, count, boundary) {
  if (i >= 0 && i < count) return i;
  if (boundary === "edge") return i < 0 ? 0 : count - 1;
  const within = (period) => ((i % period) + period) % period;
  if (boundary === "wrap") return within(count);
  if (boundary === "symmetric") {
    const at = within(2 * count);
    return at < count ? at : 2 * count - 1 - at;
  }
  if (boundary === "reflect") {
    if (count === 1) return 0;
    const at = within(2 * count - 2);
    return at < count ? at : 2 * count - 2 - at;
  }
  return -1;
}

/** A picture with a margin of `reach` pixels all round, filled by the boundary's rule. */
export function padded(x, width, height, reach, boundary) {
  const wide = width + 2 * reach;
  const out = new Float32Array(wide * (height + 2 * reach));
  const columns = Int32Array.from({ length: wide }, (_, c) => place(c - reach, width, boundary));
  for (let r = 0; r < height + 2 * reach; r += 1) {
    const row = place(r - reach, height, boundary);
    if (row < 0) continue;
    const [from, to] = [row * width, r * wide];
    for (let c = 0; c < wide; c += 1) if (columns[c] >= 0) out[to + c] = x[from + columns[c]];
  }
  return out;
}

/** The kernel turned clockwise by so many quarters. */
export function turned(w, quarters) {
  const side = Math.round(Math.sqrt(w.length));
  const last = side - 1;
  const from = [(i, j) => i * side + j, (i, j) => (last - j) * side + i, (i, j) => (last - i) * side + last - j, (i, j) => j * side + last - i];
  const index = from[((quarters % 4) + 4) % 4];
  return Array.from(w, (_, k) => w[index(Math.floor(k / side), k % side)]);
}

/** A column and a row whose products are the kernel's weights, or null: there are some if and only if its rank is 1. */
export function factors(w) {
  const side = Math.round(Math.sqrt(w.length));
  let most = 0;
  for (let k = 1; k < w.length; k += 1) if (Math.abs(w[k]) > Math.abs(w[most])) most = k;
  const pivot = w[most];
  if (!pivot) return null;
  const [top, left] = [Math.floor(most / side), most % side];
  const column = Array.from({ length: side }, (_, i) => w[i * side + left] / pivot);
  const row = Array.from({ length: side }, (_, j) => w[top * side + j]);
  const near = (tap, k) => Math.abs(tap - column[Math.floor(k / side)] * row[k % side]) <= 1e-9 * Math.abs(pivot);
  return Array.from(w).every(near) ? { column, row } : null;
}

/** Add to each of `count` sums the samples from each of these places on, each times its weight. */
function gather(sums, count, samples, places, weights) {
  sums.fill(0, 0, count);
  let t = 0;
  // Three taps at a time: the sums are then fetched and put back a third as often.
  for (; t + 2 < places.length; t += 3) {
    const [a, b, c] = [places[t], places[t + 1], places[t + 2]];
    const [u, v, w] = [weights[t], weights[t + 1], weights[t + 2]];
    for (let i = 0; i < count; i += 1) sums[i] += u * samples[a + i] + v * samples[b + i] + w * samples[c + i];
  }
  for (; t < places.length; t += 1) {
    const [a, u] = [places[t], weights[t]];
    for (let i = 0; i < count; i += 1) sums[i] += u * samples[a + i];
  }
}

/** One pass along rows or columns, or over both: `taps` are [down, across, weight], from the corner of the window. */
function pass(samples, wide, out, width, height, taps) {
  const used = taps.filter(([, , weight]) => weight);
  const weights = Float64Array.from(used, ([, , weight]) => weight);
  const places = new Int32Array(used.length);
  const sums = new Float64Array(width);
  for (let r = 0; r < height; r += 1) {
    used.forEach(([down, across], t) => (places[t] = (r + down) * wide + across));
    gather(sums, width, samples, places, weights);
    out.set(sums, r * width);
  }
  return out;
}

/**
 * The picture's correlation with a kernel, of the picture's own size: each output is the sum of the pixels in the window
 * around it, each times the weight that lies on it.  Convolution is the same with the kernel turned by half a turn.
 */
export function correlate(x, width, height, w, boundary, { separable = true } = {}) {
  const side = Math.round(Math.sqrt(w.length));
  const reach = (side - 1) / 2;
  const wide = width + 2 * reach;
  const samples = padded(x, width, height, reach, boundary);
  const out = new Float32Array(width * height);
  const pair = separable && side > 3 ? factors(w) : null;
  if (!pair) return pass(samples, wide, out, width, height, Array.from(w, (tap, k) => [Math.floor(k / side), k % side, tap]));
  const tall = height + 2 * reach;
  const rows = pass(samples, wide, new Float32Array(width * tall), width, tall, pair.row.map((tap, j) => [0, j, tap]));
  return pass(rows, width, out, width, height, pair.column.map((tap, i) => [i, 0, tap]));
}

/** Pixels of a picture, each the mean of a square of pixels, in whole grey values. */
export function blockMeans(pixels, width, height, block) {
  if (block === 1) return Uint8Array.from(pixels);
  const [across, down] = [width / block, height / block];
  const sums = new Float64Array(across * down);
  for (let r = 0; r < height; r += 1) {
    const to = Math.floor(r / block) * across;
    for (let c = 0; c < width; c += 1) sums[to + Math.floor(c / block)] += pixels[r * width + c];
  }
  return Uint8Array.from(sums, (sum) => Math.floor(sum / block ** 2 + 0.5));
}

/** What meets in the window about an output: the pixel, or null beyond a border of zeros, and the weight that lies on it. */
export function terms(x, width, height, laid, row, column, boundary) {
  const side = Math.round(Math.sqrt(laid.length));
  return laid.map((weight, k) => {
    const [r, c] = [row + Math.floor(k / side) - (side - 1) / 2, column + (k % side) - (side - 1) / 2];
    const [i, j] = [place(r, height, boundary), place(c, width, boundary)];
    return { weight, pixel: i < 0 || j < 0 ? 0 : x[i * width + j], outside: r < 0 || c < 0 || r >= height || c >= width };
  });
}
