/** What tells somebody who looks elsewhere: a number in the page's title, and two soft notes. */

const NOTES_HZ = [660, 880];
const NOTE_SECONDS = 0.16;
const LOUDNESS = 0.08;

/** A page's title with the number of answers that came while it was hidden. */
export class Title {
  #count = 0;

  constructor(page = document) {
    this.page = page;
    this.name = page.title;
    page.addEventListener("visibilitychange", () => !page.hidden && this.#set(0));
  }

  add(count) {
    if (this.page.hidden) this.#set(this.#count + count);
  }

  #set(count) {
    this.#count = count;
    this.page.title = count ? `(${count}) ${this.name}` : this.name;
  }
}

/** Plays two notes; made by the browser itself, so there is no file to load. */
export class Chime {
  #audio = null;

  play() {
    this.#audio ??= new AudioContext();
    this.#audio.resume();
    NOTES_HZ.forEach((pitch, number) => this.#note(pitch, number * NOTE_SECONDS));
  }

  #note(pitch, later) {
    const at = this.#audio.currentTime + later;
    const tone = new OscillatorNode(this.#audio, { frequency: pitch });
    const loudness = new GainNode(this.#audio, { gain: LOUDNESS });
    loudness.gain.setTargetAtTime(0, at + NOTE_SECONDS / 2, NOTE_SECONDS / 4);
    tone.connect(loudness).connect(this.#audio.destination);
    tone.start(at);
    tone.stop(at + 3 * NOTE_SECONDS);
  }
}
