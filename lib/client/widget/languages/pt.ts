import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "pt";

/** All texts of the widget, in Portuguese. */
export const strings: Strings = {
  chat: "Chat",
  openChat: "Abrir o chat",
  closeChat: "Fechar o chat",
  chats: "Chats",
  conversations: "Conversas",
  search: "Pesquisar",
  messagesFound: "Mensagens",
  nothingFound: "Nada encontrado no que está carregado.",
  searching: "Pesquisando…",
  olderConversations: "Carregando conversas anteriores…",
  noConversations: "Ainda não há conversas.",
  start: "Nova conversa",
  pick: "Escolha uma conversa ou comece uma nova.",
  back: "Voltar às conversas",
  details: "Detalhes",
  close: "Fechar",
  cancel: "Cancelar",
  save: "Salvar",
  untitled: "Só você",
  you: "Você",
  guest: (name) => `${name} (convidado)`,
  unread: (count) => counted(LANGUAGE, count, { one: "# mensagem não lida", other: "# mensagens não lidas" }),
  // Presence
  presence: "Seu status",
  available: "Disponível",
  away: "Ausente",
  dnd: "Não incomodar",
  invisible: "Aparecer off-line",
  unavailable: "Off-line",
  members: (count, available) =>
    count === 1
      ? "Só você por enquanto"
      : counted(LANGUAGE, count, { other: "# membros" }) +
        `, ${new Intl.NumberFormat(LANGUAGE).format(available)} on-line`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} está digitando…`
      : names.length === 2
        ? `${names[0]} e ${names[1]} estão digitando…`
        : "Várias pessoas estão digitando…",
  // Messages
  messages: "Mensagens",
  older: "Carregando mensagens anteriores…",
  beginning: "A conversa começa aqui.",
  newMessages: "Novas mensagens",
  toNewest: "Ir para a mensagem mais recente",
  retracted: "Esta mensagem foi apagada.",
  blockedMessage: "Uma mensagem de alguém que você bloqueou.",
  edited: "editada",
  pending: "Aguardando envio",
  sent: "Enviada",
  delivered: "Entregue",
  read: "Lida",
  readBy: (names) => `Lida por ${listed(LANGUAGE, names)}`,
  refused: "Não enviada",
  discard: "Descartar",
  earlier: "Uma mensagem anterior",
  attachment: "Anexo",
  react: "Reagir",
  reactWith: (emoji) => `Reagir com ${emoji}`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "Responder",
  edit: "Editar",
  retract: "Apagar",
  actions: "Ações da mensagem",
  copy: "Copiar",
  more: "Mostrar tudo",
  less: "Mostrar menos",
  withdraw: "Não enviar",
  // Reports
  report: "Denunciar",
  reporting: {
    ask: "Denunciar esta mensagem?",
    reasons: {
      spam: "Spam ou publicidade",
      abuse: "Insultos ou assédio",
      danger: "Violência, ameaças ou automutilação",
      other: "Outra coisa",
    },
    text: "O que os moderadores devem saber? (opcional)",
    what: "Os moderadores veem a mensagem e o seu nome. O autor não fica sabendo.",
    reported: "Obrigado. Os moderadores vão analisar a mensagem e decidir o que fazer com ela.",
  },
  // Composer
  write: "Escreva uma mensagem",
  writeTo: (title) => `Mensagem para ${title}`,
  send: "Enviar",
  replyingTo: (name) => `Respondendo a ${name}`,
  editing: "Editando sua mensagem",
  everybody: "todos aqui",
  noPreview: "Enviar sem prévia",
  noVoice: "Aqui você pode ler, mas não escrever.",
  // New conversations
  people: "Pessoas",
  searchPeople: "Pesquisar pessoas",
  nobodyFound: "Ninguém encontrado.",
  nobody: "Você ainda não tem contatos. Crie uma sala e convide alguém com um link.",
  roomName: "Nome da sala",
  optional: "opcional a dois",
  begin: "Começar",
  code: "Código do convite",
  join: "Entrar",
  joinAsk: "Entrar nesta conversa?",
  joinRoom: (title) => `Entrar em “${title}”?`,
  invitedBy: (name, members) =>
    `Convite de ${name}. ${counted(LANGUAGE, members, { one: "# pessoa está lá.", other: "# pessoas estão lá." })}`,
  joinWarning:
    "Um link trouxe você até aqui. Entre apenas se souber quem o enviou: todos os que estão lá veem seu nome e o que você escreve.",
  // Details
  rename: "Renomear",
  invite: "Convidar com um link",
  copied: "Copiado. Envie o link a quem você quer ver aqui.",
  mute: "Silenciar",
  unmute: "Reativar o som",
  block: "Bloquear",
  unblock: "Desbloquear",
  leave: "Sair",
  sure: (action) => `${action}: tem certeza?`,
  blocked: "Você bloqueou",
  roles: { owner: "Proprietário", member: "", visitor: "Visitante" },
  // Notifications
  notify: "Ativar notificações",
  notifying: "Desativar notificações",
  // Connection
  connecting: "Conectando…",
  yourName: "Seu nome",
  offline: "Sem conexão. O que você escrever será enviado quando ela voltar.",
  failed: "Não é possível conectar ao chat.",
  failures: {
    unreachable: "Não é possível acessar o chat.",
    unauthenticated: "Você não está conectado à sua conta.",
    token_unknown: "Seu acesso ao chat expirou.",
    origin_not_allowed: "Esta página não pode usar o chat.",
    banned: "Você não pode usar este chat.",
    rate_limited: "Solicitações demais. O chat volta em instantes.",
    unavailable: "O chat está com problemas. Volta em instantes.",
  },
  problems: {
    rate_limited: "Rápido demais. Tente novamente em instantes.",
    slow_mode: "Esta sala está em modo lento: espere um pouco entre as mensagens.",
    banned: "Você não pode usar este chat.",
    message_not_found: "Esta mensagem não existe mais.",
    thread_not_found: "Esta conversa não existe mais.",
    forbidden: "Você não pode fazer isso aqui.",
    cannot_send: "Você não pode escrever aqui.",
    too_large: "Isto é longo demais.",
    unreachable: "Não é possível acessar o chat. Tente novamente.",
    not_a_contact: "Você não pode escrever para esta pessoa.",
    not_found: "Este convite não é mais válido.",
    other: "Não funcionou.",
  },
};
