import { stepped } from "./js/bars.js";
import { player, segments, slider } from "./js/controls.js";
import { element, pool, reveal, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { brief, clamp, snap } from "./js/numbers.js";
import { handle } from "./js/pointer.js";

const [FRAMES, FASTEST, SPOKES, LENGTH] = [24, 48, 12, 240];
const [STEP, KEY] = [0.5, 1]; // of the speed, and of an arrow key with Shift
const NONE = 1e-9; // a share of the way between two spokes that is as good as none
const TICKS = [0, 6, 12, 18, 24, 30, 36, 42, 48];
const HIGH = 40; // of the fastest turning that the film can show
const [REAL, SLOW] = [FRAMES, 2]; // frames a second that Play shows
const BLUR = 12; // spokes a second on the screen, beyond which the wheel itself is too fast to be drawn
const [WHEEL, FILM] = [0.5, 0.78]; // where the arc of a wheel begins, and that of its film, in radii
const PACES = { film: "real time", slow: "12 × slower" };

// ---- the maths: pure functions, held against Python by tests/js/test_wagon_wheel.py ---------------------------------

/** How fast a wheel turns on the film, in turns a second: each spoke is taken for the nearest one a frame before. */
export function seen(speed, spokes) {
  const share = (speed * spokes) / FRAMES;
  const left = share - Math.ceil(share - 0.5 - NONE);
  return snap((left * FRAMES) / spokes, 1e-9) + 0;
}

/** Whether a spoke stands half way between two of the frame before. */
export const isHalf = (speed, spokes) => Math.abs(seen(speed, spokes) - FRAMES / (2 * spokes)) < NONE;

/** What is seen, in turns a second; at a tie both ways. */
const ways = (speed, spokes) => (isHalf(speed, spokes) ? [1, -1] : [1]).map((sign) => sign * seen(speed, spokes));

/** The sawtooth of `seen`: for each tooth its first and last point. */
export function teeth(spokes) {
  const fold = FRAMES / spokes;
  const found = [[[0, 0], [fold / 2, fold / 2]]];
  while (found.at(-1)[1][0] < FASTEST - NONE) {
    const start = found.at(-1)[1][0];
    const end = Math.min(start + fold, FASTEST);
    found.push([[start, -fold / 2], [end, end - start - fold / 2]]);
  }
  return found;
}

/**
 * How far the wheel has turned at a frame.  `run` tells since which frame it has turned how fast, and how far it had
 * turned there; of the speeds that the reader tries while it turns, each begins where the last one left the wheel.
 */
export function turnedAt(run, time) {
  const part = run.findLast(({ from }) => from <= time) ?? run[0];
  return part.turned + (part.speed * (time - part.from)) / FRAMES;
}

/** The points of an arc from one direction to another, in turns clockwise from the top; more than one winds outwards. */
export function arc([x, y], radius, start, end, inner = WHEEL) {
  const way = Math.abs(end - start);
  if (way < 1e-6) return [];
  const count = Math.ceil(48 * way);
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (start + (i / count) * (end - start));
    const out = radius * (inner + 0.2 * (i / count) * way);
    return [x + out * Math.sin(angle), y - out * Math.cos(angle)];
  });
}

/** Where the lanes stand: left, top, width, height of each; as `layout` in wagon_wheel.py. */
export function layout(width, shown) {
  const heights = { wheels: 2 * (width < 480 ? 62 : 84) + 48, axis: 2 * HIGH + 90 };
  const boxes = {};
  let top = 0;
  for (const [name, high] of Object.entries(heights)) {
    if (!shown.includes(name)) continue;
    boxes[name] = [0, top, width, high];
    top += high + 6;
  }
  return { boxes, height: Math.max(0, top - 6) };
}

// ---- the words -----------------------------------------------------------------------------------------------------

/** A number for reading; halves away from zero, whatever binary fractions make of them. */
const words = (value, digits = 1) => brief(Math.sign(value) * snap(Math.abs(value) + NONE, 10 ** -digits), digits);
const count = (number, name, digits = 1) => `${words(number, digits)} ${name}${words(number, digits) === "1" ? "" : "s"}`;

