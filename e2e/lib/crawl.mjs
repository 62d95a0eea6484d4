// @ts-check
// Follows the links of the site and checks every page it reaches.

/** Addresses that change something or leave, and files that are no pages. */
const skip = [/\/sign-out/, /\/unsubscribe/, /[?&]lang=/, /[?&]cursor=/, /^\/api\//, /^\/metrics/, /^\/static\//];
const file = /\.(csv|json|ndjson|geojson|atom|ics|pdf|xlsx|parquet|xml|zip|txt|png|jpe?g|svg|mvt|webmanifest)(\?|$)|[?&](format|download)=/;

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
	/** @type {Map<string, string>} where each address was first seen */
	const sources = new Map([[from, 'the start']]);
	/** @type {Map<string, number>} */
	const shapes = new Map();
	const visited = [];
	while (queue.length && visited.length < limit) {
		const path = /** @type {string} */ (queue.shift());
		const shape = pattern(path);
		const n = shapes.get(shape) ?? 0;
		if (n >= each) continue;
		shapes.set(shape, n + 1);
		const source = sources.get(path) ?? '';
		if (file.test(path) || !(await isPage(walk, path))) {
			const res = await walk.context.request.get(path, { maxRedirects: 5 });
			if (res.status() >= 400) walk.complain(`${source} links to ${path}: status ${res.status()}`);
			continue;
		}
		if (walk.status >= 400) walk.complain(`linked from ${source}`);
		visited.push(path);
		for (const link of await linksOf(walk)) {
			if (!sources.has(link) && !skip.some((s) => s.test(link))) {
				sources.set(link, path);
				queue.push(link);
			}
		}
	}
	return visited;
}

/**
 * Visits a path; false if it turns out to be a download.
 * @param {import('./walk.mjs').Walk} walk @param {string} path
 */
async function isPage(walk, path) {
	try {
		await walk.visit(path);
		return true;
	} catch (e) {
		if (/Download is starting|ERR_ABORTED/.test(String(e))) return false;
		throw e;
	}
}

/** @param {import('./walk.mjs').Walk} walk */
async function linksOf(walk) {
	const hrefs = await walk.page.locator('a[href]').evaluateAll((all) =>
		all.map((a) => new URL(a.getAttribute('href') ?? '', document.baseURI).href));
	return hrefs.filter((h) => h.startsWith(walk.url)).map((h) => h.slice(walk.url.length).split('#')[0] || '/');
}
