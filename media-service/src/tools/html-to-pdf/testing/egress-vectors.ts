/** Where the canary listens. */
export type Target = { port: number; udpPort: number };

/** Ways in which a document can make a browser speak to an address that it must not reach. */
export function egressVectors({ port, udpPort }: Target): Record<string, string> {
  const to = `http://127.0.0.1:${port}`;
  const ws = `ws://127.0.0.1:${port}`;
  const script = (code: string) => `<script>try { ${code} } catch {}</script>`;
  const worker = (code: string) =>
    script(`new Worker(URL.createObjectURL(new Blob([${JSON.stringify(code)}])))`);
  return {
    ...elements(to),
    fetch: script(`fetch('${to}/fetch').catch(() => {})`),
    fetchNoCors: script(`fetch('${to}/nocors', { mode: 'no-cors', method: 'POST', body: 'x' })`),
    fetchKeepalive: script(`fetch('${to}/alive', { keepalive: true, mode: 'no-cors' })`),
    xhr: script(`const x = new XMLHttpRequest(); x.open('GET', '${to}/xhr', false); x.send()`),
    webSocket: script(`new WebSocket('${ws}/ws')`),
    workerFetch: worker(`fetch('${to}/worker')`),
    workerWebSocket: worker(`new WebSocket('${ws}/worker')`),
    workerImport: worker(`importScripts('${to}/import.js')`),
    nestedWorker: worker(`new Worker(URL.createObjectURL(new Blob(["fetch('${to}/nested')"])))`),
    sharedWorker: script(`new SharedWorker('data:text/javascript,fetch("${to}/shared")')`),
    serviceWorker: script(`navigator.serviceWorker.register('${to}/sw.js')`),
    ownServiceWorker: script(`navigator.serviceWorker.register('/sw.js')`),
    eventSource: script(`new EventSource('${to}/events')`),
    beacon: script(`navigator.sendBeacon('${to}/beacon', 'x')`),
    windowOpen: script(`open('${to}/open')`),
    windowWrite: script(`const w = open(''); w.document.write('<img src="${to}/written">')`),
    clickedLink: `<a id="a" target="_blank" href="${to}/blank"></a>${script('a.click()')}`,
    location: script(`setTimeout(() => { location = '${to}/location' }, 1)`),
    form: `<form id="f" method="post" action="${to}/form"></form>${script('f.submit()')}`,
    formInFrame: `<iframe name="i"></iframe><form id="g" target="i" action="${to}/frame"></form>${script('g.submit()')}`,
    download: `<a id="d" download href="${to}/download"></a>${script('d.click()')}`,
    ping: `<a id="p" href="#" ping="${to}/ping">x</a>${script('p.click()')}`,
    stun: script(
      `const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udpPort}' }] }); c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o))`,
    ),
    turn: script(
      `const t = new RTCPeerConnection({ iceServers: [{ urls: 'turn:127.0.0.1:${port}?transport=tcp', username: 'u', credential: 'c' }] }); t.createDataChannel('x'); t.createOffer().then((o) => t.setLocalDescription(o))`,
    ),
    webTransport: script(`new WebTransport('https://127.0.0.1:${udpPort}/wt')`),
    importScript: script(`import('${to}/import.js').catch(() => {})`),
    moduleScript: `<script type="module">import '${to}/module.js'</script>`,
    paintedImage: script(`const i = new Image(); i.src = '${to}/painted'; i.decode()`),
    mediaSource: script(`new Audio('${to}/sound').play().catch(() => {})`),
    fontFace: script(`new FontFace('f', 'url(${to}/face)').load().catch(() => {})`),
    addedLink: script(
      `document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '${to}/added' }))`,
    ),
  };
}

/** What needs no script. */
function elements(to: string): Record<string, string> {
  return {
    img: `<img src="${to}/img">`,
    srcset: `<img srcset="${to}/srcset 2x">`,
    picture: `<picture><source srcset="${to}/picture"><img></picture>`,
    inputImage: `<input type="image" src="${to}/input">`,
    iframe: `<iframe src="${to}/iframe"></iframe>`,
    srcdoc: `<iframe srcdoc="<img src='${to}/srcdoc'>"></iframe>`,
    dataFrame: `<iframe src="data:text/html,<img src='${to}/data'>"></iframe>`,
    frameset: `<iframe srcdoc="<frameset><frame src='${to}/frame'></frameset>"></iframe>`,
    cssImport: `<style>@import url(${to}/import.css);</style>`,
    cssBackground: `<style>body { background: url(${to}/bg) }</style>`,
    cssContent: `<style>p::before { content: url(${to}/content) }</style><p>x`,
    cssCursor: `<style>body { cursor: url(${to}/cursor), auto; list-style-image: url(${to}/list) }</style><li>x`,
    cssMask: `<style>p { mask: url(${to}/mask); filter: url(${to}/filter.svg#f) }</style><p>x`,
    font: `<style>@font-face { font-family: x; src: url(${to}/font) } body { font-family: x }</style>x`,
    stylesheet: `<link rel="stylesheet" href="${to}/style.css">`,
    preconnect: `<link rel="preconnect" href="${to}">`,
    dnsPrefetch: `<link rel="dns-prefetch" href="${to}">`,
    prefetch: `<link rel="prefetch" href="${to}/prefetch">`,
    preload: `<link rel="preload" as="image" href="${to}/preload">`,
    modulePreload: `<link rel="modulepreload" href="${to}/module.js">`,
    speculation: `<script type="speculationrules">{"prerender":[{"urls":["${to}/prerender"]}],"prefetch":[{"urls":["${to}/speculated"]}]}</script>`,
    metaRefresh: `<meta http-equiv="refresh" content="0;url=${to}/refresh">`,
    object: `<object data="${to}/object"></object>`,
    embed: `<embed src="${to}/embed">`,
    video: `<video src="${to}/video" autoplay></video>`,
    poster: `<video poster="${to}/poster"></video>`,
    audio: `<audio src="${to}/audio" autoplay></audio>`,
    track: `<video><track default src="${to}/track"></video>`,
    svgImage: `<svg><image href="${to}/svg-image"/></svg>`,
    svgUse: `<svg><use href="${to}/use.svg#x"/></svg>`,
    svgForeign: `<svg><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="${to}/foreign"></iframe></foreignObject></svg>`,
    favicon: `<link rel="icon" href="${to}/icon">`,
    manifest: `<link rel="manifest" href="${to}/manifest">`,
    cspReport: `<meta http-equiv="Content-Security-Policy" content="img-src 'none'; report-uri ${to}/csp"><img src="x:y">`,
    background: `<body background="${to}/body">`,
    base: `<base href="${to}/"><img src="relative">`,
  };
}
