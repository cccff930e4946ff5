import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";

// PROFILE §1: a problem names what is wrong.

const server = inProcess();
let ann: Outsider;
let thread: string;
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"));
  thread = (await ann.say({ to: ["ben"], text: "Hello" })).thread;
});
afterAll(() => server.stop());

const invalid = (path: string, message: string) => ({
  status: 400,
  json: { code: "invalid", detail: `${path}: ${message}`, issues: [{ path, message }] },
});
const lists = () => [
  "stream?wait=0",
  "threads?",
  `threads/${thread}/members?`,
  `threads/${thread}/messages?`,
  "search?q=a",
];

describe("a number in a query", () => {
  it("that is beyond every number is cut to the range", async () => {
    const huge = "9".repeat(30);
    for (const list of lists()) expect(await ann.call("GET", `${list}&limit=${huge}`)).toMatchObject({ status: 200 });
    for (const query of ["before", "after"])
      expect(await ann.call("GET", `threads/${thread}/messages?${query}=${huge}`)).toMatchObject({ status: 200 });
    await ann.say({ thread, text: "Come" });
    expect(await ann.call("GET", `stream?wait=${huge}`)).toMatchObject({ status: 200 });
  });

  it("that is below its range, or none, is refused with the range", async () => {
    for (const list of lists())
      for (const limit of ["0", "000", "-1", "1.5", "", "ten", "1e1"])
        expect(await ann.call("GET", `${list}&limit=${limit}`)).toMatchObject(
          invalid("limit", "must be a whole number from 1"),
        );
    for (const [path, name] of [
      ["stream?", "wait"],
      [`threads/${thread}/messages?`, "before"],
      [`threads/${thread}/messages?`, "after"],
    ])
      expect(await ann.call("GET", `${path}${name}=-1`)).toMatchObject(
        invalid(`${name}`, "must be a whole number from 0"),
      );
  });
});

describe("a value that may be one of two things", () => {
  it("is refused with both", async () => {
    for (const around of ["1.5", "abc", "", "-1"])
      expect(await ann.call("GET", `threads/${thread}/messages?around=${around}`)).toMatchObject(
        invalid("around", "must be the seq or the id of a message"),
      );
    for (const before of ["2026-13-01T00:00:00Z", "", "a/b"])
      expect(await ann.call("GET", `threads?before=${before}`)).toMatchObject(
        invalid("before", "must be the id of a thread or an RFC 3339 timestamp"),
      );
  });
});

describe("a field that goes with others only", () => {
  it("is the one that is named", async () => {
    expect(await ann.call("GET", `threads/${thread}/messages?around=1&before=2`)).toMatchObject(
      invalid("around", "must be without before and after"),
    );
  });
});

describe("a body of another shape", () => {
  it("is told so", async () => {
    for (const body of [[], [{ type: "presence", presence: [{}] }]])
      expect(await ann.send(body)).toMatchObject({
        status: 400,
        json: { code: "invalid", detail: "must be an object" },
      });
    expect(await ann.call("PATCH", `threads/${thread}`, { role: "owner" })).toMatchObject(
      invalid("role", "must be an object"),
    );
  });

  it("is told which stanzas can be sent", async () => {
    const { status, json } = await ann.send({ type: "resync", resync: {} });
    expect({ status, json }).toMatchObject({
      status: 400,
      json: { code: "unsupported_stanza", detail: expect.stringMatching(/^type: .*: message, presence, .*thread$/) },
    });
  });
});

describe("an id in a path that is not percent-encoded UTF-8", () => {
  it("is answered like any other that cannot exist", async () => {
    for (const id of ["%zz", "%", "%ff"]) {
      expect(await ann.call("GET", `threads/${id}`)).toMatchObject({ status: 404, json: { code: "thread_not_found" } });
      expect(await ann.call("GET", `invites/${id}`)).toMatchObject({ status: 404, json: { code: "not_found" } });
      expect(await server.call("GET", `stream/${id}`)).toMatchObject({ status: 404, json: { code: "token_unknown" } });
      expect(await server.call("DELETE", `token/${id}`)).toMatchObject({ status: 204 });
    }
  });
});
