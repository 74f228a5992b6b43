/** After a thumb down, the question why: one of a few reasons, a comment, both or neither. */

export class Why {
  /** @param {(said: {reason?: ?string, comment?: string}) => void} onSaid */
  constructor(onSaid) {
    this.form = document.getElementById("why").content.firstElementChild.cloneNode(true);
    this.reasons = [...this.form.querySelectorAll("[name=reason]")];
    for (const button of this.reasons) {
      button.addEventListener("click", () => {
        onSaid({ reason: button.ariaPressed === "true" ? null : button.value });
      });
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      onSaid({ comment: this.form.elements.comment.value.trim() });
    });
  }

  /** @param {import("./types.js").Message["rating"]} rating */
  update(rating) {
    for (const button of this.reasons) button.ariaPressed = String(button.value === rating?.reason);
  }
}
