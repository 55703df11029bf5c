// A table of cells that are looked at: by mouse, by finger, and by the arrow keys, which move from cell to cell.

import { element, update } from "./dom.js";
import { clamp } from "./numbers.js";
import { keys } from "./pointer.js";

/**
 * A grid of cells, all of one size; one of them takes part in Tab.  `look`, from `looking`, is shown `what(row, column)`
 * for the cell that is hovered, focused or under a finger; a click, Enter or Space pins it.  `spoken(row, column)` is
 * read aloud as the focus arrives.
 *
 * `shape(rows, columns)` gives the cells row by row, anew where their number has changed, and then keeps the focus.
 */
export function cells(label, { look, what, spoken }) {
  const node = element("div", { class: "cells", role: "grid", "aria-label": label });
  let grid = [];
  let stop = null; // the cell that takes part in Tab
  const placeOf = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];
  const rove = (row, column) => {
    const line = grid[clamp(row, 0, grid.length - 1)];
    const next = line[clamp(column, 0, line.length - 1)];
    if (stop) update(stop, { tabindex: -1 });
    update((stop = next), { tabindex: 0 });
    return next;
  };
  node.addEventListener("focusin", ({ target }) => {
    if (!target.matches(".cell")) return; // a field to type in, over a cell
    const place = placeOf(target);
    rove(...place);
    update(target, { "aria-label": spoken(...place) });
    if (target.matches(":focus-visible")) look.hover(what(...place));
  });
  node.addEventListener("focusout", () => look.hover(null));
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1e9], End: [0, 1e9] };
  keys(node, ways, ([down, right], { target }) => {
    const [row, column] = placeOf(target);
    rove(row + down, column + right).focus();
  });
  keys(node, { Enter: 1, " ": 1 }, (_, { target }) => look.pin(what(...placeOf(target))));
  const under = (event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const whole = (share, count) => clamp(Math.floor(share * count), 0, count - 1);
    return what(whole((event.clientY - top) / height, grid.length), whole((event.clientX - left) / width, grid[0].length));
  };
  look.watch(node, under, { axis: "x" });
  return {
    node,
    focused: (cell) => cell === document.activeElement,
    shape(rows, columns) {
      if (grid.length === rows && grid[0].length === columns) return grid;
      const held = node.contains(document.activeElement);
      const before = stop ? placeOf(stop) : [0, 0];
      const old = [...node.children];
      const make = (row, column) => element("div", { class: "cell", role: "gridcell", tabindex: -1, "data-row": row, "data-column": column });
      grid = Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (__, column) => make(row, column)));
      node.append(...grid.map((line) => element("div", { class: "line", role: "row" }, ...line)));
      const next = rove(...before);
      if (held) next.focus({ preventScroll: true }); // before the old cell goes, and the focus with it
      for (const line of old) line.remove();
      return grid;
    },
  };
}
