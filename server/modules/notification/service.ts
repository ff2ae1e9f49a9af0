export { countUnread, listNotifications, markAllRead, markRead } from './inbox.ts';
export { type News, notifyAccount } from './notify.ts';
export { readPreferences, wantsMail, writePreferences } from './preferences.ts';
export { toPublicNotification } from './schema.ts';
