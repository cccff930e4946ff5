import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sanitize } from "../../lib/chat/html.js";

const REL = 'rel="noopener noreferrer nofollow" target="_blank"';

describe("kept", () => {
  test.each([
    ["text", "Hello & <b>good</b> day", "Hello &amp; <b>good</b> day"],
    [
      "emphasis",
      "<i>a</i><em>b</em><strong>c</strong><u>d</u><s>e</s>",
      "<i>a</i><em>b</em><strong>c</strong><u>d</u><s>e</s>",
    ],
    ["code", "<pre><code>if (a &lt; b) {}\n</code></pre>", "<pre><code>if (a &lt; b) {}\n</code></pre>"],
    ["blocks", "<p>a<br>b</p><blockquote>c</blockquote>", "<p>a<br />b</p><blockquote>c</blockquote>"],
    ["lists", "<ul><li>a</li></ul><ol><li>b</li></ol>", "<ul><li>a</li></ul><ol><li>b</li></ol>"],
    ["entities", "&lt;script&gt; &amp;amp; &euro; &#x1F44D;", "&lt;script&gt; &amp;amp; € 👍"],
    ["unclosed tags, closed", "<b>bold<i>both", "<b>bold<i>both</i></b>"],
    [
      "a link",
      '<a href="https://example.org/?a=1&b=2">x</a>',
      `<a href="https://example.org/?a=1&amp;b=2" ${REL}>x</a>`,
    ],
    ["a mail link", "<a href=mailto:ann@example.org>x</a>", `<a href="mailto:ann@example.org" ${REL}>x</a>`],
    [
      "a link's own rel and target, replaced",
      '<a target=_top rel=opener href="http://a.b">x</a>',
      `<a href="http://a.b" ${REL}>x</a>`,
    ],
    ["a link between spaces, without them", '<a href=" https://a.b ">x</a>', `<a href="https://a.b" ${REL}>x</a>`],
    ["a paragraph up to the next block", "<p>a<x><blockquote>b", "<p>a</p><blockquote>b</blockquote>"],
  ])("%s", (_, html, clean) => {
    expect(sanitize(html)).toBe(clean);
  });
});

describe("dropped", () => {
  test.each([
    ["attributes", '<b class="x" id="y" style="color:red" data-z onclick="alert(1)" title="t">a</b>', "<b>a</b>"],
    ["unknown tags but not their text", "<div><h1>a</h1><span>b</span><table><tr><td>c</table></div>", "abc"],
    ["images", '<img src="https://example.org/a.png" alt="a">', ""],
    ["comments", "a<!-- <b>x</b> -->b<!--[if IE]><b>c</b><![endif]-->", "ab"],
    ["a declaration and instructions", "<!DOCTYPE html><?php x ?>a", "a"],
    ["a relative link", '<a href="/logout">a</a><b>b</b>', "a<b>b</b>"],
    ["a protocol-relative link", '<a href="//evil.example">a</a>', "a"],
    [
      "a relative link that begins with a scheme",
      '<a href="https:/logout">a</a><a href="http:x">b</a><a href="https:\\\\evil.example">c</a>',
      "abc",
    ],
    ["a link that is no URL", '<a href="https://[">a</a>', "a"],
    ["an anchor", '<a name="x" href="#x">a</a>', "a"],
    ["scripts with what they hold", "a<script>alert(1)</script>b<script src=x></script>", "ab"],
    ["styles with what they hold", "a<style>@import 'x';</style>b", "ab"],
  ])("%s", (_, html, clean) => {
    expect(sanitize(html)).toBe(clean);
  });

  test("nesting beyond 32 levels, but not its text", () => {
    expect(sanitize(`${"<b>".repeat(1_000)}deep`)).toBe(`${"<b>".repeat(32)}deep${"</b>".repeat(32)}`);
  });
});

