// The script of every page. Pages are whole without it; it shows the buttons
// that only a script can serve, and saves readers a reload here and there.

import { all, byId, say } from "./part/dom";
import { watchProgress } from "./part/progress";
import { watchFilters } from "./part/filter";
import { tidy } from "./part/kept";

// Buttons that need a script are hidden by the server until one runs.
function reveal(within: ParentNode): void {
  for (const el of all("[data-script][hidden], [data-copy][hidden], [data-take][hidden]", within)) el.hidden = false;
}

async function copy(button: HTMLElement): Promise<void> {
  const from = byId(button.dataset.copy);
  if (!from) return;
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(from.textContent ?? "");
  } catch {
    // Without permission, or over plain http: select it, so that the reader can.
    getSelection()?.selectAllChildren(from);
    return;
  }
  button.textContent = button.dataset.copied ?? words;
  say(button.dataset.copied ?? "");
  window.setTimeout(() => (button.textContent = words), 2000);
}

// take puts the text that is there now into the reader's own field.
function take(button: HTMLElement): void {
  const field = byId(button.dataset.take) as HTMLInputElement | null;
  const theirs = byId(button.dataset.take + "-theirs");
  if (!field || !theirs) return;
  field.value = theirs.querySelector(".unknown") ? "" : (theirs.textContent ?? "").trim();
  field.focus();
}

// Menus close on Escape, giving the focus back, and when something else is
// pressed.
function closeMenus(except?: Node | null): void {
  for (const menu of all<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function onKey(e: KeyboardEvent): void {
  if (e.key !== "Escape") return;
  const menu = (document.activeElement as Element | null)?.closest<HTMLDetailsElement>("details[data-menu][open]");
  closeMenus();
  menu?.querySelector("summary")?.focus();
}

function onClick(e: MouseEvent): void {
  const target = e.target instanceof Element ? e.target : null;
  closeMenus(target);
  const button = target?.closest<HTMLElement>("[data-copy], [data-take], [data-print], [data-map-open]");
  if (!button) return;
  if (button.dataset.copy) void copy(button);
  else if (button.dataset.take) take(button);
  else if ("print" in button.dataset) window.print();
  else void openMap(button);
}

// The map's script and style come only when somebody asks for the map. The
// script opens every map that is marked as wanted.
async function openMap(button: HTMLElement): Promise<void> {
  const map = button.closest<HTMLElement>("[data-map]");
  if (!map || button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  map.dataset.wanted = "yes";
  try {
    await Promise.all([fetchStyle(map.dataset.styleSrc ?? ""), fetchScript(map.dataset.scriptSrc ?? "")]);
    document.dispatchEvent(new Event("ceiba:map"));
    button.closest("[data-script]")?.remove();
  } catch {
    button.removeAttribute("aria-disabled"); // no signal: it can be tried again
  }
}

function fetchStyle(address: string): Promise<void> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  return arrived(link);
}

function fetchScript(address: string): Promise<void> {
  const script = document.createElement("script");
  script.src = address;
  script.nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
  return arrived(script);
}

function arrived(el: HTMLElement): Promise<void> {
  return new Promise((done, fail) => {
    el.onload = () => done();
    el.onerror = () => {
      el.remove();
      fail(new Error("did not arrive"));
    };
    document.head.append(el);
  });
}

// On a phone the chain scrolls sideways; the current link stands in the middle.
function centreChains(): void {
  for (const chain of all("[data-chain]")) {
    const here = chain.querySelector<HTMLElement>("[aria-current]");
    if (here) chain.scrollLeft = here.offsetLeft - chain.offsetLeft - (chain.clientWidth - here.offsetWidth) / 2;
  }
}

// Who signs out on a phone that others use leaves nothing on it: neither the
// names of files, nor is it rung for them any longer; the push service then
// answers the server that the device is gone. Who is about to sign in again may
// be in the middle of a file.
async function hush(): Promise<void> {
  const out = document.querySelector("[data-signed-out]") !== null;
  tidy(out && !location.pathname.startsWith("/sign-in"));
  if (!out || !("serviceWorker" in navigator)) return;
  const worker = await navigator.serviceWorker.getRegistration("/");
  const rung = await worker?.pushManager?.getSubscription();
  await rung?.unsubscribe();
}

reveal(document);
centreChains();
hush().catch(() => undefined); // the next page tries again
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
watchProgress();
watchFilters(reveal);
byId("main")?.querySelector<HTMLElement>("[data-summary]")?.focus();
