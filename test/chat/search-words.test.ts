import { describe, expect, it } from "vitest";
import { containsAll, textOfHtml, wordsOf } from "../../lib/chat/search-words.js";

const finds = (query: string, text: string) => containsAll(text, wordsOf(query));

describe("a search finds", () => {
  it.each([
    ["tea", "Tea at five?"],
    ["FIVE tea", "Tea at five?"],
    ["cafe", "Le Café est ouvert"],
    ["café", "le cafe"],
    ["cafe\u0301", "CAFÉ"],
    ["strasse", "Große Straße"],
    ["STRAßE", "strasse"],
    ["soren", "Søren Łódź"],
    ["lodz", "Søren Łódź"],
    ["istanbul", "İSTANBUL"],
    ["οδος", "ΟΔΟΣ"],
    ["ηλιοσ", "ήλιος"],
    ["елка", "Ёлка"],
    ["йод", "Йод"],
    ["abc", "ＡＢＣ"],
    ["カナ", "ｶﾅ"],
    ["がく", "か\u3099くせい"],
    ["京都", "東京都"],
    ["大学", "さくら大学院"],
    ["국어", "한국어"],
    ["กิน", "ฉันกินข้าว"],
    ["tower", "東京tower"],
    ["tower", "xtower東京tower"],
    ["نصر", "نَصْر"],
    ["שלום", "שָׁלוֹם"],
    ["👍", "ok👍🏽"],
    ["#tea", "see#tea"],
    ["c++", "C++ and C"],
    ["eau", "l’eau"],
    ["don't", "don’t"],
    ["fi", "ﬁn"],
    ["co operate", "co\u00adoperate operate co"],
    ["(.*", "a (.*)+ b"],
    ["a\u0000b", "b a"],
  ])("%j in %j", (query, text) => {
    expect(finds(query, text)).toBe(true);
  });

  it.each([
    ["ea", "Tea at five?"],
    ["tea coffee", "Tea at five?"],
    ["иод", "Йод"],
    [".*", "anything"],
    ["कि", "कमल"],
    ["tower", "xtower"],
  ])("not %j in %j", (query, text) => {
    expect(finds(query, text)).toBe(false);
  });

  it("the words of HTML, and nothing of its tags", () => {
    const html = '<p>Fish &amp; <b>ch</b>ips</p><p>Tea<br />Cake &lt;3</p><a href="https://example.org/x">link</a>';
    expect(textOfHtml(html)).toBe(" Fish & chips  Tea Cake <3 link");
    expect(finds("chips cake", textOfHtml(html))).toBe(true);
    expect(finds("example", textOfHtml(html))).toBe(false);
  });

  it("each word of a query once, whatever separates them", () => {
    expect(wordsOf(" Tea\u0000tea\n\tTEA  cake ")).toEqual(["tea", "cake"]);
    expect(wordsOf(" \u0000 \u200b ")).toEqual([]);
  });

  it("its way through what repeats itself, in time", () => {
    const began = performance.now();
    for (const text of [
      "a".repeat(8_192),
      "ab".repeat(4_096),
      "é".repeat(4_096),
      "a-".repeat(4_096),
      "<".repeat(8_192),
    ])
      for (const word of ["a".repeat(255), `${"a".repeat(254)}b`, "ab", "e", "b", "<"]) {
        finds(word, text);
        textOfHtml(`${text.replaceAll("<", "&lt;")}`);
      }
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
