import { colorsOf, reachOf, tones } from "./js/canvas.js";
import { choice, player, segments } from "./js/controls.js";
import { element, pool, reveal, say, uniqueId, update } from "./js/dom.js";
import { blockMeans, correlate, factors, padded, place, terms, turned } from "./js/filtering.js";
import { edited, kernelOf, MAKERS, minus, preset, presetOf, PRESETS, pythonFor, REACH, resized, settled, sideOf, stepFor, sumOf, tidy } from "./js/kernels.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, snap } from "./js/numbers.js";
import { camera, decoded, greyOf, ownPictures } from "./js/pictures.js";
import { handle, keys } from "./js/pointer.js";
import { typeInto } from "./js/tiles.js";

export { blockMeans, correlate, edited, factors, kernelOf, padded, place, preset, presetOf, PRESETS, pythonFor, resized, settled, stepFor, terms, tones, turned };

// ---- the maths -------------------------------------------------------------------------------------------------

export const [WIDTH, HEIGHT, TILE] = [512, 384, 16]; // the photograph; a tile of what is developed
const [ACROSS, DOWN] = [WIDTH / TILE, HEIGHT / TILE];
const { abs, floor, max, min, round } = Math;

/** Which tiles are developed: those that have been swept and those that were painted. */
export function developed(swept, painted) {
  return Uint8Array.from({ length: ACROSS * DOWN }, (_, t) => (t < swept || (painted[t >> 3] >> (7 - (t & 7))) & 1 ? 1 : 0));
}

/** The bits with the tiles about a place set, too; the place in pixels of the photograph. */
export function brushed(painted, row, column, radius) {
  const bits = Uint8Array.from(painted);
  for (let t = 0; t < ACROSS * DOWN; t += 1) {
    const [y, x] = [(floor(t / ACROSS) + 0.5) * TILE - row, ((t % ACROSS) + 0.5) * TILE - column];
    if (x * x + y * y <= radius * radius) bits[t >> 3] |= 128 >> (t & 7);
  }
  return bits;
}

/** What there is to say about the place under the cursor. */
export function words({ scatters, row, column, side, pixel, sum, divisor, offset, negatives, turn }) {
  const at = `Row ${row}, column ${column}`;
  if (scatters) {
    const how = { 0: "turned by half", 180: "as it is printed" }[turn] ?? "turned";
    return `${at} is ${pixel}. It goes into ${side * side} outputs: the kernel, ${how}, times ${pixel}.`;
  }
  const value = sum / divisor + offset;
  const steps = `${divisor === 1 ? "" : `, over ${brief(divisor)}`}${offset ? `, ${offset < 0 ? "minus" : "plus"} ${abs(offset)}` : ""}`;
  const total = steps ? `${brief(sum, 1)}${steps} = ${brief(value, 1)}` : brief(value, 1);
  const beyond = value < 0 ? ": below black, shown black" : value > 255 ? ": beyond white, shown white" : "";
  return `${at}: ${side * side} products add up to ${total}${negatives === "clip" ? beyond : ""}.`;
}

// ---- the picture -----------------------------------------------------------------------------------------------

const PHOTOS = { astronaut: "astronaut", camera: "camera", chelsea: "cat", coffee: "coffee", coins: "coins", motorcycle: "motorcycle", page: "page", image: "image", own: "your own" };
const BOUNDARIES = { constant: "zeros", edge: "edge repeated", symmetric: "mirror, edge twice", reflect: "mirror, edge once", wrap: "wrap round" };
const PROMISE = ["Open, drop or paste your own: ", "it never leaves this browser."];
const TRAITS = ["photo", "halvings", "kernel", "turn", "divisor", "offset", "boundary", "negatives", "lock", "row", "column", "divider", "swept", "painted"];
const WAYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const CPU = { willReadFrequently: true }; // pixels are put, not drawn
const tight = (text) => text.replace(/^(−?)0\./, "$1.");

const bytesOf = (data) => (data?.byteLength ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : null);
const kernelIn = (view) => kernelOf(view.get("kernel"));

