/** What the text area holds at first: a page that shows fonts, tables, gradients and page breaks. */
export const sampleHtml = `<!doctype html>
<html lang="en">
<head>
  <title>Invoice 2026-014</title>
  <style>
    body { font: 14px/1.6 system-ui, sans-serif; color: #1c1b29; margin: 0 }
    header { padding: 28px 32px; border-radius: 14px; color: white;
             background: linear-gradient(120deg, #5145cd, #8b5cf6) }
    h1 { margin: 0; font-size: 26px }
    table { width: 100%; border-collapse: collapse; margin-top: 28px }
    th, td { padding: 10px 4px; text-align: left; border-bottom: 1px solid #e4e4ec }
    td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums }
    tfoot td { border: 0; font-weight: 700; font-size: 17px }
  </style>
</head>
<body>
  <header><h1>Invoice 2026-014</h1>Due in 14 days</header>
  <table>
    <thead><tr><th>Item</th><th>Hours</th><th>Amount</th></tr></thead>
    <tbody>
      <tr><td>Design of the price list</td><td>6</td><td>₹18,000</td></tr>
      <tr><td>Set-up of the print service</td><td>4</td><td>₹14,000</td></tr>
      <tr><td>Proof reading</td><td>2</td><td>₹5,000</td></tr>
    </tbody>
    <tfoot><tr><td>Total</td><td></td><td>₹37,000</td></tr></tfoot>
  </table>
</body>
</html>
`;
