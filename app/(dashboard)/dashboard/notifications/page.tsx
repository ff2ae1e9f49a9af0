import type { Metadata } from 'next';
import { Notifications } from '#components/notifications/notifications.tsx';
import { pushPublicKey } from '#server/modules/push/service.ts';

export const metadata: Metadata = { title: 'Notifications' };

export default function NotificationsPage() {
  return <Notifications pushKey={pushPublicKey()} />;
}
