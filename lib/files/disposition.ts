import { isShownInPlace } from "./media-type.js";
import type { StoredFile } from "./stored-file.js";

/**
 * Returns the headers with which a file is served. Only a picture, sound or film that is what its name says is shown in place; anything else
 * is bytes to be saved, which no browser runs, whatever they are.
 */
export function headersOf({ name, type }: Pick<StoredFile, "name" | "type">): { type: string; disposition: string } {
  const inPlace = isShownInPlace(type);
  return {
    type: inPlace ? type : "application/octet-stream",
    disposition: `${inPlace ? "inline" : "attachment"}; filename*=UTF-8''${encodeName(name)}`,
  };
}

/** Encodes a name as RFC 8187 has it. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/['()*!]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
}
