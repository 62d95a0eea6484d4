// @ts-check
// An officer of a ministry without a procurement system writes a contract by hand,
// wrongly at first; then the rest of the year as a table with one bad row; then
// mends it. A resident finds both.

import { signIn } from '../lib/roles.mjs';
import { appears, send } from './publisher.mjs';

/** @typedef {import('../lib/walk.mjs').Walk} Walk */

/** Sends a table and checks the page that says what came of it. @param {Walk} walk @param {string} text */
async function table(walk, text) {
	const page = walk.page;
	await page.locator('input[name=file]').setInputFiles({ name: 'contracts.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
	await Promise.all([page.waitForEvent('load'), page.locator('form[action="/contracting/table"] button[type=submit]').last().click()]);
	walk.expectStatus(200);
	await walk.check({ again: true });
}

/** Writes a contract on the form. @param {Walk} walk @param {string} title */
async function byHand(walk, title) {
	const page = walk.page;
	await walk.visit('/contracting/new');
	await page.locator('[name=title]').fill(title);
	await page.locator('[name=supplier]').fill('Demonstration Builders (made up)');
	await page.locator('[name=amount]').fill('a lot');
	await page.locator('[name=district]').fill('Toledo');
	for (const [part, v] of [['day', '3'], ['month', '2'], ['year', '2026']]) await page.locator(`[name="signed.${part}"]`).fill(v);
	await page.locator('form[action="/contracting/new"] button[type=submit]').last().click();
	await appears(walk, '[role=alert] a[href="#f-amount"]');
	if ((await page.locator('[name=amount]').inputValue()) !== 'a lot' || (await page.locator('[name="signed.year"]').inputValue()) !== '2026') walk.complain('the form forgot what was typed');
	await walk.check({ again: true });
	await page.locator('[name=amount]').fill('55,000');
	await send(walk, 'form[action="/contracting/new"]');
	await walk.see(title);
	await walk.see('55,000');
	await walk.shot('written by hand');
	return new URL(page.url()).pathname;
}

export default {
	name: 'officer',
	variants: [{ width: 360, height: 740, js: false, lang: 'es' }, { width: 1280, height: 900, js: true, lang: 'en' }],
	/** @param {Walk} walk */
	async run(walk) {
		const page = walk.page, title = `Bridge ${walk.name}`;
		await signIn(walk, 'official');
		const story = await byHand(walk, title);

		await walk.visit(`${story}/edit`);
		await page.locator('[name=paid]').fill('20000');
		await send(walk, `form[action="${story}/edit"]`);
		await walk.see('20,000');

		await walk.visit('/contracting/table');
		const number = walk.name.replace(/\W+/g, '-');
		const rows = (/** @type {string} */ amount) => `reference,title,supplier,amount,signed\n${number}-1,Well ${walk.name},Demonstration Wells (made up),"7,500",3/2/2026\n${number}-2,Culvert ${walk.name},Demonstration Wells (made up),${amount},4/2/2026\n`;
		await table(walk, rows('many'));
		await walk.see(`Culvert ${walk.name}`);
		await walk.shot('a row to mend');
		await table(walk, rows('4200'));
		if (await page.locator('#wrong').count()) walk.complain('the mended table still has rows to mend');

		// Somebody else, without an account.
		await page.context().clearCookies();
		await walk.visit(`/contracting?q=${encodeURIComponent(`Culvert ${walk.name}`)}`);
		await walk.see('4,200');
		await Promise.all([page.waitForEvent('load'), page.locator('main a[href^="/contracting/"]', { hasText: 'Culvert' }).first().click()]);
		walk.expectStatus(200);
		await walk.check();
		await walk.shot('a resident finds it');
	},
};
