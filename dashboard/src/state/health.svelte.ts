import { get } from "../api/client";
import type { Health } from "../api/types";
import { Resource } from "./resource.svelte";

export const health = new Resource<Health>();

export const loadHealth = (): Promise<void> => health.load(() => get<Health>("/health"));
