/** How good or bad a follow-up's state and outcome look. */
import type { FollowUp, FollowUpState } from "../../api/types";
import type { Tone } from "../ui/StateChip.svelte";

export const STATE_TONES: Record<FollowUpState, Tone> = { WAITING: "busy", DONE: "good", FAILED: "bad", SKIPPED: "calm" };

const OUTCOME_TONES: Record<string, Tone> = {
  approve: "good",
  review: "warn",
  "block-callback": "bad",
  clean: "good",
  toxic: "bad",
  "not-read": "warn",
  opened: "busy",
  offered: "busy",
};

export const outcomeTone = (one: FollowUp): Tone =>
  one.kind === "next-action" ? (one.outcome === "none" ? "calm" : "busy") : (OUTCOME_TONES[one.outcome ?? ""] ?? "calm");
