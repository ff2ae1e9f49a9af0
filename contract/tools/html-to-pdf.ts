import { z } from 'zod';
import { lineOfText, pdfEncryption, pdfMetadata } from '../document-fields.ts';
import { length, pages } from '../fields.ts';
import { lengthToPoints } from '../lengths.ts';
import { defineTool, type Issue } from '../tool.ts';

/** Width and height of each paper format, as lengths. */
export const paperSizes = {
  A0: ['841mm', '1189mm'],
  A1: ['594mm', '841mm'],
  A2: ['420mm', '594mm'],
  A3: ['297mm', '420mm'],
  A4: ['210mm', '297mm'],
  A5: ['148mm', '210mm'],
  A6: ['105mm', '148mm'],
  Letter: ['8.5in', '11in'],
  Legal: ['8.5in', '14in'],
  Tabloid: ['11in', '17in'],
  Ledger: ['17in', '11in'],
} as const;

const pageSizes = Object.keys(paperSizes) as [keyof typeof paperSizes];

/** Sides of a page in points: what readers open, and what a letter needs. */
export const pageLimits = { min: 36, max: 14_400 } as const;

const band = (where: string) =>
  z.strictObject({
    html: z
      .string()
      .max(100_000)
      .describe(
        'HTML with the classes pageNumber, totalPages, title, date and url where those belong.',
      ),
    height: length().default('15mm').describe(`Room that the ${where} margin gets at least.`),
    start_page: z.int().min(1).max(10_000).default(1).describe('First page that shows it.'),
    first_page_html: z
      .string()
      .max(100_000)
      .optional()
      .describe('What the first page shows instead; empty for nothing.'),
  });

