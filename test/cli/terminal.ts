import type { Terminal } from "../../lib/cli/command.js";

/** A terminal that keeps what is written to it. */
export function terminal(changes: Partial<Terminal> = {}): Terminal & { written(): string; noted(): string } {
  let [written, noted] = ["", ""];
  return {
    folder: ".",
    confirm: undefined,
    environment: {},
    fetch,
    now: Date.now,
    versions: { own: "0.1.0", node: "24.0.0" },
    write(text) {
      written += text;
    },
    note(text) {
      noted += text;
    },
    ...changes,
    written: () => written,
    noted: () => noted,
  };
}
