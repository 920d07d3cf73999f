/** One dialogue with a bot: its turns, and what one says next. */
import { ApiError, get, post } from "../../api/client";
import type { BotSession, BotTurn } from "../../api/types";
import { asApiError } from "../../state/resource.svelte";

export class Talk {
  turns = $state.raw<BotTurn[]>([]);
  session = $state("");
  closed = $state(false);
  /** The contact that the finished dialogue becomes. */
  contactId = $state("");
  /** What was said and not answered yet. */
  pending = $state("");
  busy = $state(false);
  loading = $state(false);
  problem = $state.raw<ApiError | null>(null);
  last = $derived(this.turns.at(-1) ?? null);

  constructor(readonly bot: string) {}

  async begin(): Promise<boolean> {
    return this.#try(async () => {
      const turn = await post<BotTurn>(`${this.#path()}`, {});
      this.#take([turn]);
      this.session = turn.sessionId;
    });
  }

  async open(session: string): Promise<void> {
    this.loading = true;
    await this.#try(() => this.#read(session));
    this.loading = false;
  }

  async say(text: string): Promise<boolean> {
    this.pending = text;
    const said = await this.#try(async () => {
      const turn = await post<BotTurn>(`${this.#path(this.session)}/utterances`, { text });
      this.#take([...this.turns, turn]);
      this.pending = "";
      if (turn.closed) await this.#read(this.session);
    });
    this.pending = "";
    return said;
  }

  async #read(session: string): Promise<void> {
    const found = await get<BotSession>(this.#path(session));
    this.session = session;
    this.contactId = found.closed ? found.contactOfSession : "";
    this.#take(found.turns);
    this.closed = found.closed;
  }

  #take(turns: BotTurn[]): void {
    this.turns = turns;
    this.closed = turns.at(-1)?.closed ?? false;
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      await act();
      return true;
    } catch (error) {
      this.problem = asApiError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #path(session?: string): string {
    const sessions = `/bots/${encodeURIComponent(this.bot)}/sessions`;
    return session === undefined ? sessions : `${sessions}/${encodeURIComponent(session)}`;
  }
}
