import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { type RouteLocationRaw, useRouter } from 'vue-router'
import { useProjects } from '@/api/queries/projects'
import { useRuns } from '@/api/queries/runs'
import { useMayWrite, useSession } from '@/api/queries/session'
import { locales } from '@/i18n'
import { lookOf, runStatusLooks, statusLooks } from '@/i18n/enums'
import { themes, useTheme } from '@/shared/composables/useTheme'
import { visibleLine } from '@/shared/format/visibleText'
import { localeNames, themeLooks } from './labels'
import { navItems } from './nav'
import { useLocaleChoice } from './useLocaleChoice'

interface Ways { close: () => void, shortcuts: () => void, changePassword: () => void }

/** Everything the palette goes to and does, in groups. */
export function usePaletteGroups(ways: Ways) {
  const { t } = useI18n()
  const router = useRouter()
  const { projects } = useProjects()
  const { runs } = useRuns({})
  const { hasAccount } = useSession()
  const mayWrite = useMayWrite()
  const { theme } = useTheme()
  const { locale, choose } = useLocaleChoice()

  function then(action: () => void) {
    return () => {
      ways.close()
      action()
    }
  }
  function go(to: RouteLocationRaw) { return then(() => void router.push(to)) }

  const actions = computed(() => [
    ...mayWrite.value
      ? [
          { label: t('projects.new'), icon: 'i-lucide-plus', kbds: ['n'], onSelect: go({ name: 'projects', query: { new: '1' } }) },
          { label: t('palette.backUp'), icon: 'i-lucide-database-backup', onSelect: go({ name: 'ops' }) },
          { label: t('palette.newKey'), icon: 'i-lucide-key', onSelect: go({ name: 'settings', params: { tab: 'keys' }, query: { new: '1' } }) },
        ]
      : [],
    { label: t('palette.failedRuns'), icon: 'i-lucide-circle-x', onSelect: go({ name: 'runs', query: { status: 'failed' } }) },
    { label: t('palette.errors'), icon: 'i-lucide-circle-alert', onSelect: go({ name: 'timeline', query: { level: 'error' } }) },
    { label: t('keys.title'), icon: 'i-lucide-keyboard', kbds: ['?'], onSelect: ways.shortcuts },
    ...hasAccount ? [{ label: t('password.change'), icon: 'i-lucide-key-round', onSelect: then(ways.changePassword) }] : [],
  ])

  return computed(() => [
    { id: 'actions', label: t('palette.actions'), items: actions.value },
    {
      id: 'pages', label: t('palette.pages'), items: navItems.map(item => ({
        label: t(item.label), icon: item.icon, kbds: item.keys, onSelect: go({ name: item.name }),
      })),
    },
    {
      id: 'projects', label: t('nav.projects'), items: (projects.value ?? []).map(project => ({
        label: visibleLine(project.name), suffix: visibleLine(project.category), icon: lookOf(statusLooks, project.status)?.icon ?? 'i-lucide-folder',
        onSelect: go({ name: 'project', params: { id: project.id } }),
      })),
    },
    {
      id: 'runs', label: t('palette.latestRuns'), items: runs.value.slice(0, 50).map(run => ({
        label: visibleLine(run.title ?? run.id), suffix: visibleLine(run.agentId), icon: lookOf(runStatusLooks, run.status)?.icon ?? 'i-lucide-play',
        onSelect: go({ name: 'run', params: { id: run.id } }),
      })),
    },
    {
      id: 'theme', label: t('theme.label'), items: themes.map(value => ({
        label: t(themeLooks[value].label), icon: themeLooks[value].icon, active: theme.value === value, onSelect: then(() => { theme.value = value }),
      })),
    },
    {
      id: 'language', label: t('language.label'), items: locales.map(value => ({
        label: localeNames[value], icon: 'i-lucide-languages', active: locale.value === value, onSelect: then(() => choose(value)),
      })),
    },
  ])
}
