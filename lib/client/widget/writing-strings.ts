/** The texts of the panel with emoji and formats, in English; loaded with it. */
export const WRITING = {
  formats: { bold: "Bold", italic: "Italic", struck: "Strikethrough", code: "Code" },
  skinTone: "Skin tone",
  emoji: "Emoji",
};

export type WritingStrings = typeof WRITING;
