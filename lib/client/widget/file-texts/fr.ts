import type { FileStrings } from "../file-strings.js";

/** The texts about files, in French. */
export const files: FileStrings = {
  attach: "Joindre des fichiers",
  photo: "Prendre une photo",
  attached: "Fichiers de votre message",
  drop: "Déposez ici les fichiers à joindre",
  remove: (name) => `Retirer ${name}`,
  describe: (name) => `Décrire ${name}`,
  description: "Que voit-on ?",
  enlarge: (name) => `Agrandir ${name}`,
  previous: "Précédent",
  next: "Suivant",
  download: (name) => `Télécharger ${name}`,
  uploading: (name) => `Envoi de ${name}`,
  cancel: "Annuler",
  again: "Réessayer",
  gone: "Ce fichier n’existe plus.",
  tooLarge: (name, max) => `${name} dépasse ${max}.`,
  wrongType: (name) => `Les fichiers comme ${name} ne peuvent pas être envoyés ici.`,
  empty: (name) => `${name} est vide ou illisible.`,
  tooMany: (max) => `Un message a au plus ${max} fichiers.`,
  problems: {
    too_large: "Un fichier est trop volumineux.",
    invalid: "Un fichier ne peut pas être envoyé ici, ou n’est pas ce que dit son nom.",
    unreadable: "Un fichier a été modifié ou supprimé après avoir été choisi. Choisissez-le de nouveau.",
    not_found: "Aucun fichier ne peut être envoyé ici.",
    rate_limited: "Vous avez envoyé beaucoup de fichiers. L’envoi reprendra plus tard de lui-même.",
    unreachable: "L’envoi est interrompu. Il reprendra de lui-même.",
  },
};
