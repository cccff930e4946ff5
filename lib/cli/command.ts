import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { type DoctorOptions, examine, type Surroundings } from "./doctor.js";
import { type Finding, formatFinding, summarize } from "./finding.js";
import { type Conversation, init } from "./init.js";
import { FRAMEWORKS, type Framework, findModule, type Project, readProject, SESSION_LIBRARIES } from "./project.js";

/** What a command is run in. */
export type Terminal = Surroundings &
  Conversation & {
    folder: string;
    /** Writes what is not part of the result. */
    note(text: string): void;
  };

/** Runs the command line. Returns the exit code: 0; 1 if something is bad; 2 if the command is not understood. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command, ...rest] = args;
  try {
    if (HELP.includes(command ?? "help") || rest.some((it) => it === "--help" || it === "-h"))
      return say(terminal, USAGE);
    if (command === "doctor") return await runDoctor(rest, terminal);
    if (command === "init") return await runInit(rest, terminal);
    if (command === "--version") return say(terminal, `${terminal.versions.own}\n`);
    throw new UsageError(`There is no command ${command}`);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    terminal.note(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

const HELP = ["help", "--help", "-h"];
const USAGE = `nereid-chat doctor [url] [options]   checks a set-up by its variables or, with a URL, a deployment from outside
  --origin <origin>   the origin of the pages that use the chat, if it is another one
  --cookie <cookie>   the Cookie header of a logged-in user, where the chat is mounted in an application
  --hold <seconds>    how long subscriptions, polls and streams are watched (25)
  --env-file <file>   variables to use besides those of the environment, such as .env.local
  --mounted           the chat is mounted in an application that knows its users: no secret is needed
  --json              writes the findings as JSON

nereid-chat init [folder] [options]   writes a chat into a project, and says what is left to do
  --framework <name>  ${FRAMEWORKS.join(", ")}; found by package.json
  --session <name>    ${SESSION_LIBRARIES.join(", ")}; found by package.json
  --yes               writes new files without asking; no file is overwritten then
  --dry-run           shows what would be written
`;

const DOCTOR = {
  origin: { type: "string" },
  cookie: { type: "string" },
  hold: { type: "string", default: "25" },
  "env-file": { type: "string" },
  mounted: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

// The most that a live stream of the chat is held.
const HOLD_MAX = 295;

async function runDoctor(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: DOCTOR, allowPositionals: true });
  const [url, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`One URL at a time, not also ${more.join(" ")}`);
  if (url !== undefined && !/^https?:$/.test(protocolOf(url)))
    throw new UsageError(`${url} is not an http or https URL`);
  if (values.origin !== undefined && !(URL.canParse(values.origin) && new URL(values.origin).origin === values.origin))
    throw new UsageError(`${values.origin} is not an origin such as https://example.org`);
  if (!/^\d{1,3}$/.test(values.hold) || Number(values.hold) > HOLD_MAX || Number(values.hold) < 1)
    throw new UsageError(`--hold must be a whole number from 1 to ${HOLD_MAX}`);
  const { origin, cookie, mounted } = values;
  const options: DoctorOptions = { url, origin, cookie, hold: Number(values.hold), mounted };
  const environment = { ...(await readVariables(terminal.folder, values["env-file"])), ...terminal.environment };
  terminal.note(`Looking; subscriptions, polls and streams are watched for ${values.hold} s …\n`);
  const findings: Finding[] = [];
  for await (const finding of examine(options, { ...terminal, environment })) {
    findings.push(finding);
    if (!values.json) terminal.write(formatFinding(finding));
  }
  const isBad = findings.some(({ verdict }) => verdict === "bad");
  terminal.write(values.json ? `${JSON.stringify({ ok: !isBad, findings }, null, 2)}\n` : summarize(findings));
  return isBad ? 1 : 0;
}

const INIT = {
  framework: { type: "string" },
  session: { type: "string" },
  yes: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
} as const;

async function runInit(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: INIT, allowPositionals: true });
  const [named = ".", ...more] = positionals;
  if (more.length > 0) throw new UsageError(`One folder at a time, not also ${more.join(" ")}`);
  const folder = resolve(terminal.folder, named);
  const project = projectOf(folder, values);
  const done = await init({ folder, project, yes: values.yes, dryRun: values["dry-run"] }, terminal);
  return done ? 0 : 1;
}

/** Reads the project of a folder; what was named on the command line counts more than what is found. */
function projectOf(folder: string, named: { framework?: string | undefined; session?: string | undefined }): Project {
  const found = readable(folder);
  if (found === undefined) throw new UsageError(`There is no package.json in ${folder}: run \`npm init\` there first`);
  const framework = pick("framework", FRAMEWORKS, named.framework) ?? settle(found, folder);
  const session = pick("session", SESSION_LIBRARIES, named.session) ?? found.session;
  const sessionModule = findModule(session, (path) => existsSync(join(folder, path)));
  return { ...found, framework, session, sessionModule };
}

/** Returns the framework that was found. Where none was, a server of its own is what neither the root of a monorepo nor another framework needs. */
function settle({ framework, otherFramework, isMonorepo }: Project, folder: string): Framework {
  if (framework !== "plain") return framework;
  if (otherFramework !== undefined)
    throw new UsageError(
      `There are no files to write for ${otherFramework}: ${GUIDE} has the lines for it. \`--framework plain\` writes a server of its own`,
    );
  if (isMonorepo)
    throw new UsageError(
      `${folder} is the root of a monorepo: name the folder of the application, such as \`nereid-chat init apps/web\``,
    );
  return framework;
}

const GUIDE = "https://github.com/nereid-chat/nereid-chat/blob/main/docs/integrate-node.md";

function readable(folder: string): Project | undefined {
  try {
    return readProject(folder);
  } catch {
    throw new UsageError(`Cannot read the package.json in ${folder}: it is malformed`);
  }
}

function pick<Name extends string>(
  option: string,
  names: readonly Name[],
  given: string | undefined,
): Name | undefined {
  const found = names.find((it) => it === given);
  if (given !== undefined && found === undefined)
    throw new UsageError(`--${option} must be one of ${names.join(", ")}`);
  return found;
}

async function readVariables(
  folder: string,
  file: string | undefined,
): Promise<Readonly<Record<string, string | undefined>>> {
  if (file === undefined) return {};
  try {
    return parseEnv(await readFile(resolve(folder, file), "utf8"));
  } catch {
    throw new UsageError(`Cannot read ${file}`);
  }
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : "";
}

function say(terminal: Terminal, text: string): number {
  terminal.write(text);
  return 0;
}

/** Thrown for a command that cannot be understood. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && "code" in error && `${error.code}`.startsWith("ERR_PARSE_ARGS");
}
