import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Spanish. */
export const files: FileStrings = {
  attach: "Adjuntar archivos",
  photo: "Hacer una foto",
  attached: "Archivos de su mensaje",
  drop: "Suelte aquí los archivos para adjuntarlos",
  remove: (name) => `Quitar ${name}`,
  describe: (name) => `Describir ${name}`,
  description: "¿Qué se ve?",
  enlarge: (name) => `Ampliar ${name}`,
  previous: "Anterior",
  next: "Siguiente",
  download: (name) => `Descargar ${name}`,
  uploading: (name) => `Subiendo ${name}`,
  cancel: "Cancelar",
  again: "Reintentar",
  gone: "Este archivo ya no existe.",
  tooLarge: (name, max) => `${name} supera los ${max}.`,
  wrongType: (name) => `Aquí no se pueden enviar archivos como ${name}.`,
  empty: (name) => `${name} está vacío o no se puede leer.`,
  tooMany: (max) => `Un mensaje tiene como máximo ${max} archivos.`,
  problems: {
    too_large: "Un archivo es demasiado grande.",
    invalid: "Un archivo no se puede enviar aquí, o no es lo que dice su nombre.",
    unreadable: "Un archivo se modificó o se quitó después de elegirlo. Elíjalo de nuevo.",
    not_found: "Aquí no se pueden enviar archivos.",
    rate_limited: "Ha enviado muchos archivos. La subida continuará sola más tarde.",
    unreachable: "La subida se ha interrumpido. Continuará sola.",
  },
};
