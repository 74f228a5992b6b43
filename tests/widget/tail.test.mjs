import assert from "node:assert/strict";
import { test } from "node:test";

import { tailText } from "../../static/widget/tail.js";

const cases = [
  ["plain words stay as they are", "Your order left.", "Your order left."],
  ["strong and emphasis lose their marks", "It is **free** and *quick*.", "It is free and quick."],
  ["a mark that is only opened is hidden too", "It is **fre", "It is fre"],
  ["a lone mark at the end is hidden", "It is **", "It is"],
  ["headings lose their signs", "## How to return", "How to return"],
  ["a heading that has just begun is nothing yet", "##", ""],
  ["bullets become dots", "- one\n- two", "• one\n• two"],
  ["numbers stay", "1. one\n2. two", "1. one\n2. two"],
  ["a link shows its text alone", "see [our page](https://shop.example/x)", "see our page"],
  ["half a link shows its text alone", "see [our page](https://sh", "see our page"],
  ["the beginning of a link shows its text alone", "see [our pa", "see our pa"],
  ["code loses its ticks", "Use `PINE-30` now", "Use PINE-30 now"],
  ["a fence is not shown, what is in it is", "```js\nlet a;", "let a;"],
  ["quotes lose their sign", "> so they said", "so they said"],
  ["arithmetic is not emphasis", "5 * 3 * 2 is 30", "5 * 3 * 2 is 30"],
  ["names with underscores stay whole", "the file my_old_name", "the file my_old_name"],
  ["an escaped sign is shown", "5 \\* 3", "5 * 3"],
  ["the line under a table's head is not shown", "| a | b |\n|---|---|", "| a | b |"],
  ["markup is text: nothing here makes HTML", "<b>bold</b>", "<b>bold</b>"],
];

for (const [name, raw, shown] of cases) test(name, () => assert.equal(tailText(raw), shown));

test("a long tail of marks is shown in no time", () => {
  const started = performance.now();
  for (const piece of ["*", "[", "`", "_", "[](", "- ", "\\", "|-"]) tailText(piece.repeat(4000));
  assert.ok(performance.now() - started < 2000);
});
