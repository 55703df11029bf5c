import { element, keepKeys, say, uniqueId } from "./common.js";

/** How many questions were answered, and how many of them correctly at the first try. */
export function score(tries, questions) {
  const right = (number) => (choice) => questions[number].choices[choice].correct;
  return {
    solved: tries.filter((made, number) => made.some(right(number))).length,
    first: tries.filter((made, number) => made.length > 0 && right(number)(made[0])).length,
    total: questions.length,
  };
}

function html(tag, attributes, source) {
  const node = element(tag, attributes);
  node.innerHTML = source; // made from the package's own files by convlib.widgets.quiz
  return node;
}

function render({ model, el }) {
  const questions = model.get("questions");
  let tries = questions.map(() => []);
  const tally = element("p", { class: "tally", role: "status" });
  const again = element("button", { type: "button", hidden: true }, "Start again");
  const blocks = questions.map(askQuestion);

  function askQuestion(question, number) {
    const group = uniqueId("question");
    const spoken = element("div", { class: "quiet", "aria-live": "polite" });
    const enter = element("small", { class: "enter", hidden: true }, "Press Enter to answer.");
    let byArrow = false;
    const rows = question.choices.map((choice, index) => {
      const input = element("input", { type: "radio", name: group, id: `${group}-${index}` });
      const label = html("label", { for: input.id }, choice.text);
      const answer = element("div", { class: "answer", id: `${group}-${index}-answer`, hidden: true });
      const box = element("div", { class: "choice" }, input, element("div", {}, label, answer));
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
      input.addEventListener("pointerdown", () => {
        byArrow = false;
      });
      return { box, input, answer, choice };
    });
    const body = element("div", {}, ...rows.map((row) => row.box), enter, spoken);
    const legend = html("legend", {}, `<span class="number">${number + 1}</span><div>${question.prompt}</div>`);

    function choose(index) {
      enter.hidden = true;
      if (!tries[number].includes(index)) tries[number].push(index);
      for (const [i, { box, answer, choice, input }] of rows.entries()) {
        const shown = i === index;
        box.classList.toggle("right", shown && choice.correct);
        box.classList.toggle("wrong", shown && !choice.correct);
        answer.hidden = !shown;
        if (shown) {
          const verdict = choice.correct ? "Right." : "Not quite.";
          answer.innerHTML = `<b>${choice.correct ? "✓" : "✗"} ${verdict}</b> ${choice.answer}`;
          say(spoken, answer.textContent);
        }
      }
      report();
    }
    function reset() {
      for (const { box, input, answer } of rows) {
        box.classList.remove("right", "wrong");
        input.checked = false;
        answer.hidden = true;
      }
      say(spoken, "");
    }
    return { box: element("fieldset", {}, legend, body), reset };
  }

  function report() {
    const { solved, first, total } = score(tries, questions);
    say(
      tally,
      solved === 0
        ? `${total} questions. Every wrong answer is one that people do give: try them all, each is explained.`
        : `${solved} of ${total} solved, ${first} at the first try.`,
    );
    again.hidden = tries.every((made) => made.length === 0);
    if (model.get("right_first") !== first) {
      model.set("right_first", first);
      model.save_changes();
    }
  }
  again.addEventListener("click", () => {
    tries = questions.map(() => []);
    for (const block of blocks) block.reset();
    report();
    el.querySelector("input").focus();
  });
  keepKeys(el);
  el.append(
    element(
      "div",
      { class: "cl-widget cl-quiz" },
      ...blocks.map((block) => block.box),
      element("div", { class: "foot" }, tally, again),
    ),
  );
  report();
}

export default { render };
