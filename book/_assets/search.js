// Search: on the search page, rank the places of the index (search-index.js) and show them by chapter; on every other
// page, mark the words that the reader came with (?q=…), until Escape.
(() => {
  const DASH = "[\\s\\u00ad\\u2010-\\u2015-]";
  const STOP = new Set(["a", "an", "and", "are", "do", "does", "for", "how", "i", "in", "is", "it", "of", "on", "or", "the", "to", "what", "when", "which", "why", "with"]);
  const ENDINGS = /(?:ability|ations?|ional|ities|ings?|ions?|ive|ity|ies|ied|ed|es|er|al|s|e|y)$/;
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  function words(query) {
    const all = plain(query).match(/[\p{L}\p{N}_.]+/gu) ?? [];
    const kept = all.filter((word) => !STOP.has(word));
    return kept.length ? kept : all;
  }
  function stem(word) {
    const short = word.length > 4 ? word.replace(ENDINGS, "") : word;
    return short.length < 3 ? word : short.replace(/([bdgklmnprtvz])\1$/, "$1");
  }
  // "side lobe" and "sidelobe" are one word, and so are "overlap-add" and "overlap–add".
  const spaced = (part) => [...part].map((letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(part.length > 5 ? `${DASH}?` : "");
  const pattern = (word, rest = "[\\p{L}\\p{N}]*") => new RegExp(`(?<![\\p{L}\\p{N}])${spaced(stem(word))}${rest}`, "giu");
  const exact = (word) => new RegExp(`(?<![\\p{L}\\p{N}])${spaced(word)}(?:e?s)?(?![\\p{L}\\p{N}])`, "iu");
  const compound = (list) => list.slice(1).map((word, i) => list[i] + word);

  function score(place, query) {
    let sum = 0;
    for (const word of query) {
      const weight = (text, most) => {
        const hits = text.match(word.any)?.length ?? 0;
        return hits === 0 ? 0 : most * (word.exact.test(text) ? 1 : 0.55) * (hits / (hits + 1));
      };
      const found = weight(place.title, 24) * Math.min(1, 30 / (10 + place.title.length)) + weight(place.also, 16) + weight(place.text, 5);
      if (found === 0) return 0;
      sum += found * word.rare;
    }
    const near = query.length > 1 && query.phrase.test(`${place.title} | ${place.also} | ${place.text}`) ? 1.6 : 1;
    return sum * near * { section: place.chapter ? 1 : 0.5, statement: 0.9, term: 0.75, api: 0.15 }[place.kind];
  }

  function find(index, text) {
    const places = index.places.map(([page, id, kind, title, body, also], i) => ({ page, id, kind, title, text: body, also, i, chapter: index.pages[page][2] }));
    const ranked = (list) => {
      const query = list.map((word) => {
        const any = pattern(word);
        const holders = places.filter((place) => place.title.match(any) || place.also.match(any) || place.text.match(any)).length;
        return { any, exact: exact(word), rare: Math.log(1 + places.length / (1 + holders)) };
      });
      query.phrase = new RegExp(list.map((word) => `${spaced(stem(word))}\\p{L}*`).join(`${DASH}+`), "iu");
      return places.map((place) => ({ ...place, score: score(place, query) })).filter((place) => place.score > 0);
    };
    const list = words(text);
    if (!list.length) return [];
    let found = ranked(list);
    if (list.length === 2) found = [...found, ...ranked(compound(list)).filter((place) => !found.some((other) => other.i === place.i))];
    if (!found.length) found = list.flatMap((word) => ranked([word])).filter((place, i, all) => all.findIndex((other) => other.i === place.i) === i);
    const shelf = (place) => (place.kind !== "api" ? 0 : /[._]/.test(text) ? -1 : 1); // the package's names: last, unless asked for
    return found.sort((a, b) => shelf(a) - shelf(b) || b.score - a.score || a.i - b.i);
  }

  const element = (name, attributes = {}, ...children) => {
    const node = Object.assign(document.createElement(name), attributes);
    node.append(...children);
    return node;
  };
  function marked(text, list) {
    const any = new RegExp(list.map((word) => pattern(word).source).join("|"), "giu");
    const first = text.search(any);
    const from = first < 90 ? 0 : text.lastIndexOf(" ", first - 60) + 1;
    const cut = text.slice(from, from + 210).replace(/\s\S*$/, text.length > from + 210 ? " …" : "$&");
    const parts = [from ? "… " : ""];
    let last = 0;
    for (const hit of cut.matchAll(any)) {
      parts.push(cut.slice(last, hit.index), element("mark", {}, hit[0]));
      last = hit.index + hit[0].length;
    }
    return [...parts, cut.slice(last)];
  }
  function show(index, text, box, summary) {
    const list = words(text);
    const found = find(index, text).slice(0, 24);
    summary.textContent = !list.length ? "" : found.length ? "" : `Nothing found for “${text}”. Try one word, or look through the glossary and the index.`;
    const groups = new Map();
    for (const place of found) groups.set(place.page, [...(groups.get(place.page) ?? []), place]);
    box.replaceChildren(...[...groups].map(([page, places]) => {
      const [address, title] = index.pages[page];
      const items = places.slice(0, 6).map((place) => {
        const link = element("a", { href: `${address}?q=${encodeURIComponent(text)}#${place.id}` }, ...marked(place.title, list));
        const excerpt = element("p", {}, ...(place.text ? marked(place.text, list) : []));
        return element("li", { className: place.kind }, link, excerpt);
      });
      return element("section", {}, element("h2", {}, element("a", { href: address }, title)), element("ol", {}, ...items));
    }));
  }

  const given = new URL(location).searchParams.get("q") ?? "";
  const box = document.getElementById("search-results");
  window.bookSearch = { find, words, pattern };
  if (box) {
    const field = document.querySelector(".book-search input");
    const summary = document.getElementById("search-summary");
    field.value = given;
    const update = () => show(window.bookIndex, field.value, box, summary);
    field.addEventListener("input", () => {
      update();
      history.replaceState(null, "", `?q=${encodeURIComponent(field.value)}`);
    });
    field.form.addEventListener("submit", (event) => event.preventDefault());
    update();
    field.focus();
    return;
  }
  const article = document.querySelector("article");
  const list = words(given);
  if (!list.length || !article || !window.Highlight) return;
  const any = new RegExp([...list, ...compound(list)].map((word) => pattern(word).source).join("|"), "giu");
  const mark = () => {
    const ranges = [];
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.parentElement.closest("pre, script, style, svg, mjx-container, .cl-mount, .term-definitions")) continue;
      for (const hit of node.data.matchAll(any)) {
        const range = new Range();
        range.setStart(node, hit.index);
        range.setEnd(node, hit.index + hit[0].length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("book-search", new Highlight(...ranges));
  };
  const clear = () => {
    CSS.highlights.delete("book-search");
    chip.remove();
    history.replaceState(history.state, "", location.pathname + location.hash);
  };
  const chip = element("button", { className: "book-marked", onclick: clear }, `marked: ${given} ✕`);
  chip.setAttribute("aria-label", `Take the marks off “${given}”`);
  document.body.append(chip);
  addEventListener("keydown", (event) => event.key === "Escape" && chip.isConnected && clear());
  mark();
  addEventListener("load", () => window.MathJax?.startup?.promise?.then(() => chip.isConnected && mark()));
})();