/** By how much a spoke moves on the film from one frame to the next. */
export function moved(speed, spokes) {
  const turns = seen(speed, spokes);
  if (Math.abs(turns) < NONE) return "stands still";
  const way = isHalf(speed, spokes) ? "either way" : turns > 0 ? "forwards" : "backwards";
  return `${words(15 * Math.abs(turns))}° ${way}`;
}

/** What the wheel does, and what the film shows. */
export function sentence(speed, spokes) {
  if (speed === 0) return "The wheel stands still, and so it does on film.";
  const are = speed === 1 ? "is" : "are";
  const start = `At ${FRAMES} frames a second, ${count(speed, "turn")} a second ${are} ${words(15 * speed)}° a frame.`;
  const turns = seen(speed, spokes);
  const steps = Math.round(((speed - turns) * spokes) / FRAMES);
  const other = steps % spokes === 0 ? "itself" : steps % spokes === 1 ? "the next" : "another";
  if (Math.abs(turns) < NONE) return `${start} A spoke lands on ${other}: on film the wheel stands still.`;
  if (isHalf(speed, spokes)) {
    const half = spokes === 1 ? "half way round" : "half way between two";
    return `${start} A spoke lands ${half}: on film, both ways look the same.`;
  }
  const onFilm = `${count(Math.abs(turns), "turn", 2)} a second, ${turns < 0 ? "backwards" : "forwards"}`;
  if (steps === 0) return `${start} That is what the film shows: ${onFilm}.`;
  return `${start} A spoke lands ${words(15 * Math.abs(turns))}° ${turns < 0 ? "behind" : "past"} ${other}: on film, ${onFilm}.`;
}

// ---- the picture: made once ----------------------------------------------------------------------------------------

const path = (kind) => element("path", { class: kind });
const circle = (kind, r) => element("circle", { class: kind, r });
const text = (kind, anchor = "middle", said = "") => element("text", { class: kind, "text-anchor": anchor }, said);

const arrow = () => ({ trail: path("trail"), head: element("polygon", { class: "head" }) });

function wheel(part, name) {
  const back = arrow();
  const nodes = { blur: circle("blur"), rim: circle("rim"), old: path("old"), spokes: path("spokes"), ...arrow(), hub: circle("hub", 5), name: text("name", "middle", name), foot: text("foot-words") };
  return { ...nodes, back, node: element("g", { "data-part": part, class: part }, ...Object.values(nodes), back.trail, back.head) };
}

function scene() {
  const [saws, marks, levels, dots] = ["saws", "marks", "levels", "dots"].map((kind) => element("g", { class: kind }));
  const nodes = {
    itself: wheel("wheel", "the wheel"),
    film: wheel("film", "the film"),
    rule: path("rule"),
    saws: pool(saws, () => path("saw")),
    marks: pool(marks, () => text("")),
    levels: pool(levels, () => text("", "end")),
    stem: path("stem"),
    dots: pool(dots, () => circle("dot", 5)),
    ofWheel: text("of-wheel", "end", "turns a second of the wheel"),
    title: text("of-film", "start", "turns a second on the film"),
    value: text("value"),
    surface: element("rect", { class: "surface" }),
    words: element("p", { class: "sentence" }),
  };
  nodes.lanes = {
    wheels: element("g", {}, nodes.itself.node, nodes.film.node),
    axis: element("g", {}, element("g", { "data-part": "seen" }, nodes.rule, saws, nodes.title, levels, marks, nodes.ofWheel, nodes.stem, dots, nodes.value), nodes.surface),
  };
  nodes.svg = element("svg", { role: "group", "aria-label": "A wheel, a film of it, and how fast it turns on the film" }, ...Object.values(nodes.lanes));
  return nodes;
}

// ---- drawing: what changes -----------------------------------------------------------------------------------------

