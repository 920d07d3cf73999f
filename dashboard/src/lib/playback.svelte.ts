/** The position in a conversation, with or without audio. Everything on the page follows it. */
import { untrack } from "svelte";
import { get, resolveUrl } from "../api/client";
import type { ApiError } from "../api/client";
import type { Recording, Segment, Span } from "../api/types";
import { asApiError } from "../state/resource.svelte";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;
const RENEW_AT_MOST_EVERY_MS = 2_000;
const SILENCE_EDGE_MS = 250;

export class Playback {
  ms = $state(0);
  playing = $state(false);
  rate = $state(1);
  skipSilence = $state(false);
  renewing = $state(false);
  ready = $state(false);
  problem = $state.raw<ApiError | null>(null);
  /** Which of the two is asked for, and what the answer said it is. */
  original = $state(false);
  heard = $state<Recording["redaction"] | null>(null);
  silences: Span[] = [];
  #audio: HTMLAudioElement | null = null;
  #expires = Infinity;
  #renewed = -Infinity;
  #frame = 0;

  constructor(
    readonly contactId: string,
    readonly durationMs: number,
    readonly hasRedacted: boolean,
    readonly hasOriginal: boolean,
  ) {
    this.original = !hasRedacted;
  }

  get hasAudio(): boolean {
    return this.hasRedacted || this.hasOriginal;
  }

  /** Take over an audio element; the returned function lets go of it. */
  attach = (audio: HTMLAudioElement): (() => void) => {
    this.#audio = audio;
    audio.onplay = () => this.#started();
    audio.onpause = () => this.#stopped();
    audio.onended = () => this.#stopped();
    audio.onseeked = () => this.#read();
    audio.ontimeupdate = () => this.#read();
    audio.onerror = () => void this.#renew();
    audio.onloadedmetadata = () => {
      this.ready = true;
      this.problem = null;
    };
    // An attachment is an effect: what it reads here must not run it again.
    untrack(() => void this.#renew());
    return () => {
      cancelAnimationFrame(this.#frame);
      audio.onerror = null;
      audio.removeAttribute("src");
      audio.load();
      this.#audio = null;
    };
  };

  async toggle(): Promise<void> {
    const audio = this.#audio;
    if (!audio) return;
    if (!audio.paused) return audio.pause();
    if (Date.now() > this.#expires) await this.#renew();
    await audio.play().catch((error: DOMException) => {
      // A pause or a new source takes the promise back; only a source that cannot play is a fault.
      if (error.name === "NotSupportedError") this.problem = asApiError(error);
    });
  }

  seek(ms: number): void {
    this.ms = Math.max(0, Math.min(this.durationMs, ms));
    if (this.#audio && this.hasAudio) this.#audio.currentTime = this.ms / 1000;
  }

  setRate(rate: number): void {
    this.rate = rate;
    if (!this.#audio) return;
    // A new source starts again at the default rate.
    this.#audio.defaultPlaybackRate = rate;
    this.#audio.playbackRate = rate;
  }

  stepRate(step: number): void {
    const at = SPEEDS.indexOf(this.rate as (typeof SPEEDS)[number]);
    this.setRate(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + step))] ?? 1);
  }

  /** Change between the redacted copy and the recording as it was made, at the same position. */
  switchAudio(): void {
    this.original = !this.original;
    this.ready = false;
    this.retry();
  }

  retry(): void {
    this.problem = null;
    this.#renewed = -Infinity;
    void this.#renew();
  }

  #started(): void {
    this.playing = true;
    cancelAnimationFrame(this.#frame);
    const tick = (): void => {
      this.#read();
      this.#skip();
      this.#frame = requestAnimationFrame(tick);
    };
    this.#frame = requestAnimationFrame(tick);
  }

  #stopped(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
  }

  #read(): void {
    // Before the first data the element stands at 0, whatever was asked for.
    if (this.#audio && this.#audio.readyState > 0) this.ms = this.#audio.currentTime * 1000;
  }

  #skip(): void {
    if (!this.skipSilence) return;
    const inside = this.silences.find(
      (one) => this.ms > one.beginOffsetMillis + SILENCE_EDGE_MS && this.ms < one.endOffsetMillis - 2 * SILENCE_EDGE_MS,
    );
    if (inside) this.seek(inside.endOffsetMillis - SILENCE_EDGE_MS);
  }

  /** A signed address ends: fetch a new one and go on where it stopped. */
  async #renew(): Promise<void> {
    const audio = this.#audio;
    if (!audio || this.renewing) return;
    if (performance.now() - this.#renewed < RENEW_AT_MOST_EVERY_MS) {
      this.problem = asApiError(audio.error?.message || "media");
      return;
    }
    this.#renewed = performance.now();
    this.renewing = true;
    const wasPlaying = this.playing;
    try {
      const redaction = this.original ? "none" : "redacted";
      const path = `/contacts/${encodeURIComponent(this.contactId)}/recording?redaction=${redaction}`;
      const recording = await get<Recording>(path);
      this.#expires = Date.parse(recording.expiresAt);
      audio.src = resolveUrl(recording.url);
      this.heard = recording.redaction;
      audio.currentTime = this.ms / 1000;
      audio.playbackRate = this.rate;
      if (wasPlaying) await audio.play();
    } catch (error) {
      this.problem = asApiError(error);
    }
    this.renewing = false;
  }
}

/** The last turn that began by then, by binary search over turns in the order of their begin; −1 before the first. */
export function turnAt(segments: Segment[], ms: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.beginOffsetMillis ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
