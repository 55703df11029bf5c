import { element, say, uniqueId, update } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { memory } from "./js/memory.js";

// ---- reading what people type ----------------------------------------------------------------------------------

const NUMBER = String.raw`(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const TOKEN = new RegExp(String.raw`\s*(${NUMBER}|pi|exp|sqrt|e|[-+*/^()%])`, "y");
const SIGNS = { "−": "-", "–": "-", "·": "*", "×": "*", "⋅": "*", "÷": "/", ":": "/", "π": "pi", "√": "sqrt", "²": "^2", "³": "^3", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)", "**": "^" };

/** Signs of all kinds as those on a keyboard; 1½ is one and a half. */
export function plain(text) {
  const mixed = text.replace(/(\d)\s*(?=[½¼¾⅓⅔])/g, "$1+");
  return mixed.replace(/\*\*|[−–·×⋅÷:π√²³½¼¾⅓⅔]/g, (sign) => SIGNS[sign]).trim();
}

/** The value of a sum, product, quotient or power of numbers, e and pi; null for anything else.  Nothing is executed. */
export function valueOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (!found) return null;
    tokens.push(found[1]);
  }
  let at = 0;
  const eat = (...signs) => (signs.includes(tokens[at]) ? tokens[at++] : null);
  const bracket = () => {
    const value = eat("(") ? sum() : NaN;
    return eat(")") ? value : NaN;
  };
  const atom = () => {
    const token = tokens[at];
    if (token === "(") return bracket();
    at += 1;
    if (token === "e") return Math.E;
    if (token === "pi") return Math.PI;
    if (token === "exp") return Math.exp(bracket());
    if (token === "sqrt") return Math.sqrt(tokens[at] === "(" ? bracket() : atom());
    return token !== undefined && /[\d.]/.test(token) ? Number(token) : NaN;
  };
  const power = () => {
    let base = atom();
    while (eat("%")) base /= 100;
    return eat("^") ? base ** signed() : base;
  };
  const signed = () => (eat("-") ? -signed() : eat("+") ? signed() : power());
  const product = () => {
    let value = signed();
    for (;;) {
      if (eat("*")) value *= signed();
      else if (eat("/")) value /= signed();
      else if (/^(\(|e|pi|exp|sqrt)$/.test(tokens[at] ?? "")) value *= power();
      else return value;
    }
  };
  const sum = () => {
    let value = product();
    for (let sign = eat("+", "-"); sign; sign = eat("+", "-")) value += sign === "+" ? product() : -product();
    return value;
  };
  if (!tokens.length) return null;
  const value = sum();
  return at === tokens.length && Number.isFinite(value) ? value : null;
}

/** What is within brackets that stand round all of it. */
function unbracket(text) {
  const inner = text.trim().replace(/^(np\.)?array\s*(?=\()/, "");
  const close = { "(": ")", "[": "]", "{": "}" }[inner[0]];
  if (!close || inner.at(-1) !== close) return inner;
  let depth = 0;
  for (let i = 0; i < inner.length; i += 1) {
    depth += "([{".includes(inner[i]) ? 1 : ")]}".includes(inner[i]) ? -1 : 0;
    if (depth === 0 && i < inner.length - 1) return inner;
  }
  return unbracket(inner.slice(1, -1));
}

/** Numbers one after the other: parted by semicolons, with which commas are decimal, by commas, or by blanks. */
function listOf(text) {
  const inner = unbracket(text);
  const parts = (between) => inner.split(between).filter((part) => part.trim());
  const values = (items) => items.map((item) => ({ item: item.trim(), value: valueOf(item.replace(/(\d),(\d)/, "$1.$2")) }));
  const readable = (items) => items.every(({ value }) => value !== null);
  if (inner.includes(";")) return values(parts(";"));
  const byComma = values(parts(","));
  return inner.includes(",") && readable(byComma) ? byComma : values(parts(/[,\s]+/));
}

const unreadable = (item) => `“${item}” could not be read as a number.`;

/** One number, or what is wrong with how it is written. */
function readNumber(text) {
  const whole = unbracket(text);
  if (/^[-+]?[1-9]\d{0,2},\d{3}$/.test(whole)) {
    return { problem: `${whole} can be read in two ways: write ${whole.replace(",", "")} or ${whole.replace(",", ".")}.` };
  }
  const value = valueOf(whole.replace(/(\d),(\d)/g, "$1.$2"));
  return value === null ? { problem: `${unreadable(text.trim())} Write something like 3, 0.25, −1/6 or 1 − e^−2.` } : { value: [value] };
}

function readSequence(text) {
  const items = listOf(text);
  const bad = items.find(({ value }) => value === null);
  if (bad) return { problem: `${unreadable(bad.item)} Write numbers one after the other, like 1, 2.5, −3.` };
  return { value: items.map(({ value }) => value) };
}

function readMatrix(text) {
  const inner = unbracket(text.replace(/[\])]\s*,?\s*[[(]/g, ";"));
  const rows = inner.split(/[;\n]/).map((row) => row.replace(/^[\s[(,]+|[\s\]),]+$/g, "")).filter(Boolean).map(listOf);
  const bad = rows.flat().find(({ value }) => value === null);
  if (bad) return { problem: `${unreadable(bad.item)} Write a row a line, like 1 2 3.` };
  if (rows.some((row) => row.length !== rows[0].length)) {
    return { problem: `The rows have different lengths: ${rows.map((row) => row.length).join(", ")}.` };
  }
  return { value: rows.map((row) => row.map(({ value }) => value)) };
}

/** What was typed, as numbers in a list, or rows of them for a matrix; or the problem with it, in a sentence. */
export function read(text, kind, unit = "") {
  let typed = plain(text);
  if (unit && typed.endsWith(unit)) typed = typed.slice(0, -unit.length).trim();
  if (!typed) return { problem: kind === "number" ? "Write a number." : "Write numbers." };
  return { number: readNumber, sequence: readSequence, matrix: readMatrix }[kind](typed);
}

// ---- judging it ------------------------------------------------------------------------------------------------

const shape = (value) => (Array.isArray(value[0]) ? [value.length, value[0].length] : [value.length]);
const sameShape = (a, b) => String(shape(a)) === String(shape(b));
/** Whether all numbers are within `tolerance`; a little more for the rounding of binary fractions. */
const near = (a, b, tolerance) => sameShape(a, b) && a.flat().every((x, i) => Math.abs(x - b.flat()[i]) <= tolerance * 1.000001);
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/** What there is to say of numbers that were given: whether they are right, and HTML that says why not. */
export function judge({ kind, answer, tolerance, wrong }, given) {
  if (near(given, answer, tolerance)) return { right: true, says: "" };
  // Some mistakes lie closer to each other than the answer's tolerance: a rounded one may be either.
  const known = wrong.filter(({ value }) => near(given, value, tolerance));
  const exact = known.length === 1 ? known[0] : known.find(({ value }) => near(given, value, tolerance / 20));
  if (exact) return { right: false, known: true, says: exact.says };
  if (known.length) return { right: false, says: "It could come from more than one mistake: with a fraction, or four digits, the page can tell which." };
  if (kind === "matrix" && !sameShape(given, answer)) {
    const [a, b] = [shape(given), shape(answer)];
    return { right: false, says: `You gave ${a[0]} × ${a[1]} numbers (rows × columns); the answer has ${b[0]} × ${b[1]}.` };
  }
  if (kind === "sequence" && !sameShape(given, answer)) {
    return { right: false, says: `You gave ${given.length} ${given.length === 1 ? "number" : "numbers"}; the answer has ${answer.length}.` };
  }
  const off = given.flat().map((x, i) => Math.abs(x - answer.flat()[i]));
  const size = (value) => Math.max(...value.flat().map(Math.abs));
  const rounded = wrong.filter(({ value }) => near(given, value, 0.005 * size(value)));
  if (rounded.length === 1 && Math.max(...off) > 0.01 * size(answer)) return { right: false, known: true, says: rounded[0].says };
  if (tolerance > 1e-6 && Math.max(...off) <= 4 * tolerance) return { right: false, says: "Close, but not close enough: keep more digits." };
  const first = off.findIndex((gap) => gap > tolerance * 1.000001);
  if (kind === "sequence" && answer.length > 1 && first > 0) {
    return { right: false, says: `The ${ORDINALS[first] ?? `${first + 1}th`} number is the first that is not right.` };
  }
  return { right: false, says: "That is not it, nor one of the mistakes that this page knows." };
}

// ---- the exercise ----------------------------------------------------------------------------------------------

function html(tag, attributes, source) {
  const node = element(tag, attributes);
  node.innerHTML = source; // made from the package's own files by convlib.widgets.answer
  return node;
}

/** The field: a number's whole ones get a keyboard of digits, a matrix gets lines. */
function fieldOf({ kind, answer, placeholder, prompt }, id) {
  const digits = kind === "number" && Number.isInteger(answer[0]) && answer[0] >= 0;
  const common = { id, placeholder: placeholder || null, autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  const label = prompt.replace(/<[^>]*>/g, "").trim();
  if (kind === "matrix") return element("textarea", { ...common, rows: answer.length, "aria-label": label });
  const size = kind === "number" ? 12 : 22;
  return element("input", { ...common, type: "text", inputmode: digits ? "decimal" : "text", enterkeyhint: "done", size, "aria-label": label });
}

/** A button that opens and closes what it controls. */
function fold(text, content) {
  const button = element("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-controls": content.id });
  const show = (open) => {
    content.hidden = !open;
    update(button, { "aria-expanded": open });
  };
  button.append(text);
  button.addEventListener("click", () => show(content.hidden));
  return { button, show };
}

function scene(question) {
  const id = uniqueId("answer");
  const field = fieldOf(question, id);
  const nodes = {
    field,
    verdict: element("p", { class: "verdict", id: `${id}-verdict`, "aria-live": "polite" }),
    hint: html("div", { class: "more", id: `${id}-hint`, hidden: true }, question.hint),
    solution: html("div", { class: "more", id: `${id}-how`, hidden: true }, question.solution),
  };
  nodes.hinting = fold("Hint", nodes.hint);
  nodes.showing = fold("Show how", nodes.solution);
  update(field, { "aria-describedby": nodes.verdict.id });
  const unit = question.unit ? element("span", { class: "unit" }, question.unit) : null;
  nodes.row = element("div", { class: "beside" }, field, unit, element("button", { type: "submit", class: "check" }, "Check"));
  nodes.form = element("form", { novalidate: true }, html("div", { class: "prompt" }, question.prompt), nodes.row, nodes.verdict);
  return nodes;
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "answer", { traits: ["text", "tries", "solved"] });
  const question = view.get("question");
  const nodes = scene(question);
  const store = memory(el, `answer ${view.get("title")}`);
  const again = view.foot.querySelector(".reset");
  const mark = (kind, sign, words, more = "") => {
    nodes.verdict.className = `verdict ${kind}`;
    nodes.verdict.replaceChildren();
    if (sign) nodes.verdict.append(element("b", {}, `${sign} ${words}`), html("span", {}, more && ` ${more}`));
    update(nodes.field, { "aria-invalid": kind === "wrong" || kind === "unread" });
  };
  const follow = () => {
    const [solved, tries] = [view.get("solved"), view.get("tries")];
    nodes.hinting.button.hidden = !question.hint || solved;
    nodes.showing.button.hidden = !solved && tries < 2;
    if (nodes.field.value !== view.get("text")) nodes.field.value = view.get("text");
    if (!solved && tries === 0) mark("", "", "");
    store.save({ text: view.get("text"), tries, solved });
  };
  let judged = null; // what the latest verdict is about
  const answered = (text, tries) => {
    view.set("text", text);
    const { value, problem } = read(text, question.kind, question.unit);
    if (problem) return mark("unread", "?", "", problem);
    const { right, known, says } = judge(question, value);
    judged = text;
    view.set("tries", tries);
    view.set("solved", right);
    if (right) return mark("right", "✓", tries === 1 ? "Right, at the first try." : "Right.");
    return mark("wrong", "✗", known ? "Not quite." : "Not yet.", says);
  };
  nodes.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = nodes.field.value; // read first: whatever sets a trait makes the field follow
    const tries = view.get("tries");
    // Enter once more on the same answer is no other try.
    answered(typed, tries && typed === judged ? tries : tries + 1);
    view.send();
    if (nodes.field.getAttribute("aria-invalid") === "true") nodes.field.focus();
  });
  // What a verdict is about must still stand there.
  nodes.field.addEventListener("input", () => mark("", "", ""));
  nodes.field.addEventListener("keydown", (event) => {
    const submits = event.key === "Enter" && nodes.field.tagName === "TEXTAREA" && (event.ctrlKey || event.metaKey);
    if (submits) nodes.form.requestSubmit();
  });
  view.on(["text", "tries", "solved"], follow);
  view.onReset(() => {
    nodes.hinting.show(false);
    nodes.showing.show(false);
    nodes.field.value = "";
    nodes.field.focus();
  });
  say(again, "Start again");
  view.foot.prepend(nodes.hinting.button, nodes.showing.button);
  const kept = store.load();
  view.show(nodes.form, nodes.hint, nodes.solution);
  if (kept?.text) for (const trait of ["text", "tries", "solved"]) view.set(trait, kept[trait]);
  follow();
  if (view.get("tries")) answered(view.get("text"), view.get("tries"));
  return view.end;
}

export default { render };
