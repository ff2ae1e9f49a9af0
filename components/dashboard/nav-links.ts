import {
  Bell,
  ChartColumn,
  CreditCard,
  FlaskConical,
  FolderOpen,
  HandCoins,
  Inbox,
  KeyRound,
  Layers,
  LayoutDashboard,
  LifeBuoy,
  ListChecks,
  Logs,
  type LucideIcon,
  Mails,
  ScrollText,
  Settings,
  Users,
  Webhook,
  Workflow,
} from 'lucide-react';

export type NavLink = { href: string; label: string; icon: LucideIcon };

/** The pages of the dashboard, in the order in which a person needs them. */
export const navLinks: NavLink[] = [
  { href: '/dashboard', label: 'Overview', icon: LayoutDashboard },
  { href: '/playground', label: 'Playground', icon: FlaskConical },
  { href: '/dashboard/jobs', label: 'Jobs', icon: ListChecks },
  { href: '/dashboard/batches', label: 'Batches', icon: Layers },
  { href: '/dashboard/pipelines', label: 'Pipelines', icon: Workflow },
  { href: '/dashboard/files', label: 'Files', icon: FolderOpen },
  { href: '/dashboard/keys', label: 'API keys', icon: KeyRound },
  { href: '/dashboard/usage', label: 'Usage', icon: ChartColumn },
  { href: '/dashboard/request-logs', label: 'Request logs', icon: Logs },
  { href: '/dashboard/webhooks', label: 'Webhooks', icon: Webhook },
  { href: '/dashboard/billing', label: 'Billing', icon: CreditCard },
  { href: '/dashboard/support', label: 'Support', icon: LifeBuoy },
  { href: '/dashboard/audit-log', label: 'Audit log', icon: ScrollText },
  { href: '/dashboard/notifications', label: 'Notifications', icon: Bell },
  { href: '/dashboard/settings', label: 'Settings', icon: Settings },
];

/** The pages that admins have beside those. */
export const adminLinks: NavLink[] = [
  { href: '/dashboard/admin/accounts', label: 'Accounts', icon: Users },
  { href: '/dashboard/admin/payments', label: 'Payments', icon: HandCoins },
  { href: '/dashboard/admin/support', label: 'Support inbox', icon: Inbox },
  { href: '/dashboard/admin/mail-templates', label: 'Mail templates', icon: Mails },
];
