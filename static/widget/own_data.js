/** Over HTTP, what a customer may do with a conversation: take a copy, erase it. */

/**
 * @param {string} method
 * @param {string} address
 * @param {{token: string, session: ?string}} proof  in headers: addresses end up in logs
 * @param {string} excuse  what to say where there is no network
 * @returns {Promise<{answer?: Response, error?: {code: string, text: string}}>}
 */
export async function ask(method, address, proof, excuse, fetch = globalThis.fetch) {
  try {
    const headers = { Authorization: `Bearer ${proof.token}` };
    if (proof.session) headers["X-Chatsite-Session"] = proof.session;
    const answer = await fetch(address, { method, headers, cache: "no-store" });
    return answer.ok ? { answer } : { error: (await answer.json()).error };
  } catch {
    return { error: { code: "away", text: excuse } };
  }
}

/** Returns the name that the site gives a file. */
export const fileName = (answer) =>
  /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "chat.html";
