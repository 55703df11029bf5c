// Controls that are bound to a trait: they set it, and follow it whoever sets it.

import { element, say, uniqueId, update } from "./dom.js";
import { clamp, snap } from "./numbers.js";

const sent = (view, trait, value) => {
  view.set(trait, value);
  view.send();
};
const follow = (view, trait, act) => {
  view.on([trait], act);
  act();
};

/** A list; `options` are texts by value. */
export function choice(view, trait, label, options, kind = "") {
  const id = uniqueId(trait);
  const texts = Object.entries(options).map(([value, text]) => element("option", { value }, text));
  const node = element("select", { id, onchange: () => sent(view, trait, node.value) }, ...texts);
  follow(view, trait, () => {
    node.value = view.get(trait);
  });
  return { node, box: element("div", { class: "choice" }, element("label", { for: id, class: kind }, label), node) };
}

/** Radio buttons that look like one switch; `options` are texts, or lists of texts and nodes, by value. */
export function segments(view, trait, legend, options) {
  const group = uniqueId(trait);
  const radios = Object.keys(options).map((value) =>
    element("input", { type: "radio", name: group, value, onchange: () => sent(view, trait, value) }),
  );
  const labels = radios.map((radio) => element("label", {}, radio, ...[options[radio.value]].flat()));
  follow(view, trait, () => {
    for (const radio of radios) radio.checked = radio.value === view.get(trait);
  });
  const row = element("div", { class: "segments" }, ...labels);
  return { radios, box: element("fieldset", {}, element("legend", {}, legend), row) };
}

/** A switch with a label: a trait that is true or false. */
export function check(view, trait, label) {
  const node = element("input", { type: "checkbox", onchange: () => sent(view, trait, node.checked) });
  follow(view, trait, () => {
    node.checked = view.get(trait);
  });
  return { node, box: element("label", { class: "check" }, node, " ", label) };
}

const same = (value) => value;

/**
 * A slider with its label and its value; `words(value)` says what the value is, for the eye, `spoken(value)` aloud.
 * On a scale that is not even, `place(value)` is where the thumb stands, between `low` and `high`, and `valueAt(place)`
 * the way back.
 * `along(left, right)` lays it so that its thumb stands at the same place as its value on an axis between the two.
 */
export function slider(view, trait, label, { low, high, step, words = String, spoken = words, place = same, valueAt = same }) {
  const id = uniqueId(trait);
  const node = element("input", {
    type: "range",
    id,
    min: low,
    max: high,
    step,
    oninput: () => view.set(trait, valueAt(Number(node.value))),
    onchange: () => view.send(),
  });
  const value = element("output", { class: "value", for: id });
  const show = () => {
    const now = view.get(trait);
    if (Number(node.value) !== place(now)) node.value = place(now);
    say(value, words(now));
    update(node, { "aria-valuetext": spoken(now) });
  };
  follow(view, trait, show);
  /** The slider's ends may change: to which outputs there are, say. */
  const limit = (least, most) => {
    update(node, { min: least, max: most });
    show();
  };
  const along = (left, right) => {
    node.style.setProperty("--from", `${left}px`);
    node.style.setProperty("--to", `${right}px`);
    node.classList.add("along");
  };
  return { node, value, show, along, limit, label: element("label", { for: id, class: "name" }, label) };
}

/**
 * Play and Pause beside a slider.  Playing moves the trait by `speed` a second, or by what it gives if it is a function,
 * frame by frame, or, for readers who asked for less motion and where there is no speed, by `stride` every `pause`
 * milliseconds.  The first time, and when it has got to the end, it begins at `start`.  Prose says
 * `{ do: "play", from, to }`; a widget, `begin(from, to)`.  `changed` is called when it begins and when it stops.
 */
export function player(view, trait, label, { start, stride, speed = 0, pause = 900, changed, ...range }) {
  const scrub = slider(view, trait, label, range);
  const { place = same, valueAt = same } = range;
  const play = element("button", { type: "button", class: "play" });
  const end = () => Number(scrub.node.max);
  const pace = () => (typeof speed === "function" ? speed() : speed);
  let [running, played, last] = [false, false, Infinity];
  let cancel = () => {};
  const show = () => {
    say(play, running ? "❚❚ Pause" : "▶ Play");
    changed?.();
  };
  const stop = () => {
    if (!running) return;
    cancel();
    running = false;
    view.send();
    show();
  };
  const next = (act) => {
    if (!speed || view.calm()) {
      const timer = setTimeout(act, pause);
      cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(act);
      cancel = () => cancelAnimationFrame(frame);
    }
  };
  const begin = (from, to) => {
    stop();
    const now = place(view.get(trait));
    let at = from == null ? (!played || now >= Math.min(last, end()) ? place(start) : now) : place(from);
    let before = null;
    [running, played, last] = [true, true, to == null ? end() : place(to)];
    const put = () => view.set(trait, valueAt(clamp(snap(at, range.step), range.low, end())));
    const advance = (now) => {
      // A timer passes no time: that is a step.  The first frame only tells when the second one's time begins.
      const by = now === undefined ? stride : before === null ? 0 : ((now - before) / 1000) * pace();
      before = now;
      at = Math.min(at + by, last, end());
      put();
      if (at >= Math.min(last, end())) stop();
      else next(advance);
    };
    put();
    next(advance);
    show();
  };
  play.addEventListener("click", () => (running ? stop() : begin()));
  scrub.node.addEventListener("input", () => {
    stop();
    played = true;
  });
  view.obeys({ play: ({ from, to }) => begin(from, to), pause: stop });
  view.onReset(() => {
    stop();
    played = false;
  });
  view.until(stop);
  show();
  const box = element("div", { class: "transport" }, play, scrub.label, scrub.node, scrub.value);
  return { ...scrub, play, box, begin, stop, playing: () => running };
}