/** Everything that is made once. */
function scene() {
  const canvas = (kind, label) => element("canvas", { class: kind, role: "img", "aria-label": label });
  const nodes = {
    photo: canvas("photo", "The picture"),
    output: canvas("result", "The filtered picture"),
    over: element("svg", { class: "over", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" }),
    halo: element("rect", { class: "halo", rx: 7 }),
    window: element("rect", { class: "window" }),
    spot: element("rect", { class: "spot" }),
    surface: element("div", { class: "surface", tabindex: 0, role: "application", "aria-roledescription": "picture", "aria-label": "Picture. Arrow keys move the window, with Shift by 8 pixels." }),
    divider: element("div", { class: "divider", tabindex: 0, role: "slider", "aria-label": "Divider: picture on its left, output on its right", "aria-valuemin": 0, "aria-valuemax": 100 }, element("span", {}, "‹›")),
    tags: [element("span", { class: "tag input" }, "picture"), element("span", { class: "tag output" }, "output")],
    notice: element("p", { class: "notice", role: "status" }),
    pixels: element("div", { class: "cells" }),
    products: element("div", { class: "cells" }),
    tiles: element("div", { class: "tiles", role: "group", "aria-label": "weights of the kernel" }),
    turner: element("div", { class: "turner", tabindex: 0, role: "slider", "aria-label": "Turn the kernel; arrow keys by a quarter", "aria-valuemin": 0, "aria-valuemax": 270 }, "↻"),
    total: element("span", { class: "sum" }),
    names: [element("p", { class: "title input" }, "pixels"), element("p", { class: "title product" }, "products")],
    act: element("span", { class: "act" }),
    value: element("span", { class: "value" }),
    steps: element("span", { class: "steps" }),
    sentence: element("p", { class: "sentence" }),
  };
  nodes.over.append(nodes.halo, nodes.window, nodes.spot);
  nodes.stage = element("div", { class: "stage", "data-part": "picture window output" }, nodes.photo, nodes.output, nodes.over, ...nodes.tags, nodes.surface, nodes.divider, nodes.notice);
  nodes.board = element("div", { class: "board" }, nodes.tiles, nodes.turner);
  nodes.strip = element(
    "div",
    { class: "strip" },
    element("div", { class: "box pixels", "data-part": "pixels" }, nodes.names[0], nodes.pixels),
    element("span", { class: "sign" }, "×"),
    element("div", { class: "box kernel", "data-part": "kernel" }, element("p", { class: "title kernel" }, "kernel ", nodes.act, nodes.total), nodes.board),
    element("span", { class: "sign" }, "="),
    element("div", { class: "box products", "data-part": "products" }, nodes.names[1], nodes.products),
    element("div", { class: "answer", "data-part": "output" }, nodes.steps, nodes.value),
  );
  const cell = () => {
    const text = element("span");
    return { node: element("div", { class: "cell" }, text), text };
  };
  nodes.cells = { pixels: pool(nodes.pixels, cell), products: pool(nodes.products, cell) };
  return nodes;
}

// ---- compute: each stage only if something before it has changed

/** Where the cursor is, in pixels of the present size; under Play, where the sweep is. */
function cursor(s) {
  const block = 2 ** s.view.get("halvings");
  const sweep = min(s.view.get("swept"), ACROSS * DOWN - 1);
  const traits = { row: s.view.get("row"), column: s.view.get("column") };
  const at = s.playing() ? { row: (floor(sweep / ACROSS) + 0.5) * TILE, column: ((sweep % ACROSS) + 0.5) * TILE } : (s.hovered ?? traits);
  return { row: floor(clamp(at.row, 0, HEIGHT - 1) / block), column: floor(clamp(at.column, 0, WIDTH - 1) / block), block };
}

function compute(s) {
  const { view, stale } = s;
  if (stale.has("picture")) {
    const block = 2 ** view.get("halvings");
    s.x = blockMeans(s.grey, WIDTH, HEIGHT, block);
    [s.width, s.height] = [WIDTH / block, HEIGHT / block];
    paintPhoto(s);
  }
  if (stale.has("picture") || stale.has("filter")) {
    s.w = kernelIn(view);
    s.laid = turned(s.w, view.get("turn") / 90);
    const [divisor, offset] = [view.get("divisor"), view.get("offset")];
    s.y = correlate(s.x, s.width, s.height, s.laid.map((v) => v / divisor), view.get("boundary"));
    if (offset) for (let i = 0; i < s.y.length; i += 1) s.y[i] += offset;
  }
  if (stale.size) paintOutput(s);
  stale.clear();
}

function sized({ photo, output }, width, height) {
  for (const node of [photo, output]) if (node.width !== width) Object.assign(node, { width, height });
}

function paintPhoto({ nodes, x, width, height }) {
  sized(nodes, width, height);
  const image = new ImageData(width, height);
  const colours = new Uint32Array(image.data.buffer);
  for (let i = 0; i < x.length; i += 1) colours[i] = ((255 << 24) | (x[i] * 0x10101)) >>> 0;
  nodes.photo.getContext("2d", CPU).putImageData(image, 0, 0);
}

/** The output, and where it is not developed a ghost of the picture. */
function paintOutput(s) {
  const { view, nodes, x, y, width, height } = s;
  s.colors ??= colorsOf(view.root, ["input", "kernel", "paper"]);
  const { shades, scale } = tones(view.get("negatives"), reachOf(s.w, view.get("divisor")), s.colors);
  const { paper } = s.colors;
  const ghosts = Uint32Array.from({ length: 256 }, (_, v) => ((255 << 24) | (paper.map((p) => round(p + 0.16 * (v - p))).reduceRight((all, c) => (all << 8) | c, 0))) >>> 0);
  s.done = developed(view.get("swept"), bytesOf(view.get("painted")) ?? []);
  const image = s.image?.width === width ? s.image : (s.image = new ImageData(width, height));
  const colours = new Uint32Array(image.data.buffer);
  const tile = TILE / (WIDTH / width);
  for (let r = 0, i = 0; r < height; r += 1) {
    const line = floor(r / tile) * ACROSS;
    for (let t = 0; t < ACROSS; t += 1) {
      const end = i + tile;
      if (s.done[line + t]) for (; i < end; i += 1) colours[i] = shades[max(-255, min(255, round(y[i] * scale))) + 255];
      else for (; i < end; i += 1) colours[i] = ghosts[x[i]];
    }
  }
  nodes.output.getContext("2d", CPU).putImageData(image, 0, 0);
}

// ---- draw

/** The window on the picture, the pixel in its middle, the divider. */
function drawStage(s) {
  const { nodes, view } = s;
  const { row, column, block } = s.at;
  const [side, divider] = [sideOf(s.w), view.get("divider")];
  const box = (node, size) => update(node, { x: (column + 0.5) * block - size / 2, y: (row + 0.5) * block - size / 2, width: size, height: size });
  box(nodes.window, max(side * block, 7));
  box(nodes.spot, max(block, 3));
  box(nodes.halo, max(side * block, 7) + 18);
  update(nodes.stage, { "data-view": s.scatters ? "scatter" : "gather", "data-coarse": block > 2 ? "yes" : "no" });
  nodes.stage.style.setProperty("--divider", `${(100 * divider).toFixed(2)}%`);
  update(nodes.divider, { "aria-valuenow": round(100 * divider), "aria-valuetext": `${round(100 * divider)} per cent picture` });
  const under = (left, right) => row * block < 50 && column * block > left && column * block < right; // a tag would hide it
  reveal(nodes.tags[0], divider > 0.14 && !under(-1, 110));
  reveal(nodes.tags[1], divider < 0.86 && !under(WIDTH - 110, WIDTH));
  say(nodes.notice, s.said());
  update(nodes.surface, { "data-drag": s.done.every(Boolean) ? "x" : "xy" });
}

/** Grey as it is, with a number in black or white; or a number's own colour, stronger the larger it is. */
function fill(cell, { text, tone, minus: below, dim, lit }) {
  say(cell.text, text);
  const kinds = { minus: below, outside: dim, lit, long: text.length > 3 };
  update(cell.node, { class: ["cell", ...Object.keys(kinds).filter((kind) => kinds[kind])].join(" "), style: tone });
}

/** Pixels and products: what meets in the window, or what one pixel gives to the outputs about it. */
function drawCells(s) {
  const { nodes, parts } = s;
  const side = sideOf(s.w);
  const roomy = s.mini / side >= 22;
  const products = parts.map(({ weight, pixel }) => weight * pixel);
  const largest = max(1e-9, ...products.map(abs));
  const all = { pixels: nodes.cells.pixels(parts.length), products: nodes.cells.products(parts.length) };
  parts.forEach(({ pixel, outside }, k) => {
    const grey = `--grey: rgb(${pixel} ${pixel} ${pixel}); --on: ${pixel > 117 ? "#000" : "#fff"}`;
    const idle = s.scatters && k !== (parts.length - 1) / 2;
    fill(all.pixels[k], { text: roomy && !idle ? String(pixel) : "", tone: idle ? "--grey: transparent" : grey, dim: outside, lit: s.lit === k });
    const text = roomy ? tight(brief(products[k], s.mini / side > 36 ? 1 : 0)) : "";
    fill(all.products[k], { text, tone: `--tint: ${round((42 * abs(products[k])) / largest)}%`, minus: products[k] < 0, lit: s.lit === k });
  });
  nodes.strip.style.setProperty("--side", side);
  update(nodes.strip, { "data-side": side });
}

/** The kernel's weights as they lie: turned over in a window, as printed when one pixel is stamped. */
function drawKernel(s) {
  const { nodes } = s;
  const side = sideOf(s.w);
  const largest = max(1e-9, ...s.w.map(abs));
  s.tiles = s.tilePool(s.w.length);
  s.order = turned(s.w.map((_, k) => k), s.quarters);
  s.stop = clamp(s.stop, 0, s.w.length - 1);
  s.order.forEach((k, at) => {
    const weight = s.w[k];
    const { node, text } = s.tiles[at];
    const told = side === 3 ? brief(weight) : tight(brief(weight, abs(weight) < 1 ? 2 : 1));
    say(text, s.tile / side < 20 && side > 3 ? "" : told);
    update(node, {
      class: `tile${weight < 0 ? " minus" : ""}${s.lit === at ? " lit" : ""}`,
      style: `--tint: ${round((52 * abs(weight)) / largest)}%`,
      tabindex: at === s.stop ? 0 : -1,
      "aria-label": `weight in row ${floor(at / side) + 1}, column ${(at % side) + 1}; up and down change it, left and right go to others, Enter types`,
      "aria-valuenow": tidy(weight),
      "aria-valuetext": brief(weight, 4),
      "aria-valuemin": -REACH,
      "aria-valuemax": REACH,
    });
  });
  const turn = s.view.get("turn");
  const meaning = { 0: "not turned: correlation", 180: "half a turn: convolution" }[turn] ?? `turned by ${turn} degrees`;
  update(nodes.turner, { "aria-valuenow": turn, "aria-valuetext": meaning });
  update(nodes.board, { "data-corner": s.quarters % 4 });
  say(nodes.act, `${{ 0: "⋆ ", 180: "∗ " }[turn] ?? ""}${turn}°`);
  update(nodes.act, { title: meaning });
  say(nodes.total, `Σ ${brief(sumOf(s.w) / s.view.get("divisor"))}`);
}

/** The number that all this makes. */
function drawAnswer(s) {
  const { nodes, view } = s;
  const [divisor, offset] = [view.get("divisor"), view.get("offset")];
  const sum = sumOf(s.parts.map(({ weight, pixel }) => weight * pixel));
  const value = sum / divisor + offset;
  const { row, column } = s.at;
  const pixel = s.x[row * s.width + column];
  say(nodes.names[1], s.scatters ? "shares" : "products");
  say(nodes.steps, s.scatters ? "outputs fed" : `Σ ${brief(sum, abs(sum) < 100 ? 1 : 0)}${divisor === 1 ? "" : ` ÷ ${brief(divisor)}`}`);
  say(nodes.value, s.scatters ? String(s.w.length) : brief(value, 1));
  const { shades, scale } = tones(view.get("negatives"), reachOf(s.w, divisor), s.colors);
  const colour = shades[clamp(round(value * scale), -255, 255) + 255];
  const rgb = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const light = 0.2126 * (rgb[0] / 255) ** 2.2 + 0.7152 * (rgb[1] / 255) ** 2.2 + 0.0722 * (rgb[2] / 255) ** 2.2;
  update(nodes.value, { class: s.scatters ? "value many" : "value", style: s.scatters ? "" : `background: rgb(${rgb.join(" ")}); color: ${light > 0.179 ? "#000" : "#fff"}` });
  const side = sideOf(s.w);
  const lit = s.lit === null ? "" : ` Here ${brief(s.parts[s.lit].weight, 4)} × ${s.parts[s.lit].pixel} = ${brief(s.parts[s.lit].weight * s.parts[s.lit].pixel, 1)}.`;
  const told = words({ scatters: s.scatters, row, column, side, pixel, sum, divisor, offset, negatives: view.get("negatives"), turn: view.get("turn") }) + lit;
  say(nodes.sentence, told);
  if (!s.playing()) view.aloud(told);
}

function draw(s) {
  if (!s.grey) return;
  const { view } = s;
  compute(s);
  s.at = cursor(s);
  const { row, column, block } = s.at;
  s.scatters = !s.playing() && (column + 0.5) * block < view.get("divider") * WIDTH;
  s.quarters = view.get("turn") / 90 + (s.scatters ? 2 : 0);
  const laid = turned(s.w, s.quarters);
  const pixel = s.x[row * s.width + column];
  s.parts = s.scatters ? laid.map((weight) => ({ weight, pixel, outside: false })) : terms(s.x, s.width, s.height, laid, row, column, view.get("boundary"));
  if (s.lit >= s.w.length) s.lit = null;
  drawStage(s);
  drawKernel(s);
  drawCells(s);
  drawAnswer(s);
  s.fields();
}

// ---- what the reader does

/** Put a kernel; one that the lock does not allow opens it, unless the centre can make up for the difference. */
function putKernel(s, w, { divisor = s.view.get("divisor"), keep = false } = {}) {
  const { view } = s;
  const lock = view.get("lock");
  const held = keep ? settled(w, lock, divisor) : settled(w, lock, divisor)?.every((v, k) => abs(v - w[k]) < 1e-6) ? w : null;
  if (!held) view.set("lock", "none");
  view.set("kernel", held ?? w);
  view.set("divisor", divisor);
}

function choosePreset(s, name, side = sideOf(kernelIn(s.view))) {
  const { w, divisor } = preset(name, side);
  putKernel(s, w, { divisor });
  s.view.set("negatives", abs(sumOf(w)) < 1e-6 ? "color" : "clip");
  s.view.send();
}

function chooseSize(s, side) {
  const w = kernelIn(s.view);
  const name = presetOf(w, s.view.get("divisor"));
  if (MAKERS[name]?.[side]) choosePreset(s, name, side);
  else putKernel(s, resized(w, side), { keep: true });
  s.view.send();
}

/** Sum and lock go to Python together: one without the other would be refused. */
function chooseLock(s, lock) {
  const w = settled(kernelIn(s.view), lock, s.view.get("divisor"));
  s.view.set("kernel", w ?? kernelIn(s.view));
  s.view.set("lock", w ? lock : "none");
}

function edit(s, at, value) {
  const { view } = s;
  if (Number.isFinite(value)) view.set("kernel", edited(kernelIn(view), s.order[at], value, view.get("lock"), view.get("divisor")));
}

/** The weights' tiles: dragged up and down, typed into, changed by arrow keys. */
function tilePool(s) {
  const { view } = s;
  const light = (at) => {
    if (s.lit === at) return;
    s.lit = at;
    s.ask();
  };
  const go = (at) => {
    s.stop = clamp(at, 0, s.tiles.length - 1);
    s.tiles.forEach(({ node }, k) => update(node, { tabindex: k === s.stop ? 0 : -1 }));
    s.tiles[s.stop].node.focus();
  };
  return pool(s.nodes.tiles, (at) => {
    const text = element("span");
    const node = element("div", { class: "tile", role: "spinbutton", tabindex: -1 }, text);
    const now = () => kernelIn(view)[s.order[at]]; // not the one of the last frame: keys may come faster
    const type = (first) => typeInto(view, node, { now: now(), put: (value) => edit(s, at, value), first, label: "weight" });
    handle(view, node, ["kernel"], {
      axis: "y",
      press() {
        s.stop = at;
        light(at);
        return { value: now(), step: stepFor(kernelIn(view), view.get("divisor")) };
      },
      drag: (_, { value, step }, by) => edit(s, at, snap(value - round(by.y / 7) * step, 1e-4)),
      click: () => type(),
      drop: () => light(null),
      hover: () => light(at),
      leave: () => light(null),
    });
    const step = (by) => edit(s, at, snap(now() + by * stepFor(kernelIn(view), view.get("divisor")), 1e-4));
    keys(node, { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }, step);
    keys(node, { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: 99 }, go);
    keys(node, { Enter: "", F2: "", ...Object.fromEntries([..."0123456789.-"].map((key) => [key, key])) }, type);
    node.addEventListener("focus", () => {
      s.stop = at;
      if (node.matches(":focus-visible")) light(at);
    });
    node.addEventListener("blur", () => light(null));
    return { node, text };
  });
}

/** The corner by which the kernel is turned: it follows the hand, and lies straight when it is let go. */
function turning(s) {
  const { view, nodes } = s;
  const swing = view.tween(260);
  const twist = (angle) => nodes.board.style.setProperty("--twist", `${angle.toFixed(1)}deg`);
  const angleOf = (event) => {
    const { left, top, width, height } = nodes.board.getBoundingClientRect();
    return (Math.atan2(event.clientY - top - height / 2, event.clientX - left - width / 2) * 180) / Math.PI;
  };
  const rest = (from) => swing.run((share) => twist(from * (1 - share) ** 3));
  const by = (angle) => {
    view.set("turn", (((view.get("turn") + angle) % 360) + 360) % 360);
    rest(-angle);
  };
  handle(view, nodes.turner, ["turn"], {
    press: (event) => ({ turn: view.get("turn"), last: angleOf(event), angle: 0 }),
    drag(event, held) {
      const now = angleOf(event);
      held.angle += ((now - held.last + 540) % 360) - 180;
      held.last = now;
      const quarters = round(held.angle / 90);
      view.set("turn", (((held.turn + 90 * quarters) % 360) + 360) % 360);
      held.left = held.angle - 90 * quarters;
      twist(held.left);
    },
    click: () => by(180),
    drop: (held) => held.left && rest(held.left),
    cancel: () => twist(0),
  });
  keys(nodes.turner, { ArrowLeft: -90, ArrowDown: -90, ArrowRight: 90, ArrowUp: 90, Enter: 180, " ": 180 }, (angle) => {
    by(angle);
    view.send();
  });
}

/** The picture: touched, the window goes there; what is not yet developed is developed under it. */
function touching(s) {
  const { view, nodes } = s;
  const placeOf = (event) => {
    const { left, top, width, height } = nodes.surface.getBoundingClientRect();
    const whole = (share, count) => clamp(floor(share * count), 0, count - 1);
    return { row: whole((event.clientY - top) / height, HEIGHT), column: whole((event.clientX - left) / width, WIDTH) };
  };
  const develop = ({ row, column }) => {
    if (s.done.every(Boolean)) return;
    view.set("painted", new DataView(brushed(bytesOf(view.get("painted")), row, column, 1.6 * TILE).buffer));
  };
  const go = (to) => {
    s.hovered = null;
    view.set("row", to.row);
    view.set("column", to.column);
    develop(to);
  };
  const hover = (to) => {
    s.hovered = to;
    s.ask();
  };
  handle(view, nodes.surface, ["row", "column", "painted"], {
    press(event) {
      s.stop_();
      if (s.live()) {
        s.freeze();
        return false;
      }
      go(placeOf(event));
      return true;
    },
    drag: (event) => go(placeOf(event)),
    hover: (event) => hover(placeOf(event)),
    leave: () => hover(null),
  });
  keys(nodes.surface, WAYS, ([down, across], event) => {
    const by = 2 ** view.get("halvings") * (event.shiftKey ? 8 : 1);
    s.stop_();
    go({ row: clamp(view.get("row") + down * by, 0, HEIGHT - 1), column: clamp(view.get("column") + across * by, 0, WIDTH - 1) });
  });
  keys(nodes.surface, { Enter: 1, " ": 1 }, () => s.live() && s.freeze());
  const put = (share) => view.set("divider", clamp(snap(share, 0.005), 0, 1));
  handle(view, nodes.divider, ["divider"], {
    axis: "x",
    press: () => view.get("divider"),
    drag: (_, from, by) => put(from + by.x / nodes.surface.getBoundingClientRect().width),
  });
  keys(nodes.divider, { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, Home: -1, End: 1 }, (by) => put(view.get("divider") + by));
}

/** A number in a field of its own; what is no number leaves it as it was. */
function field(view, trait, label, { low, high, put }) {
  const id = uniqueId(trait);
  const node = element("input", { type: "text", id, class: "field", size: 5, autocomplete: "off" });
  const show = () => {
    if (document.activeElement !== node) node.value = minus(brief(view.get(trait)));
  };
  node.addEventListener("change", () => {
    const value = Number(minus(node.value.trim()).replace(",", "."));
    if (node.value.trim() && Number.isFinite(value)) put(clamp(value, low, high));
    view.send();
    node.value = minus(brief(view.get(trait)));
  });
  view.on([trait], show);
  show();
  return element("div", { class: "choice" }, element("label", { for: id }, label), node);
}

const known = {}; // photographs that any widget of the page has brought along: a reduced view brings one

/** The picture that the traits ask for, read in its own time; the newest one asked for counts. */
async function load(s) {
  const { view } = s;
  const asked = (s.asked = {});
  const shipped = view.get("photographs") ?? {};
  Object.assign(known, shipped);
  const name = view.get("photo");
  const file = bytesOf(name === "image" ? view.get("image") : known[name]) ?? bytesOf(Object.values(shipped)[0]);
  const flat = () => new Uint8Array(WIDTH * HEIGHT).fill(128);
  const grey = name === "own" && s.own ? s.own : await decoded(file, WIDTH, HEIGHT).catch(flat);
  if (s.asked !== asked) return;
  s.grey = grey;
  s.stale.add("picture");
  s.ask();
}

/** The reader's own pictures and camera: kept by this view alone, no trait and no link has them. */
function sources(s) {
  const { view } = s;
  let notice = "";
  const own = (grey) => {
    s.own = grey;
    view.set("photo", "own");
    load(s);
  };
  const take = async (file) => {
    s.freeze();
    notice = "";
    await decoded(file, WIDTH, HEIGHT).then(own, () => (notice = "That file is no picture that this browser can read."));
    s.ask();
  };
  const lens = camera(view, {
    frame(video) {
      s.own = s.grey = greyOf(video, WIDTH, HEIGHT, { mirrored: true });
      s.asked = null;
      s.stale.add("picture");
      draw(s);
    },
    changed() {
      if (lens.live()) view.set("photo", "own");
      say(shoot, lens.live() ? "Freeze" : "Camera");
      s.ask();
    },
  });
  const { input, open } = ownPictures(view, take);
  const shoot = element("button", { type: "button", class: "shoot" }, "Camera");
  shoot.addEventListener("click", async () => {
    notice = "";
    if (lens.live()) s.freeze();
    else notice = (await lens.start()) ?? "";
    s.ask();
  });
  s.live = lens.live;
  s.freeze = () => lens.stop();
  s.said = () => notice || (lens.live() ? "Tap to freeze." : "");
  view.on(["photo"], () => view.get("photo") !== "own" && lens.stop());
  view.onReset(() => {
    s.own = null;
    notice = "";
  });
  return [element("button", { type: "button", class: "open", onclick: open }, "Open…"), shoot, input];
}

/** What is shown under the button "More". */
function more(s) {
  const { view } = s;
  const lock = segments({ ...view, set: (_, name) => chooseLock(s, name) }, "lock", "sum of the weights", { none: "free", one: "locked: 1", zero: "locked: 0" });
  const negatives = segments(view, "negatives", "negative outputs", { clip: "black", color: "blue", absolute: "|·|" });
  const boundary = choice(view, "boundary", "beyond the border", BOUNDARIES);
  const pixels = choice({ ...view, get: () => String(view.get("halvings")), set: (name, value) => view.set(name, Number(value)) }, "halvings", "pixels across", { 0: "512", 1: "256", 2: "128", 3: "64" });
  const divisor = field(view, "divisor", "divided by", { low: 0.01, high: 1000, put: (value) => putKernel(s, kernelIn(view), { divisor: snap(value, 0.01), keep: true }) });
  const offset = field(view, "offset", "plus", { low: -255, high: 255, put: (value) => view.set("offset", round(value)) });
  const empty = element("button", { type: "button", onclick: s.empty }, "Start empty");
  const code = element("pre", { class: "code", tabindex: 0, "aria-label": "The same in Python" });
  const copy = element("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      say(copy, "Copied");
    } catch {
      getSelection().selectAllChildren(code);
      say(copy, "Selected");
    }
  });
  const fold = element("div", { class: "fold", hidden: true, id: uniqueId("fold") });
  fold.append(
    element("div", { class: "fields" }, negatives.box, lock.box, divisor, offset, boundary.box, pixels.box),
    element("div", { class: "fields sweep" }, s.scrub.label, s.scrub.node, s.scrub.value, empty),
    element("div", { class: "python" }, code, copy),
  );
  const button = element("button", { type: "button", class: "more", "aria-expanded": "false", "aria-controls": fold.id }, "More");
  button.addEventListener("click", () => {
    fold.hidden = !fold.hidden;
    update(button, { "aria-expanded": String(!fold.hidden) });
  });
  return { button, fold, code, copy };
}

