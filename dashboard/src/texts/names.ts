/** Words for what the API names: stages, roles, statuses, chat events. */
import type { Role, Status } from "../api/types";

export const stages: Record<string, string> = {
  acoustics: "Listening to the audio",
  transcript: "Transcribing",
  characteristics: "Measuring the conversation",
  sentiment: "Judging sentiment",
  language: "Telling the language",
  pii: "Finding personal data",
  redaction: "Redacting",
  entities: "Finding entities",
  summary: "Summing up",
  categories: "Matching categories",
  publication: "Publishing",
};

export const capabilities: Record<string, string> = {
  transcript: "Transcript",
  acoustics: "Acoustics",
  sentiment: "Sentiment",
  pii: "Personal data",
  pii_words: "Personal data by keywords",
  audio_redaction: "Redacted audio",
  summary: "Summary",
  generated_summary: "Generated summary",
  entities: "Entities",
  language: "Language",
  themes: "Themes",
  participant_sentiment: "Sentiment by participant",
  customer_metrics: "Customer metrics",
  agent_metrics: "Agent metrics",
  categories: "Categories",
  interruptions: "Interruptions",
  talk_time: "Talk time",
  talk_speed: "Talk speed",
  contact_lens_output: "Contact Lens file",
  original: "Original",
};

export const roles: Record<Role, string> = {
  AGENT: "Agent",
  CUSTOMER: "Customer",
  SYSTEM: "System",
  CUSTOM_BOT: "Bot",
  SUPERVISOR: "Supervisor",
  UNKNOWN: "Speaker",
};

export const statuses: Record<Status, string> = {
  IN_PROGRESS: "In progress",
  COMPLETED: "Completed",
  QUARANTINED: "Quarantined",
  FAILED: "Failed",
  DELETED: "Deleted",
};

/** Chat events by the last part of their content type. */
export const events: Record<string, (who: string) => string> = {
  "participant.joined": (who) => `${who} joined`,
  "participant.left": (who) => `${who} left`,
  "participant.idle": (who) => `${who} is idle`,
  "participant.returned": (who) => `${who} is back`,
  "participant.autodisconnection": (who) => `${who} was disconnected for being idle`,
  "transfer.succeeded": () => "The chat was transferred",
  "transfer.failed": () => "The transfer failed",
  "chat.ended": () => "The chat ended",
};

export const words = (name: string): string => {
  const text = name.replaceAll(/[_.-]+/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};
