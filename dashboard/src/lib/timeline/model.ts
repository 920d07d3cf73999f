/** What the timeline shows, as plain data on one time axis in milliseconds. */
import type { Conversation, Role, Segment, Waveform } from "../../api/types";
import { duration, span } from "../format";
import { t } from "../../texts/en";

export type LaneId = "agentWave" | "customerWave" | "speech" | "messages" | "nonTalk" | "responses" | "interruptions" | "categories" | "sentiment";

export interface Item {
  lane: LaneId;
  begin: number;
  end: number;
  role: Role;
  text: string;
  /** −5…+5, of sentiment points only. */
  value: number | null;
}

export interface Lane {
  id: LaneId;
  height: number;
}

export interface TimelineModel {
  duration: number;
  lanes: Lane[];
  items: Item[];
  agentPeaks: number[];
  customerPeaks: number[];
}

const HEIGHT: Record<LaneId, number> = {
  agentWave: 36,
  customerWave: 36,
  speech: 18,
  messages: 42,
  nonTalk: 16,
  responses: 20,
  interruptions: 16,
  categories: 16,
  sentiment: 52,
};

const VALUE_OF_LABEL = { POSITIVE: 3, NEGATIVE: -3, NEUTRAL: 0, MIXED: 0 } as const;
/** Engines score a turn -1..+1; conversations are scored -5..+5. */
const TURN_SCALE = 5;

export function buildTimeline(
  conversation: Conversation,
  segments: Segment[],
  wave: Waveform | null,
): TimelineModel {
  const duration = Math.max(1, conversation.durationMillis, ...segments.map((one) => one.endOffsetMillis));
  const voice = conversation.channel === "VOICE";
  const items = [
    ...(voice ? speechItems(segments, wave) : messageItems(segments)),
    ...(voice ? gapItems(conversation) : responseItems(segments)),
    ...interruptionItems(conversation),
    ...categoryItems(conversation),
    ...sentimentItems(segments),
  ];
  const peaks = (role: Role): number[] => wave?.channels.find((one) => one.participantRole === role)?.peaks ?? [];
  const customerPeaks = wave && wave.channels.length === 1 ? (wave.channels[0]?.peaks ?? []) : peaks("CUSTOMER");
  const agentPeaks = wave && wave.channels.length === 1 ? [] : peaks("AGENT");
  const present: LaneId[] = voice
    ? [...waveLanes(agentPeaks, customerPeaks), "speech", "nonTalk", "interruptions", "categories", "sentiment"]
    : ["messages", "responses", "categories", "sentiment"];
  const lanes = present.map((id) => ({ id, height: HEIGHT[id] }));
  return { duration, lanes, items, agentPeaks, customerPeaks };
}

function waveLanes(agent: number[], customer: number[]): LaneId[] {
  return [...(agent.length ? (["agentWave"] as const) : []), ...(customer.length ? (["customerWave"] as const) : [])];
}

function item(lane: LaneId, begin: number, end: number, role: Role, text: string, value: number | null = null): Item {
  return { lane, begin, end, role, text, value };
}

function speechItems(segments: Segment[], wave: Waveform | null): Item[] {
  const heard = (wave?.channels ?? []).flatMap((channel) =>
    channel.speech.map((one) =>
      item("speech", one.beginOffsetMillis, one.endOffsetMillis, channel.participantRole, t.role(channel.participantRole)),
    ),
  );
  if (heard.length) return heard;
  return segments
    .filter((one) => one.kind === "UTTERANCE")
    .map((one) => item("speech", one.beginOffsetMillis, one.endOffsetMillis, one.participantRole, t.role(one.participantRole)));
}

function messageItems(segments: Segment[]): Item[] {
  return segments
    .filter((one) => one.kind === "MESSAGE" || one.kind === "ATTACHMENT")
    .map((one) => item("messages", one.beginOffsetMillis, one.endOffsetMillis, one.participantRole, t.role(one.participantRole)));
}

function gapItems(conversation: Conversation): Item[] {
  return (conversation.characteristics.nonTalkTime?.instances ?? []).map((one) =>
    item("nonTalk", one.beginOffsetMillis, one.endOffsetMillis, "UNKNOWN", t.timeline.nonTalk(span(one.endOffsetMillis - one.beginOffsetMillis))),
  );
}

/** From a participant's last message to the first answer of the other one. */
function responseItems(segments: Segment[]): Item[] {
  const messages = segments.filter((one) => one.kind === "MESSAGE" && one.participantRole !== "SYSTEM");
  return messages.flatMap((one, index) => {
    const before = messages[index - 1];
    if (!before || before.participantRole === one.participantRole) return [];
    const wait = one.beginOffsetMillis - before.endOffsetMillis;
    const text = t.timeline.response(t.role(one.participantRole), span(wait));
    return [item("responses", before.endOffsetMillis, one.beginOffsetMillis, one.participantRole, text)];
  });
}

function interruptionItems(conversation: Conversation): Item[] {
  return (conversation.characteristics.interruptions ?? []).map((one) => {
    const text = t.timeline.interruption(t.role(one.interrupter), span(one.endOffsetMillis - one.beginOffsetMillis));
    return item("interruptions", one.beginOffsetMillis, one.endOffsetMillis, one.interrupter, text);
  });
}

function categoryItems(conversation: Conversation): Item[] {
  return conversation.categories.flatMap((category) =>
    category.pointsOfInterest.map((one) =>
      item("categories", one.beginOffsetMillis, one.endOffsetMillis, "UNKNOWN", category.name),
    ),
  );
}

function sentimentItems(segments: Segment[]): Item[] {
  return segments
    .filter((one) => one.sentiment && (one.participantRole === "CUSTOMER" || one.participantRole === "AGENT"))
    .map((one) => {
      const label = one.sentiment ?? "NEUTRAL";
      const value = one.score === null ? VALUE_OF_LABEL[label] : one.score * TURN_SCALE;
      const text = t.timeline.turn(t.role(one.participantRole), t.sentiment[label].toLowerCase());
      return item("sentiment", one.beginOffsetMillis, one.endOffsetMillis, one.participantRole, text, value);
    });
}

/** What is going on at a moment, of one lane or of all; points are taken with a tolerance. */
export function itemsAt(model: TimelineModel, ms: number, tolerance: number, lane?: LaneId): Item[] {
  return model.items.filter(
    (one) => (!lane || one.lane === lane) && ms >= one.begin - tolerance && ms <= one.end + tolerance,
  );
}

export function describe(model: TimelineModel): string {
  const count = (lane: LaneId): number => model.items.filter((one) => one.lane === lane).length;
  return t.timeline.describe(
    duration(model.duration),
    count("sentiment"),
    count("nonTalk") + count("responses"),
    count("interruptions"),
    count("categories"),
  );
}
