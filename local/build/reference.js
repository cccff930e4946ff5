import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { prose, table, text, type } from "./schema-html.js";

// Makes the API reference of a deployment, `/docs`, from public/openapi.json: one page without scripts, which browsers search by themselves.

const SOURCE = "public/openapi.json";
const PLACE = "public/docs";
const STYLE = "local/build/reference.css";
const METHODS = ["get", "post", "patch", "put", "delete"];

/** Writes the page and its style sheet. */
export function makeReference() {
  mkdirSync(PLACE, { recursive: true });
  writeFileSync(`${PLACE}/index.html`, renderReference(JSON.parse(readFileSync(SOURCE, "utf8"))));
  writeFileSync(`${PLACE}/style.css`, readFileSync(STYLE));
}

/** Renders an OpenAPI document as a page. */
export function renderReference(document) {
  const operations = operationsOf(document);
  const groups = ordered(grouped(operations, groupOf), document.tags);
  const schemas = Object.entries(document.components.schemas);
  const base = document.servers[0].url;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(document.info.title)}: API reference</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<nav aria-label="Contents">
<p><a href="/">${text(document.info.title)}</a> ${text(document.info.version)}</p>
${groups.map(([group, its]) => `<h2>${text(group)}</h2>\n<ul>${its.map(entryOf).join("")}</ul>`).join("\n")}
<h2>Schemas</h2>
<ul>${schemas.map(([name]) => `<li><a href="#schema-${name}">${name}</a></li>`).join("")}</ul>
</nav>
<main>
<h1>API reference</h1>
<p>${prose(document.info.description)}</p>
<p>All paths are below <code>${text(base)}</code>. The same as <a href="/openapi.json">OpenAPI</a>.</p>
<h2 id="credentials">Credentials</h2>
<dl>${Object.entries(document.components.securitySchemes)
    .map(([name, it]) => `<dt id="credential-${name}">${name}</dt><dd>${prose(it.description)}</dd>`)
    .join("")}</dl>
${groups.map(([group, its]) => `<h2>${text(group)}</h2>\n${tagOf(document, group)}${its.map((it) => operation(it, document)).join("\n")}`).join("\n")}
<h2>Schemas</h2>
${schemas.map(([name, schema]) => `<section id="schema-${name}"><h3>${name}</h3>${prose(schema.description, "p")}${type(schema)}</section>`).join("\n")}
</main>
</body>
</html>
`;
}

function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ path, method, ...item[method] })),
  );
}

/** The tag of an operation; without one, the first segment of its path. */
function groupOf({ tags, path }) {
  return tags?.[0] ?? path.split("/")[1];
}

// Node 20 has no `Map.groupBy`.
function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** The groups in the order of the document's tags; those without one as they come. */
function ordered(groups, tags = []) {
  const names = tags.map(({ name }) => name);
  const place = ([name]) => (names.includes(name) ? names.indexOf(name) : names.length);
  return [...groups].sort((a, b) => place(a) - place(b));
}

function tagOf({ tags = [] }, name) {
  return prose(tags.find((it) => it.name === name)?.description, "p");
}

function entryOf({ operationId, method, path }) {
  return `<li><a href="#${operationId}"><b class="${method}">${method}</b> ${breakable(path)}</a></li>`;
}

function operation(it, document) {
  const {
    operationId,
    method,
    path,
    summary,
    description,
    security = [],
    parameters = [],
    requestBody,
    responses,
  } = it;
  const credentials = security.flatMap((one) => Object.keys(one));
  const links = credentials.map((name) => `<a href="#credential-${name}">${name}</a>`).join(" or ");
  return `<section id="${operationId}">
<h3><a href="#${operationId}"><b class="${method}">${method}</b> <code>${breakable(path)}</code></a></h3>
<p><strong>${prose(summary)}</strong></p>
${prose(description, "p")}
<p>Credential: ${links || "none"}${security.some((one) => Object.keys(one).length === 0) ? " or none" : ""}</p>
${parameters.length === 0 ? "" : `<h4>Parameters</h4>\n${table(["name", "in", "type", "meaning"], parameters.map(parameter))}`}
${requestBody === undefined ? "" : `<h4>Body</h4>\n${content(requestBody.content)}`}
<h4>Responses</h4>
${table(
  ["status", "body", "meaning"],
  Object.entries(responses).map(([status, one]) => response(status, resolved(one, document))),
)}
</section>`;
}

function parameter({ name, in: place, required, description, schema }) {
  return [`<code>${text(name)}</code>${required ? " *" : ""}`, text(place), type(schema), prose(description)];
}

function response(status, { description, content: its = {} }) {
  const codes = Object.values(its).flatMap(({ schema }) => codesOf(schema));
  const body = codes.length > 0 ? codes.map((code) => `<code>${code}</code>`).join(" ") : content(its);
  return [status, body, prose(description)];
}

/** The codes of a problem, which is a component narrowed to them. */
function codesOf(schema) {
  const code = schema?.allOf?.map((it) => it.properties?.code).find((it) => it !== undefined);
  return code?.enum ?? (code?.const === undefined ? [] : [code.const]);
}

function content(its) {
  return Object.entries(its)
    .map(([kind, { schema, example, examples = {} }]) => {
      const all = [example, ...Object.values(examples).map(({ value }) => value)].filter((it) => it !== undefined);
      const shown = all.map(
        (it) => `<pre tabindex="0">${text(typeof it === "string" ? it : JSON.stringify(it, null, 2))}</pre>`,
      );
      return `<div><small>${text(kind)}</small> ${type(schema)}${shown.join("")}</div>`;
    })
    .join("");
}

function resolved(it, document) {
  return it.$ref === undefined ? it : document.components.responses[it.$ref.split("/").at(-1)];
}

// A line may break after each slash.
function breakable(path) {
  return text(path).replaceAll("/", "/<wbr>");
}
