// Bars: how one is drawn, and the handles by which a list of numbers is dragged up and down.

import { element, pool, say, update } from "./dom.js";
import { brief, clamp, snap } from "./numbers.js";
import { handle, keys } from "./pointer.js";

/** One bar with its number; `set` places it and does nothing where nothing has changed. */
export function bar(knob = false) {
  const rect = element("rect", { class: "bar", rx: 2 });
  const top = knob ? element("rect", { class: "knob", rx: 2.5, height: 5 }) : null;
  const label = element("text", { class: "number", "text-anchor": "middle" });
  const node = element("g", {}, rect, top, label);
  let last = "";
  return {
    node,
    /** `at` is its middle, `zero` the height of 0, `unit` how high 1 is; `text` stands at its tip. */
    set({ at, value, zero, unit, width, text = "", kind = "" }) {
      const key = [at, value, zero, unit, width, text, kind].join(" ");
      if (key === last) return;
      last = key;
      const tip = zero - value * unit;
      const across = { x: (at - width / 2).toFixed(1), width: width.toFixed(1) };
      update(rect, { ...across, y: Math.min(tip, zero).toFixed(1), height: Math.abs(tip - zero).toFixed(1) });
      if (top) update(top, { ...across, y: (tip - 2.5).toFixed(1) });
      update(label, { x: at.toFixed(1), y: (value < 0 ? tip + 13 : tip - 4.5).toFixed(1) });
      say(label, text);
      update(node, { class: kind });
    },
  };
}

/** The next multiple of `step` above or below, whatever the value was. */
export function stepped(value, steps, { low, high, step }) {
  const place = steps > 0 ? Math.floor(value / step + 1e-9) : Math.ceil(value / step - 1e-9);
  return clamp(snap((place + steps) * step, step), low, high);
}

/**
 * Handles over bars, each a slider: dragged up and down, moved by arrow keys; one of them takes part in Tab.
 *
 * `name(i)` is what one is called, `unit()` how many pixels high 1 is, `range` has `low`, `high`, `step`.  The numbers
 * are the list in the trait, or what `read` gives and `write` takes.  `look`, from `looking`, is shown `what(i)` while
 * a handle is hovered, focused or under a finger, and a click pins it.  `aside(by, held)` is what a drag sideways does,
 * with what `grasp()` gave when it began; it may change the traits named in `also`.  `ahead()` is 1, or -1 where the
 * bars stand in backward order.  `show(count, box)` places them: `box(i)` has x, y, width, height.
 */
export function grips(view, parent, trait, options) {
  const { name, unit, range, look, what, aside, grasp = () => ({}), also = [], ahead = () => 1, words = brief } = options;
  const { read = () => view.get(trait), write = (numbers) => view.set(trait, numbers) } = options;
  const nodes = [];
  let [stop, count] = [0, 0];
  const set = (i, number) => {
    const numbers = [...read()]; // not those last drawn: two keys may fall into one frame
    if (numbers[i] === number) return;
    numbers[i] = number;
    write(numbers);
  };
  const rove = (i) => {
    stop = clamp(i, 0, count - 1);
    nodes.forEach((node, j) => update(node, { tabindex: j === stop ? 0 : -1 }));
    return nodes[stop];
  };
  const place = pool(parent, (i) => {
    const node = element("rect", {
      class: "grip",
      rx: 6,
      role: "slider",
      "aria-label": name(i),
      "aria-orientation": "vertical",
      "aria-valuemin": range.low,
      "aria-valuemax": range.high,
      "data-look": true,
    });
    const see = () => look?.hover(what(i));
    const unsee = () => look?.hover(null);
    handle(view, node, [trait, ...also], {
      axis: aside ? "xy" : "y",
      press(event) {
        rove(i);
        const touch = event.pointerType !== "mouse";
        if (touch) see();
        return { touch, value: read()[i], ...grasp() };
      },
      drag(event, held, by) {
        held.sideways ??= Boolean(aside) && Math.abs(by.x) > Math.abs(by.y);
        if (held.sideways) aside(by, held);
        else set(i, clamp(snap(held.value - by.y / unit(), range.step), range.low, range.high));
      },
      click: () => look?.pin(what(i)),
      drop: (held) => held.touch && unsee(),
      hover: see,
      leave: unsee,
    });
    keys(node, { ArrowUp: 1, ArrowDown: -1, PageUp: 2, PageDown: -2 }, (by) => set(i, stepped(read()[i], by, range)));
    keys(node, { ArrowLeft: -1, ArrowRight: 1 }, (by) => rove(i + by * ahead()).focus());
    keys(node, { Home: 0, End: Infinity }, (to) => rove(to).focus());
    if (look) keys(node, { Enter: i, " ": i }, () => look.pin(what(i)));
    node.addEventListener("focus", () => node.matches(":focus-visible") && see());
    node.addEventListener("blur", unsee);
    return (nodes[i] = node);
  });
  return {
    nodes,
    show(total, box) {
      const held = nodes.indexOf(document.activeElement);
      count = total;
      if (held >= total) rove(total - 1).focus(); // before its own handle goes, and the focus with it
      const numbers = read();
      place(total).forEach((node, i) => {
        update(node, { "aria-valuenow": numbers[i], "aria-valuetext": words(numbers[i]), ...box(i) });
      });
      rove(stop);
    },
  };
}
