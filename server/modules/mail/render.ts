import {
  Body,
  Button,
  Container,
  Head,
  Heading,
  Hr,
  Html,
  Preview,
  Section,
  Text,
} from '@react-email/components';
import { render } from '@react-email/render';
import { createElement as h } from 'react';

/** What a mail says: a heading, sentences, and one thing to do. */
export type MailText = {
  subject: string;
  heading: string;
  lines: readonly string[];
  action: { label: string; url: string };
};

const font = "Inter, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

const styles = {
  body: { backgroundColor: '#f5f6fa', fontFamily: font, margin: 0, padding: '32px 12px' },
  card: {
    backgroundColor: '#ffffff',
    border: '1px solid #e2e5ee',
    borderRadius: '14px',
    maxWidth: '520px',
    padding: '28px 32px',
  },
  brand: { color: '#4f46e5', fontSize: '14px', fontWeight: 600, margin: '0 0 20px' },
  heading: { color: '#14161f', fontSize: '22px', lineHeight: '28px', margin: '0 0 12px' },
  // What people wrote keeps its lines.
  text: {
    color: '#3a4052',
    fontSize: '15px',
    lineHeight: '24px',
    margin: '0 0 12px',
    whiteSpace: 'pre-line',
  },
  button: {
    backgroundColor: '#4f46e5',
    borderRadius: '10px',
    color: '#ffffff',
    display: 'inline-block',
    fontSize: '15px',
    fontWeight: 600,
    padding: '11px 18px',
    textDecoration: 'none',
  },
  small: { color: '#6b7183', fontSize: '13px', lineHeight: '20px', margin: '12px 0 0' },
  line: { borderColor: '#e2e5ee', margin: '24px 0 12px' },
} as const;

/** The two forms of a mail. React escapes what people have written. */
export async function renderMail(text: MailText): Promise<{ html: string; text: string }> {
  const { action, heading, lines } = text;
  const mail = h(
    Html,
    { lang: 'en' },
    h(Head),
    h(Preview, null, lines[0] ?? heading),
    h(
      Body,
      { style: styles.body },
      h(
        Container,
        { style: styles.card },
        h(Text, { style: styles.brand }, 'NebulaAPI'),
        h(Heading, { as: 'h1', style: styles.heading }, heading),
        ...lines.map((line) => h(Text, { style: styles.text }, line)),
        h(
          Section,
          null,
          h(Button, { href: action.url, style: styles.button }, action.label),
          h(Text, { style: styles.small }, action.url),
        ),
        h(Hr, { style: styles.line }),
        h(Text, { style: styles.small }, 'You get this mail because of your account at NebulaAPI.'),
      ),
    ),
  );
  const plain = [heading, ...lines, `${action.label}: ${action.url}`];
  return { html: await render(mail), text: `${plain.join('\n\n')}\n` };
}
