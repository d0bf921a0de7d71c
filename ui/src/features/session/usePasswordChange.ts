import { computed, readonly, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useChangePassword, useSession } from '@/api/queries/session'
import { isApiError } from '@/api/types'
import { type FieldError, fieldErrorOf, passwordSchema } from './password'

/** State of the form that changes the password of the one who is signed in. */
export function usePasswordChange() {
  const { t } = useI18n()
  const { session } = useSession()
  const { mutateAsync, isPending } = useChangePassword()
  const values = ref({ currentPassword: '', newPassword: '', repeat: '' })
  const failure = ref('')
  const username = computed(() => session.value?.user.username ?? '')
  const schema = computed(() => passwordSchema(username.value, {
    needed: t('password.needed'), length: t('password.length'), notDefault: t('password.notDefault'),
    notName: t('password.notName'), differs: t('password.differs'),
  }))

  /** True when it is changed; false when something has to be mended first. */
  async function save(onFieldError: (error: FieldError) => void): Promise<boolean> {
    failure.value = ''
    try {
      const { currentPassword, newPassword } = values.value
      await mutateAsync({ currentPassword, newPassword })
      return true
    }
    catch (error) {
      const fieldError = fieldErrorOf(error, { wrong: t('password.wrong') })
      if (fieldError) onFieldError(fieldError)
      else if (isApiError(error, 'too_many_requests')) failure.value = t('signIn.tooMany')
      else if (isApiError(error, 'unreachable')) failure.value = t('error.unreachable')
      else failure.value = error instanceof Error ? error.message : String(error)
      return false
    }
  }

  return { values, schema, username, save, failure: readonly(failure), isSaving: isPending }
}
