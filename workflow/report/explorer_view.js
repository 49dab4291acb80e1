// The page: filters, the list (only the rows in sight are there), keys, and the address.

const ROW = 64; // pixels, as in explorer.css
const SPARE_ROWS = 8;
const UNSUPPORTED = "This browser can't unpack the page's data. Chrome 80, Firefox 113, Safari 16.4 "
  + "and later can.";
const UNREADABLE = "The questions can't be unpacked: this file is damaged or was not copied in full. "
  + "Copy it again, or let the run write it again. The browser says: ";
const ANY = "any";
// where only one of list and question has room, as in explorer.css
const NARROW = matchMedia("(max-width: 60rem)");
const byId = (id) => document.getElementById(id);

class Page {
  constructor(predictions) {
    this.predictions = predictions;
    this.form = byId("filters");
    this.list = byId("list");
    this.rows = byId("rows");
    this.found = [];
    this.current = -1; // number of the question that is shown
    this.named = ""; // key of the question in the address: one that the reader chose
    this.fillFilters();
    this.form.addEventListener("change", () => this.filter());
    this.form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.readAddress("");
    });
    let waiting;
    byId("search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.filter(), 150);
    });
    this.list.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.list);
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) this.choose(Number(row.dataset.n), true);
    });
    document.addEventListener("keydown", (event) => this.key(event));
    byId("help").addEventListener("click", () => byId("keys").showModal());
    addEventListener("hashchange", () => this.readAddress(location.hash));
    if (NARROW.matches) byId("filter-panel").open = false;
    this.readAddress(location.hash);
  }

  // ------------------------------------------------------------------------------- the filters

  fillFilters() {
    const { data } = this.predictions;
    const cells = (of) => [...new Set(data.cells.map(of))];
    const any = (label, values) => [["", label], ...values.map((value) => [value, value])];
    this.fill("benchmark", [["", ANY],
      ...cells((c) => `${c.benchmark}.${c.split}`).map((name) => [name, name.replace(".", " ")])]);
    this.fill("passage", any(ANY, cells((c) => c.passage_language)));
    this.fill("language", any(ANY, cells((c) => c.question_language)));
    this.fill("type", any(ANY, data.types));
    this.fill("system", data.systems.map((name) => [name, name]));
    this.fill("seed", this.predictions.seeds().map((seed) => [seed, seed]));
    this.fill("verdict", any(ANY, [...VERDICTS].reverse()));
    this.fill("other", [["", "all other systems"], ...data.systems.map((name) => [name, name])]);
    this.fill("agreement", [["", ANY], ["differ", "answers differ"], ["only", ""], ["not", ""]]);
  }

  fill(name, options) {
    this.form[name].replaceChildren(
      ...options.map(([value, label]) => element("option", { value }, `${label}`)));
  }

  get filters() {
    const { systems } = this.predictions.data;
    const values = Object.fromEntries(new FormData(this.form));
    return {
      ...values,
      seed: Number(values.seed),
      system: systems.indexOf(values.system),
      other: values.other === "" ? null : systems.indexOf(values.other),
      query: byId("search").value.trim(),
    };
  }

  // Show the questions that the filters keep; `keep`: also the one of the address, as it was read.
  filter(keep = false) {
    const { predictions, filters } = this;
    if (keep) document.body.classList.add("reading");
    else this.showList();
    const [only, not] = filters.other === null
      ? ["right, and no other is", "not right, all others are"]
      : ["right, the other not", "not right, the other is"];
    this.form.agreement.options[2].label = only;
    this.form.agreement.options[3].label = not;
    this.found = predictions.select(filters);
    const [shown, all] = [this.found.length, predictions.questions.length];
    byId("count").textContent = shown === all
      ? `${all.toLocaleString("en")} questions`
      : `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} questions`;
    this.drawScores();
    this.rows.style.height = `${shown * ROW}px`;
    const at = this.found.indexOf(this.current);
    if (at < 0 && !keep) {
      this.current = shown ? this.found[0] : -1;
      this.named = "";
    }
    this.list.scrollTop = at < 0 ? 0 : at * ROW - this.list.clientHeight / 3;
    this.draw();
    if (this.current >= 0) this.show(this.current);
    else this.showNone();
    this.writeAddress();
  }

  drawScores() {
    const { predictions, filters } = this;
    byId("scores-title").textContent = `On these questions, seed ${filters.seed}`;
    const scores = predictions.scores(this.found, filters.seed).sort((a, b) => b.f1 - a.f1);
    byId("scores").tBodies[0].replaceChildren(...scores.map(({ system, exact, f1 }) => {
      const name = predictions.data.systems[system];
      const row = element("tr", { class: system === filters.system && "chosen" },
        element("th", { scope: "row" }, name),
        ...[exact, f1].map((value) =>
          element("td", {}, Number.isNaN(value) ? "-" : value.toFixed(1))));
      row.addEventListener("click", () => {
        this.form.system.value = name;
        this.filter();
      });
      return row;
    }));
  }

  // ---------------------------------------------------------------------------------- the list

  draw() {
    if (!this.found.length) {
      this.rows.replaceChildren(element("p", { class: "none" }, "No question is like that."));
      return;
    }
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - SPARE_ROWS);
    const count = Math.ceil(this.list.clientHeight / ROW) + 2 * SPARE_ROWS;
    const { filters } = this;
    const runs = this.predictions.runsOf(filters.seed);
    this.rows.replaceChildren(...this.found.slice(first, first + count)
      .map((n, offset) => this.row(n, first + offset, runs, filters.system)));
  }

  row(n, at, runs, system) {
    const { predictions } = this;
    const question = predictions.questions[n];
    const { cell } = question;
    const gold = predictions.text(question, question.golds[0]);
    const lang = cell.question_language;
    const languages = lang === cell.passage_language ? lang
      : `${cell.passage_language} passage, ${lang} question`;
    return element("div", {
      class: "row", role: "option", "data-n": n, style: `top: ${at * ROW}px`, id: `row-${n}`,
      "aria-selected": `${n === this.current}`,
    },
    element("span", { class: "text", lang, dir: direction(lang) },
      predictions.questionText(question)),
    element("span", { class: "facts" }, `${cell.benchmark} · ${languages} · `,
      element("bdi", { lang: cell.passage_language }, gold)),
    element("span", { class: "bars" }, ...runs.map((run, of) => element("i", {
      class: `${VERDICTS[predictions.verdicts[run][n]]}${of === system ? " chosen" : ""}`,
      title: `${predictions.data.systems[of]}: ${VERDICTS[predictions.verdicts[run][n]]}`,
    }))));
  }

  // What the reader asks for; `reading`: also where only one of list and question has room.
  choose(n, reading = false) {
    this.named = this.predictions.questions[n].key;
    if (reading) document.body.classList.add("reading");
    this.show(n);
    this.writeAddress();
  }

  show(n) {
    this.current = n;
    this.fillDetail(questionInFull(this.predictions, n, this.filters));
    this.list.setAttribute("aria-activedescendant", `row-${n}`);
    for (const row of this.rows.querySelectorAll(".row")) {
      row.setAttribute("aria-selected", `${Number(row.dataset.n) === n}`);
    }
  }

  showNone() {
    this.fillDetail(this.named ? noSuchQuestion(this.named) : []);
  }

  fillDetail(parts) {
    const detail = byId("detail");
    detail.replaceChildren(...parts);
    detail.scrollTop = 0;
    byId("back")?.addEventListener("click", () => {
      this.showList();
      this.writeAddress();
    });
  }

  // A reload comes back to what is in sight: where the list covers the question, to the list.
  showList() {
    document.body.classList.remove("reading");
    if (NARROW.matches) this.named = "";
  }

  move(by) {
    if (!this.found.length) return;
    const at = this.found.indexOf(this.current);
    const to = Math.min(this.found.length - 1, Math.max(0, at < 0 ? 0 : at + by));
    const top = to * ROW;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop) this.list.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.list.scrollTop = top + ROW - clientHeight;
    this.draw();
    this.choose(this.found[to]);
  }

  key(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    if (key === "Escape") {
      this.showList();
      this.writeAddress();
      this.list.focus();
      return;
    }
    if (["INPUT", "SELECT"].includes(target.tagName)) return;
    const inSight = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
    const reading = byId("detail").contains(target);
    const moves = { j: 1, k: -1, ...(reading ? {} : {
      ArrowDown: 1, ArrowUp: -1, PageDown: inSight, PageUp: -inSight,
      Home: -this.found.length, End: this.found.length,
    }) };
    const others = {
      "/": () => byId("search").focus(),
      "?": () => byId("keys").showModal(),
      Enter: () => {
        if (this.current >= 0) this.choose(this.current, true);
        byId("detail").focus();
      },
    };
    if (key in moves) this.move(moves[key]);
    else if (key in others && !(key === "Enter" && target !== this.list)) others[key]();
    else return;
    event.preventDefault();
  }

  // ------------------------------------------------------------------------------- the address

  defaults() {
    const { systems, first } = this.predictions.data;
    return { system: systems[first], seed: `${this.predictions.seeds()[0]}` };
  }

  writeAddress() {
    const values = new URLSearchParams();
    if (this.named) values.set("question", this.named);
    const defaults = this.defaults();
    for (const [name, value] of new FormData(this.form)) {
      if (value !== (defaults[name] ?? "")) values.set(name, value);
    }
    if (byId("search").value.trim()) values.set("query", byId("search").value.trim());
    history.replaceState(null, "", `#${values}`);
  }

  readAddress(hash) {
    const values = new URLSearchParams(hash.replace(/^#/, ""));
    const defaults = this.defaults();
    for (const select of this.form.querySelectorAll("select")) {
      const wanted = values.get(select.name) ?? defaults[select.name] ?? "";
      const known = [...select.options].some(({ value }) => value === wanted);
      select.value = known ? wanted : defaults[select.name] ?? "";
    }
    byId("search").value = values.get("query") ?? "";
    this.named = values.get("question") ?? "";
    this.current = this.predictions.byKey.get(this.named) ?? -1;
    this.filter(this.named !== "");
  }
}

async function open() {
  const message = byId("message");
  if (!("DecompressionStream" in window)) {
    message.textContent = UNSUPPORTED;
    return;
  }
  let predictions;
  try {
    const holder = byId("data");
    predictions = new Predictions(await unpack(holder.textContent));
    holder.remove();
  } catch (error) {
    message.textContent = `${UNREADABLE}${error.message}`;
    return;
  }
  message.hidden = true;
  document.querySelector("main").hidden = false;
  new Page(predictions);
  byId("list").focus();
}

addEventListener("DOMContentLoaded", open);
