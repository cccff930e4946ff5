import * as v from "valibot";

const RGI = /^\p{RGI_Emoji}$/v;

/** One emoji recommended for general interchange (UTS #51), flags, skin tones and families included. */
export const Emoji = v.pipe(v.string("must be a string"), v.regex(RGI, "must be one emoji"));
