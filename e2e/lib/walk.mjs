// @ts-check
// A Walk is one journey in one variant: a browser context with its page, and
// the checks that every page it visits must pass.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultsOf } from './checks.mjs';

const shots = new URL('../shots/', import.meta.url);

export class Walk {
	/**
	 * @param {import('playwright-core').BrowserContext} context
	 * @param {import('playwright-core').Page} page
	 * @param {string} url @param {string} name @param {import('../run.mjs').Variant} variant
	 */
	constructor(context, page, url, name, variant) {
		this.context = context;
		this.page = page;
		this.url = url;
		this.name = name;
		this.variant = variant;
		/** @type {string[]} what was wrong, in order */
		this.complaints = [];
		/** @type {Set<string>} pages whose checks have run */
		this.checked = new Set();
		/** @type {number} the status of the last navigation */
		this.status = 0;
		this.steps = 0;
		/** @type {number[]} statuses that the page's own requests may get: it says in words what they mean */
		this.allowed = [];
		/** @type {import('./site.mjs').Site | null} the site of a journey that has one to itself */
		this.site = null;
		/** How many days its clock was moved. */
		this.passed = 0;
	}

	/**
	 * Opens a fresh context: no cookies, the variant's size, language and script.
	 * @param {import('playwright-core').Browser} browser @param {string} url
	 * @param {string} name @param {import('../run.mjs').Variant} variant
	 * @param {boolean} [workers] whether service workers run
	 */
	static async begin(browser, url, name, variant, workers = false) {
		const context = await browser.newContext({
			baseURL: url,
			viewport: { width: variant.width, height: variant.height },
			javaScriptEnabled: variant.js,
			locale: variant.lang === 'es' ? 'es-BZ' : 'en-BZ',
			timezoneId: 'America/Belize',
			hasTouch: variant.width < 600,
			isMobile: variant.width < 600,
			reducedMotion: 'reduce',
			serviceWorkers: workers ? 'allow' : 'block',
		});
		context.setDefaultTimeout(15000);
		const page = await context.newPage();
		const walk = new Walk(context, page, url, name, variant);
		await context.addCookies([{ name: 'ceiba_lang', value: variant.lang, url }]);
		walk.listen();
		return walk;
	}

	/** Every message of the browser that means something is broken is a complaint. */
	listen() {
		this.page.on('console', (m) => {
			// A status is judged where it is known: at the response.
			if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) {
				this.complain(`console: ${m.text()}`);
			}
		});
		this.page.on('pageerror', (e) => this.complain(`script: ${e.message}`));
		this.page.on('response', (r) => {
			if (r.status() >= 400 && !r.request().isNavigationRequest() && !this.allowed.includes(r.status())) {
				this.complain(`${r.status()} for ${this.short(r.url())}`);
			}
			if (r.request().isNavigationRequest() && r.request().frame() === this.page.mainFrame()) this.status = r.status();
		});
		this.page.on('request', (r) => {
			if (!r.url().startsWith(this.url) && /^https?:/.test(r.url())) this.complain(`asks another site: ${r.url()}`);
		});
	}

	/** @param {string} what */
	complain(what) {
		const line = `${this.short(this.page.url())}: ${what}`;
		if (!this.complaints.includes(line)) this.complaints.push(line);
	}

	/** @param {string} address */
	short(address) {
		return address.startsWith(this.url) ? address.slice(this.url.length) || '/' : address;
	}

	/**
	 * Goes to a path and checks the page.
	 * @param {string} path @param {{ status?: number }} [want]
	 */
	async visit(path, want = {}) {
		await this.page.goto(path, { waitUntil: 'load' });
		this.expectStatus(want.status ?? 200);
		await this.check();
	}

	/** @param {number} want */
	expectStatus(want) {
		if (this.status !== want) this.complain(`status ${this.status}, not ${want}`);
	}

	/**
	 * Follows a link or presses a button by its visible name, waits for the page
	 * that comes, and checks it. Names are given per language.
	 * @param {'link' | 'button'} role @param {string | RegExp | { en: string, es: string }} name
	 * @param {{ status?: number }} [want]
	 */
	async press(role, name, want = {}) {
		const text = this.say(name);
		const target = this.page.getByRole(role, { name: text, exact: typeof text === 'string' }).first();
		await Promise.all([this.page.waitForEvent('load'), target.click()]);
		this.expectStatus(want.status ?? 200);
		await this.check();
	}

	/**
	 * Fills the field with this label.
	 * @param {string | RegExp | { en: string, es: string }} label @param {string} value
	 */
	async fill(label, value) {
		await this.page.getByLabel(this.say(label)).first().fill(value);
	}

	/**
	 * Complains unless the page shows a text.
	 * @param {string | RegExp | { en: string, es: string }} text
	 */
	async see(text) {
		const said = this.say(text);
		const found = await this.page.getByText(said).first().isVisible().catch(() => false);
		if (!found) this.complain(`does not show ${said}`);
	}

	/** @param {string | RegExp | { en: string, es: string }} name */
	say(name) {
		return typeof name === 'string' || name instanceof RegExp ? name : name[this.variant.lang];
	}

	/**
	 * Checks the page as it stands now; again only when its address is new.
	 * @param {{ again?: boolean }} [options]
	 */
	async check(options = {}) {
		const key = `${this.status} ${this.page.url()}`;
		if (this.checked.has(key) && !options.again) return;
		this.checked.add(key);
		for (const fault of await faultsOf(this.page, this.variant)) this.complain(fault);
	}

	/** Takes a picture of the whole page. @param {string} what */
	async shot(what) {
		this.steps++;
		const file = `${this.name.replaceAll(' ', '-')}-${String(this.steps).padStart(2, '0')}-${what.replaceAll(/[^a-z0-9]+/gi, '-')}.png`;
		const path = fileURLToPath(new URL(file, shots));
		await mkdir(dirname(path), { recursive: true });
		await this.page.screenshot({ path, fullPage: true });
	}

	/**
	 * Lets days pass. @param {number} days
	 */
	async pass(days) {
		if (!this.site) throw new Error('only a journey that is `own` moves the clock');
		this.passed += days;
		await this.site.moveTo(this.day());
	}

	/** The day on the site, some days from now, as YYYY-MM-DD in Belize. @param {number} days */
	day(days = 0) {
		return new Date(Date.now() + (this.passed + days) * 86400e3 - 6 * 3600e3).toISOString().slice(0, 10);
	}

	async end() {
		await this.context.close();
	}
}
