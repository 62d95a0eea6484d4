// Passkeys: signing in with one, and adding one to an account. The server hides
// the button; it is shown where the browser knows passkeys. Everything else on
// those pages works without this script.

import { all, say } from "./part/dom";
import { toBytes, toText } from "./part/bytes";

type Json = { [name: string]: unknown };

class Refused extends Error {}

// opened turns the texts among the options into the bytes that browsers want.
function opened(options: Json): Json {
  const out: Json = { ...options, challenge: toBytes(options.challenge as string) };
  if (options.user) out.user = { ...(options.user as Json), id: toBytes((options.user as Json).id as string) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) out[list] = (options[list] as Json[]).map((c) => ({ ...c, id: toBytes(c.id as string) }));
  }
  return out;
}

// closed turns a credential into what the server reads.
function closed(c: PublicKeyCredential): Json {
  const response: Json = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const bytes = (c.response as unknown as Json)[name];
    if (bytes) response[name] = toText(bytes as ArrayBuffer);
  }
  return { id: c.id, rawId: toText(c.rawId), type: c.type, response, clientExtensionResults: c.getClientExtensionResults() };
}

async function send(to: string, body: Json): Promise<Json> {
  const res = await fetch(to, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (res.status === 401) {
    location.assign("/sign-in?again=1&next=" + encodeURIComponent(location.pathname));
  }
  const doc = (await res.json()) as Json;
  if (!res.ok) throw new Refused(String(doc.detail ?? ""));
  return doc;
}

// codes shows recovery codes in place of the button: they can be read only now.
function codes(box: HTMLElement, list: string[], to: string): void {
  const lead = document.createElement("p");
  lead.textContent = box.dataset.codesTitle ?? "";
  const text = document.createElement("pre");
  text.tabIndex = 0;
  text.textContent = list.join("\n");
  const on = document.createElement("a");
  on.className = "button";
  on.href = to;
  on.textContent = box.dataset.codesDone ?? "";
  box.replaceChildren(lead, text, on);
  text.focus();
}

async function use(box: HTMLElement): Promise<void> {
  const fresh = box.dataset.passkey === "new";
  const asked = await send(box.dataset.start ?? "", {});
  const publicKey = opened((asked.options as Json).publicKey as Json) as unknown;
  const credential = fresh
    ? await navigator.credentials.create({ publicKey: publicKey as PublicKeyCredentialCreationOptions })
    : await navigator.credentials.get({ publicKey: publicKey as PublicKeyCredentialRequestOptions });
  const name = box.querySelector<HTMLInputElement>("input")?.value ?? "";
  const done = await send(box.dataset.finish ?? "", {
    ticket: asked.ticket,
    name,
    next: box.dataset.next ?? "",
    answer: closed(credential as PublicKeyCredential),
  });
  const list = done.codes as string[] | null | undefined;
  if (list?.length) codes(box, list, String(done.to));
  else location.assign(String(done.to));
}

function offer(box: HTMLElement): void {
  const button = box.querySelector("button");
  const wrong = box.querySelector<HTMLElement>(".error");
  if (!button || !wrong) return;
  box.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    wrong.hidden = true;
    use(box)
      .catch((e: unknown) => {
        wrong.textContent = (e instanceof Refused && e.message) || (box.dataset.failed ?? "");
        wrong.hidden = false;
        say(wrong.textContent);
      })
      .finally(() => button.removeAttribute("aria-disabled"));
  });
}

if ("PublicKeyCredential" in window) {
  for (const box of all("[data-passkey]")) offer(box);
}
