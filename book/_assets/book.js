// What scrolls sideways can be reached by keyboard: wide formulas, on a phone.
addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  const mark = () => {
    for (const box of document.querySelectorAll("div.math, mjx-container[display], div.output pre, dt.sig")) {
      box.toggleAttribute("tabindex", false);
      if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
    }
  };
  mark();
  addEventListener("resize", mark);
});

// Glossary tips: the definition of a term, at the term, on hover and on keyboard focus; Escape closes it.
(() => {
  const links = document.querySelectorAll("a.term-reference");
  if (!links.length) return;
  const tip = document.createElement("div");
  tip.className = "term-tip";
  tip.id = "term-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  let owner = null;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
    owner?.removeAttribute("aria-describedby");
    owner = null;
  };
  const show = (link) => {
    const name = (link.getAttribute("href") || "").split("#").pop().toLowerCase();
    const definition = document.getElementById(`definition-${name}`);
    if (!definition) return;
    hide();
    owner = link;
    tip.innerHTML = definition.innerHTML;
    tip.hidden = false;
    link.setAttribute("aria-describedby", tip.id);
    const at = link.getClientRects()[0];
    const width = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(at.left, width - tip.offsetWidth - 8));
    const above = at.top > tip.offsetHeight + 12;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${scrollY + (above ? at.top - tip.offsetHeight - 6 : at.bottom + 6)}px`;
  };
  const later = (act, wait) => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
  for (const link of links) {
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later(() => show(link), 150));
    link.addEventListener("pointerleave", () => later(hide, 200));
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
  }
  tip.addEventListener("pointerenter", () => clearTimeout(timer));
  tip.addEventListener("pointerleave", () => later(hide, 200));
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
