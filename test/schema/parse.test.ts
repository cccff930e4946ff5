import * as v from "valibot";
import { describe, expect, it, test } from "vitest";
import { SessionStart } from "../../lib/http/legacy.js";
import { parse } from "../../lib/schema/parse.js";
import { Presence } from "../../lib/schema/presence.js";
import { Message, NewThread, Reaction, Stanza, ThreadChange, ThreadStanza } from "../../lib/schema/stanza.js";

function refusal(schema: v.GenericSchema, value: unknown, at?: string): { detail: string; issues: unknown } {
  try {
    parse(schema, value, at);
  } catch (error) {
    return v.parse(v.object({ extra: v.object({ detail: v.string(), issues: v.unknown() }) }), error).extra;
  }
  throw new Error("It was accepted");
}

describe("a key that is missing", () => {
  it("is named as itself, not as the shape of its parent", () => {
    expect(refusal(SessionStart, {}).detail).toBe("user is required");
    expect(refusal(Stanza, {}).detail).toBe("type is required");
    expect(refusal(NewThread, { kind: "room" }).detail).toBe("members is required");
    expect(refusal(ThreadChange, { role: { role: "owner" } }).detail).toBe("role.entity is required");
    expect(refusal(ThreadStanza, { id: "t", role: { role: "owner" } }, "thread").detail).toBe(
      "thread.role.entity is required",
    );
    expect(refusal(Message, { attachments: [{}] }, "message")).toEqual({
      detail: "message.attachments.0.url is required",
      issues: [{ path: "message.attachments.0.url", message: "is required" }],
    });
  });

  it("is the payload itself when that is missing, or its first element", () => {
    expect(refusal(Presence, [], "presence").detail).toBe("presence.0 is required");
    expect(refusal(Message, undefined, "message").detail).toBe("message is required");
  });

  it("is not one that is there and wrong", () => {
    expect(refusal(SessionStart, { user: 1 }).detail).toBe("user: must be a string");
    expect(refusal(SessionStart, "x").detail).toBe("must be a form");
  });
});

test("a schema or check without a message of its own is not reported in the library's words", () => {
  const Given = v.object({ list: v.array(v.string()), name: v.pipe(v.string(), v.regex(/^a$/)) });
  expect(refusal(Given, { list: 5, name: "secret" })).toEqual({
    detail: "list: must be a list",
    issues: [
      { path: "list", message: "must be a list" },
      { path: "name", message: "must have another form" },
    ],
  });
});

describe("null for an optional property", () => {
  it("counts as absent, as the first implementation wrote it", () => {
    const nulls = {
      subject: null,
      language: null,
      attachments: null,
      id: null,
      thread: null,
      type: null,
      replyTo: null,
    };
    expect(parse(Message, { ...nulls, text: "Hi", to: ["ann"] })).toEqual(parse(Message, { text: "Hi", to: ["ann"] }));
    expect(parse(Presence, [{ show: "away", status: null, available: null }])).toEqual({
      show: "away",
      available: true,
    });
    expect(parse(NewThread, { kind: "room", members: [], subject: null, id: null })).toEqual({
      kind: "room",
      members: [],
    });
    expect(parse(ThreadStanza, { id: "t", subject: null, add: ["ben"] })).toEqual({
      id: "t",
      changes: { add: ["ben"] },
    });
    expect(parse(Message, { attachments: [{ url: "https://a.example/", name: null }] }).content.attachments).toEqual([
      { url: "https://a.example/" },
    ]);
  });

  it("is no value for a required one", () => {
    expect(refusal(Reaction, { thread: "t", id: null, emoji: "👍" }).detail).toMatch(/^id: /);
    expect(refusal(SessionStart, { user: null }).detail).toBe("user: must be a string");
  });

  it("stays in extensions", () => {
    expect(parse(Message, { text: "Hi", "x-note": null }).content).toMatchObject({ "x-note": null });
    expect(parse(Message, { subject: null, "x-note": null }).content).toMatchObject({ "x-note": null });
  });
});
