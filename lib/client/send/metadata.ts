/**
 * Cuts out of a picture what it says of place, time, camera and author: Exif, XMP, IPTC and comments. The picture itself is not encoded anew. Of
 * a photo the orientation is kept, which says how to turn it. Returns the same bytes if there is nothing to cut, or they are not what `type`
 * says.
 */
export function withoutMetadata(bytes: Uint8Array<ArrayBuffer>, type: string): Uint8Array<ArrayBuffer> {
  const kept = type === "image/jpeg" ? ofJpeg(bytes) : type === "image/png" ? ofPng(bytes) : ofWebp(bytes);
  if (kept === undefined) return bytes;
  const size = kept.reduce((sum, part) => sum + part.length, 0);
  if (size === bytes.length) return bytes;
  const result = new Uint8Array(size);
  let at = 0;
  for (const part of kept) {
    result.set(part, at);
    at += part.length;
  }
  if (type === "image/webp") new DataView(result.buffer).setUint32(4, size - 8, true);
  return result;
}

// ITU-T T.81, annex B: segments of a marker and a length. After that of a scan come its data, in which a marker other than these begins the next
// segment: 0 belongs to the data, and D0 to D7 restart the decoder.
const SCAN = 0xda;
const END = 0xd9;
const isData = (code: number) => code === 0 || (code >= 0xd0 && code <= 0xd7);
// APP1 has Exif and XMP, APP13 IPTC, COM a comment.
const SAYS: ReadonlySet<number> = new Set([0xe1, 0xed, 0xfe]);

/** Keeps a photo up to its end: phones append a film or a second picture, with metadata of their own. */
function ofJpeg(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  const kept: Uint8Array[] = [];
  let [orientation, scanned, at] = [1, false, 2];
  while (at + 4 <= bytes.length && view.getUint16(at) > 0xff00) {
    const code = view.getUint8(at + 1);
    if (code === END) break;
    const end = at + 2 + view.getUint16(at + 2);
    // Any number of FF may come before a marker.
    if (code === 0xff) at++;
    else if (end > bytes.length) break;
    else {
      const next = code === SCAN ? endOfScan(bytes, end) : end;
      const segment = bytes.subarray(at, next);
      if (!SAYS.has(code)) kept.push(segment);
      else orientation = orientationIn(segment) ?? orientation;
      scanned ||= code === SCAN;
      at = next;
    }
  }
  if (!scanned) return undefined;
  return [
    bytes.subarray(0, 2),
    ...(orientation === 1 ? [] : [turned(orientation)]),
    ...kept,
    new Uint8Array([0xff, END]),
  ];
}

function endOfScan(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1 && (isData(bytes[at + 1] ?? 0) || bytes[at + 1] === 0xff)) at = bytes.indexOf(0xff, at + 1);
  return at === -1 ? bytes.length : at;
}

// Exif 2.3: TIFF after ten bytes, whose first directory may have the tag 0x0112.
const TIFF = 10;
const ORIENTATION = 0x0112;

function orientationIn(segment: Uint8Array): number | undefined {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  try {
    if (view.getUint32(4) !== 0x45786966) return undefined;
    const little = view.getUint16(TIFF) === 0x4949;
    const directory = TIFF + view.getUint32(TIFF + 4, little);
    for (let i = 0; i < view.getUint16(directory, little); i++) {
      const entry = directory + 2 + 12 * i;
      if (view.getUint16(entry, little) === ORIENTATION) return view.getUint16(entry + 8, little);
    }
  } catch {
    // It ends too early.
  }
  return undefined;
}

// A segment, "Exif", a header of big endian, and a directory of one entry, whose value is left out here.
const TURNED = "ffe10022 457869660000 4d4d002a00000008 0001 0112000300000001 0000 0000 00000000".replaceAll(" ", "");
const TURNED_VALUE = 29;

/** Writes an Exif segment that says the orientation, and nothing else. */
function turned(orientation: number): Uint8Array {
  const segment = Uint8Array.from(TURNED.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  segment[TURNED_VALUE] = orientation;
  return segment;
}

// RFC 2083 and its extensions: chunks of a length, a name, content and a checksum.
const PNG_SAYS: ReadonlySet<string> = new Set(["eXIf", "tEXt", "zTXt", "iTXt", "tIME"]);

function ofPng(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== 0x89504e47) return undefined;
  const kept = [bytes.subarray(0, 8)];
  for (let at = 8; at < bytes.length; ) {
    if (at + 12 > bytes.length) return undefined;
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    const name = nameAt(bytes, at + 4);
    if (!PNG_SAYS.has(name)) kept.push(bytes.subarray(at, end));
    // What comes after the end is no part of the picture.
    if (name === "IEND") return kept;
    at = end;
  }
  return undefined;
}

// RFC 9649: chunks of a name, a length and content, filled up to an even length.
const EXTENDED_FLAGS = 8;
const EXIF_AND_XMP = 0x0c;

function ofWebp(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || nameAt(bytes, 0) !== "RIFF" || nameAt(bytes, 8) !== "WEBP") return undefined;
  const kept = [bytes.slice(0, 12)];
  const length = Math.min(bytes.length, 8 + view.getUint32(4, true));
  for (let at = 12; at < length; ) {
    if (at + 8 > length) return undefined;
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size + (size % 2);
    if (end > length) return undefined;
    const chunk = bytes.slice(at, end);
    const name = nameAt(bytes, at);
    if (name === "VP8X") chunk[EXTENDED_FLAGS] = (chunk[EXTENDED_FLAGS] ?? 0) & ~EXIF_AND_XMP;
    if (name !== "EXIF" && name !== "XMP ") kept.push(chunk);
    at = end;
  }
  return kept;
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
