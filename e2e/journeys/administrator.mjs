// @ts-check
// Whoever runs the site reaches everything that an office without a shell
// needs; nobody else does.

import { signIn } from '../lib/roles.mjs';

const desks = ['/admin', '/admin/people', '/admin/jobs', '/admin/storage', '/admin/backup', '/admin/organisations', '/admin/settings', '/admin/pages'];

export default {
	name: 'administrator',
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		for (const path of desks) {
			const got = await walk.context.request.get(path, { maxRedirects: 0 });
			if (got.status() === 200) walk.complain(`${path} is open to everybody`);
		}
		await signIn(walk, 'administrator');
		for (const path of desks) {
			const got = await walk.context.request.get(path);
			if (got.status() === 404) continue; // a part that this site does not have
			await walk.visit(path);
		}
		await walk.visit('/admin/settings');
		await walk.shot('settings');
		await walk.visit('/account');
		await walk.visit('/account/security');
		await walk.visit('/ledger');
	},
};
