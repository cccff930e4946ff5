import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { Language } from "../../lib/schema/language.js";

describe("canonical case", () => {
  test.each([
    ["en", "en"],
    ["EN-us", "en-US"],
    ["en_US", "en-US"],
    ["zh_hant_tw", "zh-Hant-TW"],
    ["ZH-CMN-HANS-CN", "zh-cmn-Hans-CN"],
    ["sl-ROZAJ-biske", "sl-rozaj-biske"],
    ["de-ch-1901", "de-CH-1901"],
    ["es-419", "es-419"],
    ["en-us-X-TWAIN", "en-US-x-twain"],
    ["EN-CA-X-CA", "en-CA-x-ca"],
    ["az-latn-x-LATN", "az-Latn-x-latn"],
    ["X-Private", "x-private"],
    ["x-ab-latn", "x-ab-latn"],
    ["de-de-U-CO-PHONEBK", "de-DE-u-co-phonebk"],
    ["ar-u-NU-LATN-t-EN-us", "ar-u-nu-latn-t-en-us"],
    ["I-Klingon", "i-klingon"],
    ["EN-gb-OED", "en-GB-oed"],
    ["sgn-be-fr", "sgn-BE-FR"],
    ["zh-MIN-nan", "zh-min-nan"],
    ["ART-lojban", "art-lojban"],
    ["qaa-qaaa-qm-x-southern", "qaa-Qaaa-QM-x-southern"],
  ])("%s → %s", (tag, canonical) => {
    expect(v.parse(Language, tag)).toBe(canonical);
  });

  test.each(["iw", "no-nyn", "i-lux", "de-DD", "zh-guoyu"])("deprecated %s stays", (tag) => {
    expect(v.parse(Language, tag)).toBe(tag);
  });

  test("stays once reached", () => {
    fc.assert(
      fc.property(tags, (tag) => {
        const parsed = v.safeParse(Language, tag);
        if (!parsed.success) return;
        expect(parsed.output.toLowerCase()).toBe(tag.replaceAll("_", "-").toLowerCase());
        expect(v.parse(Language, parsed.output)).toBe(parsed.output);
      }),
    );
  });
});

describe("refused", () => {
  test.each([
    "",
    "e",
    "x",
    "i-",
    "i-unknown",
    "-en",
    "en-",
    "en--US",
    "en US",
    " en",
    "en\n",
    "toolonglang",
    "en-abcdefghi",
    "de-419-DE",
    "a-DE",
    "12",
    "en-x",
    "en-u",
    "en-x-ninechars",
    "de-1901-1901",
    "sl-rozaj-ROZAJ",
    "ar-a-aaa-b-bbb-a-ccc",
    "en-u-ca-u-nu",
    "zh-aaa-bbb-ccc-ddd",
    "en-é",
    "\u212Aa",
    "i-\u212Alingon",
    `en-x${"-12345678".repeat(7)}`,
  ])("%j", (tag) => {
    expect(v.is(Language, tag)).toBe(false);
  });

  test.each([null, 1, ["en"], {}])("%j", (value) => {
    expect(v.is(Language, value)).toBe(false);
  });

  test("exactly what the grammar of RFC 5646 §2.1 refuses", () => {
    fc.assert(
      fc.property(tags, (tag) => {
        expect(v.is(Language, tag)).toBe(LANGTAG.test(tag.replaceAll("_", "-")) && !repeats(tag));
      }),
      { numRuns: 2_000 },
    );
  });
});

const subtag = fc.oneof(
  fc.stringMatching(/^[a-zA-Z]{1,4}$/),
  fc.stringMatching(/^[0-9][a-z0-9]{2,3}$/),
  fc.stringMatching(/^[a-zA-Z0-9]{1,9}$/),
  fc.constantFrom("x", "u", "a", "1901", "rozaj", "Latn", "DE", "cmn"),
);
const tags = fc
  .tuple(
    fc.constantFrom("de", "zh", "sgn", "x", "i", "root", "latin"),
    fc.array(subtag, { maxLength: 6 }),
    fc.constantFrom("-", "_"),
  )
  .map(([first, rest, separator]) => [first, ...rest].join(separator));

const LANGTAG =
  /^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?|x(?:-[a-z\d]{1,8})+)$/i;

function repeats(tag: string): boolean {
  const subtags = tag.toLowerCase().split(/[-_]/);
  const privateUse = subtags.indexOf("x");
  const open = privateUse < 0 ? subtags : subtags.slice(0, privateUse);
  const singletons = open.filter((it) => it.length === 1);
  const extension = open.findIndex((it) => it.length === 1);
  const variants = (extension < 0 ? open : open.slice(0, extension))
    .slice(1)
    .filter((it) => it.length > 4 || /^\d.{3}$/.test(it));
  return new Set(singletons).size < singletons.length || new Set(variants).size < variants.length;
}
