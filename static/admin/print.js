/** The button that prints: a page without it prints by the browser's own menu. */

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
