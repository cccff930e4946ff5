import { expect, it } from "vitest";
import { avatar } from "../../../lib/client/widget/avatar.js";

const initialsOf = (subject: Parameters<typeof avatar>[0]) => avatar(subject).values.at(2);

it.each([
  [
    "a guest, without the mark",
    { id: "guest,1", name: "Marina (guest)", actor: { id: "guest,1", displayName: "Marina" } },
    "M",
  ],
  ["a user, first and last", { id: "ann", name: "Ann", actor: { id: "ann", displayName: "Ann de Lisle" } }, "AL"],
  ["somebody without a description", { id: "user,17", name: "user,17" }, "U"],
  ["a room, by its title", { id: "r1", name: "Marina’s room", room: true }, "MR"],
])("the initials are those of %s", (_, subject, initials) => {
  expect(initialsOf(subject)).toBe(initials);
});
