/** A filter as the query of an address: empty values are left out, lists repeat their name. */
export function searchOf(filter: object): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    for (const one of [value as unknown].flat()) {
      if (one !== undefined && one !== null && one !== '') query.append(name, String(one))
    }
  }
  return query.size > 0 ? `?${query}` : ''
}
