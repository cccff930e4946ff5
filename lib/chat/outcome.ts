import { Fault, type FaultCode } from "../fault.js";

/** What scripts say when they write nothing because a right or a thing is missing. */
const REFUSALS = {
  /** The caller is no member of the thread, or there is none. */
  stranger: "thread_not_found",
  unknown: "message_not_found",
  forbidden: "forbidden",
  /** A visitor may read only. */
  voiceless: "forbidden",
  full: "too_large",
} as const satisfies Record<string, FaultCode>;

export type Refusal = keyof typeof REFUSALS;

/** Throws the fault that a script's outcome stands for, with a detail where the code alone does not tell what is wrong. */
export function checkOutcome(
  outcome: "ok" | Refusal,
  details: { readonly [outcome in Refusal]?: string } = {},
): asserts outcome is "ok" {
  if (outcome === "ok") return;
  const detail = details[outcome];
  throw new Fault(REFUSALS[outcome], detail === undefined ? {} : { detail });
}
