/** Customer-written text cut into pieces that can be shown as text only. */
import type { Segment } from "../api/types";

export interface Piece {
  text: string;
  kind: "text" | "redaction" | "control";
  category: boolean;
  /** The kind of the highlight that this is part of, else empty. */
  highlight: string;
  doubtful: boolean;
}

interface Mark {
  begin: number;
  end: number;
}

interface Highlighted extends Mark {
  kind: string;
}

/** Bidirectional controls turn text around; they are shown by name instead of being obeyed. */
const CONTROLS: Record<string, string> = {
  "\u202A": "LRE",
  "\u202B": "RLE",
  "\u202C": "PDF",
  "\u202D": "LRO",
  "\u202E": "RLO",
  "\u2066": "LRI",
  "\u2067": "RLI",
  "\u2068": "FSI",
  "\u2069": "PDI",
  "\u200E": "LRM",
  "\u200F": "RLM",
};

const LOW_CONFIDENCE = 0.3;

/** Offsets are code points, as the API gives them. */
export function piecesOf(segment: Segment, categoryMarks: Mark[], highlights: Highlighted[] = []): Piece[] {
  const chars = Array.from(segment.content);
  const redactions = segment.redactions;
  const doubtful = doubtfulWords(segment);
  const pieces: Piece[] = [];
  chars.forEach((char, index) => {
    const kind = CONTROLS[char] ? "control" : inside(redactions, index) ? "redaction" : "text";
    const category = inside(categoryMarks, index);
    const isDoubtful = inside(doubtful, index);
    const highlight = highlights.find((mark) => inside([mark], index))?.kind ?? "";
    const last = pieces.at(-1);
    const text = CONTROLS[char] ?? char;
    const joins = last && last.kind === kind && kind !== "control";
    if (joins && last.category === category && last.doubtful === isDoubtful && last.highlight === highlight) last.text += text;
    else pieces.push({ text, kind, category, highlight, doubtful: isDoubtful });
  });
  return pieces;
}

export function visibleControls(text: string): string {
  return Array.from(text, (char) => (CONTROLS[char] ? `⟨${CONTROLS[char]}⟩` : char)).join("");
}

const inside = (marks: Mark[], index: number): boolean =>
  marks.some((mark) => index >= mark.begin && index < mark.end);

/** Words stand in the order of the text; one that is not found again (masked) is passed over. */
function doubtfulWords(segment: Segment): Mark[] {
  const marks: Mark[] = [];
  let from = 0;
  for (const word of segment.words) {
    const at = segment.content.indexOf(word.text.trim(), from);
    if (at < 0) continue;
    from = at + word.text.trim().length;
    if (word.confidence === null || word.confidence >= LOW_CONFIDENCE) continue;
    const begin = Array.from(segment.content.slice(0, at)).length;
    marks.push({ begin, end: begin + Array.from(word.text.trim()).length });
  }
  return marks;
}
