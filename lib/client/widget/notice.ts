import { html, nothing } from "lit";
import type { State } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";
import type { Widget } from "./part.js";
import { type Access, baseOf } from "./session.js";
import { failureIn } from "./strings.js";

// Codes after which the page's user is no longer the one who was shown.
const LOGGED_OUT = ["another_user", "unauthenticated"];

/** Renders why there is no connection, and what that means for the user. */
export function notice({ mirror, strings }: Widget, state: State, problem: Problem | undefined) {
  if (state !== "offline" && state !== "closed") return nothing;
  const { code = "" } = problem ?? {};
  // Waiting does not help where the user has to log in again, or was banned.
  const passing = mirror.ready && ![...LOGGED_OUT, "token_unknown", "banned"].includes(code);
  return html`<p class="notice" part="notice">${passing ? strings.offline : failureIn(strings, code)}</p>`;
}

/** Whether a problem means that the user of the page is no longer the one who was shown. */
export function isLoggedOut({ code }: Problem): boolean {
  return LOGGED_OUT.includes(code);
}

/** Returns the problem of an element: where the page has given a token, and no way to another one, it is not for the user to log in. */
export function problemOf({ token, tokenUrl }: Access, problem: Problem): Problem {
  const isGiven = token !== undefined && tokenUrl === undefined;
  return isGiven && problem.code === "unauthenticated" ? { ...problem, code: "token_unknown" } : problem;
}

/** Tells the developer of the page why the chat does not connect. Few pages need what says so: it is loaded then. */
export async function explain(access: Access, problem: Problem): Promise<void> {
  const loaded = await import("./diagnosis.js").catch(() => undefined);
  loaded?.diagnose(problem, baseOf(access));
}
