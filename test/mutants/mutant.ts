/** A rule of docs/PROFILE.md, how lib/ would read without it, and the test that must then fail. */
export type Mutant = { rule: string; file: string; from: string; to: string; test: string };

/** A file of lib/ without its ending, what is changed there, and what into, as `Source` changes it. */
type Change = readonly [file: string, from: string, to: string];

/** Makes the mutants of rules of one section that one file of tests covers. */
export function mutantsOf(test: string, section: string, rules: Readonly<Record<string, Change>>): Mutant[] {
  return Object.entries(rules).map(([rule, [file, from, to]]) => ({
    rule: `${section} ${rule}`,
    file: `lib/${file}.ts`,
    from,
    to,
    test: `test/${test}.test.ts`,
  }));
}
