import type { Metadata } from 'next';
import { SettingsView } from '#components/settings/settings.tsx';
import { hasGoogle } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Settings' };

type Props = { searchParams: Promise<{ google?: string }> };

export default async function SettingsViewPage({ searchParams }: Props) {
  const { google } = await searchParams;
  return <SettingsView hasGoogle={hasGoogle()} googleOutcome={google} />;
}
