import { type DoctorOptions, examine, type Surroundings } from "../../lib/cli/doctor.js";
import type { Finding, Verdict } from "../../lib/cli/finding.js";

/** Runs the doctor; returns what it found, and the subjects by their verdicts. */
export async function diagnose(options: Partial<DoctorOptions>, around: Partial<Surroundings>) {
  const surroundings = {
    environment: {},
    fetch,
    now: Date.now,
    versions: { own: "0.1.0", node: "24.0.0" },
    ...around,
  };
  const findings: Finding[] = [];
  for await (const finding of examine({ hold: 1, mounted: false, ...options }, surroundings)) findings.push(finding);
  const of = (...verdicts: Verdict[]) => findings.filter(({ verdict }) => verdicts.includes(verdict));
  return {
    findings,
    /** What is not good, as `verdict subject`. */
    faults: of("bad", "warning").map(({ verdict, subject }) => `${verdict} ${subject}`),
    /** All that is said about a subject. */
    text: (subject: string) =>
      findings.flatMap((it) => (it.subject === subject ? [it.found, it.advice ?? ""] : [])).join(" → "),
  };
}
