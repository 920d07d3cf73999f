/** Who is asking: the token of the opened link, kept for this tab and handed to its sisters. */

const KEY = "loupe.token";
const CHANNEL = "loupe.session";
const SISTER_WAIT_MS = 250;

export const session = $state<{ token: string; refused: boolean }>({ token: "", refused: false });

/** Read `#token=…` and take it out of the address, so that neither history nor a copied link holds it. */
export function takeTokenFromFragment(): boolean {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return false;
  sessionStorage.setItem(KEY, given);
  history.replaceState(null, "", "#/");
  session.token = given;
  session.refused = false;
  return true;
}

/** The token from the link, this tab or, for a page opened in a new tab, another tab of this origin. */
export async function startSession(): Promise<void> {
  takeTokenFromFragment();
  session.token = sessionStorage.getItem(KEY) ?? (await askSisterTabs());
  if (session.token) sessionStorage.setItem(KEY, session.token);
  session.refused = !session.token;
  answerSisterTabs();
}

export function refuseSession(): void {
  sessionStorage.removeItem(KEY);
  session.token = "";
  session.refused = true;
}

function askSisterTabs(): Promise<string> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(CHANNEL);
    const done = (token: string): void => {
      channel.close();
      resolve(token);
    };
    const timer = setTimeout(() => done(""), SISTER_WAIT_MS);
    channel.onmessage = ({ data }) => {
      if (typeof data?.token !== "string") return;
      clearTimeout(timer);
      done(data.token);
    };
    channel.postMessage({ ask: true });
  });
}

function answerSisterTabs(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => {
    if (data?.ask && session.token) channel.postMessage({ token: session.token });
  };
}