/** Photograph, kernel and size: the one row under the picture. */
function choices(s) {
  const { view } = s;
  const shipped = Object.keys(view.get("photographs") ?? {});
  const known = [...shipped, ...(view.get("image")?.byteLength ? ["image"] : [])];
  const photo = choice(view, "photo", "picture", Object.fromEntries([...known, "own"].map((name) => [name, PHOTOS[name] ?? name])));
  const mine = photo.node.querySelector("[value=own]");
  const id = uniqueId("kernel");
  const kernel = element("select", { id, onchange: () => kernel.value in MAKERS && choosePreset(s, kernel.value) });
  kernel.append(...[...PRESETS, "your own"].map((name) => element("option", { value: name }, name)));
  const local = { get: () => String(sideOf(kernelIn(view))), set: (_, side) => chooseSize(s, Number(side)), on: (_, act) => view.on(["kernel"], act), send() {} };
  const size = segments(local, "size", "size", { 3: "3", 5: "5", 7: "7" });
  const follow = () => {
    mine.hidden = mine.disabled = !s.own && view.get("photo") !== "own";
    if (photo.node.value !== view.get("photo")) photo.node.value = view.get("photo");
    kernel.value = presetOf(s.w, view.get("divisor"));
    const own = kernel.lastChild;
    own.hidden = own.disabled = kernel.value !== "your own";
  };
  const node = element("div", { class: "choices" }, photo.box, element("div", { class: "choice" }, element("label", { for: id }, "kernel"), kernel), size.box);
  return { node, follow };
}

