// Elements of the page: making them, changing only what changes, handing out names.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set("svg g path line rect circle ellipse text tspan clipPath defs polygon polyline".split(" "));
let serial = 0;

/** A name that no other element of the page has. */
export function uniqueId(stem = "cl") {
  serial += 1;
  return `${stem}-${serial}-${Math.random().toString(36).slice(2, 7)}`;
}

/** Make an element: attributes by name, `on…` as listeners, children as nodes or text; null children are left out. */
export function element(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** Set attributes, touching only those that change: the browser then has nothing to do for the others. */
export function update(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** Set the text of a node if it differs. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show a node or not: its room stays. */
export function reveal(node, shown) {
  update(node, { "data-shown": shown ? "yes" : "no" });
}

/** As many nodes as asked for in one parent, those made once are kept: `make(i)` gives a node or an object with one. */
export function pool(parent, make) {
  const made = [];
  const nodeOf = (part) => part.node ?? part;
  return (count) => {
    while (made.length < count) made.push(make(made.length));
    for (let i = made.length - 1; i >= count; i -= 1) nodeOf(made[i]).remove();
    for (let i = 0; i < count; i += 1) if (!nodeOf(made[i]).parentNode) parent.append(nodeOf(made[i]));
    return made.slice(0, count);
  };
}
