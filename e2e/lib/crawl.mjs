// @ts-check
// Follows the links of the site and checks every page it reaches.

/** Addresses that change something or leave, and files that are no pages. */
const skip = [/\/sign-out/, /\/unsubscribe/, /[?&]lang=/, /[?&]cursor=/, /^\/api\//, /^\/metrics/, /^\/static\//];
const file = /\.(csv|json|ndjson|geojson|atom|ics|pdf|xlsx|parquet|xml|zip|txt|png|jpe?g|svg|mvt|webmanifest)$|[?&](format|download)=/;

/**
 * One kind of page looks like another: /commitment/0190… is /commitment/*.
 * @param {string} path
 */
function pattern(path) {
	const [at, query = ''] = path.split('?');
	const shape = at.split('/').map((p) => (/\d/.test(p) || p.length > 24 ? '*' : p)).join('/');
	return `${shape}?${[...new URLSearchParams(query).keys()].sort().join('&')}`;
}

/**
 * Visits up to limit pages, at most `each` of one pattern.
 * @param {import('./walk.mjs').Walk} walk
 * @param {{ from?: string, limit?: number, each?: number }} [options]
 * @returns {Promise<string[]>} the pages visited
 */
export async function crawl(walk, { from = '/', limit = 40, each = 2 } = {}) {
	const queue = [from];
	const queued = new Set(queue);
	/** @type {Map<string, number>} */
	const shapes = new Map();
	const visited = [];
	while (queue.length && visited.length < limit) {
		const path = /** @type {string} */ (queue.shift());
		const shape = pattern(path);
		const n = shapes.get(shape) ?? 0;
		if (n >= each) continue;
		shapes.set(shape, n + 1);
		if (file.test(path)) {
			const res = await walk.context.request.get(path, { maxRedirects: 5 });
			if (res.status() >= 400) walk.complain(`link to ${path}: status ${res.status()}`);
			continue;
		}
		await walk.visit(path);
		visited.push(path);
		for (const link of await linksOf(walk)) {
			if (!queued.has(link) && !skip.some((s) => s.test(link))) {
				queued.add(link);
				queue.push(link);
			}
		}
	}
	return visited;
}

/** @param {import('./walk.mjs').Walk} walk */
async function linksOf(walk) {
	const hrefs = await walk.page.locator('a[href]').evaluateAll((all) =>
		all.map((a) => /** @type {HTMLAnchorElement} */ (a).href));
	return hrefs.filter((h) => h.startsWith(walk.url)).map((h) => h.slice(walk.url.length).split('#')[0] || '/');
}
