"use strict";
// The questions and answers, which of them a filter keeps, and how systems score on those. Nothing
// here knows of the page. The data are what lbmrc.report.explorer_data writes.

const VERDICTS = ["wrong", "overlapping", "right"];
const [WRONG, OVERLAPPING, RIGHT] = [0, 1, 2];
const FIRST_RUN_CODE = 48;
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

function direction(language) {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

// A text as it is searched: without case and the accents of Latin, Greek and Cyrillic letters. Signs
// of other scripts stay, such as a vowel of Hindi: without them it would be another word.
function folded(text) {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replaceAll("ı", "i").replaceAll("ς", "σ");
}

// A function of numbers that computes each value once, when it is first asked for.
function remembering(compute) {
  const known = [];
  return (n) => (known[n] ??= compute(n));
}

async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

class Predictions {
  constructor(data) {
    this.data = data;
    this.questions = data.cells.flatMap((cell) => {
      const name = [cell.benchmark, cell.split, cell.passage_language, cell.question_language];
      return cell.rows.map(([id, passage, question, type, golds, answers, byRun]) => ({
        id, passage, question, type, golds, answers, byRun, cell,
        key: `${name.join(".")}/${id}`,
      }));
    });
    this.byKey = new Map(this.questions.map((question, n) => [question.key, n]));
    const size = this.questions.length;
    this.verdicts = data.runs.map(() => new Uint8Array(size));
    this.f1 = data.runs.map(() => new Float64Array(size));
    this.answerOf = data.runs.map(() => new Uint16Array(size));
    this.questions.forEach(({ answers, byRun }, n) => {
      for (let run = 0; run < data.runs.length; run += 1) {
        const answer = byRun.charCodeAt(run) - FIRST_RUN_CODE;
        this.answerOf[run][n] = answer;
        [, this.verdicts[run][n], this.f1[run][n]] = answers[answer];
      }
    });
    // thousands of passages take too long to fold while the page opens
    this.searched = {
      passage: remembering((n) => folded(data.passages[n].slice(1).join("\n"))),
      question: remembering((n) => folded(data.questions[n])),
      // its id, and the answers that are not in its passage
      rest: remembering((n) => {
        const { key, golds, answers } = this.questions[n];
        const places = [...golds, ...answers.map(([place]) => place)];
        return folded([key, ...places.filter((place) => typeof place === "string")].join("\n"));
      }),
    };
  }

  passage(question) {
    return this.data.passages[question.passage];
  }

  questionText(question) {
    return this.data.questions[question.question];
  }

  text(question, place) {
    return typeof place === "string" ? place : this.passage(question)[2].slice(...place);
  }

  seeds() {
    return [...new Set(this.data.runs.map(([, seed]) => seed))].sort((a, b) => a - b);
  }

  // The run of each system with a seed; its first where it was not trained with that one.
  runsOf(seed) {
    return this.data.systems.map((_, system) => {
      const runs = this.data.runs.flatMap(([of], run) => (of === system ? [run] : []));
      return runs.find((run) => this.data.runs[run][1] === seed) ?? runs[0];
    });
  }

  // Numbers of the questions that a filter keeps, in the order of the benchmark files. `filter`:
  // benchmark ("mlqa.test"), passage, language, type, verdict, agreement, query: empty for any;
  // system; other: a system, or null for all others; seed.
  select(filter) {
    const runs = this.runsOf(filter.seed);
    const own = runs[filter.system];
    const others = filter.other === null
      ? runs.filter((_, system) => system !== filter.system)
      : [runs[filter.other]];
    const agrees = this.agreement(filter.agreement, own, others);
    const words = folded(filter.query).split(/\s+/).filter(Boolean);
    const found = [];
    this.questions.forEach((question, n) => {
      const { cell } = question;
      if (filter.benchmark && filter.benchmark !== `${cell.benchmark}.${cell.split}`) return;
      if (filter.passage && filter.passage !== cell.passage_language) return;
      if (filter.language && filter.language !== cell.question_language) return;
      if (filter.type && filter.type !== this.data.types[question.type]) return;
      if (filter.verdict && VERDICTS[this.verdicts[own][n]] !== filter.verdict) return;
      if (!agrees(n)) return;
      if (words.length && !words.every((word) => this.holds(n, word))) return;
      found.push(n);
    });
    return found;
  }

  agreement(name, own, others) {
    const isRight = (run, n) => this.verdicts[run][n] === RIGHT;
    const tests = {
      "": () => true,
      differ: (n) => others.some((run) => this.answerOf[run][n] !== this.answerOf[own][n]),
      only: (n) => isRight(own, n) && !others.some((run) => isRight(run, n)),
      not: (n) => !isRight(own, n) && others.every((run) => isRight(run, n)),
    };
    return tests[name];
  }

  // Whether a word is in a question, its passage (gold answers are there), an answer, or its id.
  holds(n, word) {
    const { question, passage } = this.questions[n];
    return this.searched.question(question).includes(word)
      || this.searched.passage(passage).includes(word)
      || this.searched.rest(n).includes(word);
  }

  // Exact match and F1 in percent of each system on some questions.
  scores(numbers, seed) {
    return this.runsOf(seed).map((run, system) => {
      let [exact, f1] = [0, 0];
      for (const n of numbers) {
        exact += this.verdicts[run][n] === RIGHT;
        f1 += this.f1[run][n];
      }
      const share = (sum) => (numbers.length ? (100 * sum) / numbers.length : NaN);
      return { system, exact: share(exact), f1: share(f1) };
    });
  }
}
