// Sentences that move the figures (links of the class cl-drive, made by _ext/book_links.py), and addresses that keep a
// figure's state: page.html#ConvolutionExplorer-1?f=box&t=0.5.  widget-host.js has given each place its mount().
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const boxes = [...document.querySelectorAll(".cl-mount")];
  const liveIn = (box) => box?.querySelector(".cl-live").model;

  /** Set traits as a reader would: the widget then says aloud what has changed. */
  const put = (model, traits) => {
    model.receive({ do: "meet" });
    model.set(traits);
  };

  // ------------------------------------------------------------------------------------------ traits as text, and back
  const toText = (view) =>
    btoa(String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "");
  const toView = (text) => {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new DataView(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)).buffer);
  };
  const asText = (value) => {
    if (value instanceof DataView) return toText(value);
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };

  // ------------------------------------------------------------------------------------------------ going to a widget
  const unfold = (box) => {
    for (let fold = box.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };

  const AIR = 8;
  /** Where the screen begins: under what of the theme stays at its top. */
  const ceiling = () => (document.querySelector(".bd-header-article")?.getBoundingClientRect().height ?? 0) + AIR;
  /** Top of what a widget draws, without its frame; of its still picture, until it is mounted. */
  const pictureTop = (box) => {
    const shown = (node) => node.getClientRects().length && !node.matches(".quiet");
    const live = box.matches(".mounted") ? [...box.querySelectorAll(".cl-live .cl-widget > *")] : [];
    return (live.find(shown) ?? box).getBoundingClientRect().top;
  };

  const ENOUGH = 460; // pixels of a picture that show what a link does to it
  let left = null; // the link that was just scrolled away from

  /** Let the browser's Back lead to the sentence that is about to leave the screen. */
  const remember = (link) => {
    if (!link || link === left) return;
    left = link;
    setTimeout(() => (left = null), 1500);
    history.pushState(history.state, "");
  };

  /** Unless the whole widget is on screen: just so far that the link is too; or the link goes to the very top, if enough
      of the picture has room under it; else the picture does. */
  const bring = (box, link, behavior = calm.matches ? "auto" : "smooth") => {
    const { top, bottom } = box.getBoundingClientRect();
    const [high, low] = [ceiling(), innerHeight - AIR];
    if (top >= high - AIR && bottom <= innerHeight) return;
    const words = link?.getBoundingClientRect() ?? { top, bottom };
    const [first, last] = [Math.min(top, words.top), Math.max(bottom, words.bottom)];
    const picture = pictureTop(box);
    const under = words.top < picture && Math.min(bottom, picture + ENOUGH) - words.top <= low - high;
    const upper = under ? words.top : picture;
    const by = last - first > low - high ? upper - high : last > low ? last - low : first - high;
    if (Math.abs(by) < 1) return;
    if (words.top - by < high - AIR || words.bottom - by > innerHeight) remember(link);
    scrollTo({ top: scrollY + by, behavior });
  };

  /** Mark a widget for a moment. */
  const ring = (box) => {
    clearTimeout(box.ringing);
    box.classList.remove("driven");
    void box.offsetWidth; // so that the animation begins anew
    box.classList.add("driven");
    box.ringing = setTimeout(() => box.classList.remove("driven"), 1500);
  };

  // ------------------------------------------------------------------------------------------------ links in sentences
  /** Of all widgets of the link's class, the one that is nearest on the page; those in closed folds only if all are. */
  const nearest = (link) => {
    const at = link.getBoundingClientRect().top;
    const away = (box) => {
      const { top, bottom } = box.getBoundingClientRect();
      return box.getClientRects().length ? Math.max(top - at, at - bottom, 0) : Infinity;
    };
    const all = boxes.filter((box) => box.dataset.widget === link.dataset.widget);
    return all.reduce((best, box) => (best && away(best) <= away(box) ? best : box), null);
  };

  const ordersOf = (link) => JSON.parse(link.dataset.do ?? "[]");
  const traitsOf = (link) => {
    const given = Object.entries(JSON.parse(link.dataset.set ?? "{}"));
    return Object.fromEntries(given.map(([name, value]) => [name, value?.base64 ? toView(value.base64) : value]));
  };

  const drive = async (link) => {
    const box = nearest(link);
    if (!box) return;
    unfold(box);
    bring(box, link);
    const model = await box.mount();
    if (!model) return;
    bring(box, link); // it may be taller than the picture that stood for it
    const orders = ordersOf(link);
    const traits = traitsOf(link);
    // What still plays would go on from what the link sets.
    if (Object.keys(traits).length || orders.some((order) => order.do !== "light")) model.receive({ do: "pause" });
    for (const order of orders) if (order.do === "reset") model.receive(order);
    put(model, traits);
    for (const order of orders) if (!["reset", "light"].includes(order.do)) model.receive(order);
    ring(box);
    light(); // a widget that has only now been mounted
  };

  // A part stands out while its link is looked at, or after a click until the next one, here or elsewhere.
  let [hovered, kept, lit] = [null, null, null];
  const partOf = (link) => ordersOf(link).find((order) => order.do === "light")?.part;
  const light = () => {
    const link = hovered ?? kept;
    const model = link && liveIn(nearest(link));
    if (lit && lit.model !== model) lit.model.receive({ do: "light", part: null });
    if (model && (lit?.model !== model || lit.link !== link)) model.receive({ do: "light", part: partOf(link) });
    lit = model ? { model, link } : null;
  };
  const look = (link) => {
    hovered = link;
    light();
  };
  const keep = (link) => {
    kept?.setAttribute("aria-pressed", "false");
    kept = link;
    kept?.setAttribute("aria-pressed", "true");
    light();
  };

  for (const link of document.querySelectorAll("a.cl-drive")) {
    const lights = Boolean(partOf(link));
    link.setAttribute("role", "button");
    link.setAttribute("aria-describedby", "cl-drive-hint");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (lights) keep(kept === link ? null : link);
      drive(link);
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      link.click();
    });
    if (!lights) continue;
    link.setAttribute("aria-pressed", "false");
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && look(link));
    link.addEventListener("pointerleave", () => look(null));
    link.addEventListener("focus", () => link.matches(":focus-visible") && look(link));
    link.addEventListener("blur", () => look(null));
  }
  // Not when a finger goes down: that may be the one that scrolls to the widget.
  addEventListener("click", (event) => kept && !event.target.closest?.("a.cl-drive") && keep(null));
  addEventListener("keydown", (event) => event.key === "Escape" && keep(null));

  // ------------------------------------------------------------------------------------------ addresses that keep a state
  const limitsOf = (box) => JSON.parse(box.dataset.limits ?? "{}");
  const changed = (model) => {
    const names = Object.keys(model.authored);
    return names.filter((name) => asText(model.get(name)) !== asText(model.authored[name]));
  };
  const addressOf = (box, model) => {
    const names = changed(model).filter((name) => name in limitsOf(box));
    const query = names.map((name) => `${name}=${encodeURIComponent(asText(model.get(name)))}`);
    return `${location.href.split("#")[0]}#${box.id}${query.length ? "?" : ""}${query.join("&")}`;
  };

  const refuse = () => {
    throw new RangeError("not what this trait can be");
  };
  const judgeNumber = (value, { low = -1e6, high = 1e6, step, whole }) => {
    const fits = typeof value === "number" && value >= low && value <= high && (!whole || Number.isInteger(value));
    if (!fits) refuse();
    return step ? Math.round(Math.round(value / step) * step * 1e9) / 1e9 : value;
  };
  /** A trait's value from the text of an address, which anyone may have written, or an error. */
  const judge = (text, now, limits) => {
    const oneOf = (name) => (limits.names.includes(name) ? name : refuse());
    if (!limits) return refuse();
    if (now instanceof DataView) {
      const view = toView(text);
      if (view.byteLength !== now.byteLength) refuse();
      for (let at = 0; !limits.bytes && at < view.byteLength; at += 4) judgeNumber(view.getFloat32(at, true), limits);
      return view;
    }
    if (Array.isArray(now)) {
      const list = JSON.parse(text);
      if (!Array.isArray(list) || list.length > (limits.most ?? 100) || (limits.most && !list.length)) refuse();
      return list.map((item) => (limits.names ? oneOf(item) : judgeNumber(item, limits)));
    }
    if (limits.names) return oneOf(text);
    if (limits.whether) return ["true", "false"].includes(text) ? text === "true" : refuse();
    return judgeNumber(text.trim() === "" ? NaN : Number(text), limits);
  };

  const note = (box, text) => {
    const old = box.querySelector(".cl-note");
    if (!text) return old?.remove();
    const made = old ?? box.querySelector(".cl-live").appendChild(document.createElement("p"));
    made.className = "cl-note";
    made.setAttribute("role", "status");
    made.textContent = text;
  };

  /** Set what can be set; if the widget cannot draw that, go back to the author's state. */
  const restore = async (box, query) => {
    const model = await box.mount();
    if (!model) return;
    const wanted = {};
    const unread = [];
    for (const [name, text] of new URLSearchParams(query.replaceAll("+", "%2B"))) {
      try {
        wanted[name] = judge(text, model.authored[name], Object.hasOwn(limitsOf(box), name) && limitsOf(box)[name]);
      } catch {
        unread.push(name.slice(0, 20));
      }
    }
    note(box, unread.length ? `Part of the link could not be read: ${unread.slice(0, 5).join(", ")}.` : "");
    const failed = (event) => {
      event?.preventDefault?.();
      removeEventListener("error", failed);
      note(box, "The widget cannot show what the link asks for.");
      model.set(model.authored);
    };
    addEventListener("error", failed);
    try {
      put(model, { ...model.authored, ...wanted });
    } catch {
      failed();
    }
    // Widgets draw in the next frame.
    requestAnimationFrame(() => requestAnimationFrame(() => removeEventListener("error", failed)));
  };

  const arrive = () => {
    const [, id, query] = /^#([A-Za-z]\w*-\d+)\?(.*)$/.exec(location.hash) ?? [];
    const box = boxes.find((candidate) => candidate.id === id);
    if (!box) return;
    unfold(box);
    bring(box, null, "auto");
    restore(box, query);
  };

  // ------------------------------------------------------------------------------------------ the button that copies one
  const offer = (box, address, button) => {
    const field = document.createElement("input");
    Object.assign(field, { className: "address", readOnly: true, value: address, ariaLabel: "Address of this state" });
    field.addEventListener("blur", () => field.replaceWith(button));
    button.replaceWith(field);
    field.focus();
    field.select();
  };
  const copyButton = (box, model) => {
    const button = document.createElement("button");
    let timer = 0;
    const say = (text, aloud = "") => {
      clearTimeout(timer);
      button.textContent = text;
      box.querySelector("[aria-live]").textContent = aloud;
    };
    Object.assign(button, { type: "button", className: "copy", textContent: "Copy link" });
    button.addEventListener("click", async () => {
      const address = addressOf(box, model);
      try {
        await navigator.clipboard.writeText(address);
        say("Copied", "Link copied");
        timer = setTimeout(() => say("Copy link"), 2000);
      } catch {
        offer(box, address, button);
      }
    });
    return button;
  };
  const attend = (box) => {
    const model = liveIn(box);
    const reset = box.querySelector(".foot .reset");
    const button = reset && box.id && copyButton(box, model);
    if (button) reset.before(button);
    const show = () => {
      const names = changed(model);
      box.classList.toggle("touched", names.length > 0); // then paper shows what the reader has made
      if (button) button.dataset.shown = names.some((name) => name in limitsOf(box)) ? "yes" : "no";
    };
    let asked = 0;
    model.on("change", () => (asked ||= requestAnimationFrame(() => show((asked = 0)))));
    show();
  };

  for (const box of boxes) if (liveIn(box)) attend(box);
  addEventListener("mounted", (event) => attend(event.target));
  addEventListener("hashchange", arrive);
  arrive();
})();
