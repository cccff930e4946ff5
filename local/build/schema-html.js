// Describes the schemas of an OpenAPI document in HTML.

// A longer pattern says less than the description beside it.
const PATTERN_MAX = 60;

/** Describes a schema: by a link, a few words, or the table of its properties. */
export function type(schema) {
  if (schema === undefined || schema === true) return "any value";
  if (schema.$ref !== undefined) return named(schema.$ref);
  if (schema.const !== undefined) return `<code>${text(JSON.stringify(schema.const))}</code>`;
  if (schema.enum !== undefined)
    return schema.enum.map((it) => `<code>${text(JSON.stringify(it))}</code>`).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(type))].join(" or ");
  if (schema.allOf !== undefined) return schema.allOf.map(type).join(", and ");
  if (schema.properties !== undefined) return properties(schema);
  if (schema.type === "array") return `list of ${type(schema.items)}${bounds(schema)}`;
  return `${text([schema.type ?? "any value"].flat().join(" or "))}${bounds(schema)}`;
}

function named(reference) {
  const name = reference.split("/").at(-1);
  return `<a href="#schema-${name}">${name}</a>`;
}

function properties({ properties: its, required = [] }) {
  const rows = Object.entries(its).map(([name, schema]) => {
    const mark = required.includes(name) ? " *" : "";
    return [`<code>${text(name)}</code>${mark}`, type(schema), prose(schema.description)];
  });
  return table(["property", "type", "meaning"], rows);
}

function bounds({ format, pattern, minimum, maximum, minLength, maxLength, minItems, maxItems, ...rest }) {
  const range = (least, most, unit) => {
    if (most === undefined) return least === undefined ? [] : [`at least ${least}${unit}`];
    return [least === undefined ? `at most ${most}${unit}` : `${least} to ${most}${unit}`];
  };
  const said = [
    ...(format === undefined ? [] : [format]),
    ...range(minimum, maximum, ""),
    ...range(minLength, maxLength, " characters"),
    ...range(minItems, maxItems, " items"),
    ...(rest.default === undefined ? [] : [`default ${JSON.stringify(rest.default)}`]),
    ...(pattern === undefined || pattern.length > PATTERN_MAX ? [] : [pattern]),
  ];
  return said.length === 0 ? "" : ` <small>${text(said.join(", "))}</small>`;
}

/** Renders a table. */
export function table(heads, rows) {
  const head = `<thead><tr>${heads.map((it) => `<th>${it}</th>`).join("")}</tr></thead>`;
  const body = rows.map((cells) => `<tr>${cells.map((it) => `<td>${it}</td>`).join("")}</tr>`).join("\n");
  return `<div class="table"><table>${head}<tbody>${body}</tbody></table></div>`;
}

/** Text with code and emphasis as Markdown writes them, in an element if it is not empty. */
export function prose(markdown, element) {
  if (markdown === undefined || markdown === "") return "";
  const html = text(markdown)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*([^*\s][^*]*)\*/g, "<em>$1</em>");
  return element === undefined ? html : `<${element}>${html}</${element}>`;
}

/** Escapes text. */
export function text(plain) {
  return `${plain}`.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
