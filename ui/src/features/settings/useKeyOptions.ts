import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { MessageKey } from '@/i18n'
import { type Lifetime, lifetimes, rights } from './keys'
import { rightLooks } from './looks'

const lifetimeKeys: Record<Lifetime, MessageKey> = {
  never: 'agentKeys.never', 7: 'agentKeys.days7', 30: 'agentKeys.days30', 90: 'agentKeys.days90', 365: 'agentKeys.days365', date: 'agentKeys.onDate',
}

export function useKeyOptions() {
  const { t } = useI18n()
  return {
    lifetimeItems: computed(() => lifetimes.map(value => ({ value, label: t(lifetimeKeys[value]) }))),
    rightItems: computed(() => rights.map(value => ({ value, label: t(rightLooks[value].label), description: t(rightLooks[value].text) }))),
  }
}
