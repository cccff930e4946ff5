import { readFileSync } from "node:fs";
import * as v from "valibot";
import { VARIABLES } from "../../lib/config.js";
import { Settings } from "../../lib/config-schema.js";

/** A setting: its variables, its option, its default, the values that it may have where that is a choice or a range, and what it means. */
export type Setting = {
  variables: readonly string[];
  option: string;
  fallback: string;
  values: string;
  meaning: string;
};

/** The groups of settings, in the order in which a new deployment meets them. */
export const GROUPS = {
  "The store": ["redisUrl", "redisToken", "prefix", "history"],
  "Who may enter": [
    "jwtSecret",
    "jwksUrl",
    "jwtIssuer",
    "jwtAudience",
    "sessionCookie",
    "guests",
    "tokenTtl",
    "origins",
    "basePath",
  ],
  Limits: ["rateSend", "rateToken", "rateGuest", "rateStream", "reach", "rateReach", "roomMax"],
  Streams: ["liveSeconds", "idleAfter"],
  "Webhooks and hooks": [
    "webhookUrl",
    "webhookSecret",
    "webhookPrivate",
    "unreadAfter",
    "beforeUrl",
    "beforeFails",
    "cronSecret",
  ],
  Files: [
    "fileMax",
    "fileTypes",
    "s3Endpoint",
    "s3Bucket",
    "s3Region",
    "s3AccessKeyId",
    "s3SecretAccessKey",
    "s3WriteOnce",
    "filesFolder",
    "blobToken",
    "blobStoreId",
  ],
  Pushes: ["push", "pushPublicKey", "pushPrivateKey", "pushSubject"],
  Operation: ["previews", "log"],
} as const satisfies Record<string, readonly (keyof typeof VARIABLES)[]>;

/** Reads a setting: from the schema what it accepts, from the comment of its option what it means. Throws when the option has no comment. */
export function settingOf(option: keyof typeof VARIABLES): Setting {
  const variables = VARIABLES[option];
  return { option, variables, meaning: meaningOf(option), fallback: fallbackOf(option), values: valuesOf(option) };
}

const source = readFileSync("lib/chat-options.ts", "utf8");

function meaningOf(option: string): string {
  const [, comment] = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n  ${option}\\?:`).exec(source) ?? [];
  if (comment === undefined) throw new Error(`Cannot find the comment of the option ${option}`);
  const text = comment
    .replace(/\n\s*\*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return text.replace(/ `[A-Z0-9_]+`(?: or `[A-Z0-9_]+`)?\.$/, "");
}

function fallbackOf(option: keyof typeof VARIABLES): string {
  const value = v.getDefault(Settings.entries[option]);
  if (value === undefined || value === "") return "–";
  return `\`${typeof value === "boolean" ? Number(value) : value}\``;
}

/** What a wrong value is told, where that names a choice or a range. */
function valuesOf(option: keyof typeof VARIABLES): string {
  const { issues = [] } = v.safeParse(Settings.entries[option], {});
  const [, values = ""] =
    /^must be (a whole number from \d+ to \d+|\w+(?:, \w+)* or \w+)$/.exec(issues[0]?.message ?? "") ?? [];
  return values.replace("a whole number from ", "").replace("to 1000000000", "or more");
}

function allowed(values: string): string {
  return values === "" ? "" : ` Allowed: ${values}.`;
}

/** The table of a group, as Markdown. */
export function tableOf(settings: readonly Setting[]): string {
  const rows = settings.map(({ variables, option, fallback, values, meaning }) => {
    const names = variables.map((it) => `\`${it}\``).join(" or ");
    return `| ${names} | \`${option}\` | ${fallback} | ${meaning}${allowed(values)} |`;
  });
  return ["| variable | option | default | |", "|---|---|---|---|", ...rows].join("\n");
}

/** A row for each group: its name, and its variables. */
export function overview(): string {
  const rows = Object.entries(GROUPS).map(([group, options]) => {
    const names = options.flatMap((option) => VARIABLES[option]).map((it) => `\`${it}\``);
    return `| [${group}](docs/configuration.md#${group.toLowerCase().replaceAll(" ", "-")}) | ${names.join(" · ")} |`;
  });
  return ["| | variables |", "|---|---|", ...rows].join("\n");
}

/** Returns a page with the text between the comments `<!-- name -->` and `<!-- /name -->` replaced. Throws when the page has no such place. */
export function filled(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot find the place ${name}`);
  return `${page.slice(0, from + start.length)}${text}${page.slice(to)}`;
}

const COLUMNS = 100;

/** All variables as comments of a file of the environment, with their defaults. */
export function environmentFile(): string {
  const groups = Object.entries(GROUPS).map(([group, options]) => {
    const settings = options.map(settingOf).map(({ variables, fallback, values, meaning }) => {
      const plain = `${meaning.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")}${allowed(values)}`;
      const value = fallback.replace(/^–$/, "").replaceAll("`", "");
      return [...wrapped(plain), ...variables.map((name, i) => (i === 0 ? `#${name}=${value}` : `# or ${name}`))];
    });
    return [`## ${group}`, ...settings.map((lines) => `\n${lines.join("\n")}`)].join("\n");
  });
  return `${[HEAD, ...groups].join("\n\n")}\n`;
}

const HEAD = `# The settings of a chat: copy what you need to .env.local, or to the environment of the server, without the #.
# Nothing is needed in development; in production, a store. docs/configuration.md has the same as a table.`;

function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => `# ${line}`);
}