/** Lanes in their places; a reduced view leaves some out. */
function place(view, s) {
  const { boxes, height } = layout(s.width, ["wheels", "axis"].filter(view.shows));
  const { nodes } = s;
  s.narrow = s.width < 480;
  view.root.classList.toggle("narrow", s.narrow);
  for (const [name, lane] of Object.entries(nodes.lanes)) lane.style.display = name in boxes ? "" : "none";
  update(nodes.svg, { viewBox: `0 0 ${s.width} ${height}`, height });
  const { wheels: a = [0, 0, 300, 172], axis: b = [0, 0, 300] } = boxes;
  s.radius = a[3] / 2 - 24;
  const away = Math.min(a[2] / 4, s.radius + 60);
  const [middle, y] = [a[0] + a[2] / 2, a[1] + 24 + s.radius];
  Object.assign(s, { hubs: [[middle - away, y], [middle + away, y]], top: a[1], foot: a[1] + a[3] });
  const [left, right, zero] = [b[0] + 34, b[0] + b[2] - 14, b[1] + 25 + HIGH];
  const track = zero + HIGH + 14;
  s.axis = { left, right, top: b[1], zero, track, x: (speed) => left + ((right - left) * speed) / FASTEST };
  s.thumb.along(left, right);
  s.thumb.node.style.top = `${track - 16}px`;
  const show = (node, shown) => update(node, { "data-off": shown ? "no" : "yes" });
  for (const node of [s.thumb.node, s.thumb.label]) show(node, view.shows("axis") && view.offersSpeed());
  show(nodes.surface, view.offersSpeed());
  show(s.scrub.box, view.offers("time"));
  show(s.count.box, view.offers("spokes"));
  show(s.paces.box, view.offers("pace") && !view.calm()); // for calm readers Play goes from frame to frame
  show(nodes.words, view.shows("words"));
  nodes.words.style.minHeight = `${21 * (s.width < 320 ? 4 : s.width < 480 ? 3 : 2)}px`;
}

const spokesPath = ([x, y], radius, count, turned) => {
  const ends = Array.from({ length: count }, (_, i) => 2 * Math.PI * (turned + i / count));
  return ends.map((angle) => `M${x} ${y}l${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`).join("");
};

function drawTrail({ trail, head }, at, radius, points, start, end) {
  for (const node of [trail, head]) reveal(node, points.length > 0);
  if (!points.length) return;
  update(trail, { d: points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("") });
  const [tip, way, angle] = [points.at(-1), end - start, 2 * Math.PI * end];
  const size = Math.min(9, 2 * Math.PI * radius * Math.abs(way));
  const [u, v] = [Math.sign(way) * Math.cos(angle), Math.sign(way) * Math.sin(angle)];
  const corner = (side) => [tip[0] - size * u - side * 0.5 * size * v, tip[1] - size * v + side * 0.5 * size * u];
  update(head, { points: [tip, corner(1), corner(-1)].map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" ") });
}

