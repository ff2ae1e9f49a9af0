/** What an admin may write anew: texts with `{{variables}}`, paragraphs apart by an empty line. */
export type TemplateText = { subject: string; heading: string; body: string; action: string };

type Template = TemplateText & {
  /** What admins know it by. */
  title: string;
  /** The variables beside `url`, which every mail has for its button; each with an example. */
  facts: Record<string, string>;
  /** Variables without which the mail would say nothing. */
  needs?: readonly string[];
};

/** The mails of the product, as they are where no admin has written them anew. */
export const mailTemplates = {
  verify: {
    title: 'Address to confirm',
    facts: { name: 'Ada' },
    subject: 'Confirm your address',
    heading: 'Welcome, {{name}}',
    body: 'Confirm that this address is yours, and your account is ready.\n\nThe link works once, for a day. If you have not registered, do nothing.',
    action: 'Confirm the address',
  },
  address_taken: {
    title: 'Registration with a known address',
    facts: {},
    subject: 'You have an account already',
    heading: 'You have an account already',
    body: 'Somebody, perhaps you, tried to register with this address. It has an account, which was left as it is.\n\nIf you forgot the password, set a new one.',
    action: 'Set a new password',
  },
  reset: {
    title: 'New password',
    facts: {},
    subject: 'Set a new password',
    heading: 'Set a new password',
    body: 'Somebody, perhaps you, asked for a new password. The link works once, for 30 minutes.\n\nIf it was not you, do nothing: the old password goes on.',
    action: 'Set a new password',
  },
  password_changed: {
    title: 'Password changed',
    facts: {},
    subject: 'Your password was changed',
    heading: 'Your password was changed',
    body: 'Every other session was ended. API keys go on working.\n\nIf it was not you, set a new password at once.',
    action: 'Set a new password',
  },
  welcome: {
    title: 'Account ready',
    facts: { name: 'Ada' },
    subject: 'Your account is ready',
    heading: 'It is all yours, {{name}}',
    body: 'Make an API key, and convert a first file with one line of curl.',
    action: 'Open the playground',
  },
  notification: {
    title: 'Notification by mail',
    facts: { title: 'A job has failed', text: 'image-resize: the file is broken.' },
    needs: ['title'],
    subject: '{{title}}',
    heading: '{{title}}',
    body: '{{text}}\n\nYou chose to hear of this by mail; the settings of notifications change that.',
    action: 'Open the dashboard',
  },
  google_linked: {
    title: 'Google account linked',
    facts: { google: 'ada@gmail.com' },
    needs: ['google'],
    subject: 'A Google account was linked',
    heading: 'A Google account was linked',
    body: '{{google}} signs in to your account from now on, beside your password.\n\nIf it was not you, unlink it in the settings and change your password.',
    action: 'Open the settings',
  },
  new_device: {
    title: 'New device',
    facts: { device: 'Firefox on Linux', address: '203.0.113.7', time: '1 March 2026, 10:00 UTC' },
    needs: ['device'],
    subject: 'A new device has signed in',
    heading: 'A new device has signed in',
    body: '{{device}}, from {{address}}, at {{time}}.\n\nIf it was not you, set a new password: that ends every session.',
    action: 'Set a new password',
  },
  session_ended: {
    title: 'Session ended for safety',
    facts: { device: 'Firefox on Linux', address: '203.0.113.7' },
    needs: ['device'],
    subject: 'A session was ended for your safety',
    heading: 'A session was ended for your safety',
    body: 'An old token of the session on {{device}} was used again, from {{address}}.\n\nPerhaps a program repeated itself; perhaps the token was stolen. Sign in again on that device.',
    action: 'See the sessions',
  },
  account_suspended: {
    title: 'Account suspended',
    facts: { reason: 'Payments were charged back.' },
    needs: ['reason'],
    subject: 'Your account was suspended',
    heading: 'Your account was suspended',
    body: '{{reason}}\n\nNobody can sign in and API keys are refused. Jobs that were accepted end as they would, and nothing is deleted. Answer this mail if you think that it is a mistake.',
    action: 'Read what it means',
  },
  account_restored: {
    title: 'Account restored',
    facts: { name: 'Ada' },
    subject: 'Your account works again',
    heading: 'Your account works again',
    body: 'Hello {{name}}, your account is no longer suspended.\n\nAPI keys are accepted from now on; sign in again on each device.',
    action: 'Sign in',
  },
  webhook_failing: {
    title: 'Webhook endpoint that fails',
    facts: { endpoint: 'https://example.com/hook' },
    needs: ['endpoint'],
    subject: 'A webhook endpoint does not answer',
    heading: 'A webhook endpoint does not answer',
    body: 'For a day nothing could be delivered to {{endpoint}}.\n\nDeliveries are tried again; after five days without one the endpoint is switched off.',
    action: 'See the deliveries',
  },
  webhook_disabled: {
    title: 'Webhook endpoint switched off',
    facts: { endpoint: 'https://example.com/hook', reason: 'five days without an answer' },
    needs: ['endpoint'],
    subject: 'A webhook endpoint was switched off',
    heading: 'A webhook endpoint was switched off',
    body: '{{endpoint}} was switched off: {{reason}}.\n\nWhat was not delivered is kept, and can be sent again when the endpoint is switched on.',
    action: 'See the endpoint',
  },
  usage_threshold: {
    title: 'Calls used',
    facts: {
      percent: '80',
      used: '8,000',
      limit: '10,000',
      resets: '1 March 2026',
      advice:
        'When all are used, calls are refused with quota_exceeded until the next cycle begins.',
    },
    needs: ['percent'],
    subject: '{{percent}} % of your calls are used',
    heading: '{{percent}} % of your calls are used',
    body: '{{used}} of the {{limit}} calls of this cycle are used; the next one begins on {{resets}}.\n\n{{advice}}',
    action: 'See the usage',
  },
  invoice_paid: {
    title: 'Invoice paid',
    facts: { number: 'INV/26-27/000042', amount: '₹1,499.00', what: 'Pro for 30 days' },
    needs: ['number', 'amount'],
    subject: 'Paid: invoice {{number}}',
    heading: 'Thank you for your payment',
    body: '{{what}}: {{amount}} were paid. Invoice {{number}} waits as PDF.',
    action: 'See the invoice',
  },
  payment_refunded: {
    title: 'Payment refunded',
    facts: { amount: '₹1,499.00' },
    needs: ['amount'],
    subject: 'Refunded: {{amount}}',
    heading: '{{amount}} go back to you',
    body: 'They go back the way they were paid; the bank may take some days. The credit note waits beside your invoices.',
    action: 'See the billing',
  },
  plan_chosen: {
    title: 'Another plan from the next cycle',
    facts: {
      title: 'Your plan was canceled',
      what: 'It works until 1 March 2026; then the limits of Free hold. Nothing is deleted.',
    },
    needs: ['what'],
    subject: '{{title}}',
    heading: '{{title}}',
    body: '{{what}}\n\nUntil then you can change your mind.',
    action: 'See the billing',
  },
  payment_failed: {
    title: 'Payment failed',
    facts: { number: 'INV/26-27/000042', amount: '₹1,499.00', next: '3 March 2026' },
    needs: ['number', 'amount'],
    subject: 'Not paid: invoice {{number}}',
    heading: 'Your plan could not be renewed',
    body: '{{amount}} for invoice {{number}} could not be charged. Nothing has changed yet.\n\nWe try again on {{next}}. Pay by hand or name another account, and it is settled at once.',
    action: 'Pay now',
  },
  payment_disputed: {
    title: 'Payment disputed',
    facts: {
      title: 'A payment is disputed',
      amount: '₹1,499.00',
      reason: 'Goods or Services Not Provided',
      means: 'Nothing has changed yet. If it was a mistake, ask the bank to withdraw it.',
    },
    needs: ['amount', 'means'],
    subject: '{{title}}',
    heading: '{{title}}',
    body: 'A bank questions the payment of {{amount}}: {{reason}}.\n\n{{means}}',
    action: 'See the billing',
  },
  dispute_to_answer: {
    title: 'Dispute, for the operator',
    facts: {
      title: 'A payment is disputed',
      customer: 'ada@example.com',
      amount: '₹1,499.00',
      reason: 'Goods or Services Not Provided',
      due: 'Sun, 01 Mar 2026 10:00:00 GMT',
    },
    needs: ['customer', 'amount', 'due'],
    subject: '{{title}}: {{customer}}',
    heading: '{{title}}',
    body: '{{customer}}, {{amount}}: {{reason}}.\n\nAnswer it at Cashfree. Time to answer: {{due}}.',
    action: 'See the payments',
  },
  plan_given: {
    title: 'Plan given by the operator',
    facts: { plan: 'Pro', reason: 'You take part in the beta.' },
    needs: ['plan', 'reason'],
    subject: 'Your plan is {{plan}}',
    heading: 'Your plan is {{plan}}',
    body: '{{reason}}\n\nIts limits hold from now on. Nothing was charged, and nothing is deleted.',
    action: 'See the usage',
  },
  plan_lapsed: {
    title: 'Plan ended unpaid',
    facts: { number: 'INV/26-27/000042', amount: '₹1,499.00' },
    needs: ['number', 'amount'],
    subject: 'Your plan has ended',
    heading: 'The limits of Free hold from now on',
    body: '{{amount}} for invoice {{number}} were not paid within a week, and are owed no more.\n\nNothing was deleted. The plan can be bought again at any time.',
    action: 'Choose a plan',
  },
  key_created: {
    title: 'API key made',
    facts: { key: 'laptop' },
    needs: ['key'],
    subject: 'An API key was made',
    heading: 'An API key was made',
    body: 'The key "{{key}}" can be used from now on.\n\nIf it was not you, delete it.',
    action: 'See the keys',
  },
  key_expiring: {
    title: 'API key about to expire',
    facts: { key: 'Production', left: '7 days', time: '1 March 2026, 10:00 UTC' },
    needs: ['key'],
    subject: 'An API key expires in {{left}}',
    heading: 'An API key expires in {{left}}',
    body: 'The key "{{key}}" is refused from {{time}} on.\n\nGive it a later end, or put another key in its place.',
    action: 'See the keys',
  },
  support_reply: {
    title: 'Answer of the support',
    facts: { subject: 'My PDF is empty', text: 'Try it with wait.selector.' },
    needs: ['text'],
    subject: 'An answer for you: {{subject}}',
    heading: 'The support has answered',
    body: '{{text}}',
    action: 'Read and answer',
  },
  support_waiting: {
    title: 'Customer who waits',
    facts: {
      subject: 'My PDF is empty',
      text: 'It has no pages.',
      customer: 'Ada, ada@example.com, Pro',
    },
    needs: ['text', 'customer'],
    subject: 'Nobody has answered: {{subject}}',
    heading: 'A customer waits for an answer',
    body: '{{customer}}\n\n{{text}}',
    action: 'Open the conversation',
  },
} as const satisfies Record<string, Template>;

export type MailTemplate = keyof typeof mailTemplates;

export const mailTemplateNames = Object.keys(mailTemplates) as [MailTemplate, ...MailTemplate[]];

/** What a mail needs beside its text. */
export type MailFacts<T extends MailTemplate> = Record<
  keyof (typeof mailTemplates)[T]['facts'] | 'url',
  string
>;

/** The variables that a text of this template may hold. */
export const variablesOf = (template: MailTemplate): string[] => [
  ...Object.keys(mailTemplates[template].facts),
  'url',
];

/** The variables that its text must hold. */
export function neededBy(template: MailTemplate): readonly string[] {
  const { needs = [] }: Template = mailTemplates[template];
  return needs;
}
