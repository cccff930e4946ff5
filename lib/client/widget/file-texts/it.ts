import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Italian. */
export const files: FileStrings = {
  attach: "Allega file",
  photo: "Scatta una foto",
  attached: "File del messaggio",
  drop: "Trascina qui i file da allegare",
  remove: (name) => `Rimuovi ${name}`,
  describe: (name) => `Descrivi ${name}`,
  description: "Che cosa si vede?",
  enlarge: (name) => `Ingrandisci ${name}`,
  previous: "Precedente",
  next: "Successivo",
  download: (name) => `Scarica ${name}`,
  uploading: (name) => `Caricamento di ${name}`,
  cancel: "Annulla",
  again: "Riprova",
  gone: "Questo file non esiste più.",
  tooLarge: (name, max) => `${name} supera ${max}.`,
  wrongType: (name) => `Qui non si possono inviare file come ${name}.`,
  empty: (name) => `${name} è vuoto o illeggibile.`,
  tooMany: (max) => `Un messaggio ha al massimo ${max} file.`,
  problems: {
    too_large: "Un file è troppo grande.",
    invalid: "Un file non si può inviare qui, o non è ciò che dice il suo nome.",
    unreadable: "Un file è stato modificato o rimosso dopo la scelta. Sceglilo di nuovo.",
    not_found: "Qui non si possono inviare file.",
    rate_limited: "Hai inviato molti file. Il caricamento riprenderà da solo più tardi.",
    unreachable: "Il caricamento è interrotto. Riprenderà da solo.",
  },
};
