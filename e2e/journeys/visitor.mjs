// @ts-check
// A citizen looks for data and explores a table in every way that the page
// offers, without signing in.

import { send } from './publisher.mjs';

export default {
	name: 'visitor',
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const page = walk.page;
		await walk.visit('/');
		await walk.visit('/datasets?q=repair');
		await Promise.all([page.waitForEvent('load'), page.locator('main a[href^="/dataset/"]').first().click()]);
		walk.expectStatus(200);
		await walk.check();
		await Promise.all([page.waitForEvent('load'), page.locator('main a[href^="/resource/"]').first().click()]);
		await walk.check();
		await walk.shot('table');
		const table = new URL(page.url()).pathname;
		const rows = await page.locator('main table tbody tr').count();
		if (rows < 10) walk.complain(`the table shows ${rows} rows`);

		// Each view, by its address as its link has it.
		for (const view of ['facets', 'chart', 'map', 'columns']) {
			const link = page.locator(`main a[href*="view=${view}"]`).first();
			if (!(await link.count())) {
				walk.complain(`no link to the view ${view}`);
				continue;
			}
			await Promise.all([page.waitForEvent('load'), link.click()]);
			walk.expectStatus(200);
			await walk.check();
			await walk.shot(view);
		}
		await walk.visit(`${table}?view=chart`);
		if (!(await page.locator('main svg').count())) walk.complain('the chart draws nothing');
		if (!(await page.locator('main table').count())) walk.complain('the chart has no table beside it');

		// A filter by the small form, and what a wrong one says.
		await walk.visit(table);
		const filter = 'form:has(select[name=col])';
		const folded = page.locator(`details:has(${filter}):not([open]) > summary`);
		if (await folded.count()) await folded.first().click();
		await page.locator('select[name=col]').first().selectOption('district');
		await page.locator('[name=val]').first().fill('Toledo');
		await send(walk, filter);
		const other = await page.locator('main table tbody tr', { hasText: 'Corozal' }).count();
		if (other) walk.complain(`the filter leaves ${other} rows of another district`);
		await walk.visit(`${table}?filter=${encodeURIComponent('nothing = 1')}`, { status: 422 });

		// Every download answers, and holds something.
		await walk.visit(table);
		for (const format of ['original', 'csv', 'ndjson', 'xlsx', 'json', 'geojson', 'parquet']) {
			const got = await walk.context.request.get(`${table}/download?format=${format}`);
			if (got.status() !== 200 || (await got.body()).length < 500) walk.complain(`the download as ${format} gives ${got.status()}`);
			if (!/attachment/.test(got.headers()['content-disposition'] ?? '')) walk.complain(`${format} is not offered as a file`);
		}
		await walk.visit('/nothing-here', { status: 404 });
		await walk.shot('not-found');
	},
};
