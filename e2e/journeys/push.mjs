// @ts-check
// A resident has a device tell them what concerns them: the button, the list,
// messages that come, and where a press on one leads. The service worker and
// its messages are real; the push service, which lies outside, is not asked: the
// browser's own tools hand over the messages, and a subscription with a true key
// is put in its place.

import { signIn } from '../lib/roles.mjs';

const page = '/account/notifications';
const tell = { en: 'Tell me on this device', es: 'Avisarme en este dispositivo' };

/**
 * Runs in the page before its scripts: subscribing succeeds without a push
 * service, and lasts as long as the tab.
 * @param {string} endpoint
 */
function standIn(endpoint) {
	const name = 'stand-in for a subscription';
	/** @param {ArrayBuffer} bytes */
	const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
	const kept = () => {
		const json = sessionStorage.getItem(name);
		return json && { endpoint, toJSON: () => JSON.parse(json), unsubscribe: async () => sessionStorage.removeItem(name) };
	};
	Object.assign(PushManager.prototype, {
		getSubscription: async () => kept(),
		/** @param {PushSubscriptionOptionsInit} options */
		async subscribe(options) {
			const key = /** @type {ArrayBuffer} */ (options.applicationServerKey);
			await crypto.subtle.importKey('raw', key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']); // throws unless it is a point
			const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
			const p256dh = text(await crypto.subtle.exportKey('raw', pair.publicKey));
			const auth = text(crypto.getRandomValues(new Uint8Array(16)).buffer);
			sessionStorage.setItem(name, JSON.stringify({ endpoint, expirationTime: null, keys: { p256dh, auth } }));
			return kept();
		},
	});
}

/**
 * Runs in the worker: keeps what the browser has shown. What getNotifications
 * says lags and loses some where there is no screen.
 */
function listen() {
	const scope = /** @type {any} */ (self);
	scope.shown = [];
	const show = scope.registration.showNotification.bind(scope.registration);
	scope.registration.showNotification = async (/** @type {string} */ title, /** @type {any} */ options) => {
		await show(title, options);
		scope.shown.push({ title, ...options });
	};
}

/**
 * Runs in the worker: presses the newest of what was shown. No tool presses what
 * the system shows, so the event is made here.
 */
async function press() {
	const scope = /** @type {any} */ (self);
	/** @type {string[]} */
	const did = [];
	scope.clients.openWindow = async (/** @type {string} */ url) => did.push(`opened ${url}`);
	scope.WindowClient.prototype.focus = async function () { did.push(`focused ${this.url}`); };
	let done;
	const notification = { ...scope.shown.at(-1), close: () => did.push('closed') };
	const waitUntil = (/** @type {Promise<unknown>} */ p) => { done = p; };
	scope.dispatchEvent(Object.assign(new Event('notificationclick'), { notification, waitUntil }));
	await done;
	return did.join(', ');
}

/** The worker of the site, by the browser's own tools. */
class Bell {
	/** @param {import('../lib/walk.mjs').Walk} walk */
	static async find(walk) {
		const tools = await walk.context.newCDPSession(walk.page);
		const found = new Promise((resolve) => tools.on('ServiceWorker.workerRegistrationUpdated', (e) => {
			const here = e.registrations.find((r) => r.scopeURL === `${walk.url}/` && !r.isDeleted);
			if (here) resolve(here.registrationId);
		}));
		await tools.send('ServiceWorker.enable');
		const worker = walk.context.serviceWorkers()[0];
		await worker.evaluate(listen);
		return new Bell(walk, tools, await found, worker);
	}

	/**
	 * @param {import('../lib/walk.mjs').Walk} walk @param {import('playwright-core').CDPSession} tools
	 * @param {string} id @param {import('playwright-core').Worker} worker
	 */
	constructor(walk, tools, id, worker) {
		this.walk = walk;
		this.tools = tools;
		this.id = id;
		this.worker = worker;
	}

	/**
	 * Hands over a message, presses what is shown for it, and returns both.
	 * @param {string} data
	 */
	async ring(data) {
		const before = await this.worker.evaluate(() => /** @type {any} */ (self).shown.length);
		await this.tools.send('ServiceWorker.deliverPushMessage', { origin: this.walk.url, registrationId: this.id, data });
		for (let i = 0; i < 100; i++) {
			const shown = await this.worker.evaluate((n) => /** @type {any} */ (self).shown[n], before);
			if (shown) return { ...shown, did: await this.worker.evaluate(press) };
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		return { title: 'nothing is shown' };
	}
}

/** Messages as package notify writes them, and as it never would. @param {import('../lib/walk.mjs').Walk} walk */
async function messages(walk) {
	const bell = await Bell.find(walk);
	/** @param {string} data @param {{ title: string, body: string, tag: string }} shown @param {string} leads @param {string} does */
	const expect = async (data, { title, body, tag }, leads, does = `opened ${leads}`) => {
		const want = JSON.stringify({ title, body, tag, data: leads, did: `closed, ${does}` });
		const got = JSON.stringify(await bell.ring(data));
		if (got !== want) walk.complain(`the message ${data}: ${got}, not ${want}`);
	};
	const inbox = `${walk.url}/inbox`;
	const message = { title: 'Ceiba', body: '“Bridges” has changed', url: `${walk.url}/datasets`, tag: 'dataset-1' };
	await expect(JSON.stringify(message), message, message.url);
	await expect(JSON.stringify({ ...message, url: page }), message, walk.url + page, `focused ${walk.url}${page}`);
	for (const url of ['https://evil.example/inbox', '//evil.example', 'javascript:alert(1)', 'http://%']) {
		await expect(JSON.stringify({ ...message, url }), message, inbox);
	}
	const fallback = { title: 'Ceiba', body: walk.say({ en: 'There is something new in your inbox.', es: 'Hay algo nuevo en su bandeja de entrada.' }), tag: 'inbox' };
	for (const data of ['', '{', 'null', '[]', '{"title":7}']) await expect(data, fallback, inbox);
}

export default {
	name: 'push',
	workers: true,
	variants: [{ width: 360, height: 740, js: true, lang: 'en' }, { width: 1280, height: 900, js: true, lang: 'es' }, { width: 360, height: 740, js: false, lang: 'es' }],
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const button = walk.page.getByRole('button', { name: walk.say(tell) });
		const needs = walk.page.locator('#push-note');
		await walk.page.addInitScript(standIn, `https://push.example/${encodeURIComponent(walk.name)}`);
		await signIn(walk, 'resident');
		await walk.visit(page);
		if (!walk.variant.js) {
			await walk.see('necesita un navegador que muestre notificaciones');
			if (await button.isVisible()) walk.complain('shows a button that does nothing');
			return;
		}
		await button.waitFor();
		if (await needs.isVisible()) walk.complain('says what it takes where it is there');
		await walk.context.grantPermissions([]);
		await button.click();
		await walk.page.locator('#push [role=alert]').waitFor();
		await walk.see({ en: 'Allow notifications for this site', es: 'Permita las notificaciones de este sitio' });
		await walk.check({ again: true });
		await walk.shot('denied');

		await walk.context.grantPermissions(['notifications']);
		await Promise.all([walk.page.waitForEvent('load'), button.click()]);
		await walk.see({ en: 'This device is on the list.', es: 'Este dispositivo está en la lista.' });
		if (await button.isVisible()) walk.complain('offers what is done');
		await walk.check({ again: true });
		await walk.shot('listed');
		await messages(walk);

		const remove = walk.page.locator('form[action^="/account/notifications/browsers/"] button').first(); // the newest
		await Promise.all([walk.page.waitForEvent('load'), remove.click()]);
		await button.waitFor();

		// Whoever signs out is not rung for on this device any longer.
		await Promise.all([walk.page.waitForEvent('load'), button.click()]);
		await walk.page.evaluate(() => fetch('/sign-out', { method: 'POST' }));
		await walk.visit('/');
		await walk.page.waitForFunction(() => !sessionStorage.getItem('stand-in for a subscription'), null, { timeout: 10000 });
	},
};
