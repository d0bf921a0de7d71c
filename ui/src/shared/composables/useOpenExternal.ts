import { inject, type InjectionKey } from 'vue'

/** Asks the reader, then opens the address outside. Provided by the app. */
export const openExternalKey: InjectionKey<(address: string) => void> = Symbol('open external')

export function useOpenExternal(): (address: string) => void {
  return inject(openExternalKey, () => undefined)
}
