// Settings that go together or do not: − and + beside the value of each, and how far one can go with the others as they are.

import { element } from "./dom.js";

/**
 * The setting `name` of `c` goes towards `to`, step by step, as far as it can; and why no farther.  `bounds` gives the
 * least and the greatest value of each setting, `refusal(c)` why settings cannot be, or ""; what `skips(c, name, value)`
 * is stepped over.
 */
export function stepTowards(c, name, to, { bounds, refusal, skips = () => false }) {
  const [low, high] = bounds[name];
  const by = Math.sign(to - c[name]);
  let now = c;
  while (by * (to - now[name]) > 0) {
    let value = now[name] + by;
    while (value < high && value > low && skips(c, name, value)) value += by;
    if (value < low || value > high) return { now, why: `${name} is ${low} to ${high}` };
    const why = refusal({ ...now, [name]: value });
    if (why) return { now, why };
    now = { ...now, [name]: value };
  }
  return { now, why: "" };
}

/** − value + for a setting, with `words` and a symbol; `step(by)` is what the buttons do.  Style: `.steppers` in base.css. */
export function stepper(name, words, symbol, step) {
  const button = (text, by) => element("button", { type: "button", "aria-label": `${name} ${by > 0 ? "more" : "less"}`, onclick: () => step(by) }, text);
  const value = element("output", { class: `value of-${name}` });
  const [fewer, more] = [button("−", -1), button("+", 1)];
  const label = element("span", { class: "about" }, words, symbol ? element("i", {}, ` ${symbol}`) : null);
  return { name, value, fewer, more, box: element("div", { class: "stepper", role: "group", "aria-label": name }, label, fewer, value, more) };
}
