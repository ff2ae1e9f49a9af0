import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Servers on loopback that nothing may ever reach; every hit is noted. */
export type Canary = {
  port: number;
  udpPort: number;
  hits: string[];
  close: () => Promise<void>;
};

export async function startCanary(): Promise<Canary> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`);
    response.end('canary');
  });
  server.on('connection', (socket) => hits.push(`tcp ${socket.remotePort}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const udp = createSocket('udp4', (_message, from) => hits.push(`udp ${from.port}`));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    udpPort: udp.address().port,
    hits,
    close: async () => {
      udp.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Ways in which a document can make a browser speak to an address. */
export function egressVectors({ port, udpPort }: Canary): Record<string, string> {
  const to = `http://127.0.0.1:${port}`;
  const ws = `ws://127.0.0.1:${port}`;
  const script = (code: string) => `<script>try { ${code} } catch {}</script>`;
  const worker = (code: string) =>
    script(`new Worker(URL.createObjectURL(new Blob([${JSON.stringify(code)}])))`);
  return {
    img: `<img src="${to}/img">`,
    srcset: `<img srcset="${to}/srcset 2x">`,
    picture: `<picture><source srcset="${to}/picture"><img></picture>`,
    iframe: `<iframe src="${to}/iframe"></iframe>`,
    srcdoc: `<iframe srcdoc="<img src='${to}/srcdoc'>"></iframe>`,
    dataFrame: `<iframe src="data:text/html,<img src='${to}/data'>"></iframe>`,
    cssImport: `<style>@import url(${to}/import.css);</style>`,
    cssBackground: `<style>body { background: url(${to}/bg) }</style>`,
    font: `<style>@font-face { font-family: x; src: url(${to}/font) } body { font-family: x }</style>x`,
    stylesheet: `<link rel="stylesheet" href="${to}/style.css">`,
    fetch: script(`fetch('${to}/fetch').catch(() => {})`),
    fetchNoCors: script(`fetch('${to}/nocors', { mode: 'no-cors', method: 'POST', body: 'x' })`),
    xhr: script(`const x = new XMLHttpRequest(); x.open('GET', '${to}/xhr', false); x.send()`),
    webSocket: script(`new WebSocket('${ws}/ws')`),
    workerFetch: worker(`fetch('${to}/worker')`),
    workerWebSocket: worker(`new WebSocket('${ws}/worker')`),
    sharedWorker: script(`new SharedWorker('data:text/javascript,fetch("${to}/shared")')`),
    serviceWorker: script(`navigator.serviceWorker.register('${to}/sw.js')`),
    eventSource: script(`new EventSource('${to}/events')`),
    beacon: script(`navigator.sendBeacon('${to}/beacon', 'x')`),
    preconnect: `<link rel="preconnect" href="${to}">`,
    dnsPrefetch: `<link rel="dns-prefetch" href="${to}">`,
    prefetch: `<link rel="prefetch" href="${to}/prefetch">`,
    preload: `<link rel="preload" as="image" href="${to}/preload">`,
    modulePreload: `<link rel="modulepreload" href="${to}/module.js">`,
    speculation: `<script type="speculationrules">{"prerender":[{"urls":["${to}/prerender"]}],"prefetch":[{"urls":["${to}/speculated"]}]}</script>`,
    windowOpen: script(`open('${to}/open')`),
    windowWrite: script(`const w = open(''); w.document.write('<img src="${to}/written">')`),
    metaRefresh: `<meta http-equiv="refresh" content="0;url=${to}/refresh">`,
    location: script(`setTimeout(() => { location = '${to}/location' }, 1)`),
    form: `<form id="f" method="post" action="${to}/form"></form>${script('document.getElementById("f").submit()')}`,
    object: `<object data="${to}/object"></object>`,
    embed: `<embed src="${to}/embed">`,
    video: `<video src="${to}/video" autoplay></video>`,
    poster: `<video poster="${to}/poster"></video>`,
    audio: `<audio src="${to}/audio" autoplay></audio>`,
    track: `<video><track default src="${to}/track"></video>`,
    svgImage: `<svg><image href="${to}/svg-image"/></svg>`,
    svgUse: `<svg><use href="${to}/use.svg#x"/></svg>`,
    favicon: `<link rel="icon" href="${to}/icon">`,
    manifest: `<link rel="manifest" href="${to}/manifest">`,
    download: `<a id="d" download href="${to}/download"></a>${script('document.getElementById("d").click()')}`,
    ping: `<a id="p" href="#" ping="${to}/ping">x</a>${script('document.getElementById("p").click()')}`,
    cspReport: `<meta http-equiv="Content-Security-Policy" content="img-src 'none'; report-uri ${to}/csp"><img src="x:y">`,
    stun: script(
      `const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udpPort}' }] }); c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o))`,
    ),
    turn: script(
      `const t = new RTCPeerConnection({ iceServers: [{ urls: 'turn:127.0.0.1:${port}?transport=tcp', username: 'u', credential: 'c' }] }); t.createDataChannel('x'); t.createOffer().then((o) => t.setLocalDescription(o))`,
    ),
    webTransport: script(`new WebTransport('https://127.0.0.1:${udpPort}/wt')`),
    importScript: script(`import('${to}/import.js').catch(() => {})`),
    cssCursor: `<style>body { cursor: url(${to}/cursor), auto; list-style-image: url(${to}/list) }</style><li>x`,
    background: `<body background="${to}/body">`,
  };
}
