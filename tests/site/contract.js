// What test_contract.py asks of a page: stands before anything else there.
(() => {
  const words = (node) => node.outerHTML.slice(0, 120);

  // ---- what is begun and has not ended: listeners outside the widget, timers, frames, observers
  const begun = new Map();
  const ids = new Map();
  const idOf = (thing) => ids.get(thing) ?? (ids.set(thing, ids.size), ids.get(thing));
  const keyOf = (target, [event, act, options]) =>
    [idOf(target), event, idOf(act), Boolean(options?.capture ?? options)].join();
  const isOutside = (target) =>
    [window, document, document.body, document.documentElement].includes(target) || target instanceof MediaQueryList;
  // Widgets' modules are imported from memory: what has another address is the host's, or the browser tools' own.
  const note = (key, what) => {
    const caller = new Error().stack.split("\n").find((line, i) => i && !line.includes("contract.js:"));
    if (contract.counting && caller?.includes("blob:")) begun.set(key, what);
  };
  const wrap = (owner, name, act) => {
    const old = owner[name];
    owner[name] = function (...given) {
      return act.call(this, old, given);
    };
  };
  wrap(EventTarget.prototype, "addEventListener", function (old, given) {
    if (isOutside(this) && !given[2]?.signal) note(keyOf(this, given), `listener to ${given[0]}`);
    return old.apply(this, given);
  });
  wrap(EventTarget.prototype, "removeEventListener", function (old, given) {
    begun.delete(keyOf(this, given));
    return old.apply(this, given);
  });
  const timers = [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"], ["requestAnimationFrame", "cancelAnimationFrame"]];
  for (const [start, end] of timers) {
    wrap(window, start, (old, [act, ...rest]) => {
      const run = (...values) => {
        if (start !== "setInterval") begun.delete(`${end} ${id}`);
        act(...values);
      };
      const id = old.call(window, run, ...rest);
      note(`${end} ${id}`, start);
      return id;
    });
    wrap(window, end, (old, [id]) => {
      begun.delete(`${end} ${id}`);
      old.call(window, id);
    });
  }
  for (const name of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
    window[name] = class extends window[name] {
      observe(...given) {
        note(this, name);
        super.observe(...given);
      }
      disconnect() {
        begun.delete(this);
        super.disconnect();
      }
    };
  }

  const contract = (window.contract = {
    counting: true,

    /** All traits, each as a text: a list of ten thousand numbers would be long on its way. */
    state: (place) =>
      Object.fromEntries(
        place.traits.map((name) => {
          const value = place.model.get(name);
          return [name, value instanceof DataView ? new Uint8Array(value.buffer).join() : JSON.stringify(value)];
        }),
      ),

    /** Parts that stick out of the window, but for those in a part that scrolls or clips. */
    sticksOut(place) {
      const isClipped = (part) =>
        part !== place &&
        (getComputedStyle(part).overflowX !== "visible" || part.hasAttribute("clip-path") || isClipped(part.parentElement));
      const out = [...place.querySelectorAll("*")].filter((part) => {
        // A group of a drawing is as large as what is clipped away in it.
        if (part.closest("clipPath, defs") || part.tagName === "g") return false;
        const { left, right, width } = part.getBoundingClientRect();
        return width > 1 && (left < -1 || right > innerWidth + 1) && !isClipped(part.parentElement);
      });
      return out.map(words);
    },

    /** A focus frame on something that was not reached by keys. */
    frame() {
      const node = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(node);
      return !node.matches(":focus-visible") && outlineStyle !== "none" && outlineWidth !== "0px" ? words(node) : null;
    },

    /** Note every control that Tab must stop at, one of each group of radio buttons; gives their number. */
    expectStops(place) {
      const parts = [...place.querySelectorAll("button, select, input, [tabindex='0']")].filter(
        (part) => part.checkVisibility({ visibilityProperty: true }) && !part.disabled && part.tabIndex >= 0,
      );
      const groupOf = (part) => parts.filter((other) => other.type === "radio" && other.name === part.name);
      const isStop = (part) =>
        part.type !== "radio" || part === (groupOf(part).find((other) => other.checked) ?? groupOf(part)[0]);
      contract.stops = new Set(parts.filter(isStop));
      document.addEventListener("focusin", ({ target }) => contract.stops.delete(target));
      return contract.stops.size;
    },
    missedStops: () => [...contract.stops].map(words),

    /** Count from now on how often something in the widget is drawn anew. */
    countRedraws(place) {
      place.redraws = 0;
      const all = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver(() => (place.redraws += 1)).observe(place, all);
    },

    /** Change a slider, if there is one, and unmount at once; what has been told and saved, and what has not ended. */
    unmount(place) {
      place.gone = place.firstElementChild;
      const counts = { told: 0, saved: 0 };
      place.model.on("change", () => (counts.told += 1));
      place.model.save_changes = () => (counts.saved += 1);
      const slider = [...place.querySelectorAll("input[type=range]")].find((part) => part.checkVisibility());
      if (slider) {
        const step = Number(slider.step || 1);
        slider.value = Number(slider.value) + (Number(slider.value) < Number(slider.max) ? step : -step);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }
      place.unmount();
      contract.counting = false;
      return { ...counts, left: [...begun.values()] };
    },

    /** Change every trait of a widget that has gone: what still listened would draw, ask for a frame, or fail. */
    async disturb(place) {
      let drawn = 0;
      const all = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver((records) => (drawn += records.length)).observe(place.gone, all);
      begun.clear();
      contract.counting = true;
      for (const name of place.traits) place.model.set(name, another(place.model.get(name)));
      contract.counting = false;
      await Promise.resolve();
      return { drawn, asked: [...begun.values()] };
    },
  });

  const another = (value) => {
    if (value instanceof DataView) return new DataView(value.buffer.slice(0));
    if (typeof value === "object") return structuredClone(value);
    if (typeof value === "number") return value + 1;
    return typeof value === "boolean" ? !value : `${value}x`;
  };
})();