const HOSTILE = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
  "<script/x>alert(1)</script >",
  "<scr<script>ipt>alert(1)</scr</script>ipt>",
  "<<script>alert(1)//<</script>",
  "<script\x00>alert(1)</script>",
  "<script>alert(1)",
  "<img src=x onerror=alert(1)>",
  "<img src=x onerror=alert(1)//",
  '<img """><script>alert(1)</script>">',
  "<IMG SRC=`javascript:alert(1)`>",
  "<svg onload=alert(1)>",
  "<svg/onload=alert(1)//",
  "<svg><script>alert(1)</script></svg>",
  "<svg><script>alert&#40;1)</script>",
  "<svg><a xlink:href=javascript:alert(1)><text y=1>x</text></a></svg>",
  "<svg><animate attributeName=href values=javascript:alert(1) /><a id=x><text>x</text></a></svg>",
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  '<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<title><a title="</title><img src=x onerror=alert(1)>">',
  "<textarea><script>alert(1)</script></textarea>",
  "<textarea></textarea/><img src=x onerror=alert(1)>",
  "<xmp><img src=x onerror=alert(1)></xmp>",
  "<plaintext><img src=x onerror=alert(1)>",
  "<noembed><img src=x onerror=alert(1)></noembed>",
  "<iframe src=javascript:alert(1)></iframe>",
  '<iframe srcdoc="<script>alert(1)</script>"><script>alert(1)</script></iframe>',
  "<template><script>alert(1)</script></template>",
  "<select><option><script>alert(1)</script></select>",
  "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
  "<body onload=alert(1)><input autofocus onfocus=alert(1)>",
  "<details open ontoggle=alert(1)><video><source onerror=alert(1)></video>",
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)"><base href=//evil.example><link rel=stylesheet href=x>',
  "<a href=javascript:alert(1)>x</a>",
  "<a href='JaVaScRiPt:alert(1)'>x</a>",
  "<a href=' \x01javascript:alert(1)'>x</a>",
  "<a href='java\tscr\nipt:alert(1)'>x</a>",
  "<a href='java&Tab;script&colon;alert(1)'>x</a>",
  "<a href='&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)'>x</a>",
  "<a href=&#0000106&#0000097&#0000118&#0000097script:alert(1)>x</a>",
  "<a href=&#x6A&#x61&#x76&#x61script:alert(1)>x</a>",
  "<a href='java\x00script:alert(1)'>x</a>",
  "<a href=data:text/html;base64,PHNjcmlwdD4=>x</a>",
  "<a href=vbscript:msgbox(1)>x</a>",
  "<a href=blob:https://evil.example/1>x</a>",
  '<a href="https://x.example" onmouseover="alert(1)" style="position:fixed">x</a>',
  "<a href='https://x.example\"onmouseover=alert(1) x=\"'>x</a>",
  '<b style="background:url(javascript:alert(1))" onclick=alert(1)>x</b>',
  "<b/onclick=alert(1)/>x",
  '<b "<script>alert(1)</script>">x',
  "<p><![CDATA[<script>alert(1)</script>]]></p>",
  "<![CDATA[><img src=x onerror=alert(1)>]]>",
  "<!--><img src=x onerror=alert(1)>-->",
  "<!--a--!><img src=x onerror=alert(1)>",
  "<!-- a -- ><img src=x onerror=alert(1)>",
  "<? ><img src=x onerror=alert(1)> ?>",
  "</script><img src=x onerror=alert(1)>",
  '<li><table><a href="</a><img src=x onerror=alert(1)>">',
  "<p><x><blockquote><svg><p><style><!--</style>--><img src=x onerror=alert(1)>",
];

// What may stand in the result: text without angle brackets, and these tags to the letter.
const HARMLESS =
  /^(?:[^<>]|<\/?(?:b|i|em|strong|u|s|code|pre|blockquote|p|ul|ol|li)>|<br \/>|<a href="(?:https?:\/\/|mailto:)[^"<>]*" rel="noopener noreferrer nofollow" target="_blank">|<\/a>)*$/;

describe("hostile", () => {
  test.each(HOSTILE)("%s", (html) => {
    expect(sanitize(html)).toMatch(HARMLESS);
  });

  test("8 KiB of any nesting is sanitised", () => {
    const tags = [
      "<b>",
      "</p>",
      "<p><x>",
      "<a href=http:x>",
      "<svg>",
      "<!--",
      "&#",
      "<![CDATA[",
      "<table><td>",
      '<a "',
      "<noscript>",
    ];
    for (const tag of tags) expect(sanitize(tag.repeat(8_192 / tag.length))).toMatch(HARMLESS);
  });

  // The slowest takes about 20 ms. One step for each pair of characters would take seconds.
  test.each([
    ["start tags", "<b>".repeat(5_461)],
    ["start tags that are removed", "<p><x>".repeat(2_730)],
    ["end tags without their start", "</p>".repeat(4_096)],
    ["end tags of what is not open", `${"<b>".repeat(2_730)}${"</x>".repeat(2_048)}`],
    ["attributes", `<b ${"a ".repeat(8_191)}`],
    ["a tag that never ends", `<a href="${" ".repeat(16_374)}`],
    ["links", "<a href=https://a.b>".repeat(819)],
    ["brackets", "<".repeat(16_384)],
    ["ampersands", "&".repeat(16_384)],
    ["a character reference", `&#${"0".repeat(16_382)}`],
    ["comments", "<!--".repeat(4_096)],
  ])("16 KiB of %s take less than a second", (_, html) => {
    const begun = performance.now();
    expect(sanitize(html)).toMatch(HARMLESS);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test("entities are decoded once", () => {
    expect(sanitize("&lt;img src=x onerror=alert(1)&gt;")).toBe("&lt;img src=x onerror=alert(1)&gt;");
    expect(sanitize("&amp;lt;script&amp;gt;")).toBe("&amp;lt;script&amp;gt;");
  });
});

describe("any markup", () => {
  const fragment = fc.oneof(
    fc.constantFrom(
      ...HOSTILE,
      "<p>",
      "</p>",
      "<x>",
      "</x>",
      "<blockquote>",
      "<pre>",
      "</pre>",
      "\n",
      "<li>",
      "</ul>",
      "<br>",
      "</br>",
      "<noscript>",
      "<ul>",
    ),
    fc.constantFrom(
      "<a href=https://a.b>",
      "</a>",
      "<svg>",
      "</svg>",
      "<!--",
      "-->",
      "&",
      "&lt;",
      "&amp;lt",
      '"',
      "'",
      "<",
      ">",
      "/",
      "\0",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const markup = fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join(""));

  test("becomes harmless, and stays as it is the second time", () => {
    fc.assert(
      fc.property(markup, (html) => {
        const clean = sanitize(html);
        expect(clean).toMatch(HARMLESS);
        expect(sanitize(clean)).toBe(clean);
      }),
      { numRuns: 1_000 },
    );
  });

  test("text survives to the letter", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
        expect(sanitize(escaped)).toBe(escaped);
      }),
    );
  });
});
