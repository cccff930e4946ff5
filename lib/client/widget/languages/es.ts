import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "es";

/** All texts of the widget, in Spanish. */
export const strings: Strings = {
  chat: "Chat",
  openChat: "Abrir el chat",
  closeChat: "Cerrar el chat",
  chats: "Chats",
  conversations: "Conversaciones",
  search: "Buscar",
  messagesFound: "Mensajes",
  nothingFound: "No se encontró nada en lo que está cargado.",
  searching: "Buscando…",
  olderConversations: "Cargando conversaciones anteriores…",
  noConversations: "Todavía no hay conversaciones.",
  start: "Nueva conversación",
  pick: "Elija una conversación o inicie una nueva.",
  back: "Volver a las conversaciones",
  details: "Detalles",
  close: "Cerrar",
  cancel: "Cancelar",
  save: "Guardar",
  untitled: "Solo usted",
  you: "Usted",
  guest: (name) => `${name} (invitado)`,
  unread: (count) => counted(LANGUAGE, count, { one: "# mensaje sin leer", other: "# mensajes sin leer" }),
  // Presence
  presence: "Su estado",
  available: "Disponible",
  away: "Ausente",
  dnd: "No molestar",
  invisible: "Aparecer sin conexión",
  unavailable: "Sin conexión",
  members: (count, available) =>
    count === 1
      ? "Solo usted por ahora"
      : counted(LANGUAGE, count, { other: "# miembros" }) +
        `, ${new Intl.NumberFormat(LANGUAGE).format(available)} en línea`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} está escribiendo…`
      : names.length === 2
        ? `${names[0]} y ${names[1]} están escribiendo…`
        : "Varias personas están escribiendo…",
  // Messages
  messages: "Mensajes",
  older: "Cargando mensajes anteriores…",
  beginning: "Aquí empieza la conversación.",
  newMessages: "Mensajes nuevos",
  toNewest: "Ir al mensaje más reciente",
  retracted: "Este mensaje se eliminó.",
  blockedMessage: "Un mensaje de alguien a quien bloquea.",
  edited: "editado",
  pending: "Pendiente de envío",
  sent: "Enviado",
  delivered: "Entregado",
  read: "Leído",
  readBy: (names) => `Leído por ${listed(LANGUAGE, names)}`,
  refused: "No enviado",
  discard: "Descartar",
  earlier: "Un mensaje anterior",
  attachment: "Archivo adjunto",
  react: "Reaccionar",
  reactWith: (emoji) => `Reaccionar con ${emoji}`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "Responder",
  edit: "Editar",
  retract: "Eliminar",
  actions: "Acciones del mensaje",
  copy: "Copiar",
  more: "Mostrar todo",
  less: "Mostrar menos",
  withdraw: "No enviar",
  // Reports
  report: "Denunciar",
  reporting: {
    ask: "¿Denunciar este mensaje?",
    reasons: {
      spam: "Spam o publicidad",
      abuse: "Insultos o acoso",
      danger: "Violencia, amenazas o autolesiones",
      other: "Otra cosa",
    },
    text: "¿Qué deben saber los moderadores? (opcional)",
    what: "Los moderadores ven el mensaje y su nombre. El autor no se entera.",
    reported: "Gracias. Los moderadores revisarán el mensaje y decidirán qué hacer con él.",
  },
  // Composer
  write: "Escriba un mensaje",
  writeTo: (title) => `Mensaje para ${title}`,
  send: "Enviar",
  replyingTo: (name) => `Respuesta a ${name}`,
  editing: "Editando su mensaje",
  everybody: "todos los de aquí",
  noPreview: "Enviar sin vista previa",
  noVoice: "Aquí puede leer, pero no escribir.",
  // New conversations
  people: "Personas",
  searchPeople: "Buscar personas",
  nobodyFound: "No se encontró a nadie.",
  nobody: "Todavía no tiene contactos. Cree una sala e invite a alguien con un enlace.",
  roomName: "Nombre de la sala",
  optional: "opcional entre dos",
  begin: "Empezar",
  code: "Código de invitación",
  join: "Unirse",
  joinAsk: "¿Unirse a esta conversación?",
  joinRoom: (title) => `¿Unirse a «${title}»?`,
  invitedBy: (name, members) =>
    `Invitación de ${name}. ${counted(LANGUAGE, members, { one: "# persona está allí.", other: "# personas están allí." })}`,
  joinWarning:
    "Un enlace le ha traído aquí. Únase solo si conoce a quien lo envió: todos los que están allí ven su nombre y lo que escribe.",
  // Details
  rename: "Cambiar el nombre",
  invite: "Invitar con un enlace",
  copied: "Copiado. Envíe el enlace a quien quiera ver aquí.",
  mute: "Silenciar",
  unmute: "Dejar de silenciar",
  block: "Bloquear",
  unblock: "Desbloquear",
  leave: "Salir",
  sure: (action) => `${action}: ¿está seguro?`,
  blocked: "Bloqueado por usted",
  roles: { owner: "Propietario", member: "", visitor: "Visitante" },
  // Notifications
  notify: "Activar las notificaciones",
  notifying: "Desactivar las notificaciones",
  // Connection
  connecting: "Conectando…",
  yourName: "Su nombre",
  offline: "Sin conexión. Lo que escriba se enviará cuando vuelva.",
  failed: "No se puede conectar al chat.",
  failures: {
    unreachable: "No se puede acceder al chat.",
    unauthenticated: "No ha iniciado sesión.",
    token_unknown: "Su acceso al chat ha caducado.",
    origin_not_allowed: "Esta página no puede usar el chat.",
    banned: "No puede usar este chat.",
    rate_limited: "Demasiadas solicitudes. El chat vuelve en un momento.",
    unavailable: "El chat no funciona. Vuelve en un momento.",
  },
  problems: {
    rate_limited: "Demasiado rápido. Inténtelo de nuevo en un momento.",
    slow_mode: "Esta sala está en modo lento: espere un poco entre mensajes.",
    banned: "No puede usar este chat.",
    message_not_found: "Este mensaje ya no existe.",
    thread_not_found: "Esta conversación ya no existe.",
    forbidden: "Aquí no puede hacer eso.",
    cannot_send: "Aquí no puede escribir.",
    too_large: "Es demasiado largo.",
    unreachable: "No se puede acceder al chat. Inténtelo de nuevo.",
    not_a_contact: "No puede escribir a esta persona.",
    not_found: "Esta invitación ya no es válida.",
    other: "No ha funcionado.",
  },
};
