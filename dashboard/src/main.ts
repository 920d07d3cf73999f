import { mount } from "svelte";
import App from "./App.svelte";
import { configure } from "./api/client";
import { startSession } from "./api/session.svelte";
import { keys } from "./state/keys.svelte";
import { router } from "./state/router.svelte";
import { startTheme } from "./state/theme.svelte";
import "./styles/tokens.css";
import "./styles/base.css";

async function start(): Promise<void> {
  startTheme();
  // The token must leave the address before anything reads it.
  await startSession();
  await configure();
  router.start();
  keys.start();
  mount(App, { target: document.getElementById("app") as HTMLElement });
}

void start();
