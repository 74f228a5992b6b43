/** The panel's own question before something is lost; the browser's would not say it so well. */

export class Question {
  /** @param {HTMLDialogElement} dialog @param {() => void} onYes */
  constructor(dialog, onYes) {
    this.dialog = dialog;
    const [no, yes] = dialog.querySelectorAll("button");
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      onYes();
    });
  }

  ask() { this.dialog.showModal(); }
}
