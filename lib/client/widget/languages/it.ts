import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "it";

/** All texts of the widget, in Italian. */
export const strings: Strings = {
  chat: "Chat",
  openChat: "Apri la chat",
  closeChat: "Chiudi la chat",
  chats: "Chat",
  conversations: "Conversazioni",
  search: "Cerca",
  messagesFound: "Messaggi",
  nothingFound: "Nessun risultato in ciò che è stato caricato.",
  searching: "Ricerca in corso…",
  olderConversations: "Caricamento delle conversazioni precedenti…",
  noConversations: "Ancora nessuna conversazione.",
  start: "Nuova conversazione",
  pick: "Scegli una conversazione o iniziane una nuova.",
  back: "Torna alle conversazioni",
  details: "Dettagli",
  close: "Chiudi",
  cancel: "Annulla",
  save: "Salva",
  untitled: "Solo tu",
  you: "Tu",
  guest: (name) => `${name} (ospite)`,
  unread: (count) => counted(LANGUAGE, count, { one: "# messaggio non letto", other: "# messaggi non letti" }),
  // Presence
  presence: "Il tuo stato",
  available: "Disponibile",
  away: "Assente",
  dnd: "Non disturbare",
  invisible: "Mostrati offline",
  unavailable: "Non in linea",
  members: (count, available) =>
    count === 1
      ? "Per ora solo tu"
      : counted(LANGUAGE, count, { other: "# membri" }) +
        `, ${new Intl.NumberFormat(LANGUAGE).format(available)} in linea`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} sta scrivendo…`
      : names.length === 2
        ? `${names[0]} e ${names[1]} stanno scrivendo…`
        : "Più persone stanno scrivendo…",
  // Messages
  messages: "Messaggi",
  older: "Caricamento dei messaggi precedenti…",
  beginning: "La conversazione inizia qui.",
  newMessages: "Nuovi messaggi",
  toNewest: "Vai al messaggio più recente",
  retracted: "Questo messaggio è stato eliminato.",
  blockedMessage: "Un messaggio di una persona che hai bloccato.",
  edited: "modificato",
  pending: "In attesa di invio",
  sent: "Inviato",
  delivered: "Consegnato",
  read: "Letto",
  readBy: (names) => `Letto da ${listed(LANGUAGE, names)}`,
  refused: "Non inviato",
  discard: "Scarta",
  earlier: "Un messaggio precedente",
  attachment: "Allegato",
  react: "Reagisci",
  reactWith: (emoji) => `Reagisci con ${emoji}`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "Rispondi",
  edit: "Modifica",
  retract: "Elimina",
  actions: "Azioni sul messaggio",
  copy: "Copia",
  more: "Mostra tutto",
  less: "Mostra meno",
  withdraw: "Non inviare",
  // Reports
  report: "Segnala",
  reporting: {
    ask: "Segnalare questo messaggio?",
    reasons: {
      spam: "Spam o pubblicità",
      abuse: "Insulti o molestie",
      danger: "Violenza, minacce o autolesionismo",
      other: "Altro",
    },
    text: "Che cosa devono sapere i moderatori? (facoltativo)",
    what: "I moderatori vedono il messaggio e il tuo nome. L’autore non ne viene a conoscenza.",
    reported: "Grazie. I moderatori esamineranno il messaggio e decideranno che cosa farne.",
  },
  // Composer
  write: "Scrivi un messaggio",
  writeTo: (title) => `Messaggio a ${title}`,
  send: "Invia",
  replyingTo: (name) => `Risposta a ${name}`,
  editing: "Modifica del tuo messaggio",
  everybody: "tutti qui",
  noPreview: "Invia senza anteprima",
  noVoice: "Qui puoi leggere, ma non scrivere.",
  // New conversations
  people: "Persone",
  searchPeople: "Cerca persone",
  nobodyFound: "Nessuno trovato.",
  nobody: "Non hai ancora contatti. Crea una stanza e invita qualcuno con un link.",
  roomName: "Nome della stanza",
  optional: "facoltativo in due",
  begin: "Inizia",
  code: "Codice di invito",
  join: "Entra",
  joinAsk: "Entrare in questa conversazione?",
  joinRoom: (title) => `Entrare in «${title}»?`,
  invitedBy: (name, members) =>
    `Invito di ${name}. ${counted(LANGUAGE, members, { one: "C’è # persona.", other: "Ci sono # persone." })}`,
  joinWarning:
    "Un link ti ha portato qui. Entra solo se sai chi l’ha inviato: tutti i presenti vedono il tuo nome e ciò che scrivi.",
  // Details
  rename: "Rinomina",
  invite: "Invita con un link",
  copied: "Copiato. Invia il link a chi vuoi vedere qui.",
  mute: "Silenzia",
  unmute: "Riattiva l’audio",
  block: "Blocca",
  unblock: "Sblocca",
  leave: "Abbandona",
  sure: (action) => `${action}: sei sicuro?`,
  blocked: "Persona bloccata da te",
  roles: { owner: "Proprietario", member: "", visitor: "Visitatore" },
  // Notifications
  notify: "Attiva le notifiche",
  notifying: "Disattiva le notifiche",
  // Connection
  connecting: "Connessione in corso…",
  yourName: "Il tuo nome",
  offline: "Nessuna connessione. Ciò che scrivi sarà inviato quando torna.",
  failed: "Impossibile connettersi alla chat.",
  failures: {
    unreachable: "Impossibile raggiungere la chat.",
    unauthenticated: "Non hai effettuato l’accesso.",
    token_unknown: "Il tuo accesso alla chat è scaduto.",
    origin_not_allowed: "Questa pagina non può usare la chat.",
    banned: "Non puoi usare questa chat.",
    rate_limited: "Troppe richieste. La chat torna tra un momento.",
    unavailable: "La chat non funziona. Torna tra un momento.",
  },
  problems: {
    rate_limited: "Troppo veloce. Riprova tra un momento.",
    slow_mode: "Questa stanza è rallentata: attendi un po’ tra un messaggio e l’altro.",
    banned: "Non puoi usare questa chat.",
    message_not_found: "Questo messaggio non esiste più.",
    thread_not_found: "Questa conversazione non esiste più.",
    forbidden: "Qui non puoi farlo.",
    cannot_send: "Qui non puoi scrivere.",
    too_large: "È troppo lungo.",
    unreachable: "Impossibile raggiungere la chat. Riprova.",
    not_a_contact: "Non puoi scrivere a questa persona.",
    not_found: "Questo invito non è più valido.",
    other: "Non ha funzionato.",
  },
};