/** Put the parts on the page that this view shows. */
function arrange({ view, nodes }, { choices: row, tools, fold }) {
  const grids = ["pixels", "kernel", "products", "output"];
  for (const name of grids) nodes.strip.querySelector(`[data-part=${name}]`).hidden = !view.shows(name);
  for (const sign of nodes.strip.querySelectorAll(".sign")) sign.hidden = !view.shows("pixels") || !view.shows("products");
  nodes.strip.classList.toggle("lone", !view.shows("pixels") && !view.shows("products"));
  const promise = element("p", { class: "promise" }, ...PROMISE.map((text) => element("span", {}, text)));
  if (view.shows("tools")) view.foot.prepend(promise);
  const parts = {
    picture: [nodes.stage],
    grids: grids.some(view.shows) ? [nodes.strip] : [],
    sentence: [nodes.sentence],
    choices: [row],
    tools: [element("div", { class: "tools" }, ...tools), fold],
  };
  view.show(element("div", { class: "works" }, ...Object.keys(parts).flatMap((name) => (name === "grids" || view.shows(name) ? parts[name] : []))));
}

async function render({ model, el }) {
  const view = viewOf({ model, el }, "image-kernel", { traits: TRAITS });
  const s = { view, nodes: scene(), stale: new Set(["picture"]), grey: null, own: null, hovered: null, lit: null, stop: 4, mini: 80, tile: 160, colors: null };
  const { nodes } = s;
  s.ask = view.frame(() => draw(s));
  s.tilePool = tilePool(s);
  const percent = (n) => `${round((100 * n) / (ACROSS * DOWN))}\u00a0%`;
  s.scrub = player(view, "swept", "developed", { low: 0, high: ACROSS * DOWN, step: 1, start: 0, stride: ACROSS, speed: 110, pause: 700, words: percent });
  Object.assign(s, { playing: s.scrub.playing, stop_: s.scrub.stop });
  s.empty = () => {
    s.stop_();
    view.set("swept", 0);
    view.set("painted", new DataView(new ArrayBuffer((ACROSS * DOWN) / 8)));
    view.set("divider", 0);
    view.send();
  };
  const named = ({ value }) => {
    const [, name, side] = /^(.*?)(?: ([357]))?$/.exec(value ?? "");
    if (name in MAKERS) choosePreset(s, name, side && MAKERS[name][side] ? Number(side) : 3);
  };
  view.obeys({ empty: s.empty, choose: named });
  const [open, shoot, input] = sources(s);
  const row = choices(s);
  const fold = more(s);
  s.fields = () => {
    row.follow();
    say(fold.code, pythonFor({ w: s.w, ...Object.fromEntries(["divisor", "turn", "offset", "boundary"].map((name) => [name, view.get(name)])) }));
    say(fold.copy, "Copy");
  };
  touching(s);
  turning(s);
  view.on(["photo", "image", "photographs"], () => load(s));
  const marks = { halvings: "picture", kernel: "filter", turn: "filter", divisor: "filter", offset: "filter", boundary: "filter", negatives: "paint", swept: "paint", painted: "paint" };
  for (const [trait, stage] of Object.entries(marks)) view.on([trait], () => s.stale.add(stage));
  view.on(TRAITS.filter((trait) => trait !== "photo"), s.ask);
  view.themes(() => {
    s.colors = null;
    s.stale.add("paint");
    draw(s);
  });
  for (const [name, node] of [["mini", nodes.pixels], ["tile", nodes.board]]) {
    view.widths(node, (width) => {
      s[name] = width;
      draw(s);
    });
  }
  await load(s);
  arrange(s, { choices: row.node, tools: [s.scrub.play, open, shoot, fold.button, input], fold: fold.fold });
  return view.end;
}

export default { render };
