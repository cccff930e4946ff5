import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { type Ask, Replacement } from "../chat/verdict.js";
import type { Config, Draft, Verdict } from "../config.js";
import type { Target } from "../config-hooks.js";
import { Fault } from "../fault.js";
import { describeError, type Logger } from "../logger.js";
import { NoList } from "../schema/field.js";
import { misshapen } from "../schema/json-shape.js";
import { withoutNulls } from "../schema/null-absent.js";
import type { SignedPost } from "./signed-post.js";

// A sender waits for the answer.
const BUDGET_MS = 1_000;
const REASON_MAX = 500;

const Answer = v.union([
  v.undefined(),
  v.null(),
  v.pipe(
    v.object({ refuse: v.string() }),
    v.transform(({ refuse }) => ({ reason: [...refuse].slice(0, REASON_MAX).join(""), content: undefined })),
  ),
  v.pipe(
    v.unknown(),
    // As it would be stored: a function of the host may return what cannot be, such as what contains itself.
    v.transform((it): unknown => JSON.parse(JSON.stringify(it))),
    v.check((it) => misshapen(it) === undefined, "must have the shape of a body"),
    NoList,
    v.looseObject({ refuse: v.exactOptional(v.undefined()) }),
    v.transform((it) => withoutNulls(Replacement, it)),
    Replacement,
    v.transform((content) => ({ reason: undefined, content })),
  ),
]);

/**
 * Creates the function that asks before a message is accepted, by `beforeSend` or at `beforeUrl`; undefined where nobody is to be asked. When
 * there is no answer within a second, or none that can be understood, `beforeFails` decides.
 */
export function createAsk({ beforeSend, hooks }: Config, logger: Logger): Ask | undefined {
  const { before, beforeFails } = hooks;
  const remote = before && remoteHook(before);
  const hook = beforeSend ?? remote;
  if (hook === undefined) return undefined;
  return async (draft) => {
    const answer = await within(BUDGET_MS, async () => v.parse(Answer, await hook(draft))).catch((error) => {
      logger.error("before_send_failed", describeError(error));
      if (beforeFails === "open") return undefined;
      throw new Fault("unavailable", { detail: "Messages cannot be checked now", retryAfter: 5 });
    });
    if (answer?.reason !== undefined) throw new Fault("refused", answer.reason === "" ? {} : { detail: answer.reason });
    return answer?.content;
  };
}

function remoteHook(target: Target): (draft: Draft) => Promise<Verdict> {
  let post: SignedPost | undefined;
  return async (draft) => {
    const loaded = await import("./signed-post.js");
    post ??= new loaded.SignedPost(target);
    const body = JSON.stringify({ type: "message.before", timestamp: new Date().toISOString(), data: draft });
    const { status, text } = await post.post(randomUUID(), body, BUDGET_MS);
    if (status < 200 || status > 299) throw new Error("The status is not 2xx");
    if (text === undefined) throw new Error("The response is too large");
    return text === "" ? undefined : v.parse(Said, JSON.parse(text));
  };
}

// Whatever else is said is no answer: a misspelt refusal must not let a message pass where none may pass unchecked.
const Said = v.pipe(
  NoList,
  v.strictObject({
    refuse: v.nullish(v.string()),
    message: v.nullish(v.pipe(NoList, v.record(v.string(), v.unknown()))),
  }),
  v.transform(({ refuse, message }) => (typeof refuse === "string" ? { refuse } : (message ?? undefined))),
);

async function within<Result>(ms: number, work: () => Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("There was no answer in time")), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
