// @ts-check
// A resident says something and reports an error on a page; a moderator hides
// the one and settles the other.

import { signIn } from '../lib/roles.mjs';
import { send } from './publisher.mjs';

export default {
	name: 'moderator',
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const page = walk.page;
		await walk.visit('/report-error?page=/datasets');
		await page.locator('[name=message]').fill(`A made-up fault, reported by the journey ${walk.name}`);
		await send(walk, 'form[action="/report-error"]');

		await signIn(walk, 'moderator');
		await walk.visit('/moderation');
		await walk.see(`reported by the journey ${walk.name}`);
		await walk.shot('desk');
		const item = page.locator('form[action*="/moderation/report/"]');
		const before = await item.count();
		if (!before) {
			walk.complain('no report waits');
			return;
		}
		await Promise.all([page.waitForEvent('load'), item.first().locator('button[type=submit]').click()]);
		walk.expectStatus(200);
		const after = await page.locator('form[action*="/moderation/report/"]').count();
		if (after !== before - 1) walk.complain(`${before} reports waited, and after one was settled ${after}`);
		await walk.check({ again: true });
	},
};
