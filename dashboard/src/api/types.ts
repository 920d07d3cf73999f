/** The API's shapes, by name. `schema.d.ts` is generated from `openapi.json`: `npm run types`. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ContactSummary = Schemas["ContactSummary"];
export type ContactDetail = Schemas["ContactDetail"];
export type ContactList = Schemas["ContactList"];
export type Conversation = Schemas["ConversationInfo"];
export type Segment = Schemas["Segment"];
export type SegmentList = Schemas["SegmentList"];
export type Waveform = Schemas["Waveform"];
export type Recording = Schemas["Recording"];
export type Span = Schemas["SpanInfo"];
export type Stage = Schemas["StageInfo"];
export type Skipped = Schemas["Skipped"];
export type Category = Schemas["CategoryInfo"];
export type Brought = Schemas["BroughtInfo"];
export type Summary = Schemas["SummaryInfo"];
export type Highlight = Schemas["HighlightInfo"];
export type Feed = Schemas["Feed"];
export type FeedEvent = Schemas["FeedEvent"];
export type Alert = Schemas["Alert"];
export type AlertList = Schemas["AlertList"];
export type Health = Schemas["Health"];
export type Capability = Schemas["CapabilityInfo"];
export type QuarantineList = Schemas["QuarantineList"];
export type Upload = Schemas["Upload"];
export type UploadDone = Schemas["UploadDone"];
export type Explanation = Schemas["ExplanationInfo"];
export type ExplanationInput = Schemas["ExplanationInput"];
export type ExplanationList = Schemas["ExplanationList"];

export type Metric = Explanation["metric"];
export type Status = ContactSummary["status"];
export type Channel = Segment["channel"];
export type Role = Segment["participantRole"];
export type StageState = Stage["state"];
