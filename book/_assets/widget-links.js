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

  // ------------------------------------------------------------------------------------------ binary traits as text
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

  /** Scroll only if less of the widget is on screen than most of it, or of what the screen holds. */
  const bring = (box) => {
    const { top, bottom, height } = box.getBoundingClientRect();
    const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
    if (seen >= 0.7 * Math.min(height, innerHeight)) return;
    box.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
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
    bring(box);
    const model = await box.mount();
    if (!model) return;
    const orders = ordersOf(link);
    for (const order of orders) if (order.do === "reset") model.receive(order);
    put(model, traitsOf(link));
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
})();
