import { env } from '../../env.ts';
import { clock, isoTime } from '../../platform/clock.ts';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const stepMilliseconds = 15 * 60_000;
const weekMilliseconds = 8 * 24 * 60 * 60_000;

/** When somebody is there, e.g. `Mon-Fri 09:00-18:00` in a time zone; no hours: always. */
export type OfficeHours = { hours: string; timezone: string };

/** What the customer is told about when to expect an answer. */
export function readOffice(now = clock.now()) {
  const { SUPPORT_HOURS: hours, SUPPORT_TIMEZONE: timezone } = env();
  const opensAt = nextOpening({ hours, timezone }, now);
  const isOpen = opensAt === now;
  return {
    is_open: isOpen,
    hours: hours || null,
    timezone,
    opens_at: isOpen ? null : isoTime(opensAt),
  };
}

/** When an answer that nobody has given becomes late: the wait begins with the next opening. */
export function lateAt(now: number): number {
  const { SUPPORT_ANSWER_MINUTES: minutes, SUPPORT_HOURS: hours, SUPPORT_TIMEZONE } = env();
  return nextOpening({ hours, timezone: SUPPORT_TIMEZONE }, now) + minutes * 60_000;
}

/** The moment itself while somebody is there, otherwise the quarter of an hour when the office opens. */
export function nextOpening({ hours, timezone }: OfficeHours, now: number): number {
  const isOpenAt = reader(hours, timezone);
  if (isOpenAt(now)) return now;
  const first = Math.ceil(now / stepMilliseconds) * stepMilliseconds;
  for (let at = first; at < now + weekMilliseconds; at += stepMilliseconds)
    if (isOpenAt(at)) return at;
  return now;
}

function reader(hours: string, timezone: string): (at: number) => boolean {
  const parts = /^(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(hours);
  if (!parts) return () => true;
  const [, firstDay = '', lastDay = '', opens = '', closes = ''] = parts;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const [first, last] = [days.indexOf(firstDay), days.indexOf(lastDay)];
  const length = (last - first + 7) % 7;
  return (at) => {
    const found = Object.fromEntries(
      format.formatToParts(at).map((part) => [part.type, part.value]),
    );
    const time = `${found.hour}:${found.minute}`;
    const isDay = (days.indexOf(found.weekday ?? '') - first + 7) % 7 <= length;
    return isDay && time >= opens && time < closes;
  };
}