function drawWheels(view, s) {
  const { itself, film } = s.nodes;
  const [speed, spokes, time] = [view.get("speed"), view.get("spokes"), view.get("time")];
  const frame = Math.floor(time + NONE);
  // A screen is a film as well: it would show a fast wheel turning at some other speed.
  const plays = s.scrub.playing() && !view.calm();
  const rolls = plays && view.get("pace") === "film";
  const blurred = plays && (speed * spokes * s.rate()) / FRAMES > BLUR;
  const [turned, shot] = [turnedAt(s.run, time), turnedAt(s.run, frame)];
  for (const [nodes, at] of [[itself, s.hubs[0]], [film, s.hubs[1]]]) {
    for (const node of [nodes.rim, nodes.blur, nodes.hub]) update(node, { cx: at[0], cy: at[1] });
    for (const node of [nodes.rim, nodes.blur]) update(node, { r: s.radius });
    update(nodes.name, { x: at[0], y: s.top + 13 });
    update(nodes.foot, { x: at[0], y: s.foot - 4 });
  }
  reveal(itself.blur, blurred);
  reveal(film.blur, false);
  reveal(itself.spokes, !blurred);
  update(itself.spokes, { d: spokesPath(s.hubs[0], s.radius, spokes, turned) });
  update(film.spokes, { d: spokesPath(s.hubs[1], s.radius, spokes, shot) });
  for (const node of [itself.old, film.old]) reveal(node, node === film.old && frame > 0 && !rolls);
  if (frame) update(film.old, { d: spokesPath(s.hubs[1], s.radius, spokes, turnedAt(s.run, frame - 1)) });
  const before = turnedAt(s.run, Math.max(0, Math.ceil(time - NONE) - 1));
  const still = rolls || blurred; // what runs has no arrows
  drawTrail(itself, s.hubs[0], s.radius * WHEEL, arc(s.hubs[0], s.radius, before, still ? before : turned), before, turned);
  const [by, other] = ways(speed, spokes).map((turns) => turns / FRAMES);
  for (const [nodes, way] of [[film, by], [film.back, other ?? 0]]) {
    const start = shot - (frame && !rolls ? way : 0);
    drawTrail(nodes, s.hubs[1], s.radius * FILM, arc(s.hubs[1], s.radius, start, shot, FILM), start, shot);
  }
  say(itself.foot, blurred ? "too fast to see" : `${words(15 * speed)}° a frame`);
  say(film.foot, frame ? moved(speed, spokes) : "");
}

function drawAxis(view, s) {
  const { nodes, axis } = s;
  const [speed, spokes] = [view.get("speed"), view.get("spokes")];
  const [turns, most] = [seen(speed, spokes), FRAMES / (2 * spokes)];
  const y = (level) => axis.zero - (HIGH * level) / most;
  update(nodes.rule, { d: `M${axis.left} ${axis.zero}H${axis.right}` });
  const saw = teeth(spokes);
  nodes.saws(saw.length).forEach((node, i) => {
    const [[x1, y1], [x2, y2]] = saw[i];
    update(node, { d: `M${axis.x(x1).toFixed(1)} ${y(y1).toFixed(1)}L${axis.x(x2).toFixed(1)} ${y(y2).toFixed(1)}` });
  });
  nodes.levels(3).forEach((node, i) => {
    update(node, { x: axis.left - 8, y: axis.zero - HIGH + HIGH * i + 4 });
    say(node, words(most * (1 - i)));
  });
  nodes.marks(TICKS.length).forEach((node, i) => {
    update(node, { x: axis.x(TICKS[i]).toFixed(1), y: axis.track + 25 });
    say(node, s.narrow && i % 2 ? "" : String(TICKS[i]));
  });
  update(nodes.title, { x: axis.left - 34, y: axis.top + 11 });
  update(nodes.ofWheel, { x: axis.right, y: axis.track + 45 });
  const x = axis.x(speed).toFixed(1);
  const tips = ways(speed, spokes).map((way) => y(way).toFixed(1));
  update(nodes.stem, { d: tips.map((tip) => `M${x} ${axis.zero}V${tip}`).join("") });
  nodes.dots(tips.length).forEach((node, i) => update(node, { cx: x, cy: tips[i] }));
  const right = speed > FASTEST - 8;
  update(nodes.value, { x: Number(x) + (right ? -9 : 9), y: (y(turns) + (turns < 0 ? 8 : 2)).toFixed(1), "text-anchor": right ? "end" : "start" });
  say(nodes.value, isHalf(speed, spokes) ? `±${words(turns, 2)}` : words(turns, 2));
  update(nodes.surface, { x: axis.left - 8, y: axis.top + 16, width: (axis.right - axis.left + 16).toFixed(1), height: axis.zero + HIGH - axis.top - 16 });
}

function draw(view, s) {
  if (!s.width) return;
  place(view, s);
  drawWheels(view, s);
  drawAxis(view, s);
  const said = sentence(view.get("speed"), view.get("spokes"));
  say(s.nodes.words, said);
  view.aloud(said);
}

// ---- what the reader does ------------------------------------------------------------------------------------------

