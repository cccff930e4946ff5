/** What files of a type begin with, and what their names may end in. */
type Kind = { begins(head: Uint8Array): boolean; endings: readonly string[] };

/** Whether a browser shows a type in place: pictures, sound and films, none of which can hold a script. SVG is not among them. */
export function isShownInPlace(type: string): boolean {
  return /^(image|audio|video)\//.test(type) && KINDS.has(type);
}

/** Whether content begins as its type says. A type that has no signature here is believed: files of it are only saved. */
export function beginsAs(type: string, head: Uint8Array): boolean {
  return KINDS.get(type)?.begins(head) ?? true;
}

/** Whether a name may belong to a type: it has no ending, or one of those of the type, if that is known. */
export function isNameOf(type: string, name: string): boolean {
  const ending = /\.([^.]*)$/.exec(name.toLowerCase())?.[1];
  const kind = KINDS.get(type);
  return ending === undefined || kind === undefined || kind.endings.includes(ending);
}

/** Whether a media type is in a list of types and of ranges such as `image/*`. */
export function isAmong(type: string, ranges: readonly string[]): boolean {
  return ranges.some((range) => range === "*/*" || range === type || type.startsWith(range.replace(/\*$/, "")));
}

/** Whether bytes are those of a text from some place on, `?` standing for any. */
function has(text: string, at = 0): Kind["begins"] {
  return (head) => [...text].every((letter, i) => letter === "?" || head[at + i] === letter.charCodeAt(0));
}

const either =
  (...all: Kind["begins"][]): Kind["begins"] =>
  (head) =>
    all.some((begins) => begins(head));

// ISO 14496-12: a box "ftyp" with the brand comes first, whatever the size of the box.
const ISO = has("ftyp", 4);
const ZIP = either(has("PK\x03\x04"), has("PK\x05\x06"));
// A frame of MPEG audio begins with eleven bits that are set.
const MPEG: Kind["begins"] = (head) => head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0;
const MATROSKA = has("\x1a\x45\xdf\xa3");
const OLE = has("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");

function kind(begins: Kind["begins"], ...endings: string[]): Kind {
  return { begins, endings };
}

// The signatures that each type's specification names.
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["image/png", kind(has("\x89PNG\r\n\x1a\n"), "png")],
  ["image/jpeg", kind(has("\xff\xd8\xff"), "jpg", "jpeg", "jfif")],
  ["image/gif", kind(either(has("GIF87a"), has("GIF89a")), "gif")],
  ["image/webp", kind(has("RIFF????WEBP"), "webp")],
  ["image/avif", kind(has("ftypavi", 4), "avif")],
  ["audio/mpeg", kind(either(has("ID3"), MPEG), "mp3")],
  ["audio/aac", kind(MPEG, "aac")],
  ["audio/mp4", kind(ISO, "m4a", "mp4")],
  ["audio/x-m4a", kind(ISO, "m4a")],
  ["audio/ogg", kind(has("OggS"), "ogg", "oga", "opus")],
  ["audio/wav", kind(has("RIFF????WAVE"), "wav")],
  ["audio/x-wav", kind(has("RIFF????WAVE"), "wav")],
  ["audio/flac", kind(has("fLaC"), "flac")],
  ["audio/webm", kind(MATROSKA, "webm", "weba")],
  ["video/mp4", kind(ISO, "mp4", "m4v")],
  ["video/quicktime", kind(either(ISO, has("moov", 4), has("wide", 4), has("mdat", 4)), "mov", "qt")],
  ["video/webm", kind(MATROSKA, "webm")],
  ["video/ogg", kind(has("OggS"), "ogv", "ogg")],
  ["application/pdf", kind(has("%PDF-"), "pdf")],
  ["application/zip", kind(ZIP, "zip")],
  ["application/msword", kind(OLE, "doc", "dot")],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", kind(ZIP, "docx")],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", kind(ZIP, "xlsx")],
  ["application/vnd.openxmlformats-officedocument.presentationml.presentation", kind(ZIP, "pptx")],
]);
