// A function drawn by hand: a surface, by mouse, by finger, or by keys.

import { element, update } from "./dom.js";
import { clamp } from "./numbers.js";
import { gestures, keys } from "./pointer.js";

/**
 * A surface on which a function is drawn through evenly spaced nodes, by mouse, by finger, or by keys.  `place(event)`
 * gives index and value under the pointer, `where(index, value)` the way back, in pixels of the surface.
 */
export function sketch(view, label, { nodes, put, place, where, spoken, limit }) {
  const halo = element("span", { class: "halo" });
  const pad = element("div", { class: "pad", tabindex: 0, role: "slider", "aria-label": label, hidden: true }, halo);
  let [chosen, last] = [20, null];
  const show = () => {
    const all = nodes();
    if (!all || pad.hidden) return;
    const [left, top] = where(chosen, all[chosen]);
    halo.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    const [low, high] = limit();
    update(pad, { "aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": all[chosen].toFixed(2) });
    update(pad, { "aria-valuetext": spoken(chosen, all[chosen]) });
  };
  const stroke = (here, from) => {
    const all = nodes();
    const count = Math.abs(here.index - from.index);
    for (let k = 0; k <= count; k += 1) {
      const share = count ? k / count : 1;
      all[from.index + Math.sign(here.index - from.index) * k] = from.value + share * (here.value - from.value);
    }
    chosen = here.index;
    put(all);
    return here;
  };
  gestures(pad, {
    axis: "xy",
    still: -1,
    press(event) {
      const before = nodes();
      last = stroke(place(event), place(event));
      return before;
    },
    drag: (event) => (last = stroke(place(event), last)),
    drop: view.send,
    cancel: (before) => (put(before), view.send()),
  });
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], Home: [-99, 0], End: [99, 0] };
  const lifts = { ArrowUp: [0, 0.1], ArrowDown: [0, -0.1], PageUp: [0, 0.5], PageDown: [0, -0.5] };
  keys(pad, { ...moves, ...lifts }, ([by, lift]) => {
    const all = nodes();
    chosen = clamp(chosen + by, 0, all.length - 1);
    all[chosen] = clamp(Math.round((all[chosen] + lift) * 100) / 100, ...limit());
    if (lift) (put(all), view.send());
    show();
  });
  return { pad, show };
}
