// What scrolls sideways can be reached by keyboard: wide formulas and tables, on a phone.  Outputs set in columns keep
// them; all others wrap.
for (const box of document.querySelectorAll(".cell_output pre")) {
  const rows = box.textContent.split("\n").filter((line) => /\S {2,}\S|^ +\S+ +\S/.test(line));
  box.classList.toggle("columns", rows.length > 1);
}
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
  follow(); // formulas have moved the place that the address names
});

// Folds open for a link that leads into them, and on paper; the code of figures stays away from paper.
let scrollsLeft = 2; // until the reader moves
function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // anyone may have written the address
  }
}
function follow() {
  const name = location.hash.slice(1).split("?")[0]; // what follows is a figure's state: widget-links.js reads it
  const target = name && document.getElementById(decoded(name));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (scrollsLeft-- > 0) target.scrollIntoView();
}
for (const sign of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  addEventListener(sign, () => { scrollsLeft = 0; }, { once: true, passive: true });
}
addEventListener("hashchange", () => {
  scrollsLeft = 1;
  follow();
});
follow();
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:is(.fold, .sd-dropdown):not([open], .fold-code)")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
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
