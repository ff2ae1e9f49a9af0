// Puppeteer 25 ignores .npmrc: without this file its install script downloads a browser of its own.
module.exports = { skipDownload: true };
