/** Asking for what follows a contact. */
import { get, post } from "../../api/client";
import type { FollowUp, FollowUpKind, FollowUpList, NextActionOutcome } from "../../api/types";
import { contactPath } from "./load";

export const KINDS: FollowUpKind[] = ["risk", "next-action", "language", "review", "survey"];
export type OutcomeEvent = NextActionOutcome["event"];

export async function loadFollowUps(contactId: string): Promise<FollowUp[]> {
  return (await get<FollowUpList>(`${contactPath(contactId)}/follow-ups`)).items;
}

export const order = (contactId: string, kind: FollowUpKind): Promise<FollowUp> =>
  post(`${contactPath(contactId)}/follow-ups`, { kind });

export const tellOutcome = (one: FollowUp, event: OutcomeEvent): Promise<NextActionOutcome> =>
  post(outcomesPath(one), { event });

/** What was told of the action that was shown. */
export async function loadOutcomes(one: FollowUp): Promise<NextActionOutcome[]> {
  return (await get<{ items: NextActionOutcome[] }>(outcomesPath(one))).items;
}

const outcomesPath = (one: FollowUp): string =>
  `${contactPath(one.contactId)}/next-actions/${encodeURIComponent(one.id)}/outcomes`;

/** One of each kind: the latest that was not passed over in favour of a newer publication, in a fixed order. */
export function latest(items: FollowUp[]): FollowUp[] {
  return KINDS.flatMap((kind) => {
    const own = items.filter((one) => one.kind === kind);
    const chosen = own.find((one) => one.state !== "SKIPPED") ?? own[0];
    return chosen ? [chosen] : [];
  });
}
