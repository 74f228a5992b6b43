/**
 * The shapes that travel through the panel. Only comments: no browser ever loads this file.
 *
 * @typedef {"queued"|"running"|"complete"|"stopped"|"interrupted"|"failed"} Status
 *
 * @typedef {object} Message
 * @property {number} position  place in the conversation, from 1
 * @property {number} revision  the conversation's revision at its last change
 * @property {"customer"|"assistant"} author
 * @property {string} [id]      made by the browser; a customer's messages only
 * @property {string} [text]    a customer's messages only
 * @property {Status} [status]  the assistant's only, as the rest
 * @property {number} [attempt]
 * @property {string} [html]    rendered and sanitised by the site
 * @property {{code: string, text: string}|null} [error]
 * @property {{value: "up"|"down", reason: string|null, comment: string}|null} [rating]
 * @property {string} at        ISO 8601
 *
 * @typedef {{end: number, html: string}} Block  finished Markdown, up to a UTF-16 offset
 *
 * @typedef {object} Live       the reply that is being read
 * @property {number} position
 * @property {number} attempt
 * @property {number} offset    length of all its text so far, in UTF-16 units
 * @property {Block[]} blocks
 * @property {string} tail      raw text after the last block
 *
 * @typedef {object} Waiting    a message the site has not acknowledged
 * @property {string} id
 * @property {string} text
 * @property {number} at        milliseconds since 1970, as are all moments here
 * @property {"waiting"|"sent"|"refused"} stage
 * @property {number} notBefore moment before which it must not be sent again
 * @property {string} error     why it was refused, else ""
 *
 * @typedef {"connecting"|"open"|"reconnecting"|"offline"|"stale"|"gone"|"misplaced"|"unverified"
 *   } Link
 *
 * @typedef {object} State
 * @property {string|null} conversation  null until the first message is accepted
 * @property {boolean} isFresh  a new conversation is wanted, not the latest
 * @property {number} revision
 * @property {Message[]} messages  by position
 * @property {boolean} hasOlder
 * @property {boolean} isLoadingOlder
 * @property {boolean} isKnown  the site has said what there is
 * @property {Live|null} live
 * @property {boolean} hasGap   something was missed: say hello again
 * @property {Waiting[]} outbox
 * @property {number} stopping  position of the reply the customer wants stopped, else 0
 * @property {Link} link
 * @property {number} linkAt  since when
 * @property {{text: string, until: number}|null} notice
 * @property {boolean} isErased  the conversation was erased, and nothing has been said since
 * @property {{items: {id: string, opening: string, at: string}[], hasMore: boolean,
 *   isLoading: boolean}|null} talks  earlier conversations, while they are listed
 * @property {{way: "menu"|"offer"|null, asked: {id: string, at: string, email: string,
 *   open: boolean}[]}|null} [team]  the way to a person, and what was left for them; see team.js
 */
export {};
