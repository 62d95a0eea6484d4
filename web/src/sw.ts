// The service worker: shows what the site rings with, and opens what it is
// about. It keeps nothing, and no page's requests pass through it. The server
// puts before it what is shown when a message cannot be read, in the reader's
// language.

export {};

// What the site rings with: package notify writes it.
type Ringing = { title: string; body: string; url: string; tag: string };

// The library of types for pages does not know a worker's side of them.
type Lasting = { waitUntil(done: Promise<unknown>): void };
type Pushed = Lasting & { data: { json(): unknown } | null };
type Pressed = Lasting & { notification: Notification };
type Tab = { url: string; focus(): Promise<unknown> };
type Scope = {
  fallback: Ringing;
  location: Location;
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(which: { type: "window"; includeUncontrolled: true }): Promise<Tab[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install", f: () => void): void;
  addEventListener(name: "push", f: (e: Pushed) => void): void;
  addEventListener(name: "notificationclick", f: (e: Pressed) => void): void;
};
const scope = self as unknown as Scope;

// read takes of a message what is readable: browsers want something shown for
// every message, and end the subscriptions of sites that stay silent.
function read(e: Pushed): Ringing {
  const out = { ...scope.fallback };
  try {
    const got = e.data?.json() as Partial<Ringing> | null | undefined;
    for (const name of ["title", "body", "url", "tag"] as const) {
      const text = got?.[name];
      if (typeof text === "string" && text) out[name] = text;
    }
  } catch {
    // Not JSON.
  }
  return out;
}

// here is an address of this site: a message leads nowhere else.
function here(url: string): string {
  const home = new URL(scope.fallback.url, scope.location.origin);
  try {
    const to = new URL(url, home);
    return to.origin === home.origin ? to.href : home.href;
  } catch {
    return home.href;
  }
}

async function go(url: string): Promise<unknown> {
  const tabs = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = tabs.find((t) => t.url === url);
  return open ? open.focus() : scope.clients.openWindow(url);
}

// A new version shares nothing with open pages, so it need not wait for them.
scope.addEventListener("install", () => void scope.skipWaiting());

scope.addEventListener("push", (e) => {
  const r = read(e);
  e.waitUntil(scope.registration.showNotification(r.title, { body: r.body, tag: r.tag, data: here(r.url) }));
});

scope.addEventListener("notificationclick", (e) => {
  e.notification.close();
  e.waitUntil(go(here(String(e.notification.data))));
});