export const htmlToPdf = defineTool({
  id: 'html-to-pdf',
  title: 'HTML to PDF',
  summary: 'Print HTML, a web page or a zipped site to PDF with Chromium.',
  description:
    'Give `html`, the address of a page as `url`, or a `file`: an .html document, or a .zip with index.html and its assets. Assets that cannot be loaded never fail the run unless `fail_on` says so; they are listed as warnings.',
  category: 'converter',
  source: { field: 'file', accepts: ['html', 'zip'], maxFiles: 1, url: 'visit' },
  inline: {
    html: z.string().min(1).max(8_000_000).optional().describe('The HTML document itself.'),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional()
      .describe('Public http(s) address of the page.'),
  },
  options: {
    page_size: z.enum(pageSizes).default('A4').describe('Paper format.'),
    width: length().optional().describe('Width of the paper, with height instead of page_size.'),
    height: length().optional().describe('Height of the paper, with width instead of page_size.'),
    margin: z
      .strictObject({
        top: length().default('10mm').describe('Top margin.'),
        right: length().default('10mm').describe('Right margin.'),
        bottom: length().default('10mm').describe('Bottom margin.'),
        left: length().default('10mm').describe('Left margin.'),
      })
      .default({ top: '10mm', right: '10mm', bottom: '10mm', left: '10mm' })
      .describe('Margins of each page.'),
    landscape: z.boolean().default(false).describe('Turn the paper.'),
    scale: z.number().min(0.1).max(2).default(1).describe('Scale of the content.'),
    single_page: z.boolean().default(false).describe('One page as long as the document.'),
    prefer_css_page_size: z
      .boolean()
      .default(false)
      .describe('Let @page in the style sheet decide the paper.'),
    print_background: z.boolean().default(true).describe('Print background colours and images.'),
    transparent: z.boolean().default(false).describe('No white behind the page.'),
    header: band('top').optional().describe('Repeated at the top of each page.'),
    footer: band('bottom').optional().describe('Repeated at the bottom of each page.'),
    pages: pages().default('all').describe('Pages to keep: all, 1-3,5, 2-, last, odd, even or !4.'),
    wait: z
      .strictObject({
        until: z
          .enum(['load', 'domcontentloaded', 'networkidle0', 'networkidle2'])
          .default('load')
          .describe('Event to wait for; fonts are waited for in any case.'),
        delay_ms: z.int().min(0).max(10_000).default(0).describe('Further wait in milliseconds.'),
        selector: z.string().min(1).max(1000).optional().describe('CSS selector that must appear.'),
        expression: z
          .string()
          .min(1)
          .max(10_000)
          .optional()
          .describe('JavaScript expression that must become true.'),
        timeout_ms: z
          .int()
          .min(100)
          .max(120_000)
          .default(30_000)
          .describe('Longest wait; then the page is printed as it is, with a warning.'),
      })
      .default({ until: 'load', delay_ms: 0, timeout_ms: 30_000 })
      .describe('When the page counts as ready.'),
    media: z.enum(['print', 'screen']).default('print').describe('CSS media type.'),
    color_scheme: z.enum(['light', 'dark']).default('light').describe('Preferred colour scheme.'),
    cookies: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(256).describe('Name.'),
          value: lineOfText.describe('Value.'),
          domain: z.string().max(253).optional().describe('Domain; that of url by default.'),
          path: z.string().max(1024).default('/').describe('Path.'),
          secure: z.boolean().default(false).describe('Only over https.'),
          http_only: z.boolean().default(false).describe('Hidden from scripts.'),
        }),
      )
      .max(50)
      .default([])
      .describe('Cookies to set before the page is opened; need url.'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'Expected a header name.'), lineOfText)
      .default({})
      .describe('Headers to send with requests to the origin of url, and to no other; need url.'),
    user_agent: lineOfText.max(512).optional().describe('User agent to send.'),
    basic_auth: z
      .strictObject({
        username: lineOfText.describe('User name.'),
        password: lineOfText.describe('Password.'),
      })
      .optional()
      .describe('Credentials for HTTP authentication, sent to the origin of url and to no other.'),
    css: z.string().max(1_000_000).optional().describe('Style sheet to add.'),
    javascript: z
      .string()
      .max(1_000_000)
      .optional()
      .describe('Script to run after the page has loaded; a promise at its end is waited for.'),
    javascript_enabled: z.boolean().default(true).describe('Run the scripts of the page.'),
    fail_on: z
      .strictObject({
        http_status: z
          .boolean()
          .default(false)
          .describe('Fail when the page itself answers 400 or above.'),
        resources: z.boolean().default(false).describe('Fail when any asset cannot be loaded.'),
        console: z.boolean().default(false).describe('Fail when a script reports an error.'),
      })
      .default({ http_status: false, resources: false, console: false })
      .describe('What makes the run fail instead of warn.'),
    block: z
      .strictObject({
        types: z
          .array(z.enum(['image', 'media', 'font', 'stylesheet', 'script', 'xhr', 'fetch']))
          .max(7)
          .default([])
          .describe('Kinds of assets that are not loaded.'),
        patterns: z
          .array(z.string().min(1).max(500))
          .max(50)
          .default([])
          .describe('Addresses that are not loaded; * stands for anything.'),
      })
      .default({ types: [], patterns: [] })
      .describe('Assets to leave out.'),
    tagged: z.boolean().default(true).describe('Add the structure that screen readers need.'),
    outline: z.boolean().default(false).describe('Add bookmarks from the headings; needs tagged.'),
    metadata: pdfMetadata(),
    encrypt: pdfEncryption(),
    scroll_to_load: z
      .boolean()
      .default(false)
      .describe('Scroll through the page first, so that lazy images load.'),
  },
  check: checkTogether,
  outputs: ['pdf'],
  groups: [
    { title: 'Page', fields: ['page_size', 'landscape', 'margin', 'scale', 'print_background'] },
    {
      title: 'Layout',
      fields: [
        'width',
        'height',
        'single_page',
        'prefer_css_page_size',
        'transparent',
        'pages',
        'header',
        'footer',
      ],
      advanced: true,
    },
    {
      title: 'Loading',
      fields: [
        'wait',
        'scroll_to_load',
        'media',
        'color_scheme',
        'javascript_enabled',
        'css',
        'javascript',
        'block',
        'fail_on',
      ],
      advanced: true,
    },
    {
      title: 'Access to url',
      fields: ['cookies', 'headers', 'user_agent', 'basic_auth'],
      advanced: true,
    },
    { title: 'Document', fields: ['tagged', 'outline', 'metadata', 'encrypt'], advanced: true },
  ],
  example: { html: '<h1>Hello</h1><p>From HTML to PDF.</p>', page_size: 'A4' },
});

