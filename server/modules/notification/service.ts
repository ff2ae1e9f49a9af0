export { countUnread, listNotifications, markAllRead, markRead } from './inbox.ts';
export { type News, notifyAccount } from './notify.ts';
export { readPreferences, writePreferences } from './preferences.ts';
