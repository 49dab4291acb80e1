// A question in full: its passage with gold answers and predictions marked, and who answered what.

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const SYMBOLS = { right: "✓", overlapping: "◐", wrong: "✗" };

// A span with the whole of the characters that it cuts: a vowel sign apart from its letter, as a
// prediction by subwords may begin, is drawn as another character.
function wholeCharacters(text, [start, end]) {
  let [from, to] = [start, end];
  while (from > 0 && /^\p{M}/u.test(text.slice(from))) from -= 1;
  while (to < text.length && /^\p{M}/u.test(text.slice(to))) to += 1;
  return [from, to];
}

// The passage in pieces at whose ends a gold answer or prediction begins or ends. `rank`: what each
// answer is numbered by.
function markedPassage(text, goldPlaces, answers, rank, chosen) {
  const drawn = (place) => (Array.isArray(place) ? wholeCharacters(text, place) : null);
  const golds = goldPlaces.map(drawn);
  const places = answers.map(([place]) => drawn(place));
  const spans = [...golds, ...places].filter(Boolean);
  const bounds = [...new Set([0, text.length, ...spans.flat()])].sort((a, b) => a - b);
  const covers = ([start, end], from) => start <= from && from < end;
  return bounds.slice(0, -1).flatMap((from, n) => {
    const piece = text.slice(from, bounds[n + 1]);
    const isGold = golds.some((gold) => gold && covers(gold, from));
    const here = places.flatMap((place, answer) =>
      (place && covers(place, from) ? [answer] : []));
    if (!isGold && !here.length) return [piece];
    // of several predictions, the chosen system's shows, else the best
    const shown = here.includes(chosen) ? chosen
      : [...here].sort((a, b) => answers[b][1] - answers[a][1])[0];
    const classes = [isGold && "gold", here.length && "answer", here.includes(chosen) && "chosen",
      here.length && VERDICTS[answers[shown][1]]].filter(Boolean);
    const mark = element("mark", { class: classes.join(" "), "data-answers": here.join(" ") });
    for (const answer of here.filter((number) => places[number][0] === from)) {
      const verdict = VERDICTS[answers[answer][1]];
      mark.append(element("span", { class: `number ${verdict}` }, `${rank[answer]}`));
    }
    mark.append(piece);
    return [mark];
  });
}

// The systems that gave an answer; with seeds where only some of a system's runs did.
function chips(predictions, question, answer, chosen) {
  const { systems, runs } = predictions.data;
  return systems.flatMap((name, system) => {
    const all = runs.flatMap(([of, seed], run) => (of === system ? [[run, seed]] : []));
    const gave = all.filter(([run]) => question.byRun.charCodeAt(run) - FIRST_RUN_CODE === answer);
    if (!gave.length) return [];
    const seeds = gave.length < all.length ? ` ${gave.map(([, seed]) => seed).join(" ")}` : "";
    const label = seeds ? [name, element("small", {}, seeds)] : [name];
    return [element("span", { class: system === chosen && "chosen" }, ...label)];
  });
}

function answerItem(predictions, question, answer, rank, chosen) {
  const [place, verdict, f1] = question.answers[answer];
  const { passage_language: language } = question.cell;
  const text = predictions.text(question, place);
  const name = VERDICTS[verdict];
  const score = name === "right" ? "right" : `${name}, F1 ${(100 * f1).toFixed(0)}`;
  const where = Array.isArray(place) || !text ? "" : ", not in the passage";
  const shown = text
    ? element("b", { lang: language, dir: direction(language) }, text)
    : element("i", {}, "no answer");
  return element("li", { class: name, tabindex: 0, "data-answer": answer },
    element("div", { class: "what" },
      element("span", { class: "verdict", "aria-hidden": "true" }, `${rank} ${SYMBOLS[name]}`),
      shown, element("span", { class: "score" }, score + where)),
    element("div", { class: "chips" }, ...chips(predictions, question, answer, chosen)));
}

function backButton() {
  return element("button", { type: "button", id: "back" }, "‹ Questions");
}

// What is shown where an address names a question that this run does not have.
function noSuchQuestion(key) {
  return [
    element("p", { class: "facts" }, backButton()),
    element("p", { role: "alert" }, "There is no question ", element("b", {}, key),
      " in this run: the address may be mistyped, or of another run."),
  ];
}

// What is shown of question number `n`; `filter` chooses the system and seed.
function questionInFull(predictions, n, filter) {
  const question = predictions.questions[n];
  const { cell, golds, answers } = question;
  const [, passageId, text] = predictions.passage(question);
  const own = predictions.runsOf(filter.seed)[filter.system];
  const chosen = predictions.answerOf[own][n];
  const inPassage = { lang: cell.passage_language, dir: direction(cell.passage_language) };
  const inQuestion = { lang: cell.question_language, dir: direction(cell.question_language) };
  const order = answers.map((_, answer) => answer).sort((a, b) =>
    answers[b][1] - answers[a][1] || answers[b][2] - answers[a][2]);
  const rank = answers.map((_, answer) => order.indexOf(answer) + 1);
  const passage = element("div", { class: "passage", ...inPassage },
    ...markedPassage(text, golds, answers, rank, chosen));
  const elsewhere = golds.filter((gold) => typeof gold === "string");
  const list = element("ol", { class: "answers" },
    ...order.map((answer) => answerItem(predictions, question, answer, rank[answer], filter.system)));
  const light = (answer) => passage.querySelectorAll("mark").forEach((mark) =>
    mark.classList.toggle("lit", mark.dataset.answers.split(" ").includes(answer)));
  for (const item of list.children) {
    for (const event of ["mouseenter", "focus"]) {
      item.addEventListener(event, () => light(item.dataset.answer));
    }
    for (const event of ["mouseleave", "blur"]) item.addEventListener(event, () => light(null));
  }
  const permalink = `#${new URLSearchParams({ question: question.key })}`;
  const languages = `${cell.passage_language} passage, ${cell.question_language} question`;
  return [
    element("p", { class: "facts" },
      backButton(),
      element("span", {}, `${cell.benchmark} ${cell.split}`), element("span", {}, languages),
      element("span", {}, `answer: ${predictions.data.types[question.type]}`),
      element("span", {}, passageId.replaceAll("_", " ")),
      element("a", { href: permalink, id: "permalink" }, question.id)),
    element("p", { class: "question", ...inQuestion }, predictions.questionText(question)),
    passage,
    ...(elsewhere.length
      ? [element("p", {}, "Gold, not in the passage: ", element("mark",
        { class: "gold", ...inPassage }, elsewhere.join(" · ")))]
      : []),
    element("h2", {}, "Answers"),
    list,
  ];
}
