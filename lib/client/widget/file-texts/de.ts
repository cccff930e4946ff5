import type { FileStrings } from "../file-strings.js";

/** The texts about files, in German. */
export const files: FileStrings = {
  attach: "Dateien anhängen",
  photo: "Foto aufnehmen",
  attached: "Dateien Ihrer Nachricht",
  drop: "Dateien zum Anhängen hier ablegen",
  remove: (name) => `${name} entfernen`,
  describe: (name) => `${name} beschreiben`,
  description: "Was ist zu sehen?",
  enlarge: (name) => `${name} vergrößern`,
  previous: "Vorheriges",
  next: "Nächstes",
  download: (name) => `${name} herunterladen`,
  uploading: (name) => `${name} wird hochgeladen`,
  cancel: "Abbrechen",
  again: "Erneut versuchen",
  gone: "Diese Datei gibt es nicht mehr.",
  tooLarge: (name, max) => `${name} ist größer als ${max}.`,
  wrongType: (name) => `Dateien wie ${name} lassen sich hier nicht senden.`,
  empty: (name) => `${name} ist leer oder nicht lesbar.`,
  tooMany: (max) => `Eine Nachricht hat höchstens ${max} Dateien.`,
  problems: {
    too_large: "Eine Datei ist zu groß.",
    invalid: "Eine Datei lässt sich hier nicht senden oder ist nicht, was ihr Name sagt.",
    unreadable: "Eine Datei wurde nach der Auswahl geändert oder entfernt. Wählen Sie sie noch einmal.",
    not_found: "Hier lassen sich keine Dateien senden.",
    rate_limited: "Sie haben viele Dateien gesendet. Es geht später von selbst weiter.",
    unreachable: "Das Hochladen ist unterbrochen. Es geht von selbst weiter.",
  },
};
