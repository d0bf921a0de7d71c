/** Ids are clients' text: a quote in one must not end the argument. */
export function bashQuoted(text: string): string {
  return `'${text.replaceAll('\'', `'\\''`)}'`
}

export function powershellQuoted(text: string): string {
  // PowerShell takes typographic quotes for plain ones.
  return `'${text.replace(/['\u2018\u2019\u201A\u201B]/g, quote => quote + quote)}'`
}
