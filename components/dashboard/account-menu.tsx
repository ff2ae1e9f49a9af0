'use client';

import { ChevronsUpDown, LogOut, Settings } from 'lucide-react';
import Link from 'next/link';
import { signOut } from 'next-auth/react';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../ui/menu.tsx';

export type Person = { email: string; name: string; plan: string };

/** Who is signed in, and the way out. */
export function AccountMenu({ email, name, plan }: Person) {
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex max-w-56 items-center gap-2 rounded-lg border bg-surface px-2.5 py-1.5 text-sm hover:bg-raised"
        >
          <span className="sr-only">Account of</span>
          <span className="truncate">{name}</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-faint" aria-hidden />
        </button>
      }
    >
      <MenuLabel>
        <span className="block max-w-64 truncate">{email}</span>
        <span className="capitalize">{plan} plan</span>
      </MenuLabel>
      <MenuLine />
      <MenuItem asChild>
        <Link href="/dashboard/settings">
          <Settings className="size-4" aria-hidden /> Settings
        </Link>
      </MenuItem>
      <MenuItem onSelect={() => void signOut({ callbackUrl: '/' })}>
        <LogOut className="size-4" aria-hidden /> Sign out
      </MenuItem>
    </Menu>
  );
}
