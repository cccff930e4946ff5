import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Portuguese. */
export const files: FileStrings = {
  attach: "Anexar arquivos",
  photo: "Tirar uma foto",
  attached: "Arquivos da sua mensagem",
  drop: "Solte aqui os arquivos para anexá-los",
  remove: (name) => `Remover ${name}`,
  describe: (name) => `Descrever ${name}`,
  description: "O que se vê?",
  enlarge: (name) => `Ampliar ${name}`,
  previous: "Anterior",
  next: "Seguinte",
  download: (name) => `Baixar ${name}`,
  uploading: (name) => `Enviando ${name}`,
  cancel: "Cancelar",
  again: "Tentar de novo",
  gone: "Este arquivo não existe mais.",
  tooLarge: (name, max) => `${name} passa de ${max}.`,
  wrongType: (name) => `Arquivos como ${name} não podem ser enviados aqui.`,
  empty: (name) => `${name} está vazio ou não pode ser lido.`,
  tooMany: (max) => `Uma mensagem tem no máximo ${max} arquivos.`,
  problems: {
    too_large: "Um arquivo é grande demais.",
    invalid: "Um arquivo não pode ser enviado aqui, ou não é o que o nome diz.",
    unreadable: "Um arquivo foi alterado ou removido depois de escolhido. Escolha-o de novo.",
    not_found: "Não é possível enviar arquivos aqui.",
    rate_limited: "Você enviou muitos arquivos. O envio continua sozinho mais tarde.",
    unreachable: "O envio foi interrompido. Ele continua sozinho.",
  },
};
