import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "fr";

/** All texts of the widget, in French. */
export const strings: Strings = {
  chat: "Chat",
  openChat: "Ouvrir le chat",
  closeChat: "Fermer le chat",
  chats: "Discussions",
  conversations: "Conversations",
  search: "Rechercher",
  messagesFound: "Messages",
  nothingFound: "Rien trouvé dans ce qui est chargé.",
  searching: "Recherche…",
  olderConversations: "Chargement des conversations plus anciennes…",
  noConversations: "Aucune conversation pour l’instant.",
  start: "Nouvelle conversation",
  pick: "Choisissez une conversation ou commencez-en une nouvelle.",
  back: "Retour aux conversations",
  details: "Détails",
  close: "Fermer",
  cancel: "Annuler",
  save: "Enregistrer",
  untitled: "Vous seul",
  you: "Vous",
  guest: (name) => `${name} (invité)`,
  unread: (count) => counted(LANGUAGE, count, { one: "# message non lu", other: "# messages non lus" }),
  // Presence
  presence: "Votre statut",
  available: "Disponible",
  away: "Absent",
  dnd: "Ne pas déranger",
  invisible: "Apparaître hors ligne",
  unavailable: "Hors ligne",
  members: (count, available) =>
    count === 1
      ? "Vous seul pour l’instant"
      : counted(LANGUAGE, count, { other: "# membres" }) +
        `, ${new Intl.NumberFormat(LANGUAGE).format(available)} en ligne`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} écrit…`
      : names.length === 2
        ? `${names[0]} et ${names[1]} écrivent…`
        : "Plusieurs personnes écrivent…",
  // Messages
  messages: "Messages",
  older: "Chargement des messages plus anciens…",
  beginning: "La conversation commence ici.",
  newMessages: "Nouveaux messages",
  toNewest: "Aller au dernier message",
  retracted: "Ce message a été supprimé.",
  blockedMessage: "Un message d’une personne que vous bloquez.",
  edited: "modifié",
  pending: "En attente d’envoi",
  sent: "Envoyé",
  delivered: "Distribué",
  read: "Lu",
  readBy: (names) => `Lu par ${listed(LANGUAGE, names)}`,
  refused: "Non envoyé",
  discard: "Abandonner",
  earlier: "Un message antérieur",
  attachment: "Pièce jointe",
  react: "Réagir",
  reactWith: (emoji) => `Réagir avec ${emoji}`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "Répondre",
  edit: "Modifier",
  retract: "Supprimer",
  actions: "Actions du message",
  copy: "Copier",
  more: "Tout afficher",
  less: "Afficher moins",
  withdraw: "Ne pas envoyer",
  // Reports
  report: "Signaler",
  reporting: {
    ask: "Signaler ce message ?",
    reasons: {
      spam: "Spam ou publicité",
      abuse: "Insultes ou harcèlement",
      danger: "Violence, menaces ou automutilation",
      other: "Autre chose",
    },
    text: "Que doivent savoir les modérateurs ? (facultatif)",
    what: "Les modérateurs voient le message et votre nom. Son auteur n’en est pas informé.",
    reported: "Merci. Les modérateurs vont examiner le message et décider de la suite.",
  },
  // Composer
  write: "Écrire un message",
  writeTo: (title) => `Message à ${title}`,
  send: "Envoyer",
  replyingTo: (name) => `Réponse à ${name}`,
  editing: "Modification de votre message",
  everybody: "toutes les personnes ici",
  noPreview: "Envoyer sans aperçu",
  noVoice: "Vous pouvez lire ici, mais pas écrire.",
  // New conversations
  people: "Personnes",
  searchPeople: "Rechercher des personnes",
  nobodyFound: "Personne n’a été trouvé.",
  nobody: "Vous n’avez pas encore de contacts. Créez un salon et invitez quelqu’un par un lien.",
  roomName: "Nom du salon",
  optional: "facultatif à deux",
  begin: "Commencer",
  code: "Code d’invitation",
  join: "Rejoindre",
  joinAsk: "Rejoindre cette conversation ?",
  joinRoom: (title) => `Rejoindre « ${title} » ?`,
  invitedBy: (name, members) =>
    `Invitation de ${name}. ${counted(LANGUAGE, members, { one: "# personne s’y trouve.", other: "# personnes s’y trouvent." })}`,
  joinWarning:
    "Un lien vous a amené ici. Ne rejoignez que si vous en connaissez l’expéditeur : toutes les personnes présentes voient votre nom et ce que vous écrivez.",
  // Details
  rename: "Renommer",
  invite: "Inviter par un lien",
  copied: "Copié. Envoyez le lien aux personnes que vous souhaitez voir ici.",
  mute: "Mettre en sourdine",
  unmute: "Réactiver les alertes",
  block: "Bloquer",
  unblock: "Débloquer",
  leave: "Quitter",
  sure: (action) => `${action} : êtes-vous sûr ?`,
  blocked: "Bloqué par vous",
  roles: { owner: "Propriétaire", member: "", visitor: "Visiteur" },
  // Notifications
  notify: "Activer les notifications",
  notifying: "Désactiver les notifications",
  // Connection
  connecting: "Connexion…",
  yourName: "Votre nom",
  offline: "Pas de connexion. Ce que vous écrivez sera envoyé à son retour.",
  failed: "Impossible de se connecter au chat.",
  failures: {
    unreachable: "Le chat est injoignable.",
    unauthenticated: "Vous n’êtes pas connecté.",
    token_unknown: "Votre accès au chat a expiré.",
    origin_not_allowed: "Cette page n’a pas le droit d’utiliser le chat.",
    banned: "Vous n’avez pas le droit d’utiliser ce chat.",
    rate_limited: "Trop de requêtes. Le chat revient dans un instant.",
    unavailable: "Le chat est en panne. Il revient dans un instant.",
  },
  problems: {
    rate_limited: "C’était trop rapide. Réessayez dans un instant.",
    slow_mode: "Ce salon est ralenti : patientez un peu entre deux messages.",
    banned: "Vous n’avez pas le droit d’utiliser ce chat.",
    message_not_found: "Ce message n’existe plus.",
    thread_not_found: "Cette conversation n’existe plus.",
    forbidden: "Vous n’avez pas le droit de faire cela ici.",
    cannot_send: "Vous n’avez pas le droit d’écrire ici.",
    too_large: "C’est trop long.",
    unreachable: "Le chat est injoignable. Réessayez.",
    not_a_contact: "Vous n’avez pas le droit d’écrire à cette personne.",
    not_found: "Cette invitation n’est plus valable.",
    other: "Cela n’a pas fonctionné.",
  },
};
