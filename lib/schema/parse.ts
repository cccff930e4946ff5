import * as v from "valibot";
import { Fault } from "../fault.js";
import { withoutNulls } from "./null-absent.js";

// The number of invalid fields that are reported; a malicious body could have thousands.
const ISSUES_MAX = 20;
const MISSING = "is required";

/**
 * Parses input of a client; `null` for an optional property counts as absent, as the first implementation wrote it. Throws `invalid`,
 * naming each invalid field, or `too_large` if nothing is wrong but a size; `at` is the path of the value.
 */
export function parse<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown, at = ""): Output {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const lenient = v.safeParse(schema, withoutNulls(schema, value));
  if (lenient.success) return lenient.output;
  const issues = lenient.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: [at, v.getDotPath(issue)].filter(Boolean).join("."),
    message: isMissing(issue, at) ? MISSING : messageOf(issue),
  }));
  const [first] = issues;
  if (lenient.issues.every((issue) => issue.type === "max_bytes"))
    throw new Fault("too_large", { detail: [first?.path, first?.message].filter(Boolean).join(": ") });
  const separator = first?.message === MISSING ? " " : ": ";
  throw new Fault("invalid", { detail: [first?.path, first?.message].filter(Boolean).join(separator), issues });
}

// What has no message of its own is reported in valibot's words, which quote the input.
const SHAPES: Readonly<Record<string, string>> = {
  array: "must be a list",
  boolean: "must be true or false",
  loose_object: "must be an object",
  number: "must be a number",
  object: "must be an object",
  record: "must be an object",
  string: "must be a string",
};

function messageOf({ type, message }: v.BaseIssue<unknown>): string {
  return message.startsWith("Invalid ") ? (SHAPES[type] ?? "must have another form") : message;
}

/**
 * Whether an issue says that a value is not there at all: a missing key is reported with the message of the object that lacks it, a missing
 * element of a list with its own.
 */
function isMissing(issue: v.BaseIssue<unknown>, at: string): boolean {
  if (issue.input !== undefined) return false;
  const key = issue.path?.at(-1);
  if (key?.type === "array") return true;
  return key === undefined ? at !== "" : key.type === "object" && issue.expected === `"${key.key}"`;
}
