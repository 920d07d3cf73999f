/** Jumps of the contact page, for its buttons and its keys. */
import type { Segment } from "../../api/types";
import { SPEEDS, type Playback } from "../../lib/playback.svelte";
import type { Shortcut } from "../../state/keys.svelte";
import { t } from "../../texts/en";

export const STEP_MS = 5_000;

interface Begins {
  beginOffsetMillis: number;
}

const next = (all: Begins[], ms: number): number | null => {
  const later = all.map((one) => one.beginOffsetMillis).filter((begin) => begin > ms + 1);
  return later.length ? Math.min(...later) : null;
};

export const nextNegative = (segments: Segment[], ms: number): number | null =>
  next(segments.filter((one) => one.sentiment === "NEGATIVE" && one.participantRole === "CUSTOMER"), ms);

export const nextInterruption = (interruptions: Begins[], ms: number): number | null => next(interruptions, ms);

interface Context {
  playback: Playback;
  turns: () => Segment[];
  interruptions: () => Begins[];
  show: (ms: number) => void;
  move: (step: number) => void;
}

export function contactShortcuts({ playback, turns, interruptions, show, move }: Context): Shortcut[] {
  const jump = (ms: number | null): void => {
    if (ms !== null) show(ms);
  };
  const audio: Shortcut[] = [
    { keys: [" "], text: t.help.playPause, run: () => void playback.toggle() },
    { keys: ["s"], text: t.player.skip, run: () => void (playback.skipSilence = !playback.skipSilence) },
    { keys: ["<"], text: `${t.help.speed} (${SPEEDS[0]}×)`, run: () => playback.stepRate(-1) },
    { keys: [">"], text: `${t.help.speed} (${SPEEDS.at(-1)}×)`, run: () => playback.stepRate(1) },
    { keys: ["i"], text: t.player.interruption, run: () => jump(nextInterruption(interruptions(), playback.ms)) },
  ];
  return [
    ...(playback.hasAudio ? audio : []),
    { keys: ["ArrowLeft"], text: t.player.back, run: () => show(playback.ms - STEP_MS) },
    { keys: ["ArrowRight"], text: t.player.forward, run: () => show(playback.ms + STEP_MS) },
    { keys: ["n"], text: t.player.negative, run: () => jump(nextNegative(turns(), playback.ms)) },
    { keys: ["j", "ArrowDown"], text: t.help.next, run: () => move(1) },
    { keys: ["k", "ArrowUp"], text: t.help.previous, run: () => move(-1) },
  ];
}
