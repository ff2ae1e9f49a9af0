import { z } from 'zod';

/** States and union territories of India by their two digits in a GSTIN. */
export const gstStates = {
  '01': 'Jammu and Kashmir',
  '02': 'Himachal Pradesh',
  '03': 'Punjab',
  '04': 'Chandigarh',
  '05': 'Uttarakhand',
  '06': 'Haryana',
  '07': 'Delhi',
  '08': 'Rajasthan',
  '09': 'Uttar Pradesh',
  '10': 'Bihar',
  '11': 'Sikkim',
  '12': 'Arunachal Pradesh',
  '13': 'Nagaland',
  '14': 'Manipur',
  '15': 'Mizoram',
  '16': 'Tripura',
  '17': 'Meghalaya',
  '18': 'Assam',
  '19': 'West Bengal',
  '20': 'Jharkhand',
  '21': 'Odisha',
  '22': 'Chhattisgarh',
  '23': 'Madhya Pradesh',
  '24': 'Gujarat',
  '26': 'Dadra and Nagar Haveli and Daman and Diu',
  '27': 'Maharashtra',
  '29': 'Karnataka',
  '30': 'Goa',
  '31': 'Lakshadweep',
  '32': 'Kerala',
  '33': 'Tamil Nadu',
  '34': 'Puducherry',
  '35': 'Andaman and Nicobar Islands',
  '36': 'Telangana',
  '37': 'Andhra Pradesh',
  '38': 'Ladakh',
  '97': 'Other Territory',
} as const satisfies Record<string, string>;

export type GstState = keyof typeof gstStates;

export const gstStateCodes = Object.keys(gstStates).sort() as [GstState, ...GstState[]];

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const pattern = /^\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]$/;

/** Whether a GSTIN is well-formed: its state, the PAN in it, and the last sign, which checks the others. */
export function isGstin(text: string): boolean {
  if (!pattern.test(text) || !(text.slice(0, 2) in gstStates)) return false;
  const sum = [...text.slice(0, 14)].reduce((total, sign, at) => {
    const product = digits.indexOf(sign) * (at % 2 === 0 ? 1 : 2);
    return total + Math.floor(product / 36) + (product % 36);
  }, 0);
  return text[14] === digits[(36 - (sum % 36)) % 36];
}

/** Who is billed, as the invoices say it. */
export const buyerSchema = z
  .strictObject({
    legal_name: z.string().trim().min(1).max(200).describe('Name of the business or the person.'),
    gstin: z
      .string()
      .trim()
      .toUpperCase()
      .refine(isGstin, 'Expected a GSTIN: 15 signs, of which the last checks the others.')
      .nullable()
      .default(null)
      .describe('GSTIN of a registered business; null without one.'),
    address: z.string().trim().min(1).max(500).describe('Lines of the postal address.'),
    state: z
      .enum(gstStateCodes)
      .describe('Two-digit GST code of the state, which is the place of supply.'),
  })
  .refine(({ gstin, state }) => !gstin || gstin.startsWith(state), {
    path: ['state'],
    error: 'Expected the state that the GSTIN begins with.',
  });

export type Buyer = z.infer<typeof buyerSchema>;
