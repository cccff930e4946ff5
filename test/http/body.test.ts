import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BODY_MAX, checkShape, readForm, readJson, readOptionalJson } from "../../lib/http/body.js";

const JSON_HEADERS = { "content-type": "application/json" };

function request(body: NonNullable<RequestInit["body"]> | null, headers: Record<string, string> = JSON_HEADERS) {
  return new Request("https://chat.example/nereid-chat/send", { method: "POST", body, headers, duplex: "half" });
}

function refusal(code: string, status: number) {
  return expect.objectContaining({ code, status });
}
const tooLarge = refusal("too_large", 413);
const unsupported = refusal("unsupported_media_type", 415);

/** Streams `size` bytes of `{"":"aaa…"}` in chunks, without a Content-Length. */
function streamed(size: number, seen: { cancelled: boolean; bytes: number } = { cancelled: false, bytes: 0 }) {
  const bytes = new TextEncoder().encode(`{"":"${"a".repeat(size - 7)}"}`);
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.bytes >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(seen.bytes, seen.bytes + 10_000));
      seen.bytes += 10_000;
    },
    cancel() {
      seen.cancelled = true;
    },
  });
}

describe("content type", () => {
  test.each([
    "application/json",
    "Application/JSON; Charset=UTF-8",
    'application/json;charset="utf-8"',
    "application/vnd.chat.v1+json",
    "application/json; profile=x",
  ])("%s is read", async (type) => {
    expect(await readJson(request('{"a":"ä"}', { "content-type": type }))).toEqual({ a: "ä" });
  });

  test.each([
    "",
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/x-www-form-urlencoded",
    "application/json; charset=latin1",
    "application/json, text/plain",
    "multipart/form-data; boundary=application/json",
  ])("%j is refused", async (type) => {
    await expect(readJson(request("{}", { "content-type": type }))).rejects.toThrow(unsupported);
  });

  test("a missing one is refused", async () => {
    const body = new TextEncoder().encode("{}");
    await expect(readJson(request(body, {}))).rejects.toThrow(unsupported);
  });

  test("an encoded body is refused", async () => {
    for (const encoding of ["gzip", "br", "identity, gzip"]) {
      const headers = { ...JSON_HEADERS, "content-encoding": encoding };
      await expect(readJson(request("{}", headers))).rejects.toThrow(unsupported);
    }
    expect(await readJson(request("{}", { ...JSON_HEADERS, "content-encoding": "Identity" }))).toEqual({});
  });
});

describe("size", () => {
  test("exactly 64 KiB are read, one byte more is not", async () => {
    await expect(readJson(request(streamed(BODY_MAX)))).resolves.toHaveProperty("");
    await expect(readJson(request(streamed(BODY_MAX + 1)))).rejects.toThrow(tooLarge);
    await expect(readJson(request(`"${"a".repeat(BODY_MAX - 2)}"`))).resolves.toHaveLength(BODY_MAX - 2);
    await expect(readJson(request(`"${"a".repeat(BODY_MAX - 1)}"`))).rejects.toThrow(tooLarge);
    await expect(readJson(request(`"${"ä".repeat(BODY_MAX / 2)}"`))).rejects.toThrow(tooLarge);
  });

  test("a declared excess is refused without reading", async () => {
    const seen = { cancelled: false, bytes: 0 };
    const headers = { ...JSON_HEADERS, "content-length": `${BODY_MAX + 1}` };
    const declared = request(streamed(1_000_000, seen), headers);
    await expect(readJson(declared)).rejects.toThrow(tooLarge);
    expect(declared.bodyUsed).toBe(false);
  });

  test("a stream is cut off at the excess, whatever length it declares", async () => {
    const seen = { cancelled: false, bytes: 0 };
    const headers = { ...JSON_HEADERS, "content-length": "2" };
    await expect(readJson(request(streamed(1_000_000, seen), headers))).rejects.toThrow(tooLarge);
    expect(seen.cancelled).toBe(true);
    expect(seen.bytes).toBeLessThan(2 * BODY_MAX);
  });
});

describe("malformed", () => {
  test.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["no JSON", "{text: secret}"],
    ["a part of JSON", '{"text":"secret'],
    ["two values", '{"text":"secret"}{}'],
    ["invalid UTF-8", new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
    ["UTF-8 of a surrogate", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x22, 0, 0x22, 0])],
    ["only opening brackets", "[".repeat(BODY_MAX)],
  ])("%s is invalid and never quoted", async (_, body) => {
    const fault = await readJson(request(body)).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "invalid", status: 400, extra: { issues: [{ path: "" }] } });
    expect(JSON.stringify(fault)).not.toContain("secret");
  });

  test("a body that breaks off is invalid", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("socket hang up")) });
    await expect(readJson(request(broken))).rejects.toThrow(refusal("invalid", 400));
  });

  test("a byte order mark is skipped", async () => {
    expect(await readJson(request('\ufeff{"a":1}'))).toEqual({ a: 1 });
  });
});

