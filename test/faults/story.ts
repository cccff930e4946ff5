import type { Violation } from "./checker.js";
import type { Happening, Of, Told } from "./history.js";

// What led to it lies close before; of a quiet thread a little more may be told.
const BEFORE_MS = 20_000;
const AFTER_MS = 200;
const LINES = 30;
const WIDTH = 200;
// The beginning of an id is enough to follow it.
const IDS = /([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Picks, of many violations, the first of each rule for each person. */
export function firstOfEach(violations: readonly Violation[]): Violation[] {
  const first = new Map<string, Violation>();
  for (const it of violations) if (!first.has(`${it.rule} ${it.who}`)) first.set(`${it.rule} ${it.who}`, it);
  return [...first.values()];
}

/** Tells in time order what happened around a violation: to that chain, in that thread, and what was broken meanwhile. */
export function tellStory(violation: Violation, history: readonly Happening[], begin: number): string {
  const { at, rule, who, thread, what, r } = violation;
  const lines = history
    .filter((it) => it.at > at - BEFORE_MS && it.at < at + AFTER_MS)
    .sort((a, b) => a.at - b.at)
    .flatMap((it) => {
      const said = words(it, violation);
      return said === undefined ? [] : [`  ${seconds(it.at, begin)}  ${said}`.replace(IDS, "$1").slice(0, WIDTH)];
    });
  const last = lines.slice(-LINES);
  const left = lines.length > last.length ? [`   … ${lines.length - last.length} lines before`] : [];
  const head = `${seconds(at, begin)}  ${rule}: ${who}${thread === undefined ? "" : ` in ${thread}`}: ${what} (#${r})`;
  return [head, ...left, ...last].join("\n");
}

function seconds(at: number, begin: number): string {
  return `${((at - begin) / 1_000).toFixed(3).padStart(8)} s`;
}

function words(it: Happening, violation: Violation): string | undefined {
  const { who, thread } = violation;
  switch (it.e) {
    case "fault":
      return `!! ${it.kind} ${it.phase} (${it.where})`;
    case "answer":
      return answer(it, violation);
    case "sent":
      return it.thread === thread ? `${asked(it)} ${it.who} sent message ${it.seq} ${it.id}${again(it)}` : undefined;
    case "done":
      return it.thread === thread && it.what !== "send" ? `${asked(it)} ${it.who} did ${it.what}` : undefined;
    case "refused":
      return it.thread === thread ? `${asked(it)} ${it.who} was refused ${it.what}: ${it.code}` : undefined;
    case "failed":
      return it.who === who ? `${asked(it)} ${it.who} got no answer to ${it.what}: ${it.why}` : undefined;
    case "cut":
      return it.thread === thread ? `${asked(it)} ${it.who} hung up while sending ${it.ids.join(", ")}` : undefined;
    case "stream":
      return it.who === who ? `${who} had a stream that ended: ${it.how}` : undefined;
    case "page":
      return it.chain === violation.chain && it.thread === thread ? `${asked(it)} ${page(it)}` : undefined;
    case "lost":
    case "open":
    case "mark":
    case "close":
      return it.chain === violation.chain ? `${it.chain}: ${it.e}` : undefined;
    default:
      return undefined;
  }
}

/** An answer to the chain in question, or one that the violation names. */
function answer(it: Of<"answer">, { chain, thread, what, r }: Violation): string | undefined {
  const named = it.r === r || new RegExp(`#${it.r}\\b`).test(what);
  const told = it.stanzas.filter((one) => one.type === "resync" || thread === undefined || one.thread === thread);
  if (!(it.chain === chain || named) || (told.length === 0 && it.r !== r)) return undefined;
  const wait = it.wait === 0 ? ", at once" : "";
  return `${asked(it)} ${it.chain} ${it.prev} → ${it.cursor}${wait}: ${told.map(brief).join(", ") || "nothing here"}`;
}

function brief(told: Told): string {
  const threads = told.threads?.map(({ id, seq }) => `${id}:${seq}`);
  return told.key ?? (told.reason === undefined ? told.type : `resync ${told.reason} ${threads}`);
}

function page({ chain, after, messages, last }: Of<"page">): string {
  if (messages === undefined) return `${chain} read history: it is no member`;
  return `${chain} read history after ${after}: ${messages[0]?.seq}–${messages.at(-1)?.seq} of ${last}`;
}

function again(it: Of<"sent">): string {
  return it.duplicate ? " again" : "";
}

function asked(it: { r: number; via: string; began: number; at: number }): string {
  return `#${it.r} ${it.via} ${it.at - it.began} ms:`;
}
