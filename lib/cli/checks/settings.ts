import { type Config, ConfigError, parseConfig, VARIABLES } from "../../config.js";
import { lacksStore } from "../../mount/development.js";
import { bad, type Finding, good, warning } from "../finding.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Checks the variables, all of them: one that is wrong is left out, so that the next one is found, too. Returns the settings if they suffice.
 * A chat that is `mounted` needs no store in development.
 */
export function checkSettings(
  environment: Environment,
  mounted: boolean,
): { findings: Finding[]; config: Config | undefined } {
  const bringsStore = mounted && lacksStore({}, environment);
  const findings: Finding[] = [];
  let left = environment;
  for (;;) {
    const parsed = parse(left);
    if (!(parsed instanceof ConfigError)) {
      if (findings.length === 0)
        findings.push(good("variables", `${chatVariables(left).length} are set, all of them valid`));
      findings.push(checkPrefix(environment, parsed.prefix));
      return { findings: [...findings, ...checkNames(environment)], config: parsed };
    }
    findings.push(bringsStore && isAboutStore(parsed) ? OWN_STORE : describe(parsed));
    const wrong = named(parsed).filter((name) => left[name] !== undefined);
    if (wrong.length === 0) return { findings: [...findings, ...checkNames(environment)], config: undefined };
    left = Object.fromEntries(Object.entries(left).filter(([name]) => !wrong.includes(name)));
  }
}

/** A prefix that is set for previews, too, is that of production, mostly. Without one, each branch has its own. */
function checkPrefix({ VERCEL_ENV: stage, CHAT_PREFIX }: Environment, prefix: string): Finding {
  if (CHAT_PREFIX === undefined || (stage !== "preview" && stage !== "development"))
    return good("prefix", `Keys begin with "${prefix}"`);
  return warning(
    "prefix",
    `Keys begin with "${prefix}" in this ${stage} environment: so do those of each deployment that has the same CHAT_PREFIX`,
    "Set CHAT_PREFIX for production alone: without it, each branch has keys of its own",
  );
}

/** Returns whether the environment names a way to verify sessions. */
export function namesVerifier({ CHAT_JWT_SECRET, CHAT_JWKS_URL }: Environment): boolean {
  return CHAT_JWT_SECRET !== undefined || CHAT_JWKS_URL !== undefined;
}

function parse(environment: Environment): Config | ConfigError {
  try {
    return parseConfig({}, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

const GET_STORE =
  "On Vercel: connect Upstash for Redis in the Storage tab, then `vercel env pull .env.local`, and run this with --env-file .env.local. Elsewhere: create a database at https://console.upstash.com and copy its REST URL and token";

const OWN_STORE = warning(
  "variables",
  "No store is configured: in development the chat brings its own, in production it does not start",
  `Before you deploy. ${GET_STORE}`,
);

function isAboutStore(error: ConfigError): boolean {
  return /^Cannot reach Redis/.test(error.message);
}

function describe(error: ConfigError): Finding {
  if (isAboutStore(error)) return bad("variables", error.message, GET_STORE);
  if (/^Cannot admit guests/.test(error.message))
    return bad("variables", error.message, "Set CHAT_JWT_SECRET to the output of `openssl rand -base64 32`");
  if (/ is missing$/.test(error.message))
    return bad("variables", error.message, `Set ${named(error).join(" or ")}, and deploy again`);
  return bad(
    "variables",
    error.message,
    `Correct ${named(error).join(" or ")}, and deploy again: variables take effect with a deployment`,
  );
}

function named(error: ConfigError): string[] {
  return error.message.match(/\b(?:BLOB|CHAT|KV|UPSTASH)_[A-Z0-9_]+\b/g) ?? [];
}

// Read by parts of the project that a deployment does not run.
const ELSEWHERE = ["CHAT_URL", "CHAT_LOCAL_REDIS"];
const KNOWN: ReadonlySet<string> = new Set([...Object.values(VARIABLES).flat(), ...ELSEWHERE]);

function chatVariables(environment: Environment): string[] {
  return Object.keys(environment).filter((name) => KNOWN.has(name) && environment[name] !== undefined);
}

// A project may have a store of Vercel Blob for its pages, and another one for the chat.
const OWN_STORE_OF_FILES = /^blob/;

/** Finds variables that nobody reads, and two names of one setting that disagree. */
function checkNames(environment: Environment): Finding[] {
  const unknown = Object.keys(environment).filter((name) => name.startsWith("CHAT_") && !KNOWN.has(name));
  const twice = Object.entries(VARIABLES).flatMap(([setting, names]) => {
    const values = names.map((name) => environment[name]).filter((value) => value !== undefined);
    return new Set(values).size > 1 && !OWN_STORE_OF_FILES.test(setting) ? [names] : [];
  });
  return [
    ...unknown.map((name) =>
      warning("variables", `${name} is not a variable of the chat`, `${nearest(name)}, or remove it`),
    ),
    ...twice.map(([first, other]) =>
      warning("variables", `${first} and ${other} differ; ${first} counts`, `Remove the one that is out of date`),
    ),
  ];
}

function nearest(name: string): string {
  const close = [...KNOWN].find((it) => it.startsWith(name.slice(0, -1)) || name.startsWith(it.slice(0, -1)));
  return close === undefined ? "Look the name up in docs/configuration.md" : `Name it ${close} if that was meant`;
}
