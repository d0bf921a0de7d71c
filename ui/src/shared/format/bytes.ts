const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** 12.3 MB: powers of 1000, as the systems' file managers count. */
export function bytesText(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return new Intl.NumberFormat(locale, { style: 'unit', unit: UNITS[step], unitDisplay: step === 0 ? 'long' : 'short', maximumSignificantDigits: 3 })
    .format(bytes / 1000 ** step)
}
