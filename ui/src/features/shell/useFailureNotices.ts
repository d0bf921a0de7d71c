import { useToast } from '@nuxt/ui/composables'
import { useStorage } from '@vueuse/core'
import { onScopeDispose } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { type Failure, onFailures } from '@/api/live/failures'
import { visibleLine } from '@/shared/format/visibleText'

/** Failures of this long make one notice: a fleet that fails must not bury the screen. */
const GATHER_MS = 1500

/** Tells of runs that fail and of errors while the reader looks elsewhere, with a way to see them. */
export function useFailureNotices() {
  const { t } = useI18n()
  const toast = useToast()
  const router = useRouter()
  const isOn = useStorage('pilotdeck.notices', true)
  let waiting = new Map<string, Failure>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function say() {
    const failures = [...waiting.values()]
    waiting = new Map()
    timer = undefined
    const [first] = failures
    if (!first || !isOn.value) return
    const isOne = failures.length === 1
    toast.add({
      id: 'failures',
      title: isOne ? t(first.kind === 'run' ? 'notice.run' : 'notice.event') : t('notice.many', { n: failures.length }),
      description: isOne ? visibleLine(first.title) : undefined,
      icon: 'i-lucide-circle-x', color: 'error',
      actions: [
        { label: t('notice.show'), color: 'neutral', variant: 'outline', onClick: () => void router.push(placeOf(failures)) },
        { label: t('notice.mute'), color: 'neutral', variant: 'ghost', onClick: () => { isOn.value = false } },
      ],
    })
  }

  onScopeDispose(onFailures(failures => {
    for (const failure of failures) waiting.set(failure.kind + failure.id, failure)
    timer ??= setTimeout(say, GATHER_MS)
  }))
  onScopeDispose(() => clearTimeout(timer))
}

function placeOf(failures: readonly Failure[]) {
  const [first] = failures
  if (failures.length === 1 && first?.kind === 'run') return { name: 'run', params: { id: first.id } }
  if (failures.length === 1 && first) return { name: 'timeline', query: { open: `event:${first.id}` } }
  return failures.every(failure => failure.kind === 'run') ? { name: 'runs', query: { status: 'failed' } } : { name: 'timeline', query: { level: 'error' } }
}
