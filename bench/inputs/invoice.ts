import { createRandom } from './random.ts';

/** Printed on A4 the invoice takes so many pages; every contestant's answer is checked for it. */
export const invoicePages = 2;

const itemCount = 44;
const words = 'paper ink cable server desk lamp chair screen hosting support licence audit'.split(
  ' ',
);

/** An invoice of two A4 pages and about 60 kB of HTML: style sheet, drawn logo, table, bar code. */
export function drawInvoice(): string {
  const random = createRandom(42);
  const items = Array.from({ length: itemCount }, (_, index) => drawItem(index, random));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Invoice 2042</title>
<style>${style}</style></head><body>
<header>${drawLogo(random)}<div><h1>Invoice 2042</h1><p>Issued on 1 March, due in 30 days</p></div></header>
<section class="parties"><address>Nebula Ltd<br>1 Example Street<br>Sample Town</address>
<address>Customer &amp; Sons<br>2 Specimen Road<br>Test City</address></section>
<table><thead><tr><th>No</th><th>Item</th><th>Details</th><th>Quantity</th><th>Price</th><th>Sum</th></tr></thead>
<tbody>${items.join('\n')}</tbody></table>
<p class="total">Total due <strong>${(random() * 9000 + 1000).toFixed(2)}</strong></p>
${drawBarCode(random)}
<footer>Payable without deduction. Goods stay ours until they are paid.</footer></body></html>`;
}

const style = `@page{size:A4;margin:14mm}*{box-sizing:border-box}
body{font:9.5pt/1.35 "Liberation Sans",Arial,sans-serif;color:#1d2433;margin:0}
header{display:flex;gap:16pt;align-items:center;border-bottom:2pt solid #3b5bdb;padding-bottom:8pt}
h1{margin:0;font-size:20pt;letter-spacing:-.4pt}.parties{display:grid;grid-template-columns:1fr 1fr;margin:12pt 0}
address{font-style:normal}table{width:100%;border-collapse:collapse}th{text-align:left;background:#eef2ff}
td,th{padding:3.2pt 5pt;border-bottom:.5pt solid #d0d7e5;vertical-align:top}tr:nth-child(even) td{background:#f8faff}
td.number{text-align:right;font-variant-numeric:tabular-nums}.total{text-align:right;font-size:13pt;margin:10pt 0}
.tag{border-radius:3pt;padding:0 3pt;font-size:7.5pt}footer{margin-top:10pt;font-size:8pt;color:#5b667a}`;

function drawItem(index: number, random: () => number): string {
  const pick = () => words[Math.floor(random() * words.length)];
  const text = Array.from({ length: 7 }, pick).join(' ');
  const hue = Math.floor(random() * 360);
  const quantity = Math.ceil(random() * 20);
  const price = random() * 200;
  const chart = Array.from(
    { length: 40 },
    (_, x) => `${(x * 1.4).toFixed(1)},${(random() * 12).toFixed(2)}`,
  );
  return `<tr id="item-${index + 1}" data-kind="${pick()}"><td>${index + 1}</td>
<td><strong>${pick()} ${pick()}</strong> <span class="tag" style="background:hsl(${hue} 80% 88%);color:hsl(${hue} 60% 28%)">${pick()}</span></td>
<td>${text} <svg width="56" height="12" viewBox="0 0 56 12" aria-hidden="true"><polyline fill="none" stroke="hsl(${hue} 60% 45%)" stroke-width="1" points="${chart.join(' ')}"/></svg></td>
<td class="number">${quantity}</td><td class="number">${price.toFixed(2)}</td><td class="number">${(price * quantity).toFixed(2)}</td></tr>`;
}

function drawLogo(random: () => number): string {
  const stars = Array.from({ length: 120 }, () => {
    const [x, y, r] = [random() * 64, random() * 64, random() * 1.6];
    return `<circle cx="${x.toFixed(2)}" cy="${y.toFixed(2)}" r="${r.toFixed(2)}" fill="hsl(${Math.floor(random() * 80 + 200)} 80% 60%)"/>`;
  });
  return `<svg width="64" height="64" viewBox="0 0 64 64" role="img" aria-label="Nebula"><defs><radialGradient id="g"><stop offset="0" stop-color="#91a7ff"/><stop offset="1" stop-color="#1b2a6b"/></radialGradient></defs><circle cx="32" cy="32" r="31" fill="url(#g)"/>${stars.join('')}</svg>`;
}

function drawBarCode(random: () => number): string {
  let x = 0;
  const bars = Array.from({ length: 160 }, () => {
    const width = 0.6 + random() * 1.6;
    x += width + 0.6;
    return `<rect x="${(x - width).toFixed(2)}" y="0" width="${width.toFixed(2)}" height="26"/>`;
  });
  return `<svg width="300" height="26" viewBox="0 0 ${x.toFixed(0)} 26" preserveAspectRatio="none" role="img" aria-label="Bar code">${bars.join('')}</svg>`;
}
