/** The texts about files, in English; loaded with what needs them. */
export const FILES = {
  attach: "Attach files",
  photo: "Take a photo",
  attached: "Files of your message",
  drop: "Drop files here to attach them",
  remove: (name: string) => `Remove ${name}`,
  describe: (name: string) => `Describe ${name}`,
  description: "What does it show?",
  enlarge: (name: string) => `Enlarge ${name}`,
  previous: "Previous",
  next: "Next",
  download: (name: string) => `Download ${name}`,
  uploading: (name: string) => `Uploading ${name}`,
  cancel: "Cancel",
  again: "Try again",
  gone: "This file is not there any more.",
  tooLarge: (name: string, max: string) => `${name} is larger than ${max}.`,
  wrongType: (name: string) => `Files like ${name} cannot be sent here.`,
  empty: (name: string) => `${name} is empty, or cannot be read.`,
  tooMany: (max: number) => `A message has at most ${max} files.`,
  /** Why a message is not sent, or waits, by code. */
  problems: {
    too_large: "A file is too large.",
    invalid: "A file cannot be sent here, or is not what its name says.",
    unreadable: "A file was changed or removed after you chose it. Choose it again.",
    not_found: "No files can be sent here.",
    rate_limited: "You have sent many files. The upload goes on by itself later.",
    unreachable: "The upload is interrupted. It goes on by itself.",
  } as Readonly<Record<string, string>>,
};

export type FileStrings = typeof FILES;
