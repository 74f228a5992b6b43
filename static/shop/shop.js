/** The shop's one script: its "Ask us" button opens the chat, as on any website. */
document.querySelector("[data-ask]")?.addEventListener("click", () => {
  (window.chatsite ??= []).push(["open"]);
});
