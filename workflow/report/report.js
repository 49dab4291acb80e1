"use strict";
// Tables that are sorted by a click on a header. What belongs together (our line of a system, the
// paper's and their difference) stays together. Clicks go through the orders of a column, the last
// of which is the table's own.

// "5 h 07 min" and "8.4 s" in seconds, "1,024 MiB" and "+1.2 [0.3, 2.0]" as the first number.
function numberIn(text) {
  const units = { h: 3600, min: 60, s: 1 };
  const times = [...text.matchAll(/([\d.]+) (h|min|s)\b/g)];
  if (times.length) return times.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit], 0);
  return Number.parseFloat(text.replaceAll(",", ""));
}

// The lines of each system, or each row alone.
function blocksOf(table) {
  const blocks = [];
  for (const row of table.querySelectorAll("tbody tr")) {
    const isNext = table.classList.contains("figures") && !row.classList.contains("first");
    if (isNext) blocks.at(-1).push(row);
    else blocks.push([row]);
  }
  return blocks;
}

const text = (block, column) => block[0].cells[column].textContent.trim();
const figure = (block, column, which) =>
  Number.parseFloat(text(block, column).split(" / ")[which]);

// How a column can be sorted: a name, a direction, and the key of a block.
function ordersOf(table, blocks, column) {
  const numbers = blocks.map((block) => numberIn(text(block, column)));
  const byText = (block) => text(block, column).toLowerCase();
  if (column > 0 && table.classList.contains("figures")) {
    return [["F1", -1, (block) => figure(block, column, 1)],
      ["EM", -1, (block) => figure(block, column, 0)]];
  }
  if (column > 0 && numbers.some((number) => !Number.isNaN(number))) {
    const byNumber = (block) => numberIn(text(block, column));
    return [["", -1, byNumber], ["", 1, byNumber]];
  }
  return [["", 1, byText], ["", -1, byText]];
}

function compare(one, other, direction) {
  const missing = (value) => Number.isNaN(value);
  if (missing(one) || missing(other)) return missing(one) - missing(other);
  return one < other ? -direction : one > other ? direction : 0;
}

function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  const own = blocksOf(table).map((block) => [block, block[0].parentNode]);
  const blocks = own.map(([block]) => block);
  headers.forEach((header, column) => {
    if (!header.textContent.trim() || blocks.length < 2) return;
    const orders = ordersOf(table, blocks, column);
    const button = document.createElement("button");
    button.append(...header.childNodes);
    header.append(button);
    let next = 0;
    button.addEventListener("click", () => {
      if (!header.hasAttribute("aria-sort")) next = 0;
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      if (next === orders.length) {
        own.forEach(([block, body]) => body.append(...block));
        next = 0;
        return;
      }
      const [name, direction, key] = orders[next];
      const sorted = [...blocks].sort((a, b) => compare(key(a), key(b), direction));
      table.tBodies[0].append(...sorted.flat());
      header.setAttribute("aria-sort", direction < 0 ? "descending" : "ascending");
      button.dataset.by = name;
      next += 1;
    });
  });
}

document.querySelectorAll("table").forEach((table) => table.tHead && makeSortable(table));