type Together = {
  url?: string;
  page_size?: keyof typeof paperSizes;
  width?: string;
  height?: string;
  margin?: { top: string; right: string; bottom: string; left: string };
  landscape?: boolean;
  single_page?: boolean;
  prefer_css_page_size?: boolean;
  header?: { height: string };
  footer?: { height: string };
  tagged?: boolean;
  outline?: boolean;
  css?: string;
  javascript?: string;
  javascript_enabled?: boolean;
  scroll_to_load?: boolean;
  wait?: { expression?: string };
  cookies?: unknown[];
  headers?: object;
  basic_auth?: object;
};

function checkTogether(options: Together): Issue[] {
  return [...checkPaper(options), ...checkAccess(options), ...checkScripts(options)];
}

function checkPaper(options: Together): Issue[] {
  const { height, width } = options;
  if ((width === undefined) !== (height === undefined)) {
    const missing = width === undefined ? 'width' : 'height';
    return [
      { path: missing, message: `Expected width and height together; ${missing} is missing.` },
    ];
  }
  const issues: Issue[] = [];
  for (const [path, side] of Object.entries({ width, height })) {
    const points = side === undefined ? pageLimits.min : lengthToPoints(side);
    if (points >= pageLimits.min && points <= pageLimits.max) continue;
    issues.push({ path, message: `Expected ${path} between 0.5in and 200in, received ${side}.` });
  }
  if (options.single_page && options.prefer_css_page_size)
    issues.push({
      path: 'single_page',
      message: 'Expected single_page or prefer_css_page_size, received both.',
    });
  if (options.outline && options.tagged === false)
    issues.push({ path: 'outline', message: 'outline needs tagged; received tagged: false.' });
  return issues.length > 0 ? issues : checkMargins(options);
}

/** What is left between the margins must hold at least a quarter of an inch. */
function checkMargins(options: Together): Issue[] {
  const { footer, header, landscape, margin, page_size, prefer_css_page_size, single_page } =
    options;
  if (!margin || prefer_css_page_size) return [];
  const { height, width } = paperOf(options, page_size ?? 'A4');
  const [wide, high] = landscape ? [height, width] : [width, height];
  const used = (...lengths: (string | undefined)[]) =>
    Math.max(...lengths.map((each) => (each === undefined ? 0 : lengthToPoints(each))));
  const across = used(margin.left) + used(margin.right);
  const down = used(margin.top, header?.height) + used(margin.bottom, footer?.height);
  const issues: Issue[] = [];
  const message = 'Expected margins, header and footer to leave at least 0.25in of the page.';
  if (wide - across < 18) issues.push({ path: 'margin.left', message });
  if (!single_page && high - down < 18) issues.push({ path: 'margin.top', message });
  return issues;
}

function paperOf({ height, width }: Together, size: keyof typeof paperSizes) {
  const [wide, high] = width && height ? [width, height] : paperSizes[size];
  return { width: lengthToPoints(wide), height: lengthToPoints(high) };
}

/** Cookies, headers and passwords belong to an origin, which only an address has. */
function checkAccess({ basic_auth, cookies, headers, url }: Together): Issue[] {
  const issues: Issue[] = [];
  if (url === undefined) {
    if (cookies?.length) issues.push({ path: 'cookies', message: 'cookies need url.' });
    if (Object.keys(headers ?? {}).length > 0)
      issues.push({ path: 'headers', message: 'headers need url.' });
    if (basic_auth) issues.push({ path: 'basic_auth', message: 'basic_auth needs url.' });
  }
  for (const name of Object.keys(headers ?? {})) {
    if (!refusedHeaders.test(name)) continue;
    const message = `The header ${name} is set by the browser and cannot be given.`;
    issues.push({ path: `headers.${name}`, message });
  }
  return issues;
}

const refusedHeaders =
  /^(host|connection|content-length|cookie|expect|keep-alive|te|trailer|transfer-encoding|upgrade|(proxy|sec|x-nebula)-.*)$/i;

function checkScripts({ javascript, javascript_enabled, scroll_to_load, wait }: Together): Issue[] {
  if (javascript_enabled !== false) return [];
  const needs = {
    javascript: javascript !== undefined,
    'wait.expression': wait?.expression !== undefined,
    scroll_to_load: scroll_to_load === true,
  };
  return Object.entries(needs)
    .filter(([, isGiven]) => isGiven)
    .map(([path]) => ({ path, message: `${path} needs javascript_enabled.` }));
}
