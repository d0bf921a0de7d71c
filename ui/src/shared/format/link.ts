const OPENABLE = new Set(['http:', 'https:', 'mailto:'])

/** The address if a person may be sent there, else undefined. */
export function openableUrl(text: string | null | undefined): URL | undefined {
  const url = URL.parse?.(text ?? '') ?? tryParse(text ?? '')
  return url && OPENABLE.has(url.protocol) ? url : undefined
}

/** What a reader must see before following: the host, or the mail address. */
export function targetOf(url: URL): string {
  return url.protocol === 'mailto:' ? url.pathname : url.host
}

function tryParse(text: string): URL | undefined {
  try { return new URL(text) }
  catch { return undefined }
}
