import { expect, test } from "vitest";
import { Chance } from "../faults/chance.js";
import { sample } from "./sample.js";

const ITEMS = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"];
const groupOf = (item: string) => item.charAt(0);

test("a sample has an item of each group before it has a second one of any", () => {
  const groups = sample(ITEMS, groupOf, 5, new Chance(1)).map(groupOf);
  expect(new Set(groups.slice(0, 3))).toEqual(new Set(["a", "b", "c"]));
  expect(new Set(groups.slice(3))).toEqual(new Set(["a", "b"]));
});

test("a sample is the same for the same seed, and another for another", () => {
  const drawn = (seed: number) => sample(ITEMS, groupOf, 3, new Chance(seed));
  expect(drawn(1)).toEqual(drawn(1));
  expect(new Set([1, 2, 3, 4, 5].map((seed) => drawn(seed).join())).size).toBeGreaterThan(1);
});

test("a sample that is as large as the whole is the whole", () => {
  expect(sample(ITEMS, groupOf, 7, new Chance(1)).toSorted()).toEqual(ITEMS);
});
