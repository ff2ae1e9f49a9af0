import { z } from 'zod';
import { length, pages } from '../fields.ts';
import { defineTool, type Issue } from '../tool.ts';

const pageSizes = [
  'A0',
  'A1',
  'A2',
  'A3',
  'A4',
  'A5',
  'A6',
  'Letter',
  'Legal',
  'Tabloid',
  'Ledger',
] as const;

const headerValue = z
  .string()
  .max(4096)
  .regex(/^[^\r\n\0]*$/, 'Expected one line of text.');

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
          value: headerValue.describe('Value.'),
          domain: z.string().max(253).optional().describe('Domain; that of url by default.'),
          path: z.string().max(1024).default('/').describe('Path.'),
          secure: z.boolean().default(false).describe('Only over https.'),
          http_only: z.boolean().default(false).describe('Hidden from scripts.'),
        }),
      )
      .max(50)
      .default([])
      .describe('Cookies to set before the page is opened; needs url.'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'Expected a header name.'), headerValue)
      .default({})
      .describe('Headers to send with requests to the origin of url, and to no other.'),
    user_agent: headerValue.max(512).optional().describe('User agent to send.'),
    basic_auth: z
      .strictObject({
        username: headerValue.describe('User name.'),
        password: headerValue.describe('Password.'),
      })
      .optional()
      .describe('Credentials for HTTP authentication of url.'),
    css: z.string().max(1_000_000).optional().describe('Style sheet to add.'),
    javascript: z
      .string()
      .max(1_000_000)
      .optional()
      .describe('Script to run after the page has loaded.'),
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
    outline: z.boolean().default(false).describe('Add bookmarks from the headings.'),
    metadata: z
      .strictObject({
        title: z.string().max(1000).optional().describe('Title.'),
        author: z.string().max(1000).optional().describe('Author.'),
        subject: z.string().max(1000).optional().describe('Subject.'),
        keywords: z.array(z.string().max(200)).max(50).optional().describe('Keywords.'),
      })
      .optional()
      .describe('Properties of the document.'),
    encrypt: z
      .strictObject({
        user: headerValue.max(127).default('').describe('Password to open; empty for none.'),
        owner: headerValue.min(1).max(127).describe('Password that lifts the limits.'),
        allow: z
          .array(
            z.enum(['print', 'copy', 'modify', 'annotate', 'forms', 'assemble', 'accessibility']),
          )
          .default(['accessibility'])
          .describe('What is allowed without the owner password.'),
      })
      .optional()
      .describe('Encrypt with AES-256.'),
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
  width?: string;
  height?: string;
  single_page?: boolean;
  prefer_css_page_size?: boolean;
  javascript?: string;
  javascript_enabled?: boolean;
  wait?: { expression?: string };
  cookies?: { domain?: string }[];
  headers?: object;
  basic_auth?: object;
};

function checkTogether(options: Together): Issue[] {
  const issues: Issue[] = [];
  const add = (path: string, message: string) => issues.push({ path, message });
  if ((options.width === undefined) !== (options.height === undefined)) {
    const missing = options.width === undefined ? 'width' : 'height';
    add(missing, `Expected width and height together; ${missing} is missing.`);
  }
  if (options.single_page && options.prefer_css_page_size)
    add('single_page', 'Expected single_page or prefer_css_page_size, received both.');
  if (options.url === undefined) {
    if (options.cookies?.length) add('cookies', 'cookies need url.');
    if (Object.keys(options.headers ?? {}).length > 0) add('headers', 'headers need url.');
    if (options.basic_auth) add('basic_auth', 'basic_auth needs url.');
  }
  if (options.javascript_enabled === false) {
    if (options.javascript) add('javascript', 'javascript needs javascript_enabled.');
    if (options.wait?.expression)
      add('wait.expression', 'wait.expression needs javascript_enabled.');
  }
  return issues;
}
