// @ts-check
// Somebody who works for a public body puts a dataset's texts into another
// language. A colleague does the same meanwhile, and neither loses a word.

import { signIn } from '../lib/roles.mjs';
import { send } from './publisher.mjs';

export default {
	name: 'translator',
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const page = walk.page;
		await signIn(walk, 'editor');
		await walk.visit('/datasets');
		await page.locator('.list-title a').first().click();
		await page.waitForLoadState('load');
		const dataset = new URL(page.url()).pathname;
		await page.locator('a[href$="/translate"]').first().click();
		await page.waitForLoadState('load');
		await walk.check({ again: true });
		const form = new URL(page.url()).pathname;

		// Each variant has a language to itself: they share one site.
		const to = ['bzj', 'cab', 'kek', 'mop'][(walk.variant.width > 400 ? 2 : 0) + (walk.variant.js ? 1 : 0)];
		const mine = `Mine ${walk.name}`, theirs = `Theirs ${walk.name}`;
		await page.locator(`main a[href$="?to=${to}"]`).click();
		await page.waitForLoadState('load');
		await page.locator('[name=title]').fill(mine);
		await page.locator('[name=summary]').fill(`Summary ${walk.name}`);

		// A colleague is faster.
		const colleague = await walk.context.newPage();
		await colleague.goto(`${walk.url}${form}?to=${to}`);
		await colleague.locator('[name=title]').fill(theirs);
		await Promise.all([colleague.waitForURL((u) => u.pathname !== form), colleague.locator('form[action$="/translate"] button[type=submit]').last().click()]);
		await colleague.close();

		await Promise.all([page.waitForEvent('load'), page.locator('form[action$="/translate"] button[type=submit]').last().click()]);
		await walk.see(theirs);
		if ((await page.locator('[name=title]').inputValue()) !== mine) walk.complain('the page of the conflict forgot what was typed');
		await walk.check({ again: true });
		await walk.shot('both');
		await send(walk, 'form[action$="/translate"]');

		const reader = await walk.context.browser()?.newContext({ baseURL: walk.url });
		const body = async (/** @type {string} */ lang) => (await reader?.request.get(`${dataset}?lang=${lang}`))?.text();
		if (!(await body(to))?.includes(`<h1>${mine}</h1>`)) walk.complain('a reader of the language does not get the translation');
		if ((await body('en'))?.includes(mine)) walk.complain('a reader of English gets the translation');
		await reader?.close();
	},
};
