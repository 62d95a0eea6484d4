// Messages on this device: the button that subscribes this browser to them. The
// list of browsers and their removal work without this script, and the page
// says what the button needs where it cannot be shown.

import { byId, say } from "./part/dom";
import { toBytes, toText } from "./part/bytes";

class Refused extends Error {}

function able(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

// bind subscribes the browser to this site's key. A browser that is bound to a
// key which the site has lost refuses another until it lets go of the old one.
async function bind(push: PushManager, key: ArrayBuffer): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await push.subscribe(options);
  } catch (e) {
    const old = await push.getSubscription();
    if (!old) throw e;
    await old.unsubscribe();
    return push.subscribe(options);
  }
}

async function hand(to: string, subscription: PushSubscription): Promise<void> {
  const res = await fetch(to, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(subscription),
  });
  if (res.ok) return;
  if (res.status === 401) location.assign("/sign-in?again=1&next=" + encodeURIComponent(location.pathname));
  const doc = (await res.json()) as { detail?: string };
  throw new Refused(doc.detail ?? "");
}

async function subscribe(box: HTMLElement): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Refused(box.dataset.denied ?? "");
  await navigator.serviceWorker.register(box.dataset.worker ?? "", { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  await hand(box.dataset.to ?? "", await bind(pushManager, toBytes(box.dataset.key ?? "")));
  location.reload();
}

// listed reports whether this browser is among those on the page, which names
// each by a digest of its address.
async function listed(box: HTMLElement): Promise<boolean> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription || Notification.permission !== "granted") return false;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  return (box.dataset.listed ?? "").split(" ").includes(toText(digest));
}

function onPress(box: HTMLElement, button: HTMLElement, wrong: HTMLElement): void {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    wrong.hidden = true;
    subscribe(box)
      .catch((e: unknown) => {
        wrong.textContent = (e instanceof Refused && e.message) || (box.dataset.failed ?? "");
        wrong.hidden = false;
        say(wrong.textContent);
      })
      .finally(() => button.removeAttribute("aria-disabled"));
  });
}

async function offer(box: HTMLElement): Promise<void> {
  const button = box.querySelector("button");
  const wrong = box.querySelector<HTMLElement>(".error");
  if (!button || !wrong) return;
  const already = await listed(box).catch(() => false);
  const note = byId("push-note");
  if (note) {
    note.textContent = box.dataset.already ?? "";
    note.hidden = !already;
  }
  box.hidden = already;
  onPress(box, button, wrong);
}

const box = byId("push");
if (box && able()) void offer(box);
