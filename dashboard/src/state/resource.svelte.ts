import { ApiError } from "../api/client";

/** Something fetched: loading, then data or an error. A newer `load` wins over an older one. */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  #turn = 0;

  async load(fetcher: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const data = await fetcher();
      if (turn !== this.#turn) return;
      this.data = data;
      this.error = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.error = asApiError(error);
    }
    this.loading = false;
  }

  reset(): void {
    this.#turn++;
    this.data = null;
    this.error = null;
    this.loading = false;
  }
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "unexpected", String(error));
}
