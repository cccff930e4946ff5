/** `bad` breaks the chat or makes it unsafe; a `warning` costs time or money; `skipped` could not be looked at. */
export type Verdict = "good" | "warning" | "bad" | "skipped";

/** What a check has found. `advice` says what to do, unless all is well. */
export type Finding = { subject: string; verdict: Verdict; found: string; advice?: string };

export function good(subject: string, found: string): Finding {
  return { subject, verdict: "good", found };
}

export function skipped(subject: string, found: string, advice: string): Finding {
  return { subject, verdict: "skipped", found, advice };
}

export function warning(subject: string, found: string, advice: string): Finding {
  return { subject, verdict: "warning", found, advice };
}

export function bad(subject: string, found: string, advice: string): Finding {
  return { subject, verdict: "bad", found, advice };
}

const MARKS: Readonly<Record<Verdict, string>> = {
  good: "ok     ",
  warning: "WARNING",
  bad: "BAD    ",
  skipped: "skipped",
};
const SUBJECT_WIDTH = 16;

/** Formats a finding for people: a line, and a second one with the advice. */
export function formatFinding({ subject, verdict, found, advice }: Finding): string {
  const line = `${MARKS[verdict]}  ${subject.padEnd(SUBJECT_WIDTH)}  ${found}\n`;
  return advice === undefined ? line : `${line}${" ".repeat(SUBJECT_WIDTH + 11)}→ ${advice}\n`;
}

/** Counts the findings of each kind: `14 looked at: 1 bad, 1 warning, 2 skipped`. */
export function summarize(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((it) => it.verdict === verdict).length;
  const warnings = count("warning");
  const counts = [
    `${count("bad")} bad`,
    `${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
    `${count("skipped")} skipped`,
  ];
  return `${findings.length} looked at: ${counts.join(", ")}\n`;
}
