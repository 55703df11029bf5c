// The palette and the rules that all widgets share: base.py fills them in.  The book's pages have them already.

export const SHEETS = "";

/**
 * Lay them under the widgets' own style sheets: once in a document, and before that of the first widget.  A copy for each
 * would come after the rules of those before it, and win wherever they are no more specific.
 */
export function layUnder(own) {
  if (!SHEETS || document.querySelector("style[data-convlib]")) return;
  const sheet = document.createElement("style");
  sheet.dataset.convlib = "";
  sheet.textContent = SHEETS;
  document.head.insertBefore(sheet, document.head.querySelector(`style[id="${own}"]`));
}
