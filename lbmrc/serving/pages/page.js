"use strict";

const $ = (id) => document.getElementById(id);

async function fillLanguages() {
  const { languages } = await (await fetch("health")).json();
  for (const id of ["passage-language", "question-language"]) {
    $(id).append(new Option("detect", ""), ...languages.map((x) => new Option(x, x)));
  }
  $("languages").hidden = !languages.length;
}

function percent(share) {
  return share === null ? "" : `${(100 * share).toFixed(1)}%`;
}

// Offsets are code points, and a string's own are UTF-16 units.
function showMarked(passage, start, end) {
  const points = Array.from(passage);
  const mark = document.createElement("mark");
  mark.textContent = points.slice(start, end).join("");
  $("passage-shown").replaceChildren(
    points.slice(0, start).join(""), mark, points.slice(end).join(""));
  mark.scrollIntoView({ block: "nearest" });
}

function row(...texts) {
  const line = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement("td");
    cell.dir = "auto";
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

function show(passage, answer) {
  $("answer").hidden = false;
  $("text").textContent = answer.text || "no answer";
  $("confidence").textContent = percent(answer.confidence);
  showMarked(passage, answer.start, answer.end);
  const { question_language: asked, passage_language: told } = answer;
  $("read-as").textContent = told ? `question read as ${asked}, passage as ${told}` : "";
  $("notes").replaceChildren(...answer.notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  $("alternatives").replaceChildren(...answer.alternatives.map((span) =>
    row(percent(span.confidence) || span.score.toFixed(2), span.text)));
}

function problemOf(detail) {
  return typeof detail === "string"
    ? detail : detail.map((one) => `${one.place}: ${one.problem}`).join("; ");
}

// An answer may take seconds: until then, the one before it is dimmed and no other is asked for.
function setBusy(busy) {
  $("ask").disabled = busy;
  $("ask").textContent = busy ? "Answering…" : "Answer";
  $("result").setAttribute("aria-busy", busy);
}

function showProblem(text) {
  $("answer").hidden = true;
  $("problem").textContent = text;
}

async function ask(event) {
  event.preventDefault();
  const passage = $("passage").value;
  const asked = {
    passage,
    question: $("question").value,
    passage_language: $("passage-language").value || null,
    question_language: $("question-language").value || null,
  };
  $("problem").textContent = "";
  setBusy(true);
  try {
    const response = await fetch("answer", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
    const content = await response.json();
    if (response.ok) show(passage, content);
    else showProblem(problemOf(content.detail));
  } catch (error) {
    showProblem(`no answer: ${error.message}`);
  } finally {
    setBusy(false);
  }
}

$("form").addEventListener("submit", ask);
fillLanguages();