/** Press or drag on the axis: that many turns a second. */
function pressAxis(view, s) {
  const go = (event) => {
    const { left, right } = s.axis;
    const share = (event.clientX - s.nodes.svg.getBoundingClientRect().left - left) / (right - left);
    view.set("speed", snap(clamp(FASTEST * share, 0, FASTEST), STEP));
  };
  handle(view, s.nodes.surface, ["speed"], { axis: "x", press: (event) => (event.pointerType === "mouse" && go(event), true), drag: go, click: go });
}

/** Arrow keys with Shift or Ctrl, and Page Up and Down, go to the next whole number; on the film, to the next frame. */
function wholeSteps(view, node, trait, high, stop = () => {}) {
  const ways = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 };
  node.addEventListener("keydown", (event) => {
    const isWhole = event.shiftKey || event.ctrlKey || event.key.startsWith("Page") || trait === "time";
    if (!(event.key in ways) || !isWhole || event.metaKey || event.altKey) return;
    event.preventDefault();
    stop();
    view.set(trait, stepped(view.get(trait), ways[event.key], { low: 0, high, step: KEY }));
    view.send();
  });
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "wagon-wheel", { traits: ["speed", "spokes", "time", "pace"] });
  const s = { width: 0, nodes: scene(), plays: false };
  const { nodes } = s;
  const ask = view.frame(() => draw(view, s));
  view.offersSpeed = () => !view.get("controls")?.length || view.get("controls").includes("speed");
  const spoken = (speed) => {
    const said = moved(speed, view.get("spokes"));
    return `${count(speed, "turn")} a second; on the film, ${said.includes("°") ? `${said} a frame` : `it ${said}`}`;
  };
  s.thumb = slider(view, "speed", "turns a second of the wheel", { low: 0, high: FASTEST, step: STEP, spoken });
  const frameOf = (time) => String(Math.floor(time + NONE));
  s.rate = () => (view.get("pace") === "film" ? REAL : SLOW);
  /** In real time it stops at a frame: slowly, a reader may want to see the wheel between two. */
  const changed = () => {
    ask();
    if (!s.scrub) return;
    const stops = s.plays && !s.scrub.playing();
    if (stops && view.get("pace") === "film") view.set("time", Math.floor(view.get("time") + NONE));
    s.plays = s.scrub.playing();
  };
  s.scrub = player(view, "time", "frame", { low: 0, high: LENGTH, step: 0.01, start: 0, stride: 1, speed: s.rate, pause: 500, changed, words: frameOf, spoken: (time) => `frame ${frameOf(time)} of ${LENGTH}` });
  const row = slider(view, "spokes", "spokes", { low: 1, high: SPOKES, step: 1 });
  s.count = { ...row, box: element("div", { class: "amount" }, row.label, row.node, row.value) };
  s.paces = segments(view, "pace", "played in", PACES);
  const anew = () => (s.run = [{ from: 0, turned: 0, speed: view.get("speed") }]);
  anew();
  view.on(["speed"], () => {
    const [from, speed] = [view.get("time"), view.get("speed")];
    if (s.plays) s.run = [...s.run, { from, turned: turnedAt(s.run, from), speed }];
    else anew();
  });
  view.on(["time"], () => s.plays || anew()); // a frame that Play did not come to
  pressAxis(view, s);
  wholeSteps(view, s.thumb.node, "speed", FASTEST);
  wholeSteps(view, s.scrub.node, "time", LENGTH, () => s.scrub.stop());
  view.on(["spokes"], () => s.thumb.show()); // what it says aloud is another speed on the film
  view.on(["speed", "spokes", "time", "pace", "show", "controls"], ask);
  const picture = element("div", { class: "picture" }, nodes.svg, s.thumb.node, s.thumb.label);
  view.widths(picture, (width) => {
    s.width = width;
    draw(view, s);
  });
  view.foot.prepend(s.paces.box);
  view.show(picture, nodes.words, element("div", { class: "rows" }, s.scrub.box, s.count.box));
  return view.end;
}

export default { render };
