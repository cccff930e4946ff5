import { describe, expect, it } from "vitest";
import { LastFrame } from "../../lib/http/event-stream.js";

const decode = (frame: Uint8Array) => new TextDecoder().decode(frame);

describe("LastFrame", () => {
  const at = { epoch: "e", n: 7 };
  const body = '{"type":"message","message":{"text":"Hi"}}';

  it("encodes what many readers get once", () => {
    const last = new LastFrame();
    const first = last.encode(body, at, 1_000);
    expect(decode(first)).toBe(`id: e.7\ndata: {"timestamp":"1970-01-01T00:00:01.000Z",${body.slice(1)}\n\n`);
    expect(last.encode(body, { ...at }, 1_500)).toBe(first);
  });

  it("encodes anew what stands elsewhere, was corrected, or comes to a reader later", () => {
    const last = new LastFrame();
    const ids = [at, { epoch: "f", n: 7 }, { epoch: "e", n: 8 }].map((cursor) =>
      decode(last.encode(body, cursor, 1_000)),
    );
    expect(ids.map((it) => it.split("\n")[0])).toEqual(["id: e.7", "id: f.7", "id: e.8"]);
    const corrected = body.replace("Hi", "Ho");
    expect(decode(last.encode(corrected, { epoch: "e", n: 8 }, 1_000))).toContain('"Ho"');
    expect(decode(last.encode(corrected, { epoch: "e", n: 8 }, 2_500))).toContain("00:00:02.500Z");
  });
});
