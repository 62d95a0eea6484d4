// @ts-check
// Whatever a visitor and each role can reach by links is a good page.

import { crawl } from '../lib/crawl.mjs';
import { roles, signIn } from '../lib/roles.mjs';

export default {
	name: 'crawl',
	variants: [
		{ width: 360, height: 740, js: true, lang: 'en' },
		{ width: 1280, height: 900, js: true, lang: 'es' },
		{ width: 360, height: 740, js: false, lang: 'es' },
		{ width: 1280, height: 900, js: false, lang: 'en' },
	],
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const small = !walk.variant.js;
		const seen = await crawl(walk, { limit: small ? 15 : 60 });
		await walk.shot('last-as-visitor');
		if (seen.length < 3) walk.complain(`a visitor reaches only ${seen.length} pages`);
		if (small) return;
		for (const role of roles) {
			await walk.context.clearCookies();
			await walk.context.addCookies([{ name: 'ceiba_lang', value: walk.variant.lang, url: walk.url }]);
			await signIn(walk, role);
			await crawl(walk, { limit: 25 });
			await walk.shot(`last-as-${role}`);
		}
	},
};