describe("shape", () => {
  const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  test("8 levels are read, 9 are not", async () => {
    checkShape(nested(8));
    expect(() => checkShape(nested(9))).toThrow(refusal("invalid", 400));
    const eight = { a: { b: { c: { d: { e: { f: { g: { h: "scalar" } } } } } } } };
    checkShape(eight);
    expect(() => checkShape({ z: eight })).toThrow("z.a.b.c.d.e.f.g: must not be more than 8 levels deep");
  });

  test("the deepest nesting that fits is refused without an overflow", async () => {
    const half = BODY_MAX / 2;
    await expect(readJson(request("[".repeat(half) + "]".repeat(half)))).rejects.toThrow(refusal("invalid", 400));
  });

  test.each(["__proto__", "constructor", "prototype"])("the key %s is refused anywhere", async (key) => {
    await expect(readJson(request(`{"${key}":1}`))).rejects.toMatchObject({ extra: { issues: [{ path: key }] } });
    const body = `{"stanzas":[1,{"message":{"${key}":{}}}]}`;
    const path = `stanzas.1.message.${key}`;
    await expect(readJson(request(body))).rejects.toMatchObject({ code: "invalid", extra: { issues: [{ path }] } });
    const escaped = body.replace(key, key.replace("o", "\\u006f"));
    await expect(readJson(request(escaped))).rejects.toMatchObject({ extra: { issues: [{ path }] } });
  });

  test("names of the kind as values, or within names, are data", () => {
    checkShape({ a: "__proto__", proto: ["constructor"], "constructor ": 1 });
  });

  test.each([
    ['{"a":["\\ud800"]}', "a.0"],
    ['{"a":"x\\udc00x"}', "a"],
    ['{"a":{"\\ud83d":1}}', "a"],
    ['"\\ud83d"', ""],
  ])("%s holds a lone surrogate", async (body, path) => {
    await expect(readJson(request(body))).rejects.toMatchObject({ code: "invalid", extra: { issues: [{ path }] } });
  });

  test("pairs of surrogates are characters", async () => {
    expect(await readJson(request('{"\\ud83d\\ude00":"\\ud83d\\ude00"}'))).toEqual({ "😀": "😀" });
  });

  test("every other JSON value passes unchanged", async () => {
    const value = fc.json({ maxDepth: 6, stringUnit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(value, async (json) => {
        fc.pre(!/__proto__|constructor|prototype/.test(json));
        expect(await readJson(request(json))).toEqual(JSON.parse(json));
      }),
    );
  });
});

describe("optional", () => {
  test.each([JSON_HEADERS, { "content-type": "text/plain" }, {}])(
    "an absent or empty body is undefined under %j",
    async (headers) => {
      expect(await readOptionalJson(request(null, headers))).toBeUndefined();
      expect(await readOptionalJson(request(new Uint8Array(), headers))).toBeUndefined();
    },
  );

  test("a body that is there is read as any other", async () => {
    expect(await readOptionalJson(request('{"displayName":"Ann"}'))).toEqual({ displayName: "Ann" });
    await expect(readOptionalJson(request("{}", { "content-type": "text/plain" }))).rejects.toThrow(unsupported);
    await expect(readOptionalJson(request(streamed(BODY_MAX + 1)))).rejects.toThrow(tooLarge);
    await expect(readOptionalJson(request("{"))).rejects.toThrow(refusal("invalid", 400));
  });
});

describe("form", () => {
  const form = { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" };

  test("its fields are decoded, the first of a name counts", async () => {
    expect(await readForm(request("thread_id=a%20b&message=1+%2B+1&message=%C3%A4&e=", form))).toEqual({
      thread_id: "a b",
      message: "1 + 1",
      e: "",
    });
    expect(await readForm(request("", form))).toEqual({});
    expect(await readForm(request(new URLSearchParams({ user: "bob" }), {}))).toEqual({ user: "bob" });
  });

  test("another type, too much, or a forbidden name is refused", async () => {
    await expect(readForm(request("{}"))).rejects.toThrow(unsupported);
    await expect(readForm(request("a".repeat(BODY_MAX + 1), form))).rejects.toThrow(tooLarge);
    await expect(readForm(request("__proto__=1", form))).rejects.toThrow(refusal("invalid", 400));
  });
});
