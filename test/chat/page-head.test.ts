import { describe, expect, it } from "vitest";
import { readHead } from "../../lib/chat/page-head.js";

describe("the head of a page", () => {
  it.each([
    ["<title>Tea</title>", { title: "Tea" }],
    ["<title>\n  Tea &amp;\n coffee </title>", { title: "Tea & coffee" }],
    ['<title>A</title><meta property="og:title" content="B">', { title: "B" }],
    ["<meta name=Description content='All of it'><title>A</title>", { title: "A", description: "All of it" }],
    ['<meta property="og:title" content="A"><meta property="og:site_name" content="S">', { title: "A", site: "S" }],
    ["<title>A</title><svg><title>B</title></svg>", { title: "A" }],
    ["<title>A</title><title>B</title>", { title: "A" }],
    ["<title>Ad\u202emin\u200b</title>", { title: "Admin" }],
    ['<meta property="og:title" content="\u200b"><title>A</title>', { title: "A" }],
    ["<title>never ended", { title: "never ended" }],
    ["<title>A\ud83d</title>", { title: "A" }],
  ])("%j says %j", (html, head) => {
    expect(readHead(html)).toEqual(head);
  });

  it.each(["", "text", "<title></title>", "<title> \u200b</title>", '<meta property="og:title">'])(
    "%j says nothing",
    (html) => {
      expect(readHead(html)).toBeUndefined();
    },
  );

  it("is cut between characters, however long its texts are", () => {
    const head = readHead(
      `<title>${"👩‍👩‍👧".repeat(100_000)}</title><meta name="description" content="${"x".repeat(100_000)}">`,
    );
    expect(head?.title).toMatch(/^(👩‍👩‍👧)+…$/u);
    expect(head?.title.length).toBeLessThanOrEqual(200);
    expect(head?.description).toHaveLength(300);
  });
});
