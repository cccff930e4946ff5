import { crc32, deflateSync } from "node:zlib";
import type { Outsider } from "../support/outsider.js";
import { part } from "../support/outsider.js";
import type { Site } from "../support/site.js";

/** A file as Playwright chooses it. */
export type SampleFile = { name: string; mimeType: string; buffer: Buffer };

/** Makes a grey picture of a size, as PNG (RFC 2083). */
export function png(name: string, width: number, height: number): SampleFile {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits of grey.
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 0x99);
  for (let y = 0; y < height; y++) rows[y * (width + 1)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return { name, mimeType: "image/png", buffer: Buffer.concat([signature, ...chunks]) };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const all = Buffer.alloc(body.length + 8);
  all.writeUInt32BE(data.length, 0);
  all.set(body, 4);
  all.writeUInt32BE(crc32(body), body.length + 4);
  return all;
}

/** Makes a second of silence, as WAV. */
export function wav(name: string): SampleFile {
  const rate = 8_000;
  const buffer = Buffer.alloc(44 + rate, 0x80);
  buffer.write("RIFF", 0);
  buffer.writeUInt32LE(36 + rate, 4);
  buffer.write("WAVEfmt ", 8);
  buffer.writeUInt32LE(16, 16);
  // PCM, mono, one byte for each sample.
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(rate, 24);
  buffer.writeUInt32LE(rate, 28);
  buffer.writeUInt16LE(1, 32);
  buffer.writeUInt16LE(8, 34);
  buffer.write("data", 36);
  buffer.writeUInt32LE(rate, 40);
  return { name, mimeType: "audio/wav", buffer };
}

/** Makes a text. */
export function txt(name: string, size = 2_000): SampleFile {
  return { name, mimeType: "text/plain", buffer: Buffer.alloc(size, "tea ") };
}

/** Uploads a file as somebody; returns the attachment to send it with. */
export async function uploaded(site: Site, by: Outsider, { name, mimeType, buffer }: SampleFile) {
  const reply = await by.call("POST", "files", { name, type: mimeType, size: buffer.length });
  const url = new URL(`${part(reply, "upload", "url")}`, `${site.url}/nereid-chat/`);
  const headers = { "content-type": mimeType };
  const { ok } = await fetch(url, { method: "PUT", headers, body: new Uint8Array(buffer) });
  if (!ok) throw new Error(`Cannot upload ${name}`);
  const file = `${part(reply, "file")}`;
  return { url: `${site.url}/nereid-chat/files/${file}`, file };
}
