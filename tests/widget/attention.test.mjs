import assert from "node:assert/strict";
import { test } from "node:test";

import { Title } from "../../static/widget/attention.js";

class Page extends EventTarget {
  title = "Harbour & Pine";
  hidden = true;

  look() {
    this.hidden = false;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

test("answers that come while the page is hidden are counted until somebody looks", () => {
  const page = new Page();
  const title = new Title(page);
  title.add(1);
  title.add(2);
  assert.equal(page.title, "(3) Harbour & Pine");
  page.look();
  assert.equal(page.title, "Harbour & Pine");
});

test("what is seen at once is not counted", () => {
  const page = new Page();
  const title = new Title(page);
  page.look();
  title.add(1);
  assert.equal(page.title, "Harbour & Pine");
});
