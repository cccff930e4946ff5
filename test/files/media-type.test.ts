import { expect, test } from "vitest";
import { beginsAs, isAmong, isNameOf, isShownInPlace } from "../../lib/files/media-type.js";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const PNG = "\x89PNG\r\n\x1a\n";

test.each([
  ["image/png", PNG],
  ["image/jpeg", "\xff\xd8\xff\xe0"],
  ["image/gif", "GIF89a"],
  ["image/webp", "RIFF1234WEBPVP8 "],
  ["image/avif", "\0\0\0\x20ftypavif"],
  ["video/mp4", "\0\0\0\x18ftypmp42"],
  ["video/webm", "\x1a\x45\xdf\xa3"],
  ["audio/mpeg", "ID3\x04"],
  ["audio/mpeg", "\xff\xfb\x90"],
  ["audio/ogg", "OggS\0"],
  ["application/pdf", "%PDF-1.7"],
])("%s begins as it should, and HTML does not", (type, head) => {
  expect(beginsAs(type, bytes(head))).toBe(true);
  expect(beginsAs(type, bytes("<!doctype html><script>"))).toBe(false);
  expect(beginsAs(type, bytes(""))).toBe(false);
});

test("only pictures, sound and films are shown in place, and none that may hold a script", () => {
  expect(["image/png", "video/mp4", "audio/mpeg"].every(isShownInPlace)).toBe(true);
  const others = ["image/svg+xml", "text/html", "application/pdf", "text/xml", "image/unknown", "application/zip"];
  expect(others.some(isShownInPlace)).toBe(false);
});

test.each([
  ["image/png", "tea.png", true],
  ["image/png", "TEA.PNG", true],
  ["image/png", "tea", true],
  ["image/png", "tea.html", false],
  ["image/png", "tea.png.svg", false],
  ["text/plain", "tea.html", true],
])("a file of type %s may be named %s: %s", (type, name, may) => {
  expect(isNameOf(type, name)).toBe(may);
});

test("a type is among those that are named, or of their family", () => {
  expect(isAmong("image/png", ["image/*"])).toBe(true);
  expect(isAmong("image/png", ["video/*", "image/png"])).toBe(true);
  expect(isAmong("image/png", ["*/*"])).toBe(true);
  expect(isAmong("imagery/png", ["image/*"])).toBe(false);
  expect(isAmong("image/png", [])).toBe(false);
});
