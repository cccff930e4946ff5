type Part = { begin(): void; end(): void };

// A worker imports each module once, for many test files: what holds something for one file says here how to begin anew for the next.
const parts: Part[] = [];

/** Begins a part of the test's support now, and anew with each test file that this worker runs after this one. */
export function perTestFile(part: Part): void {
  parts.push(part);
  part.begin();
}

/** Begins what an earlier test file has imported anew. */
export function beginTestFile(): void {
  for (const { begin } of parts) begin();
}

/** Ends what this test file has used. */
export function endTestFile(): void {
  for (const { end } of parts) end();
}
