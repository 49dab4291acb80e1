"use strict";

// A readable view of openapi.json, since FastAPI's own page is fetched from elsewhere.

function element(tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function resolve(schema, all) {
  return schema.$ref ? all[schema.$ref.split("/").at(-1)] : schema;
}

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items || {})}`;
  return schema.type || "any";
}

function limits(schema) {
  const names = { minLength: "at least", maxLength: "at most", minimum: "from", maximum: "to" };
  const parts = (schema.anyOf || [schema]).flatMap((part) => Object.entries(names)
    .filter(([key]) => key in part)
    .map(([key, word]) => `${word} ${part[key]}${key.endsWith("Length") ? " characters" : ""}`));
  if ("default" in schema && schema.default !== null) parts.push(`default ${schema.default}`);
  return [schema.description, parts.join(", ")].filter(Boolean).join("; ");
}

function table(schema) {
  const made = document.createElement("table");
  for (const [name, field] of Object.entries(schema.properties || {})) {
    const row = element("tr");
    const required = (schema.required || []).includes(name) ? "" : " (optional)";
    row.append(element("td", name + required), element("td", typeOf(field)),
      element("td", limits(field)));
    made.append(row);
  }
  return made;
}

function showPath(path, method, operation, all) {
  const section = element("section");
  section.append(element("h2", `${method.toUpperCase()} ${path}`), element("p", operation.summary));
  const body = operation.requestBody?.content["application/json"].schema;
  if (body) section.append(element("h3", "takes"), table(resolve(body, all)));
  for (const [status, response] of Object.entries(operation.responses)) {
    const schema = status === "200" && response.content?.["application/json"].schema;
    if (schema) section.append(element("h3", "gives"), table(resolve(schema, all)));
  }
  return section;
}

async function main() {
  const api = await (await fetch("openapi.json")).json();
  document.getElementById("about").textContent = api.info.description;
  document.getElementById("example").textContent =
    `curl ${location.origin}/answer -H 'Content-Type: application/json' \\\n` +
    `  -d '{"question": "Who left?", "passage": "Ann left."}'`;
  const all = api.components.schemas;
  const sections = Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, one]) => showPath(path, method, one, all)));
  const span = element("section");
  span.append(element("h2", "Span"), table(all.Span));
  document.getElementById("paths").append(...sections, span);
}

main();
