import * as v from "valibot";
import { Fault } from "../fault.js";

// So many fields that are wrong are named; a hostile body could have thousands.
const ISSUES_MAX = 20;

/** Parses what came from a client. Throws `invalid`, naming each field that is wrong; `at` is where the value stands. */
export function parse<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown, at = ""): Output {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const issues = parsed.issues
    .slice(0, ISSUES_MAX)
    .map((issue) => ({ path: [at, v.getDotPath(issue)].filter(Boolean).join("."), message: issue.message }));
  const [first] = issues;
  throw new Fault("invalid", { detail: [first?.path, first?.message].filter(Boolean).join(": "), issues });
}
