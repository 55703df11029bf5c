// From render() to its end: one view of a widget, its traits, its redraws, what is read aloud, what prose asks of it.

import { element, reveal, say } from "./dom.js";
import { layUnder } from "./sheets.js";

/** Call `act` once in the next frame, however often it is asked for. */
export function oncePerFrame(act) {
  let frame = 0;
  const ask = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      act();
    });
  };
  ask.cancel = () => {
    cancelAnimationFrame(frame);
    frame = 0;
  };
  return ask;
}

/** Call `act`, with what was given last, when there has been no call for `wait` milliseconds. */
export function whenQuiet(act, wait) {
  let timer = 0;
  let given = [];
  const run = () => {
    timer = 0;
    act(...given);
  };
  const ask = (...values) => {
    clearTimeout(timer);
    given = values;
    timer = setTimeout(run, wait);
  };
  ask.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  /** Act at once on what still waits: a widget that goes away must not lose the last change. */
  ask.flush = () => {
    if (!timer) return;
    clearTimeout(timer);
    run();
  };
  return ask;
}

const authored = new WeakMap(); // what each model's traits were before any reader touched it

/** Whether two traits are the same: binary ones byte for byte, lists and objects by what they hold. */
export function alike(a, b) {
  if (a instanceof DataView && b instanceof DataView) {
    if (a.byteLength !== b.byteLength) return false;
    for (let i = 0; i < a.byteLength; i += 1) if (a.getUint8(i) !== b.getUint8(i)) return false;
    return true;
  }
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/**
 * One view of a widget.  What it starts here ends with it: `render` returns `view.end`.
 *
 * `traits` are those that the reader can change, and Reset restores.  `quiet` is how long nothing must change, in
 * milliseconds, before the change is read aloud.
 *
 * Prose drives a widget by messages, `{ do: "play" }` and the like, whether they come from a link on the page or from
 * Python's `widget.send`; `view.obeys({ play: act })` says what this one understands.  Each understands "light", which
 * makes the parts marked `data-part` stand out, and "reset"; any message means that what follows is read aloud.
 */
export function viewOf({ model, el }, name, { traits = [], quiet = 400 } = {}) {
  layUnder(model.get("_anywidget_id")); // by that name anywidget has put the widget's own sheet into the page
  const ends = [];
  const resets = [];
  const measures = [];
  const orders = {};
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  const spoken = element("p", { class: "quiet", "aria-live": "polite" });
  const reset = element("button", { type: "button", class: "reset", onclick: () => view.reset() }, "Reset");
  const foot = element("div", { class: "foot" }, element("span", { class: "space" }), reset);
  const root = element("div", { class: `cl-widget cl-${name}` }, spoken);
  root.orders = orders;
  const save = whenQuiet(() => model.save_changes(), 60);
  let met = false; // whether the reader has done anything: until then there is nothing to announce
  const aloud = whenQuiet((text) => met && say(spoken, text), quiet);
  if (!authored.has(model)) authored.set(model, Object.fromEntries(traits.map((trait) => [trait, model.get(trait)])));
  const first = authored.get(model);

  const meet = () => (met = true);
  const keep = (event) => {
    // In JupyterLab's command mode a key pressed on a slider or a list would move, insert or delete cells.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  };
  const listen = (node, event, act, options) => {
    node.addEventListener(event, act, options);
    ends.push(() => node.removeEventListener(event, act, options));
  };
  listen(root, "pointerdown", meet, true);
  listen(root, "keydown", meet, true);
  listen(el, "keydown", keep);

  const view = {
    root,
    foot,
    aloud,
    listen,
    get: (trait) => model.get(trait),
    /** Set a trait; Python hears of it when the reader pauses. */
    set(trait, value) {
      model.set(trait, value);
      save();
    },
    /** What still waits is sent now: a gesture has ended. */
    send: save.flush,
    /** Whether the reader has asked for less motion. */
    calm: () => motion.matches,
    /** Whether a reduced view shows a part: widgets list those in the trait `show`, an empty list stands for all. */
    shows: (part) => !model.get("show")?.length || model.get("show").includes(part),
    /** Whether a reduced view has a control for a trait: named in `controls`, or none is named and all are seen. */
    offers: (trait) => (model.get("controls")?.length ? model.get("controls").includes(trait) : view.shows("controls")),
    /** Call `act` when one of the traits changes, whoever changed it. */
    on(names, act) {
      for (const trait of names) model.on(`change:${trait}`, act);
      ends.push(() => names.forEach((trait) => model.off(`change:${trait}`, act)));
    },
    /** `act` at most once a frame. */
    frame(act) {
      const ask = oncePerFrame(act);
      ends.push(ask.cancel);
      return ask;
    },
    /** `run(act, done)` calls `act` with a share of the time that goes from 0 to 1; for calm readers, at once with 1. */
    tween(milliseconds) {
      let frame = 0;
      const stop = () => cancelAnimationFrame(frame);
      ends.push(stop);
      const run = (act, done) => {
        stop();
        let start = null;
        const next = (now) => {
          start ??= now;
          const share = view.calm() ? 1 : Math.min(1, (now - start) / milliseconds);
          act(share);
          if (share < 1) frame = requestAnimationFrame(next);
          else done?.();
        };
        frame = requestAnimationFrame(next);
      };
      return { run, stop };
    },
    /** Call `act` with the width of `node` in whole pixels when the widget is shown, and when it changes. */
    widths(node, act) {
      let last = 0;
      const measure = () => {
        const width = Math.floor(node.getBoundingClientRect().width);
        if (width && width !== last) act((last = width));
      };
      measures.push(measure);
      const observer = new ResizeObserver(measure);
      observer.observe(node);
      ends.push(() => observer.disconnect());
    },
    /** Call `act` when the page turns light or dark, or to paper: canvases are painted with its colours. */
    themes(act) {
      const observer = new MutationObserver(act);
      observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
      observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
      ends.push(() => observer.disconnect());
      listen(matchMedia("(prefers-color-scheme: dark)"), "change", act);
      listen(matchMedia("print"), "change", act);
    },
    /** What prose can ask of this widget, by the message's `do`. */
    obeys: (given) => Object.assign(orders, given),
    /** Mark the parts called `part`, or none: what the prose speaks of. */
    light(part) {
      root.classList.toggle("lighting", Boolean(part));
      for (const node of root.querySelectorAll("[data-part]")) {
        node.classList.toggle("lit", Boolean(part) && node.dataset.part.split(" ").includes(part));
      }
    },
    /** Back to the state that the author gave it. */
    reset() {
      for (const act of resets) act();
      for (const [trait, value] of Object.entries(first)) model.set(trait, value);
      save();
      save.flush();
    },
    onReset: (act) => resets.push(act),
    until: (end) => ends.push(end),
    /** Put the parts on the page and draw them for the first time. */
    show(...parts) {
      root.prepend(...parts.filter((part) => part != null), foot);
      el.append(root);
      for (const measure of measures) measure();
      touched();
    },
    end() {
      for (const end of ends.reverse()) end();
      aloud.cancel();
      save.flush();
    },
  };
  const touched = () => reveal(reset, Object.entries(first).some(([trait, value]) => !alike(value, model.get(trait))));
  view.on(traits, touched);
  view.obeys({ light: ({ part }) => view.light(part), reset: view.reset });
  const obey = (message) => {
    met = true;
    orders[message?.do]?.(message);
  };
  model.on("msg:custom", obey);
  ends.push(() => model.off("msg:custom", obey));
  return view;
}
