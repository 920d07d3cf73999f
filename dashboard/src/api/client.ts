/** The API over `fetch`: bearer token, problem documents as `ApiError`, ETags for polling. */
import { refuseSession, session } from "./session.svelte";

/** A list is a parameter that is repeated. */
export type Params = Record<string, string | number | readonly string[] | undefined | null>;

/** A refused or failed request. `status` 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

let base = "";

/** Read `config.json`, the only file that differs between installations. */
export async function configure(): Promise<void> {
  const answer = await fetch("./config.json", { cache: "no-cache" });
  const config = (await answer.json()) as { api: string };
  base = new URL(config.api, document.baseURI).href.replace(/\/$/, "");
}

export function apiUrl(path: string, params: Params = {}): string {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(params)) {
    if (value instanceof Array) value.forEach((one) => url.searchParams.append(name, one));
    else if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, `${value}`);
  }
  return url.href;
}

/** An address that the API gave, which may be relative to the API's origin. */
export function resolveUrl(given: string): string {
  return new URL(given, base).href;
}

export async function send(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${session.token}`);
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, "network", "The server did not answer.");
  }
  if (answer.ok || answer.status === 304) return answer;
  if (answer.status === 401) refuseSession();
  throw await problem(answer);
}

async function problem(answer: Response): Promise<ApiError> {
  const body = await answer.json().catch(() => ({}));
  const text = body.detail || body.title || answer.statusText || `HTTP ${answer.status}`;
  return new ApiError(answer.status, body.code ?? `http.${answer.status}`, text);
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const answer = await send(apiUrl(path, params), signal ? { signal } : {});
  return (await answer.json()) as T;
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method: "POST" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  const answer = await send(apiUrl(path), init);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** `data` is null when nothing changed since `etag`. */
export async function getIfChanged<T>(
  path: string,
  params: Params,
  etag: string,
): Promise<{ data: T | null; etag: string }> {
  const headers: Record<string, string> = etag ? { "If-None-Match": etag } : {};
  const answer = await send(apiUrl(path, params), { headers });
  if (answer.status === 304) return { data: null, etag };
  return { data: (await answer.json()) as T, etag: answer.headers.get("ETag") ?? "" };
}

/** Fetch with the token, then hand the bytes to the browser as a file. */
export async function download(path: string, params: Params, filename: string): Promise<void> {
  const answer = await send(apiUrl(path, params));
  saveAs(await answer.blob(), filename);
}

export function saveAs(content: Blob, filename: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
