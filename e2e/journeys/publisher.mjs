// @ts-check
// Somebody who works for a public body publishes a table, from an empty form to
// rows that everybody can read, and makes a mistake on the way.

import { signIn } from '../lib/roles.mjs';

/**
 * A table as offices make them: two of its cells are wrong.
 * @param {string} name
 */
export function table(name) {
	const rows = ['place,district,opened_on,visits,note'];
	const districts = ['Corozal', 'Orange Walk', 'Belize', 'Cayo', 'Stann Creek', 'Toledo'];
	for (let i = 0; i < 120; i++) {
		const visits = i === 40 ? 'many' : i === 80 ? 'n.d.' : String((i * 37) % 500);
		rows.push(`Demonstration clinic ${i + 1},${districts[i % 6]},2025-${String((i % 12) + 1).padStart(2, '0')}-15,${visits},Made up by the journey ${name}`);
	}
	return Buffer.from(rows.join('\n') + '\n');
}

/**
 * Presses the button of a form and waits for the page that follows.
 * @param {import('../lib/walk.mjs').Walk} walk @param {string} form
 */
export async function send(walk, form) {
	const before = walk.page.url();
	await Promise.all([
		walk.page.waitForURL((u) => u.href !== before, { timeout: 30000 }),
		walk.page.locator(`${form} button[type=submit]`).last().click(),
	]);
	await walk.page.waitForLoadState('load');
	await walk.check();
}

/**
 * Waits until a page shows something, however often it loads itself anew.
 * @param {import('../lib/walk.mjs').Walk} walk @param {string} selector
 */
export async function appears(walk, selector) {
	for (let i = 0; i < 60; i++) {
		if (await walk.page.waitForSelector(selector, { state: 'attached', timeout: 1000 }).catch(() => null)) break;
		if (!walk.variant.js && i > 3) await walk.page.reload().catch(() => {}); // as people do
	}
	await walk.page.waitForSelector(selector, { state: 'attached', timeout: 1000 });
	await walk.page.waitForLoadState('load');
}

/**
 * Waits until the work is done and the page leads on: by itself with a script,
 * by looking again without one.
 * @param {import('../lib/walk.mjs').Walk} walk @param {string} path
 */
export async function leadsTo(walk, path) {
	const there = () => new URL(walk.page.url()).pathname === path;
	for (let i = 0; i < 60 && !there(); i++) {
		await walk.page.waitForURL((u) => u.pathname === path, { timeout: 1000 }).catch(() => {});
		if (!walk.variant.js && !there()) await walk.page.locator('main a[href$="/work"]').first().click().catch(() => {});
	}
	await walk.page.waitForURL((u) => u.pathname === path, { timeout: 1000 });
}

export default {
	name: 'publisher',
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		await signIn(walk, 'editor');
		await walk.visit('/datasets/desk');
		await walk.visit('/datasets/new');

		// Nothing filled in: the form says what is missing, and keeps the rest.
		const page = walk.page;
		await page.locator('[name=summary]').fill('Clinics and how often they are visited. Made up.');
		await page.locator('form[action="/datasets"]').evaluate((f) => /** @type {HTMLFormElement} */ (f).setAttribute('novalidate', ''));
		await Promise.all([page.waitForEvent('load'), page.locator('form[action="/datasets"] button[type=submit]').last().click()]).catch(() => {});
		await appears(walk, '[role=alert]');
		if ((await page.locator('[name=summary]').inputValue()) === '') walk.complain('the form forgot what was typed');
		await walk.check({ again: true });

		await page.locator('[name=title]').fill(`Journey ${walk.name}`);
		const org = page.locator('select[name=org]');
		if (await org.count()) await org.selectOption({ index: (await org.locator('option').count()) - 1 });
		await page.locator('[name=themes]').first().check();
		await page.locator('[name=contact_email]').fill('data@example.org');
		await send(walk, 'form[action="/datasets"]');

		// A picture that calls itself a table is refused in words.
		await page.locator('input[type=file]').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1') });
		await page.locator('form[action$="/add"] button[type=submit]').last().click();
		await appears(walk, '[role=alert]');
		await walk.shot('refused');

		await page.locator('input[type=file]').setInputFiles({ name: 'clinics.csv', mimeType: 'text/csv', buffer: table(walk.name) });
		await page.locator('[name=title]').fill(`Clinics ${walk.name}`);
		await send(walk, 'form[action$="/add"]');
		await appears(walk, 'form[action$="/publish"]');
		await walk.check({ again: true });
		await walk.shot('preview');
		const resource = page.url().replace(/\/work.*$/, '');
		await page.locator('form[action$="/publish"] button[type=submit]').last().click();
		await leadsTo(walk, new URL(resource).pathname);
		await page.waitForLoadState('load');
		await walk.check({ again: true });

		// The dataset itself is still a draft: nobody else sees the rows.
		const stranger = await walk.context.browser()?.newContext({ baseURL: walk.url });
		const hidden = await stranger?.request.get(resource);
		if (hidden?.status() !== 404) walk.complain(`a draft's table answers a stranger with ${hidden?.status()}`);

		await walk.visit('/datasets/desk');
		await page.locator('main a', { hasText: `Journey ${walk.name}` }).first().click();
		await page.waitForLoadState('load');
		const move = 'form[action$="/move"]:has(input[name=to][value=published])';
		const folded = page.locator(`details:has(${move}):not([open]) > summary`);
		if (await folded.count()) await folded.first().click();
		await Promise.all([page.waitForEvent('load'), page.locator(`${move} button[type=submit]`).last().click()]);
		await walk.check({ again: true });
		await walk.shot('published');
		const seen = await stranger?.request.get(resource);
		if (seen?.status() !== 200) walk.complain(`the published table answers a stranger with ${seen?.status()}`);
		const rows = await stranger?.request.get(resource.replace('/resource/', '/api/v1/resources/') + '/rows?limit=1');
		const total = (await rows?.json())?.total;
		if (total !== 120) walk.complain(`the API counts ${total} rows, not 120`);
		await stranger?.close();
	},
};
