// @ts-check
// The line between the browser and the site: slow as in a village, and cut when
// a journey says so.

const fast = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };

export class Line {
	/** @param {import('playwright-core').Page} page */
	static async of(page) {
		const tools = await page.context().newCDPSession(page);
		await tools.send('Network.enable');
		return new Line(tools);
	}

	/** @param {import('playwright-core').CDPSession} tools */
	constructor(tools) {
		this.tools = tools;
	}

	/** Sends at most so much. @param {number} bytesPerSecond */
	slow(bytesPerSecond) {
		return this.tools.send('Network.emulateNetworkConditions', { ...fast, uploadThroughput: bytesPerSecond });
	}

	/** Breaks what is on its way and lets nothing through. */
	cut() {
		return this.tools.send('Network.emulateNetworkConditions', { ...fast, offline: true });
	}

	mend() {
		return this.tools.send('Network.emulateNetworkConditions', fast);
	}
}
