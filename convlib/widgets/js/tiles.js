// Numbers in tiles: dragged up and down, typed into, changed by arrow keys.

import { element, pool, say, update } from "./dom.js";
import { minus, tidy } from "./kernels.js";
import { brief, clamp, snap } from "./numbers.js";
import { handle, keys } from "./pointer.js";

const DRAG = 7; // pixels that a tile is dragged for one step

/** A field over a tile, to type in: begun with `first`, or with the number `now`; `put` gets what is typed. */
export function typeInto(view, node, { now, put, first = "", label }) {
  if (node.querySelector("input")) return;
  const input = element("input", { type: "text", class: "typed", autocomplete: "off", "aria-label": label, size: 3 });
  input.value = first || minus(brief(now, 4));
  let over = false;
  const leave = (take, refocus) => {
    if (over) return;
    over = true;
    const value = Number(minus(input.value.trim()).replace(",", "."));
    if (take && input.value.trim() && Number.isFinite(value)) put(value);
    view.send();
    input.remove();
    if (refocus) node.focus({ preventScroll: true });
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") leave(true, true);
    if (event.key === "Escape") leave(false, true);
  });
  input.addEventListener("pointerdown", (event) => event.stopPropagation());
  input.addEventListener("blur", () => leave(true, false));
  node.append(input);
  input.focus({ preventScroll: true });
  if (!first) input.select();
}

/**
 * Tiles in `parent`, one of which takes part in Tab.  `read(at)` gives a tile's number, `write(at, value)` sets it and
 * with it one of `traits`; `step()` is what one key or one bit of a drag changes.  `name(at)` says what the number is.
 *
 * `show(count)` makes as many as asked for, with their numbers, and gives their nodes.
 */
export function tiles(view, parent, { traits, read, write, step, low, high, name, text: worded = (value) => brief(value), tint = () => 0, lit = () => {} }) {
  let [made, stop] = [[], 0];
  const put = (at, value) => write(at, tidy(clamp(value, low, high)));
  const go = (to) => {
    stop = clamp(to, 0, made.length - 1);
    made.forEach(({ node }, k) => update(node, { tabindex: k === stop ? 0 : -1 }));
    made[stop].node.focus();
  };
  const make = pool(parent, (at) => {
    const text = element("span");
    const node = element("div", { class: "tile", role: "spinbutton", tabindex: -1, "aria-valuemin": low, "aria-valuemax": high }, text);
    const type = (first) => typeInto(view, node, { now: read(at), put: (value) => put(at, value), first, label: name(at) });
    handle(view, node, traits, {
      axis: "y",
      press() {
        stop = at;
        lit(at);
        return { value: read(at), step: step() };
      },
      drag: (_, held, by) => put(at, snap(held.value - Math.round(by.y / DRAG) * held.step, 1e-4)),
      click: () => type(),
      drop: () => lit(null),
      hover: () => lit(at),
      leave: () => lit(null),
    });
    keys(node, { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }, (by) => put(at, snap(read(at) + by * step(), 1e-4)));
    keys(node, { ArrowLeft: -1, ArrowRight: 1, Home: -99, End: 99 }, (by) => go(at + by));
    keys(node, { Enter: "", F2: "", ...Object.fromEntries([..."0123456789.-"].map((key) => [key, key])) }, type);
    node.addEventListener("focus", () => {
      stop = at;
      if (node.matches(":focus-visible")) lit(at);
    });
    node.addEventListener("blur", () => lit(null));
    return { node, text };
  });
  return {
    show(count) {
      made = make(count);
      stop = clamp(stop, 0, count - 1);
      made.forEach(({ node, text }, at) => {
        const value = read(at);
        say(text, worded(value));
        const attributes = { tabindex: at === stop ? 0 : -1, "aria-valuenow": tidy(value), "aria-valuetext": brief(value, 4) };
        update(node, { class: value < 0 ? "tile minus" : "tile", style: `--tint: ${Math.round(tint(value))}%`, ...attributes });
        update(node, { "aria-label": `${name(at)}; up and down change it${count > 1 ? ", left and right go to others" : ""}, Enter types` });
      });
      return made.map(({ node }) => node);
    },
  };
}
