// Pointers and keys: drag, click, hover, pin.  The main button and one finger, never a second one.

import { element, reveal, say } from "./dom.js";

const STILL = 4; // pixels: a press that moves no farther is a click

/**
 * What a pointer does on `node`.  `press(event)` begins a drag with what it returns (false: none); then come `drag(event,
 * held, by)` with the way in pixels from where it was pressed, and in the end `drop(held)`, after `click(event, held)`
 * if it has not moved.  The browser may take a finger away, to scroll: then comes `cancel(held)` instead.
 * `hover(event)` is a mouse without a button, `leave()` its going away.
 *
 * `axis` tells the way in which `node` is dragged, "x", "y" or "xy": along the other one a finger scrolls the page.
 */
export function gestures(node, { axis, press = () => true, drag, drop, cancel, click, hover, leave, still = STILL }) {
  let now = null;
  const end = (event, cancelled) => {
    if (now?.pointer !== event.pointerId) return;
    const { held, moved } = now;
    now = null;
    if (cancelled) return cancel?.(held);
    if (!moved) click?.(event, held);
    drop?.(held);
  };
  if (axis) node.dataset.drag = axis;
  node.addEventListener("pointerdown", (event) => {
    if (event.button || now || (event.pointerType === "touch" && !event.isPrimary)) return;
    const held = press(event);
    if (held === false) return;
    now = { held, pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: still < 0 };
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (now?.pointer === event.pointerId) {
      const by = { x: event.clientX - now.x, y: event.clientY - now.y };
      now.moved ||= Math.hypot(by.x, by.y) > still;
      if (now.moved) drag?.(event, now.held, by);
    } else if (!now && event.pointerType === "mouse" && !event.buttons) hover?.(event);
  });
  node.addEventListener("pointerup", (event) => end(event, false));
  node.addEventListener("pointercancel", (event) => end(event, true));
  node.addEventListener("pointerleave", () => !now && leave?.());
  return { held: () => now?.held ?? null };
}

/**
 * A handle that changes traits while it is dragged: as `gestures`, but what the traits were comes back if the drag is
 * cancelled, and they are sent when it ends.
 */
export function handle(view, node, traits, { press = () => true, drop, cancel, ...acts }) {
  let before = {};
  return gestures(node, {
    axis: "xy",
    ...acts,
    press(event) {
      before = Object.fromEntries(traits.map((trait) => [trait, view.get(trait)]));
      return press(event);
    },
    drop(held) {
      drop?.(held);
      view.send();
    },
    cancel(held) {
      for (const trait of traits) view.set(trait, before[trait]);
      view.send();
      (cancel ?? drop)?.(held);
    },
  });
}

/** Keys by name, each with what `act` is called with; any other key is the page's. */
export function keys(node, table, act) {
  node.addEventListener("keydown", (event) => {
    if (!(event.key in table) || event.ctrlKey || event.metaKey || event.altKey) return;
    act(table[event.key], event);
    event.preventDefault();
  });
}

/**
 * What the reader looks at: what is pinned, or else hovered, or under a finger that stays down.  `changed` is called
 * after every change; `same` tells whether a click is on what is pinned already, and so lets go.
 *
 * A pin lets go on a tap anywhere else, on Escape, and by the chip "✕ …" at the widget's foot, which says `name`.
 * `watch(node, at)` has a node looked at: `at(event)` gives what is there, or null.
 */
export function looking(view, changed, { same = Object.is, name = "let go" } = {}) {
  let [hovered, pinned] = [null, null];
  const chip = element("button", { type: "button", class: "chip", onclick: () => look.letGo() });
  const tell = () => {
    reveal(chip, pinned !== null);
    say(chip, `✕ ${typeof name === "function" ? name(pinned) : name}`);
    changed();
  };
  const look = {
    chip,
    at: () => pinned ?? hovered,
    pinned: () => pinned !== null,
    hover(what) {
      if (pinned !== null || (hovered !== null && what !== null && same(what, hovered))) return;
      hovered = what;
      changed();
    },
    pin(what) {
      pinned = what === null || (pinned !== null && same(what, pinned)) ? null : what;
      hovered = null;
      tell();
    },
    letGo() {
      if (hovered === null && pinned === null) return;
      hovered = pinned = null;
      tell();
    },
    watch(node, at, options = {}) {
      node.dataset.look = "";
      gestures(node, {
        ...options,
        press(event) {
          if (event.pointerType !== "mouse") look.hover(at(event));
          return true;
        },
        drag: (event) => event.pointerType !== "mouse" && look.hover(at(event)),
        click: (event) => look.pin(at(event)),
        drop: () => look.hover(null),
        cancel: () => look.hover(null),
        hover: (event) => look.hover(at(event)),
        leave: () => look.hover(null),
      });
    },
  };
  const elsewhere = (event) => {
    const mine = view.root.contains(event.target) && event.target.closest("[data-look], .chip");
    if (!mine) look.letGo();
  };
  reveal(chip, false);
  view.foot.prepend(chip);
  view.listen(document, "pointerdown", elsewhere);
  view.listen(view.root, "keydown", (event) => event.key === "Escape" && look.letGo());
  view.onReset(look.letGo);
  return look;
}
