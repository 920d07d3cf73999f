/** Files that this page handed over, each followed from the first byte to the finished contact. */
import { get } from "../api/client";
import type { ContactDetail } from "../api/types";
import { uploadFile } from "../api/upload";
import { asApiError } from "./resource.svelte";
import { feed } from "./feed.svelte";

export type UploadState = "queued" | "sending" | "waiting" | "working" | "done" | "failed";

const AT_ONCE = 2;
const POLL_MS = 1_000;
const POLLED_PER_SECOND = 4;

export class FileUpload {
  state = $state<UploadState>("queued");
  progress = $state(0);
  objectKey = $state("");
  contactId = $state("");
  contact = $state.raw<ContactDetail | null>(null);
  problem = $state<{ code: string; detail: string } | null>(null);
  candidates = new Set<string>();

  constructor(readonly file: File) {}

  get running(): boolean {
    return this.state !== "done" && this.state !== "failed";
  }

  async send(): Promise<void> {
    this.state = "sending";
    try {
      const done = await uploadFile(this.file, (part) => (this.progress = part));
      this.objectKey = done.objectKey;
      this.contactId = done.contactIds[0] ?? "";
      this.state = "waiting";
      feed.hurry();
      void this.#follow();
    } catch (error) {
      const { code, message } = asApiError(error);
      this.fail(code, message);
    }
  }

  fail(code: string, detail: string): void {
    this.problem = { code, detail };
    this.state = "failed";
  }

  async #follow(): Promise<void> {
    while (this.running) {
      const ids = this.contactId ? [this.contactId] : [...this.candidates];
      this.candidates.clear();
      if (!this.contactId) feed.hurry();
      for (const id of ids) await this.#look(id);
      const waiting = uploads.items.filter((item) => item.running).length;
      await pause(POLL_MS * Math.max(1, waiting / POLLED_PER_SECOND));
    }
  }

  /** Errors are not final here: the contact may not exist yet, or the server be away for a moment. */
  async #look(id: string): Promise<void> {
    const detail = await get<ContactDetail>(`/contacts/${encodeURIComponent(id)}`).catch(() => null);
    const part = detail?.parts.find((one) => one.key === this.objectKey);
    if (!detail || !part) return;
    this.contactId = id;
    this.contact = detail;
    if (part.error) this.fail(part.error.code, part.error.detail);
    else if (detail.status === "COMPLETED") this.state = "done";
    else if (detail.error && detail.status !== "IN_PROGRESS") {
      this.fail(detail.error.code, detail.error.detail);
    } else this.state = "working";
    if (!this.running) feed.hurry();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Uploads {
  items = $state.raw<FileUpload[]>([]);
  running = $derived(this.items.filter((item) => item.running).length);

  start(): void {
    feed.listen((events) => {
      for (const item of this.items) {
        if (item.contactId || !item.running) continue;
        for (const event of events) item.candidates.add(event.contact.contactId);
      }
    });
  }

  add(files: File[]): void {
    this.items = [...files.map((file) => new FileUpload(file)), ...this.items];
    this.#next();
  }

  clearFinished(): void {
    this.items = this.items.filter((item) => item.running);
  }

  #next(): void {
    const sending = this.items.filter((item) => item.state === "sending").length;
    const queued = this.items.filter((item) => item.state === "queued");
    for (const item of queued.slice(0, Math.max(0, AT_ONCE - sending))) {
      void item.send().then(() => this.#next());
    }
  }
}

export const uploads = new Uploads();
