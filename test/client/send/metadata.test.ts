import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { withoutMetadata } from "../../../lib/client/send/metadata.js";

const ascii = (text: string) => [...text].map((it) => it.charCodeAt(0));
const bytes = (...parts: (readonly number[] | Uint8Array)[]) => new Uint8Array(parts.flatMap((it) => [...it]));
const has = (content: Uint8Array, text: string) => Buffer.from(content).includes(text);

/** A segment of a JPEG: a marker, a length, and content. */
function segment(marker: number, content: readonly number[]): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...content];
}

/** An Exif segment of little endian with an orientation, and a text where a place would be. */
const exif = (orientation: number) =>
  segment(0xe1, [
    ...[...ascii("Exif"), 0, 0, ...ascii("II"), 42, 0, 8, 0, 0, 0, 1, 0],
    ...[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0, ...ascii("52.5 N 13.4 E")],
  ]);
const APP0 = segment(0xe0, [...ascii("JFIF"), 0, 1, 2, 0, 0, 1, 0, 1, 0, 0]);
const PROFILE = segment(0xe2, ascii("ICC_PROFILE"));
const scan = (...data: number[]) => [0xff, 0xda, 0, 2, ...data];
// Data may hold an FF, and what restarts a decoder.
const SCAN = [...scan(1, 0xff, 0, 2, 0xff, 0xd3, 3), 0xff, 0xd9];
const START = [0xff, 0xd8];

describe("a photo", () => {
  it("loses what it says of place, camera and author, and nothing else", () => {
    const said = [exif(1), segment(0xe1, ascii("http://ns.adobe.com/xap/1.0/ 52.5")), segment(0xed, ascii("Ann"))];
    const photo = bytes(START, APP0, ...said, PROFILE, segment(0xfe, ascii("a comment")), SCAN);
    expect(withoutMetadata(photo, "image/jpeg")).toEqual(bytes(START, APP0, PROFILE, SCAN));
  });

  it("keeps how it is to be turned", () => {
    const bare = withoutMetadata(bytes(START, exif(6), SCAN), "image/jpeg");
    expect(has(bare, "52.5 N")).toBe(false);
    expect([...bare.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe1]);
    expect(bare.subarray(-SCAN.length)).toEqual(bytes(SCAN));
    // What was written is read again: a second pass changes nothing.
    expect(withoutMetadata(bare, "image/jpeg")).toEqual(bare);
  });

  it("loses it between its scans and after its end, too", () => {
    const scans = [scan(1, 2), segment(0xc4, [7]), [0xff, ...scan(3, 0xff, 0)]];
    const film = ascii("ftyp 52.5 N 13.4 E");
    const photo = bytes(START, APP0, ...scans, exif(1), [0xff, 0xd9], film);
    const bare = bytes(START, APP0, scan(1, 2), segment(0xc4, [7]), scan(3, 0xff, 0), [0xff, 0xd9]);
    expect(withoutMetadata(photo, "image/jpeg")).toEqual(bare);
    expect(withoutMetadata(bare, "image/jpeg")).toBe(bare);
  });

  it("that was cut off loses it all the same", () => {
    const photo = bytes(START, exif(1), scan(1, 2, 3));
    expect(withoutMetadata(photo, "image/jpeg")).toEqual(bytes(START, scan(1, 2, 3), [0xff, 0xd9]));
  });

  it("that says nothing, or is none, stays the same", () => {
    for (const photo of [
      bytes(START, APP0, SCAN),
      bytes(ascii("<html>")),
      bytes(START, [0xff, 0xe1, 0xff, 0xff]),
      bytes(),
    ])
      expect(withoutMetadata(photo, "image/jpeg")).toBe(photo);
  });
});

describe("a picture in PNG", () => {
  const chunk = (name: string, content: readonly number[] | Uint8Array) => {
    const { length } = content;
    return [0, 0, length >> 8, length & 0xff, ...ascii(name), ...content, 0, 0, 0, 0];
  };
  const head = [0x89, ...ascii("PNG"), 13, 10, 26, 10];

  it("loses its texts, its Exif, and what was appended", () => {
    const pixels = chunk("IDAT", deflateSync(Buffer.from([0, 0])));
    const said = [chunk("eXIf", ascii("52.5 N")), chunk("iTXt", ascii("Ann")), chunk("tIME", [1])];
    const picture = bytes(head, chunk("IHDR", [1]), ...said, pixels, chunk("IEND", []), ascii("52.5 N"));
    expect(withoutMetadata(picture, "image/png")).toEqual(bytes(head, chunk("IHDR", [1]), pixels, chunk("IEND", [])));
  });

  it("that is cut off stays the same", () => {
    const picture = bytes(head, [0, 0, 9, 9, ...ascii("IDAT")]);
    expect(withoutMetadata(picture, "image/png")).toBe(picture);
  });
});

describe("a picture in WebP", () => {
  const chunk = (name: string, content: readonly number[]) => {
    const { length } = content;
    return [...ascii(name), length, 0, 0, 0, ...content, ...(length % 2 === 1 ? [0] : [])];
  };
  const file = (...chunks: number[][]) => {
    const length = chunks.flat().length + 4;
    return bytes(ascii("RIFF"), [length, 0, 0, 0], ascii("WEBP"), ...chunks);
  };

  it("loses its Exif and XMP, and no longer says that it has them", () => {
    const pixels = chunk("VP8 ", [1, 2, 3]);
    const picture = file(chunk("VP8X", [0x1c, 0, 0, 0]), pixels, chunk("EXIF", ascii("52.5 N")), chunk("XMP ", [1]));
    expect(withoutMetadata(bytes(picture, ascii("52.5 N")), "image/webp")).toEqual(
      file(chunk("VP8X", [0x10, 0, 0, 0]), pixels),
    );
  });
});
