// @ts-check
// The checks themselves: a page with one of each fault, and what must be said.

const broken = `<!doctype html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title></title><link rel="icon" href="data:,"></head>
<body><h1>One</h1><h1>Two</h1><script>document.title = 'ran'</script><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<table><tr><td>${'w'.repeat(200)}</td></tr></table><button>x</button><button>y</button></body></html>`;

export default {
	name: 'harness',
	variants: [
		{ width: 360, height: 740, js: true, lang: 'en' },
		{ width: 360, height: 740, js: false, lang: 'en' },
	],
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		await walk.page.route('**/broken', (route) => route.fulfill({
			status: 404,
			contentType: 'text/html; charset=utf-8',
			headers: { 'content-security-policy': "default-src 'none'; img-src data:" },
			body: broken,
		}));
		await walk.visit('/broken');
		const said = walk.complaints.splice(0).join('\n');
		const wants = ['status 404', 'lang="fr"', 'no title', '2 h1 headings', 'smaller than 24 px', 'axe image-alt', 'axe target-size', 'scrolls sideways'];
		if (walk.variant.js) wants.push('Content Security Policy');
		for (const want of wants) {
			if (!said.includes(want)) walk.complain(`the checks do not notice: ${want}\n${said}`);
		}
	},
};
