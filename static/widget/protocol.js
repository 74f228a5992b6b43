/** Frames in and out, as docs/protocol.md describes them. Pure. */

export const FRAME_MAX_BYTES = 65536;

/**
 * Returns a frame as text for the socket, or null when the site would refuse its size.
 * @param {object} frame
 * @returns {string|null}
 */
export function frameEncode(frame) {
  const text = JSON.stringify(frame);
  return new TextEncoder().encode(text).length > FRAME_MAX_BYTES ? null : text;
}

/**
 * Returns a frame from the socket, or null when it makes no sense.
 * @param {unknown} data
 */
export function frameDecode(data) {
  try {
    const frame = JSON.parse(String(data));
    return typeof frame?.type === "string" ? frame : null;
  } catch {
    return null;
  }
}

/**
 * Says what a closed socket means.
 *
 * retry: try again, waiting longer each time. soon: the site restarts. shrink: a frame was too
 * large, drop it. renew: forget the token. unverified: wait for the website's word. stale: only
 * a reload helps. gone: stop.
 * @param {number} code
 * @returns {"retry"|"soon"|"shrink"|"renew"|"unverified"|"stale"|"gone"}
 */
export function closeMeaning(code) {
  const meanings = {
    1009: "shrink", 1012: "soon", 4400: "stale", 4401: "renew", 4403: "unverified", 4404: "gone",
  };
  return meanings[code] ?? "retry";
}

/**
 * Returns the first frame: who speaks, what they have seen, and where they are.
 * @param {import("./types.js").State} state
 * @param {{token: string|null, session: string|null, identity: string|null, revoke: string[],
 *   locale: string, page: string, attributes: object}} visitor
 */
export function helloFrame(state, { token, session, identity, revoke, locale, page, attributes }) {
  const { conversation, isFresh, revision, live } = state;
  return {
    type: "hello",
    protocol: 1,
    token,
    session,
    identity,
    revoke,
    conversation: conversation ?? (isFresh && token ? "new" : "latest"),
    revision: conversation ? revision : 0,
    cursor: live && [live.position, live.attempt, live.offset],
    locale,
    page: page.slice(0, 500),
    attributes,
  };
}
