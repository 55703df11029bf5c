// Functions of time, drawn: a panel, its axis, a curve that stands upright where it jumps, an impulse.

import { element, uniqueId } from "./dom.js";
import { clamp, format } from "./numbers.js";

const FINE = 0.03; // units of time from point to point of a curve
const CLOSE_BY = 1e-6; // as good as at a jump, and clearly on one side of it

/** A path through a function from one time to another that begins and ends on the zero line: jumps are upright. */
export function outline(at, low, high, x, y) {
  if (high - low < CLOSE_BY) return "";
  const count = Math.max(2, Math.ceil((high - low) / FINE));
  let path = `M${x(low).toFixed(1)} ${y(0).toFixed(1)}`;
  for (let i = 0; i <= count; i += 1) {
    const tau = low + (i / count) * (high - low);
    const inside = clamp(tau, low + CLOSE_BY, high - CLOSE_BY);
    path += `L${x(tau).toFixed(1)} ${y(at(inside)).toFixed(1)}`;
  }
  return `${path}L${x(high).toFixed(1)} ${y(0).toFixed(1)}`;
}

/** An impulse: an arrow as tall as its area. */
export function arrow(place, height, y) {
  if (Math.abs(height) < 0.004) return "";
  const head = height < 0 ? -9 : 9;
  return `M${place.toFixed(1)} ${y(0).toFixed(1)}V${y(height).toFixed(1)}m-5 ${head}l5 ${-head}l5 ${head}`;
}

/** One panel: a clipped plot with its zero line, its unit, and room for what may stick out. */
export function panel(stage, name) {
  const clip = uniqueId("clip");
  const frame = element("rect");
  const zero = element("line", { class: "zero" });
  const unit = element("line", { class: "unit" });
  const one = element("text", { x: 14, "text-anchor": "end" }, "1");
  const plot = element("g", { "clip-path": `url(#${clip})` });
  const over = element("g");
  const node = element("g", {}, element("clipPath", { id: clip }, frame), unit, zero, one, plot, over);
  stage.append(node);
  return { name, node, frame, zero, unit, one, plot, over, top: 0, bottom: 0, origin: 0 };
}

/** An axis from -reach to reach at the height `at`, with a number at each unit and the variable's name at its end. */
export function axis(group, name, at, { x, reach }) {
  group.replaceChildren();
  if (at === null) return;
  const [left, right] = [x(-reach), x(reach)];
  group.append(element("line", { x1: left, x2: right, y1: at, y2: at }));
  for (let t = -reach; t <= reach; t += 1) {
    group.append(element("line", { x1: x(t), x2: x(t), y1: at, y2: at + 5 }));
    const inside = Math.abs(t) < reach;
    if (inside) group.append(element("text", { x: x(t), y: at + 18, "text-anchor": "middle" }, format(t, 0)));
  }
  group.append(element("text", { class: "name", x: right, y: at + 18, "text-anchor": "end" }, name));
}
