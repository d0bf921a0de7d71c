/** The id of the card or row that has the focus. */
export function focusedRecord(): string {
  return document.activeElement?.closest<HTMLElement>('[data-record-id]')?.dataset.recordId ?? ''
}
