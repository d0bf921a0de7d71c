import type { MessageKey } from '@/i18n'
import { lookOf, runStatusLooks, toneText } from '@/i18n/enums'
import { visibleLine, visibleText } from '@/shared/format/visibleText'
import { actionDiff } from './actionDiff'
import { eventIcon, eventTone } from './looks'
import type { EventEntry, RunMark } from './timeline'

export interface Line { icon: string, tone: string, title: string, rest: string, kind: string, agent: string, diff: string }
type Translate = (key: MessageKey, named?: Record<string, string>) => string

export function eventLine({ event }: EventEntry): Line {
  const [change] = actionDiff(event)
  return {
    icon: eventIcon(event), tone: eventTone(event),
    title: visibleLine(event.title ?? event.message ?? event.type),
    // Where a message breaks its lines is no news in a list.
    rest: event.title ? visibleText(event.message).replace(/\s*\n\s*/g, ' ') : '',
    kind: visibleLine(event.type), agent: visibleLine(event.agentId),
    diff: change ? visibleLine(`${change.field} ${change.before || '–'} → ${change.after || '–'}`) : '',
  }
}

export function runLine({ run, phase }: RunMark, t: Translate, locale: string): Line {
  const look = lookOf(runStatusLooks, phase === 'started' ? 'running' : run.status)
  const status = look ? t(look.label).toLocaleLowerCase(locale) : visibleLine(run.status)
  return {
    icon: phase === 'started' ? 'i-lucide-play' : look?.icon ?? 'i-lucide-circle-small',
    tone: phase === 'started' ? 'text-muted' : toneText[look?.tone ?? 'neutral'],
    title: visibleLine(run.title ?? run.id),
    rest: phase === 'finished' ? visibleLine(run.summary) : '',
    kind: phase === 'started' ? t('timeline.runStarted') : t('timeline.runEnded', { status }),
    agent: visibleLine(run.agentId), diff: '',
  }
}
