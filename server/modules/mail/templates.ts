/** What a mail says: a heading, sentences, and at most one thing to do. */
export type MailText = {
  subject: string;
  heading: string;
  lines: readonly string[];
  action?: { label: string; url: string };
};

/** The mails of the product; each template gets the facts that it needs. */
export const mailTemplates = {
  verify: ({ name, url }: { name: string; url: string }): MailText => ({
    subject: 'Confirm your address',
    heading: `Welcome, ${name}`,
    lines: [
      'Confirm that this address is yours, and your account is ready.',
      'The link works once, for a day. If you have not registered, do nothing.',
    ],
    action: { label: 'Confirm the address', url },
  }),
  address_taken: ({ url }: { url: string }): MailText => ({
    subject: 'You have an account already',
    heading: 'You have an account already',
    lines: [
      'Somebody, perhaps you, tried to register with this address. It has an account, which was left as it is.',
      'If you forgot the password, set a new one.',
    ],
    action: { label: 'Set a new password', url },
  }),
  reset: ({ url }: { url: string }): MailText => ({
    subject: 'Set a new password',
    heading: 'Set a new password',
    lines: [
      'Somebody, perhaps you, asked for a new password. The link works once, for 30 minutes.',
      'If it was not you, do nothing: the old password goes on.',
    ],
    action: { label: 'Set a new password', url },
  }),
  password_changed: ({ url }: { url: string }): MailText => ({
    subject: 'Your password was changed',
    heading: 'Your password was changed',
    lines: [
      'Every other session was ended. API keys go on working.',
      'If it was not you, set a new password at once.',
    ],
    action: { label: 'Set a new password', url },
  }),
  welcome: ({ name, url }: { name: string; url: string }): MailText => ({
    subject: 'Your account is ready',
    heading: `It is all yours, ${name}`,
    lines: ['Make an API key, and convert a first file with one line of curl.'],
    action: { label: 'Open the playground', url },
  }),
  notification: ({ text, title, url }: { text: string; title: string; url: string }): MailText => ({
    subject: title,
    heading: title,
    lines: [text, 'You chose to hear of this by mail; the settings of notifications change that.'],
    action: { label: 'Open the dashboard', url },
  }),
  google_linked: ({ google, url }: { google: string; url: string }): MailText => ({
    subject: 'A Google account was linked',
    heading: 'A Google account was linked',
    lines: [
      `${google} signs in to your account from now on, beside your password.`,
      'If it was not you, unlink it in the settings and change your password.',
    ],
    action: { label: 'Open the settings', url },
  }),
  new_device: (facts: {
    device: string;
    address: string;
    time: string;
    url: string;
  }): MailText => ({
    subject: 'A new device has signed in',
    heading: 'A new device has signed in',
    lines: [
      `${facts.device}, from ${facts.address}, at ${facts.time}.`,
      'If it was not you, set a new password: that ends every session.',
    ],
    action: { label: 'Set a new password', url: facts.url },
  }),
  session_ended: (facts: { device: string; address: string; url: string }): MailText => ({
    subject: 'A session was ended for your safety',
    heading: 'A session was ended for your safety',
    lines: [
      `An old token of the session on ${facts.device} was used again, from ${facts.address}.`,
      'Perhaps a program repeated itself; perhaps the token was stolen. Sign in again on that device.',
    ],
    action: { label: 'See the sessions', url: facts.url },
  }),
  webhook_failing: (facts: { endpoint: string; url: string }): MailText => ({
    subject: 'A webhook endpoint does not answer',
    heading: 'A webhook endpoint does not answer',
    lines: [
      `For a day nothing could be delivered to ${facts.endpoint}.`,
      'Deliveries are tried again; after five days without one the endpoint is switched off.',
    ],
    action: { label: 'See the deliveries', url: facts.url },
  }),
  webhook_disabled: (facts: { endpoint: string; reason: string; url: string }): MailText => ({
    subject: 'A webhook endpoint was switched off',
    heading: 'A webhook endpoint was switched off',
    lines: [
      `${facts.endpoint} was switched off: ${facts.reason}.`,
      'What was not delivered is kept, and can be sent again when the endpoint is switched on.',
    ],
    action: { label: 'See the endpoint', url: facts.url },
  }),
  usage_threshold: (facts: {
    percent: string;
    used: string;
    limit: string;
    resets: string;
    url: string;
  }): MailText => ({
    subject: `${facts.percent} % of your calls are used`,
    heading: `${facts.percent} % of your calls are used`,
    lines: [
      `${facts.used} of the ${facts.limit} calls of this cycle are used; the next one begins on ${facts.resets}.`,
      facts.percent === '100'
        ? 'Until then calls are refused with quota_exceeded. A larger plan applies at once.'
        : 'When all are used, calls are refused with quota_exceeded until the next cycle begins.',
    ],
    action: { label: 'See the usage', url: facts.url },
  }),
  invoice_paid: (facts: {
    number: string;
    amount: string;
    what: string;
    url: string;
  }): MailText => ({
    subject: `Paid: invoice ${facts.number}`,
    heading: 'Thank you for your payment',
    lines: [`${facts.what}: ${facts.amount} were paid. Invoice ${facts.number} waits as PDF.`],
    action: { label: 'See the invoice', url: facts.url },
  }),
  payment_failed: (facts: {
    number: string;
    amount: string;
    next: string;
    url: string;
  }): MailText => ({
    subject: `Not paid: invoice ${facts.number}`,
    heading: 'Your plan could not be renewed',
    lines: [
      `${facts.amount} for invoice ${facts.number} could not be charged. Nothing has changed yet.`,
      `We try again on ${facts.next}. Pay by hand or name another account, and it is settled at once.`,
    ],
    action: { label: 'Pay now', url: facts.url },
  }),
  plan_lapsed: (facts: { number: string; amount: string; url: string }): MailText => ({
    subject: 'Your plan has ended',
    heading: 'The limits of Free hold from now on',
    lines: [
      `${facts.amount} for invoice ${facts.number} were not paid within a week, and are owed no more.`,
      'Nothing was deleted. The plan can be bought again at any time.',
    ],
    action: { label: 'Choose a plan', url: facts.url },
  }),
  key_created: (facts: { key: string; url: string }): MailText => ({
    subject: 'An API key was made',
    heading: 'An API key was made',
    lines: [`The key "${facts.key}" can be used from now on.`, 'If it was not you, delete it.'],
    action: { label: 'See the keys', url: facts.url },
  }),
  key_expiring: (facts: { key: string; left: string; time: string; url: string }): MailText => ({
    subject: `An API key expires in ${facts.left}`,
    heading: `An API key expires in ${facts.left}`,
    lines: [
      `The key "${facts.key}" is refused from ${facts.time} on.`,
      'Give it a later end, or put another key in its place.',
    ],
    action: { label: 'See the keys', url: facts.url },
  }),
  support_reply: (facts: { subject: string; text: string; url: string }): MailText => ({
    subject: `An answer for you: ${facts.subject}`,
    heading: 'The support has answered',
    lines: [facts.text],
    action: { label: 'Read and answer', url: facts.url },
  }),
  support_waiting: (facts: {
    subject: string;
    text: string;
    customer: string;
    url: string;
  }): MailText => ({
    subject: `Nobody has answered: ${facts.subject}`,
    heading: 'A customer waits for an answer',
    lines: [facts.customer, facts.text],
    action: { label: 'Open the conversation', url: facts.url },
  }),
} as const;

export type MailTemplate = keyof typeof mailTemplates;

export type MailFacts<T extends MailTemplate> = Parameters<(typeof mailTemplates)[T]>[0];
