import { expect, test } from "vitest";
import { withoutTags } from "../../../lib/client/view/plain-html.js";

test.each([
  ["Bring <b>milk</b><br />and tea", "Bring milk\nand tea"],
  ["<p>One</p><p>two</p>", "One\ntwo"],
  ["1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"],
  ["&amp;lt;b&amp;gt;", "&lt;b&gt;"],
  ['<a href="https://example.com/?a=&quot;">here</a>', "here"],
  ["no tags", "no tags"],
])("the text of %s is what is read", (html, text) => {
  expect(withoutTags(html)).toBe(text);
});
