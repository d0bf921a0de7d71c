import { useToast } from '@nuxt/ui/composables'
import { ref, shallowReadonly, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { type UserChange, useUpdateUser } from '@/api/queries/users'
import { isApiError, type UserEntry } from '@/api/types'
import type { MessageKey } from '@/i18n'
import { visibleLine } from '@/shared/format/visibleText'
import { failureText } from './failure'
import { needsAsking, type UserAct } from './users'

type ChangeAct = 'promote' | 'demote' | 'disable' | 'enable'
interface Asked { user: UserEntry, act: ChangeAct, title: string, text: string, action: string }

const changes: Record<ChangeAct, { change: UserChange, done: MessageKey }> = {
  promote: { change: { role: 'admin' }, done: 'users.promoted' },
  demote: { change: { role: 'viewer' }, done: 'users.demoted' },
  disable: { change: { disabled: true }, done: 'users.disabledDone' },
  enable: { change: { disabled: false }, done: 'users.enabledDone' },
}

/** What the menu of a user does; a refusal stays in sight until it is read. */
export function useUserActs(ways: { changePassword: () => void }) {
  const { t } = useI18n()
  const toast = useToast()
  const { mutateAsync: update, isPending } = useUpdateUser()
  const asked = shallowRef<Asked>()
  const resetting = shallowRef<UserEntry>()
  const refusal = ref<{ title: string, text: string }>()

  async function change(user: UserEntry, act: ChangeAct) {
    const name = visibleLine(user.username)
    refusal.value = undefined
    try {
      await update({ id: user.id, change: changes[act].change })
      toast.add({ title: t(changes[act].done, { name }), color: 'success', icon: 'i-lucide-circle-check' })
    }
    catch (error) {
      // Whoever was signed out by it is on the way to the sign-in.
      if (isApiError(error) && error.status === 401) return
      const isLast = isApiError(error, 'last_admin')
      refusal.value = { title: isLast ? t('users.lastAdminTitle', { name }) : t('error.title'), text: failureText(error, t) }
    }
    finally { asked.value = undefined }
  }

  function act(user: UserEntry, name: UserAct) {
    if (name === 'ownPassword') return ways.changePassword()
    if (name === 'reset') return void (resetting.value = user)
    if (!needsAsking(user, name)) return void change(user, name)
    asked.value = name === 'disable'
      ? { user, act: name, title: t('users.disableSelf'), text: t('users.disableSelfText'), action: t('users.disable') }
      : { user, act: name as ChangeAct, title: t('users.demoteSelf'), text: t('users.demoteSelfText'), action: t('users.demote') }
  }

  function confirm() {
    if (asked.value) void change(asked.value.user, asked.value.act)
  }
  function cancel() { asked.value = undefined }

  return { act, confirm, cancel, asked: shallowReadonly(asked), resetting, refusal, isPending }
}
