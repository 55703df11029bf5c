import { element, say, uniqueId } from "./js/dom.js";
import { viewOf } from "./js/life.js";
import { memory } from "./js/memory.js";

/** How many questions were answered, and how many of them correctly at the first try. */
export function score(tries, questions) {
  const right = (number) => (choice) => questions[number].choices[choice].correct;
  return {
    solved: tries.filter((made, number) => made.some(right(number))).length,
    first: tries.filter((made, number) => made.length > 0 && right(number)(made[0])).length,
    total: questions.length,
  };
}

/** Whether what was kept are tries at these questions: they may have changed since. */
export function fits(tries, questions) {
  const within = (made, number) => Array.isArray(made) && made.every((choice) => Number.isInteger(choice) && questions[number].choices[choice]);
  return Array.isArray(tries) && tries.length === questions.length && tries.every(within);
}

/** The score in words. */
export function words({ solved, first, total }) {
  if (total === 1) {
    if (solved === 0) return "Pick what you believe; then read why the others are wrong.";
    return first ? "Solved at the first try." : "Solved.";
  }
  if (solved === 0) return `${total} questions. Pick what you believe; then read why the others are wrong.`;
  return `${solved} of ${total} solved, ${first} at the first try.`;
}

// The chapter's quizzes on this page: the last one tells the sum.
const sheets = new Set();

/** Have the last of the quizzes of one chapter say what all have come to, if there are several. */
function total(title) {
  const family = [...sheets].filter((sheet) => sheet.title === title && sheet.root.isConnected);
  family.sort((a, b) => (a.root.compareDocumentPosition(b.root) & 4 ? -1 : 1));
  const sum = { solved: 0, first: 0, total: 0 };
  for (const sheet of family) for (const [key, value] of Object.entries(sheet.score())) sum[key] += value;
  for (const sheet of family) {
    const last = family.length > 1 && sheet === family.at(-1) && sum.solved > 0;
    say(sheet.all, last ? `The questions so far: ${words(sum)}` : "");
  }
}

function html(tag, attributes, source) {
  const node = element(tag, attributes);
  node.innerHTML = source; // made from the package's own files by convlib.widgets.quiz
  return node;
}

/** One choice: the whole row answers a click, and its answer opens below. */
function row(choice, group, index) {
  const input = element("input", { type: "radio", name: group, id: `${group}-${index}` });
  const answer = element("div", { class: "answer", id: `${group}-${index}-answer`, hidden: true });
  const verdict = choice.correct ? "✓ Right." : "✗ Not quite.";
  answer.append(element("b", {}, verdict), " ", html("span", {}, choice.answer));
  const label = element("label", {}, input, html("span", {}, choice.text));
  return { box: element("div", { class: "choice" }, label, answer), input, answer, choice };
}

/** One question: its choices, and what becomes of them when tries change. */
function ask(question, number, { many, tried }) {
  const group = uniqueId("question");
  const spoken = element("div", { class: "quiet", "aria-live": "polite" });
  const enter = element("small", { class: "enter", hidden: true }, "Press Enter to answer.");
  const rows = question.choices.map((choice, index) => row(choice, group, index));
  let byArrow = false;
  const choose = (index) => {
    enter.hidden = true;
    tried(index);
    const { box, answer } = rows[index];
    say(spoken, answer.textContent);
    const below = box.getBoundingClientRect().bottom > innerHeight;
    if (below) box.scrollIntoView({ block: "nearest" });
  };
  rows.forEach(({ input }, index) => {
    // A pointer answers at once.  Arrow keys select as they move, so by keyboard it takes Enter or Space to answer.
    input.addEventListener("keydown", (event) => {
      byArrow = event.key.startsWith("Arrow");
      if (event.key === "Enter" || event.key === " ") {
        input.checked = true;
        choose(index);
        event.preventDefault();
      }
    });
    input.addEventListener("change", () => {
      if (!byArrow) choose(index);
      else say(spoken, "Press Enter to answer.");
      enter.hidden = !byArrow;
      byArrow = false;
    });
    rows[index].box.addEventListener("pointerdown", () => {
      byArrow = false;
    });
  });
  const mark = many ? `<span class="number">${number + 1}</span>` : "";
  const legend = html("legend", {}, `${mark}<div>${question.prompt}</div>`);
  const body = element("div", {}, ...rows.map(({ box }) => box), enter, spoken);
  return {
    box: element("fieldset", { class: many ? "many" : "" }, legend, body),
    /** What has been tried stays explained; the last one is chosen. */
    show(made) {
      rows.forEach(({ box, input, answer, choice }, index) => {
        const shown = made.includes(index);
        box.classList.toggle("right", shown && choice.correct);
        box.classList.toggle("wrong", shown && !choice.correct);
        answer.hidden = !shown;
        if (index === made.at(-1)) input.checked = true;
        else if (!made.length) input.checked = false;
      });
      if (!made.length) say(spoken, "");
    },
  };
}

function render({ model, el }) {
  const view = viewOf({ model, el }, "quiz", { traits: ["tries", "right_first"] });
  const [title, questions] = [view.get("title"), view.get("questions")];
  const store = memory(el, `quiz ${title} ${view.get("numbers")}`);
  const tally = element("p", { class: "tally", role: "status" });
  const all = element("p", { class: "tally all" });
  // The first of a question's tries counts, and the latest is the one that is chosen.
  const now = () => questions.map((_, number) => view.get("tries")[number] ?? []);
  const tried = (number) => (index) => {
    const tries = now();
    const [first, ...others] = tries[number];
    if (first === undefined || (first === index && !others.length)) tries[number] = [index];
    else tries[number] = [first, ...others.filter((choice) => choice !== index), index];
    view.set("tries", tries);
    view.send();
  };
  const blocks = questions.map((question, number) => ask(question, number, { many: questions.length > 1, tried: tried(number) }));
  const sheet = { title, root: view.root, all, score: () => score(now(), questions) };
  const show = () => {
    const tries = now();
    blocks.forEach((block, number) => block.show(tries[number]));
    const { first } = sheet.score();
    say(tally, words(sheet.score()));
    if (view.get("right_first") !== first) view.set("right_first", first);
    store.save(tries);
    total(title);
  };
  view.on(["tries"], show);
  view.onReset(() => setTimeout(() => view.root.querySelector("input").focus({ preventScroll: true })));
  view.until(() => {
    sheets.delete(sheet);
    total(title);
  });
  const again = view.foot.querySelector(".reset");
  say(again, "Start again");
  view.foot.prepend(element("div", {}, tally, all));
  view.show(...blocks.map(({ box }) => box));
  sheets.add(sheet);
  const kept = store.load();
  if (fits(kept, questions) && kept.some((made) => made.length)) view.set("tries", kept);
  show();
  return view.end;
}

export default { render };
