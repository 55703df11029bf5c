import { element, say, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { clamp, snap } from "./js/numbers.js";
import { choice, player } from "./js/controls.js";
import { handle, keys, looking } from "./js/pointer.js";

export const double = (x) => 2 * x;

function render({ model, el }) {
  const view = viewOf({ model, el }, "probe", { traits: ["color", "t", "height"] });
  const color = choice(view, "color", "Colour", { red: "red", blue: "blue" });
  const time = player(view, "t", "t", { low: 0, high: 10, step: 0.1, start: 0, stride: 1, speed: 2 });
  const bar = element("div", { class: "bar", tabindex: 0, role: "slider", "aria-label": "height", "aria-valuemin": 0, "aria-valuemax": 4 });
  const dot = element("circle", { cx: 60, cy: 80, r: 30, fill: "var(--cl-output)", tabindex: 0, role: "button", "aria-label": "look" });
  const words = element("p", {});
  const set = (height) => view.set("height", clamp(snap(height, 0.1), 0, 4));
  handle(view, bar, ["height"], {
    axis: "y",
    press: () => view.get("height"),
    drag: (event, held, by) => set(held - by.y / 20),
  });
  keys(bar, { ArrowUp: 0.1, ArrowDown: -0.1 }, (by) => set(view.get("height") + by));
  const look = looking(view, () => say(words, look.at() ? "You look at the dot." : `The bar is ${view.get("height")} high.`));
  look.watch(dot, () => "dot");
  keys(dot, { Enter: "dot" }, look.pin);
  const draw = view.frame(() => {
    update(bar, { "aria-valuenow": view.get("height"), style: `top: ${20 - 5 * view.get("height")}px` });
    update(dot, { cx: 60 + 20 * view.get("t") });
    say(words, `The bar is ${view.get("height")} high.`);
  });
  view.on(["color", "t", "height"], draw);
  const picture = element("svg", { viewBox: "0 0 320 160", role: "group", "aria-label": "a dot" }, dot);
  view.show(picture, element("div", { class: "track" }, bar), color.box, time.box, words);
  draw();
  return view.end;
}

export default { render };
