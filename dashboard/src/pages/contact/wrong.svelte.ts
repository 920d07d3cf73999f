/** What somebody is about to call wrong. */
import type { Segment } from "../../api/types";

export interface WrongPlace {
  segment: Segment | null;
  category: string;
}

class Wrong {
  place = $state.raw<WrongPlace | null>(null);

  ask(place: WrongPlace): void {
    this.place = place;
  }
  close(): void {
    this.place = null;
  }
}

export const wrong = new Wrong();
