import { get } from "../../api/client";
import type { Channel, ContactDetail, Conversation, Explanation, ExplanationList, Metric, Segment, SegmentList, Waveform } from "../../api/types";

export const contactPath = (id: string): string => `/contacts/${encodeURIComponent(id)}`;

export const loadDetail = (id: string): Promise<ContactDetail> => get<ContactDetail>(contactPath(id));

/** All turns of one medium, in the order of their begin. */
export async function loadTurns(id: string, channel: Channel): Promise<Segment[]> {
  const all: Segment[] = [];
  let nextToken = "";
  do {
    const page = await get<SegmentList>(`${contactPath(id)}/transcript`, { channel, nextToken });
    all.push(...page.segments);
    nextToken = page.nextToken ?? "";
  } while (nextToken);
  return all.sort((a, b) => a.beginOffsetMillis - b.beginOffsetMillis);
}

export async function loadWave(id: string, conversation: Conversation): Promise<Waveform | null> {
  if (!conversation.acoustics) return null;
  return get<Waveform>(`${contactPath(id)}/waveform`, { points: 1000 });
}

/** How the numbers of one medium came about. */
export async function loadExplanations(id: string, channel: Channel, metric: Metric[]): Promise<Explanation[]> {
  const told = await get<ExplanationList>(`${contactPath(id)}/explanations`, { channel, metric });
  return told.items;
}

/** One channel whose speakers nobody told apart; the flags and skips of the conversation say so. */
export const isMono = (conversation: Conversation): boolean =>
  !conversation.speakers &&
  (conversation.flags.includes("mono") || conversation.skipped.some((skip) => skip.reason === "MONO_RECORDING"));

export function skipReason(conversation: Conversation, ...capabilities: string[]): string {
  const found = conversation.skipped.find((one) => capabilities.includes(one.capability));
  return found?.detail || found?.reason || "";
}
